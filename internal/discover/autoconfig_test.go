package discover

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"mailcheck/internal/dns"
	"mailcheck/internal/lab"
	"mailcheck/report"
)

const (
	ownURL       = "https://autoconfig.example.com/mail/config-v1.1.xml"
	wellKnownURL = "https://example.com/.well-known/autoconfig/mail/config-v1.1.xml"
	plainURL     = "http://autoconfig.example.com/mail/config-v1.1.xml"
	ispdbURL     = "https://autoconfig.thunderbird.net/v1.1/example.com"
)

// config is a file that names this IMAP server.
func config(host string) http.Handler {
	return lab.Autoconfig("example.com", report.Endpoint{Protocol: report.IMAP, Host: host, Port: 993, Security: report.TLS})
}

// bomb is a billion laughs, in a configuration file.
func bomb() http.Handler {
	return lab.Document("text/xml", billionLaughs(`<clientConfig version="1.1"><emailProvider id="&l30;"/></clientConfig>`))
}

// billionLaughs puts a declaration of entities, l0 to l30, each ten of the one
// before, in front of a document.
func billionLaughs(document string) string {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0"?><!DOCTYPE clientConfig [<!ENTITY l0 "ha">`)
	for i := range 30 {
		fmt.Fprintf(&b, `<!ENTITY l%d "%s">`, i+1, strings.Repeat(fmt.Sprintf("&l%d;", i), 10))
	}
	return b.String() + "]>" + document
}

const parked = `<!DOCTYPE html><html><head><title>example.com</title></head><body>This domain is for sale.<br></body></html>`

// trusts lists endpoints with a "?" for those nobody vouches for.
func trusts(endpoints []report.Endpoint) string {
	var out []string
	for _, e := range endpoints {
		s := fmt.Sprintf("%s %s:%d", e.Protocol, e.Host, e.Port)
		if !e.Trusted {
			s += "?"
		}
		out = append(out, s)
	}
	return strings.Join(out, ", ")
}

