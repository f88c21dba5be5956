package lab

import (
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"testing"
	"time"
)

func TestCertificates(t *testing.T) {
	ca, err := NewCA()
	if err != nil {
		t.Fatal(err)
	}
	unknownAuthority := func(err error) bool {
		return errors.As(err, new(x509.UnknownAuthorityError))
	}
	outOfDate := func(err error) bool {
		var invalid x509.CertificateInvalidError
		return errors.As(err, &invalid) && invalid.Reason == x509.Expired
	}
	for _, tt := range []struct {
		leaf  Leaf
		chain int
		fails func(error) bool // nil: it is accepted
		also  func(*x509.Certificate) bool
	}{
		{LeafGood, 2, nil, func(c *x509.Certificate) bool { return len(c.IPAddresses) == 1 && len(c.DNSNames) == 1 }},
		{LeafExpired, 2, outOfDate, func(c *x509.Certificate) bool { return c.NotAfter.Before(time.Now()) }},
		{LeafJustExpired, 2, outOfDate, func(c *x509.Certificate) bool { return int(time.Since(c.NotAfter).Hours()) == 3 }},
		{LeafNotYetValid, 2, outOfDate, func(c *x509.Certificate) bool { return c.NotBefore.After(time.Now()) }},
		{LeafExpiresSoon, 2, nil, func(c *x509.Certificate) bool { return int(time.Until(c.NotAfter)/day) == 10 }},
		{LeafOtherHost, 2, func(err error) bool { return errors.As(err, new(x509.HostnameError)) }, nil},
		{LeafUnknownCA, 2, unknownAuthority, nil},
		{LeafSelfSigned, 1, unknownAuthority, func(c *x509.Certificate) bool { return c.CheckSignatureFrom(c) == nil }},
		{LeafIncompleteChain, 1, unknownAuthority, func(c *x509.Certificate) bool { return c.Issuer.String() != c.Subject.String() }},
		{LeafWeakKey, 2, nil, func(c *x509.Certificate) bool { return c.PublicKey.(*rsa.PublicKey).N.BitLen() == 1024 }},
	} {
		cert, err := ca.Certificate(tt.leaf, "mail.test", "127.0.0.1")
		if err != nil {
			t.Errorf("%s: %v", tt.leaf, err)
			continue
		}
		if len(cert.Certificate) != tt.chain {
			t.Errorf("%s: %d certificates are sent, want %d", tt.leaf, len(cert.Certificate), tt.chain)
		}
		if tt.also != nil && !tt.also(cert.Leaf) {
			t.Errorf("%s: not what it should be: %+v", tt.leaf, cert.Leaf)
		}
		err = verify(cert, ca.Roots())
		if tt.fails == nil && err != nil || tt.fails != nil && !tt.fails(err) {
			t.Errorf("%s: %v", tt.leaf, err)
		}
	}
	if _, err := ca.Certificate(LeafGood); err == nil {
		t.Error("a certificate without a name")
	}
	if _, err := ca.Certificate("no-such-leaf", "mail.test"); err == nil {
		t.Error("an unknown kind")
	}
	block, rest := pem.Decode(ca.PEM())
	if block == nil || len(rest) != 0 {
		t.Fatalf("PEM: %q", ca.PEM())
	}
	if root, err := x509.ParseCertificate(block.Bytes); err != nil || !root.IsCA {
		t.Errorf("PEM: %v", err)
	}
}

func verify(cert tls.Certificate, roots *x509.CertPool) error {
	intermediates := x509.NewCertPool()
	for _, der := range cert.Certificate[1:] {
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return err
		}
		intermediates.AddCert(c)
	}
	_, err := cert.Leaf.Verify(x509.VerifyOptions{DNSName: "mail.test", Roots: roots, Intermediates: intermediates})
	return err
}
