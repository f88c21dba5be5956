//go:build linux

package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"mailcheck/report"
)

// TestReceivingSide looks at domains whose mail Postfix takes: signed by Knot,
// validated by Unbound, with an MTA-STS policy that comes over HTTPS.
func TestReceivingSide(t *testing.T) {
	s := theLab(t)
	policy := func(host string) string {
		return fmt.Sprintf("version: STSv1\r\nmode: enforce\r\nmx: %s.%s\r\nmax_age: 604800\r\n", host, signedDomain)
	}
	for _, tc := range []struct {
		name, domain string
		sts          string // the host that its policy names; empty: it has none
		notOK        string // the steps of the check that are not ok, with their causes
		dane         string // what the step "dane" says
		step         string // that failed
		exit         int
	}{
		{name: "all is well", domain: "sound", sts: "mx",
			dane: "mx.signed.test: the certificate is the one of the TLSA record 3 1 1"},
		{name: "a certificate for another host", domain: "mismatch", sts: "other", notOK: "tls mx.certificate_demanded",
			dane: "no TLSA record of other.signed.test", step: "mx.tls", exit: 13},
		{name: "another certificate than in the DNS", domain: "stale-dane", notOK: "dane policy.dane_mismatch",
			dane: "stale.signed.test shows a certificate that none of its TLSA records (3 1 1) is about", step: "mx.dane", exit: 13},
	} {
		t.Run(tc.name, func(t *testing.T) {
			domain := tc.domain + "." + signedDomain
			if tc.sts != "" {
				s.serveWeb(t, "mta-sts."+domain, "/.well-known/mta-sts.txt", "text/plain", policy(tc.sts))
			}
			o := s.check(t, session{}, "anna@"+domain, "--mx", "--no-auth", "--send", "none", "--no-pop",
				"--imap", "imaps://mail."+siteDomain, "--smtp", "smtps://mail."+siteDomain)
			if o.exit != tc.exit || o.report.Verdict.FailedStep != tc.step {
				t.Errorf("exit status %d, %s at %q", o.exit, o.report.Verdict.Cause, o.report.Verdict.FailedStep)
			}
			c := o.finished(t, report.MXCheck)
			var notOK []string
			for _, step := range c.Steps {
				if step.Result == report.Fail || step.Result == report.Warn {
					notOK = append(notOK, step.Step+" "+string(step.Cause))
				}
			}
			if got := strings.Join(notOK, ", "); got != tc.notOK {
				t.Errorf("not ok: %s", got)
			}
			if dane := c.Step("dane"); dane == nil || dane.Detail != tc.dane {
				t.Errorf("dane %+v", dane)
			}
			if tls := c.Step("tls"); tls == nil || !strings.HasPrefix(tls.Detail, "TLS 1.") {
				t.Errorf("tls %+v", tls)
			}
			told := slices.ContainsFunc(o.report.Contacted, func(c report.Contact) bool {
				return c.Host == "mta-sts."+domain && slices.Equal(c.Told, []string{"domain"})
			})
			if told != (tc.sts != "") {
				t.Errorf("contacted %+v", o.report.Contacted)
			}
			if strings.Contains(o.transcript, "MAIL FROM") || strings.Contains(o.transcript, "RCPT TO") {
				t.Errorf("mail was begun:\n%s", o.transcript)
			}
			o.logins(t, 0, 0)
		})
	}
}
