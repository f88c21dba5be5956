package diagnose

import (
	"context"
	"slices"
	"strings"
	"testing"

	"mailcheck/internal/lang"
	"mailcheck/report"
)

func smtpRefused(m *madeRun) {
	m.start()
	m.good("imap")
	m.good("pop3")
	m.fails("smtp", "auth", refusal(m.t, "535 5.7.8 Error: authentication failed"))
	m.notSent("smtp.auth")
}

func TestRefusedLoginBesideAnAcceptedOne(t *testing.T) {
	settings := []report.Endpoint{
		{Protocol: report.IMAP, Host: "imap.example.com", Port: 993, Username: "anna@example.com"},
		{Protocol: report.SMTP, Host: "smtp.example.com", Port: 465, Username: "anna@example.com"},
	}
	for name, tt := range map[string]struct {
		make      func(*madeRun)
		change    func(*report.Report)
		facts     Facts
		begins    string // the verdict's explanation
		advice    string // a part of it
		sure      report.Confidence
		otherwise report.Cause // the first alternative
	}{
		"SMTP alone refuses": {
			make:   smtpRefused,
			begins: "IMAP and POP3 took the same user name and password in this run: they are right. So SMTP is probably switched off",
			advice: "Try anna as the user name in place of anna@example.com, with the flag --smtp-user.",
			sure:   report.Medium, otherwise: report.AuthProtocolDisabled,
		},
		"with a sign-in": {
			make:   smtpRefused,
			change: func(r *report.Report) { r.Credentials.Kind = "token" },
			begins: "IMAP and POP3 took the same user name and sign-in in this run: they are right.",
			advice: "switch SMTP on", sure: report.Medium, otherwise: report.AuthProtocolDisabled,
		},
		"with another user name": {
			make: smtpRefused,
			change: func(r *report.Report) {
				r.Settings = slices.Clone(settings)
				r.Settings[1].Username = "anna"
			},
			begins: "IMAP and POP3 took the same password in this run, but with the user name anna@example.com.",
			advice: "Try anna@example.com as the user name in place of anna,", sure: report.Medium, otherwise: report.AuthProtocolDisabled,
		},
		"with a password of its own": {
			make: smtpRefused, facts: Facts{OwnSecret: []report.Protocol{report.SMTP}},
			begins: "For SMTP a password of its own was used.", advice: "mailcheck creds set anna@example.com --protocol smtp", sure: report.Medium, otherwise: report.AuthAppPasswordRequired,
		},
		"for a reason of its own": {
			make: func(m *madeRun) {
				m.start()
				m.good("imap")
				m.fails("smtp", "auth", refusal(m.t, "454 4.7.0 Temporary authentication failure"))
			},
			begins: "IMAP took the same user name and password in this run: they are right. The password was neither",
			advice: "Change nothing", sure: report.High,
		},
		"IMAP alone refuses": {
			make: func(m *madeRun) {
				m.start()
				m.fails("imap", "auth", refusal(m.t, "NO [AUTHENTICATIONFAILED] Authentication failed."))
				m.good("smtp")
			},
			begins: "SMTP took the same user name and password in this run: they are right. So IMAP is probably",
			advice: "switch IMAP on", sure: report.Medium, otherwise: report.AuthProtocolDisabled,
		},
		"all refuse": {
			make: func(m *madeRun) {
				m.start()
				m.fails("imap", "auth", refusal(m.t, "NO Login failed."))
				m.fails("smtp", "auth", refusal(m.t, "535 Incorrect authentication data"))
			},
			begins: "SMTP refused the same password too. User name or password are wrong,",
			advice: "make an app password", sure: report.Medium, otherwise: report.AuthAppPasswordRequired,
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := newRun(t)
			tt.make(m)
			r := m.report()
			if tt.change != nil {
				tt.change(r)
			}
			Verdict(r, tt.facts)
			v := r.Verdict
			if !strings.HasPrefix(v.Explanation, tt.begins) {
				t.Errorf("explanation\n%s\nwant it to begin\n%s", v.Explanation, tt.begins)
			}
			if !strings.Contains(strings.Join(v.Advice, "\n"), tt.advice) {
				t.Errorf("advice %q has no %q", v.Advice, tt.advice)
			}
			if v.Confidence != tt.sure {
				t.Errorf("confidence %s, want %s", v.Confidence, tt.sure)
			}
			root := r.Check(strings.Split(v.FailedStep, ".")[0]).Step("auth")
			var otherwise report.Cause
			if len(root.Alternatives) > 0 {
				otherwise = root.Alternatives[0].Cause
			}
			if otherwise != tt.otherwise {
				t.Errorf("alternative %q, want %q", otherwise, tt.otherwise)
			}
			if root.Explanation != v.Explanation || !slices.Equal(root.Advice, v.Advice) {
				t.Error("the step and the verdict say different things")
			}
		})
	}
}

