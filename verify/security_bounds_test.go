package verify_test

import (
	"strings"
	"testing"
	"time"

	"mailcheck/report"
	"mailcheck/verify"
	"mailcheck/wire"
)

// What servers say up to the open mailbox, inside TLS, and the client to them.
const (
	imapLogin = "S! tls\nS: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready\nC: A1 AUTHENTICATE PLAIN {PLAIN}\nS: A1 OK [CAPABILITY IMAP4rev1] welcome\n"
	imapOpen  = imapLogin + "C: T1 EXAMINE INBOX\nC: T2 LIST \"\" \"*\"\n"
	imapEnd   = "S: T1 OK done\nS: T2 OK done\nC: T3 LOGOUT\nS: T3 OK done\n"

	popCAPA  = "S! tls\nS: +OK ready\nC: CAPA\nS: +OK\nS: SASL PLAIN\nS: USER\nS: UIDL\nS: PIPELINING\nS: .\n"
	popLogin = "S! tls\nS: +OK ready\nC: CAPA\nS: +OK\nS: SASL PLAIN\nS: UIDL\nS: PIPELINING\nS: .\nC: AUTH PLAIN {PLAIN}\nS: +OK welcome\n"
	popOpen  = popLogin + "C: STAT\nC: UIDL\n"

	smtpGreets = "S! tls\nS: 220 mail.example.test ESMTP\nC: EHLO [127.0.0.1]\n"
	smtpPLAIN  = smtpGreets + "S: 250-mail.example.test\nS: 250 AUTH PLAIN\nC: AUTH PLAIN {PLAIN}\n"
)

