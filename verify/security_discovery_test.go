package verify_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"

	"mailcheck/creds"
	"mailcheck/internal/diagnose"
	"mailcheck/internal/lab"
	"mailcheck/report"
	"mailcheck/verify"
)

// discoveryCase is a domain whose DNS and web servers are hostile, and what a
// run with a password comes to there.
type discoveryCase struct {
	name   string
	lab    lab.Options
	change func(*verify.Options)
	never  []string // URLs that must not be fetched; documents that say nothing

	step   string // that the run fails at; empty: it does not fail
	cause  report.Cause
	exit   int
	logins int // over IMAP
	judge  func(*testing.T, *report.Report, *visits)
}

// visits are the requests that the web servers of a lab had.
type visits struct {
	mu   sync.Mutex
	all  []string // "https://HOST/PATH?QUERY"
	said []string // headers and bodies
}

// watch notes what is asked of a document.
func (v *visits) watch(document http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		scheme := "http"
		if r.TLS != nil {
			scheme = "https"
		}
		v.mu.Lock()
		v.all = append(v.all, scheme+"://"+r.Host+r.URL.String())
		v.said = append(v.said, fmt.Sprint(r.Header, " ", string(body)))
		v.mu.Unlock()
		document.ServeHTTP(w, r)
	})
}

// to returns the requests for this URL, whatever its query.
func (v *visits) to(url string) (n int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, visited := range v.all {
		if address, _, _ := strings.Cut(visited, "?"); address == url {
			n++
		}
	}
	return n
}

func (c discoveryCase) play(t *testing.T) {
	web := &visits{}
	documents := maps.Clone(c.lab.Documents)
	if documents == nil {
		documents = map[string]http.Handler{}
	}
	for _, url := range c.never {
		documents[url] = http.NotFoundHandler()
	}
	for url, document := range documents {
		documents[url] = web.watch(document)
	}
	c.lab.Documents, c.lab.Password, c.lab.WellKnownPorts = documents, canary, true
	servers, o := start(t, c.lab)
	o.Send = diagnose.SendAuth
	if c.change != nil {
		c.change(&o)
	}
	rep := run(t, o)
	hostileCase{step: c.step, cause: c.cause, exit: c.exit}.compare(t, rep)
	if n := servers.Logins(report.IMAP).Made; n != c.logins {
		t.Errorf("%d logins, want %d", n, c.logins)
	}
	for _, url := range c.never {
		if n := web.to(url); n > 0 {
			t.Errorf("%s was asked for %d times", url, n)
		}
	}
	for i, visited := range web.all {
		hostileCase{}.search(t, visited, web.said[i], theName)
		if strings.Contains(web.said[i], "Authorization") {
			t.Errorf("%s: %s", visited, web.said[i])
		}
		host, _, _ := strings.Cut(strings.SplitN(visited, "://", 2)[1], "/")
		if strings.HasSuffix(host, "example.test") && strings.HasPrefix(visited, "https:") {
			continue // which may be told the address
		}
		hostileCase{}.search(t, visited, visited+web.said[i], nothing)
		if strings.Contains(visited, "anna") {
			t.Errorf("told the address: %s", visited)
		}
	}
	if c.judge != nil {
		c.judge(t, rep, web)
	}
	if t.Failed() {
		t.Log(results(rep))
		t.Log(strings.Join(web.all, "\n"))
	}
}

const (
	plainAutoconfigURL  = "http://autoconfig.example.test/mail/config-v1.1.xml"
	autodiscoverPath    = "/autodiscover/autodiscover.xml"
	hosterAutoconfigURL = "https://autoconfig.hoster.test/mail/config-v1.1.xml"
)

// bomb is a document that fits into a packet and unfolds to 64 MiB.
func bomb() http.Handler {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	for block := make([]byte, 1<<20); packed.Len() < 64<<10; {
		if _, err := w.Write(block); err != nil {
			panic(err) // memory alone
		}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		w.Header().Set("Content-Type", "text/xml")
		_, _ = w.Write(packed.Bytes()) // the client hangs up
	})
}

