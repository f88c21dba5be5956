package render

import (
	"slices"
	"strings"

	"mailcheck/report"
)

// samples are reports as runs leave them, by the name of their golden files.
var samples = map[string]func() *report.Report{
	"receive-not-send":     receiveNotSend,
	"all-well":             allWell,
	"creds-missing":        credsMissing,
	"nxdomain":             nxdomain,
	"certificate-mismatch": certificateMismatch,
	"no-auth":              noAuth,
	"interrupted":          interrupted,
	"pop3-warns":           pop3Warns,
	"wrong-password":       wrongPassword,
	"second-candidate":     secondCandidate,
	"not-arrived":          notArrived,
	"hostile":              hostile,
}

func receiveNotSend() *report.Report {
	refused := failed("auth", 5069, "auth.smtp_auth_disabled", report.High, "XOAUTH2")
	refused.Reply = &report.Reply{Command: "AUTH XOAUTH2", Status: "535", Enhanced: "5.7.139",
		Text: "Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox. Visit https://aka.ms/smtp_auth_disabled for more information."}
	smtp := withTLS(214, with(dialogue("smtp", "smtp.office365.com", 587, report.STARTTLS, "provider",
		ran("connect 8", "greeting 11", "ehlo 10", "starttls 10", "tls 22")...), refused))
	smtp.Auth = &report.Auth{Mechanism: "XOAUTH2", Why: "the secret is a token"}
	with(smtp, skipped("smtp.auth", "", "mail", "rcpt", "data")...)
	with(smtp, ran("quit 9")...)
	r := sample("anna@example.com",
		stage("settings", said(ran("provider 412")[0], "Microsoft 365")),
		stage("dns", said(ran("mx 20")[0], "MX example-com.mail.protection.outlook.com"),
			host("outlook.office365.com", addresses(8, "192.0.2.%d"), 20), host("smtp.office365.com", addresses(4, "198.51.100.%d"), 18)),
		stage("creds", said(ran("token 212")[0], "the sign-in of `mailcheck login`, from the keyring")),
		withTLS(214, dialogue("imap", "outlook.office365.com", 993, report.TLS, "provider",
			ran("connect 9", "tls 21", "greeting 10", "capability 10", "auth 187", "mailbox 54", "logout 10")...)),
		withTLS(214, dialogue("pop3", "outlook.office365.com", 995, report.TLS, "provider",
			ran("connect 9", "tls 20", "greeting 10", "capability 10", "auth 205", "mailbox 41", "logout 10")...)),
		smtp,
		stage("delivery", skipped("smtp.auth", "", "arrive", "inspect", "cleanup")...),
	)
	r.Result, r.ExitCode, r.DurationMS = report.Fail, 15, 5900
	r.Credentials = &report.Credentials{Source: "keyring", Kind: "token"}
	r.Contacted = []report.Contact{
		contact("autoconfig.example.com", 443, "address"), contact("autoconfig.thunderbird.net", 443, "domain"),
		contact("outlook.office365.com", 993, "address", "token"), contact("smtp.office365.com", 587, "address", "token"),
	}
	r.Verdict = report.Verdict{
		Receive: report.OK, Send: report.Fail, Delivery: report.NotChecked,
		Headline:   "YOU CAN RECEIVE BUT NOT SEND: SMTP sign-in is switched off for this mailbox.",
		FailedStep: "smtp.auth", Cause: "auth.smtp_auth_disabled", Confidence: report.High,
		Explanation: "IMAP and POP3 took the same user name and sign-in in this run: they are right.",
		Proven:      []string{"IMAP and POP3: server name, port, encryption, user name and sign-in are right", "SMTP: port and encryption are right, and the certificate is good"},
		Advice: []string{
			"The administrator opens https://admin.microsoft.com > Users > Active users > anna > Mail > Manage email apps, ticks \"Authenticated SMTP\" and saves. The same in Exchange Online PowerShell:\nSet-CASMailbox anna@example.com -SmtpClientAuthenticationDisabled $false",
			"Is it ticked already? Then \"security defaults\" or an authentication policy forbids SMTP for the whole organisation: see https://entra.microsoft.com",
			"Allow it an hour to act, then run: mailcheck anna@example.com",
		},
		Logins: report.Logins{Made: 3, Rejected: 1, Limit: 2},
	}
	return r
}

