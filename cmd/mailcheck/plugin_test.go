package main

import (
	"bytes"
	"strings"
	"testing"

	"mailcheck/internal/wellformed"
)

func TestAsksPlugin(t *testing.T) {
	for _, tt := range []struct {
		args string
		twin string
		want bool
	}{
		{"a@example.test -o nagios", "", true},
		{"a@example.test -onagios", "", true},
		{"-o=nagios a@example.test", "", true},
		{"a@example.test --output nagios", "", true},
		{"--output=nagios --no-such-flag", "", true},
		{"-o json=report.json -o nagios", "", true},
		{"a@example.test", "nagios", true},
		{"a@example.test", "json=report.json nagios", true},
		{"a@example.test -o nagios=status.txt", "", false},
		{"a@example.test -o text", "nagios", false},
		{"discover a@example.test", "nagios", true},
		{"--timeout 9s demo", "nagios", true},
		{"explain x", "nagios", false},
		{"--config c.toml provider gmail", "nagios", false},
		{"batch a.csv", "nagios", false},
		{"explain x -o nagios", "", true},
		{"a@example.test -o", "", false},
		{"explain -- -o nagios", "", false},
		{"a@example.test", "", false},
	} {
		got := asksPlugin(strings.Fields(tt.args), func(string) (string, bool) { return tt.twin, tt.twin != "" })
		if got != tt.want {
			t.Errorf("%s (MAILCHECK_OUTPUT=%s): %v", tt.args, tt.twin, got)
		}
	}
}

// A plugin says what is wrong in its own way, on stdout, and ends in its own
// statuses, whatever is wrong.
func TestPlugin(t *testing.T) {
	for name, tt := range map[string]struct {
		args   []string
		status int
		word   string
		says   string
	}{
		"all is well":         {[]string{"demo", "-o", "nagios"}, 0, "OK", "ALL IS WELL"},
		"a warning":           {[]string{"demo", "-o", "nagios", "--fault", "pop3-disabled"}, 1, "WARNING", "ALL WORKS, WITH A WARNING"},
		"a failure":           {[]string{"demo", "-o", "nagios", "--fault", "smtp-login-refused"}, 2, "CRITICAL", "YOU CAN RECEIVE BUT NOT SEND"},
		"in Japanese":         {[]string{"demo", "-o", "nagios", "--fault", "smtp-login-refused", "--lang", "ja"}, 2, "CRITICAL", "受信はできますが"},
		"no password":         {[]string{"anna@example.test", "-o", "nagios", "--offline", "--dns", "127.0.0.1:1"}, 3, "UNKNOWN", "NEITHER"},
		"no such fault":       {[]string{"demo", "-o", "nagios", "--fault", "nothing"}, 3, "UNKNOWN", "there is no fault"},
		"no such flag":        {[]string{"anna@example.test", "--nothing|'x'=1", "-o", "nagios"}, 3, "UNKNOWN", "unknown flag"},
		"no such format":      {[]string{"demo", "-o", "nagios", "-o", "yaml=x"}, 3, "UNKNOWN", `there is no format "yaml"`},
		"no such directory":   {[]string{"demo", "-o", "nagios", "-o", "json=no/such/directory/x"}, 3, "UNKNOWN", "no/such/directory"},
		"two for stdout":      {[]string{"demo", "-o", "nagios", "-o", "text"}, 3, "UNKNOWN", "only one format"},
		"a malformed address": {[]string{"anna@@example", "-o", "nagios"}, 3, "UNKNOWN", "anna@@example"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			status := run(t.Context(), tt.args, strings.NewReader(""), &stdout, &stderr)
			said, err := wellformed.Plugin(stdout.String())
			if err != nil {
				t.Fatalf("%v\n%s%s", err, stdout.String(), stderr.String())
			}
			if status != tt.status || said.Word != tt.word || !strings.Contains(said.Text, tt.says) {
				t.Errorf("exit status %d, %s: %s", status, said.Word, said.Text)
			}
			if stderr.Len() > 0 { // monitors take it for the output
				t.Errorf("stderr: %s", stderr.String())
			}
		})
	}
}