// POP3's refusal beside IMAP's yes is no failure, wherever it stands.
func TestRefusedPOP3IsReweighed(t *testing.T) {
	m := newRun(t)
	m.start()
	m.good("imap")
	m.fails("pop3", "auth", refusal(t, "-ERR Logon failure"))
	m.good("smtp")
	m.arrived()
	r := m.report()
	Verdict(r, Facts{})
	pop3 := r.Check("pop3")
	auth := pop3.Step("auth")
	if auth.Result != report.Warn || pop3.Result != report.Warn {
		t.Errorf("step %s, check %s; want both warn", auth.Result, pop3.Result)
	}
	if auth.Cause != report.AuthProtocolDisabled || auth.Confidence != report.Medium {
		t.Errorf("got %s (%s)", auth.Cause, auth.Confidence)
	}
	if want := "IMAP and SMTP took the same user name and password in this run: they are right. Many providers leave it off"; !strings.HasPrefix(auth.Explanation, want) {
		t.Errorf("explanation %q, want %q first", auth.Explanation, want)
	}
	if f := r.Verdict.Findings; len(f) != 1 || !strings.HasPrefix(f[0].Text, "POP3 is switched off for this account. IMAP and SMTP took") || len(f[0].Advice) == 0 {
		t.Errorf("findings %+v", f)
	}
}

// The steps of a finished run name the address, which a step by itself does
// not know.
func TestVerdictCompletesTheWords(t *testing.T) {
	m := newRun(t)
	m.start()
	m.fails("imap", "auth", refusal(t, "NO [AUTHENTICATIONFAILED] Authentication failed."))
	r := m.report()
	auth := r.Check("imap").Step("auth")
	if !slices.ContainsFunc(auth.Advice, func(s string) bool { return strings.Contains(s, "mailcheck creds set ADDRESS") }) {
		t.Errorf("before the verdict: %q", auth.Advice)
	}
	Verdict(r, Facts{})
	if !slices.ContainsFunc(auth.Advice, func(s string) bool { return strings.Contains(s, "mailcheck creds set anna@example.com") }) {
		t.Errorf("after the verdict: %q", auth.Advice)
	}
	if len(r.Verdict.AdminAdvice) != 1 || !strings.Contains(r.Verdict.AdminAdvice[0], "the log of imap.example.com why the login of anna@example.com") {
		t.Errorf("advice for the administrator: %q", r.Verdict.AdminAdvice)
	}
}

// Advice that is the root's is not said again for each finding.
func TestFindingsDoNotRepeatTheAdvice(t *testing.T) {
	m := newRun(t)
	m.start()
	m.fails("imap", "connect", context.DeadlineExceeded)
	m.fails("pop3", "connect", context.DeadlineExceeded)
	m.fails("smtp", "auth", refusal(t, "535 5.7.8 Error: authentication failed"))
	r := m.report()
	Verdict(r, Facts{})
	f := r.Verdict.Findings
	if len(f) != 2 || f[0].Advice != nil || len(f[1].Advice) == 0 {
		t.Errorf("findings %+v", f)
	}
}

func TestClearTextAllowed(t *testing.T) {
	check, step := imapCheck("auth", report.None, nil)
	step.Result = report.Warn
	Step(check, step, lang.English)
	if step.Cause != report.AuthCleartextRefused || !strings.Contains(step.Explanation, "allowed with --allow-cleartext") {
		t.Errorf("explanation %q", step.Explanation)
	}
	check, step = imapCheck("auth", report.None, &report.Fault{Cause: report.AuthCleartextRefused})
	Step(check, step, lang.English)
	if !strings.Contains(step.Explanation, "The server was not asked") {
		t.Errorf("explanation %q", step.Explanation)
	}
}

