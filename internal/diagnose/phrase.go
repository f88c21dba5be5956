package diagnose

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode/utf8"
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
	size    int            // bytes of the words together; unknown with a notion
	notions bool           // there is a notion among the parts
	marks   []uint16       // grams that a text must have
	pattern *regexp.Regexp // instead of parts
	gates   []uint16       // grams of which a text that the pattern matches has one; nil where they are not known
}

// part is words of a phrase between its gaps.
type part struct {
	words  string // or a notion in braces
	notion string // the notion that it asks for; empty for words
	reach  int    // how far behind the part before it this one may begin
}

// How many bytes a "*" and a "~" may stand for: names, addresses and the like
// that servers put between their own words.
const (
	farGap  = 120
	nearGap = 60
)

// phrasesOf reads a phrase; one with alternatives becomes several.
func phrasesOf(text string) ([]phrase, error) {
	if len(text) > 2 && text[0] == '/' && text[len(text)-1] == '/' {
		re, err := regexp.Compile(plain.Replace(text[1 : len(text)-1]))
		if err != nil {
			return nil, err
		}
		p := phrase{pattern: re}
		if tree, err := syntax.Parse(re.String(), syntax.Perl); err == nil {
			p.mark(literalIn(tree))
			p.gates = gatesOf(tree)
		}
		return []phrase{p}, nil
	}
	if a, b, both := strings.Cut(text, " & "); both {
		one, err := phrasesOf(a + " * " + b)
		if err != nil {
			return nil, err
		}
		other, err := phrasesOf(b + " * " + a)
		return append(one, other...), err
	}
	alternatives, err := expand(text)
	if err != nil {
		return nil, err
	}
	for i, a := range alternatives {
		alternatives[i] = spelling.Replace(plain.Replace(a))
	}
	slices.Sort(alternatives)
	var all []phrase
	for _, a := range slices.Compact(alternatives) {
		n := 1 + strings.Count(a, farMark) + strings.Count(a, nearMark)
		p := phrase{parts: make([]part, 0, n), marks: make([]uint16, 0, 2*n)}
		for far := range strings.SplitSeq(a, farMark) {
			reach := farGap
			for words := range strings.SplitSeq(far, nearMark) {
				if words = strings.TrimSpace(words); words != "" {
					p.add(part{words, notionIn(words), reach})
				}
				reach = nearGap
			}
		}
		for _, of := range p.parts {
			if of.notion == "" && strings.ContainsAny(of.words, "{}") {
				return nil, fmt.Errorf("the phrase %q has words beside a notion without a gap", text)
			}
		}
		if len(p.parts) == 0 || a != strings.ToLower(a) {
			return nil, fmt.Errorf("the phrase %q is empty or has capitals", text)
		}
		all = append(all, p)
	}
	return all, nil
}

func (p *phrase) add(next part) {
	p.parts = append(p.parts, next)
	if next.notion != "" {
		p.notions = true
		return
	}
	p.size += len(next.words)
	p.mark(next.words)
}

// mark notes how words that a text must have begin and end.
func (p *phrase) mark(words string) {
	if len(words) >= 3 {
		p.marks = append(p.marks, gram(words), gram(words[len(words)-3:]))
	}
}

// marked tells whether a text has all marks of the phrase.
func (p *phrase) marked(g *grams) bool {
	return !slices.ContainsFunc(p.marks, func(mark uint16) bool { return !g.has(mark) }) &&
		(p.gates == nil || slices.ContainsFunc(p.gates, g.has))
}

// notionIn is the notion that words ask for; empty for words.
func notionIn(words string) string {
	if len(words) > 2 && words[0] == '{' && words[len(words)-1] == '}' {
		return words[1 : len(words)-1]
	}
	return ""
}

// gatesOf are grams of which each match of a regular expression has one; nil
// where it may have none.
func gatesOf(re *syntax.Regexp) []uint16 {
	switch re.Op {
	case syntax.OpLiteral:
		if words := string(re.Rune); len(words) >= 3 && re.Flags&syntax.FoldCase == 0 {
			return []uint16{gram(words)}
		}
	case syntax.OpConcat, syntax.OpCapture, syntax.OpPlus:
		var fewest []uint16
		for _, sub := range re.Sub {
			if gates := gatesOf(sub); gates != nil && (fewest == nil || len(gates) < len(fewest)) {
				fewest = gates
			}
		}
		return fewest
	case syntax.OpAlternate:
		var all []uint16
		for _, sub := range re.Sub {
			gates := gatesOf(sub)
			if gates == nil {
				return nil
			}
			all = append(all, gates...)
		}
		return all
	}
	return nil
}

// literalIn is the longest run of letters that any match of a regular
// expression has.
func literalIn(re *syntax.Regexp) (longest string) {
	switch {
	case re.Op == syntax.OpLiteral && re.Flags&syntax.FoldCase == 0:
		return string(re.Rune)
	case re.Op == syntax.OpConcat, re.Op == syntax.OpCapture, re.Op == syntax.OpPlus:
		for _, sub := range re.Sub {
			if s := literalIn(sub); len(s) > len(longest) {
				longest = s
			}
		}
	}
	return longest
}

