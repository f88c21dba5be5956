package diagnose

import (
	"cmp"
	"slices"
	"strings"
	"testing"
	"time"

	"mailcheck/internal/lang"
	"mailcheck/internal/provider"
	"mailcheck/report"
)

// adviceAt is what a failed login is told at the server of an account.
func adviceAt(address string, e report.CheckEndpoint, p report.Protocol, cause report.Cause) (setting, *report.Check, *report.Step) {
	check := &report.Check{ID: string(p), Protocol: p, Endpoint: &e}
	step := &report.Step{ID: string(p) + ".auth", Step: "auth", Result: report.Fail, Cause: cause}
	check.Steps = []*report.Step{step}
	r := &report.Report{Address: address, Started: time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC), Checks: []*report.Check{check}}
	return settingOf(r, Facts{}), check, step
}

func TestAdviceFitsTheProvider(t *testing.T) {
	for name, tt := range map[string]struct {
		address  string
		host     string
		port     int // zero means 993
		source   string
		protocol report.Protocol
		cause    report.Cause
		want     []string // in explanation or advice
		not      string
	}{
		"Gmail": {address: "anna@gmail.com", host: "imap.gmail.com", protocol: report.IMAP, cause: report.AuthBadCredentials,
			want: []string{"Gmail takes only an app password", "Make a new app password (mostly with two-step verification switched on before): https://myaccount.google.com/apppasswords",
				"Gmail, since 2022-05-30: Password logins of personal accounts ended"}},
		"an app password without a page": {address: "anna@kakao.com", host: "imap.kakao.com", protocol: report.IMAP, cause: report.AuthBadCredentials,
			want: []string{"App passwords are made in the security settings"}, not: "Make a new app password"},
		"a code": {address: "anna@qq.com", host: "imap.qq.com", protocol: report.IMAP, cause: report.AuthBadCredentials,
			want: []string{"QQ Mail takes an authorization code", "Get a new authorization code: QQ Mail on the web > Settings"}},
		"off at first": {address: "anna@yahoo.co.jp", host: "smtp.mail.yahoo.co.jp", protocol: report.SMTP, cause: report.AuthBadCredentials,
			want: []string{"SMTP is not switched on yet", "https://support.yahoo-net.jp/PccMail/s/article/H000014864",
				"wants anna (the Yahoo! JAPAN ID, which is mostly the part before the @); anna@yahoo.co.jp was used."}},
		"a name of its own": {address: "anna@docomo.ne.jp", host: "imap.spmode.ne.jp", protocol: report.IMAP, cause: report.AuthBadCredentials,
			want: []string{"a password of its own for mail", "wants the d ACCOUNT ID or the ID for IMAP; anna@docomo.ne.jp was used.",
				"docomo Mail, since 2019-11-26: The IMAP password is wanted in Japan too."}},
		"an organisation": {address: "anna@example.com", host: "smtp.office365.com", source: "mx", protocol: report.SMTP, cause: report.AuthSMTPAuthDisabled,
			want: []string{"https://admin.microsoft.com", "Set-CASMailbox anna@example.com -SmtpClientAuthenticationDisabled $false",
				"Microsoft 365, from 2026-12-31 on: Password logins by SMTP"}, not: "IMAP and POP ended"},
		"a person at the same company": {address: "anna@hotmail.com", host: "smtp-mail.outlook.com", protocol: report.SMTP, cause: report.AuthSMTPAuthDisabled,
			want: []string{"has no administrator", "https://account.microsoft.com"}, not: "Set-CASMailbox"},
		"a server of two brands": {address: "anna@outlook.jp", host: "outlook.office365.com", protocol: report.IMAP, cause: report.AuthProtocolDisabled,
			want: []string{"At Outlook.com it is switched on here: Outlook on the web > Settings"}, not: "administrator"},
		"two brands, by the domain of one's own": {address: "anna@example.com", host: "outlook.office365.com", protocol: report.IMAP, cause: report.AuthProtocolDisabled,
			want: []string{"https://admin.microsoft.com"}},
		"a customer's host": {address: "info@example.jp", host: "sv1234.xserver.jp", source: "mx", protocol: report.SMTP, cause: report.AuthBlockedByPolicy,
			want: []string{"A peculiarity of Xserver: Sending with a login from outside Japan"}},
		"a bridge": {address: "anna@proton.me", host: "127.0.0.1", protocol: report.IMAP, cause: report.ConnectRefused,
			want: []string{"Start Bridge on this computer"}},
		"a server of one's own on this computer": {address: "anna@example.com", host: "127.0.0.1", source: "flags", protocol: report.IMAP, cause: report.ConnectRefused,
			want: []string{"Check the port"}, not: "Bridge"},
		"a program of this computer": {address: "anna@example.com", host: "localhost", port: 1143, source: "flags", protocol: report.IMAP, cause: report.ConnectRefused,
			want: []string{"nothing listens at localhost port 1143", "Start that program on this computer", "which port it has for IMAP"}, not: "help page"},
		"the same port elsewhere": {address: "anna@example.com", host: "192.0.2.1", port: 1143, source: "flags", protocol: report.IMAP, cause: report.ConnectRefused,
			want: []string{"Check the port"}, not: "this computer"},
		"its servers": {address: "anna@gmail.com", host: "imap.gmail.com", protocol: report.IMAP, cause: report.ConnectRefused,
			want: []string{"The servers of Gmail are listed at https://support.google.com/mail/answer/7126229"}},
		"the servers of an organisation": {address: "anna@example.com", host: "smtp.office365.com", source: "mx", protocol: report.SMTP, cause: report.ConnectRefused,
			want: []string{"The servers of Microsoft 365 are listed at https://learn.microsoft.com/"}, not: "aka.ms"},
		"abroad": {address: "info@example.jp", host: "sv1234.xserver.jp", source: "mx", protocol: report.SMTP, cause: report.AuthBadCredentials,
			want: []string{"a password of its own for mail", "A peculiarity of Xserver: Sending with a login from outside Japan is refused"}},
		"a peculiarity of another protocol": {address: "anna@icloud.com", host: "imap.mail.me.com", protocol: report.IMAP, cause: report.ConnectRefused,
			want: []string{"nothing listens"}, not: "peculiarity"},
		"the password of the account": {address: "anna@biglobe.ne.jp", host: "mail.biglobe.ne.jp", protocol: report.IMAP, cause: report.AuthBadCredentials,
			want: []string{"BIGLOBE takes the password of the account", "https://faq.support.biglobe.ne.jp"}, not: "app password"},
		"no administrator to tell": {address: "anna@gmail.com", host: "imap.gmail.com", protocol: report.IMAP, cause: report.TLSExpired,
			want: []string{"Check the date of this computer"}, not: "Renew the certificate"},
		"somebody else's server by flags": {address: "anna@gmail.com", host: "mail.example.com", source: "flags", protocol: report.IMAP, cause: report.AuthBadCredentials,
			want: []string{"Log in on the provider's web page"}, not: "Gmail"},
	} {
		t.Run(name, func(t *testing.T) {
			s, check, step := adviceAt(tt.address, report.CheckEndpoint{Host: tt.host, Port: cmp.Or(tt.port, 993), Source: tt.source}, tt.protocol, tt.cause)
			words := s.word(check, step)
			said := strings.Join(words.texts(), "\n")
			for _, want := range tt.want {
				if !strings.Contains(said, want) {
					t.Errorf("no %q in\n%s", want, said)
				}
			}
			if tt.not != "" && strings.Contains(said, tt.not) {
				t.Errorf("%q in\n%s", tt.not, said)
			}
		})
	}
}

