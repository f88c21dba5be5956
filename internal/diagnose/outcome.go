package diagnose

import (
	"slices"
	"strings"

	"mailcheck/report"
)

// reach is how far the checks of one protocol came.
type reach int

// From worst to best: what one candidate reached, the protocol has reached.
const (
	absent     reach = iota // nobody asked about it
	notOffered              // no source names a server for it
	failed                  // it was tried and failed, or something before it did
	heldBack                // no login was made, to protect the account
	untried                 // it is well as far as it was asked to go
	works                   // it reached its goal
)

// reached tells how far a protocol came towards a step that is its goal; an
// empty goal means that it was not to go beyond what needs no login.
func (rd *reading) reached(p report.Protocol, goal string) reach {
	best := absent
	for _, c := range rd.report.Checks {
		if report.CheckKind(c.ID) == string(p) {
			best = max(best, rd.reachedBy(c, goal))
		}
	}
	if best == absent && !slices.Contains(rd.facts.Without, p) && rd.without("settings") {
		return failed // without settings it never came to a check
	}
	return best
}

func (rd *reading) reachedBy(c *report.Check, goal string) reach {
	end, broken := c.Step(goal), c.FirstFailed()
	switch {
	case end != nil && (end.Result == report.OK || end.Result == report.Warn):
		return works
	case broken != nil && broken.Cause == report.ClientInterrupted:
		return untried
	case broken != nil && broken.Cause == report.AuthLimitReached:
		return heldBack
	case broken != nil:
		return failed
	}
	reached := absent
	if ran(c) {
		reached = untried
	}
	for _, s := range c.Steps {
		switch {
		case missing(s):
			return notOffered
		case s.Result != report.Skip || s.Because == report.ByFlags:
			continue
		case s.Cause == report.AuthLimitReached:
			return heldBack
		case strings.HasPrefix(s.Because, "creds."), rd.harmless(s.Because):
			reached = untried
		default:
			return failed
		}
	}
	return reached
}

// harmless tells whether what a step was skipped because of is no failure: the
// user stopped the run, or a certificate that only warned (--insecure) was not
// good enough for a password.
func (rd *reading) harmless(because string) bool {
	for _, c := range rd.report.Checks {
		for _, s := range c.Steps {
			if s.ID == because && s.Result != report.OK {
				return s.Cause == report.ClientInterrupted || s.Result == report.Warn && s.Step == "tls"
			}
		}
	}
	return rd.interrupted()
}

// without tells whether a check has failed.
func (rd *reading) without(id string) bool {
	return slices.ContainsFunc(rd.report.Checks, func(c *report.Check) bool { return c.ID == id && c.FirstFailed() != nil })
}

// gaveWay tells a failure that takes nothing away, because another candidate
// of the same protocol came further; the name of a host that only such
// candidates have counts as theirs.
func (rd *reading) gaveWay(o occurrence) bool {
	if o.step.ID == "dns.host" {
		users := 0
		for _, c := range rd.report.Checks {
			if c.Endpoint == nil || c.Endpoint.Host != o.step.Subject {
				continue
			}
			if users++; !rd.superseded(c) {
				return false
			}
		}
		return users > 0
	}
	return rd.superseded(o.check)
}

// superseded tells a candidate that another of its protocol came further than.
func (rd *reading) superseded(c *report.Check) bool {
	return c.Protocol != "" && slices.ContainsFunc(rd.report.Checks, func(other *report.Check) bool {
		return other != c && report.CheckKind(other.ID) == report.CheckKind(c.ID) && stage(other) > stage(c)
	})
}

// stage is how far a candidate came. Those that cannot be connected to or
// secured give way to each other, so among them the first counts.
func stage(c *report.Check) int {
	failed := c.FirstFailed()
	switch {
	case !ran(c): // its host's name leads nowhere
		return 1
	case failed == nil:
		return 4
	case failed.Step == "auth":
		return 2
	case slices.Contains([]string{"mailbox", "mail", "rcpt", "data", "logout", "quit"}, failed.Step):
		return 3
	}
	return 1
}

// ran tells a check of which anything was tried.
func ran(c *report.Check) bool {
	return slices.ContainsFunc(c.Steps, func(s *report.Step) bool { return s.Result != report.Skip })
}

