package render

import (
	"bytes"
	"strings"
	"testing"

	"mailcheck/internal/diagnose"
	"mailcheck/internal/wellformed"
	"mailcheck/report"
)

// output is a report in a format.
func output(t *testing.T, format func(w *bytes.Buffer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := format(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func junit(t *testing.T, r *report.Report, opt Options) (*wellformed.Results, []byte) {
	t.Helper()
	data := output(t, func(w *bytes.Buffer) error { return JUnit(w, r, opt) })
	results, err := wellformed.JUnit(data)
	if err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	return results, data
}

// Test results are good exactly when the exit status is.
func TestJUnitFailsAsTheRunDoes(t *testing.T) {
	for name := range samples {
		r := sampled(name)
		results, _ := junit(t, r, Options{})
		bad := results.Count("failure") + results.Count("error")
		if (bad > 0) != (r.ExitCode != report.ExitOK) {
			t.Errorf("%s: %d failures, exit status %d", name, bad, r.ExitCode)
		}
		strict, _ := junit(t, r, Options{Strict: true})
		if bad := strict.Count("failure") + strict.Count("error"); (bad > 0) != (r.Result != report.OK) {
			t.Errorf("%s with --strict: %d failures, result %s", name, bad, r.Result)
		}
		steps := 0
		for _, c := range r.Checks {
			steps += len(c.Steps)
		}
		if len(results.Cases) != steps || results.Properties["address"] != r.Address || results.Properties["version"] != "1.0.0" {
			t.Errorf("%s: %d testcases for %d steps, %v", name, len(results.Cases), steps, results.Properties)
		}
	}
}

func TestJUnitCases(t *testing.T) {
	find := func(r *wellformed.Results, name string) wellformed.Case {
		for _, c := range r.Cases {
			if c.Name == name {
				return c
			}
		}
		t.Errorf("there is no %s", name)
		return wellformed.Case{}
	}
	results, data := junit(t, sampled("receive-not-send"), Options{})
	auth := find(results, "smtp.auth")
	if auth.Class != "smtp" || auth.Kind != "failure" || auth.Type != "auth.smtp_auth_disabled" || auth.Seconds != 5.069 || !strings.HasPrefix(auth.Message, "YOU CAN RECEIVE") {
		t.Errorf("%+v", auth)
	}
	for _, want := range []string{"535 5.7.139 Authentication unsuccessful", "they are right", "1. The administrator opens"} {
		if !strings.Contains(auth.Text, want) {
			t.Errorf("%q is not in %s", want, auth.Text)
		}
	}
	if c := find(results, "smtp.rcpt"); c.Kind != "skipped" || c.Message != "because smtp.auth failed" || c.Type != "smtp.auth" {
		t.Errorf("%+v", c)
	}
	if c := find(results, "dns.host outlook.office365.com"); c.Kind != "" || c.Text != "" {
		t.Errorf("%+v", c)
	}
	golden(t, "receive-not-send.junit", data)

	// A warning passes, and says what it is.
	results, data = junit(t, sampled("pop3-warns"), Options{})
	if c := find(results, "pop3.auth"); c.Kind != "" || !strings.HasPrefix(c.Text, "warn: POP3 is switched off for this account.") || !strings.Contains(c.Text, "POP access is disabled") {
		t.Errorf("%+v", c)
	}
	golden(t, "pop3-warns.junit", data)
	results, _ = junit(t, sampled("pop3-warns"), Options{Strict: true})
	if c := find(results, "pop3.auth"); c.Kind != "failure" || c.Type != "auth.protocol_disabled" {
		t.Errorf("with --strict %+v", c)
	}

	// So does a server that gave way to another.
	results, _ = junit(t, sampled("second-candidate"), Options{})
	if c := find(results, "smtp.connect"); c.Kind != "" || !strings.HasPrefix(c.Text, "warn: ") {
		t.Errorf("%+v", c)
	}

	// And a way that a probe tried in vain, whatever --strict says: it is the
	// failure before it that counts.
	probed := sampled("second-candidate")
	probed.Checks = append(probed.Checks, &report.Check{ID: report.ProbeCheck, Steps: []*report.Step{
		{ID: "probe.smtp-25", Step: "smtp-25", Subject: "smtp.example.com", Result: report.Fail, Cause: report.ConnectTimeout, Detail: "it does not answer"}}})
	results, _ = junit(t, probed, Options{Strict: true})
	if c := find(results, "probe.smtp-25 smtp.example.com"); c.Kind != "" || !strings.HasPrefix(c.Text, "FAIL: it does not answer") {
		t.Errorf("%+v", c)
	}

	// What was not asked for says so; one name is one testcase.
	r := sampled("no-auth")
	r.Check("imap").Steps = append(r.Check("imap").Steps, &report.Step{ID: "imap.auth", Step: "auth", Result: report.Skip, Because: report.ByFlags})
	results, _ = junit(t, r, Options{})
	if c := find(results, "imap.auth (2)"); c.Kind != "skipped" || c.Message != "not asked for" {
		t.Errorf("%+v", c)
	}

	_, data = junit(t, sampled("hostile"), Options{})
	golden(t, "hostile.junit", data)
	_, data = junit(t, inJapanese("receive-not-send", diagnose.Facts{}), Options{})
	golden(t, "receive-not-send-ja.junit", data)
}

// A run that was stopped before any step failed is no success.
func TestJUnitOfAStoppedRun(t *testing.T) {
	r := sampled("all-well")
	r.Result, r.ExitCode = report.Fail, report.ExitInterrupted
	r.Verdict.Headline, r.Verdict.Cause = "INTERRUPTED: nothing was checked.", report.ClientInterrupted
	results, _ := junit(t, r, Options{})
	last := results.Cases[len(results.Cases)-1]
	if results.Count("error") != 1 || last.Kind != "error" || last.Type != "client.interrupted" || last.Message != r.Verdict.Headline {
		t.Errorf("%+v", last)
	}
}

// What the form does not allow is found.
func TestJUnitFormIsStrict(t *testing.T) {
	_, data := junit(t, sampled("receive-not-send"), Options{})
	for _, change := range [][2]string{
		{`failures="1"`, `failures="2"`}, {`<failure `, `<failed `}, {` classname="smtp"`, ""}, {`time="5.069"`, `time="5 s"`},
		{`type="auth.smtp_auth_disabled" `, ""}, {"<properties>", "<properties>x"}, {"</testsuites>", ""}, {`name="smtp.rcpt"`, `name="smtp.mail"`},
		{"<testcase ", "<!-- x --><testcase "}, {`name="smtp.auth"`, "name=\"\x1b\""},
	} {
		damaged := bytes.ReplaceAll(data, []byte(change[0]), []byte(change[1]))
		if bytes.Equal(damaged, data) {
			t.Errorf("%q is not in it", change[0])
		}
		if _, err := wellformed.JUnit(damaged); err == nil {
			t.Errorf("%q for %q passes", change[1], change[0])
		}
	}
}

// What a mail server was not asked, and why, is no matter of the run's end.
func TestJUnitSkippedMX(t *testing.T) {
	for _, tt := range []struct {
		because string
		cause   report.Cause
		message string
	}{
		{"", report.MXPortBlocked, "port 25 cannot be reached from here"},
		{"", report.GreetingRejectedIP, "it refuses the address of this line"},
		{"", report.SubmitRDNSRejected, "it refuses the address of this line"},
		{"", "", "because the run ended before"},
	} {
		s := stepAbout("connect", "mx1.example.com", report.Skip, "")
		s.Because, s.Cause = tt.because, tt.cause
		r := received(report.OK, s)
		results, _ := junit(t, r, Options{})
		for _, c := range results.Cases {
			if c.Name == "mx.connect mx1.example.com" && (c.Kind != "skipped" || c.Message != tt.message || c.Type != string(tt.cause)) {
				t.Errorf("%s: %+v", tt.cause, c)
			}
		}
	}
}
