// Package dns answers with what [net.Resolver] hides: the response code, so
// that a name that does not exist is told from one without such a record, the
// TTL, the chain of aliases and whether DNSSEC vouched for the answer.
//
//  1. [New] learns whom to ask: the server of the options, else those of
//     resolv.conf, else nobody but net.Resolver.
//  2. [Client.MX], [Client.SRV], [Client.TXT], [Client.CNAME], [Client.PTR] and
//     [Client.TLSA] ask that server themselves, over TCP where UDP was too
//     small, and the next one when it fails.
//  3. [Client.Host] looks addresses up as the system does, so that hosts
//     files, NSS and VPNs count as they do for a mail program; the DNS itself
//     is asked only why there is no address. With a server in the options
//     nothing but that server is asked.
//
// Every failure is an [*Error]. Names are absolute: search domains do not
// apply (but see [Client.Host] for names of one label).
package dns

import (
	"context"
	"net"
	"net/netip"
	"time"
)

// The bounds of a lookup.
const (
	// MaxRecords is how many records of an answer are used, the best first.
	// The largest mail domains publish about ten.
	MaxRecords = 64
	// maxAliases bounds a chain of CNAMEs; BIND follows 16, Unbound 11.
	maxAliases = 16
	// maxServers is how many servers of resolv.conf are asked (MAXNS of glibc).
	maxServers = 3
	// attemptTimeout is what one server gets for one answer, the repetition
	// over TCP included. A resolver that meets a slow name server answers
	// within 2 s.
	attemptTimeout = 3 * time.Second
	// rounds is how often silent servers are asked: UDP loses packets. One
	// silent server then takes 6 s, which leaves its error inside the 8 s of a
	// discovery.
	rounds = 2
	// udpSize is the largest answer over UDP (RFC 6891 section 6.2.3): what
	// passes every network unfragmented, the default of the large resolvers.
	udpSize = 1232
)

// TTLUnknown is the TTL of an answer that did not come from the DNS itself.
const TTLUnknown time.Duration = -1

// Family restricts the addresses of hosts to one family.
type Family string

// The families.
const (
	AnyFamily Family = ""
	IPv4      Family = "ip4"
	IPv6      Family = "ip6"
)

// Options says whom to ask. The zero value asks the system's resolvers.
type Options struct {
	// Server, "host:port" or "host" (port 53), is asked for every name, and
	// hosts files are not read. Empty means the system's resolvers.
	Server string
	// Override gives names addresses that nobody is asked for. Nil means none.
	Override map[string][]netip.Addr
	// Public leaves hosts files and the system's own lookup out where a server is
	// known: names then mean what they mean to everybody.
	Public bool
	// Family leaves one family of addresses out. Empty means both.
	Family Family
	// ResolvConf is the file that names the system's resolvers. Empty means
	// /etc/resolv.conf.
	ResolvConf string
}

// Client looks names up. Its methods may be called side by side.
type Client struct {
	servers  []string // host:port, in the order in which they are asked
	only     bool     // nothing else than servers is asked
	trustAD  bool     // resolv.conf says that the way to its servers is safe
	override map[string][]netip.Addr
	family   Family
	limit    time.Duration // of one attempt
	system   *net.Resolver
}

// New returns a client. A file of resolvers that cannot be read, as on
// Windows, leaves net.Resolver alone to be asked.
func New(opt Options) *Client {
	c := &Client{
		override: map[string][]netip.Addr{},
		family:   opt.Family,
		limit:    attemptTimeout,
		system:   &net.Resolver{},
	}
	for name, addrs := range opt.Override {
		if host, ok := hostName(name); ok {
			c.override[host] = addrs
		}
	}
	if opt.Server != "" {
		c.servers, c.only = []string{withPort(opt.Server)}, true
		return c
	}
	path := opt.ResolvConf
	if path == "" {
		path = "/etc/resolv.conf"
	}
	c.servers, c.trustAD = readResolvConf(path)
	c.only = opt.Public && len(c.servers) > 0
	return c
}

// Answer is the records of one type that a name has.
type Answer[T any] struct {
	// Records has at least one record and at most [MaxRecords].
	Records []T
	// Ignored counts the records that were left out: they name nothing that
	// could be a host, or there were too many.
	Ignored int
	// TTL is the shortest of the records and aliases used, or [TTLUnknown].
	TTL time.Duration
	// CNAMEs are the aliases that were followed: where each one led to.
	CNAMEs []string
	// Authentic is the AD bit (RFC 4035 section 3.2.3) of a resolver that can
	// be believed: one on this machine, or one that resolv.conf trusts.
	Authentic bool
	// Server is who answered, host:port; empty for net.Resolver.
	Server string
}

// MX is a mail exchanger (RFC 5321 section 5.1).
type MX struct {
	Host       string // lower case, without the final dot; empty for "."
	Preference uint16 // the lowest is asked first
}

// NullMX tells whether the answer says that the domain takes no mail (RFC 7505).
func NullMX(a *Answer[MX]) bool {
	return a != nil && len(a.Records) == 1 && a.Records[0].Host == ""
}

// SRV is where a service is offered (RFC 2782).
type SRV struct {
	Target   string // lower case, without the final dot; empty for "."
	Port     uint16
	Priority uint16 // the lowest comes first
	Weight   uint16
}

// NotOffered tells whether the record says that the domain decidedly does not
// offer the service (RFC 2782, "Target"; RFC 6186 section 3.4).
func (s SRV) NotOffered() bool { return s.Target == "" }

// MX looks up the mail exchangers of a domain, the lowest preference first.
func (c *Client) MX(ctx context.Context, domain string) (*Answer[MX], error) {
	return lookup(ctx, c, domain, mxRecords)
}

// SRV looks up a service by its whole name, "_imaps._tcp.example.com". Within
// a priority the highest weight comes first: the order is the one that RFC
// 2782 makes likeliest, and the same each time.
func (c *Client) SRV(ctx context.Context, name string) (*Answer[SRV], error) {
	return lookup(ctx, c, name, srvRecords)
}

// TXT looks up text records; the strings of each are joined. They are foreign
// bytes, as they came.
func (c *Client) TXT(ctx context.Context, name string) (*Answer[string], error) {
	return lookup(ctx, c, name, txtRecords)
}

// PTR looks up the names of an address (RFC 1035 section 3.5).
func (c *Client) PTR(ctx context.Context, addr netip.Addr) (*Answer[string], error) {
	return lookup(ctx, c, reverseName(addr), ptrRecords(addr))
}

// TLSA looks up which certificates a service may show, by the whole name,
// "_25._tcp.mx.example.com" (RFC 6698 section 3). Where no server is known,
// nobody can be asked: the Kind is [Other].
func (c *Client) TLSA(ctx context.Context, name string) (*Answer[TLSA], error) {
	return lookup(ctx, c, name, tlsaRecords)
}

// CNAME looks up what a name is an alias of, one link of the chain. A name
// that is none has the Kind [NoRecords].
func (c *Client) CNAME(ctx context.Context, name string) (*Answer[string], error) {
	return lookup(ctx, c, name, cnameRecords)
}

// lookup asks the servers for records of one type, or net.Resolver where no
// server is known.
func lookup[T any](ctx context.Context, c *Client, name string, t recordType[T]) (*Answer[T], error) {
	host, ok := hostName(name)
	if !ok || host == "" {
		return nil, badName(name, t.name())
	}
	if len(c.servers) == 0 {
		return fromResolver(ctx, c.system, host, t)
	}
	return told(c.ask(ctx, question{host, t.qtype})[0], host, t)
}
