package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"mailcheck/internal/config"
	"mailcheck/internal/lang"
	"mailcheck/internal/render"
	"mailcheck/report"
)

// configCommand looks after the config file.
func (a *app) configCommand() *cobra.Command {
	group := &cobra.Command{
		Use:   "config",
		Short: "Check the config file",
		Long: `The config file has defaults for the flags, and accounts by name: "mailcheck
work" checks the account "work". It is read from --config or MAILCHECK_CONFIG,
else from

  ` + a.shownConfig() + `

if that is there. Its form, with an example: docs/config.md. It holds no password,
no token and no client secret.

A flag goes before the environment, the environment before the account, the
account before the defaults.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	var named string
	check := &cobra.Command{
		Use:   "check [FILE]",
		Short: "Tell every fault of the config file, and what applies to each account",
		Long: `Tells every fault of the config file, one a line, with its line and column; or
what applies to each account. Nobody is asked, no command of the file is run.

Exit status: 0 no fault was found, 2 there are faults.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := envTwins(cmd.Flags(), a.env); err != nil {
				return err
			}
			if len(args) > 0 {
				if err := cmd.Flags().Set("config", args[0]); err != nil {
					return err
				}
			}
			return a.checkConfig(cmd)
		},
	}
	configFlag(check.Flags(), &named)
	group.AddCommand(check)
	return group
}

// shownConfig is the path of the usual config file, for people.
func (a *app) shownConfig() string {
	if name := a.usualConfig(); name != "" {
		return name
	}
	return "mailcheck/config.toml in the folder for settings, which this system does not name"
}

// checkConfig tells the faults of the config file, or what it says.
func (a *app) checkConfig(cmd *cobra.Command) error {
	var faults config.Faults
	file, err := a.configFile(cmd)
	if err != nil && !errors.As(err, &faults) {
		return err
	}
	if file != nil {
		faults = append(faults, valueFaults(file)...)
	}
	if len(faults) == 0 {
		return a.page(func(w io.Writer) { describeConfig(w, file, a.shownConfig(), a.locale()) })
	}
	if err := a.page(func(w io.Writer) { fmt.Fprintln(w, render.Clean(faults.Sorted().Error())) }); err != nil {
		return err
	}
	return exitWith(report.ExitUsage)
}

// page writes to stdout what it is given, whole.
func (a *app) page(write func(io.Writer)) error {
	var text strings.Builder
	write(&text)
	if _, err := io.WriteString(a.stdout, text.String()); err != nil {
		return fail(a.stderr, err)
	}
	return nil
}

// valueFaults finds what is wrong with the values of a file, and with what comes
// together for an account, if each of that is right.
func valueFaults(file *config.File) config.Faults {
	var faults config.Faults
	add := func(at config.Place, err error) {
		faults = append(faults, &config.Fault{File: file.Name, Place: at, Text: err.Error()})
	}
	wrong := map[config.Place]bool{}
	for _, section := range slices.Concat([]config.Section{file.Defaults}, file.Accounts) {
		for _, s := range section.Settings {
			err := settingFlaw(s)
			if err == nil && s.Flag == "password-file" {
				err = (&checkFlags{passwordFile: s.Values[0]}).passwordFileFlaw()
			}
			if err != nil {
				wrong[s.Place] = true
				add(s.Place, err)
			}
		}
	}
	for _, account := range slices.Concat([]config.Section{{Place: file.Defaults.Place}}, file.Accounts) {
		applying := winning(map[string]bool{}, account, file.Defaults)
		if slices.ContainsFunc(applying, func(s config.Setting) bool { return wrong[s.Place] }) {
			continue
		}
		if err := settingFlaw(applying...); err != nil {
			add(account.Place, err)
		}
	}
	return faults
}

// describeConfig tells what a file without faults says. Commands may hold a
// secret, and are not shown.
func describeConfig(w io.Writer, file *config.File, usual string, tag lang.Tag) {
	if file.Name == "" {
		fmt.Fprintln(w, tag.Say("there is no config file: %s", usual))
		return
	}
	fmt.Fprintln(w, render.Clean(file.Name))
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	settings := func(all []config.Setting, own int) {
		for i, s := range all {
			value, from := strings.Join(s.Values, "  "), ""
			if slices.Contains(unshown, s.Flag) {
				value = tag.Say("(not shown)")
			}
			if i >= own {
				from = "\t[defaults]"
			}
			fmt.Fprintf(table, "  %s\t%s%s\n", s.Flag, render.Clean(value), from)
		}
		table.Flush()
	}
	if len(file.Defaults.Settings) > 0 {
		fmt.Fprint(w, "\nmailcheck ADDRESS\n")
		settings(file.Defaults.Settings, len(file.Defaults.Settings))
	}
	for _, account := range file.Accounts {
		fmt.Fprintf(w, "\nmailcheck %s: %s\n", account.Name, account.Address)
		settings(winning(map[string]bool{}, account, file.Defaults), len(account.Settings))
	}
	for _, s := range file.SignIns {
		fmt.Fprintf(w, "\nmailcheck login, %s\n", render.Clean(s.Name))
		settings(s.Settings, len(s.Settings))
	}
	fmt.Fprintf(w, "\n%s\n", tag.Say("no fault found"))
}
