package verify_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"mailcheck/internal/lab"
	"mailcheck/report"
	"mailcheck/verify"
)

// lapsed is an autoconfig file that nobody corrected when the servers moved.
func lapsed(l lab.Options) lab.Options {
	l.Records = append(l.Records, "old.example.test. A 127.0.0.1")
	l.Documents = map[string]http.Handler{autoconfigURL: lab.Autoconfig("example.test",
		report.Endpoint{Protocol: report.IMAP, Host: "old.example.test", Port: 1, Security: report.TLS},
		report.Endpoint{Protocol: report.POP3, Host: "gone.example.test", Port: 995, Security: report.TLS},
		report.Endpoint{Protocol: report.SMTP, Host: "smtp.example.test", Port: 465, Security: report.TLS})}
	return l
}

// When no server that the best source names can be connected to, the sources
// that were not needed are asked, and theirs are tried.
func TestSourcesThatWereNotNeeded(t *testing.T) {
	_, o := start(t, lapsed(lab.Options{WellKnownPorts: true}))
	rep := run(t, o)
	complete(t, rep)
	if rep.ExitCode != 0 || rep.Result != report.Warn || rep.Verdict.Delivery != report.OK {
		t.Errorf("exit status %d, %s: %s", rep.ExitCode, rep.Result, results(rep))
	}
	for id, want := range map[string]string{
		"imap": "fail autoconfig old.example.test", "imap#2": "ok srv imap.example.test",
		"pop3": "skip autoconfig gone.example.test", "pop3#2": "ok srv pop.example.test",
		"smtp": "ok autoconfig smtp.example.test",
	} {
		c := rep.Check(id)
		if c == nil {
			t.Errorf("there is no check %s", id)
		} else if got := fmt.Sprint(c.Result, " ", c.Endpoint.Source, " ", c.Endpoint.Host); got != want {
			t.Errorf("%s: got %s, want %s", id, got, want)
		}
	}
	if got, want := chosen(rep), "imap imap.example.test:993 srv, pop3 pop.example.test:995 srv, smtp smtp.example.test:465 autoconfig"; got != want {
		t.Errorf("chosen %s", got)
	}
	srv := rep.Check("settings").Step("srv")
	if srv.Result != report.OK || strings.Contains(srv.Detail, "not needed") || len(rep.Check("settings").Steps) != 9 {
		t.Errorf("srv: %s %q of %d steps", srv.Result, srv.Detail, len(rep.Check("settings").Steps))
	}
}

