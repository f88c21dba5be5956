package discover

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"time"

	"mailcheck/internal/crash"
	"mailcheck/report"
)

// connect connects to the server of a URL. One whose certificate is refused
// has been told the name of the host, and so the domain.
func (f *fetch) connect(ctx context.Context, u *url.URL) (net.Conn, error) {
	host, port := u.Hostname(), webPorts[u.Scheme]
	if u.Port() != "" {
		var err error
		if port, err = strconv.Atoi(u.Port()); err != nil {
			return nil, err
		}
	}
	addrs, err := f.addresses(ctx, host)
	if err != nil {
		return nil, err
	}
	conn, addr, err := f.race(ctx, addrs, port)
	if err != nil {
		return nil, &unreachableError{Host: host, Err: err}
	}
	f.public = f.public || !isPrivate(addr)
	told := f.told
	if u.Scheme == "https" {
		secure := tls.Client(conn, &tls.Config{ServerName: host, RootCAs: f.query.HTTP.Roots, MinVersion: tls.VersionTLS12})
		if handshake := secure.HandshakeContext(ctx); handshake != nil {
			_ = conn.Close()
			told, err = "domain", &unreachableError{Host: host, Err: handshake}
		}
		conn = secure
	}
	if f.query.Told != nil {
		f.query.Told(report.Contact{Host: host, Port: port, Purpose: "settings", Told: []string{told}})
	}
	if err != nil {
		return nil, err
	}
	return conn, nil
}

// webPorts are the ports of the schemes that are fetched from.
var webPorts = map[string]int{"http": 80, "https": 443}

// addresses looks a host up, once: what was checked here is what is dialled.
func (f *fetch) addresses(ctx context.Context, host string) ([]netip.Addr, error) {
	var addrs []netip.Addr
	if literal, err := netip.ParseAddr(host); err == nil {
		addrs = []netip.Addr{literal}
	} else {
		found, err := f.query.Resolver.Host(ctx, host)
		if err != nil {
			return nil, err
		}
		addrs = slices.Clone(found.Addrs)
	}
	if f.public {
		if addrs = slices.DeleteFunc(addrs, isPrivate); len(addrs) == 0 {
			return nil, fmt.Errorf("%w: %s", errRedirectPrivate, host)
		}
	}
	return addrs[:min(len(addrs), maxFetchAddresses)], nil
}

// race dials addresses, the next one when one fails or lets wait, and returns
// the first connection. It bounds the connecting as a guess does: for a server
// that never answers a connection, lower sources need not be kept waiting.
func (f *fetch) race(ctx context.Context, addrs []netip.Addr, port int) (net.Conn, netip.Addr, error) {
	dial := f.query.HTTP.Dial
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	ctx, cancel := context.WithTimeout(ctx, guessConnect)
	defer cancel()
	type outcome struct {
		conn net.Conn
		addr netip.Addr
		err  error
	}
	outcomes := make(chan outcome)
	next := time.NewTimer(0)
	defer next.Stop()
	var won outcome
	won.err = errors.New("it has no address")
	for started, ended := 0, 0; ended < started || started < len(addrs) && won.conn == nil; {
		select {
		case <-next.C:
			if started == len(addrs) || won.conn != nil {
				continue
			}
			addr := addrs[started]
			go crash.Guard(ctx, func() {
				o := outcome{addr: addr, err: errNotDialled}
				defer func() { outcomes <- o }()
				o.conn, o.err = dial(ctx, "tcp", net.JoinHostPort(addr.String(), strconv.Itoa(port)))
			})()
			started++
			next.Reset(fetchStagger)
		case o := <-outcomes:
			ended++
			switch {
			case won.conn != nil && o.conn != nil:
				_ = o.conn.Close()
			case won.conn == nil && (o.conn != nil || ended == 1):
				won = o
			}
			if won.conn != nil {
				cancel()
			} else {
				next.Reset(0)
			}
		}
	}
	return won.conn, won.addr, won.err
}

// errNotDialled is a dial that ended in a fault of the program.
var errNotDialled = errors.New("not dialled")

// localNetworks are the networks that nobody outside reaches, beside those
// that netip knows.
var localNetworks = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),      // RFC 1122 section 3.2.1.3: this network
	netip.MustParsePrefix("100.64.0.0/10"),  // RFC 6598: behind a provider's NAT
	netip.MustParsePrefix("192.0.0.0/24"),   // RFC 6890: protocol assignments
	netip.MustParsePrefix("240.0.0.0/4"),    // RFC 1112 section 4: reserved
	netip.MustParsePrefix("fec0::/10"),      // RFC 3879: what site-local was
	netip.MustParsePrefix("64:ff9b:1::/48"), // RFC 8215: NAT64 inside a network
}

// translated are the networks whose addresses hold an IPv4 address, and where.
var translated = map[netip.Prefix]int{
	netip.MustParsePrefix("64:ff9b::/96"): 12, // RFC 6052: NAT64
	netip.MustParsePrefix("2002::/16"):    2,  // RFC 3056: 6to4
	netip.MustParsePrefix("::/96"):        12, // RFC 4291 section 2.5.5.1
}

// isPrivate tells whether an address is a loopback, link-local, private or
// otherwise not a public one.
func isPrivate(addr netip.Addr) bool {
	addr = addr.Unmap().WithZone("")
	if addr.IsLoopback() || addr.IsUnspecified() || addr.IsPrivate() || addr.IsMulticast() || addr.IsLinkLocalUnicast() {
		return true
	}
	for prefix, at := range translated {
		if prefix.Contains(addr) {
			octets := addr.As16()
			return isPrivate(netip.AddrFrom4([4]byte(octets[at : at+4])))
		}
	}
	return slices.ContainsFunc(localNetworks, func(p netip.Prefix) bool { return p.Contains(addr) })
}
