package oauth

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"golang.org/x/oauth2"

	"mailcheck/creds"
	"mailcheck/internal/crash"
	"mailcheck/report"
)

// The bounds of the server that takes the browser's answer.
const (
	// headerLimit ends a connection that says nothing.
	headerLimit = 10 * time.Second
	// maxRequest bounds the head of a request in bytes: codes have up to 2 KiB.
	maxRequest = 16 << 10
	// goodbye is how long the page that ends the sign-in gets to reach the
	// browser.
	goodbye = time.Second
)

// BrowseOptions says how a browser comes to the sign-in.
type BrowseOptions struct {
	Account string // proposed to the server as the account; empty proposes none
	// Open shows the user the page to sign in at. It must not wait for the
	// browser.
	Open func(page string)
	Done string // what the browser shows in the end, for people
	No   string // what it shows when its answer is a refusal, or none to be used
}

// Browse signs in with the browser of this machine: an authorization code (RFC
// 6749 section 4.1) with PKCE (RFC 7636, S256) that comes back to a port of the
// loopback address (RFC 8252 section 7.3). It waits until ctx ends.
func (c *Client) Browse(ctx context.Context, s Server, app App, b BrowseOptions) (SignIn, error) {
	if s.Authorize == "" {
		return SignIn{}, ErrNoEndpoint
	}
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return SignIn{}, fmt.Errorf("no port of this computer can take the browser's answer: %w", err)
	}
	config := s.config(app)
	config.RedirectURL = s.loopbackName(strconv.Itoa(listener.Addr().(*net.TCPAddr).Port))
	state, verifier := rand.Text(), oauth2.GenerateVerifier()

	answers := make(chan answer, 1)
	server := &http.Server{
		Handler:           &landing{server: s, state: state, done: b.Done, no: b.No, answers: answers},
		ReadHeaderTimeout: headerLimit, MaxHeaderBytes: maxRequest, ErrorLog: log.New(io.Discard, "", 0),
	}
	go crash.Guard(ctx, func() { _ = server.Serve(listener) })() // it ends with Close
	defer func() {
		limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), goodbye)
		defer cancel()
		if server.Shutdown(limited) != nil {
			_ = server.Close()
		}
	}()

	options := []oauth2.AuthCodeOption{oauth2.S256ChallengeOption(verifier)}
	if b.Account != "" {
		options = append(options, oauth2.SetAuthURLParam("login_hint", b.Account))
	}
	if s.Host() == "oauth2.googleapis.com" { // without it Google gives no refresh token
		options = append(options, oauth2.AccessTypeOffline)
	}
	b.Open(config.AuthCodeURL(state, options...))
	select {
	case a := <-answers:
		if a.err != nil {
			return SignIn{}, a.err
		}
		token, err := config.Exchange(c.within(ctx), a.code.Reveal(), oauth2.VerifierOption(verifier))
		if err != nil {
			return SignIn{}, ended(ctx, failure(err, s.Host(), a.code, creds.NewSecret(verifier), app.Secret))
		}
		return s.lasting(app, token, a.code, creds.NewSecret(verifier))
	case <-ctx.Done():
		return SignIn{}, context.Cause(ctx)
	}
}

// answer is what the browser brought back.
type answer struct {
	code creds.Secret
	err  error
}

// landing takes the browser's answer. What does not carry this sign-in's state
// comes from somebody else, and changes nothing.
type landing struct {
	server  Server
	state   string
	done    string
	no      string
	answers chan<- answer
}

// ServeHTTP implements http.Handler.
func (l *landing) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer") // which would carry the code
	w.Header().Set("Content-Security-Policy", pagePolicy())
	if r.Method != http.MethodGet || r.URL.Path != "/" {
		http.NotFound(w, r)
		return
	}
	a, ours := l.server.readRedirect(r.URL.RawQuery, l.state)
	if !ours {
		http.Error(w, "this is no answer to the sign-in that is under way", http.StatusBadRequest)
		return
	}
	select {
	case l.answers <- a:
	default: // the first one counts
	}
	text := l.done
	if a.err != nil {
		text = l.no
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = io.WriteString(w, page(text)) // a browser that hangs up harms nobody
}

// readRedirect reads the answer of an authorization endpoint (RFC 6749 sections
// 4.1.2 and 4.1.2.1). It is false for one that is not to this sign-in.
func (s Server) readRedirect(query, state string) (answer, bool) {
	values, err := url.ParseQuery(query)
	if err != nil || len(values["state"]) != 1 || values.Get("state") != state {
		return answer{}, false
	}
	for _, name := range []string{"code", "error", "iss"} {
		if len(values[name]) > 1 { // RFC 6749 section 3.1
			return answer{err: &report.ProtocolError{Command: "authorize", Problem: "the answer of the browser says " + name + " twice"}}, true
		}
	}
	// RFC 9207 section 2.4: an answer of another server is not used at all.
	switch issuer, given := values.Get("iss"), values.Has("iss"); {
	case given && s.Issuer != "" && !s.names(issuer):
		return answer{err: &report.Fault{Cause: report.ServerHostile, Text: "the answer of the browser came from another server: " + quoted(issuer)}}, true
	case !given && s.NamesIssuer:
		return answer{err: &report.Fault{Cause: report.ServerHostile, Text: "the answer of the browser does not say which server it came from"}}, true
	}
	code := values.Get("code")
	if refused := values.Get("error"); refused != "" {
		return answer{err: tidy(&report.GrantError{Host: hostOf(s.Authorize), Code: refused, Description: values.Get("error_description")})}, true
	}
	if code == "" {
		return answer{err: &report.ProtocolError{Command: "authorize", Problem: "the answer of the browser holds no code"}}, true
	}
	return answer{code: creds.NewSecret(code)}, true
}
