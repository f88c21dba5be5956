package diagnose

import (
	"cmp"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"mailcheck/internal/lang"
	"mailcheck/report"
	"mailcheck/wire"
)

const testHost = "imap.example.com"

// authority signs certificates for the tests.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// template is a good server certificate for testHost.
func template() *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()),
		Subject:      pkix.Name{CommonName: testHost},
		DNSNames:     []string{testHost},
		NotBefore:    time.Now().Add(-24 * time.Hour),
		NotAfter:     time.Now().Add(90 * 24 * time.Hour),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
}

// sign makes a certificate; an authority without a certificate makes it
// self-signed.
func (a *authority) sign(t *testing.T, tmpl *x509.Certificate) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key := newKey(t)
	parent, signer := tmpl, key
	if a != nil {
		parent, signer = a.cert, a.key
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert, key
}

func newAuthority(t *testing.T, parent *authority, name string) *authority {
	t.Helper()
	tmpl := template()
	tmpl.Subject, tmpl.DNSNames, tmpl.ExtKeyUsage = pkix.Name{CommonName: name}, nil, nil
	tmpl.IsCA, tmpl.BasicConstraintsValid, tmpl.KeyUsage = true, true, x509.KeyUsageCertSign
	cert, key := parent.sign(t, tmpl)
	return &authority{cert, key}
}

// handshake lets a client that trusts root shake hands with a server, and
// returns the client's error, in the way package wire reports it. After a good
// handshake the client reads, as TLS 1.3 tells of client certificates then.
func handshake(t *testing.T, root *authority, server *tls.Config, clientWants *tls.Config) error {
	t.Helper()
	return handshakeWith(t, root, clientWants, func(conn net.Conn) {
		s := tls.Server(conn, server)
		if s.Handshake() == nil {
			_, _ = s.Write([]byte("* OK\r\n"))
		}
	})
}

func handshakeWith(t *testing.T, root *authority, config *tls.Config, serve func(net.Conn)) error {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		far, err := listener.Accept()
		if err != nil {
			return
		}
		defer far.Close()
		serve(far)
		// Read on, so that no reset overtakes what was sent.
		_ = far.(*net.TCPConn).CloseWrite()
		_, _ = io.Copy(io.Discard, far)
	}()
	near, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer near.Close()
	roots := x509.NewCertPool()
	if root != nil {
		roots.AddCert(root.cert)
	}
	if config == nil {
		config = &tls.Config{}
	}
	config.RootCAs = roots
	config.ServerName = cmp.Or(config.ServerName, testHost)
	client := tls.Client(near, config)
	err = client.Handshake()
	if err == nil {
		_, err = client.Read(make([]byte, 1))
		return err
	}
	e := &wire.TLSError{ServerName: testHost, Err: err}
	var verify *tls.CertificateVerificationError
	if errors.As(err, &verify) {
		e.Chain = verify.UnverifiedCertificates
	}
	return e
}

func serving(key *ecdsa.PrivateKey, chain ...*x509.Certificate) *tls.Config {
	pair := tls.Certificate{PrivateKey: key}
	for _, cert := range chain {
		pair.Certificate = append(pair.Certificate, cert.Raw)
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}}
}

