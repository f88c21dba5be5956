package render

import (
	"strings"

	"mailcheck/report"
)

// expectations says of each --expect what was expected and what happened.
func (p *page) expectations(r *report.Report) []sheetHalf {
	var all []sheetHalf
	for _, e := range r.Expectations {
		result := report.Fail
		if e.Held {
			result = report.OK
		}
		all = append(all, sheetHalf{Name: e.String(), Result: result, Word: resultWords[result], Text: p.happened(e)})
	}
	return all
}

// happened is what the steps of an expectation came to; they are named where
// there are several.
func (p *page) happened(e report.Expectation) string {
	if len(e.Happened) == 0 {
		return p.Say("no such step ran")
	}
	var all []string
	for _, h := range e.Happened {
		outcome := h.Outcome()
		if len(e.Happened) > 1 {
			outcome = strings.TrimSpace(h.Step+" "+h.Subject) + " " + outcome
		}
		all = append(all, outcome)
	}
	return p.Say("it came to %s", strings.Join(all, ", "))
}

// expected writes them behind the headline.
func (p *page) expected(r *report.Report) {
	rows := p.expectations(r)
	if len(rows) == 0 {
		return
	}
	p.gap()
	p.line(p.Say("What was expected"))
	for _, row := range rows {
		p.hang("  "+p.result(row.Result, 6), row.Name+": "+row.Text)
	}
	p.gap()
}
