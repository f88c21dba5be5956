package lab

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"mailcheck/internal/dns"
	"mailcheck/report"
)

// browser fetches as a client of the lab does: names from its DNS, ports from
// DialContext.
func browser(l *Lab) *http.Client {
	resolver := dns.New(dns.Options{Server: l.DNSAddr()})
	dial := func(ctx context.Context, network, address string) (conn net.Conn, err error) {
		host, port, _ := net.SplitHostPort(address)
		found, err := resolver.Host(ctx, host)
		if err != nil {
			return nil, err
		}
		return l.DialContext(ctx, network, net.JoinHostPort(found.Addrs[0].String(), port))
	}
	return &http.Client{Transport: &http.Transport{
		DialContext: dial, TLSClientConfig: &tls.Config{RootCAs: l.Roots()}, DisableKeepAlives: true,
	}}
}

func TestDocuments(t *testing.T) {
	const autoconfig = "https://autoconfig.example.test/mail/config-v1.1.xml"
	l := startLab(t, Options{Documents: map[string]http.Handler{
		autoconfig: Autoconfig("example.test", report.Endpoint{Protocol: report.IMAP, Host: "imap.example.test", Port: 993, Security: report.TLS},
			report.Endpoint{Protocol: report.SMTP, Host: "smtp.example.test", Port: 587, Security: report.STARTTLS, Username: "anna"}),
		"http://autoconfig.example.test/plain": Document("text/plain", "in clear text"),
		"https://ispdb.example.org/v1.1/gone":  http.NotFoundHandler(),
		"https://ispdb.example.org/v1.1/moved": http.RedirectHandler(autoconfig, http.StatusFound),
		"https://ispdb.example.org/late":       Late(time.Microsecond, Document("text/plain", "at last")),
	}})
	for url, want := range map[string]struct {
		status int
		kind   string
		text   string
	}{
		autoconfig + "?emailaddress=anna%40example.test": {200, "text/xml; charset=utf-8", "<username>%EMAILADDRESS%</username>"},
		"http://autoconfig.example.test/plain":           {200, "text/plain", "in clear text"},
		"https://autoconfig.example.test/plain":          {404, "text/plain; charset=utf-8", "not found"},
		"https://ispdb.example.org/v1.1/gone":            {404, "text/plain; charset=utf-8", "not found"},
		"https://ispdb.example.org/v1.1/moved":           {200, "text/xml; charset=utf-8", "<username>anna</username>"},
		"https://ispdb.example.org/late":                 {200, "text/plain", "at last"},
		"https://autoconfig.thunderbird.net/v1.1/a.test": {404, "text/plain; charset=utf-8", "not found"},
	} {
		r, err := browser(l).Get(url)
		if err != nil {
			t.Errorf("%s: %v", url, err)
			continue
		}
		body, err := io.ReadAll(r.Body)
		r.Body.Close()
		if err != nil || r.StatusCode != want.status || r.Header.Get("Content-Type") != want.kind || !strings.Contains(string(body), want.text) {
			t.Errorf("%s: %d %s %v\n%s", url, r.StatusCode, r.Header.Get("Content-Type"), err, body)
		}
	}
}

// The end of the lab ends what is never answered.
func TestNever(t *testing.T) {
	asked := make(chan struct{})
	never := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { close(asked); Never().ServeHTTP(w, r) })
	l := startLab(t, Options{Documents: map[string]http.Handler{"https://autoconfig.example.test/x": never}})
	go func() { <-asked; l.Close() }()
	if r, err := browser(l).Get("https://autoconfig.example.test/x"); err == nil {
		t.Errorf("answered %d", r.StatusCode)
	}
}

func TestWellKnownPorts(t *testing.T) {
	l := startLab(t, Options{WellKnownPorts: true})
	for _, e := range l.Endpoints() {
		if want := wellKnown[e.Protocol][e.Security]; e.Port != want {
			t.Errorf("%s %s: port %d, want %d", e.Protocol, e.Security, e.Port, want)
		}
	}
	conn, err := l.DialContext(t.Context(), "tcp", "127.0.0.1:143")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	greeting := make([]byte, 4)
	if _, err := io.ReadFull(conn, greeting); err != nil || string(greeting) != "* OK" {
		t.Errorf("%q, %v", greeting, err)
	}
}

func TestRecords(t *testing.T) {
	l := startLab(t, Options{NoSRV: true, MX: "mx.hoster.test", Records: []string{"mx.hoster.test. A 127.0.0.1", "old.example.test. A 127.0.0.1"}})
	client := dns.New(dns.Options{Server: l.DNSAddr()})
	if a, err := client.MX(t.Context(), "example.test"); err != nil || a.Records[0].Host != "mx.hoster.test" {
		t.Errorf("MX: %+v, %v", a, err)
	}
	for _, host := range []string{"mx.hoster.test", "old.example.test"} {
		if found, err := client.Host(t.Context(), host); err != nil || len(found.Addrs) != 1 {
			t.Errorf("%s: %+v, %v", host, found, err)
		}
	}
	var none *dns.Error
	if _, err := client.SRV(t.Context(), "_imaps._tcp.example.test"); !errors.As(err, &none) || none.Kind != dns.NXDomain {
		t.Errorf("SRV: %v", err)
	}
	if _, err := client.Host(t.Context(), "other.hoster.test"); !dns.IsAbsent(err) {
		t.Errorf("a name without records: %v", err)
	}
}

func TestMistakenDocuments(t *testing.T) {
	for _, url := range []string{"ftp://example.test/x", "https://example.test", "%"} {
		if l, err := Start(t.Context(), Options{Documents: map[string]http.Handler{url: Never()}}); err == nil {
			l.Close()
			t.Errorf("%q is taken for a document's URL", url)
		}
	}
}
