package diagnose

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"mailcheck/internal/lang"
	"mailcheck/internal/provider"
	"mailcheck/report"
)

// What programs make of replies and errors, in English and Japanese.
func TestWrapped(t *testing.T) {
	for _, tt := range []struct {
		text  string
		cause report.Cause
	}{
		// Python.
		{`smtplib.SMTPAuthenticationError: (535, b'5.7.8 Username and Password not accepted. For more information, go to\n5.7.8  https://support.google.com/mail/?p=BadCredentials a1-20020a - gsmtp')`, report.AuthBadCredentials},
		{`smtplib.SMTPRecipientsRefused: {'anna@example.org': (554, b'5.7.1 <anna@example.org>: Relay access denied')}`, report.SubmitRelayDenied},
		{`smtplib.SMTPSenderRefused: (530, b'5.7.0 Must issue a STARTTLS command first. - gsmtp', 'anna@example.org')`, report.AuthEncryptionRequired},
		{`imaplib.IMAP4.error: b'[ALERT] Application-specific password required: https://support.google.com/accounts/answer/185833 (Failure)'`, report.AuthAppPasswordRequired},
		{`poplib.error_proto: b'-ERR [SYS/PERM] Your account is not enabled for POP access. Please visit your Gmail settings page'`, report.AuthProtocolDisabled},
		{`smtplib.SMTPServerDisconnected: Connection unexpectedly closed`, report.ConnectClosedEarly},
		{`ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: Hostname mismatch, certificate is not valid for 'mail.example.org'. (_ssl.c:997)`, report.TLSHostnameMismatch},
		{`ssl.SSLError: [SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1000)`, report.TLSPlaintextPort},
		{`socket.gaierror: [Errno 11001] getaddrinfo failed`, report.DNSNXDomain},
		{`ConnectionRefusedError: [Errno 111] Connection refused`, report.ConnectRefused},
		// Go.
		{`gomail: could not send email 1: 550 5.1.1 The email account that you tried to reach does not exist.`, report.SubmitRecipientUnknown},
		{`tls: failed to verify certificate: x509: certificate signed by unknown authority`, report.TLSUnknownAuthority},
		{`remote error: tls: protocol version not supported`, report.TLSOldVersion},
		// PHP.
		{`SMTP Error: data not accepted. SMTP server error: DATA END command failed Detail: Message rejected as spam SMTP code: 554 Additional SMTP info: 5.7.1`, report.SubmitSpamPolicy},
		{`Expected response code 250 but got code "530", with message "530 5.7.1 Authentication required"`, report.SubmitAuthRequired},
		{`stream_socket_client(): unable to connect to tcp://smtp.example.org:587 (Connection timed out)`, report.ConnectTimeout},
		{`SMTP Error: Could not authenticate.`, report.AuthBadCredentials},
		// Java.
		{`javax.mail.AuthenticationFailedException: 535 5.7.3 Authentication unsuccessful [AM0PR04CA0001.eurprd04.prod.outlook.com]`, report.AuthBadCredentials},
		{`com.sun.mail.smtp.SMTPSendFailedException: 552 5.3.4 Error: message file too big`, report.SubmitMessageTooLarge},
		{`javax.net.ssl.SSLHandshakeException: PKIX path building failed: sun.security.provider.certpath.SunCertPathBuilderException: unable to find valid certification path to requested target`, report.TLSUnknownAuthority},
		// Node.js.
		{`Error: Invalid login: 534-5.7.9 Application-specific password required. Learn more at https://support.google.com/mail/?p=InvalidSecondFactor`, report.AuthAppPasswordRequired},
		{"Error: getaddrinfo ENOTFOUND smtp.example.con", report.DNSNXDomain},
		{"Error: self signed certificate\n code: 'ESOCKET', command: 'CONN'", report.TLSUnknownAuthority},
		// .NET.
		{`The SMTP server requires a secure connection or the client was not authenticated. The server response was: 5.7.57 Client not authenticated to send mail. Error: 535 5.7.139 Authentication unsuccessful, basic authentication is disabled.`, report.AuthBasicAuthDisabled},
		// curl, OpenSSL, msmtp, git.
		{`curl: (60) SSL certificate problem: unable to get local issuer certificate`, report.TLSIncompleteChain},
		{`curl: (67) Login denied`, report.AuthBadCredentials},
		{`msmtp: server message: 535 5.7.0 (#AUTH005) Too many bad auth attempts.`, report.AuthAppPasswordRequired},
		{`Command unknown: 'AUTH' at /usr/lib/git-core/git-send-email line 1513.`, report.AuthNotOffered},
		// Logs and bounces.
		{">>> RCPT To:<ben@example.com>\n<<< 550 Relaying denied\n550 5.1.1 <ben@example.com>... User unknown", report.SubmitRelayDenied},
		{`550 <sender@example.com>: user unknown (in reply to RCPT TO command)`, report.SubmitRecipientUnknown},
		{`postfix/smtp[2211]: 4B1: to=<anna@example.org>, relay=mx.example.org[192.0.2.1]:25, delay=1, dsn=4.7.1, status=deferred (host mx.example.org[192.0.2.1] said: 450 4.7.1 <anna@example.org>: Recipient address rejected: Greylisted (in reply to RCPT TO command))`, report.SubmitGreylisted},
		{`2026-01-02 10:00:00 1abc-0000 ** anna@example.org R=dnslookup T=remote_smtp H=mx.example.org [192.0.2.1]: SMTP error from remote mail server after RCPT TO:<anna@example.org>: 550 5.7.1 Service unavailable, Client host [192.0.2.9] blocked using Spamhaus`, report.GreetingRejectedIP},
		{"  anna@example.org\n    SMTP error from remote mail server after end of data:\n    host mx.example.org [192.0.2.1]: 552 5.3.4 Message size exceeds fixed limit", report.SubmitMessageTooLarge},
		{"Final-Recipient: rfc822; anna@example.org\nAction: failed\nStatus: 5.2.2\nDiagnostic-Code: smtp; 552-5.2.2 The email account that you tried to reach is over quota.\n 552 5.2.2 https://support.google.com/mail/?p=OverQuotaPerm\n\nSubject: password expired", report.SubmitRecipientQuota},
		// XOAUTH2's challenge, as it comes and decoded.
		{`334 eyJzdGF0dXMiOiI0MDAiLCJzY2hlbWVzIjoiQmVhcmVyIiwic2NvcGUiOiJodHRwczovL21haWwuZ29vZ2xlLmNvbS8ifQ==`, report.AuthTokenExpired},
		{`+ eyJzdGF0dXMiOiI0MDEiLCJzY2hlbWVzIjoiYmVhcmVyIG1hYyJ9`, report.AuthTokenExpired},
		// Mail programs.
		{`Login to server imap.example.org with username anna@example.org failed.`, report.AuthBadCredentials},
		{`An error occurred while sending mail: Unable to establish a secure link with Outgoing server (SMTP) smtp.example.org using STARTTLS since it doesn't advertise that feature.`, report.TLSStartTLSNotOffered},
		{`Cannot Verify Server Identity`, report.TLSUnknownAuthority},
		{`The server responded: Relay access denied`, report.SubmitRelayDenied},
		{`None of the authentication methods supported by this client are supported by your server.`, report.AuthMechanismUnsupported},
		{`Your server does not support the connection encryption type you have specified. Try changing the encryption method. (0x800CCC1A)`, report.TLSPlaintextPort},
		// Japanese.
		{`指定されたサーバーが見つかりません`, report.DNSNXDomain},
		{`サーバの識別情報を検証できません`, report.TLSUnknownAuthority},
		{`ユーザー名またはパスワードが間違っています`, report.AuthBadCredentials},
		{`サーバーが応答していません`, report.ConnectTimeout},
		{`対象のコンピューターによって拒否されたため、接続できませんでした。(10061)`, report.ConnectRefused},
	} {
		if a := Explain(Question{Text: tt.text}); a.Cause != tt.cause {
			t.Errorf("%s by %s, want %s: %s", a.Cause, ruleOf(a), tt.cause, tt.text)
		}
	}
}

