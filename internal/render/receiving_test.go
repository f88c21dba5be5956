package render

import (
	"bytes"
	"strings"
	"testing"

	"mailcheck/report"
)

// about is a step of the receiving side.
func stepAbout(step, subject string, result report.Result, detail string) *report.Step {
	s := &report.Step{ID: "mx." + step, Step: step, Subject: subject, Result: result, Detail: detail}
	if result == report.Skip {
		s.Because = "mx.connect"
	}
	return s
}

// received is a report whose receiving side has these steps, 10 ms long each that ran.
func received(result report.Result, steps ...*report.Step) *report.Report {
	c := stage(report.MXCheck, steps...)
	c.Result = result
	for i, s := range steps {
		if s.Result != report.Skip {
			s.StartMS, s.DurationMS = int64(10*i), 10
		}
	}
	r := sample("anna@example.com", c)
	r.Result, r.Verdict.Headline = result, "A HEADLINE: of a sample."
	return r
}

func TestReceivingSide(t *testing.T) {
	well := []*report.Step{
		stepAbout("host", "mx1.example.com", report.OK, "192.0.2.1 (mx1.example.com)"),
		stepAbout("connect", "mx1.example.com", report.OK, "connected to 192.0.2.1:25"),
		stepAbout("greeting", "mx1.example.com", report.OK, ""),
		stepAbout("tls", "mx1.example.com", report.OK, "TLS 1.3, certificate 61 days"),
		stepAbout("spf", "", report.OK, "3 of 10 lookups, mail of others: fail; v=spf1 mx include:_spf.example.net -all"),
		stepAbout("dkim", "", report.Skip, ""),
		stepAbout("dmarc", "", report.OK, "mail that fails: into the junk folder (quarantine); no reports are asked for"),
		stepAbout("mta-sts", "", report.OK, "mode enforce, kept for 7 days"),
	}
	well[5].Because = report.ByFlags
	unencrypted := stepAbout("starttls", "mx2.example.com", report.Warn, "the server does not offer STARTTLS")
	refused := stepAbout("greeting", "mx1.example.com", report.Skip, "")
	refused.Cause, refused.Because = report.GreetingRejectedIP, ""
	blocked := stepAbout("connect", "mx1.example.com", report.Skip, "cannot connect to mx1.example.com port 25: i/o timeout")
	blocked.Cause, blocked.Because = report.MXPortBlocked, ""
	for name, tc := range map[string]struct {
		report *report.Report
		want   string
	}{
		"well": {received(report.OK, well...), `
ok    mx        1 MX; nothing is to be put right                           70 ms
                ok    MX      mx1.example.com: TLS 1.3, certificate 61 days
                ok    SPF     3 of 10 lookups, mail of others: fail
                skip  DKIM    there is no message to read it from
                ok    DMARC   mail that fails: into the junk folder (quarantine)
                ok    MTA-STS mode enforce, kept for 7 days
`},
		"two servers": {received(report.Warn,
			stepAbout("host", "mx1.example.com", report.Warn, "192.0.2.1 (no reverse name); it is an alias of mail.example.com"),
			stepAbout("tls", "mx1.example.com", report.OK, "TLS 1.3, certificate 61 days"),
			stepAbout("host", "mx2.example.com", report.OK, "192.0.2.2"),
			unencrypted,
			stepAbout("tls", "mx2.example.com", report.Skip, ""),
			stepAbout("spf", "", report.Fail, "v=spf1 ipv4:192.0.2.1 -all; unknown field"),
			stepAbout("dane", "mx1.example.com", report.OK, "no TLSA record of mx1.example.com"),
			stepAbout("dane", "mx2.example.com", report.Skip, ""),
		), `
warn  mx        2 MX; to be put right: mx1.example.com, mx2.example.com    60 ms
                and SPF
                warn  MX      mx1.example.com: 192.0.2.1 (no reverse name); it
                              is an alias of mail.example.com
                warn  MX      mx2.example.com: the server does not offer
                              STARTTLS
                FAIL  SPF     v=spf1 ipv4:192.0.2.1 -all; unknown field
                ok    DANE    no TLSA record of mx1.example.com
                skip  DANE    not reached
`},
		"refused": {received(report.OK,
			stepAbout("host", "mx1.example.com", report.OK, "192.0.2.1"), stepAbout("connect", "mx1.example.com", report.OK, "connected to 192.0.2.1:25"), refused,
			stepAbout("tls", "mx1.example.com", report.Skip, "")), `
ok    mx        1 MX, not tried from here; nothing is to be put right      20 ms
                skip  MX      mx1.example.com: it refuses the address of this
                              line
`},
		"blocked": {received(report.OK,
			stepAbout("host", "mx1.example.com", report.OK, "192.0.2.1"), blocked,
			stepAbout("tls", "mx1.example.com", report.Skip, ""), stepAbout("spf", "", report.OK, "0 of 10 lookups, mail of others: fail; v=spf1 -all"),
		), `
ok    mx        1 MX, not tried from here; nothing is to be put right      20 ms
                skip  MX      mx1.example.com: port 25 cannot be reached from
                              here
                ok    SPF     0 of 10 lookups, mail of others: fail
`},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			if err := Text(&out, tc.report, Options{}); err != nil {
				t.Fatal(err)
			}
			got, _, _ := strings.Cut(out.String(), "\n\nA HEADLINE")
			if want := strings.Trim(tc.want, "\n"); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// The report of a search for settings has a section of it, but for -v, where
// the check itself is shown, and -q.
func TestReceivingSideOfADiscovery(t *testing.T) {
	const section = `
How mail reaches example.com
  ok    MX      mx1.example.com: TLS 1.3, certificate 61 days
  FAIL  DMARC   _dmarc.example.com has 2 DMARC records, so that none counts

`
	r := received(report.Fail, stepAbout("host", "mx1.example.com", report.OK, "192.0.2.1"),
		stepAbout("tls", "mx1.example.com", report.OK, "TLS 1.3, certificate 61 days"),
		stepAbout("dmarc", "", report.Fail, "_dmarc.example.com has 2 DMARC records, so that none counts"))
	for verbosity, want := range map[Verbosity]bool{Normal: true, Verbose: false, Quiet: false} {
		var out bytes.Buffer
		if err := Discovery(&out, r, Options{Verbosity: verbosity}); err != nil {
			t.Fatal(err)
		}
		if strings.Contains("\n"+out.String(), section) != want {
			t.Errorf("verbosity %v:\n%s", verbosity, out.String())
		}
	}
}
