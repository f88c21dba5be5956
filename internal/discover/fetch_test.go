package discover

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"mailcheck/internal/dns"
	"mailcheck/internal/lab"
	"mailcheck/report"
)

// web is a network of web servers in memory, inside a synctest bubble: time
// passes only where everybody waits for it.
type web struct {
	world
	t *testing.T
	// names leads names to addresses; a name that is in the URL of a document
	// leads to 192.0.2.1 if it does not stand here.
	names   map[string][]string
	dropped []string // addresses that never answer a connection
	refused []string // "192.0.2.1:443"
	roots   *x509.CertPool

	listeners map[string]pipes // by port

	mu       sync.Mutex
	looked   []string // names looked up
	dialled  []string
	requests []*http.Request
	contacts []report.Contact
}

// newWeb serves documents by their URL, and others not at all: names in bare
// have a server without a certificate for them.
func newWeb(t *testing.T, documents map[string]http.Handler, bare ...string) *web {
	t.Helper()
	ca, err := lab.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	w := &web{t: t, names: map[string][]string{}, roots: ca.Roots(), listeners: map[string]pipes{}}
	muxes := map[string]*http.ServeMux{"http": http.NewServeMux(), "https": http.NewServeMux()}
	hosts := []string{"nobody.test"}
	for address, document := range documents {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		muxes[u.Scheme].Handle(u.Host+u.Path, document)
		w.names[u.Hostname()] = []string{"192.0.2.1"}
		if !slices.Contains(bare, u.Hostname()) && !slices.Contains(hosts, u.Hostname()) {
			hosts = append(hosts, u.Hostname())
		}
	}
	certificate, err := ca.Certificate(lab.LeafGood, hosts...)
	if err != nil {
		t.Fatal(err)
	}
	for scheme, mux := range muxes {
		l := pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
		w.listeners[fmt.Sprint(webPorts[scheme])] = l
		server := &http.Server{
			Handler: http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				w.mu.Lock()
				w.requests = append(w.requests, r)
				w.mu.Unlock()
				mux.ServeHTTP(rw, r)
			}),
			TLSConfig: &tls.Config{Certificates: []tls.Certificate{certificate}},
			ErrorLog:  log.New(io.Discard, "", 0),
		}
		if scheme == "https" {
			go func() { _ = server.ServeTLS(l, "", "") }()
		} else {
			go func() { _ = server.Serve(l) }()
		}
		t.Cleanup(func() { _ = server.Close() })
	}
	return w
}

// query asks this web about anna@example.com.
func (w *web) query() Query {
	return Query{
		Account: account(w.t, "anna@example.com"), Wanted: all, Resolver: w, HTTP: HTTP{Roots: w.roots, Dial: w.dial},
		Told: func(c report.Contact) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.contacts = append(w.contacts, c)
		},
	}
}

func (w *web) Host(_ context.Context, name string) (*dns.Hosts, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.looked = append(w.looked, name)
	var found dns.Hosts
	for _, ip := range w.names[name] {
		found.Addrs = append(found.Addrs, netip.MustParseAddr(ip))
	}
	if len(found.Addrs) == 0 {
		return nil, &dns.Error{Name: name, Type: "A", Kind: dns.NXDomain}
	}
	return &found, nil
}

// dial leads every address to the servers.
func (w *web) dial(ctx context.Context, _, address string) (net.Conn, error) {
	w.mu.Lock()
	w.dialled = append(w.dialled, address)
	w.mu.Unlock()
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	l, listens := w.listeners[port]
	if !listens || slices.Contains(w.refused, address) {
		return nil, errors.New("connection refused")
	}
	if slices.Contains(w.dropped, host) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	client, server := net.Pipe()
	select {
	case l.conns <- pipeEnd{server}:
		return pipeEnd{client}, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// asked are the requests so far.
func (w *web) asked() []*http.Request {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.requests)
}

// told lists who was told what: "autoconfig.example.com:443 address".
func (w *web) told() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []string
	for _, c := range w.contacts {
		out = append(out, fmt.Sprintf("%s:%d %s", c.Host, c.Port, strings.Join(c.Told, "+")))
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

// pipes is a listener in memory.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (p pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p pipes) Close() error   { close(p.closed); return nil }
func (p pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1)} }

