package creds

import (
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// minForm is the shortest form of a secret that is looked for. Three letters
// stand in every text by chance ("the", "535"): masking them would shred it,
// and the holes would tell the secret. So a secret of one to three bytes is
// not masked as it is, only in its encodings of four characters and more.
const minForm = 4

// Scrubber masks secrets in text that came from elsewhere: servers echo what
// they were sent, libraries put it into their errors. The zero value masks
// nothing yet; it may be used by several goroutines at once.
//
// A secret is found raw and backwards; in base64 (both alphabets, padded or
// not), also inside the base64 of something longer, such as a SASL response;
// percent-encoded as in a URL's path or query; quoted-printable; quoted as in
// an IMAP string, JSON, Go or HTML; in hexadecimal of either case; all of it
// also in Latin-1 and UTF-16. Line breaks and what is not graphic (control
// characters, invisible ones) inside it do not hide it, nor does a cut: see
// [Scrubber.ScrubAll]. Another case, a cipher, or other text between its
// letters does.
type Scrubber struct {
	mu     sync.RWMutex
	added  []string // as they were given
	forms  formSet
	values []string // as they are seen, for pieces of them
	short  *grams   // of the encoded forms
	long   *grams   // of the values
}

// Known is how many forms of secrets are masked by now. It grows when a text that
// is scrubbed tells a piece of one.
func (s *Scrubber) Known() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.forms.all)
}

// Add has the values masked from now on. Empty ones are passed over, and those
// that are known: protocols mostly share a secret.
func (s *Scrubber) Add(values ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, v := range values {
		if !slices.Contains(s.added, v) {
			s.add(v)
		}
	}
}

// add has a new value masked. The lock is held.
func (s *Scrubber) add(v string) {
	s.added = append(s.added, v)
	if plain := visible(v); len(plain) >= minForm && !slices.Contains(s.values, plain) {
		s.values = append(s.values, plain)
		s.long = s.long.with(longGram, plain)
	}
	var opaque []string
	for _, f := range s.addForms(formsOf(v)) {
		if f.opaque {
			opaque = append(opaque, f.text)
		}
	}
	s.short = s.short.with(shortGram, opaque...)
}

// Scrub returns text with "[secret]" in place of every secret. Line breaks
// stay where they were, after the mask when they stood inside a secret.
func (s *Scrubber) Scrub(text string) string { return s.ScrubAll([]string{text})[0] }

// ScrubAll is Scrub for texts that were said one after the other, as the
// replies of a session: it also masks the parts of a secret that was cut up
// and said in several of them, or on several lines of one. Such parts are then
// known, and masked in what is scrubbed later.
func (s *Scrubber) ScrubAll(texts []string) []string {
	s.mu.RLock()
	forms, values, short, long := s.forms, s.values, s.short, s.long // never changed in place
	s.mu.RUnlock()
	if len(forms.all) == 0 {
		return texts
	}
	var m marks
	for i, text := range texts {
		v := viewOf(text, i)
		m.hide(v, &forms)
		m.hideGrams(v, short)
		m.hideGrams(v, long)
	}
	lines := linesOf(texts)
	if len(lines) > 1 { // one was looked through above
		m.hide(joined(lines), &forms)
	}
	for _, v := range values {
		if told := m.hidePieces(lines, v); told != nil {
			pieces := s.learn(told)
			m.hide(joined(lines), &pieces)
		}
	}
	return m.apply(texts)
}

// learn has pieces of a secret that somebody has told masked as itself, and
// returns their forms.
func (s *Scrubber) learn(told []string) formSet {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all formSet
	for _, piece := range told {
		all.add(s.addForms(formsOf(piece))...)
	}
	return all
}

// addForms adds those forms that are long enough, and returns them. The lock is
// held.
func (s *Scrubber) addForms(forms []form) []form {
	long := make([]form, 0, len(forms))
	s.forms.all, s.forms.next = slices.Grow(s.forms.all, len(forms)), slices.Grow(s.forms.next, len(forms))
	for _, f := range forms {
		if len(f.text) < minForm {
			continue
		}
		f.foreign = isForeign(f.text) || f.opaque && len(f.text) >= shortGram
		if long = append(long, f); !s.forms.has(f) {
			s.forms.add(f)
		}
	}
	return long
}

// ScrubOurs is ScrubAll for this program's own words, which may quote others.
// A secret that could be one of these words is left alone: the hole would tell
// it.
func (s *Scrubber) ScrubOurs(texts []string) []string {
	s.mu.RLock()
	known, short := s.forms.all, s.short
	s.mu.RUnlock()
	var forms formSet
	forms.add(slices.DeleteFunc(slices.Clone(known), func(f form) bool { return !f.foreign })...)
	var m marks
	for i, text := range texts {
		v := viewOf(text, i)
		m.hide(v, &forms)
		m.hideGrams(v, short)
	}
	return m.apply(texts)
}

// marks are the bytes to mask, by the index of their text.
type marks struct{ hidden map[int32][]bool }

// apply returns the texts with masks in place of what is marked.
func (m *marks) apply(texts []string) []string {
	if m.hidden == nil {
		return texts
	}
	out := slices.Clone(texts)
	for i, hidden := range m.hidden {
		out[i] = masked(texts[i], hidden)
	}
	return out
}

// mark marks a part of a view.
func (m *marks) mark(v view, from, to int) {
	for k := from; k < to; k++ {
		p := v.at(k)
		if m.hidden == nil {
			m.hidden = map[int32][]bool{}
		}
		for len(m.hidden[p.text]) <= int(p.offset) {
			m.hidden[p.text] = append(m.hidden[p.text], false)
		}
		m.hidden[p.text][p.offset] = true
	}
}

// hide marks every whole form.
func (m *marks) hide(v view, forms *formSet) {
	var done map[int]int // of a form, by its place: what lies before it is marked already
	for at := 0; at+1 < len(v.line); at++ {
		for i := forms.first(v.line[at], v.line[at+1]); i >= 0; i = forms.after(i) {
			f := &forms.all[i]
			if !strings.HasPrefix(v.line[at:], f.text) {
				continue
			}
			if done == nil {
				done = map[int]int{}
			}
			from, to := f.extend(v.line, at)
			m.mark(v, max(from, done[i]), to)
			done[i] = to
		}
	}
}

// extend returns what to mask for an occurrence of f at this index of line.
func (f form) extend(line string, at int) (from, to int) {
	from, to = at, at+len(f.text)
	if f.before && from > 0 && isBase64(line[from-1]) {
		from--
	}
	if f.after && to < len(line) && isBase64(line[to]) {
		to++
		for n := 0; n < 2 && to < len(line) && line[to] == '='; n++ {
			to++
		}
	}
	return from, to
}

// masked returns text with one mask for each run of hidden bytes. What is left
// out of a view goes with what stands before it, line breaks excepted.
func masked(text string, hidden []bool) string {
	var b strings.Builder
	inside := false
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		is := func(k int) bool { return k < len(hidden) && hidden[k] }
		switch {
		case isBreak(r):
			b.WriteByte(text[i])
		case is(i):
			if !inside {
				b.WriteString(mask)
			}
			inside = true
		case inside && skipped(r, size):
		default:
			b.WriteString(text[i : i+size])
			inside = false
		}
		if is(i) && size > 1 && !is(i+size-1) { // half a character was hidden
			size = 1
		}
		i += size
	}
	return b.String()
}