func TestAutoconfig(t *testing.T) {
	documents := func(pairs ...any) map[string]http.Handler {
		m := map[string]http.Handler{}
		for i := 0; i < len(pairs); i += 2 {
			m[pairs[i].(string)] = pairs[i+1].(http.Handler)
		}
		return m
	}
	late := func(d time.Duration, host string) http.Handler { return lab.Late(d, config(host)) }
	var (
		isDeadline = func(err error) bool { return errors.Is(err, context.DeadlineExceeded) }
		isError    = func(want error) func(error) bool { return func(err error) bool { return errors.Is(err, want) } }
		isStatus   = func(err error) bool { var s *statusError; return errors.As(err, &s) }
		isConfig   = func(err error) bool { var c *configError; return errors.As(err, &c) }
		isCharset  = func(err error) bool { var c *charsetError; return errors.As(err, &c) }
	)
	for name, tc := range map[string]struct {
		documents map[string]http.Handler
		bare      []string // hosts without a certificate
		change    func(*web, *Query)
		want      string
		err       func(error) bool
		detail    string // in the answer's detail
		took      time.Duration
	}{
		"its own host":  {documents: documents(ownURL, config("imap.hoster.net")), want: "imap imap.hoster.net:993", detail: "imap imap.hoster.net:993"},
		"well-known":    {documents: documents(wellKnownURL, config("imap.hoster.net")), want: "imap imap.hoster.net:993"},
		"plain HTTP":    {documents: documents(plainURL, config("imap.hoster.net")), want: "imap imap.hoster.net:993?", detail: "plain HTTP"},
		"all, the best": {documents: documents(ownURL, config("a.example.com"), wellKnownURL, config("b.example.com"), plainURL, config("c.example.com")), want: "imap a.example.com:993"},
		"the second of three": {documents: documents(ownURL, status(404), wellKnownURL, config("b.example.com"), plainURL, config("c.example.com")),
			want: "imap b.example.com:993"},
		"no certificate for the name": {documents: documents(ownURL, config("a.example.com"), plainURL, config("imap.hoster.net")), bare: []string{"autoconfig.example.com"},
			want: "imap imap.hoster.net:993?", detail: "certificate"},
		"the first is broken": {documents: documents(ownURL, lab.Document("text/xml", "<clientConfig>"), wellKnownURL, config("b.example.com")), want: "imap b.example.com:993"},
		"served as a page": {documents: documents(ownURL, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			config("a.example.com").ServeHTTP(relabelled{w}, r)
		})), want: "imap a.example.com:993"},

		"nothing":              {detail: "example.com has no autoconfig"},
		"not found":            {documents: documents(ownURL, status(404), wellKnownURL, status(410), plainURL, status(403)), detail: "has no autoconfig"},
		"a parked domain":      {documents: documents(ownURL, lab.Document("text/html", parked), wellKnownURL, lab.Document("text/html; charset=utf-8", parked), plainURL, lab.Document("text/html", parked)), detail: "has no autoconfig"},
		"an untyped page":      {documents: documents(ownURL, lab.Document("", parked)), detail: "has no autoconfig"},
		"an XHTML page":        {documents: documents(ownURL, lab.Document("application/xhtml+xml", parked)), detail: "has no autoconfig"},
		"a web site only":      {documents: documents(wellKnownURL, status(503)), detail: "has no autoconfig"},
		"a redirecting site":   {documents: documents(wellKnownURL, redirect("http://www.example.com/")), detail: "has no autoconfig; example.com: a redirect to a URL that is not https"},
		"a wildcard":           {documents: documents(plainURL, redirect("http://www.example.com/")), bare: []string{"autoconfig.example.com"}, detail: "certificate"},
		"no mail in it":        {documents: documents(ownURL, lab.Autoconfig("example.com")), detail: "names no server"},
		"nobody listens":       {documents: documents(ownURL, config("a.example.com")), change: func(w *web, _ *Query) { w.refused = []string{"192.0.2.1:443", "192.0.2.1:80"} }, detail: "connection refused"},
		"a filter that drops":  {documents: documents(ownURL, config("a.example.com")), change: func(w *web, _ *Query) { w.dropped = []string{"192.0.2.1"} }, detail: "no autoconfig", took: guessConnect},
		"an unknown authority": {documents: documents(ownURL, config("a.example.com")), bare: []string{"autoconfig.example.com"}, detail: "certificate"},
		"offline":              {documents: documents(ownURL, config("a.example.com")), change: func(_ *web, q *Query) { q.HTTP.Offline = true }, detail: "--offline"},

		"an error of its server": {documents: documents(ownURL, status(500)), err: isStatus},
		"garbage":                {documents: documents(ownURL, lab.Document("text/xml", "\x00\x01garbage")), err: isError(errNotClientConfig)},
		"cut short":              {documents: documents(ownURL, lab.Document("text/html", "<clientConfig><emailProvider>")), err: isConfig},
		"broken at the web site": {documents: documents(wellKnownURL, lab.Document("text/plain", "<clientConfig><emailProvider>")), err: isConfig},
		"an entity bomb":         {documents: documents(ownURL, bomb()), err: isError(errDocumentType)},
		"300 KiB":                {documents: documents(ownURL, lab.Document("text/xml", strings.Repeat("<a/>", 300<<8))), err: isError(errTooLong)},
		"a charset of its own":   {documents: documents(ownURL, lab.Document("text/xml", `<?xml version="1.0" encoding="x-own"?><clientConfig/>`)), err: isCharset},
		"to http":                {documents: documents(ownURL, redirect(plainURL)), err: isError(errRedirectInsecure)},
		"to http, which answers": {documents: documents(ownURL, redirect(plainURL), plainURL, config("imap.hoster.net")), want: "imap imap.hoster.net:993?", detail: "not https"},
		"to another host": {documents: documents(ownURL, redirect("https://conf.hoster.net/c"), "https://conf.hoster.net/c", config("imap.hoster.net")),
			want: "imap imap.hoster.net:993"},
		"from plain HTTP to another host": {documents: documents(plainURL, redirect("https://conf.hoster.net/c"), "https://conf.hoster.net/c", config("imap.hoster.net")),
			want: "imap imap.hoster.net:993?"},
		"to a private address": {documents: documents(ownURL, redirect("https://127.0.0.1/c")), err: isError(errRedirectPrivate)},
		"the DNS does not answer": {change: func(w *web, q *Query) {
			q.Resolver = brokenDNS{w}
		}, err: func(err error) bool { var e *dns.Error; return errors.As(err, &e) }},

		"late":                     {documents: documents(ownURL, late(7*time.Second, "a.example.com")), want: "imap a.example.com:993", took: 7 * time.Second},
		"never":                    {documents: documents(ownURL, lab.Never()), err: isDeadline, took: Deadline},
		"never, everywhere":        {documents: documents(ownURL, lab.Never(), wellKnownURL, lab.Never(), plainURL, lab.Never()), err: isDeadline, took: Deadline},
		"never, and well-known":    {documents: documents(ownURL, lab.Never(), wellKnownURL, config("b.example.com")), want: "imap b.example.com:993", took: autoconfigPreference},
		"never, and late http":     {documents: documents(ownURL, lab.Never(), plainURL, late(5*time.Second, "c.example.com")), want: "imap c.example.com:993?", took: 7 * time.Second},
		"never, and very late":     {documents: documents(ownURL, lab.Never(), wellKnownURL, late(7*time.Second, "b.example.com")), want: "imap b.example.com:993", took: Deadline},
		"late, and well-known":     {documents: documents(ownURL, late(time.Second, "a.example.com"), wellKnownURL, config("b.example.com")), want: "imap a.example.com:993", took: time.Second},
		"the best ends the others": {documents: documents(ownURL, config("a.example.com"), wellKnownURL, lab.Never(), plainURL, lab.Never()), want: "imap a.example.com:993"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWeb(t, tc.documents, tc.bare...)
				q := w.query()
				if tc.change != nil {
					tc.change(w, &q)
				}
				ctx, cancel := context.WithTimeout(t.Context(), Deadline)
				defer cancel()
				begin := time.Now()
				a, err := askAutoconfig(ctx, q)
				if took := time.Since(begin); took != tc.took {
					t.Errorf("took %v, want %v", took, tc.took)
				}
				if tc.err == nil && err != nil || tc.err != nil && !tc.err(err) {
					t.Errorf("error %v", err)
				}
				if got := trusts(a.endpoints); got != tc.want {
					t.Errorf("got %q, want %q", got, tc.want)
				}
				if !strings.Contains(a.detail, tc.detail) || err == nil && a.detail == "" {
					t.Errorf("detail %q", a.detail)
				}
			})
		})
	}
}

