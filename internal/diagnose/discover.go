package diagnose

import (
	"net"
	"slices"
	"strconv"

	"mailcheck/report"
)

// Discovery is [Verdict] for a run that looked for settings alone: it chooses
// the endpoints to use among those that work, says where the sources disagree
// and which of them is right, and sets verdict, result and exit code. Settings
// stand in the order of trust, and what was chosen before the servers were
// tried is chosen still where none of them works.
func Discovery(r *report.Report, facts Facts) {
	d := &discovery{reading: reading{setting: settingOf(r, facts)}}
	d.choose()
	d.conflict = d.compare()
	d.sort()
	for _, c := range r.Checks {
		for _, s := range c.Steps {
			if s.Cause != "" && s.Result != report.OK {
				d.word(c, s)
			}
		}
	}

	v := report.Verdict{Logins: r.Verdict.Logins, Delivery: report.NotChecked}
	v.Receive, v.Send = d.half(report.IMAP, report.POP3), d.half(report.SMTP)
	v.Proven = d.proven()
	for _, o := range d.rest() {
		if f := d.finding(o); !d.told(o) {
			v.Findings = append(v.Findings, f)
		}
	}
	strangers := d.untrusted()
	v.Findings = append(d.conflictFindings(), append(v.Findings, strangers...)...)
	root, failed := d.root()
	words := Words{}
	switch {
	case failed:
		words = d.wordRoot(root, v)
		v.FailedStep, v.Cause, v.Confidence = root.step.ID, root.step.Cause, root.step.Confidence
	case facts.Interrupted:
		words = d.words(report.ClientInterrupted, Values{})
		v.Cause, v.Confidence = report.ClientInterrupted, report.High
	case d.conflict != nil:
		words = d.conflictWords()
		v.Cause, v.Confidence = report.SettingsConflict, report.High
	case len(strangers) > 0:
		words = Words{Explanation: strangers[0].Text, Advice: strangers[0].Advice}
		v.Cause, v.Confidence = report.SettingsUntrustedHost, report.High
	}
	v.Explanation, v.Advice, v.AdminAdvice = words.Explanation, words.Advice, words.AdminAdvice
	v.Headline = d.headline(v, words.Title)
	r.Verdict = v
	r.Result, r.ExitCode = d.result(), d.exitCode()
}

// discovery is a report of settings while its verdict is being made.
type discovery struct {
	reading
	conflict *conflict // nil: the sources agree
}

// guessed is the source that finds what answers, and knows nothing of the
// account.
const guessed = "guess"

// checkAt is the check of an endpoint.
func (d *discovery) checkAt(e report.Endpoint) *report.Check {
	i := slices.IndexFunc(d.report.Checks, func(c *report.Check) bool { return c.At(e) })
	if i < 0 {
		return nil
	}
	return d.report.Checks[i]
}

// usable tells an endpoint that was taken as far as it goes without a login,
// over a connection whose certificate is good. Clear text is used only where
// the user asks for it.
func (d *discovery) usable(e report.Endpoint) bool {
	c := d.checkAt(e)
	return c != nil && ran(c) && c.FirstFailed() == nil &&
		(c.TLS == nil || c.TLS.Verified) && (e.Security != report.None || e.Source == "flags")
}

// of are the endpoints of a protocol that a source names; an empty source
// means all of them.
func (d *discovery) of(p report.Protocol, source string) []report.Endpoint {
	var found []report.Endpoint
	for _, e := range d.report.Settings {
		if e.Protocol == p && (source == "" || e.Source == source) {
			found = append(found, e)
		}
	}
	return found
}

// choose marks the endpoint of each protocol that is to be used: the first
// that works. A protocol of which none was chosen before is declined.
func (d *discovery) choose() {
	for _, p := range report.Protocols {
		best, chosen := -1, false
		for i, e := range d.report.Settings {
			if e.Protocol != p {
				continue
			}
			chosen = chosen || e.Chosen
			if best < 0 && d.usable(e) {
				best = i
			}
		}
		if best < 0 || !chosen {
			continue
		}
		for i := range d.report.Settings {
			if e := &d.report.Settings[i]; e.Protocol == p {
				e.Chosen = i == best
			}
		}
	}
}