func allWell() *report.Report {
	r := sample("taro@example.com",
		stage("settings", ran("autoconfig 88")...),
		stage("dns", said(ran("mx 9")[0], "MX mx1.example.com, mx2.example.com"),
			host("imap.example.com", "192.0.2.1, 2001:db8::1", 3), host("pop.example.com", "192.0.2.2, 2001:db8::2", 3), host("smtp.example.com", "192.0.2.3, 2001:db8::3", 2)),
		stage("creds", said(ran("password 4")[0], "password from the keyring")),
		withTLS(61, dialogue("imap", "imap.example.com", 993, report.TLS, "autoconfig",
			ran("connect 12", "tls 26", "greeting 12", "capability 12", "auth 31", "mailbox 29", "logout 11")...)),
		withTLS(61, dialogue("pop3", "pop.example.com", 995, report.TLS, "autoconfig",
			ran("connect 12", "tls 25", "greeting 12", "capability 12", "auth 30", "mailbox 27", "logout 11")...)),
		withTLS(61, dialogue("smtp", "smtp.example.com", 465, report.TLS, "autoconfig",
			ran("connect 12", "tls 26", "greeting 13", "ehlo 12", "auth 30", "mail 13", "rcpt 13", "data 89", "quit 11")...)),
		stage("delivery", ran("arrive 1904", "inspect 27", "cleanup 41")...),
	)
	ms := int64(12)
	imap := r.Check("imap")
	imap.Addresses = []report.Address{{IP: "192.0.2.1", Result: report.OK, ConnectMS: &ms}, {IP: "2001:db8::1", Result: report.OK, ConnectMS: &ms}}
	imap.Auth = &report.Auth{Mechanism: "SCRAM-SHA-256", Why: "the strongest that both sides have"}
	imap.Capabilities = &report.Capabilities{AfterTLS: []string{"IMAP4rev1", "IDLE", "AUTH=SCRAM-SHA-256", "AUTH=PLAIN"}, AfterAuth: []string{"IMAP4rev1", "IDLE", "UIDPLUS", "NAMESPACE", "SPECIAL-USE", "MOVE", "COMPRESS=DEFLATE"}}
	imap.Step("connect").Detail = "connected to 192.0.2.1:993"
	imap.Step("auth").Detail = "SCRAM-SHA-256"
	imap.Step("auth").Reply = &report.Reply{Command: "AUTHENTICATE SCRAM-SHA-256", Status: "OK", Text: "Logged in"}
	for _, e := range r.Settings {
		e.Source, e.Chosen = "srv", false
		r.Settings = append(r.Settings, e)
	}
	r.DurationMS = 2500
	r.Credentials = &report.Credentials{Source: "keyring", Kind: "password"}
	r.Contacted = []report.Contact{
		contact("autoconfig.example.com", 443, "address"), contact("imap.example.com", 993, "address", "password"),
		contact("pop.example.com", 995, "address", "password"), contact("smtp.example.com", 465, "address", "password", "message"),
	}
	r.Message = &report.Message{
		ID: "<0123456789abcdef0123456789abcdef@example.com>", SentMS: 400, ArrivedMS: 2304, Folder: "INBOX", Deleted: true,
		Copies:         []report.Copy{{Folder: "Sent", Deleted: true}},
		Authentication: &report.Authentication{SPF: "pass", DKIM: "pass", DMARC: "pass"},
		Received:       []report.Hop{{By: "smtp.example.com", With: "ESMTPSA", Time: began}, {From: "smtp.example.com", By: "mx1.example.com", With: "ESMTPS", Time: began, DelayS: 1}},
	}
	r.Verdict.Headline = "ALL IS WELL: you can receive and send, and mail arrives in 1.9 seconds."
	r.Verdict.Proven = []string{"IMAP, POP3 and SMTP: server name, port, encryption, user name and password are right"}
	r.Verdict.Logins.Made = 3
	return r
}

