package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"mailcheck/creds"
	"mailcheck/internal/config"
	"mailcheck/internal/crash"
	"mailcheck/internal/diagnose"
	"mailcheck/report"
	"mailcheck/verify"
)

const (
	// maxTable bounds a table from standard input, which is kept in a file, in
	// bytes: a hundred thousand accounts with many flags each.
	maxTable = 64 << 20
	// maxFaults is how many faults of a file are told.
	maxFaults = 50
)

// batchFile is where the accounts of a batch stand. It is read twice, once to
// judge it and once to go by, so that none of a table's rows need be kept.
type batchFile struct {
	name     string
	defaults config.Section
	accounts []config.Section // of a config file
	table    *os.File         // CSV; nil for a config file
	keys     config.Keys      // of its columns
	spooled  bool
}

// openBatch opens a file of accounts: a config file, or a table, for which the
// defaults of the usual config file hold.
func (a *app) openBatch(cmd *cobra.Command, name string) (*batchFile, error) {
	if strings.EqualFold(filepath.Ext(name), ".toml") {
		file, err := config.Read(name, configKeys(cmd.Root()))
		if err != nil {
			return nil, err
		}
		return &batchFile{name: name, defaults: file.Defaults, accounts: file.Accounts}, nil
	}
	usual, err := a.configFile(cmd)
	if err != nil {
		return nil, err
	}
	f := &batchFile{name: name, defaults: usual.Defaults, keys: tableKeys()}
	if name != "-" {
		f.table, err = config.Open(name)
		return f, err
	}
	f.name, f.spooled = "standard input", true
	f.table, err = spool(cmd.Context(), a.stdin)
	return f, err
}

// tableKeys are what the columns of a table may be.
func tableKeys() config.Keys {
	flags := newFlags()
	job := newFlags()
	new(checkFlags).register(job)
	keys := config.Keys{Account: flags, Inputs: inputs, Exclusive: exclusive}
	job.VisitAll(func(f *pflag.Flag) {
		switch {
		case slices.Contains(wholeBatch, f.Name), slices.Contains(notInBatch, f.Name):
			keys.Elsewhere = append(keys.Elsewhere, f.Name)
		default:
			flags.AddFlag(f)
		}
	})
	return keys
}

// spool keeps what can be read only once in a file that is removed with it.
func spool(ctx context.Context, in io.Reader) (*os.File, error) {
	f, err := os.CreateTemp("", "mailcheck-batch-*")
	if err != nil {
		return nil, err
	}
	copied := make(chan error, 1)
	go crash.Guard(ctx, func() {
		n, err := io.Copy(f, io.LimitReader(in, maxTable+1))
		if err == nil && n > maxTable {
			err = fmt.Errorf("standard input is longer than %d MiB", maxTable>>20)
		}
		copied <- err
	})()
	select {
	case err = <-copied:
	case <-ctx.Done():
		err = exitWith(report.ExitInterrupted)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close(), os.Remove(f.Name()))
	}
	return f, nil
}

// close ends the reading.
func (f *batchFile) close() {
	if f.table != nil {
		_ = f.table.Close() // it was read
	}
	if f.spooled {
		_ = os.Remove(f.table.Name())
	}
}

// rows are the accounts, each with what is wrong with its row.
func (f *batchFile) rows() iter.Seq2[config.Section, error] {
	return func(yield func(config.Section, error) bool) {
		for _, account := range f.accounts {
			if !yield(account, nil) {
				return
			}
		}
		if f.table == nil {
			return
		}
		if _, err := f.table.Seek(0, io.SeekStart); err != nil {
			yield(config.Section{}, err)
			return
		}
		table, err := config.NewTable(f.name, f.table, f.keys)
		if err != nil {
			yield(config.Section{}, err)
			return
		}
		for {
			account, err := table.Next()
			if errors.Is(err, io.EOF) || !yield(account, err) {
				return
			}
		}
	}
}

