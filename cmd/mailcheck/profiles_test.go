package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"mailcheck/internal/lab"
	"mailcheck/report"
)

var update = flag.Bool("update", false, "write the generated documentation anew")

// Every provider that the lab plays, and each of its faults, is what its table
// says when the program is run against it; and docs/providers.md tells what the
// program said.
func TestProfiles(t *testing.T) {
	var mu sync.Mutex
	reports := map[string]*report.Report{}
	t.Run("run", func(t *testing.T) {
		for _, p := range lab.Profiles() {
			for _, s := range append([]lab.Scene{p.Sound}, p.Faults...) {
				t.Run(p.Name+"/"+s.Name, func(t *testing.T) {
					t.Parallel()
					rep := played(t, p, s)
					holds(t, s, rep)
					mu.Lock()
					defer mu.Unlock()
					reports[p.Name+"/"+s.Name] = rep
				})
			}
		}
	})
	if len(reports) < len(lab.Profiles()) || t.Failed() {
		return // some were left out by -run, or are not what the page should tell
	}
	documented(t, "../../docs/providers.md", providersPage(reports))
}

// documented compares a page with what it should be, or writes it.
func documented(t *testing.T, file string, want []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, want, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what the program says; write it anew with go test ./cmd/mailcheck -run %s -update", file, t.Name())
	}
}

// Nothing of a check stays in the mailbox, at Gmail's All Mail either, and
// nothing of it shows the password or the token.
func TestProfilesKeepNothing(t *testing.T) {
	for _, p := range lab.Profiles() {
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			servers := startLab(t, lab.Options{Provider: p.Name})
			o, err := demoOptions(servers)
			if err != nil {
				t.Fatal(err)
			}
			o.Transcript = true
			var stdout, stderr bytes.Buffer
			a := &app{stdin: strings.NewReader(""), stdout: &stdout, stderr: &stderr, env: func(string) (string, bool) { return "", false }}
			if err := a.verify(t.Context(), o, outputFlags{}); err != nil {
				t.Errorf("%v\n%s", err, stdout.String())
			}
			for _, secret := range []string{servers.Password(), servers.Token()} {
				if secret != "" {
					search(t, stdout.String()+stderr.String(), secret)
				}
			}
			if sent, left := len(servers.Submissions()), len(servers.Mailbox().Messages()); sent != 1 || left != 0 {
				t.Errorf("%d messages were sent, %d are left\n%s", sent, left, stdout.String())
			}
		})
	}
}

// played is the report of demo with a profile and one of its scenes.
func played(t *testing.T, p lab.Profile, s lab.Scene) *report.Report {
	t.Helper()
	file := filepath.Join(t.TempDir(), "report.json")
	args := []string{"demo", "--provider", p.Name, "--lang", "en", "-o", "json=" + file}
	if s.Name != "" {
		args = append(args, "--fault", s.Name)
	}
	var stdout, stderr bytes.Buffer
	status := run(t.Context(), args, strings.NewReader(""), &stdout, &stderr)
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	var rep report.Report
	if err := json.Unmarshal(data, &rep); err != nil {
		t.Fatal(err)
	}
	if status != rep.ExitCode {
		t.Errorf("exit status %d, in the report %d", status, rep.ExitCode)
	}
	return &rep
}

// finding is what a report says of the step that warns; empty when it says
// nothing.
func finding(s lab.Scene, rep *report.Report) report.Finding {
	for _, f := range rep.Verdict.Findings {
		if f.Step == s.Step {
			return f
		}
	}
	return report.Finding{}
}

// holds compares a report with what the table expects.
func holds(t *testing.T, s lab.Scene, rep *report.Report) {
	t.Helper()
	v := rep.Verdict
	step, cause, advice := v.FailedStep, v.Cause, v.Advice
	if s.Result == report.Warn {
		f := finding(s, rep)
		step, cause, advice = f.Step, f.Cause, f.Advice
	}
	if step != s.Step || cause != s.Cause {
		t.Errorf("%s at %q, want %s at %q", cause, step, s.Cause, s.Step)
	}
	if rep.Result != s.Result || rep.ExitCode != s.ExitStatus {
		t.Errorf("%s, exit status %d; want %s, %d", rep.Result, rep.ExitCode, s.Result, s.ExitStatus)
	}
	if !strings.HasPrefix(v.Headline, s.Headline) {
		t.Errorf("headline %q, want %q", v.Headline, s.Headline)
	}
	if len(advice) == 0 && s.Step != "" || s.Advice != "" && !strings.Contains(advice[0], s.Advice) {
		t.Errorf("advice %q, want %q", advice, s.Advice)
	}
	if !slices.ContainsFunc(append(advice, ""), func(a string) bool { return strings.Contains(a, s.Further) }) {
		t.Errorf("advice %q, want also %q", advice, s.Further)
	}
	if t.Failed() || testing.Verbose() {
		t.Logf("%s\n%s at %s\n%s\n%s", v.Headline, cause, step, v.Explanation, strings.Join(advice, "\n"))
	}
}
