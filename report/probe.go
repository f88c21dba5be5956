package report

import (
	"net/netip"
	"strconv"
	"strings"
)

// ProbeCheck is the id of the check that is made after a failure. Each of its
// steps tries one way, without a secret: another port of a server that failed,
// another encryption, another address.
const ProbeCheck = "probe"

// MailPorts are the ports of each protocol and how they are encrypted, the
// best first (RFC 8314 section 3). Port 25 is for servers: it is asked only
// whether it answers.
var MailPorts = map[Protocol][]struct {
	Port     int
	Security Security
}{
	IMAP: {{993, TLS}, {143, STARTTLS}},
	POP3: {{995, TLS}, {110, STARTTLS}},
	SMTP: {{465, TLS}, {587, STARTTLS}, {25, None}},
}

// ProbeStep names the step that tries this endpoint: "smtp-465", and
// "smtp-465-starttls" where the port is not known for that encryption.
func ProbeStep(ep Endpoint) string {
	name := string(ep.Protocol) + "-" + strconv.Itoa(ep.Port)
	if usual, ok := usualSecurity(ep.Protocol, ep.Port); ok && usual == ep.Security {
		return name
	}
	return name + "-" + string(ep.Security)
}

// Probed reads what a step of the check "probe" tried. Host is an IP address
// where the way was that address of a server.
func Probed(s *Step) Endpoint {
	protocol, rest, _ := strings.Cut(s.Step, "-")
	port, security, named := strings.Cut(rest, "-")
	ep := Endpoint{Protocol: Protocol(protocol), Host: s.Subject, Security: Security(security)}
	ep.Port, _ = strconv.Atoi(port)
	if !named {
		ep.Security, _ = usualSecurity(ep.Protocol, ep.Port)
	}
	return ep
}

// MailPort tells a port at which servers of the protocol listen.
func MailPort(p Protocol, port int) bool {
	_, usual := usualSecurity(p, port)
	return usual
}

// ThisComputer tells a host that is named as the computer itself (RFC 6761
// section 6.3).
func ThisComputer(host string) bool {
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback() || strings.EqualFold(strings.TrimSuffix(host, "."), "localhost")
}

func usualSecurity(p Protocol, port int) (Security, bool) {
	for _, known := range MailPorts[p] {
		if known.Port == port {
			return known.Security, true
		}
	}
	return "", false
}
