package oauth

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"

	"golang.org/x/oauth2"

	"mailcheck/creds"
)

// maxIDToken bounds an ID token in bytes: real ones have 1 to 2 KiB, and those
// that list a user's groups some more.
const maxIDToken = 64 << 10

// signedInAs are the mail addresses that the ID token beside a token has for
// who signed in (OpenID Connect Core section 3.1.3.3); nil where none came, or
// one that is not for this client. Its signature is not checked: it came from
// the token endpoint itself, over TLS (section 3.1.3.7, item 6). What repeats a
// secret is no name.
func (s Server) signedInAs(app App, token *oauth2.Token, secrets ...creds.Secret) []string {
	text, _ := token.Extra("id_token").(string)
	claims, ok := parseIDToken(text)
	if !ok || !slices.Contains(claims.audience(), app.ID) || s.Issuer != "" && !s.names(claims.Issuer) {
		return nil
	}
	var scrub creds.Scrubber
	for _, secret := range append(secrets, app.Secret, creds.NewSecret(token.AccessToken), creds.NewSecret(token.RefreshToken)) {
		scrub.Add(secret.Reveal())
	}
	var names []string
	for _, name := range []string{claims.Email, claims.UPN, claims.PreferredUsername} {
		account, err := creds.ParseAddress(name)
		if err == nil && scrub.Scrub(name) == name && scrub.Scrub(account.Mailbox()) == account.Mailbox() {
			names = append(names, account.Mailbox()) // ASCII, without what a terminal obeys
		}
	}
	return names
}

// idClaims are the claims of an ID token that are read (OpenID Connect Core
// sections 2 and 5.1). UPN is Microsoft's.
type idClaims struct {
	Issuer            string          `json:"iss"`
	Audience          json.RawMessage `json:"aud"`
	Email             string          `json:"email"`
	UPN               string          `json:"upn"`
	PreferredUsername string          `json:"preferred_username"`
}

// audience are the clients that the token is for: one, or a list.
func (c idClaims) audience() []string {
	var one string
	if json.Unmarshal(c.Audience, &one) == nil {
		return []string{one}
	}
	var several []string
	_ = json.Unmarshal(c.Audience, &several) // anything else names nobody
	return several
}

// parseIDToken reads the claims of a signed ID token (RFC 7515 section 7.1:
// three parts in base64url). An encrypted one has five parts, and is for others.
func parseIDToken(text string) (idClaims, bool) {
	parts := strings.Split(text[:min(len(text), maxIDToken+1)], ".")
	if len(text) > maxIDToken || len(parts) != 3 {
		return idClaims{}, false
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return idClaims{}, false
	}
	var claims idClaims
	if json.Unmarshal(payload, &claims) != nil {
		return idClaims{}, false
	}
	return claims, true
}

// Other is who signed in, where that is clearly not the account that was asked
// for; else empty. A server may know the account by another address of it, so
// that this is no proof.
func (s SignIn) Other(account creds.Account) string {
	same := func(name string) bool { return strings.EqualFold(plain(name), plain(account.Mailbox())) }
	if len(s.As) == 0 || slices.ContainsFunc(s.As, same) {
		return ""
	}
	return s.As[0]
}

// plain is an address without the detail that its user has added (RFC 5233).
func plain(address string) string {
	at := strings.LastIndexByte(address, '@')
	local, _, _ := strings.Cut(address[:at], "+")
	if local == "" || local[0] == '"' {
		return address
	}
	return local + address[at:]
}
