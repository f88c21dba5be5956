package discover

import (
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"mailcheck/report"
)

// The bounds of fetching a document.
const (
	// maxDocument bounds a body in bytes, once decompressed. The largest files
	// of the ISPDB have about 20 KiB.
	maxDocument = 256 << 10
	// maxHeader bounds the header of an answer: eight times what web servers
	// send with many cookies.
	maxHeader = 64 << 10
	// maxRedirects: a provider's own host, a hoster's, and a www. before either.
	maxRedirects = 3
	// maxFetchAddresses bounds the addresses of a web server that are tried.
	maxFetchAddresses = 4
	// fetchStagger is the Connection Attempt Delay of RFC 8305 section 5.
	fetchStagger = 250 * time.Millisecond
)

// HTTP says how documents are fetched. The zero value asks everybody.
type HTTP struct {
	Roots     *x509.CertPool // beside or instead of the system's; nil: the system's
	Offline   bool           // nothing is fetched
	NoAddress bool           // only the domain is told, never the address
	// Dial connects to an IP address; nil means net.Dialer.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Shared are the documents of searches before this one, under the same DNS
	// and roots; nil means that nothing is shared.
	Shared *Documents
}

// document is what was fetched.
type document struct {
	body        []byte
	contentType string
	url         string // where it came from in the end
}

// Why a document is not had, beside what the DNS, the network and TLS say.
var (
	errOffline          = errors.New("no document is fetched")
	errRedirectInsecure = errors.New("a redirect to a URL that is not https")
	errRedirectPrivate  = errors.New("a redirect from a public address to a private one")
	errRedirectAddress  = errors.New("a redirect that takes the address to another domain")
	errRedirects        = fmt.Errorf("more than %d redirects", maxRedirects)
	errTooLong          = errors.New("a document longer")
	errCompression      = errors.New("a document in an encoding that was not asked for")
)

// statusError is an answer without a document.
type statusError struct {
	Host string
	Code int // RFC 9110 section 15
}

func (e *statusError) Error() string {
	return strings.TrimSpace(fmt.Sprintf("%s answers %d %s", e.Host, e.Code, http.StatusText(e.Code)))
}

// cause is what the answer means: there is no such document, or the server
// wants another kind of request, or has failed.
func (e *statusError) cause() report.Cause {
	if e.Code == http.StatusNotFound || e.Code == http.StatusGone {
		return report.AutoconfigNotFound
	}
	return report.AutoconfigBadRequest
}

// unreachableError is a web server that takes no connection, or no TLS.
type unreachableError struct {
	Host string
	Err  error
}

func (e *unreachableError) Error() string { return fmt.Sprintf("%s: %v", e.Host, e.Err) }

func (e *unreachableError) Unwrap() error { return e.Err }

// lateError is a web server that has not answered when the time for it ended.
type lateError struct {
	Host string
	Err  error // of the context
}

func (e *lateError) Error() string { return e.Host + " gives no answer in time" }

func (e *lateError) Unwrap() error { return e.Err }

// get fetches a document. It carries neither cookies nor credentials, asks no
// proxy, and goes where Resolver leads. Redirects lead to https only, and never
// from a public address into a private network: that is checked on the address
// that is dialled. Someone whose own domain is in a private network meets no
// public address before, and is sent on as usual.
//
// Told says what the URL tells: "domain", or "address", which is not carried
// outside the address's registrable domain.
func (q Query) get(ctx context.Context, address, told string) (*document, error) {
	if q.HTTP.Offline {
		return nil, errOffline
	}
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	if q.HTTP.Shared != nil && told == "domain" {
		return q.HTTP.Shared.get(ctx, address, func() (*document, error) { return q.fetch(ctx, u, told) })
	}
	return q.fetch(ctx, u, told)
}

