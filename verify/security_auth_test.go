package verify_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"

	"mailcheck/creds"
	"mailcheck/internal/diagnose"
	"mailcheck/internal/lab"
	"mailcheck/report"
	"mailcheck/verify"
)

// What servers say up to a login inside TLS that offers these mechanisms.
func imapOffers(mechanisms string) string {
	return "S! tls\nS: * OK [CAPABILITY IMAP4rev1 SASL-IR " + mechanisms + "] ready\n"
}

func smtpOffers(mechanisms string) string {
	return smtpGreets + "S: 250-mail.example.test\nS: 250 AUTH " + mechanisms + "\n"
}

// begins is how the base64 of a text begins, whatever follows.
func begins(text string) string {
	return base64.StdEncoding.EncodeToString([]byte(text[:len(text)/3*3]))
}

const (
	imapBye = "C: A2 LOGOUT\nS: * BYE\nS: A2 OK\n"
	smtpBye = "C: QUIT\nS: 221 bye\n"
)

// TestSecurityAuthentication: cases 31 to 49, but for those of SCRAM and of
// what is refused before anything is sent. A secret is said once, to whom it
// is for, in the form that was chosen, and nothing that a server says gets
// more out of it.
func TestSecurityAuthentication(t *testing.T) {
	const imap, pop, smtp = report.IMAP, report.POP3, report.SMTP
	const tls, exit = report.TLS, report.ExitAuth
	use := func(mechanism string) func(*verify.Options) {
		return func(o *verify.Options) { o.Mechanism = mechanism }
	}
	token := func(o *verify.Options) {
		o.Credentials = creds.Options{TokenStdin: strings.NewReader(canary + "\n")}
	}
	logins := func(want report.Logins) func(*testing.T, *report.Report) {
		want.Limit = 2
		return func(t *testing.T, rep *report.Report) {
			if rep.Verdict.Logins != want {
				t.Errorf("logins %+v", rep.Verdict.Logins)
			}
		}
	}
	once := logins(report.Logins{Made: 1, Rejected: 1})
	temporary := func(t *testing.T, rep *report.Report) {
		once(t, rep)
		for _, c := range rep.Checks {
			if s := c.Step("auth"); s != nil && s.Result == report.Fail && !s.Temporary {
				t.Errorf("%s is not temporary", s.ID)
			}
		}
	}
	weaker := hostileCase{check: imap, step: "imap.auth", cause: report.ServerHostile, exit: report.ExitProtocol, detail: "offered SCRAM-SHA-256 before"}
	inTLS := imapToSTARTTLS + "S: A1 OK\nC! starttls\nC: A2 CAPABILITY\n"
	second := func(o *verify.Options) { o.Fixed[0].OtherUsername = "anna" }
	with := func(c hostileCase, name, script string) hostileCase { c.name, c.script = name, script; return c }
	secondName := weaker
	secondName.change, secondName.told, secondName.way = second, theProof, tls
	secondName.cause, secondName.exit, secondName.detail = report.AuthBadCredentials, exit, ""
	secondName.judge = func(t *testing.T, rep *report.Report) {
		once(t, rep)
		steps := rep.Check("imap").Steps
		if i := slices.IndexFunc(steps, func(s *report.Step) bool { return s.Cause == report.ServerHostile }); i < 0 || steps[i].Step != "auth" {
			t.Errorf("the second login: %s", results(rep))
		}
	}

	play(t, []hostileCase{
		{name: "case 31 mechanism asked for is hidden", check: smtp, way: tls, step: "smtp.auth", cause: report.AuthMechanismUnsupported, exit: exit,
			change: use("SCRAM-SHA-256"), script: smtpOffers("PLAIN LOGIN") + smtpBye},
		{name: "case 31 every mechanism that the settings name is hidden", check: smtp, way: tls, told: theSecret,
			change: func(o *verify.Options) { o.Fixed[0].Auth = []string{"password-encrypted"} },
			script: smtpOffers("PLAIN LOGIN") + "C: AUTH PLAIN {PLAIN}\nS: 235 ok\n" + smtpBye,
			judge: func(t *testing.T, rep *report.Report) {
				if s := rep.Check("smtp").Step("auth"); s.Result != report.Warn || s.Cause != report.AuthMechanismMissing || len(rep.Verdict.Findings) != 1 || rep.Verdict.Findings[0].Cause != s.Cause {
					t.Errorf("%s %s, findings %v", s.Result, s.Cause, rep.Verdict.Findings)
				}
			}},
		{name: "case 31 PLUS is hidden, and the server is told of it", check: smtp, way: tls, step: "smtp.auth", cause: report.AuthBadCredentials, exit: exit, told: theProof,
			script: smtpOffers("PLAIN SCRAM-SHA-256") + "C: AUTH SCRAM-SHA-256 " + begins("y,,n="+who+",r=") + "*\nS: 535 5.7.8 no\n" + smtpBye},
		with(weaker, "case 31 the better mechanism is taken back in the same reply",
			inTLS+"S: * CAPABILITY IMAP4rev1 AUTH=SCRAM-SHA-256 AUTH=PLAIN SASL-IR\nS: * CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR\nS: A2 OK\nC: A3 LOGOUT\nS: A3 OK\n"),
		with(weaker, "case 31 the better mechanism is taken back for LOGIN",
			inTLS+"S: * CAPABILITY IMAP4rev1 AUTH=SCRAM-SHA-256\nS: * CAPABILITY IMAP4rev1\nS: A2 OK\nC: A3 LOGOUT\nS: A3 OK\n"),
		with(secondName, "case 31 the better mechanism is taken back after a refusal", imapOffers("AUTH=SCRAM-SHA-256 AUTH=PLAIN")+
			"C: A1 AUTHENTICATE SCRAM-SHA-256 *\nS: * CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN\nS: A1 NO [AUTHENTICATIONFAILED] no\n"+imapBye),

		{name: "case 32 exchange that fails in the middle is cancelled, IMAP", way: tls, step: "imap.auth", cause: report.Unknown, exit: report.ExitProtocol, told: theProof,
			script: imapOffers("AUTH=SCRAM-SHA-256") + "C: A1 AUTHENTICATE SCRAM-SHA-256 *\nS: + bm9uc2Vuc2U=\nC: *\nS: A1 NO cancelled\n" + imapBye},
		{name: "case 32 exchange that fails in the middle is cancelled, POP3", check: pop, way: tls, step: "pop3.auth", cause: report.Unknown, exit: report.ExitProtocol, told: theProof,
			script: "S! tls\nS: +OK\nC: CAPA\nS: +OK\nS: SASL SCRAM-SHA-256\nS: .\nC: AUTH SCRAM-SHA-256 *\nS: + bm9uc2Vuc2U=\nC: *\nS: -ERR cancelled\nC: QUIT\nS: +OK\n"},
		{name: "case 33 challenge of 9 KiB", check: smtp, way: tls, step: "smtp.auth", cause: report.ServerHostile, exit: report.ExitProtocol,
			script: smtpOffers("CRAM-MD5") + "C: AUTH CRAM-MD5\nS: 334 " + strings.Repeat("PDE+", 3<<10) + "\nC: *\nS: 501 cancelled\n" + smtpBye},
		{name: "case 33 challenge that is not base64", way: tls, step: "imap.auth", cause: report.Unknown, exit: report.ExitProtocol,
			script: imapOffers("AUTH=CRAM-MD5 LOGINDISABLED") + "C: A1 AUTHENTICATE CRAM-MD5\nS: + <1@example.test>\nC: *\nS: A1 BAD cancelled\n" + imapBye},
		{name: "case 34 CRAM-MD5 without TLS", check: smtp, way: report.None, step: "smtp.auth", cause: report.AuthCleartextRefused, exit: exit,
			script: "S: 220 hi\nC: EHLO [127.0.0.1]\nS: 250-hi\nS: 250 AUTH CRAM-MD5\n" + smtpBye},
		{name: "case 34 APOP without TLS", check: pop, way: report.None, step: "pop3.auth", cause: report.AuthCleartextRefused, exit: exit,
			script: "S: +OK <1.2@example.test>\nC: CAPA\nS: +OK\nS: .\nC: QUIT\nS: +OK\n"},

		{name: "case 37 PLAIN is asked again", check: smtp, way: tls, step: "smtp.auth", cause: report.Unknown, exit: report.ExitProtocol, told: theSecret, judge: logins(report.Logins{Made: 1}),
			script: smtpPLAIN + "S: 334 \nC: *\nS: 535 cancelled\n" + smtpBye},
		{name: "case 37 LOGIN is asked a third time", check: smtp, way: tls, step: "smtp.auth", cause: report.Unknown, exit: report.ExitProtocol, told: theSecret,
			script: smtpOffers("LOGIN") + "C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: {USER}\nS: 334 UGFzc3dvcmQ6\nC: {PASSWORD}\nS: 334 UGFzc3dvcmQ6\nC: *\nS: 535 cancelled\n" + smtpBye},
		{name: "case 37 cancelling is answered with a challenge too", way: tls, step: "imap.auth", cause: report.Unknown, exit: report.ExitProtocol, told: theSecret, unheard: true,
			script: imapOffers("AUTH=PLAIN") + "C: A1 AUTHENTICATE PLAIN {PLAIN}\nS: + \nC: *\nS: + \nS: + \nS: + \n"},
		{name: "case 37 LOGIN command is asked again", way: tls, step: "imap.auth", cause: report.Unknown, exit: report.ExitProtocol, told: theSecret,
			script: "S! tls\nS: * OK [CAPABILITY IMAP4rev1] ready\nC: A1 LOGIN \"anna@example.test\" {{LENGTH}}\nS: + go on\nC: {RAW}\nS: + again\n" + imapBye},
		{name: "case 38 error of XOAUTH2", check: smtp, way: tls, step: "smtp.auth", cause: report.AuthTokenExpired, exit: exit, told: theSecret,
			change: token, detail: `{"status":"401","schemes":"bearer"}`,
			script: smtpOffers("XOAUTH2") + "C: AUTH XOAUTH2 {XOAUTH2}\nS: 334 " + base64.StdEncoding.EncodeToString([]byte(`{"status":"401","schemes":"bearer"}`+"\x1b[2J")) + "\nC: \nS: 535 5.7.8 no\n" + smtpBye},
		{name: "case 38 error of XOAUTH2, twice", check: smtp, way: tls, step: "smtp.auth", cause: report.Unknown, exit: report.ExitProtocol, told: theSecret, change: token,
			script: smtpOffers("XOAUTH2") + "C: AUTH XOAUTH2 {XOAUTH2}\nS: 334 e30=\nC: \nS: 334 e30=\nC: *\nS: 535 no\n" + smtpBye},
		{name: "case 38 error of XOAUTH2, then success", check: smtp, way: tls, step: "smtp.auth", cause: report.Unknown, exit: report.ExitProtocol, told: theSecret, change: token,
			script: smtpOffers("XOAUTH2") + "C: AUTH XOAUTH2 {XOAUTH2}\nS: 334 e30=\nC: \nS: 235 ok\n" + smtpBye},

		{name: "case 39 success without proof, IMAP", way: tls, step: "imap.mailbox", cause: report.Unknown, exit: report.ExitMailbox, told: theSecret,
			script: imapOpen + "S: T1 NO [AUTHENTICATIONFAILED] not logged in\nS: T2 NO not logged in\nC: T3 LOGOUT\nS: T3 OK\n"},
		{name: "case 39 success without proof, POP3", check: pop, way: tls, step: "pop3.mailbox", cause: report.Unknown, exit: report.ExitMailbox, told: theSecret,
			script: popOpen + "S: -ERR not logged in\nS: -ERR not logged in\nC: QUIT\nS: +OK\n"},
		{name: "case 39 success without proof, SMTP", check: smtp, way: tls, step: "smtp.mail", cause: report.SubmitAuthRequired, exit: report.ExitSubmit, told: theSecret,
			change: func(o *verify.Options) { o.Send = diagnose.SendRcpt },
			script: smtpPLAIN + "S: 235 ok\nC: MAIL FROM:<anna@example.test>\nS: 530 5.7.0 Authentication required\n" + smtpBye},

		{name: "case 40 refused for good", check: smtp, way: tls, step: "smtp.auth", cause: report.AuthBadCredentials, exit: exit, told: theSecret, judge: once,
			script: smtpPLAIN + "S: 535 5.7.8 no\n" + smtpBye},
		{name: "case 40 refused for now", check: smtp, way: tls, step: "smtp.auth", cause: report.ServerAuthBackendDown, exit: exit, told: theSecret, judge: temporary,
			script: smtpPLAIN + "S: 454 4.7.0 Temporary authentication failure\n" + smtpBye},
		{name: "case 40 hung up on", check: smtp, way: tls, step: "smtp.auth", cause: report.ServerTemporarilyUnavailable, exit: exit, told: theSecret, judge: temporary,
			script: smtpPLAIN + "S: 421 4.3.2 shutting down\n" + smtpBye},
		{name: "case 40 unavailable", way: tls, step: "imap.auth", cause: report.ServerAuthBackendDown, exit: exit, told: theSecret, judge: temporary,
			script: imapOffers("AUTH=PLAIN") + "C: A1 AUTHENTICATE PLAIN {PLAIN}\nS: A1 NO [UNAVAILABLE] later\n" + imapBye},
		{name: "case 40 a temporary fault of the system, POP3", check: pop, way: tls, step: "pop3.auth", cause: report.ServerAuthBackendDown, exit: exit, told: theSecret, judge: temporary,
			script: popCAPA + "C: AUTH PLAIN {PLAIN}\nS: -ERR [SYS/TEMP] later\nC: QUIT\nS: +OK\n"},
		{name: "case 45 referral to another server", way: tls, step: "imap.auth", cause: report.ConfigWrongHost, exit: exit, told: theSecret, detail: "evil.example",
			script: imapOffers("AUTH=PLAIN") + "C: A1 AUTHENTICATE PLAIN {PLAIN}\nS: A1 NO [REFERRAL IMAP://evil.example/] go to evil.example\n" + imapBye},
		{name: "case 45 BYE that names another server", way: tls, step: "imap.greeting", cause: report.ConfigWrongHost, exit: report.ExitProtocol, detail: "evil.example",
			script: "S! tls\nS: * BYE [REFERRAL IMAP://evil.example/] go to evil.example\n"},

		{name: "case 48 password with quotes and letters beyond ASCII, LOGIN command", way: tls, told: theSecret,
			script: "S! tls\nS: * OK [CAPABILITY IMAP4rev1 LITERAL+] ready\nC: A1 LOGIN \"anna@example.test\" {{LENGTH}+}\nC: {RAW}\nS: A1 OK [CAPABILITY IMAP4rev1] welcome\nC: T1 EXAMINE INBOX\nC: T2 LIST \"\" \"*\"\n" + imapEnd},
		{name: "case 48 password with quotes, LOGIN command", way: tls, told: theName,
			change: func(o *verify.Options) { o.Credentials.PasswordStdin = strings.NewReader(`a"b\c d` + "\n") },
			script: "S! tls\nS: * OK [CAPABILITY IMAP4rev1] ready\nC: A1 LOGIN \"anna@example.test\" \"a\\\"b\\\\c d\"\nS: A1 OK [CAPABILITY IMAP4rev1] welcome\nC: T1 EXAMINE INBOX\nC: T2 LIST \"\" \"*\"\n" + imapEnd},
		{name: "case 48 password in USER and PASS", check: pop, way: tls, told: theSecret,
			script: "S! tls\nS: +OK\nC: CAPA\nS: -ERR what?\nC: USER anna@example.test\nS: +OK\nC: PASS {RAW}\nS: +OK\nC: STAT\nS: +OK 0 0\nC: UIDL\nS: +OK\nS: .\nC: QUIT\nS: +OK\n"},
		{name: "case 48 password of 5 KiB", check: smtp, way: tls, told: theName,
			change: func(o *verify.Options) {
				o.Credentials.PasswordStdin = strings.NewReader(strings.Repeat("long", 5<<8) + "\n")
			},
			script: smtpOffers("PLAIN") + "C: AUTH PLAIN\nS: 334 \nC: " + base64.StdEncoding.EncodeToString([]byte("\x00"+who+"\x00"+strings.Repeat("long", 5<<8))) + "\nS: 235 ok\n" + smtpBye},
		{name: "case 49 commas and equals signs in an OAUTHBEARER name", check: smtp, way: tls, told: theSecret,
			change: func(o *verify.Options) { token(o); o.Username = "a=b,c" },
			script: smtpOffers("OAUTHBEARER") + "C: AUTH OAUTHBEARER " + begins("n,a=a=3Db=2Cc,\x01host="+hostileHost+"\x01port=") + "*\nS: 235 ok\n" + smtpBye},
	})
}

