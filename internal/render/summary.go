package render

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"mailcheck/report"
)

// summary says in a phrase what came out of a check.
func summary(r *report.Report, c *report.Check) string {
	switch {
	case c.Endpoint != nil && c.Result == report.Skip:
		return address(c) + ": " + whySkipped(r, c)
	case c.Endpoint != nil:
		return session(c)
	case c.Result == report.Skip:
		return whySkipped(r, c)
	case c.Result == report.Fail && c.Protocol != "":
		return noServer(c.FirstFailed().Cause)
	case c.Result == report.Fail:
		return firstDetail(c, report.Fail)
	}
	switch c.ID {
	case "settings":
		return settingsFound(r)
	case "dns":
		return namesFound(c)
	case "delivery":
		return arrival(r.Message)
	}
	return firstDetail(c, c.Result)
}

// firstDetail is what the first step with this result says.
func firstDetail(c *report.Check, result report.Result) string {
	for _, s := range c.Steps {
		if s.Result != result {
			continue
		}
		if s.Cause == report.ClientInterrupted {
			return "interrupted"
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
func session(c *report.Check) string {
	encryption, version := "TLS", ""
	if c.TLS != nil {
		version = strings.TrimPrefix(c.TLS.Version, "TLS ")
	}
	switch c.Endpoint.Security {
	case report.STARTTLS:
		encryption = "STARTTLS"
	case report.None:
		encryption = "not encrypted"
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
		return s + ", certificate ended " + count(-days, "day", "days") + " ago"
	case !c.TLS.Verified:
		return s + ", certificate not valid"
	}
	return s + ", certificate " + count(days, "day", "days")
}

// whySkipped says why a check was not run at all.
func whySkipped(r *report.Report, c *report.Check) string {
	if len(c.Steps) == 0 {
		return "not reached"
	}
	s := c.Steps[0]
	sent := c.ID == "delivery" && r.Message != nil
	because := whyNot(r, s.Because)
	switch {
	case s.Cause == report.SettingsNotOffered, s.Cause == report.SettingsNotFound, s.Cause == report.SettingsServiceEnded:
		return noServer(s.Cause)
	case sent && s.Because == report.ByFlags:
		return "sent; the arrival was not awaited"
	case s.Because == report.ByFlags:
		return "not asked for"
	case sent:
		return "sent, but the arrival was not awaited, " + because
	case c.ID == "delivery":
		return "nothing was sent, " + because
	}
	return "not tried, " + because
}

// noServer says why a protocol has no server to check.
func noServer(cause report.Cause) string {
	switch cause {
	case report.SettingsNotOffered:
		return "the domain says that it does not offer it"
	case report.SettingsNotFound:
		return "no source names a server for it"
	case report.SettingsServiceEnded:
		return "the provider has closed the service"
	}
	return "no server: " + string(cause)
}

// whyNot gives a step as a reason.
func whyNot(r *report.Report, step string) string {
	if step == "" {
		return "because the run ended before"
	}
	for _, c := range r.Checks {
		for _, s := range c.Steps {
			if s.ID == step && s.Result == report.Fail {
				return "because " + step + " failed"
			}
		}
	}
	return "because of " + step
}

// sources say where settings come from, where "from" and the name of the
// source would not do.
var sources = map[string]string{
	"flags": "given by flags",
	"srv":   "from the SRV records",
	"guess": "guessed from the usual names",
}

func from(source string) string {
	if words, ok := sources[source]; ok {
		return words
	}
	return "from " + source
}

// settingsFound says which source named the servers that were chosen, and
// whether others agree.
func settingsFound(r *report.Report) string {
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
		who := enumerate(protocols[s])
		if len(winners) == 1 {
			who = "all"
		}
		parts = append(parts, who+" "+from(s))
	}
	for _, s := range others {
		if agrees[s] {
			parts = append(parts, "the same "+from(s))
		} else {
			parts = append(parts, "other servers "+from(s))
		}
	}
	if len(winners) == 0 {
		return "no servers are named"
	}
	return strings.Join(parts, "; ")
}

// namesFound counts what the DNS said: the list in the detail of dns.mx, the
// addresses in those of dns.host.
func namesFound(c *report.Check) string {
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
		parts = append(parts, firstDetail(c, report.Warn))
	}
	if mx > 0 {
		parts = append(parts, fmt.Sprintf("%d MX", mx))
	}
	if hosts > 0 {
		parts = append(parts, count(hosts, "mail host", "mail hosts"), count(addresses, "address", "addresses"))
	}
	s := strings.Join(parts, ", ")
	switch {
	case ipv6 == 0:
	case ipv6 == addresses:
		s += " (IPv6)"
	default:
		s += fmt.Sprintf(" (%d of them IPv6)", ipv6)
	}
	return s
}

// arrival says where and when the test message arrived, and what the
// receiving server made of it.
func arrival(m *report.Message) string {
	if m == nil {
		return ""
	}
	s := "in " + m.Folder
	if m.ArrivedMS-m.SentMS >= 50 { // not 0.0
		s += fmt.Sprintf(" after %.1f s", float64(m.ArrivedMS-m.SentMS)/1000)
	}
	if n := len(m.Received); n > 0 {
		s += ", " + count(n, "hop", "hops")
	}
	if a := authentication(m.Authentication); a != "" {
		s += "; " + a
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
