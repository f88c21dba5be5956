package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"mailcheck/creds"
	"mailcheck/internal/lab"
	"mailcheck/report"
)

// heldKeyring is a keyring in the memory of a test. Get fails with err when it
// is set, and Set with full.
type heldKeyring struct {
	err, full error

	mu    sync.Mutex
	items map[string]string
}

func (k *heldKeyring) Get(_ context.Context, user string) (creds.Secret, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.err != nil {
		return creds.Secret{}, k.err
	}
	item, ok := k.items[user]
	if !ok {
		return creds.Secret{}, creds.ErrMissing
	}
	return creds.NewSecret(item), nil
}

func (k *heldKeyring) Set(_ context.Context, user string, s creds.Secret) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.full != nil {
		return k.full
	}
	k.items[user] = s.Reveal()
	return nil
}

func (k *heldKeyring) Delete(_ context.Context, user string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, ok := k.items[user]; !ok {
		return creds.ErrMissing
	}
	delete(k.items, user)
	return nil
}

// screen is a stderr to which a command of the user writes too.
type screen struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// desk is a user's computer: a keyring, and a browser that follows redirects.
type desk struct {
	t       *testing.T
	keyring *heldKeyring
	stdin   string   // of the main job
	servers *lab.Lab // to which all names lead; nil: the loopback address itself
	pages   []string // that were shown in the browser
	written string   // all that the program wrote so far
}

func newDesk(t *testing.T) *desk {
	return &desk{t: t, keyring: &heldKeyring{items: map[string]string{}}}
}

// run runs the program and returns what it wrote, and its exit status.
func (d *desk) run(stdin string, args ...string) (string, int) {
	d.t.Helper()
	var stdout bytes.Buffer
	var stderr screen
	var browsing sync.WaitGroup
	a := &app{stdin: strings.NewReader(stdin), stdout: &stdout, stderr: &stderr, env: func(string) (string, bool) { return "", false },
		keyring: func(bool) creds.Keyring { return d.keyring },
		browse: func(page string) {
			d.pages = append(d.pages, page)
			browsing.Go(func() {
				res, err := d.browser().Get(page)
				if err != nil {
					d.t.Error(err)
					return
				}
				_ = res.Body.Close()
			})
		}}
	if d.servers != nil {
		a.dial = d.servers.DialContext
	}
	status := a.run(d.t.Context(), args)
	browsing.Wait()
	d.written += stdout.String() + stderr.String()
	return stdout.String() + stderr.String(), status
}

// browser is a browser for which all names lead to the desk's servers.
func (d *desk) browser() *http.Client {
	if d.servers == nil {
		return http.DefaultClient
	}
	return &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: d.servers.Roots()},
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			_, port, err := net.SplitHostPort(address)
			if err != nil {
				return nil, err
			}
			return d.servers.DialContext(ctx, network, net.JoinHostPort("127.0.0.1", port))
		},
	}}
}

// check runs the main job against a lab, with the secret of the keyring.
func (d *desk) check(servers *lab.Lab, args ...string) (*report.Report, int) {
	d.t.Helper()
	dir := d.t.TempDir()
	ca, file := filepath.Join(dir, "ca.pem"), filepath.Join(dir, "report.json")
	if err := os.WriteFile(ca, servers.CAPEM(), 0o600); err != nil {
		d.t.Fatal(err)
	}
	written, status := d.run(d.stdin, append([]string{servers.Address(), "--offline", "--dns", servers.DNSAddr(), "--ca-file", ca, "-v", "--transcript", "-o", "text", "-o", "json=" + file}, args...)...)
	text, err := os.ReadFile(file)
	if err != nil {
		d.t.Fatalf("%v\n%s", err, written)
	}
	d.written += string(text)
	var rep report.Report
	if err := json.Unmarshal(text, &rep); err != nil {
		d.t.Fatal(err)
	}
	return &rep, status
}

// leaks searches all that the program wrote for what an authorization server
// has issued.
func (d *desk) leaks(a *lab.Authority, more ...string) {
	d.t.Helper()
	for _, secret := range append(a.Secrets(), more...) {
		search(d.t, d.written, secret)
	}
}

