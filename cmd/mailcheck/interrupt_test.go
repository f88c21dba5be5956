//go:build unix

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"

	"mailcheck/report"
)

// Ctrl-C, SIGTERM and SIGHUP end the program with its report, whatever it waits for,
// and leave no file behind.
func TestSignals(t *testing.T) {
	// Where the tests are run under nohup, the program would inherit that it is to
	// outlive its terminal.
	hangUp := make(chan os.Signal, 1)
	signal.Notify(hangUp, syscall.SIGHUP)
	t.Cleanup(func() { signal.Stop(hangUp) })
	waiting := []string{"demo", "--fault", "delivery-lost", "-o", "json=report.json"}
	for name, tc := range map[string]struct {
		args    []string
		seen    string // on stderr, before the signal; empty: at once when it has begun to talk
		signals []os.Signal
	}{
		"while a message is awaited": {waiting, " smtp.quit ", []os.Signal{os.Interrupt}},
		"twice":                      {waiting, " smtp.quit ", []os.Signal{os.Interrupt, os.Interrupt}},
		"terminated":                 {waiting, " smtp.quit ", []os.Signal{syscall.SIGTERM}},
		"the terminal is closed":     {waiting, " smtp.quit ", []os.Signal{syscall.SIGHUP}},
		"while it looks around":      {waiting, " dns.mx ", []os.Signal{os.Interrupt}},
		"while a password is read":   {[]string{"anna@example.test", "--password-stdin", "--dns", "127.0.0.1:1", "--imap", "imaps://127.0.0.1:1", "--pop", "pop3s://127.0.0.1:1", "--smtp", "smtps://127.0.0.1:1", "-o", "json=report.json"}, "", []os.Signal{os.Interrupt}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd := exec.CommandContext(t.Context(), "mailcheck", tc.args...)
			cmd.Dir = t.TempDir()
			var stdout bytes.Buffer
			cmd.Stdout = &stdout
			stdin, err := cmd.StdinPipe() // open, and silent
			if err != nil {
				t.Fatal(err)
			}
			defer stdin.Close()
			stderr, err := cmd.StderrPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			var said strings.Builder
			sent := false
			for lines := bufio.NewScanner(stderr); lines.Scan(); {
				said.WriteString(lines.Text() + "\n")
				for _, s := range tc.signals {
					if !sent && strings.Contains(lines.Text(), tc.seen) {
						_ = cmd.Process.Signal(s)
					}
				}
				sent = sent || strings.Contains(lines.Text(), tc.seen)
			}
			_ = cmd.Wait() // the status says it
			if got := cmd.ProcessState.ExitCode(); got != report.ExitInterrupted {
				t.Errorf("%v\n%s%s", cmd.ProcessState, said.String(), stdout.String())
			}
			if strings.Contains(said.String(), "goroutine") {
				t.Errorf("stderr: %s", said.String())
			}
			if got := strings.Join(names(t, cmd.Dir), " "); got != "report.json" {
				t.Errorf("files %q", got)
			}
			var r report.Report
			text, _ := os.ReadFile(filepath.Join(cmd.Dir, "report.json"))
			if err := json.Unmarshal(text, &r); err != nil || r.ExitCode != report.ExitInterrupted {
				t.Errorf("the report: %v, exit status %d", err, r.ExitCode)
			}
		})
	}
}

// The second signal aborts, but for that of a terminal: its shell and the system
// each send one, and what was sent is to be removed all the same.
func TestSecondSignal(t *testing.T) {
	for _, tc := range []struct {
		signals []os.Signal
		aborted bool
	}{
		{[]os.Signal{os.Interrupt}, false},
		{[]os.Signal{os.Interrupt, os.Interrupt}, true},
		{[]os.Signal{syscall.SIGHUP, syscall.SIGTERM}, true},
		{[]os.Signal{syscall.SIGHUP, syscall.SIGHUP, syscall.SIGHUP}, false},
		{[]os.Signal{os.Interrupt, syscall.SIGHUP}, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			caught, done := make(chan os.Signal), make(chan struct{})
			soft, end := context.WithCancel(t.Context())
			hard, abort := context.WithCancel(t.Context())
			go obey(caught, done, end, abort)
			for _, s := range tc.signals {
				caught <- s
			}
			synctest.Wait()
			if soft.Err() == nil || (hard.Err() != nil) != tc.aborted {
				t.Errorf("%v: ended %v, aborted %v", tc.signals, soft.Err(), hard.Err())
			}
			close(done)
			end()
			abort()
		})
	}
}

// A program that is to outlive its terminal goes on.
func TestNohup(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), "sh", "-c", "trap '' HUP; exec mailcheck demo")
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		_ = cmd.Process.Signal(syscall.SIGHUP)
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

// A pipe that nobody reads keeps no program from ending.
func TestUnreadPipe(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), "mailcheck", "demo", "-q", "-o", "text", "-o", "json=pipe")
	cmd.Dir = t.TempDir()
	if err := syscall.Mkfifo(filepath.Join(cmd.Dir, "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "Exit status") { // the pipe is next
			_ = cmd.Process.Signal(syscall.SIGTERM)
		}
	}
	_ = cmd.Wait() // the status says it
	if got := cmd.ProcessState.ExitCode(); got != report.ExitInterrupted || stderr.String() != "mailcheck: pipe: interrupted while nobody was reading it\n" {
		t.Errorf("%v\n%s", cmd.ProcessState, stderr.String())
	}
}

// A batch opens what it writes to before it begins.
func TestUnreadPipeOfBatch(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, interrupt := context.WithCancel(t.Context())
	interrupt()
	if f, _, err := openResults(ctx, pipe, os.O_TRUNC); !errors.Is(err, errUnread) {
		t.Errorf("opened %v, error %v", f, err)
	}
}
