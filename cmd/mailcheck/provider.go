package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"mailcheck/internal/provider"
	"mailcheck/internal/render"
)

// providerCommand tells what the built-in table knows of a provider.
func (a *app) providerCommand() *cobra.Command {
	var out lookupFlags
	var file string
	cmd := &cobra.Command{
		Use:   "provider NAME|DOMAIN|ADDRESS",
		Short: "Tell what is known of a mail provider",
		Long: `Tells what the built-in table knows of a provider: its servers, the user name
and password that they want, what has to be switched on first and where, what
catches people out. Nobody is asked.

Exit status: 0 it is known, 1 it is not, 2 wrong usage.`,
		Example: `  mailcheck provider gmail
  mailcheck provider example@yahoo.co.jp -o json`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("provider needs a NAME, a domain or an address")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := out.settle(cmd.Flags(), a.env); err != nil {
				return err
			}
			name := strings.Join(args, " ")
			if _, known := provider.Find(name); !known {
				file, err := a.configFile(cmd)
				if err != nil {
					return err
				}
				if account, ok := file.Account(name); ok {
					name = account.Address
				}
			}
			return a.provider(name, out)
		},
	}
	cmd.Flags().SortFlags = false
	out.register(cmd.Flags())
	_ = cmd.RegisterFlagCompletionFunc("output", oneOf(lookupFormats))
	configFlag(cmd.Flags(), &file)
	return cmd
}

func (a *app) provider(name string, out lookupFlags) error {
	known, ok := provider.Find(name)
	if !ok {
		fmt.Fprintf(a.stderr, "mailcheck: the built-in table does not know %q\n", render.Clean(name))
		fmt.Fprintln(a.stderr, "  An address in a domain of one's own: mailcheck discover ADDRESS asks who has its mail.")
		fmt.Fprintln(a.stderr, "  Else try the provider's whole name, or the domain of its addresses.")
		return exitWith(exitNotKnown)
	}
	at := provider.Place{}
	if _, is := provider.ByDomain(domainOf(name)); is {
		at.Domain = domainOf(name)
	}
	var err error
	if out.format == "json" {
		err = render.ProviderJSON(a.stdout, known)
	} else {
		err = render.Provider(a.stdout, known, at, out.language(a.env), out.options(a))
	}
	if err != nil {
		return fail(a.stderr, err)
	}
	return nil
}

// domainOf is the domain of an address; a text without an @ is one itself.
func domainOf(text string) string {
	text = strings.TrimSpace(text)
	return strings.ToLower(text[strings.LastIndexByte(text, '@')+1:])
}
