package diagnose

import (
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
	"time"

	"mailcheck/report"
	"mailcheck/wire"
)

// evidence is what the step itself shows, in a sentence that goes before the
// general explanation of its cause.
func evidence(check *report.Check, step *report.Step) string {
	switch step.Cause {
	case report.TLSExpired, report.TLSNotYetValid:
		return validity(step)
	case report.TLSExpiresSoon:
		if check.TLS != nil && check.TLS.Certificate != nil {
			c := check.TLS.Certificate
			return fmt.Sprintf("It ends on %s, in %d days.", c.NotAfter.UTC().Format(time.DateOnly), c.DaysLeft)
		}
	case report.TLSHostnameMismatch:
		if names := namesOf(check, step); len(names) > 0 {
			return "The certificate is for " + list(names, "and") + "."
		}
	case report.TLSUnknownAuthority, report.TLSIncompleteChain:
		return issuer(step)
	case report.TLSBadCertificate:
		if errors.Is(step.Err, wire.ErrPin) {
			return "Its fingerprint is not the one of --pin."
		}
	case report.TLSPlaintextPort, report.ConfigWrongProtocol:
		return firstWords(step)
	case report.ConnectTimeout:
		return silence(check, step)
	case report.ConnectAddressDead:
		return deadAddresses(check)
	}
	return ""
}

// validity gives the date that a certificate's validity began or ended on.
func validity(step *report.Step) string {
	var invalid x509.CertificateInvalidError
	if !errors.As(step.Err, &invalid) || invalid.Cert == nil {
		return ""
	}
	which := "It"
	var e *wire.TLSError
	if errors.As(step.Err, &e) && len(e.Chain) > 0 && !e.Chain[0].Equal(invalid.Cert) {
		which = "A certificate that it depends on"
	}
	if step.Cause == report.TLSNotYetValid {
		return fmt.Sprintf("%s begins on %s.", which, invalid.Cert.NotBefore.UTC().Format(time.DateOnly))
	}
	return fmt.Sprintf("%s ended on %s.", which, invalid.Cert.NotAfter.UTC().Format(time.DateOnly))
}

// maxName bounds a name that a server decides; a host name has 253 octets at
// most (RFC 1035 section 2.3.4).
const maxName = 253

// namesOf are the names that the server's certificate is for.
func namesOf(check *report.Check, step *report.Step) []string {
	var names, all []string
	var host x509.HostnameError
	switch {
	case errors.As(step.Err, &host):
		all = host.Certificate.DNSNames
		for _, ip := range host.Certificate.IPAddresses {
			all = append(all[:len(all):len(all)], ip.String())
		}
	case check.TLS != nil && check.TLS.Certificate != nil:
		all = check.TLS.Certificate.Names
	}
	for _, n := range all {
		if n != "" && len(n) <= maxName && !strings.ContainsFunc(n, func(c rune) bool { return c <= ' ' || c > '~' }) {
			names = append(names, n)
		}
	}
	return names
}

// issuer says who made a certificate that nobody known vouches for.
func issuer(step *report.Step) string {
	var e *wire.TLSError
	if !errors.As(step.Err, &e) || len(e.Chain) == 0 {
		return ""
	}
	if selfIssued(e.Chain[0]) {
		return "The server made the certificate itself."
	}
	top := e.Chain[len(e.Chain)-1]
	name := top.Issuer.CommonName
	if name == "" {
		name = strings.Join(top.Issuer.Organization, ", ")
	}
	if name == "" || len(name) > maxName {
		return ""
	}
	return fmt.Sprintf("It was issued by %q.", name)
}

// firstWords quotes what a server said that does not speak as expected.
func firstWords(step *report.Step) string {
	const most = 60
	var line string
	var tlsErr *wire.TLSError
	var dialogue *report.ProtocolError
	switch {
	case errors.As(step.Err, &tlsErr):
		line = firstBytes(tlsErr)
	case errors.As(step.Err, &dialogue):
		line = dialogue.Line
	}
	if line == "" {
		return ""
	}
	if len(line) > most {
		line = line[:most]
	}
	s := fmt.Sprintf("The server began with %+q", line)
	if p, ok := spokenBy(line); ok {
		label := p.Label()
		if label == "" {
			label = string(p)
		}
		s += ", as " + label + " does"
	}
	return s + "."
}

// silence tells a server that took the connection and then said nothing from
// one that did not take it.
func silence(check *report.Check, step *report.Step) string {
	if step.Step == "connect" {
		return ""
	}
	s := "The connection was made, but then nothing came"
	if d := step.Duration.Round(time.Second); d > 0 {
		s += fmt.Sprintf(" for %d second", int(d.Seconds()))
		if d > time.Second {
			s += "s"
		}
	}
	s += "."
	if check.Endpoint == nil {
		return s
	}
	switch clear := check.Endpoint.Security != report.TLS; {
	case step.Step == "greeting" && clear:
		s += " A port that waits for SSL/TLS behaves like this."
	case step.Step == "tls" && !clear:
		s += " A port that is not meant for SSL/TLS can behave like this."
	}
	return s
}

// deadAddresses names the addresses that took no connection.
func deadAddresses(check *report.Check) string {
	var dead []string
	for _, a := range check.Addresses {
		if a.Result == report.Fail {
			dead = append(dead, a.IP)
		}
	}
	if len(dead) == 0 {
		return ""
	}
	return "No connection to " + list(dead, "or") + "."
}