// The end of passwords explains no failure of a sign-in, nor one where another
// protocol took the password.
func TestEndOfPasswords(t *testing.T) {
	const end = "Password logins of personal accounts ended"
	for name, tt := range map[string]struct {
		kind  string
		taken bool
		want  bool
	}{
		"a password":                          {"password", false, true},
		"a password that another server took": {"password", true, false},
		"a sign-in":                           {"token", false, false},
	} {
		s, check, step := adviceAt("anna@gmail.com", report.CheckEndpoint{Host: "pop.gmail.com", Port: 995}, report.POP3, report.AuthProtocolDisabled)
		s.report.Credentials = &report.Credentials{Kind: tt.kind}
		if tt.taken {
			took := &report.Step{ID: "imap.auth", Step: "auth", Result: report.OK}
			s.report.Checks = append(s.report.Checks, &report.Check{ID: "imap", Protocol: report.IMAP, Steps: []*report.Step{took}})
		}
		if said := s.word(check, step).Explanation; strings.Contains(said, end) != tt.want {
			t.Errorf("%s: %s", name, said)
		}
	}
}

// A user name that one server wants in another form is not said to be right,
// because another server took it.
func TestUserNameOfAnotherForm(t *testing.T) {
	for cause, right := range map[report.Cause]bool{report.AuthUsernameForm: false, report.AuthBadCredentials: true} {
		s, check, step := adviceAt("anna@icloud.com", report.CheckEndpoint{Host: "smtp.mail.me.com", Port: 587}, report.SMTP, cause)
		took := &report.Step{ID: "imap.auth", Step: "auth", Result: report.OK}
		s.report.Checks = append(s.report.Checks, &report.Check{ID: "imap", Protocol: report.IMAP, Endpoint: &report.CheckEndpoint{Host: "imap.mail.me.com", Port: 993}, Steps: []*report.Step{took}})
		said := s.word(check, step).Explanation
		if !strings.Contains(said, "IMAP took the same user name") || strings.Contains(said, "they are right") != right {
			t.Errorf("%s: %s", cause, said)
		}
	}
}

