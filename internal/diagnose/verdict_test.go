package diagnose

import (
	"context"
	"errors"
	"testing"

	"mailcheck/internal/dns"
	"mailcheck/report"
	"mailcheck/wire"
)

// Full runs: what works, what is the root, what is beside it.
func TestVerdict(t *testing.T) {
	testVerdicts(t, map[string]verdictCase{
		"all is well": {
			make: func(m *madeRun) { m.start(); m.good("imap"); m.good("pop3"); m.good("smtp"); m.arrived() },
			change: func(r *report.Report) {
				r.Message = &report.Message{SentMS: 2000, ArrivedMS: 3940}
			},
			result: report.OK, exit: 0, receive: report.OK, send: report.OK, delivery: report.OK,
			headline: "ALL IS WELL: you can receive and send, and mail arrives in 1.9 seconds.",
		},
		"receive but not send": {
			make: func(m *madeRun) {
				m.start()
				m.good("imap")
				m.good("pop3")
				m.fails("smtp", "auth", refusal(m.t, refusedBySMTP))
				m.notSent("smtp.auth")
			},
			result: report.Fail, exit: 15, receive: report.OK, send: report.Fail, delivery: report.NotChecked,
			headline: "YOU CAN RECEIVE BUT NOT SEND: the SMTP server did not accept the password.",
			step:     "smtp.auth", cause: report.AuthBadCredentials,
		},
		"send but not receive": {
			make: func(m *madeRun) {
				m.start()
				m.fails("imap", "connect", refusedTCP)
				m.fails("pop3", "connect", refusedTCP)
				m.good("smtp")
				m.notSent("imap.connect")
			},
			result: report.Fail, exit: 12, receive: report.Fail, send: report.OK, delivery: report.NotChecked,
			headline: "YOU CAN SEND BUT NOT RECEIVE: nothing listens at imap.example.com port 993.",
			step:     "imap.connect", cause: report.ConnectRefused, findings: "connect.refused at pop3.connect",
		},
		"neither": {
			make: func(m *madeRun) {
				m.start()
				m.fails("imap", "auth", refusal(m.t, refusedByIMAP))
				m.skippedBecause("pop3", "imap.auth", report.AuthLimitReached)
				m.fails("smtp", "auth", refusal(m.t, refusedBySMTP))
				m.notSent("smtp.auth")
			},
			result: report.Fail, exit: 15, receive: report.Fail, send: report.Fail, delivery: report.NotChecked,
			headline: "NEITHER RECEIVING NOR SENDING WORKS: the IMAP server did not accept the password.",
			step:     "imap.auth", cause: report.AuthBadCredentials, findings: "auth.bad_credentials at smtp.auth",
		},
		"POP3 alone": {
			make: func(m *madeRun) {
				m.start()
				m.skipped("imap", report.SettingsNotFound)
				m.good("pop3")
				m.good("smtp")
				m.arrived()
			},
			result: report.OK, exit: 0, receive: report.OK, send: report.OK, delivery: report.OK,
			headline: "ALL IS WELL: you can receive and send, and mail arrives.",
		},
		"IMAP refused, POP3 works": {
			make: func(m *madeRun) {
				m.start()
				m.fails("imap", "auth", refusal(m.t, refusedByIMAP))
				m.good("pop3")
				m.good("smtp")
				m.arrived()
			},
			result: report.Fail, exit: 15, receive: report.Warn, send: report.OK, delivery: report.OK,
			headline: "YOU CAN RECEIVE AND SEND, BUT NOT ALL IS WELL: the IMAP server did not accept the password.",
			step:     "imap.auth", cause: report.AuthBadCredentials,
		},
		"POP3 refused, IMAP works": {
			make: func(m *madeRun) {
				m.start()
				m.good("imap")
				m.fails("pop3", "auth", refusal(m.t, refusedByPOP3))
				m.good("smtp")
				m.arrived()
			},
			result: report.Warn, exit: 0, receive: report.Warn, send: report.OK, delivery: report.OK,
			headline: "ALL WORKS, WITH A WARNING: you can receive and send, and mail arrives; but POP3 is switched off for this account.",
			findings: "auth.protocol_disabled at pop3.auth",
		},
		"POP3 refused although asked for": {
			make: func(m *madeRun) {
				m.start()
				m.good("imap")
				m.fails("pop3", "auth", refusal(m.t, refusedByPOP3))
				m.good("smtp")
				m.arrived()
			},
			facts:  Facts{POP3Asked: true},
			result: report.Fail, exit: 15, receive: report.Warn, send: report.OK, delivery: report.OK,
			headline: "YOU CAN RECEIVE AND SEND, BUT NOT ALL IS WELL: POP3 is switched off for this account.",
			step:     "pop3.auth", cause: report.AuthProtocolDisabled,
		},
		"POP3 broken, IMAP works": {
			make: func(m *madeRun) {
				m.start()
				m.good("imap")
				m.fails("pop3", "auth", context.DeadlineExceeded)
				m.good("smtp")
				m.arrived()
			},
			result: report.Fail, exit: 14, receive: report.Warn, send: report.OK, delivery: report.OK,
			headline: "YOU CAN RECEIVE AND SEND, BUT NOT ALL IS WELL: pop3.example.com port 995 does not answer.",
			step:     "pop3.auth", cause: report.ConnectTimeout,
		},
		"IMAP and SMTP fail in their own ways": {
			make: func(m *madeRun) {
				m.start()
				m.fails("imap", "auth", refusal(m.t, refusedByIMAP))
				m.good("pop3")
				m.fails("smtp", "connect", refusedTCP)
				m.notSent("smtp.connect")
			},
			result: report.Fail, exit: 15, receive: report.Warn, send: report.Fail, delivery: report.NotChecked,
			headline: "YOU CAN RECEIVE BUT NOT SEND: nothing listens at smtp.example.com port 465.",
			step:     "imap.auth", cause: report.AuthBadCredentials, findings: "connect.refused at smtp.connect",
		},
		"not the first in time": {
			make: func(m *madeRun) {
				m.fails("smtp", "connect", refusedTCP)
				m.fails("imap", "auth", refusal(m.t, refusedByIMAP))
				m.notSent("smtp.connect")
				m.one("dns", map[string]error{"mx": nil})
				m.one("settings", map[string]error{"srv": nil})
			},
			result: report.Fail, exit: 15, receive: report.Fail, send: report.Fail, delivery: report.NotChecked,
			headline: "NEITHER RECEIVING NOR SENDING WORKS: the IMAP server did not accept the password.",
			step:     "imap.auth", cause: report.AuthBadCredentials, findings: "connect.refused at smtp.connect",
		},
		"domain does not exist": {
			make: func(m *madeRun) {
				m.one("settings", map[string]error{"srv": nil, "guess": noSuchDomain})
				m.one("dns", map[string]error{"mx": noSuchDomain})
				for _, id := range []string{"imap", "pop3", "smtp"} {
					m.skippedBecause(id, "settings.guess", "")
				}
				m.notSent("settings.guess")
			},
			result: report.Fail, exit: 11, receive: report.Fail, send: report.Fail, delivery: report.NotChecked,
			headline: "NEITHER RECEIVING NOR SENDING COULD BE CHECKED: example.com does not exist.",
			step:     "settings.guess", cause: report.DNSNXDomain, findings: "dns.nxdomain at dns.mx",
		},
		"domain takes no mail": {
			make: func(m *madeRun) {
				m.one("settings", map[string]error{"srv": nil})
				m.one("dns", map[string]error{"mx": &report.Fault{Cause: report.DNSNullMX, Text: "null MX"}})
				m.good("imap")
				m.good("smtp")
				m.notSent("dns.mx")
			},
			result: report.Fail, exit: 11, receive: report.OK, send: report.OK, delivery: report.NotChecked,
			headline: "YOU CAN LOG IN AND SEND, BUT NO MAIL FROM OTHERS CAN REACH YOU: example.com takes no mail.",
			step:     "dns.mx", cause: report.DNSNullMX,
		},
		"no DNS for the MX, and servers that refuse the login": {
			make: func(m *madeRun) {
				m.one("settings", map[string]error{"flags": nil})
				m.one("dns", map[string]error{"mx": &dns.Error{Name: "example.com", Type: "MX", Kind: dns.Timeout}})
				m.fails("imap", "auth", refusal(m.t, refusedByIMAP))
				m.fails("smtp", "connect", refusedTCP)
				m.notSent("smtp.connect")
			},
			result: report.Fail, exit: 11, receive: report.Fail, send: report.Fail, delivery: report.NotChecked,
			headline: "NEITHER RECEIVING NOR SENDING WORKS: the IMAP server did not accept the password.",
			step:     "dns.mx", cause: report.DNSTimeout, findings: "auth.bad_credentials at imap.auth, connect.refused at smtp.connect",
		},
		"a host without a name": {
			make: func(m *madeRun) {
				gone := &dns.Error{Name: "imap.example.com", Type: "A", Kind: dns.NXDomain}
				m.one("settings", map[string]error{"srv": nil})
				m.one("dns", map[string]error{"host imap.example.com": gone, "host smtp.example.com": nil})
				m.fails("imap", "connect", &wire.ConnectError{Host: "imap.example.com", Err: gone})
				m.good("smtp")
				m.notSent("imap.connect")
			},
			result: report.Fail, exit: 11, receive: report.Fail, send: report.OK, delivery: report.NotChecked,
			headline: "YOU CAN SEND BUT NOT RECEIVE: imap.example.com does not exist.",
			step:     "dns.host", cause: report.DNSNXDomain,
		},
		"nobody answers for DNS, to the sources of settings either": {
			make: func(m *madeRun) {
				silent := &dns.Error{Name: "example.com", Type: "MX", Kind: dns.Timeout}
				rec := m.log.Check("settings", nil)
				for source, err := range map[string]error{"srv": silent, "mx": silent, "ispdb": refusedTCP} {
					_ = rec.Run(m.t.Context(), source, func(_ context.Context, s *report.Step) error {
						s.Result, s.Err = report.Warn, err
						return nil
					})
				}
				m.one("dns", map[string]error{"mx": silent})
			},
			result: report.Fail, exit: 11, receive: report.NotChecked, send: report.NotChecked, delivery: report.NotChecked,
			headline: "NEITHER RECEIVING NOR SENDING COULD BE CHECKED: no DNS server answers.",
			step:     "dns.mx", cause: report.DNSTimeout, findings: "connect.refused at settings.ispdb",
		},
		"no settings at all": {
			make: func(m *madeRun) {
				m.one("settings", map[string]error{"guess": &report.Fault{Cause: report.SettingsNotFound, Text: "nothing found"}})
			},
			result: report.Fail, exit: 10, receive: report.Fail, send: report.Fail, delivery: report.NotChecked,
			headline: "NEITHER RECEIVING NOR SENDING COULD BE CHECKED: no mail server is known for example.com.",
			step:     "settings.guess", cause: report.SettingsNotFound,
		},
		"no settings for SMTP": {
			make: func(m *madeRun) {
				m.start()
				m.good("imap")
				m.fails("smtp", "connect", &report.Fault{Cause: report.SettingsNotFound, Text: "no SMTP server was named"})
				m.notSent("smtp.connect")
			},
			result: report.Fail, exit: 10, receive: report.OK, send: report.Fail, delivery: report.NotChecked,
			headline: "YOU CAN RECEIVE BUT NOT SEND: no SMTP server is known for example.com.",
			step:     "smtp.connect", cause: report.SettingsNotFound,
		},
		"a warning": {
			make: func(m *madeRun) {
				m.start()
				m.good("imap")
				m.good("smtp")
				m.arrived()
				m.warn("imap", "tls", report.TLSExpiresSoon)
			},
			result: report.Warn, exit: 0, receive: report.OK, send: report.OK, delivery: report.OK,
			headline: "ALL WORKS, WITH A WARNING: you can receive and send, and mail arrives; but the certificate of imap.example.com ends soon.",
			findings: "tls.expires_soon at imap.tls",
		},
		"a warning, strictly": {
			make: func(m *madeRun) {
				m.start()
				m.good("imap")
				m.good("smtp")
				m.arrived()
				m.warn("imap", "tls", report.TLSExpiresSoon)
				m.warn("smtp", "connect", report.ConnectAddressDead)
			},
			facts:  Facts{Strict: true},
			result: report.Warn, exit: 19, receive: report.OK, send: report.OK, delivery: report.OK,
			headline: "ALL WORKS, WITH 2 WARNINGS: you can receive and send, and mail arrives; the first is that the certificate of imap.example.com ends soon.",
			findings: "tls.expires_soon at imap.tls, connect.address_dead at smtp.connect",
		},
		"a failure, strictly": {
			make:   func(m *madeRun) { m.start(); m.fails("imap", "auth", refusal(m.t, refusedByIMAP)) },
			facts:  Facts{Strict: true},
			result: report.Fail, exit: 15, receive: report.Fail, send: report.NotChecked, delivery: report.NotChecked,
			headline: "YOU CANNOT RECEIVE: the IMAP server did not accept the password; sending was not checked.",
			step:     "imap.auth", cause: report.AuthBadCredentials,
		},
		"junk": {
			make: func(m *madeRun) {
				m.start()
				m.good("imap")
				m.good("smtp")
				m.arrived()
				m.warn("delivery", "inspect", report.DeliveryJunk)
			},
			change: func(r *report.Report) { r.Message = &report.Message{SentMS: 1000, ArrivedMS: 5000, Junk: true} },
			result: report.Warn, exit: 0, receive: report.OK, send: report.OK, delivery: report.Warn,
			headline: "ALL WORKS, WITH A WARNING: you can receive and send, and mail arrives in 4.0 seconds, but in the junk folder.",
			findings: "delivery.junk at delivery.inspect",
		},
		"not arrived": {
			make: func(m *madeRun) {
				m.start()
				m.good("imap")
				m.good("smtp")
				m.one("delivery", map[string]error{"arrive": &report.Fault{Cause: report.DeliveryNotArrived}})
			},
			result: report.Fail, exit: 18, receive: report.OK, send: report.OK, delivery: report.Fail,
			headline: "YOU CAN LOG IN AND SEND, BUT MAIL DOES NOT ARRIVE: the test message was taken for sending, but did not arrive in time.",
			step:     "delivery.arrive", cause: report.DeliveryNotArrived,
		},
		"nobody could look": {
			make: func(m *madeRun) {
				m.start()
				m.good("imap")
				m.good("smtp")
				m.one("delivery", map[string]error{"arrive": context.DeadlineExceeded})
			},
			result: report.Fail, exit: 18, receive: report.OK, send: report.OK, delivery: report.Fail,
			headline: "YOU CAN LOG IN AND SEND, BUT WHETHER MAIL ARRIVES WAS NOT SEEN: the server does not answer.",
			step:     "delivery.arrive", cause: report.ConnectTimeout,
		},
		"no way to receive is named": {
			make: func(m *madeRun) {
				m.start()
				m.skippedBecause("imap", "settings.srv", report.SettingsNotFound)
				m.skippedBecause("pop3", "settings.srv", report.SettingsNotOffered)
				m.good("smtp")
			},
			result: report.Fail, exit: 10, receive: report.Fail, send: report.OK, delivery: report.NotChecked,
			headline: "YOU CAN SEND BUT NOT RECEIVE: no IMAP server is known for example.com.",
			step:     "imap.connect", cause: report.SettingsNotFound, findings: "settings.not_offered at pop3.connect",
		},
		"no way to send is named": {
			make: func(m *madeRun) {
				m.start()
				m.good("imap")
				m.skippedBecause("smtp", "settings.srv", report.SettingsNotOffered)
			},
			result: report.Fail, exit: 10, receive: report.OK, send: report.Fail, delivery: report.NotChecked,
			headline: "YOU CAN RECEIVE BUT NOT SEND: example.com offers no SMTP.",
			step:     "smtp.connect", cause: report.SettingsNotOffered,
		},
		"recipient refused": {
			make: func(m *madeRun) {
				m.start()
				m.good("imap")
				m.fails("smtp", "rcpt", refusal(m.t, "550 5.1.1 User unknown"))
				m.notSent("smtp.rcpt")
			},
			result: report.Fail, exit: 17, receive: report.OK, send: report.Fail, delivery: report.NotChecked,
			headline: "YOU CAN RECEIVE BUT NOT SEND: smtp.example.com does not know the address anna@example.com.",
			step:     "smtp.rcpt", cause: report.SubmitRecipientUnknown,
		},
		"mailbox refused": {
			make: func(m *madeRun) {
				m.start()
				m.fails("imap", "mailbox", refusal(m.t, "NO no"))
				m.good("smtp")
				m.notSent("imap.mailbox")
			},
			result: report.Fail, exit: 16, receive: report.Fail, send: report.OK, delivery: report.NotChecked,
			headline: "YOU CAN SEND BUT NOT RECEIVE: mailcheck does not know what the answer means.",
			step:     "imap.mailbox", cause: report.Unknown,
		},
		"second candidate works": {
			make: func(m *madeRun) {
				m.start()
				m.session("imap", "old.example.com", "connect", refusedTCP, "")
				m.good("imap#2")
				m.good("smtp")
				m.arrived()
			},
			result: report.Warn, exit: 0, receive: report.OK, send: report.OK, delivery: report.OK,
			headline: "ALL WORKS, WITH A WARNING: you can receive and send, and mail arrives; but nothing listens at old.example.com port 993.",
			findings: "connect.refused at imap.connect",
		},
		"the name of a first candidate is gone": {
			make: func(m *madeRun) {
				gone := &dns.Error{Name: "old.example.com", Kind: dns.NXDomain}
				m.one("dns", map[string]error{"host old.example.com": gone, "host imap.example.com": nil})
				m.session("imap", "old.example.com", "connect", gone, "")
				m.good("imap#2")
				m.good("smtp")
				m.arrived()
			},
			result: report.Warn, exit: 0, receive: report.OK, send: report.OK, delivery: report.OK,
			headline: "ALL WORKS, WITH 2 WARNINGS: you can receive and send, and mail arrives; the first is that old.example.com does not exist.",
			findings: "dns.nxdomain at dns.host, dns.nxdomain at imap.connect",
		},
		"second candidate refuses the login": {
			make: func(m *madeRun) {
				m.start()
				m.session("imap", "old.example.com", "connect", refusedTCP, "")
				m.fails("imap#2", "auth", refusal(m.t, refusedByIMAP))
			},
			result: report.Fail, exit: 15, receive: report.Fail, send: report.NotChecked, delivery: report.NotChecked,
			headline: "YOU CANNOT RECEIVE: the IMAP server did not accept the password; sending was not checked.",
			step:     "imap#2.auth", cause: report.AuthBadCredentials, findings: "connect.refused at imap.connect",
		},
		"the first candidate's name is gone, the second is dead": {
			make: func(m *madeRun) {
				m.one("dns", map[string]error{"host old.example.com": &dns.Error{Name: "old.example.com", Kind: dns.NXDomain}})
				rec := m.log.Check("imap", &report.Endpoint{Protocol: report.IMAP, Host: "old.example.com", Port: 993, Security: report.TLS})
				rec.SkipRest(plans[report.IMAP], "dns.host")
				m.fails("imap#2", "connect", refusedTCP)
			},
			result: report.Fail, exit: 11, receive: report.Fail, send: report.NotChecked, delivery: report.NotChecked,
			headline: "YOU CANNOT RECEIVE: nothing listens at imap.example.com port 993; sending was not checked.",
			step:     "dns.host", cause: report.DNSNXDomain, findings: "connect.refused at imap#2.connect",
		},
		"no MX record": {
			make: func(m *madeRun) {
				m.start()
				m.good("imap")
				m.good("smtp")
				m.arrived()
				m.warn("dns", "mx", report.DNSNoRecords)
			},
			result: report.Warn, exit: 0, receive: report.OK, send: report.OK, delivery: report.OK,
			headline: "ALL WORKS, WITH A WARNING: you can receive and send, and mail arrives; but example.com has no MX record.",
			findings: "dns.no_records at dns.mx",
		},
		"second candidate refuses the mailbox": {
			make: func(m *madeRun) {
				m.start()
				m.fails("imap", "auth", refusal(m.t, refusedByIMAP))
				m.session("imap#2", "imap2.example.com", "mailbox", refusal(m.t, "NO no"), "")
				m.skippedBecause("imap#3", "imap.auth", "")
			},
			result: report.Fail, exit: 16, receive: report.Fail, send: report.NotChecked, delivery: report.NotChecked,
			headline: "YOU CANNOT RECEIVE: mailcheck does not know what the answer means; sending was not checked.",
			step:     "imap#2.mailbox", cause: report.Unknown, findings: "auth.bad_credentials at imap.auth",
		},
		"both candidates unreachable": {
			make: func(m *madeRun) {
				m.start()
				m.session("imap", "old.example.com", "connect", refusedTCP, "")
				m.fails("imap#2", "tls", &wire.TLSError{Err: wire.ErrPin})
			},
			result: report.Fail, exit: 12, receive: report.Fail, send: report.NotChecked, delivery: report.NotChecked,
			headline: "YOU CANNOT RECEIVE: nothing listens at old.example.com port 993; sending was not checked.",
			step:     "imap.connect", cause: report.ConnectRefused, findings: "tls.bad_certificate at imap#2.tls",
		},
		"a probe is no failure": {
			make: func(m *madeRun) {
				m.start()
				m.good("imap")
				m.good("smtp")
				m.arrived()
				m.one("probe", map[string]error{"smtp-465": refusedTCP})
			},
			result: report.OK, exit: 0, receive: report.OK, send: report.OK, delivery: report.OK,
			headline: "ALL IS WELL: you can receive and send, and mail arrives.",
		},
		"logout fails": {
			make: func(m *madeRun) {
				m.start()
				m.fails("imap", "logout", errors.New("odd"))
				m.good("smtp")
				m.arrived()
			},
			result: report.Fail, exit: 14, receive: report.OK, send: report.OK, delivery: report.OK,
			headline: "YOU CAN RECEIVE AND SEND, BUT NOT ALL IS WELL: mailcheck does not know what the answer means.",
			step:     "imap.logout", cause: report.Unknown,
		},
	})
}

