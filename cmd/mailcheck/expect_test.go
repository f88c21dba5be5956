package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mailcheck/internal/lab"
	"mailcheck/report"
)

// TestExpect runs the program as a CI does that guards a mail server, with
// assertions that are negative too.
func TestExpect(t *testing.T) {
	relay := []string{"--no-auth", "--no-imap", "--no-pop", "--send", "rcpt", "--to", "somebody@example.net"}
	for name, c := range map[string]struct {
		fault    string
		args     []string
		expect   []string
		status   int
		headline string
	}{
		"nobody sends without a login":     {"", relay, []string{"smtp.mail=fail:submit.auth_required", "smtp.rcpt=skip"}, 0, "ALL AS EXPECTED: "},
		"nobody does, unexpectedly":        {"", relay, []string{"smtp.mail=ok"}, 19, "NOT AS EXPECTED: smtp.mail came to fail:submit.auth_required, and ok was expected."},
		"port 143 has no TLS":              {"imap-no-tls", nil, []string{"imap.*=fail"}, 19, "NOT AS EXPECTED: "},
		"a disabled account is refused":    {"wrong-password", nil, []string{"*.auth=fail:auth.bad_credentials"}, 0, "ALL AS EXPECTED: "},
		"and one that is not":              {"", nil, []string{"*.auth=fail"}, 19, "NOT AS EXPECTED: imap.auth came to ok, and fail was expected."},
		"another failure keeps its status": {"smtp-login-refused", nil, []string{"imap.auth=ok"}, 15, "YOU CAN RECEIVE BUT NOT SEND: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			servers := startLab(t, lab.Options{Fault: c.fault, Password: canary})
			dir := t.TempDir()
			ca := filepath.Join(dir, "ca.pem")
			if err := os.WriteFile(ca, servers.CAPEM(), 0o600); err != nil {
				t.Fatal(err)
			}
			args := append([]string{servers.Address(), "--offline", "--dns", servers.DNSAddr(), "--ca-file", ca, "--wait", "2s", "-o", "json"}, c.args...)
			if len(c.args) == 0 {
				args = append(args, "--password-stdin")
			}
			for _, e := range c.expect {
				args = append(args, "--expect", e)
			}
			var stdout, stderr bytes.Buffer
			status := run(t.Context(), args, strings.NewReader(canary+"\n"), &stdout, &stderr)
			var rep report.Report
			if err := json.Unmarshal(stdout.Bytes(), &rep); err != nil {
				t.Fatalf("%v\n%s", err, stderr.String())
			}
			if status != c.status || rep.ExitCode != c.status || !strings.HasPrefix(rep.Verdict.Headline, c.headline) {
				t.Errorf("exit status %d, %s", status, rep.Verdict.Headline)
			}
			if len(rep.Expectations) != len(c.expect) || len(rep.Expectations[0].Happened) == 0 {
				t.Errorf("%+v", rep.Expectations)
			}
		})
	}
}
