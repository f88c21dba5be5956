package dns

import (
	"bytes"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"

	miekg "github.com/miekg/dns"
)

// readResolvConf returns the servers that a resolv.conf(5) names, and whether
// it trusts their AD bit (the option "trust-ad" of glibc 2.31).
func readResolvConf(path string) (servers []string, trustAD bool) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, false
	}
	conf, err := miekg.ClientConfigFromReader(bytes.NewReader(text))
	if err != nil {
		return nil, false
	}
	for _, ip := range conf.Servers[:min(len(conf.Servers), maxServers)] {
		servers = append(servers, net.JoinHostPort(ip, conf.Port))
	}
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) > 0 && f[0] == "options" && slices.Contains(f, "trust-ad") {
			trustAD = true
		}
	}
	return servers, trustAD
}

// withPort adds port 53 to a server without a port; an IPv6 address may come
// with brackets or without.
func withPort(server string) string {
	if _, err := netip.ParseAddr(server); err == nil {
		return net.JoinHostPort(server, "53")
	}
	if _, _, err := net.SplitHostPort(server); err == nil {
		return server
	}
	return net.JoinHostPort(strings.Trim(server, "[]"), "53")
}