// Error numbers: every one that people ask about has an answer.
func TestErrorNumbers(t *testing.T) {
	for _, number := range strings.Fields(`0x800CCC0D 0x800CCC0E 0x800CCC0F 0x800CCC13 0x800CCC17 0x800CCC18 0x800CCC19 0x800CCC1A 0x800CCC60
		0x800CCC61 0x800CCC62 0x800CCC65 0x800CCC67 0x800CCC69 0x800CCC6B 0x800CCC6C 0x800CCC6D 0x800CCC78 0x800CCC79 0x800CCC7A 0x800CCC7D
		0x800CCC80 0x800CCC90 0x800CCC91 0x800CCC92 0x80042108 0x80042109 0x8004210A 0x8004210B 0x80040119 0x800408FC 0x80090325 0x80090322
		0x80090326 0x80090331 0x800CCCDD 0x80072EE7 0x80072EFD 0x80072F8F 0x800B0109
		10013 10049 10050 10051 10053 10054 10060 10061 10065 11001 11002 11004`) {
		alone := Explain(Question{Text: number}).Cause
		if alone == report.Unknown {
			t.Errorf("%q is not known", number)
		}
		for _, frame := range []string{"Error: %s", "(%s)", "エラー番号: %s", "Fehler (%s) beim Senden und Empfangen"} {
			text := fmt.Sprintf(frame, strings.ToLower(number))
			if a := Explain(Question{Text: text}); a.Cause != alone {
				t.Errorf("%q is %s, and the number alone %s", text, a.Cause, alone)
			}
		}
	}
}