// The marks that stand for "*" and "~" while a phrase is read.
const (
	farMark  = "\x00"
	nearMark = "\x01"
)

// expand writes the alternatives of a phrase out.
func expand(text string) ([]string, error) {
	heads := []string{""}
	add := func(tails ...string) {
		var longer []string
		for _, h := range heads {
			for _, t := range tails {
				longer = append(longer, h+t)
			}
		}
		heads = longer
	}
	for len(text) > 0 {
		switch text[0] {
		case '\\':
			if len(text) < 2 {
				return nil, fmt.Errorf("a backslash ends the phrase")
			}
			add(text[1:2])
			text = text[2:]
		case '*':
			add(farMark)
			text = text[1:]
		case '~':
			add(nearMark)
			text = text[1:]
		case '(':
			inside, rest, closed := strings.Cut(text[1:], ")")
			if !closed || strings.Contains(inside, "(") {
				return nil, fmt.Errorf("alternatives that do not end, or stand in others: %q", text)
			}
			add(strings.Split(inside, "|")...)
			text = rest
		default:
			n := strings.IndexAny(text, `\*~(`)
			if n < 0 {
				n = len(text)
			}
			add(text[:n])
			text = text[n:]
		}
	}
	return heads, nil
}

// grams are the three-byte sequences of a text, by a hash: most phrases are in
// no text, and most of those begin with three bytes that are not.
type grams [1 << 10]uint64

func gramsOf(text string) *grams {
	g := &grams{}
	g.add(anyGram)
	for i := 0; i+3 <= len(text); i++ {
		g.add(gram(text[i:]))
	}
	return g
}

func (g *grams) add(gram uint16)      { g[gram>>6] |= 1 << (gram & 63) }
func (g *grams) has(gram uint16) bool { return g[gram>>6]&(1<<(gram&63)) != 0 }

func gram(s string) uint16 {
	return uint16(s[0])*31<<5 ^ uint16(s[1])<<7 ^ uint16(s[2])
}

// folds is a folded text with its grams, and where words of each notion stand.
type folds struct {
	text    string
	grams   *grams
	notions map[string][]span
}

// wording is phrases of which some may be in a text. What of each is looked at
// first, how it begins, stands apart and close together: there are thousands.
type wording struct {
	phrases []phrase
	begins  []uint16 // the gram that each begins with, or anyGram
}

// anyGram stands for the beginning of a phrase that cannot be told.
const anyGram = 1<<16 - 1

func wordingOf(texts []string) (wording, error) {
	var w wording
	for _, text := range texts {
		phrases, err := phrasesOf(text)
		if err != nil {
			return wording{}, err
		}
		for _, p := range phrases {
			begin := uint16(anyGram)
			if p.pattern == nil && p.parts[0].notion == "" && len(p.parts[0].words) >= 3 {
				begin = gram(p.parts[0].words)
			}
			w.phrases, w.begins = append(w.phrases, p), append(w.begins, begin)
		}
	}
	return w, nil
}

// longest returns the phrase that explains most of the text, as find does.
func (w *wording) longest(in folds) (most int, found string) {
	for i, begin := range w.begins {
		p := &w.phrases[i]
		if !in.grams.has(begin) || p.pattern == nil && !p.notions && p.size <= most {
			continue
		}
		if n, words := p.find(in); n > most {
			most, found = n, words
		}
	}
	return most, found
}

// in tells whether one of the phrases is in the text.
func (w *wording) in(text folds) bool {
	for i, begin := range w.begins {
		if text.grams.has(begin) {
			if n, _ := w.phrases[i].find(text); n > 0 {
				return true
			}
		}
	}
	return false
}

// find returns how many bytes of the text the phrase explains, and those bytes
// without what stands in its gaps; 0 when it is not there.
func (p *phrase) find(in folds) (n int, found string) {
	if !p.marked(in.grams) {
		return 0, ""
	}
	if p.pattern != nil {
		at := p.pattern.FindStringIndex(in.text)
		if at == nil {
			return 0, ""
		}
		return at[1] - at[0], ""
	}
	for from := 0; ; {
		first, ok := p.place(in, 0, from, len(in.text))
		if !ok {
			return 0, ""
		}
		if words, ok := p.follows(in, first); ok {
			for _, w := range words {
				n += len(w)
			}
			return n, strings.Join(words, " ... ")
		}
		from = first.from + 1
	}
}

// place finds the nth part, which begins at a place of the text or in reach of it.
func (p *phrase) place(in folds, nth, at, reach int) (s span, ok bool) {
	if notion := p.parts[nth].notion; notion != "" {
		return next(in.notions[notion], at, reach)
	}
	words := p.parts[nth].words
	end := min(len(in.text), at+reach+len(words))
	i := index(in.text[at:end], words, at > 0 && wordByte(in.text[at-1]) && nth == 0)
	return span{at + i, at + i + len(words)}, i >= 0
}