func TestCertificates(t *testing.T) {
	root := newAuthority(t, nil, "Test Root")
	between := newAuthority(t, root, "Test Intermediate")
	stranger := newAuthority(t, nil, "Private Root")
	narrow := func() *authority {
		tmpl := template()
		tmpl.Subject, tmpl.DNSNames, tmpl.ExtKeyUsage = pkix.Name{CommonName: "Narrow"}, nil, nil
		tmpl.IsCA, tmpl.BasicConstraintsValid, tmpl.KeyUsage = true, true, x509.KeyUsageCertSign
		tmpl.PermittedDNSDomains, tmpl.PermittedDNSDomainsCritical = []string{"example.net"}, true
		cert, key := root.sign(t, tmpl)
		return &authority{cert, key}
	}()
	with := func(change func(*x509.Certificate)) *x509.Certificate {
		tmpl := template()
		change(tmpl)
		return tmpl
	}
	old := with(func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2020, 4, 1, 0, 0, 0, 0, time.UTC)
	})

	for name, tt := range map[string]struct {
		by     *authority
		cert   *x509.Certificate
		chain  []*x509.Certificate // sent behind the server's own
		server string              // the name that is asked for
		cause  report.Cause
		sure   report.Confidence
		also   report.Cause
		says   string
	}{
		"expired": {by: root, cert: old, cause: report.TLSExpired, sure: report.High, says: "It ended on 2020-04-01."},
		"not valid yet": {by: root, cert: with(func(c *x509.Certificate) {
			c.NotBefore = time.Date(2200, 1, 2, 0, 0, 0, 0, time.UTC)
			c.NotAfter = c.NotBefore.AddDate(0, 3, 0)
		}),
			cause: report.TLSNotYetValid, sure: report.High, says: "It begins on 2200-01-02."},
		"other name": {by: root, cert: with(func(c *x509.Certificate) { c.DNSNames = []string{"mx1.example.net", "*.mail.example.net"} }),
			cause: report.TLSHostnameMismatch, sure: report.High, says: "The certificate is for mx1.example.net and *.mail.example.net."},
		"IP address": {by: root, cert: template(), server: "127.0.0.1",
			cause: report.TLSHostnameMismatch, sure: report.High, says: "The certificate is for imap.example.com."},
		"IP addresses only": {by: root, cert: with(func(c *x509.Certificate) { c.DNSNames, c.IPAddresses = nil, []net.IP{net.IPv4(192, 0, 2, 1)} }),
			cause: report.TLSHostnameMismatch, sure: report.High, says: "The certificate is for 192.0.2.1."},
		"common name only": {by: root, cert: with(func(c *x509.Certificate) { c.DNSNames = nil }), cause: report.TLSBadCertificate, sure: report.High},
		"for clients only": {by: root, cert: with(func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }),
			cause: report.TLSBadCertificate, sure: report.High},
		"name constraint": {by: narrow, cert: template(), chain: []*x509.Certificate{narrow.cert}, cause: report.TLSBadCertificate, sure: report.High},
		"self-signed":     {cert: template(), cause: report.TLSUnknownAuthority, sure: report.High, says: "Anybody can make such a certificate"},
		"self-signed as an authority": {cert: with(func(c *x509.Certificate) { c.IsCA, c.BasicConstraintsValid = true, true }),
			cause: report.TLSUnknownAuthority, sure: report.High, says: "Anybody can make such a certificate"},
		"no intermediate": {by: between, cert: template(), cause: report.TLSIncompleteChain, sure: report.Medium, also: report.TLSUnknownAuthority,
			says: `It was issued by "Test Intermediate".`},
		"private authority": {by: stranger, cert: template(), chain: []*x509.Certificate{stranger.cert},
			cause: report.TLSUnknownAuthority, sure: report.High, says: `It was issued by "Private Root".`},
	} {
		t.Run(name, func(t *testing.T) {
			cert, key := tt.by.sign(t, tt.cert)
			err := handshake(t, root, serving(key, append([]*x509.Certificate{cert}, tt.chain...)...), &tls.Config{ServerName: tt.server})
			check, step := imapCheck("tls", report.TLS, err)
			Step(check, step, lang.English)
			if step.Cause != tt.cause || step.Confidence != tt.sure {
				t.Errorf("%v: got %s (%s), want %s (%s)", err, step.Cause, step.Confidence, tt.cause, tt.sure)
			}
			var also report.Cause
			if len(step.Alternatives) > 0 {
				also = step.Alternatives[0].Cause
			}
			if also != tt.also {
				t.Errorf("alternative %q, want %q", also, tt.also)
			}
			if !strings.Contains(step.Explanation, tt.says) || !strings.HasSuffix(step.Explanation, "No password was sent.") {
				t.Errorf("explanation %q, want in it %q", step.Explanation, tt.says)
			}
		})
	}
}

