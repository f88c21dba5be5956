package provider

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"mailcheck/report"
)

func idOf(p *Provider, ok bool) string {
	if ok != (p != nil) {
		return "a contradiction"
	}
	if !ok {
		return ""
	}
	return p.ID
}

func TestByDomain(t *testing.T) {
	for domain, want := range map[string]string{
		"gmail.com":               "gmail",
		"GoogleMail.Com.":         "gmail",
		"hotmail.com":             "outlook-com",
		"outlook.com.tr":          "outlook-com", // the pattern
		"hotmail.nl":              "outlook-com",
		"outlook.example":         "",
		"contoso.onmicrosoft.com": "microsoft-365",
		"me.com":                  "icloud",
		"yahoo.co.jp":             "yahoo-jp",
		"yahoo.co.uk":             "yahoo",
		"juno.ocn.ne.jp":          "ocn",
		"a.b.ocn.ne.jp":           "",
		"notocn.ne.jp":            "",
		"ocn.ne.jp.example":       "",
		"ab.auone-net.jp":         "au-one-net",
		"d3.dion.ne.jp":           "au-one-net",
		"h2.dion.ne.jp":           "dion",
		"taro.sakura.ne.jp":       "sakura",
		"goo.jp":                  "goo-mail",
		"nyc.rr.com":              "twc",
		"example.com":             "",
		"":                        "",
		".":                       "",
		"com":                     "",
		"ymobile.ne.jp":           "", // not confirmed
	} {
		if got := idOf(ByDomain(domain)); got != want {
			t.Errorf("%q is %q, want %q", domain, got, want)
		}
	}
}

func TestByMX(t *testing.T) {
	for host, want := range map[string]string{
		"gmail-smtp-in.l.google.com":                    "gmail",
		"alt2.gmail-smtp-in.l.google.com":               "gmail",
		"aspmx.l.google.com":                            "google-workspace",
		"ALT1.ASPMX.L.GOOGLE.COM.":                      "google-workspace",
		"aspmx2.googlemail.com":                         "google-workspace",
		"smtp.google.com":                               "google-workspace",
		"xsmtp.google.com":                              "", // a label is whole
		"google.com":                                    "",
		"hotmail-com.olc.protection.outlook.com":        "outlook-com",
		"contoso-com.mail.protection.outlook.com":       "microsoft-365",
		"contoso-com.b-v1.mx.microsoft":                 "microsoft-365",
		"mx.microsoft.com":                              "",
		"mx01.mail.icloud.com":                          "icloud",
		"mta7.am0.yahoodns.net":                         "yahoo", // cox and others share it
		"mx-biz.mail.am0.yahoodns.net":                  "yahoo",
		"mx-aol.mail.gm0.yahoodns.net":                  "aol", // the longer suffix
		"mx1.mail.yahoo.co.jp":                          "yahoo-jp",
		"mx00.gmx.net":                                  "gmx-net",
		"mx9.gmx.net":                                   "gmx-com",
		"mx1.mail.ovh.net":                              "ovh",
		"mx3.ovh.net":                                   "ovh",
		"ex4.mail.ovh.net":                              "", // hosted Exchange: other servers
		"vps12345.vps.ovh.net":                          "", // a customer's machine
		"www123.your-server.de":                         "hetzner",
		"static.1.2.0.192.clients.your-server.de":       "",
		"taro.sakura.ne.jp":                             "sakura",
		"ik1-123-45678.vs.sakura.ne.jp":                 "",
		"sv1234.xserver.jp":                             "xserver",
		"p1234-ipngn.tokyo.ocn.ne.jp":                   "",
		"mx.zoho.eu":                                    "zoho-eu",
		"mx2.zoho.com":                                  "zoho-us",
		"mx00.kundenserver.de":                          "ionos-de",
		"mx01.1and1.co.uk":                              "ionos-co-uk",
		"mx.pec.aruba.it":                               "aruba-pec",
		"inbound-smtp.eu-west-1.amazonaws.com":          "amazon-workmail",
		"inbound-smtp.ap-northeast-1.amazonaws.com":     "in-ses",
		"x.inbound-smtp.ap-northeast-1.amazonaws.com":   "",
		"mxa-00176a02.gslb.pphosted.com":                "gw-proofpoint",
		"route1.mx.cloudflare.net":                      "fw-cloudflare",
		"mx.example.com":                                "",
		"pphosted.com.example":                          "",
		"":                                              "",
		".":                                             "",
		strings.Repeat("a.", 200) + "mx.cloudflare.net": "", // no name is that long
	} {
		if got := idOf(ByMX(host)); got != want {
			t.Errorf("%.60q is %q, want %q", host, got, want)
		}
	}
}

