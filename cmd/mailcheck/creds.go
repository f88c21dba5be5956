package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"mailcheck/creds"
	"mailcheck/report"
)

// credsCommand manages what the keyring holds for an account.
func (a *app) credsCommand() *cobra.Command {
	var protocol, file string
	group := &cobra.Command{
		Use:   "creds",
		Short: "Store a password in the OS keyring; look for or remove it or a sign-in",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	group.PersistentFlags().StringVar(&protocol, "protocol", "", "a password of its own for one `PROTOCOL`: imap, pop3 or smtp")
	configFlag(group.PersistentFlags(), &file)
	add := func(use, short string, do func(context.Context, creds.Keyring, creds.Account) error) {
		group.AddCommand(&cobra.Command{
			Use: use + " ADDRESS|NAME", Short: short, Args: oneAddress, ValidArgsFunction: a.completeAccounts,
			RunE: func(cmd *cobra.Command, args []string) error {
				_, named, err := a.begin(cmd, args[0])
				if err != nil {
					return err
				}
				account, err := creds.ParseAddress(named.Address)
				if err != nil {
					return err
				}
				os.Unsetenv(creds.EnvPassword) // it is not for what the keyring runs
				err = do(cmd.Context(), a.keyring(a.interactive(false)), account)
				return a.credsError(err)
			},
		})
	}
	add("set", "Store the password (asked for, or from standard input)", func(ctx context.Context, k creds.Keyring, account creds.Account) error {
		secret, err := a.newSecret(ctx, account)
		if err != nil {
			return err
		}
		if err := creds.Store(ctx, k, account, protocol, secret); err != nil {
			return err
		}
		fmt.Fprintln(a.stderr, a.locale().Say("stored; now run: mailcheck %s", account.Address))
		return nil
	})
	add("check", "Tell whether there is a password or a sign-in: exit status 0, or 3", func(ctx context.Context, k creds.Keyring, account creds.Account) error {
		signIn := creds.ErrMissing
		if protocol == "" {
			if signIn = creds.CheckSignIn(ctx, k, account); signIn == nil {
				fmt.Fprintln(a.stderr, a.locale().Say("the keyring holds a sign-in for %s", account.Address))
			} else if !errors.Is(signIn, creds.ErrMissing) {
				return signIn
			}
		}
		password := creds.Check(ctx, k, account, protocol)
		if password == nil {
			fmt.Fprintln(a.stderr, a.locale().Say("the keyring holds a password for %s", account.Address))
		}
		return unlessOne(signIn, password)
	})
	add("delete", "Remove the password, and the sign-in", func(ctx context.Context, k creds.Keyring, account creds.Account) error {
		signIn := creds.ErrMissing
		if protocol == "" {
			if signIn = creds.DeleteSignIn(ctx, k, account); signIn != nil && !errors.Is(signIn, creds.ErrMissing) {
				return signIn
			}
		}
		if err := unlessOne(signIn, creds.Delete(ctx, k, account, protocol)); err != nil {
			return err
		}
		fmt.Fprintln(a.stderr, a.locale().Say("removed"))
		return nil
	})
	return group
}

// unlessOne is what became of two items of which either may be missing.
func unlessOne(signIn, password error) error {
	if signIn == nil && errors.Is(password, creds.ErrMissing) {
		return nil
	}
	return password
}

// newSecret reads the secret to store: typed twice without echo, or one line
// of standard input.
func (a *app) newSecret(ctx context.Context, account creds.Account) (creds.Secret, error) {
	if !a.interactive(false) {
		return creds.OneLine(ctx, "standard input", a.stdin)
	}
	first, err := a.promptSecret(ctx, a.locale().Say("Password for %s", account.Address))
	if err != nil {
		return creds.Secret{}, err
	}
	again, err := a.promptSecret(ctx, a.locale().Say("The same once more"))
	if err != nil {
		return creds.Secret{}, err
	}
	if first.Reveal() != again.Reveal() {
		return creds.Secret{}, errors.New("the two are not the same; nothing was stored")
	}
	return first, nil
}

// credsError gives a keyring that has no secret, or cannot be asked, the exit
// status 3 and its advice.
func (a *app) credsError(err error) error {
	var keyring *creds.KeyringError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &keyring):
		fmt.Fprintf(a.stderr, "mailcheck: %v\n", err)
		for _, line := range keyring.Advice() {
			fmt.Fprintf(a.stderr, "  %s\n", line)
		}
	case errors.Is(err, creds.ErrMissing):
		fmt.Fprintf(a.stderr, "mailcheck: %v\n", err)
	case errors.Is(err, context.Canceled):
		return exitWith(report.ExitInterrupted)
	default:
		return err
	}
	return exitWith(report.ExitCreds)
}