// receive: every way to the mailbox that is offered should work.
func (rd *reading) receive() report.Result {
	count := map[reach]int{}
	for _, p := range []report.Protocol{report.IMAP, report.POP3} {
		goal := "mailbox"
		if rd.facts.NoAuth {
			goal = ""
		}
		count[rd.reached(p, goal)]++
	}
	switch broken := count[failed] + count[heldBack] + count[untried]; {
	case count[works] > 0 && broken == 0:
		return report.OK
	case count[works] > 0:
		return report.Warn
	case count[failed] > 0 && count[untried] > 0:
		return report.Warn
	case count[failed] > 0:
		return report.Fail
	}
	return report.NotChecked
}

func (rd *reading) send() report.Result {
	switch rd.reached(report.SMTP, rd.sendGoal()) {
	case works:
		return report.OK
	case failed:
		return report.Fail
	}
	return report.NotChecked
}

// sendGoal is the step that the send check was to reach.
func (rd *reading) sendGoal() string {
	switch {
	case rd.facts.Send == SendRcpt:
		return "rcpt"
	case rd.facts.NoAuth, rd.facts.Send == SendNone:
		return ""
	case rd.facts.Send == SendAuth:
		return "auth"
	}
	return "data"
}

func (rd *reading) delivery() report.Result {
	c := rd.report.Check("delivery")
	arrive := c.Step("arrive")
	if arrive == nil || arrive.Result == report.Skip || arrive.Cause == report.ClientInterrupted {
		return report.NotChecked
	}
	worst := report.OK
	for _, s := range c.Steps {
		worst = report.Worse(worst, s.Result)
	}
	return worst
}

// missProtocols makes a failure of a protocol that no source names: always of
// SMTP, of IMAP and POP3 when both are missing. Where the settings have failed
// as a whole, that says it all.
func (rd *reading) missProtocols() {
	if rd.without("settings") || rd.without("dns") {
		return
	}
	for _, ways := range [][]report.Protocol{{report.IMAP, report.POP3}, {report.SMTP}} {
		best := absent
		for _, p := range ways {
			best = max(best, rd.reached(p, ""))
		}
		if best != notOffered {
			continue
		}
		for _, c := range rd.report.Checks {
			if i := slices.IndexFunc(c.Steps, missing); i >= 0 && slices.Contains(ways, c.Protocol) {
				c.Steps[i].Result, c.Steps[i].Confidence, c.Result = report.Fail, report.High, report.Fail
			}
		}
	}
}

// withoutServer are the causes of a protocol that has no server.
var withoutServer = []report.Cause{report.SettingsNotOffered, report.SettingsNotFound, report.SettingsServiceEnded}

// missing tells a step that was skipped because there is no server for it.
func missing(s *report.Step) bool {
	return s.Result == report.Skip && slices.Contains(withoutServer, s.Cause)
}

// weighLogins looks at each refused login beside what the other protocols
// made of the same secret.
func (rd *reading) weighLogins() {
	for _, c := range rd.report.Checks {
		auth := c.LastLogin()
		if auth == nil {
			continue
		}
		took := rd.agreeing(c, auth)
		if auth.Cause == report.AuthAppPasswordRequired && auth.Confidence != report.High && len(took) > 0 {
			auth.Cause = report.AuthBadCredentials // a password that others take is the right kind
		}
		byIMAP := slices.ContainsFunc(took, func(c *report.Check) bool { return c.Protocol == report.IMAP })
		switch {
		case len(took) == 0:
			continue
		case c.Protocol == report.POP3 && byIMAP && refused(auth):
			auth.Cause, auth.Confidence = report.AuthProtocolDisabled, report.Medium
			auth.Alternatives = []report.Alternative{{Cause: report.AuthBadCredentials, Confidence: report.Low}}
		case refused(auth):
			auth.Confidence = report.Medium
			auth.Alternatives = []report.Alternative{{Cause: report.AuthProtocolDisabled, Confidence: report.Medium}}
		}
		// Two ways to one mailbox: a login that POP3 refuses takes nothing away.
		judged := auth.Reply != nil || auth.Cause == report.AuthNotOffered
		if c.Protocol == report.POP3 && byIMAP && auth.Result == report.Fail && judged && !rd.facts.POP3Asked {
			auth.Result = report.Warn
			c.Result = ""
			for _, s := range c.Steps {
				c.Result = report.Worse(c.Result, s.Result)
			}
		}
	}
}
