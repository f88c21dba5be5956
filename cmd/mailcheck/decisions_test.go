package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"mailcheck/creds"
	"mailcheck/internal/lab"
	"mailcheck/report"
	"mailcheck/verify"
)

// decision is a row of what symptoms mean: a run that is staged in the lab, and
// what the report must say of it.
type decision struct {
	lab    lab.Options
	change func(*verify.Options, *lab.Lab)

	headline string // how it begins
	step     string
	cause    report.Cause
	advice   string // a part of the first advice
	explains string // a part of the explanation
	says     string // a part of the report for people, on one line
}

// words makes servers answer steps with these words.
func words(pairs ...string) lab.Options {
	o := lab.Options{Words: map[string]string{}}
	for i := 0; i < len(pairs); i += 2 {
		o.Words[pairs[i]] = pairs[i+1]
	}
	return o
}

// at is a lab that plays a provider of the table: its servers under their
// names, at the ports that clients expect.
func at(o lab.Options, address string, hosts ...string) lab.Options {
	o.Address, o.Hosts, o.WellKnownPorts, o.NoSRV = address, hosts, true, true
	if strings.HasSuffix(address, "@free.fr") || strings.HasSuffix(address, "@icloud.com") {
		o.Username, _, _ = strings.Cut(address, "@")
	}
	return o
}

// outgoing is the submission server at a port, by flag.
func outgoing(o *verify.Options, port int) {
	o.Fixed = append(o.Fixed, report.Endpoint{Protocol: report.SMTP, Host: "smtp.example.test", Port: port, Security: report.STARTTLS, Source: "flags"})
	o.StepTimeout = 500 * time.Millisecond
}

// mute makes ports take no connection, as behind a firewall that drops them.
func mute(o *verify.Options, ports ...string) {
	dial := o.Dial
	o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		if _, port, _ := net.SplitHostPort(address); slices.Contains(ports, port) {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		return dial(ctx, network, address)
	}
}

// answers puts a server that follows a script behind a port of the submission
// server.
func answers(o *verify.Options, port int, script ...string) {
	outgoing(o, port)
	o.StepTimeout = 5 * time.Second
	server, err := lab.StartScript(context.Background(), strings.Join(script, "\n"), lab.ScriptOptions{})
	if err != nil {
		panic(err) // the script of a test
	}
	dial := o.Dial
	o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		if _, at, _ := net.SplitHostPort(address); at == strconv.Itoa(port) {
			address = server.Addr()
		}
		return dial(ctx, network, address)
	}
}

const wrongIMAP, wrongPOP3, wrongSMTP = "NO [AUTHENTICATIONFAILED] Authentication failed.", "-ERR [AUTH] Authentication failed.",
	"535 5.7.8 Error: authentication failed"

// wrong is every server refusing the password in plain words.
func wrong() lab.Options {
	return words("imap.auth", wrongIMAP, "pop3.auth", wrongPOP3, "smtp.auth", wrongSMTP)
}

const (
	cannotSend    = "YOU CAN RECEIVE BUT NOT SEND: "
	cannotReceive = "YOU CAN SEND BUT NOT RECEIVE: "
	neither       = "NEITHER RECEIVING NOR SENDING WORKS: "
	notArriving   = "YOU CAN LOG IN AND SEND, BUT MAIL DOES NOT ARRIVE: "
)

