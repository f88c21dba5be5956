package oauth

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"mailcheck/creds"
	"mailcheck/internal/lab"
	"mailcheck/internal/provider"
	"mailcheck/report"
)

// direct calls an authority without a network.
type direct struct{ authority http.Handler }

func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	d.authority.ServeHTTP(w, r)
	return w.Result(), nil
}

const issuer = "https://auth.example"

func authorityServer() Server {
	return Server{Issuer: issuer, Authorize: issuer + "/authorize", Token: issuer + "/token", Device: issuer + "/device", Scopes: []string{"mail"}}
}

// The device asks every 5 s where the server does not say, 5 s less often after
// each slow_down (RFC 8628 section 3.5), and ends when the user has signed in.
func TestDevicePolling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		authority := lab.NewAuthority(issuer, lab.AuthorityOptions{Pending: []string{"authorization_pending", "slow_down", "authorization_pending"}})
		begin := time.Now()
		c := &Client{transport: direct{authority}}
		shown := 0
		s, err := c.Device(t.Context(), authorityServer(), App{ID: lab.ClientID}, func(code DeviceCode) {
			if shown++; code.Code != "WDJB-MJHT" || code.URL != issuer+"/activate" {
				t.Errorf("shown: %+v", code)
			}
		})
		if err != nil || s.Refresh.IsZero() || shown != 1 {
			t.Fatalf("%+v, %v, shown %d times", s, err, shown)
		}
		var after []time.Duration
		for _, at := range authority.Polls() {
			after = append(after, at.Sub(begin))
		}
		if want := []time.Duration{5 * time.Second, 10 * time.Second, 20 * time.Second, 30 * time.Second}; !slices.Equal(after, want) {
			t.Errorf("it asked after %v, want %v", after, want)
		}
	})
}

// The wait ends with the code, with the user's patience, and with Ctrl-C.
func TestDeviceEnds(t *testing.T) {
	pending := slices.Repeat([]string{"authorization_pending"}, 1000)
	why := errors.New("why")
	for _, tt := range []struct {
		name  string
		limit time.Duration
		want  func(error) bool
		after time.Duration
	}{
		{"the code runs out", time.Hour, func(err error) bool {
			var refused *report.GrantError
			return errors.As(err, &refused) && refused.Code == "expired_token"
		}, 600 * time.Second},
		{"the limit", 5 * time.Minute, func(err error) bool { return err == why }, 5 * time.Minute},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				authority := lab.NewAuthority(issuer, lab.AuthorityOptions{Pending: pending})
				begin := time.Now()
				ctx, cancel := context.WithTimeoutCause(t.Context(), tt.limit, why)
				defer cancel()
				_, err := (&Client{transport: direct{authority}}).Device(ctx, authorityServer(), App{ID: lab.ClientID}, func(DeviceCode) {})
				if !tt.want(err) || time.Since(begin) != tt.after {
					t.Errorf("%v after %v", err, time.Since(begin))
				}
			})
		})
	}
}

// silent does not answer some questions in time.
type silent struct {
	direct
	questions *int
	until     int
}

func (s silent) RoundTrip(r *http.Request) (*http.Response, error) {
	if *s.questions++; *s.questions > 1 && *s.questions <= s.until {
		return nil, os.ErrDeadlineExceeded
	}
	return s.direct.RoundTrip(r)
}

// A server that gives no answer is asked less often, and not given up.
func TestDeviceBacksOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin, questions := time.Now(), 0
		authority := lab.NewAuthority(issuer, lab.AuthorityOptions{})
		c := &Client{transport: silent{direct{authority}, &questions, 3}}
		_, err := c.Device(t.Context(), authorityServer(), App{ID: lab.ClientID}, func(DeviceCode) {})
		if err != nil || time.Since(begin) != (5+10+20)*time.Second {
			t.Errorf("%v after %v", err, time.Since(begin))
		}
	})
}