// withoutEnd is a document that goes on and on.
func withoutEnd(begin, more string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/xml")
		for text := begin; ; text = more {
			if _, err := io.WriteString(w, text); err != nil {
				return
			}
		}
	})
}

// TestSecurityDiscovery: cases 50 to 62 and 64. Whoever answers for a domain,
// in DNS or on the web, gets no password, no address that is not theirs, no
// connection into a private network, and no more of this machine than a
// document is worth.
func TestSecurityDiscovery(t *testing.T) {
	at := func(url string, document http.Handler) lab.Options {
		return lab.Options{Documents: map[string]http.Handler{url: document}}
	}
	// warns: the document is refused, its step says so, and SRV serves.
	warns := func(t *testing.T, rep *report.Report, _ *visits) {
		if s := rep.Check("settings").Step("autoconfig"); s.Result != report.Warn || s.Detail == "" {
			t.Errorf("autoconfig is %s: %q", s.Result, s.Detail)
		}
	}
	tooLong := func(t *testing.T, rep *report.Report, web *visits) {
		warns(t, rep, web)
		if s := rep.Check("settings").Step("autoconfig"); !strings.Contains(s.Detail, "longer than 262144 bytes") {
			t.Errorf("autoconfig says %q", s.Detail)
		}
	}
	times := func(url string, n int) func(*testing.T, *report.Report, *visits) {
		return func(t *testing.T, rep *report.Report, web *visits) {
			warns(t, rep, web)
			if got := web.to(url); got != n {
				t.Errorf("asked for %d times, want %d", got, n)
			}
		}
	}
	hoster := lab.Options{NoSRV: true, Hosts: []string{"mail.hoster.test"},
		Documents: map[string]http.Handler{plainAutoconfigURL: lab.Autoconfig("example.test", healthy("mail.hoster.test")...)}}
	long := "imap-" + strings.Repeat("very-", 10) + "long.example.test." + strings.Repeat("evil.", 20) + "hoster.test"
	var many []string
	for i := range 700 {
		many = append(many, fmt.Sprintf("_imaps._tcp.example.test. SRV 9 1 993 host%d.example.test.", i),
			fmt.Sprintf("example.test. MX 20 mx%d.example.test.", i))
	}
	declined := func(names ...string) lab.Options {
		l := lab.Options{NoSRV: true}
		for _, name := range names {
			l.Records = append(l.Records, name+"._tcp.example.test. SRV 0 0 0 .")
		}
		return l
	}
	onlyIMAP := func(o *verify.Options) { o.Leave = []report.Protocol{report.POP3, report.SMTP} }

	for _, c := range []discoveryCase{
		{name: "case 50 redirect from https to http", logins: 1, judge: warns, never: []string{"http://conf.example.test/c"},
			lab: at(autoconfigURL, http.RedirectHandler("http://conf.example.test/c", http.StatusFound))},

		{name: "case 51 settings by plain HTTP alone", lab: hoster,
			step: "settings.autoconfig", cause: report.SettingsUntrustedHost, exit: report.ExitSettings},
		{name: "case 51 settings by plain HTTP, confirmed", lab: hoster, logins: 1,
			change: func(o *verify.Options) {
				o.ConfirmHost = func(_ context.Context, host string) bool { return host == "mail.hoster.test" }
			}},
		{name: "case 52 SRV names an unrelated host", step: "settings.srv", cause: report.SettingsUntrustedHost, exit: report.ExitSettings,
			lab: lab.Options{NoSRV: true, Hosts: []string{long}, Records: []string{"_imaps._tcp.example.test. SRV 0 1 993 " + long + "."}},
			change: func(o *verify.Options) {
				onlyIMAP(o)
				o.ConfirmHost = func(_ context.Context, host string) bool { return host != long } // whoever is shown less says yes
			}},
		{name: "case 53 settings without encryption", logins: 1,
			lab: lab.Options{NoSRV: true, AllowCleartext: true, Documents: map[string]http.Handler{autoconfigURL: lab.Autoconfig("example.test",
				report.Endpoint{Protocol: report.IMAP, Host: "imap.example.test", Port: 143, Security: report.None},
				report.Endpoint{Protocol: report.SMTP, Host: "smtp.example.test", Port: 587, Security: report.None})}},
			judge: func(t *testing.T, rep *report.Report, _ *visits) {
				for _, c := range rep.Checks {
					if c.Endpoint != nil && c.Endpoint.Security == report.None {
						t.Errorf("%s is in clear text", c.ID)
					}
				}
			}},

		{name: "case 54 endless document", logins: 1, judge: tooLong, lab: at(autoconfigURL, withoutEnd("<clientConfig>", "<a>"))},
		{name: "case 54 compressed bomb", logins: 1, judge: tooLong, lab: at(autoconfigURL, bomb())},
		{name: "case 54 deep nesting", logins: 1, judge: warns, lab: at(autoconfigURL, lab.Document("text/xml", strings.Repeat("<a>", 80_000)))},
		{name: "case 54 document type with entities", logins: 1, judge: warns, lab: at(autoconfigURL, lab.Document("text/xml",
			`<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><clientConfig version="1.1">&a;</clientConfig>`))},
		{name: "case 54 odd character set", logins: 1, judge: warns, lab: at(autoconfigURL, lab.Document("text/xml", `<?xml version="1.0" encoding="UTF-7"?><clientConfig version="1.1"/>`))},
		{name: "case 54 endless headers", logins: 1, judge: warns, lab: at(autoconfigURL, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			for i := range 2000 {
				w.Header().Set(fmt.Sprint("X-", i), strings.Repeat("x", 100))
			}
		}))},
		{name: "case 55 redirect in a circle", logins: 1, judge: times(autoconfigURL, 4), lab: at(autoconfigURL, http.RedirectHandler(autoconfigURL, http.StatusFound))},
		{name: "case 55 redirect to a file", logins: 1, judge: times(autoconfigURL, 1), lab: at(autoconfigURL, http.RedirectHandler("file:///etc/passwd", http.StatusFound))},
		{name: "case 56 redirect into a private network", logins: 1, judge: times(autoconfigURL, 1), never: []string{"https://intern.example.test/c"},
			lab:    at(autoconfigURL, http.RedirectHandler("https://intern.example.test/c", http.StatusFound)),
			change: func(o *verify.Options) { public(o, "autoconfig.example.test") }},
		{name: "case 56 redirect to cloud metadata", logins: 1, judge: times(autoconfigURL, 1),
			lab:    at(autoconfigURL, http.RedirectHandler("https://169.254.169.254/latest", http.StatusFound)),
			change: func(o *verify.Options) { public(o, "autoconfig.example.test") }},

		{name: "case 58 SRV says that nothing is offered", step: "settings.srv", cause: report.SettingsNotOffered, exit: report.ExitSettings,
			lab: declined("_imaps", "_imap", "_pop3s", "_pop3", "_submissions", "_submission")},
		{name: "case 58 SRV and MX name localhost", step: "settings.srv", cause: report.SettingsUntrustedHost, exit: report.ExitSettings, change: onlyIMAP,
			lab: lab.Options{NoSRV: true, MX: "localhost", Records: []string{"localhost. A 127.0.0.1", "_imaps._tcp.example.test. SRV 0 1 993 localhost."}}},
		{name: "case 58 hundreds of records", logins: 1, change: onlyIMAP, lab: lab.Options{Records: many},
			judge: func(t *testing.T, rep *report.Report, _ *visits) {
				if n := len(rep.Settings); n > 130 { // 64 records for each of two names
					t.Errorf("%d endpoints", n)
				}
			}},
		{name: "case 59 Autodiscover above the domain", logins: 1, lab: lab.Options{NoSRV: true},
			never: []string{"https://autodiscover.test" + autodiscoverPath, "https://test" + autodiscoverPath, "http://autodiscover.test" + autodiscoverPath,
				"https://autoconfig.test/mail/config-v1.1.xml", "http://autoconfig.test/mail/config-v1.1.xml"}},
		{name: "case 60 Autodiscover asks for a password", logins: 1,
			lab: lab.Options{NoSRV: true, Documents: map[string]http.Handler{
				"https://example.test" + autodiscoverPath: asksForPassword(), "https://autodiscover.example.test" + autodiscoverPath: asksForPassword()}},
			judge: func(t *testing.T, _ *report.Report, web *visits) {
				if len(web.all) == 0 {
					t.Error("nobody was asked")
				}
			}},
		{name: "case 61 address in the URLs of strangers", logins: 1,
			lab: lab.Options{NoSRV: true, MX: "mx1.hoster.test", Records: []string{"mx1.hoster.test. A 127.0.0.1"}, Documents: map[string]http.Handler{
				ispdbURL: http.NotFoundHandler(), hosterAutoconfigURL: http.NotFoundHandler(), plainAutoconfigURL: http.NotFoundHandler(),
				"https://autoconfig.thunderbird.net/v1.1/hoster.test": http.NotFoundHandler()}},
			judge: func(t *testing.T, _ *report.Report, web *visits) {
				if web.to(ispdbURL) != 1 || web.to(hosterAutoconfigURL) != 1 {
					t.Errorf("asked %q", web.all)
				}
			}},
		{name: "case 62 domain that only looks like another", logins: 1, lab: lab.Options{Address: "anna@xn--exmple-4nf.test"},
			change: func(o *verify.Options) {
				var err error
				if o.Account, err = creds.ParseAddress("anna@ex\u0430mple.test"); err != nil { // a Cyrillic letter
					panic(err)
				}
			},
			judge: func(t *testing.T, rep *report.Report, _ *visits) {
				for _, e := range rep.Settings {
					if !strings.HasSuffix(e.Host, ".xn--exmple-4nf.test") {
						t.Errorf("%s is not shown as it is", e.Host)
					}
				}
			}},
		{name: "case 64 guessed host with another's certificate", lab: lab.Options{NoSRV: true, Fault: "certificate-other-host"},
			step: "imap.tls", cause: report.TLSHostnameMismatch, exit: report.ExitTLS},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.play(t)
		})
	}
}

