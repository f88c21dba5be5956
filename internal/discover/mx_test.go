package discover

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"mailcheck/internal/dns"
)

// exchange is sites with MX records.
type exchange struct {
	*sites
	mx exchangers
}

func (e exchange) MX(ctx context.Context, domain string) (*dns.Answer[dns.MX], error) {
	return e.mx.MX(ctx, domain)
}

const hosterConfig = `<clientConfig version="1.1"><emailProvider id="hoster.net"><domain>hoster.net</domain>
<incomingServer type="imap"><hostname>imap.hoster.net</hostname><port>993</port><socketType>SSL</socketType>
<username>%EMAILADDRESS%</username><authentication>password-cleartext</authentication></incomingServer>
<outgoingServer type="smtp"><hostname>smtp.hoster.net</hostname><port>465</port><socketType>SSL</socketType>
<username>%EMAILADDRESS%</username><authentication>password-cleartext</authentication></outgoingServer>
</emailProvider></clientConfig>`

// otherConfig names other servers than hosterConfig.
var otherConfig = strings.ReplaceAll(hosterConfig, ".hoster.net<", ".other.hoster.net<")

func TestAskMX(t *testing.T) {
	const (
		db     = "https://autoconfig.thunderbird.net"
		full   = "https://autoconfig.mail.hoster.net"
		base   = "https://autoconfig.hoster.net"
		hoster = "10 mx1.mail.hoster.net"
		file   = "/mail/config-v1.1.xml"
	)
	type web = map[string]http.HandlerFunc
	xml := func(body string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/xml")
			says(body)(w, r)
		}
	}
	only := func(path, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != path {
				w.WriteHeader(http.StatusNotFound)
				return
			}
			xml(body)(w, r)
		}
	}
	const (
		theirs = "imap imap.hoster.net:993 tls?, smtp smtp.hoster.net:465 tls?"
		others = "imap imap.other.hoster.net:993 tls?, smtp smtp.other.hoster.net:465 tls?"
		google = "imap imap.gmail.com:993 tls, pop3 pop.gmail.com:995 tls, smtp smtp.gmail.com:465 tls, smtp smtp.gmail.com:587 starttls"
	)
	for name, tc := range map[string]struct {
		address      string // "" for anna@example.com
		mx           []string
		err          error
		web          web
		query        func(*Query)
		want, detail string
		asked        []string
		took         time.Duration
		fails        bool
	}{
		"a provider of the table": {
			mx: []string{"1 aspmx.l.google.com", "5 alt1.aspmx.l.google.com"}, want: google,
			detail: "aspmx.l.google.com, so this is Google Workspace (built-in table)",
		},
		"offline it is known as well": {
			mx: []string{"1 aspmx.l.google.com"}, want: google, query: func(q *Query) { q.HTTP.Offline = true },
			detail: "aspmx.l.google.com, so this is Google Workspace (built-in table)",
		},
		"a server named by the MX": {
			mx: []string{"10 sv1234.xserver.jp"},
			want: "imap sv1234.xserver.jp:993 tls, imap sv1234.xserver.jp:143 starttls, " +
				"pop3 sv1234.xserver.jp:995 tls, pop3 sv1234.xserver.jp:110 starttls, " +
				"smtp sv1234.xserver.jp:465 tls, smtp sv1234.xserver.jp:587 starttls",
			detail: "sv1234.xserver.jp, so this is Xserver (built-in table)",
		},
		"a domain of one's own at iCloud": {
			mx:   []string{"10 mx01.mail.icloud.com"},
			want: "imap imap.mail.me.com:993 tls, smtp smtp.mail.me.com:587 starttls, no pop3",
			detail: "mx01.mail.icloud.com, so this is iCloud Mail (built-in table): " +
				"the user name is not the address but the primary iCloud address, not the one in this domain",
		},
		"an iCloud address": {
			address: "anna@icloud.com", mx: []string{"10 mx01.mail.icloud.com"},
			want:   "imap imap.mail.me.com:993 tls anna, smtp smtp.mail.me.com:587 starttls, no pop3",
			detail: "mx01.mail.icloud.com, so this is iCloud Mail (built-in table)",
		},
		"one of several with the same preference": {
			mx: []string{"10 a.example.com", "10 aspmx.l.google.com"}, want: google,
			detail: "aspmx.l.google.com, so this is Google Workspace (built-in table)",
		},
		"the one for when the first is down does not count": {
			mx: []string{"10 mail.example.com", "20 aspmx.l.google.com"}, web: web{},
			detail: "mail.example.com belongs to no provider of the built-in table",
		},
		"a filter": {
			mx:     []string{"10 mxa-1.gslb.pphosted.com"},
			detail: "mxa-1.gslb.pphosted.com, so this is Proofpoint (built-in table): it filters mail, and does not tell where the mailbox is",
		},
		"a forwarder": {
			mx: []string{"10 route1.mx.cloudflare.net"}, want: "no imap, no pop3, no smtp",
			detail: "route1.mx.cloudflare.net, so this is Cloudflare Email Routing (built-in table): it forwards mail and keeps no mailbox to log in to",
		},
		"no MX": {detail: "there is no MX record"},
		"null MX": {
			mx: []string{"0 ."}, detail: "example.com says that it takes no mail (null MX)",
		},
		"no DNS": {err: &dns.Error{Type: "MX", Kind: dns.Servfail}, fails: true},
		"autoconfig of the host's domain": {
			mx: []string{hoster}, web: web{full: only(file, hosterConfig), base: xml(otherConfig), db: refuses(404)},
			want:   theirs,
			detail: "mx1.mail.hoster.net, and its autoconfig for mail.hoster.net says: imap imap.hoster.net:993, smtp smtp.hoster.net:465",
			asked:  []string{full + file, base + file, db + "/v1.1/mail.hoster.net", db + "/v1.1/hoster.net"},
		},
		"autoconfig of the registrable domain": {
			mx: []string{hoster}, web: web{base: xml(otherConfig), db: xml(hosterConfig)}, want: others,
			detail: "mx1.mail.hoster.net, and its autoconfig for hoster.net says: imap imap.other.hoster.net:993, smtp smtp.other.hoster.net:465",
			asked:  []string{base + file, db + "/v1.1/mail.hoster.net", db + "/v1.1/hoster.net"},
		},
		"the ISPDB": {
			mx: []string{hoster}, web: web{db: only("/v1.1/hoster.net", hosterConfig)}, want: theirs,
			detail: "mx1.mail.hoster.net, and the ISPDB for hoster.net says: imap imap.hoster.net:993, smtp smtp.hoster.net:465",
			asked:  []string{db + "/v1.1/mail.hoster.net", db + "/v1.1/hoster.net"},
		},
		"a host right under its domain": {
			mx: []string{"10 mx.hoster.co.jp"}, web: web{db: refuses(404)},
			detail: "nothing is known of the mail servers of hoster.co.jp, where mx.hoster.co.jp is",
			asked:  []string{db + "/v1.1/hoster.co.jp"},
		},
		"nothing published": {
			mx: []string{hoster}, web: web{full: says("<!doctype html>parked"), base: refuses(404), db: refuses(404)},
			detail: "nothing is known of the mail servers of hoster.net, where mx1.mail.hoster.net is",
			asked:  []string{full + file, base + file, db + "/v1.1/mail.hoster.net", db + "/v1.1/hoster.net"},
		},
		"a host that never answers holds nobody up": {
			mx: []string{hoster}, web: web{full: hangs, db: only("/v1.1/hoster.net", hosterConfig)}, want: theirs,
			detail: "mx1.mail.hoster.net, and the ISPDB for hoster.net says: imap imap.hoster.net:993, smtp smtp.hoster.net:465",
			asked:  []string{full + file, db + "/v1.1/mail.hoster.net", db + "/v1.1/hoster.net"}, took: mxFetch,
		},
		"an ISPDB that fails": {
			mx: []string{hoster}, web: web{db: refuses(500)}, fails: true,
			asked: []string{db + "/v1.1/mail.hoster.net", db + "/v1.1/hoster.net"},
		},
		"the address's own domain is not asked again": {
			mx: []string{"10 mail.example.com"}, web: web{"https://autoconfig.example.com": xml(hosterConfig), db: xml(hosterConfig)},
			detail: "mail.example.com belongs to no provider of the built-in table",
		},
		"offline": {
			mx: []string{hoster}, web: web{base: xml(hosterConfig), db: xml(hosterConfig)}, query: func(q *Query) { q.HTTP.Offline = true },
			detail: "mx1.mail.hoster.net belongs to no provider of the built-in table",
		},
		"a host that is none": {
			mx: []string{"10 localhost"}, web: web{},
			detail: "localhost belongs to no provider of the built-in table",
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &sites{web: tc.web}
				address := tc.address
				if address == "" {
					address = "anna@example.com"
				}
				begin := time.Now()
				a, err := s.ask(t, askMX, address, func(q *Query) {
					q.Resolver = exchange{sites: s, mx: exchangers{records: tc.mx, err: tc.err}}
					if tc.query != nil {
						tc.query(q)
					}
				})
				if (err != nil) != tc.fails {
					t.Fatal(err)
				}
				if got := told(a); got != tc.want {
					t.Errorf("says %s\nwant %s", got, tc.want)
				}
				if a.detail != tc.detail {
					t.Errorf("detail %q\nwant   %q", a.detail, tc.detail)
				}
				if took := time.Since(begin); took != tc.took {
					t.Errorf("took %v, want %v", took, tc.took)
				}
				var want []string
				for _, url := range tc.asked {
					want = append(want, "GET "+url)
				}
				slices.Sort(want)
				if _, asked := s.requests(); asked != strings.Join(want, ", ") {
					t.Errorf("asked %s\nwant  %s", asked, strings.Join(want, ", "))
				}
				for _, c := range s.told {
					if !slices.Equal(c.Told, []string{"domain"}) {
						t.Errorf("%s is told %v", c.Host, c.Told)
					}
				}
			})
		})
	}
}

// When the whole discovery is over, that is the error.
func TestAskMXEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &sites{web: map[string]http.HandlerFunc{"https://autoconfig.hoster.net": nil}}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := s.ask(t, func(_ context.Context, q Query) (answer, error) { return askMX(ctx, q) }, "anna@example.com",
			func(q *Query) { q.Resolver = exchange{sites: s, mx: exchangers{records: []string{"10 mx.hoster.net"}}} })
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
	})
}

func TestMXDomains(t *testing.T) {
	for host, want := range map[string]string{
		"mx1.mail.hoster.net":    "mail.hoster.net hoster.net",
		"mx.hoster.net":          "hoster.net",
		"hoster.net":             "hoster.net",
		"mx.hoster.co.jp":        "hoster.co.jp",
		"a.b.c.hoster.co.jp":     "b.c.hoster.co.jp hoster.co.jp",
		"anna.github.io":         "anna.github.io",
		"localhost":              "",
		"net":                    "",
		"":                       "",
		"mx.example.com.invalid": "example.com.invalid com.invalid",
	} {
		if got := strings.Join(mxDomains(host), " "); got != want {
			t.Errorf("%s: %s, want %s", host, got, want)
		}
	}
}
