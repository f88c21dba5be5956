// Command mailcheck checks an e-mail account from end to end and says which
// step failed, why, and what to change.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"mailcheck/report"
)

// version is set by release builds (-ldflags -X main.version=…).
var version = ""

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is the program, but for the process around it. It returns the exit
// status.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) (status int) {
	defer func() {
		if fault := recover(); fault != nil {
			// No stack: it could hold a server's words. With GOTRACEBACK set
			// the developer has asked for one.
			fmt.Fprintf(stderr, "mailcheck: a fault of mailcheck itself: %v\n", fault)
			if os.Getenv("GOTRACEBACK") != "" {
				stderr.Write(debug.Stack())
			}
			status = report.ExitInternal
		}
	}()
	a := &app{stdin: stdin, stdout: stdout, stderr: stderr, env: os.LookupEnv}
	ctx, stop := a.signals(ctx)
	defer stop()

	root := a.root()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	var done *exit
	switch {
	case err == nil:
		return report.ExitOK
	case errors.As(err, &done):
		return done.status
	}
	fmt.Fprintf(stderr, "mailcheck: %v\n", err)
	return report.ExitUsage
}

// app is the world of the program: what a command reads, writes and asks.
type app struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	env            func(string) (string, bool)
	// abort ends with a second Ctrl-C; the command's own context with the
	// first.
	abort context.Context
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
// a.abort.
func (a *app) signals(ctx context.Context) (context.Context, context.CancelFunc) {
	soft, cancel := context.WithCancel(ctx)
	abort, cancelAbort := context.WithCancel(context.WithoutCancel(ctx))
	a.abort = abort
	caught := make(chan os.Signal, 2)
	signal.Notify(caught, os.Interrupt, syscall.SIGTERM)
	done := make(chan struct{})
	go func() {
		for _, end := range []context.CancelFunc{cancel, cancelAbort} {
			select {
			case <-caught:
				end()
			case <-done:
				return
			}
		}
	}()
	return soft, func() { signal.Stop(caught); close(done); cancel(); cancelAbort() }
}