// A headline that speaks of another failure than the one that the verdict is
// about has that one's words beside it.
func TestFailedTitle(t *testing.T) {
	for name, c := range map[string]struct {
		make                 func(*madeRun)
		step, headline, want string
	}{
		"one of two ways to the mailbox, and sending": {func(m *madeRun) {
			m.start()
			m.fails("imap", "connect", refusedTCP)
			m.good("pop3")
			m.fails("smtp", "auth", refusal(m.t, refusedBySMTP))
			m.notSent("smtp.auth")
		}, "imap.connect", "YOU CAN RECEIVE BUT NOT SEND: the SMTP server did not accept the password.", "nothing listens at imap.example.com port 993"},
		"sending alone": {func(m *madeRun) {
			m.start()
			m.good("imap")
			m.fails("smtp", "auth", refusal(m.t, refusedBySMTP))
			m.notSent("smtp.auth")
		}, "smtp.auth", "YOU CAN RECEIVE BUT NOT SEND: the SMTP server did not accept the password.", ""},
		"all is well": {func(m *madeRun) {
			m.start()
			m.good("imap")
			m.good("smtp")
			m.arrived()
		}, "", "ALL IS WELL: you can receive and send, and mail arrives.", ""},
	} {
		m := newRun(t)
		c.make(m)
		r := m.report()
		Verdict(r, Facts{})
		if v := r.Verdict; v.FailedStep != c.step || v.Headline != c.headline || v.FailedTitle != c.want {
			t.Errorf("%s: %s, %q, %q", name, v.FailedStep, v.Headline, v.FailedTitle)
		}
	}
}