// relabelled is an answer of a script that leaves the type of its document to
// the web server.
type relabelled struct{ http.ResponseWriter }

func (r relabelled) Write(b []byte) (int, error) {
	r.Header().Set("Content-Type", "text/html; charset=UTF-8")
	return r.ResponseWriter.Write(b)
}

// brokenDNS answers no question for an address.
type brokenDNS struct{ *web }

func (brokenDNS) Host(_ context.Context, name string) (*dns.Hosts, error) {
	return nil, &dns.Error{Name: name, Type: "A", Kind: dns.Servfail}
}

// Who is told what: the address goes to its own domain over HTTPS alone, and
// nowhere with NoAddress.
func TestAutoconfigTells(t *testing.T) {
	for noAddress, want := range map[bool]string{
		false: "autoconfig.example.com:443 address, autoconfig.example.com:80 domain, example.com:443 domain",
		true:  "autoconfig.example.com:443 domain, autoconfig.example.com:80 domain, example.com:443 domain",
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWeb(t, map[string]http.Handler{ownURL: status(404), wellKnownURL: status(404), plainURL: status(404)})
			q := w.query()
			q.Account, q.HTTP.NoAddress = account(t, "anna+news@example.com"), noAddress
			if _, err := askAutoconfig(t.Context(), q); err != nil {
				t.Fatal(err)
			}
			if got := w.told(); got != want {
				t.Errorf("NoAddress %v: told %s", noAddress, got)
			}
			for _, r := range w.asked() {
				want := ""
				if r.Host == "autoconfig.example.com" && r.TLS != nil && !noAddress {
					want = "emailaddress=anna%2Bnews%40example.com"
				}
				if r.URL.RawQuery != want {
					t.Errorf("NoAddress %v: %s is asked with %q", noAddress, r.Host, r.URL.RawQuery)
				}
			}
		})
	}
}

