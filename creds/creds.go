// Package creds knows the account, and every place that its password or
// token can come from:
//
//   - [ParseAddress] reads the address into an [Account].
//   - [Find] asks the sources in their order: the explicit ones ([Options]),
//     MAILCHECK_PASSWORD, the [Keyring], a prompt. What it finds is a [Set],
//     because a protocol may have a secret of its own.
//   - [Store], [Check] and [Delete] manage what the keyring holds, and
//     [StoreSignIn], [CheckSignIn] and [DeleteSignIn] the sign-in of an account;
//     [SystemKeyring] is that of the operating system.
//   - A [TokenSource] makes access tokens of sign-ins.
//   - [SigningKey] is kept there too: with it the program knows what it has sent
//     itself.
//   - [Secret] holds a secret so that no output shows it; a [Scrubber] takes
//     it out of text that came from elsewhere.
//
// Errors: [*AddressError] and [*InputError] are mistakes of usage;
// [ErrMissing] (a [*CommandError] is one), [ErrKeyringLocked] and
// [ErrKeyringUnavailable] mean that there is no secret to be had.
package creds

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// EnvPassword is the environment variable that may hold the secret.
const EnvPassword = "MAILCHECK_PASSWORD"

// ErrMissing is returned when no source holds a secret for the account.
var ErrMissing = errors.New("no password or token was found")

// Kind says what a secret is.
type Kind string

// The kinds, as the JSON report names them.
const (
	Password Kind = "password"
	Token    Kind = "token" // an OAuth 2.0 access token
)

// The values of Credential.Source.
const (
	FromStdin   = "stdin"
	FromFile    = "file"
	FromCommand = "command"
	FromEnv     = "env"
	FromKeyring = "keyring"
	FromPrompt  = "prompt"
)

// Credential is a secret, what it is, and where it came from.
type Credential struct {
	Secret Secret
	Kind   Kind
	Source string // FromStdin, FromKeyring, …
}

// Set is what was found for an account.
type Set struct {
	// Main is for every protocol without a credential of its own. Its Secret
	// is zero when there is none.
	Main Credential
	// KeyringErr is why the keyring could not be asked, when a prompt made up
	// for it; what was typed cannot be stored there then.
	KeyringErr error
	// UnkeptErr is why a sign-in that the server has renewed could not be kept:
	// the older one may be of no use in the next run.
	UnkeptErr error

	own map[string]Credential
}

// For returns the credential for a protocol ("imap", "pop3", "smtp"): its
// own, else Main. Its Secret is zero when there is neither.
func (s Set) For(protocol string) Credential {
	if c, ok := s.own[protocol]; ok {
		return c
	}
	return s.Main
}

// Options says where Find may look. At most one of the first five may be set.
type Options struct {
	PasswordStdin   io.Reader // --password-stdin: one line; nil: not given
	PasswordFile    string    // --password-file: a file of one line; empty: not given
	PasswordCommand string    // --password-command: a shell command line; empty: not given
	TokenStdin      io.Reader // --oauth-token-stdin
	TokenCommand    string    // --token-command

	// Kind is what all sources but the two of tokens and SignIns hold; empty
	// means Password, unless there is a sign-in. (With a mechanism that takes
	// tokens, they hold tokens.)
	Kind Kind
	// Protocols are those that will log in; nil means imap, pop3 and smtp.
	Protocols []string
	// Env looks up an environment variable; nil means the process's. Find
	// removes MAILCHECK_PASSWORD from the process's environment in any case,
	// so a program that calls Find more than once keeps it and gives an Env.
	Env func(name string) (string, bool)
	// Keyring is asked when nothing explicit is given; nil means none.
	Keyring Keyring
	// SignIns makes the token where the keyring holds a sign-in of the account,
	// which then goes before a password there. Nil, or the Kind Password, means
	// that none is looked for.
	SignIns TokenSource
	// SignInOnly says that a password would be of no use: nothing but the
	// keyring's sign-in is looked for.
	SignInOnly bool
	// Prompt asks the user, as the last resort; nil means nobody is asked.
	// An empty secret or io.EOF is the user's refusal.
	Prompt func(context.Context) (Secret, error)
	// CommandStdin and CommandStderr are what commands get, to ask for a
	// passphrase; nil means the process's own.
	CommandStdin  io.Reader
	CommandStderr io.Writer
	// Limit is how long the first five are waited for; zero is without end,
	// because the user may be typing.
	Limit time.Duration
}

// Find returns the account's secrets from the first source that is given or
// holds any: the explicit ones, MAILCHECK_PASSWORD (set and not empty), the
// keyring, the prompt. An explicit one, the environment and the prompt hold
// for all protocols. Find ends when ctx does.
//
// With an error, Set still holds what was found: a protocol's own secret may
// be there when the main one is missing.
func Find(ctx context.Context, account Account, o Options) (Set, error) {
	env := o.takeEnv()
	if o.SignInOnly {
		return o.signedIn(ctx, account)
	}
	given, err := o.explicit()
	if err != nil {
		return Set{}, err
	}
	if given == nil && env != "" {
		given = &explicit{EnvPassword, FromEnv, o.kind(), func(_ context.Context, name string) (Secret, error) {
			return usable(name, env)
		}}
	}
	if given != nil {
		secret, err := o.obtain(ctx, given)
		if err != nil {
			return Set{}, err
		}
		return Set{Main: Credential{Secret: secret, Kind: given.kind, Source: given.source}}, nil
	}

	set, err := o.stored(ctx, account)
	if err == nil || ctx.Err() != nil || o.Prompt == nil || set.Main.Kind == Token {
		return set, err // a password does not make up for a sign-in
	}
	if !errors.Is(err, ErrMissing) {
		set.KeyringErr = err
	}
	secret, err := promptSecret(ctx, o.Prompt)
	if err == nil {
		set.Main = Credential{Secret: secret, Kind: o.kind(), Source: FromPrompt}
	}
	return set, err
}