// asksForPassword is a document behind a login.
func asksForPassword() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("WWW-Authenticate", `Basic realm="mail"`)
		w.WriteHeader(http.StatusUnauthorized)
	})
}

// public gives a host of the lab an address that is not of this machine.
func public(o *verify.Options, host string) {
	const address = "192.0.2.1"
	o.Override = map[string][]netip.Addr{host: {netip.MustParseAddr(address)}}
	dial := o.Dial
	o.Dial = func(ctx context.Context, network, to string) (net.Conn, error) {
		return dial(ctx, network, strings.Replace(to, address, "127.0.0.1", 1))
	}
}

// A server that everybody may speak to is dialled at nobody's word: the
// addresses that a run connects to are those of its DNS.
func TestSecurityDialledAddresses(t *testing.T) {
	servers, o := start(t, lab.Options{WellKnownPorts: true, Documents: map[string]http.Handler{
		autoconfigURL: lab.Autoconfig("example.test", healthy("mail.example.test")...)}})
	var mu sync.Mutex
	var dialled []string
	dial := o.Dial
	o.Dial = func(ctx context.Context, network, to string) (net.Conn, error) {
		mu.Lock()
		defer mu.Unlock()
		if host, _, _ := net.SplitHostPort(to); !slices.Contains(dialled, host) {
			dialled = append(dialled, host)
		}
		return dial(ctx, network, to)
	}
	rep := run(t, o)
	err := servers.AwaitIdle(t.Context())
	mu.Lock()
	defer mu.Unlock()
	if rep.ExitCode != 0 || !slices.Equal(dialled, []string{"127.0.0.1"}) || err != nil {
		t.Errorf("exit status %d, dialled %s, %v: %s", rep.ExitCode, dialled, err, results(rep))
	}
}