// decisions are named by the row and what it is about.
var decisions = map[string]decision{
	// A. Can receive, cannot send.
	"A1 port 25 is blocked": {
		change: func(o *verify.Options, l *lab.Lab) {
			outgoing(o, 25)
			mute(o, "25")
		},
		headline: cannotSend + "this network blocks smtp.example.test port 25", step: "smtp.connect",
		cause: report.ConnectPortBlocked, advice: "Set the outgoing server: smtp.example.test, port 465, encryption SSL/TLS.",
	},
	"A2 every port for sending is blocked": {
		change: func(o *verify.Options, l *lab.Lab) {
			outgoing(o, 587)
			mute(o, "25", "465", "587")
		},
		headline: cannotSend + "smtp.example.test port 587 does not answer", step: "smtp.connect",
		cause: report.ConnectTimeout, advice: "Try another network",
	},
	"A3 no encryption set, and the login comes with STARTTLS": {
		change: func(o *verify.Options, l *lab.Lab) {
			o.Fixed = append(o.Fixed, l.Endpoint(report.SMTP, report.None))
			o.AllowCleartext = true
		},
		headline: cannotSend + "smtp.example.test offers a login only after STARTTLS", step: "smtp.auth",
		cause: report.AuthEncryptionRequired, advice: "Set the encryption STARTTLS",
	},
	"A4 a firewall overwrites the offer of STARTTLS": {
		change: func(o *verify.Options, l *lab.Lab) {
			answers(o, 2587, "S: 220 smtp.example.test ESMTP", "C: EHLO *", "S: 250-smtp.example.test", "S: 250-XXXXXXXA", "S: 250 SIZE 10240000", "C: QUIT", "S: 221 bye")
		},
		headline: cannotSend + "something on the way takes the encryption out", step: "smtp.starttls",
		cause: report.TLSStartTLSNotOffered, advice: "Set the outgoing server: smtp.example.test, port 465, encryption SSL/TLS.",
	},
	"A5 SSL/TLS set for a port that begins in clear text": {
		change: func(o *verify.Options, l *lab.Lab) {
			e := l.Endpoint(report.SMTP, report.STARTTLS)
			e.Security = report.TLS
			o.Fixed = append(o.Fixed, e)
		},
		headline: cannotSend + "port and encryption do not fit", step: "smtp.tls", cause: report.TLSPlaintextPort, advice: "Set the outgoing server: smtp.example.test, port",
	},
	"A5 STARTTLS set for a port that begins with TLS": {
		change: func(o *verify.Options, l *lab.Lab) {
			e := l.Endpoint(report.SMTP, report.TLS)
			e.Security = report.STARTTLS
			o.Fixed = append(o.Fixed, e)
		},
		headline: cannotSend + "port and encryption do not fit", step: "smtp.greeting", cause: report.TLSPlaintextPort, advice: "SSL/TLS",
	},
	"A6 no login, and the server wants one": {
		change:   func(o *verify.Options, _ *lab.Lab) { o.NoAuth, o.Send = true, "rcpt" },
		headline: "YOU CANNOT SEND: smtp.example.test wants a login before it takes mail", step: "smtp.mail",
		cause: report.SubmitAuthRequired, advice: "my outgoing server requires authentication",
	},
	"A7 SMTP refuses the password that IMAP takes": {
		lab:      words("smtp.auth", wrongSMTP),
		headline: cannotSend, step: "smtp.auth", cause: report.AuthBadCredentials, advice: "switch SMTP on",
	},
	"A7 SMTP AUTH is off for the mailbox": {
		lab:      words("smtp.auth", "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox. Visit https://aka.ms/smtp_auth_disabled for more information."),
		headline: cannotSend + "SMTP sign-in is switched off for this mailbox", step: "smtp.auth",
		cause: report.AuthSMTPAuthDisabled, advice: "switch it on",
	},
	"A7 the provider has SMTP off until it is switched on": {
		lab:      at(words("smtp.auth", wrongSMTP), "anna@free.fr", "imap.free.fr", "pop.free.fr", "smtp.free.fr"),
		headline: cannotSend, step: "smtp.auth", cause: report.AuthSMTPAuthDisabled, advice: "Gestion du SMTP",
	},
	"A8 the provider wants another user name for SMTP": {
		lab:      at(words("smtp.auth", wrongSMTP), "anna@icloud.com", "imap.mail.me.com", "smtp.mail.me.com"),
		change:   func(o *verify.Options, l *lab.Lab) { o.Username = "anna" },
		headline: cannotSend + "iCloud Mail wants another user name for SMTP", step: "smtp.auth",
		cause: report.AuthUsernameForm, advice: "Set anna@icloud.com as the user name",
	},
	"A8 another host than the provider's": {
		lab: at(words("smtp.auth", wrongSMTP), "anna@gmx.com", "imap.gmx.com", "pop.gmx.com"),
		change: func(o *verify.Options, l *lab.Lab) {
			o.Fixed = append(o.Fixed, report.Endpoint{Protocol: report.SMTP, Host: "smtp.gmx.com", Port: 465, Security: report.TLS, Source: "flags"})
		},
		headline: cannotSend + "smtp.gmx.com is not the SMTP server of GMX", step: "smtp.auth",
		cause: report.ConfigWrongHost, advice: "Set mail.gmx.com as the SMTP server",
	},
	"A9 passwords have ended": {
		lab:      words("smtp.auth", "535 5.7.139 Authentication unsuccessful, basic authentication is disabled."),
		headline: cannotSend, step: "smtp.auth", cause: report.AuthBasicAuthDisabled, advice: "mailcheck login",
	},
	"A9 the provider takes no passwords": {
		lab:      at(lab.Options{}, "anna@outlook.com", "outlook.office365.com", "smtp-mail.outlook.com"),
		headline: "NO LOGIN WAS MADE: Outlook.com takes no passwords", step: "creds.token",
		cause: report.AuthBasicAuthDisabled, advice: "mailcheck login anna@outlook.com",
	},
	"A10 the sender is somebody else's": {
		lab:      words("smtp.mail", "553 5.7.1 <anna@example.test>: Sender address rejected: not owned by user anna@example.test"),
		headline: cannotSend, step: "smtp.mail", cause: report.SubmitSenderNotOwned, advice: "sender address",
	},
	"A11 too much was sent": {
		lab:      words("smtp.rcpt", "450 4.2.1 The user you are trying to contact is receiving mail too quickly. Please resend your message at a later time."),
		headline: cannotSend, step: "smtp.rcpt", cause: report.SubmitRateLimited, advice: "",
	},
	"A11 the daily limit": {
		lab:      words("smtp.data", "550 5.4.5 Daily user sending limit exceeded. For more information on Gmail sending limits go to https://support.google.com/a/answer/166852"),
		headline: cannotSend, step: "smtp.data", cause: report.SubmitDailyLimit, advice: "",
	},
	"A12 one recipient alone": {
		lab:      words("smtp.rcpt", "550 5.1.1 <bob@example.org>: Recipient address rejected: User unknown"),
		change:   func(o *verify.Options, l *lab.Lab) { o.To = "bob@example.org" },
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
		headline: cannotReceive, step: "imap.mailbox", cause: report.MailboxBackendRefused, advice: "",
	},
	"B2 the server wants to know the program": {
		lab:      words("imap.mailbox", "NO SELECT Unsafe Login. Please contact kefu@188.com for help", "pop3.auth", wrongPOP3),
		headline: cannotReceive, step: "imap.mailbox", cause: report.AuthClientIDRequired, advice: "",
	},
	"B4 another program holds the mailbox": {
		lab:      lab.Options{Fault: "pop3-in-use"},
		change:   func(o *verify.Options, _ *lab.Lab) { o.Leave = []report.Protocol{report.IMAP} },
		headline: cannotReceive, step: "pop3.auth", cause: report.MailboxInUse, advice: "Close other mail programs",
	},
	"B5 looked for mail too often": {
		lab:      words("imap.auth", "NO [LIMIT] Too many simultaneous connections.", "pop3.auth", "-ERR [LOGIN-DELAY] minimum time between mail checks violation"),
		headline: cannotReceive, step: "imap.auth", cause: report.GreetingTooManyConnections, advice: "",
	},
	"B3 an empty inbox beside POP3": {
		headline: "ALL IS WELL", says: "Is the inbox empty although mail was sent",
	},
	"B6 the own mailbox is full": {
		lab:      words("smtp.rcpt", "452 4.2.2 <anna@example.test>: Recipient address rejected: Mailbox full"),
		headline: "NO MORE MAIL CAN REACH YOU: the mailbox is full", step: "smtp.rcpt", cause: report.MailboxQuota, advice: "",
	},
	"B7 the domain takes no mail": {
		lab:      lab.Options{Fault: "null-mx"},
		headline: "YOU CAN RECEIVE AND SEND, BUT NOT ALL IS WELL: example.test takes no mail", step: "dns.mx", cause: report.DNSNullMX, advice: "",
	},
	"B7 the domain does not exist": {
		lab:      lab.Options{Fault: "domain-unknown"},
		headline: "", step: "dns.mx", cause: report.DNSNXDomain, advice: "",
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
		headline: "NEITHER RECEIVING NOR SENDING COULD BE CHECKED: the mail service of goo.jp has been closed",
		step:     "settings.provider", cause: report.SettingsServiceEnded, advice: "Use another address",
	},

	// C. The password is rejected.
	"C1 Gmail knows the password, and wants an app password": {
		lab: at(words(
			"imap.auth", "NO [ALERT] Application-specific password required: https://support.google.com/accounts/answer/185833 (Failure)",
			"pop3.auth", "-ERR [AUTH] Application-specific password required: https://support.google.com/accounts/answer/185833",
			"smtp.auth", "534 5.7.9 Application-specific password required. For more information, go to https://support.google.com/mail/?p=InvalidSecondFactor",
		), "anna@gmail.com", "imap.gmail.com", "pop.gmail.com", "smtp.gmail.com"),
		headline: neither, step: "imap.auth", cause: report.AuthAppPasswordRequired, advice: "https://myaccount.google.com/apppasswords",
	},
	"C1 Gmail does not know the app password": {
		lab: at(words(
			"imap.auth", "NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)",
			"pop3.auth", "-ERR [AUTH] Username and password not accepted.",
			"smtp.auth", "535 5.7.8 Username and Password not accepted. For more information, go to https://support.google.com/mail/?p=BadCredentials",
		), "anna@gmail.com", "imap.gmail.com", "pop.gmail.com", "smtp.gmail.com"),
		headline: neither, step: "imap.auth", cause: report.AuthBadCredentials, advice: "https://myaccount.google.com/apppasswords",
	},
	"C2 a code in place of the password": {
		lab:      at(wrong(), "anna@126.com", "imap.126.com", "pop.126.com", "smtp.126.com"),
		headline: neither, step: "imap.auth", cause: report.AuthAppPasswordRequired, advice: "",
	},
	"C2 Yahoo refuses the password of the account": {
		lab: at(words(
			"imap.auth", "NO [AUTHENTICATIONFAILED] LOGIN Invalid credentials",
			"pop3.auth", "-ERR [AUTH] Invalid credentials",
			"smtp.auth", "535 5.7.0 (#AUTH005) Too many bad auth attempts.",
		), "anna@yahoo.com", "imap.mail.yahoo.com", "pop.mail.yahoo.com", "smtp.mail.yahoo.com"),
		headline: neither, step: "imap.auth", cause: report.AuthAppPasswordRequired, advice: "",
	},
	"C3 no mechanism for passwords": {
		lab:      lab.Options{Token: "tok", Mechanisms: []string{"XOAUTH2", "OAUTHBEARER"}},
		headline: neither, step: "imap.auth", cause: report.AuthBasicAuthDisabled, advice: "mailcheck login",
	},
	"C5 the password was copied with its blanks": {
		lab: wrong(),
		change: func(o *verify.Options, _ *lab.Lab) {
			o.Credentials = creds.Options{PasswordStdin: strings.NewReader("abcd efgh ijkl mnop\n")}
		},
		headline: neither, step: "imap.auth", cause: report.AuthBadCredentials, advice: "",
		explains: "has blanks in it",
	},
	"C6 a login wants encryption": {
		lab: words("imap.auth", "NO [PRIVACYREQUIRED] Cleartext authentication disallowed on non-secure (SSL/TLS) connections."),
		change: func(o *verify.Options, l *lab.Lab) {
			o.Fixed = append(o.Fixed, l.Endpoint(report.IMAP, report.None))
			o.AllowCleartext = true
			o.Leave = []report.Protocol{report.POP3, report.SMTP}
		},
		headline: "YOU CANNOT RECEIVE: ", step: "imap.auth", cause: report.AuthEncryptionRequired, advice: "SSL/TLS",
	},
	"C7 no password can be checked now": {
		lab:      lab.Options{Fault: "auth-backend-down"},
		headline: neither, step: "imap.auth", cause: report.ServerAuthBackendDown, advice: "Change nothing",
	},
	"C8 the password has run out": {
		lab:      words("imap.auth", "NO [EXPIRED] Your password has expired.", "pop3.auth", wrongPOP3, "smtp.auth", wrongSMTP),
		headline: neither, step: "imap.auth", cause: report.AuthPasswordExpired, advice: "",
	},
	"C8 the account is locked": {
		lab:      words("imap.auth", "NO [CONTACTADMIN] Your account has been locked, please contact the administrator.", "pop3.auth", wrongPOP3, "smtp.auth", wrongSMTP),
		headline: neither, step: "imap.auth", cause: report.AuthAccountLocked, advice: "",
	},
	"C9 too many logins": {
		lab:      words("imap.auth", "NO [LIMIT] Too many login attempts, please try again later.", "pop3.auth", "-ERR Too many login attempts", "smtp.auth", "454 4.7.0 Too many login attempts, please try again later."),
		headline: neither, step: "imap.auth", cause: report.AuthRateLimited, advice: "",
	},
	"C11 the password is wrong everywhere": {
		lab:      wrong(),
		headline: neither + "the IMAP server did not accept the password", step: "imap.auth",
		cause: report.AuthBadCredentials, advice: "Log in on the provider's web page",
	},

	// D. The certificate.
	"D1 the server of a hosting company under a name of one's own": {
		lab:      lab.Options{Fault: "certificate-other-host", MX: "sv1234.xserver.jp", Hosts: []string{"sv1234.xserver.jp"}},
		headline: neither, step: "imap.tls", cause: report.TLSHostnameMismatch, advice: "mail.provider.test",
	},
	"D3 expired": {
		lab: lab.Options{Fault: "certificate-expired"}, headline: neither, step: "imap.tls", cause: report.TLSExpired, advice: "",
	},
	"D2 something else answers in the name of a known server": {
		lab:      at(lab.Options{Fault: "certificate-self-signed"}, "anna@gmail.com", "imap.gmail.com", "pop.gmail.com", "smtp.gmail.com"),
		headline: neither + "what answered is not imap.gmail.com", step: "imap.tls", cause: report.TLSUnknownAuthority, advice: "guest network",
	},
	"D5 the clock": {
		lab: lab.Options{Fault: "certificate-not-yet-valid"}, headline: neither, step: "imap.tls", cause: report.TLSNotYetValid,
		advice: "Set date, time and time zone of this computer", explains: "the clock",
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
		lab: lab.Options{Fault: "certificate-incomplete-chain"}, headline: neither, step: "imap.tls", cause: report.TLSIncompleteChain, advice: "",
	},

	// E. Works at home, not elsewhere.
	"E2 a private address that leads nowhere from here": {
		change: func(o *verify.Options, l *lab.Lab) {
			o.Override = map[string][]netip.Addr{"imap.example.test": {netip.MustParseAddr("10.9.8.7")}}
			dial := o.Dial
			o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
				if strings.HasPrefix(address, "10.9.8.7:") { // nothing leaves this machine
					return nil, &net.OpError{Op: "dial", Net: network, Err: os.ErrDeadlineExceeded}
				}
				return dial(ctx, network, address)
			}
		},
		headline: "", step: "imap.connect", cause: report.ConnectTimeout, advice: "Are you outside that network",
	},
	"E3 one address is dead": {
		lab: lab.Options{Fault: "dead-address"}, headline: "ALL WORKS, WITH A WARNING: ", cause: report.ConnectAddressDead,
	},

	// F. Worked until yesterday.
	"F1 an app password was withdrawn": {
		lab:      at(wrong(), "anna@gmail.com", "imap.gmail.com", "pop.gmail.com", "smtp.gmail.com"),
		headline: neither, step: "imap.auth", cause: report.AuthBadCredentials, advice: "Make a new app password",
	},
}

