//go:build linux

package e2e

import (
	"bufio"
	"encoding/json"
	"io"
	"net/url"
	"strings"
	"testing"

	"mailcheck/report"
)

// shown is what login tells the user to do.
type shown struct {
	page string
	code string // for another device; empty without --device
}

// readShown reads login's stderr up to where it waits for the user.
func readShown(stderr io.Reader) shown {
	var s shown
	lines := bufio.NewScanner(stderr)
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if strings.HasPrefix(line, "https://") {
			s.page = line
		}
		if code, ok := strings.CutPrefix(line, "There, type this code in: "); ok {
			s.code = code
		}
		if strings.HasPrefix(line, "Waiting for the sign-in") {
			break
		}
	}
	return s
}

// login runs mailcheck login at the authorization server; once it waits, user
// does what a user does and returns what the browser shows in the end.
func (s *site) login(t *testing.T, with session, user func(shown) (view, error), args ...string) (outcome, view) {
	t.Helper()
	var last view
	with.reads = func(stderr io.Reader) {
		to := readShown(stderr)
		if to.page == "" {
			t.Error("login shows no page")
			return
		}
		var err error
		if last, err = user(to); err != nil {
			t.Errorf("in the browser: %v; it shows %+v", err, last)
		}
	}
	o := s.run(t, with, append([]string{"login", "--no-browser"}, args...)...)
	return o, last
}

// at are the arguments of a sign-in as an application.
func at(a app, more ...string) []string {
	args := []string{"--issuer", issuer, "--client-id", a.ID}
	if a.Secret != "" {
		args = append(args, "--client-secret-stdin")
	}
	return append(args, more...)
}

// What mailcheck's own page says in the end.
const (
	goodbye = "mailcheck has the answer. Close this page, and go back to the terminal."
	noEntry = "The sign-in did not succeed. Close this page, and go back to the terminal: it says why."
)

// farewell demands mailcheck's own last page, and that it repeats nothing of
// the answer that is in its address.
func farewell(t *testing.T, v view, says string) {
	t.Helper()
	address, err := url.Parse(v.address)
	if err != nil || address.Hostname() != "127.0.0.1" || address.Path != "/" {
		t.Fatalf("the browser ended at %s: %s", v.address, v.text)
	}
	if !strings.Contains(v.text, says) || v.title != "mailcheck" {
		t.Errorf("the last page, %q, says %q", v.title, v.text)
	}
	for _, values := range address.Query() {
		for _, value := range values {
			if strings.Contains(v.html, value) {
				t.Errorf("the last page repeats %q", value)
			}
		}
	}
}

// kept returns the refresh token that the keyring holds for an account.
func (k *keyring) kept(t *testing.T, address string) string {
	t.Helper()
	var item struct {
		Refresh string `json:"refresh"`
	}
	if err := json.Unmarshal([]byte(k.lookup(t, address+"#oauth")), &item); err != nil || item.Refresh == "" {
		t.Fatalf("the keyring holds no sign-in of %s: %v", address, err)
	}
	return item.Refresh
}

// signedIn starts a keyring that holds a sign-in of the account, made in the
// browser as somebody.
func (s *site) signedIn(t *testing.T, b browser, a, as account) *keyring {
	t.Helper()
	k := s.startKeyring(t)
	o, last := s.login(t, session{keyring: k}, func(to shown) (view, error) { return b.walk(to.page, signInAs(as)) },
		at(publicApp, a.Address)...)
	farewell(t, last, goodbye)
	if o.exit != 0 {
		t.Fatalf("login: exit status %d", o.exit)
	}
	return k
}

