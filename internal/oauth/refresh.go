package oauth

import (
	"context"

	"golang.org/x/oauth2"

	"mailcheck/creds"
	"mailcheck/report"
)

var _ creds.TokenSource = (*Client)(nil)

// Refresh makes an access token of a sign-in that is kept (RFC 6749 section 6).
// Renewed is what is to be kept in its place, where the server gave a new
// refresh token (RFC 9700 section 4.14.2); else it is zero.
func (c *Client) Refresh(ctx context.Context, text creds.Secret) (access, renewed creds.Secret, err error) {
	s, err := ParseSignIn(text)
	if err != nil {
		return access, renewed, err
	}
	token, err := s.Server.config(s.App).TokenSource(c.within(ctx), &oauth2.Token{RefreshToken: s.Refresh.Reveal()}).Token()
	if err != nil {
		return access, renewed, ended(ctx, failure(err, s.Server.Host(), s.Refresh, s.App.Secret))
	}
	if err := bearer(token, s.Server.Host()); err != nil {
		return access, renewed, err
	}
	if token.RefreshToken != s.Refresh.Reveal() {
		s.Refresh = creds.NewSecret(token.RefreshToken)
		renewed = s.Text()
	}
	return creds.NewSecret(token.AccessToken), renewed, nil
}

// bearer tells whether a token is of the only kind that mail servers take (RFC
// 6750).
func bearer(token *oauth2.Token, host string) error {
	if token.Type() != "Bearer" {
		return &report.ProtocolError{Command: "token", Problem: host + " gave a token of the kind " + quoted(token.TokenType) + ", not a bearer token"}
	}
	return nil
}

// ended returns the end of ctx in place of what it led to.
func ended(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// lasting is a sign-in of a server's answer, if it lasts and is for mail. The
// secrets are those that the request carried.
func (s Server) lasting(app App, token *oauth2.Token, secrets ...creds.Secret) (SignIn, error) {
	if err := bearer(token, s.Host()); err != nil {
		return SignIn{}, err
	}
	scope, _ := token.Extra("scope").(string)
	if err := s.granted(scope); err != nil {
		return SignIn{}, err
	}
	if token.RefreshToken == "" {
		return SignIn{}, &NotLastingError{Host: s.Host()}
	}
	return SignIn{Server: s, App: app, Refresh: creds.NewSecret(token.RefreshToken), As: s.signedInAs(app, token, secrets...)}, nil
}

// NotLastingError is a sign-in for which the server gave no refresh token: it
// would be over within the hour.
type NotLastingError struct{ Host string }

func (e *NotLastingError) Error() string {
	return e.Host + " gave a token for now, but none that lasts (no refresh token)"
}
