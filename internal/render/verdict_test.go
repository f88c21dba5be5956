package render

import (
	"strings"
	"testing"

	"mailcheck/report"
)

// What is certain is not doubted in the same breath, and other causes are told
// in words.
func TestCertaintyBesideAlternatives(t *testing.T) {
	for _, tt := range []struct {
		confidence, other report.Confidence
		lang, want        string
	}{
		{report.High, report.Low, "en", "This is what the words say; less likely: IMAP wants an app password."},
		{report.High, report.Medium, "en", "This is what the words say, and they may also mean that IMAP wants an app password."},
		{report.Medium, report.Medium, "en", "This is likely; it may also be that IMAP wants an app password."},
		{report.High, report.Low, "ja", "可能性は低いものの、ほかに考えられる原因: 「IMAP wants an app password」。"},
	} {
		r := sampled("wrong-password")
		r.Lang, r.Verdict.Confidence = tt.lang, tt.confidence
		auth := r.Check("imap").Step("auth")
		auth.Confidence, auth.Alternatives[0].Confidence = tt.confidence, tt.other
		out := text(t, r, Options{})
		said := strings.ReplaceAll(out, "\n", " ")
		if tt.lang == "ja" { // broken between any two letters
			said = strings.ReplaceAll(out, "\n", "")
		}
		if !strings.Contains(said, tt.want) || strings.Contains(said, "certain;") || strings.Contains(said, "確実です。ほかに") {
			t.Errorf("%s, %s (%s): it says\n%s", tt.confidence, tt.other, tt.lang, out)
		}
	}
}

// A server whose mailbox did not open is none of those that work.
func TestClosedMailboxIsNoSettingThatWorks(t *testing.T) {
	r := sampled("all-well")
	working := func() string {
		_, table, _ := strings.Cut(text(t, r, Options{}), "These settings work")
		return table
	}
	if !strings.Contains(working(), "  IMAP ") {
		t.Fatalf("IMAP is missing:\n%s", working())
	}
	r.Check("imap").Step("mailbox").Result = report.Fail
	if table := working(); strings.Contains(table, "  IMAP ") || !strings.Contains(table, "  SMTP ") {
		t.Errorf("it lists\n%s", table)
	}
}

// Where a sender was refused behind a login that was taken, nothing is said to
// work: the login may be that of another account.
func TestRefusedSenderIsNoSettingThatWorks(t *testing.T) {
	r := sampled("all-well")
	smtp := r.Check("smtp")
	smtp.Step("data").Result, smtp.Step("data").Cause, r.Result = report.Fail, report.SubmitSenderNotOwned, report.Fail
	out := text(t, r, Options{})
	if strings.Contains(out, "These settings work") || !strings.Contains(out, "These servers took the login; what was refused is the sender") || !strings.Contains(out, "  SMTP ") {
		t.Errorf("it says\n%s", out)
	}
}

// Each of two findings with one step and one cause has its own evidence, and
// the one that the verdict is about is not among them.
func TestFindingsHaveTheirOwnEvidence(t *testing.T) {
	r := sampled("all-well")
	var hosts []*report.Step
	for _, host := range []string{"imap.old.test", "smtp.old.test"} {
		hosts = append(hosts, &report.Step{ID: "dns.host", Step: "host", Subject: host, Result: report.Fail, Cause: report.DNSNXDomain, Detail: "no " + host})
	}
	r.Check("dns").Steps = hosts
	r.Result, r.Verdict.FailedStep, r.Verdict.Cause = report.Fail, "dns.host", report.DNSNXDomain
	r.Verdict.Findings = []report.Finding{{Cause: report.DNSNXDomain, Step: "dns.host", Text: "smtp.old.test does not exist."}}
	_, found, _ := strings.Cut(text(t, r, Options{}), "Also seen")
	if !strings.Contains(found, "seen: no smtp.old.test") || strings.Contains(found, "no imap.old.test") {
		t.Errorf("it says\n%s", found)
	}
}
