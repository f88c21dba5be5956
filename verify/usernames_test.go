package verify_test

import (
	"net/http"
	"testing"

	"mailcheck/internal/lab"
	"mailcheck/report"
)

// twoForms is an autoconfig file that names each server with two user names.
func twoForms() http.Handler {
	var endpoints []report.Endpoint
	for _, e := range healthy("mail.example.test") {
		local := e
		local.Username = "%EMAILLOCALPART%"
		endpoints = append(endpoints, e, local)
	}
	return lab.Autoconfig("example.test", endpoints...)
}

// A second form of the user name that the settings name is tried once, on the
// first protocol; the others then use what was right there.
func TestSecondUsername(t *testing.T) {
	for name, tc := range map[string]struct {
		username string // that the servers know
		fault    string
		change   []report.Protocol // left out
		logins   report.Logins
		status   int
		failed   string
		cause    report.Cause
	}{
		"the first is right":  {logins: report.Logins{Made: 3}},
		"the second is right": {username: "anna", logins: report.Logins{Made: 4, Rejected: 1}, cause: report.AuthUsernameForm},
		"the second is right, without IMAP": {username: "anna", change: []report.Protocol{report.IMAP},
			logins: report.Logins{Made: 3, Rejected: 1}, cause: report.AuthUsernameForm},
		"neither is right": {username: "u1234", logins: report.Logins{Made: 2, Rejected: 2}, status: 15,
			failed: "imap.auth", cause: report.AuthBadCredentials},
		"the servers cannot judge": {username: "anna", fault: "auth-backend-down", logins: report.Logins{Made: 2, Rejected: 2}, status: 15,
			failed: "imap.auth", cause: report.ServerAuthBackendDown},
	} {
		t.Run(name, func(t *testing.T) {
			servers, o := start(t, lab.Options{Username: tc.username, Fault: tc.fault, WellKnownPorts: true, NoSRV: true,
				Documents: map[string]http.Handler{autoconfigURL: twoForms()}})
			o.Leave = tc.change
			o.Send = "rcpt"
			rep := run(t, o)
			complete(t, rep)
			if tc.logins.Limit = 2; rep.Verdict.Logins != tc.logins {
				t.Errorf("logins %+v", rep.Verdict.Logins)
			}
			if rep.ExitCode != tc.status || rep.Verdict.FailedStep != tc.failed {
				t.Errorf("exit status %d at %q: %s", rep.ExitCode, rep.Verdict.FailedStep, results(rep))
			}
			if tc.failed != "" && rep.Verdict.Cause != tc.cause {
				t.Errorf("cause %s", rep.Verdict.Cause)
			}
			rejected := 0
			for _, p := range []report.Protocol{report.IMAP, report.POP3, report.SMTP} {
				rejected += servers.Logins(p).Rejected
			}
			if rejected != tc.logins.Rejected {
				t.Errorf("%d logins were refused", rejected)
			}
			if tc.cause != report.AuthUsernameForm {
				return
			}
			if len(rep.Verdict.Findings) != 1 || rep.Verdict.Findings[0].Cause != tc.cause {
				t.Errorf("findings %+v", rep.Verdict.Findings)
			}
			for _, e := range rep.Settings {
				if e.Chosen && e.Username != "anna" {
					t.Errorf("the settings name %s for %s", e.Username, e.Protocol)
				}
			}
		})
	}
}

// A user name that was given by a flag is the only one.
func TestSecondUsernameIsNotTriedBesideAFlag(t *testing.T) {
	servers, o := start(t, lab.Options{Username: "anna", WellKnownPorts: true, NoSRV: true,
		Documents: map[string]http.Handler{autoconfigURL: twoForms()}})
	o.Username = "somebody"
	rep := run(t, o)
	if c := servers.Logins(report.IMAP); c.Made != 1 || rep.ExitCode != 15 {
		t.Errorf("exit status %d, %+v", rep.ExitCode, c)
	}
}
