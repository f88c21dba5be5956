package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"mailcheck/creds"
	"mailcheck/internal/config"
	"mailcheck/internal/diagnose"
	"mailcheck/internal/lang"
	"mailcheck/internal/render"
	"mailcheck/report"
	"mailcheck/verify"
)

// batchFlags are the flags of a batch as a whole.
type batchFlags struct {
	jobs, perHost int
	loginGap      time.Duration
	failFast      bool
	resume        string
	check         checkFlags // of all accounts, and of the output
}

// notInBatch are flags of the main job that a batch has none of.
var notInBatch = []string{"password-stdin", "oauth-token-stdin", "verbose"}

// whyNotInBatch says why a batch has no such flag, and what to use instead. A
// shorthand stands here too.
var whyNotInBatch = map[string]string{
	"password-stdin":    "--password-stdin: standard input is one, and the accounts are many; use the keyring, a column password-file or password-command, or --password-file for all of them",
	"oauth-token-stdin": "--oauth-token-stdin: standard input is one, and the accounts are many; use the keyring (mailcheck login), or a column token-command",
	"verbose":           "--verbose: a batch shows a line for each account; -o json=FILE has every detail",
	"v":                 "-v: a batch shows a line for each account; -o json=FILE has every detail",
}

// batchFlagFlaw says what is wrong with a flag of a batch.
func batchFlagFlaw(_ *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if errors.As(err, &unknown) {
		if why, known := whyNotInBatch[unknown.GetSpecifiedName()]; known {
			return errors.New(why)
		}
	}
	return flagFlaw(err)
}

// wholeBatch are flags that are the same for all accounts: they shape the output,
// or say where flags come from.
var wholeBatch = []string{"output", "transcript", "redact", "lang", "quiet", "no-color", "config", "no-input"}

func (a *app) batchCommand() *cobra.Command {
	f := &batchFlags{}
	cmd := &cobra.Command{
		Use:   "batch FILE",
		Short: "Check many accounts, some at the same time",
		Long: `Checks the accounts of FILE. In CSV the first line names the columns: address,
and if wanted name, and flags of mailcheck ADDRESS without their dashes. A file
that ends in .toml is a config file, of which all accounts are checked. "-" is
CSV from standard input. Flags of the command line hold for every account. No
test message is sent without --send message.

The password of each account comes from the keyring, or from where its
password-file, password-command or token-command says. The file holds none.

Each line on standard output is an account that has ended; -o json makes it a
whole report, -o json=FILE writes those to FILE beside. --resume FILE checks what
FILE does not hold yet, and adds to it. docs/batch.md says it in full.

Exit status: 0 every account is well, 1 one failed or was not checked, 2 wrong
usage or a fault in FILE (nothing is checked then), 20 fault of mailcheck,
130 Ctrl-C.`,
		Example: `  mailcheck batch accounts.csv
  mailcheck batch accounts.csv --resume results.jsonl
  mailcheck batch ~/.config/mailcheck/config.toml --send message --fail-fast`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("batch needs one FILE, got %d", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return a.batch(cmd, f, args[0]) },
	}
	cmd.SetFlagErrorFunc(batchFlagFlaw)
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.IntVar(&f.jobs, "jobs", verify.DefaultJobs, "`N` accounts at the same time")
	flags.IntVar(&f.perHost, "per-host", verify.DefaultPerHost, "`N` accounts at the same mail server at the same time")
	flags.DurationVar(&f.loginGap, "login-gap", verify.DefaultLoginGap, "the time between two logins at the same mail server")
	flags.BoolVar(&f.failFast, "fail-fast", false, "begin no further account after one has failed")
	flags.StringVar(&f.resume, "resume", "", "leave out what `FILE` (JSON lines) holds already, and add to it")
	all := newFlags()
	f.check.register(all)
	all.VisitAll(func(flag *pflag.Flag) {
		if !slices.Contains(notInBatch, flag.Name) {
			flags.AddFlag(flag)
		}
	})
	f.check.setBatchDefaults()
	flags.Lookup("send").DefValue = f.check.send
	flags.Lookup("timeout").Usage = "limit for each account, --wait beside it"
	flags.Lookup("output").Usage = "`FORMAT[=FILE]`: text, or json (a report a line); may be given several times"
	flags.Lookup("transcript").Usage = "the dialogue of each connection, secrets masked, into the reports"
	flags.Lookup("no-share-address").DefValue = "true"
	flags.Lookup("quiet").Usage = "only the summary"
	_ = cmd.RegisterFlagCompletionFunc("output", oneOf(strings.Split(batchFormatNames(), ", ")))
	return cmd
}

