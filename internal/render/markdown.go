package render

import (
	"fmt"
	"io"
	"strings"

	"mailcheck/internal/lazyre"
	"mailcheck/report"
)

// Markdown writes the report as the summary of a job, in the Markdown of GitHub.
func Markdown(w io.Writer, r *report.Report, _ Options) error {
	r = cleaned(r)
	m := &markdown{page: newPage(r, Options{})}
	v := r.Verdict
	m.block("## " + mark(oneLine(v.Headline)))
	m.table([][]string{{"", m.Say("receiving"), m.Say("sending"), m.Say("delivery")},
		{r.Address, m.half(v.Receive), m.half(v.Send), m.half(v.Delivery)}})
	if rows := m.expectations(r); len(rows) > 0 {
		m.block("### " + mark(m.Say("What was expected")))
		for _, row := range rows {
			m.block("- " + row.Word + " " + mark(row.Name+": "+row.Text))
		}
	}
	m.verdict(r)
	if title, rows := m.working(r); len(rows) > 0 {
		m.block("### " + mark(title))
		m.table(rows)
	}
	m.block("### " + mark(m.Say("All checks")))
	rows := [][]string{{"", m.Say("check"), "", ""}}
	for _, c := range r.Checks {
		duration := ""
		if c.Result != report.Skip {
			duration = took(busy(c.Steps))
		}
		rows = append(rows, []string{resultWords[shownResult(c)], c.ID, summary(r, c), duration})
	}
	m.table(rows)
	m.block(mark(closing(r)))
	_, err := io.WriteString(w, m.text.String())
	return err
}

// markdown is a text in Markdown that is being written. What it says comes from
// a page that is never written itself.
type markdown struct {
	*page
	text strings.Builder
}

// block writes a paragraph, heading or list, with the empty line behind it.
func (m *markdown) block(s string) {
	if s != "" {
		m.text.WriteString(s + "\n\n")
	}
}

// verdict is what stands behind the headline.
func (m *markdown) verdict(r *report.Report) {
	v := r.Verdict
	if c, s := failedStep(r); s != nil {
		if e := m.evident(r, c, s); e.words != "" {
			m.block(mark(e.lead))
			m.block(fenced(e.words))
			m.block(mark(e.note))
		}
		m.block(mark(oneLine(m.meaning(v, s))))
	} else {
		m.block(mark(oneLine(v.Explanation)))
	}
	m.block(mark(m.proven(r)))
	m.list(m.Say("What to do"), v.Advice)
	m.list(m.Say("For the administrator"), v.AdminAdvice)
	if len(v.Findings) == 0 {
		return
	}
	m.block("### " + mark(m.Say("Also seen")))
	for _, f := range m.alikes(r) {
		m.block("**" + mark(f.about(m.page)) + "** " + mark(f.Text))
		for _, e := range f.seen {
			m.block(fenced(e.words))
		}
		m.items(f.Advice)
	}
}

func (m *markdown) list(title string, items []string) {
	if len(items) > 0 {
		m.block("### " + mark(title))
		m.items(items)
	}
}

func (m *markdown) items(items []string) {
	var lines []string
	for i, item := range items {
		lines = append(lines, fmt.Sprintf("%d. %s", i+1, mark(item)))
	}
	m.block(strings.Join(lines, "\n"))
}

// table writes rows, the first of them the head.
func (m *markdown) table(rows [][]string) {
	var lines []string
	for i, row := range rows {
		line := "|"
		for _, cell := range row {
			line += " " + mark(cell) + " |"
		}
		lines = append(lines, line)
		if i == 0 {
			lines = append(lines, "|"+strings.Repeat(" --- |", len(row)))
		}
	}
	m.block(strings.Join(lines, "\n"))
}

// markup is what Markdown may take for markup: every punctuation character of
// ASCII can be, and can be escaped (CommonMark section 2.4).
var markup = lazyre.New("[!-/:-@[-`{-~]")

// mark makes text fit to stand in a line of Markdown, where it stays what it is:
// no markup, no HTML, no link.
func mark(text string) string {
	text = markup.ReplaceAllString(strings.ReplaceAll(text, noBreak, " "), `\$0`)
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == '\n' }), "<br>")
}

var backticks = lazyre.New("`+")

// fenced makes text a block of code, in a fence that is longer than every one in
// the text (CommonMark section 4.5).
func fenced(text string) string {
	fence := "```"
	for _, run := range backticks.FindAllString(text, -1) {
		for len(fence) <= len(run) {
			fence += "`"
		}
	}
	return fence + "text\n" + strings.ReplaceAll(text, noBreak, " ") + "\n" + fence
}

// half is the result of receiving, sending or delivery, for people.
func (p *page) half(r report.Result) string {
	if r == report.NotChecked {
		return p.Say("not checked")
	}
	return resultWords[r]
}