// works tells whether an endpoint of the protocol can be used.
func (d *discovery) works(p report.Protocol) bool {
	return slices.ContainsFunc(d.of(p, ""), d.usable)
}

// broken tells whether the protocol is needed and none of its endpoints can be
// used: SMTP; IMAP when a source claims that it is there; a way to receive
// when the other one does not work either.
func (d *discovery) broken(p report.Protocol) bool {
	if len(d.of(p, "")) == 0 || d.works(p) {
		return false
	}
	switch p {
	case report.IMAP:
		return d.claimed(p) || !d.works(report.POP3)
	case report.POP3:
		return d.facts.POP3Asked || !d.works(report.IMAP)
	}
	return true
}

// claimed tells whether a source names a server for the protocol; guessing
// claims nothing.
func (d *discovery) claimed(p report.Protocol) bool {
	return slices.ContainsFunc(d.of(p, ""), func(e report.Endpoint) bool { return e.Source != guessed })
}

// half is what is known of receiving or sending: whether it works, only a
// login shows.
func (d *discovery) half(ways ...report.Protocol) report.Result {
	wanted := func(p report.Protocol) bool { return !slices.Contains(d.facts.Without, p) }
	if d.interrupted() || !slices.ContainsFunc(ways, wanted) || slices.ContainsFunc(ways, d.works) {
		return report.NotChecked
	}
	return report.Fail
}

// sort puts what failed and what warned into the order of the checks. A
// failure of an endpoint takes something away only where its protocol is
// broken; else it is a warning. The failures of servers that were only guessed
// count for nothing, unless nobody names one and one is needed.
func (d *discovery) sort() {
	for _, c := range inOrder(d.report.Checks) {
		for _, s := range c.Steps {
			o := occurrence{c, s}
			switch {
			case d.saidByDNS(o):
			case s.Result == report.Warn:
				d.warnings = append(d.warnings, o)
			case s.Result != report.Fail:
			case stopped(o):
				d.failures = append(d.failures, o)
			case c.Endpoint != nil && c.Endpoint.Source == guessed && (d.claimed(c.Protocol) || !d.broken(c.Protocol)):
			case d.takesAway(o):
				d.failures = append(d.failures, o)
			default:
				d.warnings = append(d.warnings, o)
			}
		}
	}
}

func (d *discovery) takesAway(o occurrence) bool {
	if o.step.ID == "dns.host" {
		return slices.ContainsFunc(d.report.Settings, func(e report.Endpoint) bool {
			return e.Host == o.step.Subject && d.broken(e.Protocol)
		})
	}
	return o.check.Protocol == "" || d.broken(o.check.Protocol)
}

// told tells an occurrence that the conflict explains: a failure of a server
// that a wrong source names, or of its name.
func (d *discovery) told(o occurrence) bool {
	return d.conflict != nil && slices.ContainsFunc(d.report.Settings, func(e report.Endpoint) bool {
		same := o.check.At(e) || o.step.ID == "dns.host" && o.step.Subject == e.Host
		return same && slices.Contains(d.conflict.wrong, e.Source)
	})
}

// finding gives a source that could not be asked in its own words: those for
// its cause are about mail servers.
func (d *discovery) finding(o occurrence) report.Finding {
	f := d.reading.finding(o)
	if o.check.ID == "settings" && o.step.Detail != "" {
		f.Text, f.Advice = o.step.Detail, nil
	}
	return f
}

// untrusted warns of sources whose chosen hosts nobody vouches for: the main
// job sends them no password unasked.
func (d *discovery) untrusted() []report.Finding {
	var findings []report.Finding
	for _, source := range append(d.sources(), guessed) {
		var hosts []string
		for _, e := range d.report.Settings {
			if e.Source == source && e.Chosen && !e.Trusted && !slices.Contains(hosts, e.Host) {
				hosts = append(hosts, e.Host)
			}
		}
		if hosts == nil {
			continue
		}
		named := d.And(hosts, maxListed)
		words := d.words(report.SettingsUntrustedHost, Values{Host: named})
		f := report.Finding{Cause: report.SettingsUntrustedHost, Step: "settings." + source, Advice: words.Advice, Text: d.Say(
			"Nobody vouches for %s: outside %s, and named only by sources that can be forged (unsigned DNS). No password goes there unasked.",
			named, d.domain())}
		findings = append(findings, f)
		d.warn(source, f)
	}
	return findings
}

