package render

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// columns is the width of the text in cells: every terminal and most tickets
// have as much.
const columns = 80

// cells is the width of clean text on a terminal.
func cells(s string) int {
	n := 0
	for _, r := range s {
		n += runeCells(r)
	}
	return n
}

func runeCells(r rune) int {
	switch {
	case r < utf8.RuneSelf:
		return 1
	case r == '\ufe0f': // makes an emoji of the character before it, which may widen that
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me):
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// cut returns the longest beginning of s that fits into so many cells.
func cut(s string, most int) string {
	n := 0
	for i, r := range s {
		if n += runeCells(r); n > most {
			return s[:i]
		}
	}
	return s
}

// pad fills s up to so many cells with spaces.
func pad(s string, to int) string {
	return s + strings.Repeat(" ", max(0, to-cells(s)))
}

// noBreak is a space that no line ends at. [page.line] writes a usual one.
const noBreak = "\u00a0"

// wrap breaks clean text into lines of so many cells: at line feeds, at
// spaces and between wide characters, and inside a word that is longer than a
// line. The result has at least one line.
func wrap(text string, most int) []string {
	var lines []string
	for paragraph := range strings.SplitSeq(text, "\n") {
		lines = append(lines, wrapLine(paragraph, most)...)
	}
	return lines
}

func wrapLine(rest string, most int) []string {
	var lines []string
	line, used := "", 0
	for rest != "" {
		word := strings.TrimLeft(rest, " ")
		space := rest[:len(rest)-len(word)]
		word = unit(word)
		rest = rest[len(space)+len(word):]
		if word == "" { // spaces at the end
			break
		}
		need := cells(word)
		if line != "" && used+len(space)+need <= most {
			line, used = line+space+word, used+len(space)+need
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		for need > most {
			head := cut(word, most)
			if head == "" { // not even one wide character fits
				_, size := utf8.DecodeRuneInString(word)
				head = word[:size]
			}
			lines = append(lines, head)
			word, need = word[len(head):], need-cells(head)
		}
		line, used = word, need
	}
	if line != "" || len(lines) == 0 {
		lines = append(lines, line)
	}
	return lines
}

// What no line begins with, and what none ends with (JIS X 4051: kinsoku).
const (
	noStart = "、。，．・：；？！）］｝」』】〉》〕ー々ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ…%)]}.,:;?!"
	noEnd   = "（［｛「『【〈《〔([{"
)

// unit is the beginning of s that no line break divides: an atom, with the
// punctuation that must not be parted from it.
func unit(s string) string {
	end := 0
	for end < len(s) {
		end += len(atom(s[end:]))
		last, _ := utf8.DecodeLastRuneInString(s[:end])
		next, _ := utf8.DecodeRuneInString(s[end:])
		if next == ' ' || !strings.ContainsRune(noStart, next) && !strings.ContainsRune(noEnd, last) {
			break
		}
	}
	return s[:end]
}

// atom is a wide character at the beginning of s, or everything up to a space
// or a wide character; combining marks belong to what they stand on.
func atom(s string) string {
	for i, r := range s {
		_, size := utf8.DecodeRuneInString(s)
		first := i < size
		switch {
		case r == ' ':
			return s[:i]
		case first || runeCells(r) == 0:
		case runeCells(r) == 2 || wide(s):
			return s[:i]
		}
	}
	return s
}

// wide tells whether s begins with a wide character.
func wide(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return runeCells(r) == 2
}
