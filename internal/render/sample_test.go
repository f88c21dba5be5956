package render

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"mailcheck/report"
)

var began = time.Date(2026, 11, 20, 12, 3, 2, 0, time.UTC)

// sampled makes a sample, each step behind the one before it.
func sampled(name string) *report.Report {
	r := samples[name]()
	var now int64
	for _, c := range r.Checks {
		c.Result = ""
		for _, s := range c.Steps {
			s.ID, s.StartMS = c.ID+"."+s.Step, now
			now += s.DurationMS
			c.Result = report.Worse(c.Result, s.Result)
		}
	}
	return r
}

func sample(address string, checks ...*report.Check) *report.Report {
	r := &report.Report{
		Schema: report.Schema, Tool: report.Tool{Name: "mailcheck", Version: "1.0.0"}, Lang: "en",
		Address: address, Started: began, DurationMS: 800, Result: report.OK, Checks: checks,
		Verdict: report.Verdict{Receive: report.OK, Send: report.OK, Delivery: report.OK, Logins: report.Logins{Limit: 2}},
	}
	for _, c := range checks {
		if c.Endpoint != nil {
			r.Settings = append(r.Settings, report.Endpoint{
				Protocol: c.Protocol, Host: c.Endpoint.Host, Port: c.Endpoint.Port, Security: c.Endpoint.Security,
				Username: address, Source: c.Endpoint.Source, Trusted: true, Chosen: true,
			})
		}
	}
	return r
}

// stage is a check without a server, session one with.
func stage(id string, steps ...*report.Step) *report.Check {
	return &report.Check{ID: id, Steps: steps}
}

func dialogue(id, host string, port int, security report.Security, source string, steps ...*report.Step) *report.Check {
	protocol, _, _ := strings.Cut(id, "#")
	return &report.Check{
		ID: id, Protocol: report.Protocol(protocol), Steps: steps, RoundTrips: len(steps),
		Endpoint: &report.CheckEndpoint{Host: host, Port: port, Security: security, Source: source},
	}
}

func withTLS(days int, c *report.Check) *report.Check {
	c.TLS = &report.TLSFacts{
		Version: "TLS 1.3", Cipher: "TLS_AES_128_GCM_SHA256", ServerName: c.Endpoint.Host, Verified: true,
		Certificate: &report.Certificate{
			Subject: "CN=" + c.Endpoint.Host, Issuer: "CN=R11,O=Let's Encrypt,C=US", Names: []string{c.Endpoint.Host},
			NotBefore: began.AddDate(0, 0, days-90), NotAfter: began.AddDate(0, 0, days), DaysLeft: days,
			SHA256: strings.Repeat("0123456789abcdef", 4), Key: "ECDSA P-256",
		},
		Chain: []report.ChainLink{{Subject: "CN=R11,O=Let's Encrypt,C=US", Issuer: "CN=ISRG Root X1,O=Internet Security Research Group,C=US", NotAfter: began.AddDate(2, 0, 0)}},
	}
	return c
}

// ran makes steps that were ok from "connect 9", "ehlo 10".
func ran(steps ...string) []*report.Step {
	var out []*report.Step
	for _, s := range steps {
		name, ms, _ := strings.Cut(s, " ")
		n, err := strconv.ParseInt(ms, 10, 64)
		if err != nil {
			panic(err)
		}
		out = append(out, &report.Step{Step: name, Result: report.OK, DurationMS: n})
	}
	return out
}

func said(s *report.Step, detail string) *report.Step { s.Detail = detail; return s }

func host(name, detail string, ms int64) *report.Step {
	return &report.Step{Step: "host", Subject: name, Result: report.OK, DurationMS: ms, Detail: detail}
}

func failed(step string, ms int64, cause report.Cause, confidence report.Confidence, detail string) *report.Step {
	return &report.Step{Step: step, Result: report.Fail, DurationMS: ms, Cause: cause, Confidence: confidence, Detail: detail}
}

func skipped(because string, cause report.Cause, steps ...string) []*report.Step {
	var out []*report.Step
	for _, s := range steps {
		out = append(out, &report.Step{Step: s, Result: report.Skip, Because: because, Cause: cause})
	}
	return out
}

func with(c *report.Check, steps ...*report.Step) *report.Check {
	c.Steps = append(c.Steps, steps...)
	return c
}

func addresses(n int, format string) string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf(format, i+1))
	}
	return strings.Join(all, ", ")
}

func contact(host string, port int, told ...string) report.Contact {
	return report.Contact{Host: host, Port: port, Purpose: "mail", Told: told}
}
