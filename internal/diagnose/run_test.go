package diagnose

import (
	"context"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"mailcheck/internal/dns"
	"mailcheck/internal/lang"
	"mailcheck/report"
	"mailcheck/wire"
)

var plans = map[report.Protocol][]string{
	report.IMAP: {"connect", "tls", "greeting", "capability", "auth", "mailbox", "logout"},
	report.POP3: {"connect", "tls", "greeting", "capability", "auth", "mailbox", "logout"},
	report.SMTP: {"connect", "tls", "greeting", "ehlo", "auth", "mail", "rcpt", "data", "quit"},
}

// madeRun records a run by hand, with Step as the judge.
type madeRun struct {
	t   *testing.T
	log *report.Log
}

func newRun(t *testing.T) *madeRun {
	return &madeRun{t, &report.Log{Start: time.Now(), Judge: func(c *report.Check, s *report.Step) { Step(c, s, lang.English) }}}
}

// one records a check of single steps that ended as given.
func (m *madeRun) one(id string, steps map[string]error) *report.Check {
	rec := m.log.Check(id, nil)
	names := []string{}
	for name := range steps {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		name, subject, _ := strings.Cut(name, " ")
		_ = rec.RunSubject(context.Background(), name, subject, func(context.Context, *report.Step) error {
			return steps[strings.TrimSpace(name+" "+subject)]
		})
	}
	return rec.Check()
}

// session records a session of the protocol that fails at a step; with a nil
// error it ends before that step, which is skipped like the rest because of
// because.
func (m *madeRun) session(id, host string, stop string, err error, because string) *report.Check {
	p := report.Protocol(report.CheckKind(id))
	port := map[report.Protocol]int{report.IMAP: 993, report.POP3: 995, report.SMTP: 465}[p]
	rec := m.log.Check(id, &report.Endpoint{Protocol: p, Host: host, Port: port, Security: report.TLS})
	for _, step := range plans[p] {
		if step == stop && err == nil {
			break
		}
		failed := rec.Run(context.Background(), step, func(context.Context, *report.Step) error {
			if step == stop {
				return err
			}
			return nil
		})
		if failed != nil {
			break
		}
	}
	rec.SkipRest(plans[p], because)
	return rec.Check()
}

func (m *madeRun) good(id string) { m.session(id, report.CheckKind(id)+".example.com", "", nil, "") }
func (m *madeRun) fails(id, step string, err error) {
	m.session(id, report.CheckKind(id)+".example.com", step, err, "")
}
func (m *madeRun) stops(id, step, because string) {
	m.session(id, report.CheckKind(id)+".example.com", step, nil, because)
}
func (m *madeRun) skipped(id string, cause report.Cause) { m.skippedBecause(id, report.ByFlags, cause) }

func (m *madeRun) skippedBecause(id, because string, cause report.Cause) {
	rec := m.log.Check(id, &report.Endpoint{Protocol: report.Protocol(report.CheckKind(id)), Host: report.CheckKind(id) + ".example.com", Port: 1, Security: report.TLS})
	for _, step := range plans[report.Protocol(report.CheckKind(id))] {
		rec.SkipCause(step, because, cause)
	}
}

// start records what comes before the sessions of a good run.
func (m *madeRun) start() {
	m.one("settings", map[string]error{"srv": nil})
	m.one("dns", map[string]error{"mx": nil, "host imap.example.com": nil, "host smtp.example.com": nil})
	m.one("creds", map[string]error{"password": nil})
}

func (m *madeRun) arrived() {
	m.one("delivery", map[string]error{"arrive": nil, "cleanup": nil, "inspect": nil})
}

func (m *madeRun) notSent(because string) {
	rec := m.log.Check("delivery", nil)
	rec.SkipRest([]string{"arrive", "inspect", "cleanup"}, because)
}

func (m *madeRun) report() *report.Report {
	return &report.Report{Address: "anna@example.com", Checks: m.log.Checks(),
		Credentials: &report.Credentials{Source: "keyring", Kind: "password"},
		Verdict:     report.Verdict{Logins: report.Logins{Made: 3, Rejected: 1, Limit: 2}}}
}

// What servers say to a login, and what networks do.
const (
	refusedByIMAP = "NO [AUTHENTICATIONFAILED] Authentication failed."
	refusedBySMTP = "535 5.7.8 Error: authentication failed"
	refusedByPOP3 = "-ERR [AUTH] Authentication failed."
)

var (
	noSuchDomain = &dns.Error{Name: "example.com", Type: "MX", Kind: dns.NXDomain}
	refusedTCP   = refusedBy(dialed(syscall.ECONNREFUSED))
	interrupted  = &wire.ContextError{Err: context.Canceled, Reason: context.Canceled}
)

// warn turns a recorded step into a warning.
func (m *madeRun) warn(id, step string, cause report.Cause) {
	for _, c := range m.log.Checks() {
		if c.ID == id {
			s := c.Step(step)
			s.Result, s.Cause = report.Warn, cause
			Step(c, s, lang.English)
			c.Result = report.Warn
		}
	}
}

// verdictCase is a run and its verdict.
type verdictCase struct {
	make     func(*madeRun)
	change   func(*report.Report)
	facts    Facts
	result   report.Result
	exit     int
	receive  report.Result
	send     report.Result
	delivery report.Result
	headline string
	step     string
	cause    report.Cause
	findings string // "cause at step", sorted as they come
}

func testVerdicts(t *testing.T, tests map[string]verdictCase) {
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			m := newRun(t)
			tt.make(m)
			r := m.report()
			if tt.change != nil {
				tt.change(r)
			}
			Verdict(r, tt.facts)
			v := r.Verdict
			if v.Headline != tt.headline {
				t.Errorf("headline\n%s\nwant\n%s", v.Headline, tt.headline)
			}
			if v.Receive != tt.receive || v.Send != tt.send || v.Delivery != tt.delivery {
				t.Errorf("receive %s, send %s, delivery %s; want %s, %s, %s", v.Receive, v.Send, v.Delivery, tt.receive, tt.send, tt.delivery)
			}
			if r.Result != tt.result || r.ExitCode != tt.exit {
				t.Errorf("%s, exit %d; want %s, exit %d", r.Result, r.ExitCode, tt.result, tt.exit)
			}
			if v.FailedStep != tt.step || v.Cause != tt.cause {
				t.Errorf("%s at %q; want %s at %q", v.Cause, v.FailedStep, tt.cause, tt.step)
			}
			var findings []string
			for _, f := range v.Findings {
				findings = append(findings, string(f.Cause)+" at "+f.Step)
				if f.Text == "" {
					t.Errorf("the finding at %s has no text", f.Step)
				}
			}
			if got := strings.Join(findings, ", "); got != tt.findings {
				t.Errorf("findings %q, want %q", got, tt.findings)
			}
			if v.Logins != (report.Logins{Made: 3, Rejected: 1, Limit: 2}) {
				t.Errorf("the count of logins became %+v", v.Logins)
			}
			if tt.step != "" && (v.Explanation == "" || v.Confidence == "" || len(v.Advice) == 0) {
				t.Errorf("the verdict says too little: %+v", v)
			}
		})
	}
}
