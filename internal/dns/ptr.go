package dns

import (
	"context"
	"net"
	"net/netip"
	"strings"

	miekg "github.com/miekg/dns"
)

// ptrRecords are the names of an address.
func ptrRecords(addr netip.Addr) recordType[string] {
	return recordType[string]{
		qtype: miekg.TypePTR,
		read: func(rr miekg.RR) (string, bool) {
			ptr, ok := rr.(*miekg.PTR)
			if !ok {
				return "", false
			}
			return hostName(ptr.Ptr)
		},
		resolve: func(ctx context.Context, r *net.Resolver, _ string) ([]string, error) {
			found, err := r.LookupAddr(ctx, addr.String())
			var names []string
			for _, name := range found {
				if host, ok := hostName(name); ok {
					names = append(names, host)
				}
			}
			return names, err
		},
	}
}

// reverseName is the name under which the names of an address stand (RFC 1035
// section 3.5, RFC 3596 section 2.5); empty for no address.
func reverseName(addr netip.Addr) string {
	name, err := miekg.ReverseAddr(addr.Unmap().WithZone("").String())
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(name, ".")
}
