package diagnose

import (
	"context"
	"crypto/x509"
	"crypto/x509/pkix"
	"strings"
	"testing"
	"time"

	"mailcheck/internal/dns"
	"mailcheck/internal/lang"
	"mailcheck/report"
	"mailcheck/wire"
)

// shows is a handshake that failed over a certificate with these names, made by
// issuer (the server itself: "") and ended some time ago.
func shows(t *testing.T, host, name, issuer string, ended time.Duration) *wire.TLSError {
	t.Helper()
	tmpl := template()
	tmpl.Subject, tmpl.DNSNames, tmpl.NotAfter = pkix.Name{CommonName: name}, []string{name}, time.Now().Add(-ended)
	var by *authority
	if issuer != "" {
		by = newAuthority(t, nil, issuer)
	}
	leaf, _ := by.sign(t, tmpl)
	e := &wire.TLSError{ServerName: host, Chain: []*x509.Certificate{leaf}}
	switch {
	case ended > 0:
		e.Err = x509.CertificateInvalidError{Cert: leaf, Reason: x509.Expired}
	case host != name:
		e.Err = x509.HostnameError{Certificate: leaf, Host: host}
	default:
		e.Err = x509.UnknownAuthorityError{Cert: leaf}
	}
	if by != nil {
		e.Chain = append(e.Chain, by.cert)
	}
	return e
}

