package render

import (
	"fmt"
	"strings"

	"mailcheck/internal/lang"
	"mailcheck/internal/lazyre"
	"mailcheck/report"
)

// page is a text that is being written, a line at a time, none of them wider
// than columns.
type page struct {
	lang.Tag
	b     strings.Builder
	color bool
}

// newPage is an empty page in the language of the report.
func newPage(r *report.Report, opt Options) *page {
	return &page{Tag: tag(r), color: opt.Color}
}

// tag is the language of the report.
func tag(r *report.Report) lang.Tag { return lang.Tag(r.Lang) }

// workflowCommand is a line that GitHub takes for a command: its first word
// begins with "::", and another "::" follows.
var workflowCommand = lazyre.New(`(?m)^([ ]*):(:.*::)`)

// line writes one line that fits, and is no command of GitHub's.
func (p *page) line(s string) {
	s = strings.TrimRight(strings.ReplaceAll(s, noBreak, " "), " ")
	if workflowCommand.MatchString(s) {
		s = workflowCommand.ReplaceAllString(s, `$1\x3a$2`)
		if cells(s) > columns {
			for _, l := range wrap(s, columns) {
				p.line(l)
			}
			return
		}
	}
	p.b.WriteString(s + "\n")
}

// gap parts two sections by an empty line.
func (p *page) gap() {
	if s := p.b.String(); s != "" && !strings.HasSuffix(s, "\n\n") {
		p.line("")
	}
}

// hang writes text behind a lead, wrapped and indented by the lead's width.
func (p *page) hang(lead, text string) {
	for _, l := range wrap(text, columns-cells(lead)) {
		p.line(lead + l)
		lead = strings.Repeat(" ", cells(lead))
	}
}

// para writes a paragraph that is not indented. A line feed in it could pass
// what a server says for a headline, so there is none.
func (p *page) para(text string) {
	if text != "" {
		p.hang("", oneLine(text))
	}
}

func oneLine(s string) string { return strings.ReplaceAll(s, "\n", " ") }

// list writes a section of numbered items; nothing when there is none.
func (p *page) list(title string, items []string) {
	if len(items) == 0 {
		return
	}
	p.gap()
	p.line(title)
	for i, item := range items {
		p.hang(fmt.Sprintf("%3d. ", i+1), item)
	}
}

// The ANSI codes (ECMA-48, SGR) that are used.
const (
	sgrBold  = "1"
	sgrReset = "\x1b[m"
)

var sgrColors = map[report.Result]string{report.OK: "32", report.Warn: "33", report.Fail: "31"}

// paint colours a result, or what stands for one.
func paint(s string, r report.Result, codes ...string) string {
	if c, ok := sgrColors[r]; ok {
		codes = append(codes, c)
	}
	if len(codes) == 0 || s == "" {
		return s
	}
	return "\x1b[" + strings.Join(codes, ";") + "m" + s + sgrReset
}

// resultWords are what a result is called; FAIL alone stands out.
var resultWords = map[report.Result]string{
	report.Skip: "skip", report.OK: "ok", report.Warn: "warn", report.Fail: "FAIL",
}

// result is the word for a result, filled up to so many cells.
func (p *page) result(r report.Result, to int) string {
	word := resultWords[r]
	fill := strings.Repeat(" ", max(0, to-len(word)))
	if p.color {
		word = paint(word, r)
	}
	return word + fill
}

// took is a duration for people, from milliseconds.
func took(ms int64) string {
	if ms < 1000 {
		return fmt.Sprintf("%d"+noBreak+"ms", ms)
	}
	return fmt.Sprintf("%.1f"+noBreak+"s", float64(ms)/1000)
}

// plural is the one of two phrases that fits a number.
func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// maxListed bounds enumerations whose length others decide.
const maxListed = 6
