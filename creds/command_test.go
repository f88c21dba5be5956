//go:build !windows

package creds

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestPasswordCommand(t *testing.T) {
	for _, tt := range []struct{ name, command, secret, reason string }{
		{"a line", "echo hunter2", "hunter2", ""},
		{"the first of several", `printf 'hunter2\nuser: anna\n'`, "hunter2", ""},
		{"CRLF", `printf 'hunter2\r\n'`, "hunter2", ""},
		{"no line end", "printf hunter2", "hunter2", ""},
		{"in pieces", "printf hun; printf 'ter2\nx'", "hunter2", ""},
		{"the shell's syntax", "test -n \"$HOME\" && echo hunter2 | tr 2 3", "hunter3", ""},
		{"without end", "while echo hunter2; do :; done | head -n 5000", "hunter2", ""},
		{"BOM", `printf '\357\273\277pw\n'`, "", "byte order mark"},
		{"NUL", `printf 'p\000w\n'`, "", "UTF-16"},
		{"too long", "head -c 70000 /dev/zero | tr '\\0' x", "", "64 KiB"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for flag, o := range map[string]Options{
				"--password-command": {PasswordCommand: tt.command},
				"--token-command":    {TokenCommand: tt.command},
			} {
				o.CommandStdin = strings.NewReader("")
				set, err := Find(t.Context(), Account{}, o)
				if got := set.Main.Secret.Reveal(); got != tt.secret {
					t.Errorf("%s: secret %.40q, want %q", flag, got, tt.secret)
				}
				checkInputError(t, err, flag, tt.reason)
			}
		})
	}
}

func TestPasswordCommandFails(t *testing.T) {
	for _, tt := range []struct{ name, command, text string }{
		{"exit status", "echo hunter2; exit 7", "exit status 7"},
		{"not there", "/nonexistent/pass 2>/dev/null", "exit status 127"},
		{"silent", "true", "printed no secret"},
		{"an empty first line", `printf '\nhunter2\n'`, "printed no secret"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Find(t.Context(), Account{}, Options{PasswordCommand: tt.command, CommandStdin: strings.NewReader("")})
			var ce *CommandError
			switch {
			case !errors.As(err, &ce), !errors.Is(err, ErrMissing):
				t.Errorf("error %v", err)
			case !strings.Contains(err.Error(), "--password-command: ") || !strings.Contains(err.Error(), tt.text):
				t.Errorf("error %q, want %q", err, tt.text)
			case strings.Contains(err.Error(), "hunter2"):
				t.Errorf("the error tells output or command: %v", err)
			}
		})
	}
	_, err := Find(t.Context(), Account{}, Options{PasswordCommand: "exit 7"})
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 7 {
		t.Errorf("no exit status in %v", err)
	}
}

// A limit ends the wait for a secret where nobody is there to give it.
func TestLimit(t *testing.T) {
	for flag, o := range map[string]Options{
		"--password-command": {PasswordCommand: "sleep 60; sleep 60"},
		"--password-stdin":   {PasswordStdin: neverRead{t.Context()}},
	} {
		o.CommandStdin, o.Limit = strings.NewReader(""), 50*time.Millisecond
		_, err := Find(t.Context(), Account{}, o)
		if !errors.Is(err, ErrMissing) || !strings.Contains(err.Error(), flag+": no secret came within 50ms") {
			t.Errorf("%s: error %v", flag, err)
		}
	}
	set, err := Find(t.Context(), Account{}, Options{PasswordCommand: "echo hunter2", Limit: time.Minute})
	if err != nil || set.Main.Secret.Reveal() != "hunter2" {
		t.Errorf("%v", err)
	}
}

// neverRead is an input that nothing comes from.
type neverRead struct{ ctx context.Context }

func (r neverRead) Read([]byte) (int, error) { <-r.ctx.Done(); return 0, io.EOF }

// go-keyring hands on how macOS's security(1) exited.
func TestKeychainExitStatus(t *testing.T) {
	if err := keyringError(exec.Command("sh", "-c", "exit 36").Run()); !errors.Is(err, ErrKeyringLocked) {
		t.Errorf("error %v", err)
	}
}

// The command may talk with the user, and inherits no password.
func TestPasswordCommandHasTheTerminal(t *testing.T) {
	t.Setenv(EnvPassword, "from-env")
	var stderr bytes.Buffer
	set, err := Find(t.Context(), Account{}, Options{
		PasswordCommand: `echo Passphrase: >&2; read -r p; echo "$p-${MAILCHECK_PASSWORD-unset}"`,
		CommandStdin:    strings.NewReader("typed\n"),
		CommandStderr:   &stderr,
		Env:             func(string) (string, bool) { return "", false },
	})
	if err != nil || set.Main.Secret.Reveal() != "typed-unset" || stderr.String() != "Passphrase:\n" {
		t.Errorf("%q, %v, stderr %q", set.Main.Secret.Reveal(), err, &stderr)
	}
	left := withoutPassword([]string{"A=1", EnvPassword + "=x", "mailcheck_password=y", "MAILCHECK_PASSWORD_FILE=z"})
	if got := strings.Join(left, " "); got != "A=1 MAILCHECK_PASSWORD_FILE=z" {
		t.Errorf("environment %q", got)
	}
}

// The end of the context ends the command, also one with a child that keeps
// its output open.
func TestPasswordCommandEndsWithTheContext(t *testing.T) {
	started := filepath.Join(t.TempDir(), "started")
	if err := exec.Command("mkfifo", started).Run(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	go func() {
		os.ReadFile(started) // returns when the command has opened it
		cancel()
	}()
	_, err := Find(ctx, Account{}, Options{
		PasswordCommand: "sleep 5 & : >" + started + "; wait",
		CommandStdin:    strings.NewReader(""),
		CommandStderr:   io.Discard,
	})
	if err != context.Canceled {
		t.Errorf("error %v", err)
	}
}