func redirect(to string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", to)
		w.WriteHeader(http.StatusFound)
	})
}

func status(code int) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) })
}

// packed serves a text gzipped, as it was not asked to.
func packed(text string) http.Handler {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write([]byte(text))
	_ = z.Close()
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(b.Bytes())
	})
}

func encoded(encoding string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", encoding)
		_, _ = w.Write([]byte("?"))
	})
}

// endless sends for ever.
func endless() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for {
			if _, err := w.Write(bytes.Repeat([]byte("x"), 4096)); err != nil {
				return
			}
		}
	})
}

func TestGet(t *testing.T) {
	const start = "https://autoconfig.example.com/c.xml"
	page := lab.Document("text/xml; charset=utf-8", "hello")
	isError := func(want error) func(error) bool { return func(err error) bool { return errors.Is(err, want) } }
	isStatus := func(code int) func(error) bool {
		return func(err error) bool {
			var s *statusError
			var f *report.Fault
			want := report.AutoconfigBadRequest
			if code == 404 {
				want = report.AutoconfigNotFound
			}
			return errors.As(err, &s) && s.Code == code && errors.As(err, &f) && f.Cause == want
		}
	}
	isUnreachable := func(err error) bool {
		var u *unreachableError
		return errors.As(err, &u) && u.Host == "autoconfig.example.com"
	}
	for name, tc := range map[string]struct {
		documents map[string]http.Handler
		bare      []string
		change    func(*web, *Query)
		start     string // else the start above
		body      string
		from      string // else start
		err       func(error) bool
		dialled   string // when not empty, all addresses
	}{
		"a document":    {documents: map[string]http.Handler{start: page}, body: "hello", dialled: "192.0.2.1:443"},
		"over http":     {start: "http://autoconfig.example.com/c.xml", documents: map[string]http.Handler{"http://autoconfig.example.com/c.xml": page}, body: "hello", dialled: "192.0.2.1:80"},
		"gzip":          {documents: map[string]http.Handler{start: packed("hello")}, body: "hello"},
		"256 KiB":       {documents: map[string]http.Handler{start: lab.Document("text/xml", strings.Repeat("x", 256<<10))}, body: strings.Repeat("x", 256<<10)},
		"300 KiB":       {documents: map[string]http.Handler{start: lab.Document("text/xml", strings.Repeat("x", 300<<10))}, err: isError(errTooLong)},
		"endless":       {documents: map[string]http.Handler{start: endless()}, err: isError(errTooLong)},
		"a gzip bomb":   {documents: map[string]http.Handler{start: packed(strings.Repeat("x", 2<<20))}, err: isError(errTooLong)},
		"broken gzip":   {documents: map[string]http.Handler{start: encoded("gzip")}, err: func(err error) bool { return err != nil }},
		"brotli":        {documents: map[string]http.Handler{start: encoded("br")}, err: isError(errCompression)},
		"not found":     {documents: map[string]http.Handler{start: status(404)}, err: isStatus(404)},
		"a login":       {documents: map[string]http.Handler{start: status(401)}, err: isStatus(401)},
		"no content":    {documents: map[string]http.Handler{start: status(204)}, err: isStatus(204)},
		"going nowhere": {documents: map[string]http.Handler{start: status(302)}, err: isStatus(302)},
		"no such host":  {err: dns.IsAbsent},
		"offline": {documents: map[string]http.Handler{start: page}, err: isError(errOffline),
			change: func(_ *web, q *Query) { q.HTTP.Offline = true }},
		"an unknown authority": {documents: map[string]http.Handler{start: page}, err: isUnreachable,
			change: func(_ *web, q *Query) { q.HTTP.Roots = x509.NewCertPool() }},
		"another's certificate": {documents: map[string]http.Handler{start: page}, bare: []string{"autoconfig.example.com"}, err: isUnreachable},
		"refused": {documents: map[string]http.Handler{start: page}, err: isUnreachable,
			change: func(w *web, _ *Query) { w.refused = []string{"192.0.2.1:443"} }},
		"the second address": {documents: map[string]http.Handler{start: page}, body: "hello", dialled: "192.0.2.9:443 192.0.2.1:443",
			change: func(w *web, _ *Query) {
				w.names["autoconfig.example.com"] = []string{"192.0.2.9", "192.0.2.1"}
				w.refused = []string{"192.0.2.9:443"}
			}},
		"a silent first address": {documents: map[string]http.Handler{start: page}, body: "hello", dialled: "192.0.2.9:443 [2001:db8::1]:443",
			change: func(w *web, _ *Query) {
				w.names["autoconfig.example.com"] = []string{"192.0.2.9", "2001:db8::1"}
				w.dropped = []string{"192.0.2.9"}
			}},
		"many addresses": {documents: map[string]http.Handler{start: page}, err: isUnreachable,
			dialled: "192.0.2.9:443 192.0.2.9:443 192.0.2.9:443 192.0.2.9:443",
			change: func(w *web, _ *Query) {
				w.names["autoconfig.example.com"] = slices.Repeat([]string{"192.0.2.9"}, 20)
				w.dropped = []string{"192.0.2.9"}
			}},

		"to another host": {documents: map[string]http.Handler{start: redirect("https://conf.hoster.net/c"), "https://conf.hoster.net/c": page},
			body: "hello", from: "https://conf.hoster.net/c"},
		"to another path": {documents: map[string]http.Handler{start: redirect("../d.xml#top"), "https://autoconfig.example.com/d.xml": page},
			body: "hello", from: "https://autoconfig.example.com/d.xml"},
		"from http to https": {start: "http://autoconfig.example.com/c.xml",
			documents: map[string]http.Handler{"http://autoconfig.example.com/c.xml": redirect(start), start: page}, body: "hello", from: start},
		"from http to http": {start: "http://autoconfig.example.com/c.xml",
			documents: map[string]http.Handler{"http://autoconfig.example.com/c.xml": redirect("/d.xml"), "http://autoconfig.example.com/d.xml": page},
			err:       isError(errRedirectInsecure)},
		"to http": {documents: map[string]http.Handler{start: redirect("http://autoconfig.example.com/c.xml"), "http://autoconfig.example.com/c.xml": page},
			err: isError(errRedirectInsecure), dialled: "192.0.2.1:443"},
		"to a file": {documents: map[string]http.Handler{start: redirect("file:///etc/passwd")}, err: isError(errRedirectInsecure)},
		"to nonsense": {documents: map[string]http.Handler{start: redirect("https://a b/%zz\x07")},
			err: func(err error) bool { return err != nil && !strings.Contains(err.Error(), "\x07") }},
		"to no host": {documents: map[string]http.Handler{start: redirect("https:///c")}, err: func(err error) bool { return err != nil }},
		"three times": {documents: map[string]http.Handler{start: redirect("/1"), "https://autoconfig.example.com/1": redirect("/2"),
			"https://autoconfig.example.com/2": redirect("/3"), "https://autoconfig.example.com/3": page}, body: "hello", from: "https://autoconfig.example.com/3"},
		"four times": {documents: map[string]http.Handler{start: redirect("/1"), "https://autoconfig.example.com/1": redirect("/2"),
			"https://autoconfig.example.com/2": redirect("/3"), "https://autoconfig.example.com/3": redirect("/4"), "https://autoconfig.example.com/4": page},
			err: isError(errRedirects)},
		"in a circle": {documents: map[string]http.Handler{start: redirect(start)}, err: isError(errRedirects)},

		"to a loopback address": {documents: map[string]http.Handler{start: redirect("https://127.0.0.1/c")}, err: isError(errRedirectPrivate), dialled: "192.0.2.1:443"},
		"to ::1":                {documents: map[string]http.Handler{start: redirect("https://[::1]/c")}, err: isError(errRedirectPrivate), dialled: "192.0.2.1:443"},
		"to a mapped address":   {documents: map[string]http.Handler{start: redirect("https://[::ffff:10.0.0.1]/c")}, err: isError(errRedirectPrivate), dialled: "192.0.2.1:443"},
		"to cloud metadata":     {documents: map[string]http.Handler{start: redirect("https://169.254.169.254/latest")}, err: isError(errRedirectPrivate), dialled: "192.0.2.1:443"},
		"to a private address by a public name": {documents: map[string]http.Handler{start: redirect("https://router.hoster.net/c"), "https://router.hoster.net/c": page},
			change: func(w *web, _ *Query) { w.names["router.hoster.net"] = []string{"192.168.1.1", "fe80::1"} },
			err:    isError(errRedirectPrivate), dialled: "192.0.2.1:443"},
		"to a private address and a public one": {documents: map[string]http.Handler{start: redirect("https://www.hoster.net/c"), "https://www.hoster.net/c": page},
			change: func(w *web, _ *Query) { w.names["www.hoster.net"] = []string{"10.0.0.1", "192.0.2.7"} },
			body:   "hello", from: "https://www.hoster.net/c", dialled: "192.0.2.1:443 192.0.2.7:443"},
		"to a private address by a second redirect": {documents: map[string]http.Handler{start: redirect("https://www.hoster.net/c"),
			"https://www.hoster.net/c": redirect("https://router.hoster.net/c"), "https://router.hoster.net/c": page},
			change: func(w *web, _ *Query) { w.names["router.hoster.net"] = []string{"172.16.0.1"} },
			err:    isError(errRedirectPrivate), dialled: "192.0.2.1:443 192.0.2.1:443"},
		"a domain in a private network": {documents: map[string]http.Handler{start: redirect("https://intern.example.com/c"), "https://intern.example.com/c": page},
			change: func(w *web, _ *Query) {
				w.names["autoconfig.example.com"], w.names["intern.example.com"] = []string{"10.1.0.1"}, []string{"10.1.0.2"}
			},
			body: "hello", from: "https://intern.example.com/c", dialled: "10.1.0.1:443 10.1.0.2:443"},
		"out of a private network and back": {documents: map[string]http.Handler{start: redirect("https://www.hoster.net/c"),
			"https://www.hoster.net/c": redirect("https://intern.example.com/c"), "https://intern.example.com/c": page},
			change: func(w *web, _ *Query) {
				w.names["autoconfig.example.com"], w.names["intern.example.com"] = []string{"10.1.0.1"}, []string{"10.1.0.2"}
			},
			err: isError(errRedirectPrivate), dialled: "10.1.0.1:443 192.0.2.1:443"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWeb(t, tc.documents, tc.bare...)
				q := w.query()
				if tc.change != nil {
					tc.change(w, &q)
				}
				from := start
				if tc.start != "" {
					from = tc.start
				}
				doc, err := q.get(t.Context(), from, "domain")
				if dialled := strings.Join(w.dialled, " "); tc.dialled != "" && dialled != tc.dialled {
					t.Errorf("dialled %s, want %s", dialled, tc.dialled)
				}
				if tc.err != nil {
					if !tc.err(err) || doc != nil {
						t.Errorf("%v, %v", doc, err)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				if tc.from != "" {
					from = tc.from
				}
				if string(doc.body) != tc.body || doc.url != from {
					t.Errorf("%d bytes from %s", len(doc.body), doc.url)
				}
			})
		})
	}
}