func TestReadAs(t *testing.T) {
	for _, tt := range []struct{ text, protocol, step, speaker string }{
		{"a1 NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)", "imap", "auth", "Gmail"},
		{"-ERR Logon failure: unknown user name or bad password.", "pop3", "auth", ""},
		{"550 5.1.1 <anna@example.org>: Recipient address rejected: User unknown (in reply to RCPT TO command)", "smtp", "rcpt", "Postfix"},
		{"dial tcp 192.0.2.10:993: connect: connection refused", "tcp", "", "a Go program"},
		{"x509: certificate has expired", "tls", "", "a Go program"},
		{"AADSTS50053: The account is locked", "oauth", "", "Microsoft"},
		{"lookup x.example on 192.0.2.53:53: no such host", "dns", "", ""},
	} {
		if a := Explain(Question{Text: tt.text}); a.Protocol != tt.protocol || a.Step != tt.step && tt.step != "" || a.Speaker != tt.speaker {
			t.Errorf("%q: %s, %s, %q", tt.text, a.Protocol, a.Step, a.Speaker)
		}
	}
}

// What somebody sees happen is not taken for a server's words.
func TestSymptom(t *testing.T) {
	for text, want := range map[string]bool{"I can receive but not send": true, "250 the moon is full": false, "x 12345 y": false} {
		a := Explain(Question{Text: text})
		if got := strings.HasPrefix(a.Advice[0], "Is it what you see happen"); a.Cause != report.Unknown || got != want {
			t.Errorf("%q: %s, %q", text, a.Cause, a.Advice)
		}
	}
}

// Words of agreement are no error; one refusal among them is.
func TestAgreed(t *testing.T) {
	for _, tt := range []struct {
		text string
		want bool
	}{
		{"235 2.7.0 Authentication successful", true}, {"+OK Logged in", true}, {"a1 OK LOGIN completed", true},
		{"250 2.0.0 Ok: queued", true}, {"250-mx.example.org\r\n250 SIZE 1000\r\n", true},
		{"250 2.0.0 Ok\n599 the moon is full", false}, {"the moon is OK", false}, {"2500 moons", false}, {"250 this is not accepted", false},
	} {
		a := Explain(Question{Text: tt.text})
		if got := strings.HasPrefix(a.Title, "This is no error"); got != tt.want || got && (a.Cause != report.Unknown || a.Matched != nil) {
			t.Errorf("%q: %v, %s", tt.text, got, a.Cause)
		}
	}
	for text, protocol := range map[string]string{"+OK Logged in": "pop3", "a1 OK LOGIN completed": "imap", "235 2.7.0 ok": "smtp"} {
		if a := Explain(Question{Text: text}); a.Protocol != protocol {
			t.Errorf("%q is read as %s", text, a.Protocol)
		}
	}
}