func startAuthority(t *testing.T, o lab.AuthorityOptions) *lab.Authority {
	t.Helper()
	a, err := lab.StartAuthority(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	return a
}

// loginTo are the arguments of a sign-in at an authority.
func loginTo(a *lab.Authority, more ...string) []string {
	return append([]string{"login", lab.DefaultAddress, "--issuer", a.Issuer(), "--client-id", lab.ClientID}, more...)
}

// The whole way: sign in with the browser, check the account with what was
// kept, look for it, remove it.
func TestLoginAndCheck(t *testing.T) {
	for name, rotate := range map[string]bool{"one refresh token": false, "a new refresh token each time": true} {
		t.Run(name, func(t *testing.T) {
			authority := startAuthority(t, lab.AuthorityOptions{Rotate: rotate})
			servers := startLab(t, lab.Options{Authority: authority})
			d := newDesk(t)
			written, status := d.run("", loginTo(authority)...)
			if status != report.ExitOK || len(d.pages) != 1 || !strings.Contains(written, d.pages[0]) {
				t.Fatalf("exit status %d, pages %v\n%s", status, d.pages, written)
			}
			if !strings.Contains(written, "the keyring now holds for anna@example.test") {
				t.Errorf("what is kept is not said:\n%s", written)
			}
			if len(d.keyring.items) != 1 || !strings.Contains(d.keyring.items["anna@example.test#oauth"], authority.Issuer()) {
				t.Errorf("the keyring holds %v", d.keyring.items)
			}
			for range 2 { // the second run refreshes what the first has kept
				rep, status := d.check(servers)
				if status != report.ExitOK || rep.Credentials == nil || *rep.Credentials != (report.Credentials{Source: "keyring", Kind: "token"}) {
					t.Fatalf("exit status %d, credentials %+v\n%s", status, rep.Credentials, d.written)
				}
				for _, protocol := range []string{"imap", "pop3", "smtp"} {
					if auth := rep.Check(protocol).Auth; auth == nil || auth.Mechanism != "OAUTHBEARER" {
						t.Errorf("%s logged in with %+v", protocol, auth)
					}
				}
				if s := rep.Check("creds").Step("token"); s == nil || s.ID != "creds.token" || s.Result != report.OK {
					t.Errorf("creds.token is %+v", s)
				}
			}
			if written, status := d.run("", "creds", "check", lab.DefaultAddress); status != report.ExitOK || !strings.Contains(written, "sign-in") {
				t.Errorf("creds check: exit status %d, %s", status, written)
			}
			if _, status := d.run("", "creds", "delete", lab.DefaultAddress); status != report.ExitOK {
				t.Errorf("creds delete: exit status %d", status)
			}
			if _, status := d.run("", "creds", "check", lab.DefaultAddress); status != report.ExitCreds {
				t.Errorf("creds check, afterwards: exit status %d", status)
			}
			d.leaks(authority)
		})
	}
}

// Only one of the two mechanisms is offered: it is the one that is used.
func TestLoginMechanism(t *testing.T) {
	authority := startAuthority(t, lab.AuthorityOptions{})
	servers := startLab(t, lab.Options{Authority: authority, Mechanisms: []string{"XOAUTH2", "PLAIN"}})
	d := newDesk(t)
	if written, status := d.run("", loginTo(authority)...); status != report.ExitOK {
		t.Fatal(written)
	}
	rep, status := d.check(servers, "--send", "auth")
	if status != report.ExitOK || rep.Check("smtp").Auth.Mechanism != "XOAUTH2" {
		t.Errorf("exit status %d, %+v", status, rep.Check("smtp").Auth)
	}
	d.leaks(authority)
}

// The settings of the domain name the issuer, in either format.
func TestLoginByTheSettings(t *testing.T) {
	const autoconfig = `<clientConfig version="1.1"><emailProvider id="example.test">` +
		`<incomingServer type="imap"><hostname>imap.example.test</hostname><port>993</port><socketType>SSL</socketType><username>%EMAILADDRESS%</username><authentication>OAuth2</authentication></incomingServer>` +
		`<outgoingServer type="smtp"><hostname>smtp.example.test</hostname><port>465</port><socketType>SSL</socketType><username>%EMAILADDRESS%</username><authentication>OAuth2</authentication></outgoingServer>` +
		`</emailProvider><oAuth2><issuer>auth.example.test</issuer></oAuth2></clientConfig>`
	authority := lab.NewAuthority("https://auth.example.test", lab.AuthorityOptions{})
	documents := map[string]http.Handler{"https://autoconfig.example.test/mail/config-v1.1.xml": lab.Document("text/xml", autoconfig)}
	for _, path := range []string{"/.well-known/oauth-authorization-server", "/authorize", "/token"} {
		documents[authority.Issuer()+path] = authority
	}
	d := newDesk(t)
	d.servers = startLab(t, lab.Options{NoSRV: true, Documents: documents})
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, d.servers.CAPEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	written, status := d.run("", "login", lab.DefaultAddress, "--client-id", lab.ClientID, "--dns", d.servers.DNSAddr(), "--ca-file", ca)
	if status != report.ExitOK || !strings.Contains(d.keyring.items["anna@example.test#oauth"], authority.Issuer()) {
		t.Errorf("exit status %d, the keyring holds %v\n%s", status, d.keyring.items, written)
	}
	for _, secret := range authority.Secrets() {
		search(t, written, secret)
	}
}

// The provider that takes the domain's mail is the one to sign in at.
func TestLoginByTheMX(t *testing.T) {
	servers := startLab(t, lab.Options{NoSRV: true, MX: "aspmx.l.google.com", Hosts: []string{"aspmx.l.google.com"}})
	ctx, cancel := context.WithCancel(t.Context())
	var stderr bytes.Buffer
	page := ""
	a := &app{stdin: strings.NewReader(""), stdout: io.Discard, stderr: &stderr, env: func(string) (string, bool) { return "", false },
		keyring: func(bool) creds.Keyring { return &heldKeyring{} }, browse: func(shown string) { page = shown; cancel() }}
	status := a.run(ctx, []string{"login", lab.DefaultAddress, "--client-id", "x", "--dns", servers.DNSAddr()})
	if status != report.ExitInterrupted || !strings.HasPrefix(page, "https://accounts.google.com/o/oauth2/v2/auth?") {
		t.Errorf("exit status %d, page %q\n%s", status, page, stderr.String())
	}
}

// A device shows a code, and asks until it has been typed in.
func TestLoginDevice(t *testing.T) {
	authority := startAuthority(t, lab.AuthorityOptions{Interval: 1})
	d := newDesk(t)
	written, status := d.run("", loginTo(authority, "--device")...)
	if status != report.ExitOK || !strings.Contains(written, "WDJB-MJHT") || !strings.Contains(written, authority.Issuer()+"/activate") || len(d.pages) > 0 {
		t.Errorf("exit status %d, pages %v\n%s", status, d.pages, written)
	}
	d.leaks(authority)
}

// A browser that is signed in as somebody else signs that one in: a warning
// says so, and the sign-in is kept, as it may be another name of the account.
func TestLoginAsAnother(t *testing.T) {
	for name, tt := range map[string]struct {
		identity map[string]any
		args     []string
		says     []string
		silent   bool
	}{
		"another": {map[string]any{"email": "bob@example.test"}, nil, []string{
			"warning: bob@example.test signed in, and not anna@example.test", "both are addresses of one mailbox", "run it again and sign in as anna@example.test"}, false},
		"another, by device": {map[string]any{"preferred_username": "bob@example.test"}, []string{"--device"}, []string{"warning: bob@example.test signed in, and not anna@example.test"}, false},
		"in Japanese":        {map[string]any{"upn": "bob@example.test"}, []string{"--lang", "ja"}, []string{"警告: サインインしたのは bob@example.test で、anna@example.test ではありません", "ブラウザーで別のアカウントからサインアウトし"}, false},
		"the account":        {map[string]any{"email": "Anna@Example.Test"}, nil, nil, true},
		"no address":         {map[string]any{"preferred_username": "bob"}, nil, nil, true},
		"not told":           {nil, nil, nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			authority := startAuthority(t, lab.AuthorityOptions{Identity: tt.identity, Interval: 1})
			d := newDesk(t)
			written, status := d.run("", loginTo(authority, tt.args...)...)
			if status != report.ExitOK || len(d.keyring.items) != 1 {
				t.Errorf("exit status %d, the keyring holds %v", status, d.keyring.items)
			}
			contains(t, written, tt.says...)
			if tt.silent && strings.Contains(written, "warning") {
				t.Errorf("a warning:\n%s", written)
			}
			d.leaks(authority)
		})
	}
}

