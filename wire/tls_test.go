package wire_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"mailcheck/internal/lab"
	"mailcheck/report"
	"mailcheck/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const host = "imap.example.com"

// server plays one end of connections on a loopback port.
func server(t *testing.T, play func(net.Conn)) wire.Target {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() { defer c.Close(); play(c) }()
		}
	}()
	t.Cleanup(func() { l.Close(); <-done })
	addr := netip.MustParseAddrPort(l.Addr().String())
	return wire.Target{Host: host, Port: int(addr.Port()), Addresses: []netip.Addr{addr.Addr()}}
}

// secure connects and secures, and returns the step "tls".
func secure(t *testing.T, target wire.Target, trust wire.Trust, before string) (*report.Step, *report.Check) {
	t.Helper()
	rec := new(report.Log).Check("imap", nil)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	conn, err := wire.Connect(ctx, rec, target, wire.Options{TLS: trust})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Finish(rec)
	if before != "" { // something is read in clear text first
		if line, err := conn.ReadLine(); err != nil || line != before {
			t.Fatalf("got %q, %v", line, err)
		}
	}
	_ = conn.Secure(ctx, rec, host)
	return rec.Check().Step("tls"), rec.Check()
}

// handshakes answers with a TLS session and ends it.
func handshakes(config *tls.Config) func(net.Conn) {
	return func(c net.Conn) {
		s := tls.Server(c, config)
		_ = s.Handshake()
		_, _ = io.Copy(io.Discard, s)
	}
}

func TestSecure(t *testing.T) {
	ca, err := lab.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	as := func(want any) func(error) bool { return func(err error) bool { return errors.As(err, want) } }
	for name, tc := range map[string]struct {
		leaf     lab.Leaf
		max      uint16
		result   report.Result
		err      func(error) bool
		verified bool
		chain    int // certificates in the error
	}{
		"sound":            {lab.LeafGood, 0, report.OK, nil, true, 0},
		"TLS 1.2":          {lab.LeafGood, tls.VersionTLS12, report.OK, nil, true, 0},
		"TLS 1.1":          {lab.LeafGood, tls.VersionTLS11, report.Fail, func(err error) bool { var e *net.OpError; return errors.As(err, &e) }, false, 0},
		"ends soon":        {lab.LeafExpiresSoon, 0, report.Warn, nil, true, 0},
		"expired":          {lab.LeafExpired, 0, report.Fail, as(new(x509.CertificateInvalidError)), false, 2},
		"not yet valid":    {lab.LeafNotYetValid, 0, report.Fail, as(new(x509.CertificateInvalidError)), false, 2},
		"other host":       {lab.LeafOtherHost, 0, report.Fail, as(new(x509.HostnameError)), false, 2},
		"unknown CA":       {lab.LeafUnknownCA, 0, report.Fail, as(new(x509.UnknownAuthorityError)), false, 2},
		"self-signed":      {lab.LeafSelfSigned, 0, report.Fail, as(new(x509.UnknownAuthorityError)), false, 1},
		"incomplete chain": {lab.LeafIncompleteChain, 0, report.Fail, as(new(x509.UnknownAuthorityError)), false, 1},
		"weak key": {lab.LeafWeakKey, 0, report.Fail, func(err error) bool {
			var f *report.Fault
			return errors.As(err, &f) && f.Cause == report.TLSWeak
		}, false, 2},
	} {
		t.Run(name, func(t *testing.T) {
			certificate, err := ca.Certificate(tc.leaf, host)
			if err != nil {
				t.Fatal(err)
			}
			target := server(t, handshakes(&tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS10, MaxVersion: tc.max}))
			step, check := secure(t, target, wire.Trust{Roots: ca.Roots()}, "")
			if step.Result != tc.result {
				t.Fatalf("%s: %v", step.Result, step.Err)
			}
			if tc.err != nil {
				var te *wire.TLSError
				if !errors.As(step.Err, &te) || !tc.err(step.Err) || len(te.Chain) != tc.chain {
					t.Errorf("error %v (%T), %d certificates", step.Err, errors.Unwrap(step.Err), len(te.Chain))
				}
			}
			if f := check.TLS; f != nil {
				if f.Verified != tc.verified || f.ServerName != host || f.Certificate == nil || len(f.Certificate.SHA256) != 64 {
					t.Errorf("facts %+v", f)
				}
			} else if tc.chain > 0 || tc.verified {
				t.Error("no facts")
			}
		})
	}
}

