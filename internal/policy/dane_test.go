package policy

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"math/big"
	"testing"
	"time"

	"mailcheck/internal/dns"
)

// certificates makes a server's certificate and its authority's.
func certificates(t *testing.T, name string, ends time.Time) []*x509.Certificate {
	t.Helper()
	make := func(template, issuer *x509.Certificate, key, by *ecdsa.PrivateKey) *x509.Certificate {
		der, err := x509.CreateCertificate(rand.Reader, template, issuer, key.Public(), by)
		if err != nil {
			t.Fatal(err)
		}
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		return cert
	}
	key := func() *ecdsa.PrivateKey {
		k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	authority, server := key(), key()
	ca := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "CA"}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	ca = make(ca, ca, authority, authority)
	leaf := &x509.Certificate{SerialNumber: big.NewInt(2), DNSNames: []string{name}, NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: ends,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	return []*x509.Certificate{make(leaf, ca, server, authority), ca}
}

func TestDANE(t *testing.T) {
	const host = "mx.example.com"
	hash := func(data []byte) string { h := sha256.Sum256(data); return hex.EncodeToString(h[:]) }
	soon := time.Now().Add(time.Hour)
	chain := certificates(t, host, soon)
	other := certificates(t, "mx.example.net", soon)
	expired := certificates(t, host, time.Now().Add(-time.Hour))
	server := func(c []*x509.Certificate) dns.TLSA {
		return dns.TLSA{Usage: 3, Selector: 1, Matching: 1, Data: hash(c[0].RawSubjectPublicKeyInfo)}
	}
	authority := func(c []*x509.Certificate) dns.TLSA {
		return dns.TLSA{Usage: 2, Selector: 0, Matching: 1, Data: hash(c[1].Raw)}
	}
	whole := func(c []*x509.Certificate) dns.TLSA { return dns.TLSA{Usage: 2, Data: hex.EncodeToString(c[1].Raw)} }
	const mismatch = "policy.dane_mismatch: mx.example.com shows a certificate that none of its TLSA records ("
	for name, tc := range map[string]struct {
		records []dns.TLSA
		chain   []*x509.Certificate
		want    string
	}{
		"server":                      {[]dns.TLSA{server(other), server(chain)}, chain, "ok: mx.example.com: the certificate is the one of the TLSA record 3 1 1"},
		"server, expired":             {[]dns.TLSA{server(expired)}, expired, "ok: mx.example.com: the certificate is the one of the TLSA record 3 1 1"},
		"server, other name":          {[]dns.TLSA{server(other)}, other, "ok: mx.example.com: the certificate is the one of the TLSA record 3 1 1"},
		"authority":                   {[]dns.TLSA{authority(chain)}, chain, "ok: mx.example.com: the certificate is the one of the TLSA record 2 0 1"},
		"authority, not sent":         {[]dns.TLSA{whole(chain)}, chain[:1], "ok: mx.example.com: the certificate is the one of the TLSA record 2 0 0"},
		"authority, only its hash":    {[]dns.TLSA{authority(chain)}, chain[:1], mismatch + "2 0 1) is about"},
		"authority, expired":          {[]dns.TLSA{authority(expired)}, expired, mismatch + "2 0 1) is about"},
		"authority, other name":       {[]dns.TLSA{authority(other)}, other, mismatch + "2 0 1) is about"},
		"another certificate":         {[]dns.TLSA{server(other), authority(other)}, chain, mismatch + "3 1 1, 2 0 1) is about"},
		"of the web's authorities":    {[]dns.TLSA{{Usage: 1, Selector: 1, Matching: 1, Data: server(chain).Data}}, chain, "warn policy.dane_unusable: mx.example.com: senders can use none of its TLSA records (1 1 1)"},
		"a hash that is cut":          {[]dns.TLSA{{Usage: 3, Selector: 1, Matching: 1, Data: "0123"}}, chain, "warn policy.dane_unusable: mx.example.com: senders can use none of its TLSA records (3 1 1)"},
		"unusable beside a right one": {[]dns.TLSA{{Usage: 0, Data: "00"}, server(chain)}, chain, "ok: mx.example.com: the certificate is the one of the TLSA record 3 1 1"},
	} {
		t.Run(name, func(t *testing.T) {
			compare(t, outcome(DANE(tc.records, host, tc.chain)), tc.want)
		})
	}
}