// The facts of a refused certificate are the same when wire verifies by
// itself and the error has no chain of its own.
func TestCertificateErrorsWithoutTheirWrapper(t *testing.T) {
	root := newAuthority(t, nil, "Test Root")
	cert, _ := root.sign(t, template())
	own, _ := (*authority)(nil).sign(t, template())
	for name, tt := range map[string]struct {
		err   *wire.TLSError
		cause report.Cause
	}{
		"lone":              {&wire.TLSError{Chain: []*x509.Certificate{cert}, Err: x509.UnknownAuthorityError{Cert: cert}}, report.TLSIncompleteChain},
		"self-signed":       {&wire.TLSError{Chain: []*x509.Certificate{own}, Err: x509.UnknownAuthorityError{Cert: own}}, report.TLSUnknownAuthority},
		"no chain kept":     {&wire.TLSError{Err: x509.UnknownAuthorityError{}}, report.TLSUnknownAuthority},
		"weak signature":    {&wire.TLSError{Err: x509.InsecureAlgorithmError(x509.SHA1WithRSA)}, report.TLSBadCertificate},
		"unknown extension": {&wire.TLSError{Err: x509.UnhandledCriticalExtension{}}, report.TLSBadCertificate},
		"pinned":            {&wire.TLSError{Chain: []*x509.Certificate{cert}, Err: wire.ErrPin}, report.TLSBadCertificate},
		"weak key":          {&wire.TLSError{Err: &report.Fault{Cause: report.TLSWeak, Text: "RSA 1024"}}, report.TLSWeak},
	} {
		check, step := imapCheck("tls", report.TLS, tt.err)
		Step(check, step, lang.English)
		if step.Cause != tt.cause || step.Explanation == "" {
			t.Errorf("%s: got %s, want %s (%q)", name, step.Cause, tt.cause, step.Explanation)
		}
	}
}

// A web server that settings are fetched from fails as a mail server does.
func TestWebCertificate(t *testing.T) {
	own, _ := (*authority)(nil).sign(t, template())
	late := &x509.Certificate{NotAfter: time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)}
	for want, err := range map[report.Cause]error{
		report.TLSUnknownAuthority: x509.UnknownAuthorityError{Cert: own},
		report.TLSExpired:          x509.CertificateInvalidError{Cert: late, Reason: x509.Expired},
	} {
		check := &report.Check{ID: "settings"}
		step := &report.Step{ID: "settings.autoconfig", Step: "autoconfig", Result: report.Warn,
			Err: fmt.Errorf("autoconfig.example.com: %w", &tls.CertificateVerificationError{UnverifiedCertificates: []*x509.Certificate{own}, Err: err})}
		if Step(check, step, lang.English); step.Cause != want || step.Confidence != report.High {
			t.Errorf("got %s (%s), want %s", step.Cause, step.Confidence, want)
		}
	}
}

// With --insecure the step warns and its cause stays; what is said of the
// password must not be what is said of a refused session.
func TestAcceptedBadCertificate(t *testing.T) {
	own, _ := (*authority)(nil).sign(t, template())
	check, step := imapCheck("tls", report.TLS, &wire.TLSError{Chain: []*x509.Certificate{own}, Err: x509.UnknownAuthorityError{Cert: own}})
	step.Result = report.Warn
	Step(check, step, lang.English)
	if step.Cause != report.TLSUnknownAuthority || strings.Contains(step.Explanation, "No password was sent") {
		t.Errorf("got %s: %q", step.Cause, step.Explanation)
	}
}

