package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"mailcheck/creds"
	"mailcheck/internal/config"
	"mailcheck/internal/dns"
	"mailcheck/internal/lang"
	"mailcheck/internal/oauth"
	"mailcheck/internal/render"
)

// loginLimit is how long the user may take to sign in: time enough to look for
// a phone, and not so long that a forgotten terminal waits for a day.
const loginLimit = 5 * time.Minute

// errNobody is a sign-in that nobody has made in time.
var errNobody = fmt.Errorf("nobody signed in within %d minutes", int(loginLimit.Minutes()))

// loginFlags are the flags of login.
type loginFlags struct {
	device      bool
	issuer      string
	clientID    string
	secretStdin bool
	scopes      []string
	noBrowser   bool
	caFile, dns string
	lang        string
	config      string
}

func (f *loginFlags) register(flags *pflag.FlagSet) {
	flags.SortFlags = false
	flags.StringVar(&f.clientID, "client-id", "", "the client `ID` of your application (see docs/oauth.md)")
	flags.BoolVar(&f.secretStdin, "client-secret-stdin", false, "read the application's client secret from standard input (Google, Yahoo)")
	flags.BoolVar(&f.device, "device", false, "show a code to type in on another device, in place of a browser here")
	flags.BoolVar(&f.noBrowser, "no-browser", false, "open no browser, only print the address")
	flags.StringVar(&f.issuer, "issuer", "", "sign in at this authorization server (`URL`)")
	flags.StringArrayVar(&f.scopes, "scope", nil, "ask for this `SCOPE` in place of the usual ones")
	flags.StringVar(&f.caFile, "ca-file", "", "extra root certificates (PEM `FILE`)")
	flags.StringVar(&f.dns, "dns", "", "ask this DNS server (`HOST:PORT`) instead of the system's")
	configFlag(flags, &f.config)
	flags.StringVar(&f.lang, "lang", "", "language of the human text: `en|ja` (default: that of the locale)")
}

// loginCommand signs in with OAuth 2.0.
func (a *app) loginCommand() *cobra.Command {
	f := &loginFlags{}
	cmd := &cobra.Command{
		Use:   "login ADDRESS|NAME",
		Short: "Sign in with OAuth 2.0, and keep the sign-in in the OS keyring",
		Long: `Signs in at the provider of the address with a web browser (OAuth 2.0), for
providers that take no passwords from mail programs. What lasts of the sign-in
(the refresh token) is kept in the OS keyring; every later check makes its access
token of it, which is never stored. "mailcheck creds delete ADDRESS" removes it.

It needs an application of your own that is registered with the provider: its
client id is given with --client-id, MAILCHECK_CLIENT_ID or the config file. How
to register one, step by step: docs/oauth.md.

Exit status: 0 signed in, 2 wrong usage or no client id, 3 nothing to keep (no
keyring, nobody signed in, no refresh token), 10 nobody says how to sign in,
11 DNS, 12 connection, 13 TLS, 15 refused, 130 Ctrl-C.`,
		Example: `  mailcheck login anna@example.com --client-id 1234.apps.example.com
  mailcheck login anna@example.com --device    # type a code in on another device
  mailcheck login anna@example.com --issuer https://auth.example.com`,
		Args: oneAddress, ValidArgsFunction: a.completeAccounts,
		RunE: func(cmd *cobra.Command, args []string) error {
			file, named, err := a.begin(cmd, args[0])
			if err != nil {
				return err
			}
			account, err := creds.ParseAddress(named.Address)
			if err != nil {
				return err
			}
			tag, err := a.language(outputFlags{lang: f.lang})
			if err != nil {
				return err
			}
			l, err := a.newLogin(cmd.Context(), f, account, lang.Tag(tag))
			if err != nil {
				return err
			}
			l.registered = func(server oauth.Server) error { return a.settle(cmd.Flags(), file, signInAt(file, server)) }
			if f.clientID == "" && len(file.SignIns) == 0 {
				return l.noClientID()
			}
			return l.fail(cmd.Context(), l.run(cmd.Context()))
		},
	}
	f.register(cmd.Flags())
	return cmd
}

// login is one sign-in.
type login struct {
	*app
	lang.Tag
	flags    *loginFlags
	account  creds.Account
	keyring  creds.Keyring
	resolver *dns.Client
	client   *oauth.Client
	id       oauth.App
	// registered sets the flags that the config file has for a server.
	registered func(oauth.Server) error
	host       string // of the authorization server, once it is known
}

