package dns

import (
	"errors"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	miekg "github.com/miekg/dns"
)

func addrs(texts ...string) []netip.Addr {
	var out []netip.Addr
	for _, s := range texts {
		out = append(out, netip.MustParseAddr(s))
	}
	return out
}

var equalAddrs = cmpopts.EquateComparable(netip.Addr{})

// hostZone has hosts of every sort.
var hostZone = map[string]says{
	"both.example.com A":     records("both.example.com. 300 IN A 192.0.2.1", "both.example.com. 300 IN A 192.0.2.2", "both.example.com. 300 IN A 192.0.2.1"),
	"both.example.com AAAA":  records("both.example.com. 60 IN AAAA 2001:db8::1"),
	"four.example.com A":     records("four.example.com. 60 IN A 192.0.2.4"),
	"four.example.com AAAA":  records(),
	"alias.example.com A":    records("alias.example.com. 30 IN CNAME four.example.com.", "four.example.com. 60 IN A 192.0.2.4"),
	"alias.example.com AAAA": records("alias.example.com. 30 IN CNAME four.example.com."),
	"half.example.com A":     records("half.example.com. 60 IN A 192.0.2.5"),
	"half.example.com AAAA":  code(miekg.RcodeServerFailure),
	"none.example.com A":     records(),
	"none.example.com AAAA":  records(),
	"mixed.example.com A":    records(),
	"broken.example.com A": func(m *miekg.Msg, _ string) bool {
		m.Rcode = miekg.RcodeServerFailure
		m.SetEdns0(1232, false)
		m.IsEdns0().Option = append(m.IsEdns0().Option, &miekg.EDNS0_EDE{InfoCode: miekg.ExtendedErrorCodeDNSBogus})
		return true
	},
	"broken.example.com AAAA": code(miekg.RcodeServerFailure),
	"lame.example.com A":      records(),
	"lame.example.com AAAA":   silent,
	"quiet.example.com A":     silent,
	"quiet.example.com AAAA":  silent,
}