func TestHandshakes(t *testing.T) {
	root := newAuthority(t, nil, "Test Root")
	cert, key := root.sign(t, template())
	with := func(change func(*tls.Config)) *tls.Config {
		c := serving(key, cert)
		change(c)
		return c
	}
	shake := func(server *tls.Config, client *tls.Config) func(*testing.T) error {
		return func(t *testing.T) error { return handshake(t, root, server, client) }
	}
	// after sends bytes once the client has said hello.
	after := func(answer string) func(*testing.T) error {
		return func(t *testing.T) error {
			return handshakeWith(t, root, nil, func(conn net.Conn) {
				_, _ = conn.Read(make([]byte, 4096))
				_, _ = io.WriteString(conn, answer)
			})
		}
	}
	// A ServerHello that picks TLS 1.0 without an alert: handshake record,
	// type 2, 38 bytes: version, random, no session, a cipher, no compression.
	tls10 := "\x16\x03\x01\x00\x2a\x02\x00\x00\x26\x03\x01" + strings.Repeat("r", 32) + "\x00\x00\x2f\x00"

	for name, tt := range map[string]struct {
		fail  func(*testing.T) error
		cause report.Cause
		sure  report.Confidence
	}{
		"TLS 1.1 at most": {shake(with(func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 }), nil),
			report.TLSOldVersion, report.High},
		"TLS 1.0, no alert": {after(tls10), report.TLSOldVersion, report.High},
		"no cipher in common": {shake(with(func(c *tls.Config) {
			c.MaxVersion, c.CipherSuites = tls.VersionTLS12, []uint16{tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256}
		}), &tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256}}),
			report.TLSHandshakeFailure, report.High},
		"client certificate, TLS 1.3": {shake(with(func(c *tls.Config) { c.ClientAuth = tls.RequireAnyClientCert }), nil),
			report.TLSHandshakeFailure, report.High},
		"client certificate, TLS 1.2": {shake(with(func(c *tls.Config) { c.ClientAuth, c.MaxVersion = tls.RequireAnyClientCert, tls.VersionTLS12 }), nil),
			report.TLSHandshakeFailure, report.High},
		"no certificate":  {shake(&tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return nil, errors.New("none") }}, nil), report.TLSBadCertificate, report.Medium},
		"another alert":   {after("\x15\x03\x03\x00\x02\x02\x70"), report.TLSHandshakeFailure, report.Medium}, // unrecognized_name
		"IMAP":            {after("* OK ready\r\n"), report.TLSPlaintextPort, report.High},
		"SMTP":            {after("220 mx.example.com ESMTP\r\n"), report.ConfigWrongProtocol, report.High},
		"a web server":    {after("HTTP/1.1 400 Bad Request\r\n"), report.ConfigWrongProtocol, report.High},
		"something else":  {after("hello there\r\n"), report.TLSPlaintextPort, report.High},
		"broken record":   {after("\x16\x03\x03\xff\xff"), report.TLSHandshakeFailure, report.Low},
		"closed":          {after(""), report.ConnectClosedEarly, report.Medium},
		"silent":          {func(*testing.T) error { return &wire.TLSError{Err: context.DeadlineExceeded} }, report.ConnectTimeout, report.Medium},
		"first bytes":     {func(*testing.T) error { return &wire.TLSError{FirstBytes: "* OK ", Err: errors.New("no TLS")} }, report.TLSPlaintextPort, report.High},
		"stopped":         {func(*testing.T) error { return &wire.TLSError{Err: context.Canceled} }, report.ClientInterrupted, report.High},
		"unknown failure": {func(*testing.T) error { return &wire.TLSError{Err: errors.New("tls: something new")} }, report.TLSHandshakeFailure, report.Low},
	} {
		t.Run(name, func(t *testing.T) {
			err := tt.fail(t)
			if err == nil {
				t.Fatal("the handshake did not fail")
			}
			check, step := imapCheck("tls", report.TLS, err)
			Step(check, step, lang.English)
			if step.Cause != tt.cause || step.Confidence != tt.sure {
				t.Errorf("%v: got %s (%s), want %s (%s)", err, step.Cause, step.Confidence, tt.cause, tt.sure)
			}
		})
	}
}