// What the rules that read the checks together make of a step, and when they
// leave it alone.
func TestInferences(t *testing.T) {
	const valid = -time.Hour
	noName := func(host string) func(*madeRun) {
		return func(m *madeRun) {
			m.one("dns", map[string]error{"host " + host: &dns.Error{Name: host, Kind: dns.NXDomain}})
			m.session("imap", host, "connect", nil, "dns.host")
		}
	}
	tls := func(host string, e *wire.TLSError) func(*madeRun) {
		return func(m *madeRun) { m.session("imap", host, "tls", e, "") }
	}
	silence := func(step string, hosts ...string) func(*madeRun) {
		return func(m *madeRun) {
			var err error = context.DeadlineExceeded
			if step == "connect" {
				err = refusedBy(err)
			}
			m.session("imap", hosts[0], step, err, "")
			m.session("smtp", hosts[1], step, err, "")
		}
	}
	insecure := func(cause report.Cause) func(*madeRun) {
		return func(m *madeRun) {
			c := m.session("imap", "imap.example.com", "auth", refusal(m.t, refusedByIMAP), "")
			c.Step("tls").Result, c.Step("tls").Err, c.Step("tls").Cause = report.Warn, context.Canceled, cause
		}
	}
	locked := func(receiving, sending string) func(*madeRun) {
		return func(m *madeRun) {
			m.fails("imap", "auth", refusal(m.t, receiving))
			if sending != "" {
				m.fails("smtp", "mail", refusal(m.t, sending))
			} else {
				m.good("smtp")
			}
		}
	}
	const lockedOut, blocked = "NO [CONTACTADMIN] Your account has been locked", "550 5.1.8 Access denied, bad outbound sender"
	fromFlags := func(r *report.Report) {
		r.Address = "anna@cox.net"
		r.Settings = []report.Endpoint{
			{Protocol: report.IMAP, Host: "mail.cox.net", Source: "flags"}, {Protocol: report.SMTP, Host: "mail.cox.net", Source: "flags"},
		}
	}
	for name, tt := range map[string]struct {
		make   func(*madeRun)
		change func(*report.Report)
		step   string // "imap.tls"
		rule   string // none: empty, where the step keeps the cause that it has by itself
		cause  report.Cause
		says   string // a part of the step's title and explanation
	}{
		"a name of a network": {
			make: noName("mail.home.arpa"), step: "dns.host", rule: "name-of-a-network", cause: report.DNSNXDomain, says: "Such names are known only inside",
		},
		"a name without a domain": {make: noName("mailserver"), step: "dns.host", rule: "name-of-a-network", cause: report.DNSNXDomain},
		"a name that ends alike":  {make: noName("mail.myhome"), step: "dns.host", cause: report.DNSNXDomain, says: "known inside one network alone"},
		"a public name":           {make: noName("mail.example.com"), step: "dns.host", cause: report.DNSNXDomain},
		"a name of before the move": {
			make: noName("mail.cox.net"), change: fromFlags, step: "dns.host", rule: "name-documented", cause: report.DNSNXDomain,
			says: "The mailboxes moved to Yahoo.",
		},

		"no mail port takes a connection": {
			make: silence("connect", "imap.example.com", "smtp.example.com"), step: "smtp.connect", rule: "mail-ports-silent", cause: report.ConnectTimeout,
			says: "Networks that let only web pages through",
		},
		"none of a known provider": {
			make: silence("connect", "imap.gmail.com", "smtp.gmail.com"), step: "imap.connect", rule: "mail-ports-silent", cause: report.ConnectPortBlocked,
		},
		"one for receiving says no": {
			make: func(m *madeRun) {
				silence("connect", "imap.gmail.com", "smtp.gmail.com")(m)
				m.session("pop3", "pop.gmail.com", "connect", refusedTCP, "")
			},
			step: "imap.connect", cause: report.ConnectTimeout,
		},
		"sending was not tried": {
			make: func(m *madeRun) {
				m.session("imap", "imap.gmail.com", "connect", refusedBy(context.DeadlineExceeded), "")
			},
			step: "imap.connect", cause: report.ConnectTimeout,
		},
		"every server is silent after the connection": {
			make: silence("greeting", "imap.example.com", "smtp.example.com"), step: "imap.greeting", rule: "mail-service-silent", cause: report.ConnectTimeout,
			says: "So does every other mail server",
		},
		"every server begins a line and does not end it": {
			make: func(m *madeRun) {
				m.session("imap", "imap.example.com", "greeting", &wire.UnfinishedError{Received: 7, Err: context.DeadlineExceeded}, "")
				m.session("smtp", "smtp.example.com", "greeting", &wire.UnfinishedError{Received: 7, Err: context.DeadlineExceeded}, "")
			},
			step: "imap.greeting", cause: report.ConnectTimeout,
		},
		"one server is silent after the connection": {
			make: func(m *madeRun) { m.fails("imap", "greeting", context.DeadlineExceeded); m.good("smtp") },
			step: "imap.greeting", cause: report.ConnectTimeout,
		},

		"a certificate in the name of a known server": {
			make: tls("imap.gmail.com", shows(t, "imap.gmail.com", "imap.gmail.com", "Hotel Root", valid)), step: "imap.tls", rule: "forged-certificate",
			cause: report.TLSIntercepted, says: `It was issued by "Hotel Root". imap.gmail.com is a known server`,
		},
		"a certificate in the name of a server of one's own": {
			make: tls("imap.example.com", shows(t, "imap.example.com", "imap.example.com", "Own Root", valid)), step: "imap.tls", cause: report.TLSUnknownAuthority,
		},
		"a known server whose authority not everybody knows": {
			make: tls("imap.ezweb.ne.jp", shows(t, "imap.ezweb.ne.jp", "imap.ezweb.ne.jp", "Old Root", valid)), step: "imap.tls", cause: report.TLSUnknownAuthority,
		},
		"another certificate in the place of a known server": {
			make: tls("imap.gmail.com", shows(t, "imap.gmail.com", "login.hotel.test", "", valid)), step: "imap.tls", rule: "not-the-real-server", cause: report.TLSHostnameMismatch,
		},
		"a page of a guest network": {
			make: tls("imap.example.com", shows(t, "imap.example.com", "login.hotel.test", "", valid)), step: "imap.tls", rule: "stranger-answers",
			cause: report.TLSHostnameMismatch, says: "the sign-in page of a guest network",
		},
		"a name of somebody who is vouched for": {
			make: tls("imap.example.com", shows(t, "imap.example.com", "mail.example.net", "Some Root", valid)), step: "imap.tls", cause: report.TLSHostnameMismatch,
		},
		"an address among the names": {
			make: tls("imap.example.com", shows(t, "imap.example.com", "127.0.0.1", "Some Root", valid)), step: "imap.tls", cause: report.TLSHostnameMismatch,
		},
		"a program on this computer by its name": {
			make: tls("localhost", shows(t, "localhost", "127.0.0.1", "Some Root", valid)), step: "imap.tls", rule: "provider-named-by-certificate",
			cause: report.TLSHostnameMismatch, says: "127.0.0.1",
		},
		"a program on this computer": {
			make: tls("127.0.0.1", shows(t, "127.0.0.1", "localhost", "", valid)), step: "imap.tls", cause: report.TLSHostnameMismatch,
		},
		"expired three hours ago": {
			make: tls("imap.example.com", shows(t, "imap.example.com", "imap.example.com", "Some Root", 3*time.Hour+time.Minute)), step: "imap.tls", rule: "expired-lately",
			cause: report.TLSExpired, says: ", 3 hours ago.",
		},
		"expired a moment ago": {
			make: tls("imap.example.com", shows(t, "imap.example.com", "imap.example.com", "Some Root", time.Minute)), step: "imap.tls", rule: "expired-lately",
			cause: report.TLSExpired, says: ", less than an hour ago.",
		},
		"expired an hour ago": {
			make: tls("imap.example.com", shows(t, "imap.example.com", "imap.example.com", "Some Root", 61*time.Minute)), step: "imap.tls", rule: "expired-lately",
			cause: report.TLSExpired, says: ", an hour ago.",
		},
		"expired two days ago": {
			make: tls("imap.example.com", shows(t, "imap.example.com", "imap.example.com", "Some Root", 48*time.Hour)), step: "imap.tls", cause: report.TLSExpired,
		},

		"a password that a stranger refused": {
			make: insecure(report.TLSIntercepted), step: "imap.auth", rule: "login-at-a-stranger", cause: report.AuthBadCredentials, says: "somebody else may have read it",
		},
		"a password refused behind a certificate that has expired": {
			make: insecure(report.TLSExpired), step: "imap.auth", cause: report.AuthBadCredentials,
		},
		"a password that others took": {
			make: func(m *madeRun) { insecure(report.TLSIntercepted)(m); m.good("smtp") },
			step: "imap.auth", cause: report.AuthBadCredentials,
		},
		"locked, and blocked from sending": {
			make: locked(lockedOut, blocked), step: "imap.auth", rule: "locked-after-misuse", cause: report.AuthAccountLocked,
		},
		"blocked from sending, and locked": {
			make: locked(lockedOut, blocked), step: "smtp.mail", rule: "locked-after-misuse", cause: report.SubmitAccountRestricted,
		},
		"locked alone": {make: locked(lockedOut, ""), step: "imap.auth", cause: report.AuthAccountLocked},
		"blocked, and the password is wrong": {
			make: locked(refusedByIMAP, blocked), step: "smtp.mail", cause: report.SubmitAccountRestricted,
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := newRun(t)
			tt.make(m)
			r := m.report()
			if tt.change != nil {
				tt.change(r)
			}
			r.Started = time.Now()
			Verdict(r, Facts{})
			check, step, _ := strings.Cut(tt.step, ".")
			s := r.Check(check).Step(step)
			if s.Rule != tt.rule || s.Cause != tt.cause {
				t.Errorf("%s by %q, want %s by %q", s.Cause, s.Rule, tt.cause, tt.rule)
			}
			if !strings.Contains(s.Explanation, tt.says) {
				t.Errorf("explanation %q, want in it %q", s.Explanation, tt.says)
			}
			if len(s.Advice) == 0 {
				t.Error("no advice")
			}
		})
	}
}