// The client's secret, where a provider gives one, is used and never shown.
func TestLoginClientSecret(t *testing.T) {
	authority := startAuthority(t, lab.AuthorityOptions{Secret: canary})
	servers := startLab(t, lab.Options{Authority: authority})
	d := newDesk(t)
	if written, status := d.run(canary+"\n", loginTo(authority, "--client-secret-stdin")...); status != report.ExitOK {
		t.Fatalf("exit status %d\n%s", status, written)
	}
	if _, status := d.check(servers, "--send", "auth"); status != report.ExitOK {
		t.Errorf("exit status %d", status)
	}
	if written, status := d.run("another\n", loginTo(authority, "--client-secret-stdin")...); status != report.ExitAuth || !strings.Contains(written, "oauth.app_not_allowed") {
		t.Errorf("a wrong secret: exit status %d\n%s", status, written)
	}
	d.leaks(authority, canary)
}

// Each refusal of a sign-in has its cause and exit status, and keeps nothing.
func TestLoginRefused(t *testing.T) {
	for _, tt := range []struct {
		name   string
		server lab.AuthorityOptions
		args   []string
		status int
		says   string
	}{
		{"the user says no", refusing("authorize", "access_denied", "The user denied the request."), nil, report.ExitAuth, "oauth.app_not_allowed"},
		{"wrong scope", refusing("authorize", "invalid_scope", "The scope is unknown."), nil, report.ExitAuth, "oauth.app_not_allowed"},
		{"administrator", refusing("authorize", "access_denied", "AADSTS90094: The grant requires administrator permission."), nil, report.ExitAuth, "oauth.app_not_allowed"},
		{"conditional access", refusing("authorization_code", "invalid_grant", "AADSTS53003: Access has been blocked by Conditional Access policies."), nil, report.ExitAuth, "auth.blocked_by_policy"},
		{"second step", refusing("authorization_code", "interaction_required", "AADSTS50076: you must use multi-factor authentication"), nil, report.ExitAuth, "auth.web_login_required"},
		{"unknown app", refusing("authorization_code", "unauthorized_client", "AADSTS700016: Application with identifier 'x' was not found in the directory"), nil, report.ExitAuth, "oauth.app_not_allowed"},
		{"overloaded", refusing("authorization_code", "temporarily_unavailable", ""), nil, report.ExitAuth, "server.temporary_unavailable"},
		{"no device sign-in for it", refusing("device", "unauthorized_client", ""), []string{"--device"}, report.ExitAuth, "oauth.app_not_allowed"},
		{"denied on the device", refusing("device_code", "access_denied", ""), []string{"--device"}, report.ExitAuth, "oauth.app_not_allowed"},
		{"too late on the device", refusing("device_code", "expired_token", ""), []string{"--device"}, report.ExitCreds, "expired_token"},
		{"less than asked for", lab.AuthorityOptions{Grants: []string{"offline_access"}}, nil, report.ExitAuth, "oauth.app_not_allowed"},
		{"it does not last", lab.AuthorityOptions{NotLasting: true}, nil, report.ExitCreds, "refresh token"},
		{"another issuer", lab.AuthorityOptions{Issuer: "https://evil.example"}, nil, report.ExitAuth, "server.hostile"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.server.Interval = 1
			authority := startAuthority(t, tt.server)
			d := newDesk(t)
			written, status := d.run("", loginTo(authority, tt.args...)...)
			if status != tt.status || !strings.Contains(written, tt.says) {
				t.Errorf("exit status %d, want %d and %q\n%s", status, tt.status, tt.says, written)
			}
			if len(d.keyring.items) > 0 {
				t.Errorf("the keyring holds %v", d.keyring.items)
			}
			d.leaks(authority)
		})
	}
}

