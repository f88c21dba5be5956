package verify_test

import (
	"encoding/json"
	"strings"
	"testing"

	"mailcheck/report"
	"mailcheck/verify"
)

// What servers say up to the reply to STARTTLS, and the client to them.
const (
	imapToSTARTTLS = "S: * OK [CAPABILITY IMAP4rev1 STARTTLS SASL-IR AUTH=PLAIN] ready\nC: A1 STARTTLS\n"
	popToSTLS      = "S: +OK ready <1@example.test>\nC: CAPA\nS: +OK\nS: STLS\nS: USER\nS: SASL PLAIN\nS: .\nC: STLS\n"
	smtpToSTARTTLS = "S: 220 mail.example.test ESMTP\nC: EHLO [127.0.0.1]\nS: 250-mail.example.test\nS: 250-AUTH PLAIN\nS: 250 STARTTLS\nC: STARTTLS\n"
)

// TestSecuritySTARTTLS: cases 1 to 10. Nobody who sits on the way, or only
// says that TLS begins, gets a login, a name or an address in clear text.
func TestSecuritySTARTTLS(t *testing.T) {
	notOffered := hostileCase{cause: report.TLSStartTLSNotOffered, exit: report.ExitTLS}
	injected := hostileCase{cause: report.TLSInjectedPlaintext, exit: report.ExitTLS}
	of := func(c hostileCase, check report.Protocol, step, name, script string) hostileCase {
		c.check, c.step, c.name, c.script = check, string(check)+"."+step, name, script
		return c
	}
	play(t, []hostileCase{
		of(notOffered, report.IMAP, "starttls", "case 01 STARTTLS absent, IMAP",
			"S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready\nC: A1 LOGOUT\nS: * BYE\nS: A1 OK\n"),
		of(notOffered, report.POP3, "starttls", "case 01 STLS absent, POP3",
			"S: +OK\nC: CAPA\nS: +OK\nS: USER\nS: SASL PLAIN\nS: .\nC: QUIT\nS: +OK\n"),
		of(notOffered, report.POP3, "starttls", "case 01 no CAPA at all, POP3",
			"S: +OK\nC: CAPA\nS: -ERR what?\nC: QUIT\nS: +OK\n"),
		of(notOffered, report.SMTP, "starttls", "case 01 STARTTLS absent, SMTP",
			"S: 220 hi\nC: EHLO [127.0.0.1]\nS: 250-hi\nS: 250 AUTH PLAIN LOGIN\nC: QUIT\nS: 221 bye\n"),
		of(notOffered, report.SMTP, "starttls", "case 01 STARTTLS made illegible, SMTP",
			"S: 220 hi\nC: EHLO [127.0.0.1]\nS: 250-hi\nS: 250-AUTH PLAIN\nS: 250 XXXXXXXA\nC: QUIT\nS: 221 bye\n"),

		of(notOffered, report.IMAP, "starttls", "case 02 NO", imapToSTARTTLS+"S: A1 NO not now\nC: A2 LOGOUT\nS: * BYE\nS: A2 OK\n"),
		of(notOffered, report.IMAP, "starttls", "case 02 BAD", imapToSTARTTLS+"S: A1 BAD what?\nC: A2 LOGOUT\nS: * BYE\nS: A2 OK\n"),
		of(notOffered, report.IMAP, "starttls", "case 02 +", imapToSTARTTLS+"S: + go on\nC: A2 LOGOUT\nS: * BYE\nS: A2 OK\n"),
		of(notOffered, report.POP3, "starttls", "case 02 -ERR", popToSTLS+"S: -ERR no\nC: QUIT\nS: +OK\n"),
		of(notOffered, report.POP3, "starttls", "case 02 POP3's +", popToSTLS+"S: + \nC: QUIT\nS: +OK\n"),
		of(notOffered, report.SMTP, "starttls", "case 02 454", smtpToSTARTTLS+"S: 454 4.7.0 TLS not available\nC: QUIT\nS: 221 bye\n"),
		of(notOffered, report.SMTP, "starttls", "case 02 354", smtpToSTARTTLS+"S: 354 go on\nC: QUIT\nS: 221 bye\n"),
		of(notOffered, report.SMTP, "starttls", "case 02 250", smtpToSTARTTLS+"S: 250 ok\nC: QUIT\nS: 221 bye\n"),

		of(injected, report.IMAP, "tls", "case 03 bytes behind the STARTTLS reply, IMAP",
			imapToSTARTTLS+`S! raw "A1 OK go on\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n"`),
		of(injected, report.POP3, "tls", "case 03 bytes behind the STLS reply, POP3", popToSTLS+`S! raw "+OK go on\r\n+OK logged in\r\n"`),
		of(injected, report.SMTP, "tls", "case 03 bytes behind the STARTTLS reply, SMTP", smtpToSTARTTLS+`S! raw "220 go on\r\n250 AUTH PLAIN\r\n"`),
		of(injected, report.IMAP, "tls", "case 03 one byte behind the reply", imapToSTARTTLS+`S! raw "A1 OK go on\r\n*"`),
		of(injected, report.SMTP, "tls", "case 03 a fragment that is no text", smtpToSTARTTLS+`S! raw "220 go on\r\n\x00"`),

		{name: "case 04 capabilities inside the STARTTLS reply", told: nothing, step: "imap.auth", cause: report.AuthNotOffered, exit: report.ExitAuth,
			script: imapToSTARTTLS + "S: A1 OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] go on\nC! starttls\n" +
				"C: A2 CAPABILITY\nS: * CAPABILITY IMAP4rev1 LOGINDISABLED\nS: A2 OK\nC: A3 LOGOUT\nS: * BYE\nS: A3 OK\n"},
		{name: "case 04 capabilities of before TLS, SMTP", check: report.SMTP, step: "smtp.auth", cause: report.AuthNotOffered, exit: report.ExitAuth,
			script: smtpToSTARTTLS + "S: 220 go on\nC! starttls\nC: EHLO [127.0.0.1]\nS: 250 hi\nC: QUIT\nS: 221 bye\n"},
		{name: "case 04 capabilities and time stamp of before TLS, POP3", check: report.POP3, step: "pop3.auth", cause: report.AuthNotOffered, exit: report.ExitAuth,
			script: popToSTLS + "S: +OK go on\nC! starttls\nC: CAPA\nS: +OK\nS: .\nC: QUIT\nS: +OK\n"},
		{name: "case 05 untagged data before TLS", step: "imap.auth", cause: report.AuthBadCredentials, exit: report.ExitAuth, told: theSecret,
			script: imapToSTARTTLS + "S: * CAPABILITY IMAP4rev1 LOGINDISABLED\nS: * 7 EXISTS\nS: * NO [ALERT] call evil.example\nS: * BYE ask evil.example\nS: A1 OK go on\nC! starttls\n" +
				"C: A2 CAPABILITY\nS: * CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN\nS: A2 OK\nC: A3 AUTHENTICATE PLAIN {PLAIN}\nS: A3 NO [AUTHENTICATIONFAILED] no\nC: A4 LOGOUT\nS: * BYE\nS: A4 OK\n",
			judge: func(t *testing.T, rep *report.Report) {
				for _, c := range rep.Checks {
					c.Transcript = nil // which has it, as it was said
				}
				if text, err := json.Marshal(rep); err != nil || strings.Contains(string(text), "evil.example") {
					t.Errorf("what was said before TLS is believed: %v, %s", err, text)
				}
			}},
		of(injected, report.IMAP, "tls", "case 06 reply before the command, IMAP",
			"S: * OK [CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN] ready\nS: A1 OK go on\nC: A1 STARTTLS\nS: A1 OK go on\nS! stall"),
		of(injected, report.SMTP, "tls", "case 06 reply before the command, SMTP",
			"S: 220 hi\nC: EHLO [127.0.0.1]\nS: 250-hi\nS: 250 STARTTLS\nS: 220 go on\nC: STARTTLS\nS: 220 go on\nS! stall"),
		of(injected, report.POP3, "tls", "case 06 reply before the command, POP3",
			"S: +OK\nC: CAPA\nS: +OK\nS: STLS\nS: .\nS: +OK go on\nC: STLS\nS: +OK go on\nS! stall"),
		of(hostileCase{cause: report.Unknown, exit: report.ExitProtocol}, report.IMAP, "starttls", "case 06 reply to another command",
			"S: * OK [CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN] ready\nC: A1 STARTTLS\nS: A7 OK go on\nS! stall"),
		of(hostileCase{cause: report.TLSPreauthDowngrade, exit: report.ExitTLS}, report.IMAP, "greeting", "case 07 PREAUTH on a STARTTLS port",
			"S: * PREAUTH [CAPABILITY IMAP4rev1 STARTTLS] welcome\n"),

		{name: "case 08 PREAUTH inside TLS", way: report.TLS, step: "imap.auth", cause: report.Unknown, exit: report.ExitAuth, detail: "the login was not tested",
			script: "S! tls\nS: * PREAUTH [CAPABILITY IMAP4rev1 AUTH=PLAIN] welcome\nC: A1 LOGOUT\nS: * BYE\nS: A1 OK\n"},
		{name: "case 09 LOGINDISABLED", way: report.TLS, step: "imap.auth", cause: report.AuthNotOffered, exit: report.ExitAuth,
			script: "S! tls\nS: * OK [CAPABILITY IMAP4rev1 LOGINDISABLED] ready\nC: A1 LOGOUT\nS: * BYE\nS: A1 OK\n"},
		{name: "case 09 LOGINDISABLED, LOGIN asked for by name", way: report.TLS, step: "imap.auth", cause: report.AuthMechanismUnsupported, exit: report.ExitAuth,
			change: func(o *verify.Options) { o.Mechanism = "LOGIN" },
			script: "S! tls\nS: * OK [CAPABILITY IMAP4rev1 LOGINDISABLED AUTH=PLAIN] ready\nC: A1 LOGOUT\nS: * BYE\nS: A1 OK\n"},
		{name: "case 10 no TLS, IMAP", way: report.None, step: "imap.auth", cause: report.AuthCleartextRefused, exit: report.ExitAuth,
			script: "S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN AUTH=SCRAM-SHA-256] ready\nC: A1 LOGOUT\nS: * BYE\nS: A1 OK\n"},
		{name: "case 10 no TLS, POP3", check: report.POP3, way: report.None, step: "pop3.auth", cause: report.AuthCleartextRefused, exit: report.ExitAuth,
			script: "S: +OK ready <1@example.test>\nC: CAPA\nS: +OK\nS: USER\nS: .\nC: QUIT\nS: +OK\n"},
		{name: "case 10 no TLS, SMTP", check: report.SMTP, way: report.None, step: "smtp.auth", cause: report.AuthCleartextRefused, exit: report.ExitAuth,
			script: "S: 220 hi\nC: EHLO [127.0.0.1]\nS: 250-hi\nS: 250 AUTH LOGIN\nC: QUIT\nS: 221 bye\n"},
		{name: "case 10 no TLS, allowed by flag", check: report.SMTP, way: report.None, told: theSecret, clear: true,
			change: func(o *verify.Options) { o.AllowCleartext = true },
			script: "S: 220 hi\nC: EHLO [127.0.0.1]\nS: 250-hi\nS: 250 AUTH PLAIN\nC: AUTH PLAIN {PLAIN}\nS: 235 ok\nC: QUIT\nS: 221 bye\n",
			judge: func(t *testing.T, rep *report.Report) {
				if s := rep.Check("smtp").Step("auth"); s.Result != report.Warn {
					t.Errorf("the login in clear text is %s", s.Result)
				}
			}},
	})
}