// TestLogin signs in, in each way, and does the whole job with what was kept.
func TestLogin(t *testing.T) {
	s := theLab(t)
	b := s.startBrowser(t)
	for _, test := range []struct {
		name      string
		app       app
		account   account
		device    bool
		mechanism string
	}{
		{name: "browser", app: publicApp, account: alice, mechanism: "OAUTHBEARER"},
		{name: "browser, with a client secret", app: desktopApp, account: bob, mechanism: "XOAUTH2"},
		{name: "device", app: publicApp, account: uni, device: true, mechanism: "XOAUTH2"},
		{name: "device, with a client secret", app: desktopApp, account: alice, device: true, mechanism: "OAUTHBEARER"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			k := s.startKeyring(t)
			args := at(test.app, test.account.Address)
			user := func(to shown) (view, error) { return b.walk(to.page, signInAs(test.account)) }
			if test.device {
				args = append(args, "--device")
				user = func(to shown) (view, error) {
					return b.walk(to.page, typeIn(to.code), signInAs(test.account), press("button.green"))
				}
			}
			o, last := s.login(t, session{keyring: k, stdin: test.app.Secret}, user, args...)
			if o.exit != 0 || !strings.Contains(o.stderr, "signed in; the keyring now holds for "+test.account.Address) {
				t.Fatalf("exit status %d\n%s", o.exit, o.stderr)
			}
			if test.device && !strings.Contains(last.text, "Device authorization allowed") {
				t.Errorf("the browser ended at %s: %s", last.address, last.text)
			} else if !test.device {
				farewell(t, last, goodbye)
			}
			first := k.kept(t, test.account.Address)
			kinds := []string{"access_token", "refresh_token", "id_token"}
			if test.device {
				kinds = append(kinds, "device_code")
			} else {
				kinds = append(kinds, "code", "code_verifier")
			}
			if test.app.Secret != "" {
				kinds = append(kinds, "client_secret")
			}
			s.judges(t, kinds...)

			o = s.check(t, session{keyring: k}, test.account.Address, "--auth", test.mechanism)
			s.whole(t, o, test.account)
			o.allOK(t, "creds", "imap", "pop3")
			o.logins(t, 3, 0)
			for _, id := range []string{"imap", "pop3", "smtp"} {
				if auth := o.report.Check(id).Auth; auth == nil || auth.Mechanism != test.mechanism {
					t.Errorf("%s logged in with %+v", id, auth)
				}
			}
			if c := o.report.Credentials; c == nil || *c != (report.Credentials{Source: "keyring", Kind: "token"}) {
				t.Errorf("credentials: %+v", c)
			}
			if _, next := s.refreshed(t, first); next == "" || k.kept(t, test.account.Address) != next {
				t.Error("the keyring does not hold the refresh token that the server gave last")
			}
		})
	}
}

// TestLoginByAutoconfig signs in where the settings of the domain name the
// issuer.
func TestLoginByAutoconfig(t *testing.T) {
	s := theLab(t)
	domain := "oauth." + siteDomain
	oauth2 := "<oAuth2><issuer>auth." + siteDomain + "</issuer></oAuth2></clientConfig>"
	s.serveWeb(t, "autoconfig."+domain, "/mail/config-v1.1.xml", "text/xml; charset=utf-8",
		strings.NewReplacer("two."+siteDomain, domain, "<username>", "<authentication>OAuth2</authentication><username>", "</clientConfig>", oauth2).Replace(autoconfigFor("mail."+siteDomain)))
	b, k := s.startBrowser(t), s.startKeyring(t)
	o, last := s.login(t, session{keyring: k}, func(to shown) (view, error) { return b.walk(to.page, signInAs(anna)) },
		anna.Address, "--client-id", publicApp.ID)
	farewell(t, last, goodbye)
	if o.exit != 0 || !strings.Contains(o.stderr, "the refresh token of auth."+siteDomain) {
		t.Errorf("exit status %d\n%s", o.exit, o.stderr)
	}
	k.kept(t, anna.Address)
}

