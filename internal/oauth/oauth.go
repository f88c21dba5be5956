// Package oauth signs in at authorization servers (OAuth 2.0) and makes the
// access tokens that mail servers take.
//
//  1. A [Server] is known by [OfProvider], or by the metadata that
//     [Client.Metadata] fetches from an issuer.
//  2. [Client.Browse] signs in with the system's browser: authorization code
//     with PKCE on a loopback redirect (loopback.go). [Client.Device] shows a
//     code that is typed in on another device (device.go).
//  3. What lasts is a [SignIn], which is kept in the keyring as one text. Where
//     the server says who signed in (identity.go), [SignIn.Other] tells another
//     account than was asked for.
//  4. [Client.Refresh] makes an access token of that text, for each run anew.
//     Access tokens are held in memory only.
//
// A server's "no" is a *[report.GrantError]. No error holds a token, a code, a
// verifier or a client's secret: what a server repeats of them is masked.
package oauth

import (
	"errors"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/oauth2"

	"mailcheck/creds"
	"mailcheck/internal/provider"
	"mailcheck/report"
)

// Server is an authorization server, and what to ask of it.
type Server struct {
	// Issuer is its name (RFC 8414 section 2). "{tenant}" in it stands for any
	// customer's; empty is not known.
	Issuer    string
	Authorize string // the authorization endpoint
	Token     string // the token endpoint
	Device    string // the device authorization endpoint (RFC 8628); empty: none
	Scopes    []string
	// NamesIssuer says that its answers name the issuer (RFC 9207 section 3).
	NamesIssuer bool
	// Basic says that it takes a client's secret in the header alone (RFC 6749
	// section 2.3.1).
	Basic bool
}

// App is what this program is registered as with a server (RFC 6749 section
// 2). Its secret is zero where there is none; Google gives one to programs that
// can keep no secret, and wants it all the same.
type App struct {
	ID     string
	Secret creds.Secret
}

// OfProvider returns the authorization server of a provider of the built-in
// table; false where it has none.
func OfProvider(p *provider.Provider) (Server, bool) {
	if p == nil || p.OAuth2 == nil {
		return Server{}, false
	}
	o := p.OAuth2
	return Server{Issuer: o.Issuer, Authorize: o.Authorize, Token: o.Token, Device: o.Device, Scopes: o.Scopes}, true
}

// Named returns the authorization server of a provider, by a name of it, or of
// an issuer, by its URL: then only the Issuer is set.
func Named(name string) (Server, bool) {
	if strings.Contains(name, "://") {
		return Server{Issuer: name}, checkURL(name) == nil
	}
	p, _ := provider.Find(name)
	return OfProvider(p)
}

// Same tells whether two are one authorization server: they have one issuer, or
// one token endpoint.
func (s Server) Same(other Server) bool {
	return s.Issuer != "" && (s.names(other.Issuer) || other.names(s.Issuer)) || s.Token != "" && s.Token == other.Token
}

// ErrNoEndpoint is a server that has no endpoint for this way to sign in.
var ErrNoEndpoint = errors.New("the authorization server has no endpoint for this way to sign in")

// config is what oauth2 is to know of server and app. The form of the client's
// authentication is never found out by trying: a code is good for one request.
func (s Server) config(app App) *oauth2.Config {
	style := oauth2.AuthStyleInParams
	if s.Basic && !app.Secret.IsZero() {
		style = oauth2.AuthStyleInHeader
	}
	return &oauth2.Config{
		ClientID: app.ID, ClientSecret: app.Secret.Reveal(), Scopes: s.Scopes,
		Endpoint: oauth2.Endpoint{AuthURL: s.Authorize, TokenURL: s.Token, DeviceAuthURL: s.Device, AuthStyle: style},
	}
}

// names tells whether an answer's issuer is this server's (RFC 9207 section
// 2.4).
func (s Server) names(issuer string) bool {
	before, after, any := strings.Cut(s.Issuer, "{tenant}")
	if !any {
		return issuer == s.Issuer
	}
	tenant, ok := strings.CutPrefix(issuer, before)
	tenant, ok2 := strings.CutSuffix(tenant, after)
	return ok && ok2 && tenant != "" && !strings.Contains(tenant, "/")
}

// Host is the name of the token endpoint's host.
func (s Server) Host() string { return hostOf(s.Token) }

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// URLError is a URL that no secret is sent to.
type URLError struct {
	URL    string
	Reason string
}

func (e *URLError) Error() string { return "it names " + shown(e.URL) + ": " + e.Reason }

// shown is a URL for people, without a password that somebody put into it.
func shown(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "something else"
	}
	return quoted(u.Redacted())
}

// checkURL tells whether an endpoint or issuer can be trusted with secrets:
// https, but for servers on this machine.
func checkURL(address string) error {
	u, err := url.Parse(address)
	reason := ""
	switch {
	case err != nil || u.Host == "" || u.Hostname() == "" || len(address) > maxURL:
		reason = "it is no URL"
	case u.User != nil || u.Fragment != "":
		reason = "it has a user name or a fragment"
	case u.Scheme != "https" && !(u.Scheme == "http" && isLoopback(u.Hostname())):
		reason = "it is not https"
	default:
		return nil
	}
	return &URLError{URL: address, Reason: reason}
}

// maxURL bounds the URLs that servers name, in bytes: what all browsers take.
const maxURL = 2000

func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// scopesOf are the scopes that the built-in table knows for an issuer; nil for
// one that is not there.
func scopesOf(issuer string) []string {
	for _, p := range provider.All() {
		if s, ok := OfProvider(p); ok && s.Issuer != "" && s.names(issuer) {
			return s.Scopes
		}
	}
	return nil
}

// loopbackName is the name of this machine in a redirect. RFC 8252 section 7.3
// wants the address; Microsoft's applications are registered with the name.
func (s Server) loopbackName(port string) string {
	if slices.Contains(namedLoopback, s.Host()) {
		return "http://" + net.JoinHostPort("localhost", port)
	}
	return "http://" + net.JoinHostPort("127.0.0.1", port) + "/"
}

// namedLoopback are the servers that want "localhost", and no path behind it.
var namedLoopback = []string{"login.microsoftonline.com", "login.microsoftonline.us", "login.partner.microsoftonline.cn"}

// granted checks what a server has granted (RFC 6749 section 5.1: named where
// it differs from what was asked for).
func (s Server) granted(scope string) error {
	if scope == "" {
		return nil
	}
	have := strings.Fields(strings.ReplaceAll(scope, ",", " "))
	var missing []string
	for _, want := range s.Scopes {
		same := func(other string) bool { return strings.EqualFold(right(other), right(want)) }
		if !slices.Contains(identityScopes, want) && !slices.ContainsFunc(have, same) {
			missing = append(missing, want)
		}
	}
	if missing != nil { // a box was not ticked, or the app is not registered for it
		return &report.Fault{Cause: report.OAuthAppNotAllowed,
			Text: s.Host() + " did not grant what was asked for: " + quoted(strings.Join(missing, " "))}
	}
	return nil
}

// identityScopes ask for no access to mail (OpenID Connect Core section 5.4 and
// 11), and not every server repeats them.
var identityScopes = []string{"openid", "email", "profile", "offline_access"}

// right is what a scope allows, without the name of the service in front:
// Microsoft has several for one.
func right(scope string) string {
	scope = strings.TrimSuffix(scope, "/")
	return scope[strings.LastIndexByte(scope, '/')+1:]
}
