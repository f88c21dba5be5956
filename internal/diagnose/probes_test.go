package diagnose

import (
	"context"
	"slices"
	"strings"
	"testing"

	"mailcheck/internal/lang"
	"mailcheck/report"
	"mailcheck/wire"
)

// probe is a step of the check "probe" that ended as told.
type probe struct {
	ep    report.Endpoint
	cause report.Cause // empty: it went well
}

func probing(r *report.Report, probes ...probe) {
	c := &report.Check{ID: report.ProbeCheck}
	for _, p := range probes {
		s := &report.Step{Step: report.ProbeStep(p.ep), Subject: p.ep.Host, Result: report.OK, Cause: p.cause}
		if s.ID = report.ProbeCheck + "." + s.Step; p.cause != "" {
			s.Result = report.Fail
		}
		c.Steps = append(c.Steps, s)
	}
	r.Checks = append(r.Checks, c)
}

func TestProbed(t *testing.T) {
	const host = "mail.example.com"
	at := func(p report.Protocol, host string, port int, s report.Security) report.Endpoint {
		return report.Endpoint{Protocol: p, Host: host, Port: port, Security: s}
	}
	r := &report.Report{}
	failed := &report.Check{ID: "smtp", Protocol: report.SMTP, Endpoint: &report.CheckEndpoint{Host: host, Port: 587, Security: report.STARTTLS},
		Addresses: []report.Address{{IP: "192.0.2.1"}, {IP: "192.0.2.2"}},
		Steps:     []*report.Step{{ID: "smtp.greeting", Step: "greeting", Result: report.Fail, Cause: report.ConnectTimeout}}}
	r.Checks = []*report.Check{failed}
	if got := Probed(r, failed); len(got.Works)+len(got.Fails)+len(got.Good)+len(got.Bad) > 0 || got.Silent || got.Alike {
		t.Errorf("without probes: %+v", got)
	}
	probing(r,
		probe{at(report.SMTP, host, 2587, report.STARTTLS), ""},
		probe{at(report.SMTP, host, 465, report.TLS), ""},
		probe{at(report.SMTP, host, 25, report.None), ""}, // for servers: nothing to recommend
		probe{at(report.SMTP, host, 587, report.TLS), report.TLSHandshakeFailure},
		probe{at(report.SMTP, "192.0.2.1", 587, report.STARTTLS), report.ConnectTimeout},
		probe{at(report.SMTP, "192.0.2.2", 587, report.STARTTLS), ""},
		probe{at(report.SMTP, "192.0.2.9", 587, report.STARTTLS), ""},  // of another host
		probe{at(report.SMTP, "old.example.com", 465, report.TLS), ""}, // another host
		probe{at(report.IMAP, host, 143, report.STARTTLS), ""},         // another protocol
		probe{at(report.SMTP, host, 2465, report.TLS), report.ClientInterrupted},
	)
	got := Probed(r, failed)
	ports := func(endpoints []report.Endpoint) (out []int) {
		for _, e := range endpoints {
			out = append(out, e.Port)
		}
		return out
	}
	if !slices.Equal(ports(got.Works), []int{465, 2587}) || !slices.Equal(ports(got.Fails), []int{587}) ||
		!slices.Equal(got.Good, []string{"192.0.2.2"}) || !slices.Equal(got.Bad, []string{"192.0.2.1"}) || got.Silent || got.Alike {
		t.Errorf("got %+v", got)
	}
}

// Silence of port 25 alone, or of every port for sending where IMAP answers on
// the same host, is a blocked port; a port that refuses is none.
func TestBlockedPort(t *testing.T) {
	smtp := func(port int, s report.Security) report.Endpoint {
		return report.Endpoint{Protocol: report.SMTP, Host: "smtp.example.com", Port: port, Security: s}
	}
	timeout := &wire.ConnectError{Err: context.DeadlineExceeded}
	for name, tt := range map[string]struct {
		port   int
		err    error
		imapAt string
		probes []probe
		want   report.Cause
	}{
		"port 25, others answer":         {25, timeout, "imap.example.com", []probe{{smtp(465, report.TLS), ""}}, report.ConnectPortBlocked},
		"port 25, others are silent too": {25, timeout, "imap.example.com", []probe{{smtp(465, report.TLS), report.ConnectTimeout}}, report.ConnectTimeout},
		"port 25 refuses":                {25, refusedTCP, "imap.example.com", []probe{{smtp(465, report.TLS), ""}}, report.ConnectRefused},
		"port 587, 465 answers":          {587, timeout, "imap.example.com", []probe{{smtp(465, report.TLS), ""}}, report.ConnectTimeout},
		"all silent, IMAP is there":      {587, timeout, "smtp.example.com", []probe{{smtp(465, report.TLS), report.ConnectTimeout}}, report.ConnectPortBlocked},
		"one refuses, IMAP is there":     {587, timeout, "smtp.example.com", []probe{{smtp(465, report.TLS), report.ConnectRefused}}, report.ConnectTimeout},
		"no probes, IMAP is there":       {587, timeout, "smtp.example.com", nil, report.ConnectTimeout},
	} {
		t.Run(name, func(t *testing.T) {
			m := newRun(t)
			m.start()
			m.session("imap", tt.imapAt, "", nil, "")
			c := m.session("smtp", "smtp.example.com", "connect", tt.err, "")
			c.Endpoint.Port = tt.port
			r := &report.Report{Address: "anna@example.com", Checks: m.log.Checks()}
			if tt.probes != nil {
				probing(r, tt.probes...)
			}
			Verdict(r, Facts{})
			v := r.Verdict
			if v.FailedStep != "smtp.connect" || v.Cause != tt.want || r.ExitCode != report.ExitConnect {
				t.Errorf("got %s %s, exit status %d; want %s", v.FailedStep, v.Cause, r.ExitCode, tt.want)
			}
			also := c.Step("connect").Alternatives
			if blocked := tt.want == report.ConnectPortBlocked; blocked != (len(also) == 1 && also[0].Cause == report.ConnectTimeout) {
				t.Errorf("alternatives %+v", also)
			}
		})
	}
}

func TestDeadFamily(t *testing.T) {
	for want, addresses := range map[string][]report.Address{
		"Only IPv6 fails; over IPv4 the server answers.": {{IP: "2001:db8::1", Result: report.Fail}, {IP: "192.0.2.1", Result: report.OK}},
		"Only IPv4 fails; over IPv6 the server answers.": {{IP: "2001:db8::1", Result: report.OK}, {IP: "192.0.2.1", Result: report.Fail}},
		"": {{IP: "2001:db8::1", Result: report.Fail}, {IP: "192.0.2.1", Result: report.Fail}, {IP: "192.0.2.2", Result: report.OK}},
	} {
		check, step := imapCheck("connect", report.TLS, nil)
		check.Addresses = addresses
		step.Result, step.Cause = report.Warn, report.ConnectAddressDead
		Step(check, step, lang.English)
		if strings.Contains(step.Explanation, "Only IP") != (want != "") || !strings.Contains(step.Explanation, want) {
			t.Errorf("explanation %q, want in it %q", step.Explanation, want)
		}
	}
}
