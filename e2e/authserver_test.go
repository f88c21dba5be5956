//go:build linux

package e2e

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"testing"
)

const (
	// issuer is the authorization server, at an address of its own.
	issuer   = "https://auth." + siteDomain
	issuerIP = "127.0.0.2"
)

// app is an application that is registered with the authorization server.
type app struct {
	ID, Secret string
	Barred     bool // it may not ask for anything
}

var (
	publicApp  = app{ID: "mailcheck"}
	desktopApp = app{ID: "mailcheck-desktop", Secret: "a secret that every copy of it has"}
	barredApp  = app{ID: "mailcheck-barred", Barred: true}
	// mailServer is Dovecot, which asks whose a token is.
	mailServer = app{ID: "dovecot", Secret: "ofTheMailServer"}
)

// introspection is where the mail server asks (RFC 7662), with what it is
// known by.
var introspection = "https://" + mailServer.ID + ":" + mailServer.Secret + "@auth." + siteDomain + "/oauth/introspect"

// anna has no mailbox: the autoconfig of her domain names the issuer.
var anna = account{Address: "anna@oauth." + siteDomain, Password: "signs in, no more"}

// startAuthServer starts the authorization server, which knows all accounts.
func (s *site) startAuthServer() error {
	certificate, err := s.ca.webCertificate("auth." + siteDomain)
	if err != nil {
		return err
	}
	if err := writeCertificate(s.path("auth"), certificate); err != nil {
		return err
	}
	passwords := map[string]string{anna.Address: anna.Password}
	for _, a := range accounts {
		passwords[a.Address] = a.Password
	}
	config, err := json.Marshal(map[string]any{
		"Listen": issuerIP + ":443", "Issuer": issuer, "Certificate": s.path("auth.pem"), "Key": s.path("auth.key"),
		"Record": s.path("auth.record"), "Accounts": passwords, "Apps": []app{publicApp, desktopApp, barredApp, mailServer},
	})
	if err != nil {
		return err
	}
	if err := os.WriteFile(s.path("auth.json"), config, 0o600); err != nil {
		return err
	}
	if s.authserver, err = startDaemon(s.path("auth.log"), nil, nil, s.path("authserver"), s.path("auth.json")); err != nil {
		return err
	}
	return s.authserver.ready(func(ctx context.Context) error {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, issuer+"/.well-known/openid-configuration", nil)
		if err != nil {
			return err
		}
		res, err := s.web().Do(r)
		if err == nil {
			err = res.Body.Close()
		}
		return err
	})
}

// web is a client that trusts the lab alone, and keeps no connection.
func (s *site) web() *http.Client {
	return &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: s.ca.pool()}, DisableKeepAlives: true}}
}

// authServerKey is what a browser is to know the server's certificate by: the
// SHA-256 of its key, in base64.
func (s *site) authServerKey(t *testing.T) string {
	t.Helper()
	pair, err := tls.LoadX509KeyPair(s.path("auth.pem"), s.path("auth.key"))
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(pair.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(certificate.RawSubjectPublicKeyInfo)
	return base64.StdEncoding.EncodeToString(sum[:])
}

// exchange is what a program asked the authorization server, and the answer.
type exchange struct {
	Path   string
	Form   map[string]string
	Status int
	Answer map[string]any
}

// exchanges are those so far, oldest first.
func (s *site) exchanges(t *testing.T) []exchange {
	t.Helper()
	record, err := os.ReadFile(s.path("auth.record"))
	if err != nil {
		t.Fatal(err)
	}
	var all []exchange
	for line := range bytes.Lines(record) {
		var e exchange
		if err := json.Unmarshal(line, &e); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		all = append(all, e)
	}
	return all
}

// secretFields name what nobody but the program and the server may see.
var secretFields = []string{
	"access_token", "refresh_token", "id_token", "code", "code_verifier", "device_code", "client_secret", "token",
}

// granted are the secrets of all sign-ins so far, by their kind. Those of
// other tests are among them: nobody's may be seen.
func (s *site) granted(t *testing.T) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for _, e := range s.exchanges(t) {
		for _, field := range secretFields {
			if secret := e.Form[field]; secret != "" {
				all[field] = append(all[field], secret)
			}
			if secret, _ := e.Answer[field].(string); secret != "" {
				all[field] = append(all[field], secret)
			}
		}
	}
	return all
}

// judges demands that the judge of outputs knows secrets of these kinds.
func (s *site) judges(t *testing.T, kinds ...string) {
	t.Helper()
	granted := s.granted(t)
	for _, kind := range kinds {
		if len(granted[kind]) == 0 {
			t.Errorf("the server has recorded no %s", kind)
		}
		for _, secret := range granted[kind] {
			if (session{secrets: []string{secret}}).leak("C: AUTH XOAUTH2 "+base64.StdEncoding.EncodeToString([]byte("auth=Bearer "+secret))) == "" {
				t.Errorf("a %s is not found", kind)
			}
		}
	}
}

// refreshed returns the tokens that the server gave for this refresh token.
func (s *site) refreshed(t *testing.T, token string) (access, refresh string) {
	t.Helper()
	for _, e := range s.exchanges(t) {
		if e.Form["grant_type"] == "refresh_token" && e.Form["refresh_token"] == token && e.Status == http.StatusOK {
			access, _ = e.Answer["access_token"].(string)
			refresh, _ = e.Answer["refresh_token"].(string)
			return access, refresh
		}
	}
	t.Fatal("the server was not asked to refresh this token")
	return "", ""
}

// revoke ends a sign-in at the server (RFC 7009).
func (s *site) revoke(t *testing.T, a app, refresh string) {
	t.Helper()
	res, err := s.web().PostForm(issuer+"/revoke", url.Values{
		"token": {refresh}, "token_type_hint": {"refresh_token"}, "client_id": {a.ID},
	})
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("HTTP status %d", res.StatusCode)
	}
	if err == nil {
		err = res.Body.Close()
	}
	if err != nil {
		t.Fatal(errors.Join(errors.New("the revocation"), err))
	}
}
