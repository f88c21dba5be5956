package diagnose

import (
	"slices"
	"strings"

	"mailcheck/report"
)

// documentedName: a host that a flag names is not in the DNS, and the provider
// of the account has another one.
func documentedName(rd *reading, o occurrence) (diagnosis, bool) {
	if !absentHost(o) || rd.serversInPlaceOf(o.step.Subject) == "" {
		return diagnosis{}, false
	}
	return same(o.step)
}

// serversInPlaceOf are the servers that the provider of the account has for what
// flags named, with their protocols where they differ; empty where there are
// none.
func (s setting) serversInPlaceOf(host string) string {
	p := s.mailboxProvider()
	if p == nil {
		return ""
	}
	var hosts, labelled []string
	for _, e := range s.report.Settings {
		if e.Source != "flags" || !strings.EqualFold(e.Host, host) {
			continue
		}
		servers := p.Servers(e.Protocol, s.place())
		if len(servers) == 0 {
			continue
		}
		if !slices.Contains(hosts, servers[0].Host) {
			hosts = append(hosts, servers[0].Host)
		}
		labelled = append(labelled, servers[0].Host+" ("+e.Protocol.Label()+")")
	}
	if len(hosts) > 1 {
		hosts = labelled
	}
	return s.And(hosts, maxListed)
}

// networkNames end the names that networks give to their own machines, and that
// the DNS of the Internet does not have (RFC 6762 appendix G, RFC 8375, and
// "internal", which ICANN keeps for them).
var networkNames = []string{"local", "localdomain", "lan", "home", "home.arpa", "internal", "intranet", "corp", "private"}

// nameOfNetwork: a host that is not in the DNS has a name as machines have
// inside a home or company network.
func nameOfNetwork(_ *reading, o occurrence) (diagnosis, bool) {
	if !absentHost(o) {
		return diagnosis{}, false
	}
	name := strings.TrimSuffix(strings.ToLower(o.step.Subject), ".")
	if strings.Contains(name, ".") && !slices.ContainsFunc(networkNames, func(end string) bool { return strings.HasSuffix(name, "."+end) }) {
		return diagnosis{}, false
	}
	return same(o.step)
}

// absentHost tells the name of a mail host that is not in the DNS.
func absentHost(o occurrence) bool {
	return o.step.ID == "dns.host" && (o.step.Cause == report.DNSNXDomain || o.step.Cause == report.DNSNoRecords)
}
