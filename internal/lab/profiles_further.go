package lab

import (
	"crypto/tls"
	"time"

	"mailcheck/report"
)

// plainRefusals are those of servers that say the same of every login that
// they do not take.
var plainRefusals = worded(
	"imap.auth", "NO [AUTHENTICATIONFAILED] Authentication failed.",
	"pop3.auth", "-ERR [AUTH] Authentication failed.",
	"smtp.auth", "535 5.7.8 Error: authentication failed")

// furtherProfiles are providers that change what a check has to do.
var furtherProfiles = []Profile{
	{
		Name: "netease", Title: "NetEase 163 Mail",
		SignIn: "the whole address, and a client authorization code in place of the password",
		Notes:  "IMAP refuses the mailbox to a program that has not sent ID (RFC 2971).",
		options: Options{
			Address: "anna@163.com", MX: "163mx01.mxmail.netease.com", Hosts: []string{"163mx01.mxmail.netease.com"},
			Servers:    servers("imaps://imap.163.com", "pop3s://pop.163.com", "smtps://smtp.163.com", "smtps://smtp.163.com:994"),
			Greetings:  map[report.Protocol]string{report.IMAP: "Coremail System IMap Server Ready(163com[lab])", report.POP3: "Welcome to coremail Mail Pop3 Server (163coms[lab])"},
			Mechanisms: []string{"PLAIN", "LOGIN", userPass},
			WantsID:    true,
		},
		Sound: well(),
		Faults: []Scene{
			{
				Name: "unsafe-login", Title: "the mailbox is refused although ID was sent",
				words: worded("imap.mailbox", "NO SELECT Unsafe Login. Please contact kefu@188.com for help"),
				Step:  "imap.mailbox", Cause: report.AuthClientIDRequired, Result: report.Fail, ExitStatus: 16,
				Headline: notAllWell + "the server keeps the mailbox closed", Advice: "web page of NetEase 163 Mail",
			},
			{
				Name: "account-password", Title: "the password of the account",
				words: worded("imap.auth", "NO LOGIN Login error or password error", "pop3.auth", "-ERR Unable to log on", "smtp.auth", "535 Error: authentication failed"),
				Step:  "imap.auth", Cause: report.AuthAppPasswordRequired, Result: report.Fail, ExitStatus: 15,
				Headline: neither + "NetEase 163 Mail wants an authorization code", Advice: "POP3/SMTP/IMAP",
			},
			{
				Name: "smtp-off", Title: "SMTP is not switched on",
				words: worded("smtp.auth", "550 User has no permission"),
				Step:  "smtp.auth", Cause: report.AuthProtocolDisabled, Result: report.Fail, ExitStatus: 15,
				Headline: cannotSend, Advice: "POP3/SMTP/IMAP",
			},
			{
				Name: "too-many-failures", Title: "too many logins were refused",
				words: worded("smtp.auth", "451 Requested mail action not taken: too much fail authentication"),
				Step:  "smtp.auth", Cause: report.AuthRateLimited, Result: report.Fail, ExitStatus: 15,
				Headline: cannotSend, Advice: "wait",
			},
		},
	},
	{
		Name: "proton-bridge", Title: "Proton Mail with Bridge",
		SignIn: "the user name and the password that Bridge shows, not those of the Proton account",
		Notes:  "The servers are a program on the user's own computer, with a certificate that it signed itself: --pin names it.",
		options: Options{
			Address: "anna@proton.me", MX: "mail.protonmail.ch", Hosts: []string{"mail.protonmail.ch"},
			Servers:    servers("imap://127.0.0.1:1143", "smtp://127.0.0.1:1025"),
			Mechanisms: []string{"PLAIN", "LOGIN"},
		},
		Sound: Scene{
			Title: "all is well", Flags: []string{"--pin", fingerprint}, Result: report.OK, Headline: allIsWell,
			set: func(b *behaviour) { b.leaf = LeafSelfSigned },
		},
		Faults: []Scene{
			{
				Name: "certificate-unknown", Title: "Bridge's certificate is not known",
				Flags: []string{},
				Step:  "imap.tls", Cause: report.TLSUnknownAuthority, Result: report.Fail, ExitStatus: 13,
				Headline: neither + "the certificate of Bridge is not known here yet", Advice: "--ca-file",
			},
			{
				Name: "not-running", Title: "Bridge is not running",
				set: func(b *behaviour) {
					b.ports = map[report.Protocol]manner{report.IMAP: closed, report.SMTP: closed}
				},
				Step: "imap.connect", Cause: report.ConnectRefused, Result: report.Fail, ExitStatus: 12,
				Headline: neither + "Bridge does not answer", Advice: "Start Bridge",
			},
			{
				Name: "account-password", Title: "the password of the Proton account",
				words: worded("imap.auth", "NO no such user", "smtp.auth", "454 4.7.0 no such user"),
				Step:  "imap.auth", Cause: report.AuthAppPasswordRequired, Result: report.Fail, ExitStatus: 15,
				Headline: neither, Advice: "Mailbox details",
			},
			{
				Name: "too-many-failures", Title: "too many logins were refused",
				words: worded("imap.auth", "NO too many login attempts", "smtp.auth", "454 4.7.0 too many login attempts"),
				Step:  "imap.auth", Cause: report.AuthRateLimited, Result: report.Fail, ExitStatus: 15,
				Headline: neither, Advice: "wait",
			},
		},
	},
	{
		Name: "docomo", Title: "docomo Mail",
		SignIn: "the d ACCOUNT ID or the ID for IMAP, and the password for IMAP of 10 characters",
		Notes:  "There is no POP3.",
		options: Options{
			Address: "anna@docomo.ne.jp", Username: "d-anna", MX: "mfsmax.docomo.ne.jp", Hosts: []string{"mfsmax.docomo.ne.jp"},
			Servers:    servers("imaps://imap.spmode.ne.jp", "smtps://smtp.spmode.ne.jp"),
			Mechanisms: []string{"PLAIN", "LOGIN"},
		},
		Sound: well("--user", "d-anna"),
		Faults: []Scene{
			{
				Name: "address-as-user", Title: "the address as the user name",
				Flags: []string{},
				Step:  "imap.auth", Cause: report.AuthUsernameForm, Result: report.Fail, ExitStatus: 15,
				Headline: neither + "docomo Mail wants another user name", Advice: "d ACCOUNT ID",
			},
			{
				Name: "account-password", Title: "the password of the d ACCOUNT",
				words: plainRefusals,
				Step:  "imap.auth", Cause: report.AuthBadCredentials, Result: report.Fail, ExitStatus: 15,
				Headline: neither, Advice: "https://www.nttdocomo.co.jp",
			},
			{
				Name: "outdated-encryption", Title: "the server knows one outdated key exchange only",
				set: func(b *behaviour) {
					b.leaf, b.maxTLS, b.ciphers = LeafRSA, tls.VersionTLS12, []uint16{tls.TLS_RSA_WITH_AES_128_GCM_SHA256}
				},
				Step: "imap.tls", Cause: report.TLSHandshakeFailure, Result: report.Fail, ExitStatus: 13,
				Headline: neither + "imap.spmode.ne.jp only knows outdated encryption",
			},
			{
				Name: "wrong-host", Title: "imap.docomo.ne.jp, which many lists name",
				Flags: []string{"--user", "d-anna", "--imap", "imaps://imap.docomo.ne.jp"},
				Step:  "dns.host", Cause: report.DNSNXDomain, Result: report.Fail, ExitStatus: 11,
				Headline: cannotReceive, Advice: "imap.spmode.ne.jp",
			},
		},
	},
	{
		Name: "au", Title: "au Mail",
		SignIn: "a user ID and a password that au issues for mail programs",
		Notes:  "They are neither the address nor those of the au ID.",
		options: Options{
			Address: "anna@ezweb.ne.jp", Username: "u1234567", MX: "lsean.ezweb.ne.jp", Hosts: []string{"lsean.ezweb.ne.jp"},
			Servers:    servers("imaps://imap.ezweb.ne.jp", "smtps://smtp.ezweb.ne.jp", "smtp://smtp.ezweb.ne.jp"),
			Greetings:  map[report.Protocol]string{report.IMAP: "Au_mail IMAP4rev1"},
			Mechanisms: []string{"PLAIN", "LOGIN"},
		},
		Sound: well("--user", "u1234567"),
		Faults: []Scene{
			{
				Name: "address-as-user", Title: "the address as the user name",
				Flags: []string{},
				Step:  "imap.auth", Cause: report.AuthUsernameForm, Result: report.Fail, ExitStatus: 15,
				Headline: neither + "au Mail / UQ mobile wants another user name", Advice: "the user ID that au issues for mail programs",
			},
			{
				Name: "account-password", Title: "the password of the au ID",
				words: plainRefusals,
				Step:  "imap.auth", Cause: report.AuthBadCredentials, Result: report.Fail, ExitStatus: 15,
				Headline: neither,
			},
			{
				Name: "incomplete-chain", Title: "the server does not send its intermediate certificate",
				set:  func(b *behaviour) { b.leaf = LeafIncompleteChain },
				Step: "imap.tls", Cause: report.TLSIncompleteChain, Result: report.Fail, ExitStatus: 13,
				Headline: neither,
			},
		},
	},
	{
		Name: "japanese-isp", Title: "a Japanese line with its own mail (OCN)",
		SignIn: "the whole address and the mail password",
		Notes:  "The line blocks port 25 to the outside (OP25B); sending goes by 465 or 587.",
		options: Options{
			Address: "anna@ocn.ne.jp", MX: "mfgw01.ocn.ad.jp", Hosts: []string{"mfgw01.ocn.ad.jp"},
			Servers:    servers("imaps://imap.ocn.ne.jp", "pop3s://pop.ocn.ne.jp", "smtps://smtp.ocn.ne.jp", "smtp://smtp.ocn.ne.jp"),
			Mechanisms: []string{"CRAM-MD5", "PLAIN", "LOGIN", userPass},
			Blocked:    []int{relayPort},
		},
		Sound: well(),
		Faults: []Scene{
			{
				Name: "port-25", Title: "port 25 is set for sending (OP25B)",
				Flags: []string{"--smtp", "smtp://smtp.ocn.ne.jp:25"},
				Step:  "smtp.connect", Cause: report.ConnectPortBlocked, Result: report.Fail, ExitStatus: 12,
				Headline: cannotSend + "this network blocks smtp.ocn.ne.jp port 25", Advice: "port 465",
			},
			{
				Name: "port-587", Title: "port 587 with STARTTLS is set, and works",
				Flags:  []string{"--smtp", "smtp://smtp.ocn.ne.jp"},
				Result: report.OK, Headline: allIsWell,
			},
			{
				Name: "port-587-no-encryption", Title: "port 587 without encryption is set",
				Flags: []string{"--smtp", "smtp+insecure://smtp.ocn.ne.jp", "--allow-cleartext"},
				Step:  "smtp.auth", Cause: report.AuthEncryptionRequired, Result: report.Fail, ExitStatus: 15,
				Headline: cannotSend, Advice: "STARTTLS",
			},
			{
				Name: "account-password", Title: "the password of the contract in place of that for mail",
				words: plainRefusals,
				Step:  "imap.auth", Cause: report.AuthBadCredentials, Result: report.Fail, ExitStatus: 15,
				Headline: neither, Further: "The password is the mail password",
			},
		},
	},
	{
		Name: "japanese-isp-pop", Title: "a Japanese line with POP3 alone (ASAHI Net)",
		SignIn: "the ASAHI Net ID and the mail password",
		Notes:  "There is no STARTTLS: 465 and 995 are the only ports with encryption.",
		options: Options{
			Address: "anna@asahi-net.or.jp", Username: "ab4t-ash", MX: "mx.asahi-net.or.jp", Hosts: []string{"mx.asahi-net.or.jp"},
			Servers:    servers("pop3s://pop.asahi-net.or.jp", "pop3+insecure://pop.asahi-net.or.jp", "smtps://mail.asahi-net.or.jp", "smtp+insecure://mail.asahi-net.or.jp"),
			Mechanisms: []string{"CRAM-MD5", "PLAIN", "LOGIN", userPass},
		},
		Sound: Scene{
			Title: "all is well", Flags: []string{"--user", "ab4t-ash"}, Result: report.OK, Headline: allIsWell,
			set: func(b *behaviour) { b.noSTARTTLS = true },
		},
		Faults: []Scene{
			{
				Name: "starttls-on-587", Title: "port 587 with STARTTLS is set",
				Flags: []string{"--user", "ab4t-ash", "--smtp", "smtp://mail.asahi-net.or.jp"},
				Step:  "smtp.starttls", Cause: report.TLSStartTLSNotOffered, Result: report.Fail, ExitStatus: 13,
				Headline: cannotSend, Advice: "port 465",
			},
			{
				Name: "address-as-user", Title: "the address as the user name",
				Flags: []string{},
				Step:  "pop3.auth", Cause: report.AuthUsernameForm, Result: report.Fail, ExitStatus: 15,
				Headline: neither + "ASAHI Net wants another user name", Advice: "ASAHI Net ID",
			},
		},
	},
	{
		Name: "hosting", Title: "a domain of one's own at a hosting company (Xserver)",
		SignIn: "the whole address and the password of the mailbox",
		Notes:  "The server is found by the MX of the domain, and its certificate is for its own name.",
		options: Options{
			Address: "anna@example.jp", MX: "sv1234.xserver.jp", Hosts: []string{"mail.example.jp"}, Certified: []string{"sv1234.xserver.jp"},
			Servers: servers("imaps://sv1234.xserver.jp", "imap://sv1234.xserver.jp", "pop3s://sv1234.xserver.jp", "pop3://sv1234.xserver.jp",
				"smtps://sv1234.xserver.jp", "smtp://sv1234.xserver.jp"),
		},
		Sound: well(),
		Faults: []Scene{
			{
				Name: "own-name", Title: "the server under a name in the domain of one's own",
				Flags: []string{"--imap", "imaps://mail.example.jp", "--no-pop", "--smtp", "smtps://mail.example.jp"},
				Step:  "imap.tls", Cause: report.TLSHostnameMismatch, Result: report.Fail, ExitStatus: 13,
				Headline: neither + "the right name of the server is sv1234.xserver.jp", Advice: "Set sv1234.xserver.jp as the IMAP server",
			},
			{
				Name: "abroad", Title: "sending is refused from abroad",
				words: worded("smtp.auth", "535 5.7.8 Error: authentication failed: authentication failure"),
				Step:  "smtp.auth", Cause: report.AuthBlockedByPolicy, Result: report.Fail, ExitStatus: 15,
				Headline: cannotSend + "Xserver probably refuses SMTP logins from abroad", Advice: "Allow access from abroad",
			},
		},
	},
	{
		Name: "cpanel", Title: "a domain of one's own at a host that nobody lists (cPanel)",
		SignIn: "the whole address and the password of the mailbox",
		Notes:  "Nobody names the servers: guessing finds them.",
		options: Options{
			Address: "anna@example.test", MX: "example.test", Hosts: []string{"example.test"},
			Servers: servers("imaps://mail.example.test", "imap://mail.example.test", "pop3s://mail.example.test", "pop3://mail.example.test",
				"smtps://mail.example.test", "smtp://mail.example.test"),
			Mechanisms: []string{"PLAIN", "LOGIN", userPass},
		},
		Sound: well(),
		Faults: []Scene{
			{
				Name: "host-certificate", Title: "the certificate is for the name of the host alone",
				play: func(o *Options) { o.Certified = []string{"server12.webhost.test"} },
				Step: "imap.tls", Cause: report.TLSHostnameMismatch, Result: report.Fail, ExitStatus: 13,
				Headline: neither, Advice: "server12.webhost.test",
			},
			{
				Name: "local-part-as-user", Title: "the part before the @ as the user name",
				Flags: []string{"--user", "anna"},
				words: worded("smtp.auth", "535 Incorrect authentication data"),
				Step:  "imap.auth", Cause: report.AuthBadCredentials, Result: report.Fail, ExitStatus: 15,
				Headline: neither + "the IMAP server did not accept the password", Advice: "mailcheck --user anna@example.test",
			},
		},
	},
	{
		Name: "dovecot-penalty", Title: "a Dovecot server that is slow after refused logins",
		SignIn: "the whole address and the password of the mailbox",
		Notes:  "A refused login, and every one after it from the same address, is answered later and later (up to 15 s). That is no failure.",
		options: Options{
			Address:    "anna@example.test",
			Servers:    servers("imaps://imap.example.test", "pop3s://pop.example.test", "smtps://smtp.example.test", "smtp://smtp.example.test"),
			MX:         "imap.example.test",
			Mechanisms: []string{"PLAIN", "LOGIN", userPass},
			Penalty:    penaltyStep,
		},
		Sound: well(),
		Faults: []Scene{
			{
				Name: "penalised", Title: "others at this address were refused before",
				play:   func(o *Options) { o.Refusals = 2 },
				Result: report.OK, Headline: allIsWell,
			},
			{
				Name: "wrong-password", Title: "the password is wrong",
				words: plainRefusals,
				Step:  "imap.auth", Cause: report.AuthBadCredentials, Result: report.Fail, ExitStatus: 15,
				Headline: neither,
			},
		},
	},
}

// penaltyStep is the first time that a login is kept back: less than Dovecot's
// 2 s (AUTH_PENALTY_INIT_SECS), so that nobody waits long for a demonstration.
const penaltyStep = 500 * time.Millisecond