// At every provider and for every cause the words are complete, and not more
// than anybody reads.
func TestFormAtEveryProvider(t *testing.T) {
	for _, p := range provider.All() {
		address := "anna@example.com"
		if len(p.Domains) > 0 {
			address = "anna@" + p.Domains[0]
		}
		for _, e := range causes {
			for _, protocol := range []report.Protocol{report.IMAP, report.POP3, report.SMTP} {
				for _, tag := range []lang.Tag{lang.English, lang.Japanese} {
					w := WordsAt(e.cause, p, Values{Lang: tag, Protocol: protocol, Address: address, User: address})
					if n := len(w.Advice); n > 6 || n == 0 && !slices.Contains(withoutAdvice, e.cause) {
						t.Errorf("%s at %s: %d advices", e.cause, p.ID, n)
					}
					for _, text := range w.texts() {
						if strings.ContainsAny(text, "{}") {
							t.Errorf("%s at %s: a placeholder stays in %q", e.cause, p.ID, text)
						}
						if tag == lang.Japanese && leftEnglish(text, p) != "" {
							t.Errorf("%s at %s: %q in %q", e.cause, p.ID, leftEnglish(text, p), text)
						}
					}
				}
			}
		}
	}
}

func TestWordsAt(t *testing.T) {
	gmail, _ := provider.ByDomain("gmail.com")
	v := Values{Protocol: report.IMAP}
	if got := WordsAt(report.AuthBadCredentials, gmail, v).Advice[0]; got != "Make a new app password (mostly with two-step verification switched on before): https://myaccount.google.com/apppasswords" {
		t.Errorf("got %q", got)
	}
	if got, want := WordsAt(report.AuthBadCredentials, nil, v), Lookup(report.AuthBadCredentials, lang.English).Fill(v); !slices.Equal(got.Advice, want.Advice) {
		t.Errorf("without a provider: %q, want %q", got.Advice, want.Advice)
	}
}

func TestDocumentedLogin(t *testing.T) {
	for _, tt := range []struct{ address, user, want string }{
		{"anna@free.fr", "anna@free.fr", "anna"},
		{"anna@free.fr", "anna", ""},
		{"anna@docomo.ne.jp", "anna@docomo.ne.jp", "the d ACCOUNT ID or the ID for IMAP"},
		{"anna@docomo.ne.jp", "dxy123", ""}, // it may be that ID
		{"anna@yahoo.co.jp", "", "anna (the Yahoo! JAPAN ID, which is mostly the part before the @)"},
		{"anna@yahoo.co.jp", "xyz", ""},
	} {
		p, _ := provider.ByDomain(domainOf(tt.address))
		v := Values{Protocol: report.IMAP, Address: tt.address, User: tt.user}.At(p, report.AuthBadCredentials)
		if v.Login != tt.want {
			t.Errorf("%s at %s: got %q, want %q", tt.user, tt.address, v.Login, tt.want)
		}
	}
}

func TestBegan(t *testing.T) {
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	for date, want := range map[string]bool{
		"2024": true, "2026": true, "2027": false, "2026-11": true, "2026-12": false, "2026-11-26": true, "2026-11-27": false,
	} {
		if got := began(date, now); got != want {
			t.Errorf("%s: got %t", date, got)
		}
	}
}

// A login that looked unusual is not one with the wrong kind of password.
func TestEndOfPasswordsIsNotAnUnusualLogin(t *testing.T) {
	for cause, want := range map[report.Cause]bool{report.AuthAppPasswordRequired: true, report.AuthWebLoginRequired: false} {
		m := newRun(t)
		m.start()
		m.session("imap", "imap.gmail.com", "auth", &report.Fault{Cause: cause}, "")
		r := &report.Report{Address: "anna@gmail.com", Started: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), Checks: m.log.Checks()}
		Verdict(r, Facts{})
		if strings.Contains(r.Verdict.Explanation, "Password logins of personal accounts ended") != want {
			t.Errorf("%s: %s", cause, r.Verdict.Explanation)
		}
	}
}