// setBatchDefaults sets what is otherwise in a batch: no message is sent, and what
// is looked up over HTTP is asked for the domain, so that a domain is asked once.
func (f *checkFlags) setBatchDefaults() {
	f.send, f.noShareAddress = string(diagnose.SendRcpt), true
}

// batch checks the accounts of a file.
func (a *app) batch(cmd *cobra.Command, f *batchFlags, name string) error {
	b, err := a.prepareBatch(cmd, f, name)
	if err != nil {
		return err
	}
	defer b.close()
	fmt.Fprint(a.stderr, b.announcement())
	opt := render.LiveOptions{Lang: b.tag, Out: a.stderr, Color: a.colours(a.stderr, f.check.output.noColor)}
	if f.check.output.quiet {
		opt.Out = io.Discard
	} else if ci, _ := a.env("CI"); a.drawable(a.stderr) && ci == "" {
		opt.Width = func() int { return width(a.stderr) }
	}
	b.live = render.NewBatchLive(opt, b.todo)
	begin := time.Now()
	err = verify.Batch(cmd.Context(), b.items(a.abort), verify.BatchOptions{
		Jobs: f.jobs, PerHost: f.perHost, LoginGap: f.loginGap,
		Begin: func(verify.Item) { b.live.Begin() },
		End:   b.ended,
	})
	b.live.Stop()
	if err != nil {
		return err
	}
	b.tally.Took, b.tally.Left = time.Since(begin), b.todo-b.tally.Ended()
	return b.finish(cmd.Context())
}

// batchJob is a batch in progress.
type batchJob struct {
	app     *app
	flags   *batchFlags
	tag     lang.Tag
	file    *batchFile
	given   []config.Setting // of the command line and the environment, for every account
	pools   pools
	outputs []*batchOutput
	done    *doneAccounts // nil: none
	live    *render.BatchLive

	todo     int // accounts that are to be checked
	messages int // of them, those that a message is sent for
	tally    render.Tally
	fault    *verify.Fault // of an account
	writing  error         // a result could not be written
}

// prepareBatch reads and judges all that is given. Nothing is sent before its
// end, nor any file written.
func (a *app) prepareBatch(cmd *cobra.Command, f *batchFlags, name string) (*batchJob, error) {
	if err := envTwins(cmd.Flags(), formatsOf(a.env, inBatch)); err != nil {
		return nil, err
	}
	if secret, _ := a.env(creds.EnvPassword); secret != "" {
		return nil, fmt.Errorf("%s: one password is not that of many accounts; unset it, or name a file for all of them with --password-file", creds.EnvPassword)
	}
	b := &batchJob{app: a, flags: f, pools: pools{}}
	var err error
	if b.file, err = a.openBatch(cmd, name); err != nil {
		return nil, err
	}
	if err = b.prepare(cmd); err != nil {
		b.close()
		return nil, err
	}
	return b, nil
}

