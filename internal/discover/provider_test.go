package discover

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"mailcheck/creds"
	"mailcheck/internal/dns"
	"mailcheck/report"
)

// exchangers is a DNS of MX records: "10 mx.example.net".
type exchangers struct {
	world
	records []string
	err     error
	asked   *int
}

func (e exchangers) MX(_ context.Context, domain string) (*dns.Answer[dns.MX], error) {
	if e.asked != nil {
		*e.asked++
	}
	if e.err != nil {
		return nil, e.err
	}
	if len(e.records) == 0 {
		return nil, &dns.Error{Name: domain, Type: "MX", Kind: dns.NoRecords}
	}
	a := &dns.Answer[dns.MX]{}
	for _, text := range e.records {
		var mx dns.MX
		if _, err := fmt.Sscan(text, &mx.Preference, &mx.Host); err != nil {
			return nil, err
		}
		mx.Host = strings.TrimSuffix(mx.Host, ".")
		a.Records = append(a.Records, mx)
	}
	return a, nil
}

// told is an answer as "imap imap.example.com:993 tls anna [OAuth2]", a "?" for
// a host that is not vouched for, and "no pop3" for what is declined.
func told(a answer) string {
	var out []string
	for _, e := range a.endpoints {
		s := fmt.Sprintf("%s %s:%d %s", e.Protocol, e.Host, e.Port, e.Security)
		if e.Username != "" {
			s += " " + e.Username
		}
		if !e.Trusted {
			s += "?"
		}
		out = append(out, s)
	}
	for _, p := range a.declined {
		out = append(out, "no "+string(p))
	}
	return strings.Join(out, ", ")
}

