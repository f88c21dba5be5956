package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"mailcheck/internal/lab"
	"mailcheck/report"
	"mailcheck/verify"
)

// The times of a demonstration: its servers are in this process, so that what
// takes longer than this has failed.
const (
	demoStep    = 5 * time.Second
	demoWait    = 5 * time.Second
	demoSilence = time.Second
)

// demoFlags are the flags of demo.
type demoFlags struct {
	provider, fault string
	list            bool
	output          outputFlags
}

// demoCommand runs the main job against the mail servers of internal/lab.
func (a *app) demoCommand() *cobra.Command {
	var f demoFlags
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "The main job against mail servers inside this program",
		Long: `The main job against mail servers inside this program: no account and no
network are needed. --provider makes them play a mail provider, --fault breaks
one thing; the run ends with that verdict's exit status.

Providers:
  ` + strings.Join(providerNames(), "\n  "),
		Example: `  mailcheck demo --fault smtp-login-refused
  mailcheck demo --provider gmail --list
  mailcheck demo --provider gmail --fault app-password`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := envTwins(cmd.Flags(), a.env); err != nil {
				return err
			}
			if err := f.check(); err != nil {
				return err
			}
			if f.list {
				if err := a.listFaults(f.provider); err != nil {
					return fail(a.stderr, err)
				}
				return nil
			}
			return a.demo(cmd.Context(), f)
		},
	}
	cmd.Flags().SortFlags = false
	cmd.Flags().StringVar(&f.provider, "provider", "", "play this provider, by its `NAME`")
	cmd.Flags().StringVar(&f.fault, "fault", "", "break this: a `NAME` of --list, with --provider of its own")
	cmd.Flags().BoolVar(&f.list, "list", false, "name the faults, one a line, with --provider its own")
	f.output.register(cmd.Flags())
	complete := func(names func() []string) cobra.CompletionFunc {
		return func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return names(), cobra.ShellCompDirectiveNoFileComp
		}
	}
	_ = cmd.RegisterFlagCompletionFunc("fault", complete(func() []string { return faultNames(f.provider) }))
	_ = cmd.RegisterFlagCompletionFunc("provider", complete(providerNames))
	return cmd
}

// check tells whether the lab has the provider and the fault.
func (f *demoFlags) check() error {
	if f.provider != "" && !slices.Contains(providerNames(), f.provider) {
		return fmt.Errorf("there is no provider %q in the demonstration; there are %s", f.provider, strings.Join(providerNames(), ", "))
	}
	if f.fault == "" || slices.Contains(faultNames(f.provider), f.fault) {
		return nil
	}
	list := "mailcheck demo --list"
	if f.provider != "" {
		list = "mailcheck demo --provider " + f.provider + " --list"
	}
	return fmt.Errorf("there is no fault %q; %s names them", f.fault, list)
}

func providerNames() []string {
	var names []string
	for _, p := range lab.Profiles() {
		names = append(names, p.Name)
	}
	return names
}

// faultNames are the faults of a provider, or without one those of the lab.
func faultNames(provider string) []string {
	var names []string
	if p, ok := lab.FindProfile(provider); ok {
		for _, f := range p.Faults {
			names = append(names, f.Name)
		}
		return names
	}
	for _, f := range lab.Faults() {
		names = append(names, f.Name)
	}
	return names
}

// listFaults names the faults, one a line, each with the verdict it leads to:
// those of a provider, or without one those of the lab.
func (a *app) listFaults(provider string) error {
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	line := func(name string, result report.Result, step string, cause report.Cause, exit int) {
		verdict := "all is well"
		if step != "" {
			verdict = fmt.Sprintf("%s %s", step, cause)
		}
		fmt.Fprintf(w, "%s\t%s\t%s, exit %d\n", name, result, verdict, exit)
	}
	if p, ok := lab.FindProfile(provider); ok {
		for _, f := range p.Faults {
			line(f.Name, f.Result, f.Step, f.Cause, f.ExitStatus)
		}
		return w.Flush()
	}
	for _, f := range lab.Faults() {
		line(f.Name, f.Result, f.Step, f.Cause, f.ExitStatus)
	}
	return w.Flush()
}

func (a *app) demo(ctx context.Context, f demoFlags) error {
	language, err := a.language(f.output)
	if err != nil {
		return err
	}
	servers, err := lab.Start(ctx, lab.Options{Provider: f.provider, Fault: f.fault})
	if err != nil {
		return err
	}
	o, err := demoOptions(servers)
	if err != nil {
		return errors.Join(err, servers.Close())
	}
	o.Lang, o.Transcript, o.Redact = language, f.output.transcript != "", f.output.redact
	if f.provider != "" && !f.output.quiet {
		fmt.Fprintln(a.stderr, strings.Join(slices.Concat([]string{"$ mailcheck"}, servers.Flags(), []string{servers.Address()}), " "))
	}
	return errors.Join(a.verify(ctx, o, f.output), servers.Close())
}

// demoOptions are the options of a check of the lab's account, by the flags
// that its user would give.
func demoOptions(servers *lab.Lab) (verify.Options, error) {
	var given checkFlags
	flags := newFlags()
	given.register(flags)
	if err := flags.Parse(servers.Flags()); err != nil {
		return verify.Options{}, err
	}
	o, err := given.options(servers.Address())
	o.Roots, o.DNS, o.Dial = servers.Roots(), servers.DNSAddr(), servers.DialContext
	o.Offline = !o.MX // a policy is fetched; whatever else is asked for leads into the lab too
	o.StepTimeout, o.Wait, o.Silence = demoStep, demoWait, demoSilence
	if given.tokenStdin {
		o.Credentials.TokenStdin = strings.NewReader(servers.Token() + "\n")
	} else {
		o.Credentials.PasswordStdin = strings.NewReader(servers.Password() + "\n")
	}
	return o, err
}
