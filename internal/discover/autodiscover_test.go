package discover

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"mailcheck/creds"
	"mailcheck/internal/dns"
	"mailcheck/internal/lab"
	"mailcheck/report"
)

// sites are the web servers of a test, "https://example.com" or
// "http://example.com", with the DNS and the network that lead to them. A nil
// handler is a host that drops packets. Connections are pipes, so that the
// time of a synctest bubble holds.
type sites struct {
	world
	txt    map[string][]string
	txtErr error
	web    map[string]http.HandlerFunc
	leaf   lab.Leaf

	ca    *lab.CA
	mu    sync.Mutex
	asked []request
	told  []report.Contact
}

// request is what a site was asked.
type request struct {
	line string // "POST https://example.com/path"
	body string
}

// requests are those that came, in the order of the alphabet, and their lines
// alone.
func (s *sites) requests() ([]request, string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	slices.SortFunc(s.asked, func(a, b request) int { return strings.Compare(a.line, b.line) })
	var lines []string
	for _, r := range s.asked {
		lines = append(lines, r.line)
	}
	return s.asked, strings.Join(lines, ", ")
}

func (s *sites) TXT(_ context.Context, name string) (*dns.Answer[string], error) {
	if s.txtErr != nil {
		return nil, s.txtErr
	}
	if records := s.txt[name]; records != nil {
		return &dns.Answer[string]{Records: records}, nil
	}
	return nil, &dns.Error{Name: name, Type: "TXT", Kind: dns.NXDomain}
}

// names are all hosts, in an order that does not change.
func (s *sites) names() []string {
	var names []string
	for site := range s.web {
		_, name, _ := strings.Cut(site, "://")
		names = append(names, name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (s *sites) Host(_ context.Context, name string) (*dns.Hosts, error) {
	if i := slices.Index(s.names(), name); i >= 0 {
		return &dns.Hosts{Addrs: []netip.Addr{netip.AddrFrom4([4]byte{203, 0, 113, byte(i)})}}, nil
	}
	return nil, &dns.Error{Name: name, Type: "A", Kind: dns.NXDomain}
}

func (s *sites) connect(ctx context.Context, _, address string) (net.Conn, error) {
	at := netip.MustParseAddrPort(address)
	name := s.names()[at.Addr().As4()[3]]
	scheme := map[uint16]string{443: "https", 80: "http"}[at.Port()]
	handler, ok := s.web[scheme+"://"+name]
	if !ok {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	}
	if handler == nil {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	client, server := net.Pipe()
	var listener net.Listener = &oneConn{conn: pipeEnd{server}}
	if scheme == "https" {
		cert, err := s.ca.Certificate(s.leaf, name)
		if err != nil {
			return nil, err
		}
		listener = tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{cert}})
	}
	go func() {
		server := http.Server{ErrorLog: log.New(io.Discard, "", 0)}
		server.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			s.mu.Lock()
			line := fmt.Sprintf("%s %s://%s%s", r.Method, scheme, r.Host, r.URL)
			if r.Header.Get("Authorization") != "" || r.Header.Get("Cookie") != "" {
				line += " with credentials" // which no test wants
			}
			s.asked = append(s.asked, request{line, string(body)})
			s.mu.Unlock()
			handler(w, r)
		})
		_ = server.Serve(listener)
	}()
	return pipeEnd{client}, nil
}

// pipeEnd drops the alert with which TLS closes, the one thing that is written
// with a deadline: in a pipe, which holds no bytes, both ends would wait for a
// reader.
type pipeEnd struct{ net.Conn }

func (p pipeEnd) SetWriteDeadline(t time.Time) error {
	if !t.IsZero() {
		t = time.Now()
	}
	return p.Conn.SetWriteDeadline(t)
}

// oneConn listens for one connection.
type oneConn struct{ conn net.Conn }

func (l *oneConn) Accept() (net.Conn, error) {
	if l.conn == nil {
		return nil, io.EOF
	}
	conn := l.conn
	l.conn = nil
	return conn, nil
}

func (l *oneConn) Close() error   { return nil }
func (l *oneConn) Addr() net.Addr { return &net.TCPAddr{} }

// ask asks a source about an address.
func (s *sites) ask(t *testing.T, source func(context.Context, Query) (answer, error), address string, change func(*Query)) (answer, error) {
	t.Helper()
	account, err := creds.ParseAddress(address)
	if err != nil {
		t.Fatal(err)
	}
	if s.ca, err = lab.NewCA(); err != nil {
		t.Fatal(err)
	}
	q := Query{Account: account, Wanted: all, Resolver: s, Told: func(c report.Contact) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.told = append(s.told, c)
	}}
	q.HTTP.Roots, q.HTTP.Dial = s.ca.Roots(), s.connect
	if change != nil {
		change(&q)
	}
	ctx, cancel := context.WithTimeout(t.Context(), Deadline)
	defer cancel()
	return source(ctx, q)
}