func refusing(grant, code, words string) lab.AuthorityOptions {
	return lab.AuthorityOptions{Refuse: map[string][2]string{grant: {code, words}}}
}

// What is wrong before anybody signs in.
func TestLoginCannotBegin(t *testing.T) {
	authority := startAuthority(t, lab.AuthorityOptions{})
	locked := &creds.KeyringError{Reason: creds.Locked}
	for _, tt := range []struct {
		name    string
		keyring error
		args    []string
		status  int
		says    string
	}{
		{"no client id", nil, []string{"login", lab.DefaultAddress, "--issuer", authority.Issuer()}, report.ExitUsage, "docs/oauth.md"},
		{"a locked keyring", locked, loginTo(authority), report.ExitCreds, "the keyring is locked"},
		{"a provider without", nil, []string{"login", "anna@icloud.com", "--client-id", "x"}, report.ExitSettings, "creds set anna@icloud.com"},
		{"an issuer without TLS", nil, []string{"login", lab.DefaultAddress, "--client-id", "x", "--issuer", "http://auth.example.test"}, report.ExitSettings, "not https"},
		{"an issuer that is none", nil, []string{"login", lab.DefaultAddress, "--client-id", "x", "--issuer", authority.Issuer() + "/elsewhere"}, report.ExitSettings, "404"},
		{"an issuer that nobody listens for", nil, []string{"login", lab.DefaultAddress, "--client-id", "x", "--issuer", "https://127.0.0.1:1"}, report.ExitConnect, "connect.refused"},
		{"a provider without devices", nil, []string{"login", "anna@gmail.com", "--client-id", "x", "--device"}, report.ExitSettings, "--device"},
		{"an app that it does not know", nil, []string{"login", lab.DefaultAddress, "--issuer", authority.Issuer(), "--client-id", "x", "--device"}, report.ExitAuth, "oauth.app_not_allowed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDesk(t)
			d.keyring.err = tt.keyring
			written, status := d.run("", tt.args...)
			if status != tt.status || !strings.Contains(written, tt.says) || len(d.pages) > 0 {
				t.Errorf("exit status %d, want %d and %q; pages %v\n%s", status, tt.status, tt.says, d.pages, written)
			}
		})
	}
}

