package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"mailcheck/internal/config"
	"mailcheck/internal/oauth"
)

// What the flags themselves do not tell about their place in the config file.
var (
	// elsewhere are for the command line alone: what is read from standard input
	// comes with the command.
	elsewhere = []string{"config", "help", versionFlag, "password-stdin", "oauth-token-stdin", "client-secret-stdin"}
	// inputs name a file to read.
	inputs = []string{"ca-file", "password-file"}
	// secretSources say where the secret is; one of them does.
	secretSources = []string{"password-stdin", "password-file", "password-command", "oauth-token-stdin", "token-command"}
	// exclusive are groups of flags of which one is given at most.
	exclusive = [][]string{{"imap", "no-imap"}, {"pop", "no-pop"}, {"smtp", "no-smtp"}, {"ipv4", "ipv6"}, {"quiet", "verbose"}, secretSources}
	// unshown are flags whose value may hold a secret.
	unshown = []string{"password-command", "token-command"}
)

// configFlag registers --config.
func configFlag(flags *pflag.FlagSet, name *string) {
	flags.StringVar(name, "config", "", "read this config `FILE`, not the usual one (see mailcheck config --help)")
}

// userConfigDir is where this user's config files are: as os.UserConfigDir has
// it, and on every system what XDG_CONFIG_HOME says.
func userConfigDir() (string, error) {
	if dir := os.Getenv("XDG_CONFIG_HOME"); filepath.IsAbs(dir) {
		return dir, nil
	}
	return os.UserConfigDir()
}

// configKeys are what may stand in a config file: the flags of the main job, of
// login, and the names that are not those of commands.
func configKeys(root *cobra.Command) config.Keys {
	job, login, all, signIn := newFlags(), newFlags(), newFlags(), newFlags()
	new(checkFlags).register(job)
	new(loginFlags).register(login)
	keys := config.Keys{
		Defaults: newFlags(), Account: all, SignIn: signIn,
		Elsewhere: elsewhere, Inputs: inputs, Exclusive: exclusive,
		SignsIn: func(name string) bool { _, ok := oauth.Named(name); return ok },
		Reserved: func(name string) bool {
			command, _, err := root.Find([]string{name})
			return err == nil && command != root || name == "help" || name == "completion"
		},
	}
	job.VisitAll(func(f *pflag.Flag) {
		if !slices.Contains(elsewhere, f.Name) {
			keys.Defaults.AddFlag(f)
			all.AddFlag(f)
		}
	})
	login.VisitAll(func(f *pflag.Flag) {
		if slices.Contains(elsewhere, f.Name) || all.Lookup(f.Name) != nil {
			return
		}
		all.AddFlag(f)
		if f.Name != "issuer" { // it is the name of the section
			signIn.AddFlag(f)
		}
	})
	return keys
}

// newFlags is an empty set of flags, which keeps their order.
func newFlags() *pflag.FlagSet {
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	flags.SortFlags = false
	return flags
}

// configFile reads the config file of a command: that of --config or
// MAILCHECK_CONFIG, else the usual one, if there is any.
func (a *app) configFile(cmd *cobra.Command) (*config.File, error) {
	name := ""
	if flag := cmd.Flag("config"); flag != nil {
		name = flag.Value.String()
	}
	if name == "" {
		name, _ = a.env("MAILCHECK_CONFIG")
	}
	if name != "" {
		return config.Read(name, configKeys(cmd.Root()))
	}
	file, err := config.Read(a.usualConfig(), configKeys(cmd.Root()))
	if errors.Is(err, fs.ErrNotExist) {
		return &config.File{}, nil
	}
	return file, err
}

// usualConfig is the path of the usual config file; empty where this system has
// no place for it.
func (a *app) usualConfig() string {
	if a.configDir == nil {
		return ""
	}
	dir, err := a.configDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "mailcheck", "config.toml")
}

// begin fills the flags of a command from its environment and the config file.
// Its argument is an address, or the name of an account of the file.
func (a *app) begin(cmd *cobra.Command, arg string) (*config.File, config.Section, error) {
	if err := envTwins(cmd.Flags(), a.env); err != nil {
		return nil, config.Section{}, err
	}
	file, err := a.configFile(cmd)
	if err != nil {
		return nil, config.Section{}, err
	}
	account, err := accountOf(cmd, file, arg)
	if err != nil {
		return nil, account, err
	}
	return file, account, a.settle(cmd.Flags(), file, account, file.Defaults)
}

// accountOf is the account that an argument names: with an @ it is an address,
// for which the file has no section.
func accountOf(cmd *cobra.Command, file *config.File, arg string) (config.Section, error) {
	if strings.ContainsAny(arg, "@＠") {
		return config.Section{Address: arg}, nil
	}
	account, known := file.Account(arg)
	atRoot := cmd == cmd.Root()
	switch near := cmd.SuggestionsFor(arg); {
	case known:
		return account, nil
	case len(near) > 0:
		return account, noCommand(arg, near)
	case len(file.Accounts) == 0 && atRoot:
		return account, fmt.Errorf("%q is neither a command nor an address (it has no @); see mailcheck --help", arg)
	case len(file.Accounts) == 0:
		return config.Section{Address: arg}, nil // which says what is wrong with it
	}
	what := "no address (it has no @) and no account of " + file.Name
	if atRoot {
		what = "no command, " + what
	}
	return account, fmt.Errorf("%q is %s; the accounts are %s", arg, what, strings.Join(file.Names(), ", "))
}

// completeAccounts completes the names of accounts.
func (a *app) completeAccounts(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	file, err := a.configFile(cmd)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return file.Names(), cobra.ShellCompDirectiveNoFileComp
}
