package diagnose

import (
	"slices"
	"strings"

	"mailcheck/report"
)

// conflict is where sources disagree: two of them name endpoints of a
// protocol, and none that both name.
type conflict struct {
	sources   []string // that disagree with another, in the order of trust
	wrong     []string // those of which nothing works for some protocol
	protocols []report.Protocol
	names     bool // about hosts; else about ports or encryption alone
}

// compare looks for the conflict between the sources; nil means that there is
// none.
func (d *discovery) compare() *conflict {
	c := &conflict{}
	sources := d.sources()
	for _, p := range report.Protocols {
		for i, a := range sources {
			for _, b := range sources[i+1:] {
				mine, others := d.of(p, a), d.of(p, b)
				if len(mine) == 0 || len(others) == 0 || share(mine, others, report.Endpoint.SameServer) {
					continue
				}
				c.names = c.names || !share(mine, others, sameHost)
				c.sources = append(c.sources, a, b)
				if !slices.Contains(c.protocols, p) {
					c.protocols = append(c.protocols, p)
				}
			}
		}
	}
	if len(c.sources) == 0 {
		return nil
	}
	c.sources = slices.DeleteFunc(sources, func(s string) bool { return !slices.Contains(c.sources, s) })
	for _, s := range c.sources {
		if !d.right(s, c.protocols) {
			c.wrong = append(c.wrong, s)
		}
	}
	return c
}

// right tells whether of all the protocols that a source names one endpoint
// can be used.
func (d *discovery) right(source string, protocols []report.Protocol) bool {
	return !slices.ContainsFunc(protocols, func(p report.Protocol) bool {
		named := d.of(p, source)
		return len(named) > 0 && !slices.ContainsFunc(named, d.usable)
	})
}

func share(a, b []report.Endpoint, same func(x, y report.Endpoint) bool) bool {
	return slices.ContainsFunc(a, func(x report.Endpoint) bool {
		return slices.ContainsFunc(b, func(y report.Endpoint) bool { return same(x, y) })
	})
}

func sameHost(x, y report.Endpoint) bool { return strings.EqualFold(x.Host, y.Host) }

// disputed are the endpoints of a source that another disagrees with; an empty
// source means all of them.
func (d *discovery) disputed(source string) []report.Endpoint {
	var found []report.Endpoint
	for _, p := range d.conflict.protocols {
		for _, e := range d.of(p, source) {
			if slices.Contains(d.conflict.sources, e.Source) {
				found = append(found, e)
			}
		}
	}
	return found
}

// conflictWords say what the servers themselves show of a conflict, and who
// has to change what.
func (d *discovery) conflictWords() Words {
	words := d.words(report.SettingsConflict, Values{})
	c := d.conflict
	words.Explanation = d.Say("Tried without a password, %s.", d.settled())
	if slices.Equal(c.wrong, []string{"flags"}) { // the user's own, not the domain's
		words.Advice = []string{d.Say("Take the servers of this report in place of those that were given by flags.")}
		words.AdminAdvice = nil
	}
	var admin []string
	for _, source := range c.wrong {
		change := d.change(source)
		if change == "" {
			continue
		}
		if correction := d.correction(source, change); correction != "" {
			until := d.Say("Until then mail programs that ask there fail.")
			if d.mismatched(source) {
				until = d.Say("Until then each mail program that asks there warns its user about the certificate.")
			}
			admin = append(admin, d.Sentences(correction, until))
		}
	}
	if admin != nil {
		words.AdminAdvice = admin
	}
	return words
}

// correction says, for whoever can correct them, where a source's settings are
// written, and what to write there; empty for a source that nobody writes.
func (d *discovery) correction(source, change string) string {
	switch source {
	case "pacc":
		return d.Say("In https://ua-auto-config.%[1]s/.well-known/user-agent-configuration.json (its digest is in the TXT record _ua-auto-config.%[1]s) write %[2]s.", d.domain(), change)
	case "autoconfig":
		return d.Say("In https://autoconfig.%s/mail/config-v1.1.xml write %s.", d.domain(), change)
	case "ispdb":
		return d.Say("Ask at https://github.com/thunderbird/autoconfig that they write %s.", change)
	case "srv":
		return d.Say("In the SRV records of %s write %s.", d.domain(), change)
	}
	return ""
}

// settled says what came of the trial.
func (d *discovery) settled() string {
	c := d.conflict
	two := len(c.sources) == 2
	machine := ""
	if ip := d.sameMachine(); c.names && ip != "" {
		machine = d.Say("all lead to the same machine (%s)", ip)
		if two {
			machine = d.Say("both lead to the same machine (%s)", ip)
		}
	}
	right := len(c.sources) - len(c.wrong)
	mismatch := right > 0 && right < len(c.sources) && !slices.ContainsFunc(c.wrong, func(s string) bool { return !d.mismatched(s) })
	var names, hosts []string
	for _, s := range c.sources {
		if slices.Contains(c.wrong, s) {
			continue
		}
		names = append(names, s)
		for _, e := range d.disputed(s) {
			if !slices.Contains(hosts, e.Host) {
				hosts = append(hosts, e.Host)
			}
		}
	}
	switch {
	case machine != "" && right == len(c.sources):
		return d.Say("%s, and every name is in its certificate", machine)
	case right == len(c.sources) && two:
		return d.Say("both work; mail programs use now the one, now the other")
	case right == len(c.sources):
		return d.Say("all work; mail programs use now the one, now the other")
	case right == 0:
		return d.Say("none of them is right in all")
	case machine != "" && mismatch && len(hosts) == 1:
		return d.Say("%s, but only one name is in its certificate", machine)
	case machine != "" && mismatch:
		return d.Say("%s, but only the names from %s are in its certificate", machine, d.And(names, maxListed))
	}
	return d.Say("only what %s named works", d.And(names, maxListed))
}

