// Command mailcheck checks an e-mail account from end to end and says which
// step failed, why, and what to change.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"

	"github.com/spf13/cobra"

	"mailcheck/creds"
	"mailcheck/internal/config"
	"mailcheck/internal/crash"
	"mailcheck/internal/render"
	"mailcheck/report"
)

func main() {
	if os.Getenv(traceback) == "" {
		// For a panic in a goroutine of a library, which nobody can catch.
		debug.SetTraceback("none")
	}
	a := newApp(os.Stdin, os.Stdout, os.Stderr)
	a.processors = runtime.GOMAXPROCS
	os.Exit(a.run(context.Background(), os.Args[1:]))
}

// run is the program, but for the process around it. It returns the exit
// status.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	return newApp(stdin, stdout, stderr).run(ctx, args)
}

func newApp(stdin io.Reader, stdout, stderr io.Writer) *app {
	return &app{stdin: stdin, stdout: untilClosed{stdout}, stderr: stderr, env: os.LookupEnv, keyring: systemKeyring, browse: openBrowser, configDir: userConfigDir}
}

// run is the program in its world.
func (a *app) run(ctx context.Context, args []string) int {
	ctx, stop := a.signals(ctx)
	defer stop()

	if asksPlugin(args, a.env) {
		return a.asPlugin(func() int { return a.execute(ctx, args) })
	}
	return a.execute(ctx, args)
}

// execute runs the command that the arguments name.
func (a *app) execute(ctx context.Context, args []string) int {
	root := a.root()
	root.SetArgs(pastedLast(args))
	root.SetIn(a.stdin)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	if len(args) > 0 && args[0] == cobra.ShellCompRequestCmd {
		describeFlags(root)
	}
	return a.status(func() error { return root.ExecuteContext(ctx) })
}

// status runs a command and returns the exit status that its error stands for.
// It says what the command itself has not said.
func (a *app) status(command func() error) (status int) {
	defer func() {
		if thrown := recover(); thrown != nil {
			status = internalFault(a.stderr, crash.Caught(thrown))
		}
	}()
	var done *exit
	var fault *crash.Fault
	var faults config.Faults
	switch err := command(); {
	case err == nil:
		return report.ExitOK
	case errors.As(err, &fault):
		return internalFault(a.stderr, fault)
	case errors.As(err, &done):
		return done.status
	case errors.As(err, &faults):
		for _, f := range faults {
			fmt.Fprintf(a.stderr, "mailcheck: %s\n", render.Clean(f.Error()))
		}
		return report.ExitUsage
	default:
		fmt.Fprintf(a.stderr, "mailcheck: %s\n", render.Clean(err.Error()))
		return report.ExitUsage
	}
}

// internalFault tells of a fault of the program itself; of the stack only with
// GOTRACEBACK set, which is how a developer asks for one.
func internalFault(stderr io.Writer, fault *crash.Fault) int {
	fmt.Fprintf(stderr, "mailcheck: a fault of mailcheck itself: %v\n", fault)
	if os.Getenv(traceback) != "" {
		_, _ = stderr.Write(fault.Stack)
	}
	return report.ExitInternal
}

// traceback is the environment variable by which Go's runtime is told how much
// to show of a panic.
const traceback = "GOTRACEBACK"

// app is the world of the program: what a command reads, writes and asks.
type app struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	env            func(string) (string, bool)
	keyring        func(interactive bool) creds.Keyring
	browse         func(page string) // shows a web page, and does not wait
	// configDir is where the user's config files are; nil means nowhere.
	configDir func() (string, error)
	// dial connects to those who are asked about a sign-in; nil means
	// net.Dialer.
	dial func(ctx context.Context, network, address string) (net.Conn, error)
	// processors sets how many processors the program uses at once, as
	// runtime.GOMAXPROCS does; nil leaves that alone.
	processors func(n int) int
	// concluded says that a monitoring plugin has written its report.
	concluded bool
	// abort ends with a second Ctrl-C; the command's own context with the
	// first.
	abort context.Context
}

func systemKeyring(interactive bool) creds.Keyring {
	return creds.SystemKeyring{Interactive: interactive}
}

// exit is the error of a command whose output is already written.
type exit struct{ status int }

func (e *exit) Error() string { return fmt.Sprintf("exit status %d", e.status) }

func exitWith(status int) error {
	if status == report.ExitOK {
		return nil
	}
	return &exit{status}
}

// signals returns a context that the first interrupt ends; a second one ends
// a.abort. A terminal that is closed (SIGHUP) is an interrupt too, unless whoever
// started the program wants it to go on then (nohup). Whoever closes the other end
// of a pipe that we write to does not end the program: a test message may be on its
// way that is to be removed.
func (a *app) signals(ctx context.Context) (context.Context, context.CancelFunc) {
	soft, cancel := context.WithCancel(ctx)
	abort, cancelAbort := context.WithCancel(context.WithoutCancel(ctx))
	a.abort = abort
	caught := make(chan os.Signal, 2)
	signal.Notify(caught, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) {
		signal.Notify(caught, syscall.SIGHUP)
	}
	closed := make(chan os.Signal, 1) // nobody listens: the write says so itself
	signal.Notify(closed, syscall.SIGPIPE)
	done := make(chan struct{})
	go obey(caught, done, cancel, cancelAbort)
	return soft, func() { signal.Stop(caught); signal.Stop(closed); close(done); cancel(); cancelAbort() }
}

// obey ends a run at the first signal, and aborts it at one after that. One
// terminal may send SIGHUP twice, by its shell and by the system: that aborts
// nothing.
func obey(caught <-chan os.Signal, done <-chan struct{}, end, abort context.CancelFunc) {
	for ended := false; ; {
		select {
		case s := <-caught:
			switch {
			case !ended:
				end()
				ended = true
			case s != syscall.SIGHUP:
				abort()
				return
			}
		case <-done:
			return
		}
	}
}
