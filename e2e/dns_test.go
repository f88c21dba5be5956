//go:build linux

package e2e

import (
	"context"
	"fmt"
	"net"
	"os"
	"strings"

	"github.com/miekg/dns"
)

// startDNS starts the domain's name server, and before it the resolver that
// everyone asks.
func (s *site) startDNS() error {
	if err := os.MkdirAll(s.path("knot"), 0o755); err != nil {
		return err
	}
	for path, name := range map[string]string{
		s.path("knot", "zone"):   "zone",
		s.path("knot", "signed"): "signed",
		s.path("knot.conf"):      "knot.conf",
		s.path("unbound.conf"):   "unbound.conf",
	} {
		if err := s.configure(path, name, fault{}); err != nil {
			return err
		}
	}
	var err error
	if s.knot, err = startDaemon(s.path("knot.log"), nil, nil, "knotd", "-c", s.path("knot.conf")); err != nil {
		return err
	}
	if err := s.knot.ready(resolves(net.JoinHostPort(siteIP, "5353"))); err != nil {
		return err
	}
	if err := s.knot.ready(s.writeAnchor); err != nil {
		return err
	}
	if s.unbound, err = startDaemon(s.path("unbound.log"), nil, nil, "unbound", "-d", "-c", s.path("unbound.conf")); err != nil {
		return err
	}
	return s.unbound.ready(resolves(net.JoinHostPort(siteIP, "53")))
}

// writeAnchor writes the keys of the signed zone, which the resolver trusts.
func (s *site) writeAnchor(ctx context.Context) error {
	query := new(dns.Msg).SetQuestion(signedDomain+".", dns.TypeDNSKEY)
	client := &dns.Client{Net: "tcp"}
	reply, _, err := client.ExchangeContext(ctx, query, net.JoinHostPort(siteIP, "5353"))
	if err != nil {
		return err
	}
	var keys strings.Builder
	for _, rr := range reply.Answer {
		if _, ok := rr.(*dns.DNSKEY); ok {
			fmt.Fprintln(&keys, rr)
		}
	}
	if keys.Len() == 0 {
		return fmt.Errorf("%s is not signed", signedDomain)
	}
	return os.WriteFile(s.path("anchor"), []byte(keys.String()), 0o644)
}

// resolves returns a check that the server knows the site's mail host.
func resolves(server string) func(context.Context) error {
	resolver := net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, network, server)
	}}
	return func(ctx context.Context) error {
		addrs, err := resolver.LookupHost(ctx, "mail."+siteDomain+".")
		if err == nil && (len(addrs) != 1 || addrs[0] != siteIP) {
			err = fmt.Errorf("mail.%s is at %v", siteDomain, addrs)
		}
		return err
	}
}