// The step of a source that failed says why, and never the address.
func TestConfigErrorKeepsTheAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWeb(t, map[string]http.Handler{ownURL: lab.Document("text/xml", "<clientConfig>")})
		_, err := askAutoconfig(t.Context(), w.query())
		if err == nil || strings.Contains(err.Error(), "anna") || !strings.Contains(err.Error(), "autoconfig.example.com") {
			t.Errorf("error %v", err)
		}
	})
}

func TestISPDB(t *testing.T) {
	for name, tc := range map[string]struct {
		document http.Handler // nil: the host does not exist
		want     string
		err      bool
		detail   string
		took     time.Duration
	}{
		"known":             {document: config("imap.hoster.net"), want: "imap imap.hoster.net:993"},
		"not known":         {document: status(404), detail: "the ISPDB does not know example.com"},
		"late":              {document: lab.Late(6*time.Second, config("imap.hoster.net")), want: "imap imap.hoster.net:993", took: 6 * time.Second},
		"never":             {document: lab.Never(), err: true, took: Deadline},
		"broken":            {document: status(500), err: true},
		"no such host":      {err: true},
		"a captive portal":  {document: redirect("http://login.hotel.test/"), err: true},
		"a page":            {document: lab.Document("text/html", parked), err: true},
		"an entity bomb":    {document: bomb(), err: true},
		"a private address": {document: redirect("https://10.0.0.1/"), err: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				documents := map[string]http.Handler{}
				if tc.document != nil {
					documents[ispdbURL] = tc.document
				}
				w := newWeb(t, documents)
				ctx, cancel := context.WithTimeout(t.Context(), Deadline)
				defer cancel()
				begin := time.Now()
				a, err := askISPDB(ctx, w.query())
				if took := time.Since(begin); took != tc.took {
					t.Errorf("took %v, want %v", took, tc.took)
				}
				if (err != nil) != tc.err || trusts(a.endpoints) != tc.want || !strings.Contains(a.detail, tc.detail) {
					t.Errorf("%s %q, %v", trusts(a.endpoints), a.detail, err)
				}
				for _, r := range w.asked() {
					if r.URL.RawQuery != "" || strings.Contains(r.URL.Path, "anna") {
						t.Errorf("asked for %s", r.URL)
					}
				}
				if told := w.told(); tc.document != nil && told != "autoconfig.thunderbird.net:443 domain" {
					t.Errorf("told %s", told)
				}
			})
		})
	}
}

func TestISPDBOffline(t *testing.T) {
	a, err := askISPDB(t.Context(), Query{HTTP: HTTP{Offline: true}})
	if err != nil || len(a.endpoints) > 0 || !a.byFlags || !strings.Contains(a.detail, "--offline") {
		t.Errorf("%+v, %v", a, err)
	}
}

// The user name of a file is that of this account, and only told where it is
// not the address.
func TestClientConfigUsername(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		file := lab.Autoconfig("example.com",
			report.Endpoint{Protocol: report.IMAP, Host: "imap.example.com", Port: 993, Security: report.TLS},
			report.Endpoint{Protocol: report.SMTP, Host: "smtp.example.com", Port: 465, Security: report.TLS, Username: "%EMAILLOCALPART%"})
		w := newWeb(t, map[string]http.Handler{ownURL: file})
		a, err := clientConfig(t.Context(), w.query(), ownURL, "domain")
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, e := range a.endpoints {
			names = append(names, e.Username)
		}
		if !slices.Equal(names, []string{"", "anna"}) || a.endpoints[0].Trusted {
			t.Errorf("%+v", a.endpoints)
		}
	})
}