// TestLoginRefused is a sign-in to which the user, or the server, says no.
func TestLoginRefused(t *testing.T) {
	s := theLab(t)
	b := s.startBrowser(t)
	for _, test := range []struct {
		name string
		app  app
		args []string
		user func(shown) (view, error)
		says string
	}{
		{name: "the user denies it", app: publicApp, args: []string{"--device"}, says: "access_denied",
			user: func(to shown) (view, error) {
				return b.walk(to.page, typeIn(to.code), signInAs(alice), press("button.red"))
			}},
		{name: "the application may not", app: barredApp, says: "unauthorized_client",
			user: func(to shown) (view, error) { return b.walk(to.page) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			k := s.startKeyring(t)
			o, last := s.login(t, session{keyring: k}, test.user, at(test.app, append(test.args, alice.Address)...)...)
			if test.args == nil {
				farewell(t, last, noEntry)
			} else if !strings.Contains(last.text, "Device authorization denied") {
				t.Errorf("the browser ended at %s: %s", last.address, last.text)
			}
			if o.exit != report.ExitAuth || !strings.Contains(o.stderr, test.says) || !strings.Contains(o.stderr, string(report.OAuthAppNotAllowed)) {
				t.Errorf("exit status %d\n%s", o.exit, o.stderr)
			}
			if item := k.lookup(t, alice.Address+"#oauth"); item != "" {
				t.Error("the keyring holds a sign-in")
			}
		})
	}
}

// TestTokenIsRenewed runs twice with one sign-in: the server ends the first
// run's access token, and the second makes another without a question.
func TestTokenIsRenewed(t *testing.T) {
	s := theLab(t)
	k := s.signedIn(t, s.startBrowser(t), bob, bob)
	var access []string
	for range 2 {
		before := k.kept(t, bob.Address)
		o := s.check(t, session{keyring: k}, bob.Address, "--send", "auth")
		if o.exit != 0 {
			t.Errorf("exit status %d", o.exit)
		}
		o.logins(t, 3, 0)
		token, refresh := s.refreshed(t, before)
		if k.kept(t, bob.Address) != refresh || refresh == before {
			t.Error("the keyring does not hold the refresh token that the server gave last")
		}
		access = append(access, token)
	}
	if access[0] == access[1] {
		t.Error("both runs had one access token")
	}
	o := s.check(t, session{stdin: access[0] + "\n"}, bob.Address, "--send", "auth", "--oauth-token-stdin")
	o.ends(t, "imap.auth", report.AuthTokenExpired, report.ExitAuth)
	o.logins(t, 2, 2)
	o = s.check(t, session{stdin: access[1] + "\n"}, bob.Address, "--send", "auth", "--oauth-token-stdin")
	o.allOK(t, "imap", "pop3")
}

// TestSignInIsRevoked ends the sign-in at the server.
func TestSignInIsRevoked(t *testing.T) {
	s := theLab(t)
	k := s.signedIn(t, s.startBrowser(t), alice, alice)
	s.revoke(t, publicApp, k.kept(t, alice.Address))
	o := s.check(t, session{keyring: k}, alice.Address)
	o.ends(t, "creds.token", report.AuthTokenExpired, report.ExitCreds)
	o.logins(t, 0, 0)
	if advice := strings.Join(o.report.Verdict.Advice, "\n"); !strings.Contains(advice, "mailcheck login") {
		t.Errorf("advice: %s", advice)
	}
	for _, id := range []string{"imap", "pop3", "smtp"} {
		if check := o.finished(t, id); check.Result != report.OK {
			t.Errorf("%s is %s", id, check.Result)
		}
	}
}

// TestSignedInAsAnother signs in as somebody else than the account: Dovecot
// asks the authorization server whose the token is.
func TestSignedInAsAnother(t *testing.T) {
	s := theLab(t)
	k := s.signedIn(t, s.startBrowser(t), alice, bob)
	o := s.check(t, session{keyring: k}, alice.Address)
	o.ends(t, "imap.auth", report.AuthTokenExpired, report.ExitAuth)
	o.logins(t, 2, 2)
	if detail := o.step(t, "imap.auth").Detail; !strings.Contains(detail, `"status":"`) || !strings.Contains(detail, issuer+"/.well-known/openid-configuration") {
		t.Errorf("what Dovecot's challenge says is not told: %s", detail)
	}
}
