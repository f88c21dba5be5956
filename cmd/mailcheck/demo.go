package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"mailcheck/creds"
	"mailcheck/internal/lab"
	"mailcheck/verify"
)

// The times of a demonstration: its servers are in this process, so that what
// takes longer than this has failed.
const (
	demoStep    = 5 * time.Second
	demoWait    = 5 * time.Second
	demoSilence = time.Second
)

// demoCommand runs the main job against the mail servers of internal/lab.
func (a *app) demoCommand() *cobra.Command {
	var fault string
	var list bool
	var output outputFlags
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "The main job against mail servers inside this program",
		Long: `The main job against mail servers inside this program: no account and no
network are needed. --fault breaks one thing; the run ends with that verdict's
exit status.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := envTwins(cmd.Flags(), a.env); err != nil {
				return err
			}
			if list {
				return a.listFaults()
			}
			return a.demo(cmd.Context(), fault, output)
		},
	}
	cmd.Flags().SortFlags = false
	cmd.Flags().StringVar(&fault, "fault", "", "break this: a `NAME` of --list")
	cmd.Flags().BoolVar(&list, "list", false, "name the faults, one a line")
	output.register(cmd.Flags())
	_ = cmd.RegisterFlagCompletionFunc("fault", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		var names []string
		for _, f := range lab.Faults() {
			names = append(names, f.Name)
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	})
	return cmd
}

// listFaults names the faults, one a line, each with the verdict it leads to.
func (a *app) listFaults() error {
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	for _, f := range lab.Faults() {
		verdict := "all is well"
		if f.Step != "" {
			verdict = fmt.Sprintf("%s %s", f.Step, f.Cause)
		}
		fmt.Fprintf(w, "%s\t%s\t%s, exit %d\n", f.Name, f.Result, verdict, f.ExitStatus)
	}
	return w.Flush()
}

func (a *app) demo(ctx context.Context, fault string, output outputFlags) error {
	if fault != "" {
		known := false
		for _, f := range lab.Faults() {
			known = known || f.Name == fault
		}
		if !known {
			return fmt.Errorf("there is no fault %q; mailcheck demo --list names them", fault)
		}
	}
	language, err := a.language(output)
	if err != nil {
		return err
	}
	servers, err := lab.Start(ctx, lab.Options{Fault: fault})
	if err != nil {
		return err
	}
	account, err := creds.ParseAddress(servers.Address())
	if err != nil {
		return err
	}
	err = a.verify(ctx, verify.Options{
		Account: account, Version: programVersion(), Lang: language, Roots: servers.Roots(), DNS: servers.DNSAddr(),
		Credentials: creds.Options{PasswordStdin: strings.NewReader(servers.Password() + "\n")},
		StepTimeout: demoStep, Wait: demoWait, Silence: demoSilence, Dial: servers.DialContext, Offline: true, Transcript: output.transcript != "",
	}, output)
	return errors.Join(err, servers.Close())
}