func TestAcceptInvalidAndPin(t *testing.T) {
	ca, err := lab.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := ca.Certificate(lab.LeafSelfSigned, host)
	if err != nil {
		t.Fatal(err)
	}
	target := server(t, handshakes(&tls.Config{Certificates: []tls.Certificate{certificate}}))
	step, check := secure(t, target, wire.Trust{AcceptInvalid: true}, "")
	var unknown x509.UnknownAuthorityError
	if step.Result != report.Warn || !errors.As(step.Err, &unknown) || check.TLS.Verified {
		t.Errorf("accepted: %s %v", step.Result, step.Err)
	}
	sum := check.TLS.Certificate.SHA256
	if step, check := secure(t, target, wire.Trust{Pin: strings.ToUpper(sum)}, ""); step.Result != report.OK || !check.TLS.Verified {
		t.Errorf("pinned: %s %v", step.Result, step.Err)
	}
	for _, accept := range []bool{false, true} {
		step, _ := secure(t, target, wire.Trust{Pin: strings.Repeat("00", 32), AcceptInvalid: accept}, "")
		if !errors.Is(step.Err, wire.ErrPin) || step.Result != report.Fail || !strings.Contains(step.Err.Error(), sum) {
			t.Errorf("pinned to another, invalid ones accepted %v: %s %v", accept, step.Result, step.Err)
		}
	}
}

func TestClearTextAtTheHandshake(t *testing.T) {
	certificate := func() tls.Certificate {
		ca, err := lab.NewCA()
		if err != nil {
			t.Fatal(err)
		}
		c, err := ca.Certificate(lab.LeafGood, host)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}()
	for name, tc := range map[string]struct {
		play     func(net.Conn)
		before   string
		injected bool
		first    string
	}{
		"a clear-text server on a TLS port": {
			func(c net.Conn) { _, _ = io.WriteString(c, "* OK IMAP ready\r\n"); _, _ = io.Copy(io.Discard, c) }, "", false, "* OK "},
		"injected with the reply": {
			func(c net.Conn) {
				_, _ = io.WriteString(c, "+OK go on\r\n+OK injected\r\n")
				handshakes(&tls.Config{Certificates: []tls.Certificate{certificate}})(c)
			}, "+OK go on", true, ""},
		"a fragment injected with the reply": {
			func(c net.Conn) { _, _ = io.WriteString(c, "+OK go on\r\nx"); _, _ = io.Copy(io.Discard, c) }, "+OK go on", true, ""},
		"other bytes instead of the handshake": {
			func(c net.Conn) {
				_, _ = io.WriteString(c, "+OK go on\r\n")
				_, _ = c.Read(make([]byte, 1)) // the handshake has begun
				_, _ = io.WriteString(c, "\x00\x01\xff\xfe\x80\x00\x00")
				_, _ = io.Copy(io.Discard, c)
			}, "+OK go on", true, ""},
		"clear text instead of the handshake": {
			func(c net.Conn) {
				_, _ = io.WriteString(c, "+OK go on\r\n")
				_, _ = c.Read(make([]byte, 1)) // the handshake has begun
				_, _ = io.WriteString(c, "+OK injected\r\n")
				_, _ = io.Copy(io.Discard, c)
			}, "+OK go on", true, "+OK i"},
	} {
		t.Run(name, func(t *testing.T) {
			step, _ := secure(t, server(t, tc.play), wire.Trust{}, tc.before)
			var te *wire.TLSError
			if !errors.As(step.Err, &te) {
				t.Fatalf("got %v", step.Err)
			}
			if errors.Is(step.Err, wire.ErrInjected) != tc.injected || te.FirstBytes != tc.first {
				t.Errorf("got %v, first bytes %q", step.Err, te.FirstBytes)
			}
		})
	}
}

// A server that waits for TLS says nothing to a client that waits for its
// greeting: that is found out before the time is over.
func TestGreetingOfATLSPort(t *testing.T) {
	ca, err := lab.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := ca.Certificate(lab.LeafGood, host)
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		play func(net.Conn)
		want func(error) bool
	}{
		"TLS": {handshakes(&tls.Config{Certificates: []tls.Certificate{certificate}}),
			func(err error) bool {
				var f *report.Fault
				return errors.As(err, &f) && f.Cause == report.TLSPlaintextPort
			}},
		"silence": {func(c net.Conn) { _, _ = io.Copy(io.Discard, c) },
			func(err error) bool { return errors.Is(err, context.DeadlineExceeded) }},
	} {
		t.Run(name, func(t *testing.T) {
			rec := new(report.Log).Check("imap", nil)
			conn, err := wire.Connect(t.Context(), rec, server(t, tc.play), wire.Options{Silence: time.Millisecond})
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Finish(rec)
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			if _, err := conn.Greeting(ctx); !tc.want(err) {
				t.Errorf("got %v", err)
			}
		})
	}
}
