package oauth

import (
	"encoding/json"
	"errors"
	"strings"

	"mailcheck/creds"
)

// SignIn is what lasts of a sign-in: what it takes to ask for access tokens
// again. It is bound to the server that it came from, wherever settings lead
// later.
type SignIn struct {
	Server  Server // Token and Basic, and for people Issuer and Scopes
	App     App
	Refresh creds.Secret // the refresh token (RFC 6749 section 1.5)
	// As are the mail addresses of who signed in, where the server told them;
	// they are not kept.
	As []string
}

// kept is a sign-in as the keyring holds it. The names are short, as the
// Windows Credential Manager takes 2560 bytes and refresh tokens may have 2000.
type kept struct {
	Version int      `json:"v"`
	Issuer  string   `json:"iss,omitempty"`
	Token   string   `json:"token"`
	Client  string   `json:"client"`
	Secret  string   `json:"secret,omitempty"`
	Basic   bool     `json:"basic,omitempty"`
	Scopes  []string `json:"scopes,omitempty"`
	Refresh string   `json:"refresh"`
}

// keptVersion is raised when an older program would misread what is kept.
const keptVersion = 1

// ErrSignIn is an item of the keyring that is no sign-in of this program.
var ErrSignIn = errors.New("what the keyring holds as the sign-in cannot be used")

// Text is the sign-in as one text, for the keyring.
func (s SignIn) Text() creds.Secret {
	text, _ := json.Marshal(kept{ // strings always encode
		Version: keptVersion, Issuer: s.Server.Issuer, Token: s.Server.Token, Basic: s.Server.Basic, Scopes: s.Server.Scopes,
		Client: s.App.ID, Secret: s.App.Secret.Reveal(), Refresh: s.Refresh.Reveal(),
	})
	return creds.NewSecret(string(text))
}

// ParseSignIn reads what [SignIn.Text] wrote. Errors are [ErrSignIn] and tell
// nothing of it.
func ParseSignIn(text creds.Secret) (SignIn, error) {
	var k kept
	d := json.NewDecoder(strings.NewReader(text.Reveal()))
	if d.Decode(&k) != nil || d.More() || k.Version != keptVersion || k.Client == "" || k.Refresh == "" || checkURL(k.Token) != nil {
		return SignIn{}, ErrSignIn
	}
	return SignIn{
		Server:  Server{Issuer: k.Issuer, Token: k.Token, Basic: k.Basic, Scopes: k.Scopes},
		App:     App{ID: k.Client, Secret: creds.NewSecret(k.Secret)},
		Refresh: creds.NewSecret(k.Refresh),
	}, nil
}
