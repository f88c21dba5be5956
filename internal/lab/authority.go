package lab

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"golang.org/x/oauth2"
)

// AuthorityOptions shapes an authorization server. The zero value is a healthy
// one with one registered application, ClientID.
type AuthorityOptions struct {
	// Secret is the application's; empty is none, as for one that can keep none.
	Secret string
	// Scopes are those of its metadata; nil is mail and offline_access.
	Scopes []string
	// Grants are those that a sign-in is given; nil is what was asked for.
	Grants []string
	// Refuse are answers in place of its own, by the grant ("authorize",
	// "device", "authorization_code", "refresh_token", "device_code"): an error
	// code, and the words that go with it.
	Refuse map[string][2]string
	// Echo repeats in the words of those answers all that was sent: as it is, in
	// base64, and percent-encoded.
	Echo bool
	// Pending are the answers to a device that asks before the user has signed
	// in: "authorization_pending", "slow_down". When they are used up, the user
	// has.
	Pending []string
	// Interval is the time between two such questions, in seconds; zero is not
	// told.
	Interval int
	// Rotate gives a new refresh token with each access token. Whoever uses the
	// older one again ends the sign-in: all its refresh tokens (RFC 9700 section
	// 4.14.2).
	Rotate bool
	// NotLasting gives no refresh token.
	NotLasting bool
	// Issuer is another name in the answers to the browser than its own.
	Issuer string
	// Identity are further claims of the ID token that comes with the tokens of
	// a sign-in (OpenID Connect Core section 3.1.3.3); nil is none.
	Identity map[string]any
}

// ClientID is the application that authorities know.
const ClientID = "mailcheck-lab"

// Authority is an OAuth 2.0 authorization server in this process (RFC 6749),
// with PKCE (RFC 7636), which it demands, the device grant (RFC 8628) and
// metadata (RFC 8414). Whoever opens its page has signed in. A lab whose
// [Options] name it takes its access tokens. Its methods are safe for
// concurrent use.
type Authority struct {
	opts   AuthorityOptions
	issuer string
	server *http.Server
	ended  chan struct{}

	mu       sync.Mutex
	refusals map[string][2]string
	codes    map[string]url.Values // what was asked for, by the code that was given for it
	refresh  map[string]string     // the sign-in that each is of
	spent    map[string]string     // the same of those that were used, with Rotate
	access   map[string]bool
	device   string
	asked    []time.Time // when devices asked for a token
	secrets  []string
}

// NewAuthority makes an authorization server for a client that calls it without
// a network. Issuer is its name.
func NewAuthority(issuer string, opts AuthorityOptions) *Authority {
	if opts.Scopes == nil {
		opts.Scopes = []string{"mail", "offline_access"}
	}
	refusals := map[string][2]string{}
	maps.Copy(refusals, opts.Refuse)
	return &Authority{opts: opts, issuer: issuer, refusals: refusals, codes: map[string]url.Values{}, refresh: map[string]string{}, spent: map[string]string{}, access: map[string]bool{}}
}

// StartAuthority starts an authorization server on a port of the loopback
// address. It runs until Close.
func StartAuthority(ctx context.Context, opts AuthorityOptions) (*Authority, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	a := NewAuthority("http://"+listener.Addr().String(), opts)
	a.server = &http.Server{Handler: a, ErrorLog: log.New(io.Discard, "", 0)}
	a.ended = make(chan struct{})
	go func() {
		defer close(a.ended)
		_ = a.server.Serve(listener) // it ends with Close
	}()
	return a, nil
}

// Close ends the server.
func (a *Authority) Close() error {
	err := a.server.Close()
	<-a.ended
	return err
}

// Issuer is the server's name, an URL.
func (a *Authority) Issuer() string { return a.issuer }

// Accepts tells whether it has issued this access token.
func (a *Authority) Accepts(token string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.access[token]
}

// Withdraw ends every token that was issued so far.
func (a *Authority) Withdraw() {
	a.mu.Lock()
	defer a.mu.Unlock()
	clear(a.access)
	clear(a.refresh)
}

