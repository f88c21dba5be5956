package diagnose

import (
	"slices"
	"strings"
	"testing"
	"time"

	"mailcheck/report"
)

// unencrypted is a run of IMAP, POP3 and SMTP on the ports for STARTTLS, none
// of which offers it.
func unencrypted(t *testing.T, lang string, probes ...probe) *report.Report {
	m := newRun(t)
	m.start()
	ports := map[string]int{"imap": 143, "pop3": 110, "smtp": 587}
	for _, id := range []string{"imap", "pop3", "smtp"} {
		m.session(id, id+".example.com", "tls", &report.Fault{Cause: report.TLSStartTLSNotOffered}, "").Endpoint.Port = ports[id]
	}
	r := &report.Report{Address: "anna@example.com", Lang: lang, Checks: m.log.Checks()}
	for _, c := range r.Checks {
		if c.Endpoint != nil {
			c.Endpoint.Security = report.STARTTLS
		}
	}
	probing(r, probes...)
	Verdict(r, Facts{})
	return r
}

func secured(p report.Protocol, port int) report.Endpoint {
	return report.Endpoint{Protocol: p, Host: string(p) + ".example.com", Port: port, Security: report.TLS}
}

// The way that works is told for each protocol, once.
func TestEveryProtocolIsAdvised(t *testing.T) {
	for lang, want := range map[string][]string{
		"en": {
			"Set the incoming server: imap.example.com, port 993, encryption SSL/TLS.",
			"Set the incoming server: pop3.example.com, port 995, encryption SSL/TLS.",
			"Set the outgoing server: smtp.example.com, port 465, encryption SSL/TLS.",
		},
		"ja": {
			"受信サーバーを設定してください: imap.example.com、ポート 993、暗号化 SSL/TLS。",
			"受信サーバーを設定してください: pop3.example.com、ポート 995、暗号化 SSL/TLS。",
			"送信サーバーを設定してください: smtp.example.com、ポート 465、暗号化 SSL/TLS。",
		},
	} {
		r := unencrypted(t, lang, probe{secured(report.IMAP, 993), ""}, probe{secured(report.POP3, 995), ""}, probe{secured(report.SMTP, 465), ""})
		advice := r.Verdict.Advice
		if len(advice) < 4 || !slices.Equal(advice[:3], want) {
			t.Errorf("advice %q, want first %q", advice, want)
		}
		for i, a := range advice {
			if i >= 3 && strings.Contains(a, "993") {
				t.Errorf("the port again: %q", a)
			}
		}
	}
}

// A port that the probes found dead is advised in no words.
func TestDeadPortIsNotAdvised(t *testing.T) {
	for name, tt := range map[string]struct {
		cause report.Cause
		names bool
	}{
		"it works":     {"", true},
		"it is closed": {report.ConnectRefused, false},
	} {
		r := unencrypted(t, "en", probe{secured(report.IMAP, 993), tt.cause})
		if said := strings.Join(r.Verdict.Advice, "\n"); strings.Contains(said, "993") != tt.names {
			t.Errorf("%s: advice\n%s", name, said)
		}
		if len(r.Verdict.AdminAdvice) == 0 {
			t.Errorf("%s: the administrator is told nothing", name)
		}
	}
}

// Where another port works, the service is not down and the name is right;
// where none does, both may be so.
func TestRefusedPort(t *testing.T) {
	for name, tt := range map[string]struct {
		probed      []probe
		ports, down bool
	}{
		"not probed":    {nil, true, true},
		"all closed":    {[]probe{{secured(report.SMTP, 465), report.ConnectRefused}}, false, true},
		"another works": {[]probe{{secured(report.SMTP, 465), ""}}, false, false},
	} {
		for lang, words := range map[string][2]string{"en": {"587", "the service is down"}, "ja": {"587", "サービスが止まっています"}} {
			m := newRun(t)
			m.start()
			m.good("imap")
			m.session("smtp", "smtp.example.com", "connect", refusedTCP, "").Endpoint.Port = 587
			r := &report.Report{Address: "anna@example.com", Lang: lang, Checks: m.log.Checks()}
			if tt.probed != nil {
				probing(r, tt.probed...)
			}
			Verdict(r, Facts{})
			said := strings.Join(r.Verdict.Advice, "\n")
			if strings.Contains(said, words[0]) != tt.ports || strings.Contains(said, words[1]) != tt.down {
				t.Errorf("%s (%s): advice\n%s", name, lang, said)
			}
		}
	}
}

