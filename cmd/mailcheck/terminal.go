package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"

	"golang.org/x/term"

	"mailcheck/creds"
	"mailcheck/internal/lang"
)

// untilClosed is a stream of which a reader may have enough (head, grep -q),
// which is no failure: what comes then is lost, and changes nothing.
type untilClosed struct{ io.Writer }

func (w untilClosed) Write(p []byte) (int, error) {
	n, err := w.Writer.Write(p)
	if errors.Is(err, syscall.EPIPE) {
		return len(p), nil
	}
	return n, err
}

// terminal returns the file behind a stream when it is a terminal.
func terminal(stream any) (*os.File, bool) {
	if out, ok := stream.(untilClosed); ok {
		stream = out.Writer
	}
	f, ok := stream.(*os.File)
	return f, ok && term.IsTerminal(int(f.Fd()))
}

// interactive tells whether a person can be asked: stdin and stderr are
// terminals, and nothing says otherwise.
func (a *app) interactive(noInput bool) bool {
	_, in := terminal(a.stdin)
	_, out := terminal(a.stderr)
	ci, _ := a.env("CI")
	return in && out && ci == "" && !noInput
}

// drawable tells whether a stream is a terminal on which the cursor moves.
func (a *app) drawable(stream io.Writer) bool {
	console, tty := terminal(stream)
	kind, _ := a.env("TERM")
	return tty && kind != "dumb" && escapes(console)
}

// colours tells whether a stream is to get colours (https://no-color.org).
func (a *app) colours(stream io.Writer, noColor bool) bool {
	off, _ := a.env("NO_COLOR")
	return !noColor && off == "" && a.drawable(stream)
}

// width is the number of cells of a terminal's line; 80 where there is none.
func width(stream io.Writer) int {
	if f, ok := terminal(stream); ok {
		if w, _, err := term.GetSize(int(f.Fd())); err == nil && w > 0 {
			return w
		}
	}
	return 80
}

// promptSecret asks for a secret without showing it. It ends with ctx, and
// leaves the terminal as it was.
func (a *app) promptSecret(ctx context.Context, question string) (creds.Secret, error) {
	tty, ok := terminal(a.stdin)
	if !ok {
		return creds.Secret{}, io.EOF
	}
	before, err := term.GetState(int(tty.Fd()))
	if err != nil {
		return creds.Secret{}, err
	}
	fmt.Fprintf(a.stderr, "%s: ", question)
	type answer struct {
		line []byte
		err  error
	}
	typed := make(chan answer, 1)
	go func() {
		line, err := term.ReadPassword(int(tty.Fd()))
		typed <- answer{line, err}
	}()
	select {
	case t := <-typed:
		fmt.Fprintln(a.stderr)
		return creds.NewSecret(string(t.line)), t.err
	case <-ctx.Done():
		_ = term.Restore(int(tty.Fd()), before)
		fmt.Fprintln(a.stderr)
		return creds.Secret{}, ctx.Err()
	}
}

// askSecret asks for the account's secret and offers to keep it, where there is
// a keyring that lacks it.
func (a *app) askSecret(ctx context.Context, account creds.Account, keyring creds.Keyring, tag lang.Tag) (creds.Secret, error) {
	secret, err := a.promptSecret(ctx, tag.Say("Password for %s", account.Address))
	if err != nil || secret.IsZero() || !errors.Is(creds.Check(ctx, keyring, account, ""), creds.ErrMissing) {
		return secret, err
	}
	if a.confirm(ctx, tag.Say("Keep it in the keyring of this computer?")) {
		if err := creds.Store(ctx, keyring, account, "", secret); err != nil {
			fmt.Fprintf(a.stderr, "mailcheck: %s\n", tag.Say("it is not kept: %v", err))
		}
	}
	return secret, nil
}

// confirm asks a question that is answered with y or n; everything else is no.
func (a *app) confirm(ctx context.Context, question string) bool {
	fmt.Fprintf(a.stderr, "%s [y/N] ", question)
	typed := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(a.stdin).ReadString('\n')
		typed <- line
	}()
	select {
	case line := <-typed:
		return strings.HasPrefix(strings.ToLower(strings.TrimSpace(line)), "y")
	case <-ctx.Done():
		return false
	}
}
