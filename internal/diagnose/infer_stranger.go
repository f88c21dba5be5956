package diagnose

import (
	"crypto/x509"
	"errors"
	"slices"

	"mailcheck/internal/provider"
	"mailcheck/report"
	"mailcheck/wire"
)

// forgedCertificate: the host is one whose certificate the built-in table knows
// to be good, and what it showed is for that very name and from an authority
// that nobody knows. A server that was set up wrongly does not do that: somebody
// made the certificate in order to be taken for the host.
func forgedCertificate(_ *reading, o occurrence) (diagnosis, bool) {
	leaf := shownCertificate(o.step)
	if o.step.Cause != report.TLSUnknownAuthority || leaf == nil || !knownGood(o.check) || leaf.VerifyHostname(o.check.Endpoint.Host) != nil {
		return diagnosis{}, false
	}
	return likely(report.TLSIntercepted).or(report.TLSUnknownAuthority, report.Medium), true
}

// notTheRealServer: the host is one whose certificate the built-in table knows
// to be good, and something else answers in its name: a guest network before
// its sign-in, a wrong DNS server, a program that reads along.
func notTheRealServer(_ *reading, o occurrence) (diagnosis, bool) {
	foreign := []report.Cause{report.TLSHostnameMismatch, report.TLSUnknownAuthority}
	if !slices.Contains(foreign, o.step.Cause) || !knownGood(o.check) {
		return diagnosis{}, false
	}
	return same(o.step)
}

// strangerAnswers: the certificate is for another name, and whoever answered
// made it itself, as the sign-in page of a guest network does, or a router.
func strangerAnswers(_ *reading, o occurrence) (diagnosis, bool) {
	leaf := shownCertificate(o.step)
	if o.step.Cause != report.TLSHostnameMismatch || leaf == nil || !selfIssued(leaf) || o.check.Endpoint == nil || isAddress(o.check.Endpoint.Host) {
		return diagnosis{}, false
	}
	return same(o.step)
}

// loginAtStranger: the password was refused over a connection whose certificate
// does not show that it is the server's (--insecure): who refused it, and who
// read it, is not known.
func loginAtStranger(rd *reading, o occurrence) (diagnosis, bool) {
	foreign := []report.Cause{report.TLSHostnameMismatch, report.TLSUnknownAuthority, report.TLSIntercepted, report.TLSBadCertificate}
	encryption := o.check.Step("tls")
	if !refused(o.step) || encryption == nil || encryption.Err == nil || !slices.Contains(foreign, encryption.Cause) ||
		o.check.Endpoint == nil || isAddress(o.check.Endpoint.Host) || len(rd.agreeing(o.check, o.step)) > 0 {
		return diagnosis{}, false
	}
	return likely(o.step.Cause).or(encryption.Cause, report.Medium), true
}

// knownGood tells a host of the built-in table, under a name, of whose
// certificate the table knows nothing bad.
func knownGood(c *report.Check) bool {
	if c.Endpoint == nil || isAddress(c.Endpoint.Host) { // an address: a program on this computer
		return false
	}
	known := provider.ByHost(c.Endpoint.Host)
	return len(known) > 0 && !slices.ContainsFunc(known, func(p *provider.Provider) bool {
		return slices.ContainsFunc(p.Catches, func(sentence string) bool {
			return bears(sentence, catches, report.TLSUnknownAuthority, c.Protocol)
		})
	})
}

// shownCertificate is the server's own certificate in a handshake that failed;
// nil where it showed none.
func shownCertificate(step *report.Step) *x509.Certificate {
	var e *wire.TLSError
	if !errors.As(step.Err, &e) || len(e.Chain) == 0 {
		return nil
	}
	return e.Chain[0]
}
