package creds

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"strings"
	"unicode"
)

// The lengths of a piece of a secret that is masked wherever it stands, without
// the rest of it.
const (
	// shortGram is that of an encoded form: eight characters of base64 or hex
	// are not the same by chance.
	shortGram = 8
	// longGram is that of the secret itself, whose pieces may be words: a hole
	// in their place would tell them. No word is as long, and whoever makes a
	// password of a host's name has it masked there.
	longGram = 16
)

// The bounds of a secret that is told in pieces, on lines near each other.
const (
	// minPiece and maxPiece bound the shortest piece that is looked for: half
	// of a short secret, so that two halves are found, and never a length that
	// is everywhere.
	minPiece, maxPiece = 3, 4
	// nearLines is how many lines on the next piece is looked for. Two replies
	// are this near; farther on, chance grows.
	nearLines = 8
	// maxPieced bounds the length of a secret that is looked for in pieces.
	// Those of a longer one are as long as longGram, or many.
	maxPieced = 64
)

// grams are the pieces of one length by which a secret is known. They never
// change: others may be reading.
type grams struct {
	length int
	texts  []string // that have the pieces
	// heads is a hash table of the first bytes of each piece, as many as headSize says;
	// zero is a free place.
	heads []uint64
	// bytes are those that the pieces are made of: where another stands, no piece
	// lies across it.
	bytes [256]bool
}

// headSize is how many bytes of a piece are its head: all of a short one.
const headSize = shortGram

// with is the set with the pieces of the texts besides.
func (g *grams) with(length int, texts ...string) *grams {
	next := &grams{length: length}
	if g != nil {
		next.texts = slices.Clip(g.texts)
	}
	next.texts = append(next.texts, texts...)
	pieces := 0
	for _, text := range next.texts {
		pieces += max(0, len(text)-length+1)
	}
	next.heads = make([]uint64, 2<<bits.Len(uint(pieces))) // at most half of it is taken
	for _, text := range next.texts {
		for i := 0; i+length <= len(text); i++ {
			head := head(text[i:])
			next.heads[next.place(head)] = head
		}
		for i := range len(text) {
			next.bytes[text[i]] = true
		}
	}
	return next
}

// head is that of a piece. It is never zero: a view has no control characters.
func head(piece string) uint64 { return binary.NativeEndian.Uint64([]byte(piece[:headSize])) }

// place is that of a head in the table, or the free one where it would be.
func (g *grams) place(head uint64) int {
	last := len(g.heads) - 1
	high, low := bits.Mul64(head, 0x9e3779b97f4a7c15) // 2^64 over the golden ratio
	i := int(high^low) & last
	for g.heads[i] != 0 && g.heads[i] != head {
		i = (i + 1) & last
	}
	return i
}

// known tells whether a piece of this length is one of the set.
func (g *grams) known(piece string) bool {
	if g.heads[g.place(head(piece))] == 0 {
		return false
	}
	return g.length == headSize || slices.ContainsFunc(g.texts, func(text string) bool { return strings.Contains(text, piece) })
}

// hideGrams marks every piece.
func (m *marks) hideGrams(v view, g *grams) {
	if g == nil { // there is no secret yet
		return
	}
	n := g.length
	for i := 0; i+n <= len(v.line); i++ {
		switch {
		case !g.bytes[v.line[i+n-1]]:
			i += n - 1
		case g.known(v.line[i : i+n]):
			m.mark(v, i, i+n)
		}
	}
}

// hidePieces marks the pieces of a secret that stand in their order on lines
// near each other and together are all of it. It returns those of them that are
// not words, so that they are known wherever else they stand.
func (m *marks) hidePieces(lines []view, secret string) (told []string) {
	if len(secret) < 2*minPiece || len(secret) > maxPieced {
		return nil
	}
	shortest := min(max(len(secret)/2, minPiece), maxPiece)
	p := puzzle{lines: lines, secret: secret, shortest: shortest}
	for i, l := range lines {
		if !strings.Contains(l.line, secret[:shortest]) {
			continue
		}
		if p.hopeless == nil {
			p.hopeless = map[[3]int]bool{}
		}
		p.found = nil
		if !p.solve(i, 0, 0) {
			continue
		}
		for _, found := range p.found {
			piece := secret[found.from:found.to]
			alone := setOf(form{text: piece})
			m.hide(lines[found.line], &alone)
			if !isWord(piece) && !slices.Contains(told, piece) {
				told = append(told, piece)
			}
		}
	}
	return told
}

// isWord tells a piece of a secret that may stand anywhere: it is short, or has
// no sign or no digit in it.
func isWord(piece string) bool {
	return len(piece) < 2*minPiece || !strings.ContainsFunc(piece, func(r rune) bool {
		return !unicode.IsLetter(r) && r != '.' && r != '-' && r != ' '
	})
}

// puzzle puts a secret together from pieces.
type puzzle struct {
	lines    []view
	secret   string
	shortest int
	hopeless map[[3]int]bool // line, place on it, and place in the secret
	found    []piece
}

// piece is a part of the secret and the line that has it.
type piece struct{ line, from, to int }

// solve finds the rest of the secret, from this place in it on, beginning with
// a piece on this line, behind this place on it.
func (p *puzzle) solve(line, behind, from int) bool {
	if p.hopeless[[3]int{line, behind, from}] {
		return false
	}
	words, rest := p.lines[line].line[behind:], p.secret[from:]
	longest := p.shortest - 1
	for longest < len(rest) && strings.Contains(words, rest[:longest+1]) {
		longest++
	}
	for n := longest; n >= p.shortest; n-- {
		at := strings.Index(words, rest[:n])
		p.found = append(p.found, piece{line, from, from + n})
		if n == len(rest) {
			return true
		}
		if p.solve(line, behind+at+n, from+n) {
			return true
		}
		for next := line + 1; next <= min(line+nearLines, len(p.lines)-1); next++ {
			if p.solve(next, 0, from+n) {
				return true
			}
		}
		p.found = p.found[:len(p.found)-1]
	}
	p.hopeless[[3]int{line, behind, from}] = true
	return false
}