// TestSecurityBounds: cases 15 to 30. Whatever a server sends, and however
// slowly, the run ends, within its memory, and calls nothing a success that is
// none.
func TestSecurityBounds(t *testing.T) {
	const imap, pop, smtp = report.IMAP, report.POP3, report.SMTP
	const hostile, timeout, exit = report.ServerHostile, report.ConnectTimeout, report.ExitProtocol
	soon := func(o *verify.Options) { o.StepTimeout, o.Silence = 250*time.Millisecond, 20*time.Millisecond }
	soonAll := func(o *verify.Options) { o.Timeout, o.Wait = 300*time.Millisecond, time.Millisecond }
	noLine := func(t *testing.T, rep *report.Report) {
		if h := rep.Verdict.Headline; !strings.HasSuffix(h, " sends something that is no line; sending was not checked.") {
			t.Error(h)
		}
	}
	oneMailbox := func(messages string) func(*testing.T, *report.Report) {
		return func(t *testing.T, rep *report.Report) {
			if s := rep.Check("imap").Step("mailbox"); !strings.HasPrefix(s.Detail, messages) {
				t.Errorf("the mailbox has %s", s.Detail)
			}
		}
	}
	play(t, []hostileCase{
		{name: "case 15 clear text where TLS is set", way: report.TLS, step: "imap.tls", cause: report.TLSPlaintextPort, exit: report.ExitTLS, unheard: true,
			script: "S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready\nS! stall"},
		{name: "case 15 another protocol where TLS is set", check: smtp, way: report.TLS, step: "smtp.tls", cause: report.ConfigWrongProtocol, exit: report.ExitTLS, unheard: true,
			script: "S: +OK POP3 ready\nS! stall"},
		{name: "case 15 another protocol inside TLS", check: imap, way: report.TLS, step: "imap.greeting", cause: report.ConfigWrongProtocol, exit: exit,
			script: "S! tls\nS: 220 mail.example.test ESMTP\n"},
		{name: "case 16 handshake that stalls", way: report.TLS, step: "imap.tls", cause: timeout, exit: exit, change: soon, script: "S! stall"},
		{name: "case 16 handshake that stalls behind STARTTLS", check: smtp, step: "smtp.tls", cause: timeout, exit: exit, change: soon,
			script: smtpToSTARTTLS + "S: 220 go on\nS! stall"},
		{name: "case 16 handshake cut off", way: report.TLS, step: "imap.tls", cause: report.ConnectClosedEarly, exit: report.ExitTLS, script: "S! close"},
		{name: "case 16 handshake cut off behind STLS", check: pop, step: "pop3.tls", cause: report.ConnectClosedEarly, exit: report.ExitTLS,
			script: popToSTLS + "S: +OK go on\nS! close"},

		{name: "case 18 silent after connect, IMAP", step: "imap.greeting", cause: timeout, exit: exit, change: soon, script: "S! stall"},
		{name: "case 18 silent after connect, SMTP", check: smtp, step: "smtp.greeting", cause: timeout, exit: exit, change: soon, script: "S! stall"},
		{name: "case 18 silent inside TLS, POP3", check: pop, way: report.TLS, step: "pop3.greeting", cause: timeout, exit: exit, change: soon, script: "S! tls\nS! stall"},
		{name: "case 18 silent after the login", way: report.TLS, step: "imap.mailbox", cause: timeout, exit: exit, told: theSecret,
			change: func(o *verify.Options) { o.StepTimeout = 600 * time.Millisecond }, script: imapOpen + "S! stall"},
		{name: "case 19 greeting a byte at a time", step: "imap.greeting", cause: timeout, exit: exit, change: soon, detail: "but the beginning of a line", script: `S! drip "* OK \x20"`, judge: noLine},
		{name: "case 19 untagged lines a byte at a time", step: "imap.capability", cause: timeout, exit: exit, change: soon,
			script: "S: * OK ready\nC: A1 CAPABILITY\n" + `S! drip "* OK wait\r\n"`},
		{name: "case 19 EHLO a byte at a time", check: smtp, step: "smtp.ehlo", cause: timeout, exit: exit, change: soon,
			script: "S: 220 hi\nC: EHLO [127.0.0.1]\n" + `S! drip "250-x\r\n"`},
		{name: "case 19 CAPA a byte at a time", check: pop, step: "pop3.capability", cause: timeout, exit: exit, change: soon,
			script: "S: +OK\nC: CAPA\nS: +OK\n" + `S! drip "x\r\n"`},
		{name: "case 19 every step within its limit, not the run", check: smtp, step: "smtp.greeting", cause: timeout, exit: exit, change: soonAll,
			script: `S! drip "220-x\r\n"`},

		{name: "case 20 endless greeting, IMAP", step: "imap.greeting", cause: hostile, exit: exit, detail: "a line longer than 16384 bytes", script: `S! endless "* OK \x20xxxxxxxx"`},
		{name: "case 20 endless greeting, POP3", check: pop, step: "pop3.greeting", cause: hostile, exit: exit, detail: "a line longer than 16384 bytes", script: `S! endless "+OK xxxxxxxx"`},
		{name: "case 20 endless greeting, SMTP inside TLS", check: smtp, way: report.TLS, step: "smtp.greeting", cause: hostile, exit: exit, detail: "a line longer than 16384 bytes",
			script: "S! tls\n" + `S! endless "220 xxxxxxxx"`},
		{name: "case 20 greeting one byte too long", step: "imap.greeting", cause: hostile, exit: exit, detail: "a line longer than 16384 bytes", unheard: true,
			script: "S: * OK " + strings.Repeat("x", wire.MaxLine-len("* OK ")+1) + "\nS! stall"},
		{name: "case 21 endless greeting of lines, SMTP", check: smtp, step: "smtp.greeting", cause: hostile, exit: exit, script: `S! endless "220-x\r\n"`},
		{name: "case 21 endless EHLO", check: smtp, way: report.TLS, step: "smtp.ehlo", cause: hostile, exit: exit, script: smtpGreets + `S! endless "250-x\r\n"`},
		{name: "case 21 endless CAPA", check: pop, step: "pop3.capability", cause: hostile, exit: exit,
			script: "S: +OK\nC: CAPA\nS: +OK\n" + `S! endless "x\r\n"`},
		{name: "case 21 endless UIDL", check: pop, way: report.TLS, step: "pop3.mailbox", cause: hostile, exit: exit, told: theSecret,
			script: popOpen + "S: +OK 1 1\nS: +OK\n" + `S! endless "1 a\r\n"`},
		{name: "case 22 endless untagged lines before the login", step: "imap.capability", cause: hostile, exit: exit,
			script: "S: * OK ready\nC: A1 CAPABILITY\n" + `S! endless "* OK x\r\n"`},
		{name: "case 22 endless untagged lines at the login", way: report.TLS, step: "imap.auth", cause: hostile, exit: exit, told: theSecret,
			script: "S! tls\nS: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready\nC: A1 AUTHENTICATE PLAIN {PLAIN}\n" + `S! endless "* NO x\r\n"`},
		{name: "case 22 endless untagged lines after the login", way: report.TLS, step: "imap.mailbox", cause: hostile, exit: exit, told: theSecret,
			script: imapOpen + `S! endless "* OK x\r\n"`},
		{name: "case 22 endless long lines after the login", way: report.TLS, step: "imap.mailbox", cause: hostile, exit: exit, told: theSecret,
			script: imapOpen + `S! endless "* OK ` + strings.Repeat("x", 8000) + `\r\n"`},

		{name: "case 23 literal of 2^63-1", way: report.TLS, step: "imap.mailbox", cause: hostile, exit: exit, told: theSecret,
			script: imapOpen + "S: * LIST () \"/\" {9223372036854775807}\nS! stall"},
		{name: "case 23 literal beyond 64 bits", way: report.TLS, step: "imap.mailbox", cause: hostile, exit: exit, told: theSecret,
			script: imapOpen + "S: * 2 FETCH (BODY[] {99999999999999999999999}\nS! stall"},
		{name: "case 23 literal of negative size", way: report.TLS, step: "imap.mailbox", cause: report.Unknown, exit: exit, told: theSecret,
			script: imapOpen + "S: * 2 FETCH (BODY[] {-1}\nS! stall"},
		{name: "case 23 literal before the login", step: "imap.capability", cause: report.Unknown, exit: exit,
			script: "S: * OK ready\nC: A1 CAPABILITY\nS: * X {9223372036854775807}\nS: A1 OK\nC: A2 LOGOUT\nS: A2 OK\n"},
		{name: "case 24 deep parentheses", way: report.TLS, told: theSecret, judge: oneMailbox("3 messages"),
			script: imapOpen + "S: * 3 EXISTS\nS: * 2 FETCH (BODYSTRUCTURE " + strings.Repeat("(", 10_000) + "\n" + imapEnd},
		{name: "case 24 deep parentheses before the login", step: "imap.auth", way: report.TLS, cause: report.AuthNotOffered, exit: report.ExitAuth,
			script: "S! tls\nS: * OK ready\nC: A1 CAPABILITY\nS: * CAPABILITY LOGINDISABLED " + strings.Repeat("(", 10_000) + "\nS: A1 OK\nC: A2 LOGOUT\nS: A2 OK\n"},
		{name: "case 25 lists that do not end", way: report.TLS, told: theSecret, judge: oneMailbox("3 messages"),
			script: "S! tls\nS: * OK [CAPABILITY (] hi\nC: A1 CAPABILITY\nS: * CAPABILITY ( AUTH=PLAIN SASL-IR\nS: * ENABLED (\nS: A1 OK\n" +
				"C: A2 AUTHENTICATE PLAIN {PLAIN}\nS: A2 OK [CAPABILITY (] hi\nC: T1 EXAMINE INBOX\nC: T2 LIST \"\" \"*\"\n" +
				"S: * CAPABILITY (\nS: * ENABLED (\nS: * OK [CAPABILITY (] hi\nS: * 3 EXISTS\n" + imapEnd},
		{name: "case 26 searches that nobody asked for", way: report.TLS, told: theSecret, judge: oneMailbox("3 messages"),
			script: imapOpen + "S: * SEARCH 0\nS: * ESEARCH (TAG \"T1\") UID ALL 1:4294967295\nS: * VANISHED (EARLIER) 1:4294967295\nS: * OK [COPYUID 1 1:4294967295 1:4294967295] x\nS: * 3 EXISTS\n" + imapEnd},
		{name: "case 27 numbers that cannot be", way: report.TLS, told: theSecret, judge: oneMailbox("3 messages"),
			script: imapOpen + "S: * 0 EXPUNGE\nS: * 3 EXISTS\nS: * 4294967295 EXISTS\nS: * 99999999999999999999 EXISTS\nS: * -1 EXISTS\nS: * 7 EXPUNGE\nS: * OK [UIDNEXT 0] x\nS: * OK [UIDVALIDITY 99999999999] x\n" + imapEnd},

		{name: "case 28 control characters in the greeting", step: "imap.auth", cause: report.AuthNotOffered, exit: report.ExitAuth, way: report.TLS,
			script: "S! tls\n" + `S! raw "* OK [CAPABILITY IMAP4rev1 LOGINDISABLED] \x1b]0;x\a\x00 \xff\rhi\n"` + "\nC: A1 LOGOUT\nS: A1 OK\n"},
		{name: "case 28 a NUL in place of the greeting", step: "imap.greeting", cause: report.Unknown, exit: exit, script: `S! raw "\x00* OK ready\r\n"`},
		{name: "case 28 bare line feeds", check: smtp, way: report.TLS, told: theSecret,
			script: "S! tls\n" + `S! raw "220 hi\n"` + "\nC: EHLO [127.0.0.1]\n" + `S! raw "250-hi\n250 AUTH PLAIN\n"` + "\nC: AUTH PLAIN {PLAIN}\n" + `S! raw "235 ok\n"` + "\nC: QUIT\nS: 221 bye\n"},
		{name: "case 28 a bare carriage return ends no line", check: pop, way: report.TLS, step: "pop3.auth", cause: report.AuthBadCredentials, exit: report.ExitAuth, told: theSecret,
			script: "S! tls\nS: +OK\nC: CAPA\nS: +OK\nS: SASL PLAIN\nS: .\nC: AUTH PLAIN {PLAIN}\n" + `S! raw "-ERR no\r+OK welcome\r\n"` + "\nC: QUIT\nS: +OK\n"},

		{name: "case 29 SMTP status of no kind", check: smtp, way: report.TLS, step: "smtp.auth", cause: report.Unknown, exit: exit, told: theSecret,
			script: smtpPLAIN + "S: 999 ok\nC: QUIT\nS: 221 bye\n"},
		{name: "case 29 SMTP success of another kind", check: smtp, way: report.TLS, step: "smtp.auth", cause: report.Unknown, exit: exit, told: theSecret,
			script: smtpPLAIN + "S: 250 ok\nC: QUIT\nS: 221 bye\n"},
		{name: "case 29 SMTP reply of two codes", check: smtp, way: report.TLS, step: "smtp.auth", cause: report.Unknown, exit: exit, told: theSecret,
			script: smtpPLAIN + "S: 535-no\nS: 235 ok\nC: QUIT\nS: 221 bye\n"},
		{name: "case 29 IMAP status of no kind", way: report.TLS, step: "imap.auth", cause: report.Unknown, exit: exit, told: theSecret,
			script: "S! tls\nS: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready\nC: A1 AUTHENTICATE PLAIN {PLAIN}\nS: A1 YES\nC: A2 LOGOUT\nS: A2 OK\n"},
		{name: "case 29 IMAP reply to another tag", way: report.TLS, step: "imap.auth", cause: report.Unknown, exit: exit, told: theSecret,
			script: "S! tls\nS: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready\nC: A1 AUTHENTICATE PLAIN {PLAIN}\nS: A2 OK\n"},
		{name: "case 29 empty line for a password, POP3", check: pop, way: report.TLS, step: "pop3.auth", cause: report.Unknown, exit: exit, told: theSecret,
			script: popCAPA + "C: AUTH PLAIN {PLAIN}\nS: \nC: QUIT\nS: +OK\n"},
		{name: "case 29 status of no kind, POP3", check: pop, way: report.TLS, step: "pop3.auth", cause: report.Unknown, exit: exit, told: theSecret,
			script: popCAPA + "C: AUTH PLAIN {PLAIN}\nS: OK welcome\nC: QUIT\nS: +OK\n"},
		{name: "case 30 negative STAT", check: pop, way: report.TLS, step: "pop3.mailbox", cause: report.Unknown, exit: exit, told: theSecret,
			script: popOpen + "S: +OK -7 0\nS: +OK\nS: .\n", unheard: true},
		{name: "case 30 STAT without numbers", check: pop, way: report.TLS, step: "pop3.mailbox", cause: report.Unknown, exit: exit, told: theSecret,
			script: popOpen + "S: +OK\nS: +OK\nS: .\n", unheard: true},
		{name: "case 30 malformed UIDL", check: pop, way: report.TLS, step: "pop3.mailbox", cause: report.Unknown, exit: exit, told: theSecret,
			script: popOpen + "S: +OK 1 10\nS: +OK\nS: one aa\nS: .\n", unheard: true},
		{name: "case 30 UIDL that ends early", check: pop, way: report.TLS, step: "pop3.mailbox", cause: report.ConnectClosedEarly, exit: exit, told: theSecret,
			script: popOpen + "S: +OK 2 10\nS: +OK\nS: 1 aa\nS! close"},
	})
}
