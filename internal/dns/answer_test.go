package dns

import (
	"crypto/x509"
	"encoding/hex"
	"net/netip"
	"strings"
	"testing"

	miekg "github.com/miekg/dns"
)

func TestUnescape(t *testing.T) {
	for in, want := range map[string]string{
		`plain`:      "plain",
		`\"a\\b\"`:   `"a\b"`,
		`\000\255\9`: "\x00\xff9",
		`\999\`:      `999\`,
		`\0`:         "0",
	} {
		if got := unescape(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

// TestUnescapeAll packs every byte into a TXT record and gets it back.
func TestUnescapeAll(t *testing.T) {
	var all [255]byte
	for i := range all {
		all[i] = byte(i + 1)
	}
	wire := append([]byte("\x00\x00\x10\x00\x01\x00\x00\x00\x00\x01\x00\xff"), all[:]...)
	rr, _, err := miekg.UnpackRR(wire, 0)
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := txtRecords.read(rr); got != string(all[:]) {
		t.Errorf("got %q", got)
	}
}

// FuzzAnswer reads a packed message as every kind of answer. Whatever it
// holds, what is used of it is bounded and its names are names.
func FuzzAnswer(f *testing.F) {
	for _, lines := range [][]string{
		{"example.com. 60 IN MX 10 mx.example.com.", `example.com. 60 IN MX 1 m\007x.example.com.`},
		{"example.com. 60 IN MX 0 ."},
		{"example.com. 60 IN CNAME b.example.com.", "b.example.com. 60 IN CNAME example.com."},
		{"example.com. 60 IN CNAME b.example.com.", "b.example.com. 60 IN SRV 1 2 993 imap.example.com."},
		{"example.com. 60 IN SRV 0 0 0 ."},
		{`example.com. 60 IN TXT "a" "\000\"\\"`},
		{"example.com. 60 IN A 192.0.2.1"},
		{"example.com. 4294967295 IN AAAA 2001:db8::1"},
		{"example.com. 60 IN PTR mx.example.com.", `example.com. 60 IN PTR m\007x.example.com.`},
		{"example.com. 60 IN TLSA 3 1 1 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "example.com. 60 IN TLSA 255 9 7 00"},
	} {
		m := new(miekg.Msg).SetQuestion("example.com.", miekg.TypeMX)
		records(lines...)(m, "udp")
		packed, err := m.Pack()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(packed)
	}
	f.Fuzz(func(t *testing.T, packet []byte) {
		m := new(miekg.Msg)
		if m.Unpack(packet) != nil {
			return
		}
		name := "example.com"
		if len(m.Question) > 0 {
			if asked, ok := hostName(m.Question[0].Name); ok && asked != "" {
				name = asked
			}
		}
		r := &reply{msg: m, server: "192.0.2.53:53"}
		exchangers := used(t, r, name, mxRecords)
		for _, mx := range exchangers {
			checkName(t, mx.Host)
			if mx.Host == "" && len(exchangers) > 1 {
				t.Error("a null MX stands beside others")
			}
		}
		for _, host := range used(t, r, name, ptrRecords(netip.MustParseAddr("192.0.2.1"))) {
			checkName(t, host)
		}
		for _, tlsa := range used(t, r, name, tlsaRecords) {
			if _, err := hex.DecodeString(tlsa.Data); err != nil || tlsa.Matches(&x509.Certificate{Raw: []byte("another")}) {
				t.Errorf("TLSA %+v", tlsa)
			}
		}
		for _, srv := range used(t, r, name, srvRecords) {
			checkName(t, srv.Target)
		}
		for _, target := range used(t, r, name, cnameRecords) {
			checkName(t, target)
		}
		for _, addr := range used(t, r, name, addressRecords[IPv4]) {
			if !addr.Is4() {
				t.Errorf("A %v", addr)
			}
		}
		for _, addr := range used(t, r, name, addressRecords[IPv6]) {
			if !addr.Is6() {
				t.Errorf("AAAA %v", addr)
			}
		}
		used(t, r, name, txtRecords)
	})
}

// used reads a reply as records of one type and checks what holds for all.
func used[T any](t *testing.T, r *reply, name string, rt recordType[T]) []T {
	a, err := read(r, name, rt)
	if err != nil {
		if kind(t, err) == Timeout || kind(t, err) == Other {
			t.Errorf("an answer became %v", err)
		}
		checkText(t, err.Error())
		return nil
	}
	if len(a.Records) == 0 || len(a.Records) > MaxRecords || a.TTL < 0 || len(a.CNAMEs) > maxAliases {
		t.Errorf("%d records, TTL %v, %d aliases", len(a.Records), a.TTL, len(a.CNAMEs))
	}
	for _, alias := range a.CNAMEs {
		checkText(t, alias)
	}
	return a.Records
}

func checkName(t *testing.T, name string) {
	if name != "" {
		if same, ok := hostName(name); !ok || same != name {
			t.Errorf("%q is used as a name", name)
		}
	}
}

func checkText(t *testing.T, text string) {
	if i := strings.IndexFunc(text, func(r rune) bool { return r < ' ' || r >= 0x7f && r < 0xa0 }); i >= 0 {
		t.Errorf("%q has a control character", text)
	}
}