// The page to sign in at carries what the RFCs want, and what some providers
// want beside.
func TestPageToSignInAt(t *testing.T) {
	for id, wants := range map[string][]string{
		"gmail":       {"access_type=offline", "redirect_uri=http%3A%2F%2F127.0.0.1%3A", "login_hint=anna%40example.test", "scope=https%3A%2F%2Fmail.google.com%2F"},
		"outlook-com": {"redirect_uri=http%3A%2F%2Flocalhost%3A", "offline_access", "IMAP.AccessAsUser.All"},
		"yahoo":       {"scope=mail-w", "redirect_uri=http%3A%2F%2F127.0.0.1%3A"},
	} {
		p, known := provider.Find(id)
		server, ok := OfProvider(p)
		if !known || !ok {
			t.Fatalf("%s is not known", id)
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		over := errors.New("over")
		_, err := new(Client).Browse(ctx, server, App{ID: "client"}, BrowseOptions{Account: "anna@example.test", Open: func(page string) {
			u, err := url.Parse(page)
			if err != nil {
				t.Fatal(err)
			}
			q := u.Query()
			if q.Get("code_challenge_method") != "S256" || len(q.Get("code_challenge")) != 43 || len(q.Get("state")) < 22 || q.Get("response_type") != "code" || q.Get("client_id") != "client" {
				t.Errorf("%s: %s", id, page)
			}
			for _, want := range wants {
				if !strings.Contains(page, want) {
					t.Errorf("%s: no %s in %s", id, want, page)
				}
			}
			cancel(over)
		}})
		if err != over {
			t.Errorf("%s: %v", id, err)
		}
	}
}

// Somebody else's answer changes nothing; the browser's own comes through.
func TestForgedAnswers(t *testing.T) {
	authority, err := lab.StartAuthority(t.Context(), lab.AuthorityOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer authority.Close()
	c := new(Client)
	server, err := c.Metadata(t.Context(), authority.Issuer())
	if err != nil || !slices.Equal(server.Scopes, []string{"mail", "offline_access"}) || !server.NamesIssuer {
		t.Fatalf("%+v, %v", server, err)
	}
	browsed := make(chan struct{})
	defer func() { <-browsed }()
	signIn, err := c.Browse(t.Context(), server, App{ID: lab.ClientID}, BrowseOptions{Done: "<done>", Open: func(page string) {
		go func() {
			defer close(browsed)
			u, _ := url.Parse(page)
			back := u.Query().Get("redirect_uri")
			for path, want := range map[string]int{"?state=guess&code=x": 400, "?code=x": 400, "?state=guess&error=access_denied": 400, "favicon.ico": 404} {
				if got := get(t, back+path); got.StatusCode != want {
					t.Errorf("%s: status %d", path, got.StatusCode)
				}
			}
			done := get(t, page)
			if done.StatusCode != 200 || done.Header.Get("Content-Security-Policy") != pagePolicy() || done.Header.Get("Referrer-Policy") != "no-referrer" || done.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("%d, %v", done.StatusCode, done.Header)
			}
		}()
	}})
	if err != nil || signIn.Refresh.IsZero() || signIn.Server.Issuer != authority.Issuer() {
		t.Errorf("%+v, %v", signIn, err)
	}
}

func get(t *testing.T, address string) *http.Response {
	res, err := http.Get(address)
	if err != nil {
		t.Error(err)
		return &http.Response{}
	}
	_ = res.Body.Close()
	return res
}

// Issuers of which the metadata is not used, and why.
func TestMetadataRefused(t *testing.T) {
	good := `{"issuer":"%s","authorization_endpoint":"https://a.example/a","token_endpoint":"https://a.example/t"}`
	for _, tt := range []struct{ name, body, says string }{
		{"another issuer", fmt.Sprintf(good, "https://evil.example"), "another issuer"},
		{"no issuer", `{}`, "another issuer"},
		{"a token endpoint in clear text", `{"issuer":"https://a.example","authorization_endpoint":"https://a.example/a","token_endpoint":"http://a.example/t"}`, "not https"},
		{"no token endpoint", `{"issuer":"https://a.example","authorization_endpoint":"https://a.example/a"}`, "no URL"},
		{"this computer", `{"issuer":"https://a.example","authorization_endpoint":"https://a.example/a","token_endpoint":"http://localhost:1/t"}`, "on this computer"},
		{"nothing to sign in at", `{"issuer":"https://a.example","token_endpoint":"https://a.example/t"}`, "no endpoint"},
		{"a page", `<html>`, "not JSON"},
		{"too long", `{"issuer":"` + strings.Repeat("x", maxAnswer) + `"}`, "longer than"},
	} {
		c := &Client{transport: answering{200, "application/json", []byte(tt.body)}}
		_, err := c.Metadata(t.Context(), "https://a.example")
		var refused *MetadataError
		if !errors.As(err, &refused) || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	c := &Client{transport: answering{200, "application/json", fmt.Appendf(nil, good, "https://a.example")}}
	if _, err := c.Metadata(t.Context(), "https://a.example/"); err != nil {
		t.Errorf("with a slash behind it: %v", err)
	}
	for _, issuer := range []string{"http://a.example", "a.example", "https://a:hunter2@a.example", "https://a:hunter2 @a.example", "https://a.example?x", "ftp://a.example", ""} {
		if _, err := c.Metadata(t.Context(), issuer); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: %v", issuer, err)
		}
	}
}

// The scopes of an issuer that the table knows are those of the table, whoever
// the customer is.
func TestScopesOfKnownIssuers(t *testing.T) {
	for issuer, want := range map[string]string{
		"https://login.microsoftonline.com/8eaef023-2b34-4da1-9baa-8bc8c9d6a490/v2.0": "https://outlook.office.com/SMTP.Send",
		"https://accounts.google.com": "https://mail.google.com/",
	} {
		if !slices.Contains(scopesOf(issuer), want) {
			t.Errorf("%s: %v", issuer, scopesOf(issuer))
		}
	}
	for _, issuer := range []string{"https://login.microsoftonline.com/a/b/v2.0", "https://accounts.google.com.evil.example", ""} {
		if scopes := scopesOf(issuer); scopes != nil {
			t.Errorf("%q: %v", issuer, scopes)
		}
	}
}

// A refused refresh names the server, the code, the words and their reason, and
// repeats no secret.
func TestRefreshRefused(t *testing.T) {
	body := `{"error":"invalid_grant","error_description":"AADSTS65001: no consent for ` + fuzzSecret + `\r\nTrace ID: 1","suberror":"consent_required"}`
	kept := SignIn{Server: Server{Token: "https://a.example/t"}, App: App{ID: "id"}, Refresh: creds.NewSecret(fuzzSecret)}
	c := &Client{transport: answering{400, "application/json", []byte(body)}}
	_, _, err := c.Refresh(t.Context(), kept.Text())
	var refused *report.GrantError
	want := report.GrantError{Host: "a.example", Code: "invalid_grant", Status: 400,
		Description: "AADSTS65001: no consent for [secret] Trace ID: 1 (consent_required)"}
	if !errors.As(err, &refused) || *refused != want {
		t.Errorf("%v", err)
	}
}

// A server that cannot be asked is an error of the network, by its type.
func TestRefreshUnreachable(t *testing.T) {
	kept := SignIn{Server: Server{Token: "https://127.0.0.1:1/t"}, App: App{ID: "id"}, Refresh: creds.NewSecret("r")}
	refused := &net.OpError{Op: "dial", Err: errors.New("refused")}
	c := &Client{Dial: func(context.Context, string, string) (net.Conn, error) { return nil, refused }}
	_, _, err := c.Refresh(t.Context(), kept.Text())
	var op *net.OpError
	if !errors.As(err, &op) || !strings.Contains(err.Error(), "127.0.0.1") {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	over := errors.New("over")
	cancel(over)
	if _, _, err := c.Refresh(ctx, kept.Text()); err != over {
		t.Errorf("after the end: %v", err)
	}
}

// What was granted is compared by the right, and what is no right to mail does
// not count.
func TestGranted(t *testing.T) {
	microsoft := []string{"https://outlook.office.com/IMAP.AccessAsUser.All", "https://outlook.office.com/SMTP.Send", "offline_access"}
	for _, tt := range []struct {
		asked   []string
		granted string
		ok      bool
	}{
		{microsoft, "", true},
		{microsoft, "https://outlook.office.com/imap.accessasuser.all https://outlook.office365.com/SMTP.Send", true},
		{microsoft, "https://outlook.office.com/IMAP.AccessAsUser.All", false},
		{[]string{"https://mail.google.com/"}, "https://mail.google.com", true},
		{[]string{"https://mail.google.com/"}, "openid https://www.googleapis.com/auth/userinfo.email", false},
		{[]string{"mail-w"}, "mail-r,mail-w", true},
		{nil, "anything", true},
	} {
		err := Server{Token: "https://a.example/t", Scopes: tt.asked}.granted(tt.granted)
		var fault *report.Fault
		if (err == nil) != tt.ok || err != nil && (!errors.As(err, &fault) || fault.Cause != report.OAuthAppNotAllowed) {
			t.Errorf("%v, %q: %v", tt.asked, tt.granted, err)
		}
	}
}

// A server is sent a client's secret in the one form that it takes (RFC 6749
// section 2.3.1).
func TestClientAuthentication(t *testing.T) {
	for _, tt := range []struct{ methods, header, form string }{
		{`["client_secret_basic"]`, "Basic aWQ6c2VjcmV0", ""},
		{`["client_secret_post","client_secret_basic"]`, "", "secret"},
	} {
		s, err := parseMetadata(fmt.Appendf(nil, `{"issuer":"https://a.example","authorization_endpoint":"https://a.example/a","token_endpoint":"https://a.example/t","token_endpoint_auth_methods_supported":%s}`, tt.methods), "https://a.example")
		if err != nil {
			t.Fatal(err)
		}
		var header, form string
		c := &Client{transport: direct{http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			header, form = r.Header.Get("Authorization"), r.PostFormValue("client_secret")
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, `{"access_token":"a","token_type":"bearer","device_code":"d","user_code":"u"}`)
		})}}
		kept := SignIn{Server: s, App: App{ID: "id", Secret: creds.NewSecret("secret")}, Refresh: creds.NewSecret("r")}
		if access, renewed, err := c.Refresh(t.Context(), kept.Text()); err != nil || access.Reveal() != "a" || !renewed.IsZero() || header != tt.header || form != tt.form {
			t.Errorf("%s: %v; header %q, form %q", tt.methods, err, header, form)
		}
		header, form = "", ""
		s.Device = "https://a.example/d" // RFC 8628 section 3.1: as at the token endpoint
		if _, err := c.deviceCode(t.Context(), s.config(kept.App)); err != nil || header != tt.header || form != tt.form {
			t.Errorf("%s, for a device: %v; header %q, form %q", tt.methods, err, header, form)
		}
	}
}