// What is sent names the program, and nothing of the machine, the environment
// or the pages before.
func TestGetSaysNothingElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		t.Setenv("HTTPS_PROXY", "http://proxy.test:3128")
		t.Setenv("ALL_PROXY", "http://proxy.test:3128")
		again := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			http.SetCookie(w, &http.Cookie{Name: "id", Value: "7"})
			w.Header().Set("Location", "https://user:password@autoconfig.example.com/d?emailaddress=anna%40example.com")
			w.WriteHeader(http.StatusMovedPermanently)
		})
		w := newWeb(t, map[string]http.Handler{"https://autoconfig.example.com/c": again,
			"https://autoconfig.example.com/d": lab.Document("text/xml", "hello")})
		if _, err := w.query().get(t.Context(), "https://autoconfig.example.com/c?emailaddress=anna%40example.com", "address"); err != nil {
			t.Fatal(err)
		}
		if n := len(w.asked()); n != 2 {
			t.Fatalf("%d requests", n)
		}
		for _, r := range w.asked() {
			r.Header.Del("Connection")
			if h := fmt.Sprint(r.Header); h != "map[Accept-Encoding:[identity] User-Agent:[mailcheck]]" {
				t.Errorf("header %s", h)
			}
			if r.URL.Query().Get("emailaddress") != "anna@example.com" {
				t.Errorf("asked for %s", r.URL)
			}
		}
		if got := w.told(); got != "autoconfig.example.com:443 address, autoconfig.example.com:443 address" {
			t.Errorf("told: %s", got)
		}
	})
}