func TestProven(t *testing.T) {
	for name, tt := range map[string]struct {
		make   func(*madeRun)
		change func(*report.Report)
		want   []string
	}{
		"all": {
			make: func(m *madeRun) { m.start(); m.good("imap"); m.good("pop3"); m.good("smtp") },
			want: []string{"IMAP, POP3 and SMTP: server name, port, encryption, user name and password are right"},
		},
		"SMTP login refused": {make: smtpRefused, want: []string{
			"IMAP and POP3: server name, port, encryption, user name and password are right",
			"SMTP: port and encryption are right, and the certificate is good",
		}},
		"nothing answers": {
			make: func(m *madeRun) { m.start(); m.fails("imap", "connect", context.DeadlineExceeded) },
		},
		"bad certificate": {
			make: func(m *madeRun) { m.start(); m.fails("imap", "tls", context.DeadlineExceeded) },
		},
		"login refused after a bad certificate": {
			make: func(m *madeRun) {
				m.start()
				c := m.session("imap", "imap.example.com", "auth", refusal(m.t, "NO Login failed."), "")
				c.Step("tls").Result, c.Step("tls").Err = report.Warn, context.DeadlineExceeded
			},
		},
		"logged in with a bad certificate": {
			make: func(m *madeRun) {
				m.start()
				c := m.session("imap", "imap.example.com", "", nil, "")
				c.Step("tls").Result, c.Step("tls").Err = report.Warn, context.DeadlineExceeded
			},
			want: []string{"IMAP: user name and password are right"},
		},
		"certificate ends soon": {
			make: func(m *madeRun) {
				m.start()
				c := m.session("imap", "imap.example.com", "", nil, "")
				c.Step("tls").Result, c.Step("tls").Cause = report.Warn, report.TLSExpiresSoon
			},
			want: []string{"IMAP: server name, port, encryption, user name and password are right"},
		},
		"second candidate": {
			make: func(m *madeRun) {
				m.start()
				m.session("imap", "old.example.com", "connect", context.DeadlineExceeded, "")
				m.good("imap#2")
			},
			change: func(r *report.Report) { r.Credentials.Kind = "token" },
			want:   []string{"IMAP: server name, port, encryption, user name and sign-in are right"},
		},
		"in clear text": {
			make: func(m *madeRun) {
				m.start()
				imap := m.session("imap", "imap.example.com", "", nil, "")
				smtp := m.session("smtp", "smtp.example.com", "auth", refusal(m.t, "535 5.7.8 no"), "")
				for _, c := range []*report.Check{imap, smtp} {
					c.Steps = slices.DeleteFunc(c.Steps, func(s *report.Step) bool { return s.Step == "tls" })
				}
			},
			want: []string{"IMAP: server name, port, user name and password are right", "SMTP: the port is right"},
		},
		"mailbox refused": {
			make: func(m *madeRun) {
				m.start()
				m.fails("imap", "mailbox", refusal(m.t, "NO no"))
			},
			want: []string{"IMAP: server name, port, encryption, user name and password are right"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := newRun(t)
			tt.make(m)
			r := m.report()
			if tt.change != nil {
				tt.change(r)
			}
			Verdict(r, Facts{})
			if !slices.Equal(r.Verdict.Proven, tt.want) {
				t.Errorf("got %q, want %q", r.Verdict.Proven, tt.want)
			}
		})
	}
}

// A second form of the user name that is accepted proves the password.
func TestSecondLoginCounts(t *testing.T) {
	m := newRun(t)
	m.start()
	m.good("imap")
	m.fails("smtp", "auth", refusal(t, "535 5.7.8 no"))
	r := m.report()
	imap := r.Check("imap")
	first := *imap.Step("auth")
	first.Subject, first.Result, first.Cause = "anna@example.com", report.Warn, report.AuthBadCredentials
	imap.Steps = slices.Insert(imap.Steps, slices.Index(imap.Steps, imap.Step("auth")), &first)
	Verdict(r, Facts{})
	if want := "IMAP took the same user name and password"; !strings.HasPrefix(r.Verdict.Explanation, want) {
		t.Errorf("explanation %q, want %q first", r.Verdict.Explanation, want)
	}
}

func TestNoMXRecord(t *testing.T) {
	m := newRun(t)
	m.start()
	m.warn("dns", "mx", report.DNSNoRecords)
	r := m.report()
	Verdict(r, Facts{})
	if f := r.Verdict.Findings; len(f) != 1 || !strings.HasPrefix(f[0].Text, "example.com has no MX record. Mail then goes") {
		t.Errorf("findings %+v", f)
	}
}