func TestExplainNarrowed(t *testing.T) {
	const refused = "NO [AUTHENTICATIONFAILED] Authentication failed"
	icloud, _ := provider.Find("icloud")
	if a := Explain(Question{Text: refused}); a.Cause != report.AuthBadCredentials {
		t.Errorf("anybody's: %s", a.Cause)
	}
	if a := Explain(Question{Text: refused, Provider: icloud}); a.Cause != report.AuthAppPasswordRequired || !strings.Contains(strings.Join(a.Advice, " "), "https://") {
		t.Errorf("iCloud's: %s, %q", a.Cause, a.Advice)
	}
	if a := Explain(Question{Text: "550 5.7.1 No", Protocol: "smtp", Step: "mail"}); a.Cause != report.SubmitSenderNotOwned {
		t.Errorf("at MAIL: %s", a.Cause)
	}
	if a := Explain(Question{Text: "550 5.7.1 No", Protocol: "smtp", Step: "data"}); a.Cause != report.SubmitSpamPolicy {
		t.Errorf("at DATA: %s", a.Cause)
	}
}

// A pasted number is no evidence of what other ports do, and its protocol
// bounds the advice.
func TestExplainWithoutARun(t *testing.T) {
	for _, tag := range []lang.Tag{lang.English, lang.Japanese} {
		a := Explain(Question{Text: "0x80042109", Lang: tag})
		said := strings.Join(append([]string{a.Title, a.Explanation}, a.Advice...), " ")
		if a.Protocol != string(report.SMTP) || a.Cause != report.ConnectPortBlocked || a.Confidence == report.High {
			t.Errorf("%s %s %s", a.Protocol, a.Cause, a.Confidence)
		}
		for _, unproven := range []string{"Other servers", "ほかのサーバーも", "993", "995"} {
			if strings.Contains(said, unproven) {
				t.Errorf("%q stands in %q", unproven, said)
			}
		}
		if !strings.Contains(said, "465") || !strings.Contains(said, "587") {
			t.Errorf("the ports are missing: %q", said)
		}
	}
}

func TestDecoded(t *testing.T) {
	for _, tt := range []struct{ name, bytes, want string }{
		{"UTF-8", "\ufeffパスワード", "パスワード"},
		{"GBK", "535 Error: \xc7\xeb\xca\xb9\xd3\xc3\xca\xda\xc8\xa8\xc2\xeb\xb5\xc7\xc2\xbc", "535 Error: 请使用授权码登录"},
		{"Shift_JIS", "\x83p\x83X\x83\x8f\x81[\x83h\x82\xaa\x88\xe1\x82\xa2\x82\xdc\x82\xb7", "パスワードが違います"},
		{"EUC-JP", "\xc7\xa7\xbe\xda\xa4\xcb\xbc\xba\xc7\xd4\xa4\xb7\xa4\xde\xa4\xb7\xa4\xbf", "認証に失敗しました"},
		{"ISO-2022-JP", "550 \x1b$BG'>Z$K<:GT\x1b(B", "550 認証に失敗"},
		{"UTF-16LE", "\xff\xfe5\x003\x005\x00\r\x00\n\x00", "535\r\n"},
		{"UTF-16BE", "\xfe\xff\x005\x003\x005\x00\n", "535\n"},
		{"UTF-16, cut", "\xff\xfe5\x003", "5\ufffd"},
		{"Latin-1", "Message rejet\xe9", "Message rejeté"},
	} {
		if got := decoded(tt.bytes); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
	if got := restored("535 Error: ÇëÊ¹ÓÃÊÚÈ¨ÂëµÇÂ¼"); got != "请使用授权码登录" {
		t.Errorf("mojibake: got %q", got)
	}
	if got := restored("Message rejeté à l'entrée"); got != "" {
		t.Errorf("French was taken for Chinese: %q", got)
	}
}

func TestUnescaped(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{`b'5.7.8 No.\n5.7.8 more'`, "b'5.7.8 No.\n5.7.8 more'"},
		{`\xc7\xeb`, "请"}, {`\u8bf7`, "请"}, {`it\'s`, "it's"}, {`DOMAIN\user`, `DOMAIN\user`}, {`\xc`, `\xc`}, {`\ud800`, `\ud800`},
	} {
		if got := unescaped(tt.text); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.text, got, tt.want)
		}
	}
}

