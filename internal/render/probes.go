package render

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"mailcheck/internal/lang"
	"mailcheck/report"
)

// shownResult is the result word of a check. The probes look for a way that
// works: one is enough, and what does not answer is no failure of its own.
func shownResult(c *report.Check) report.Result {
	if c.ID != report.ProbeCheck {
		return c.Result
	}
	if slices.ContainsFunc(c.Steps, func(s *report.Step) bool { return s.Result == report.OK }) {
		return report.OK
	}
	return c.Result
}

// probesShown says what the probes showed, those that showed the same
// together: "465 with TLS answers; 25 is silent".
func probesShown(c *report.Check, t lang.Tag) string {
	var order []string
	by := map[string][]string{}
	for _, s := range c.Steps {
		what := probeOutcome(s)
		if by[what] == nil {
			order = append(order, what)
		}
		by[what] = append(by[what], probeName(c, s, t))
	}
	slices.SortStableFunc(order, func(a, b string) int { return outcomeRank(a) - outcomeRank(b) })
	var parts []string
	for _, what := range order {
		parts = append(parts, probesSaid(t.And(by[what], maxListed), len(by[what]) > 1, what, t))
	}
	return strings.Join(parts, "; ")
}

// answered is the outcome of a probe that went well.
const answered = "ok"

// probesSaid is a phrase about the probes with one outcome.
func probesSaid(names string, several bool, outcome string, t lang.Tag) string {
	one, more := t.Say("%s fails (%s)", names, outcome), t.Say("%s fail (%s)", names, outcome)
	switch outcome {
	case answered:
		one, more = t.Say("%s answers", names), t.Say("%s answer", names)
	case string(report.ConnectTimeout):
		one, more = t.Say("%s is silent", names), t.Say("%s are silent", names)
	case string(report.ConnectRefused):
		one, more = t.Say("%s is closed", names), t.Say("%s are closed", names)
	case string(report.ConnectUnreachable):
		one, more = t.Say("%s cannot be reached", names), t.Say("%s cannot be reached", names)
	case string(report.ConnectClosedEarly):
		one, more = t.Say("%s hangs up", names), t.Say("%s hang up", names)
	case string(report.ClientInterrupted):
		one, more = t.Say("%s was interrupted", names), t.Say("%s were interrupted", names)
	}
	if several {
		return more
	}
	return one
}

func probeOutcome(s *report.Step) string {
	if s.Result == report.OK {
		return answered
	}
	return string(s.Cause)
}

// outcomeRank puts what works first.
func outcomeRank(outcome string) int {
	if outcome == answered {
		return 0
	}
	return 1
}

// probeName is what was tried: the port, with its encryption where that is not
// the usual one, and with the protocol where several were tried; or an address.
func probeName(c *report.Check, s *report.Step, t lang.Tag) string {
	ep := report.Probed(s)
	name := strconv.Itoa(ep.Port)
	switch {
	case isAddress(ep.Host):
		name = t.Say("%d at %s", ep.Port, ep.Host)
	case ep.Security == report.TLS:
		name = t.Say("%d with TLS", ep.Port)
	case ep.Security == report.STARTTLS:
		name = t.Say("%d with STARTTLS", ep.Port)
	}
	if slices.ContainsFunc(c.Steps, func(other *report.Step) bool { return report.Probed(other).Protocol != ep.Protocol }) {
		name = ep.Protocol.Label() + " " + name
	}
	return name
}

func isAddress(s string) bool {
	_, err := netip.ParseAddr(s)
	return err == nil
}
