package oauth

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"golang.org/x/oauth2"

	"mailcheck/internal/dns"
	"mailcheck/report"
)

// The bounds of a request to an authorization server.
const (
	// requestLimit is the whole of a request: real servers answer within a
	// second, those of companies that ask others in a few.
	requestLimit = 15 * time.Second
	// addressLimit is what one address gets to take the connection.
	addressLimit = 4 * time.Second
	// maxAddresses bounds the addresses of a server that are tried.
	maxAddresses = 3
	// maxHeader bounds the header of an answer in bytes, and maxAnswer its body;
	// oauth2 itself bounds that of a token to 1 MiB.
	maxHeader = 64 << 10
	maxAnswer = 256 << 10
)

// Resolver looks up the hosts of authorization servers.
type Resolver interface {
	Host(ctx context.Context, name string) (*dns.Hosts, error)
}

// Client asks authorization servers. It carries no cookies, follows no
// redirect (which would take a secret elsewhere) and asks no proxy. The zero
// value goes where the system leads.
type Client struct {
	Resolver Resolver       // nil: the system's
	Roots    *x509.CertPool // nil: the system's
	// Dial connects to an IP address; nil means net.Dialer.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Told is told of each server that was sent a token or a code. Nil means
	// nobody.
	Told func(report.Contact)

	transport http.RoundTripper // of tests
}

// within returns a context by which oauth2 uses this client.
func (c *Client) within(ctx context.Context) context.Context {
	return context.WithValue(ctx, oauth2.HTTPClient, c.http())
}

// http makes a client for requests.
func (c *Client) http() *http.Client {
	transport := c.transport
	if transport == nil {
		transport = &http.Transport{
			DialContext:            c.dial,
			TLSClientConfig:        &tls.Config{RootCAs: c.Roots, MinVersion: tls.VersionTLS12},
			DisableKeepAlives:      true,
			MaxResponseHeaderBytes: maxHeader,
		}
	}
	return &http.Client{
		Transport:     &watched{client: c, transport: transport},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       requestLimit,
	}
}

// watched notes whom a request was made to.
type watched struct {
	client    *Client
	transport http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (w *watched) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("User-Agent", "mailcheck")
	res, err := w.transport.RoundTrip(r)
	if err == nil && w.client.Told != nil && r.Method == http.MethodPost {
		w.client.Told(report.Contact{Host: r.URL.Hostname(), Port: portOf(r), Purpose: "sign-in", Told: []string{"token"}})
	}
	return res, err
}

func portOf(r *http.Request) int {
	if port, err := strconv.Atoi(r.URL.Port()); err == nil {
		return port
	}
	if r.URL.Scheme == "http" {
		return 80
	}
	return 443
}

// dial connects to a host, one address after the other.
func (c *Client) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	addrs, err := c.addresses(ctx, host)
	if err != nil {
		return nil, err
	}
	dial := c.Dial
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	var first error
	for _, addr := range addrs[:min(len(addrs), maxAddresses)] {
		limited, cancel := context.WithTimeout(ctx, addressLimit)
		conn, err := dial(limited, network, net.JoinHostPort(addr.String(), port))
		cancel()
		if err == nil {
			return conn, nil
		}
		if first == nil {
			first = err
		}
	}
	return nil, first
}

func (c *Client) addresses(ctx context.Context, host string) ([]netip.Addr, error) {
	if literal, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{literal}, nil
	}
	if host == "localhost" { // RFC 6761 section 6.3: nobody else is asked
		return []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1}), netip.IPv6Loopback()}, nil
	}
	resolver := c.Resolver
	if resolver == nil {
		resolver = dns.New(dns.Options{})
	}
	found, err := resolver.Host(ctx, host)
	if err != nil {
		return nil, err
	}
	if len(found.Addrs) == 0 {
		return nil, errNoAddress
	}
	return found.Addrs, nil
}

var errNoAddress = errors.New("it has no address")
