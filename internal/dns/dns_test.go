package dns

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	miekg "github.com/miekg/dns"
)

func TestMX(t *testing.T) {
	long := records("www.example.com. 300 IN CNAME a.example.net.", "a.example.net. 60 IN CNAME b.example.org.",
		"b.example.org. 900 IN MX 10 mx.example.org.")
	server := serve(t, map[string]says{
		"example.com MX": records("example.com. 3600 IN MX 20 MX2.Example.COM.",
			"example.com. 600 IN MX 10 mx1.example.com.", "example.com. 3600 IN MX 10 192.0.2.1."),
		"www.example.com MX":     long,
		"null.example.com MX":    records("null.example.com. 60 IN MX 0 ."),
		"nulls.example.com MX":   records("nulls.example.com. 60 IN MX 0 .", "nulls.example.com. 60 IN MX 5 ."),
		"mixed.example.com MX":   records("mixed.example.com. 60 IN MX 0 .", "mixed.example.com. 60 IN MX 5 mx.example.com."),
		"strange.example.com MX": records(`strange.example.com. 60 IN MX 1 m\007x.example.com.`, "strange.example.com. 60 IN MX 5 mx.example.com."),
		"foreign.example.com MX": records("foreign.example.com. 60 IN MX 5 mx.example.com.", "example.net. 60 IN MX 1 mx.example.net."),
		"secure.example.com MX": func(m *miekg.Msg, network string) bool {
			m.AuthenticatedData = true
			return records("secure.example.com. 60 IN MX 1 mx.example.com.")(m, network)
		},
	})
	for _, tc := range []struct {
		domain string
		want   Answer[MX]
		null   bool
	}{
		{domain: "Example.com.", want: Answer[MX]{TTL: 600 * time.Second,
			Records: []MX{{"192.0.2.1", 10}, {"mx1.example.com", 10}, {"mx2.example.com", 20}}}},
		{domain: "www.example.com", want: Answer[MX]{TTL: time.Minute, Records: []MX{{"mx.example.org", 10}},
			CNAMEs: []string{"a.example.net", "b.example.org"}}},
		{domain: "null.example.com", want: Answer[MX]{TTL: time.Minute, Records: []MX{{"", 0}}}, null: true},
		{domain: "nulls.example.com", want: Answer[MX]{TTL: time.Minute, Records: []MX{{"", 0}}, Ignored: 1}, null: true},
		{domain: "mixed.example.com", want: Answer[MX]{TTL: time.Minute, Records: []MX{{"mx.example.com", 5}}, Ignored: 1}},
		{domain: "strange.example.com", want: Answer[MX]{TTL: time.Minute, Records: []MX{{"mx.example.com", 5}}, Ignored: 1}},
		{domain: "foreign.example.com", want: Answer[MX]{TTL: time.Minute, Records: []MX{{"mx.example.com", 5}}}},
		{domain: "secure.example.com", want: Answer[MX]{TTL: time.Minute, Records: []MX{{"mx.example.com", 1}}, Authentic: true}},
	} {
		t.Run(tc.domain, func(t *testing.T) {
			got, err := client(server).MX(t.Context(), tc.domain)
			if err != nil {
				t.Fatal(err)
			}
			tc.want.Server = server
			if diff := cmp.Diff(&tc.want, got); diff != "" {
				t.Error(diff)
			}
			if NullMX(got) != tc.null {
				t.Errorf("NullMX is %v", !tc.null)
			}
		})
	}
}

