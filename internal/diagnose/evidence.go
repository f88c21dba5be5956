package diagnose

import (
	"cmp"
	"crypto/x509"
	"errors"
	"strings"
	"time"

	"mailcheck/report"
	"mailcheck/wire"
)

// evidence is what the step itself shows, in a sentence that goes before the
// general explanation of its cause.
func (s setting) evidence(check *report.Check, step *report.Step) string {
	switch step.Cause {
	case report.TLSExpired, report.TLSNotYetValid:
		return s.dated(step)
	case report.TLSExpiresSoon:
		if check.TLS != nil && check.TLS.Certificate != nil {
			c := check.TLS.Certificate
			return s.Say("It ends on %s, in %d days.", day(c.NotAfter), c.DaysLeft)
		}
	case report.TLSHostnameMismatch:
		if names := s.namesOf(check, step); len(names) > 0 {
			return s.Say("The certificate is for %s.", s.And(names, maxListed))
		}
	case report.TLSIntercepted:
		return cmp.Or(s.interception(check, step), s.issuer(step))
	case report.TLSOldVersion, report.TLSHandshakeFailure:
		return s.outdated(step)
	case report.TLSUnknownAuthority, report.TLSIncompleteChain:
		return s.issuer(step)
	case report.TLSBadCertificate:
		if errors.Is(step.Err, wire.ErrPin) {
			return s.Say("Its fingerprint is not the one of --pin.")
		}
	case report.TLSPlaintextPort, report.ConfigWrongProtocol:
		return s.firstWords(step)
	case report.ConnectTimeout:
		return s.silence(check, step)
	case report.ConnectAddressDead:
		return s.Sentences(s.deadAddresses(check), s.deadFamily(check))
	}
	return ""
}

// validity gives the date that a certificate's validity began or ended on.
func (s setting) validity(step *report.Step) string {
	var invalid x509.CertificateInvalidError
	if !errors.As(step.Err, &invalid) || invalid.Cert == nil {
		return ""
	}
	var e *wire.TLSError
	own := !errors.As(step.Err, &e) || len(e.Chain) == 0 || e.Chain[0].Equal(invalid.Cert)
	begins, ended := day(invalid.Cert.NotBefore), day(invalid.Cert.NotAfter)
	switch early := step.Cause == report.TLSNotYetValid; {
	case early && own:
		return s.Say("It begins on %s.", begins)
	case early:
		return s.Say("A certificate that it depends on begins on %s.", begins)
	case own && step.Rule == "expired-lately":
		return s.lately(invalid.Cert.NotAfter)
	case own:
		return s.Say("It ended on %s.", ended)
	}
	return s.Say("A certificate that it depends on ended on %s.", ended)
}

// lately says how long ago, less than a day, a certificate ended.
func (s setting) lately(ended time.Time) string {
	switch hours := int(time.Since(ended).Hours()); hours {
	case 0:
		return s.Say("It ended on %s, less than an hour ago.", day(ended))
	case 1:
		return s.Say("It ended on %s, an hour ago.", day(ended))
	default:
		return s.Say("It ended on %s, %d hours ago.", day(ended), hours)
	}
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

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

// namesOf is namesOf for words.
func (s setting) namesOf(check *report.Check, step *report.Step) []string {
	names := namesOf(check, step)
	for i := range names {
		names[i] = s.quoted(names[i])
	}
	return names
}

// quoted is what a server said, as our own sentences may have it. Whoever cuts it
// does so afterwards: half a secret would not be found.
func (s setting) quoted(text string) string {
	if s.facts.Mask == nil {
		return text
	}
	return s.facts.Mask(text)
}

// issuer says who made a certificate that nobody known vouches for.
func (s setting) issuer(step *report.Step) string {
	var e *wire.TLSError
	if !errors.As(step.Err, &e) || len(e.Chain) == 0 {
		return ""
	}
	if selfIssued(e.Chain[0]) { // the words for it say so
		return ""
	}
	top := e.Chain[len(e.Chain)-1]
	name := top.Issuer.CommonName
	if name == "" {
		name = strings.Join(top.Issuer.Organization, ", ")
	}
	if name == "" || len(name) > maxName {
		return ""
	}
	return s.Say("It was issued by %q.", s.quoted(name))
}

// firstWords quotes what a server said that does not speak as expected.
func (s setting) firstWords(step *report.Step) string {
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
	if line = s.quoted(line); len(line) > most {
		line = line[:most]
	}
	if p, ok := spokenBy(line); ok {
		return s.Say("The server began with %+q, as %s does.", line, cmp.Or(p.Label(), string(p)))
	}
	return s.Say("The server began with %+q.", line)
}

// silence tells a server that took the connection and then said nothing from
// one that did not take it.
func (s setting) silence(check *report.Check, step *report.Step) string {
	if step.Step == "connect" || check.ID == "settings" { // there it may have been the connection
		return ""
	}
	var begun *wire.UnfinishedError
	if errors.As(step.Err, &begun) {
		return s.Say("The beginning of a line came (bytes: %d), and no end of it.", begun.Received)
	}
	var nothing, wrongPort string
	switch seconds := int(step.Duration.Round(time.Second).Seconds()); seconds {
	case 0:
		nothing = s.Say("The connection was made, but then nothing came.")
	case 1:
		nothing = s.Say("The connection was made, but then nothing came for 1 second.")
	default:
		nothing = s.Say("The connection was made, but then nothing came for %d seconds.", seconds)
	}
	if check.Endpoint == nil {
		return nothing
	}
	switch clear := check.Endpoint.Security != report.TLS; {
	case step.Rule == "mail-service-silent": // hardly all of them are set to the wrong port
	case step.Step == "greeting" && clear:
		wrongPort = s.Say("A port that waits for SSL/TLS behaves like this.")
	case step.Step == "tls" && !clear:
		wrongPort = s.Say("A port that is not meant for SSL/TLS can behave like this.")
	}
	return s.Sentences(nothing, wrongPort)
}

// deadAddresses names the addresses that took no connection.
func (s setting) deadAddresses(check *report.Check) string {
	var dead []string
	for _, a := range check.Addresses {
		if a.Result == report.Fail {
			dead = append(dead, a.IP)
		}
	}
	if len(dead) == 0 {
		return ""
	}
	return s.Say("No connection to %s.", s.Or(dead, maxListed))
}
