package render

import (
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"mailcheck/internal/lang"
	"mailcheck/report"
)

// summary says in a phrase what came out of a check.
func summary(r *report.Report, c *report.Check) string {
	switch {
	case c.ID == report.ProbeCheck:
		return probesShown(c, tag(r))
	case c.ID == report.MXCheck && c.Result != report.Skip:
		return receivingSide(r, c)
	case c.Endpoint != nil && c.Result == report.Skip:
		return address(c) + ": " + whySkipped(r, c)
	case c.Endpoint != nil:
		return session(c, tag(r))
	case c.Result == report.Skip:
		return whySkipped(r, c)
	case c.Result == report.Fail && c.Protocol != "":
		return noServer(c.FirstFailed().Cause, tag(r))
	case c.Result == report.Fail:
		return firstDetail(c, report.Fail, tag(r))
	}
	switch c.ID {
	case "settings":
		return settingsFound(r)
	case "dns":
		return namesFound(c, tag(r))
	case "creds":
		if c.Result == report.OK && r.Credentials != nil {
			return secretFrom(r.Credentials, tag(r))
		}
	case "delivery":
		return arrival(r.Message, tag(r))
	}
	return firstDetail(c, c.Result, tag(r))
}

// secretFrom says what the logins are made with, and where it came from.
func secretFrom(c *report.Credentials, t lang.Tag) string {
	source := c.Source
	if said, ok := secretSources[c.Source]; ok {
		source = t.Say(said)
	}
	switch {
	case c.IsToken() && c.Source == "keyring":
		return t.Say("the sign-in of `mailcheck login`, from the keyring")
	case c.IsToken():
		return t.Say("sign-in from %s", source)
	}
	return t.Say("password from %s", source)
}

// secretSources are the places that a secret comes from, as people call them.
var secretSources = map[string]lang.Text{
	"keyring": "the keyring", "stdin": "standard input", "file": "a file", "command": "a command",
	"env": "MAILCHECK_PASSWORD", "prompt": "the prompt",
}

// firstDetail is what the first step with this result says.
func firstDetail(c *report.Check, result report.Result, t lang.Tag) string {
	for _, s := range c.Steps {
		if s.Result != result {
			continue
		}
		if s.Cause == report.ClientInterrupted {
			return t.Say("interrupted")
		}
		for _, words := range []string{s.Detail, s.Explanation, string(s.Cause)} {
			if words != "" {
				return words
			}
		}
	}
	return ""
}

func address(c *report.Check) string {
	return net.JoinHostPort(c.Endpoint.Host, strconv.Itoa(c.Endpoint.Port))
}

// session is the server of a check, its encryption and its certificate.
func session(c *report.Check, t lang.Tag) string {
	encryption, version := "TLS", ""
	if c.TLS != nil {
		version = strings.TrimPrefix(c.TLS.Version, "TLS ")
	}
	switch c.Endpoint.Security {
	case report.STARTTLS:
		encryption = "STARTTLS"
	case report.None:
		encryption = t.Say("not encrypted")
	}
	s := address(c) + " " + encryption
	if version != "" {
		s += " " + version
	}
	if c.TLS == nil || c.TLS.Certificate == nil {
		return s
	}
	days := c.TLS.Certificate.DaysLeft
	switch {
	case days < 0:
		return s + t.Say(", ") + plural(-days, t.Say("certificate ended 1 day ago"), t.Say("certificate ended %d days ago", -days))
	case !c.TLS.Verified:
		return s + t.Say(", ") + t.Say("certificate not valid")
	}
	return s + t.Say(", ") + plural(days, t.Say("certificate 1 day"), t.Say("certificate %d days", days))
}

// whySkipped says why a check was not run at all.
func whySkipped(r *report.Report, c *report.Check) string {
	t := tag(r)
	if len(c.Steps) == 0 {
		return t.Say("not reached")
	}
	s := c.Steps[0]
	sent := c.ID == "delivery" && r.Message != nil
	because := whyNot(r, s.Because)
	switch {
	case s.Cause == report.SettingsNotOffered, s.Cause == report.SettingsNotFound, s.Cause == report.SettingsServiceEnded:
		return noServer(s.Cause, t)
	case sent && s.Because == report.ByFlags:
		return t.Say("sent; the arrival was not awaited")
	case s.Because == report.ByFlags:
		return t.Say("not asked for")
	case sent:
		return t.Say("sent, but the arrival was not awaited, %s", because)
	case c.ID == "delivery":
		return t.Say("nothing was sent, %s", because)
	}
	return t.Say("not tried, %s", because)
}

// noServer says why a protocol has no server to check.
func noServer(cause report.Cause, t lang.Tag) string {
	switch cause {
	case report.SettingsNotOffered:
		return t.Say("the domain says that it does not offer it")
	case report.SettingsNotFound:
		return t.Say("no source names a server for it")
	case report.SettingsServiceEnded:
		return t.Say("the provider has closed the service")
	}
	return t.Say("no server: %s", cause)
}

