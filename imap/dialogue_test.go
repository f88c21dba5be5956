package imap

import (
	"context"
	"crypto/tls"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"mailcheck/creds"
	"mailcheck/internal/lab"
	"mailcheck/internal/sasl"
	"mailcheck/report"
	"mailcheck/wire"
)

// dialogue is a script of testdata and what a check of it must show.
type dialogue struct {
	script   string
	security report.Security // zero: none, with clear text allowed
	user     string          // zero: joe
	secret   string          // zero: s3cret
	kind     creds.Kind      // zero: a password
	upTo     string          // the last step that is asked for; zero: auth

	fails   string // the step that fails; zero: none
	detail  string // of the last step asked for, or the one that fails; a part of it
	is      func(error) bool
	reply   report.Reply // of the step that fails; zero: any
	cause   report.Cause // of the step that fails
	after   []string     // capabilities after the login, or else the last ones
	missing string       // must not be in the transcript
}

func protocolError(problem string) func(error) bool {
	return func(err error) bool {
		var p *report.ProtocolError
		return errors.As(err, &p) && strings.Contains(p.Problem, problem)
	}
}

func temporarily(err error) bool {
	var r *report.ReplyError
	return errors.As(err, &r) && r.Temporary
}

func finally(err error) bool {
	var r *report.ReplyError
	return errors.As(err, &r) && !r.Temporary
}