func TestUnwrap(t *testing.T) {
	for _, tt := range []struct{ text, protocol, status, code, enhanced string }{
		{"535-5.7.8 a\n535 5.7.8 b", "smtp", "535", "", "5.7.8"},
		{"535", "smtp", "535", "", ""},
		{"* NO [WEBALERT https://x] Web login required.\n2 NO [ALERT] Please log in", "imap", "NO", "ALERT", ""},
		{"A001 BAD [CLIENTBUG] x", "imap", "BAD", "CLIENTBUG", ""},
		{"+ERR x", "pop3", "+ERR", "", ""},
		{"b'-ERR [AUTH] x'", "pop3", "-ERR", "AUTH", ""},
		{"(552, b'5.2.2 full')", "smtp", "552", "", "5.2.2"},
		{"mx.example.org said: 451 4.7.1 later", "smtp", "451", "", "4.7.1"},
		{"smtp server reason:550 unknown user", "smtp", "550", "", ""},
		{"Error SMTP: [550] refused", "smtp", "550", "", ""},
		{"192.0.2.1_does_not_like_recipient./Remote_host_said:_550_5.1.1_User_unknown/", "smtp", "550", "", "5.1.1"},
		{`{"smtp_code":501,"smtp_msg":"x"}`, "smtp", "501", "", ""},
		{"ESMTP< 500 what", "smtp", "500", "", ""},
		{"the IMAP server gave a 'BAD' response: x", "imap", "BAD", "", ""},
		{"smtp size limit: 500 kB, id: 450 x", "smtp", "", "", ""},
		{"sorry, no mailbox here by that name. (#5.1.1)", "smtp", "", "", "5.1.1"},
		{"connect to [192.0.2.1]:587: 465 bytes", "", "", "", ""},
		{"version 5.7.8.1 of 192.0.2.5", "", "", "", ""},
		{"http 404", "http-autoconfig", "", "", ""},
	} {
		h := unwrap(tt.text, "", "")
		if h.protocol != tt.protocol || h.status != tt.status || h.code != tt.code || h.enhanced != tt.enhanced {
			t.Errorf("%q: %q %q %q %q", tt.text, h.protocol, h.status, h.code, h.enhanced)
		}
	}
}

// The name of a server that speaks tells who it is, and is none of its words.
func TestSaidBy(t *testing.T) {
	b, _ := rulebook()
	for _, text := range []string{
		"host mx01.mail.icloud.com[192.0.2.1] said: 550 no (in reply to RCPT TO command)",
		"SMTP error after RCPT TO:<anna@example.org>: host mx01.mail.icloud.com [192.0.2.1]: 550 no",
		"... while talking to mx01.mail.icloud.com.:\n<<< 550 no",
	} {
		h := unwrap(text, "", "")
		h.listen(b.voices)
		if strings.Contains(h.text, "mx01") || !slices.Equal(h.speakers, []string{"icloud"}) {
			t.Errorf("%q: %q by %q", text, h.text, h.speakers)
		}
	}
}

