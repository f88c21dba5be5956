package diagnose

import (
	"iter"
	"strings"
	"unicode/utf8"
)

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
	begins  []begin
}

// begin is a gram that a phrase may begin with. Those of one phrase stand
// together.
type begin struct {
	gram   uint16
	phrase int32 // its index
}

func wordingOf(texts []string) (wording, error) {
	w := wording{phrases: make([]phrase, 0, len(texts))}
	for _, text := range texts {
		if err := w.include(text); err != nil {
			return wording{}, err
		}
	}
	return w, nil
}

// likely are the phrases that begin as something in a text does.
func (w *wording) likely(g *grams) iter.Seq[*phrase] {
	return func(yield func(*phrase) bool) {
		last := int32(-1)
		for _, b := range w.begins {
			if !g.has(b.gram) || b.phrase == last {
				continue
			}
			last = b.phrase
			if !yield(&w.phrases[last]) {
				return
			}
		}
	}
}

// longest returns the phrase that explains most of the text, as find does.
func (w *wording) longest(in folds) (most int, found string) {
	for p := range w.likely(in.grams) {
		if p.most <= most {
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
	for p := range w.likely(text.grams) {
		if n, _ := p.find(text); n > 0 {
			return true
		}
	}
	return false
}

// marked tells whether a text may have the phrase, by its grams.
func (p *phrase) marked(g *grams) bool {
	if p.pattern != nil {
		return p.pattern.marked(g)
	}
	for i := range p.parts {
		if !p.parts[i].marked(g) {
			return false
		}
	}
	return true
}

func (of *part) marked(g *grams) bool {
	for range of.likely(g) {
		return true
	}
	return false
}

// likely are the words of a part that the grams of a text do not rule out.
func (of *part) likely(g *grams) iter.Seq[*word] {
	return func(yield func(*word) bool) {
		for i := 0; i < len(of.words); {
			w := &of.words[i]
			if !g.has(w.begin) {
				i += int(w.alike)
				continue
			}
			if i++; g.has(w.end) && !yield(w) {
				return
			}
		}
	}
}

// find returns how many bytes of the text the phrase explains where it explains
// most, and those bytes without what stands in its gaps; 0 when it is not there.
func (p *phrase) find(in folds) (n int, found string) {
	if !p.marked(in.grams) {
		return 0, ""
	}
	if p.pattern != nil {
		at := p.pattern.compiled().FindStringIndex(in.text)
		if at == nil {
			return 0, ""
		}
		return at[1] - at[0], ""
	}
	n, at := p.anywhere(in)
	if n == 0 {
		return 0, ""
	}
	words := []string{in.text[at.from:at.to]}
	for nth := 1; nth < len(p.parts); nth++ {
		_, at = p.behind(in, nth, at.to)
		words = append(words, in.text[at.from:at.to])
	}
	return n, strings.Join(words, " ... ")
}

// anywhere is how many bytes the phrase explains, and where its first part
// stands then.
func (p *phrase) anywhere(in folds) (most int, first span) {
	for w := range p.parts[0].likely(in.grams) {
		for s, ok := w.next(in, 0); ok; s, ok = w.next(in, s.from+1) {
			if n := p.with(in, 0, s); n > most {
				most, first = n, s
			}
			if most == p.most {
				return most, first
			}
		}
	}
	return most, first
}

// behind is how many bytes the nth part and those after it explain, and where
// the nth stands then: in reach of a place, each of its words where it comes first.
func (p *phrase) behind(in folds, nth, at int) (most int, best span) {
	of := &p.parts[nth]
	for w := range of.likely(in.grams) {
		if s, ok := w.within(in, at, of.reach); ok {
			if n := p.with(in, nth, s); n > most {
				most, best = n, s
			}
		}
	}
	return most, best
}

// with is how many bytes the nth part, which stands at s, and those after it
// explain; 0 where these are not in reach.
func (p *phrase) with(in folds, nth int, s span) int {
	n := s.to - s.from
	if nth+1 == len(p.parts) {
		return n
	}
	rest, _ := p.behind(in, nth+1, s.to)
	if rest == 0 {
		return 0
	}
	return n + rest
}

// next finds the words from a place of the text on.
func (w *word) next(in folds, at int) (s span, ok bool) {
	if w.notion {
		return next(in.notions[w.text], at, len(in.text))
	}
	i := index(in.text[at:], w.text, at > 0 && wordByte(in.text[at-1]))
	return span{at + i, at + i + len(w.text)}, i >= 0
}

// within finds the words where they begin at a place of the text, be it in a
// word, or in reach of it.
func (w *word) within(in folds, at, reach int) (s span, ok bool) {
	if w.notion {
		return next(in.notions[w.text], at, reach)
	}
	end := min(len(in.text), at+reach+len(w.text))
	i := index(in.text[at:end], w.text, false)
	return span{at + i, at + i + len(w.text)}, i >= 0
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
