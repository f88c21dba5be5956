package imap

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"slices"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"mailcheck/creds"
	"mailcheck/internal/lab"
	"mailcheck/internal/sasl"
	"mailcheck/report"
	"mailcheck/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience bounds every wait of a test; nothing should come near it.
const patience = 20 * time.Second

const (
	tokenField = "X-Mailcheck-Token"
	token      = "c0ffee00c0ffee00c0ffee00c0ffee00"
)

var loopback = []netip.Addr{netip.MustParseAddr("127.0.0.1")}

// carriesToken is the match of the tests.
func carriesToken(header []byte) bool {
	for line := range bytes.Lines(header) {
		name, value, _ := bytes.Cut(line, []byte(":"))
		if bytes.EqualFold(name, []byte(tokenField)) && string(bytes.TrimSpace(value)) == token {
			return true
		}
	}
	return false
}

// testMessage is a message; an empty token makes it somebody else's.
func testMessage(token string) []byte {
	m := "From: demo@mailcheck.test\r\nTo: demo@mailcheck.test\r\nSubject: mailcheck test\r\n"
	if token != "" {
		m += tokenField + ": " + token + "\r\n"
	}
	return []byte(m + "\r\nhello\r\n")
}

func testContext(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

// check is one check under test.
type check struct {
	*Session
	ctx        context.Context
	rec        *report.Recorder
	transcript *wire.Transcript
}

func startLab(t *testing.T, opts lab.Options) *lab.Lab {
	t.Helper()
	opts.Password = "s3cret-Passw0rd"
	if opts.Mechanisms == nil {
		opts.Mechanisms = []string{"PLAIN"}
	}
	l, err := lab.Start(context.Background(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// openLab opens a session with a lab, up to where a secret is needed.
func openLab(t *testing.T, l *lab.Lab, security report.Security, opt Options) *check {
	t.Helper()
	c := &check{ctx: testContext(t), transcript: new(wire.Transcript)}
	ep := l.Endpoint(report.IMAP, security)
	c.rec = new(report.Log).Check("imap", &ep)
	opt.Wire.TLS.Roots, opt.Wire.Transcript = l.Roots(), c.transcript
	var err error
	c.Session, err = Open(c.ctx, c.rec, ep, loopback, opt)
	t.Cleanup(func() {
		if c.rec.Check().Step("logout") == nil {
			c.Close(c.ctx, report.ByFlags)
		}
		if t.Failed() {
			for _, line := range c.transcript.Lines() {
				t.Log(line)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func login(l *lab.Lab) sasl.Login {
	return sasl.Login{Username: l.Address(), Secret: creds.NewSecret(l.Password()), Kind: creds.Password}
}

// openMailbox opens a session with a lab, up to the mailbox.
func openMailbox(t *testing.T, l *lab.Lab, security report.Security, opt Options) *check {
	t.Helper()
	c := openLab(t, l, security, opt)
	if err := c.Login(c.ctx, login(l), sasl.Policy{}); err != nil {
		t.Fatal(err)
	}
	if err := c.Mailbox(c.ctx); err != nil {
		t.Fatal(err)
	}
	return c
}

func deliver(t *testing.T, l *lab.Lab, folder, token string, flags ...string) uint32 {
	t.Helper()
	uid, err := l.Mailbox().Append(folder, testMessage(token), flags...)
	if err != nil {
		t.Fatal(err)
	}
	return uid
}

// results are the steps of a check with their results, in order.
func results(c *report.Check) []string {
	var list []string
	for _, s := range c.Steps {
		text := s.Step
		if s.Subject != "" {
			text += "(" + s.Subject + ")"
		}
		text += " " + string(s.Result)
		if s.Because != "" {
			text += " because " + s.Because
		}
		list = append(list, text)
	}
	return list
}

func TestWholeCheck(t *testing.T) {
	tests := []struct {
		security report.Security
		steps    []string
		// roundTrips are those of a message that is there at the first look,
		// LOGOUT left out.
		roundTrips int
	}{
		{report.TLS, []string{"connect ok", "tls ok", "greeting ok", "capability ok", "auth ok", "mailbox ok", "logout ok"}, 6},
		{report.STARTTLS, []string{"connect ok", "greeting ok", "capability ok", "starttls ok", "tls ok",
			"capability(after-tls) ok", "auth ok", "mailbox ok", "logout ok"}, 8},
	}
	for _, tt := range tests {
		t.Run(string(tt.security), func(t *testing.T) {
			l := startLab(t, lab.Options{})
			deliver(t, l, "INBOX", "")
			c := openMailbox(t, l, tt.security, Options{})
			deliver(t, l, "INBOX", token)
			found, err := c.Await(c.ctx, carriesToken, tokenField)
			if err != nil {
				t.Fatal(err)
			}
			if found.Folder != "INBOX" || found.UID != 2 || found.UIDValidity == 0 || found.Junk {
				t.Errorf("found %+v", found)
			}
			if got := c.RoundTrips(); got != tt.roundTrips {
				t.Errorf("%d round trips, want %d", got, tt.roundTrips)
			}
			c.Close(c.ctx, report.ByFlags)
			if got := results(c.rec.Check()); !slices.Equal(got, tt.steps) {
				t.Errorf("steps\n%q, want\n%q", got, tt.steps)
			}
			if got := c.rec.Check().RoundTrips; got != tt.roundTrips+1 {
				t.Errorf("%d round trips after LOGOUT, want %d", got, tt.roundTrips+1)
			}
		})
	}
}

func TestNobodyListens(t *testing.T) {
	ep := report.Endpoint{Protocol: report.IMAP, Host: "imap.example.com", Port: 993, Security: report.TLS}
	rec := new(report.Log).Check("imap", &ep)
	refuse := func(context.Context, string, string) (net.Conn, error) { return nil, syscall.ECONNREFUSED }
	s, err := Open(testContext(t), rec, ep, loopback, Options{Wire: wire.Options{DialContext: refuse}})
	if !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("error %v", err)
	}
	s.Close(testContext(t), report.ByFlags)
	var want []string
	for _, step := range Steps(report.TLS)[1:] {
		want = append(want, step+" skip because imap.connect")
	}
	if got := results(rec.Check()); !slices.Equal(got, append([]string{"connect fail"}, want...)) {
		t.Errorf("steps %q", got)
	}
	if s.RoundTrips() != 0 {
		t.Errorf("%d round trips", s.RoundTrips())
	}
}

// A session that is not to log in ends before the login.
func TestNoAuth(t *testing.T) {
	l := startLab(t, lab.Options{})
	c := openLab(t, l, report.STARTTLS, Options{})
	c.Close(c.ctx, report.ByFlags)
	want := []string{"connect ok", "greeting ok", "capability ok", "starttls ok", "tls ok", "capability(after-tls) ok",
		"auth skip because flags", "mailbox skip because flags", "logout ok"}
	if got := results(c.rec.Check()); !slices.Equal(got, want) {
		t.Errorf("steps\n%q, want\n%q", got, want)
	}
	caps := c.rec.Check().Capabilities
	if caps == nil || !slices.Contains(caps.BeforeTLS, "STARTTLS") || slices.Contains(caps.AfterTLS, "STARTTLS") || caps.AfterAuth != nil {
		t.Errorf("capabilities %+v", caps)
	}
}

// A server that stalls costs the step's limit, and the step says so.
func TestStalledServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := net.Pipe()
		defer server.Close()
		go io.Copy(io.Discard, server)
		log := &report.Log{StepTimeout: func(string) time.Duration { return 15 * time.Second }}
		s := connectTo(t, client)
		s.rec = log.Check("imap", &s.ep)
		err := s.Mailbox(context.Background())
		if !errors.Is(err, report.ErrStepTimeout) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
		s.Close(context.Background(), report.ByFlags)
		if step := s.rec.Check().Step("logout"); step.Result != report.Skip || step.Because != "imap.mailbox" {
			t.Errorf("logout %+v", step)
		}
	})
}
