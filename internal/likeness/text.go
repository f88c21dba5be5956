package likeness

import (
	"math"
	"strings"
	"unicode"

	"mailcheck/internal/lazyre"
)

// Text is a refusal or an error, taken apart. What is not known is empty.
type Text struct {
	Protocol string // "imap", "smtp", "tls", ...
	Step     string // "auth", "rcpt", ...
	Status   string // "535", "NO"
	Code     string // response code of IMAP or POP3
	Enhanced string // enhanced status code (RFC 3463)
	Words    string // in lower case, in one spelling
}

// feature is something of a text that may speak for a cause.
type feature struct {
	name  string
	word  string // as people read it; empty for a circumstance
	value float64
}

// circumstantial is how much all circumstances weigh together, where all words
// weigh 1: what is said counts more than where.
const circumstantial = 0.6

// features are those of a text: its words and the pairs of neighbours among
// them, and its circumstances alone and with the step. The squares of either sum
// up to the same for a long text and a short one.
func (t Text) features() []feature {
	words := wordsOf(t.Words)
	all := make([]feature, 0, 2*len(words)+maxCircumstances)
	for i, w := range words {
		all = append(all, feature{name: "w " + stem(w), word: w})
		if i > 0 {
			all = append(all, feature{name: "w " + stem(words[i-1]) + " " + stem(w), word: words[i-1] + " " + w})
		}
	}
	share(all, 1)
	said := len(all)
	for _, c := range t.circumstances() {
		all = append(all, feature{name: c})
	}
	share(all[said:], circumstantial)
	return all
}

// share gives each of the features its part of a total.
func share(features []feature, total float64) {
	for i := range features {
		features[i].value = total / math.Sqrt(float64(len(features)))
	}
}

// stemLetters are those of a word that count: "exceeded" and "exceeds" are one.
const stemLetters = 5

// stem is how a word begins; a code counts whole.
func stem(word string) string {
	if strings.IndexFunc(word, unicode.IsDigit) >= 0 {
		return word
	}
	letters := 0
	for i := range word {
		if letters++; letters > stemLetters {
			return word[:i]
		}
	}
	return word
}

// maxCircumstances is how many there are.
const maxCircumstances = 9

func (t Text) circumstances() []string {
	all := []string{"protocol " + t.Protocol, "step " + t.Step, "at " + t.Protocol + " " + t.Step}
	if t.Status != "" {
		all = append(all, "status "+t.Status, "class "+t.Status[:1], "status "+t.Status+" at "+t.Step)
	}
	if t.Enhanced != "" {
		all = append(all, "enhanced "+t.Enhanced, "enhanced "+t.Enhanced+" at "+t.Step)
	}
	if t.Code != "" {
		all = append(all, "code "+t.Code)
	}
	return all
}

var (
	// names are of machines and people, and say nothing of the cause.
	names = lazyre.New(`https?://\S+|\S+@\S+|\b\d{1,3}(?:\.\d{1,3}){3}\b|\b[0-9a-f]{10,}\b`)
	// words are runs of letters and digits; codes have dots.
	words = lazyre.New(`[\p{L}\p{N}]+(?:\.[\p{L}\p{N}]+)*`)
)

// wordsOf are the words of a text. Where a script has no blanks between them,
// they are pairs of characters.
func wordsOf(text string) []string {
	var all []string
	for _, w := range words.FindAllString(withoutNames(text), -1) {
		if strings.IndexFunc(w, unspaced) < 0 {
			all = append(all, w)
			continue
		}
		runes := []rune(w)
		for i := range max(len(runes)-1, 1) {
			all = append(all, string(runes[i:min(i+2, len(runes))]))
		}
	}
	return all
}

// withoutNames takes the names out.
func withoutNames(text string) string {
	if !mayHaveNames(text) {
		return text
	}
	return names.ReplaceAllString(text, " ")
}

// mayHaveNames tells whether a text has what no name is without: a mark, a dot
// between digits, or ten hexadecimal digits together.
func mayHaveNames(text string) bool {
	run := 0
	for i := range len(text) {
		c := text[i]
		switch digit := '0' <= c && c <= '9'; {
		case c == '@', c == '/':
			return true
		case digit && i > 1 && text[i-1] == '.' && '0' <= text[i-2] && text[i-2] <= '9':
			return true
		case digit, 'a' <= c && c <= 'f':
			if run++; run == 10 {
				return true
			}
		default:
			run = 0
		}
	}
	return false
}

// unspaced tells a character of a script without blanks between words.
func unspaced(r rune) bool { return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) }
