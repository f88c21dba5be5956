package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"mailcheck/internal/render"
	"mailcheck/report"
	"mailcheck/verify"
)

// maxResult bounds a line of a results file, in bytes. A report with all its
// transcripts has less than one.
const maxResult = 16 << 20

// batchOutput is one place that a batch is written to.
type batchOutput struct {
	format  render.BatchFormat
	name    string // of the file; empty: stdout
	to      io.Writer
	file    *os.File // nil: stdout
	options render.BatchOptions
}

// formats reads --output, and adds the file of --resume.
func (b *batchJob) formats() ([]*batchOutput, error) {
	f := &b.flags.check.output
	all, err := f.outputs()
	if err != nil {
		return nil, err
	}
	var outputs []*batchOutput
	for _, o := range all {
		i := slices.IndexFunc(render.BatchFormats, func(r render.BatchFormat) bool { return r.Name == o.format.Name })
		if i < 0 {
			return nil, fmt.Errorf("--output: a batch cannot be written as %s; there are %s", o.format.Name, batchFormatNames())
		}
		switch {
		case o.file == "":
		case sameFile(o.file, b.flags.resume):
			if o.format.Name != "json" {
				return nil, fmt.Errorf("--output: %s is the file of --resume, which holds JSON lines; name another file for %s", o.file, o.format.Name)
			}
			continue
		case sameFile(o.file, b.file.name):
			return nil, fmt.Errorf("--output: %s has the accounts, and would be written over", o.file)
		}
		outputs = append(outputs, &batchOutput{format: render.BatchFormats[i], name: o.file})
	}
	if b.flags.resume != "" {
		if err := writable(b.flags.resume); err != nil {
			return nil, fmt.Errorf("--resume: %w", err)
		}
		i := slices.IndexFunc(render.BatchFormats, func(r render.BatchFormat) bool { return r.Name == "json" })
		outputs = append(outputs, &batchOutput{format: render.BatchFormats[i], name: b.flags.resume})
	}
	return outputs, nil
}

// sameFile tells whether two names are those of one file.
func sameFile(name, other string) bool {
	a, err := os.Stat(name)
	b, otherErr := os.Stat(other)
	if err != nil || otherErr != nil {
		return filepath.Clean(name) == filepath.Clean(other) && other != ""
	}
	return os.SameFile(a, b)
}

// inBatch tells an output that a batch can be written as.
func inBatch(output string) bool {
	format, _, _ := strings.Cut(output, "=")
	return slices.ContainsFunc(render.BatchFormats, func(r render.BatchFormat) bool { return r.Name == format })
}

func batchFormatNames() string {
	var names []string
	for _, f := range render.BatchFormats {
		names = append(names, f.Name)
	}
	return strings.Join(names, ", ")
}

// open opens what is written to. The file of --resume keeps what it holds.
func (b *batchJob) open(ctx context.Context) error {
	f := b.flags.check.output
	for _, o := range b.outputs {
		o.options = render.BatchOptions{Lang: b.tag}
		if f.quiet {
			o.options.Verbosity = render.Quiet
		}
		if o.name == "" {
			o.to, o.options.Color = b.app.stdout, b.app.colours(b.app.stdout, f.noColor)
			continue
		}
		how := os.O_TRUNC
		if o.name == b.flags.resume {
			how = 0
			if err := b.done.mend(o.name); err != nil {
				return err
			}
		}
		var err error
		if o.to, o.file, err = openResults(ctx, o.name, how); errors.Is(err, errUnread) {
			return fail(b.app.stderr, err)
		} else if err != nil {
			return err
		}
	}
	return nil
}

// openResults opens a file that lines are added to. One that is stdout or stderr
// already is left as it is, and not for us to close.
func openResults(ctx context.Context, name string, how int) (io.Writer, *os.File, error) {
	if info, err := os.Stat(name); err == nil {
		if stream := standard(info); stream != nil {
			return stream, nil, nil
		}
		if !info.Mode().IsRegular() {
			f, err := openAsItIs(ctx, name, info, os.O_APPEND)
			return f, f, err
		}
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_APPEND|how, 0o666)
	return f, f, err
}

// write writes an account that has ended to every output, a whole line at a
// time, so that a run that is killed leaves what it has done.
func (b *batchJob) write(account render.Account, rep *report.Report) error {
	var failed error
	for _, o := range b.outputs {
		failed = errors.Join(failed, o.format.Account(o.to, account, rep, o.options))
	}
	return failed
}

