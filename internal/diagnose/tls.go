package diagnose

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"net"
	"slices"
	"strings"
	"time"

	"mailcheck/report"
	"mailcheck/wire"
)

// ofTLS tells the ways apart in which a handshake or a certificate fails.
func ofTLS(check *report.Check, e *wire.TLSError) diagnosis {
	var (
		invalid x509.CertificateInvalidError
		host    x509.HostnameError
		issuer  x509.UnknownAuthorityError
		header  tls.RecordHeaderError
	)
	err := e.Err
	switch {
	case errors.Is(err, wire.ErrPin):
		return certain(report.TLSBadCertificate)
	case errors.As(err, &invalid):
		return certain(ofInvalid(invalid))
	case errors.As(err, &host):
		if !hasNames(host.Certificate) { // a bare Common Name counts for nothing (RFC 9525 section 2)
			return certain(report.TLSBadCertificate)
		}
		return certain(report.TLSHostnameMismatch)
	case errors.As(err, &issuer):
		if d, ok := intercepted(e.Chain); ok {
			return d
		}
		return ofIssuer(e.Chain)
	case isX509(err):
		return certain(report.TLSBadCertificate)
	case e.Outdated != nil && e.Outdated.OldVersion():
		return certain(report.TLSOldVersion)
	case e.Outdated != nil:
		return certain(report.TLSHandshakeFailure)
	case e.FirstBytes != "", errors.As(err, &header) && header.Conn != nil:
		return ofClearText(check, firstBytes(e))
	case altered(e):
		return likely(report.TLSHandshakeFailure)
	}
	if d, ok := ofAlert(err); ok {
		return d
	}
	cause, ok := networkCause(err)
	switch {
	case ok && check.Endpoint != nil && check.Endpoint.Security == report.TLS:
		// A clear-text server that waits for the client is silent here too.
		return likely(cause).or(report.TLSPlaintextPort, report.Low)
	case ok:
		return likely(cause)
	}
	return diagnosis{cause: report.TLSHandshakeFailure, confidence: report.Low}
}

// ofInvalid: Go has one reason, Expired, for both ends of the validity.
func ofInvalid(e x509.CertificateInvalidError) report.Cause {
	switch {
	case e.Reason != x509.Expired:
		return report.TLSBadCertificate
	case e.Cert != nil && time.Now().Before(e.Cert.NotBefore):
		return report.TLSNotYetValid
	}
	return report.TLSExpired
}

// ofIssuer tells the cases apart for which Go has one error: what the server
// sent decides.
func ofIssuer(chain []*x509.Certificate) diagnosis {
	if len(chain) == 1 && !selfIssued(chain[0]) {
		return likely(report.TLSIncompleteChain).or(report.TLSUnknownAuthority, report.Medium)
	}
	return certain(report.TLSUnknownAuthority)
}

// ofClearText judges a server that answered a handshake in clear text.
func ofClearText(check *report.Check, began string) diagnosis {
	d := certain(report.TLSPlaintextPort)
	if other, ok := spokenBy(began); ok && other != check.Protocol {
		return certain(report.ConfigWrongProtocol).or(report.TLSPlaintextPort, report.Low)
	}
	return d
}

// ofAlert reads what Go tells by text alone: the alert that a server ends the
// handshake with (its type is not exported, and tls.AlertError does not match
// it), and the complaint about a server that picks TLS 1.1 or older.
func ofAlert(err error) (diagnosis, bool) {
	var remote *net.OpError
	if !errors.As(err, &remote) || remote.Op != "remote error" {
		for ; err != nil; err = errors.Unwrap(err) {
			if strings.HasPrefix(err.Error(), "tls: server selected unsupported protocol version") {
				return certain(report.TLSOldVersion), true
			}
		}
		return diagnosis{}, false
	}
	switch remote.Err.Error() {
	case "tls: protocol version not supported":
		return certain(report.TLSOldVersion), true
	case "tls: internal error": // seen of servers whose key or certificate is missing
		return likely(report.TLSBadCertificate).or(report.TLSHandshakeFailure, report.Medium), true
	case "tls: handshake failure", // no cipher in common; TLS 1.2: a client certificate is wanted
		"tls: insufficient security level",
		"tls: no application protocol",
		"tls: certificate required": // TLS 1.3: a client certificate is wanted
		return certain(report.TLSHandshakeFailure), true
	}
	return likely(report.TLSHandshakeFailure), true
}

// altered tells a TLS session in which something else arrived than was sent:
// one of the two ends could not authenticate a record (RFC 8446 section 5.2),
// or, once the session stood, what came was none.
func altered(err error) bool {
	var handshake *wire.TLSError
	var record tls.RecordHeaderError
	if errors.As(err, &record) && !errors.As(err, &handshake) {
		return true
	}
	var alert *net.OpError
	return errors.As(err, &alert) && (alert.Op == "local error" || alert.Op == "remote error") &&
		slices.Contains([]string{"tls: bad record MAC", "tls: error decrypting message"}, alert.Err.Error())
}

// subjectAltName is the extension that names a certificate's hosts (RFC 5280
// section 4.2.1.6).
var subjectAltName = asn1.ObjectIdentifier{2, 5, 29, 17}

func hasNames(cert *x509.Certificate) bool {
	for _, ext := range cert.Extensions {
		if ext.Id.Equal(subjectAltName) {
			return true
		}
	}
	return false
}

// selfIssued goes by the names: a self-signed certificate need not be marked
// as an authority, nor be signed in a way that Go still checks.
func selfIssued(cert *x509.Certificate) bool {
	return bytes.Equal(cert.RawIssuer, cert.RawSubject)
}

// firstBytes is what a server answered a handshake with that was no TLS.
func firstBytes(e *wire.TLSError) string {
	var header tls.RecordHeaderError
	if e.FirstBytes == "" && errors.As(e.Err, &header) {
		return string(header.RecordHeader[:])
	}
	return e.FirstBytes
}

// isX509 tells the certificate errors that need no distinction.
func isX509(err error) bool {
	var (
		algorithm  x509.InsecureAlgorithmError
		constraint x509.ConstraintViolationError
		critical   x509.UnhandledCriticalExtension
	)
	return errors.As(err, &algorithm) || errors.As(err, &constraint) || errors.As(err, &critical)
}

// outdated says what a server agreed to when it was asked once more, with all
// that has been given up allowed.
func (s setting) outdated(step *report.Step) string {
	var e *wire.TLSError
	if !errors.As(step.Err, &e) || e.Outdated == nil {
		return ""
	}
	version := tls.VersionName(e.Outdated.Version)
	switch {
	case e.Outdated.OldVersion():
		return s.Say("Tried once more without a password, the server agreed to %s and nothing newer.", version)
	case e.Outdated.StaticRSA():
		return s.Say("Tried once more without a password, the server agreed to %s, but only with a key exchange that has been given up (static RSA).", version)
	}
	return s.Say("Tried once more without a password, the server agreed to %s, but only with a cipher that has been given up (%s).",
		version, tls.CipherSuiteName(e.Outdated.Cipher))
}
