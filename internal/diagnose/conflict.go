package diagnose

import (
	"fmt"
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
	for _, p := range protocols {
		for i, a := range sources {
			for _, b := range sources[i+1:] {
				mine, others := d.of(p, a), d.of(p, b)
				if len(mine) == 0 || len(others) == 0 || share(mine, others, sameEndpoint) {
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

func sameEndpoint(x, y report.Endpoint) bool {
	return sameHost(x, y) && x.Port == y.Port && x.Security == y.Security
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
	words := Lookup(report.SettingsConflict).Fill(Values{Address: d.report.Address})
	c := d.conflict
	words.Explanation = "Tried without a password, " + d.settled() + "."
	if slices.Equal(c.wrong, []string{"flags"}) { // the user's own, not the domain's
		words.Advice = []string{"Take the servers of this report in place of those that were given by flags."}
		words.AdminAdvice = nil
	}
	var admin []string
	for _, source := range c.wrong {
		where, known := written[source]
		change := d.change(source)
		if !known || change == "" {
			continue
		}
		until := " Until then mail programs that ask there fail."
		if d.mismatched(source) {
			until = " Until then each mail program that asks there warns its user about the certificate."
		}
		admin = append(admin, strings.ReplaceAll(where, "{domain}", d.domain())+" write "+change+"."+until)
	}
	if admin != nil {
		words.AdminAdvice = admin
	}
	return words
}

// written says where a source's settings are written, for whoever can correct
// them.
var written = map[string]string{
	"pacc":       "In https://ua-auto-config.{domain}/.well-known/user-agent-configuration.json (its digest is in the TXT record _ua-auto-config.{domain})",
	"autoconfig": "In https://autoconfig.{domain}/mail/config-v1.1.xml",
	"ispdb":      "Ask at https://github.com/thunderbird/autoconfig that they",
	"srv":        "In the SRV records of {domain}",
}

// settled says what came of the trial.
func (d *discovery) settled() string {
	c := d.conflict
	all := "both"
	if len(c.sources) > 2 {
		all = "all"
	}
	machine := ""
	if ip := d.sameMachine(); c.names && ip != "" {
		machine = all + " lead to the same machine (" + ip + ")"
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
		return machine + ", and every name is in its certificate"
	case right == len(c.sources):
		return all + " work; mail programs use now the one, now the other"
	case right == 0:
		return "none of them is right in all"
	case machine != "" && mismatch && len(hosts) == 1:
		return machine + ", but only one name is in its certificate"
	case machine != "" && mismatch:
		return machine + ", but only the names from " + list(names, "and") + " are in its certificate"
	}
	return "only what " + list(names, "and") + " named works"
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
		text := right.Host + " for " + wrong.Host
		if sameHost(right, wrong) {
			text = fmt.Sprintf("%s (%s) for %s (%s)", place(right), encryptions[right.Security], place(wrong), encryptions[wrong.Security])
		}
		if !slices.Contains(changes, text) {
			changes = append(changes, text)
			labelled = append(labelled, text+" ("+p.Label()+")")
		}
	}
	if len(changes) > 1 {
		return list(labelled, "and")
	}
	return list(changes, "and")
}

// encryptions are the ways to encrypt as mail programs call them.
var encryptions = map[report.Security]string{
	report.TLS: "SSL/TLS", report.STARTTLS: "STARTTLS", report.None: "no encryption",
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
			f.Advice = Lookup(report.SettingsConflict).Fill(Values{Address: d.report.Address}).Advice
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
			name = place(e) + " (" + encryptions[e.Security] + ")"
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
		parts = append(parts, list(by[said], "and")+": "+said)
	}
	return strings.Join(parts, "; ")
}

// behaviour says what is wrong with a server, or for whom its certificate is.
// Where the host is disputed, all of its endpoints that the source names count.
func (d *discovery) behaviour(of report.Endpoint) string {
	said := "it answers as it should"
	for _, e := range d.disputed(of.Source) {
		c := d.checkAt(e)
		if c == nil || !sameHost(e, of) || !d.conflict.names && !sameEndpoint(e, of) {
			continue
		}
		failed := c.FirstFailed()
		names := namesOf(c, &report.Step{})
		switch {
		case !ran(c):
			return "its name leads nowhere"
		case failed != nil && (failed.Cause != report.TLSHostnameMismatch || len(names) == 0):
			return d.title(occurrence{c, failed})
		case len(names) > 0 && (d.conflict.names || failed != nil):
			said = "the certificate is for " + list(names, "and")
		}
		if failed != nil {
			return said
		}
	}
	return said
}
