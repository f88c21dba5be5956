package wire

import (
	"crypto/x509"
	"errors"
	"testing"

	"mailcheck/internal/lab"
)

// A chain that was found good is good for the names that it has and the roots
// that vouched for it, and no other chain is good because of it.
func TestVerified(t *testing.T) {
	const name = "imap.example.com"
	ca, err := lab.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	shows := func(leaf lab.Leaf) []*x509.Certificate {
		made, err := ca.Certificate(leaf, name, "smtp.example.com")
		if err != nil {
			t.Fatal(err)
		}
		var certs []*x509.Certificate
		for _, der := range made.Certificate {
			cert, err := x509.ParseCertificate(der)
			if err != nil {
				t.Fatal(err)
			}
			certs = append(certs, cert)
		}
		return certs
	}
	var v Verified
	roots, good := ca.Roots(), shows(lab.LeafGood)
	if err := v.verify(roots, name, good); err != nil || !v.of(roots, good).good {
		t.Fatalf("%v, remembered: %v", err, v.of(roots, good).good)
	}
	var unknown x509.UnknownAuthorityError
	var other x509.HostnameError
	var invalid x509.CertificateInvalidError
	for what, tt := range map[string]struct {
		roots *x509.CertPool
		name  string
		certs []*x509.Certificate
		want  any
	}{
		"another name of it":       {roots, "smtp.example.com", good, nil},
		"a name that it has not":   {roots, "imap.example.org", good, &other},
		"other roots":              {x509.NewCertPool(), name, good, &unknown},
		"a part of it":             {roots, name, good[:1], &unknown},
		"another chain, not known": {roots, name, shows(lab.LeafUnknownCA), &unknown},
		"another chain, expired":   {roots, name, shows(lab.LeafExpired), &invalid},
	} {
		for range 2 { // what failed is not remembered either
			if err := v.verify(tt.roots, tt.name, tt.certs); tt.want == nil && err != nil || tt.want != nil && !errors.As(err, tt.want) {
				t.Errorf("%s: %v", what, err)
			}
		}
	}

	v.of(nil, good).good = true // as if the system's roots had vouched for it
	if err := v.verify(nil, name, good); err != nil {
		t.Errorf("a chain that was found good was verified again: %v", err)
	}
}