// follows are the words of all parts, where those after the first stand each
// in reach of the one before.
func (p *phrase) follows(in folds, first span) (words []string, ok bool) {
	at := first
	words = append(words, in.text[at.from:at.to])
	for i := 1; i < len(p.parts); i++ {
		if at, ok = p.place(in, i, at.to, p.parts[i].reach); !ok {
			return nil, false
		}
		words = append(words, in.text[at.from:at.to])
	}
	return words, true
}

// index finds words where a word begins; a number at their end must end there
// too ("5.7.60" is not found in "5.7.606"). Other scripts than ASCII have no
// gaps between words.
func index(text, words string, inWord bool) int {
	mustBegin := wordByte(words[0])
	for from := 0; ; {
		at := strings.Index(text[from:], words)
		if at < 0 {
			return -1
		}
		at += from
		within := mustBegin && (at == 0 && inWord || at > 0 && wordByte(text[at-1]))
		end := at + len(words)
		longer := digit(words[len(words)-1]) && end < len(text) && digit(text[end])
		if !within && !longer {
			return at
		}
		from = at + 1
	}
}

func wordByte(c byte) bool {
	return c < utf8.RuneSelf && ('a' <= c && c <= 'z' || '0' <= c && c <= '9')
}

func digit(c byte) bool { return '0' <= c && c <= '9' }

// straight has the plain form of characters that programs beautify.
var straight = strings.NewReplacer("\u2018", "'", "\u2019", "'", "\u201c", `"`, "\u201d", `"`, "\u2013", "-", "\u2014", "-",
	"\u2026", "...", "\u00a0", " ", "\u3000", " ")

// fold is text as phrases see it: lower case, one space for any white space,
// straight quotes, no accents, one spelling.
func fold(text string) string {
	return spelling.Replace(plain.Replace(strings.Join(strings.Fields(strings.ToLower(straight.Replace(text))), " ")))
}

// plain has letters as they are written where there is ASCII alone, as in most
// replies (RFC 5321 section 4.2): a rule that has "überschritten" also knows
// "ueberschritten", and one that has "dépassé" knows "depasse". Umlauts are
// those of German.
var plain = strings.NewReplacer(
	"ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss", "æ", "ae", "ø", "oe", "œ", "oe", "å", "a",
	"à", "a", "á", "a", "â", "a", "ã", "a", "ă", "a", "ą", "a", "ç", "c", "ć", "c", "č", "c", "ď", "d", "đ", "d",
	"è", "e", "é", "e", "ê", "e", "ë", "e", "ě", "e", "ę", "e", "ğ", "g", "ì", "i", "í", "i", "î", "i", "ï", "i",
	"ı", "i", "i\u0307", "i", "ł", "l", "ľ", "l", "ñ", "n", "ń", "n", "ň", "n", "ò", "o", "ó", "o", "ô", "o", "õ", "o",
	"ő", "o", "ř", "r", "ś", "s", "š", "s", "ş", "s", "ș", "s", "ť", "t", "ţ", "t", "ț", "t", "ù", "u", "ú", "u",
	"û", "u", "ů", "u", "ű", "u", "ý", "y", "ź", "z", "ż", "z", "ž", "z", "ё", "е",
)

// spelling gives words that are written in several ways one form, in phrases
// and in texts alike: a rule that has "does not accept e-mail" also knows
// "doesn't accept email".
var spelling = strings.NewReplacer(
	"can't", "cannot", "can not", "cannot", "won't", "will not", "n't", " not",
	" dont ", " do not ", " doesnt ", " does not ", " isnt ", " is not ",
	"e-mail", "email", "mail box", "mailbox", "user name", "username", "host name", "hostname",
	"log-in", "login", "log in", "login", "log-on", "logon", "log on", "logon", "sign-in", "sign in",
	"black list", "blacklist", "black-list", "blacklist", "block list", "blocklist", "block-list", "blocklist",
	"white list", "whitelist", "white-list", "whitelist",
	"grey list", "greylist", "grey-list", "greylist", "gray list", "greylist", "gray-list", "greylist", "graylist", "greylist",
	"plain text", "plaintext", "plain-text", "plaintext", "clear text", "cleartext", "clear-text", "cleartext",
	"time-out", "timeout", "rate-limit", "rate limit", "ratelimit", "rate limit", "reverse-dns", "reverse dns",
	"over quota", "overquota", "over-quota", "overquota", "anti-spam", "antispam", "anti spam", "antispam",
	"non-existent", "nonexistent", "non existent", "nonexistent", "non-existing", "nonexistent",
	"authoris", "authoriz", "recognis", "recogniz", "temporarly", "temporarily",
	"receipient", "recipient", "recepient", "recipient", "recipent", "recipient",
	"exeed", "exceed", "excede ", "exceed ", "to many ", "too many ", "recieve", "receive", "succesful", "successful",
	"occured", "occurred", "ip adress", "ip address", "email adress ", "email address ", "adress rejected", "address rejected",
	"acount", "account", "avaliable", "available", "availible", "available", "unkown", "unknown", "authentification required", "authentication required",
)