// sameMachine is an IP address that every disputed host has; empty when there
// is none.
func (d *discovery) sameMachine() string {
	addresses := map[string][]string{}
	for _, e := range d.disputed("") {
		if c := d.checkAt(e); c != nil {
			for _, a := range c.Addresses {
				addresses[e.Host] = append(addresses[e.Host], a.IP)
			}
		}
	}
	var common []string
	for i, e := range d.disputed("") {
		if i == 0 {
			common = addresses[e.Host]
			continue
		}
		common = slices.DeleteFunc(slices.Clone(common), func(ip string) bool { return !slices.Contains(addresses[e.Host], ip) })
	}
	if len(common) == 0 {
		return ""
	}
	return common[0]
}

// mismatched tells a source whose endpoints fail because their names are not
// in the certificate.
func (d *discovery) mismatched(source string) bool {
	found := false
	for _, e := range d.disputed(source) {
		s := d.checkAt(e).FirstFailed()
		if s == nil {
			continue
		}
		if s.Cause != report.TLSHostnameMismatch {
			return false
		}
		found = true
	}
	return found
}

// change says what to write in place of a source's endpoints: "A for B". It is
// empty where nothing is known to be right.
func (d *discovery) change(source string) string {
	var changes, labelled []string
	for _, p := range d.conflict.protocols {
		named := d.of(p, source)
		i := slices.IndexFunc(d.report.Settings, func(e report.Endpoint) bool { return e.Protocol == p && e.Chosen && d.usable(e) })
		if len(named) == 0 || i < 0 || slices.ContainsFunc(named, d.usable) {
			continue
		}
		right, wrong := d.report.Settings[i], named[0]
		text := d.Say("%s for %s", right.Host, wrong.Host)
		if sameHost(right, wrong) {
			text = d.Say("%s for %s", d.secured(right), d.secured(wrong))
		}
		if !slices.Contains(changes, text) {
			changes = append(changes, text)
			labelled = append(labelled, text+" ("+p.Label()+")")
		}
	}
	if len(changes) > 1 {
		return d.And(labelled, maxListed)
	}
	return d.And(changes, maxListed)
}

// secured is an endpoint with its encryption.
func (d *discovery) secured(e report.Endpoint) string {
	return place(e) + " (" + d.encryption(e.Security) + ")"
}

// conflictFindings is an observation for each source that disagrees, and warns
// of those that are wrong; where none is, of those behind the first.
func (d *discovery) conflictFindings() []report.Finding {
	if d.conflict == nil {
		return nil
	}
	var findings []report.Finding
	for i, source := range d.conflict.sources {
		f := report.Finding{Cause: report.SettingsConflict, Step: "settings." + source, Text: d.testimony(source)}
		findings = append(findings, f)
		if slices.Contains(d.conflict.wrong, source) || len(d.conflict.wrong) == 0 && i > 0 {
			f.Advice = d.words(report.SettingsConflict, Values{}).Advice
			d.warn(source, f)
		}
	}
	return findings
}

// testimony says how the servers that a source names behaved, those that
// behaved alike together.
func (d *discovery) testimony(source string) string {
	var names, all []string
	by := map[string][]string{}
	for _, e := range d.disputed(source) {
		name := e.Host
		if !d.conflict.names {
			name = d.secured(e)
		}
		if slices.Contains(names, name) {
			continue
		}
		names = append(names, name)
		said := d.behaviour(e)
		if by[said] == nil {
			all = append(all, said)
		}
		by[said] = append(by[said], name)
	}
	var parts []string
	for _, said := range all {
		parts = append(parts, d.And(by[said], maxListed)+": "+said)
	}
	return strings.Join(parts, "; ")
}

// behaviour says what is wrong with a server, or for whom its certificate is.
// Where the host is disputed, all of its endpoints that the source names count.
func (d *discovery) behaviour(of report.Endpoint) string {
	said := d.Say("it answers as it should")
	for _, e := range d.disputed(of.Source) {
		c := d.checkAt(e)
		if c == nil || !sameHost(e, of) || !d.conflict.names && !e.SameServer(of) {
			continue
		}
		failed := c.FirstFailed()
		names := namesOf(c, &report.Step{})
		switch {
		case !ran(c):
			return d.Say("its name leads nowhere")
		case failed != nil && (failed.Cause != report.TLSHostnameMismatch || len(names) == 0):
			return d.title(occurrence{c, failed})
		case len(names) > 0 && (d.conflict.names || failed != nil):
			said = d.Say("the certificate is for %s", d.And(names, maxListed))
		}
		if failed != nil {
			return said
		}
	}
	return said
}
