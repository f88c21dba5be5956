package pop_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"mailcheck/creds"
	"mailcheck/internal/lab"
	"mailcheck/internal/sasl"
	"mailcheck/pop"
	"mailcheck/report"
	"mailcheck/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const password = `pw "%`

// play runs a session against a script, to its mailbox and, when do is given,
// what is asked there.
func play(t *testing.T, file string, security report.Security, do func(context.Context, *pop.Session) error) (*report.Check, error) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", file+".txt"))
	if err != nil {
		t.Fatal(err)
	}
	ca, err := lab.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	const host = "pop.example.com"
	certificate, err := ca.Certificate(lab.LeafGood, host)
	if err != nil {
		t.Fatal(err)
	}
	script, err := lab.StartScript(t.Context(), string(text), lab.ScriptOptions{TLS: &tls.Config{Certificates: []tls.Certificate{certificate}}})
	if err != nil {
		t.Fatal(err)
	}
	addr := netip.MustParseAddrPort(script.Addr())
	ep := report.Endpoint{Protocol: report.POP3, Host: host, Port: int(addr.Port()), Security: security}
	rec := new(report.Log).Check("pop3", &ep)
	transcript := &wire.Transcript{}
	session, err := pop.Open(t.Context(), rec, ep, []netip.Addr{addr.Addr()}, pop.Options{
		Wire: wire.Options{TLS: wire.Trust{Roots: ca.Roots()}, Transcript: transcript}})
	if err == nil {
		err = session.Login(t.Context(), sasl.Login{Username: "anna@example.com", Secret: creds.NewSecret(password), Kind: creds.Password},
			sasl.Policy{AllowCleartext: true})
	}
	if err == nil {
		err = session.Mailbox(t.Context())
	}
	if err == nil && do != nil {
		err = do(t.Context(), session)
	}
	session.Close(t.Context(), report.ByFlags)
	if err := script.Wait(); err != nil {
		t.Errorf("the dialogue went otherwise: %v", err)
	}
	for _, line := range transcript.Lines() {
		if strings.Contains(line, password) || strings.Contains(line, "cHcgIiU") {
			t.Errorf("the transcript shows the password: %s", line)
		}
	}
	return rec.Check(), err
}

func mine(header []byte) bool { return bytes.Contains(header, []byte("X-Mailcheck-Token: abc\r\n")) }

// findAndRemove deletes the test message and does not close the session: the
// QUIT of Close is the commit.
func findAndRemove(ctx context.Context, s *pop.Session) error {
	found, err := s.Find(ctx, []string{"old"}, mine)
	if err != nil {
		return err
	}
	return s.Remove(ctx, found, mine)
}

// steps are a check's steps and results in short: "connect greeting! -auth".
func steps(c *report.Check) string {
	mark := map[report.Result]string{report.OK: "", report.Warn: "~", report.Fail: "!"}
	var out []string
	for _, s := range c.Steps {
		if s.Result == report.Skip {
			out = append(out, "-"+s.Step)
		} else {
			out = append(out, s.Step+mark[s.Result])
		}
	}
	return strings.Join(out, " ")
}

func TestDialogues(t *testing.T) {
	fault := func(c report.Cause) func(error) bool {
		return func(err error) bool { var f *report.Fault; return errors.As(err, &f) && f.Cause == c }
	}
	refused := func(code, text string) func(error) bool {
		return func(err error) bool {
			var re *report.ReplyError
			return errors.As(err, &re) && re.Reply.Status == "-ERR" && re.Reply.Code == code && re.Reply.Text == text &&
				re.Temporary == (code == "IN-USE" || code == "SYS/TEMP")
		}
	}
	broken := func(err error) bool { var pe *report.ProtocolError; return errors.As(err, &pe) }
	fine := func(err error) bool { return err == nil }
	for _, tc := range []struct {
		file     string
		security report.Security
		do       func(context.Context, *pop.Session) error
		want     func(error) bool
		steps    string
	}{
		{"mailbox-pipelined", report.None, nil, fine, "connect greeting capability auth~ mailbox logout"},
		{"mailbox-line-by-line", report.None, nil, fine, "connect greeting capability auth~ mailbox logout"},
		{"stat-refused", report.None, nil, refused("SYS/TEMP", "try later"), "connect greeting capability auth~ mailbox! logout"},
		{"list-refused", report.None, nil, refused("", "no list"), "connect greeting capability auth~ mailbox! logout"},
		{"apop", report.None, nil, fine, "connect greeting capability auth~ mailbox logout"},
		{"login-rejected", report.None, nil, refused("AUTH", "Authentication failed."), "connect greeting capability auth! -mailbox logout"},
		{"login-in-use", report.None, nil, refused("IN-USE", "Do you have another POP session running?"), "connect greeting capability auth! -mailbox logout"},
		{"login-empty-line", report.None, nil, broken, "connect greeting capability auth! -mailbox logout"},
		{"login-plus-err", report.None, nil, refused("", "no"), "connect greeting capability auth! -mailbox logout"},
		{"stat-negative", report.None, nil, broken, "connect greeting capability auth~ mailbox! logout"},
		{"uidl-malformed", report.None, nil, broken, "connect greeting capability auth~ mailbox! -logout"},
		{"uidl-short", report.None, nil, broken, "connect greeting capability auth~ mailbox! logout"},
		{"capabilities-without-end", report.None, nil, fault(report.ServerHostile), "connect greeting capability! -auth -mailbox -logout"},
		{"greeting-refused", report.None, nil, refused("SYS/TEMP", "try later"), "connect greeting! -capability -auth -mailbox logout"},
		{"greeting-of-smtp", report.None, nil, broken, "connect greeting! -capability -auth -mailbox logout"},
		{"stls", report.STARTTLS, nil, fine, "connect greeting capability starttls tls capability auth mailbox logout"},
		{"stls-not-offered", report.STARTTLS, nil, fault(report.TLSStartTLSNotOffered), "connect greeting capability starttls! -tls -auth -mailbox logout"},
		{"stls-injected", report.STARTTLS, nil, func(err error) bool { return errors.Is(err, wire.ErrInjected) },
			"connect greeting capability starttls tls! -auth -mailbox -logout"},
		{"find-and-remove", report.None, findAndRemove, fine, "connect greeting capability auth~ mailbox logout"},
		{"expunged-meanwhile", report.None, findAndRemove, fine, "connect greeting capability auth~ mailbox logout"},
		{"top-refused", report.None, findAndRemove, refused("", "no such command"), "connect greeting capability auth~ mailbox logout"},
		{"number-reused", report.None, findAndRemove, func(err error) bool { return err != nil }, "connect greeting capability auth~ mailbox logout"},
	} {
		t.Run(tc.file, func(t *testing.T) {
			t.Parallel()
			check, err := play(t, tc.file, tc.security, tc.do)
			if !tc.want(err) {
				t.Errorf("error %v", err)
			}
			if got := steps(check); got != tc.steps {
				t.Errorf("steps %s\n want %s", got, tc.steps)
			}
			if logout := check.Step("logout"); logout.Detail != "" && !strings.HasPrefix(tc.file, "greeting-of-") {
				t.Errorf("logout: %s", logout.Detail)
			}
		})
	}
}

// Every dialogue has its row above: a file that nobody plays shows nothing.
func TestEveryDialogueIsPlayed(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.txt")
	source, err := os.ReadFile("pop_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if name := strings.TrimSuffix(filepath.Base(f), ".txt"); !strings.Contains(string(source), strconv.Quote(name)) {
			t.Errorf("%s is not played", f)
		}
	}
}
