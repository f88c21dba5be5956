package main

import (
	"context"
	"net"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"mailcheck/creds"
	"mailcheck/internal/lab"
	"mailcheck/report"
	"mailcheck/verify"
)

// mailPorts are all that a network blocks which lets web pages through alone.
var mailPorts = []int{25, 110, 143, 465, 587, 993, 995}

// microsoft365 is a domain of one's own at Microsoft, where no password is taken
// for sending.
func microsoft365() lab.Options {
	const mx = "example-test.mail.protection.outlook.com"
	o := at(words("smtp.auth", "535 5.7.139 Authentication unsuccessful, basic authentication is disabled."), "anna@example.test",
		"outlook.office365.com", "smtp.office365.com", mx)
	o.MX = mx
	return o
}

// sendsFrom makes the run that of a device that only sends, with a password, in
// the spring of a year.
func sendsFrom(o *verify.Options, year int) {
	o.Mechanism, o.Leave = "PLAIN", []report.Protocol{report.IMAP, report.POP3}
	o.Now = func() time.Time { return time.Date(year, 4, 1, 12, 0, 0, 0, time.UTC) }
}

// fixed names the hosts for receiving and for sending by flags, and leaves POP3
// out.
func fixed(o *verify.Options, imap, smtp string) {
	o.Leave = []report.Protocol{report.POP3}
	o.Fixed = append(o.Fixed,
		report.Endpoint{Protocol: report.IMAP, Host: imap, Port: 993, Security: report.TLS, Source: "flags"},
		report.Endpoint{Protocol: report.SMTP, Host: smtp, Port: 465, Security: report.TLS, Source: "flags"})
}

