package dns

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"mailcheck/internal/crash"
)

// Hosts is what is known of a host's addresses.
type Hosts struct {
	// Addrs has at least one address, IPv4 before IPv6, each family in the
	// order of the answer and at most [MaxRecords] of it.
	Addrs []netip.Addr
	// ErrIPv4 and ErrIPv6 say why the host has no address of that family (an
	// *Error); nil when it has one, or when none was asked for.
	ErrIPv4, ErrIPv6 error
	// TTL, CNAMEs, Authentic and Server are as in an [Answer]; the system's own
	// lookup (no [Options].Server) tells none of them.
	TTL       time.Duration
	CNAMEs    []string
	Authentic bool
	Server    string
}

// Host looks up the addresses of a host, both families side by side; one
// family's failure is only noted when the other has an address. In this order:
// an IP address is its own, [Options].Override, then [Options].Server, or the
// hosts file and the system's lookup. A name of one label is given to the
// system as it is, search domains and all: it has no meaning in the public DNS.
//
// When there is no address, the error is that of the family that says most,
// and the DNS itself is asked what net.Resolver does not tell.
func (c *Client) Host(ctx context.Context, name string) (*Hosts, error) {
	if addr, err := netip.ParseAddr(name); err == nil {
		return &Hosts{Addrs: []netip.Addr{addr}, TTL: TTLUnknown}, nil
	}
	host, ok := hostName(name)
	if !ok || host == "" {
		return nil, badName(name, c.addressTypes())
	}
	if addrs, ok := c.override[host]; ok {
		return c.known(host, addrs)
	}
	if c.only {
		return c.fromServers(ctx, host)
	}
	if addrs := hostsFile(ctx, host); len(addrs) > 0 {
		return c.known(host, addrs)
	}
	found, err := c.bothFamilies(host, func(f Family) (*Answer[netip.Addr], error) {
		return c.fromSystem(ctx, host, f)
	})
	var e *Error
	if errors.As(err, &e) {
		return nil, c.explain(ctx, e)
	}
	for _, err := range []error{found.ErrIPv4, found.ErrIPv6} {
		if errors.As(err, &e) && e.Kind == NXDomain {
			e.Kind = NoRecords // "no such host", but the other family shows that it exists
		}
	}
	return found, nil
}

// Lookup is what became of one host of several.
type Lookup struct {
	Hosts *Hosts
	Err   error // an *[Error]
	Took  time.Duration
}

// Direct tells whether the servers alone are asked for the addresses of hosts.
func (c *Client) Direct() bool { return c.only }

// HostsOf is [Client.Host] for several names, where [Client.Direct] holds: the
// servers are asked for all of them at once. The lookups are in the order of the names.
func (c *Client) HostsOf(ctx context.Context, names ...string) []Lookup {
	all := make([]Lookup, len(names))
	var open []int
	var hosts []string
	for i, name := range names {
		host, ok := hostName(name)
		_, err := netip.ParseAddr(name)
		if _, overridden := c.override[host]; err == nil || !ok || host == "" || overridden || !c.only {
			all[i].Hosts, all[i].Err = c.Host(ctx, name)
			continue
		}
		open, hosts = append(open, i), append(hosts, host)
	}
	for k, l := range c.together(ctx, hosts) {
		all[open[k]] = l
	}
	return all
}

// known picks the wanted families out of addresses that nobody was asked for.
func (c *Client) known(host string, addrs []netip.Addr) (*Hosts, error) {
	return c.bothFamilies(host, func(f Family) (*Answer[netip.Addr], error) {
		a := &Answer[netip.Addr]{TTL: TTLUnknown}
		for _, addr := range addrs {
			if addr = addr.Unmap(); addr.Is4() == (f == IPv4) {
				a.Records = append(a.Records, addr)
			}
		}
		if len(a.Records) == 0 {
			return nil, &Error{Name: host, Type: addressRecords[f].name(), Kind: NoRecords}
		}
		return a, nil
	})
}

// families are those that are wanted.
func (c *Client) families() []Family {
	if c.family != AnyFamily {
		return []Family{c.family}
	}
	return []Family{IPv4, IPv6}
}

// fromServers asks the servers for the addresses of a host.
func (c *Client) fromServers(ctx context.Context, host string) (*Hosts, error) {
	l := c.together(ctx, []string{host})[0]
	return l.Hosts, l.Err
}

// together asks the servers for the addresses of hosts, all at once.
func (c *Client) together(ctx context.Context, hosts []string) []Lookup {
	if len(hosts) == 0 {
		return nil
	}
	begin := time.Now()
	families := c.families()
	questions := make([]question, 0, len(hosts)*len(families))
	for _, host := range hosts {
		for _, f := range families {
			questions = append(questions, question{host, addressRecords[f].qtype})
		}
	}
	outcomes := c.ask(ctx, questions...)
	all := make([]Lookup, len(hosts))
	for i, host := range hosts {
		var four, six looked
		for k, f := range families {
			o := outcomes[i*len(families)+k]
			l := &four
			if f == IPv6 {
				l = &six
			}
			l.answer, l.err = told(o, host, addressRecords[f])
			all[i].Took = max(all[i].Took, o.at.Sub(begin))
		}
		all[i].Hosts, all[i].Err = c.join(host, four, six)
	}
	return all
}