func TestSRV(t *testing.T) {
	server := serve(t, map[string]says{
		"_imaps._tcp.example.com SRV": records(
			"_imaps._tcp.example.com. 60 IN SRV 20 0 993 last.example.com.",
			"_imaps._tcp.example.com. 60 IN SRV 10 1 993 b.example.com.",
			"_imaps._tcp.example.com. 60 IN SRV 10 9 1993 a.example.com.",
			"_imaps._tcp.example.com. 60 IN SRV 10 1 993 a.example.com."),
		"_pop3s._tcp.example.com SRV": records("_pop3s._tcp.example.com. 60 IN SRV 0 0 0 ."),
	})
	c := client(server)
	got, err := c.SRV(t.Context(), "_imaps._tcp.example.com")
	if err != nil {
		t.Fatal(err)
	}
	want := []SRV{{"a.example.com", 1993, 10, 9}, {"a.example.com", 993, 10, 1}, {"b.example.com", 993, 10, 1},
		{"last.example.com", 993, 20, 0}}
	if diff := cmp.Diff(want, got.Records); diff != "" {
		t.Error(diff)
	}
	got, err = c.SRV(t.Context(), "_pop3s._tcp.example.com")
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Records) != 1 || !got.Records[0].NotOffered() {
		t.Errorf("POP3 is not declined: %+v", got.Records)
	}
}

func TestTXT(t *testing.T) {
	server := serve(t, map[string]says{
		"_mta-sts.example.com TXT": records(`_mta-sts.example.com. 60 IN TXT "v=STSv1; " "id=\"1\\2\007\";"`, `_mta-sts.example.com. 60 IN TXT ""`),
	})
	got, err := client(server).TXT(t.Context(), "_mta-sts.example.com")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"v=STSv1; id=\"1\\2\a\";", ""}, got.Records); diff != "" {
		t.Error(diff)
	}
}

func TestCNAME(t *testing.T) {
	server := serve(t, map[string]says{
		"mx.example.com CNAME":   records("mx.example.com. 60 IN CNAME mail.example.net.", "mail.example.net. 60 IN CNAME mail.example.org."),
		"host.example.com CNAME": records(),
	})
	c := client(server)
	got, err := c.CNAME(t.Context(), "mx.example.com")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"mail.example.net"}, got.Records); diff != "" {
		t.Error(diff)
	}
	if _, err := c.CNAME(t.Context(), "host.example.com"); kind(t, err) != NoRecords {
		t.Errorf("of a host: %v", err)
	}
}

// TestManyRecords has an answer that needs TCP and has more records than are used.
func TestManyRecords(t *testing.T) {
	var lines []string
	for i := range 300 {
		lines = append(lines, fmt.Sprintf("example.com. 60 IN MX %d mx%d.example.com.", 1000-i, i))
	}
	server := serve(t, map[string]says{"example.com MX": cutOverUDP(records(lines...))})
	got, err := client(server).MX(t.Context(), "example.com")
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Records) != MaxRecords || got.Ignored != 300-MaxRecords {
		t.Errorf("%d used, %d ignored", len(got.Records), got.Ignored)
	}
	if got.Records[0] != (MX{"mx299.example.com", 701}) {
		t.Errorf("the best is not kept: %+v", got.Records[0])
	}
}

