package creds

import (
	"iter"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// view is text as a secret is looked for in it: without line breaks and without
// what is not graphic. It remembers where each of its bytes came from.
type view struct {
	line string
	from place // of the first byte and those that stand together with it
	// spans are the runs behind those, in order: mostly none, of a hostile server's
	// line of 16 KiB one or two.
	spans []span
}

// span is a run of bytes that stand together in the view and in one of several
// texts.
type span struct {
	start int32 // in the view
	from  place
}

// place is a byte of one of several texts.
type place struct{ text, offset int32 } // texts are far below 2 GiB

func (v view) at(k int) place {
	i, found := slices.BinarySearchFunc(v.spans, int32(k), func(s span, k int32) int { return int(s.start - k) })
	if found {
		return v.spans[i].from
	}
	s := span{0, v.from}
	if i > 0 {
		s = v.spans[i-1]
	}
	return place{s.from.text, s.from.offset + int32(k) - s.start}
}

func viewOf(text string, index int) view { return viewFrom(text, place{int32(index), 0}) }

// viewFrom is the view of a part of a text, that begins at this place.
func viewFrom(part string, from place) view {
	if line := strings.TrimRight(part, "\r\n"); plain(line) {
		return view{line: line, from: from}
	}
	runs, length := 0, 0
	for run := range shown(part) {
		runs, length = runs+1, length+run.to-run.from
	}
	all := sequence{view: view{spans: make([]span, 0, runs)}}
	all.text.Grow(length)
	for run := range shown(part) {
		all.add(view{line: part[run.from:run.to], from: place{from.text, from.offset + int32(run.from)}})
	}
	return all.whole()
}

// sequence is views that are put together.
type sequence struct {
	view view
	text strings.Builder
}

// add puts a view that is not empty behind the others.
func (s *sequence) add(v view) {
	start := int32(s.text.Len())
	if start == 0 {
		s.view.from = v.from
	} else {
		s.view.spans = append(s.view.spans, span{start, v.from})
	}
	for _, run := range v.spans {
		s.view.spans = append(s.view.spans, span{start + run.start, run.from})
	}
	s.text.WriteString(v.line)
}

func (s *sequence) whole() view {
	s.view.line = s.text.String()
	return s.view
}

// run is where characters stand that are all shown.
type run struct{ from, to int }

// shown yields the longest runs of characters that are not skipped.
func shown(text string) iter.Seq[run] {
	return func(yield func(run) bool) {
		from := 0
		for i := 0; i < len(text); {
			r, size := utf8.DecodeRuneInString(text[i:])
			if skipped(r, size) {
				if from < i && !yield(run{from, i}) {
					return
				}
				from = i + size
			}
			i += size
		}
		if from < len(text) {
			yield(run{from, len(text)})
		}
	}
}

// without is the view without its first n bytes.
func (v view) without(n int) view {
	if n == 0 {
		return v
	}
	rest := view{line: v.line[n:], from: v.at(n)}
	for _, s := range v.spans {
		if s.start > int32(n) {
			rest.spans = append(rest.spans, span{s.start - int32(n), s.from})
		}
	}
	return rest
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

// leadOf is the length of what stands before the words of a reply on each of its
// lines: the status of SMTP, POP3 and IMAP, a response code, an enhanced status
// code.
func leadOf(line string) int {
	rest := afterStatus(line)
	if strings.HasPrefix(rest, "[") {
		if end := strings.Index(rest, "] "); end >= 0 && end == strings.IndexByte(rest, ']') {
			rest = rest[end+2:]
		}
	}
	if code, words, found := strings.Cut(rest, " "); found && isEnhanced(code) {
		rest = words
	}
	return len(line) - len(rest)
}

// afterStatus is the line without what says whether all is well.
func afterStatus(line string) string {
	for _, status := range []string{"+OK ", "-ERR "} {
		if rest, found := strings.CutPrefix(line, status); found {
			return rest
		}
	}
	if digits(line) == 3 && len(line) > 3 && (line[3] == ' ' || line[3] == '-') {
		return line[4:]
	}
	tag, rest, found := strings.Cut(line, " ")
	if !found || tag != "*" && (tag == "" || strings.ContainsFunc(tag, notAlphanumeric)) {
		return strings.TrimPrefix(line, "+ ")
	}
	for _, status := range []string{"OK ", "NO ", "BAD ", "BYE ", "PREAUTH "} {
		if words, found := strings.CutPrefix(rest, status); found {
			return words
		}
	}
	return strings.TrimPrefix(line, "* ")
}

// isEnhanced tells an enhanced status code (RFC 3463 section 2).
func isEnhanced(code string) bool {
	if len(code) < len("2.0.0") || code[1] != '.' || code[0] != '2' && code[0] != '4' && code[0] != '5' {
		return false
	}
	subject, detail, found := strings.Cut(code[2:], ".")
	return found && isNumber(subject) && isNumber(detail)
}

// isNumber tells one to three digits.
func isNumber(text string) bool {
	return len(text) > 0 && len(text) <= 3 && digits(text) == len(text)
}

// digits is how many of them a text begins with.
func digits(text string) int {
	n := 0
	for n < len(text) && '0' <= text[n] && text[n] <= '9' {
		n++
	}
	return n
}

func notAlphanumeric(r rune) bool {
	return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9')
}

// linesOf returns the lines of the texts; empty ones are left out.
func linesOf(texts []string) []view {
	lines := make([]view, 0, len(texts))
	for i, text := range texts {
		offset := 0
		for line := range strings.Lines(text) {
			if v := viewFrom(line, place{int32(i), int32(offset)}); v.line != "" {
				lines = append(lines, v)
			}
			offset += len(line)
		}
	}
	return lines
}

// joined is all lines as one, each without its lead.
func joined(lines []view) view {
	length := 0
	for _, l := range lines {
		length += len(l.line)
	}
	all := sequence{view: view{spans: make([]span, 0, len(lines))}}
	all.text.Grow(length)
	for _, l := range lines {
		if words := l.without(leadOf(l.line)); words.line != "" {
			all.add(words)
		}
	}
	return all.whole()
}