// fetch is get for a URL that can be fetched.
func (q Query) fetch(ctx context.Context, u *url.URL, told string) (*document, error) {
	f := &fetch{query: q, told: told, limit: maxDocument}
	for range maxRedirects + 1 {
		doc, location, err := f.hop(ctx, u)
		switch {
		case ctx.Err() != nil: // a body that ends just then may be cut short
			return nil, &lateError{Host: u.Hostname(), Err: ctx.Err()}
		case err != nil || doc != nil:
			return doc, err
		}
		if u, err = f.redirect(u, location); err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("%s: %w", u.Hostname(), errRedirects)
}

// fetch is one document on its way.
type fetch struct {
	query  Query
	told   string // what the next host is told
	limit  int    // of the body, in bytes
	public bool   // a public address has answered
}

// hop asks one server: for a document, or where it is.
//
// The connection is made before a transport is asked for an answer, because
// its own dialling does not end with the request. There is no client around
// the transport: it would add the credentials of a URL, and a Referer, which
// names the address to whom a redirect leads.
func (f *fetch) hop(ctx context.Context, u *url.URL) (doc *document, location string, err error) {
	conn, err := f.connect(ctx, u)
	if err != nil {
		return nil, "", err
	}
	defer hangUp(conn)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, "", err
	}
	req.Header.Set("User-Agent", "mailcheck")
	req.Header.Set("Accept-Encoding", "identity") // PACC's digest is that of the bytes
	res, err := roundTrip(conn, req)
	if err != nil {
		return nil, "", fmt.Errorf("%s: %w", u.Hostname(), err)
	}
	defer func() { _ = res.Body.Close() }()
	switch res.StatusCode {
	case http.StatusOK:
		body, err := readBody(res, f.limit)
		if err != nil {
			return nil, "", fmt.Errorf("%s: %w", u.Hostname(), err)
		}
		return &document{body: body, contentType: res.Header.Get("Content-Type"), url: u.String()}, "", nil
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		if location := res.Header.Get("Location"); location != "" {
			return nil, location, nil
		}
	}
	status := &statusError{Host: u.Hostname(), Code: res.StatusCode}
	return nil, "", &report.Fault{Cause: status.cause(), Err: status}
}

// roundTrip puts one request over a connection that is made.
func roundTrip(conn net.Conn, req *http.Request) (*http.Response, error) {
	connected := func(context.Context, string, string) (net.Conn, error) { return conn, nil }
	transport := &http.Transport{
		DialContext: connected, DialTLSContext: connected,
		DisableKeepAlives: true, DisableCompression: true, MaxResponseHeaderBytes: maxHeader,
	}
	return transport.RoundTrip(req)
}

// hangUp closes a connection at once. TLS would first say so, and wait for a
// server that does not listen.
func hangUp(conn net.Conn) {
	if secure, ok := conn.(*tls.Conn); ok {
		conn = secure.NetConn()
	}
	_ = conn.Close()
}

// readBody reads a body of at most so many bytes. Some servers compress
// whatever is asked.
func readBody(res *http.Response, limit int) ([]byte, error) {
	body := io.Reader(res.Body)
	switch strings.ToLower(res.Header.Get("Content-Encoding")) {
	case "", "identity":
	case "gzip", "x-gzip":
		unzip, err := gzip.NewReader(body)
		if err != nil {
			return nil, err
		}
		body = unzip
	default:
		return nil, errCompression
	}
	text, err := io.ReadAll(io.LimitReader(body, int64(limit)+1))
	if err == nil && len(text) > limit {
		err = fmt.Errorf("%w than %d bytes", errTooLong, limit)
	}
	return text, err
}

// redirect is where a redirect leads, if it may.
func (f *fetch) redirect(from *url.URL, location string) (*url.URL, error) {
	to, err := from.Parse(location)
	if err != nil {
		return nil, fmt.Errorf("%s: a redirect to %.200q, which is no URL", from.Hostname(), location)
	}
	if to.Scheme != "https" {
		return nil, fmt.Errorf("%s: %w: %.200q", from.Hostname(), errRedirectInsecure, location)
	}
	host := strings.TrimSuffix(to.Hostname(), ".")
	if _, err := netip.ParseAddr(host); err != nil {
		if host, err = serverNames.ToASCII(host); err != nil {
			return nil, fmt.Errorf("%s: a redirect to %.200q, which names no host", from.Hostname(), location)
		}
	}
	to.Host = strings.TrimSuffix(net.JoinHostPort(host, to.Port()), ":")
	to.User, to.Fragment = nil, ""
	if f.told == "address" && !inside(host, f.query.Account.Domain) {
		if !withhold(to, f.query.Account.Mailbox()) {
			return nil, fmt.Errorf("%s: %w: %s", from.Hostname(), errRedirectAddress, host)
		}
		f.told = "domain"
	}
	return to, nil
}

// withhold takes an address out of the query of a URL, where a server that
// sends everything on puts it, and tells whether the URL is then free of it.
func withhold(u *url.URL, mailbox string) bool {
	carries := func(text string) bool {
		return strings.Contains(strings.ToLower(text), strings.ToLower(mailbox))
	}
	values := u.Query()
	before := len(values)
	maps.DeleteFunc(values, func(name string, value []string) bool {
		return carries(name) || slices.ContainsFunc(value, carries)
	})
	if len(values) < before {
		u.RawQuery = values.Encode()
	}
	rest, err := url.QueryUnescape(u.RawQuery)
	return err == nil && !carries(rest) && !carries(u.Path)
}
