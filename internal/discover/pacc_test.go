package discover

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode"

	"mailcheck/internal/dns"
	"mailcheck/report"
)

// checkEndpoints demands that endpoints of a document can be used: names of
// servers as the DNS has them, ports, and a login name that can be shown.
func checkEndpoints(t *testing.T, endpoints []report.Endpoint, most int) {
	t.Helper()
	if len(endpoints) > most {
		t.Errorf("%d endpoints", len(endpoints))
	}
	for _, e := range endpoints {
		if again, ok := serverName(e.Host); !ok || again != e.Host {
			t.Errorf("host %q", e.Host)
		}
		if e.Port < 1 || e.Port > 65535 || e.Security == "" || !slices.Contains(all, e.Protocol) {
			t.Errorf("endpoint %+v", e)
		}
		if strings.ContainsFunc(e.Username, func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Errorf("user name %q", e.Username)
		}
	}
}

const paccWhole = `{
 "protocols": {
  "imap": {"host": "imap.example.com"}, "pop3": {"host": "pop.example.com"}, "submit": {"host": "smtp.example.com"},
  "jmap": {"url": "https://jmap.example.com"}, "managesieve": {"host": "sieve.example.com"}},
 "authentication": {"oauth-public": {"issuer": "https://auth.example.com"}, "password": true},
 "info": {"provider": {"name": "Example"}}}`

