package verify_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"mailcheck/creds"
	"mailcheck/internal/diagnose"
	"mailcheck/internal/lab"
	"mailcheck/report"
	"mailcheck/verify"
)

// A second candidate that nobody vouches for is left alone where the first one
// is trusted: nobody is asked, nothing fails.
func TestUntrustedSecondCandidate(t *testing.T) {
	servers, o := start(t, lab.Options{Records: []string{
		"_imaps._tcp.example.test. SRV 50 0 993 imap.hoster.test.",
	}})
	_ = servers
	asked := 0
	o.ConfirmHost = func(context.Context, string) bool { asked++; return false }
	rep := run(t, o)
	if rep.ExitCode != 0 || asked > 0 {
		t.Errorf("exit status %d, asked %d times: %s", rep.ExitCode, asked, results(rep))
	}
}

// A person who types slowly does not use up the time of the run.
func TestQuestionsCountInNoLimit(t *testing.T) {
	servers, o := start(t, lab.Options{})
	o.Timeout, o.Wait = 2*time.Second, time.Millisecond // nothing is awaited
	o.Credentials = creds.Options{Prompt: func(ctx context.Context) (creds.Secret, error) {
		select {
		case <-time.After(o.Timeout + o.Wait + 100*time.Millisecond):
		case <-ctx.Done():
			t.Error("the question was ended")
		}
		return creds.NewSecret(servers.Password()), nil
	}}
	o.Send = diagnose.SendAuth
	if rep := run(t, o); rep.ExitCode != 0 {
		t.Errorf("exit status %d: %s", rep.ExitCode, results(rep))
	}
}

// ring is a keyring in memory.
type ring map[string]string

func (r ring) Get(_ context.Context, user string) (creds.Secret, error) {
	if s, ok := r[user]; ok {
		return creds.NewSecret(s), nil
	}
	return creds.Secret{}, creds.ErrMissing
}

func (r ring) Set(context.Context, string, creds.Secret) error { return nil }
func (r ring) Delete(context.Context, string) error            { return nil }

// Protocols with a secret of their own need no common one; what is left out
// needs none at all.
func TestOwnSecrets(t *testing.T) {
	servers, o := start(t, lab.Options{})
	o.Leave = []report.Protocol{report.POP3}
	o.Credentials = creds.Options{Keyring: ring{
		servers.Address() + "#imap": servers.Password(),
		servers.Address() + "#smtp": "another",
	}}
	rep := run(t, o)
	if rep.ExitCode != report.ExitAuth || rep.Verdict.FailedStep != "smtp.auth" || rep.Verdict.Receive != report.OK {
		t.Errorf("exit status %d at %s: %s", rep.ExitCode, rep.Verdict.FailedStep, results(rep))
	}
}

// A password that is a word of the report's own leaves the report whole, and
// is not told by a hole in it.
func TestPasswordIsAWord(t *testing.T) {
	for _, word := range []string{"password", "imap", "delivery", "starttls"} {
		_, o := start(t, lab.Options{Password: word})
		o.Credentials.PasswordStdin = strings.NewReader(word + "\n")
		rep := run(t, o) // which holds it to the schema
		if rep.ExitCode != 0 || rep.Credentials.Kind != "password" || rep.Check("imap").Step("auth") == nil {
			t.Errorf("%s: exit status %d, %s", word, rep.ExitCode, results(rep))
		}
	}
}

// A sender with a command inside does not reach the wire.
func TestSenderIsParsed(t *testing.T) {
	_, o := start(t, lab.Options{})
	o.From, o.Send = "a@example.test>\r\nVRFY evil", diagnose.SendRcpt
	if rep, err := verify.Run(t.Context(), o); err == nil {
		t.Errorf("it ran: %s", results(rep))
	}
}
