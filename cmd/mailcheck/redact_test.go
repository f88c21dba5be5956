package main

import (
	"bytes"
	"encoding/base64"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"mailcheck/internal/lab"
)

// TestRedact: with --redact no output names the account or where the program
// ran, whatever went wrong.
func TestRedact(t *testing.T) {
	names := regexp.MustCompile(`(?i)\banna\b|` + regexp.QuoteMeta(strings.TrimRight(base64.StdEncoding.EncodeToString([]byte("anna@example.test")), "=")))
	for _, c := range [][]string{
		{""}, {"", "--auth", "LOGIN"}, {"", "--keep"}, {"", "--lang", "ja"}, {"", "--to", "berta.b@example.net"}, {"", "--from", "carl@example.test"},
		{"smtp-login-refused"}, {"recipient-refused"}, {"delivery-lost"}, {"sender-refused"}, {"imap-login-refused"},
	} {
		t.Run(strings.Join(c, " "), func(t *testing.T) {
			t.Parallel()
			servers := startLab(t, lab.Options{Fault: c[0], Password: canary})
			dir := t.TempDir()
			ca, file := filepath.Join(dir, "ca.pem"), filepath.Join(dir, "report.json")
			if err := os.WriteFile(ca, servers.CAPEM(), 0o600); err != nil {
				t.Fatal(err)
			}
			args := append([]string{servers.Address(), "--redact", "--password-stdin", "--offline", "--dns", servers.DNSAddr(), "--ca-file", ca,
				"--wait", "300ms", "-v", "--transcript", "-o", "text", "-o", "json=" + file}, c[1:]...)
			var stdout, stderr bytes.Buffer
			run(t.Context(), args, strings.NewReader(canary+"\n"), &stdout, &stderr)
			json, err := os.ReadFile(file)
			if err != nil {
				t.Fatalf("%v\n%s", err, stderr.String())
			}
			for _, out := range []string{stdout.String(), string(json), stderr.String()} {
				if !strings.Contains(out, "[user]@example.test") {
					t.Errorf("nothing is masked:\n%s", out)
				}
				for _, name := range append(names.FindAllStringIndex(out, -1), regexp.MustCompile(`berta|carl`).FindAllStringIndex(out, -1)...) {
					t.Errorf("it names somebody: %q", out[max(name[0]-60, 0):min(name[1]+60, len(out))])
				}
			}
		})
	}
}