// newLogin reads what the user gave. Its errors are mistakes of usage.
func (a *app) newLogin(ctx context.Context, f *loginFlags, account creds.Account, tag lang.Tag) (*login, error) {
	if err := dnsServer(f.dns); err != nil {
		return nil, err
	}
	roots, err := roots(f.caFile)
	if err != nil {
		return nil, err
	}
	os.Unsetenv(creds.EnvPassword) // it is not for what the keyring and the browser run
	l := &login{app: a, Tag: tag, flags: f, account: account, keyring: a.keyring(a.interactive(false)), resolver: dns.New(dns.Options{Server: f.dns})}
	l.client = &oauth.Client{Resolver: l.resolver, Roots: roots, Dial: a.dial}
	if f.secretStdin {
		if l.id.Secret, err = creds.OneLine(ctx, "--client-secret-stdin", a.stdin); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// run signs in and keeps what lasts. The keyring comes first: without one the
// sign-in would be in vain.
func (l *login) run(ctx context.Context) error {
	if err := creds.CheckSignIn(ctx, l.keyring, l.account); err != nil && !errors.Is(err, creds.ErrMissing) {
		return err
	}
	server, err := l.server(ctx)
	if err != nil {
		return err
	}
	if err := l.registered(server); err != nil {
		return err
	}
	if l.id.ID = l.flags.clientID; l.id.ID == "" {
		return l.noClientID()
	}
	if len(l.flags.scopes) > 0 {
		server.Scopes = l.flags.scopes
	}
	limited, cancel := context.WithTimeoutCause(ctx, loginLimit, errNobody)
	defer cancel()
	signIn, err := l.signIn(limited, server)
	if err != nil {
		return err
	}
	if err := creds.StoreSignIn(ctx, l.keyring, l.account, signIn.Text()); err != nil {
		return err
	}
	l.say(l.Say("signed in; the keyring now holds for %s: the refresh token of %s, and the client id", l.account.Address, l.host))
	l.warn(signIn)
	l.say(l.Say("now run: mailcheck %s", l.account.Address))
	return nil
}

// warn tells of a sign-in that another account has made, as browsers do with
// the one that is signed in there already.
func (l *login) warn(signIn oauth.SignIn) {
	other := signIn.Other(l.account)
	if other == "" {
		return
	}
	l.say(l.Say("warning: %s signed in, and not %s", other, l.account.Address))
	l.say("  " + l.Say("if both are addresses of one mailbox, that is as it should be"))
	l.say("  " + l.Say("else sign out of the other account in the browser, then run it again and sign in as %s", l.account.Address))
}

func (l *login) signIn(ctx context.Context, server oauth.Server) (oauth.SignIn, error) {
	if l.flags.device {
		return l.client.Device(ctx, server, l.id, func(code oauth.DeviceCode) {
			l.say(l.Say("On any device, open this page in a browser, and sign in as %s:", l.account.Address))
			fmt.Fprintf(l.stderr, "\n  %s\n\n", render.Clean(code.URL))
			l.say(l.Say("There, type this code in: %s", render.Clean(code.Code)))
			l.say(l.Say("Waiting for the sign-in, at most %d minutes ...", int(loginLimit.Minutes())))
		})
	}
	return l.client.Browse(ctx, server, l.id, oauth.BrowseOptions{
		Account: l.account.Mailbox(),
		Done:    l.Say("mailcheck has the answer. Close this page, and go back to the terminal."),
		No:      l.Say("The sign-in did not succeed. Close this page, and go back to the terminal: it says why."),
		Open: func(page string) {
			l.say(l.Say("Open this page in a browser on this computer, and sign in as %s:", l.account.Address))
			fmt.Fprintf(l.stderr, "\n  %s\n\n", render.Clean(page))
			l.say(l.Say("Waiting for the sign-in, at most %d minutes ...", int(loginLimit.Minutes())))
			if !l.flags.noBrowser {
				l.browse(page)
			}
		},
	})
}

// noClientIDError is a sign-in without an application to sign in with.
type noClientIDError struct{ text string }

func (e *noClientIDError) Error() string { return e.text }

func (l *login) noClientID() error {
	return &noClientIDError{l.Say("there is no client id: register an application with the provider and give its id with --client-id, MAILCHECK_CLIENT_ID or the config file; docs/oauth.md says how, step by step")}
}

// signInAt is the section of a config file for an authorization server, by its
// issuer or by the name of a provider; empty where there is none.
func signInAt(file *config.File, server oauth.Server) config.Section {
	for _, s := range file.SignIns {
		if named, ok := oauth.Named(s.Name); ok && named.Same(server) {
			return s
		}
	}
	return config.Section{}
}

// say writes a line for the user.
func (l *login) say(text string) { fmt.Fprintln(l.stderr, text) }
