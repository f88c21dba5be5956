package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"mailcheck/creds"
	"mailcheck/internal/lang"
	"mailcheck/internal/render"
	"mailcheck/internal/sasl"
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
	if o.Lang, err = a.language(f.output); err != nil {
		return err
	}
	tag := lang.Tag(o.Lang)
	o.Credentials = creds.Options{
		PasswordFile:    f.passwordFile,
		PasswordCommand: f.passwordCommand,
		TokenCommand:    f.tokenCommand,
		Keyring:         a.keyring(a.interactive(f.noInput)),
		CommandStdin:    a.stdin,
		CommandStderr:   a.stderr,
	}
	o.QuietKeyring = creds.QuietKeyring()
	if f.passwordStdin {
		o.Credentials.PasswordStdin = a.stdin
	}
	if f.tokenStdin {
		o.Credentials.TokenStdin = a.stdin
	}
	if kind, ok := sasl.KindOf(f.auth); ok {
		o.Credentials.Kind = kind
	}
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
	return a.perform(ctx, o, f, job{
		announcement: render.Announce(render.Plan{
			Lang:    lang.Tag(o.Lang),
			Address: o.Account.Address, Send: string(o.Send), To: o.To, Without: o.Leave, NoAuth: o.NoAuth, Keep: o.Keep,
			Scripts: o.Account.MixedScripts(), Domain: o.Account.Domain,
		}),
		checks: []string{"settings", "dns", "creds", "imap", "pop3", "smtp", "delivery"},
		run:    verify.Run,
		text:   render.Text,
	})
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
	outputs, err := f.outputs()
	if err != nil {
		return err
	}
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
	if err := a.write(rep, outputs, f); err != nil {
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

// output is one place that a report goes to.
type output struct {
	format render.Format
	file   string // empty: stdout
}

// outputs reads --output. When none goes to stdout, the text does.
func (f *outputFlags) outputs() ([]output, error) {
	var out []output
	for _, o := range f.formats {
		name, file, toFile := strings.Cut(o, "=")
		i := slices.IndexFunc(render.Formats, func(r render.Format) bool { return r.Name == name })
		switch {
		case i < 0:
			return nil, fmt.Errorf("--output: there is no format %q", name)
		case toFile && file == "":
			return nil, fmt.Errorf("--output %s: the file has no name", o)
		case !toFile && slices.ContainsFunc(out, func(o output) bool { return o.file == "" }):
			return nil, errors.New("--output: only one format can go to standard output")
		}
		out = append(out, output{render.Formats[i], file})
	}
	if !slices.ContainsFunc(out, func(o output) bool { return o.file == "" }) {
		out = append(out, output{format: render.Formats[0]})
	}
	for i, o := range out {
		if o.file == "" {
			continue
		}
		if slices.ContainsFunc(out[:i], func(p output) bool { return p.file == o.file }) {
			return nil, fmt.Errorf("--output: %s is named twice", o.file)
		}
		if err := writable(o.file); err != nil {
			return nil, fmt.Errorf("--output: %w", err)
		}
	}
	if f.transcript != "" && f.transcript != "-" {
		if err := writable(f.transcript); err != nil {
			return nil, fmt.Errorf("--transcript: %w", err)
		}
	}
	return out, nil
}

// writable tells before a run whether a file can be written after it.
func writable(name string) error {
	info, err := os.Stat(name)
	switch {
	case err == nil && info.IsDir():
		return fmt.Errorf("%s is a directory", name)
	case err == nil:
		return nil
	}
	if info, err = os.Stat(filepath.Dir(name)); err == nil && !info.IsDir() {
		return fmt.Errorf("%s is no directory", filepath.Dir(name))
	}
	return err
}

// write writes the report to each output, and the transcript to its file.
func (a *app) write(rep *report.Report, outputs []output, f outputFlags) error {
	if f.transcript != "" && f.transcript != "-" {
		if err := replaceFile(f.transcript, func(w io.Writer) error { return writeTranscript(w, rep) }); err != nil {
			return fail(a.stderr, err)
		}
		for _, c := range rep.Checks {
			c.Transcript = nil
		}
	}
	opt := render.Options{}
	switch {
	case f.quiet:
		opt.Verbosity = render.Quiet
	case f.verbose:
		opt.Verbosity = render.Verbose
	}
	var failed error
	for _, o := range outputs {
		var err error
		if o.file != "" {
			err = replaceFile(o.file, func(w io.Writer) error { return o.format.Write(w, rep, opt) })
		} else {
			shown := opt
			shown.Color = a.colours(a.stdout, f.noColor)
			err = o.format.Write(a.stdout, rep, shown)
		}
		if err != nil {
			failed = fail(a.stderr, err)
		}
	}
	return failed
}

// fail reports that a result could not be written, which is no fault of the
// account's.
func fail(stderr io.Writer, err error) error {
	fmt.Fprintf(stderr, "mailcheck: %v\n", err)
	return exitWith(report.ExitInternal)
}

func writeTranscript(w io.Writer, rep *report.Report) error {
	for _, c := range rep.Checks {
		for _, line := range c.Transcript {
			if _, err := fmt.Fprintf(w, "%s %s\n", c.ID, render.Clean(line)); err != nil {
				return err
			}
		}
	}
	return nil
}

// replaceFile writes a file beside its place and renames it, so that nobody
// ever reads half of it. What is no regular file (/dev/stderr, a pipe) is
// written as it is.
func replaceFile(name string, write func(io.Writer) error) error {
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		f, err := os.OpenFile(name, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		return errors.Join(write(f), f.Close())
	}
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-*")
	if err != nil {
		return err
	}
	renamed := false
	defer func() { // also when write panics
		if !renamed {
			_ = f.Close() // the first error is the one to tell
			_ = os.Remove(f.Name())
		}
	}()
	if err := write(f); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), name); err != nil {
		return err
	}
	renamed = true
	return nil
}
