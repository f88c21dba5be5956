package oauth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"mailcheck/report"
)

// MetadataError is an issuer that does not say how to sign in with it.
type MetadataError struct {
	Issuer string
	Err    error
}

func (e *MetadataError) Error() string { return "issuer " + shown(e.Issuer) + ": " + e.Err.Error() }

func (e *MetadataError) Unwrap() error { return e.Err }

// Metadata asks an issuer how to sign in with it: by RFC 8414, else by OpenID
// Connect Discovery. The scopes are those that the built-in table has for the
// issuer, else those about mail that the issuer itself names. Every error is a
// *[MetadataError].
func (c *Client) Metadata(ctx context.Context, issuer string) (Server, error) {
	fail := func(err error) (Server, error) {
		return Server{}, &MetadataError{Issuer: issuer, Err: ended(ctx, err)}
	}
	if err := checkURL(issuer); err != nil {
		return fail(err)
	}
	u, err := url.Parse(issuer)
	if err != nil || u.RawQuery != "" {
		return fail(&URLError{URL: issuer, Reason: "an issuer has no query"}) // RFC 8414 section 2
	}
	var why error
	path := strings.TrimSuffix(u.EscapedPath(), "/")
	origin := u.Scheme + "://" + u.Host
	for _, document := range []string{
		origin + "/.well-known/oauth-authorization-server" + path, // RFC 8414 section 3.1
		origin + path + "/.well-known/openid-configuration",       // OpenID Connect Discovery section 4
	} {
		text, err := c.document(ctx, document)
		if err == nil {
			var s Server
			if s, err = parseMetadata(text, issuer); err == nil {
				return s, nil
			}
		}
		var absent statusError
		if why == nil || errors.As(why, &absent) { // what is wrong with a document tells more
			why = err
		}
	}
	return fail(why)
}

// statusError is an answer without a document: its status of HTTP.
type statusError int

func (e statusError) Error() string {
	return fmt.Sprintf("it publishes no metadata (HTTP status %d)", int(e))
}

// document fetches a metadata document.
func (c *Client) document(ctx context.Context, address string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	res, err := c.http().Do(req)
	if err != nil {
		var request *url.Error
		if errors.As(err, &request) {
			err = request.Err
		}
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return nil, statusError(res.StatusCode)
	}
	return readBounded(res.Body)
}

// readBounded reads the body of an answer; the metadata of real servers has 2
// to 6 KiB.
func readBounded(body io.Reader) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(body, maxAnswer+1))
	if err == nil && len(text) > maxAnswer {
		err = &report.ProtocolError{Problem: fmt.Sprintf("the answer is longer than %d bytes", maxAnswer)}
	}
	return text, err
}

// mailScopes are the scopes for mail that an issuer may name, and those for a
// sign-in that lasts and says whose it is: a mail server often reads the
// account from them.
var mailScopes = []string{"urn:ietf:params:oauth:scope:mail", "mail", "openid", "email", "offline_access"}

// parseMetadata reads a metadata document (RFC 8414 section 2). The issuer that
// it names must be the one that was asked (section 3.3).
func parseMetadata(text []byte, issuer string) (Server, error) {
	var m struct {
		Issuer      string   `json:"issuer"`
		Authorize   string   `json:"authorization_endpoint"`
		Token       string   `json:"token_endpoint"`
		Device      string   `json:"device_authorization_endpoint"`
		Scopes      []string `json:"scopes_supported"`
		AuthMethods []string `json:"token_endpoint_auth_methods_supported"`
		NamesIssuer bool     `json:"authorization_response_iss_parameter_supported"`
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return Server{}, errors.New("its metadata is not JSON of that kind")
	}
	if m.Issuer == "" || strings.TrimSuffix(m.Issuer, "/") != strings.TrimSuffix(issuer, "/") {
		return Server{}, errors.New("its metadata is that of another issuer, " + quoted(m.Issuer))
	}
	if m.Authorize == "" && m.Device == "" {
		return Server{}, errors.New("its metadata names no endpoint to sign in at")
	}
	for _, endpoint := range []string{m.Authorize, m.Token, m.Device} {
		if endpoint == "" && endpoint != m.Token {
			continue
		}
		if err := checkURL(endpoint); err != nil {
			return Server{}, err
		}
		if isLoopback(hostOf(endpoint)) && !isLoopback(hostOf(issuer)) {
			return Server{}, &URLError{URL: endpoint, Reason: "it is on this computer, and the issuer is not"}
		}
	}
	s := Server{Issuer: m.Issuer, Authorize: m.Authorize, Token: m.Token, Device: m.Device, NamesIssuer: m.NamesIssuer}
	s.Basic = slices.Contains(m.AuthMethods, "client_secret_basic") && !slices.Contains(m.AuthMethods, "client_secret_post")
	if s.Scopes = scopesOf(m.Issuer); s.Scopes == nil {
		for _, scope := range mailScopes {
			if slices.Contains(m.Scopes, scope) {
				s.Scopes = append(s.Scopes, scope)
			}
		}
	}
	return s, nil
}