func says(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }
}

func refuses(code int, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(header); i += 2 {
			w.Header().Add(header[i], header[i+1])
		}
		w.WriteHeader(code)
	}
}

func hangs(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

func TestAskAutodiscover(t *testing.T) {
	const (
		own    = "https://example.com"
		auto   = "https://autodiscover.example.com"
		plain  = "http://autodiscover.example.com"
		online = "https://autodiscover-s.outlook.com/autodiscover/autodiscover.xml"
	)
	type web = map[string]http.HandlerFunc
	offline := func(q *Query) { q.HTTP.Offline = true }
	for name, tc := range map[string]struct {
		sites   *sites
		address string // "" for anna@example.com
		query   func(*Query)
		want    string // endpoints
		detail  string
		asked   string
		took    time.Duration
		fails   bool
	}{
		"nobody there": {
			sites: &sites{}, detail: "no Exchange server answers",
		},
		"an ordinary web server": {
			sites:  &sites{web: web{own: says("<!doctype html><p>hello")}},
			detail: "no Exchange server answers", asked: "POST " + own + autodiscoverPath,
		},
		"a web server without the path": {
			sites:  &sites{web: web{own: refuses(404), auto: refuses(500)}},
			detail: "no Exchange server answers", asked: "POST " + auto + autodiscoverPath + ", POST " + own + autodiscoverPath,
		},
		"a login is asked for": {
			sites:  &sites{web: web{auto: refuses(401, "WWW-Authenticate", "Negotiate", "WWW-Authenticate", "NTLM")}},
			detail: "Exchange answers at autodiscover.example.com: it asks for a login (Negotiate, NTLM)",
			asked:  "POST " + auto + autodiscoverPath,
		},
		"Bearer": {
			sites:  &sites{web: web{own: refuses(401, "WWW-Authenticate", `Bearer client_id="x"`)}},
			detail: "Exchange answers at example.com: it asks for a login (Bearer)", asked: "POST " + own + autodiscoverPath,
		},
		"Basic alone": {
			sites:  &sites{web: web{own: refuses(401, "WWW-Authenticate", `Basic realm="mail"`)}},
			detail: "example.com asks for a login for Autodiscover (Basic), as Exchange does", asked: "POST " + own + autodiscoverPath,
		},
		"a login of another kind": {
			sites:  &sites{web: web{own: refuses(401, "WWW-Authenticate", `Digest realm="mail"`), auto: refuses(401)}},
			detail: "no Exchange server answers", asked: "POST " + auto + autodiscoverPath + ", POST " + own + autodiscoverPath,
		},
		"forbidden is no demand": {
			sites:  &sites{web: web{own: refuses(403, "WWW-Authenticate", "NTLM")}},
			detail: "no Exchange server answers", asked: "POST " + own + autodiscoverPath,
		},
		"error 600": {
			sites:  &sites{web: web{own: says(pox("<Error><ErrorCode>600</ErrorCode></Error>"))}},
			detail: "Autodiscover answers at example.com: error 600", asked: "POST " + own + autodiscoverPath,
		},
		"servers are named": {
			sites: &sites{web: web{auto: says(poxAccount(poxIMAP + poxProtocol("SMTP", "<Server>smtp.hoster.net</Server><Port>587</Port>")))}},
			want:  "imap imap.example.com:993 tls , smtp smtp.hoster.net:587 starttls ",
			detail: "Autodiscover answers at autodiscover.example.com: imap imap.example.com:993, " +
				"smtp smtp.hoster.net:587",
			asked: "POST " + auto + autodiscoverPath,
		},
		"both places name the same": {
			sites: &sites{web: web{own: says(poxAccount(poxIMAP)), auto: says(poxAccount(poxIMAP))}},
			want:  "imap imap.example.com:993 tls ",
			detail: "Autodiscover answers at example.com: imap imap.example.com:993; " +
				"Autodiscover answers at autodiscover.example.com: imap imap.example.com:993",
			asked: "POST " + auto + autodiscoverPath + ", POST " + own + autodiscoverPath,
		},
		"Exchange without IMAP": {
			sites:  &sites{web: web{own: says(poxAccount(poxProtocol("EXCH", "<Server>ex1.example.com</Server>")))}},
			detail: "Exchange answers at example.com", asked: "POST " + own + autodiscoverPath,
		},
		"sent on to another address": {
			sites:  &sites{web: web{own: says(poxAccount("<RedirectAddr>anna@corp.onmicrosoft.com</RedirectAddr>")), "https://autodiscover.corp.onmicrosoft.com": hangs}},
			detail: "Autodiscover answers at example.com, and sends on to corp.onmicrosoft.com, which is not asked",
			asked:  "POST " + own + autodiscoverPath,
		},
		"sent on to another URL": {
			sites:  &sites{web: web{own: says(poxAccount("<RedirectUrl>" + online + "</RedirectUrl>")), "https://autodiscover-s.outlook.com": hangs}},
			detail: "Autodiscover answers at example.com, and sends on to autodiscover-s.outlook.com, which is not asked",
			asked:  "POST " + own + autodiscoverPath,
		},
		"Exchange Online": {
			sites:  &sites{web: web{plain: refuses(302, "Location", online), "https://autodiscover-s.outlook.com": hangs}},
			detail: "autodiscover.example.com sends on to autodiscover-s.outlook.com for Autodiscover, which is not asked",
			asked:  "GET " + plain + autodiscoverPath,
		},
		"HTTPS sends on": {
			sites:  &sites{web: web{auto: refuses(307, "Location", online), "https://autodiscover-s.outlook.com": hangs}},
			detail: "autodiscover.example.com sends on to autodiscover-s.outlook.com for Autodiscover, which is not asked",
			asked:  "POST " + auto + autodiscoverPath,
		},
		"to plain HTTP": {
			sites:  &sites{web: web{auto: refuses(302, "Location", strings.Replace(online, "https", "http", 1)), "http://autodiscover-s.outlook.com": hangs}},
			detail: "no Exchange server answers", asked: "POST " + auto + autodiscoverPath,
		},
		"to a login page": {
			sites:  &sites{web: web{auto: refuses(302, "Location", "https://portal.hoster.net/login"), "https://portal.hoster.net": hangs}},
			detail: "no Exchange server answers", asked: "POST " + auto + autodiscoverPath,
		},
		"a web server that is called www.": {
			sites:  &sites{web: web{own: refuses(301, "Location", "https://www.example.com"+autodiscoverPath), "https://www.example.com": hangs}},
			detail: "no Exchange server answers", asked: "POST " + own + autodiscoverPath,
		},
		"an SRV record": {
			sites:  &sites{world: world{srv: map[string][]dns.SRV{"_autodiscover._tcp": {{Target: "ex.hoster.net", Port: 443}}}}, web: web{"https://ex.hoster.net": hangs}},
			detail: "SRV names ex.hoster.net for Autodiscover, which is not asked",
		},
		"SRV declines": {
			sites:  &sites{world: world{srv: map[string][]dns.SRV{"_autodiscover._tcp": {{}}}}},
			detail: "no Exchange server answers",
		},
		"the DNS fails": {
			sites: &sites{world: world{srvE: &dns.Error{Type: "SRV", Kind: dns.Servfail}}},
			fails: true, detail: "no Exchange server answers",
		},
		"the DNS fails, Exchange is there": {
			sites: &sites{world: world{srvE: &dns.Error{Type: "SRV", Kind: dns.Servfail}},
				web: web{own: refuses(401, "WWW-Authenticate", "NTLM")}},
			detail: "Exchange answers at example.com: it asks for a login (NTLM)", asked: "POST " + own + autodiscoverPath,
		},
		"not encrypted": {
			sites:  &sites{web: web{plain: says(poxAccount(poxIMAP))}},
			detail: "no Exchange server answers", asked: "GET " + plain + autodiscoverPath,
		},
		"a bad certificate": {
			sites:  &sites{leaf: lab.LeafSelfSigned, web: web{own: says(poxAccount(poxIMAP))}},
			detail: "no Exchange server answers",
			took:   autodiscoverLimit, // a pipe holds no bytes: the alert finds no reader
		},
		"too long": {
			sites:  &sites{web: web{own: says(poxAccount(poxIMAP) + strings.Repeat(" ", 300<<10))}},
			detail: "no Exchange server answers", asked: "POST " + own + autodiscoverPath,
		},
		"packets are dropped": {
			sites:  &sites{web: web{own: nil, auto: hangs, plain: refuses(302, "Location", online)}},
			detail: "autodiscover.example.com sends on to autodiscover-s.outlook.com for Autodiscover, which is not asked",
			asked:  "GET " + plain + autodiscoverPath + ", POST " + auto + autodiscoverPath,
			took:   autodiscoverLimit,
		},
		"the address is not told": {
			sites:  &sites{web: web{auto: refuses(401, "WWW-Authenticate", "NTLM"), own: says(pox("<Error><ErrorCode>600</ErrorCode></Error>"))}},
			query:  func(q *Query) { q.HTTP.NoAddress = true },
			detail: "Autodiscover answers at example.com: error 600; Exchange answers at autodiscover.example.com: it asks for a login (NTLM)",
			asked:  "GET " + auto + autodiscoverPath + ", GET " + own + autodiscoverPath,
		},
		"offline": {
			sites:  &sites{web: web{own: says(poxAccount(poxIMAP))}},
			query:  offline,
			detail: "no SRV record names an Exchange server; no other is asked",
		},
		"offline, an SRV record": {
			sites: &sites{world: world{srv: map[string][]dns.SRV{"_autodiscover._tcp": {{Target: "ex.hoster.net", Port: 443}}}}},
			query: offline, detail: "SRV names ex.hoster.net for Autodiscover, which is not asked",
		},
		"a domain that others register below": {
			sites:   &sites{web: web{"https://co.jp": refuses(404), "https://autodiscover.co.jp": hangs, "http://autodiscover.co.jp": hangs}},
			address: "anna@co.jp", detail: "no Exchange server answers", asked: "POST https://co.jp" + autodiscoverPath,
		},
		"a domain below": {
			sites: &sites{web: web{"https://mail.example.com": refuses(404), "https://autodiscover.mail.example.com": refuses(404),
				own: hangs, auto: hangs}},
			address: "anna@mail.example.com", detail: "no Exchange server answers",
			asked: "POST https://autodiscover.mail.example.com" + autodiscoverPath + ", POST https://mail.example.com" + autodiscoverPath,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				address := tc.address
				if address == "" {
					address = "anna@example.com"
				}
				begin := time.Now()
				got, err := tc.sites.ask(t, askAutodiscover, address, tc.query)
				if took := time.Since(begin); took != tc.took {
					t.Errorf("took %v, want %v", took, tc.took)
				}
				if (err != nil) != tc.fails {
					t.Error(err)
				}
				if got := short(got.endpoints); got != tc.want {
					t.Errorf("endpoints %s\n     want %s", got, tc.want)
				}
				if got.detail != tc.detail {
					t.Errorf("says %s\nwant %s", got.detail, tc.detail)
				}
				requests, lines := tc.sites.requests()
				if lines != tc.asked {
					t.Errorf("asked %s\n want %s", lines, tc.asked)
				}
				for _, r := range requests {
					if tells := strings.Contains(r.body, "anna@"); tells != strings.HasPrefix(r.line, "POST ") {
						t.Errorf("%s carries %q", r.line, r.body)
					}
				}
			})
		})
	}
}

