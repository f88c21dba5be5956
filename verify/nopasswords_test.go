package verify_test

import (
	"context"
	"testing"

	"mailcheck/creds"
	"mailcheck/internal/lab"
	"mailcheck/report"
)

// Where the provider takes no passwords, none is asked for or sent, whatever
// names the provider; the rest of the run is made as without a login.
func TestProviderWithoutPasswords(t *testing.T) {
	for name, tc := range map[string]struct {
		lab       lab.Options
		mechanism string
		asked     bool // the user is asked for the password
	}{
		"by the domain": {lab: lab.Options{Address: "anna@outlook.com", NoSRV: true, WellKnownPorts: true,
			Hosts: []string{"outlook.office365.com", "smtp-mail.outlook.com"}}},
		"by the MX, which leads to its servers": {lab: lab.Options{NoSRV: true, WellKnownPorts: true,
			MX: "example-test.mail.protection.outlook.com", Hosts: []string{"example-test.mail.protection.outlook.com", "outlook.office365.com", "smtp.office365.com"}}},
		"the MX alone is there": {lab: lab.Options{
			MX: "example-test.mail.protection.outlook.com", Hosts: []string{"example-test.mail.protection.outlook.com"}}, asked: true},
		"a password mechanism is asked for": {lab: lab.Options{Address: "anna@outlook.com", NoSRV: true, WellKnownPorts: true,
			Hosts: []string{"outlook.office365.com", "smtp-mail.outlook.com"}}, mechanism: "PLAIN", asked: true},
	} {
		t.Run(name, func(t *testing.T) {
			servers, o := start(t, tc.lab)
			asked := false
			o.Credentials = creds.Options{Prompt: func(context.Context) (creds.Secret, error) {
				asked = true
				return creds.NewSecret(servers.Password()), nil
			}}
			o.Mechanism, o.Offline, o.Send = tc.mechanism, true, "rcpt"
			rep := run(t, o)
			complete(t, rep)
			if asked != tc.asked {
				t.Errorf("asked for a password: %v", asked)
			}
			made := servers.Logins(report.IMAP).Made
			if tc.asked {
				if made == 0 || rep.Check("creds").Step("password") == nil {
					t.Errorf("%d logins: %s", made, results(rep))
				}
				return
			}
			if rep.ExitCode != 3 || rep.Verdict.FailedStep != "creds.token" || rep.Verdict.Cause != report.AuthBasicAuthDisabled || made > 0 {
				t.Errorf("exit status %d, %s at %s, %d logins: %s", rep.ExitCode, rep.Verdict.Cause, rep.Verdict.FailedStep, made, results(rep))
			}
			if c := rep.Check("imap").Step("capability"); c == nil || c.Result != report.OK {
				t.Errorf("the servers were not taken as far as they go: %s", results(rep))
			}
		})
	}
}
