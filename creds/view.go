package creds

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// view is text as a secret is looked for in it: without line breaks and without
// what is not graphic. It remembers where each of its bytes came from.
type view struct {
	line string
	from []place // nil: byte i is byte i of the text
	text int     // which text it is, where from is nil
}

// place is a byte of one of several texts.
type place struct{ text, offset int }

func (v view) at(k int) place {
	if v.from == nil {
		return place{v.text, k}
	}
	return v.from[k]
}

func viewOf(text string, index int) view {
	if plain(text) {
		return view{line: text, text: index}
	}
	var v view
	v.append(text, index, 0)
	return v
}

// append adds a part of a text, that begins at this offset.
func (v *view) append(part string, text, offset int) {
	var b strings.Builder
	for i := 0; i < len(part); {
		r, size := utf8.DecodeRuneInString(part[i:])
		if !skipped(r, size) {
			b.WriteString(part[i : i+size])
			for k := range size {
				v.from = append(v.from, place{text, offset + i + k})
			}
		}
		i += size
	}
	v.line += b.String()
}

// visible is text as a view has it.
func visible(text string) string { return viewOf(text, 0).line }

func plain(text string) bool {
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return false
		}
	}
	return true
}

// skipped tells what is left out of a view. A byte that is not UTF-8 is not.
func skipped(r rune, size int) bool {
	return !strconv.IsGraphic(r) && !(r == utf8.RuneError && size == 1)
}

func isBreak(r rune) bool { return r == '\r' || r == '\n' }

// lead is what stands before the words of a reply on each of its lines: the
// status of SMTP, POP3 and IMAP, a response code, an enhanced status code.
var lead = regexp.MustCompile(`^(?:[0-9]{3}[ -]|(?:\*|[A-Za-z0-9]+) (?:OK|NO|BAD|BYE|PREAUTH) |\+OK |-ERR |[+*] )?` +
	`(?:\[[^\]]*\] )?(?:[245]\.[0-9]{1,3}\.[0-9]{1,3} )?`)

// linesOf returns the lines of the texts; empty ones are left out.
func linesOf(texts []string) []view {
	var lines []view
	for i, text := range texts {
		offset := 0
		for line := range strings.Lines(text) {
			var v view
			v.append(line, i, offset)
			if v.line != "" {
				lines = append(lines, v)
			}
			offset += len(line)
		}
	}
	return lines
}

// joined is all lines as one, each without its lead.
func joined(lines []view) view {
	var all view
	var b strings.Builder
	for _, l := range lines {
		words := len(lead.FindString(l.line))
		b.WriteString(l.line[words:])
		all.from = append(all.from, l.from[words:]...)
	}
	all.line = b.String()
	return all
}