func credsMissing() *report.Report {
	open := func(id, host string, port int, security report.Security, then []string, steps ...string) *report.Check {
		c := withTLS(61, dialogue(id, host, port, security, "srv", ran(steps...)...))
		with(c, skipped("creds.password", "", then...)...)
		return with(c, ran(map[bool]string{true: "quit 9", false: "logout 9"}[id == "smtp"])...)
	}
	missing := failed("password", 6, report.CredsMissing, report.High, "no password or token was found")
	r := sample("taro@example.com",
		stage("settings", append(ran("flags 0"), said(ran("srv 23")[0], "imap imap.example.com:993, smtp smtp.example.com:587"))...),
		stage("dns", said(ran("mx 9")[0], "MX mx1.example.com"), host("imap.example.com", "192.0.2.1", 3), host("smtp.example.com", "192.0.2.3", 2)),
		stage("creds", missing),
		open("imap", "imap.example.com", 993, report.TLS, []string{"auth", "mailbox"}, "connect 12", "tls 26", "greeting 12", "capability 12"),
		stage("pop3", skipped("settings.srv", report.SettingsNotOffered, "connect", "tls", "greeting", "capability", "auth", "mailbox", "logout")...),
		open("smtp", "smtp.example.com", 587, report.STARTTLS, []string{"auth", "mail", "rcpt", "data"}, "connect 12", "greeting 13", "ehlo 12", "starttls 12", "tls 26", "ehlo 12"),
		stage("delivery", skipped("creds.password", "", "arrive", "inspect", "cleanup")...),
	)
	r.Check("smtp").Steps[5].Subject = "after-tls"
	r.Check("pop3").Protocol = report.POP3
	r.Result, r.ExitCode = report.Fail, 3
	r.Contacted = []report.Contact{contact("imap.example.com", 993), contact("smtp.example.com", 587)}
	r.Verdict = report.Verdict{
		Receive: report.NotChecked, Send: report.NotChecked, Delivery: report.NotChecked,
		Headline:   "NO LOGIN WAS MADE: there is no password for taro@example.com.",
		FailedStep: "creds.password", Cause: report.CredsMissing, Confidence: report.High,
		Explanation: "The keyring holds none, and none was given in another way. The servers were checked as far as they go without a login.",
		Proven:      []string{"IMAP and SMTP: port and encryption are right, and the certificate is good"},
		Advice: []string{
			"Store the password, then run again: mailcheck creds set taro@example.com",
			"Or give it for this run alone: --password-stdin, --password-file or MAILCHECK_PASSWORD.",
		},
		Logins: report.Logins{Limit: 2},
	}
	return r
}

func nxdomain() *report.Report {
	mx := failed("mx", 17, report.DNSNXDomain, report.High, "exmaple.com MX: no such domain (NXDOMAIN)")
	guess := said(ran("guess 19")[0], "the domain does not exist")
	guess.Result, guess.Cause, guess.Confidence = report.Fail, report.SettingsNotFound, report.High
	r := sample("anna@exmaple.com",
		stage("settings", append(ran("flags 0", "srv 18"), guess)...),
		stage("dns", mx),
		stage("creds", said(ran("password 3")[0], "password from standard input")),
	)
	for _, id := range []string{"imap", "pop3", "smtp"} {
		c := with(stage(id, failed("connect", 0, report.SettingsNotFound, report.High, "")), skipped(id+".connect", "", "tls", "auth")...)
		c.Protocol = report.Protocol(id)
		r.Checks = append(r.Checks, c)
	}
	delivery := stage("delivery", skipped("settings.guess", "", "arrive", "inspect", "cleanup")...)
	r.Checks = append(r.Checks, delivery)
	r.Result, r.ExitCode, r.DurationMS = report.Fail, 11, 41
	r.Credentials = &report.Credentials{Source: "stdin", Kind: "password"}
	r.Verdict = report.Verdict{
		Receive: report.Fail, Send: report.Fail, Delivery: report.NotChecked,
		Headline:   "NEITHER RECEIVING NOR SENDING WORKS: exmaple.com does not exist.",
		FailedStep: "dns.mx", Cause: report.DNSNXDomain, Confidence: report.High,
		Explanation: "The name is not in the DNS, the directory of names on the Internet: it is mistyped, or the domain has lapsed or moved.",
		Advice: []string{
			"Compare exmaple.com letter by letter with what your provider or administrator gives.",
			"Is the domain your own? Look at the company where you rent it whether it has been renewed.",
		},
		AdminAdvice: []string{"Enter exmaple.com in the DNS, or correct the name wherever it is given: MX and SRV records, autoconfig file, help page."},
		Logins:      report.Logins{Limit: 2},
	}
	return r
}