// A password that was taken in the run is no longer a cause that is told beside
// another one; one that was taken nowhere is.
func TestDisprovedAlternatives(t *testing.T) {
	for name, tt := range map[string]struct {
		step  string
		cause report.Cause
		taken bool
		want  bool
	}{
		"IMAP took the password":      {"auth", report.AuthBadCredentials, true, false},
		"nobody took it":              {"auth", report.AuthBadCredentials, false, true},
		"SMTP took the login":         {"mail", report.SubmitAuthRequired, false, false},
		"SMTP took the password":      {"mail", report.AuthBadCredentials, false, false},
		"that is not about the login": {"mail", report.SubmitRateLimited, true, true},
	} {
		m := newRun(t)
		m.start()
		if tt.taken {
			m.good("imap")
		}
		c := m.session("smtp", "smtp.example.com", tt.step, &report.Fault{Cause: report.AuthRateLimited}, "")
		s := c.Step(tt.step)
		s.Alternatives = []report.Alternative{{Cause: tt.cause, Confidence: report.Low}}
		r := &report.Report{Address: "anna@example.com", Checks: m.log.Checks()}
		Verdict(r, Facts{})
		if told := len(s.Alternatives) > 0; told != tt.want || len(s.Others) != len(s.Alternatives) {
			t.Errorf("%s: alternatives %+v, told as %+v", name, s.Alternatives, s.Others)
		} else if told && s.Others[0].Title == "" {
			t.Errorf("%s: no title", name)
		}
	}
}

// What does not go with the kind of secret, the connection or the provider is
// no other cause of a refused login.
func TestForeignAlternatives(t *testing.T) {
	for name, tt := range map[string]struct {
		address, host, kind string
		tls                 *report.TLSFacts
		cause               report.Cause
		want                bool
	}{
		"a token, after a password":              {"anna@gmail.com", "imap.gmail.com", "password", nil, report.AuthTokenExpired, false},
		"an app password, after a token":         {"anna@gmail.com", "imap.gmail.com", "token", nil, report.AuthAppPasswordRequired, false},
		"an app password, after a password":      {"anna@gmail.com", "imap.gmail.com", "password", nil, report.AuthAppPasswordRequired, true},
		"an app password, where there are none":  {"anna@yahoo.co.jp", "imap.mail.yahoo.co.jp", "password", nil, report.AuthAppPasswordRequired, false},
		"no passwords, where there are some":     {"anna@yahoo.co.jp", "imap.mail.yahoo.co.jp", "password", nil, report.AuthBasicAuthDisabled, false},
		"no passwords, of whom nothing is known": {"anna@example.com", "imap.example.com", "password", nil, report.AuthBasicAuthDisabled, true},
		"encryption, where there was some":       {"anna@example.com", "imap.example.com", "password", &report.TLSFacts{Version: "TLS 1.3"}, report.AuthEncryptionRequired, false},
		"encryption, where there was none":       {"anna@example.com", "imap.example.com", "password", nil, report.AuthEncryptionRequired, true},
	} {
		m := newRun(t)
		m.start()
		c := m.session("imap", tt.host, "auth", &report.Fault{Cause: report.AuthRateLimited}, "")
		c.TLS = tt.tls
		s := c.Step("auth")
		s.Alternatives = []report.Alternative{{Cause: tt.cause, Confidence: report.Low}}
		r := &report.Report{Address: tt.address, Checks: m.log.Checks(), Credentials: &report.Credentials{Kind: tt.kind}}
		Verdict(r, Facts{})
		if told := len(s.Alternatives) > 0; told != tt.want || len(s.Others) != len(s.Alternatives) {
			t.Errorf("%s: alternatives %+v, told as %+v", name, s.Alternatives, s.Others)
		}
	}
}

// A cause that is called as that of the step is not told beside it.
func TestNoCauseBesideItself(t *testing.T) {
	m := newRun(t)
	m.start()
	s := m.session("imap", "imap.gmail.com", "auth", &report.Fault{Cause: report.AuthTokenExpired}, "").Step("auth")
	s.Alternatives = []report.Alternative{{Cause: report.AuthBadCredentials}, {Cause: report.AuthWebLoginRequired}}
	Verdict(&report.Report{Address: "anna@gmail.com", Checks: m.log.Checks(), Credentials: &report.Credentials{Kind: "token"}}, Facts{})
	if len(s.Others) != 1 || s.Others[0].Cause != report.AuthWebLoginRequired {
		t.Errorf("told %+v", s.Others)
	}
}