// whyNot gives a step as a reason.
func whyNot(r *report.Report, step string) string {
	if step == "" {
		return tag(r).Say("because the run ended before")
	}
	for _, c := range r.Checks {
		for _, s := range c.Steps {
			if s.ID == step && s.Result == report.Fail {
				return tag(r).Say("because %s failed", step)
			}
		}
	}
	return tag(r).Say("because of %s", step)
}

// from says where settings come from.
func from(source string, t lang.Tag) string {
	switch source {
	case "flags":
		return t.Say("given by flags")
	case "srv":
		return t.Say("from the SRV records")
	case "guess":
		return t.Say("guessed from the usual names")
	}
	return t.Say("from %s", source)
}

// settingsFound says which source named the servers that were chosen, and
// whether others agree.
func settingsFound(r *report.Report) string {
	t := tag(r)
	var winners, others []string
	protocols := map[string][]string{}
	chosen := map[report.Protocol]report.Endpoint{}
	for _, e := range r.Settings {
		if !e.Chosen {
			continue
		}
		chosen[e.Protocol] = e
		if !slices.Contains(winners, e.Source) {
			winners = append(winners, e.Source)
		}
		protocols[e.Source] = append(protocols[e.Source], e.Protocol.Label())
	}
	agrees := map[string]bool{}
	for _, e := range r.Settings {
		// Guessing finds what answers, and knows nothing of the account.
		if slices.Contains(winners, e.Source) || e.Source == "guess" {
			continue
		}
		if !slices.Contains(others, e.Source) {
			others, agrees[e.Source] = append(others, e.Source), true
		}
		if at, ok := chosen[e.Protocol]; ok && (at.Host != e.Host || at.Port != e.Port || at.Security != e.Security) {
			agrees[e.Source] = false
		}
	}
	var parts []string
	for _, s := range winners {
		if len(winners) == 1 {
			parts = append(parts, t.Say("all %s", from(s, t)))
		} else {
			parts = append(parts, t.Say("%s %s", t.And(protocols[s], maxListed), from(s, t)))
		}
	}
	for _, s := range others {
		if agrees[s] {
			parts = append(parts, t.Say("the same %s", from(s, t)))
		} else {
			parts = append(parts, t.Say("other servers %s", from(s, t)))
		}
	}
	if len(winners) == 0 {
		return t.Say("no servers are named")
	}
	return strings.Join(parts, "; ")
}

// namesFound counts what the DNS said: the list in the detail of dns.mx, the
// addresses in those of dns.host.
func namesFound(c *report.Check, t lang.Tag) string {
	var mx, hosts, addresses, ipv6 int
	for _, s := range c.Steps {
		if s.Result != report.OK {
			continue
		}
		switch s.Step {
		case "mx":
			mx += 1 + strings.Count(s.Detail, ", ")
		case "host":
			hosts++
			for word := range strings.SplitSeq(s.Detail, ", ") {
				if a, err := netip.ParseAddr(word); err == nil {
					addresses++
					if a.Is6() && !a.Is4In6() {
						ipv6++
					}
				}
			}
		}
	}
	var parts []string
	if c.Result == report.Warn {
		parts = append(parts, firstDetail(c, report.Warn, t))
	}
	if mx > 0 {
		parts = append(parts, t.Say("%d MX", mx))
	}
	if hosts > 0 {
		parts = append(parts, plural(hosts, t.Say("1 mail host"), t.Say("%d mail hosts", hosts)),
			plural(addresses, t.Say("1 address"), t.Say("%d addresses", addresses)))
	}
	s := strings.Join(parts, t.Say(", "))
	switch {
	case ipv6 == 0:
	case ipv6 == addresses:
		s = t.Say("%s (IPv6)", s)
	default:
		s = t.Say("%s (%d of them IPv6)", s, ipv6)
	}
	return s
}

// arrival says where and when the test message arrived, and what the
// receiving server made of it.
func arrival(m *report.Message, t lang.Tag) string {
	if m == nil {
		return ""
	}
	s := t.Say("in %s", m.Folder)
	if m.ArrivedMS-m.SentMS >= 50 { // not 0.0
		s = t.Say("in %s after %.1f s", m.Folder, float64(m.ArrivedMS-m.SentMS)/1000)
	}
	if n := len(m.Received); n > 0 {
		s += t.Say(", ") + plural(n, t.Say("1 hop"), t.Say("%d hops", n))
	}
	if a := authentication(m.Authentication); a != "" {
		s = t.Say("%s; %s", s, a)
	}
	return s
}

// authentication is what the receiving server found, taken together where all
// is one: "SPF, DKIM, DMARC pass".
func authentication(a *report.Authentication) string {
	if a == nil {
		return ""
	}
	var names, results, each []string
	for _, m := range []struct{ name, result string }{{"SPF", a.SPF}, {"DKIM", a.DKIM}, {"DMARC", a.DMARC}} {
		if m.result != "" {
			names = append(names, m.name)
			results = append(results, m.result)
			each = append(each, m.name+" "+m.result)
		}
	}
	if len(slices.Compact(results)) == 1 {
		return strings.Join(names, ", ") + " " + results[0]
	}
	return strings.Join(each, ", ")
}