func TestPhrases(t *testing.T) {
	for _, tt := range []struct {
		phrase, text string
		want         bool
	}{
		{"locked", "account is locked", true}, {"locked", "blocked", false}, {"disable", "is disabled", true},
		{"a * b", "a b", true}, {"a * b", "b a", false}, {"a * b", "a" + strings.Repeat(" x", 100) + " b", false},
		{"a * b", "a" + strings.Repeat(" x", 100) + " a b", true},
		{"(one|two) (three|)", "two three", true}, {"(one|two) three", "one four", false},
		{"5.7.60", "5.7.606", false}, {"5.7.60", "code 5.7.60.", true}, {"授权码", "请使用授权码登录", true},
		{`/^a.c$/`, "abc", true}, {`/^a.c$/`, "abcd", false}, {`\(failure\)`, "no (failure)", true},
		{`/\b(?:lost|gone)\b/`, "it is gone", true}, {`/\b(?:lost|gone)\b/`, "it is fine", false}, {`/\b(?:lost|\d+) left/`, "5 left", true},
		{"dépassé", "quota depasse", true}, {"fuer", "Für wen", true}, {`/überschr\S+/`, "ueberschritten", true},
		{"(log|sign) in", "login", true}, {"(e-|)mail", "email", true}, {"(does|do)(n't| not) work", "does not work", true}, // one spelling across alternatives
		{"(the |)(a|b) * c", "b c", true}, {"(a |) * b", "b", true}, {"(a |) * b", "xb", false}, {"b * (a|)", "b", true},
		{"a ~ b", "a" + strings.Repeat("-", nearGap) + "b", true}, {"a ~ b", "a" + strings.Repeat("-", nearGap+1) + "b", false},
		{"a * b", "a" + strings.Repeat("-", farGap) + "b", true}, {"a * b", "a" + strings.Repeat("-", farGap+1) + "b", false},
		{"pass * word", "password", true}, {"pass * ord", "password", false}, // a part goes on from the one before it
		{"using (customer|*)", "using *", true},
	} {
		words, err := wordingOf([]string{tt.phrase})
		if err != nil {
			t.Fatal(err)
		}
		if got := words.in(folded(tt.text, "")); got != tt.want {
			t.Errorf("%q in %q: %v", tt.phrase, tt.text, got)
		}
	}
}

// Of the words that may stand in a phrase those count that explain most, and
// each part begins where the one before it allows.
func TestMostOfAPhrase(t *testing.T) {
	for _, tt := range []struct{ phrase, text, found string }{
		{"(no|no such) (user|user here)", "no such user here", "no such user here"},
		{"user (is |)(unknown|unknown here)", "user unknown here", "user unknown here"},
		{"(user|user name) * (wrong|wrong or old)", "user xname: wrong or old", "user ... wrong or old"},
		{"(mail|mailbox) * full", "a mail for a mailbox: full", "mailbox ... full"},
		{"(mailbox|mail) ~ full", "mailbox" + strings.Repeat("-", nearGap+1) + "mail full", "mail ... full"},
		{"a * (b|c) * d", "a c b d", "a ... b ... d"},       // of two that explain as much the first, as written
		{"a * (b|ccc) * d", "a b ccc d", "a ... ccc ... d"}, // the one that explains more, though it comes later
		{"a ~ (b|cc) ~ d", "a cc b" + strings.Repeat("-", nearGap-1) + "d", "a ... b ... d"},
		{"a ~ b ~ d", "a b b" + strings.Repeat("-", nearGap) + "d", ""}, // each word where it comes first
		{"a ~ b ~ d", "a b a b" + strings.Repeat("-", nearGap) + "d", "a ... b ... d"},
		{"(user|address) & (unknown|invalid)", "an invalid address", "invalid ... address"},
		{"(user|address) & (unknown|invalid)", "unknown", ""},
	} {
		words, err := wordingOf([]string{tt.phrase})
		if err != nil {
			t.Fatal(err)
		}
		n, got := words.longest(folded(tt.text, ""))
		if got != tt.found || n != len(strings.ReplaceAll(tt.found, " ... ", "")) {
			t.Errorf("%q in %q: %q, %d bytes, want %q", tt.phrase, tt.text, got, n, tt.found)
		}
	}
}