func TestParsePACC(t *testing.T) {
	imap := func(value string) string { return `{"protocols":{"imap":` + value + `}}` }
	for name, tc := range map[string]struct {
		body, want, left string
		invalid          bool
	}{
		"whole": {body: paccWhole, want: "imap imap.example.com:993 tls [OAuth2 password-cleartext], " +
			"pop3 pop.example.com:995 tls [OAuth2 password-cleartext], smtp smtp.example.com:465 tls [OAuth2 password-cleartext]"},
		"smtp, as revision 02 has it": {body: `{"protocols":{"smtp":{"host":"smtp.example.com"}}}`, want: "smtp smtp.example.com:465 tls []"},
		"submit before smtp":          {body: `{"protocols":{"smtp":{"host":"a.example.com"},"submit":{"host":"b.example.com"}}}`, want: "smtp b.example.com:465 tls []"},
		"no passwords":                {body: `{"protocols":{"imap":{"host":"imap.example.com"}},"authentication":{"password":false}}`, want: "imap imap.example.com:993 tls []"},
		"a host in capitals":          {body: imap(`{"host":"IMAP.Example.COM."}`), want: "imap imap.example.com:993 tls []"},
		"a host in another script":    {body: imap(`{"host":"mail.例え.jp"}`), want: "imap mail.xn--r8jz45g.jp:993 tls []"},
		"null is not there":           {body: imap("null")},
		"no protocol of these":        {body: `{"protocols":{"jmap":{"url":"https://jmap.example.com"}}}`},
		"unknown members, deep":       {body: `{"x":` + strings.Repeat("[", 500) + strings.Repeat("]", 500) + `,"protocols":{"imap":{"host":"imap.example.com","port":1}}}`, want: "imap imap.example.com:993 tls []"},
		"one host is none": {body: `{"protocols":{"imap":{"host":"imap_1.example.com"},"pop3":{"host":"pop.example.com"}}}`,
			want: "pop3 pop.example.com:995 tls []", left: `imap: "imap_1.example.com" is not the name of a server`},
		"localhost":            {body: imap(`{"host":"localhost"}`), left: `imap: "localhost" is not the name of a server`},
		"an IP address":        {body: imap(`{"host":"10.0.0.1"}`), left: `imap: "10.0.0.1" is not the name of a server`},
		"an IPv6 address":      {body: imap(`{"host":"[::1]"}`), left: `imap: "[::1]" is not the name of a server`},
		"a host and a port":    {body: imap(`{"host":"imap.example.com:993"}`), left: `imap: "imap.example.com:993" is not the name of a server`},
		"a terminal's control": {body: imap(`{"host":"\u001b[2J"}`), left: `imap: "\x1b[2J" is not the name of a server`},
		"no host":              {body: imap(`{}`), left: "imap: no host is named"},
		"a host of a number":   {body: imap(`{"host":1}`), left: "imap: no host is named"},
		"two hosts":            {body: imap(`{"host":"a.example.com","host":"b.example.com"}`), left: `imap: it says "host" twice`},
		"a protocol that is a text": {body: `{"protocols":{"imap":"imap.example.com"}}`,
			left: "imap: it is not a JSON object"},
		"names in another case": {body: `{"protocols":{"IMAP":{"host":"imap.example.com"}}}`},

		"empty":              {invalid: true},
		"a web page":         {body: "<html>", invalid: true},
		"a list":             {body: "[]", invalid: true},
		"no protocols":       {body: `{"info":{}}`, invalid: true},
		"something follows":  {body: paccWhole + "{}", invalid: true},
		"cut short":          {body: paccWhole[:200], invalid: true},
		"a byte order mark":  {body: "\ufeff" + paccWhole, invalid: true},
		"protocols twice":    {body: `{"protocols":{},"protocols":{"imap":{"host":"evil.example.net"}}}`, invalid: true},
		"twice, escaped":     {body: `{"protocols":{},"\u0070rotocols":{}}`, invalid: true},
		"nested too deep":    {body: `{"protocols":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + `}`, invalid: true},
		"password is a text": {body: `{"protocols":{},"authentication":{"password":"yes"}}`, invalid: true},
	} {
		t.Run(name, func(t *testing.T) {
			endpoints, left, err := parsePACC([]byte(tc.body))
			if (err != nil) != tc.invalid {
				t.Fatal(err)
			}
			var got []string
			for _, e := range endpoints {
				got = append(got, fmt.Sprintf("%s %s:%d %s %v", e.Protocol, e.Host, e.Port, e.Security, e.Auth))
			}
			if got := strings.Join(got, ", "); got != tc.want {
				t.Errorf("reads %s\nwant  %s", got, tc.want)
			}
			if got := strings.Join(left, ", "); got != tc.left {
				t.Errorf("leaves out %s\nwant       %s", got, tc.left)
			}
		})
	}
}

func TestServerName(t *testing.T) {
	for _, tc := range []struct{ text, want string }{
		{"imap.example.com", "imap.example.com"},
		{"IMAP.EXAMPLE.COM.", "imap.example.com"},
		{"imap.example.com。", "imap.example.com"}, {"imap.example.com.\u200b", "imap.example.com"}, {"imap.example.com\u200b", "imap.example.com"},
		{"例え.jp", "xn--r8jz45g.jp"},
		{"r3---sn.example.com", "r3---sn.example.com"},
		{"", ""}, {".", ""}, {"localhost", ""}, {"x..y", ""}, {"x.y..", ""}, {"0..", ""}, {"x.y.。", ""}, {"xn--", ""}, {"-a.example", ""}, {"a-.example", ""},
		{"a_b.example.com", ""}, {"a b.example", ""}, {"a/b.example", ""}, {"a.example:80", ""}, {"a\x00.example", ""},
		{"127.0.0.1", ""}, {"１２７.０.０.１", ""}, {"0x7f.1", ""}, {"a.0x7f", ""}, {"::1", ""},
		{"\xff.example", ""}, {"\ufffd.example", ""}, {"xn--a.example", ""},
		{strings.Repeat("a", 64) + ".example", ""}, {strings.Repeat("a.", 130) + "example", ""},
	} {
		if got, ok := serverName(tc.text); got != tc.want || ok != (tc.want != "") {
			t.Errorf("serverName(%q) = %q, %v", tc.text, got, ok)
		}
	}
}

// digestOf is the value of the tag d for a document.
func digestOf(body string) string {
	sum := sha256.Sum256([]byte(body))
	return base64.StdEncoding.EncodeToString(sum[:])
}

func TestPACCDigests(t *testing.T) {
	d := digestOf("x")
	for name, tc := range map[string]struct {
		records   []string
		announced bool
		digests   int
	}{
		"none":                {},
		"as the draft has it": {[]string{"v=UAAC1; a=sha256; d=" + d}, true, 1},
		"another order":       {[]string{"d=" + d + ";a=sha256;v=UAAC1"}, true, 1},
		"a semicolon ends it": {[]string{"v=UAAC1; a=sha256; d=" + d + ";"}, true, 1},
		"unknown tags":        {[]string{"v=UAAC1; t=y; a=sha256; x; d=" + d}, true, 1},
		"several":             {[]string{"v=UAAC1; a=sha256; d=" + digestOf("y"), "v=UAAC1; a=sha256; d=" + d}, true, 2},
		"another algorithm":   {[]string{"v=UAAC1; a=sha1; d=" + d}, true, 0},
		"no algorithm":        {[]string{"v=UAAC1; d=" + d}, true, 0},
		"no digest":           {[]string{"v=UAAC1; a=sha256"}, true, 0},
		"a short digest":      {[]string{"v=UAAC1; a=sha256; d=AAAA"}, true, 0},
		"no base64":           {[]string{"v=UAAC1; a=sha256; d=*"}, true, 0},
		"a tag twice":         {[]string{"v=UAAC1; a=sha256; d=" + d + "; d=" + d}, true, 0},
		"another version":     {[]string{"v=UAAC2; a=sha256; d=" + d}, false, 0},
		"a wildcard's SPF":    {[]string{"v=spf1 -all"}, false, 0},
		"foreign and own":     {[]string{"v=spf1 -all", "v=UAAC1; a=sha256; d=" + d}, true, 1},
	} {
		t.Run(name, func(t *testing.T) {
			announced, digests := paccDigests(&dns.Answer[string]{Records: tc.records})
			if announced != tc.announced || len(digests) != tc.digests {
				t.Errorf("announced %v, %d digests", announced, len(digests))
			}
			for _, digest := range digests {
				if digest != sha256.Sum256([]byte("x")) && digest != sha256.Sum256([]byte("y")) {
					t.Errorf("digest %x", digest)
				}
			}
		})
	}
	if announced, digests := paccDigests(nil); announced || digests != nil {
		t.Error("no records announce something")
	}
}

func TestAskPACC(t *testing.T) {
	const (
		site = "https://ua-auto-config.example.com"
		ask  = "GET " + site + "/.well-known/user-agent-configuration.json"
		name = "_ua-auto-config.example.com"
	)
	type web = map[string]http.HandlerFunc
	record := func(records ...string) map[string][]string { return map[string][]string{name: records} }
	matches := record("v=UAAC1; a=sha256; d=" + digestOf(paccWhole))
	const outside = `{"protocols":{"imap":{"host":"imap.hoster.net"},"pop3":{"host":"10.0.0.1"}}}`
	for name, tc := range map[string]struct {
		sites  *sites
		query  func(*Query)
		want   string
		detail string // of the answer, or a part of the error
		asked  string
		took   time.Duration
		fails  bool
	}{
		"nobody there": {
			sites: &sites{}, detail: "there is no host ua-auto-config.example.com",
		},
		"whole": {
			sites: &sites{web: web{site: says(paccWhole)}, txt: matches}, asked: ask,
			want:   "imap imap.example.com:993 tls , pop3 pop.example.com:995 tls , smtp smtp.example.com:465 tls ",
			detail: "imap imap.example.com:993, pop3 pop.example.com:995, smtp smtp.example.com:465",
		},
		"one of several digests": {
			sites: &sites{web: web{site: says(outside)},
				txt: record("v=spf1 -all", "v=UAAC1; a=sha256; d="+digestOf(paccWhole), "d="+digestOf(outside)+"; a=sha256; v=UAAC1;")},
			asked: ask, want: "imap imap.hoster.net:993 tls ",
			detail: `imap imap.hoster.net:993; left out: pop3: "10.0.0.1" is not the name of a server`,
		},
		"no server of these protocols": {
			sites: &sites{web: web{site: says(`{"protocols":{}}`)}, txt: record("v=UAAC1; a=sha256; d=" + digestOf(`{"protocols":{}}`))},
			asked: ask, detail: "names no server for IMAP, POP3 or SMTP",
		},
		"sent on": {
			sites: &sites{web: web{site: refuses(301, "Location", "https://hoster.net/pacc.json"), "https://hoster.net": says(outside)},
				txt: record("v=UAAC1; a=sha256; d=" + digestOf(outside))},
			asked: "GET https://hoster.net/pacc.json, " + ask, want: "imap imap.hoster.net:993 tls ",
			detail: `imap imap.hoster.net:993; left out: pop3: "10.0.0.1" is not the name of a server`,
		},
		"sent on to plain HTTP": {
			sites: &sites{web: web{site: refuses(301, "Location", "http://hoster.net/pacc.json"), "http://hoster.net": says(paccWhole)}, txt: matches},
			asked: ask, fails: true, detail: "https",
		},
		"another document": {
			sites: &sites{web: web{site: says(paccWhole + "\n")}, txt: matches}, asked: ask, fails: true,
			detail: "is not believed: no TXT record _ua-auto-config.example.com has its SHA-256 digest",
		},
		"another algorithm": {
			sites: &sites{web: web{site: says(paccWhole)}, txt: record("v=UAAC1; a=md5; d=" + digestOf(paccWhole))}, asked: ask, fails: true,
			detail: "is not believed: no TXT record _ua-auto-config.example.com has its SHA-256 digest",
		},
		"not announced": {
			sites: &sites{web: web{site: says(paccWhole)}}, asked: ask,
			detail: "the configuration at ua-auto-config.example.com is not believed: there is no TXT record _ua-auto-config.example.com with its digest",
		},
		"a web page, not announced": {
			sites: &sites{web: web{site: says("<html>")}}, asked: ask, detail: "ua-auto-config.example.com has no configuration",
		},
		"nothing, not announced": {
			sites: &sites{web: web{site: refuses(404)}}, asked: ask, detail: "ua-auto-config.example.com has no configuration",
		},
		"packets are dropped, not announced": {
			sites: &sites{web: web{site: nil}}, took: unannounced, detail: "ua-auto-config.example.com has no configuration",
		},
		"no answer, not announced": {
			sites: &sites{web: web{site: hangs}}, asked: ask, took: unannounced, detail: "ua-auto-config.example.com has no configuration",
		},
		"no HTTPS, not announced": {
			sites: &sites{web: web{"http://ua-auto-config.example.com": says(paccWhole)}}, detail: "ua-auto-config.example.com has no configuration",
		},
		"announced, no host": {
			sites: &sites{txt: matches}, fails: true,
			detail: "_ua-auto-config.example.com announces a configuration, which cannot be had",
		},
		"announced, nothing": {
			sites: &sites{web: web{site: refuses(404)}, txt: matches}, asked: ask, fails: true,
			detail: "_ua-auto-config.example.com announces a configuration, which cannot be had",
		},
		"announced, too long": {
			sites: &sites{web: web{site: says(paccWhole + strings.Repeat(" ", 300<<10))}, txt: matches}, asked: ask, fails: true,
			detail: "cannot be had",
		},
		"announced, late": {
			sites: &sites{web: web{site: func(w http.ResponseWriter, r *http.Request) {
				<-time.After(5 * time.Second)
				says(paccWhole)(w, r)
			}}, txt: matches}, asked: ask, took: 5 * time.Second,
			want:   "imap imap.example.com:993 tls , pop3 pop.example.com:995 tls , smtp smtp.example.com:465 tls ",
			detail: "imap imap.example.com:993, pop3 pop.example.com:995, smtp smtp.example.com:465",
		},
		"announced, never": {
			sites: &sites{web: web{site: hangs}, txt: matches}, asked: ask, took: Deadline, fails: true, detail: "ua-auto-config.example.com gives no answer in time",
		},
		"announced, no JSON": {
			sites: &sites{web: web{site: says("{}x")}, txt: record("v=UAAC1; a=sha256; d=" + digestOf("{}x"))}, asked: ask, fails: true,
			detail: "the configuration at ua-auto-config.example.com is not valid: it is not JSON",
		},
		"the DNS fails": {
			sites: &sites{web: web{site: says(paccWhole)}, txtErr: &dns.Error{Type: "TXT", Kind: dns.Servfail}}, fails: true, detail: "no usable answer",
		},
		"offline": {
			sites: &sites{web: web{site: says(paccWhole)}, txt: matches}, query: func(q *Query) { q.HTTP.Offline = true },
			detail: "no document is fetched (--offline)",
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				got, err := tc.sites.ask(t, askPACC, "anna@example.com", tc.query)
				if took := time.Since(begin); took != tc.took {
					t.Errorf("took %v, want %v", took, tc.took)
				}
				if tc.fails {
					if err == nil || !strings.Contains(err.Error(), tc.detail) || len(got.endpoints) > 0 {
						t.Errorf("%v, %+v", err, got)
					}
				} else if err != nil || got.detail != tc.detail {
					t.Errorf("says %s\nwant %s (%v)", got.detail, tc.detail, err)
				}
				if got := short(got.endpoints); got != tc.want {
					t.Errorf("endpoints %s\n     want %s", got, tc.want)
				}
				if _, lines := tc.sites.requests(); lines != tc.asked {
					t.Errorf("asked %s\n want %s", lines, tc.asked)
				}
				for _, c := range tc.sites.told {
					if !slices.Equal(c.Told, []string{"domain"}) {
						t.Errorf("%s is told %v", c.Host, c.Told)
					}
				}
			})
		})
	}
}

// FuzzPACC reads any bytes as a document and as its TXT record: what comes of
// the one can be connected to, and a digest that the other announces stands in
// it.
func FuzzPACC(f *testing.F) {
	f.Add([]byte(paccWhole), "v=UAAC1; a=sha256; d="+digestOf(paccWhole))
	f.Add([]byte(`{"protocols":{"smtp":{"host":"smtp.example.com"},"imap":null}}`), "d=;v=UAAC1;;a=sha256")
	f.Add([]byte(`{"protocols":{"imap":{"host":"a.b","host":"c.d"}}}`), "v=UAAC1")
	f.Add([]byte(`{"a":[[[]]],"authentication":{"oauth-public":0}}`), "v=spf1 -all")
	f.Fuzz(func(t *testing.T, body []byte, record string) {
		endpoints, left, err := parsePACC(body)
		if err != nil && (endpoints != nil || left != nil) {
			t.Errorf("%v, and %v", err, endpoints)
		}
		checkEndpoints(t, endpoints, len(paccServices))
		for _, e := range endpoints {
			if e.Security != report.TLS {
				t.Errorf("%v over %s", e.Host, e.Security)
			}
		}
		_, digests := paccDigests(&dns.Answer[string]{Records: []string{record}})
		for _, digest := range digests {
			text := base64.StdEncoding.EncodeToString(digest[:])
			if !bytes.Contains([]byte(strings.NewReplacer("\r", "", "\n", "").Replace(record)), []byte(text[:42])) {
				t.Errorf("%q is not in %q", text, record)
			}
		}
	})
}
