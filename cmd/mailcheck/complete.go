package main

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"mailcheck/internal/diagnose"
	"mailcheck/internal/lang"
	"mailcheck/internal/sasl"
)

// completeValues has the shell complete the values of the flags that take one of
// a few, in every command that has them. Those of a command's own come first.
func completeValues(cmd *cobra.Command) {
	for flag, values := range map[string][]string{
		"send":     {string(diagnose.SendMessage), string(diagnose.SendRcpt), string(diagnose.SendAuth), string(diagnose.SendNone)},
		"lang":     {string(lang.English), string(lang.Japanese)},
		"auth":     sasl.Names(),
		"output":   strings.Split(formatNames(), ", "),
		"protocol": diagnose.Protocols,
		"step":     diagnose.Steps,
	} {
		if cmd.Flags().Lookup(flag) != nil {
			_ = cmd.RegisterFlagCompletionFunc(flag, oneOf(values)) // an error when the command has its own
		}
	}
	for _, c := range cmd.Commands() {
		completeValues(c)
	}
}

// oneOf completes a value that is one of these; behind an "=" (json=FILE) the
// shell completes files.
func oneOf(values []string) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
		if strings.Contains(begun, "=") {
			return nil, cobra.ShellCompDirectiveDefault
		}
		return values, cobra.ShellCompDirectiveNoFileComp
	}
}

// describeFlags takes the back quotes off the usage of flags, in every command. They
// are for the help, which has the name of a value between them.
func describeFlags(cmd *cobra.Command) {
	cmd.Flags().VisitAll(func(f *pflag.Flag) { _, f.Usage = pflag.UnquoteUsage(f) })
	for _, c := range cmd.Commands() {
		describeFlags(c)
	}
}
