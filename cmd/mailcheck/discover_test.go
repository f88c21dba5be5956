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

// The command against the lab: nothing is logged in to, the report is on
// stdout, and the JSON names what each source says.
func TestDiscover(t *testing.T) {
	servers, err := lab.Start(t.Context(), lab.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer servers.Close()
	dir := t.TempDir()
	ca, file := filepath.Join(dir, "ca.pem"), filepath.Join(dir, "report.json")
	if err := os.WriteFile(ca, servers.CAPEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	status := run(t.Context(), []string{"discover", servers.Address(), "--dns", servers.DNSAddr(), "--ca-file", ca,
		"--offline", "--user", "anna", "--transcript", "-o", "text", "-o", "json=" + file}, strings.NewReader(""), &stdout, &stderr)
	if status != 0 {
		t.Fatalf("exit status %d\n%s%s", status, stdout.String(), stderr.String())
	}
	for _, want := range []string{"source        says", "srv           imap imap.example.test:", "\nUse these\n", "  anna       srv\n", "\nTranscript of imap\n"} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("%q is not in\n%s", want, stdout.String())
		}
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var rep report.Report
	if err := json.Unmarshal(data, &rep); err != nil {
		t.Fatal(err)
	}
	if len(rep.Settings) < 6 || rep.Settings[0].Source != "srv" || rep.Check("imap#2") == nil || rep.Check("creds") != nil {
		t.Errorf("settings %+v", rep.Settings)
	}
	for _, p := range []report.Protocol{report.IMAP, report.POP3, report.SMTP} {
		if l := servers.Logins(p); l.Made > 0 {
			t.Errorf("%s: %d logins", p, l.Made)
		}
	}
}
