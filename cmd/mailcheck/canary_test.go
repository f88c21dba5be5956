package main

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"mailcheck/internal/lab"
	"mailcheck/internal/render"
	"mailcheck/report"
)

// canary is a password that nothing else contains, with the characters that
// are written otherwise in some encoding.
const canary = `c4n4ry "%\ü/+` + "tweet"

// forms are the ways in which a secret could show: as it is, in base64 at each
// alignment, in hex, percent-encoded, quoted.
func forms(secret string) []string {
	out := []string{secret, hex.EncodeToString([]byte(secret)), url.QueryEscape(secret), url.PathEscape(secret),
		strings.Trim(fmt.Sprintf("%q", secret), `"`)}
	for lead := range 3 {
		for _, e := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			text := e.EncodeToString([]byte(strings.Repeat("\x00", lead) + secret))
			from := []int{0, 2, 3}[lead]
			out = append(out, text[from:len(text)-2]) // what does not depend on what stands around it
		}
	}
	return out
}

// runWith runs the program with the canary as the password and returns all
// that it wrote: stdout, stderr, and every file, one for each format.
func runWith(t *testing.T, servers *lab.Lab, secret string, args ...string) (written string, status int) {
	t.Helper()
	dir := t.TempDir()
	ca := filepath.Join(dir, "ca.pem")
	if err := os.WriteFile(ca, servers.CAPEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	args = append([]string{servers.Address(), "--password-stdin", "--offline", "--dns", servers.DNSAddr(), "--ca-file", ca, "--wait", "300ms", "--step-timeout", "1s",
		"-v", "--transcript", "-o", "text"}, args...)
	want := []string{"ca.pem", "summary", "outputs"}
	for _, format := range render.Formats {
		args = append(args, "-o", format.Name+"="+filepath.Join(dir, format.Name))
		want = append(want, format.Name)
	}
	var stdout, stderr bytes.Buffer
	a := &app{stdin: strings.NewReader(secret + "\n"), stdout: &stdout, stderr: &stderr, keyring: systemKeyring}
	a.env = func(name string) (string, bool) {
		switch name {
		case "GITHUB_STEP_SUMMARY":
			return filepath.Join(dir, "summary"), true
		case "GITHUB_OUTPUT":
			return filepath.Join(dir, "outputs"), true
		}
		return os.LookupEnv(name)
	}
	status = a.run(t.Context(), args)
	written = stdout.String() + stderr.String()
	for _, name := range want[1:] {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatalf("%v\n%s", err, stderr.String())
		}
		written += string(data)
	}
	slices.Sort(want)
	if got := names(t, dir); !slices.Equal(got, want) {
		t.Errorf("files %q, want %q", got, want)
	}
	return written, status
}

func search(t *testing.T, written, secret string) {
	t.Helper()
	for _, f := range forms(secret) {
		if i := strings.Index(written, f); i >= 0 {
			t.Errorf("the secret is written as %q: …%q…", f, written[max(0, i-60):min(len(written), i+60)])
		}
	}
}

// TestCanary drives every mechanism over every protocol, with the right and
// with a wrong password, and every fault, and searches all that is written.
func TestCanary(t *testing.T) {
	mechanisms := []string{"PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS", "USER", "XOAUTH2", "OAUTHBEARER"}
	for _, mechanism := range mechanisms {
		for _, right := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s/%v", mechanism, right), func(t *testing.T) {
				t.Parallel()
				options := lab.Options{Password: canary, Token: canary}
				if !right {
					options.Password, options.Token = "another", "another"
				}
				if mechanism == "USER" {
					options.Mechanisms = []string{"USER", "PLAIN"} // LOGIN goes with PLAIN
				}
				servers := startLab(t, options)
				args := []string{"--auth", mechanism}
				if mechanism == "USER" {
					args = append(args, "--no-imap", "--no-smtp")
				}
				written, status := runWith(t, servers, canary, args...)
				search(t, written, canary)
				if right != (status == report.ExitOK) {
					t.Errorf("exit status %d\n%s", status, written)
				}
			})
		}
	}
	for _, fault := range lab.Faults() {
		if fault.Name == "slow" {
			continue // it is healthy, for half a minute
		}
		t.Run(fault.Name, func(t *testing.T) {
			t.Parallel()
			written, _ := runWith(t, startLab(t, lab.Options{Fault: fault.Name, Password: canary}), canary)
			search(t, written, canary)
		})
	}
}

// A server that repeats the login in its refusal does not get it printed.
func TestEchoedSecretIsNotPrinted(t *testing.T) {
	plain := base64.StdEncoding.EncodeToString([]byte("\x00anna@example.test\x00" + canary))
	script, err := lab.StartScript(t.Context(), "S: 220 hello\nC: EHLO*\nS: 250-x\nS: 250 AUTH PLAIN\nC: AUTH PLAIN*\n"+
		"S: 535-5.7.8 you sent "+plain+"\nS: 535-5.7.8 that is "+canary+"\nS: 535 5.7.8 no\nC: QUIT\nS: 221 "+canary+"\n", lab.ScriptOptions{})
	if err != nil {
		t.Fatal(err)
	}
	servers := startLab(t, lab.Options{Password: canary})
	written, status := runWith(t, servers, canary, "--no-imap", "--no-pop", "--allow-cleartext", "--smtp", "smtp+insecure://"+script.Addr())
	search(t, written, canary)
	if status != report.ExitAuth || !strings.Contains(written, "5.7.8") {
		t.Errorf("exit status %d\n%s", status, written)
	}
	if err := script.Wait(); err != nil {
		t.Error(err)
	}
}

func startLab(t *testing.T, o lab.Options) *lab.Lab {
	t.Helper()
	servers, err := lab.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { servers.Close() })
	return servers
}

// The search itself finds a secret in whatever stands around it.
func TestFormsAreFound(t *testing.T) {
	for _, around := range []string{"", "\x00", "\x00anna@example.test\x00", "user=a\x01auth=Bearer "} {
		for _, text := range []string{base64.StdEncoding.EncodeToString([]byte(around + canary)), base64.RawURLEncoding.EncodeToString([]byte(around + canary + "\x01\x01"))} {
			found := false
			for _, f := range forms(canary) {
				found = found || strings.Contains(text, f)
			}
			if !found {
				t.Errorf("not found in %s", text)
			}
		}
	}
}
