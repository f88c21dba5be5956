package diagnose

import (
	"slices"

	"mailcheck/report"
)

// proven is what the run showed to be right and need not be changed, the
// protocols with the same proof taken together.
func (rd *reading) proven() []string {
	var kinds []string
	by := map[string][]*report.Check{}
	for _, p := range report.Protocols {
		c := rd.best(p)
		if c == nil {
			continue
		}
		what := rd.shown(c)
		if what == "" {
			continue
		}
		if !slices.Contains(kinds, what) {
			kinds = append(kinds, what)
		}
		by[what] = append(by[what], c)
	}
	var out []string
	for _, what := range kinds {
		out = append(out, rd.labels(by[what])+": "+what)
	}
	return out
}

// best is the candidate of a protocol that came furthest, the first of equals.
func (rd *reading) best(p report.Protocol) *report.Check {
	var best *report.Check
	for _, c := range rd.report.Checks {
		if report.CheckKind(c.ID) == string(p) && ran(c) && (best == nil || stage(c) > stage(best)) {
			best = c
		}
	}
	return best
}

// shown says what one session proved.
func (rd *reading) shown(c *report.Check) string {
	encrypted, refusedTLS := false, false
	for _, s := range c.Steps {
		if s.Step == "tls" {
			encrypted, refusedTLS = s.Result == report.OK || s.Result == report.Warn && s.Err == nil, s.Err != nil
		}
	}
	auth := c.LastLogin()
	switch loggedIn := auth != nil && auth.LoginTaken(); {
	case loggedIn && rd.doubted() && encrypted:
		return rd.Say("server name, port and encryption are right")
	case loggedIn && rd.doubted() && refusedTLS:
		return ""
	case loggedIn && rd.doubted():
		return rd.Say("server name and port are right")
	case loggedIn && encrypted:
		return rd.Say("server name, port, encryption, user name and %s are right", rd.secret())
	case loggedIn && refusedTLS:
		return rd.Say("user name and %s are right", rd.secret())
	case loggedIn:
		return rd.Say("server name, port, user name and %s are right", rd.secret())
	case stage(c) < 2 || refusedTLS:
		return ""
	case encrypted:
		// Whether it is the server of this account, only a login shows.
		return rd.Say("port and encryption are right, and the certificate is good")
	}
	return rd.Say("the port is right")
}

// doubted tells a run in which a login was taken, and what was refused after it
// says that it may be that of another account or user name.
func (s setting) doubted() bool {
	return slices.ContainsFunc(s.report.Checks, func(c *report.Check) bool {
		step := c.FirstFailed()
		return step != nil && (caused(report.MailboxBackendRefused)(s, c, step) || sentAsAnother(s, c, step))
	})
}