// The address stays in its domain: what a redirect would carry out of it is
// taken away, or the redirect is not followed.
func TestGetKeepsTheAddress(t *testing.T) {
	const start = "https://autoconfig.example.com/c?emailaddress=anna%40example.com"
	for name, tc := range map[string]struct {
		to, asked, told string
		err             error
	}{
		"inside": {"https://mail.example.com/c?emailaddress=anna%40example.com", "mail.example.com/c?emailaddress=anna%40example.com",
			"autoconfig.example.com:443 address, mail.example.com:443 address", nil},
		"outside": {"https://conf.hoster.net/c?emailaddress=Anna%40Example.com&v=2", "conf.hoster.net/c?v=2",
			"autoconfig.example.com:443 address, conf.hoster.net:443 domain", nil},
		"outside, only it": {"https://conf.hoster.net/c?anna@example.com", "conf.hoster.net/c",
			"autoconfig.example.com:443 address, conf.hoster.net:443 domain", nil},
		"outside, in a query that is none": {"https://conf.hoster.net/c?a;e=anna%40example.com", "", "autoconfig.example.com:443 address", errRedirectAddress},
		"outside, in the path":             {"https://conf.hoster.net/anna%40example.com/c", "", "autoconfig.example.com:443 address", errRedirectAddress},
		"outside without it": {"https://conf.hoster.net/c?d=example.com&b=%41", "conf.hoster.net/c?d=example.com&b=%41",
			"autoconfig.example.com:443 address, conf.hoster.net:443 domain", nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				page := lab.Document("text/xml", "hello")
				w := newWeb(t, map[string]http.Handler{"https://autoconfig.example.com/c": redirect(tc.to),
					"https://mail.example.com/c": page, "https://conf.hoster.net/": page})
				if _, err := w.query().get(t.Context(), start, "address"); !errors.Is(err, tc.err) {
					t.Fatal(err)
				}
				requests := w.asked()
				last := requests[len(requests)-1]
				if asked := last.Host + last.URL.RequestURI(); tc.asked != "" && asked != tc.asked {
					t.Errorf("asked for %s, want %s", asked, tc.asked)
				}
				if got := w.told(); got != tc.told {
					t.Errorf("told %s, want %s", got, tc.told)
				}
			})
		})
	}
}

