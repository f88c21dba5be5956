package oauth

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"mailcheck/creds"
)

// answering is a network on which everybody gives one answer.
type answering struct {
	status      int
	contentType string
	body        []byte
}

func (a answering) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: a.status, Header: http.Header{"Content-Type": {a.contentType}},
		Body: io.NopCloser(strings.NewReader(string(a.body)))}, nil
}

const fuzzSecret = "c4n4ry/tw33t+tw00t"

// Whatever a token or device endpoint answers: the result is tokens or an error
// that shows no secret, on one line, and nothing that a terminal obeys is shown
// as a code.
func FuzzAnswer(f *testing.F) {
	for _, body := range []string{
		`{"access_token":"a","token_type":"Bearer","refresh_token":"r","expires_in":3600,"scope":"mail"}`,
		`{"error":"invalid_grant","error_description":"AADSTS70000: c4n4ry/tw33t+tw00t\r\nTrace ID: x","suberror":"bad_token"}`,
		`{"device_code":"d","user_code":"WDJB-MJHT","verification_uri":"https://example.com/d","expires_in":600,"interval":-1}`,
		`{"access_token":"a","token_type":"mac"}`, `access_token=a&token_type=bearer&error=%zz`, `[]`, ``, `null`, `{"expires_in":"x"}`,
	} {
		f.Add(200, "application/json", []byte(body))
		f.Add(400, "text/plain", []byte(body))
	}
	s := Server{Authorize: "https://a.example/a", Token: "https://a.example/t", Device: "https://a.example/d", Scopes: []string{"mail"}}
	app := App{ID: "id", Secret: creds.NewSecret(fuzzSecret)}
	kept := SignIn{Server: s, App: app, Refresh: creds.NewSecret(fuzzSecret + "-refresh")}
	f.Fuzz(func(t *testing.T, status int, contentType string, body []byte) {
		if status < 200 || status > 999 || status/100 == 3 {
			return
		}
		c := &Client{transport: answering{status, contentType, body}}
		harmless := func(err error) {
			if err != nil && (strings.Contains(err.Error(), fuzzSecret) || strings.ContainsAny(err.Error(), "\r\n")) {
				t.Errorf("the error is %q", err)
			}
		}
		access, renewed, err := c.Refresh(t.Context(), kept.Text())
		harmless(err)
		if err == nil && access.IsZero() || err != nil && !(access.IsZero() && renewed.IsZero()) {
			t.Errorf("a token that is empty, or beside an error: %v", err)
		}
		token, err := s.config(app).Exchange(c.within(t.Context()), "code")
		if err != nil {
			harmless(failure(err, s.Host(), app.Secret))
		} else if _, err = s.lasting(app, token); err != nil {
			harmless(err)
		}
		device, err := c.deviceCode(t.Context(), s.config(app))
		if err != nil {
			harmless(failure(err, s.Host(), app.Secret))
		} else if deviceFlaw(device) == "" && (checkURL(device.VerificationURI) != nil || len(device.UserCode) > maxUserCode) {
			t.Errorf("shown to the user: %+v", device)
		}
	})
}

// Whatever an ID token holds: a name of it is an address that harms no terminal
// and repeats no secret, and can be compared with any other.
func FuzzIDToken(f *testing.F) {
	for _, payload := range []string{
		`{"iss":"https://a.example","aud":"id","email":"bob@example.com"}`, `{"iss":"https://a.example","aud":["id"],"upn":"b+x@\u00fc.example","preferred_username":"\u001b[2J@x"}`,
		`{"iss":"https://a.example","aud":"id","email":"c4n4ry/tw33t+tw00t@example.com"}`, `{"aud":1}`, `null`, `[]`, ``,
	} {
		f.Add(idTokenOf(payload), []byte(payload))
	}
	s := Server{Issuer: "https://a.example", Token: "https://a.example/t"}
	app := App{ID: "id", Secret: creds.NewSecret(fuzzSecret)}
	asked, err := creds.ParseAddress("anna@example.com")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, token string, payload []byte) {
		for _, text := range []string{token, idTokenOf(string(payload))} {
			signIn, err := s.lasting(app, answerWith(text))
			if err != nil {
				t.Fatalf("an ID token made a sign-in fail: %v", err)
			}
			for _, name := range signIn.As {
				if _, err := creds.ParseAddress(name); err != nil || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' }) || strings.Contains(name, fuzzSecret) {
					t.Errorf("%q is a name, from %q", name, text)
				}
			}
			if other := signIn.Other(asked); other != "" && !slices.Contains(signIn.As, other) {
				t.Errorf("%q is the other account of %q", other, signIn.As)
			}
		}
	})
}