// A sign-in that gives no token any more fails creds.token with the cause of
// the refusal; the servers are checked without a login.
func TestSignInIsOver(t *testing.T) {
	for _, tt := range []struct {
		name, code, words string // empty: withdrawn
		cause             report.Cause
	}{
		{"withdrawn", "", "", report.AuthTokenExpired},
		{"no consent any more", "invalid_grant", "AADSTS65001: The user or administrator has not consented to use the application", report.OAuthAppNotAllowed},
		{"conditional access", "invalid_grant", "AADSTS53003: Access has been blocked by Conditional Access policies.", report.AuthBlockedByPolicy},
		{"second step", "interaction_required", "AADSTS50076: you must use multi-factor authentication", report.AuthWebLoginRequired},
		{"overloaded", "temporarily_unavailable", "", report.ServerTemporarilyUnavailable},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			authority := startAuthority(t, lab.AuthorityOptions{})
			servers := startLab(t, lab.Options{Authority: authority})
			d := newDesk(t)
			if written, status := d.run("", loginTo(authority)...); status != report.ExitOK {
				t.Fatal(written)
			}
			if tt.code != "" {
				authority.Refuse("refresh_token", tt.code, tt.words)
			} else {
				authority.Withdraw()
			}
			rep, status := d.check(servers)
			s := rep.Check("creds").Step("token")
			if status != report.ExitCreds || s == nil || s.Cause != tt.cause || rep.Verdict.FailedStep != "creds.token" {
				t.Errorf("exit status %d, %+v, verdict %+v", status, s, rep.Verdict)
			}
			if made := servers.Logins(report.IMAP).Made; made > 0 || rep.Check("imap").Result != report.OK {
				t.Errorf("%d logins, imap is %s", made, rep.Check("imap").Result)
			}
			d.leaks(authority)
		})
	}
}

