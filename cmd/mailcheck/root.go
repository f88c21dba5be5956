package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"mailcheck/creds"
)

const rootLong = `mailcheck logs in to the account, sends one test message to itself, sees it
arrive, deletes it, and says which step failed, why, and what to change.

The password comes from the OS keyring (mailcheck creds set ADDRESS), from
--password-stdin, --password-file, --password-command or MAILCHECK_PASSWORD. For
providers that take none, mailcheck login ADDRESS signs in with a browser.
Every flag has an environment twin: --step-timeout is MAILCHECK_STEP_TIMEOUT;
that of a flag that may be given several times takes blanks between the values.
A config file has defaults, and accounts by NAME: mailcheck config --help.

Exit status: 0 all is well, 2 wrong usage, 3 no password, 10 settings, 11 DNS,
12 connection, 13 TLS, 14 protocol, 15 login, 16 mailbox, 17 sending refused,
18 not arrived, 19 warnings with --strict, 20 fault of mailcheck, 130 Ctrl-C.`

const rootExample = `  mailcheck anna@example.com
  mailcheck anna@example.com --send rcpt          # without a message
  mailcheck anna@example.com -o json --transcript # for a ticket
  mailcheck anna@example.com --imap imaps://mail.example.com --no-pop
  mailcheck discover anna@example.com             # the settings alone
  mailcheck batch accounts.csv                    # many accounts
  mailcheck demo --fault smtp-login-refused`

func (a *app) root() *cobra.Command {
	f := &checkFlags{}
	askedVersion := false
	root := &cobra.Command{
		Use:           "mailcheck ADDRESS|NAME",
		Short:         "Checks an e-mail account from end to end",
		Long:          rootLong,
		Example:       rootExample,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args: func(cmd *cobra.Command, args []string) error {
			// A script whose variable is empty must not end well: help is for a call
			// without anything.
			if askedVersion || len(args) == 0 && cmd.Flags().NFlag() == 0 {
				return nil
			}
			if len(args) > 1 && a.isNothing(cmd, args[0]) {
				return fmt.Errorf("the first word is neither a command nor an address of the form user@example.com, nor the name of an account of the config file; a password is no word here either: %s", passwordWays)
			}
			return oneAddress(cmd, args)
		},
		ValidArgsFunction: a.completeAccounts,
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case askedVersion:
				return a.printVersion()
			case len(args) == 0:
				return cmd.Help()
			}
			return a.check(cmd, f, args[0])
		},
	}
	root.SuggestionsMinimumDistance = 2
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return flagFlaw(err) })
	f.register(root.Flags())
	root.Flags().BoolVar(&askedVersion, versionFlag, false, "print the version, as mailcheck version does")
	root.AddCommand(a.discoverCommand(), a.explainCommand(), a.providerCommand(), a.demoCommand(), a.batchCommand(),
		a.credsCommand(), a.loginCommand(), a.configCommand(), a.versionCommand())
	completeValues(root)
	root.SetOut(a.stdout) // where completion writes
	root.InitDefaultCompletionCmd()
	root.InitDefaultHelpCmd()
	for _, c := range root.Commands() {
		switch c.Name() {
		case "completion":
			c.Args, c.RunE = oneShell, func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
		case "help":
			c.Args = oneTopic
		}
	}
	return root
}

// oneShell refuses a shell that there is no completion for: the commands of the
// others are found before.
func oneShell(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return fmt.Errorf("there is no completion for %q; there are %s", args[0], strings.Join(namesOf(cmd), ", "))
}

// oneTopic refuses a command that there is no help for.
func oneTopic(cmd *cobra.Command, args []string) error {
	topic, rest, err := cmd.Root().Find(args)
	switch {
	case err != nil:
		return err
	case len(rest) == 0:
		return nil
	case topic.HasSubCommands():
		return fmt.Errorf("there is no command %q; there are %s", strings.Join(args, " "), strings.Join(namesOf(topic), ", "))
	}
	return fmt.Errorf("there is no command %q", strings.Join(args, " "))
}

// namesOf are the names of the commands below one.
func namesOf(cmd *cobra.Command) []string {
	var names []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	return names
}

// oneAddress asks for one argument, an address.
func oneAddress(cmd *cobra.Command, args []string) error {
	switch near := cmd.SuggestionsFor(strings.Join(args[:min(1, len(args))], "")); {
	case len(args) == 0 && cmd == cmd.Root():
		return errors.New("an ADDRESS is needed, or the NAME of an account")
	case len(args) == 0:
		return fmt.Errorf("%s needs an ADDRESS", strings.TrimPrefix(cmd.CommandPath(), "mailcheck "))
	case args[0] == "":
		return errors.New("the address is empty")
	case len(args) == 1:
		return nil
	case len(near) > 0: // "discovr anna@example.com"
		return noCommand(args[0], near)
	}
	// None is repeated: the second may be a password.
	return fmt.Errorf("one address at a time, got %d arguments; a password is not one of them: %s", len(args), passwordWays)
}

// isNothing tells a word before others that means nothing to the program, and may be a
// password. A config file that cannot be read may know it.
func (a *app) isNothing(cmd *cobra.Command, word string) bool {
	if _, err := creds.ParseAddress(word); err == nil || word == "" || len(cmd.SuggestionsFor(word)) > 0 {
		return false
	}
	file, err := a.configFile(cmd)
	if err != nil {
		return false
	}
	_, known := file.Account(word)
	return !known
}

// passwordWays are the ways to give a password.
const passwordWays = "mailcheck creds set ADDRESS asks for it and keeps it; for one run there are --password-stdin, --password-file, --password-command and MAILCHECK_PASSWORD"

// noCommand says which command was meant; near are those of a like name.
func noCommand(arg string, near []string) error {
	return fmt.Errorf("there is no command %q; did you mean %q?", arg, near[0])
}
