package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"mailcheck/creds"
	"mailcheck/internal/diagnose"
	"mailcheck/internal/discover"
	"mailcheck/internal/oauth"
	"mailcheck/internal/provider"
	"mailcheck/internal/render"
	"mailcheck/report"
)

// errNoServer is an account for which nobody names an authorization server.
var errNoServer = errors.New("nobody says how to sign in with OAuth 2.0")

// server is where to sign in: the issuer that the user names, that of the
// built-in table for the address, that of the provider whose servers the
// settings name, or the issuer of the settings. A host that nobody vouches for
// leads nowhere.
func (l *login) server(ctx context.Context) (oauth.Server, error) {
	known, listed := provider.ByDomain(l.account.Domain)
	server, ok := oauth.OfProvider(known)
	var err error
	switch {
	case l.flags.issuer != "":
		server, err = l.client.Metadata(ctx, l.flags.issuer)
	case !ok && listed:
		err = fmt.Errorf("%s: %w", known.Name, errNoServer)
	case !ok:
		server, err = l.discovered(ctx)
	}
	l.host = server.Host()
	return server, err
}

// discovered is the authorization server that the account's settings lead to.
func (l *login) discovered(ctx context.Context) (oauth.Server, error) {
	protocols := []report.Protocol{report.IMAP, report.SMTP, report.POP3}
	found := discover.Find(ctx, new(report.Log).Check("settings", nil), discover.Query{
		Account: l.account, Wanted: protocols, Resolver: l.resolver, HTTP: discover.HTTP{Roots: l.client.Roots, Dial: l.dial},
	})
	for _, p := range protocols {
		for _, e := range found.Candidates[p] {
			if !e.Trusted {
				continue
			}
			for _, host := range provider.ByHost(e.Host) {
				if server, ok := oauth.OfProvider(host); ok {
					return server, nil
				}
			}
			if e.Issuer != "" {
				return l.client.Metadata(ctx, e.Issuer)
			}
		}
	}
	return oauth.Server{}, fmt.Errorf("%s: %w", l.account.Domain, errNoServer)
}

// fail says why a sign-in failed and what to do, and returns its exit status.
func (l *login) fail(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return exitWith(report.ExitInterrupted)
	}
	var (
		keyring  *creds.KeyringError
		metadata *oauth.MetadataError
		passing  *oauth.NotLastingError
		nameless *noClientIDError
		refused  *report.GrantError

		status int
		advice []string
	)
	cause, todo := l.explained(err)
	switch {
	case errors.As(err, &keyring):
		status = report.ExitCreds
		advice = []string{keyring.Advice()[0], l.Say("without a keyring: --token-command or --oauth-token-stdin with a token of another program")}
	case errors.As(err, &passing):
		status = report.ExitCreds
		advice = []string{l.Say("ask for the scope that makes it last (often --scope offline_access, beside those for mail)")}
	case errors.Is(err, errNobody), errors.As(err, &refused) && refused.Code == "expired_token":
		status = report.ExitCreds
		advice = []string{l.Say("run it again, and sign in on the page that is shown")}
	case errors.As(err, &nameless):
		status = report.ExitUsage
	case errors.Is(err, errNoServer):
		status = report.ExitSettings
		advice = []string{l.Say("name its authorization server: --issuer URL"), l.Say("or keep a password: mailcheck creds set %s", l.account.Address)}
	case errors.Is(err, oauth.ErrNoEndpoint):
		status = report.ExitSettings
		advice = []string{l.Say("leave --device out, or add it: not every provider has both ways")}
	case errors.As(err, &metadata) && loginStatus(cause) == report.ExitAuth: // it was reached
		status = report.ExitSettings
		advice = []string{l.Say("give the issuer exactly as the provider writes it, with https://")}
	default:
		status, advice = loginStatus(cause), todo
		if cause != report.Unknown {
			err = fmt.Errorf("%w (%s)", err, cause)
		}
	}
	fmt.Fprintf(l.stderr, "mailcheck: %s\n", render.Clean(err.Error()))
	for _, line := range advice {
		fmt.Fprintf(l.stderr, "  %s\n", line)
	}
	return exitWith(status)
}

// explained is the cause of a refusal, or of a server that cannot be asked, and
// what to do.
func (l *login) explained(err error) (report.Cause, []string) {
	check := &report.Check{ID: "login"}
	step := &report.Step{ID: "login.token", Step: "token", Result: report.Fail, Err: err}
	var fault *report.Fault
	if errors.As(err, &fault) {
		step.Cause = fault.Cause
	}
	diagnose.Step(check, step, l.Tag)
	known, _ := provider.ByDomain(l.account.Domain)
	words := diagnose.WordsAt(step.Cause, known, diagnose.Values{Lang: l.Tag, Address: l.account.Address, User: l.account.Address, Host: l.host})
	if step.Cause == report.OAuthAppNotAllowed {
		words.Advice = append(words.Advice, l.Say("Step by step, how an application is registered: docs/oauth.md"))
	}
	return step.Cause, words.Advice
}

// loginStatus is the exit status of a sign-in that failed with a cause.
func loginStatus(cause report.Cause) int {
	family, _, _ := strings.Cut(string(cause), ".")
	if status, ok := map[string]int{"dns": report.ExitDNS, "connect": report.ExitConnect, "tls": report.ExitTLS}[family]; ok {
		return status
	}
	return report.ExitAuth
}