func (b *batchJob) prepare(cmd *cobra.Command) error {
	b.given = changed(cmd.Flags())
	whole := b.file.defaults
	whole.Settings = slices.DeleteFunc(slices.Clone(whole.Settings), func(s config.Setting) bool {
		return !slices.Contains(wholeBatch, s.Flag) || s.Flag == "output" || s.Flag == "transcript"
	})
	if err := b.app.settle(cmd.Flags(), &config.File{Name: b.file.name}, whole); err != nil {
		return err
	}
	f := b.flags
	switch {
	case f.jobs < 1, f.perHost < 1:
		return errors.New("--jobs and --per-host are at least 1")
	case f.loginGap < 0:
		return errors.New("--login-gap must not be negative")
	case f.check.output.transcript != "" && f.check.output.transcript != "-":
		return errors.New("--transcript: the dialogues of a batch are part of its JSON reports; give it without a file")
	}
	if _, err := f.check.options(anybody); err != nil {
		return err
	}
	if err := f.check.secretFlaw(); err != nil {
		return err
	}
	language, err := b.app.language(f.check.output)
	if err != nil {
		return err
	}
	b.tag = lang.Tag(language)
	outputs, err := b.formats()
	if err != nil {
		return err
	}
	if f.resume != "" {
		if b.done, err = readDone(f.resume); err != nil {
			return err
		}
	}
	if err := b.judge(); err != nil {
		return err
	}
	b.outputs = outputs
	return b.open(cmd.Context())
}

// announcement says what is about to be done.
func (b *batchJob) announcement() string {
	if b.flags.check.output.quiet {
		return ""
	}
	all := []string{b.tag.Say("Accounts to check: %d, at most %d at the same time.", b.todo, b.flags.jobs)}
	if b.tally.Before > 0 {
		all = append(all, b.tag.Say("Done already: %d.", b.tally.Before))
	}
	if b.messages > 0 {
		all = append(all, b.tag.Say("A test message is sent for: %d.", b.messages))
	}
	return render.Lines(b.tag, append(all, b.tag.Say("Ctrl-C stops at any time."))...)
}

// ended takes in how an account came out, and tells whether others may begin.
func (b *batchJob) ended(item verify.Item, rep *report.Report, err error) (goOn bool) {
	var account render.Account
	if err != nil {
		masked := &report.Report{Address: item.Options.Account.Address}
		if item.Options.Redact {
			report.NewRedaction(masked, nil).Names(masked)
		}
		account = render.Account{Name: item.Name, Address: masked.Address, Result: report.Fail, Words: err.Error()}
		errors.As(err, &b.fault)
	} else {
		account = render.AccountOf(rep)
	}
	b.tally.Add(account)
	err = b.live.End(account, func() error { return b.write(account, rep) })
	if b.writing == nil { // those that run still fail in the same way
		b.writing = err
	}
	return b.writing == nil && (account.Result != report.Fail || !b.flags.failFast)
}

// finish writes what stands at the end, and returns what the batch ends with.
func (b *batchJob) finish(ctx context.Context) error {
	summed := false
	for _, o := range b.outputs {
		if o.format.End != nil && b.writing == nil {
			b.writing = o.format.End(o.to, &b.tally, o.options)
			summed = true
		}
	}
	if !summed && !b.flags.check.output.quiet {
		opt := render.BatchOptions{Lang: b.tag}
		opt.Color = b.app.colours(b.app.stderr, b.flags.check.output.noColor)
		_ = render.BatchSummary(b.app.stderr, &b.tally, opt) // as all that goes there
	}
	switch {
	case b.fault != nil:
		return b.fault
	case b.writing != nil:
		return fail(b.app.stderr, b.writing)
	case ctx.Err() != nil:
		return exitWith(report.ExitInterrupted)
	case b.tally.Count(report.Fail)+b.tally.Count(report.Skip)+b.tally.BeforeFailed > 0:
		return exitWith(report.ExitAccounts)
	}
	return nil
}

// changed are the flags that were given.
func changed(flags *pflag.FlagSet) []config.Setting {
	var given []config.Setting
	flags.Visit(func(f *pflag.Flag) {
		s := config.Setting{Flag: f.Name, Values: []string{f.Value.String()}}
		if list, ok := f.Value.(pflag.SliceValue); ok {
			s.Values = list.GetSlice()
		}
		given = append(given, s)
	})
	return given
}
