package diagnose

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"mailcheck/report"
)

// found is a report of settings from lines as "srv imap a.example.com:993 tls
// ok": source, protocol, place, security, and how its server fared: ok, or the
// step and the cause of its failure. "!" before a source: not trusted.
func found(lines ...string) *report.Report {
	r := &report.Report{Address: "anna@example.com", Checks: []*report.Check{{ID: "settings", Result: report.OK}, {ID: "dns"}}}
	count := map[string]int{}
	for _, l := range lines {
		w := strings.Fields(l)
		var port int
		host, number, _ := strings.Cut(w[2], ":")
		if _, err := fmt.Sscan(number, &port); err != nil {
			panic(err)
		}
		e := report.Endpoint{Protocol: report.Protocol(w[1]), Host: host, Port: port, Security: report.Security(w[3]),
			Source: strings.TrimPrefix(w[0], "!"), Trusted: !strings.HasPrefix(w[0], "!")}
		e.Chosen = e.Security != report.None && !slices.ContainsFunc(r.Settings, func(o report.Endpoint) bool { return o.Chosen && o.Protocol == e.Protocol })
		d := discovery{reading: reading{setting: setting{report: r}}}
		if settings := r.Checks[0]; settings.Step(e.Source) == nil {
			settings.Steps = append(settings.Steps, &report.Step{ID: "settings." + e.Source, Step: e.Source, Result: report.OK})
		}
		r.Settings = append(r.Settings, e)
		if d.checkAt(e) != nil {
			continue
		}
		id := w[1]
		if count[id]++; count[id] > 1 {
			id = fmt.Sprintf("%s#%d", id, count[id])
		}
		c := &report.Check{ID: id, Protocol: e.Protocol, Result: report.OK,
			Endpoint:  &report.CheckEndpoint{Host: e.Host, Port: e.Port, Security: e.Security, Source: e.Source},
			Addresses: []report.Address{{IP: "192.0.2.1", Result: report.OK}}}
		if e.Security != report.None {
			c.TLS = &report.TLSFacts{Verified: true, Certificate: &report.Certificate{Names: []string{"*.example.com"}}}
		}
		s := &report.Step{ID: id + ".connect", Step: "connect", Result: report.OK}
		if w[4] != "ok" {
			s = &report.Step{ID: id + "." + w[4], Step: w[4], Result: report.Fail, Cause: report.Cause(w[5])}
			c.Result = report.Fail
		}
		c.Steps = []*report.Step{s}
		r.Checks = append(r.Checks, c)
	}
	return r
}

