package render

import (
	"bytes"
	"strings"
	"testing"

	"mailcheck/internal/diagnose"
	"mailcheck/internal/lang"
	"mailcheck/internal/wellformed"
	"mailcheck/report"
)

// expecting is the sample of a login that SMTP refuses, judged by expectations.
func expecting(tag lang.Tag, all ...report.Expectation) *report.Report {
	r := sampled("receive-not-send")
	r.Lang, r.Expectations = string(tag), all
	diagnose.Verdict(r, diagnose.Facts{})
	return r
}

var (
	refusal = report.Expectation{Step: "smtp.auth", Result: report.Fail, Cause: "auth.smtp_auth_disabled"}
	agreed  = report.Expectation{Step: "*3.auth", Result: report.OK}
	greeted = report.Expectation{Step: "imap.greeting", Result: report.Fail}
	never   = report.Expectation{Step: "imap#2.auth", Result: report.OK}
)

func TestExpectationsInText(t *testing.T) {
	golden(t, "as-expected", []byte(text(t, expecting(lang.English, refusal, agreed), Options{})))
	golden(t, "as-expected-ja", []byte(text(t, expecting(lang.Japanese, refusal, agreed), Options{})))
	golden(t, "not-as-expected", []byte(text(t, expecting(lang.English, refusal, greeted, never), Options{})))
	golden(t, "not-as-expected-ja", []byte(text(t, expecting(lang.Japanese, refusal, greeted, never), Options{})))
}

// TestExpectationsInOutputs: what tools read fails exactly where an expectation
// did not hold, and each expectation is in it.
func TestExpectationsInOutputs(t *testing.T) {
	for name, c := range map[string]struct {
		all      []report.Expectation
		failures int // testcases, annotations
		status   Status
		held     string
	}{
		"held":     {[]report.Expectation{refusal, agreed}, 0, StatusOK, `expectation="smtp.auth=fail:auth.smtp_auth_disabled"} 1`},
		"not held": {[]report.Expectation{refusal, greeted}, 1, StatusCritical, `expectation="imap.greeting=fail"} 0`},
	} {
		t.Run(name, func(t *testing.T) {
			r := expecting(lang.English, c.all...)
			if got := PluginStatus(r); got != c.status {
				t.Errorf("plugin status %s", got)
			}
			results, _ := junit(t, r, Options{Strict: true})
			failures, expectations := 0, 0
			for _, testcase := range results.Cases {
				failures += count(testcase.Kind == "failure")
				expectations += count(testcase.Class == "expect")
			}
			if failures != c.failures || expectations != len(c.all) {
				t.Errorf("%d testcases fail, %d are expectations", failures, expectations)
			}
			var b bytes.Buffer
			if err := GitHub(&b, r, Options{}); err != nil {
				t.Fatal(err)
			}
			commands, err := wellformed.Commands(b.String())
			errors := 0
			for _, command := range commands {
				errors += count(command.Name == "error")
			}
			if err != nil || errors != c.failures {
				t.Errorf("%v, %d errors:\n%s", err, errors, b.String())
			}
			b.Reset()
			if err := Prometheus(&b, r, Options{}); err != nil || !strings.Contains(b.String(), c.held) {
				t.Errorf("%v, no %s in\n%s", err, c.held, b.String())
			}
			for _, format := range []Format{{"html", HTML}, {"markdown", Markdown}} {
				b.Reset()
				if err := format.Write(&b, r, Options{}); err != nil || !strings.Contains(b.String(), "What was expected") {
					t.Errorf("%s: %v\n%s", format.Name, err, b.String())
				}
			}
		})
	}
}

// A failure that nobody expected decides the verdict; that an expectation did not
// hold is said beside it in every output, and which step kept its own from being
// reached.
func TestExpectationBesideFailure(t *testing.T) {
	relay := report.Expectation{Step: "smtp.rcpt", Result: report.Fail, Cause: "submit.relay_denied"}
	r := expecting(lang.English, relay)
	if r.ExitCode != report.ExitAuth {
		t.Fatalf("exit status %d", r.ExitCode)
	}
	const why = "it came to skip, because smtp.auth failed"
	for _, format := range append([]Format{{"markdown", Markdown}}, Formats...) {
		var b bytes.Buffer
		if err := format.Write(&b, r, Options{}); err != nil {
			t.Fatal(err)
		}
		said := strings.Join(strings.Fields(strings.NewReplacer("\\", "", "\n", " ").Replace(b.String())), " ")
		switch {
		case format.Name == "json", format.Name == "prometheus": // in fields and labels
		case !strings.Contains(said, relay.String()) || !strings.Contains(said, why):
			t.Errorf("%s does not say that %s: %s:\n%s", format.Name, relay, why, b.String())
		}
	}
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// The text of an expectation that did not hold is about its own step, whatever
// the verdict is about.
func TestExpectationHasItsOwnStory(t *testing.T) {
	accepted := report.Expectation{Step: "smtp.auth", Result: report.OK}
	relay := report.Expectation{Step: "smtp.rcpt", Result: report.Fail, Cause: "submit.relay_denied"}
	const refused, advice = "535 5.7.139", "Find out what has changed"
	for name, tt := range map[string]struct {
		all          []report.Expectation
		of           report.Expectation
		kind         string
		want, banned string
	}{
		"of the verdict":        {[]report.Expectation{accepted, greeted}, accepted, "auth.smtp_auth_disabled", refused, "no such text"},
		"the second":            {[]report.Expectation{greeted, accepted}, accepted, "auth.smtp_auth_disabled", refused, advice},
		"beside a failure":      {[]report.Expectation{greeted}, greeted, "expectation", "", refused},
		"of a step not reached": {[]report.Expectation{relay}, relay, "expectation", "", refused},
	} {
		r := expecting(lang.English, tt.all...)
		results, _ := junit(t, r, Options{})
		for _, c := range results.Cases {
			if c.Class == "expect" && c.Name == tt.of.String() && (c.Type != tt.kind || !strings.Contains(c.Text, tt.want) || strings.Contains(c.Text, tt.banned)) {
				t.Errorf("%s: %+v", name, c)
			}
		}
	}
}
