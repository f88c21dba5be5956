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
		all = append(all, sheetHalf{Name: e.String(), Result: result, Word: resultWords[result], Text: p.happened(r, e)})
	}
	return all
}

// happened is what the steps of an expectation came to; they are named where
// there are several. A single one that was not run says why: often the server has
// said no one step earlier than expected.
func (p *page) happened(r *report.Report, e report.Expectation) string {
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
	text := p.Say("it came to %s", strings.Join(all, ", "))
	if _, s := happenedStep(r, e.Happened[0]); len(all) == 1 && !e.Held && s != nil && s.Result == report.Skip && s.Cause == "" {
		text += ", " + whySkippedStep(r, s)
	}
	return text
}

// happenedStep is the step of the report that an expectation tells of.
func happenedStep(r *report.Report, h report.Happened) (*report.Check, *report.Step) {
	return findStep(r, func(s *report.Step) bool { return s.ID == h.Step && s.Subject == h.Subject && s.Result == h.Result })
}

// unmet are the expectations that did not hold and that the verdict is not
// about: it is about the first of them when nothing else failed.
func unmet(r *report.Report) []report.Expectation {
	var all []report.Expectation
	for _, e := range r.Expectations {
		if !e.Held {
			all = append(all, e)
		}
	}
	if len(all) > 0 && r.ExitCode == report.ExitWarn {
		return all[1:]
	}
	return all
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
		p.hang("  "+p.result(row.Result, idColumn), row.Name+": "+row.Text)
	}
	p.gap()
}
