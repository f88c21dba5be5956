//go:build linux

package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mailcheck/report"
)

// TestNoPassword: whatever is wrong with the keyring, it is told apart, it
// does not hang, and the rest of the run is made.
func TestNoPassword(t *testing.T) {
	s := theLab(t)
	tests := []struct {
		name  string
		start func(*testing.T) *keyring
		cause report.Cause
	}{
		{"nothing stored", func(t *testing.T) *keyring { return s.startKeyring(t, bob) }, report.CredsMissing},
		{"locked, no dialogue can be shown", func(t *testing.T) *keyring {
			k := s.startKeyring(t, alice)
			k.lock(t)
			return k
		}, report.CredsKeyringLocked},
		{"locked, nobody answers the dialogue", func(t *testing.T) *keyring {
			k := s.startKeyring(t, alice)
			k.lock(t)
			k.ignorePrompts(t)
			return k
		}, report.CredsKeyringLocked},
		{"a bus without a keyring", s.startBus, report.CredsKeyringUnavailable},
		{"the bus has died", func(t *testing.T) *keyring {
			k := s.startKeyring(t, alice)
			k.bus.stop()
			return k
		}, report.CredsKeyringUnavailable},
		{"no bus", func(*testing.T) *keyring { return nil }, report.CredsKeyringUnavailable},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			keyring := test.start(t)
			before := processes(t)
			o := s.check(t, session{keyring: keyring}, alice.Address)
			o.ends(t, "creds.password", test.cause, 3)
			o.logins(t, 0, 0)
			if o.took > 15*time.Second {
				t.Errorf("the run took %v", o.took)
			}
			for _, id := range []string{"imap", "pop3", "smtp"} {
				for _, step := range o.finished(t, id).Steps {
					switch {
					case step.Step == "auth" && (step.Result != report.Skip || step.Because != "creds.password"):
						t.Errorf("%s is %s, because %q", step.ID, step.Result, step.Because)
					case step.Result == report.Fail:
						t.Errorf("%s failed: %s", step.ID, step.Cause)
					}
				}
			}
			if after := processes(t); len(after) > len(before) {
				t.Errorf("a process was started and left: %q, before %q", after, before)
			}
		})
	}
}

// processes returns the command lines of all live processes of the lab that
// are programs of a user's session.
func processes(t *testing.T) []string {
	t.Helper()
	dirs, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, dir := range dirs {
		line, _ := os.ReadFile(filepath.Join(dir, "cmdline")) // it may have ended
		if text := string(line); strings.Contains(text, "dbus") || strings.Contains(text, "keyring") {
			all = append(all, strings.ReplaceAll(text, "\x00", " "))
		}
	}
	return all
}

func TestCredsCommands(t *testing.T) {
	s := theLab(t)
	k := s.startKeyring(t)
	with := session{keyring: k}
	run := func(want int, args ...string) {
		t.Helper()
		if o := s.run(t, with, append([]string{"creds"}, args...)...); o.exit != want {
			t.Errorf("creds %q ended in %d, want %d", args, o.exit, want)
		}
	}
	run(3, "check", uni.Address)
	with.stdin = uni.Password + "\n"
	run(0, "set", strings.ToUpper(uni.Address))
	if got := k.lookup(t, uni.Address); got != uni.Password {
		t.Errorf("the keyring holds %q", got)
	}
	with.stdin = ""
	run(0, "check", uni.Address)
	with.stdin = bob.Password + "\n"
	run(0, "set", "--protocol", "smtp", uni.Address)
	if got := k.lookup(t, uni.Address+"#smtp"); got != bob.Password {
		t.Errorf("the keyring holds %q for SMTP", got)
	}
	with.stdin = ""
	run(0, "delete", uni.Address)
	run(3, "check", uni.Address)
	if got := k.lookup(t, uni.Address); got != "" {
		t.Errorf("after the deletion the keyring holds %q", got)
	}
}

// TestPasswordSources logs in with the password from every other place than
// the keyring; bob's begins and ends with a blank.
func TestPasswordSources(t *testing.T) {
	s := theLab(t)
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte(bob.Password+"\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		with session
		args []string
	}{
		{"stdin", session{stdin: bob.Password + "\n"}, []string{"--password-stdin"}},
		{"file", session{}, []string{"--password-file", file}},
		{"command", session{}, []string{"--password-command", "cat '" + file + "'; echo a second line"}},
		{"environment", session{env: []string{"MAILCHECK_PASSWORD=" + bob.Password}}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			o := s.check(t, test.with, append([]string{bob.Address, "--send", "auth"}, test.args...)...)
			if o.exit != 0 {
				t.Errorf("exit status %d", o.exit)
			}
			o.logins(t, 3, 0)
		})
	}
}