// bothFamilies looks the wanted families up side by side.
func (c *Client) bothFamilies(host string, look func(Family) (*Answer[netip.Addr], error)) (*Hosts, error) {
	var four, six looked
	lookFour := func() { four.answer, four.err = look(IPv4) }
	lookSix := func() { six.answer, six.err = look(IPv6) }
	switch c.family {
	case IPv4:
		lookFour()
	case IPv6:
		lookSix()
	default:
		wait := crash.Aside(lookFour)
		lookSix()
		wait()
	}
	return c.join(host, four, six)
}

// looked is what the lookup of one family has brought; the zero value is that of
// a family that is not wanted.
type looked struct {
	answer *Answer[netip.Addr]
	err    error
}

// join joins what the lookups of both families have brought.
func (c *Client) join(host string, four, six looked) (*Hosts, error) {
	h := &Hosts{TTL: TTLUnknown, ErrIPv4: four.err, ErrIPv6: six.err, Authentic: true}
	for _, a := range []*Answer[netip.Addr]{four.answer, six.answer} {
		if a == nil {
			continue
		}
		for _, addr := range a.Records[:min(len(a.Records), MaxRecords)] {
			if !slices.Contains(h.Addrs, addr) {
				h.Addrs = append(h.Addrs, addr)
			}
		}
		if h.TTL == TTLUnknown || a.TTL < h.TTL {
			h.TTL = a.TTL
		}
		if len(h.CNAMEs) == 0 {
			h.CNAMEs = a.CNAMEs
		}
		h.Authentic = h.Authentic && a.Authentic
		h.Server = a.Server
	}
	if len(h.Addrs) == 0 {
		return nil, c.worse(h.ErrIPv4, h.ErrIPv6)
	}
	return h, nil
}

// worse is the error of a host without any address.
func (c *Client) worse(four, six error) error {
	var a, b *Error
	errors.As(four, &a)
	errors.As(six, &b)
	switch {
	case a == nil:
		return six
	case b == nil:
		return four
	case weight[b.Kind] > weight[a.Kind]:
		return b
	case weight[b.Kind] == weight[a.Kind]:
		both := *a
		both.Type = c.addressTypes()
		return &both
	}
	return a
}

// addressTypes names the records that hold the wanted addresses.
func (c *Client) addressTypes() string {
	switch c.family {
	case IPv4:
		return "A"
	case IPv6:
		return "AAAA"
	}
	return "A and AAAA"
}

// fromSystem looks the addresses of one family up as every program of this
// machine does.
func (c *Client) fromSystem(ctx context.Context, host string, f Family) (*Answer[netip.Addr], error) {
	name := host
	if strings.Contains(name, ".") {
		name += "." // no search domains
	}
	addrs, err := c.system.LookupNetIP(ctx, string(f), name)
	if err != nil {
		return nil, failure(ctx, host, addressRecords[f].name(), "", err)
	}
	for i := range addrs {
		addrs[i] = addrs[i].Unmap()
	}
	return &Answer[netip.Addr]{Records: addrs, TTL: TTLUnknown}, nil
}

// hostsFile returns the addresses that the hosts file gives a name. It is asked
// by itself because getaddrinfo of glibc 2.36 does not find an absolute name
// (one with a final dot) in it. Go's own lookup does; without a way to the DNS
// the file is all that it has.
func hostsFile(ctx context.Context, host string) []netip.Addr {
	file := &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, errNoDNS
	}}
	addrs, err := file.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil
	}
	return addrs
}

var errNoDNS = errors.New("only the hosts file is asked")

// explain asks the DNS itself why net.Resolver found no address: whether the
// name exists, and what the server's code and extended error are.
func (c *Client) explain(ctx context.Context, e *Error) *Error {
	if len(c.servers) == 0 || ctx.Err() != nil || e.Kind == NoRecords || e.Kind == Timeout {
		return e
	}
	family := IPv4
	if e.Type == addressRecords[IPv6].name() {
		family = IPv6
	}
	_, err := lookup(ctx, c, e.Name, addressRecords[family])
	var said *Error
	if !errors.As(err, &said) {
		if e.Kind == NXDomain {
			e.Kind = NoRecords // the DNS knows the name; it is the system that shows no address
		}
		return e
	}
	if e.Kind == NXDomain && !IsAbsent(said) && said.Kind != Servfail {
		return e // the DNS could not be asked
	}
	said.Type = e.Type
	return said
}
