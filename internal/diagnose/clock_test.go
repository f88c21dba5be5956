package diagnose

import (
	"crypto/x509"
	"strings"
	"testing"
	"time"

	"mailcheck/internal/lang"
	"mailcheck/report"
	"mailcheck/wire"
)

func TestClock(t *testing.T) {
	now := time.Now()
	day := 24 * time.Hour
	// server is a session whose certificate is valid from and to these days,
	// counted from now.
	server := func(sha string, from, to time.Duration) *report.Check {
		return &report.Check{Protocol: report.IMAP, TLS: &report.TLSFacts{Certificate: &report.Certificate{
			SHA256: sha, NotBefore: now.Add(from * day), NotAfter: now.Add(to * day)}}}
	}
	for name, tt := range map[string]struct {
		checks []*report.Check
		wrong  bool
	}{
		"one not valid yet":                 {[]*report.Check{server("a", 1, 90)}, true},
		"one expired":                       {[]*report.Check{server("a", -90, -1)}, false},
		"the same expired everywhere":       {[]*report.Check{server("a", -90, -1), server("a", -90, -1)}, false},
		"two different ones expired":        {[]*report.Check{server("a", -90, -1), server("b", -80, -2)}, true},
		"two expired, one valid":            {[]*report.Check{server("a", -90, -1), server("b", -80, -2), server("c", -1, 90)}, false},
		"one expired, one not valid yet":    {[]*report.Check{server("a", -90, -1), server("b", 1, 90)}, false},
		"no certificate was seen":           {[]*report.Check{{Protocol: report.IMAP}}, false},
		"all is well":                       {[]*report.Check{server("a", -1, 90)}, false},
		"an expired one of the authority's": {[]*report.Check{withOldAuthority(t, server("a", -90, -1))}, true},
	} {
		t.Run(name, func(t *testing.T) {
			if got := clockOf(&report.Report{Started: now, Checks: tt.checks}); got.wrong() != tt.wrong {
				t.Errorf("%+v: wrong %v, want %v", got, got.wrong(), tt.wrong)
			}
		})
	}
}

// A server's own date, in its greeting or in what a probe heard, decides.
func TestServersDate(t *testing.T) {
	started := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	late := &report.Check{ID: "imap", Protocol: report.IMAP, TLS: &report.TLSFacts{Certificate: &report.Certificate{SHA256: "a", NotAfter: started.Add(-time.Hour)}}}
	for text, want := range map[string]struct {
		told, wrong bool
		says        string
	}{
		"mx.example.com ESMTP Exim 4.96 Thu, 26 Nov 2026 21:00:05 +0900":           {true, false, "has the same date"},
		"mx.example.com ESMTP Sendmail 8.17; Mon, 2 Mar 2026 10:00:00 GMT":         {false, false, ""},
		"mx.example.com ESMTP Sendmail 8.17; Mon, 2 Mar 2026 10:00:00 +0000":       {true, true, "says that it is 2026-03-02"},
		"mx Microsoft ESMTP MAIL Service ready at Sun, 29 Nov 2026 12:00:00 +0000": {true, true, "says that it is 2026-11-29"},
		"mx.example.com ESMTP Postfix":                                             {false, false, ""},
		"Thu, 99 Nov 2026 12:00:00 +0000":                                          {false, false, ""},
	} {
		for where, other := range map[string]*report.Check{
			"greeting": {ID: "smtp", Protocol: report.SMTP, Steps: []*report.Step{{ID: "smtp.greeting", Step: "greeting", Reply: &report.Reply{Status: "220", Text: text}}}},
			"probe":    {ID: report.ProbeCheck, Steps: []*report.Step{{ID: "probe.smtp-25", Step: "smtp-25", Detail: "it says \"220 " + text + "\""}}},
		} {
			r := &report.Report{Started: started, Checks: []*report.Check{late, other}}
			c := clockOf(r)
			said := setting{report: r}.clockWrong(&report.Step{Cause: report.TLSExpired})
			if c.told != want.told || c.wrong() != want.wrong || !strings.Contains(said, want.says) {
				t.Errorf("%s %q: %+v, wrong %v: %q", where, text, c, c.wrong(), said)
			}
		}
	}
}

func withOldAuthority(t *testing.T, c *report.Check) *report.Check {
	t.Helper()
	root := newAuthority(t, nil, "Root")
	leaf, _ := root.sign(t, template())
	c.Steps = []*report.Step{{Step: "tls", Result: report.Fail, Err: &wire.TLSError{Chain: []*x509.Certificate{leaf, root.cert},
		Err: x509.CertificateInvalidError{Cert: root.cert, Reason: x509.Expired}}}}
	return c
}

// The words of a step name the local date at once, and what the other servers
// show of the clock once they are known.
func TestClockInWords(t *testing.T) {
	early := &x509.Certificate{Raw: []byte("early"), NotBefore: time.Now().Add(time.Hour)}
	ahead, begins := imapCheck("tls", report.TLS, &wire.TLSError{Err: x509.CertificateInvalidError{Cert: early, Reason: x509.Expired}})
	ahead.TLS = &report.TLSFacts{Certificate: &report.Certificate{SHA256: "c", NotBefore: early.NotBefore, NotAfter: early.NotBefore.Add(time.Hour)}}
	Step(ahead, begins, lang.English)
	r := &report.Report{Started: time.Now(), Checks: []*report.Check{ahead}}
	if said := (setting{report: r}).word(ahead, begins).Explanation; begins.Cause != report.TLSNotYetValid || !strings.Contains(said, "probably wrong") || strings.Contains(said, "Mostly") {
		t.Errorf("%s: explanation %q", begins.Cause, said)
	}
	today := "The clock of this computer says " + time.Now().UTC().Format(time.DateOnly) + "."
	late := &x509.Certificate{Raw: []byte("late"), NotAfter: time.Now().Add(-time.Hour)}
	check, step := imapCheck("tls", report.TLS, &wire.TLSError{Err: x509.CertificateInvalidError{Cert: late, Reason: x509.Expired}})
	check.TLS = &report.TLSFacts{Certificate: &report.Certificate{SHA256: "a", NotAfter: late.NotAfter}}
	if Step(check, step, lang.English); !strings.Contains(step.Explanation, today) || strings.Contains(step.Explanation, "by this clock") {
		t.Errorf("explanation %q", step.Explanation)
	}
	other := &report.Check{ID: "smtp", Protocol: report.SMTP, TLS: &report.TLSFacts{Certificate: &report.Certificate{SHA256: "b", NotAfter: time.Now().Add(time.Hour)}}}
	for want, notAfter := range map[string]time.Time{
		"so it is hardly far off.": time.Now().Add(time.Hour),
		"so it is probably wrong.": time.Now().Add(-2 * time.Hour),
	} {
		other.TLS.Certificate.NotAfter = notAfter
		s := setting{report: &report.Report{Started: time.Now(), Checks: []*report.Check{check, other}}}
		if words := s.word(check, step); !strings.Contains(words.Explanation, today) || !strings.Contains(words.Explanation, want) {
			t.Errorf("explanation %q, want in it %q", words.Explanation, want)
		}
	}
}
