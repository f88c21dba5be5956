package diagnose

import (
	"context"
	"testing"

	"mailcheck/creds"
	"mailcheck/report"
)

// Runs that leave something out, by flags, for want of a password, or because
// the user stopped them.
func TestVerdictOfAPartialRun(t *testing.T) {
	testVerdicts(t, map[string]verdictCase{
		"SMTP only": {
			make: func(m *madeRun) {
				m.start()
				m.good("smtp")
				m.notSent("flags")
			},
			facts:  Facts{Without: []report.Protocol{report.IMAP, report.POP3}},
			result: report.OK, exit: 0, receive: report.NotChecked, send: report.OK, delivery: report.NotChecked,
			headline: "ALL IS WELL: you can send; whether the message arrived was not awaited; receiving was not checked.",
		},
		"SMTP only, settings fail": {
			make: func(m *madeRun) {
				m.one("settings", map[string]error{"guess": &report.Fault{Cause: report.SettingsNotFound}})
				m.skippedBecause("smtp", "settings.guess", "")
			},
			facts:  Facts{Without: []report.Protocol{report.IMAP, report.POP3}},
			result: report.Fail, exit: 10, receive: report.NotChecked, send: report.Fail, delivery: report.NotChecked,
			headline: "YOU CANNOT SEND: no mail server is known for example.com; receiving was not checked.",
			step:     "settings.guess", cause: report.SettingsNotFound,
		},
		"receiving only": {
			make:   func(m *madeRun) { m.start(); m.good("imap"); m.skipped("smtp", ""); m.notSent("flags") },
			result: report.OK, exit: 0, receive: report.OK, send: report.NotChecked, delivery: report.NotChecked,
			headline: "ALL IS WELL: you can receive; sending was not checked.",
		},
		"receiving only, refused": {
			make:   func(m *madeRun) { m.start(); m.fails("imap", "auth", refusal(m.t, refusedByIMAP)); m.notSent("flags") },
			result: report.Fail, exit: 15, receive: report.Fail, send: report.NotChecked, delivery: report.NotChecked,
			headline: "YOU CANNOT RECEIVE: the IMAP server did not accept the password; sending was not checked.",
			step:     "imap.auth", cause: report.AuthBadCredentials,
		},
		"receiving only, in one of two ways": {
			make: func(m *madeRun) {
				m.start()
				m.good("imap")
				m.fails("pop3", "connect", refusedTCP)
				m.notSent("flags")
			},
			result: report.Fail, exit: 12, receive: report.Warn, send: report.NotChecked, delivery: report.NotChecked,
			headline: "YOU CAN RECEIVE, BUT NOT ALL IS WELL: nothing listens at pop3.example.com port 995.",
			step:     "pop3.connect", cause: report.ConnectRefused,
		},
		"sending only, with a failure elsewhere": {
			make: func(m *madeRun) {
				m.one("dns", map[string]error{"mx": noSuchDomain})
				m.good("smtp")
				m.notSent("flags")
			},
			facts:  Facts{Without: []report.Protocol{report.IMAP, report.POP3}},
			result: report.Fail, exit: 11, receive: report.NotChecked, send: report.OK, delivery: report.NotChecked,
			headline: "YOU CAN SEND, BUT NOT ALL IS WELL: example.com does not exist.",
			step:     "dns.mx", cause: report.DNSNXDomain,
		},
		"--send auth, SMTP only": {
			make:   func(m *madeRun) { m.start(); m.stops("smtp", "mail", "flags") },
			facts:  Facts{Send: SendAuth, Without: []report.Protocol{report.IMAP, report.POP3}},
			result: report.OK, exit: 0, receive: report.NotChecked, send: report.OK, delivery: report.NotChecked,
			headline: "ALL IS WELL: the login for sending works; no message was sent; receiving was not checked.",
		},
		"--insecure, and no password sent": {
			make: func(m *madeRun) {
				m.start()
				m.stops("imap", "auth", "imap.tls")
				m.warn("imap", "tls", report.TLSUnknownAuthority)
			},
			facts:  Facts{Without: []report.Protocol{report.POP3, report.SMTP}},
			result: report.Warn, exit: 0, receive: report.NotChecked, send: report.NotChecked, delivery: report.NotChecked,
			headline: "ALL WORKS, WITH A WARNING: the servers answer, as far as they were asked; but nobody known vouches for the certificate of imap.example.com.",
			findings: "tls.unknown_authority at imap.tls",
		},
		"--send none, SMTP only": {
			make:   func(m *madeRun) { m.start(); m.stops("smtp", "auth", "flags") },
			facts:  Facts{Send: SendNone, Without: []report.Protocol{report.IMAP, report.POP3}},
			result: report.OK, exit: 0, receive: report.NotChecked, send: report.NotChecked, delivery: report.NotChecked,
			headline: "ALL IS WELL: the servers answer, as far as they were asked.",
		},
		"SMTP not tried, to protect the account": {
			make: func(m *madeRun) {
				m.start()
				m.fails("imap", "auth", refusal(m.t, refusedByIMAP))
				m.skippedBecause("smtp", "imap.auth", report.AuthLimitReached)
			},
			result: report.Fail, exit: 15, receive: report.Fail, send: report.NotChecked, delivery: report.NotChecked,
			headline: "YOU CANNOT RECEIVE: the IMAP server did not accept the password; sending was not checked.",
			step:     "imap.auth", cause: report.AuthBadCredentials,
		},
		"a message to somebody else": {
			make:   func(m *madeRun) { m.start(); m.good("imap"); m.good("smtp"); m.notSent("flags") },
			facts:  Facts{To: "bob@example.org"},
			result: report.OK, exit: 0, receive: report.OK, send: report.OK, delivery: report.NotChecked,
			headline: "ALL IS WELL: you can receive and send; whether the message reached bob@example.org was not awaited.",
		},
		"--send rcpt": {
			make:   func(m *madeRun) { m.start(); m.good("imap"); m.stops("smtp", "data", "flags"); m.notSent("flags") },
			facts:  Facts{Send: SendRcpt},
			result: report.OK, exit: 0, receive: report.OK, send: report.OK, delivery: report.NotChecked,
			headline: "ALL IS WELL: you can receive, and the server takes your mail for anna@example.com; no message was sent.",
		},
		"--send auth": {
			make:   func(m *madeRun) { m.start(); m.good("imap"); m.stops("smtp", "mail", "flags"); m.notSent("flags") },
			facts:  Facts{Send: SendAuth},
			result: report.OK, exit: 0, receive: report.OK, send: report.OK, delivery: report.NotChecked,
			headline: "ALL IS WELL: you can receive, and the login for sending works; no message was sent.",
		},
		"--send none": {
			make:   func(m *madeRun) { m.start(); m.good("imap"); m.stops("smtp", "auth", "flags"); m.notSent("flags") },
			facts:  Facts{Send: SendNone},
			result: report.OK, exit: 0, receive: report.OK, send: report.NotChecked, delivery: report.NotChecked,
			headline: "ALL IS WELL: you can receive; for sending, the server was asked without a login only.",
		},
		"--no-auth": {
			make: func(m *madeRun) {
				m.start()
				m.stops("imap", "auth", "flags")
				m.stops("pop3", "auth", "flags")
				m.stops("smtp", "auth", "flags")
				m.notSent("flags")
			},
			facts:  Facts{NoAuth: true},
			result: report.OK, exit: 0, receive: report.NotChecked, send: report.NotChecked, delivery: report.NotChecked,
			headline: "ALL IS WELL: the servers answer; no login was tried.",
		},
		"--no-auth, one server fails": {
			make: func(m *madeRun) {
				m.start()
				m.fails("imap", "connect", refusedTCP)
				m.stops("pop3", "auth", "flags")
				m.stops("smtp", "auth", "flags")
			},
			facts:  Facts{NoAuth: true},
			result: report.Fail, exit: 12, receive: report.Warn, send: report.NotChecked, delivery: report.NotChecked,
			headline: "NOT ALL IS WELL: nothing listens at imap.example.com port 993.",
			step:     "imap.connect", cause: report.ConnectRefused,
		},
		"--no-auth --send rcpt": {
			make: func(m *madeRun) {
				rec := m.log.Check("smtp", &report.Endpoint{Protocol: report.SMTP, Host: "smtp.example.com", Port: 25, Security: report.None})
				for _, step := range []string{"connect", "greeting", "ehlo", "mail", "rcpt"} {
					_ = rec.Run(m.t.Context(), step, func(context.Context, *report.Step) error { return nil })
				}
				rec.Skip("auth", "flags")
				rec.Skip("data", "flags")
			},
			facts:  Facts{NoAuth: true, Send: SendRcpt, To: "bob@example.org", Without: []report.Protocol{report.IMAP, report.POP3}},
			result: report.OK, exit: 0, receive: report.NotChecked, send: report.OK, delivery: report.NotChecked,
			headline: "ALL IS WELL: the servers answer, and without a login SMTP takes mail for bob@example.org.",
		},
		"no password": {
			make: func(m *madeRun) {
				m.one("creds", map[string]error{"password": creds.ErrMissing})
				m.stops("imap", "auth", "creds.password")
				m.stops("smtp", "auth", "creds.password")
				m.notSent("creds.password")
			},
			result: report.Fail, exit: 3, receive: report.NotChecked, send: report.NotChecked, delivery: report.NotChecked,
			headline: "NO LOGIN WAS MADE: no password was found for anna@example.com.",
			step:     "creds.password", cause: report.CredsMissing,
		},
		"no password, and more": {
			make: func(m *madeRun) {
				m.one("dns", map[string]error{"mx": noSuchDomain})
				m.one("creds", map[string]error{"password": creds.ErrKeyringLocked})
				m.fails("imap", "connect", refusedTCP)
				m.stops("smtp", "auth", "creds.password")
			},
			result: report.Fail, exit: 3, receive: report.Fail, send: report.NotChecked, delivery: report.NotChecked,
			headline: "YOU CANNOT RECEIVE: nothing listens at imap.example.com port 993; sending was not checked.",
			step:     "dns.mx", cause: report.DNSNXDomain,
			findings: "creds.keyring_locked at creds.password, connect.refused at imap.connect",
		},
		"sign-in wanted": {
			make: func(m *madeRun) {
				m.one("creds", map[string]error{"token": &report.Fault{Cause: report.AuthBasicAuthDisabled}})
				m.stops("imap", "auth", "creds.token")
			},
			result: report.Fail, exit: 3, receive: report.NotChecked, send: report.NotChecked, delivery: report.NotChecked,
			headline: "NO LOGIN WAS MADE: the provider takes no passwords from mail programs.",
			step:     "creds.token", cause: report.AuthBasicAuthDisabled,
		},
		"interrupted while it waited": {
			make: func(m *madeRun) {
				m.start()
				m.good("imap")
				m.good("smtp")
				m.one("delivery", map[string]error{"arrive": interrupted})
			},
			result: report.Fail, exit: 130, receive: report.OK, send: report.OK, delivery: report.NotChecked,
			headline: "INTERRUPTED: you can receive; you can send.",
			step:     "delivery.arrive", cause: report.ClientInterrupted,
		},
		"interrupted, with a failure before": {
			make: func(m *madeRun) {
				m.start()
				m.fails("imap", "auth", refusal(m.t, refusedByIMAP))
				m.fails("smtp", "auth", interrupted)
				m.notSent("smtp.auth")
			},
			result: report.Fail, exit: 130, receive: report.Fail, send: report.NotChecked, delivery: report.NotChecked,
			headline: "INTERRUPTED: you cannot receive; sending was not checked to its end.",
			step:     "smtp.auth", cause: report.ClientInterrupted, findings: "auth.bad_credentials at imap.auth",
		},
		"interrupted between steps": {
			make:   func(m *madeRun) { m.start(); m.good("imap"); m.skippedBecause("smtp", "", ""); m.notSent("") },
			facts:  Facts{Interrupted: true},
			result: report.Fail, exit: 130, receive: report.OK, send: report.NotChecked, delivery: report.NotChecked,
			headline: "INTERRUPTED: you can receive; sending was not checked to its end.",
			cause:    report.ClientInterrupted,
		},
		"interrupted, of sending alone": {
			make:   func(m *madeRun) { m.start(); m.fails("smtp", "connect", interrupted); m.notSent("smtp.connect") },
			facts:  Facts{Without: []report.Protocol{report.IMAP, report.POP3}},
			result: report.Fail, exit: 130, receive: report.NotChecked, send: report.NotChecked, delivery: report.NotChecked,
			headline: "INTERRUPTED: sending was not checked to its end.",
			step:     "smtp.connect", cause: report.ClientInterrupted,
		},
		"interrupted, of receiving alone": {
			make:   func(m *madeRun) { m.start(); m.good("imap") },
			facts:  Facts{Without: []report.Protocol{report.SMTP}, Interrupted: true},
			result: report.Fail, exit: 130, receive: report.OK, send: report.NotChecked, delivery: report.NotChecked,
			headline: "INTERRUPTED: you can receive.",
			cause:    report.ClientInterrupted,
		},
		"interrupted, of one way to receive": {
			make:   func(m *madeRun) { m.start(); m.fails("pop3", "connect", interrupted) },
			facts:  Facts{Without: []report.Protocol{report.IMAP, report.SMTP}},
			result: report.Fail, exit: 130, receive: report.NotChecked, send: report.NotChecked, delivery: report.NotChecked,
			headline: "INTERRUPTED: receiving was not checked to its end.",
			step:     "pop3.connect", cause: report.ClientInterrupted,
		},
		"interrupted, of neither": {
			make:   func(m *madeRun) { m.one("dns", map[string]error{"mx": nil}) },
			facts:  Facts{Without: report.Protocols, Interrupted: true},
			result: report.Fail, exit: 130, receive: report.NotChecked, send: report.NotChecked, delivery: report.NotChecked,
			headline: "INTERRUPTED: the domain was not checked to its end.",
			cause:    report.ClientInterrupted,
		},
	})
}
