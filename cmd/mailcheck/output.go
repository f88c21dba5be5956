package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"mailcheck/internal/crash"
	"mailcheck/internal/render"
	"mailcheck/report"
	"mailcheck/verify"
)

// shape is how the flags want a report to be written.
func (f *outputFlags) shape(o verify.Options) render.Options {
	opt := render.Options{Strict: o.Strict}
	switch {
	case f.quiet:
		opt.Verbosity = render.Quiet
	case f.verbose:
		opt.Verbosity = render.Verbose
	}
	return opt
}

// output is one place that a report goes to.
type output struct {
	format render.Format
	file   string // empty: stdout
}

// outputs reads --output. When none goes to stdout, the text does. Quiet and verbose
// together are no way to write it.
func (f *outputFlags) outputs() ([]output, error) {
	if f.quiet && f.verbose {
		return nil, errors.New("--quiet and --verbose exclude each other")
	}
	var out []output
	for _, o := range f.formats {
		name, file, toFile := strings.Cut(o, "=")
		if file == "-" { // as everywhere
			file, toFile = "", false
		}
		i := slices.IndexFunc(render.Formats, func(r render.Format) bool { return r.Name == name })
		switch {
		case i < 0:
			return nil, fmt.Errorf("--output: there is no format %q; there are %s", name, formatNames())
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
		if slices.ContainsFunc(out[:i], func(p output) bool { return p.file != "" && twice(p.file, o.file) }) {
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
		if slices.ContainsFunc(out, func(o output) bool { return o.file != "" && twice(o.file, f.transcript) }) {
			return nil, fmt.Errorf("--transcript: %s is named by --output too", f.transcript)
		}
	}
	return out, nil
}

// outputTwin is the environment variable for --output.
const outputTwin = "MAILCHECK_OUTPUT"

// formatsOf is an environment for a command that lacks formats of reports: those are
// left out of MAILCHECK_OUTPUT, which is for a whole job, of which the command may be
// a part. What no command has stays, and is refused.
func formatsOf(env func(string) (string, bool), takes func(output string) bool) func(string) (string, bool) {
	return func(name string) (string, bool) {
		value, ok := env(name)
		if name != outputTwin {
			return value, ok
		}
		outputs := slices.DeleteFunc(strings.Fields(value), func(o string) bool {
			format, _, _ := strings.Cut(o, "=")
			return !takes(o) && slices.ContainsFunc(render.Formats, func(r render.Format) bool { return r.Name == format })
		})
		return strings.Join(outputs, " "), ok
	}
}

// twice tells whether two names lead to one file, so that the second report would
// take the place of the first. A pipe or a device takes both.
func twice(name, other string) bool {
	info, err := os.Stat(name)
	return name == other || sameFile(name, other) && (err != nil || info.Mode().IsRegular() && standard(info) == nil)
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

// formatNames are the formats, for people.
func formatNames() string {
	var names []string
	for _, f := range render.Formats {
		names = append(names, f.Name)
	}
	return strings.Join(names, ", ")
}

// onStdout is the name of the format that goes to stdout.
func onStdout(outputs []output) string {
	i := slices.IndexFunc(outputs, func(o output) bool { return o.file == "" })
	return outputs[i].format.Name
}

// write writes the report to each output, the transcript to its file, and for
// GitHub the summary of the job.
func (a *app) write(ctx context.Context, rep *report.Report, outputs []output, f outputFlags, opt render.Options) error {
	var failed error
	if f.transcript != "" && f.transcript != "-" {
		if err := replaceFile(ctx, f.transcript, func(w io.Writer) error { return writeTranscript(w, rep) }); err != nil {
			failed = fail(a.stderr, err)
		}
		for _, c := range rep.Checks {
			c.Transcript = nil
		}
	}
	for _, o := range outputs {
		var err error
		if o.file != "" {
			err = replaceFile(ctx, o.file, func(w io.Writer) error { return o.format.Write(w, rep, opt) })
		} else {
			shown := opt
			shown.Color = a.colours(a.stdout, f.noColor)
			err = o.format.Write(a.stdout, rep, shown)
		}
		if err != nil {
			failed = fail(a.stderr, err)
		}
	}
	if slices.ContainsFunc(outputs, func(o output) bool { return o.format.Name == "github" }) {
		if err := a.tellJob(rep, opt); err != nil {
			failed = fail(a.stderr, err)
		}
	}
	return failed
}

// fail reports that a result could not be written, which is no fault of the
// account's. Of joined errors each has a line.
func fail(stderr io.Writer, err error) error {
	for line := range strings.SplitSeq(err.Error(), "\n") {
		fmt.Fprintf(stderr, "mailcheck: %s\n", line)
	}
	if errors.Is(err, errUnread) {
		return exitWith(report.ExitInterrupted)
	}
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
// ever reads half of it. What is no regular file (a pipe, a device) is written as it
// is, and so is what stdout or stderr is already: /dev/stdout is a link to that, and
// must not become a file. Another link stays one. Who may read a new file is up to
// the umask, as with a redirected output (a textfile collector has a user of its
// own); a file that is there keeps its mode.
func replaceFile(ctx context.Context, name string, write func(io.Writer) error) error {
	before, err := os.Stat(name)
	there := err == nil
	if there {
		if stream := standard(before); stream != nil {
			return write(stream)
		}
		if !before.Mode().IsRegular() {
			f, err := openAsItIs(ctx, name, before, 0)
			if err != nil {
				return err
			}
			return errors.Join(write(f), f.Close())
		}
		if name, err = filepath.EvalSymlinks(name); err != nil {
			return err
		}
	}
	beside := filepath.Join(filepath.Dir(name), "."+filepath.Base(name)+"-"+rand.Text())
	f, err := os.OpenFile(beside, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
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
	if there {
		if err := f.Chmod(before.Mode().Perm()); err != nil {
			return err
		}
	}
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

// standard is the program's own stdout or stderr, where a name leads to that; else
// it is nil.
func standard(named os.FileInfo) io.Writer {
	for _, stream := range []*os.File{os.Stdout, os.Stderr} {
		if info, err := stream.Stat(); err == nil && os.SameFile(info, named) {
			return untilClosed{stream}
		}
	}
	return nil
}

// errUnread is a pipe that nobody was reading when the run was interrupted.
var errUnread = errors.New("interrupted while nobody was reading it")

// openAsItIs opens for writing what is there already. A named pipe that nobody reads
// is waited for until ctx ends: the system waits without end, and no signal that is
// caught ends that.
func openAsItIs(ctx context.Context, name string, info os.FileInfo, how int) (*os.File, error) {
	if info.Mode()&os.ModeNamedPipe == 0 {
		return os.OpenFile(name, os.O_WRONLY|how, 0)
	}
	f, err := os.OpenFile(name, os.O_WRONLY|syscall.O_NONBLOCK, 0)
	if !errors.Is(err, syscall.ENXIO) {
		return f, err
	}
	opened := make(chan struct{})
	go crash.Guard(ctx, func() {
		defer close(opened)
		f, err = os.OpenFile(name, os.O_WRONLY, 0)
	})()
	select {
	case <-opened:
		return f, err
	case <-ctx.Done():
		return nil, fmt.Errorf("%s: %w", name, errUnread)
	}
}
