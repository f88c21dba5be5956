package verify_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"testing"
	"time"

	"mailcheck/internal/lab"
	"mailcheck/report"
	"mailcheck/verify"
)

// nameless is a certificate that has its host in the Common Name alone, as was
// usual before RFC 6125.
func nameless(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: hostileHost},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(90 * 24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

// TestSecurityCertificates: cases 11 to 14, and 17. A server that does not
// prove its name is told nothing, over either kind of TLS, and each way of not
// proving it has a cause of its own.
func TestSecurityCertificates(t *testing.T) {
	const script = "S! tls\nS! close"
	bare := nameless(t)
	cases := []hostileCase{
		{name: "case 11 self-signed", leaf: lab.LeafSelfSigned, cause: report.TLSUnknownAuthority},
		{name: "case 11 unknown root", leaf: lab.LeafUnknownCA, cause: report.TLSUnknownAuthority},
		{name: "case 11 expired", leaf: lab.LeafExpired, cause: report.TLSExpired},
		{name: "case 11 not yet valid", leaf: lab.LeafNotYetValid, cause: report.TLSNotYetValid},
		{name: "case 12 another host", leaf: lab.LeafOtherHost, cause: report.TLSHostnameMismatch},
		{name: "case 12 Common Name alone", cause: report.TLSBadCertificate,
			server: func(c *tls.Config) { c.Certificates = []tls.Certificate{bare} },
			change: func(o *verify.Options) { o.Roots = x509.NewCertPool(); o.Roots.AddCert(bare.Leaf) }},
		{name: "case 13 intermediate missing", leaf: lab.LeafIncompleteChain, cause: report.TLSIncompleteChain},
		{name: "case 14 weak key", leaf: lab.LeafWeakKey, cause: report.TLSWeak},
		{name: "case 14 TLS 1.1", cause: report.TLSOldVersion,
			server: func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 }},
		{name: "case 17 client certificate demanded, TLS 1.2", cause: report.TLSHandshakeFailure,
			server: func(c *tls.Config) { c.ClientAuth, c.MaxVersion = tls.RequireAnyClientCert, tls.VersionTLS12 }},
	}
	for _, c := range cases { // behind STARTTLS too
		c.name, c.check, c.step, c.script = c.name+", behind STARTTLS", report.SMTP, "smtp.tls", smtpToSTARTTLS+"S: 220 go on\n"+script
		cases = append(cases, c)
	}
	for i := range cases {
		c := &cases[i]
		c.unheard, c.exit = true, report.ExitTLS
		if c.script == "" {
			c.way, c.step, c.script = report.TLS, "imap.tls", script
		}
	}
	cases = append(cases, hostileCase{name: "case 17 client certificate demanded, TLS 1.3", way: report.TLS, unheard: true,
		server: func(c *tls.Config) { c.ClientAuth = tls.RequireAnyClientCert }, script: script,
		step: "imap.greeting", cause: report.TLSHandshakeFailure, exit: report.ExitTLS})
	play(t, cases)
}