func certificateMismatch() *report.Report {
	bad := func(id, host string, port int, rest ...string) *report.Check {
		c := withTLS(61, with(dialogue(id, host, port, report.TLS, "guess", ran("connect 12")...),
			failed("tls", 31, report.TLSHostnameMismatch, report.High, "TLS: tls: failed to verify certificate: x509: certificate is valid for *.xserver.jp, xserver.jp, not "+host)))
		c.TLS.Version, c.TLS.Cipher, c.TLS.Verified = "", "", false
		c.TLS.Certificate.Names = []string{"*.xserver.jp", "xserver.jp"}
		return with(c, skipped(id+".tls", "", rest...)...)
	}
	r := sample("info@example.jp",
		stage("settings", ran("flags 0", "srv 22", "guess 140")...),
		stage("dns", said(ran("mx 9")[0], "MX sv1234.xserver.jp"), host("mail.example.jp", "203.0.113.7", 8)),
		stage("creds", said(ran("password 4")[0], "password from the keyring")),
		bad("imap", "mail.example.jp", 993, "greeting", "capability", "auth", "mailbox", "logout"),
		bad("pop3", "mail.example.jp", 995, "greeting", "capability", "auth", "mailbox", "logout"),
		bad("smtp", "mail.example.jp", 465, "greeting", "ehlo", "auth", "mail", "rcpt", "data", "quit"),
		stage("delivery", skipped("smtp.tls", "", "arrive", "inspect", "cleanup")...),
	)
	r.Result, r.ExitCode = report.Fail, 13
	r.Credentials = &report.Credentials{Source: "keyring", Kind: "password"}
	r.Verdict = report.Verdict{
		Receive: report.Fail, Send: report.Fail, Delivery: report.NotChecked,
		Headline:   "NEITHER RECEIVING NOR SENDING WORKS: the certificate is not for mail.example.jp.",
		FailedStep: "imap.tls", Cause: report.TLSHostnameMismatch, Confidence: report.High,
		Explanation: "The certificate is for *.xserver.jp and xserver.jp. No password was sent.",
		Advice:      []string{"Set the server name to one that the certificate is for: sv1234.xserver.jp"},
		AdminAdvice: []string{"Get a certificate that names mail.example.jp too."},
		Findings: []report.Finding{
			{Cause: report.TLSHostnameMismatch, Step: "pop3.tls", Text: "the certificate is not for mail.example.jp. The certificate is for *.xserver.jp and xserver.jp."},
			{Cause: report.TLSHostnameMismatch, Step: "smtp.tls", Text: "the certificate is not for mail.example.jp. The certificate is for *.xserver.jp and xserver.jp."},
		},
		Logins: report.Logins{Limit: 2},
	}
	return r
}