// A handshake that fails has told the name of the host, a connection that was
// refused nothing.
func TestGetTellsWhatWasTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWeb(t, map[string]http.Handler{"https://autoconfig.example.com/c": status(200)}, "autoconfig.example.com")
		if _, err := w.query().get(t.Context(), "https://autoconfig.example.com/c?emailaddress=anna%40example.com", "address"); err == nil {
			t.Error("a document without a certificate")
		}
		if got := w.told(); got != "autoconfig.example.com:443 domain" {
			t.Errorf("told: %s", got)
		}
		w.contacts, w.refused = nil, []string{"192.0.2.1:443"}
		_, _ = w.query().get(t.Context(), "https://autoconfig.example.com/c", "address")
		if got := w.told(); got != "" {
			t.Errorf("told: %s", got)
		}
	})
}

// A name is looked up once for each host: what was checked is what is dialled.
func TestGetResolvesOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWeb(t, map[string]http.Handler{"https://autoconfig.example.com/c": redirect("https://www.hoster.net./c"),
			"https://www.hoster.net/c": lab.Document("text/xml", "hello")})
		if _, err := w.query().get(t.Context(), "https://autoconfig.example.com/c", "domain"); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(w.looked, " "); got != "autoconfig.example.com www.hoster.net" {
			t.Errorf("looked up %s", got)
		}
	})
}

