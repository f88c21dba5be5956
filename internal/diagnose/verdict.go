package diagnose

import (
	"cmp"
	"slices"
	"strings"

	"mailcheck/creds"
	"mailcheck/report"
)

// Facts is what a run was asked to do, as far as its verdict depends on it.
// The zero Facts is a full run that came to its end.
type Facts struct {
	// Without are the protocols that were left out (--no-smtp).
	Without []report.Protocol
	// POP3Asked says that POP3 was asked for by name (--pop, --no-imap): its
	// refusal is then a failure although IMAP works.
	POP3Asked bool
	// NoAuth says that no login was wanted.
	NoAuth bool
	// Send is how far the send check was to go; empty means SendMessage.
	Send SendDegree
	// Family is the one address family that was asked for: "IPv4" or "IPv6";
	// empty for both.
	Family string
	// DNS is the DNS server that was given (--dns), HOST:PORT; empty for that of
	// the system.
	DNS string
	// From is the sender of the test message where it is not the address
	// itself.
	From string
	// To is the recipient of the test message where it is not the address
	// itself.
	To string
	// OwnSecret are the protocols that log in with a secret of their own: what
	// they say of it proves nothing for the others.
	OwnSecret []report.Protocol
	// Shape is what is unusual about the form of the secret.
	Shape creds.Shape
	// MX are the hosts that take the domain's mail, the first choice alone.
	MX []string
	// Mask takes secrets out of what the words quote of a server; nil where there
	// are none.
	Mask func(string) string
	// Strict makes a warning fail the run.
	Strict bool
	// Interrupted says that the user stopped the run.
	Interrupted bool
}

// SendDegree is how far a send check goes.
type SendDegree string

// The degrees, named as the flag --send names them.
const (
	SendMessage SendDegree = "message"
	SendRcpt    SendDegree = "rcpt"
	SendAuth    SendDegree = "auth"
	SendNone    SendDegree = "none"
)

// occurrence is a step that failed or warned, and where it stands.
type occurrence struct {
	check *report.Check
	step  *report.Step
}

// reading is a report while its verdict is being made.
type reading struct {
	setting
	failures []occurrence // the root first
	warnings []occurrence
	// headlined is the failure that the headline names: the root, or the first
	// one of the half that does not work.
	headlined occurrence
}

// Verdict reads the whole report and sets its verdict, result and exit code.
// Now that all of it is known, it also weighs the steps against each other (a
// protocol that is missing, a login that POP3 alone refuses) and completes
// their words. Verdict.Logins is left as it is.
func Verdict(r *report.Report, facts Facts) {
	facts.Send = cmp.Or(facts.Send, SendMessage)
	rd := &reading{setting: settingOf(r, facts)}
	rd.missProtocols()
	rd.weighAlternatives()
	rd.weighLogins()
	rd.weighProbes()
	rd.infer()
	rd.collect()
	rd.expect()
	for _, c := range r.Checks {
		for _, s := range c.Steps {
			if s.Cause != "" && s.Result != report.OK {
				rd.word(c, s)
				s.Others = rd.others(c, s)
			}
		}
	}

	v := report.Verdict{Logins: r.Verdict.Logins}
	v.Receive, v.Send, v.Delivery = rd.receive(), rd.send(), rd.delivery()
	v.Proven = rd.proven()
	for _, o := range rd.rest() {
		f := rd.finding(o)
		if slices.ContainsFunc(v.Findings, func(earlier report.Finding) bool { return slices.Equal(earlier.Advice, f.Advice) }) {
			f.Advice = nil
		}
		v.Findings = append(v.Findings, f)
	}
	root, failed := rd.root()
	if failed {
		words := rd.word(root.check, root.step)
		v.FailedStep, v.Cause = root.step.ID, root.step.Cause
		v.Confidence = root.step.Confidence
		v.Explanation, v.AdminAdvice = words.Explanation, words.AdminAdvice
		v.Advice = rd.otherServers(root, slices.Clone(words.Advice))
	} else if facts.Interrupted {
		words := Lookup(report.ClientInterrupted, rd.Tag).Fill(Values{Lang: rd.Tag, Address: r.Address})
		v.Cause, v.Confidence = report.ClientInterrupted, report.High
		v.Explanation, v.Advice = words.Explanation, words.Advice
	} else if e := rd.surprise(); e != nil {
		rd.surprised(&v, e)
	}
	v.Headline = rd.headline(v)
	if failed && rd.headlined != root {
		v.FailedTitle = rd.title(root)
		v.Explanation = rd.Sentences(rd.Say("What failed first is another thing (%s): %s.", root.step.ID, v.FailedTitle), v.Explanation)
	}
	r.Verdict = v
	r.Result, r.ExitCode = rd.result(), rd.exitCode()
}

// interrupted tells a run that was stopped, by its facts or by a step.
func (rd *reading) interrupted() bool {
	return rd.facts.Interrupted || slices.ContainsFunc(rd.failures, stopped)
}

func stopped(o occurrence) bool { return o.step.Cause == report.ClientInterrupted }

