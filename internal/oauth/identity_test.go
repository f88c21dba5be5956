package oauth

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	"golang.org/x/oauth2"

	"mailcheck/creds"
)

// idTokenOf is an ID token with this payload.
func idTokenOf(payload string) string {
	return "e30." + base64.RawURLEncoding.EncodeToString([]byte(payload)) + ".c2ln"
}

// answerWith is the answer of a token endpoint with an ID token.
func answerWith(idToken any) *oauth2.Token {
	token := &oauth2.Token{AccessToken: "access-of-the-answer", RefreshToken: "refresh-of-the-answer", TokenType: "Bearer"}
	return token.WithExtra(map[string]any{"id_token": idToken})
}

// Who signed in is told by the ID token, if it is one for this client.
func TestSignedInAs(t *testing.T) {
	const head = `{"iss":"https://auth.example","aud":"id",`
	for name, tt := range map[string]struct {
		token any
		want  []string
	}{
		"an address":         {idTokenOf(head + `"email":"Bob@Example.COM"}`), []string{"Bob@example.com"}},
		"all three":          {idTokenOf(head + `"preferred_username":"c@c.example","upn":"b@b.example","email":"a@a.example"}`), []string{"a@a.example", "b@b.example", "c@c.example"}},
		"several clients":    {idTokenOf(`{"iss":"https://auth.example","aud":["x","id"],"upn":"bob@example.com"}`), []string{"bob@example.com"}},
		"a name":             {idTokenOf(head + `"preferred_username":"bob"}`), nil},
		"nobody":             {idTokenOf(head + `"sub":"1"}`), nil},
		"another client":     {idTokenOf(`{"iss":"https://auth.example","aud":"x","email":"bob@example.com"}`), nil},
		"no client":          {idTokenOf(`{"iss":"https://auth.example","aud":{"id":1},"email":"bob@example.com"}`), nil},
		"another server":     {idTokenOf(`{"iss":"https://evil.example","aud":"id","email":"bob@example.com"}`), nil},
		"no server":          {idTokenOf(`{"aud":"id","email":"bob@example.com"}`), nil},
		"other types":        {idTokenOf(head + `"email":["bob@example.com"]}`), nil},
		"a terminal's words": {idTokenOf(head + `"email":"bob\u001b[2J@example.com"}`), nil},
		"two lines":          {idTokenOf(head + `"email":"bob@example.com\r\nx"}`), nil},
		"direction":          {idTokenOf(head + `"email":"b\u202eob@example.com"}`), nil},
		"another script":     {idTokenOf(head + `"email":"bob@münchen.example"}`), []string{"bob@xn--mnchen-3ya.example"}},
		"the access token":   {idTokenOf(head + `"email":"access-of-the-answer@example.com"}`), nil},
		"the refresh token":  {idTokenOf(head + `"email":"bob@refresh-of-the-answer.example","upn":"bob@example.com"}`), []string{"bob@example.com"}},
		"the code":           {idTokenOf(head + `"email":"` + base64.RawURLEncoding.EncodeToString([]byte(fuzzSecret)) + `@example.com"}`), nil},
		"the client secret":  {idTokenOf(head + `"email":"client-s3cret@example.com"}`), nil},
		"endless":            {idTokenOf(head + `"x":"` + strings.Repeat("x", maxIDToken) + `","email":"bob@example.com"}`), nil},
		"encrypted":          {"e30.e30.e30.e30.e30", nil},
		"two parts":          {"e30.e30", nil},
		"no base64":          {"e30.{}.e30", nil},
		"no JSON":            {idTokenOf("x"), nil},
		"null":               {idTokenOf("null"), nil},
		"no text":            {7, nil},
		"none":               {nil, nil},
	} {
		s := Server{Issuer: "https://auth.example", Token: "https://auth.example/token"}
		signIn, err := s.lasting(App{ID: "id", Secret: creds.NewSecret("client-s3cret")}, answerWith(tt.token), creds.NewSecret(fuzzSecret))
		if err != nil || !slices.Equal(signIn.As, tt.want) {
			t.Errorf("%s: %q, %v, want %q", name, signIn.As, err, tt.want)
		}
	}
}

// Another account is one of which no name is that of the account.
func TestOther(t *testing.T) {
	for _, tt := range []struct {
		as    []string
		asked string
		want  string
	}{
		{nil, "anna@example.com", ""},
		{[]string{"anna@example.com"}, "anna@example.com", ""},
		{[]string{"ANNA@example.com"}, "Anna@Example.Com", ""},
		{[]string{"bob@example.com"}, "anna@example.com", "bob@example.com"},
		{[]string{"anna@example.net", "bob@example.com"}, "anna@example.com", "anna@example.net"},
		{[]string{"a.b@corp.example", "anna@example.com"}, "anna@example.com", ""}, // a user principal name beside the address
		{[]string{"anna@example.com"}, "anna+shop@example.com", ""},
		{[]string{"anna@xn--mnchen-3ya.example"}, "anna@münchen.example", ""},
		{[]string{`"a+b"@example.com`}, `"a+c"@example.com`, `"a+b"@example.com`},
		{[]string{"+a@example.com"}, "+b@example.com", "+a@example.com"},
	} {
		account, err := creds.ParseAddress(tt.asked)
		if got := (SignIn{As: tt.as}).Other(account); err != nil || got != tt.want {
			t.Errorf("%s, signed in as %s: %q, want %q (%v)", tt.asked, tt.as, got, tt.want, err)
		}
	}
}
