package main

import (
	"context"

	"github.com/spf13/cobra"

	"mailcheck/internal/lang"
	"mailcheck/internal/render"
	"mailcheck/report"
	"mailcheck/verify"
)

// discoverFlags are the flags of the main job that a search for settings has
// too: those that are not about logins or messages.
var discoverFlags = []string{
	"imap", "pop", "smtp", "resolve", "no-imap", "no-pop", "no-smtp", "user", "imap-user", "pop-user", "smtp-user",
	"helo", "timeout", "step-timeout", "ca-file", "trust-discovered", "offline", "no-share-address",
	"dns", "ipv4", "ipv6", "strict", "config", "no-input",
	"output", "transcript", "redact", "lang", "verbose", "quiet", "no-color",
}

// discoverCommand finds the settings of an address, without a password.
func (a *app) discoverCommand() *cobra.Command {
	f := &checkFlags{}
	cmd := &cobra.Command{
		Use:   "discover ADDRESS|NAME",
		Short: "Find the mail servers of an address, and say where sources disagree",
		Long: `Asks every source for the mail servers of the address: a built-in table, what
the domain publishes over HTTPS (PACC, autoconfig), the ISPDB, the SRV and MX
records, Autodiscover, and the usual names. Each server that one of them names
is then tried without a login, so that it shows which answer is right where
they disagree, and which settings to use. How others reach the domain with their
mail is looked at too (see --mx of the main job); what is wrong there warns only.
No password is used, nothing is sent.

Exit status: 0 there are settings that work, 2 wrong usage, 10 none are found,
11 the domain does not exist; else as of the main job, for the first step that
failed where no server of a needed protocol works.`,
		Example: `  mailcheck discover anna@example.com
  mailcheck discover anna@example.com --no-share-address -o json`,
		Args: oneAddress, ValidArgsFunction: a.completeAccounts,
		RunE: func(cmd *cobra.Command, args []string) error {
			_, account, err := a.begin(cmd, args[0])
			if err != nil {
				return err
			}
			o, err := f.options(account.Address)
			if err != nil {
				return err
			}
			if o.Lang, err = a.language(f.output); err != nil {
				return err
			}
			return a.discover(cmd.Context(), o, f.output)
		},
	}
	all := newFlags()
	f.register(all)
	cmd.Flags().SortFlags = false
	for _, name := range discoverFlags {
		cmd.Flags().AddFlag(all.Lookup(name))
	}
	return cmd
}

// discover looks for settings, shows it while it goes on, and writes the
// report.
func (a *app) discover(ctx context.Context, o verify.Options, f outputFlags) error {
	address := o.Account.Address
	if o.Redact {
		address = report.Anonymous(address)
	}
	return a.perform(ctx, o, f, job{
		announcement: render.AnnounceDiscovery(address, lang.Tag(o.Lang)),
		checks:       []string{"settings", "dns", "imap", "pop3", "smtp", report.MXCheck},
		run:          verify.Discover,
		text:         render.Discovery,
	})
}