// close closes what was opened.
func (b *batchJob) close() {
	b.file.close()
	for _, o := range b.outputs {
		if o.file != nil {
			_ = o.file.Close() // nothing of it is held back by us
		}
	}
}

// doneAccounts are the accounts that a results file holds to their end, as
// hashes: however many they are, they need little.
type doneAccounts struct {
	seed   maphash.Seed
	failed map[uint64]bool // by the account's key
	torn   int64           // where a last line begins that is not whole; -1: nowhere
	open   bool            // the last line is whole, but for its line feed
}

// result is what is read of a report.
type result struct {
	Schema   string
	Name     string
	Address  string
	ExitCode int `json:"exit_code"`
	Verdict  struct{ Cause report.Cause }
}

// final tells an account that need not be checked again: it was neither stopped
// nor held back for the sake of its server.
func (r result) final() bool {
	return r.ExitCode != report.ExitInterrupted && r.ExitCode != report.ExitInternal && r.Verdict.Cause != report.AuthLimitReached
}

// readDone reads a results file; one that is not there holds nothing. Of several
// lines of an account the last counts. A last line without its end is one that a
// killed run was writing, unless it only lacks the line feed.
func readDone(name string) (*doneAccounts, error) {
	d := &doneAccounts{seed: maphash.MakeSeed(), failed: map[uint64]bool{}, torn: -1}
	if info, err := os.Stat(name); err == nil && info.Mode()&os.ModeNamedPipe != 0 {
		return nil, fmt.Errorf("--resume: %s is a pipe, which holds nothing", name)
	}
	file, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return d, nil
	}
	if err != nil {
		return nil, fmt.Errorf("--resume: %w", err)
	}
	defer file.Close()
	lines := bufio.NewReaderSize(file, 64<<10)
	var line []byte
	at := int64(0)
	for number := 1; ; number++ {
		line = line[:0]
		for {
			part, err := lines.ReadSlice('\n')
			line = append(line, part...)
			switch {
			case errors.Is(err, io.EOF) && len(line) > 0:
				if d.take(line) == nil {
					d.open = true
					return d, nil
				}
				if !begun(line) {
					return nil, fmt.Errorf("--resume: %s:%d: %w", name, number, errNoResult)
				}
				d.torn = at
				return d, nil
			case errors.Is(err, io.EOF):
				return d, nil
			case errors.Is(err, bufio.ErrBufferFull) && len(line) <= maxResult:
				continue
			case err != nil:
				return nil, fmt.Errorf("--resume: %s:%d: %w", name, number, err)
			}
			break
		}
		at += int64(len(line))
		if err := d.take(line); err != nil {
			return nil, fmt.Errorf("--resume: %s:%d: %w", name, number, err)
		}
	}
}

// errNoResult is a line that is none of a results file.
var errNoResult = errors.New("this is no line of -o json of a batch; take it out, or name another file")

// resultBegins is how a line of a results file begins.
const resultBegins = `{"schema":"` + report.Schema + `",`

// begun tells whether a line without its end is the beginning of one of a results
// file. Whatever else it is, is not ours to take off a file.
func begun(line []byte) bool {
	n := min(len(line), len(resultBegins))
	return string(line[:n]) == resultBegins[:n]
}

// take takes in a line.
func (d *doneAccounts) take(line []byte) error {
	var r result
	if len(bytes.TrimSpace(line)) == 0 {
		return nil
	}
	if err := json.Unmarshal(line, &r); err != nil || r.Schema != report.Schema || r.Address == "" {
		return errNoResult
	}
	key := maphash.String(d.seed, keyOf(r.Name, r.Address))
	if r.final() {
		d.failed[key] = r.ExitCode != report.ExitOK
	} else {
		delete(d.failed, key)
	}
	return nil
}

// has tells whether an account is done, and whether it had failed.
func (d *doneAccounts) has(item verify.Item) (failed, is bool) {
	if d == nil {
		return false, false
	}
	failed, is = d.failed[maphash.String(d.seed, keyOf(item.Name, item.Options.Account.Address))]
	return failed, is
}

// mend has the file end with a whole line: a torn one is taken off, and one that is
// whole gets its line feed.
func (d *doneAccounts) mend(name string) error {
	switch {
	case d.torn >= 0:
		return os.Truncate(name, d.torn)
	case !d.open:
		return nil
	}
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	_, err = file.WriteString("\n")
	return errors.Join(err, file.Close())
}
