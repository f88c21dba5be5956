//go:build linux

package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mailcheck/internal/render"
)

// TestSecretsStayInside looks for the password where outputs end: every
// format, the transcript within the report, the command lines of all
// processes while the program runs, and the environment of its children.
func TestSecretsStayInside(t *testing.T) {
	s := theLab(t)
	environment := filepath.Join(t.TempDir(), "environment")
	seen := commandLines{}
	with := session{env: []string{"MAILCHECK_PASSWORD=" + alice.Password}, during: seen.watch}
	password := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(password, []byte(alice.Password), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, mechanism := range []string{"PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-256"} {
		for _, format := range render.Formats {
			o := s.run(t, with, alice.Address, "--auth", mechanism, "--send", "auth", "--transcript", "-v", "-o", format.Name,
				"--password-command", "cat /proc/self/environ >>'"+environment+"'; cat '"+password+"'")
			if o.exit != 0 {
				t.Errorf("%s, %s: exit status %d", mechanism, format.Name, o.exit)
			}
			if format.Name == "json" && !strings.Contains(o.stdout, "C: ") {
				t.Errorf("%s: the report holds no transcript", mechanism)
			}
		}
	}
	inherited, err := os.ReadFile(environment)
	if err != nil || len(inherited) == 0 {
		t.Fatalf("the command's environment: %q, %v", inherited, err)
	}
	with.noSecret(t, string(inherited))
	seen.judge(t, s, with)
}

// TestGrantsStayInside is the same for what a sign-in is given: tokens, the
// code, its verifier, the client's secret.
func TestGrantsStayInside(t *testing.T) {
	s := theLab(t)
	b := s.startBrowser(t)
	seen := commandLines{}
	with := session{keyring: s.startKeyring(t), stdin: desktopApp.Secret + "\n", during: seen.watch}
	o, last := s.login(t, with, func(to shown) (view, error) { return b.walk(to.page, signInAs(alice)) }, at(desktopApp, alice.Address)...)
	farewell(t, last, goodbye)
	if o.exit != 0 {
		t.Fatalf("login: exit status %d", o.exit)
	}
	with.stdin = ""
	for _, mechanism := range []string{"XOAUTH2", "OAUTHBEARER"} {
		for _, format := range render.Formats {
			o := s.run(t, with, alice.Address, "--auth", mechanism, "--send", "auth", "--transcript", "-v", "-o", format.Name)
			if o.exit != 0 {
				t.Errorf("%s, %s: exit status %d", mechanism, format.Name, o.exit)
			}
			if format.Name == "json" && !strings.Contains(o.stdout, "C: ") {
				t.Errorf("%s: the report holds no transcript", mechanism)
			}
		}
	}
	s.judges(t, "access_token", "refresh_token", "id_token", "code", "code_verifier", "client_secret")
	seen.judge(t, s, with)
}

// commandLines are those of all processes while the program ran.
type commandLines map[string]bool

// watch collects them until the program ends.
func (c commandLines) watch(_ int, ended <-chan struct{}) {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		lines, _ := filepath.Glob("/proc/[0-9]*/cmdline")
		for _, path := range lines {
			line, _ := os.ReadFile(path) // the process may have ended
			c[string(line)] = true
		}
		select {
		case <-tick.C:
		case <-ended:
			return
		}
	}
}

// judge demands that the program's own line was seen, and no secret in any.
func (c commandLines) judge(t *testing.T, s *site, with session) {
	t.Helper()
	program := false
	for line := range c {
		program = program || strings.HasPrefix(line, s.path("mailcheck")+"\x00")
		s.judge(t, with, line)
	}
	if !program {
		t.Error("the program's own command line was not seen")
	}
}
