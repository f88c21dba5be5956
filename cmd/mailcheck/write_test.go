package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"mailcheck/report"
)

// A report that cannot be written whole leaves the one before it, and nothing
// beside it.
func TestReplaceFile(t *testing.T) {
	full := errors.New("no space left on device")
	for name, tc := range map[string]struct {
		write  func(io.Writer) error
		before string // empty: there is no file
		after  string
		err    error
	}{
		"new":                {write: written("new"), after: "new"},
		"replaced":           {write: written("new"), before: "old", after: "new"},
		"disk full":          {write: func(w io.Writer) error { _, _ = io.WriteString(w, "ha"); return full }, before: "old", after: "old", err: full},
		"disk full, no file": {write: func(io.Writer) error { return full }, err: full},
		"a fault":            {write: func(w io.Writer) error { _, _ = io.WriteString(w, "ha"); panic(full) }, before: "old", after: "old", err: full},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "report.json")
			var want []string
			if tc.before != "" {
				if err := os.WriteFile(file, []byte(tc.before), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if tc.after != "" {
				want = []string{"report.json"}
			}
			err := func() (err error) {
				defer func() {
					if thrown, ok := recover().(error); ok {
						err = thrown
					}
				}()
				return replaceFile(t.Context(), file, tc.write)
			}()
			if err != tc.err {
				t.Errorf("error %v", err)
			}
			if info, err := os.Stat(file); err == nil && tc.before != "" && info.Mode().Perm() != 0o600 {
				t.Errorf("its mode became %v", info.Mode())
			}
			if got, _ := os.ReadFile(file); string(got) != tc.after {
				t.Errorf("the file holds %q", got)
			}
			if got := names(t, filepath.Dir(file)); strings.Join(got, " ") != strings.Join(want, " ") {
				t.Errorf("files %q", got)
			}
		})
	}
	// Where no file can be made, there is none.
	if err := replaceFile(t.Context(), filepath.Join(t.TempDir(), "missing", "report.json"), written("new")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v", err)
	}
}

func written(text string) func(io.Writer) error {
	return func(w io.Writer) error { _, err := io.WriteString(w, text); return err }
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

// Whoever stops reading, of the report or of the progress, ends nothing: the
// program goes on to its own exit status, without a word.
func TestClosedPipes(t *testing.T) {
	for name, tc := range map[string]struct {
		args           []string
		stdout, stderr bool // closed
		status         int
	}{
		"the report":           {[]string{"demo"}, true, false, report.ExitOK},
		"the report, verbose":  {[]string{"demo", "-v", "--transcript", "-o", "json"}, true, false, report.ExitOK},
		"a failure":            {[]string{"demo", "--fault", "smtp-login-refused"}, true, false, report.ExitAuth},
		"the progress":         {[]string{"demo"}, false, true, report.ExitOK},
		"both":                 {[]string{"demo", "--fault", "null-mx"}, true, true, report.ExitDNS},
		"the list of faults":   {[]string{"demo", "--list"}, true, false, report.ExitOK},
		"an explanation":       {[]string{"explain", "535 5.7.8 no"}, true, false, report.ExitOK},
		"an explanation, json": {[]string{"explain", "-o", "json", "535 5.7.8 no"}, true, false, report.ExitOK},
		"a provider":           {[]string{"provider", "gmail"}, true, false, report.ExitOK},
		"the version":          {[]string{"version"}, true, false, report.ExitOK},
		"the help":             {[]string{"--help"}, true, false, report.ExitOK},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd := exec.CommandContext(t.Context(), "mailcheck", tc.args...)
			var stdout, stderr bytes.Buffer
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			if tc.stdout {
				cmd.Stdout = closedPipe(t)
			}
			if tc.stderr {
				cmd.Stderr = closedPipe(t)
			}
			var exit *exec.ExitError
			if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
				t.Fatal(err)
			}
			if got := cmd.ProcessState.ExitCode(); got != tc.status {
				t.Errorf("%v, want exit status %d\n%s", cmd.ProcessState, tc.status, stderr.String())
			}
			if said := stderr.String(); strings.Contains(said, "goroutine") || strings.Contains(said, "pipe") {
				t.Errorf("stderr: %s", said)
			}
			if !tc.stdout && stdout.Len() == 0 {
				t.Error("there is no report")
			}
		})
	}
}

// closedPipe is a pipe that nobody reads.
func closedPipe(t *testing.T) *os.File {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	t.Cleanup(func() { w.Close() })
	return w
}