func TestMasked(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"550 <anna@example.org>: no", "550 <[address]>: no"},
		{"anna%40example.org", "[address]"},
		{"a1 LOGIN anna hunter2", "a1 LOGIN anna [...]"},
		{"password: hunter2", "password: [...]"},
		{"AUTH PLAIN AGFubmEAaHVudGVyMg==", "AUTH PLAIN [...]"},
		{"C: aHVudGVyMg==", "C: [...]"},
		{"PASS hunter2", "PASS [...]"},
		{`{"access_token": "abc"}`, `{"access_token": [...]}`},
		{"error code 550: password must be changed", "error code 550: password must be changed"},
		{"Bearer ya29.a0AfH6SMBx", "Bearer [...]"},
		{"535 5.7.8 plain words", "535 5.7.8 plain words"},
		// Commands.
		{"PASS correct horse battery staple\nhuh", "PASS [...]\nhuh"},
		{"C: PASS correct horse", "C: PASS [...]"},
		{"pass correct horse", "pass [...]"},
		{`a2 LOGIN "anna" "hunter two"`, `a2 LOGIN "anna" [...]`},
		{`A LOGIN anna "hunter two"`, `A LOGIN anna [...]`},
		{`server.login("anna", "hunter two")`, `server.login([...]`},
		{"AUTH PLAIN aGk6eA", "AUTH PLAIN [...]"},
		{"curl -u anna:hunter2 imaps://x", "curl -u [...] imaps://x"},
		{`curl -u "anna:hunter two" x`, `curl -u [...] x`},
		{"imaps://anna:geheim@mail.example.org/", "imaps://[...]@mail.example.org/"},
		// Names of a password, and its value.
		{"Passwort: geheim123 ist es", "Passwort: [...]"},
		{"Kennwort: geheim", "Kennwort: [...]"},
		{"mot de passe : secret123", "mot de passe : [...]"},
		{"contraseña: secreto", "contraseña: [...]"},
		{"senha = segredo", "senha = [...]"},
		{"password: correct horse battery staple", "password: [...]"},
		{"pw=hunter2", "pw=[...]"},
		{"user=anna smtp_pass=hunter", "user=anna smtp_pass=[...]"},
		{`{"smtpPassword":"hunter two","port":465}`, `{"smtpPassword":[...],"port":465}`},
		{`{\"password\":\"hunter two\"}`, `{\"password\":[...]}`},
		{"<password>hunter2</password>", "<password>[...]</password>"},
		{"<key>IncomingPassword</key>\n<string>hunter two</string>", "<key>IncomingPassword</key>\n<string>[...]</string>"},
		{"パスワード：hunter2zz", "パスワード：[...]"},
		{"パスワードは hunter2zz です", "パスワードは [...] です"},
		{"パスワードがhunterzzです", "パスワードが[...]です"},
		{"パスワード=hunter", "パスワード=[...]"},
		{"暗証番号は 1234", "暗証番号は [...]"},
		{"密码：hunter", "密码：[...]"},
		{"密码是hunterzz", "密码是[...]"},
		{"비밀번호: hunter", "비밀번호: [...]"},
		{"비밀번호는 hunterzz", "비밀번호는 [...]"},
		// In a sentence.
		{"my password hunter2 does not work", "my password [...] does not work"},
		{"The password hunter2 is incorrect", "The password [...] is incorrect"},
		{"The password plugh is incorrect.", "The password [...] is incorrect."},
		{"the password is plugh.", "the password is [...]."},
		{`password "hunter two" rejected`, `password [...] rejected`},
		{"login anna/hunter2 failed", "login [...] failed"},
		{"login anna/geheim failed", "login [...] failed"},
		{"I typed Sommer2024! twice", "I typed [...] twice"},
		{"Password - plugh", "Password - [...]"},
		{"the password for anna is plugh", "the password for anna is [...]"},
		{"a3 LOGIN {4}\n+ go on\nanna {5}\n+\nplugh", "a3 LOGIN {4}\n[...]"},
		{"from bob @ example.com", "from [address]"},
		{"bob (at) example.com", "[address]"},
	} {
		if got := masked(tt.text); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.text, got, tt.want)
		}
	}
}

