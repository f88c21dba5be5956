package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"mailcheck/creds"
	"mailcheck/internal/lang"
	"mailcheck/internal/render"
	"mailcheck/report"
	"mailcheck/verify"
)

// check is the main job.
func (a *app) check(cmd *cobra.Command, f *checkFlags, arg string) error {
	_, account, err := a.begin(cmd, arg)
	if err != nil {
		return err
	}
	o, err := f.options(account.Address)
	if err != nil {
		return err
	}
	if err := f.secretFlaw(); err != nil {
		return err
	}
	if o.Lang, err = a.language(f.output); err != nil {
		return err
	}
	tag := lang.Tag(o.Lang)
	o.Credentials = f.sources(a.stdin)
	o.Credentials.Keyring = a.keyring(a.interactive(f.noInput))
	o.Credentials.CommandStdin, o.Credentials.CommandStderr = a.stdin, a.stderr
	o.QuietKeyring = creds.QuietKeyring()
	if a.interactive(f.noInput) {
		o.Credentials.Prompt = func(ctx context.Context) (creds.Secret, error) {
			return a.askSecret(ctx, o.Account, o.Credentials.Keyring, tag)
		}
		o.ConfirmHost = func(ctx context.Context, host string) bool {
			return a.confirm(ctx, tag.Say("%s is outside %s, and only unsigned DNS names it. Send it the password?",
				render.Clean(host), o.Account.Domain))
		}
	}
	return a.verify(cmd.Context(), o, f.output)
}

// verify runs a check, shows it while it goes on, and writes its report.
func (a *app) verify(ctx context.Context, o verify.Options, f outputFlags) error {
	address, to := o.Account.Address, o.To
	if o.Redact {
		address, to = report.Anonymous(address), report.Anonymous(to)
	}
	return a.perform(ctx, o, f, job{
		announcement: render.Announce(render.Plan{
			Lang:    lang.Tag(o.Lang),
			Address: address, Send: string(o.Send), To: to, Without: o.Leave, NoAuth: o.NoAuth, Keep: o.Keep,
			Scripts: o.Account.MixedScripts(), Domain: o.Account.Domain,
		}),
		checks: checks(o),
		run:    verify.Run,
		text:   render.Text,
	})
}

// useOneProcessor is for a command that mostly waits for the network: on several
// processors the little that there is to compute takes a fourth more, for waking
// them up, and no less time. Only after a failure, when the rules are read, it takes
// some milliseconds longer. Whoever sets GOMAXPROCS has it as they say.
func (a *app) useOneProcessor() {
	if _, set := a.env("GOMAXPROCS"); !set && a.processors != nil {
		a.processors(1)
	}
}

// checks are those that have a live line from the start.
func checks(o verify.Options) []string {
	all := []string{"settings", "dns", "creds", "imap", "pop3", "smtp", "delivery"}
	if o.MX {
		return append(all, report.MXCheck)
	}
	return all
}

// job is what a command that makes a report does.
type job struct {
	announcement string
	checks       []string // that have a live line from the start
	run          func(context.Context, verify.Options) (*report.Report, error)
	text         func(io.Writer, *report.Report, render.Options) error // its report for people
}

// perform runs a job, shows it while it goes on, and writes its report.
func (a *app) perform(ctx context.Context, o verify.Options, f outputFlags, j job) error {
	a.useOneProcessor()
	outputs, err := f.outputs()
	if err != nil {
		return err
	}
	plugin := onStdout(outputs) == "nagios"
	f.quiet = f.quiet || plugin // some monitors take stderr for a part of the output
	for i := range outputs {
		if outputs[i].format.Name == "text" {
			outputs[i].format.Write = j.text
		}
	}
	o.Abort = a.abort
	live := a.live(f, lang.Tag(o.Lang), j.announcement, j.checks...)
	o.Observe = live.Observe
	suspended(live, &o)
	rep, err := j.run(ctx, o)
	live.Stop()
	if err != nil {
		return err
	}
	err = a.write(ctx, rep, outputs, f, f.shape(o))
	switch {
	case plugin:
		return a.concludePlugin(rep, err)
	case err != nil:
		return err
	}
	return exitWith(rep.ExitCode)
}

// live begins the live output on stderr: the announcement, and on a terminal a
// line for each of the checks.
func (a *app) live(f outputFlags, tag lang.Tag, announcement string, checks ...string) *render.Live {
	opt := render.LiveOptions{Lang: tag, Out: a.stderr, Color: a.colours(a.stderr, f.noColor)}
	if f.quiet {
		opt.Out = io.Discard
		return render.NewLive(opt)
	}
	fmt.Fprint(a.stderr, announcement)
	if ci, _ := a.env("CI"); a.drawable(a.stderr) && ci == "" {
		fmt.Fprintln(a.stderr)
		opt.Width = func() int { return width(a.stderr) }
		opt.Checks = checks
	}
	return render.NewLive(opt)
}

// suspended stops the drawing while the user is asked something.
func suspended(live *render.Live, o *verify.Options) {
	if prompt := o.Credentials.Prompt; prompt != nil {
		o.Credentials.Prompt = func(ctx context.Context) (creds.Secret, error) {
			live.Suspend()
			defer live.Resume()
			return prompt(ctx)
		}
	}
	if confirm := o.ConfirmHost; confirm != nil {
		o.ConfirmHost = func(ctx context.Context, host string) bool {
			live.Suspend()
			defer live.Resume()
			return confirm(ctx, host)
		}
	}
}