// scramServer is an SMTP server that knows as much of SCRAM-SHA-256 as the
// case needs: it takes the client's nonce into its first message.
type scramServer struct {
	listener net.Listener
	received bytes.Buffer
	err      error
	done     chan struct{}
}

func (s *scramServer) Addr() string     { return s.listener.Addr().String() }
func (s *scramServer) Wait() error      { <-s.done; return s.err }
func (s *scramServer) Received() string { <-s.done; return s.received.String() }

// startSCRAM answers the client's first message with first, in which NONCE
// stands for the client's nonce, and every line of the client after that with
// one of the next.
func startSCRAM(t *testing.T, config *tls.Config, first string, next []string) *scramServer {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &scramServer{listener: l, done: make(chan struct{})}
	go func() {
		defer close(s.done)
		defer l.Close()
		s.err = s.serve(config, first, next)
	}()
	t.Cleanup(func() { l.Close(); <-s.done })
	return s
}

func (s *scramServer) serve(config *tls.Config, first string, next []string) error {
	raw, err := s.listener.Accept()
	if err != nil {
		return err
	}
	s.listener.Close()
	conn := tls.Server(raw, config)
	defer conn.Close()
	r := bufio.NewReader(io.TeeReader(conn, &s.received))
	read := func() string {
		line, _ := r.ReadString('\n')
		return strings.TrimSpace(line)
	}
	say := func(line string) { fmt.Fprintf(conn, "%s\r\n", line) }
	say("220 hi")
	read()
	say("250-hi\r\n250 AUTH SCRAM-SHA-256")
	command, initial, _ := strings.Cut(strings.TrimPrefix(read(), "AUTH "), " ")
	message, err := base64.StdEncoding.DecodeString(initial)
	_, nonce, found := strings.Cut(string(message), ",r=")
	if command != "SCRAM-SHA-256" || err != nil || !found {
		return fmt.Errorf("it began with %s %q", command, message)
	}
	say("334 " + base64.StdEncoding.EncodeToString([]byte(strings.ReplaceAll(first, "NONCE", nonce))))
	for _, step := range next {
		want, answer, _ := strings.Cut(step, " -> ")
		switch got := read(); {
		case want == "*" && got != "*", want == "proof" && !proves(got), want == "" && got != "":
			return fmt.Errorf("the client sent %q, want %s", got, want)
		}
		say(answer)
	}
	if got := read(); got != "QUIT" && got != "" {
		return fmt.Errorf("the client sent %q at the end", got)
	}
	say("221 bye")
	return nil
}

