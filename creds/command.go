package creds

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// leftoverLimit is how long a child of the command may hold its stdout open
// after the command has ended. What it would still print is not the first
// line, so this only lets a pipe drain.
const leftoverLimit = 250 * time.Millisecond

// CommandError is a password or token command that gave no secret. It is an
// ErrMissing. It does not hold the command, which may itself hold a secret,
// nor its output.
type CommandError struct {
	Flag string // "--password-command", "--token-command"
	Err  error  // an *exec.ExitError when the command failed
}

func (e *CommandError) Error() string { return e.Flag + ": " + e.Err.Error() }

// Unwrap returns ErrMissing and the command's own error.
func (e *CommandError) Unwrap() []error { return []error{ErrMissing, e.Err} }

// errPrintedNothing is a command that ended well and printed no first line.
var errPrintedNothing = errors.New("the command printed no secret")

// fromCommand reads the first line that a command line of the shell prints.
func (o Options) fromCommand(line string) func(context.Context, string) (Secret, error) {
	if line == "" {
		return nil
	}
	return func(ctx context.Context, flag string) (Secret, error) {
		return commandSecret(ctx, flag, line, o)
	}
}

// commandSecret runs command in the user's shell and returns the first line
// that it prints. The command has the terminal to ask for a passphrase, and
// no time limit but the context's.
func commandSecret(ctx context.Context, flag, command string, o Options) (Secret, error) {
	var line firstLine
	cmd := shell(ctx, command)
	if o.Limit > 0 { // nobody is there to be asked
		alone(cmd)
	}
	cmd.Env = withoutPassword(os.Environ())
	cmd.Stdout = &line
	cmd.Stdin, cmd.Stderr = o.CommandStdin, o.CommandStderr
	if cmd.Stdin == nil {
		cmd.Stdin = os.Stdin
	}
	if cmd.Stderr == nil {
		cmd.Stderr = os.Stderr
	}
	cmd.WaitDelay = leftoverLimit
	err := cmd.Run()
	switch {
	case ctx.Err() != nil:
		return Secret{}, context.Cause(ctx)
	case err != nil && !errors.Is(err, exec.ErrWaitDelay):
		return Secret{}, &CommandError{Flag: flag, Err: err}
	}
	s := strings.TrimSuffix(string(line.text), "\r")
	if s == "" {
		return Secret{}, &CommandError{Flag: flag, Err: errPrintedNothing}
	}
	if reason := encodingFlaw([]byte(s)); reason != "" {
		return Secret{}, &InputError{Source: flag, Reason: reason}
	}
	return usable(flag, s)
}

// withoutPassword returns env without MAILCHECK_PASSWORD. Names of variables
// know no case on Windows.
func withoutPassword(env []string) []string {
	return slices.DeleteFunc(env, func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return strings.EqualFold(name, EnvPassword)
	})
}

// firstLine keeps the first line written to it, as far as a secret may reach,
// and drops the rest.
type firstLine struct {
	text  []byte
	ended bool
}

func (l *firstLine) Write(p []byte) (int, error) {
	if !l.ended {
		line, _, found := bytes.Cut(p, []byte("\n"))
		room := maxSecret + len("\r") + 1 - len(l.text)
		l.text = append(l.text, line[:min(len(line), room)]...)
		l.ended = found
	}
	return len(p), nil
}
