package verify

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"mailcheck/creds"
	"mailcheck/internal/oauth"
	"mailcheck/internal/provider"
	"mailcheck/internal/sasl"
	"mailcheck/report"
)

// findSecret is the check "creds". It returns an error only for a mistake of
// usage; a secret that is not to be had is a failed step, and the rest of the
// run goes on without it.
func (r *run) findSecret(ctx context.Context, mx, settings <-chan struct{}) error {
	if r.o.NoAuth {
		r.credsRec.Skip("password", report.ByFlags)
		return nil
	}
	kind := r.o.Credentials.Kind
	k, chosen := sasl.KindOf(r.o.Mechanism)
	if chosen && kind == "" {
		kind = k
	}
	step := "password"
	if kind == creds.Token || r.o.Credentials.TokenCommand != "" || r.o.Credentials.TokenStdin != nil {
		step = "token"
	}
	var without *provider.Provider // which takes no passwords
	if step == "password" && !chosen {
		if without = r.takesNoPasswords(ctx, mx, settings); without != nil {
			step = "token"
		}
	}
	var usage *creds.InputError
	// What the keyring and commands need is limited by creds, and what a
	// person needs to type by nothing: the step has no limit of its own.
	err := r.credsRec.Run(ctx, step, func(_ context.Context, s *report.Step) error {
		options := r.o.Credentials
		options.Kind = kind
		options.SignIns = r.signIns()
		options.SignInOnly = without != nil
		for _, p := range r.o.wanted() {
			if r.o.logsIn(p) {
				options.Protocols = append(options.Protocols, string(p))
			}
		}
		set, err := creds.Find(ctx, r.o.Account, options)
		r.secrets = set // with an error, what some protocols have of their own
		if without != nil && (errors.Is(err, creds.ErrMissing) || errors.Is(err, creds.ErrKeyringUnavailable)) {
			return &report.Fault{Cause: report.AuthBasicAuthDisabled,
				Text: without.Name + " takes no passwords from mail programs, and there is no sign-in to use"}
		}
		if set.Main.Kind == creds.Token { // that of a sign-in, which nobody could know of before
			s.Step, s.ID = "token", r.credsRec.Check().ID+".token"
		}
		main := set.Main
		for _, p := range options.Protocols {
			c := set.For(p)
			r.scrub.Add(c.Secret.Reveal())
			if main.Secret.IsZero() {
				main = c
			}
		}
		if err != nil {
			return err
		}
		s.Detail = fmt.Sprintf("%s from %s", main.Kind, place(main.Source))
		if set.UnkeptErr != nil {
			s.Result, s.Err = report.Warn, set.UnkeptErr
			s.Detail += "; the renewed sign-in could not be kept: " + set.UnkeptErr.Error()
		}
		r.report.Credentials = &report.Credentials{Source: main.Source, Kind: string(main.Kind)}
		return nil
	})
	if errors.As(err, &usage) {
		return usage
	}
	return nil
}

// signIns makes tokens of the sign-ins that the keyring holds, by way of the
// run's own DNS and roots. That is no lookup of settings: --offline allows it.
func (r *run) signIns() creds.TokenSource {
	return &oauth.Client{Resolver: r.dns, Roots: r.o.Roots, Dial: r.o.Dial, Told: r.contacted}
}

// takesNoPasswords returns the provider of the account where that is known to
// take no passwords: that of the address's domain, else that of its MX, where
// the settings then name its servers. It is nil where passwords are taken, or
// flags name all the servers.
func (r *run) takesNoPasswords(ctx context.Context, mx, settings <-chan struct{}) *provider.Provider {
	if r.o.allFixed() {
		return nil
	}
	if p, known := provider.ByDomain(r.o.Account.Domain); known && p.AuthPolicy == provider.OAuth2Only {
		return p
	} else if known {
		return nil
	}
	if !ended(ctx, mx) || len(r.mx) == 0 {
		return nil
	}
	p, known := provider.ByMX(r.mx[0])
	if !known || p.AuthPolicy != provider.OAuth2Only || !ended(ctx, settings) {
		return nil
	}
	for _, protocol := range r.o.wanted() {
		for _, e := range r.found.Candidates[protocol] {
			if r.o.logsIn(protocol) && !slices.Contains(provider.ByHost(e.Host), p) {
				return nil
			}
		}
	}
	return p
}

// ended waits for the end of something, and tells whether it came before that
// of ctx.
func ended(ctx context.Context, done <-chan struct{}) bool {
	select {
	case <-done:
		return true
	case <-ctx.Done():
		return false
	}
}

// place is a source of secrets in a sentence.
func place(source string) string {
	switch source {
	case creds.FromKeyring:
		return "the keyring"
	case creds.FromStdin:
		return "standard input"
	case creds.FromFile:
		return "a file"
	case creds.FromCommand:
		return "a command"
	case creds.FromEnv:
		return creds.EnvPassword
	case creds.FromPrompt:
		return "the prompt"
	}
	return source
}