// Without a login a server that refuses the sender or the recipient may want one:
// nothing is said of a login that was accepted.
func TestRefusedWithoutLogin(t *testing.T) {
	const closed = "554 5.7.1 <a@example.net>: Recipient address rejected: Access denied"
	for name, tt := range map[string]struct {
		step, reply string
		port        int
		login       bool
		cause       report.Cause
	}{
		"Postfix, recipient":   {"rcpt", closed, 587, false, report.SubmitAuthRequired},
		"Postfix, client":      {"rcpt", "554 5.7.1 <unknown[192.0.2.1]>: Client host rejected: Access denied", 587, false, report.SubmitAuthRequired},
		"at port 25":           {"rcpt", closed, 25, false, report.SubmitRecipientDisabled},
		"with a login":         {"rcpt", closed, 587, true, report.SubmitRecipientDisabled},
		"a mailbox closed":     {"rcpt", "550 5.2.1 The mailbox is disabled", 587, false, report.SubmitRecipientDisabled},
		"the sender":           {"mail", "553 5.7.1 Sender rejected", 587, false, report.SubmitAuthRequired},
		"the sender of others": {"mail", "553 5.7.1 Sender address rejected: not owned by user", 587, true, report.SubmitSenderNotOwned},
	} {
		t.Run(name, func(t *testing.T) {
			m := newRun(t)
			m.fails("smtp", tt.step, refusal(t, tt.reply))
			r := m.report()
			r.Check("smtp").Endpoint.Port = tt.port
			Verdict(r, Facts{NoAuth: !tt.login, Send: SendRcpt, To: "a@example.net"})
			s := r.Check("smtp").Step(tt.step)
			if s.Cause != tt.cause {
				t.Errorf("%s by %q, want %s", s.Cause, s.Rule, tt.cause)
			}
			if !tt.login && (strings.Contains(r.Verdict.Headline, "this login") || strings.Contains(s.Explanation, "login and the sender were accepted")) {
				t.Errorf("%s\n%s", r.Verdict.Headline, s.Explanation)
			}
		})
	}
}