var dialogues = []dialogue{
	{script: "greeting-bye", fails: "greeting", is: temporarily,
		reply: report.Reply{Status: "BYE", Code: "UNAVAILABLE", Text: "Too many connections, try again later"}},
	{script: "greeting-smtp", fails: "greeting", is: protocolError("not an IMAP greeting")},
	{script: "greeting-empty", fails: "greeting", is: protocolError("not an IMAP greeting")},
	{script: "preauth-on-starttls", security: report.STARTTLS, fails: "greeting", cause: report.TLSPreauthDowngrade},
	{script: "preauth-in-tls", security: report.TLS, fails: "auth", cause: report.Unknown},

	{script: "starttls-not-offered", security: report.STARTTLS, fails: "starttls", cause: report.TLSStartTLSNotOffered},
	{script: "starttls-refused", security: report.STARTTLS, fails: "starttls", cause: report.TLSStartTLSNotOffered,
		reply: report.Reply{Command: "STARTTLS", Status: "BAD", Text: "STARTTLS disabled, mate"}},
	{script: "starttls-continuation", security: report.STARTTLS, fails: "starttls", cause: report.TLSStartTLSNotOffered, is: protocolError("continuation")},
	{script: "starttls-injection", security: report.STARTTLS, fails: "tls",
		is: func(err error) bool { return errors.Is(err, wire.ErrInjected) }},
	{script: "starttls-early-reply", security: report.STARTTLS, fails: "tls",
		is: func(err error) bool { return errors.Is(err, wire.ErrInjected) }},
	{script: "starttls-bye-before", security: report.STARTTLS, fails: "auth",
		is: func(err error) bool { var no *report.ReplyError; return err != nil && !errors.As(err, &no) }},
	{script: "starttls-forgets", security: report.STARTTLS, detail: "PLAIN", after: []string{"IMAP4rev1", "IDLE"}},

	{script: "capability-asked", upTo: "capability", after: []string{"IMAP4rev1", "STARTTLS", "AUTH=PLAIN"}},
	{script: "capability-missing", fails: "capability", is: protocolError("without the capabilities")},

	{script: "login-plain", detail: "PLAIN", after: []string{"IMAP4rev1", "IDLE"}, missing: "AGpvZQBzM2NyZXQ"},
	{script: "login-without-initial-response", detail: "PLAIN", missing: "AGpvZQBzM2NyZXQ"},
	{script: "login-rejected", fails: "auth", is: finally,
		reply: report.Reply{Command: "AUTHENTICATE PLAIN", Status: "NO", Code: "AUTHENTICATIONFAILED", Text: "Authentication failed."}},
	{script: "login-unavailable", fails: "auth", is: temporarily,
		reply: report.Reply{Command: "AUTHENTICATE PLAIN", Status: "NO", Code: "UNAVAILABLE", Text: "Temporary authentication failure."}},
	{script: "login-bye", fails: "auth", is: finally,
		reply: report.Reply{Command: "AUTHENTICATE PLAIN", Status: "BYE", Text: "Login failed too many times."}},
	{script: "login-alert", fails: "auth", is: finally,
		detail: "the server says: Web login required.; the server says: Your mailbox moves on Sunday",
		reply:  report.Reply{Command: "AUTHENTICATE PLAIN", Status: "NO", Code: "ALERT", Text: "Invalid credentials (Failure)"}},
	{script: "login-not-base64", fails: "auth", is: protocolError("not base64")},
	{script: "login-asked-twice", fails: "auth", is: protocolError("asks for more"), missing: "AGpvZQBzM2NyZXQ"},
	{script: "login-disabled", fails: "auth", cause: report.AuthNotOffered},
	{script: "login-xoauth2-rejected", kind: creds.Token, fails: "auth", is: finally, detail: `"status":"401"`,
		reply: report.Reply{Command: "AUTHENTICATE XOAUTH2", Status: "NO", Code: "AUTHENTICATIONFAILED", Text: "Invalid token"}},
	{script: "login-tag-not-used", fails: "auth", is: protocolError("tag that was not used")},

	{script: "command-quoted", secret: `p"a\s %s`, detail: "LOGIN command", missing: "%s"},
	{script: "command-literal", user: "jöe", secret: "pässwörd", missing: "pässwörd"},
	{script: "command-literal-plus", user: "jöe", secret: "pässwörd", missing: "pässwörd"},
	{script: "command-literal-refused", secret: "pässwörd", fails: "auth", missing: "pässwörd",
		reply: report.Reply{Command: "LOGIN", Status: "NO", Code: "PRIVACYREQUIRED", Text: "Use TLS"}},
	{script: "command-early-success", secret: "pässwörd", fails: "auth", is: protocolError("before the login was complete")},

	{script: "mailbox-refused", upTo: "mailbox", fails: "mailbox", is: finally, detail: "the server says: see the web site",
		reply: report.Reply{Command: "EXAMINE INBOX", Status: "NO", Text: "EXAMINE Unsafe Login. Please contact kefu@188.com for help"}},
	{script: "mailbox-not-connected", upTo: "mailbox", fails: "mailbox", is: finally,
		reply: report.Reply{Command: "EXAMINE INBOX", Status: "BAD", Text: "[User is authenticated but not connected."}},
	{script: "mailbox-bye", upTo: "mailbox", fails: "mailbox", is: temporarily,
		reply: report.Reply{Command: "EXAMINE INBOX", Status: "BYE", Code: "UNAVAILABLE", Text: "Session expired, please login again"}},
	{script: "mailbox-tag-not-used", upTo: "mailbox", fails: "mailbox", is: protocolError("tag that was not used")},
	{script: "mailbox-capability-asked", upTo: "mailbox", detail: "17 messages; the server says: Your mailbox is nearly full",
		after: []string{"IMAP4rev1", "IDLE", "UIDPLUS"}},
	{script: "mailbox-noise", upTo: "mailbox", detail: "3 messages"},
}

func TestDialogues(t *testing.T) {
	ca, err := lab.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	cert, err := ca.Certificate(lab.LeafGood, "imap.example.com")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range dialogues {
		t.Run(d.script, func(t *testing.T) {
			script, err := os.ReadFile(filepath.Join("testdata", d.script+".txt"))
			if err != nil {
				t.Fatal(err)
			}
			ctx := testContext(t)
			server, err := lab.StartScript(ctx, string(script), lab.ScriptOptions{TLS: &tls.Config{Certificates: []tls.Certificate{cert}}})
			if err != nil {
				t.Fatal(err)
			}
			transcript := new(wire.Transcript)
			opt := Options{Wire: wire.Options{TLS: wire.Trust{Roots: ca.Roots()}, Transcript: transcript}}
			check := d.run(ctx, server.Addr(), opt)
			if err := server.Wait(); err != nil {
				t.Error(err)
			}
			d.judge(t, check)
			for _, line := range transcript.Lines() {
				if d.missing != "" && strings.Contains(line, d.missing) {
					t.Errorf("the transcript has the secret: %s", line)
				}
				if t.Failed() {
					t.Log(line)
				}
			}
		})
	}
}