// proves tells a client's final message (RFC 5802 section 7).
func proves(line string) bool {
	message, err := base64.StdEncoding.DecodeString(line)
	return err == nil && bytes.Contains(message, []byte(",p="))
}

// TestSecuritySCRAM: cases 35 and 36. A server that cannot prove that it knows
// the password's keys is none, whatever it says; one that wants the proof too
// cheap or too dear does not get it.
func TestSecuritySCRAM(t *testing.T) {
	s := newStage(t)
	const salt = ",s=c2FsdHNhbHQ=,i="
	v := func(signature string) string {
		return "334 " + base64.StdEncoding.EncodeToString([]byte("v="+signature))
	}
	for _, tc := range []struct {
		name  string
		first string
		next  []string // what the client is to say (a proof, "*"), and the answer
	}{
		{"case 35 2^31 iterations", "r=NONCEx" + salt + "2147483648", []string{"* -> 501 cancelled"}},
		{"case 35 iterations beyond 64 bits", "r=NONCEx" + salt + "99999999999999999999", []string{"* -> 501 cancelled"}},
		{"case 35 one iteration too many", "r=NONCEx" + salt + "1000001", []string{"* -> 501 cancelled"}},
		{"case 35 one iteration too few", "r=NONCEx" + salt + "4095", []string{"* -> 501 cancelled"}},
		{"case 35 one iteration", "r=NONCEx" + salt + "1", []string{"* -> 501 cancelled"}},
		{"case 36 nonce that is not extended", "r=NONCE" + salt + "4096", []string{"* -> 501 cancelled"}},
		{"case 36 nonce of another exchange", "r=xNONCE" + salt + "4096", []string{"* -> 501 cancelled"}},
		{"case 36 wrong signature", "r=NONCEx" + salt + "4096", []string{"proof -> " + v(strings.Repeat("A", 43)+"="), "* -> 501 cancelled"}},
		{"case 36 wrong signature, and success in spite of the cancelling", "r=NONCEx" + salt + "4096", []string{"proof -> " + v(strings.Repeat("A", 43)+"="), "* -> 235 ok"}},
		{"case 36 empty signature", "r=NONCEx" + salt + "4096", []string{"proof -> " + v(""), "* -> 501 cancelled"}},
		{"case 36 success without a signature", "r=NONCEx" + salt + "4096", []string{"proof -> 235 ok"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			certificate, err := s.ca.Certificate(lab.LeafGood, hostileHost)
			if err != nil {
				t.Fatal(err)
			}
			server := startSCRAM(t, &tls.Config{Certificates: []tls.Certificate{certificate}}, tc.first, tc.next)
			hostileCase{check: report.SMTP, way: report.TLS, told: theProof,
				step: "smtp.auth", cause: report.ServerHostile, exit: report.ExitProtocol}.meet(t, s, server)
			sent := slices.ContainsFunc(strings.Split(server.Received(), "\r\n"), proves)
			if due := strings.HasPrefix(tc.next[0], "proof"); sent != due {
				t.Errorf("the proof was sent: %v", sent)
			}
		})
	}
}