// Nothing that is refused without a login is explained with one that worked.
func TestNoLoginIsClaimed(t *testing.T) {
	claims := []string{"login worked", "login was accepted", "login and the sender were accepted", "this login", "logged in already", "sign-in",
		"ログインはできました", "ログインは受け付けられ", "ログインと送信者は", "このログイン", "サインイン"}
	for _, e := range causes {
		if family(e.cause) != "submit" || e.cause == report.SubmitRelayDenied { // "if you are logged in already"
			continue
		}
		for _, tag := range []lang.Tag{lang.English, lang.Japanese} {
			for _, to := range []string{"", "b@example.net"} {
				for _, step := range []string{"mail", "rcpt"} {
					m := newRun(t)
					smtp := m.session("smtp", "smtp.example.com", step, refusal(t, "550 no"), "")
					for _, s := range smtp.Steps {
						if s.Step == "auth" {
							s.Result, s.Because = report.Skip, report.ByFlags
						}
					}
					failed := smtp.Step(step)
					failed.Cause = e.cause
					r := m.report()
					r.Lang = string(tag)
					Verdict(r, Facts{NoAuth: true, Send: SendRcpt, To: to})
					for _, said := range append([]string{r.Verdict.Headline, failed.Explanation}, failed.Advice[0]) {
						for _, claim := range claims {
							if strings.Contains(said, claim) {
								t.Errorf("%s at %s to %q: %q", e.cause, step, to, said)
							}
						}
					}
				}
			}
		}
	}
	m := newRun(t)
	m.fails("smtp", "rcpt", refusal(t, "550 Administrative prohibition"))
	r := m.report()
	Verdict(r, Facts{NoAuth: true, Send: SendRcpt})
	if v := r.Verdict; v.Cause != report.SubmitSpamPolicy || !strings.Contains(v.Explanation, "No login was made") {
		t.Errorf("%s: %s", v.Cause, v.Explanation)
	}
	Verdict(r, Facts{Send: SendRcpt})
	if v := r.Verdict; !strings.Contains(v.Explanation, "The login worked") {
		t.Errorf("with a login: %s", v.Explanation)
	}
}

// Where a DNS server was given, it is the one that the advice is about.
func TestGivenDNSServer(t *testing.T) {
	for kind, says := range map[dns.Kind]string{dns.Timeout: "the DNS server 192.0.2.53:53 does not answer", dns.Servfail: "the DNS server 192.0.2.53:53 gives an error"} {
		m := newRun(t)
		m.one("dns", map[string]error{"mx": &dns.Error{Name: "example.com", Type: "MX", Kind: kind}})
		r := m.report()
		Verdict(r, Facts{DNS: "192.0.2.53:53"})
		v := r.Verdict
		if !strings.Contains(v.Headline, says) || !strings.HasPrefix(v.Advice[0], "Leave --dns out") {
			t.Errorf("%q, %q", v.Headline, v.Advice)
		}
		for _, advice := range v.Advice {
			if strings.Contains(advice, "router") || strings.Contains(advice, "--dns 9.9.9.9") {
				t.Errorf("advice %q", advice)
			}
		}
	}
}

// What one inference sees together is explained once, and so is what several
// findings have in common.
func TestFindingsAreNotRepeated(t *testing.T) {
	m := newRun(t)
	m.fails("imap", "auth", refusal(t, "NO [CONTACTADMIN] Your account has been locked"))
	m.fails("smtp", "mail", refusal(t, "550 5.1.8 Access denied, bad outbound sender"))
	r := m.report()
	Verdict(r, Facts{})
	if f := r.Verdict.Findings; len(f) != 1 || f[0].Advice != nil {
		t.Errorf("findings %+v", f)
	}

	m = newRun(t)
	m.fails("imap", "auth", refusal(t, refusedByIMAP))
	m.fails("pop3", "connect", refusedTCP)
	m.session("pop3#2", "pop3.example.com", "connect", refusedTCP, "")
	r = m.report()
	Verdict(r, Facts{})
	if f := r.Verdict.Findings; len(f) != 2 || f[0].Advice == nil || f[1].Advice != nil {
		t.Errorf("findings %+v", f)
	}
}