// A fetch ends with its context wherever it stands, and leaves nothing behind:
// the bubble fails a test that leaves a goroutine.
func TestGetEndsWithItsContext(t *testing.T) {
	drip := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for {
			if _, err := w.Write([]byte("x")); err != nil {
				return
			}
			_ = http.NewResponseController(w).Flush()
			select {
			case <-time.After(time.Second):
			case <-r.Context().Done():
				return
			}
		}
	})
	for name, tc := range map[string]struct {
		document http.Handler
		change   func(*web)
		took     time.Duration
		err      error
	}{
		"no answer":        {document: lab.Never(), took: Deadline, err: context.DeadlineExceeded},
		"a byte a second":  {document: drip, took: Deadline, err: context.DeadlineExceeded},
		"a late answer":    {document: lab.Late(7*time.Second, lab.Document("text/xml", "x")), took: 7 * time.Second},
		"too late":         {document: lab.Late(9*time.Second, lab.Document("text/xml", "x")), took: Deadline, err: context.DeadlineExceeded},
		"no connection":    {document: status(200), change: func(w *web) { w.dropped = []string{"192.0.2.1"} }, took: guessConnect, err: context.DeadlineExceeded},
		"no TLS handshake": {document: status(200), change: func(w *web) { w.listeners["443"] = w.mute() }, took: Deadline, err: context.DeadlineExceeded},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWeb(t, map[string]http.Handler{"https://autoconfig.example.com/c": tc.document})
				if tc.change != nil {
					tc.change(w)
				}
				ctx, cancel := context.WithTimeout(t.Context(), Deadline)
				defer cancel()
				begin := time.Now()
				_, err := w.query().get(ctx, "https://autoconfig.example.com/c", "domain")
				if !errors.Is(err, tc.err) {
					t.Errorf("error %v", err)
				}
				if took := time.Since(begin); took != tc.took {
					t.Errorf("took %v, want %v", took, tc.took)
				}
			})
		})
	}
}

// mute is a listener that takes connections and says nothing on them.
func (w *web) mute() pipes {
	l := pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() { _, _ = io.Copy(io.Discard, conn) }()
		}
	}()
	w.t.Cleanup(func() { _ = l.Close() })
	return l
}

func TestIsPrivate(t *testing.T) {
	for private, addrs := range map[bool][]string{
		true: {"127.0.0.1", "127.9.9.9", "::1", "0.0.0.0", "::", "0.1.2.3", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.0.1",
			"169.254.169.254", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "fec0::1", "100.64.0.1", "192.0.0.8", "224.0.0.251", "ff02::1",
			"255.255.255.255", "240.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1",
			"2002:0a00:0001::1", "2002:7f00:1::"},
		false: {"192.0.2.1", "8.8.8.8", "172.15.0.1", "172.32.0.1", "100.63.0.1", "100.128.0.1", "2001:db8::1", "2a00:1450::1",
			"::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1"},
	} {
		for _, text := range addrs {
			if got := isPrivate(netip.MustParseAddr(text)); got != private {
				t.Errorf("isPrivate(%s) = %v", text, got)
			}
		}
	}
}
