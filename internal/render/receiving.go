package render

import (
	"slices"
	"strings"

	"mailcheck/internal/lang"
	"mailcheck/report"
)

// policyNames are what the steps of the receiving side are called that are
// about a record of the domain, in the order of their lines.
var policyNames = []struct{ step, name string }{
	{"spf", "SPF"}, {"dkim", "DKIM"}, {"dmarc", "DMARC"}, {"mta-sts", "MTA-STS"}, {"tls-rpt", "TLS-RPT"}, {"dane", "DANE"},
}

// policyColumn is the width of their names, and of the blank behind them.
const policyColumn = 8

// matter is a mail server of the domain, or something that it publishes, and
// how it stands.
type matter struct {
	name   string // "MX", "DMARC"
	about  string // the server; empty for a policy
	result report.Result
	text   string
}

// matters are those of the check of the receiving side, a line each.
func matters(r *report.Report, c *report.Check) []matter {
	var all []matter
	for _, s := range c.Steps {
		if s.Step != "host" || s.Subject == "" {
			continue
		}
		worst, last := s, s // of the server's steps
		for _, other := range c.Steps {
			if other.Subject != s.Subject || slices.ContainsFunc(policyNames, func(p struct{ step, name string }) bool { return p.step == other.Step }) {
				continue
			}
			if report.Worse(worst.Result, other.Result) != worst.Result {
				worst = other
			}
			if other.Result != report.Skip {
				last = other
			}
		}
		m := matter{name: "MX", about: s.Subject, result: worst.Result}
		switch why := notTried(c, s.Subject, tag(r)); {
		case worst.Result == report.Fail || worst.Result == report.Warn:
			m.text = worst.Detail
		case why != "":
			m.result, m.text = report.Skip, why
		default:
			m.text = last.Detail
		}
		all = append(all, m)
	}
	for _, p := range policyNames {
		for _, s := range c.Steps {
			if s.Step == p.step {
				m := matter{name: p.name, result: s.Result, text: s.Detail}
				switch {
				case m.text != "" || s.Result != report.Skip:
				case s.Step == "dkim" && s.Because == report.ByFlags:
					m.text = tag(r).Say("there is no message to read it from")
				default:
					m.text = whyNotRun(r, c, s)
				}
				all = append(all, m)
			}
		}
	}
	return all
}

// notTried says why a mail server was not spoken to, or not to the end; empty
// when it was.
func notTried(c *report.Check, host string, t lang.Tag) string {
	for _, s := range c.Steps {
		switch {
		case s.Subject != host || s.Result != report.Skip || s.Step == "dane":
		case s.Cause != "":
			return excuse(s, t)
		case s.Because == report.ByFlags:
			return t.Say("not asked for")
		}
	}
	return ""
}

// excuse says what about this line kept a step of a mail server from being run.
func excuse(s *report.Step, t lang.Tag) string {
	if s.Cause == report.MXPortBlocked {
		return t.Say("port 25 cannot be reached from here")
	}
	return t.Say("it refuses the address of this line")
}

// receivingSide says in a phrase what came out of the check.
func receivingSide(r *report.Report, c *report.Check) string {
	t := tag(r)
	var servers, silent int
	var bad []string
	for _, m := range matters(r, c) {
		name := m.name
		if m.about != "" {
			servers++
			name = m.about
			if m.result == report.Skip {
				silent++
			}
		}
		if (m.result == report.Fail || m.result == report.Warn) && !slices.Contains(bad, name) {
			bad = append(bad, name)
		}
	}
	s := t.Say("%d MX", servers)
	if silent > 0 && silent == servers {
		s = t.Say("%s, not tried from here", s)
	}
	if len(bad) == 0 {
		return t.Say("%s; nothing is to be put right", s)
	}
	return t.Say("%s; to be put right: %s", s, t.And(bad, maxListed))
}

// receiving writes a line for each matter, indented.
func (p *page) receiving(r *report.Report, c *report.Check, indent int) {
	for _, m := range matters(r, c) {
		text := m.text
		if m.result == report.OK { // what is well needs one line; -v says it all
			text, _, _ = strings.Cut(text, "; ")
		}
		if m.about != "" {
			text = strings.TrimSuffix(m.about+": "+text, ": ")
		}
		lead := strings.Repeat(" ", indent) + p.result(m.result, idColumn) + pad(m.name, policyColumn)
		for _, l := range wrap(oneLine(text), columns-indent-idColumn-policyColumn) {
			p.line(lead + l)
			lead = strings.Repeat(" ", indent+idColumn+policyColumn)
		}
	}
}

// receivingSection is the receiving side in the report of a search for settings.
func (p *page) receivingSection(r *report.Report) {
	c := r.Check(report.MXCheck)
	if c == nil || c.Result == report.Skip {
		return
	}
	p.gap()
	p.line(p.Say("How mail reaches %s", domainOf(r.Address)))
	p.receiving(r, c, len("  "))
}