func TestHostByServer(t *testing.T) {
	server := serve(t, hostZone)
	for _, tc := range []struct {
		host       string
		want       []netip.Addr
		ttl        time.Duration
		cnames     []string
		four, six  Kind // of the family without an address
		kind       Kind // of a host without any
		recordType string
	}{
		{host: "both.example.com", want: addrs("192.0.2.1", "192.0.2.2", "2001:db8::1"), ttl: time.Minute},
		{host: "BOTH.example.com.", want: addrs("192.0.2.1", "192.0.2.2", "2001:db8::1"), ttl: time.Minute},
		{host: "four.example.com", want: addrs("192.0.2.4"), ttl: time.Minute, six: NoRecords},
		{host: "alias.example.com", want: addrs("192.0.2.4"), ttl: 30 * time.Second, cnames: []string{"four.example.com"}, six: NoRecords},
		{host: "half.example.com", want: addrs("192.0.2.5"), ttl: time.Minute, six: Servfail},
		{host: "none.example.com", kind: NoRecords, recordType: "A and AAAA"},
		{host: "mixed.example.com", kind: NoRecords, recordType: "A"},
		{host: "gone.example.com", kind: NXDomain, recordType: "A and AAAA"},
		{host: "broken.example.com", kind: Servfail, recordType: "A and AAAA"},
		{host: "lame.example.com", kind: Timeout, recordType: "AAAA"},
		{host: "localhost", kind: NXDomain, recordType: "A and AAAA"}, // hosts files are not read
		{host: "192.0.2.9", want: addrs("192.0.2.9"), ttl: TTLUnknown},
		{host: "::1", want: addrs("::1"), ttl: TTLUnknown},
	} {
		t.Run(tc.host, func(t *testing.T) {
			c := client(server)
			if tc.kind == Timeout {
				c.limit = shortLimit
			}
			got, err := c.Host(t.Context(), tc.host)
			if tc.kind != "" {
				var e *Error
				if !errors.As(err, &e) || e.Kind != tc.kind || e.Type != tc.recordType {
					t.Errorf("the error is %#v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got.Addrs, equalAddrs); diff != "" {
				t.Error(diff)
			}
			if got.TTL != tc.ttl {
				t.Errorf("the TTL is %v", got.TTL)
			}
			if diff := cmp.Diff(tc.cnames, got.CNAMEs); diff != "" {
				t.Error(diff)
			}
			familyErrors(t, got, tc.four, tc.six)
		})
	}
}

// familyErrors checks why a host has no address of a family.
func familyErrors(t *testing.T, h *Hosts, four, six Kind) {
	t.Helper()
	for _, tc := range []struct {
		err  error
		want Kind
	}{{h.ErrIPv4, four}, {h.ErrIPv6, six}} {
		var got Kind
		if tc.err != nil {
			got = kind(t, tc.err)
		}
		if got != tc.want {
			t.Errorf("a family's error is %v, want %q", tc.err, tc.want)
		}
	}
}

// TestHostBySystem has net.Resolver look the host up, and the DNS itself asked
// only where that finds nothing.
func TestHostBySystem(t *testing.T) {
	server := serve(t, hostZone)
	for _, tc := range []struct {
		host      string
		want      []netip.Addr
		four, six Kind
		kind      Kind
		rcode     string
		extended  bool
	}{
		{host: "both.example.com", want: addrs("192.0.2.1", "192.0.2.2", "2001:db8::1")},
		{host: "four.example.com", want: addrs("192.0.2.4"), six: NoRecords},
		{host: "half.example.com", want: addrs("192.0.2.5"), six: Servfail},
		{host: "none.example.com", kind: NoRecords, rcode: "NOERROR"},
		{host: "gone.example.com", kind: NXDomain, rcode: "NXDOMAIN"},
		{host: "broken.example.com", kind: Servfail, rcode: "SERVFAIL", extended: true},
	} {
		t.Run(tc.host, func(t *testing.T) {
			got, err := systemClient(t, server, server).Host(t.Context(), tc.host)
			if tc.kind != "" {
				var e *Error
				if !errors.As(err, &e) || e.Kind != tc.kind || e.Rcode != tc.rcode {
					t.Errorf("the error is %#v", err)
				}
				var extended *ExtendedError
				if errors.As(err, &extended) != tc.extended {
					t.Errorf("the error is %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got.Addrs, equalAddrs); diff != "" {
				t.Error(diff)
			}
			if got.TTL != TTLUnknown || got.Authentic || got.Server != "" {
				t.Errorf("net.Resolver is credited with what it does not tell: %+v", got)
			}
			familyErrors(t, got, tc.four, tc.six)
		})
	}
}

// TestExplain has net.Resolver and the DNS itself say different things.
func TestExplain(t *testing.T) {
	zone := serve(t, hostZone)
	empty := serve(t, nil)
	for name, tc := range map[string]struct {
		host     string
		system   string
		explains []string
		want     Kind
	}{
		"nobody to ask":                  {"gone.example.com", empty, nil, NXDomain},
		"nobody to ask after a failure":  {"broken.example.com", zone, nil, Servfail},
		"the DNS is silent":              {"quiet.example.com", empty, []string{zone}, NXDomain},
		"the DNS knows it":               {"four.example.com", empty, []string{zone}, NoRecords},
		"the DNS cannot be reached":      {"broken.example.com", zone, []string{deadServer(t)}, deadKind()},
		"the DNS says no more than that": {"broken.example.com", zone, []string{zone}, Servfail},
	} {
		t.Run(name, func(t *testing.T) {
			c := systemClient(t, tc.system, tc.explains...)
			c.limit = shortLimit
			_, err := c.Host(t.Context(), tc.host)
			if got := kind(t, err); got != tc.want {
				t.Errorf("%s: %v", got, err)
			}
		})
	}
}

func TestFamily(t *testing.T) {
	server := serve(t, hostZone)
	for family, want := range map[Family][]netip.Addr{
		IPv4: addrs("192.0.2.1", "192.0.2.2"),
		IPv6: addrs("2001:db8::1"),
	} {
		for name, c := range map[string]*Client{"server": client(server), "system": systemClient(t, server, server)} {
			t.Run(name+" "+string(family), func(t *testing.T) {
				c.family = family
				got, err := c.Host(t.Context(), "both.example.com")
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, got.Addrs, equalAddrs); diff != "" {
					t.Error(diff)
				}
				familyErrors(t, got, "", "")
			})
		}
	}
	c := client(server)
	c.family = IPv6
	if _, err := c.Host(t.Context(), "four.example.com"); kind(t, err) != NoRecords {
		t.Error(err)
	}
}

func TestOverride(t *testing.T) {
	server := serve(t, hostZone)
	c := New(Options{Server: server, Override: map[string][]netip.Addr{
		"Both.Example.COM": addrs("198.51.100.7"),
		"new.example.com.": addrs("2001:db8::7", "198.51.100.8"),
	}})
	for host, want := range map[string][]netip.Addr{
		"both.example.com": addrs("198.51.100.7"),
		"new.example.com":  addrs("198.51.100.8", "2001:db8::7"),
		"four.example.com": addrs("192.0.2.4"),
	} {
		got, err := c.Host(t.Context(), host)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got.Addrs, equalAddrs); diff != "" {
			t.Errorf("%s: %s", host, diff)
		}
	}
	c.family = IPv6
	if _, err := c.Host(t.Context(), "both.example.com"); kind(t, err) != NoRecords {
		t.Error(err)
	}
}

// TestLocalhost is a name that the system itself knows, and no DNS does.
func TestLocalhost(t *testing.T) {
	got, err := New(Options{}).Host(t.Context(), "localhost")
	if err != nil {
		t.Fatal(err)
	}
	for _, addr := range got.Addrs {
		if !addr.IsLoopback() {
			t.Errorf("localhost is at %v", got.Addrs)
		}
	}
}