// Refuse has a grant answered with an error from now on.
func (a *Authority) Refuse(grant, code, words string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.refusals[grant] = [2]string{code, words}
}

// Secrets returns all that it has issued or was shown and that nobody else may
// see: tokens, codes of browsers and devices, verifiers (RFC 7636).
func (a *Authority) Secrets() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.secrets)
}

// Polls returns when a device asked whether the user has signed in.
func (a *Authority) Polls() []time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.asked)
}

// ServeHTTP implements http.Handler.
func (a *Authority) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	_ = r.ParseForm() // what is missing is refused below
	switch r.URL.Path {
	case "/.well-known/oauth-authorization-server":
		a.answer(w, http.StatusOK, map[string]any{
			"issuer": a.issuer, "authorization_endpoint": a.issuer + "/authorize", "token_endpoint": a.issuer + "/token",
			"device_authorization_endpoint": a.issuer + "/device", "scopes_supported": a.opts.Scopes,
			"authorization_response_iss_parameter_supported": true,
		})
	case "/authorize":
		a.authorize(w, r)
	case "/device":
		a.startDevice(w, r)
	case "/token":
		a.token(w, r)
	default:
		http.NotFound(w, r)
	}
}

// issue makes a secret of a kind.
func (a *Authority) issue(kind string) string {
	secret := kind + "-" + rand.Text()
	a.secrets = append(a.secrets, secret)
	return secret
}

func (a *Authority) answer(w http.ResponseWriter, status int, members map[string]any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(members) // a client that hangs up harms nobody
}

func (a *Authority) refuse(w http.ResponseWriter, code, words string) {
	status := http.StatusBadRequest
	if code == "invalid_client" {
		status = http.StatusUnauthorized // RFC 6749 section 5.2
	}
	a.answer(w, status, map[string]any{"error": code, "error_description": words})
}

// echo are words that repeat what was sent, where that is asked for.
func (a *Authority) echo(sent url.Values) string {
	if !a.opts.Echo {
		return ""
	}
	words := " You sent " + sent.Encode()
	for _, values := range sent {
		words += " " + values[0] + " " + base64.StdEncoding.EncodeToString([]byte(values[0]))
	}
	return words
}

// authorize is the authorization endpoint: it sends the browser back at once.
func (a *Authority) authorize(w http.ResponseWriter, r *http.Request) {
	asked := r.Form
	back, err := url.Parse(asked.Get("redirect_uri"))
	if err != nil || asked.Get("client_id") != ClientID || (back.Hostname() != "127.0.0.1" && back.Hostname() != "localhost") {
		http.Error(w, "unknown client, or a redirect elsewhere", http.StatusBadRequest)
		return
	}
	answer := url.Values{"state": {asked.Get("state")}, "iss": {a.issuer}}
	if a.opts.Issuer != "" {
		answer.Set("iss", a.opts.Issuer)
	}
	no, refused := a.refusals["authorize"]
	switch {
	case refused:
		answer.Set("error", no[0])
		answer.Set("error_description", no[1])
	case asked.Get("code_challenge_method") != "S256" || asked.Get("response_type") != "code":
		answer.Set("error", "invalid_request")
	default:
		code := a.issue("code")
		a.codes[code] = asked
		answer.Set("code", code)
	}
	back.RawQuery = answer.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound)
}

// startDevice is the device authorization endpoint.
func (a *Authority) startDevice(w http.ResponseWriter, r *http.Request) {
	if no, refused := a.refusals["device"]; refused {
		a.refuse(w, no[0], no[1])
		return
	}
	if r.PostForm.Get("client_id") != ClientID || r.PostForm.Get("client_secret") != a.opts.Secret { // RFC 8628 section 3.1
		a.refuse(w, "invalid_client", "")
		return
	}
	a.device = a.issue("device")
	members := map[string]any{
		"device_code": a.device, "user_code": "WDJB-MJHT", "verification_uri": a.issuer + "/activate", "expires_in": 600,
	}
	if a.opts.Interval > 0 {
		members["interval"] = a.opts.Interval
	}
	a.answer(w, http.StatusOK, members)
}