// takeEnv returns MAILCHECK_PASSWORD and removes it from the environment, so
// that no child of the process inherits it.
func (o Options) takeEnv() string {
	lookup := o.Env
	if lookup == nil {
		lookup = os.LookupEnv
	}
	value, _ := lookup(EnvPassword)
	os.Unsetenv(EnvPassword)
	return value
}

// kind is what the sources hold that may hold either.
func (o Options) kind() Kind {
	if o.Kind == "" {
		return Password
	}
	return o.Kind
}

// explicit is a source that was named, by a flag or the environment.
type explicit struct {
	name   string // "--password-file", as messages say it
	source string
	kind   Kind
	read   func(ctx context.Context, name string) (Secret, error) // nil: not given
}

// Conflict is an [*InputError] where more than one of the first five is set, which
// Find would return as well; else nil.
func (o Options) Conflict() error {
	_, err := o.explicit()
	return err
}

// explicit returns the source that a flag names, or nil when none does.
func (o Options) explicit() (*explicit, error) {
	var names []string
	var found *explicit
	for _, e := range []explicit{
		{"--password-stdin", FromStdin, o.kind(), fromReader(o.PasswordStdin)},
		{"--password-file", FromFile, o.kind(), fromFile(o.PasswordFile)},
		{"--password-command", FromCommand, o.kind(), o.fromCommand(o.PasswordCommand)},
		{"--oauth-token-stdin", FromStdin, Token, fromReader(o.TokenStdin)},
		{"--token-command", FromCommand, Token, o.fromCommand(o.TokenCommand)},
	} {
		if e.read != nil {
			names = append(names, e.name)
			found = &e
		}
	}
	if len(names) > 1 {
		return nil, &InputError{Source: strings.Join(names, ", "), Reason: "only one of these can be given"}
	}
	return found, nil
}

// obtain reads a source, within the limit where there is one.
func (o Options) obtain(ctx context.Context, source *explicit) (Secret, error) {
	if o.Limit <= 0 {
		return source.read(ctx, source.name)
	}
	limited, cancel := context.WithTimeout(ctx, o.Limit)
	defer cancel()
	secret, err := source.read(limited, source.name)
	if err != nil && limited.Err() != nil && ctx.Err() == nil {
		return Secret{}, fmt.Errorf("%s: no secret came within %v: %w", source.name, o.Limit, ErrMissing)
	}
	return secret, err
}

// stored returns what the keyring holds for the account: its sign-in before
// its secret, and the protocols' own. It stops at the first failure of the
// keyring: one dialogue or deadline is enough.
func (o Options) stored(ctx context.Context, account Account) (Set, error) {
	var set Set
	if o.Keyring == nil {
		return set, ErrMissing
	}
	signedIn, err := o.hasSignIn(ctx, account)
	if err != nil {
		return set, err
	}
	mainErr := ErrMissing
	if !signedIn {
		set.Main, mainErr = o.storedFor(ctx, account, "")
		if mainErr != nil && !errors.Is(mainErr, ErrMissing) {
			return set, mainErr
		}
	}
	protocols := o.Protocols
	if protocols == nil {
		protocols = protocolNames
	}
	set.own = make(map[string]Credential)
	for _, p := range protocols {
		switch own, err := o.storedFor(ctx, account, p); {
		case err == nil:
			set.own[p] = own
		case !errors.Is(err, ErrMissing):
			return set, err
		}
	}
	switch {
	case mainErr != nil && len(set.own) == len(protocols):
		return set, nil // nobody needs the main one
	case signedIn:
		set.Main, set.UnkeptErr, mainErr = o.token(ctx, account)
	}
	return set, mainErr
}

// storedFor returns what the keyring holds as the secret of a protocol, or of
// the account.
func (o Options) storedFor(ctx context.Context, account Account, protocol string) (Credential, error) {
	secret, err := storedSecret(ctx, o.Keyring, account, protocol)
	if err != nil {
		return Credential{}, err
	}
	return Credential{Secret: secret, Kind: o.kind(), Source: FromKeyring}, nil
}

// signedIn returns the token of the keyring's sign-in, and nothing else.
func (o Options) signedIn(ctx context.Context, account Account) (set Set, err error) {
	signedIn, err := o.hasSignIn(ctx, account)
	switch {
	case err != nil:
		return set, err
	case !signedIn:
		return set, ErrMissing
	}
	set.Main, set.UnkeptErr, err = o.token(ctx, account)
	return set, err
}