// warn makes a warning of a source's step, which says why.
func (d *discovery) warn(source string, f report.Finding) {
	c := d.report.Check("settings")
	s := c.Step(source)
	if s == nil || s.Result != report.OK {
		return
	}
	s.Result, s.Cause, s.Confidence = report.Warn, f.Cause, report.High
	s.Explanation, s.Advice = f.Text, f.Advice
	c.Result = report.Worse(c.Result, report.Warn)
	d.warnings = append(d.warnings, occurrence{c, s})
}

func (d *discovery) domain() string { return domainOf(d.report.Address) }

// words are those for a cause by itself.
func (d *discovery) words(cause report.Cause, v Values) Words {
	v.Lang, v.Address = d.Tag, d.report.Address
	return Lookup(cause, d.Tag).Fill(v)
}

// wordRoot are the words for the failure that the verdict is about, for the
// protocol that it takes away.
func (d *discovery) wordRoot(root occurrence, v report.Verdict) Words {
	words := d.word(root.check, root.step)
	if report.CheckKind(root.check.ID) == "settings" && v.Receive != report.Fail {
		fixed := d.words(root.step.Cause, Values{Protocol: report.SMTP})
		words.Title, words.AdminAdvice = fixed.Title, fixed.AdminAdvice
	}
	return words
}

// headline is the verdict in one sentence; title is that of the cause.
func (d *discovery) headline(v report.Verdict, title string) string {
	_, failed := d.root()
	switch {
	case d.interrupted():
		return d.Say("INTERRUPTED: the settings were not looked for to the end.")
	case failed && v.Receive == report.Fail && v.Send != report.Fail:
		return d.Say("NO SETTINGS FOR RECEIVING WORK: %s.", title)
	case failed && v.Send == report.Fail && v.Receive != report.Fail:
		return d.Say("NO SETTINGS FOR SENDING WORK: %s.", title)
	case failed && v.Receive == report.Fail:
		return d.Say("THERE ARE NO USABLE SETTINGS: %s.", title)
	case failed:
		return d.Say("NOT ALL SETTINGS WORK: %s.", title)
	case d.conflict != nil && d.conflict.names:
		return d.Say("THEY DISAGREE ABOUT THE SERVER'S NAME.")
	case d.conflict != nil:
		return d.Say("THEY DISAGREE ABOUT THE PORT OR THE ENCRYPTION.")
	}
	found := d.Say("THE SETTINGS ARE FOUND")
	switch sources := d.sources(); {
	case len(sources) == 0:
		found = d.Say("NOBODY NAMES THE SERVERS, BUT THE USUAL NAMES WORK")
	case len(sources) > 1:
		found = d.Say("THE SOURCES AGREE")
	}
	warning := d.warning()
	switch n := len(d.warnings); {
	case n == 1 && warning == "":
		found = d.Say("%s, WITH A WARNING", found)
	case n == 1:
		return d.Say("%s, WITH A WARNING: the servers answer, and no login was tried; but %s.", found, warning)
	case n > 1 && warning == "":
		found = d.Say("%s, WITH %d WARNINGS", found, n)
	case n > 1:
		return d.Say("%s, WITH %d WARNINGS: the servers answer, and no login was tried; the first is that %s.", found, n, warning)
	}
	return d.Say("%s: the servers answer as they should; no login was tried.", found)
}

// warning is empty for a source that could not be asked, too: the words for its
// cause are about mail servers.
func (d *discovery) warning() string {
	if len(d.warnings) > 0 && d.warnings[0].check.ID == "settings" {
		return ""
	}
	return d.reading.warning()
}

// sources are those that name an endpoint, in the order of trust; guessing is
// none.
func (d *discovery) sources() []string {
	var names []string
	for _, e := range d.report.Settings {
		if e.Source != guessed && !slices.Contains(names, e.Source) {
			names = append(names, e.Source)
		}
	}
	return names
}

// place is an endpoint as people write it: "imap.example.com:993".
func place(e report.Endpoint) string { return net.JoinHostPort(e.Host, strconv.Itoa(e.Port)) }