// What metadata leads to is https, or on this machine when the issuer is.
func FuzzMetadata(f *testing.F) {
	for _, text := range []string{
		`{"issuer":"https://auth.example","authorization_endpoint":"https://auth.example/a","token_endpoint":"https://auth.example/t","scopes_supported":["openid","mail"]}`,
		`{"issuer":"https://auth.example/","device_authorization_endpoint":"http://127.0.0.1/d","token_endpoint":"http://auth.example/t"}`,
		`{"issuer":"https://evil.example"}`, `{"issuer":1}`, `[]`, ``,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := parseMetadata(text, "https://auth.example")
		if err != nil {
			return
		}
		for _, endpoint := range []string{s.Authorize, s.Token, s.Device} {
			if endpoint != "" && !strings.HasPrefix(strings.ToLower(endpoint), "https://") {
				t.Errorf("%s is trusted", endpoint)
			}
		}
		if s.Token == "" || s.Authorize == "" && s.Device == "" {
			t.Errorf("nothing to sign in at: %+v", s)
		}
	})
}

// A sign-in is read as it was written, and anything else leads nowhere.
func FuzzSignIn(f *testing.F) {
	f.Add(SignIn{Server: Server{Token: "https://a.example/t", Scopes: []string{"mail"}}, App: App{ID: "id"}, Refresh: creds.NewSecret("r")}.Text().Reveal())
	f.Add(`{"v":1,"token":"http://a.example/t","client":"x","refresh":"y"}`)
	f.Add(`{"v":2}`)
	f.Add("hunter2")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseSignIn(creds.NewSecret(text))
		if err != nil {
			if err != ErrSignIn {
				t.Errorf("the error tells more than it should: %v", err)
			}
			return
		}
		if checkURL(s.Server.Token) != nil || s.Refresh.IsZero() {
			t.Errorf("%q gives %+v", text, s)
		}
		again, err := ParseSignIn(s.Text())
		if err != nil || again.Refresh.Reveal() != s.Refresh.Reveal() || again.App.Secret.Reveal() != s.App.Secret.Reveal() || again.Server.Token != s.Server.Token {
			t.Errorf("%q is not the same when read again: %v", text, err)
		}
	})
}

// What does not carry the state changes nothing, and no answer gives both a
// code and an error.
func FuzzRedirect(f *testing.F) {
	for _, query := range []string{
		"state=s&code=c&iss=https://auth.example", "state=s&error=access_denied&error_description=no%0d%0a", "state=other&code=c",
		"state=s&code=c&code=d", "state=s&code=c&iss=https://evil.example", "state=s", "%zz", "state=s&state=s&code=c",
	} {
		f.Add(query)
	}
	f.Fuzz(func(t *testing.T, query string) {
		a, ours := Server{Issuer: "https://auth.example", NamesIssuer: true}.readRedirect(query, "s")
		switch {
		case !strings.Contains(query, "s") && ours:
			t.Errorf("%q is taken for an answer", query)
		case ours && (a.err == nil) == a.code.IsZero():
			t.Errorf("%q gives %+v", query, a)
		case a.err == nil && ours && !strings.Contains(query, "iss"):
			t.Errorf("%q names no issuer", query)
		case a.err != nil && strings.ContainsAny(a.err.Error(), "\r\n"):
			t.Errorf("%q gives %q", query, a.err)
		}
	})
}