// The words of servers stay readable.
func TestMaskedLeavesReplies(t *testing.T) {
	for _, text := range []string{
		"password is incorrect", "535 5.7.8 Username and Password not accepted. Learn more at https://support.google.com/mail/?p=BadCredentials",
		"Application-specific password required", "no password for that user", "the password for that user is wrong", "Incorrect password - please try again", "password or username is wrong", "Invalid login or password",
		"-ERR PASS command failed (in reply to PASS command)", "a1 OK LOGIN completed", "535 LOGIN failed sorry", "250-AUTH LOGIN PLAIN XOAUTH2",
		"login/password incorrect", "Username/password mismatch", "Your password has expired and must be changed", "パスワードが違います", "パスワードは正しくありません",
		"密码错误", "비밀번호가 틀렸습니다", "Passwort ist falsch", "mot de passe incorrect", "dial tcp 192.0.2.10:993: connect: connection refused",
		"250-mx1.example.org offers TLSv1.3 and IMAP4rev1", "0x800ccc0e", "AADSTS50053: locked", "timeout after 30s", "[2001:db8::1f]:465 (Connection timed out)",
		`(535, b'5.7.8 No.\n5.7.8 more')`,
	} {
		if got := masked(text); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
}

func TestCauseIDs(t *testing.T) {
	b, _ := rulebook()
	for _, r := range b.rules {
		if a := Explain(Question{Text: " " + string(r.Cause) + "\n"}); a.Cause != r.Cause {
			t.Errorf("%s: %s", r.Cause, a.Cause)
		}
	}
}

// address is what looks like one.
var address = regexp.MustCompile(`[\w.+-]+@[\w-]+\.\w+`)

// Whatever is pasted: no panic, a cause of the list, bounds kept, no address
// of the text repeated.
func FuzzExplain(f *testing.F) {
	for _, r := range knownReplies(f) {
		f.Add(r.Response, "", "")
		f.Add(r.Response, r.Protocol, r.Step)
	}
	for _, secret := range []string{"hunter2 two", "x\"y", "*", "パス", "a'b 1"} {
		f.Add(secret, "", "")
	}
	f.Add("\xc7\xeb\xca\xb9 anna@example.org \\xc7\\u0000 eyJzdGF0dXMiOiI0MDAi", "", "")
	b, err := rulebook()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text, protocol, step string) {
		if line := strings.TrimSpace(text); line != "" && utf8.ValidString(line) && !strings.ContainsAny(line, "\r\n\v\f\u0085\u2028\u2029") {
			for _, before := range []string{"PASS ", "C: PASS ", "a1 LOGIN anna ", "password: ", "パスワード："} {
				if got, want := masked(before+line), before+hidden; got != want {
					t.Fatalf("%q became %q", before+line, got)
				}
			}
		}
		a := Explain(Question{Text: text, Protocol: protocol, Step: step})
		if a.Cause != report.Unknown && !isCause(a.Cause) {
			t.Fatalf("the cause %q", a.Cause)
		}
		if len(a.Alternatives) > maxAlternatives || len(a.Others) != len(a.Alternatives) {
			t.Fatalf("%d alternatives", len(a.Alternatives))
		}
		if a.Matched != nil && a.Matched.Rule != report.ByLikeness && !slices.ContainsFunc(b.rules, func(r *rule) bool { return r.ID == a.Matched.Rule }) {
			t.Fatalf("the rule %q", a.Matched.Rule)
		}
		out := slices.Concat(a.Lines, a.Advice, []string{a.Title, a.Explanation, a.Speaker})
		if a.Matched != nil {
			out = append(out, a.Matched.Text)
		}
		all := strings.Join(out, "\n")
		for _, secret := range address.FindAllString(text, -1) {
			if strings.Contains(all, secret) {
				t.Fatalf("%q is repeated", secret)
			}
		}
		if len(all) > 16<<10 || utf8.ValidString(text) && !utf8.ValidString(all) {
			t.Fatalf("%d bytes, valid %v", len(all), utf8.ValidString(all))
		}
	})
}

// Postfix refuses whoever has not logged in at a submission port in the words for
// a recipient whom a rule keeps closed.
func TestAccessDeniedMayWantALogin(t *testing.T) {
	a := Explain(Question{Text: "554 5.7.1 <a@b.test>: Recipient address rejected: Access denied"})
	login := report.Alternative{Cause: report.SubmitAuthRequired, Confidence: report.Medium}
	if a.Cause != report.SubmitRecipientDisabled || !slices.Contains(a.Alternatives, login) {
		t.Errorf("%s, alternatives %v", a.Cause, a.Alternatives)
	}
}
