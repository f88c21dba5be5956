package verify_test

import (
	"context"
	"slices"
	"testing"

	"mailcheck/creds"
	"mailcheck/internal/lab"
	"mailcheck/internal/oauth"
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

// There a sign-in of the keyring is what the run is made with, and a password
// beside it is left alone.
func TestProviderWithoutPasswordsAndASignIn(t *testing.T) {
	authority, err := lab.StartAuthority(t.Context(), lab.AuthorityOptions{Interval: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer authority.Close()
	server, err := new(oauth.Client).Metadata(t.Context(), authority.Issuer())
	if err != nil {
		t.Fatal(err)
	}
	signIn, err := new(oauth.Client).Device(t.Context(), server, oauth.App{ID: lab.ClientID}, func(oauth.DeviceCode) {})
	if err != nil {
		t.Fatal(err)
	}
	servers, o := start(t, lab.Options{Address: "anna@outlook.com", NoSRV: true, WellKnownPorts: true, Authority: authority, Mechanisms: []string{"XOAUTH2"},
		Hosts: []string{"outlook.office365.com", "smtp-mail.outlook.com"}})
	held := &keyringOf{items: map[string]string{"anna@outlook.com#oauth": signIn.Text().Reveal(), "anna@outlook.com#smtp": "no use"}}
	o.Credentials, o.Offline, o.Send = creds.Options{Keyring: held}, true, "rcpt"
	rep := run(t, o)
	complete(t, rep)
	if rep.ExitCode != 0 || *rep.Credentials != (report.Credentials{Source: "keyring", Kind: "token"}) || servers.Logins(report.SMTP) != (lab.Logins{Made: 1}) {
		t.Errorf("exit status %d, %+v: %s", rep.ExitCode, rep.Credentials, results(rep))
	}
	told := slices.ContainsFunc(rep.Contacted, func(c report.Contact) bool {
		return c.Purpose == "sign-in" && c.Host == "127.0.0.1" && slices.Equal(c.Told, []string{"token"})
	})
	if !told {
		t.Errorf("who was told the refresh token is not said: %+v", rep.Contacted)
	}
}

// A keyring in memory of which nothing is changed.
type keyringOf struct{ items map[string]string }

func (k *keyringOf) Get(_ context.Context, user string) (creds.Secret, error) {
	if item, ok := k.items[user]; ok {
		return creds.NewSecret(item), nil
	}
	return creds.Secret{}, creds.ErrMissing
}

func (k *keyringOf) Set(context.Context, string, creds.Secret) error { return nil }

func (k *keyringOf) Delete(context.Context, string) error { return nil }
