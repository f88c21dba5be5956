package main

import (
	"strings"
	"testing"

	"mailcheck/creds"
	"mailcheck/internal/lab"
	"mailcheck/report"
	"mailcheck/verify"
)

// accountDecisions are the rows about the account itself: it cannot send, it
// cannot receive, its password is rejected.
var accountDecisions = map[string]decision{
	// A. Can receive, cannot send.
	"A1 port 25 is blocked": {
		change: func(t *testing.T, o *verify.Options, l *lab.Lab) {
			outgoing(o, 25)
			mute(o, "25")
		},
		headline: cannotSend + "this network blocks smtp.example.test port 25", step: "smtp.connect",
		cause: report.ConnectPortBlocked, advice: "Set the outgoing server: smtp.example.test, port 465, encryption SSL/TLS.",
	},
	"A2 every port for sending is blocked": {
		change: func(t *testing.T, o *verify.Options, l *lab.Lab) {
			outgoing(o, 587)
			mute(o, "25", "465", "587")
		},
		headline: cannotSend + "smtp.example.test port 587 does not answer", step: "smtp.connect",
		cause: report.ConnectTimeout, advice: "Try another network",
	},
	"A3 no encryption set, and the login comes with STARTTLS": {
		change: func(t *testing.T, o *verify.Options, l *lab.Lab) {
			o.Fixed = append(o.Fixed, l.Endpoint(report.SMTP, report.None))
			o.AllowCleartext = true
		},
		headline: cannotSend + "smtp.example.test offers a login only after STARTTLS", step: "smtp.auth",
		cause: report.AuthEncryptionRequired, advice: "Set the encryption STARTTLS",
	},
	"A4 a firewall overwrites the offer of STARTTLS": {
		change: func(t *testing.T, o *verify.Options, l *lab.Lab) {
			answers(t, o, 2587, "S: 220 smtp.example.test ESMTP", "C: EHLO *", "S: 250-smtp.example.test", "S: 250-XXXXXXXA", "S: 250 SIZE 10240000", "C: QUIT", "S: 221 bye")
		},
		headline: cannotSend + "something on the way takes the encryption out", step: "smtp.starttls",
		cause: report.TLSStartTLSNotOffered, advice: "Set the outgoing server: smtp.example.test, port 465, encryption SSL/TLS.",
	},
	"A5 SSL/TLS set for a port that begins in clear text": {
		change: func(t *testing.T, o *verify.Options, l *lab.Lab) {
			e := l.Endpoint(report.SMTP, report.STARTTLS)
			e.Security = report.TLS
			o.Fixed = append(o.Fixed, e)
		},
		headline: cannotSend + "port and encryption do not fit", step: "smtp.tls", cause: report.TLSPlaintextPort, advice: "Set the outgoing server: smtp.example.test, port",
	},
	"A5 STARTTLS set for a port that begins with TLS": {
		change: func(t *testing.T, o *verify.Options, l *lab.Lab) {
			e := l.Endpoint(report.SMTP, report.TLS)
			e.Security = report.STARTTLS
			o.Fixed = append(o.Fixed, e)
		},
		headline: cannotSend + "port and encryption do not fit", step: "smtp.greeting", cause: report.TLSPlaintextPort, advice: "SSL/TLS",
	},
	"A6 no login, and the server wants one": {
		change:   func(_ *testing.T, o *verify.Options, _ *lab.Lab) { o.NoAuth, o.Send = true, "rcpt" },
		headline: "YOU CANNOT SEND: smtp.example.test wants a login before it takes mail", step: "smtp.mail",
		cause: report.SubmitAuthRequired, advice: "my outgoing server requires authentication",
	},
	"A7 SMTP refuses the password that IMAP takes": {
		lab:      words("smtp.auth", wrongSMTP),
		headline: cannotSend + "the SMTP server did not accept the password", step: "smtp.auth", cause: report.AuthBadCredentials, advice: "switch SMTP on",
	},
	"A7 SMTP AUTH is off for the mailbox": {
		lab:      words("smtp.auth", "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox. Visit https://aka.ms/smtp_auth_disabled for more information."),
		headline: cannotSend + "SMTP sign-in is switched off for this mailbox", step: "smtp.auth",
		cause: report.AuthSMTPAuthDisabled, advice: "switch it on",
	},
	"A7 the provider has SMTP off until it is switched on": {
		lab:      at(words("smtp.auth", wrongSMTP), "anna@free.fr", "imap.free.fr", "pop.free.fr", "smtp.free.fr"),
		headline: cannotSend + "Free (France) has SMTP off until you switch it on", step: "smtp.auth", cause: report.AuthSMTPAuthDisabled, advice: "Gestion du SMTP",
	},
	"A8 the provider wants another user name for SMTP": {
		lab:      at(words("smtp.auth", wrongSMTP), "anna@icloud.com", "imap.mail.me.com", "smtp.mail.me.com"),
		change:   func(t *testing.T, o *verify.Options, l *lab.Lab) { o.Username = "anna" },
		headline: cannotSend + "iCloud Mail wants another user name for SMTP", step: "smtp.auth",
		cause: report.AuthUsernameForm, advice: "Set anna@icloud.com as the user name",
	},
	"A8 another host than the provider's": {
		lab: at(words("smtp.auth", wrongSMTP), "anna@gmx.com", "imap.gmx.com", "pop.gmx.com"),
		change: func(t *testing.T, o *verify.Options, l *lab.Lab) {
			o.Fixed = append(o.Fixed, report.Endpoint{Protocol: report.SMTP, Host: "smtp.gmx.com", Port: 465, Security: report.TLS, Source: "flags"})
		},
		headline: cannotSend + "smtp.gmx.com is not the SMTP server of GMX", step: "smtp.auth",
		cause: report.ConfigWrongHost, advice: "Set mail.gmx.com as the SMTP server",
	},
	"A9 passwords have ended": {
		lab:      words("smtp.auth", "535 5.7.139 Authentication unsuccessful, basic authentication is disabled."),
		headline: cannotSend + "the provider takes no passwords from mail programs", step: "smtp.auth", cause: report.AuthBasicAuthDisabled, advice: "mailcheck login",
	},
	"A9 the provider takes no passwords": {
		lab:      at(lab.Options{}, "anna@outlook.com", "outlook.office365.com", "smtp-mail.outlook.com"),
		headline: "NO LOGIN WAS MADE: Outlook.com takes no passwords", step: "creds.token",
		cause: report.AuthBasicAuthDisabled, advice: "mailcheck login anna@outlook.com",
	},
	"A10 the sender is somebody else's": {
		lab:      words("smtp.mail", "553 5.7.1 <anna@example.test>: Sender address rejected: not owned by user anna@example.test"),
		headline: cannotSend + "this login may not use this sender address", step: "smtp.mail", cause: report.SubmitSenderNotOwned, advice: "Set the sender address to that of the account",
	},
	"A11 too much was sent": {
		lab:      words("smtp.rcpt", "450 4.2.1 The user you are trying to contact is receiving mail too quickly. Please resend your message at a later time."),
		headline: cannotSend + "smtp.example.test takes no more mail for the moment", step: "smtp.rcpt", cause: report.SubmitRateLimited, advice: "Wait an hour, and send fewer messages",
	},
	"A11 the daily limit": {
		lab:      words("smtp.data", "550 5.4.5 Daily user sending limit exceeded. For more information on Gmail sending limits go to https://support.google.com/a/answer/166852"),
		headline: cannotSend + "the limit of messages for this account is used up", step: "smtp.data", cause: report.SubmitDailyLimit, advice: "Wait 24 hours",
	},
	"A12 one recipient alone": {
		lab:      words("smtp.rcpt", "550 5.1.1 <bob@example.org>: Recipient address rejected: User unknown"),
		change:   func(t *testing.T, o *verify.Options, l *lab.Lab) { o.To = "bob@example.org" },
		headline: cannotSend + "the server cannot deliver to bob@example.org", step: "smtp.rcpt",
		cause: report.SubmitRecipientUnknown, advice: "bob@example.org",
	},
	"A13 a provider that refuses logins from abroad": {
		lab:      at(lab.Options{Words: words("smtp.auth", wrongSMTP).Words, MX: "sv1234.xserver.jp"}, "anna@example.jp", "sv1234.xserver.jp"),
		headline: cannotSend + "Xserver probably refuses SMTP logins from abroad", step: "smtp.auth",
		cause: report.AuthBlockedByPolicy, advice: "Allow access from abroad",
	},

	// B. Can send, cannot receive.
	"B1 IMAP and POP3 are off": {
		lab:      words("imap.auth", "NO [AUTHORIZATIONFAILED] IMAP access is disabled for this account.", "pop3.auth", "-ERR POP access is disabled for this account."),
		headline: cannotReceive + "IMAP is switched off for this account", step: "imap.auth",
		cause: report.AuthProtocolDisabled, advice: "switch IMAP on",
	},
	"B1 logged in, and not connected": {
		lab:      words("imap.mailbox", "BAD User is authenticated but not connected.", "pop3.auth", "-ERR Logon failure: unknown user name or bad password."),
		headline: cannotReceive + "the login worked, but the mailbox was not opened", step: "imap.mailbox", cause: report.MailboxBackendRefused, advice: "see in the settings whether IMAP is switched on",
	},
	"B2 the server wants to know the program": {
		lab:      words("imap.mailbox", "NO SELECT Unsafe Login. Please contact kefu@188.com for help", "pop3.auth", wrongPOP3),
		headline: cannotReceive + "the server keeps the mailbox closed to this program", step: "imap.mailbox", cause: report.AuthClientIDRequired, advice: "Log in on the web page", says: "Then they send no ID",
	},
	"B4 another program holds the mailbox": {
		lab:      lab.Options{Fault: "pop3-in-use"},
		change:   func(_ *testing.T, o *verify.Options, _ *lab.Lab) { o.Leave = []report.Protocol{report.IMAP} },
		headline: cannotReceive + "the mailbox is held by another program", step: "pop3.auth", cause: report.MailboxInUse, advice: "Close other mail programs",
	},
	"B5 looked for mail too often": {
		lab:      words("imap.auth", "NO [LIMIT] Too many simultaneous connections.", "pop3.auth", "-ERR [LOGIN-DELAY] minimum time between mail checks violation"),
		headline: cannotReceive + "imap.example.test has too many connections already", step: "imap.auth", cause: report.GreetingTooManyConnections, advice: "Close other mail programs",
	},
	"B5 looked for mail with POP3 too often": {
		lab:      words("pop3.auth", "-ERR [LOGIN-DELAY] minimum time between mail checks violation"),
		change:   func(_ *testing.T, o *verify.Options, _ *lab.Lab) { o.Leave = []report.Protocol{report.IMAP} },
		headline: cannotReceive, step: "pop3.auth", cause: report.AuthRateLimited, advice: "wait",
	},
	"B3 an empty inbox beside POP3": {
		headline: "ALL IS WELL", says: "Is the inbox empty although mail was sent",
	},
	"B6 the own mailbox is full": {
		lab:      words("smtp.rcpt", "452 4.2.2 <anna@example.test>: Recipient address rejected: Mailbox full"),
		headline: "NO MORE MAIL CAN REACH YOU: the mailbox is full", step: "smtp.rcpt", cause: report.MailboxQuota, advice: "delete large and old mail",
	},
	"B7 the domain takes no mail": {
		lab:      lab.Options{Fault: "null-mx"},
		headline: "YOU CAN LOG IN AND SEND, BUT NO MAIL FROM OTHERS CAN REACH YOU: example.test takes no mail", step: "dns.mx", cause: report.DNSNullMX, advice: "Use an address at another domain",
	},
	"B7 the domain does not exist": {
		lab:      lab.Options{Fault: "domain-unknown"},
		headline: neitherChecked + "example.test does not exist", step: "dns.mx", cause: report.DNSNXDomain, advice: "Compare example.test letter by letter", says: "whether it has been renewed",
	},
	"B7 the MX is at another provider": {
		lab:      lab.Options{Fault: "delivery-lost", MX: "example-test.mail.protection.outlook.com", Hosts: []string{"example-test.mail.protection.outlook.com"}},
		headline: notArriving + "mail for example.test goes to Microsoft 365", step: "delivery.arrive",
		cause: report.DeliveryNotArrived, advice: "Did the mailbox move to Microsoft 365",
	},
	"B8 the MX forwards": {
		lab:      lab.Options{Fault: "delivery-lost", MX: "mx1.improvmx.com", Hosts: []string{"mx1.improvmx.com"}},
		headline: notArriving + "mail for example.test is forwarded by ImprovMX", step: "delivery.arrive",
		cause: report.DeliveryNotArrived, advice: "Look in the settings of ImprovMX",
	},
	"B9 accepted, and never seen": {
		lab:      lab.Options{Fault: "delivery-lost"},
		headline: notArriving, step: "delivery.arrive", cause: report.DeliveryNotArrived, advice: "Junk",
	},
	"B10 the service has ended": {
		lab:      lab.Options{Address: "anna@goo.jp"},
		headline: neitherChecked + "the mail service of goo.jp has been closed",
		step:     "settings.provider", cause: report.SettingsServiceEnded, advice: "Use another address",
	},

	// C. The password is rejected.
	"C1 Gmail knows the password, and wants an app password": {
		lab: at(words(
			"imap.auth", "NO [ALERT] Application-specific password required: https://support.google.com/accounts/answer/185833 (Failure)",
			"pop3.auth", "-ERR [AUTH] Application-specific password required: https://support.google.com/accounts/answer/185833",
			"smtp.auth", "534 5.7.9 Application-specific password required. For more information, go to https://support.google.com/mail/?p=InvalidSecondFactor",
		), "anna@gmail.com", "imap.gmail.com", "pop.gmail.com", "smtp.gmail.com"),
		headline: neither + "IMAP wants an app password", step: "imap.auth", cause: report.AuthAppPasswordRequired, advice: "https://myaccount.google.com/apppasswords",
	},
	"C1 Gmail does not know the app password": {
		lab: at(words(
			"imap.auth", "NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)",
			"pop3.auth", "-ERR [AUTH] Username and password not accepted.",
			"smtp.auth", "535 5.7.8 Username and Password not accepted. For more information, go to https://support.google.com/mail/?p=BadCredentials",
		), "anna@gmail.com", "imap.gmail.com", "pop.gmail.com", "smtp.gmail.com"),
		headline: neither + "the IMAP server did not accept the password", step: "imap.auth", cause: report.AuthBadCredentials, advice: "https://myaccount.google.com/apppasswords",
	},
	"C2 a code in place of the password": {
		lab:      at(wrong(), "anna@126.com", "imap.126.com", "pop.126.com", "smtp.126.com"),
		headline: neither + "NetEase 126 Mail wants an authorization code", step: "imap.auth", cause: report.AuthAppPasswordRequired, advice: "Get the authorization code",
	},
	"C2 Yahoo refuses the password of the account": {
		lab: at(words(
			"imap.auth", "NO [AUTHENTICATIONFAILED] LOGIN Invalid credentials",
			"pop3.auth", "-ERR [AUTH] Invalid credentials",
			"smtp.auth", "535 5.7.0 (#AUTH005) Too many bad auth attempts.",
		), "anna@yahoo.com", "imap.mail.yahoo.com", "pop.mail.yahoo.com", "smtp.mail.yahoo.com"),
		headline: neither + "IMAP wants an app password", step: "imap.auth", cause: report.AuthAppPasswordRequired, advice: "https://help.yahoo.com/kb/SLN15241.html",
	},
	"C3 no mechanism for passwords": {
		lab:      lab.Options{Token: "tok", Mechanisms: []string{"XOAUTH2", "OAUTHBEARER"}},
		headline: neither + "the provider takes no passwords from mail programs", step: "imap.auth", cause: report.AuthBasicAuthDisabled, advice: "mailcheck login",
	},
	"C4 the address where the provider wants an ID": {
		lab:      at(wrong(), "anna@docomo.ne.jp", "imap.spmode.ne.jp", "smtp.spmode.ne.jp"),
		headline: neither + "docomo Mail wants another user name than anna@docomo.ne.jp", step: "imap.auth",
		cause: report.AuthUsernameForm, advice: "the d ACCOUNT ID or the ID for IMAP",
	},
	"C4 the address where the part before the @ works": {
		lab:      at(lab.Options{Username: "anna"}, "anna@web.de", "imap.web.de", "pop3.web.de", "smtp.web.de"),
		change:   func(_ *testing.T, o *verify.Options, _ *lab.Lab) { o.Username = "anna@web.de" },
		headline: neither + "WEB.DE wants another user name than anna@web.de", step: "imap.auth",
		cause: report.AuthUsernameForm, advice: "for receiving and for sending: anna", says: "mailcheck --user anna anna@web.de",
	},
	"C5 the password was copied with its blanks": {
		lab: wrong(),
		change: func(_ *testing.T, o *verify.Options, _ *lab.Lab) {
			o.Credentials = creds.Options{PasswordStdin: strings.NewReader("abcd efgh ijkl mnop\n")}
		},
		headline: neither + "the IMAP server did not accept the password", step: "imap.auth", cause: report.AuthBadCredentials, advice: "Then store it again without blanks: mailcheck creds set anna@example.test",
		explains: "has blanks in it",
	},
	"C5 the password was copied with a blank behind it": {
		lab: wrong(),
		change: func(_ *testing.T, o *verify.Options, _ *lab.Lab) {
			o.Credentials = creds.Options{PasswordStdin: strings.NewReader("secret123 \n")}
		},
		headline: neither + "the IMAP server did not accept the password", step: "imap.auth", cause: report.AuthBadCredentials,
		advice: "Store the password again without the blank", explains: "begins or ends with a blank",
	},
	"C5 the password was typed with a Japanese keyboard": {
		lab: wrong(),
		change: func(_ *testing.T, o *verify.Options, _ *lab.Lab) {
			o.Credentials = creds.Options{PasswordStdin: strings.NewReader("ｓｅｃｒｅｔ１２３\n")}
		},
		headline: neither + "the IMAP server did not accept the password", step: "imap.auth", cause: report.AuthBadCredentials,
		advice: "Set the keyboard to English", explains: "has full-width characters in it",
	},
	"C6 a login wants encryption": {
		lab: words("imap.auth", "NO [PRIVACYREQUIRED] Cleartext authentication disallowed on non-secure (SSL/TLS) connections."),
		change: func(t *testing.T, o *verify.Options, l *lab.Lab) {
			o.Fixed = append(o.Fixed, l.Endpoint(report.IMAP, report.None))
			o.AllowCleartext = true
			o.Leave = []report.Protocol{report.POP3, report.SMTP}
		},
		headline: "YOU CANNOT RECEIVE: imap.example.test offers a login only after STARTTLS", step: "imap.auth", cause: report.AuthEncryptionRequired, advice: "SSL/TLS",
	},
	"C7 no password can be checked now": {
		lab:      lab.Options{Fault: "auth-backend-down"},
		headline: neither + "imap.example.test cannot check passwords at the moment", step: "imap.auth", cause: report.ServerAuthBackendDown, advice: "Change nothing",
	},
	"C8 the password has run out": {
		lab:      words("imap.auth", "NO [EXPIRED] Your password has expired.", "pop3.auth", wrongPOP3, "smtp.auth", wrongSMTP),
		headline: neither + "the password has expired", step: "imap.auth", cause: report.AuthPasswordExpired, advice: "set a new password there",
	},
	"C8 the account is locked": {
		lab:      words("imap.auth", "NO [CONTACTADMIN] Your account has been locked, please contact the administrator.", "pop3.auth", wrongPOP3, "smtp.auth", wrongSMTP),
		headline: neither + "the account is locked", step: "imap.auth", cause: report.AuthAccountLocked, advice: "Do not try again now", says: "Log in on the provider's web page",
	},
	"C9 too many logins": {
		lab:      words("imap.auth", "NO [LIMIT] Too many login attempts, please try again later.", "pop3.auth", "-ERR Too many login attempts", "smtp.auth", "454 4.7.0 Too many login attempts, please try again later."),
		headline: neither + "too many logins in a short time", step: "imap.auth", cause: report.AuthRateLimited, advice: "Change nothing, and wait an hour",
	},
	"C11 the password is wrong everywhere": {
		lab:      wrong(),
		headline: neither + "the IMAP server did not accept the password", step: "imap.auth",
		cause: report.AuthBadCredentials, advice: "Log in on the provider's web page",
	},
	"C10 the access token has run out": {
		lab:      lab.Options{Token: "fresh", Mechanisms: []string{"XOAUTH2", "OAUTHBEARER"}},
		change:   func(_ *testing.T, o *verify.Options, _ *lab.Lab) { signIn(o, "stale") },
		headline: neither + "the IMAP server did not accept the sign-in", step: "imap.auth",
		cause: report.AuthTokenExpired, advice: "mailcheck login anna@example.test", says: `"status":"401"`,
	},
	"C10 the server takes no access tokens": {
		lab:      lab.Options{Mechanisms: []string{"PLAIN", "LOGIN"}},
		change:   func(_ *testing.T, o *verify.Options, _ *lab.Lab) { signIn(o, "fresh") },
		headline: neither + "imap.example.test takes no access tokens", step: "imap.auth",
		cause: report.AuthMechanismUnsupported, advice: "Give a password in place of the token: mailcheck creds set anna@example.test",
	},
	"C10,E6 the access token is of another account, or a VPN is in the way": {
		lab: at(lab.Options{Token: "fresh", Words: words(
			"imap.mailbox", "BAD User is authenticated but not connected.",
			"pop3.auth", "-ERR Authentication failure: unknown user name or bad password.",
		).Words}, "anna@outlook.com", "outlook.office365.com", "smtp-mail.outlook.com"),
		change:   func(_ *testing.T, o *verify.Options, _ *lab.Lab) { signIn(o, "fresh") },
		headline: cannotReceive + "the login worked, but the mailbox was not opened", step: "imap.mailbox",
		cause: report.MailboxBackendRefused, advice: "Let devices and apps use POP/IMAP",
		explains: "the sign-in is for another account, or a VPN is in the way", says: "Sign in as the owner of the mailbox",
	},
	"C12 somebody reads along, and gets no password": {
		lab:      lab.Options{Fault: "certificate-intercepted", Words: wrong().Words},
		headline: neither + "a program or device on the way reads", step: "imap.tls",
		cause: report.TLSIntercepted, advice: "virus scanner", explains: "No password was sent.", says: "No login was made",
	},
	"C12 somebody reads along, and the check of the certificate is off": {
		lab:      lab.Options{Fault: "certificate-intercepted", Words: wrong().Words},
		change:   func(_ *testing.T, o *verify.Options, _ *lab.Lab) { o.AcceptInvalid = true },
		headline: neither + "whoever answers as imap.example.test did not accept the password", step: "imap.auth",
		cause: report.AuthBadCredentials, advice: "Do not log in on this network again", explains: "somebody else may have read it",
	},
}