func noAuth() *report.Report {
	r := sample("taro@example.com",
		stage("settings", said(ran("flags 0")[0], "imap imap.example.com:143, smtp 192.0.2.3:2525")),
		stage("dns", said(ran("mx 9")[0], "MX mx1.example.com"), host("imap.example.com", "2001:db8::1", 3)),
		stage("creds", skipped("flags", "", "password")...),
		with(with(dialogue("imap", "imap.example.com", 143, report.None, "flags", ran("connect 12", "greeting 12", "capability 12")...),
			skipped("flags", "", "auth", "mailbox")...), ran("logout 9")...),
		stage("pop3", skipped("flags", "", "connect", "tls", "greeting", "capability", "auth", "mailbox", "logout")...),
		with(with(dialogue("smtp", "2001:db8::3", 2525, report.None, "flags", ran("connect 12", "greeting 13", "ehlo 12")...),
			skipped("flags", "", "auth", "mail", "rcpt", "data")...), ran("quit 9")...),
		stage("delivery", skipped("flags", "", "arrive", "inspect", "cleanup")...),
	)
	r.Verdict = report.Verdict{
		Receive: report.NotChecked, Send: report.NotChecked, Delivery: report.NotChecked,
		Headline: "ALL IS WELL: the servers answer; no login was tried.",
		Proven:   []string{"IMAP and SMTP: the port is right"},
		Logins:   report.Logins{Limit: 2},
	}
	return r
}

func interrupted() *report.Report {
	r := allWell()
	r.Result, r.ExitCode, r.DurationMS = report.Fail, 130, 12600
	arrive := r.Check("delivery").Step("arrive")
	*arrive = *failed("arrive", 12104, report.ClientInterrupted, report.High, "context canceled")
	c := r.Check("delivery")
	c.Steps = c.Steps[:1]
	with(c, skipped("delivery.arrive", "", "inspect", "cleanup")...)
	r.Message = &report.Message{ID: "<0123456789abcdef0123456789abcdef@example.com>", SentMS: 400}
	r.Verdict.Delivery = report.Fail
	r.Verdict.Headline = "INTERRUPTED: you can receive; you can send."
	r.Verdict.FailedStep, r.Verdict.Cause, r.Verdict.Confidence = "delivery.arrive", report.ClientInterrupted, report.High
	r.Verdict.Explanation = "What was learned until then is in this report."
	r.Verdict.Advice = []string{"Run it again to its end: mailcheck taro@example.com"}
	return r
}

func pop3Warns() *report.Report {
	r := allWell()
	r.Result = report.Warn
	c := r.Check("pop3")
	for _, s := range c.Steps {
		switch s.Step {
		case "connect":
			s.Result, s.Cause, s.Confidence = report.Warn, report.ConnectAddressDead, report.High
		case "auth":
			s.Result, s.Cause, s.Confidence = report.Warn, report.AuthProtocolDisabled, report.Medium
			s.Reply = &report.Reply{Command: "PASS", Status: "-ERR", Code: "AUTH", Text: "POP access is disabled"}
		case "mailbox":
			*s = *skipped("pop3.auth", "", "mailbox")[0]
		}
	}
	r.Verdict.Receive = report.Warn
	r.Verdict.Headline = "ALL WORKS, WITH 2 WARNINGS: you can receive and send, and mail arrives in 1.9 seconds; the first is that not every address of pop.example.com answers."
	r.Verdict.Logins.Rejected = 1
	r.Verdict.Findings = []report.Finding{
		{Cause: report.ConnectAddressDead, Step: "pop3.connect", Text: "an address of pop.example.com does not answer. No connection to 2001:db8::2.",
			Advice: []string{"Tell the provider; until then a mail program may need longer to connect."}},
		{Cause: report.AuthProtocolDisabled, Step: "pop3.auth", Text: "POP3 is switched off for this account. Many providers leave it off until it is switched on in the web settings.",
			Advice: []string{"If you do not need POP3, leave it out: another way into the same mailbox is enough."}},
	}
	return r
}

