package wire_test

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"mailcheck/report"
	"mailcheck/wire"
)

// rsaPair is a certificate with an RSA key, which static RSA needs.
func rsaPair(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{host},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// A server that breaks the handshake off is asked once more, with everything
// outdated allowed, and hears nothing but the handshake.
func TestOutdated(t *testing.T) {
	pair := rsaPair(t)
	offers := func(change func(*tls.Config)) *tls.Config {
		c := &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS10}
		change(c)
		return c
	}
	for name, tc := range map[string]struct {
		server *tls.Config
		want   string // what the server agrees to; empty when nothing is to be named
		asked  int32  // connections
	}{
		"TLS 1.0": {offers(func(c *tls.Config) {
			c.MaxVersion, c.CipherSuites = tls.VersionTLS10, []uint16{tls.TLS_RSA_WITH_AES_128_CBC_SHA}
		}),
			"TLS 1.0 with TLS_RSA_WITH_AES_128_CBC_SHA", 2},
		"TLS 1.1": {offers(func(c *tls.Config) {
			c.MaxVersion, c.CipherSuites = tls.VersionTLS11, []uint16{tls.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA}
		}),
			"TLS 1.1 with TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", 2},
		"static RSA": {offers(func(c *tls.Config) {
			c.MaxVersion, c.CipherSuites = tls.VersionTLS12, []uint16{tls.TLS_RSA_WITH_AES_128_GCM_SHA256}
		}),
			"TLS 1.2 with TLS_RSA_WITH_AES_128_GCM_SHA256", 2},
		"a client certificate is wanted": {offers(func(c *tls.Config) { c.MaxVersion, c.ClientAuth = tls.VersionTLS12, tls.RequireAnyClientCert }), "", 1},
		"no certificate":                 {&tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return nil, errors.New("none") }}, "", 2},
	} {
		for _, starttls := range []bool{false, true} {
			mode := map[bool]string{false: " on a TLS port", true: " behind STARTTLS"}[starttls]
			t.Run(name+mode, func(t *testing.T) {
				var connections atomic.Int32
				var inside atomic.Int64 // bytes said inside TLS
				target := server(t, func(c net.Conn) {
					connections.Add(1)
					if starttls {
						_, _ = io.WriteString(c, "220-one\r\n220 two\r\n")
						lines := bufio.NewReader(c)
						for _, reply := range []string{"250-a\r\n250 STARTTLS\r\n", "220 go\r\n"} {
							if _, err := lines.ReadString('\n'); err != nil {
								return
							}
							_, _ = io.WriteString(c, reply)
						}
					}
					s := tls.Server(c, tc.server)
					n, _ := io.Copy(io.Discard, s)
					inside.Add(n)
				})
				step := negotiate(t, target, starttls)
				var failed *wire.TLSError
				if !errors.As(step.Err, &failed) {
					t.Fatalf("got %v", step.Err)
				}
				got := ""
				if failed.Outdated != nil {
					got = failed.Outdated.String()
				}
				if got != tc.want || tc.want != "" && !strings.HasSuffix(step.Err.Error(), "the server agrees to "+tc.want) {
					t.Errorf("the server agrees to %q, want %q: %v", got, tc.want, step.Err)
				}
				if n := connections.Load(); n != tc.asked {
					t.Errorf("%d connections, want %d", n, tc.asked)
				}
				if n := inside.Load(); n != 0 {
					t.Errorf("%d bytes were said inside", n)
				}
			})
		}
	}
}

// negotiate connects and secures as a protocol does, and returns the step "tls".
func negotiate(t *testing.T, target wire.Target, starttls bool) *report.Step {
	t.Helper()
	rec := new(report.Log).Check("smtp", nil)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	ca := x509.NewCertPool()
	conn, err := wire.Connect(ctx, rec, target, wire.Options{TLS: wire.Trust{Roots: ca}})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Finish(rec)
	ep := report.Endpoint{Host: host, Security: report.TLS}
	if starttls {
		ep.Security = report.STARTTLS
	}
	lines := func(n int) error {
		for range n {
			if _, err := conn.ReadLine(); err != nil {
				return err
			}
		}
		return nil
	}
	_ = conn.Negotiate(ctx, rec, ep, wire.Dialogue{
		Greeting:     func(context.Context) error { return lines(2) },
		Capabilities: func(context.Context, string) error { _ = conn.Send("EHLO x"); return lines(2) },
		StartTLS:     func(context.Context) error { _ = conn.Send("STARTTLS"); return lines(1) },
	})
	return rec.Check().Step("tls")
}

// A second handshake that the server keeps waiting has a limit of its own.
func TestOutdatedIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		connections := 0
		dial := func(context.Context, string, string) (net.Conn, error) {
			client, server := net.Pipe()
			if connections++; connections == 1 {
				go func() {
					_, _ = server.Read(make([]byte, 4096))
					_, _ = io.WriteString(server, "\x15\x03\x03\x00\x02\x02\x28") // alert: handshake_failure
				}()
			} else {
				go func() { _, _ = io.Copy(io.Discard, server) }()
			}
			return client, nil
		}
		rec := new(report.Log).Check("imap", nil)
		conn, err := wire.Connect(t.Context(), rec, wire.Target{Host: host, Port: 993, Addresses: []netip.Addr{netip.IPv6Loopback()}}, wire.Options{DialContext: dial})
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Finish(rec)
		var failed *wire.TLSError
		if err := conn.Secure(t.Context(), rec, host); !errors.As(err, &failed) || failed.Outdated != nil {
			t.Errorf("got %v", err)
		}
		if took := rec.Check().Step("tls").Duration; connections != 2 || took != 3*time.Second {
			t.Errorf("%d connections, %v", connections, took)
		}
	})
}