// Every row is staged with real servers of the lab and goes through the whole
// program.
func TestDecisions(t *testing.T) {
	for name, d := range decisions {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, rep := stage(t, d)
			v := rep.Verdict
			if !strings.HasPrefix(v.Headline, d.headline) {
				t.Errorf("headline %q", v.Headline)
			}
			cause := v.Cause
			if d.step == "" && len(v.Findings) > 0 {
				cause = v.Findings[0].Cause
			}
			if v.FailedStep != d.step || cause != d.cause {
				t.Errorf("%s at %q", cause, v.FailedStep)
			}
			if !strings.Contains(v.Explanation, d.explains) {
				t.Errorf("explanation %q", v.Explanation)
			}
			if len(v.Advice) == 0 && d.step != "" || d.advice != "" && !strings.Contains(v.Advice[0], d.advice) {
				t.Errorf("advice %q", v.Advice)
			}
			if !strings.Contains(strings.Join(strings.Fields(text), " "), d.says) {
				t.Errorf("it does not say %q", d.says)
			}
			if t.Failed() {
				t.Log(text)
			}
		})
	}
}

// stage runs a row as the program runs a check, and returns both reports.
func stage(t *testing.T, d decision) (string, *report.Report) {
	t.Helper()
	servers, err := lab.Start(t.Context(), d.lab)
	if err != nil {
		t.Fatal(err)
	}
	defer servers.Close()
	account, err := creds.ParseAddress(servers.Address())
	if err != nil {
		t.Fatal(err)
	}
	o := verify.Options{
		Account: account, Version: "test", Roots: servers.Roots(), DNS: servers.DNSAddr(), Dial: servers.DialContext, Offline: true,
		Credentials: creds.Options{PasswordStdin: strings.NewReader(servers.Password() + "\n")},
		StepTimeout: 5 * time.Second, Wait: 100 * time.Millisecond, Silence: 50 * time.Millisecond,
	}
	if d.change != nil {
		d.change(&o, servers)
	}
	file := filepath.Join(t.TempDir(), "report.json")
	var stdout, stderr bytes.Buffer
	a := &app{stdin: strings.NewReader(""), stdout: &stdout, stderr: &stderr, env: func(string) (string, bool) { return "", false }}
	_ = a.verify(t.Context(), o, outputFlags{formats: []string{"text", "json=" + file}}) // the exit status is in the report
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	var rep report.Report
	if err := json.Unmarshal(data, &rep); err != nil {
		t.Fatal(err)
	}
	return stdout.String(), &rep
}