func TestFailures(t *testing.T) {
	bogus := func(m *miekg.Msg, _ string) bool {
		m.Rcode = miekg.RcodeServerFailure
		m.SetEdns0(1232, false)
		m.IsEdns0().Option = append(m.IsEdns0().Option,
			&miekg.EDNS0_EDE{InfoCode: miekg.ExtendedErrorCodeDNSBogus, ExtraText: "signature\r\n expired\x1b[2J"})
		return true
	}
	circle := records("circle.example.com. 60 IN CNAME b.example.com.", "b.example.com. 60 IN CNAME CIRCLE.example.com.")
	var chain []string
	for i := range maxAliases + 1 {
		chain = append(chain, fmt.Sprintf("a%d.example.com. 60 IN CNAME a%d.example.com.", i, i+1))
	}
	referral := func(m *miekg.Msg, _ string) bool {
		m.RecursionAvailable = false
		rr, _ := miekg.NewRR("example.com. 60 IN NS ns.example.com.")
		m.Ns = append(m.Ns, rr)
		return true
	}
	server := serve(t, map[string]says{
		"nodata.example.com MX":  records(),
		"bogus.example.com MX":   bogus,
		"refused.example.com MX": code(miekg.RcodeRefused),
		"odd.example.com MX":     code(15),
		"circle.example.com MX":  circle,
		"a0.example.com MX":      records(chain...),
		"dangling.example.com MX": func(m *miekg.Msg, network string) bool {
			m.Rcode = miekg.RcodeNameError
			return records("dangling.example.com. 60 IN CNAME gone.example.net.")(m, network)
		},
		"strange.example.com MX":  records(`strange.example.com. 60 IN MX 1 m\007x.example.com.`),
		"referral.example.com MX": referral,
		"silent.example.com MX":   silent,
	})
	for _, tc := range []struct {
		domain string
		want   Error
	}{
		{domain: "gone.example.com", want: Error{Kind: NXDomain, Rcode: "NXDOMAIN"}},
		{domain: "nodata.example.com", want: Error{Kind: NoRecords, Rcode: "NOERROR"}},
		{domain: "bogus.example.com", want: Error{Kind: Servfail, Rcode: "SERVFAIL",
			Err: &ExtendedError{Code: 6, Text: "signature expired[2J"}}},
		{domain: "refused.example.com", want: Error{Kind: Servfail, Rcode: "REFUSED"}},
		{domain: "odd.example.com", want: Error{Kind: Servfail, Rcode: "RCODE15"}},
		{domain: "circle.example.com", want: Error{Kind: Servfail, Rcode: "NOERROR", Err: errAliasLoop,
			CNAMEs: []string{"b.example.com", "circle.example.com"}}},
		{domain: "dangling.example.com", want: Error{Kind: NXDomain, Rcode: "NXDOMAIN", CNAMEs: []string{"gone.example.net"}}},
		{domain: "strange.example.com", want: Error{Kind: Servfail, Rcode: "NOERROR", Err: errTarget}},
		{domain: "referral.example.com", want: Error{Kind: Servfail, Rcode: "NOERROR", Err: errReferral}},
	} {
		t.Run(tc.domain, func(t *testing.T) {
			_, err := client(server).MX(t.Context(), tc.domain)
			var got *Error
			if !errors.As(err, &got) {
				t.Fatalf("the error is %v", err)
			}
			tc.want.Name, tc.want.Type, tc.want.Server = tc.domain, "MX", server
			if !reflect.DeepEqual(&tc.want, got) {
				t.Errorf("got\n%#v, want\n%#v", got, &tc.want)
			}
		})
	}
	t.Run("too long a chain", func(t *testing.T) {
		_, err := client(server).MX(t.Context(), "a0.example.com")
		if !errors.Is(err, errAliasChain) || kind(t, err) != Servfail {
			t.Errorf("the error is %v", err)
		}
	})
	t.Run("silence", func(t *testing.T) {
		c := client(server)
		c.limit = shortLimit
		_, err := c.MX(t.Context(), "silent.example.com")
		if kind(t, err) != Timeout || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the error is %v", err)
		}
	})
}

func TestBadNames(t *testing.T) {
	asked := serve(t, map[string]says{})
	for _, name := range []string{"", ".", "a..example.com", "-a.example.com", "a b.example.com", "a\r\n.example.com",
		"例え.jp", "x@example.com", fmt.Sprintf("%064d.example.com", 0)} {
		_, err := client(asked).MX(t.Context(), name)
		if kind(t, err) != NXDomain || !errors.Is(err, errName) {
			t.Errorf("%q: %v", name, err)
		}
		if _, err := client(asked).Host(t.Context(), name); kind(t, err) != NXDomain || !errors.Is(err, errName) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// kind returns the Kind of an *Error.
func kind(t *testing.T, err error) Kind {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("the error is %v, no *Error", err)
	}
	return e.Kind
}

// cutOverUDP answers over UDP with the TC bit and no record.
func cutOverUDP(full says) says {
	return func(m *miekg.Msg, network string) bool {
		if network == "udp" {
			m.Truncated = true
			return true
		}
		return full(m, network)
	}
}
