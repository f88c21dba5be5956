package dns

import (
	"cmp"
	"context"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	miekg "github.com/miekg/dns"
)

// recordType is how the records of one type are read.
type recordType[T any] struct {
	qtype uint16
	// read takes one record; false when it names nothing that could be a host.
	read func(miekg.RR) (T, bool)
	// order sorts and cleans the records of a set. Nil leaves them as sent.
	order func([]T) []T
	// resolve asks net.Resolver, where no server is known.
	resolve func(ctx context.Context, r *net.Resolver, name string) ([]T, error)
}

func (t recordType[T]) name() string { return miekg.TypeToString[t.qtype] }

var mxRecords = recordType[MX]{
	qtype: miekg.TypeMX,
	read: func(rr miekg.RR) (MX, bool) {
		mx, ok := rr.(*miekg.MX)
		if !ok {
			return MX{}, false
		}
		host, ok := hostName(mx.Mx)
		return MX{Host: host, Preference: mx.Preference}, ok
	},
	order: orderMX,
	resolve: func(ctx context.Context, r *net.Resolver, name string) ([]MX, error) {
		found, err := r.LookupMX(ctx, name)
		var records []MX
		for _, mx := range found {
			if host, ok := hostName(mx.Host); ok {
				records = append(records, MX{Host: host, Preference: mx.Pref})
			}
		}
		return records, err
	},
}

// orderMX sorts by preference. A "." beside real hosts says nothing (RFC 7505
// section 3 wants it alone) and is dropped.
func orderMX(records []MX) []MX {
	slices.SortFunc(records, func(a, b MX) int {
		return cmp.Or(cmp.Compare(a.Preference, b.Preference), cmp.Compare(a.Host, b.Host))
	})
	hosts := slices.DeleteFunc(slices.Clone(records), func(mx MX) bool { return mx.Host == "" })
	if len(hosts) == 0 && len(records) > 1 {
		return records[:1]
	}
	if len(hosts) > 0 {
		return hosts
	}
	return records
}

var srvRecords = recordType[SRV]{
	qtype: miekg.TypeSRV,
	read: func(rr miekg.RR) (SRV, bool) {
		srv, ok := rr.(*miekg.SRV)
		if !ok {
			return SRV{}, false
		}
		target, ok := hostName(srv.Target)
		return SRV{Target: target, Port: srv.Port, Priority: srv.Priority, Weight: srv.Weight}, ok
	},
	order: orderSRV,
	resolve: func(ctx context.Context, r *net.Resolver, name string) ([]SRV, error) {
		_, found, err := r.LookupSRV(ctx, "", "", name)
		var records []SRV
		for _, srv := range found {
			if target, ok := hostName(srv.Target); ok {
				records = append(records, SRV{Target: target, Port: srv.Port, Priority: srv.Priority, Weight: srv.Weight})
			}
		}
		return records, err
	},
}

func orderSRV(records []SRV) []SRV {
	slices.SortFunc(records, func(a, b SRV) int {
		return cmp.Or(
			cmp.Compare(a.Priority, b.Priority),
			cmp.Compare(b.Weight, a.Weight),
			cmp.Compare(a.Target, b.Target),
			cmp.Compare(a.Port, b.Port),
		)
	})
	return records
}

var txtRecords = recordType[string]{
	qtype: miekg.TypeTXT,
	read: func(rr miekg.RR) (string, bool) {
		txt, ok := rr.(*miekg.TXT)
		if !ok {
			return "", false
		}
		return unescape(strings.Join(txt.Txt, "")), true
	},
	resolve: func(ctx context.Context, r *net.Resolver, name string) ([]string, error) {
		return r.LookupTXT(ctx, name)
	},
}

var cnameRecords = recordType[string]{
	qtype: miekg.TypeCNAME,
	read: func(rr miekg.RR) (string, bool) {
		cname, ok := rr.(*miekg.CNAME)
		if !ok {
			return "", false
		}
		return hostName(cname.Target)
	},
	resolve: func(ctx context.Context, r *net.Resolver, name string) ([]string, error) {
		last, err := r.LookupCNAME(ctx, name) // the end of the chain; the name itself when it is no alias
		if err != nil || strings.EqualFold(last, name) {
			return nil, err
		}
		return []string{strings.TrimSuffix(last, ".")}, nil
	},
}

// addressRecords are the addresses of one family.
var addressRecords = map[Family]recordType[netip.Addr]{
	IPv4: {qtype: miekg.TypeA, read: func(rr miekg.RR) (netip.Addr, bool) {
		a, ok := rr.(*miekg.A)
		if !ok {
			return netip.Addr{}, false
		}
		addr, ok := netip.AddrFromSlice(a.A)
		return addr.Unmap(), ok
	}},
	IPv6: {qtype: miekg.TypeAAAA, read: func(rr miekg.RR) (netip.Addr, bool) {
		aaaa, ok := rr.(*miekg.AAAA)
		if !ok {
			return netip.Addr{}, false
		}
		return netip.AddrFromSlice(aaaa.AAAA)
	}},
}