func wrongPassword() *report.Report {
	r := allWell()
	r.Result, r.ExitCode = report.Fail, 15
	imap := r.Check("imap")
	imap.Steps = append(imap.Steps[:4], failed("auth", 2012, report.AuthBadCredentials, report.Medium, "PLAIN; the server says: Please log in via your web browser"))
	imap.Steps[4].Reply = &report.Reply{Command: "AUTHENTICATE PLAIN", Status: "NO", Code: "AUTHENTICATIONFAILED", Text: "Invalid credentials (Failure)"}
	imap.Steps[4].Alternatives = []report.Alternative{{Cause: "auth.app_password_required", Confidence: report.Medium}}
	imap.Steps[4].Others = []report.Other{{Cause: "auth.app_password_required", Title: "IMAP wants an app password"}}
	imap.Auth.Mechanism = "PLAIN"
	with(imap, skipped("imap.auth", "", "mailbox")...)
	pop := r.Check("pop3")
	pop.Steps = pop.Steps[:4]
	with(pop, skipped("imap.auth", report.AuthLimitReached, "auth")...)
	with(pop, skipped("imap.auth", "", "mailbox")...)
	smtp := r.Check("smtp")
	smtp.Steps = append(smtp.Steps[:4], failed("auth", 3012, report.AuthBadCredentials, report.High, "PLAIN"))
	smtp.Steps[4].Reply = &report.Reply{Command: "AUTH PLAIN", Status: "535", Enhanced: "5.7.8", Text: "Username and Password not accepted.\nFor more information, go to\nhttps://support.example.com/mail/?p=BadCredentials"}
	with(smtp, skipped("smtp.auth", "", "mail", "rcpt", "data")...)
	delivery := stage("delivery", skipped("smtp.auth", "", "arrive", "inspect", "cleanup")...)
	r.Checks[6] = delivery
	r.Message = nil
	r.Contacted = r.Contacted[:2]
	r.Verdict = report.Verdict{
		Receive: report.Fail, Send: report.Fail, Delivery: report.NotChecked,
		Headline:   "NEITHER RECEIVING NOR SENDING WORKS: the IMAP server did not accept the password.",
		FailedStep: "imap.auth", Cause: report.AuthBadCredentials, Confidence: report.Medium,
		Explanation: "SMTP refused the same password too. User name or password are wrong, or the server wants another one than that of the web page. Server name, port and encryption are right.",
		Proven:      []string{"IMAP, POP3 and SMTP: port and encryption are right, and the certificate is good"},
		Advice:      []string{"Log in on the provider's web page with the same user name and password. If that fails, set a new password there."},
		AdminAdvice: []string{"Look in the log of imap.example.com why the login of taro@example.com was refused."},
		Findings:    []report.Finding{{Cause: report.AuthBadCredentials, Step: "smtp.auth", Text: "the SMTP server did not accept the password. IMAP refused the same password too."}},
		Logins:      report.Logins{Made: 2, Rejected: 2, Limit: 2},
	}
	return r
}

func secondCandidate() *report.Report {
	r := allWell()
	smtp := r.Check("smtp")
	second := *smtp
	second.ID, second.Steps = "smtp#2", nil
	for _, s := range smtp.Steps {
		step := *s
		second.Steps = append(second.Steps, &step)
	}
	second.Endpoint = &report.CheckEndpoint{Host: "smtp.example.com", Port: 587, Security: report.STARTTLS, Source: "autoconfig"}
	smtp.TLS = nil
	smtp.Steps = []*report.Step{failed("connect", 15000, report.ConnectTimeout, report.High, "cannot connect to smtp.example.com port 465: i/o timeout")}
	with(smtp, skipped("smtp.connect", "", "tls", "greeting", "ehlo", "auth", "mail", "rcpt", "data", "quit")...)
	r.Checks = slices.Insert(r.Checks, slices.Index(r.Checks, smtp)+1, &second)
	for _, e := range r.Settings {
		if e.Protocol == report.SMTP && e.Chosen {
			e.Port, e.Security, e.Chosen = 587, report.STARTTLS, false
			r.Settings = append(r.Settings, e)
			break
		}
	}
	r.Result, r.DurationMS = report.Warn, 17500
	r.Verdict.Headline = "ALL WORKS, WITH A WARNING: you can receive and send, and mail arrives in 1.9 seconds; but smtp.example.com port 465 does not answer."
	r.Verdict.Findings = []report.Finding{{Cause: report.ConnectTimeout, Step: "smtp.connect", Text: "smtp.example.com port 465 does not answer.",
		Advice: []string{"Use port 587 with STARTTLS."}}}
	return r
}