// What the advice is to change, another user name or sign-in, is not proven.
func TestDoubtedSignInIsNotProven(t *testing.T) {
	for name, tt := range map[string]struct {
		id, step string
		cause    report.Cause
		host     string
		doubted  bool
	}{
		"the mailbox is not opened":      {"imap", "mailbox", report.MailboxBackendRefused, "imap.example.com", true},
		"Microsoft refuses the sender":   {"smtp", "mail", report.SubmitSenderNotOwned, "smtp-mail.outlook.com", true},
		"another one refuses the sender": {"smtp", "mail", report.SubmitSenderNotOwned, "smtp.example.com", false},
		"the mailbox is in use":          {"imap", "mailbox", report.MailboxInUse, "imap.example.com", false},
	} {
		m := newRun(t)
		m.start()
		for _, id := range []string{"imap", "smtp"} {
			if id == tt.id {
				m.session(id, tt.host, tt.step, &report.Fault{Cause: tt.cause}, "")
			} else {
				m.good(id)
			}
		}
		r := &report.Report{Address: "anna@example.com", Checks: m.log.Checks()}
		Verdict(r, Facts{})
		said := strings.Join(r.Verdict.Proven, "\n")
		if strings.Contains(said, "user name") == tt.doubted || !strings.Contains(said, "IMAP and SMTP: server name, port") {
			t.Errorf("%s: proven\n%s", name, said)
		}
	}
}

// A full mailbox of one's own takes no mail; whether mail to others goes out is
// not known.
func TestHeadlineOfOwnFullMailbox(t *testing.T) {
	for to, want := range map[string]string{
		"":                  "NO MORE MAIL CAN REACH YOU: the mailbox is full; sending to others was not tested.",
		"berta@example.net": "YOU CAN RECEIVE BUT NOT SEND: ",
	} {
		m := newRun(t)
		m.start()
		m.good("imap")
		m.session("smtp", "smtp.example.com", "rcpt", &report.Fault{Cause: report.SubmitRecipientQuota}, "")
		r := &report.Report{Address: "anna@example.com", Checks: m.log.Checks()}
		Verdict(r, Facts{To: to})
		if !strings.HasPrefix(r.Verdict.Headline, want) {
			t.Errorf("to %q: %s", to, r.Verdict.Headline)
		}
	}
}

// What is to be allowed is called by the name that it has for the protocol that
// was refused.
func TestAdministratorAllowsTheProtocol(t *testing.T) {
	for _, tt := range []struct{ lang, id, want string }{
		{"en", "imap", "Allow IMAP for anna@example.com, and look in the log of imap.example.com"},
		{"en", "smtp", "Allow SMTP AUTH for anna@example.com, and look in the log of smtp.example.com"},
		{"ja", "imap", "anna@example.com に IMAP を許可し、"},
		{"ja", "smtp", "anna@example.com に SMTP AUTH を許可し、"},
	} {
		m := newRun(t)
		m.start()
		for _, id := range []string{"imap", "pop3", "smtp"} {
			if id == tt.id {
				m.fails(id, "auth", &report.Fault{Cause: report.AuthBadCredentials})
			} else {
				m.good(id)
			}
		}
		r := &report.Report{Address: "anna@example.com", Lang: tt.lang, Checks: m.log.Checks()}
		Verdict(r, Facts{})
		if said := strings.Join(r.Verdict.AdminAdvice, "\n"); !strings.HasPrefix(said, tt.want) {
			t.Errorf("%s (%s): %s", tt.id, tt.lang, said)
		}
	}
}

// The right name of the server is told for each protocol that has the wrong one,
// and is tested for all of them at once.
func TestServerOfEveryProtocolIsAdvised(t *testing.T) {
	for lang, want := range map[string][]string{
		"en": {
			"Set sv1234.xserver.jp as the IMAP server in the mail program, in place of mail.example.jp.",
			"Set sv1234.xserver.jp as the SMTP server in the mail program, in place of mail.example.jp.",
			"Test it: mailcheck --imap imaps://sv1234.xserver.jp --smtp smtps://sv1234.xserver.jp anna@example.jp",
		},
		"ja": {
			"メールソフトの IMAP サーバーを、mail.example.jp から sv1234.xserver.jp に変更してください。",
			"メールソフトの SMTP サーバーを、mail.example.jp から sv1234.xserver.jp に変更してください。",
			"確認するには: mailcheck --imap imaps://sv1234.xserver.jp --smtp smtps://sv1234.xserver.jp anna@example.jp",
		},
	} {
		m := newRun(t)
		m.start()
		for _, id := range []string{"imap", "smtp"} {
			m.session(id, "mail.example.jp", "tls", shows(t, "mail.example.jp", "sv1234.xserver.jp", "Some Root", -30*24*time.Hour), "")
		}
		r := &report.Report{Address: "anna@example.jp", Lang: lang, Checks: m.log.Checks()}
		Verdict(r, Facts{MX: []string{"sv1234.xserver.jp"}})
		if !slices.Equal(r.Verdict.Advice, want) {
			t.Errorf("advice %q, want %q", r.Verdict.Advice, want)
		}
	}
}