// The host is told of before the address reaches it, with what it gets.
func TestAutodiscoverTells(t *testing.T) {
	for _, tc := range []struct {
		noAddress bool
		want      []string
	}{
		{false, []string{"autodiscover.example.com [address]", "autodiscover.example.com [domain]", "example.com [address]"}},
		{true, []string{"autodiscover.example.com [domain]", "autodiscover.example.com [domain]", "example.com [domain]"}},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &sites{web: map[string]http.HandlerFunc{
				"https://example.com": refuses(404), "https://autodiscover.example.com": refuses(404), "http://autodiscover.example.com": refuses(404)}}
			if _, err := s.ask(t, askAutodiscover, "anna@example.com", func(q *Query) { q.HTTP.NoAddress = tc.noAddress }); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, c := range s.told {
				got = append(got, fmt.Sprintf("%s %v", c.Host, c.Told))
			}
			slices.Sort(got)
			if !slices.Equal(got, tc.want) {
				t.Errorf("told %q, want %q", got, tc.want)
			}
		})
	}
}

// An address is written into XML; whatever it holds, it stays an address.
func TestAutodiscoverBody(t *testing.T) {
	body := autodiscoverBody(`"a&]]></b"@example.com`)
	if !strings.Contains(body, `<EMailAddress>&#34;a&amp;]]&gt;&lt;/b&#34;@example.com</EMailAddress>`) {
		t.Errorf("%s", body)
	}
}

// Hosts that never answer end with the discovery's deadline, or when a better
// source has named everything.
func TestAutodiscoverEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &sites{web: map[string]http.HandlerFunc{"https://example.com": hangs}}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		begin := time.Now()
		_, err := s.ask(t, func(_ context.Context, q Query) (answer, error) { return askAutodiscover(ctx, q) }, "anna@example.com", nil)
		if took := time.Since(begin); err == nil || took != time.Second {
			t.Errorf("ended after %v with %v", took, err)
		}
	})
}