// A further candidate stands directly behind those of its protocol that were tried
// before it, whenever it was begun.
func TestOrderOfChecks(t *testing.T) {
	l := lapsed(lab.Options{WellKnownPorts: true})
	l.Documents[autoconfigURL] = lab.Autoconfig("example.test",
		report.Endpoint{Protocol: report.IMAP, Host: "old.example.test", Port: 1, Security: report.TLS},
		report.Endpoint{Protocol: report.IMAP, Host: "old.example.test", Port: 2, Security: report.TLS},
		report.Endpoint{Protocol: report.POP3, Host: "old.example.test", Port: 3, Security: report.TLS},
		report.Endpoint{Protocol: report.SMTP, Host: "old.example.test", Port: 4, Security: report.TLS})
	const sessions = "imap imap#2 imap#3 pop3 pop3#2 smtp smtp#2"
	for name, tc := range map[string]struct {
		change func(*lab.Options, *verify.Options)
		run    func(context.Context, verify.Options) (*report.Report, error)
		want   string
	}{
		"a check": {func(_ *lab.Options, o *verify.Options) { o.MX = true }, verify.Run, "settings dns creds " + sessions + " delivery mx"},
		"a probe": {func(l *lab.Options, o *verify.Options) { l.NoSRV, o.MX = true, true }, verify.Run, "settings dns creds imap imap#2 pop3 smtp delivery probe mx"},
		"discovery": {func(*lab.Options, *verify.Options) {}, verify.Discover,
			"settings dns imap imap#2 imap#3 imap#4 imap#5 imap#6 pop3 pop3#2 pop3#3 pop3#4 pop3#5 smtp smtp#2 smtp#3 smtp#4 smtp#5 mx"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, first := l, verify.Options{}
			tc.change(&l, &first)
			_, o := start(t, l)
			tc.change(&l, &o)
			rep, err := tc.run(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			validate(t, rep)
			var got []string
			for _, c := range rep.Checks {
				got = append(got, c.ID)
			}
			if got := strings.Join(got, " "); got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}

// They are not asked while the servers of the best source work, nor for a
// server that flags name, nor after a refused login.
func TestSourcesThatStayUnasked(t *testing.T) {
	for name, tc := range map[string]struct {
		lab    lab.Options
		fixed  []report.Endpoint
		status int
	}{
		"the servers work": {lab: lab.Options{Documents: map[string]http.Handler{
			autoconfigURL: lab.Autoconfig("example.test", healthy("mail.example.test")...), ispdbURL: lab.Never()}}},
		"flags name the server": {lab: lab.Options{Documents: map[string]http.Handler{
			autoconfigURL: lab.Autoconfig("example.test", healthy("mail.example.test")...), ispdbURL: lab.Never()}},
			fixed: []report.Endpoint{{Protocol: report.SMTP, Host: "smtp.example.test", Port: 1, Security: report.TLS}}, status: 12},
		"the login is refused": {lab: lab.Options{Fault: "wrong-password", Documents: map[string]http.Handler{
			autoconfigURL: lab.Autoconfig("example.test", healthy("mail.example.test")...), ispdbURL: lab.Never()}}, status: 15},
	} {
		t.Run(name, func(t *testing.T) {
			tc.lab.WellKnownPorts = true
			_, o := start(t, tc.lab)
			o.Fixed = tc.fixed
			rep := run(t, o)
			if rep.ExitCode != tc.status {
				t.Errorf("exit status %d: %s", rep.ExitCode, results(rep))
			}
			if ispdb := rep.Check("settings").Step("ispdb"); !strings.Contains(ispdb.Detail, "not needed") {
				t.Errorf("ispdb: %q", ispdb.Detail)
			}
			for _, c := range rep.Checks {
				if strings.Contains(c.ID, "#") {
					t.Errorf("a second candidate: %s", c.ID)
				}
			}
		})
	}
}

// A host that nobody vouches for is no way out: it gets no password.
func TestFurtherCandidateNobodyVouchesFor(t *testing.T) {
	servers, o := start(t, lapsed(lab.Options{WellKnownPorts: true, NoSRV: true, Records: []string{
		"_imaps._tcp.example.test. SRV 0 0 993 imap.hoster.test.", "imap.hoster.test. A 127.0.0.1"}}))
	o.Leave = []report.Protocol{report.POP3}
	rep := run(t, o)
	if rep.ExitCode != 12 || rep.Verdict.FailedStep != "imap.connect" {
		t.Errorf("exit status %d at %s: %s", rep.ExitCode, rep.Verdict.FailedStep, results(rep))
	}
	for _, c := range rep.Checks {
		if c.Endpoint != nil && c.Endpoint.Host == "imap.hoster.test" {
			t.Errorf("%s was tried", c.Endpoint.Host)
		}
	}
	if made := servers.Logins(report.IMAP).Made; made != 0 {
		t.Errorf("%d IMAP logins", made)
	}
}

// A provider that has closed its service is told as such: no other source is
// asked, and no server is tried.
func TestServiceEnded(t *testing.T) {
	servers, o := start(t, lab.Options{Address: "anna@goo.jp"})
	rep := run(t, o)
	if rep.ExitCode != 10 || rep.Verdict.Cause != report.SettingsServiceEnded || rep.Verdict.FailedStep != "settings.provider" {
		t.Errorf("exit status %d, %s at %s: %s", rep.ExitCode, rep.Verdict.Cause, rep.Verdict.FailedStep, results(rep))
	}
	if s := rep.Check("settings").Step("provider"); !strings.Contains(s.Detail, "ended on 2026-02-25") {
		t.Errorf("provider: %q", s.Detail)
	}
	if len(rep.Contacted) > 0 || servers.Logins(report.IMAP).Made > 0 {
		t.Errorf("contacted %+v", rep.Contacted)
	}
}
