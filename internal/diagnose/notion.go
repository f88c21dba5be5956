package diagnose

import (
	"cmp"
	"fmt"
	"slices"
)

// notion is words that servers use for the same thing, as rules/notions.toml has
// them: "rejected", "denied" and "not accepted" are one notion. A
// phrase names it as {refuse}.
type notion struct {
	ID    string   `toml:"id"`
	Words []string `toml:"words"`

	words wording
}

// span is where words of a notion stand in a text, in bytes.
type span struct{ from, to int }

// wholeWord is the length up to which words of a notion do not go on: "ip" is
// not to be found in "iphone".
const wholeWord = 3

// prepare reads the words of a notion.
func (n *notion) prepare() (err error) {
	if n.words, err = wordingOf(n.Words); err != nil {
		return err
	}
	for _, p := range n.words.phrases {
		if len(p.parts) != 1 || p.notions {
			return fmt.Errorf("%v is more than words", p.parts)
		}
	}
	return nil
}

// spans are where words of the notion stand, from the first on; of those that
// begin at the same place the longest is the first.
func (n *notion) spans(in folds) []span {
	var all []span
	for i, begin := range n.words.begins {
		p := &n.words.phrases[i]
		if !in.grams.has(begin) || !p.marked(in.grams) {
			continue
		}
		words := p.parts[0].words
		for from := 0; ; {
			at := index(in.text[from:], words, from > 0 && wordByte(in.text[from-1]))
			if at < 0 {
				break
			}
			s := span{from + at, from + at + len(words)}
			if len(words) > wholeWord || !inWord(in.text, s.to) {
				all = append(all, s)
			}
			from = s.to
		}
	}
	slices.SortFunc(all, func(a, b span) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(b.to, a.to)) })
	return all
}

// inWord tells whether a word that ends before text[at] goes on; a plural is
// the same word.
func inWord(text string, at int) bool {
	if at < len(text) && text[at] == 's' {
		at++
	}
	return at < len(text) && wordByte(text[at])
}

// next is the first of the spans that begins at a place or in reach of it.
func next(spans []span, at, reach int) (s span, ok bool) {
	for _, s := range spans {
		if s.from >= at {
			return s, s.from <= at+reach
		}
	}
	return s, false
}

// check tells of notions that a rule names and that do not exist.
func (w *wording) check(rule string, notions []*notion) error {
	for _, p := range w.phrases {
		for _, part := range p.parts {
			if id := part.notion; id != "" && !slices.ContainsFunc(notions, func(n *notion) bool { return n.ID == id }) {
				return fmt.Errorf("rule %s: there is no notion %q", rule, id)
			}
		}
	}
	return nil
}