// judge goes through the whole file before anything is done, and tells all that
// is wrong with it.
func (b *batchJob) judge() error {
	var faults config.Faults
	add := func(at config.Place, err error) {
		faults = append(faults, &config.Fault{File: b.file.name, Place: at, Text: err.Error()})
	}
	for _, s := range b.file.defaults.Settings {
		if err := settingFlaw(s); err != nil {
			add(s.Place, err)
		}
	}
	lines := map[uint64]int{} // where an account stands, by its key
	seed := maphash.MakeSeed()
	for row, err := range b.file.rows() {
		var wrong config.Faults
		switch {
		case errors.As(err, &wrong):
			faults = append(faults, wrong...)
		case err != nil:
			return err
		default:
			item, err := b.item(row)
			if err != nil {
				b.blame(row, err, add)
				break
			}
			if row.Name == "" && b.done != nil && item.Options.Redact {
				add(row.Place, errors.New("with --redact and --resume an account needs a name: a masked address is not known again"))
			}
			key := maphash.String(seed, keyOf(row.Name, item.Options.Account.Address))
			if first, again := lines[key]; again {
				add(row.Place, fmt.Errorf("this account stands in line %d already; give one of them another name", first))
			}
			lines[key] = row.Line
			b.count(item)
		}
		if len(faults) > maxFaults {
			faults = append(faults[:maxFaults], &config.Fault{File: b.file.name, Text: "and more; the rest is not looked at"})
			return faults
		}
	}
	switch {
	case faults != nil:
		return faults.Sorted()
	case len(lines) == 0:
		return fmt.Errorf("%s: it has no account", b.file.name)
	}
	return nil
}

// count notes what there is to do for an account.
func (b *batchJob) count(item verify.Item) {
	if failed, is := b.done.has(item); is {
		b.tally.Before++
		if failed {
			b.tally.BeforeFailed++
		}
		return
	}
	b.todo++
	o := item.Options
	if o.Send == diagnose.SendMessage && !o.NoAuth && !slices.Contains(o.Leave, report.SMTP) {
		b.messages++
	}
}

// blame tells what is wrong with a row at its settings, or where each of them is
// right, at the row itself.
func (b *batchJob) blame(row config.Section, err error, add func(config.Place, error)) {
	at := row.Place
	for _, s := range row.Settings {
		if flaw := settingFlaw(s); flaw != nil {
			at, err = s.Place, flaw
			break
		}
	}
	add(at, err)
}

// items are the accounts that are to be checked.
func (b *batchJob) items(abort context.Context) iter.Seq[verify.Item] {
	return func(yield func(verify.Item) bool) {
		for row, err := range b.file.rows() {
			if err != nil {
				continue // it was right a moment ago: somebody changes the file
			}
			item, err := b.item(row)
			if err != nil {
				continue
			}
			if _, is := b.done.has(item); is {
				continue
			}
			item.Options.Abort = abort
			if !yield(item) {
				return
			}
		}
	}
}

// item is how an account is checked: the command line goes before the account,
// the account before the defaults.
func (b *batchJob) item(row config.Section) (verify.Item, error) {
	var f checkFlags
	flags := newFlags()
	f.register(flags)
	f.setBatchDefaults()
	given := map[string]bool{}
	for _, s := range b.given {
		given[s.Flag] = s.Values[0] != "false"
	}
	for _, s := range slices.Concat(b.given, winning(given, row, b.file.defaults)) {
		if flags.Lookup(s.Flag) == nil || slices.Contains(wholeBatch, s.Flag) {
			continue // of the batch, or of another command
		}
		for _, value := range s.Values {
			if err := flags.Set(s.Flag, value); err != nil {
				return verify.Item{}, flagFlaw(err)
			}
		}
	}
	o, err := f.options(row.Address)
	if err != nil {
		return verify.Item{}, err
	}
	if err := f.passwordFileFlaw(); err != nil {
		return verify.Item{}, err
	}
	o.Roots = b.pools.one(f.caFile, o.Roots)
	output := b.flags.check.output
	o.Lang, o.Transcript, o.Redact = string(b.tag), output.transcript != "", output.redact
	o.Credentials = f.sources(nil)
	o.Credentials.Env, o.Credentials.Keyring, o.Credentials.Limit = b.app.env, b.app.keyring(false), o.Timeout
	o.Credentials.CommandStdin, o.Credentials.CommandStderr = strings.NewReader(""), b.app.stderr
	o.QuietKeyring = creds.QuietKeyring()
	return verify.Item{Name: row.Name, Options: o}, nil
}

// pools are the root certificates of files, read for many accounts.
type pools map[string]*x509.CertPool

// one is the first that was read of a file, so that accounts are seen to trust
// the same.
func (p pools) one(file string, read *x509.CertPool) *x509.CertPool {
	if p[file] == nil && len(p) < maxPools {
		p[file] = read
	}
	if known := p[file]; known != nil {
		return known
	}
	return read
}

// maxPools bounds them: a pool has some hundred certificates.
const maxPools = 16

// keyOf tells an account from the others of a batch: its name, else its address,
// in lower case as in the keyring.
func keyOf(name, address string) string {
	if name != "" {
		return "name " + name
	}
	return "address " + strings.ToLower(address)
}