func TestDiscovery(t *testing.T) {
	const smtp = "srv smtp smtp.example.com:465 tls ok"
	for name, tc := range map[string]struct {
		lines    []string
		facts    Facts
		chosen   string
		headline string // its beginning
		says     string // the explanation
		findings []string
		admin    string // the first advice for the administrator
		exit     int
	}{
		"a better source is wrong": {
			lines:    []string{"autoconfig imap mail.example.com:993 tls tls tls.hostname_mismatch", "srv imap imap.example.com:993 tls ok", smtp},
			chosen:   "imap imap.example.com:993 srv, smtp smtp.example.com:465 srv",
			headline: "THEY DISAGREE ABOUT THE SERVER'S NAME.",
			says:     "Tried without a password, both lead to the same machine (192.0.2.1), but only one name is in its certificate.",
			findings: []string{"settings.autoconfig mail.example.com: the certificate is for *.example.com", "settings.srv imap.example.com: the certificate is for *.example.com"},
			admin:    "In https://autoconfig.example.com/mail/config-v1.1.xml write imap.example.com for mail.example.com. Until then each mail program that asks there warns its user about the certificate.",
		},
		"three sources, two are wrong": {
			lines:    []string{"pacc imap a.example.com:993 tls connect connect.refused", "autoconfig imap b.example.com:993 tls ok", "srv imap c.example.com:993 tls connect connect.timeout", smtp},
			chosen:   "imap b.example.com:993 autoconfig, smtp smtp.example.com:465 srv",
			headline: "THEY DISAGREE ABOUT THE SERVER'S NAME.",
			says:     "Tried without a password, only what autoconfig named works.",
			findings: []string{"settings.pacc a.example.com: nothing listens at a.example.com port 993", "settings.autoconfig b.example.com: the certificate is for *.example.com",
				"settings.srv c.example.com: c.example.com port 993 does not answer"},
			admin: "In https://ua-auto-config.example.com/.well-known/user-agent-configuration.json (its digest is in the TXT record _ua-auto-config.example.com) write b.example.com for a.example.com. Until then mail programs that ask there fail.",
		},
		"the port alone": {
			lines:    []string{"autoconfig imap imap.example.com:143 starttls starttls tls.starttls_not_offered", "srv imap imap.example.com:993 tls ok", smtp},
			chosen:   "imap imap.example.com:993 srv, smtp smtp.example.com:465 srv",
			headline: "THEY DISAGREE ABOUT THE PORT OR THE ENCRYPTION.",
			says:     "Tried without a password, only what srv named works.",
			findings: []string{"settings.autoconfig imap.example.com:143 (STARTTLS): imap.example.com offers no encryption on this port", "settings.srv imap.example.com:993 (SSL/TLS): it answers as it should"},
			admin:    "In https://autoconfig.example.com/mail/config-v1.1.xml write imap.example.com:993 (SSL/TLS) for imap.example.com:143 (STARTTLS). Until then mail programs that ask there fail.",
		},
		"one of several is the same": {
			lines:    []string{"autoconfig imap imap.example.com:993 tls ok", "autoconfig imap imap.example.com:143 none ok", "srv imap IMAP.example.com:143 starttls ok", "srv imap imap.example.com:993 tls ok", smtp},
			chosen:   "imap imap.example.com:993 autoconfig, smtp smtp.example.com:465 srv",
			headline: "THE SOURCES AGREE:",
		},
		"guessing is no source": {
			lines:    []string{"srv imap imap.example.com:993 tls ok", smtp, "guess imap mail.example.com:993 tls tls tls.hostname_mismatch", "guess pop3 mail.example.com:995 tls tls tls.hostname_mismatch"},
			chosen:   "imap imap.example.com:993 srv, smtp smtp.example.com:465 srv, pop3 mail.example.com:995 guess",
			headline: "THE SETTINGS ARE FOUND:",
		},
		"clear text alone": {
			lines:    []string{"autoconfig imap imap.example.com:143 none ok", "guess imap imap.example.com:993 tls ok", smtp},
			chosen:   "imap imap.example.com:993 guess, smtp smtp.example.com:465 srv",
			headline: "THE SOURCES AGREE:",
		},
		"POP3 is broken": {
			lines:    []string{"srv imap imap.example.com:993 tls ok", "srv pop3 pop.example.com:995 tls connect connect.refused", smtp},
			chosen:   "imap imap.example.com:993 srv, pop3 pop.example.com:995 srv, smtp smtp.example.com:465 srv",
			headline: "THE SETTINGS ARE FOUND, WITH A WARNING: the servers answer, and no login was tried; but nothing listens at pop.example.com port 995.",
			findings: []string{"pop3.connect nothing listens at pop.example.com port 995."},
		},
		"POP3 is broken and was asked for": {
			lines:    []string{"srv imap imap.example.com:993 tls ok", "srv pop3 pop.example.com:995 tls connect connect.refused", smtp},
			facts:    Facts{POP3Asked: true},
			chosen:   "imap imap.example.com:993 srv, pop3 pop.example.com:995 srv, smtp smtp.example.com:465 srv",
			headline: "NOT ALL SETTINGS WORK: nothing listens at pop.example.com port 995.",
			exit:     report.ExitConnect,
		},
		"a guessed IMAP is broken": {
			lines:    []string{"srv pop3 pop.example.com:995 tls ok", smtp, "guess imap mail.example.com:993 tls tls tls.hostname_mismatch"},
			chosen:   "pop3 pop.example.com:995 srv, smtp smtp.example.com:465 srv, imap mail.example.com:993 guess",
			headline: "THE SETTINGS ARE FOUND:",
		},
		"nobody vouches": {
			lines:    []string{"!srv imap imap.hoster.net:993 tls ok", "!srv smtp smtp.hoster.net:465 tls ok"},
			chosen:   "imap imap.hoster.net:993 srv, smtp smtp.hoster.net:465 srv",
			headline: "THE SETTINGS ARE FOUND, WITH A WARNING:",
			says:     "Nobody vouches for imap.hoster.net and smtp.hoster.net: outside example.com, and named only by sources that can be forged (unsigned DNS). No password goes there unasked.",
			findings: []string{"settings.srv Nobody vouches for imap.hoster.net and smtp.hoster.net: outside example.com, and named only by sources that can be forged (unsigned DNS). No password goes there unasked."},
		},
		"both are right": {
			lines:    []string{"autoconfig imap a.example.com:993 tls ok", "srv imap b.example.com:993 tls ok", smtp},
			facts:    Facts{Strict: true},
			chosen:   "imap a.example.com:993 autoconfig, smtp smtp.example.com:465 srv",
			headline: "THEY DISAGREE ABOUT THE SERVER'S NAME.",
			says:     "Tried without a password, both lead to the same machine (192.0.2.1), and every name is in its certificate.",
			findings: []string{"settings.autoconfig a.example.com: the certificate is for *.example.com", "settings.srv b.example.com: the certificate is for *.example.com"},
			admin:    "Let all sources of example.com name the same servers: its SRV records, its autoconfig file, and the ISPDB.",
			exit:     report.ExitWarn,
		},
		"each is right about one": {
			lines:    []string{"autoconfig imap a.example.com:993 tls ok", "autoconfig smtp a.example.com:465 tls connect connect.refused", "srv imap b.example.com:993 tls connect connect.refused", "srv smtp b.example.com:465 tls ok"},
			chosen:   "imap a.example.com:993 autoconfig, smtp b.example.com:465 srv",
			headline: "THEY DISAGREE ABOUT THE SERVER'S NAME.",
			says:     "Tried without a password, none of them is right in all.",
			findings: []string{"settings.autoconfig a.example.com: nothing listens at a.example.com port 465", "settings.srv b.example.com: nothing listens at b.example.com port 993"},
			admin:    "In https://autoconfig.example.com/mail/config-v1.1.xml write b.example.com for a.example.com. Until then mail programs that ask there fail.",
		},
		"hosts that behave alike": {
			lines: []string{"autoconfig imap old.example.com:993 tls tls tls.hostname_mismatch", "autoconfig pop3 old.example.com:995 tls tls tls.hostname_mismatch", "autoconfig smtp smtp.example.com:465 tls ok",
				"srv imap imap.example.com:993 tls ok", "srv pop3 pop.example.com:995 tls ok", smtp},
			chosen:   "smtp smtp.example.com:465 autoconfig, imap imap.example.com:993 srv, pop3 pop.example.com:995 srv",
			headline: "THEY DISAGREE ABOUT THE SERVER'S NAME.",
			says:     "Tried without a password, both lead to the same machine (192.0.2.1), but only the names from srv are in its certificate.",
			findings: []string{"settings.autoconfig old.example.com: the certificate is for *.example.com", "settings.srv imap.example.com and pop.example.com: the certificate is for *.example.com"},
			admin:    "In https://autoconfig.example.com/mail/config-v1.1.xml write imap.example.com for old.example.com (IMAP) and pop.example.com for old.example.com (POP3). Until then each mail program that asks there warns its user about the certificate.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := found(tc.lines...)
			tc.facts.NoAuth = true
			Discovery(r, tc.facts)
			v := r.Verdict
			if !strings.HasPrefix(v.Headline, tc.headline) || r.ExitCode != tc.exit {
				t.Errorf("exit status %d: %s", r.ExitCode, v.Headline)
			}
			if v.FailedStep == "" && v.Explanation != tc.says {
				t.Errorf("says %q", v.Explanation)
			}
			var chosen, findings []string
			for _, e := range r.Settings {
				if e.Chosen {
					chosen = append(chosen, fmt.Sprintf("%s %s %s", e.Protocol, place(e), e.Source))
				}
			}
			if got := strings.Join(chosen, ", "); got != tc.chosen {
				t.Errorf("chosen %s", got)
			}
			for _, f := range v.Findings {
				findings = append(findings, f.Step+" "+f.Text)
			}
			if len(findings) != len(tc.findings) {
				t.Errorf("findings %q", findings)
			}
			for i := range min(len(findings), len(tc.findings)) {
				if !strings.HasPrefix(findings[i], tc.findings[i]) {
					t.Errorf("finding %q", findings[i])
				}
			}
			if admin := append(v.AdminAdvice, ""); v.FailedStep == "" && admin[0] != tc.admin {
				t.Errorf("advice %q", v.AdminAdvice)
			}
		})
	}
}

