package diagnose

import (
	"strings"
	"testing"

	"mailcheck/report"
)

func TestParseExpectation(t *testing.T) {
	for text, want := range map[string]report.Expectation{
		"smtp.rcpt=fail:submit.relay_denied": {Step: "smtp.rcpt", Result: report.Fail, Cause: report.SubmitRelayDenied},
		"imap#2.tls=ok":                      {Step: "imap#2.tls", Result: report.OK},
		"*.auth=skip":                        {Step: "*.auth", Result: report.Skip},
		"*=warn":                             {Step: "*", Result: report.Warn},
		"probe.smtp-465=ok":                  {Step: "probe.smtp-465", Result: report.OK},
	} {
		if got, err := ParseExpectation(text); err != nil || got.Step != want.Step || got.Result != want.Result || got.Cause != want.Cause {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	for text, says := range map[string]string{
		"smtp.rcpt":              "STEP=RESULT",
		"=ok":                    "STEP=RESULT",
		"smtp.rcpt=":             "STEP=RESULT",
		"smtp.rcpt=failed":       "ok, warn, fail, skip",
		"smtp.rcpt=fail:":        "no cause",
		"smtp.rcpt=fail:oh.dear": "no cause",
		"rcpt=ok":                "CHECK.STEP",
		"stmp.rcpt=ok":           "settings, dns, creds",
		"smtp.rctp=fail":         "smtp has the steps connect, tls, ",
		"imap#2.rcpt=ok":         "capability, starttls, auth",
		"dns.host a.example=ok":  "dns has the steps mx, host",
	} {
		if _, err := ParseExpectation(text); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %q in it", text, err, says)
		}
	}
}

// TestExpect: an expectation replaces the judgement of its steps, and of these
// alone.
func TestExpect(t *testing.T) {
	refuse := func(m *madeRun) {
		m.start()
		m.fails("imap", "auth", refusal(m.t, refusedByIMAP))
		m.fails("smtp", "auth", refusal(m.t, refusedBySMTP))
		m.notSent("smtp.auth")
	}
	relay := func(m *madeRun) {
		m.one("settings", map[string]error{"srv": nil})
		m.fails("smtp", "rcpt", refusal(m.t, "554 5.7.1 <a@example.net>: Relay access denied"))
		m.notSent("flags")
	}
	open := func(m *madeRun) {
		m.one("settings", map[string]error{"srv": nil})
		m.good("smtp")
		m.notSent("flags")
	}
	relayFacts := Facts{Without: []report.Protocol{report.IMAP, report.POP3}, NoAuth: true, Send: SendRcpt, To: "a@example.net"}
	for name, c := range map[string]struct {
		make     func(*madeRun)
		facts    Facts
		expect   string
		result   report.Result
		exit     int
		headline string
		step     string
		says     string // in the explanation
	}{
		"a relay that is refused": {make: relay, facts: relayFacts, expect: "smtp.rcpt=fail:submit.relay_denied",
			result: report.OK, headline: "ALL AS EXPECTED: smtp.rcpt came to fail:submit.relay_denied."},
		"a relay that is open": {make: open, facts: relayFacts, expect: "smtp.rcpt=fail:submit.relay_denied", result: report.Fail, exit: 19, step: "smtp.rcpt",
			headline: "NOT AS EXPECTED: smtp.rcpt came to ok, and fail:submit.relay_denied was expected.", says: "open relay"},
		"refused for another reason": {make: relay, facts: relayFacts, expect: "smtp.rcpt=fail:submit.rate_limited", result: report.Fail, exit: 19, step: "smtp.rcpt",
			headline: "NOT AS EXPECTED: smtp.rcpt came to fail:submit.relay_denied, and fail:submit.rate_limited was expected."},
		"a disabled account": {make: refuse, expect: "*.auth=fail:auth.bad_credentials",
			result: report.OK, headline: "ALL AS EXPECTED: *.auth came to fail:auth.bad_credentials."},
		"half of it": {make: refuse, expect: "imap.auth=fail", result: report.Fail, exit: 15, step: "smtp.auth",
			headline: "NEITHER RECEIVING NOR SENDING WORKS: the SMTP server did not accept the password."},
		"several": {make: refuse, expect: "imap.auth=fail smtp.auth=fail smtp.rcpt=skip",
			result: report.OK, headline: "ALL AS EXPECTED: 3 expectations held."},
		"a step that was not reached": {make: refuse, expect: "*.auth=fail smtp.rcpt=fail", result: report.Fail, exit: 19, step: "smtp.rcpt",
			headline: "NOT AS EXPECTED: smtp.rcpt did not run, and fail was expected.", says: "smtp.rcpt was not reached, because smtp.auth failed."},
		"a step that flags leave out": {make: func(m *madeRun) {
			open(m)
			m.skipped("imap", "")
		}, facts: relayFacts, expect: "imap.auth=ok", result: report.Fail, exit: 19, step: "imap.auth",
			headline: "NOT AS EXPECTED: imap.auth did not run, and ok was expected.", says: "imap.auth was not asked for"},
		"two that did not hold, of one pattern": {make: open, facts: relayFacts, expect: "smtp.*=fail smtp.connect=fail", result: report.Fail, exit: 19, step: "smtp.tls",
			headline: "NOT AS EXPECTED: smtp.tls came to ok, and fail was expected."},
		"a step that there is not": {make: open, facts: relayFacts, expect: "imap#2.auth=fail", result: report.Fail, exit: 19, step: "imap#2.auth",
			headline: "NOT AS EXPECTED: imap#2.auth did not run, and fail was expected."},
		"a failure of its own beside one that did not hold": {make: func(m *madeRun) {
			m.start()
			m.fails("imap", "connect", refusedTCP)
			m.good("smtp")
		}, expect: "smtp.auth=fail", result: report.Fail, exit: 12, step: "imap.connect",
			headline: "YOU CAN SEND BUT NOT RECEIVE: nothing listens at imap.example.com port 993."},
		"a warning that is expected": {make: func(m *madeRun) {
			m.start()
			m.good("imap")
			m.good("smtp")
			m.arrived()
			m.warn("imap", "tls", report.TLSExpiresSoon)
		}, facts: Facts{Strict: true}, expect: "imap.tls=warn", result: report.OK, headline: "ALL AS EXPECTED: imap.tls came to warn."},
		"a warning that is not": {make: func(m *madeRun) {
			m.start()
			m.good("imap")
			m.good("smtp")
			m.arrived()
			m.warn("imap", "tls", report.TLSExpiresSoon)
		}, expect: "smtp.data=ok", result: report.Warn, headline: "ALL AS EXPECTED, BUT imap.tls WARNED: smtp.data came to ok."},
	} {
		t.Run(name, func(t *testing.T) {
			m := newRun(t)
			c.make(m)
			r := m.report()
			for _, text := range strings.Fields(c.expect) {
				e, err := ParseExpectation(text)
				if err != nil {
					t.Fatal(err)
				}
				r.Expectations = append(r.Expectations, e)
			}
			Verdict(r, c.facts)
			v := r.Verdict
			if r.Result != c.result || r.ExitCode != c.exit || v.Headline != c.headline || v.FailedStep != c.step {
				t.Errorf("%s %d %s\n%s\nwant %s %d %s\n%s", r.Result, r.ExitCode, v.FailedStep, v.Headline, c.result, c.exit, c.step, c.headline)
			}
			if !strings.Contains(v.Explanation, c.says) {
				t.Errorf("it says %q, want %q in it", v.Explanation, c.says)
			}
		})
	}
}