// told is the answer to the question for name, if there is one.
func told[T any](o outcome, name string, t recordType[T]) (*Answer[T], error) {
	if o.err != nil {
		return nil, o.err
	}
	return read(o.reply, name, t)
}

// read takes the records of one type out of a reply to the question for name.
func read[T any](r *reply, name string, t recordType[T]) (*Answer[T], error) {
	a := &Answer[T]{TTL: TTLUnknown, Authentic: r.authentic, Server: r.server}
	fail := func(kind Kind, err error) (*Answer[T], error) {
		return nil, &Error{Name: name, Type: t.name(), Kind: kind, Rcode: rcode(r.msg),
			Server: r.server, CNAMEs: a.CNAMEs, Err: err}
	}
	owner := miekg.Fqdn(name)
	if t.qtype != miekg.TypeCNAME {
		var err error
		if owner, err = follow(r.msg.Answer, owner, a); err != nil {
			return fail(Servfail, err)
		}
	}
	// RFC 6604 section 3: the code speaks of the last name of the chain.
	if r.msg.Rcode == miekg.RcodeNameError {
		return fail(NXDomain, extendedError(r.msg))
	}
	for _, rr := range r.msg.Answer {
		if rr.Header().Rrtype != t.qtype || !owns(rr, owner) {
			continue
		}
		record, ok := t.read(rr)
		if !ok {
			a.Ignored++
			continue
		}
		a.Records = append(a.Records, record)
		a.TTL = shorter(a.TTL, rr)
	}
	switch {
	case len(a.Records) > 0:
		a.Records, a.Ignored = settle(a.Records, a.Ignored, t.order)
		return a, nil
	case a.Ignored > 0:
		return fail(Servfail, errTarget)
	case isReferral(r.msg):
		return fail(Servfail, errReferral)
	}
	return fail(NoRecords, extendedError(r.msg))
}

// settle orders a set of records and cuts it to the bound.
func settle[T any](records []T, ignored int, order func([]T) []T) ([]T, int) {
	n := len(records)
	if order != nil {
		records = order(records)
	}
	records = records[:min(len(records), MaxRecords)]
	return records, ignored + n - len(records)
}

// follow goes from alias to alias inside an answer and returns the last name.
func follow[T any](section []miekg.RR, owner string, a *Answer[T]) (string, error) {
	aliases := map[string]*miekg.CNAME{}
	for _, rr := range section {
		if cname, ok := rr.(*miekg.CNAME); ok && rr.Header().Class == miekg.ClassINET {
			aliases[strings.ToLower(cname.Hdr.Name)] = cname
		}
	}
	seen := map[string]bool{}
	for {
		key := strings.ToLower(owner)
		cname := aliases[key]
		switch {
		case cname == nil:
			return owner, nil
		case seen[key]:
			return owner, errAliasLoop
		case len(seen) == maxAliases:
			return owner, errAliasChain
		}
		seen[key] = true
		owner = cname.Target
		a.CNAMEs = append(a.CNAMEs, strings.TrimSuffix(strings.ToLower(owner), "."))
		a.TTL = shorter(a.TTL, cname)
	}
}

func owns(rr miekg.RR, owner string) bool {
	return rr.Header().Class == miekg.ClassINET && strings.EqualFold(rr.Header().Name, owner)
}

func shorter(ttl time.Duration, rr miekg.RR) time.Duration {
	seconds := rr.Header().Ttl
	if seconds > 1<<31-1 { // RFC 2181 section 8
		seconds = 0
	}
	if d := time.Duration(seconds) * time.Second; ttl == TTLUnknown || d < ttl {
		return d
	}
	return ttl
}

// isReferral tells an empty answer that names other servers from NODATA (RFC
// 2308 section 2.2): what a server says that does not look names up for others.
func isReferral(m *miekg.Msg) bool {
	var ns bool
	for _, rr := range m.Ns {
		switch rr.(type) {
		case *miekg.SOA:
			return false
		case *miekg.NS:
			ns = true
		}
	}
	return ns && !m.Authoritative && !m.RecursionAvailable
}

// rcode names the response code of a message.
func rcode(m *miekg.Msg) string {
	if s, ok := miekg.RcodeToString[m.Rcode]; ok {
		return s
	}
	return "RCODE" + strconv.Itoa(m.Rcode)
}

// unescape undoes the \DDD and \X of master files (RFC 1035 section 5.1), in
// which the library keeps the bytes of TXT records.
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		if i+2 < len(s) {
			if n, err := strconv.ParseUint(s[i:i+3], 10, 8); err == nil {
				b.WriteByte(byte(n))
				i += 2
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
