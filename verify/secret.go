package verify

import (
	"context"
	"errors"
	"fmt"

	"mailcheck/creds"
	"mailcheck/internal/sasl"
	"mailcheck/report"
)

// findSecret is the check "creds". It returns an error only for a mistake of
// usage; a secret that is not to be had is a failed step, and the rest of the
// run goes on without it.
func (r *run) findSecret(ctx context.Context) error {
	if r.o.NoAuth {
		r.credsRec.Skip("password", report.ByFlags)
		return nil
	}
	kind := r.o.Credentials.Kind
	if k, ok := sasl.KindOf(r.o.Mechanism); ok && kind == "" {
		kind = k
	}
	step := "password"
	if kind == creds.Token || r.o.Credentials.TokenCommand != "" || r.o.Credentials.TokenStdin != nil {
		step = "token"
	}
	var usage *creds.InputError
	// What the keyring and commands need is limited by creds, and what a
	// person needs to type by nothing: the step has no limit of its own.
	err := r.credsRec.Run(ctx, step, func(_ context.Context, s *report.Step) error {
		options := r.o.Credentials
		options.Kind = kind
		for _, p := range r.o.wanted() {
			if r.o.logsIn(p) {
				options.Protocols = append(options.Protocols, string(p))
			}
		}
		set, err := creds.Find(ctx, r.o.Account, options)
		r.secrets = set // with an error, what some protocols have of their own
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
		r.report.Credentials = &report.Credentials{Source: main.Source, Kind: string(main.Kind)}
		return nil
	})
	if errors.As(err, &usage) {
		return usage
	}
	return nil
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
