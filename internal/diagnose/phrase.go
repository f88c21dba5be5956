package diagnose

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// phrase is a wording that a rule looks for in folded text (see [fold]):
// words as they stand, which begin where a word begins and may go on
// ("disable" is found in "disabled", "locked" is not found in "blocked"). In
// the form that rules are written in,
//
//	a * b      is a, and b behind it, not far
//	a ~ b      is a, and b close behind it, with an address between them at most
//	(a|b) c    is "a c" or "b c"
//	a & b      is "a * b" or "b * a"
//	{notion}   is any words of that notion (see [notion])
//	/regexp/   is a regular expression of package regexp
//
// and a backslash takes a character for itself.
type phrase struct {
	parts   []part
	pattern *pattern // instead of parts
	most    int      // bytes of a text that it explains at most; unbounded but for mere words
	notions bool     // there is a notion among the words
}

// part is what stands between two gaps of a phrase.
type part struct {
	words []word // of which any may stand there
	reach int    // how far behind the part before it this one may begin
}

// word is words as they stand in a text, or a notion.
type word struct {
	text       string // of a notion its id
	begin, end uint16 // grams of which a text that has the words has both
	alike      uint16 // how many words of the part from this one on begin with the same gram
	notion     bool
}

// How many bytes a "*" and a "~" may stand for: names, addresses and the like
// that servers put between their own words.
const (
	farGap  = 120
	nearGap = 60
)

// include adds a phrase; one whose parts may stand in either order becomes two.
func (w *wording) include(text string) error {
	if len(text) > 2 && text[0] == '/' && text[len(text)-1] == '/' {
		p, err := patternOf(text[1 : len(text)-1])
		if err == nil {
			w.phrases = append(w.phrases, phrase{pattern: p, most: math.MaxInt})
			for _, gram := range p.begins() {
				w.begins = append(w.begins, begin{gram, int32(len(w.phrases) - 1)})
			}
		}
		return err
	}
	if a, b, both := strings.Cut(text, " & "); both {
		return cmp.Or(w.include(a+" * "+b), w.include(b+" * "+a))
	}
	parts, err := partsOf(text)
	if err != nil {
		return err
	}
	return w.add(parts)
}

// add adds a phrase of parts, and where one of them may be empty, what is left
// without it.
func (w *wording) add(parts []part) error {
	if len(parts) == 0 {
		return errors.New("the phrase is empty")
	}
	empty := func(of word) bool { return of.text == "" }
	for i, of := range parts {
		if !slices.ContainsFunc(of.words, empty) {
			continue
		}
		without := slices.Concat(parts[:i], parts[i+1:])
		if parts[i].words = slices.DeleteFunc(of.words, empty); len(parts[i].words) == 0 {
			return w.add(without)
		}
		return cmp.Or(w.add(parts), w.add(without))
	}
	p := phrase{parts: parts}
	for _, of := range parts {
		of.count()
		longest := 0
		for _, next := range of.words {
			p.notions = p.notions || next.notion
			longest = max(longest, len(next.text))
		}
		p.most += longest
	}
	if p.notions {
		p.most = math.MaxInt
	}
	w.phrases = append(w.phrases, p)
	for first := parts[0].words; len(first) > 0; first = first[first[0].alike:] {
		w.begins = append(w.begins, begin{first[0].begin, int32(len(w.phrases) - 1)})
	}
	return nil
}

// count notes how many words begin alike.
func (of part) count() {
	next := word{}
	for i := len(of.words) - 1; i >= 0; i-- {
		w := &of.words[i]
		w.alike = 1
		if next.begin == w.begin && next.alike < math.MaxUint16 {
			w.alike += next.alike
		}
		next = *w
	}
}

// partsOf reads the parts of a phrase.
func partsOf(text string) ([]part, error) {
	if text != strings.ToLower(text) {
		return nil, fmt.Errorf("the phrase %q has capitals", text)
	}
	var parts []part
	var pieces [][]string // of the part at hand one behind the other, each with its alternatives
	reach := farGap
	end := func(gap int) {
		if len(pieces) > 0 {
			parts = append(parts, part{wordsOf(pieces), reach})
		}
		pieces, reach = pieces[:0], gap
	}
	for rest := text; rest != ""; {
		n := 1
		switch rest[0] {
		case '\\':
			if n = 2; len(rest) < n {
				return nil, errors.New("a backslash ends the phrase")
			}
			pieces = append(pieces, []string{rest[1:n]})
		case '*':
			end(farGap)
		case '~':
			end(nearGap)
		case '(':
			inside, _, closed := strings.Cut(rest[1:], ")")
			if !closed || strings.Contains(inside, "(") {
				return nil, fmt.Errorf("alternatives that do not end, or stand in others: %q", rest)
			}
			pieces = append(pieces, strings.Split(inside, "|"))
			n = len(inside) + len("()")
		default:
			if n = strings.IndexAny(rest, `\*~(`); n < 0 {
				n = len(rest)
			}
			pieces = append(pieces, []string{rest[:n]})
		}
		rest = rest[n:]
	}
	end(farGap)
	if strings.ContainsAny(text, "{}") && slices.ContainsFunc(parts, part.mixed) {
		return nil, fmt.Errorf("the phrase %q has words beside a notion without a gap", text)
	}
	return parts, nil
}

// open tells whether there are alternatives in the phrase.
func (p phrase) open() bool {
	return slices.ContainsFunc(p.parts, func(of part) bool { return len(of.words) > 1 })
}

// mixed tells whether there are braces that make no notion.
func (of part) mixed() bool {
	return slices.ContainsFunc(of.words, func(w word) bool { return !w.notion && strings.ContainsAny(w.text, "{}") })
}

// wordsOf writes out what may stand for a part. Those that begin with the same
// alternative stand together.
func wordsOf(pieces [][]string) []word {
	n := 1
	for _, alternatives := range pieces {
		n *= len(alternatives)
	}
	if n == 1 && len(pieces) == 1 {
		return []word{wordOf(pieces[0][0])}
	}
	size := 0
	for _, alternatives := range pieces {
		for _, text := range alternatives {
			size += len(text) * n / len(alternatives)
		}
	}
	words := make([]word, n)
	var all strings.Builder // of which the words are pieces
	all.Grow(size)
	for i := range words {
		begin, each, rest := all.Len(), n, i
		for _, alternatives := range pieces {
			each /= len(alternatives)
			all.WriteString(alternatives[rest/each])
			rest %= each
		}
		words[i] = wordOf(all.String()[begin:])
	}
	return words
}

// wordOf reads words, with the blanks about them, as a text has them.
func wordOf(text string) word {
	text = strings.TrimSpace(oneSpelling(text))
	if id, isNotion := notionIn(text); isNotion {
		return word{text: id, begin: notionGram(id), end: notionGram(id), notion: true}
	}
	return word{text: text, begin: beginOf(text), end: endOf(text)}
}

// notionIn is the notion that words ask for.
func notionIn(words string) (id string, ok bool) {
	if len(words) > 2 && words[0] == '{' && words[len(words)-1] == '}' {
		return words[1 : len(words)-1], true
	}
	return "", false
}
