package dns

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"math/big"
	"net/netip"
	"testing"

	miekg "github.com/miekg/dns"
)

func TestTLSA(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	spki := sha256.Sum256(cert.RawSubjectPublicKeyInfo)
	whole := sha256.Sum256(cert.Raw)
	const owner = "_25._tcp.mx.example.com"
	server := serve(t, map[string]says{owner + " TLSA": func(m *miekg.Msg, network string) bool {
		m.AuthenticatedData = true
		return records(owner+". 60 IN TLSA 3 1 1 "+hex.EncodeToString(spki[:]), owner+". 60 IN TLSA 3 0 1 "+hex.EncodeToString(whole[:]),
			owner+". 60 IN TLSA 3 1 1 "+hex.EncodeToString(whole[:]), owner+". 60 IN TLSA 3 5 1 "+hex.EncodeToString(whole[:]))(m, network)
	}})
	got, err := client(server).TLSA(t.Context(), owner)
	if err != nil {
		t.Fatal(err)
	}
	if !got.Authentic || len(got.Records) != 4 || got.Records[0].Parameters() != "3 1 1" {
		t.Fatalf("%+v", got)
	}
	for i, want := range []bool{true, true, false, false} {
		if got.Records[i].Matches(cert) != want {
			t.Errorf("%+v matches: %v", got.Records[i], !want)
		}
	}
	if _, err := client(server).TLSA(t.Context(), "_25._tcp.other.example.com"); !IsAbsent(err) {
		t.Errorf("another host: %v", err)
	}
	var e *Error
	if _, err := New(Options{ResolvConf: "/nonexistent"}).TLSA(t.Context(), owner); !errors.As(err, &e) || e.Kind != Other || !errors.Is(err, errNoTLSA) {
		t.Errorf("without a server: %v", err)
	}
}

func TestPTR(t *testing.T) {
	server := serve(t, map[string]says{
		"1.2.0.192.in-addr.arpa PTR": records("1.2.0.192.in-addr.arpa. 60 IN PTR MX.example.com."),
		"1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa PTR": records(
			"1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa. 60 IN PTR mx6.example.com."),
	})
	for addr, want := range map[string]string{"192.0.2.1": "mx.example.com", "::ffff:192.0.2.1": "mx.example.com", "2001:db8::1": "mx6.example.com"} {
		got, err := client(server).PTR(t.Context(), netip.MustParseAddr(addr))
		if err != nil || got.Records[0] != want {
			t.Errorf("%s: %+v, %v", addr, got, err)
		}
	}
	for _, addr := range []netip.Addr{{}, netip.MustParseAddr("192.0.2.2")} {
		if _, err := client(server).PTR(t.Context(), addr); !IsAbsent(err) {
			t.Errorf("%v: %v", addr, err)
		}
	}
}

// With Public the hosts file does not count: it names localhost, which the
// server does not know.
func TestPublicNames(t *testing.T) {
	server := serve(t, nil)
	for public, found := range map[bool]bool{false: true, true: false} {
		c := New(Options{ResolvConf: writeFile(t, "nameserver 192.0.2.53\n"), Public: public})
		c.servers = []string{server}
		if _, err := c.Host(t.Context(), "localhost"); (err == nil) != found {
			t.Errorf("public %v: %v", public, err)
		}
	}
}
