package smtp_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"mailcheck/creds"
	"mailcheck/internal/lab"
	"mailcheck/internal/sasl"
	"mailcheck/report"
	"mailcheck/smtp"
	"mailcheck/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const password = `pw "%`

// play runs a session against a script: it logs in unless the session broke
// before, and then does what is asked.
func play(t *testing.T, file string, security report.Security, do func(context.Context, *smtp.Session) error) (*report.Check, error) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", file+".txt"))
	if err != nil {
		t.Fatal(err)
	}
	ca, err := lab.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	const host = "smtp.example.com"
	certificate, err := ca.Certificate(lab.LeafGood, host)
	if err != nil {
		t.Fatal(err)
	}
	script, err := lab.StartScript(t.Context(), string(text), lab.ScriptOptions{TLS: &tls.Config{Certificates: []tls.Certificate{certificate}}})
	if err != nil {
		t.Fatal(err)
	}
	addr := netip.MustParseAddrPort(script.Addr())
	ep := report.Endpoint{Protocol: report.SMTP, Host: host, Port: int(addr.Port()), Security: security}
	log := &report.Log{}
	rec := log.Check("smtp", &ep)
	transcript := &wire.Transcript{}
	session, err := smtp.Open(t.Context(), rec, ep, []netip.Addr{addr.Addr()}, smtp.Options{
		Wire: wire.Options{TLS: wire.Trust{Roots: ca.Roots()}, Transcript: transcript}})
	if err == nil {
		err = session.Login(t.Context(), sasl.Login{Username: "anna@example.com", Secret: creds.NewSecret(password), Kind: creds.Password},
			sasl.Policy{AllowCleartext: true})
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

func send(ctx context.Context, s *smtp.Session) error {
	return s.Submit(ctx, "anna@example.com", "bob@example.com", []byte("Subject: test\r\n\r\n.a line that begins with a dot\r\n"))
}

func ask(ctx context.Context, s *smtp.Session) error {
	return s.Address(ctx, "anna@example.com", "bob@example.com")
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
	refused := func(status, enhanced, text string) func(error) bool {
		return func(err error) bool {
			var re *report.ReplyError
			return errors.As(err, &re) && re.Reply.Status == status && re.Reply.Enhanced == enhanced && re.Reply.Text == text &&
				re.Temporary == strings.HasPrefix(status, "4")
		}
	}
	broken := func(err error) bool { var pe *report.ProtocolError; return errors.As(err, &pe) }
	fine := func(err error) bool { return err == nil }
	for _, tc := range []struct {
		file     string
		security report.Security
		do       func(context.Context, *smtp.Session) error
		want     func(error) bool
		steps    string
	}{
		{"send-pipelined", report.None, send, fine, "connect greeting ehlo auth~ mail rcpt data quit"},
		{"send-line-by-line", report.None, send, fine, "connect greeting ehlo auth~ mail rcpt data quit"},
		{"sender-refused", report.None, send, refused("553", "5.7.1", "<anna@example.com>: Sender address rejected: not owned by user"),
			"connect greeting ehlo auth~ mail! -rcpt -data quit"},
		{"recipient-refused-data-taken", report.None, send,
			refused("550", "5.1.1", "The email account that you tried to reach does not exist.\nPlease try double-checking the address"),
			"connect greeting ehlo auth~ mail rcpt! -data quit"},
		{"message-refused", report.None, send, refused("451", "4.7.1", "Try again later"), "connect greeting ehlo auth~ mail rcpt data! quit"},
		{"answer-to-message-lost", report.None, send, func(err error) bool { return errors.Is(err, io.EOF) },
			"connect greeting ehlo auth~ mail rcpt data! -quit"},
		{"address-only", report.None, ask, fine, "connect greeting ehlo auth~ mail rcpt -data quit"},
		{"address-line-by-line", report.None, ask, fine, "connect greeting ehlo auth~ mail rcpt -data quit"},
		{"address-refused", report.None, ask, refused("553", "5.7.1", "<anna@example.com>: Sender address rejected: not owned by user"),
			"connect greeting ehlo auth~ mail! -rcpt -data quit"},
		{"login-rejected", report.None, nil, refused("535", "5.7.8", "Username and Password not accepted. For more information, go to\n https://support.example.com/?p=BadCredentials"),
			"connect greeting ehlo auth! -mail -rcpt -data quit"},
		{"login-success-of-another-kind", report.None, nil, broken, "connect greeting ehlo auth! -mail -rcpt -data quit"},
		{"auth-in-the-old-form", report.None, nil, fine, "connect greeting ehlo auth~ -mail -rcpt -data quit"},
		{"no-auth-offered", report.None, nil, fault(report.AuthNotOffered), "connect greeting ehlo auth! -mail -rcpt -data quit"},
		{"greeting-refused", report.None, nil, refused("554", "5.7.1", "Your address is on a block list"), "connect greeting! -ehlo -auth -mail -rcpt -data quit"},
		{"greeting-of-imap", report.None, nil, broken, "connect greeting! -ehlo -auth -mail -rcpt -data quit"},
		{"reply-codes-differ", report.None, nil, broken, "connect greeting ehlo! -auth -mail -rcpt -data quit"},
		{"starttls", report.STARTTLS, nil, fine, "connect greeting ehlo starttls tls ehlo auth -mail -rcpt -data quit"},
		{"starttls-not-offered", report.STARTTLS, nil, fault(report.TLSStartTLSNotOffered), "connect greeting ehlo starttls! -tls -auth -mail -rcpt -data quit"},
		{"starttls-refused", report.STARTTLS, nil, fault(report.TLSStartTLSNotOffered), "connect greeting ehlo starttls! -tls -auth -mail -rcpt -data quit"},
		{"starttls-injected", report.STARTTLS, nil, func(err error) bool { return errors.Is(err, wire.ErrInjected) },
			"connect greeting ehlo starttls tls! -auth -mail -rcpt -data -quit"},
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
			if quit := check.Step("quit"); quit.Detail != "" && !strings.HasPrefix(tc.file, "greeting-of-") {
				t.Errorf("quit: %s", quit.Detail)
			}
		})
	}
}

// Every dialogue has its row above: a file that nobody plays shows nothing.
func TestEveryDialogueIsPlayed(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.txt")
	source, err := os.ReadFile("smtp_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		name := strings.TrimSuffix(filepath.Base(f), ".txt")
		if !strings.Contains(string(source), strconv.Quote(name)) {
			t.Errorf("%s is not played", f)
		}
	}
}

func TestWhatBecameOfTheMessage(t *testing.T) {
	for file, want := range map[string]smtp.Sent{
		"send-pipelined": smtp.Accepted, "message-refused": smtp.NotSent, "sender-refused": smtp.NotSent,
		"answer-to-message-lost": smtp.Unconfirmed,
	} {
		var got smtp.Sent
		_, _ = play(t, file, report.None, func(ctx context.Context, s *smtp.Session) error {
			err := send(ctx, s)
			got = s.Sent()
			return err
		})
		if got != want {
			t.Errorf("%s: got %v, want %v", file, got, want)
		}
	}
}

func TestCapabilitiesAreThoseOfTLS(t *testing.T) {
	check, err := play(t, "starttls", report.STARTTLS, nil)
	if err != nil {
		t.Fatal(err)
	}
	c := check.Capabilities
	if !slices.Equal(c.BeforeTLS, []string{"AUTH PLAIN", "STARTTLS"}) || !slices.Equal(c.AfterTLS, []string{"AUTH LOGIN"}) {
		t.Errorf("before %q, after %q", c.BeforeTLS, c.AfterTLS)
	}
	if check.Auth.Mechanism != "LOGIN" || !check.TLS.Verified {
		t.Errorf("auth %+v, TLS %+v", check.Auth, check.TLS)
	}
}
