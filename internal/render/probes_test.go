package render

import (
	"strings"
	"testing"

	"mailcheck/report"
)

func TestProbes(t *testing.T) {
	try := func(p report.Protocol, host string, port int, security report.Security, ms int64, cause report.Cause) *report.Step {
		s := &report.Step{Step: report.ProbeStep(report.Endpoint{Protocol: p, Port: port, Security: security}), Subject: host, Result: report.OK, DurationMS: ms}
		if s.ID = "probe." + s.Step; cause != "" {
			s.Result, s.Cause = report.Fail, cause
		}
		return s
	}
	const host = "smtp.example.com"
	for want, c := range map[string]*report.Check{
		`ok    probe     465 with TLS answers; 25 is silent                         5.0 s
                smtp-465 31  smtp-25 5000 FAIL
`: {Result: report.Fail, Steps: []*report.Step{
			try(report.SMTP, host, 465, report.TLS, 31, ""), try(report.SMTP, host, 25, report.None, 5000, report.ConnectTimeout)}},
		`FAIL  probe     465 with TLS and 25 are closed                              1 ms
                smtp-465 1 FAIL  smtp-25 0 FAIL
`: {Result: report.Fail, Steps: []*report.Step{
			try(report.SMTP, host, 465, report.TLS, 1, report.ConnectRefused), try(report.SMTP, host, 25, report.None, 0, report.ConnectRefused)}},
		`ok    probe     SMTP 587 with TLS answers; IMAP 143 with STARTTLS fails    10 ms
                (tls.expired)
                imap-143 10 FAIL  smtp-587-tls 9
`: {Result: report.Fail, Steps: []*report.Step{
			try(report.IMAP, host, 143, report.STARTTLS, 10, report.TLSExpired), try(report.SMTP, host, 587, report.TLS, 9, "")}},
		`ok    probe     993 at 192.0.2.2 answers; 993 at 2001:db8::1 hangs up      20 ms
                imap-993 192.0.2.2 20  imap-993 2001:db8::1 7 FAIL
`: {Result: report.Fail, Steps: []*report.Step{
			try(report.IMAP, "192.0.2.2", 993, report.TLS, 20, ""), try(report.IMAP, "2001:db8::1", 993, report.TLS, 7, report.ConnectClosedEarly)}},
	} {
		c.ID = report.ProbeCheck
		p := &page{}
		p.check(&report.Report{Checks: []*report.Check{c}}, c, Normal)
		if got := p.b.String(); got != want {
			t.Errorf("got\n%swant\n%s", got, want)
		}
		for line := range strings.Lines(p.b.String()) {
			if n := cells(strings.TrimSuffix(line, "\n")); n > columns {
				t.Errorf("%d cells: %q", n, line)
			}
		}
	}
}