// A renewed sign-in that the keyring does not take is a warning; the run is made.
func TestRenewedSignInIsNotKept(t *testing.T) {
	authority := startAuthority(t, lab.AuthorityOptions{Rotate: true})
	servers := startLab(t, lab.Options{Authority: authority})
	d := newDesk(t)
	if written, status := d.run("", loginTo(authority)...); status != report.ExitOK {
		t.Fatal(written)
	}
	d.keyring.full = &creds.KeyringError{Reason: creds.TooBig}
	rep, status := d.check(servers, "--send", "auth")
	s := rep.Check("creds").Step("token")
	if status != report.ExitOK || s.Result != report.Warn || s.Cause != report.CredsKeyringUnavailable || !strings.Contains(s.Explanation, "the keyring did not take it") {
		t.Errorf("exit status %d, %+v", status, s)
	}
	if auth := rep.Check("imap").Step("auth"); auth.Result != report.OK {
		t.Errorf("imap.auth is %+v", auth)
	}
	d.leaks(authority)
}

// The mail servers refuse the token: their words decide, and what the challenge
// says is in the report.
func TestTokenIsRefused(t *testing.T) {
	authority := startAuthority(t, lab.AuthorityOptions{})
	other := startAuthority(t, lab.AuthorityOptions{})
	servers := startLab(t, lab.Options{Authority: other})
	d := newDesk(t)
	if written, status := d.run("", loginTo(authority)...); status != report.ExitOK {
		t.Fatal(written)
	}
	rep, status := d.check(servers)
	auth := rep.Check("imap").Step("auth")
	if status != report.ExitAuth || auth.Cause != report.AuthTokenExpired || !strings.Contains(auth.Detail, `"status":"401"`) {
		t.Errorf("exit status %d, %+v", status, auth)
	}
	d.leaks(authority)
}

// A secret that is given goes before the sign-in; so does --auth with a
// mechanism for passwords.
func TestGivenSecretGoesBeforeTheSignIn(t *testing.T) {
	authority := startAuthority(t, lab.AuthorityOptions{})
	servers := startLab(t, lab.Options{Authority: authority})
	d := newDesk(t)
	if written, status := d.run("", loginTo(authority)...); status != report.ExitOK {
		t.Fatal(written)
	}
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte(servers.Password()), 0o600); err != nil {
		t.Fatal(err)
	}
	rep, status := d.check(servers, "--send", "auth", "--password-file", file)
	if status != report.ExitOK || rep.Credentials.Kind != "password" || rep.Check("creds").Step("password") == nil {
		t.Errorf("exit status %d, %+v", status, rep.Credentials)
	}
	d.keyring.items["anna@example.test"] = servers.Password()
	rep, status = d.check(servers, "--send", "auth", "--auth", "PLAIN")
	if status != report.ExitOK || rep.Credentials.Kind != "password" {
		t.Errorf("--auth PLAIN: exit status %d, %+v", status, rep.Credentials)
	}
	if rep, _ = d.check(servers, "--send", "auth"); rep.Credentials.Kind != "token" {
		t.Errorf("beside a password the sign-in is passed over: %+v", rep.Credentials)
	}
}

// A token of another program, by its command or on standard input.
func TestTokenOfAnotherProgram(t *testing.T) {
	servers := startLab(t, lab.Options{Token: "ya29.from-elsewhere"})
	d := newDesk(t)
	rep, status := d.check(servers, "--send", "auth", "--token-command", "echo ya29.from-elsewhere")
	if status != report.ExitOK || *rep.Credentials != (report.Credentials{Source: "command", Kind: "token"}) || rep.Check("imap").Auth.Mechanism != "OAUTHBEARER" {
		t.Errorf("exit status %d, %+v", status, rep.Credentials)
	}
	d.stdin = "ya29.from-elsewhere\n"
	rep, status = d.check(servers, "--send", "auth", "--oauth-token-stdin", "--auth", "XOAUTH2")
	if status != report.ExitOK || *rep.Credentials != (report.Credentials{Source: "stdin", Kind: "token"}) || rep.Check("smtp").Auth.Mechanism != "XOAUTH2" {
		t.Errorf("exit status %d, %+v", status, rep.Credentials)
	}
	search(t, d.written, "ya29.from-elsewhere")
}
