package render

import (
	"slices"
	"strconv"

	"mailcheck/internal/lazyre"
	"mailcheck/report"
)

// alike are findings that say the same: they are told once, with all of their
// steps.
type alike struct {
	finding // the first
	steps   []string
	seen    []evidence // each once
}

// evidence is the evidence of a finding: a server's words, or what was seen.
type evidence struct {
	label, words string
	portless     string // the words without the port
}

// alikes are the findings as people read them.
func (p *page) alikes(r *report.Report) []alike {
	var all []alike
	for _, f := range found(r) {
		label, words := p.seen(f)
		i := slices.IndexFunc(all, func(a alike) bool { return a.says(f) })
		if i < 0 {
			all = append(all, alike{finding: f})
			i = len(all) - 1
		}
		a := &all[i]
		a.steps = append(a.steps, f.Step)
		e := evidence{label, words, portless(words, f)}
		known := func(other evidence) bool { return other.label == e.label && other.portless == e.portless }
		if words != "" && !slices.ContainsFunc(a.seen, known) {
			a.seen = append(a.seen, e)
		}
	}
	return all
}

// says tells whether a finding is one of these: of the same cause, in the same
// words but for the port, and with no other advice.
func (a alike) says(f finding) bool {
	if a.Cause != f.Cause || len(f.Advice) > 0 && !slices.Equal(a.Advice, f.Advice) {
		return false
	}
	if f.check == nil || a.check == nil || f.check.Endpoint == nil || a.check.Endpoint == nil {
		return false
	}
	return portless(a.Text, a.finding) == portless(f.Text, f)
}

var number = lazyre.New(`[0-9]+`)

// portless is a text about a finding without the port of its server.
func portless(text string, f finding) string {
	if f.check == nil || f.check.Endpoint == nil {
		return text
	}
	port := strconv.Itoa(f.check.Endpoint.Port)
	return number.ReplaceAllStringFunc(text, func(n string) string {
		if n == port {
			return "PORT"
		}
		return n
	})
}

// about names the steps with their cause.
func (a alike) about(p *page) string { return about(p.And(a.steps, len(a.steps)), a.Cause) }
