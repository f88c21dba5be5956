package dns

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	miekg "github.com/miekg/dns"
)

// TestWithoutServer has no server known, as on Windows: net.Resolver is asked
// for everything.
func TestWithoutServer(t *testing.T) {
	c := systemClient(t, serve(t, map[string]says{
		"example.com MX": records("example.com. 60 IN MX 20 mx2.example.com.", "example.com. 60 IN MX 10 MX1.example.com.",
			"example.com. 60 IN MX 5 m%x.example.com."),
		"null.example.com MX":          records("null.example.com. 60 IN MX 0 ."),
		"_imaps._tcp.example.com SRV":  records("_imaps._tcp.example.com. 60 IN SRV 0 1 993 a.example.com.", "_imaps._tcp.example.com. 60 IN SRV 0 5 993 b.example.com."),
		"_pop3s._tcp.example.com SRV":  records("_pop3s._tcp.example.com. 60 IN SRV 0 0 0 ."),
		"example.com TXT":              records(`example.com. 60 IN TXT "v=spf1" " -all"`),
		"host.example.com MX":          records(),
		"host.example.com A":           records("host.example.com. 60 IN A 192.0.2.1"),
		"fails.example.com MX":         code(miekg.RcodeServerFailure),
		"mx.example.com A":             records("mx.example.com. 60 IN CNAME host.example.com.", "host.example.com. 60 IN A 192.0.2.1"),
		"mx.example.com AAAA":          records("mx.example.com. 60 IN CNAME host.example.com."),
		"host.example.com AAAA":        records(),
		"_imaps._tcp.none.example SRV": records(),
	}))

	mx, err := c.MX(t.Context(), "example.com")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]MX{{"mx1.example.com", 10}, {"mx2.example.com", 20}}, mx.Records); diff != "" {
		t.Error(diff)
	}
	if mx.TTL != TTLUnknown || mx.Authentic || mx.Server != "" {
		t.Errorf("net.Resolver is credited with what it does not tell: %+v", mx)
	}
	if mx, err := c.MX(t.Context(), "null.example.com"); err != nil || !NullMX(mx) {
		t.Errorf("no null MX: %+v, %v", mx, err)
	}
	srv, err := c.SRV(t.Context(), "_imaps._tcp.example.com")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]SRV{{"b.example.com", 993, 0, 5}, {"a.example.com", 993, 0, 1}}, srv.Records); diff != "" {
		t.Error(diff)
	}
	if srv, err := c.SRV(t.Context(), "_pop3s._tcp.example.com"); err != nil || !srv.Records[0].NotOffered() {
		t.Errorf("POP3 is not declined: %+v, %v", srv, err)
	}
	txt, err := c.TXT(t.Context(), "example.com")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"v=spf1 -all"}, txt.Records); diff != "" {
		t.Error(diff)
	}
	cname, err := c.CNAME(t.Context(), "mx.example.com")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"host.example.com"}, cname.Records); diff != "" {
		t.Error(diff)
	}

	for name, tc := range map[string]struct {
		look func() error
		want Kind
	}{
		"no MX but a host":   {func() error { _, err := c.MX(t.Context(), "host.example.com"); return err }, NoRecords},
		"no MX and no host":  {func() error { _, err := c.MX(t.Context(), "gone.example.com"); return err }, NXDomain},
		"the server fails":   {func() error { _, err := c.MX(t.Context(), "fails.example.com"); return err }, Servfail},
		"no SRV":             {func() error { _, err := c.SRV(t.Context(), "_imaps._tcp.none.example"); return err }, NXDomain},
		"an alias of nobody": {func() error { _, err := c.CNAME(t.Context(), "host.example.com"); return err }, NoRecords},
	} {
		if got := kind(t, tc.look()); got != tc.want {
			t.Errorf("%s: %s", name, got)
		}
	}

	quiet := systemClient(t, bytesServer(t, func([]byte) []byte { return nil }))
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	if _, err := quiet.MX(ctx, "example.com"); kind(t, err) != Timeout {
		t.Error(err)
	}
}