// What the verdict of a conflict warns of stands on the steps, too.
func TestConflictIsAWarningOfItsSource(t *testing.T) {
	r := found("autoconfig imap mail.example.com:993 tls tls tls.hostname_mismatch", "srv imap imap.example.com:993 tls ok", "srv smtp smtp.example.com:465 tls ok")
	Discovery(r, Facts{NoAuth: true})
	settings := r.Check("settings")
	if s := settings.Step("autoconfig"); s.Result != report.Warn || s.Cause != report.SettingsConflict || len(s.Advice) == 0 || settings.Result != report.Warn {
		t.Errorf("autoconfig %+v", s)
	}
	if s := settings.Step("srv"); s.Result != report.OK || s.Cause != "" {
		t.Errorf("srv %+v", s)
	}
	if r.Result != report.Warn || r.ExitCode != report.ExitOK || r.Verdict.Cause != report.SettingsConflict || r.Verdict.FailedStep != "" {
		t.Errorf("%s, exit status %d, %s", r.Result, r.ExitCode, r.Verdict.Cause)
	}
	if v := r.Verdict; v.Receive != report.NotChecked || v.Send != report.NotChecked || v.Delivery != report.NotChecked {
		t.Errorf("receive %s, send %s, delivery %s", v.Receive, v.Send, v.Delivery)
	}
}
