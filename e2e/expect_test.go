//go:build linux

package e2e

import (
	"testing"

	"mailcheck/report"
)

// The assertions of a CI that guards mail servers, negative ones too, against
// Postfix and Dovecot: what must be refused is, for the reason that it must be.
func TestExpectations(t *testing.T) {
	s := theLab(t)
	host := "mail." + siteDomain
	for _, test := range []struct {
		name   string
		fault  fault
		with   session
		args   []string
		expect []string
		exit   int
	}{
		{name: "no open relay", args: []string{"--no-auth", "--no-imap", "--no-pop", "--smtp", "smtp://" + host + ":25", "--send", "rcpt", "--to", "somebody@example.net"},
			expect: []string{"smtp.rcpt=fail:submit.relay_denied"}},
		{name: "a relay that should be open", args: []string{"--no-auth", "--no-imap", "--no-pop", "--smtp", "smtp://" + host + ":25", "--send", "rcpt", "--to", "somebody@example.net"},
			expect: []string{"smtp.rcpt=ok"}, exit: report.ExitWarn},
		{name: "a submission port wants a login", args: []string{"--no-auth", "--no-imap", "--no-pop", "--smtp", "smtp://" + host, "--send", "rcpt"},
			expect: []string{"smtp.rcpt=fail:submit.auth_required"}},
		{name: "port 143 should demand TLS, and takes a password without it (from its own address)", args: []string{"--no-pop", "--no-smtp", "--imap", "imap+insecure://" + host, "--allow-cleartext"},
			with: session{env: []string{"MAILCHECK_PASSWORD=" + alice.Password}}, expect: []string{"imap.auth=fail"}, exit: report.ExitWarn},
		{name: "TLS is gone", fault: fault{NoTLS: true}, args: []string{"--no-auth", "--no-pop", "--no-smtp", "--imap", "imap://" + host},
			expect: []string{"imap.starttls=ok"}, exit: report.ExitWarn},
		{name: "a disabled account", with: session{env: []string{"MAILCHECK_PASSWORD=the password of last year"}},
			expect: []string{"*.auth=fail:auth.bad_credentials"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s.furnish(t, alice)
			if test.fault != (fault{}) {
				s.breakWith(t, test.fault)
			}
			args := append([]string{alice.Address}, test.args...)
			for _, e := range test.expect {
				args = append(args, "--expect", e)
			}
			o := s.check(t, test.with, args...)
			if o.exit != test.exit {
				t.Errorf("exit status %d, want %d\n%s", o.exit, test.exit, o.stdout)
			}
			for _, e := range o.report.Expectations {
				if e.Held != (test.exit == report.ExitOK) {
					t.Errorf("%s: %+v", e, e.Happened)
				}
			}
		})
	}
}