// wayDecisions are the rows about the way to the servers, and about what has
// changed: certificates, another network, another day.
var wayDecisions = map[string]decision{
	// D. The certificate.
	"D1 the server of a known company under a name of one's own": {
		lab:      lab.Options{Certified: []string{"*.xserver.jp"}, MX: "sv1234.xserver.jp", Hosts: []string{"sv1234.xserver.jp"}},
		change:   func(_ *testing.T, o *verify.Options, _ *lab.Lab) { fixed(o, "imap.example.test", "smtp.example.test") },
		headline: neither + "the right name of the server is sv1234.xserver.jp", step: "imap.tls",
		cause: report.TLSHostnameMismatch, advice: "Set sv1234.xserver.jp as the IMAP server in the mail program, in place of imap.example.test.",
	},
	"D1 the server of an unknown company under a name of one's own": {
		lab:      lab.Options{Fault: "certificate-other-host", MX: "sv1234.xserver.jp", Hosts: []string{"sv1234.xserver.jp"}},
		headline: neither + "the certificate of imap.example.test is for another name", step: "imap.tls", cause: report.TLSHostnameMismatch, advice: "mail.provider.test",
	},
	"D3 expired": {
		lab: lab.Options{Fault: "certificate-expired"}, headline: neither + "the certificate of imap.example.test has expired", step: "imap.tls", cause: report.TLSExpired, advice: "Check the date of this computer",
	},
	"D3 expired, and the clock is right": {
		change: func(t *testing.T, o *verify.Options, l *lab.Lab) {
			o.Leave = []report.Protocol{report.POP3}
			before(t, o, l, "127.0.0.2", "certificate-expired")
			o.Override["imap.example.test"] = o.Override["imap.example.test"][:1]
		},
		headline: cannotReceive + "the certificate of imap.example.test has expired", step: "imap.tls",
		cause: report.TLSExpired, advice: "Tell the provider that the certificate of imap.example.test",
	},
	"D2 a hotel answers in the place of a server of one's own": {
		lab:      lab.Options{Fault: "certificate-self-signed", Certified: []string{"login.hotel.test"}},
		headline: neither + "what answered is probably not imap.example.test", step: "imap.tls",
		cause: report.TLSHostnameMismatch, advice: "sign in to the network first", explains: "The certificate is for login.hotel.test.",
	},
	"D2 a hotel answers in the place of a known server": {
		lab: at(lab.Options{Fault: "certificate-self-signed", Certified: []string{"login.hotel.test"}},
			"anna@gmail.com", "imap.gmail.com", "pop.gmail.com", "smtp.gmail.com"),
		headline: neither + "what answered is not imap.gmail.com", step: "imap.tls", cause: report.TLSHostnameMismatch, advice: "guest network",
	},
	"D4 expired at one address of two": {
		change: func(t *testing.T, o *verify.Options, l *lab.Lab) {
			o.Leave = []report.Protocol{report.POP3}
			before(t, o, l, "127.0.0.2", "certificate-expired")
		},
		headline: cannotReceive + "the certificate of imap.example.test has expired", step: "imap.tls",
		cause: report.TLSExpired, advice: "tell the provider that 127.0.0.2 does not answer as 127.0.0.1 does",
		explains: "one of its machines is at fault",
	},
	"D4 expired over IPv6 alone": {
		change: func(t *testing.T, o *verify.Options, l *lab.Lab) {
			o.Leave = []report.Protocol{report.POP3}
			before(t, o, l, "2001:db8::1", "certificate-expired")
		},
		headline: cannotReceive + "the certificate of imap.example.test has expired", step: "imap.tls",
		cause: report.TLSExpired, advice: "tell the provider that 2001:db8::1 does not answer as 127.0.0.1 does",
		explains: "one of its machines is at fault",
	},
	"D5 the clock": {
		lab: lab.Options{Fault: "certificate-not-yet-valid"}, headline: neither + "the certificate of imap.example.test is not valid yet", step: "imap.tls", cause: report.TLSNotYetValid,
		advice: "Set date, time and time zone of this computer", explains: "valid by this clock, so it is probably wrong",
	},
	"D6 a program reads along": {
		lab: lab.Options{Fault: "certificate-intercepted"}, headline: neither + "a program or device on the way reads", step: "imap.tls",
		cause: report.TLSIntercepted, advice: "virus scanner", explains: "No password was sent.",
	},
	"D8 TLS 1.1 and nothing newer": {
		lab: lab.Options{Fault: "tls-too-old"}, headline: neither + "imap.example.test only knows outdated encryption", step: "imap.tls",
		cause: report.TLSOldVersion, advice: "newer server name", explains: "TLS 1.1",
	},
	"D8 static RSA alone": {
		lab: lab.Options{Fault: "tls-static-rsa"}, headline: neither + "imap.example.test only knows outdated encryption", step: "imap.tls",
		cause: report.TLSHandshakeFailure, advice: "newer server name", explains: "static RSA",
	},
	"D7 an incomplete chain": {
		lab: lab.Options{Fault: "certificate-incomplete-chain"}, headline: neither + "imap.example.test does not send its whole certificate", step: "imap.tls", cause: report.TLSIncompleteChain, advice: "does not send its intermediate certificate",
	},
	"D9 the certificate of Proton's bridge": {
		lab:      lab.Options{Provider: "proton-bridge", Fault: "certificate-unknown"},
		headline: neither + "the certificate of Bridge is not known here yet", step: "imap.tls",
		cause: report.TLSUnknownAuthority, advice: "--ca-file cert.pem", says: "mailcheck --pin SHA256",
	},

	// E. Works at home, not elsewhere.
	"E1 port 25 without a login, which is blocked here": {
		change: func(_ *testing.T, o *verify.Options, _ *lab.Lab) {
			outgoing(o, 25)
			o.Fixed[0].Security = report.None
			o.NoAuth, o.Send, o.To = true, "rcpt", "bob@example.org"
			mute(o, "25")
		},
		headline: "YOU CANNOT SEND: this network blocks smtp.example.test port 25", step: "smtp.connect",
		cause: report.ConnectPortBlocked, advice: "Set the outgoing server: smtp.example.test, port 465, encryption SSL/TLS.",
	},
	"E1 port 25 without a login, which relays only for customers at home": {
		change: func(t *testing.T, o *verify.Options, _ *lab.Lab) {
			answers(t, o, 25, "S: 220 smtp.example.test ESMTP", "C: EHLO *", "S: 250 smtp.example.test", "C: MAIL FROM:*", "S: 250 2.1.0 Ok",
				"C: RCPT TO:*", "S: 554 5.7.1 <bob@example.org>: Relay access denied", "C: *", "S: 221 2.0.0 Bye")
			o.Fixed[0].Security = report.None
			o.NoAuth, o.Send, o.To = true, "rcpt", "bob@example.org"
		},
		headline: "YOU CANNOT SEND: smtp.example.test does not pass mail on to this recipient", step: "smtp.rcpt",
		cause: report.SubmitRelayDenied, advice: "my outgoing server requires authentication",
	},
	"E2 a name that only the network at home knows": {
		change: func(_ *testing.T, o *verify.Options, _ *lab.Lab) {
			o.Fixed = append(o.Fixed, report.Endpoint{Protocol: report.SMTP, Host: "mail.home.arpa", Port: 587, Security: report.STARTTLS, Source: "flags"})
		},
		headline: cannotSend + "mail.home.arpa is a name of a home or company network", step: "dns.host",
		cause: report.DNSNXDomain, advice: "Take the public name of the server",
	},
	"E2 a name of the provider's that only its own lines know": {
		change: func(_ *testing.T, o *verify.Options, _ *lab.Lab) {
			o.Fixed = append(o.Fixed, report.Endpoint{Protocol: report.SMTP, Host: "relay.isp.test", Port: 25, Security: report.STARTTLS, Source: "flags"})
		},
		headline: cannotSend + "relay.isp.test does not exist", step: "dns.host",
		cause: report.DNSNXDomain, advice: "letter by letter", says: "use the public name of the help page",
	},
	"E2 a private address that leads nowhere from here": {
		change: func(t *testing.T, o *verify.Options, l *lab.Lab) {
			o.Leave = []report.Protocol{report.POP3}
			o.Override = map[string][]netip.Addr{"imap.example.test": {netip.MustParseAddr("10.9.8.7")}}
			dial := o.Dial
			o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
				if strings.HasPrefix(address, "10.9.8.7:") { // nothing leaves this machine
					return nil, &net.OpError{Op: "dial", Net: network, Err: os.ErrDeadlineExceeded}
				}
				return dial(ctx, network, address)
			}
		},
		headline: cannotReceive + "imap.example.test has a private address, and that does not answer", step: "imap.connect", cause: report.ConnectTimeout, advice: "Are you outside that network",
	},
	"E3 one address is dead": {
		lab: lab.Options{Fault: "dead-address"}, headline: "ALL WORKS, WITH A WARNING: you can receive and send, and mail arrives at once; but not every address of imap.example.test answers", cause: report.ConnectAddressDead, advice: "tell the provider which address is dead",
	},
	"E3 IPv6 is dead": {
		change: func(_ *testing.T, o *verify.Options, _ *lab.Lab) {
			o.Override = map[string][]netip.Addr{"imap.example.test": {netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("127.0.0.1")}}
			dial := o.Dial
			o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
				if strings.HasPrefix(address, "[2001:db8::1]:") { // nothing leaves this machine
					return nil, &net.OpError{Op: "dial", Net: network, Err: os.ErrDeadlineExceeded}
				}
				return dial(ctx, network, address)
			}
		},
		headline: "ALL WORKS, WITH A WARNING: you can receive and send, and mail arrives at once; but imap.example.test does not answer over IPv6",
		cause:    report.ConnectAddressDead, advice: "Let it use IPv4 alone",
	},
	"E4 Google wants a look at the web page first": {
		lab: at(words(
			"imap.auth", "NO [ALERT] Please log in via your web browser: https://support.google.com/mail/accounts/answer/78754 (Failure)",
			"pop3.auth", "-ERR [SYS/PERM] Please log in via your web browser: https://support.google.com/mail/accounts/answer/78754",
			"smtp.auth", "534 5.7.9 Please log in with your web browser and then try again. Learn more at https://support.google.com/mail/?p=WebLoginRequired",
		), "anna@gmail.com", "imap.gmail.com", "pop.gmail.com", "smtp.gmail.com"),
		headline: neither + "the provider wants a login on its web page first", step: "imap.auth",
		cause: report.AuthWebLoginRequired, advice: "Open the provider's web page",
	},
	"E4 refused from abroad in the words of a wrong password": {
		lab:      at(wrong(), "anna@yahoo.co.jp", "imap.mail.yahoo.co.jp", "pop.mail.yahoo.co.jp", "smtp.mail.yahoo.co.jp"),
		change:   func(_ *testing.T, o *verify.Options, _ *lab.Lab) { o.Username = "anna" },
		headline: neither + "the IMAP server did not accept the password", step: "imap.auth",
		cause: report.AuthBadCredentials, advice: "See whether IMAP is switched on", explains: "the login came from abroad",
		says: "Allow access from abroad",
	},
	"E5 nothing but web pages, at a known provider": {
		lab: at(lab.Options{Blocked: mailPorts}, "anna@gmail.com", "imap.gmail.com", "pop.gmail.com", "smtp.gmail.com"),
		change: func(_ *testing.T, o *verify.Options, _ *lab.Lab) {
			o.Offline, o.StepTimeout = false, 300*time.Millisecond
		},
		headline: neither + "imap.gmail.com port 993 does not answer, nor does any other mail port", step: "imap.connect",
		cause: report.ConnectPortBlocked, advice: "a phone's mobile data",
	},
	"E5 nothing but web pages": {
		lab: lab.Options{WellKnownPorts: true, Blocked: mailPorts},
		change: func(_ *testing.T, o *verify.Options, _ *lab.Lab) {
			o.Offline, o.StepTimeout = false, 300*time.Millisecond
		},
		headline: neither + "imap.example.test port 993 does not answer, nor does any other mail port", step: "imap.connect",
		cause: report.ConnectTimeout, advice: "a phone's mobile data",
	},
	"E6 the address of a VPN is on a block list": {
		change: func(t *testing.T, o *verify.Options, _ *lab.Lab) {
			outgoing(o, 587)
			o.StepTimeout = 5 * time.Second
			plays(t, o, []int{25, 465, 587}, "S: 554 5.7.1 Service unavailable; Client host [203.0.113.9] blocked using zen.spamhaus.org; https://www.spamhaus.org/query/ip/203.0.113.9")
		},
		headline: cannotSend + "smtp.example.test refuses the address of this line", step: "smtp.greeting",
		cause: report.GreetingRejectedIP, advice: "Switch any VPN off",
	},
	"E6 the address of a VPN is turned away for now": {
		change: func(t *testing.T, o *verify.Options, _ *lab.Lab) {
			outgoing(o, 587)
			o.StepTimeout = 5 * time.Second
			plays(t, o, []int{25, 465, 587}, "S: 421 4.7.0 Connection refused: the IP address 203.0.113.9 has a poor reputation")
		},
		headline: cannotSend + "smtp.example.test refuses the address of this line", step: "smtp.greeting",
		cause: report.GreetingRejectedIP, advice: "Switch any VPN off",
	},
	"E7 a known server with the certificate of an unknown authority": {
		lab:      at(lab.Options{Fault: "certificate-unknown-ca"}, "anna@gmail.com", "imap.gmail.com", "pop.gmail.com", "smtp.gmail.com"),
		headline: neither + "what answered is not imap.gmail.com, but claims to be", step: "imap.tls",
		cause: report.TLSIntercepted, advice: "Do not log in on this network", explains: "No password was sent.",
	},
	"E7 a server of one's own with the certificate of an unknown authority": {
		lab:      lab.Options{Fault: "certificate-unknown-ca"},
		headline: neither + "nobody known vouches for the certificate of imap.example.test", step: "imap.tls",
		cause: report.TLSUnknownAuthority, advice: "virus scanner", explains: "No password was sent.", says: "do not accept the certificate",
	},

	// F. Worked until yesterday.
	"F1 an app password was withdrawn": {
		lab:      at(wrong(), "anna@gmail.com", "imap.gmail.com", "pop.gmail.com", "smtp.gmail.com"),
		headline: neither + "the IMAP server did not accept the password", step: "imap.auth", cause: report.AuthBadCredentials, advice: "Make a new app password",
	},
	"F2 the day on which passwords ended has passed": {
		lab: at(words(
			"imap.auth", "NO Basic authentication is disabled.",
			"pop3.auth", "-ERR Logon failure: unknown user name or bad password.",
			"smtp.auth", "535 5.7.139 Authentication unsuccessful, basic authentication is disabled.",
		), "anna@outlook.com", "outlook.office365.com", "smtp-mail.outlook.com"),
		change:   func(_ *testing.T, o *verify.Options, _ *lab.Lab) { o.Mechanism = "PLAIN" },
		headline: neither + "Outlook.com takes no passwords from mail programs", step: "imap.auth",
		cause: report.AuthBasicAuthDisabled, advice: "mailcheck login anna@outlook.com",
		explains: "Outlook.com, since 2024-09-16: Password logins ended.",
	},
	"F2 the day on which passwords for sending ended has passed": {
		lab:      microsoft365(),
		change:   func(_ *testing.T, o *verify.Options, _ *lab.Lab) { sendsFrom(o, 2027) },
		headline: "YOU CANNOT SEND: Microsoft 365 takes no passwords from mail programs", step: "smtp.auth",
		cause: report.AuthBasicAuthDisabled, advice: "mailcheck login anna@example.test",
		explains: "Microsoft 365, since 2026-12-31: Password logins by SMTP are off by default",
	},
	"F2 the day on which passwords for sending end is to come": {
		lab:      microsoft365(),
		change:   func(_ *testing.T, o *verify.Options, _ *lab.Lab) { sendsFrom(o, 2026) },
		headline: "YOU CANNOT SEND: Microsoft 365 takes no passwords from mail programs", step: "smtp.auth",
		cause: report.AuthBasicAuthDisabled, advice: "mailcheck login anna@example.test",
		explains: "Microsoft 365, from 2026-12-31 on: Password logins by SMTP are off by default",
	},
	"F2 an app password is wanted now": {
		lab:      at(wrong(), "anna@daum.net", "imap.daum.net", "pop.daum.net", "smtp.daum.net"),
		headline: neither + "IMAP wants an app password", step: "imap.auth", cause: report.AuthAppPasswordRequired, advice: "look under \"security\" or \"mail programs\" for \"app password\"",
		explains: "Daum Mail, since 2025: An app password is wanted.",
	},
	"F3 the port without encryption is closed": {
		lab: at(lab.Options{}, "anna@ocn.ne.jp", "imap.ocn.ne.jp", "pop.ocn.ne.jp", "smtp.ocn.ne.jp"),
		change: func(_ *testing.T, o *verify.Options, _ *lab.Lab) {
			o.Fixed = append(o.Fixed, report.Endpoint{Protocol: report.IMAP, Host: "imap.ocn.ne.jp", Port: 143, Security: report.None, Source: "flags"})
			o.AllowCleartext, o.Leave = true, []report.Protocol{report.POP3}
			shut(o, "143")
		},
		headline: cannotReceive + "nothing listens at imap.ocn.ne.jp port 143", step: "imap.connect",
		cause: report.ConnectRefused, advice: "Set the incoming server: imap.ocn.ne.jp, port 993, encryption SSL/TLS.",
		explains: "OCN, since 2019-10: Connections without encryption ended.",
	},
	"F4 the provider has moved, and the old names are gone": {
		lab: lab.Options{Address: "anna@cox.net", WellKnownPorts: true, NoSRV: true, Servers: []report.Endpoint{
			{Protocol: report.IMAP, Host: "imap.mail.yahoo.com", Port: 993, Security: report.TLS},
			{Protocol: report.SMTP, Host: "smtp.mail.yahoo.com", Port: 465, Security: report.TLS},
		}, MX: "smtp.mail.yahoo.com"},
		change:   func(_ *testing.T, o *verify.Options, _ *lab.Lab) { fixed(o, "imap.cox.net", "smtp.cox.net") },
		headline: neitherChecked + "imap.cox.net does not exist; Cox has imap.mail.yahoo.com", step: "dns.host",
		cause: report.DNSNXDomain, advice: "Set imap.mail.yahoo.com in the mail program, in place of imap.cox.net.",
		explains: "Cox, since 2024-10-01: The mailboxes moved to Yahoo.", says: "smtp.cox.net does not exist; Cox has smtp.mail.yahoo.com",
	},
	"F4 the domain has moved, and the old host is gone": {
		lab: func() lab.Options {
			o := at(lab.Options{}, "anna@example.test", "imap.gmail.com", "pop.gmail.com", "smtp.gmail.com", "aspmx.l.google.com")
			o.MX = "aspmx.l.google.com"
			return o
		}(),
		change: func(_ *testing.T, o *verify.Options, _ *lab.Lab) {
			fixed(o, "mail.old-host.test", "mail.old-host.test")
		},
		headline: neitherChecked + "mail.old-host.test does not exist; Google Workspace has imap.gmail.com (IMAP) and smtp.gmail.com (SMTP)", step: "dns.host",
		cause: report.DNSNXDomain, advice: "Set imap.gmail.com (IMAP) and smtp.gmail.com (SMTP) in the mail program, in place of mail.old-host.test.",
	},
	"F5 the certificate expired today": {
		lab:      lab.Options{Fault: "certificate-just-expired"},
		headline: neither + "the certificate of imap.example.test has just expired", step: "imap.tls",
		cause: report.TLSExpired, advice: "Wait some hours", explains: ", 3 hours ago.",
	},
	"F6 every server says that it cannot serve": {
		lab: words("imap.auth", "NO [UNAVAILABLE] Service temporarily unavailable", "pop3.auth", "-ERR [SYS/TEMP] Service temporarily unavailable",
			"smtp.auth", "454 4.3.0 Service temporarily unavailable"),
		headline: neither + "imap.example.test is not available at the moment", step: "imap.auth",
		cause: report.ServerTemporarilyUnavailable, advice: "Change nothing", says: "status page",
	},
	"F6 every server takes the connection and is silent": {
		lab:      lab.Options{Delay: time.Hour},
		change:   func(_ *testing.T, o *verify.Options, _ *lab.Lab) { o.StepTimeout = 300 * time.Millisecond },
		headline: neither + "imap.example.test port", step: "imap.tls",
		cause: report.ConnectTimeout, advice: "Change nothing in the mail program. Look at the provider's status page",
		explains: "So does every other mail server of the account",
	},
	"F7 locked, and blocked from sending": {
		lab: words("imap.auth", "BYE Your account has been locked because of suspicious activity", "pop3.auth", "-ERR [SYS/PERM] Account locked",
			"smtp.mail", "550 5.1.8 Access denied, bad outbound sender"),
		headline: neither + "the account is locked, probably after misuse", step: "imap.auth",
		cause: report.AuthAccountLocked, advice: "Scan the computers and phones", says: "set a new password, sign out everywhere",
	},
	"F7 blocked from sending": {
		lab:      words("smtp.data", "550 5.1.8 Access denied, bad outbound sender. For more information please go to http://go.microsoft.com/fwlink/?LinkId=875724."),
		headline: cannotSend + "the account may not send", step: "smtp.data",
		cause: report.SubmitAccountRestricted, advice: "Log in on the provider's web page", says: "Set a new password, sign out everywhere",
	},
	"F8 the sign-in was withdrawn": {
		change: func(t *testing.T, o *verify.Options, _ *lab.Lab) {
			authority, d := startAuthority(t, lab.AuthorityOptions{}), newDesk(t)
			if written, status := d.run("", loginTo(authority)...); status != report.ExitOK {
				t.Fatal(written)
			}
			authority.Refuse("refresh_token", "invalid_grant", "Token has been expired or revoked.")
			o.Credentials = creds.Options{Keyring: d.keyring}
		},
		headline: "NO LOGIN WAS MADE: the sign-in of anna@example.test is no longer valid", step: "creds.token",
		cause: report.AuthTokenExpired, advice: "Sign in again: mailcheck login anna@example.test",
	},
	"F9 the mailbox is full": {
		lab:      words("imap.mailbox", "NO [OVERQUOTA] Quota exceeded (mailbox for user is full)", "smtp.rcpt", "552 5.2.2 <anna@example.test>: user is over quota"),
		headline: "NO MORE MAIL CAN REACH YOU: the mailbox is full", step: "imap.mailbox",
		cause: report.MailboxQuota, advice: "delete large and old mail",
	},
}