func TestAskProvider(t *testing.T) {
	moved := exchangers{records: []string{"10 mta7.am0.yahoodns.net"}}
	for name, tc := range map[string]struct {
		address      string
		mx           exchangers
		want, detail string
		auth         string // of the first endpoint
	}{
		"Gmail": {
			address: "anna@gmail.com",
			want: "imap imap.gmail.com:993 tls, pop3 pop.gmail.com:995 tls, " +
				"smtp smtp.gmail.com:465 tls, smtp smtp.gmail.com:587 starttls",
			detail: "Gmail, built-in table", auth: "OAuth2 password-cleartext",
		},
		"iCloud wants two user names and has no POP3": {
			address: "anna@me.com",
			want:    "imap imap.mail.me.com:993 tls anna, smtp smtp.mail.me.com:587 starttls, no pop3",
			detail:  "iCloud Mail, built-in table", auth: "password-cleartext",
		},
		"Outlook.com takes no password": {
			address: "anna@hotmail.com",
			want: "imap outlook.office365.com:993 tls, pop3 outlook.office365.com:995 tls, " +
				"smtp smtp-mail.outlook.com:587 starttls",
			detail: "Outlook.com, built-in table", auth: "OAuth2",
		},
		"Yahoo! JAPAN wants the ID": {
			address: "taro@yahoo.co.jp",
			want: "imap imap.mail.yahoo.co.jp:993 tls taro, pop3 pop.mail.yahoo.co.jp:995 tls taro, " +
				"smtp smtp.mail.yahoo.co.jp:465 tls taro",
			detail: "Yahoo! JAPAN Mail, built-in table", auth: "password-cleartext",
		},
		"a dot in place of the @": {
			address: "taro@iij4u.or.jp",
			want: "pop3 mbox.iij4u.or.jp:110 starttls taro.iij4u.or.jp, " +
				"smtp mbox.iij4u.or.jp:587 starttls taro.iij4u.or.jp",
			detail: "IIJ4U, built-in table", auth: "password-cleartext",
		},
		"a user name that nobody can guess": {
			address: "taro@docomo.ne.jp",
			want:    "imap imap.spmode.ne.jp:993 tls, smtp smtp.spmode.ne.jp:465 tls, no pop3",
			detail:  "docomo Mail, built-in table: the user name is not the address but the d ACCOUNT ID or the ID for IMAP",
			auth:    "password-cleartext",
		},
		"a bridge": {
			address: "anna@proton.me",
			want:    "imap 127.0.0.1:1143 starttls, smtp 127.0.0.1:1025 starttls, no pop3",
			detail: "Proton Mail, built-in table: only through its program on this computer; " +
				"the user name is not the address but the user name that Proton Mail Bridge shows",
			auth: "password-cleartext",
		},
		"a sub-domain": {
			address: "taro@juno.ocn.ne.jp",
			want: "imap imap.ocn.ne.jp:993 tls, pop3 pop.ocn.ne.jp:995 tls, " +
				"smtp smtp.ocn.ne.jp:465 tls, smtp smtp.ocn.ne.jp:587 starttls",
			detail: "OCN, built-in table", auth: "password-cleartext",
		},
		"a server for each contract": {
			address: "info@taro.xsrv.jp",
			detail:  "Xserver, built-in table: its control panel names the server of this account",
		},
		"ended": {
			address: "taro@goo.jp", want: "no imap, no pop3, no smtp",
			detail: "goo Mail, built-in table: the service ended on 2026-02-25",
		},
		"ended in a month": {
			address: "taro@auone.jp", want: "no imap, no pop3, no smtp",
			detail: "au one Mail, built-in table: the service ended in 2013-09",
		},
		"no standard protocols": {
			address: "anna@tuta.com", want: "no imap, no pop3, no smtp",
			detail: "Tuta, built-in table: it has no IMAP, POP3 or SMTP, only apps of its own",
		},
		"in migration, moved": {
			address: "joe@comcast.net", mx: moved,
			want: "imap imap.mail.yahoo.com:993 tls, pop3 pop.mail.yahoo.com:995 tls, " +
				"smtp smtp.mail.yahoo.com:465 tls, smtp smtp.mail.yahoo.com:587 starttls",
			detail: "Comcast Xfinity has moved this mailbox to Yahoo Mail, built-in table", auth: "OAuth2 password-cleartext",
		},
		"in migration, not moved": {
			address: "joe@comcast.net", mx: exchangers{records: []string{"5 mx1.comcast.net"}},
			want: "imap imap.comcast.net:993 tls, imap imap.comcast.net:143 starttls, " +
				"pop3 mail.comcast.net:995 tls, pop3 mail.comcast.net:110 starttls, " +
				"smtp smtp.comcast.net:465 tls, smtp smtp.comcast.net:587 starttls",
			detail: "Comcast Xfinity, built-in table", auth: "OAuth2 password-cleartext",
		},
		"in migration, behind a filter": {
			address: "joe@xfinity.com", mx: exchangers{records: []string{"5 mxa.pphosted.com"}},
			want: "imap imap.comcast.net:993 tls, imap imap.comcast.net:143 starttls, " +
				"pop3 mail.comcast.net:995 tls, pop3 mail.comcast.net:110 starttls, " +
				"smtp smtp.comcast.net:465 tls, smtp smtp.comcast.net:587 starttls",
			detail: "Comcast Xfinity, built-in table", auth: "OAuth2 password-cleartext",
		},
		"in migration, no DNS": {
			address: "joe@xfinity.com", mx: exchangers{err: &dns.Error{Type: "MX", Kind: dns.Timeout}},
			want: "imap imap.comcast.net:993 tls, imap imap.comcast.net:143 starttls, " +
				"pop3 mail.comcast.net:995 tls, pop3 mail.comcast.net:110 starttls, " +
				"smtp smtp.comcast.net:465 tls, smtp smtp.comcast.net:587 starttls",
			detail: "Comcast Xfinity, built-in table", auth: "OAuth2 password-cleartext",
		},
		"not known": {
			address: "anna@example.com", detail: "example.com is not in the built-in table",
		},
	} {
		t.Run(name, func(t *testing.T) {
			account, err := creds.ParseAddress(tc.address)
			if err != nil {
				t.Fatal(err)
			}
			asked := 0
			tc.mx.asked = &asked
			a, err := askProvider(t.Context(), Query{Account: account, Wanted: all, Resolver: tc.mx})
			if err != nil {
				t.Fatal(err)
			}
			if got := told(a); got != tc.want {
				t.Errorf("says %s\nwant %s", got, tc.want)
			}
			if a.detail != tc.detail {
				t.Errorf("detail %q\nwant   %q", a.detail, tc.detail)
			}
			if len(a.endpoints) > 0 {
				if got := strings.Join(a.endpoints[0].Auth, " "); got != tc.auth {
					t.Errorf("auth %s, want %s", got, tc.auth)
				}
			}
			if migrating := strings.HasPrefix(name, "in migration"); migrating != (asked > 0) {
				t.Errorf("%d MX lookups", asked)
			}
		})
	}
}

// What is only offered without encryption is named, and never chosen.
func TestProviderClearText(t *testing.T) {
	account, err := creds.ParseAddress("taro@asahi-net.or.jp")
	if err != nil {
		t.Fatal(err)
	}
	a, err := askProvider(t.Context(), Query{Account: account, Wanted: all})
	if err != nil {
		t.Fatal(err)
	}
	clear := 0
	for _, e := range a.endpoints {
		if e.Security == report.None {
			clear++
		}
	}
	if first := a.endpoints[0]; clear != 2 || first.Security != report.TLS {
		t.Errorf("endpoints %s", told(a))
	}
}
