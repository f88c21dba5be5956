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
	for p := range n.words.likely(in.grams) {
		for w := range p.parts[0].likely(in.grams) {
			for s, ok := w.next(in, 0); ok; s, ok = w.next(in, s.to) {
				if len(w.text) > wholeWord || !inWord(in.text, s.to) {
					all = append(all, s)
				}
			}
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
func (w *wording) check(rule string, exists map[string]bool) error {
	for i := range w.phrases {
		p := &w.phrases[i]
		if !p.notions {
			continue
		}
		for _, part := range p.parts {
			for _, word := range part.words {
				if word.notion && !exists[word.text] {
					return fmt.Errorf("rule %s: there is no notion %q", rule, word.text)
				}
			}
		}
	}
	return nil
}
