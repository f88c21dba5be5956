package diagnose

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"mailcheck/internal/provider"
	"mailcheck/report"
)

// startTLSStripped: the offer of STARTTLS was overwritten on the way, as
// firewalls that inspect mail do ("250-XXXXXXXA").
func startTLSStripped(_ *reading, o occurrence) (diagnosis, bool) {
	caps := o.check.Capabilities
	if o.step.Cause != report.TLSStartTLSNotOffered || caps == nil ||
		!slices.ContainsFunc(caps.BeforeTLS, func(name string) bool { return strings.HasPrefix(name, "XXXX") }) {
		return diagnosis{}, false
	}
	return certain(report.TLSStartTLSNotOffered), true
}

// privateAddress: the name leads to a private address that does not answer, so
// that the server is for those inside a network only.
func privateAddress(_ *reading, o occurrence) (diagnosis, bool) {
	if o.step.Step != "connect" || o.step.Result != report.Fail || len(o.check.Addresses) == 0 {
		return diagnosis{}, false
	}
	public := func(a report.Address) bool {
		ip, err := netip.ParseAddr(a.IP)
		return err != nil || !ip.Unmap().IsPrivate() && !ip.IsLinkLocalUnicast()
	}
	if slices.ContainsFunc(o.check.Addresses, public) {
		return diagnosis{}, false
	}
	return same(o.step)
}

// expiredLately: the server's own certificate ended within the last day, as
// happens where a renewal was missed. A clock that is wrong is hardly off by so
// little.
func expiredLately(_ *reading, o occurrence) (diagnosis, bool) {
	leaf := shownCertificate(o.step)
	if o.step.Cause != report.TLSExpired || leaf == nil || time.Since(leaf.NotAfter) < 0 || time.Since(leaf.NotAfter) >= 24*time.Hour {
		return diagnosis{}, false
	}
	return same(o.step)
}

// providerOfCertificate: the certificate is for names of a known provider, as
// happens where its customers use names of their own domain.
func providerOfCertificate(rd *reading, o occurrence) (diagnosis, bool) {
	if o.step.Cause != report.TLSHostnameMismatch || rd.hostOfCertificate(o.check, o.step) == "" {
		return diagnosis{}, false
	}
	return certain(report.TLSHostnameMismatch), true
}

// renamed are the servers to use, one a protocol, in place of those whose
// certificates named them by a rule.
func (s setting) renamed(rule string) []otherServer {
	var servers []otherServer
	for _, c := range s.report.Checks {
		for _, step := range c.Steps {
			known := slices.ContainsFunc(servers, func(other otherServer) bool { return other.protocol == c.Protocol })
			if c.Protocol != "" && step.Rule == rule && step.Result == report.Fail && !known {
				servers = append(servers, otherServer{c.Protocol, s.hostOfCertificate(c, step)})
			}
		}
	}
	return servers
}

// hostOfCertificate is the server of a known provider for the protocol that
// the certificate is for; empty where there is none.
func (s setting) hostOfCertificate(c *report.Check, step *report.Step) string {
	if s.report == nil {
		return ""
	}
	names := namesOf(c, step)
	fits := func(host string) bool {
		return slices.ContainsFunc(names, func(name string) bool { return covers(name, host) })
	}
	at := provider.Place{Domain: s.place().Domain}
	for _, mx := range s.facts.MX { // "sv1234.xserver.jp" takes the mail and has the mailbox
		p, ok := provider.ByMX(mx)
		if !ok {
			continue
		}
		at.MX = mx
		for _, server := range p.Servers(c.Protocol, at) {
			if fits(server.Host) {
				return server.Host
			}
		}
	}
	local := c.Endpoint != nil && c.Endpoint.Host == "localhost"
	for _, name := range names {
		if isAddress(name) && !local {
			continue // certificates of many servers are for 127.0.0.1 too, which for others is Proton Mail Bridge
		}
		for _, p := range provider.ByHost(name) {
			for _, server := range p.Servers(c.Protocol, at) {
				if fits(server.Host) {
					return server.Host
				}
			}
		}
	}
	return ""
}

// covers tells whether a certificate's name is for a host (RFC 9525 section
// 6.3: a wildcard stands for one label).
func covers(name, host string) bool {
	name, host = strings.ToLower(name), strings.ToLower(host)
	if rest, wildcard := strings.CutPrefix(name, "*."); wildcard {
		_, parent, _ := strings.Cut(host, ".")
		return parent == rest
	}
	return name == host
}
