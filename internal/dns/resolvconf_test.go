package dns

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestResolvConf(t *testing.T) {
	for name, tc := range map[string]struct {
		text    string
		servers []string
		trustAD bool
	}{
		"plain":    {"# a comment\nnameserver 192.0.2.1\nsearch corp.example\n", []string{"192.0.2.1:53"}, false},
		"trust-ad": {"nameserver 192.0.2.1\noptions edns0 trust-ad\n", []string{"192.0.2.1:53"}, true},
		"comment":  {"nameserver 192.0.2.1\n#options trust-ad\n", []string{"192.0.2.1:53"}, false},
		"IPv6":     {"nameserver fe80::1%eth0\nnameserver 2001:db8::1\n", []string{"[fe80::1%eth0]:53", "[2001:db8::1]:53"}, false},
		"many": {"nameserver 192.0.2.1\nnameserver 192.0.2.2\nnameserver 192.0.2.3\nnameserver 192.0.2.4\n",
			[]string{"192.0.2.1:53", "192.0.2.2:53", "192.0.2.3:53"}, false},
		"empty": {"", nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			c := New(Options{ResolvConf: writeFile(t, tc.text)})
			if diff := cmp.Diff(tc.servers, c.servers); diff != "" {
				t.Error(diff)
			}
			if c.trustAD != tc.trustAD || c.only {
				t.Errorf("trust-ad is %v, only this server %v", c.trustAD, c.only)
			}
		})
	}
	if c := New(Options{ResolvConf: filepath.Join(t.TempDir(), "missing")}); c.servers != nil {
		t.Errorf("servers out of nowhere: %v", c.servers)
	}
}

func TestServerOption(t *testing.T) {
	for server, want := range map[string]string{
		"192.0.2.1":          "192.0.2.1:53",
		"192.0.2.1:5353":     "192.0.2.1:5353",
		"2001:db8::1":        "[2001:db8::1]:53",
		"[2001:db8::1]":      "[2001:db8::1]:53",
		"[2001:db8::1]:5353": "[2001:db8::1]:5353",
		"dns.example.com":    "dns.example.com:53",
	} {
		c := New(Options{Server: server, ResolvConf: writeFile(t, "nameserver 192.0.2.9\noptions trust-ad\n")})
		if diff := cmp.Diff([]string{want}, c.servers); diff != "" {
			t.Error(diff)
		}
		if c.trustAD {
			t.Error("the trust in the system's resolvers went to another server")
		}
	}
}