// root is the failure that the verdict is about: the one that stands first in
// the order of the checks, or the one that the user's stop brought about.
func (rd *reading) root() (occurrence, bool) {
	if i := slices.IndexFunc(rd.failures, stopped); i >= 0 {
		return rd.failures[i], true
	}
	if len(rd.failures) == 0 || rd.facts.Interrupted {
		return occurrence{}, false
	}
	return rd.failures[0], true
}

// rest are the other failures, consequences and repetitions left out, and the
// warnings.
func (rd *reading) rest() []occurrence {
	root, _ := rd.root()
	var rest []occurrence
	for _, o := range rd.failures {
		if o != root && !stopped(o) && !rd.echo(o) {
			rest = append(rest, o)
		}
	}
	for _, o := range rd.warnings {
		if !follows(o, root) {
			rest = append(rest, o)
		}
	}
	return rest
}

// follows tells a source of settings that could not be asked, because of the
// failure of DNS that the verdict is about.
func follows(o, root occurrence) bool {
	return root.step != nil && root.check.ID == "dns" && o.check.ID == "settings" &&
		o.step.Cause == root.step.Cause && strings.HasPrefix(string(o.step.Cause), "dns.")
}

// echo tells a session that failed because its host's name did, which
// dns.host says already.
func (rd *reading) echo(o occurrence) bool {
	if !strings.HasPrefix(string(o.step.Cause), "dns.") || o.check.Endpoint == nil {
		return false
	}
	return slices.ContainsFunc(rd.failures, func(f occurrence) bool {
		return f.step.ID == "dns.host" && f.step.Subject == o.check.Endpoint.Host
	})
}

// finding describes a failure or a warning beside the root. What the root says
// already, meaning and advice, is left out.
func (rd *reading) finding(o occurrence) report.Finding {
	f := report.Finding{Cause: o.step.Cause, Step: o.step.ID, Text: o.step.Detail}
	if f.Cause == "" {
		return f
	}
	words := rd.word(o.check, o.step)
	f.Text, f.Advice = rd.Sentences(rd.Say("%s.", words.Title), words.Explanation), words.Advice
	if o.check.ID == report.MXCheck { // what is wrong there is for the administrator to mend
		f.Advice = slices.Clone(words.Advice)
		for _, advice := range words.AdminAdvice {
			f.Advice = append(f.Advice, rd.Say("For the administrator: %s", advice))
		}
	}
	if root, ok := rd.root(); ok && alike(root.step, o.step) { // what it means was said there
		f.Text, f.Advice = rd.Sentences(rd.Say("%s.", words.Title), rd.otherName(root, o), rd.sameSecret(o.check, o.step), rd.evidence(o.check, o.step)), nil
	}
	return f
}

// otherName tells the second login of the session that the verdict is about
// from its first.
func (rd *reading) otherName(root, o occurrence) string {
	if o.check != root.check || o.step == root.step || o.step.Step != "auth" {
		return ""
	}
	return rd.Say("It was tried with the other form of the user name too.")
}

// alike tells two steps of one cause, or of causes that one inference sees
// together.
func alike(a, b *report.Step) bool { return a.Cause == b.Cause || a.Rule != "" && a.Rule == b.Rule }

func (rd *reading) result() report.Result {
	switch {
	case len(rd.failures) > 0 || rd.interrupted() || rd.disappointed():
		return report.Fail
	case len(rd.warnings) > 0:
		return report.Warn
	}
	return report.OK
}

// collect sorts what failed and what warned into the order of the checks. A
// failure that takes nothing away is a warning of the run.
func (rd *reading) collect() {
	for _, c := range inOrder(rd.report.Checks) {
		for _, s := range c.Steps {
			o := occurrence{c, s}
			switch {
			case rd.saidByDNS(o):
			case s.Result == report.Fail && rd.gaveWay(o):
				rd.warnings = append(rd.warnings, o)
			case s.Result == report.Fail:
				rd.failures = append(rd.failures, o)
			case s.Result == report.Warn:
				rd.warnings = append(rd.warnings, o)
			}
		}
	}
}

// saidByDNS tells what the receiving side has to say of a mail server's name,
// and dns.mx has said before.
func (rd *reading) saidByDNS(o occurrence) bool {
	mx := rd.report.Check("dns").Step("mx")
	return o.step.ID == "mx.host" && mx != nil && mx.Result != report.OK && mx.Cause == o.step.Cause
}

// order is that of the checks in which the first failure is the root.
var order = []string{"settings", "dns", "creds", "imap", "pop3", "smtp", "delivery", report.MXCheck}

// inOrder returns the checks that count, in the order in which they do.
// Probes are made after a failure and are none of their own.
func inOrder(checks []*report.Check) []*report.Check {
	var in []*report.Check
	for _, c := range checks {
		if slices.Contains(order, report.CheckKind(c.ID)) {
			in = append(in, c)
		}
	}
	slices.SortStableFunc(in, func(a, b *report.Check) int {
		return cmp.Compare(slices.Index(order, report.CheckKind(a.ID)), slices.Index(order, report.CheckKind(b.ID)))
	})
	return in
}