func notArrived() *report.Report {
	r := allWell()
	r.Result, r.ExitCode, r.DurationMS = report.Fail, 18, 60900
	c := r.Check("delivery")
	arrive := failed("arrive", 60000, report.DeliveryNotArrived, report.High,
		"accepted for sending, but not in the mailbox after 1m0s; it may still arrive, with the Subject \"mailcheck test 0123456789abcdef0123456789abcdef\"")
	c.Steps = []*report.Step{arrive}
	with(c, skipped("delivery.arrive", "", "inspect", "cleanup")...)
	r.Message = &report.Message{ID: "<0123456789abcdef0123456789abcdef@example.com>", SentMS: 400}
	r.Verdict.Delivery = report.Fail
	r.Verdict.Headline = "YOU CAN LOG IN AND SEND, BUT MAIL DOES NOT ARRIVE: the test message was taken for sending, but did not arrive in time."
	r.Verdict.FailedStep, r.Verdict.Cause, r.Verdict.Confidence = "delivery.arrive", report.DeliveryNotArrived, report.High
	r.Verdict.Explanation = "Sending and receiving work by themselves. The message may be delayed, filtered into another folder, or delivered elsewhere."
	r.Verdict.Advice = []string{"Look in Junk, Trash and all other folders, and in your filter rules, for the subject \"mailcheck test\".", "Wait longer: mailcheck --wait 10m taro@example.com. Some servers hold mail back for minutes."}
	r.Verdict.AdminAdvice = []string{"Follow the message by its Message-ID in the log of the sending server."}
	return r
}

// evil is what a server may send to take over a terminal, a CI job or the
// reader's eye.
const evil = "\x1b]0;owned\a\x1b[2J\u009b31m\u202egnitteg\u2066\u200b\x00\xff\xfe\r\n\n" +
	"ALL IS WELL: forged\n::error::forged\n ##vso[task.setvariable]x ##[error]x ##teamcity[x]"

// hostile is a report in which everything foreign is as bad as can be.
func hostile() *report.Report {
	long := strings.Repeat("very-long-name.", 20) + "example"
	r := receiveNotSend()
	c := r.Check("smtp")
	c.Endpoint.Host = long
	c.TLS.Certificate.Names = []string{evil, long}
	auth := c.Step("auth")
	auth.Reply.Text = evil + strings.Repeat(" 認証に失敗しました。パスワードを確かめてください。", 40)
	auth.Detail = evil
	c.Transcript = []string{"S: 220 " + evil, "C: EHLO [127.0.0.1]", "S: " + strings.Repeat("長い行", 60)}
	dns := r.Check("dns")
	dns.Steps[1].Subject, dns.Steps[1].Result, dns.Steps[1].Cause, dns.Steps[1].Detail = long, report.Warn, report.DNSTimeout, evil
	r.Settings[0].Username = strings.Repeat("利用者", 20) + "@example.jp"
	for i := range r.Settings {
		if r.Settings[i].Protocol == report.SMTP {
			r.Settings[i].Host = long
		}
	}
	r.Contacted = append(r.Contacted, contact(long, 443, "domain"))
	r.Verdict.Explanation = "The certificate is for " + evil
	r.Verdict.Headline += " " + evil
	r.Verdict.Advice = append(r.Verdict.Advice, evil+long)
	r.Verdict.Findings = []report.Finding{{Cause: report.Unknown, Step: "dns.host", Text: evil + long, Advice: []string{evil}}}
	return r
}