// token is the token endpoint.
func (a *Authority) token(w http.ResponseWriter, r *http.Request) {
	grants := map[string]string{
		"authorization_code": "authorization_code", "refresh_token": "refresh_token",
		"urn:ietf:params:oauth:grant-type:device_code": "device_code",
	}
	grant := grants[r.PostForm.Get("grant_type")]
	if verifier := r.PostForm.Get("code_verifier"); verifier != "" {
		a.secrets = append(a.secrets, verifier)
	}
	if no, refused := a.refusals[grant]; refused {
		a.refuse(w, no[0], no[1]+a.echo(r.PostForm))
		return
	}
	if r.PostForm.Get("client_id") != ClientID || r.PostForm.Get("client_secret") != a.opts.Secret {
		a.refuse(w, "invalid_client", "The client is not known, or its secret is wrong.")
		return
	}
	var asked url.Values
	signIn := rand.Text() // a new one
	switch grant {
	case "authorization_code":
		var known bool
		code := r.PostForm.Get("code")
		asked, known = a.codes[code]
		delete(a.codes, code) // RFC 6749 section 4.1.2: good for once
		if !known || oauth2.S256ChallengeFromVerifier(r.PostForm.Get("code_verifier")) != asked.Get("code_challenge") ||
			r.PostForm.Get("redirect_uri") != asked.Get("redirect_uri") {
			a.refuse(w, "invalid_grant", "The code is not valid.")
			return
		}
	case "refresh_token":
		old := r.PostForm.Get("refresh_token")
		if stolen, again := a.spent[old]; again {
			maps.DeleteFunc(a.refresh, func(_, of string) bool { return of == stolen })
		}
		var good bool
		if signIn, good = a.refresh[old]; !good {
			a.refuse(w, "invalid_grant", "Token has been expired or revoked.")
			return
		}
		if a.opts.Rotate {
			delete(a.refresh, old)
			a.spent[old] = signIn
		}
	case "device_code":
		a.asked = append(a.asked, time.Now())
		if a.device == "" || r.PostForm.Get("device_code") != a.device {
			a.refuse(w, "invalid_grant", "The device code is not valid.")
			return
		}
		if len(a.opts.Pending) > 0 {
			no := a.opts.Pending[0]
			a.opts.Pending = a.opts.Pending[1:]
			a.refuse(w, no, "")
			return
		}
	default:
		a.refuse(w, "unsupported_grant_type", "")
		return
	}
	a.give(w, grant, signIn)
}

// give answers with tokens of a sign-in.
func (a *Authority) give(w http.ResponseWriter, grant, signIn string) {
	access := a.issue("access")
	a.access[access] = true
	members := map[string]any{"access_token": access, "token_type": "Bearer", "expires_in": 3600}
	if !a.opts.NotLasting && (grant != "refresh_token" || a.opts.Rotate) {
		refresh := a.issue("refresh")
		a.refresh[refresh] = signIn
		members["refresh_token"] = refresh
	}
	if a.opts.Identity != nil && grant != "refresh_token" {
		claims := map[string]any{"iss": a.issuer, "sub": "1", "aud": ClientID, "exp": time.Now().Add(time.Hour).Unix()}
		maps.Copy(claims, a.opts.Identity)
		members["id_token"] = idToken(claims)
	}
	if a.opts.Grants != nil {
		scope := ""
		for _, s := range a.opts.Grants {
			scope += s + " "
		}
		members["scope"] = scope
	}
	a.answer(w, http.StatusOK, members)
}

// idToken is an ID token with a signature that nobody can check.
func idToken(claims map[string]any) string {
	payload, _ := json.Marshal(claims) // tests give what encodes
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(`{"alg":"RS256"}`)) + "." + encode(payload) + "." + encode([]byte("signature"))
}