// TestDialoguesAreAllRun keeps a script from lying unused.
func TestDialoguesAreAllRun(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d scripts, %v", len(files), err)
	}
	for _, f := range files {
		name := strings.TrimSuffix(filepath.Base(f), ".txt")
		if !slices.ContainsFunc(dialogues, func(d dialogue) bool { return d.script == name }) {
			t.Errorf("%s is in no table", f)
		}
	}
}

// run makes the check, up to the step that is asked for or fails.
func (d dialogue) run(ctx context.Context, addr string, opt Options) *report.Check {
	at := netip.MustParseAddrPort(addr)
	ep := report.Endpoint{Protocol: report.IMAP, Host: "imap.example.com", Port: int(at.Port()), Security: d.security}
	policy := sasl.Policy{}
	if ep.Security == "" {
		ep.Security, policy.AllowCleartext = report.None, true
	}
	login := sasl.Login{Username: d.user, Secret: creds.NewSecret(d.secret), Kind: d.kind}
	if login.Username == "" {
		login.Username = "joe"
	}
	if d.secret == "" {
		login.Secret = creds.NewSecret("s3cret")
	}
	if login.Kind == "" {
		login.Kind = creds.Password
	}
	rec := new(report.Log).Check("imap", &ep)
	s, err := Open(ctx, rec, ep, []netip.Addr{at.Addr()}, opt)
	if err == nil && d.upTo != "capability" {
		err = s.Login(ctx, login, policy)
	}
	if err == nil && d.upTo == "mailbox" {
		_ = s.Mailbox(ctx) // the step keeps the error
	}
	s.Close(ctx, report.ByFlags)
	return rec.Check()
}

// openScripted opens a session with a script, up to the mailbox.
func openScripted(t *testing.T, ctx context.Context, addr string) *Session {
	t.Helper()
	at := netip.MustParseAddrPort(addr)
	ep := report.Endpoint{Protocol: report.IMAP, Host: "imap.example.com", Port: int(at.Port()), Security: report.None}
	s, err := Open(ctx, new(report.Log).Check("imap", &ep), ep, []netip.Addr{at.Addr()}, Options{})
	if err == nil {
		err = s.Login(ctx, sasl.Login{Username: "joe", Secret: creds.NewSecret("s3cret"), Kind: creds.Password}, sasl.Policy{AllowCleartext: true})
	}
	if err == nil {
		err = s.Mailbox(ctx)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (d dialogue) judge(t *testing.T, check *report.Check) {
	t.Helper()
	step := check.FirstFailed()
	if step == nil {
		step = &report.Step{}
	}
	if step.Step != d.fails {
		t.Fatalf("step %q fails (%v), want %q", step.Step, step.Err, d.fails)
	}
	if step.Cause != d.cause {
		t.Errorf("cause %q, want %q", step.Cause, d.cause)
	}
	if d.is != nil && !d.is(step.Err) {
		t.Errorf("error %#v", step.Err)
	}
	if d.reply != (report.Reply{}) && (step.Reply == nil || *step.Reply != d.reply) {
		t.Errorf("reply %+v, want %+v", step.Reply, d.reply)
	}
	if d.fails == "" {
		upTo := d.upTo
		if upTo == "" {
			upTo = "auth"
		}
		step = check.Step(upTo)
	}
	if !strings.Contains(step.Detail, d.detail) {
		t.Errorf("detail %q, want %q", step.Detail, d.detail)
	}
	if c := check.Capabilities; d.after != nil {
		got := c.AfterAuth
		if d.upTo == "capability" {
			got = c.BeforeTLS
		}
		if !slices.Equal(got, d.after) {
			t.Errorf("capabilities %q, want %q", got, d.after)
		}
	}
	for _, name := range Steps(check.Endpoint.Security) {
		s := check.Step(name)
		switch {
		case s == nil:
			t.Errorf("no step %q", name)
		case s.Result == report.Skip && d.fails != "" && s.Because != "imap."+d.fails:
			t.Errorf("%s is skipped because of %q", name, s.Because)
		}
	}
}
