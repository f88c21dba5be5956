package lab

import "mailcheck/report"

// bearerMicrosoft is how Microsoft's servers refuse a token.
const bearerMicrosoft = `{"status":"400","schemes":"Bearer","scope":"https://outlook.office.com/"}`

// token is the flag of a user who has an access token.
const token = "--oauth-token-stdin"

// greatProfiles are the four providers that mailcheck must serve. What their
// servers say is theirs where it is known.
var greatProfiles = []Profile{
	{
		Name: "gmail", Title: "Gmail",
		SignIn: "the whole address, and an app password or OAuth 2.0 (XOAUTH2, OAUTHBEARER); never the password of the account",
		Notes:  "The server files what is sent in Sent by itself. A message to oneself is kept once, and is seen in INBOX, Sent Mail and All Mail.",
		options: Options{
			Address: "anna@gmail.com", MX: "gmail-smtp-in.l.google.com", Hosts: []string{"gmail-smtp-in.l.google.com"},
			Servers: servers("imaps://imap.gmail.com", "pop3s://pop.gmail.com", "smtps://smtp.gmail.com", "smtp://smtp.gmail.com"),
			Greetings: map[report.Protocol]string{
				report.IMAP: "Gimap ready for requests from 127.0.0.1 lab", report.POP3: "Gpop ready for requests from 127.0.0.1 lab",
			},
			Capabilities: []string{"XLIST", "CHILDREN", "X-GM-EXT-1", "AUTH=PLAIN-CLIENTTOKEN"},
			Mechanisms:   []string{"OAUTHBEARER", "XOAUTH2", "PLAIN", "LOGIN", userPass},
			Challenge:    `{"status":"400","schemes":"Bearer","scope":"https://mail.google.com/"}`,
			SentCopy:     true, Labels: true,
		},
		token: true,
		Sound: well(),
		Faults: []Scene{
			{
				Name: "token", Title: "an access token in place of a password, which is no fault",
				Flags:  []string{token},
				Result: report.OK, Headline: allIsWell,
			},
			{
				Name: "app-password", Title: "the right password of the account, where an app password is wanted",
				words: worded(
					"imap.auth", "NO [ALERT] Application-specific password required: https://support.google.com/accounts/answer/185833 (Failure)",
					"pop3.auth", "-ERR [AUTH] Application-specific password required: https://support.google.com/accounts/answer/185833",
					"smtp.auth", "534 5.7.9 Application-specific password required. For more information, go to https://support.google.com/mail/?p=InvalidSecondFactor"),
				Step: "imap.auth", Cause: report.AuthAppPasswordRequired, Result: report.Fail, ExitStatus: 15,
				Headline: neither, Advice: "https://myaccount.google.com/apppasswords",
			},
			{
				Name: "account-password", Title: "the password of the account, or an app password that is wrong",
				words: worded(
					"imap.auth", "NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)",
					"pop3.auth", "-ERR [AUTH] Username and password not accepted.",
					"smtp.auth", "535 5.7.8 Username and Password not accepted. For more information, go to https://support.google.com/mail/?p=BadCredentials"),
				Step: "imap.auth", Cause: report.AuthBadCredentials, Result: report.Fail, ExitStatus: 15,
				Headline: neither + "the IMAP server did not accept the password", Advice: "https://myaccount.google.com/apppasswords",
			},
			{
				Name: "web-login", Title: "Google wants a sign-in with the web browser first",
				words: worded(
					"imap.auth", "NO [ALERT] Please log in via your web browser: https://support.google.com/mail/accounts/answer/78754 (Failure)",
					"pop3.auth", "-ERR [SYS/PERM] Please log in via your web browser: https://support.google.com/mail/accounts/answer/78754",
					"smtp.auth", "534 5.7.9 Please log in with your web browser and then try again. Learn more at https://support.google.com/mail/?p=WebLoginRequired"),
				Step: "imap.auth", Cause: report.AuthWebLoginRequired, Result: report.Fail, ExitStatus: 15,
				Headline: neither, Advice: "web",
			},
			{
				Name: "rate-limit", Title: "too many logins for sending",
				words: worded("smtp.auth", "454 4.7.0 Too many login attempts, please try again later. Learn more at https://support.google.com/mail/answer/7126229"),
				Step:  "smtp.auth", Cause: report.AuthRateLimited, Result: report.Fail, ExitStatus: 15,
				Headline: cannotSend,
			},
			{
				Name: "too-many-connections", Title: "15 IMAP connections are open already",
				words: worded("imap.auth", "NO [ALERT] Too many simultaneous connections. (Failure)"),
				Step:  "imap.auth", Cause: report.GreetingTooManyConnections, Result: report.Fail, ExitStatus: 15,
				Headline: notAllWell + "imap.gmail.com has too many connections", Advice: "Close other mail programs",
			},
			{
				Name: "pop-off", Title: "POP is not switched on",
				words: worded("pop3.auth", "-ERR [SYS/PERM] Your account is not enabled for POP access. Please visit your Gmail settings page and enable your account for POP access."),
				Step:  "pop3.auth", Cause: report.AuthProtocolDisabled, Result: report.Warn,
				Headline: withWarning, Advice: "Forwarding and POP/IMAP",
			},
			{
				Name: "token-expired", Title: "the access token has expired",
				Flags: []string{token},
				words: worded(
					"imap.auth", "NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)",
					"pop3.auth", "-ERR [AUTH] Invalid credentials",
					"smtp.auth", "535 5.7.8 Username and Password not accepted. For more information, go to https://support.google.com/mail/?p=BadCredentials"),
				Step: "imap.auth", Cause: report.AuthTokenExpired, Result: report.Fail, ExitStatus: 15,
				Headline: neither, Advice: "mailcheck login anna@gmail.com",
			},
			{
				Name: "daily-limit", Title: "the limit of messages a day is reached",
				words: worded("smtp.data", "550 5.4.5 Daily user sending limit exceeded. For more information on Gmail sending limits go to https://support.google.com/a/answer/166852"),
				Step:  "smtp.data", Cause: report.SubmitDailyLimit, Result: report.Fail, ExitStatus: 17,
				Headline: cannotSend,
			},
		},
	},
	{
		Name: "icloud", Title: "iCloud Mail",
		SignIn: "an app-specific password; the part before the @ for IMAP, the whole address for SMTP",
		Notes:  "There is no POP3, and SMTP is port 587 alone. An address in a domain of one's own logs in with the iCloud address.",
		options: Options{
			Address: "anna@icloud.com", MX: "mx01.mail.icloud.com", Hosts: []string{"mx01.mail.icloud.com"},
			Usernames:    map[report.Protocol]string{report.IMAP: "anna"},
			Servers:      servers("imaps://imap.mail.me.com", "smtp://smtp.mail.me.com"),
			Capabilities: []string{"XAPPLEPUSHSERVICE", "XAPPLELITERAL"},
			Mechanisms:   []string{"PLAIN", "LOGIN"},
		},
		Sound: well(),
		Faults: []Scene{
			{
				Name: "account-password", Title: "the password of the Apple Account",
				words: worded(
					"imap.auth", "NO [AUTHENTICATIONFAILED] Authentication failed",
					"smtp.auth", "535 5.7.8 Error: authentication failed: authentication failure"),
				Step: "imap.auth", Cause: report.AuthAppPasswordRequired, Result: report.Fail, ExitStatus: 15,
				Headline: cannotReceiveAlone + "IMAP wants an app password", Advice: "https://support.apple.com/102654",
			},
			{
				Name: "smtp-user-name", Title: "the part before the @ as the user name for sending too",
				Flags: []string{"--user", "anna"},
				Step:  "smtp.auth", Cause: report.AuthUsernameForm, Result: report.Fail, ExitStatus: 15,
				Headline: cannotSend + "iCloud Mail wants another user name for SMTP", Advice: "Set anna@icloud.com as the user name",
			},
			{
				Name: "imap-address", Title: "IMAP takes the whole address, as some accounts do",
				play: func(o *Options) { o.Usernames = nil },
				Step: "imap.auth", Cause: report.AuthUsernameForm, Result: report.Warn,
				Headline: withWarning,
			},
			{
				Name: "port-465", Title: "port 465 is set for sending",
				Flags: []string{"--smtp", "smtps://smtp.mail.me.com"},
				Step:  "smtp.connect", Cause: report.ConnectRefused, Result: report.Fail, ExitStatus: 12,
				Headline: cannotSend, Advice: "port 587",
			},
			{
				Name: "ssl-on-587", Title: "\"SSL\" is set for port 587",
				Flags: []string{"--smtp", "smtps://smtp.mail.me.com:587"},
				Step:  "smtp.tls", Cause: report.TLSPlaintextPort, Result: report.Fail, ExitStatus: 13,
				Headline: cannotSend + "port and encryption do not fit", Advice: "port 587, encryption STARTTLS",
			},
			{
				Name: "custom-domain", Title: "a domain of one's own, with its address as the user name",
				play:  ownDomainAtApple,
				Flags: []string{},
				words: worded(
					"imap.auth", "NO [AUTHENTICATIONFAILED] Authentication failed",
					"smtp.auth", "535 5.7.8 Error: authentication failed: authentication failure"),
				Step: "imap.auth", Cause: report.AuthUsernameForm, Result: report.Fail, ExitStatus: 15,
				Headline: neither + "iCloud Mail wants another user name", Advice: "the primary iCloud address",
			},
			{
				Name: "custom-domain-primary", Title: "a domain of one's own, with the iCloud address as the user name",
				play:   ownDomainAtApple,
				Flags:  []string{"--user", "anna@icloud.com"},
				Result: report.OK, Headline: allIsWell,
			},
			{
				Name: "over-quota", Title: "the storage is full",
				words: worded("smtp.rcpt", "552 5.2.2 <anna@icloud.com>: user is over quota"),
				Step:  "smtp.rcpt", Cause: report.MailboxQuota, Result: report.Fail, ExitStatus: 16,
				Headline: "NO MORE MAIL CAN REACH YOU: the mailbox is full; sending to others was not tested.",
			},
		},
	},
	{
		Name: "outlook", Title: "Outlook.com",
		SignIn: "the whole address and OAuth 2.0 (XOAUTH2); passwords are refused, app passwords too",
		Notes:  "IMAP and POP are off until they are switched on. A personal address has no administrator.",
		options: Options{
			Address: "anna@outlook.com", MX: "outlook-com.olc.protection.outlook.com", Hosts: []string{"outlook-com.olc.protection.outlook.com"},
			Servers:    servers("imaps://outlook.office365.com", "pop3s://outlook.office365.com", "smtp://smtp-mail.outlook.com"),
			Greetings:  map[report.Protocol]string{report.IMAP: "The Microsoft Exchange IMAP4 service is ready. [lab]", report.POP3: "The Microsoft Exchange POP3 service is ready. [lab]"},
			Mechanisms: []string{"XOAUTH2", "PLAIN", "LOGIN", userPass},
			Challenge:  bearerMicrosoft,
		},
		token: true,
		Sound: well(token),
		Faults: []Scene{
			{
				Name: "no-token", Title: "a password, and no token",
				Flags: []string{},
				Step:  "creds.token", Cause: report.AuthBasicAuthDisabled, Result: report.Fail, ExitStatus: 3,
				Headline: noLogin + "Outlook.com takes no passwords", Advice: "mailcheck login anna@outlook.com",
			},
			{
				Name: "password", Title: "a login with the password all the same",
				Flags: []string{"--auth", "LOGIN"},
				words: worded(
					"imap.auth", "NO Basic authentication is disabled.",
					"pop3.auth", "-ERR Logon failure: unknown user name or bad password.",
					"smtp.auth", "535 5.7.139 Authentication unsuccessful, basic authentication is disabled. [lab.prod.outlook.com]"),
				Step: "imap.auth", Cause: report.AuthBasicAuthDisabled, Result: report.Fail, ExitStatus: 15,
				Headline: neither, Advice: "mailcheck login anna@outlook.com",
			},
			{
				Name: "token-refused", Title: "the token has expired, or is for something else",
				words: worded(
					"imap.auth", "NO AUTHENTICATE failed.",
					"pop3.auth", "-ERR Authentication failure: unknown user name or bad password.",
					"smtp.auth", "535 5.7.3 Authentication unsuccessful [lab.PROD.OUTLOOK.COM]"),
				Step: "imap.auth", Cause: report.AuthTokenExpired, Result: report.Fail, ExitStatus: 15,
				Headline: neither, Advice: "mailcheck login anna@outlook.com",
			},
			{
				Name: "imap-off", Title: "IMAP and POP are not switched on",
				words: worded(
					"imap.mailbox", "BAD User is authenticated but not connected.",
					"pop3.auth", "-ERR Authentication failure: unknown user name or bad password."),
				Step: "imap.mailbox", Cause: report.MailboxBackendRefused, Result: report.Fail, ExitStatus: 16,
				Headline: cannotReceive, Advice: "Let devices and apps use POP/IMAP",
			},
			{
				Name: "pop-off", Title: "POP alone is not switched on",
				words: worded("pop3.auth", "-ERR Authentication failure: unknown user name or bad password."),
				Step:  "pop3.auth", Cause: report.AuthProtocolDisabled, Result: report.Warn,
				Headline: withWarning, Advice: "Let devices and apps use POP/IMAP",
			},
			{
				Name: "smtp-off-mailbox", Title: "SMTP is switched off for the mailbox",
				words: worded("smtp.auth", "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox. Visit https://aka.ms/smtp_auth_disabled for more information. [lab.prod.outlook.com]"),
				Step:  "smtp.auth", Cause: report.AuthSMTPAuthDisabled, Result: report.Fail, ExitStatus: 15,
				Headline: cannotSend + "SMTP sign-in is switched off for this account", Advice: "https://outlook.live.com",
			},
			{
				Name: "smtp-off-tenant", Title: "SMTP is switched off, in words meant for companies",
				words: worded("smtp.auth", "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. Visit https://aka.ms/smtp_auth_disabled for more information. [lab.prod.outlook.com]"),
				Step:  "smtp.auth", Cause: report.AuthSMTPAuthDisabled, Result: report.Fail, ExitStatus: 15,
				Headline: cannotSend + "SMTP sign-in is switched off for this account", Advice: "https://outlook.live.com",
			},
			{
				Name: "company-smtp-off", Title: "a company's mailbox, where SMTP is switched off for everybody",
				play:  ownDomainAtMicrosoft,
				words: worded("smtp.auth", "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. Visit https://aka.ms/smtp_auth_disabled for more information. [lab.prod.outlook.com]"),
				Step:  "smtp.auth", Cause: report.AuthSMTPAuthDisabled, Result: report.Fail, ExitStatus: 15,
				Headline: cannotSend + "SMTP sign-in is switched off for this mailbox", Advice: "https://admin.microsoft.com",
			},
			{
				Name: "sender-refused", Title: "the sender is not the account's",
				Flags: []string{token, "--from", "bert@outlook.com"},
				words: worded("smtp.mail", "550 5.7.60 SMTP; Client does not have permissions to send as this sender [lab.prod.outlook.com]"),
				Step:  "smtp.mail", Cause: report.SubmitSenderNotOwned, Result: report.Fail, ExitStatus: 17,
				Headline: cannotSend, Advice: "sender address",
			},
			{
				Name: "send-as-denied", Title: "the token is of another account, which may not send from this address",
				words: worded("smtp.data", "554 5.2.252 SendAsDenied; anna@outlook.com not allowed to send as anna@outlook.com; STOREDRV.Submission.Exception:SendAsDeniedException.MapiExceptionSendAsDenied; Failed to process message due to a permanent exception with message [BeginDiagnosticData]Cannot submit message."),
				Step:  "smtp.data", Cause: report.SubmitSenderNotOwned, Result: report.Fail, ExitStatus: 17,
				Headline: cannotSend + "Microsoft does not let this sign-in send as anna@outlook.com", Advice: "mailcheck login anna@outlook.com",
			},
		},
	},
	{
		Name: "yahoo-japan", Title: "Yahoo! JAPAN Mail",
		SignIn: "the Yahoo! JAPAN ID (mostly the part before the @) and its password",
		Notes:  "IMAP, POP and SMTP are each off until they are switched on. It has nothing to do with yahoo.com.",
		options: Options{
			Address: "anna@yahoo.co.jp", Username: "anna", MX: "mx1.mail.yahoo.co.jp", Hosts: []string{"mx1.mail.yahoo.co.jp"},
			Servers:    servers("imaps://imap.mail.yahoo.co.jp", "pop3s://pop.mail.yahoo.co.jp", "smtps://smtp.mail.yahoo.co.jp"),
			Mechanisms: []string{"PLAIN", "LOGIN", userPass},
		},
		Sound: well(),
		Faults: []Scene{
			{
				Name: "all-off", Title: "IMAP, POP and SMTP are not switched on, or the password is wrong",
				words: plainRefusals,
				Step:  "imap.auth", Cause: report.AuthBadCredentials, Result: report.Fail, ExitStatus: 15,
				Headline: neither, Advice: "IMAP/POP/SMTP",
			},
			{
				Name: "smtp-off", Title: "SMTP is not switched on, IMAP and POP are",
				words: worded("smtp.auth", plainRefusals["smtp.auth"]),
				Step:  "smtp.auth", Cause: report.AuthSMTPAuthDisabled, Result: report.Fail, ExitStatus: 15,
				Headline: cannotSend, Advice: "IMAP/POP/SMTP",
			},
			{
				Name: "imap-off", Title: "IMAP is not switched on, POP and SMTP are",
				words: worded("imap.auth", plainRefusals["imap.auth"]),
				Step:  "imap.auth", Cause: report.AuthProtocolDisabled, Result: report.Fail, ExitStatus: 15,
				Headline: notAllWell + "Yahoo! JAPAN Mail has IMAP off", Advice: "IMAP/POP/SMTP",
			},
			{
				Name: "address-as-user", Title: "the whole address as the user name",
				Flags: []string{"--user", "anna@yahoo.co.jp"},
				Step:  "imap.auth", Cause: report.AuthUsernameForm, Result: report.Fail, ExitStatus: 15,
				Headline: neither + "Yahoo! JAPAN Mail wants another user name", Advice: "anna (the Yahoo! JAPAN ID",
			},
			{
				Name: "abroad", Title: "access from abroad is refused",
				words: plainRefusals,
				Step:  "imap.auth", Cause: report.AuthBadCredentials, Result: report.Fail, ExitStatus: 15,
				Headline: neither, Advice: "IMAP/POP/SMTP", Further: "from abroad",
			},
			{
				Name: "port-587", Title: "port 587 is set for sending",
				Flags: []string{"--smtp", "smtp://smtp.mail.yahoo.co.jp"},
				Step:  "smtp.connect", Cause: report.ConnectRefused, Result: report.Fail, ExitStatus: 12,
				Headline: cannotSend, Advice: "port 465",
			},
		},
	},
}

// ownDomainAtApple is an account in a domain of its own at iCloud (iCloud+).
func ownDomainAtApple(o *Options) {
	o.Address, o.Username, o.Usernames = "anna@example.test", "anna@icloud.com", nil
}

// ownDomainAtMicrosoft is an account of a company, at Microsoft 365.
func ownDomainAtMicrosoft(o *Options) {
	o.Address, o.MX = "anna@example.test", "example-test.mail.protection.outlook.com"
	o.Hosts = []string{o.MX}
	o.Servers = servers("imaps://outlook.office365.com", "pop3s://outlook.office365.com", "smtp://smtp.office365.com")
}