// Of two patterns that match, the longer says more, whichever file comes first.
func TestLongestPattern(t *testing.T) {
	const file = `{"id":"%s","domain_pattern":"%s"}`
	table, err := load(fstest.MapFS{
		"data/a.json": {Data: fmt.Appendf(nil, file, "a", `^[a-z.]+[.]example$`)},
		"data/b.json": {Data: fmt.Appendf(nil, file, "b", `^[a-z.]+[.]inner[.]example$`)},
	})
	if err != nil {
		t.Fatal(err)
	}
	for domain, want := range map[string]string{"x.inner.example": "b", "x.outer.example": "a", "example": "", "x.INNER.example.": "b"} {
		if got := idOf(table.byDomain(domain)); got != want {
			t.Errorf("%s is %q, want %q", domain, got, want)
		}
	}
}

func TestFind(t *testing.T) {
	for text, want := range map[string]string{
		"gmail": "gmail", "Google Mail": "gmail", "gmail.com": "gmail", "anna@gmail.com": "gmail", "  Gmail ": "gmail",
		"outlook": "outlook-com", "Hotmail": "outlook-com", "outlook.com": "outlook-com",
		"Office 365": "microsoft-365", "m365": "microsoft-365", "icloud": "icloud", "apple": "icloud",
		"yahoo": "yahoo", "Yahoo! JAPAN": "yahoo-jp", "Yahoo!メール": "yahoo-jp", "ヤフーメール": "yahoo-jp", "yahoo-jp": "yahoo-jp",
		"お名前メール": "onamae", "onamae": "onamae", "zoho": "zoho-us", "Zoho Mail (EU)": "zoho-eu",
		"goo": "goo-mail", "cloudflare": "fw-cloudflare", "proofp": "gw-proofpoint",
		"net": "", "netease 1": "", // several begin like that
		"": "", "@": "", "!": "", "example.com": "", "anna@example.com": "",
	} {
		if got := idOf(Find(text)); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
	for _, p := range All() {
		for _, name := range append([]string{p.ID, p.Name}, p.Aliases...) {
			if got := idOf(Find(name)); got != p.ID {
				t.Errorf("%q is %q, want %q", name, got, p.ID)
			}
		}
	}
}

// whole is all that a mail program is told of a provider.
func whole(p *Provider, at Place) string {
	var out []string
	for _, protocol := range []report.Protocol{report.IMAP, report.POP3, report.SMTP} {
		form, second, _ := p.Login(protocol, at)
		if second != "" {
			form += "/" + second
		}
		for _, s := range p.Servers(protocol, at) {
			out = append(out, fmt.Sprintf("%s %s:%d %s %s", protocol, s.Host, s.Port, s.Security, form))
		}
		if p.Lacks(protocol) {
			out = append(out, "no "+string(protocol))
		}
	}
	return strings.Join(out, ", ")
}

// The four that most people have.
func TestTheFour(t *testing.T) {
	for _, tc := range []struct {
		domain  string
		servers string
		policy  AuthPolicy
		enable  []report.Protocol
		catches []string // each in one of the catches
		docs    []string
		ended   string // when passwords did
	}{
		{
			domain: "gmail.com",
			servers: "imap imap.gmail.com:993 tls email, pop3 pop.gmail.com:995 tls email, " +
				"smtp smtp.gmail.com:465 tls email, smtp smtp.gmail.com:587 starttls email",
			policy: OAuth2OrAppPassword, enable: []report.Protocol{report.POP3},
			catches: []string{"2-Step Verification", "app password", "534 5.7.9", "Application-specific password required", "IMAP is always on"},
			docs:    []string{"https://support.google.com/mail/answer/185833", "https://myaccount.google.com/apppasswords", "https://support.google.com/mail/answer/7126229"},
			ended:   "2022-05-30",
		},
		{
			domain: "icloud.com",
			servers: "imap imap.mail.me.com:993 tls localpart/email, no pop3, " +
				"smtp smtp.mail.me.com:587 starttls email",
			policy:  AppPassword,
			catches: []string{"app-specific password", "no POP3", "Port 465 is not offered", "primary iCloud address"},
			docs:    []string{"https://support.apple.com/102525", "https://support.apple.com/102654"},
		},
		{
			domain: "outlook.com",
			servers: "imap outlook.office365.com:993 tls email, pop3 outlook.office365.com:995 tls email, " +
				"smtp smtp-mail.outlook.com:587 starttls email",
			policy: OAuth2Only, enable: []report.Protocol{report.IMAP, report.POP3},
			catches: []string{"OAuth 2.0", "off until they are switched on", "User is authenticated but not connected", "5.7.139"},
			docs:    []string{"https://support.microsoft.com/office/pop-imap-and-smtp-settings-for-outlook-com-d088b986-291d-42b8-9564-9c414e2aa040"},
			ended:   "2024-09-16",
		},
		{
			domain: "yahoo.co.jp",
			servers: "imap imap.mail.yahoo.co.jp:993 tls localpart, pop3 pop.mail.yahoo.co.jp:995 tls localpart, " +
				"smtp smtp.mail.yahoo.co.jp:465 tls localpart",
			policy: Password, enable: []report.Protocol{report.IMAP, report.POP3, report.SMTP},
			catches: []string{"Yahoo! JAPAN ID", "ymail.ne.jp", "Not related to yahoo.com", "パスワード無効設定"},
			docs:    []string{"https://support.yahoo-net.jp/PccMail/s/article/H000014864"},
		},
	} {
		p, ok := ByDomain(tc.domain)
		if !ok {
			t.Errorf("%s is not known", tc.domain)
			continue
		}
		if got := whole(p, Place{Domain: tc.domain}); got != tc.servers {
			t.Errorf("%s: %s\nwant %s", p.ID, got, tc.servers)
		}
		if p.AuthPolicy != tc.policy || p.Confidence != High {
			t.Errorf("%s: %s, %s", p.ID, p.AuthPolicy, p.Confidence)
		}
		switch {
		case tc.enable == nil && p.MustEnable != nil, tc.enable != nil && p.MustEnable == nil:
			t.Errorf("%s: must enable %v", p.ID, p.MustEnable)
		case tc.enable != nil && !slices.Equal(p.MustEnable.Protocols, tc.enable):
			t.Errorf("%s: must enable %v", p.ID, p.MustEnable)
		}
		for _, text := range tc.catches {
			if !strings.Contains(strings.Join(p.Catches, "\n"), text) {
				t.Errorf("%s: no catch says %q", p.ID, text)
			}
		}
		pages := []string{p.Docs.Servers, p.Docs.Password, p.Docs.NewPassword, p.Docs.Enable}
		for _, page := range tc.docs {
			if !slices.Contains(pages, page) {
				t.Errorf("%s: no page %s", p.ID, page)
			}
		}
		if tc.ended != "" && (len(p.Dates) == 0 || p.Dates[0].Date != tc.ended) {
			t.Errorf("%s: dates %v", p.ID, p.Dates)
		}
	}
}

// Servers that follow from the address or the MX, and those that do not.
func TestServers(t *testing.T) {
	for _, tc := range []struct {
		id, domain, mx string
		want           string
	}{
		{"xserver", "example.jp", "sv1234.xserver.jp",
			"imap sv1234.xserver.jp:993 tls email, imap sv1234.xserver.jp:143 starttls email, " +
				"pop3 sv1234.xserver.jp:995 tls email, pop3 sv1234.xserver.jp:110 starttls email, " +
				"smtp sv1234.xserver.jp:465 tls email, smtp sv1234.xserver.jp:587 starttls email"},
		{"xserver", "example.jp", "mx1.xserver.jp", ""},
		{"xserver", "taro.xsrv.jp", "", ""},
		{"sakura", "taro.sakura.ne.jp", "", "imap taro.sakura.ne.jp:993 tls email, pop3 taro.sakura.ne.jp:995 tls email, " +
			"smtp taro.sakura.ne.jp:465 tls email, smtp taro.sakura.ne.jp:587 starttls email"},
		{"au-one-net", "ab.auone-net.jp", "", "pop3 pop.ab.auone-net.jp:995 tls email, " +
			"smtp msa.ab.auone-net.jp:465 tls email, smtp msa.ab.auone-net.jp:587 starttls email"},
		{"dion", "h2.dion.ne.jp", "", "pop3 pop.h.dion.ne.jp:995 tls email, " +
			"smtp msa.h.dion.ne.jp:465 tls email, smtp msa.h.dion.ne.jp:587 starttls email"},
		{"onamae", "Example.com", "mx.gmoserver.jp", "imap imap.example.com:993 tls email, pop3 pop.example.com:995 tls email, " +
			"pop3 pop.example.com:110 none email, smtp smtp.example.com:465 tls email, smtp smtp.example.com:587 none email"},
		{"amazon-workmail", "example.com", "inbound-smtp.eu-west-1.amazonaws.com",
			"imap imap.mail.eu-west-1.awsapps.com:993 tls email, smtp smtp.mail.eu-west-1.awsapps.com:465 tls email"},
		{"amazon-workmail", "acme.awsapps.com", "", ""}, // the region is not known
		{"zoho-eu", "zoho.eu", "", "imap imap.zoho.eu:993 tls email, pop3 pop.zoho.eu:995 tls email, " +
			"smtp smtp.zoho.eu:465 tls email, smtp smtp.zoho.eu:587 starttls email"},
		{"zoho-eu", "example.com", "mx.zoho.eu", "imap imappro.zoho.eu:993 tls email, pop3 poppro.zoho.eu:995 tls email, " +
			"smtp smtppro.zoho.eu:465 tls email"},
		{"icloud", "example.com", "mx01.mail.icloud.com", "imap imap.mail.me.com:993 tls id, no pop3, smtp smtp.mail.me.com:587 starttls id"},
		{"icloud", "me.com", "mx01.mail.icloud.com", "imap imap.mail.me.com:993 tls localpart/email, no pop3, smtp smtp.mail.me.com:587 starttls email"},
		{"web-de", "example.com", "mx-ha02.web.de", "imap imap.web.de:993 tls email, imap imap.web.de:143 starttls email, " +
			"pop3 pop3.web.de:995 tls email, pop3 pop3.web.de:110 starttls email, smtp smtp.web.de:465 tls email, smtp smtp.web.de:587 starttls email"},
		{"iij4u", "iij4u.or.jp", "", "pop3 mbox.iij4u.or.jp:110 starttls localpart.domain, smtp mbox.iij4u.or.jp:587 starttls localpart.domain"},
		{"docomo", "docomo.ne.jp", "", "imap imap.spmode.ne.jp:993 tls id, no pop3, smtp smtp.spmode.ne.jp:465 tls id"},
		{"spectrum", "charter.net", "", "imap mobile.charter.net:993 tls email, pop3 mobile.charter.net:995 tls email, smtp mobile.charter.net:587 tls email"},
		{"proton", "proton.me", "", "imap 127.0.0.1:1143 starttls id, no pop3, smtp 127.0.0.1:1025 starttls id"},
	} {
		p, ok := Find(tc.id)
		if !ok {
			t.Errorf("%s is not known", tc.id)
			continue
		}
		if got := whole(p, Place{tc.domain, tc.mx}); got != tc.want {
			t.Errorf("%s at %s %s: %s\nwant %s", tc.id, tc.domain, tc.mx, got, tc.want)
		}
	}
}

// What has no login says so of every protocol, and when it ended.
func TestNoLogin(t *testing.T) {
	for id, want := range map[string]struct {
		status Status
		ended  string
	}{
		"goo-mail":     {Ended, "2026-02-25"},
		"excite-jp":    {Ended, "2018-09-18"},
		"au-one-mail":  {Ended, "2013-09"},
		"tuta":         {NoStandardProtocols, ""},
		"hey":          {NoStandardProtocols, ""},
		"softbank-mms": {NoStandardProtocols, ""},
		// a forwarder
		"fw-cloudflare": {NotAMailbox, ""},
	} {
		p, ok := Find(id)
		if !ok || p.Status != want.status || p.Ended != want.ended {
			t.Errorf("%s: %v", id, p)
			continue
		}
		if got := whole(p, Place{Domain: "example.com"}); got != "no imap, no pop3, no smtp" {
			t.Errorf("%s: %s", id, got)
		}
	}
}

// A name of any length costs little, and none makes a pattern panic.
func FuzzMatching(f *testing.F) {
	for _, seed := range []string{"gmail.com", "mx.zoho.eu", "a.a.a.ocn.ne.jp", "例え.jp", "..", "\xff", strings.Repeat("a-", 2000) + ".ocn.ne.jp"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		for _, by := range []func(string) (*Provider, bool){ByDomain, ByMX, Find} {
			p, ok := by(name)
			if ok != (p != nil) {
				t.Fatalf("%q: %v, %v", name, p, ok)
			}
			if p == nil {
				continue
			}
			for _, protocol := range []report.Protocol{report.IMAP, report.POP3, report.SMTP} {
				for _, s := range p.Servers(protocol, Place{Domain: "example.com", MX: name}) {
					if strings.Contains(s.Host, "%") || len(s.Host) > maxName {
						t.Fatalf("%q leads to %q", name, s.Host)
					}
				}
			}
		}
	})
}

// The first question reads all files.
func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := load(data); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkByDomain(b *testing.B) {
	for b.Loop() {
		ByDomain("not-in-the-table.example.com")
	}
}

func TestByHost(t *testing.T) {
	for host, want := range map[string]string{
		"IMAP.gmail.com.": "gmail google-workspace", "outlook.office365.com": "microsoft-365 outlook-com", "imap.example.com": "", "imap.%EMAILDOMAIN%": "", "%MATCH%": "",
	} {
		var ids []string
		for _, p := range ByHost(host) {
			ids = append(ids, p.ID)
		}
		if got := strings.Join(ids, " "); got != want {
			t.Errorf("%s: got %q, want %q", host, got, want)
		}
	}
}
