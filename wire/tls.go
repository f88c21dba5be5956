package wire

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"mailcheck/report"
)

// minRSABits is the shortest RSA key that is taken (RFC 9325 section 4.5).
const minRSABits = 2048

// ErrPin is in the error of a session whose certificate is not the pinned one.
var ErrPin = errors.New("the certificate is not the pinned one")

// Trust says which certificates are taken.
type Trust struct {
	// Roots are the certificate authorities; nil means the system's.
	Roots *x509.CertPool
	// Pin is the SHA-256 of the one certificate (DER) that is taken, in hex;
	// empty means that the chain decides.
	Pin string
	// AcceptInvalid takes a certificate that fails, other than by its pin; the
	// facts still say verified: false, and the error is returned beside a
	// working session.
	AcceptInvalid bool
	// Verified remembers the chains that were found good; nil: none.
	Verified *Verified
}

// handshake does the TLS handshake (TLS 1.2 or newer) for the server name.
// Facts are returned as far as it got. With Trust.AcceptInvalid a bad
// certificate is returned as soft: the session goes on all the same.
func (c *Conn) handshake(serverName string) (facts *report.TLSFacts, soft, err error) {
	upgraded := c.total > 0 // something was said in clear text before
	if len(c.buf) > 0 {
		return nil, nil, c.fail(&TLSError{ServerName: serverName, Err: ErrInjected})
	}
	var verdict error
	config := &tls.Config{
		ServerName: serverName,
		RootCAs:    c.opt.TLS.Roots,
		MinVersion: tls.VersionTLS12,
		// Verification is done in VerifyConnection, so that the facts of a
		// refused session are seen too.
		InsecureSkipVerify: true,
		VerifyConnection: func(state tls.ConnectionState) error {
			verdict = c.opt.TLS.verify(serverName, state.PeerCertificates)
			facts = c.opt.TLS.Verified.describe(state, serverName, verdict == nil)
			if c.opt.TLS.AcceptInvalid && !errors.Is(verdict, ErrPin) {
				return nil // a pin says which certificate, and no other
			}
			return verdict
		},
	}
	session := tls.Client(c.raw, config)
	if err := session.Handshake(); err != nil {
		return facts, nil, c.fail(c.tlsError(serverName, upgraded, verdict, err, session))
	}
	c.mu.Lock()
	c.tls = session
	c.mu.Unlock()
	if verdict != nil {
		return facts, &TLSError{ServerName: serverName, Chain: session.ConnectionState().PeerCertificates, Err: verdict}, nil
	}
	return facts, nil, nil
}

func (c *Conn) tlsError(serverName string, upgraded bool, verdict, err error, session *tls.Conn) error {
	e := &TLSError{ServerName: serverName, Err: err}
	if verdict != nil {
		e.Chain, e.Err = session.ConnectionState().PeerCertificates, verdict
	}
	var header tls.RecordHeaderError
	if errors.As(err, &header) {
		if looksLikeText(header.RecordHeader[:]) {
			e.FirstBytes = string(header.RecordHeader[:])
		}
		if upgraded && header.Conn != nil { // no handshake at all where the server's should stand
			e.Err = ErrInjected
		}
	}
	c.mu.Lock()
	ctx := c.ctx
	c.mu.Unlock()
	if ctxErr := ctx.Err(); ctxErr != nil && verdict == nil {
		e.Err = &ContextError{Err: ctxErr, Reason: context.Cause(ctx)}
	}
	return e
}

// looksLikeText tells a server that speaks clear text from a broken TLS record.
func looksLikeText(b []byte) bool {
	for _, ch := range b {
		if (ch < ' ' || ch > '~') && ch != '\r' && ch != '\n' && ch != '\t' {
			return false
		}
	}
	return true
}

// verify decides on a server's certificates.
func (t Trust) verify(serverName string, chain []*x509.Certificate) error {
	leaf := chain[0]
	if t.Pin != "" {
		sum := sha256.Sum256(leaf.Raw)
		if shown := hex.EncodeToString(sum[:]); !strings.EqualFold(shown, t.Pin) {
			return fmt.Errorf("%w; it has the SHA-256 %s", ErrPin, shown)
		}
		return nil
	}
	if err := t.Verified.verify(t.Roots, serverName, chain); err != nil {
		return err
	}
	if key, ok := leaf.PublicKey.(*rsa.PublicKey); ok && key.N.BitLen() < minRSABits {
		return &report.Fault{Cause: report.TLSWeak,
			Text: fmt.Sprintf("the certificate has an RSA key of %d bits; %d is the least", key.N.BitLen(), minRSABits)}
	}
	return nil
}

// describe makes the facts of a session for the report.
func (v *Verified) describe(state tls.ConnectionState, serverName string, verified bool) *report.TLSFacts {
	f := &report.TLSFacts{
		Version:    tls.VersionName(state.Version),
		Cipher:     cipherName(state.CipherSuite),
		ServerName: serverName,
		Verified:   verified,
	}
	for i, cert := range state.PeerCertificates {
		n := v.names(cert)
		if i > 0 {
			f.Chain = append(f.Chain, report.ChainLink{Subject: n.subject, Issuer: n.issuer, NotAfter: cert.NotAfter})
			continue
		}
		sum := sha256.Sum256(cert.Raw)
		names := append([]string(nil), cert.DNSNames...)
		for _, ip := range cert.IPAddresses {
			names = append(names, ip.String())
		}
		f.Certificate = &report.Certificate{
			Subject: n.subject, Issuer: n.issuer, Names: names,
			NotBefore: cert.NotBefore, NotAfter: cert.NotAfter, DaysLeft: daysLeft(cert.NotAfter),
			SHA256: hex.EncodeToString(sum[:]), Key: keyName(cert.PublicKey),
		}
	}
	return f
}

// cipherNames are the names of the cipher suites that are offered. crypto/tls makes
// its whole list anew for each name that it tells.
var cipherNames = sync.OnceValue(func() map[uint16]string {
	names := map[uint16]string{}
	for _, suite := range tls.CipherSuites() {
		names[suite.ID] = suite.Name
	}
	return names
})

func cipherName(id uint16) string {
	if name, known := cipherNames()[id]; known {
		return name
	}
	return tls.CipherSuiteName(id)
}

// daysLeft counts whole days until t, and negative ones since it has passed.
func daysLeft(t time.Time) int { return int(time.Until(t).Hours() / 24) }

func keyName(key any) string {
	switch k := key.(type) {
	case *rsa.PublicKey:
		return fmt.Sprintf("RSA %d", k.N.BitLen())
	case *ecdsa.PublicKey:
		return "ECDSA " + k.Curve.Params().Name
	case ed25519.PublicKey:
		return "Ed25519"
	}
	return "of an unknown kind"
}