// TestSecurityInput: cases 46, 47 and 49. What would be a second command, a
// field or a parameter is refused where it is typed, and the error says what
// it is in; nothing of it is sent.
func TestSecurityInput(t *testing.T) {
	s := newStage(t)
	secret := func(password string) func(*verify.Options) {
		return func(o *verify.Options) { o.Credentials.PasswordStdin = strings.NewReader(password) }
	}
	typed := func(password string) func(*verify.Options) {
		return func(o *verify.Options) {
			o.Credentials = creds.Options{Prompt: func(context.Context) (creds.Secret, error) { return creds.NewSecret(password), nil }}
		}
	}
	for name, tc := range map[string]struct {
		change func(*verify.Options)
		says   string
	}{
		"case 46 line break in the password":            {secret("one\ntwo\n"), "more than one line"},
		"case 46 carriage return in the password":       {secret("one\rtwo\n"), "the secret has a line break"},
		"case 46 NUL in the password":                   {typed("one\x00two"), "the secret has a NUL character"},
		"case 46 line break in a password that's typed": {typed("one\r\nDELE 1"), "the secret has a line break"},
		"case 46 line break in the sender":              {func(o *verify.Options) { o.From = "a@example.test\r\nBcc: b@example.test" }, "it has a line break"},
		"case 46 NUL in the recipient":                  {func(o *verify.Options) { o.To = "a\x00@example.test" }, "it has a NUL character"},
		"case 47 angle bracket in the sender":           {func(o *verify.Options) { o.From = "a@example.test>" }, "it has an angle bracket"},
		"case 47 parameter in the recipient":            {func(o *verify.Options) { o.To = "a@example.test> NOTIFY=NEVER" }, "it has an angle bracket"},
		"case 47 space in the recipient":                {func(o *verify.Options) { o.To = "a@example.test NOTIFY=NEVER" }, "it has a space"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			line := &tapped{port: "127.0.0.1:1"}
			o := s.options(t, report.SMTP, report.TLS, line)
			tc.change(&o)
			rep, err := verify.Run(t.Context(), o)
			var input *creds.InputError
			var address *creds.AddressError
			if !errors.As(err, &input) && !errors.As(err, &address) || !strings.Contains(err.Error(), tc.says) || rep != nil {
				t.Errorf("it ran: %v", err)
			}
			if line.sent() != "" {
				t.Errorf("%q was sent", line.sent())
			}
		})
	}
	for _, address := range []string{"anna@example.test\r\nRCPT TO:<b@example.test>", "anna@example.test>", "anna\x00@example.test", "anna@example.test SIZE=1", "<anna@example.test>"} {
		if account, err := creds.ParseAddress(address); err == nil {
			t.Errorf("case 46 and 47: %q is taken for %+v", address, account)
		}
	}
	auth := hostileCase{check: report.SMTP, way: report.TLS, step: "smtp.auth", cause: report.ConfigBadAddress, exit: report.ExitAuth, script: smtpOffers("PLAIN XOAUTH2") + smtpBye}
	named := func(name, user, says string) hostileCase {
		c := auth
		c.name, c.detail, c.change = name, says, func(o *verify.Options) { o.Username = user }
		return c
	}
	play(t, []hostileCase{
		named("case 46 line break in the user name", "anna\r\nMAIL FROM:<b@example.test>", "the user name contains a line break"),
		named("case 46 NUL in the user name", "anna\x00root", "the user name contains a NUL character"),
		named("case 49 field separator in the user name", "anna\x01auth=Bearer x", "the user name contains the control character 01"),
		{name: "case 46 line break in the name of EHLO", check: report.SMTP, way: report.TLS, step: "smtp.ehlo", cause: report.ClientProtocol, exit: report.ExitProtocol,
			change: func(o *verify.Options) { o.Hello = "x\r\nMAIL FROM:<b@example.test>" }, script: "S! tls\nS: 220 hi\n" + smtpBye},
	})
}
