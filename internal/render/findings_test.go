package render

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"mailcheck/report"
)

// wrongNames is a run in which every candidate shows a certificate for another
// name: the first ones are at two ports of one host, the last ones elsewhere.
func wrongNames() *report.Report {
	bad := func(id, host string, port int) *report.Check {
		return with(dialogue(id, host, port, report.TLS, "guess", ran("connect 2")...),
			failed("tls", 3, report.TLSHostnameMismatch, report.High, "the certificate is valid for mx.example.net, not "+host))
	}
	r := sample("taro@example.com",
		bad("imap", "mail.example.com", 993), bad("imap#2", "mail.example.com", 143), bad("imap#3", "example.com", 993),
		bad("smtp", "mail.example.com", 465), bad("smtp#2", "mail.example.com", 587), bad("smtp#3", "example.com", 465))
	r.Result, r.ExitCode = report.Fail, 13
	r.Verdict = report.Verdict{Receive: report.Fail, Send: report.Fail, Headline: "NOTHING WORKS.", FailedStep: "imap.tls", Cause: report.TLSHostnameMismatch, Confidence: report.High}
	for _, c := range r.Checks[1:] {
		r.Verdict.Findings = append(r.Verdict.Findings, report.Finding{Cause: report.TLSHostnameMismatch, Step: c.ID + ".tls",
			Text: "the certificate of " + c.Endpoint.Host + " is for another name."})
	}
	return numbered(r)
}

// numbered gives the steps their ids, and the checks their results.
func numbered(r *report.Report) *report.Report {
	for _, c := range r.Checks {
		c.Result = report.Fail
		for _, s := range c.Steps {
			s.ID = c.ID + "." + s.Step
		}
	}
	return r
}

func formatted(t *testing.T, write func(io.Writer, *report.Report, Options) error) string {
	t.Helper()
	var b strings.Builder
	if err := write(&b, wrongNames(), Options{}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// What several steps have shown alike is told once, with all of them named.
func TestAlikeFindingsAreToldOnce(t *testing.T) {
	for name, out := range map[string]func() string{
		"text":     func() string { return text(t, wrongNames(), Options{}) },
		"html":     func() string { return formatted(t, HTML) },
		"markdown": func() string { return formatted(t, Markdown) },
	} {
		plain := strings.NewReplacer(`\`, "").Replace(out())
		said := strings.Join(strings.Fields(plain), " ")
		for _, want := range []string{"imap#2.tls, smtp.tls and smtp#2.tls (tls.hostname_mismatch)", "imap#3.tls and smtp#3.tls (tls.hostname_mismatch)"} {
			if strings.Count(strings.ReplaceAll(said, "&#35;", "#"), want) != 1 {
				t.Errorf("%s: no %q in\n%s", name, want, plain)
			}
		}
		for _, once := range []string{"the certificate of mail.example.com is for another name.", "the certificate of example.com is for another name."} {
			if n := strings.Count(said, once); n != 1 {
				t.Errorf("%s: %d times %q", name, n, once)
			}
		}
	}
	if n := len(wrongNames().Verdict.Findings); n != 5 {
		t.Errorf("%d findings", n)
	}
}

// What differs is told apart, the ports of one host aside.
func TestFindingsThatDiffer(t *testing.T) {
	refused := func(change func(second *report.Finding, step *report.Step)) string {
		silent := func(id, host string, port int) *report.Check {
			return with(dialogue(id, host, port, report.TLS, "guess"), failed("connect", 3, report.ConnectRefused, report.High, fmt.Sprintf("192.0.2.1:%d: refused", port)))
		}
		r := numbered(sample("taro@example.com", silent("imap", "mail.example.com", 993), silent("pop3", "mail.example.com", 995)))
		for _, c := range r.Checks {
			r.Verdict.Findings = append(r.Verdict.Findings, report.Finding{Cause: report.ConnectRefused, Step: c.ID + ".connect",
				Text: fmt.Sprintf("nothing listens at mail.example.com port %d.", c.Endpoint.Port)})
		}
		r.Result = report.Fail
		change(&r.Verdict.Findings[1], r.Checks[1].Steps[0])
		return text(t, r, Options{})
	}
	for name, tt := range map[string]struct {
		change func(*report.Finding, *report.Step)
		once   bool
		want   string
	}{
		"ports of one host": {func(*report.Finding, *report.Step) {}, true, "192.0.2.1:993"},
		"other evidence":    {func(_ *report.Finding, s *report.Step) { s.Detail = "192.0.2.9:995: refused" }, true, "192.0.2.9:995"},
		"other words":       {func(f *report.Finding, _ *report.Step) { f.Text = "nothing listens at elsewhere." }, false, "elsewhere"},
		"other advice":      {func(f *report.Finding, _ *report.Step) { f.Advice = []string{"Do that."} }, false, "Do that."},
		"another cause": {func(f *report.Finding, s *report.Step) {
			f.Cause, s.Cause = report.ConnectTimeout, report.ConnectTimeout
		}, false, "connect.timeout"},
	} {
		out := refused(tt.change)
		if strings.Contains(out, "imap.connect and pop3.connect (connect.refused)") != tt.once || !strings.Contains(out, tt.want) {
			t.Errorf("%s:\n%s", name, out)
		}
	}
}