// A session whose bytes are changed on the way says so, wherever it stands.
func TestAlteredOnTheWay(t *testing.T) {
	alert := func(op, text string) error { return &net.OpError{Op: op, Err: errors.New("tls: " + text)} }
	for name, tt := range map[string]struct {
		step    string
		err     error
		altered bool
	}{
		"a reply":                  {"auth", alert("local error", "bad record MAC"), true},
		"a command":                {"capability", alert("remote error", "bad record MAC"), true},
		"the handshake":            {"tls", &wire.TLSError{Err: alert("local error", "bad record MAC")}, true},
		"clear text in a session":  {"mailbox", tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}, true},
		"clear text for handshake": {"tls", &wire.TLSError{Err: tls.RecordHeaderError{Msg: "oversized record"}}, false},
		"another alert":            {"tls", &wire.TLSError{Err: alert("remote error", "handshake failure")}, false},
	} {
		t.Run(name, func(t *testing.T) {
			check, step := imapCheck(tt.step, report.TLS, tt.err)
			Step(check, step, lang.English)
			says := strings.Contains(step.Explanation, "What arrived was not what had been sent.")
			if step.Cause != report.TLSHandshakeFailure || says != tt.altered || ExitStatus(step) != report.ExitTLS {
				t.Errorf("%s, exit status %d: %s", step.Cause, ExitStatus(step), step.Explanation)
			}
		})
	}
}

func TestClearTextIsQuoted(t *testing.T) {
	check, step := imapCheck("tls", report.TLS, &wire.TLSError{FirstBytes: "+OK\x1b[", Err: errors.New("no TLS")})
	Step(check, step, lang.English)
	if want := `The server began with "+OK\x1b[", as POP3 does.`; !strings.HasPrefix(step.Explanation, want) {
		t.Errorf("explanation %q, want %q first", step.Explanation, want)
	}
	check, step = imapCheck("greeting", report.None, &report.ProtocolError{Line: "HTTP/1.1 " + strings.Repeat("x", 5000)})
	Step(check, step, lang.English)
	if !strings.Contains(step.Explanation, ", as HTTP does.") || len(step.Explanation) > 300 {
		t.Errorf("explanation %q", step.Explanation)
	}
}

// A server decides what stands in its certificate.
func TestHostileCertificateNames(t *testing.T) {
	cert := &x509.Certificate{DNSNames: []string{"\x1b[31mred", strings.Repeat("a", 5000), "good.example.net"}}
	for range 20 {
		cert.DNSNames = append(cert.DNSNames, "more.example.net")
	}
	cert.Extensions = []pkix.Extension{{Id: subjectAltName}}
	check, step := imapCheck("tls", report.TLS, &wire.TLSError{Err: x509.HostnameError{Certificate: cert, Host: testHost}})
	Step(check, step, lang.English)
	want := "The certificate is for good.example.net, more.example.net, more.example.net, more.example.net and 17 more."
	if !strings.HasPrefix(step.Explanation, want) {
		t.Errorf("explanation %q, want %q first", step.Explanation, want)
	}
}

func TestOutdatedInWords(t *testing.T) {
	hangUp := errors.New("EOF")
	for name, tt := range map[string]struct {
		agreed wire.Outdated
		cause  report.Cause
		says   string
	}{
		"TLS 1.0":    {wire.Outdated{Version: tls.VersionTLS10, Cipher: tls.TLS_RSA_WITH_AES_128_CBC_SHA}, report.TLSOldVersion, "the server agreed to TLS 1.0 and nothing newer."},
		"static RSA": {wire.Outdated{Version: tls.VersionTLS12, Cipher: tls.TLS_RSA_WITH_AES_128_GCM_SHA256}, report.TLSHandshakeFailure, "(static RSA)"},
		"RC4":        {wire.Outdated{Version: tls.VersionTLS12, Cipher: tls.TLS_ECDHE_RSA_WITH_RC4_128_SHA}, report.TLSHandshakeFailure, "(TLS_ECDHE_RSA_WITH_RC4_128_SHA)"},
	} {
		t.Run(name, func(t *testing.T) {
			check, step := imapCheck("tls", report.TLS, &wire.TLSError{Err: hangUp, Outdated: &tt.agreed})
			Step(check, step, lang.English)
			if step.Cause != tt.cause || step.Confidence != report.High || !strings.Contains(step.Explanation, tt.says) {
				t.Errorf("got %s (%s): %q", step.Cause, step.Confidence, step.Explanation)
			}
		})
	}
}
