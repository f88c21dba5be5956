package render

import (
	"slices"
	"strings"
	"testing"

	"mailcheck/internal/diagnose"
	"mailcheck/internal/lang"
	"mailcheck/report"
)

// otherFirst is a run in which the login for sending is refused, as the headline
// says, and IMAP failed before it, beside a POP3 that works.
func otherFirst(language lang.Tag) *report.Report {
	r := sampled("receive-not-send")
	r.Lang = string(language)
	imap := r.Check("imap")
	imap.Result, imap.TLS = report.Fail, nil
	for i, s := range imap.Steps {
		s.Result, s.Because = report.Skip, "imap.connect"
		if i == 0 {
			s.Result, s.Because, s.Cause, s.Confidence = report.Fail, "", report.ConnectRefused, report.High
			s.Detail = "192.0.2.1:993: connection refused"
		}
	}
	diagnose.Verdict(r, diagnose.Facts{})
	return r
}

// Step, cause and words of an output belong together, also where the headline
// speaks of another failure; that one is told with its own step.
func TestWordsOfTheFailedStep(t *testing.T) {
	words := map[lang.Tag][3]string{
		lang.English:  {"nothing listens at outlook.office365.com port 993.", "SMTP", "What failed first is another thing"},
		lang.Japanese: {"outlook.office365.com のポート 993 ", "SMTP", "最初に失敗したのは"},
	}
	for language, w := range words {
		r := otherFirst(language)
		if v := r.Verdict; v.FailedStep != "imap.connect" || v.FailedTitle == "" || !strings.Contains(v.Headline, w[1]) || strings.Contains(v.Headline, "993") {
			t.Fatalf("%s, %q: %s", v.FailedStep, v.FailedTitle, v.Headline)
		}

		results, data := junit(t, r, Options{})
		golden(t, "other-first-"+string(language)+".junit", data)
		for _, c := range results.Cases {
			switch c.Name {
			case "imap.connect":
				if !strings.HasPrefix(c.Message, w[0]) || c.Type != "connect.refused" || strings.Contains(c.Text, w[2]) || strings.Contains(c.Text, "535") {
					t.Errorf("%+v", c)
				}
			case "smtp.auth":
				if c.Kind != "failure" || strings.Contains(c.Message, "993") || !strings.Contains(c.Text, "535 5.7.139") {
					t.Errorf("%+v", c)
				}
			}
		}

		commands, data := github(t, r, Options{})
		golden(t, "other-first-"+string(language)+".github", data)
		if got, want := kinds(commands), "error anna@example.com|error anna@example.com: imap.connect (connect.refused)|error anna@example.com: smtp.auth (auth.smtp_auth_disabled)"; got != want {
			t.Errorf("%s\nwant %s", got, want)
		} else if commands[0].Data != r.Verdict.Headline || !strings.HasPrefix(commands[1].Data, w[0]) || strings.Contains(commands[1].Data, w[2]) || !strings.Contains(commands[2].Data, "535 5.7.139") {
			t.Errorf("%+v", commands)
		}

		_, data = nagios(t, r)
		golden(t, "other-first-"+string(language)+".nagios", data)
		lines := strings.Split(string(data), "\n")
		about := func(step string) int {
			return slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, step+" (") })
		}
		if first, second := about("imap.connect"), about("smtp.auth"); !strings.Contains(lines[0], r.Verdict.Headline) || first < 0 || second < first || !strings.Contains(lines[first], w[0]) {
			t.Errorf("%s", data)
		}
	}
}
