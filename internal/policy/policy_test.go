package policy

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"unicode"

	"mailcheck/internal/dns"
	"mailcheck/report"
)

// zone answers for names: "example.com TXT" → texts, "example.com MX" → hosts,
// "example.com A" → an address. "*" stands for every other name. Whatever is
// not there does not exist; the text "SERVFAIL" is a failure of the DNS.
type zone map[string][]string

func (z zone) find(name, kind string) ([]string, error) {
	found, ok := z[strings.ToLower(strings.TrimSuffix(name, "."))+" "+kind]
	if !ok {
		found = z["* "+kind]
	}
	switch {
	case len(found) == 0:
		return nil, &dns.Error{Name: name, Type: kind, Kind: dns.NXDomain}
	case found[0] == "SERVFAIL":
		return nil, &dns.Error{Name: name, Type: kind, Kind: dns.Servfail}
	}
	return found, nil
}

func (z zone) TXT(_ context.Context, name string) (*dns.Answer[string], error) {
	found, err := z.find(name, "TXT")
	return &dns.Answer[string]{Records: found}, err
}

func (z zone) MX(_ context.Context, domain string) (*dns.Answer[dns.MX], error) {
	found, err := z.find(domain, "MX")
	a := &dns.Answer[dns.MX]{}
	for _, host := range found {
		a.Records = append(a.Records, dns.MX{Host: host, Preference: 10})
	}
	return a, err
}

func (z zone) Host(_ context.Context, name string) (*dns.Hosts, error) {
	found, err := z.find(name, "A")
	if err != nil {
		return nil, err
	}
	h := &dns.Hosts{}
	for _, addr := range found {
		h.Addrs = append(h.Addrs, netip.MustParseAddr(addr))
	}
	return h, nil
}

// outcome is a finding, or an error's cause and text.
func outcome(f Finding, err error) string {
	var broken *report.Fault
	var failed *dns.Error
	switch {
	case errors.As(err, &broken):
		return fmt.Sprintf("%s: %s", broken.Cause, broken.Text)
	case errors.As(err, &failed):
		return string("dns." + failed.Kind)
	case err != nil:
		return "error: " + err.Error()
	case f.Warning != "":
		return fmt.Sprintf("warn %s: %s", f.Warning, f.Detail)
	}
	return "ok: " + f.Detail
}

func TestSPF(t *testing.T) {
	includes := func(n int) []string {
		var all []string
		for i := range n {
			all = append(all, fmt.Sprintf("include:_%d.example.net", i))
		}
		return []string{"v=spf1 " + strings.Join(all, " ") + " -all"}
	}
	for name, tc := range map[string]struct {
		zone zone
		want string
	}{
		"sound": {zone{"example.com TXT": {"other", "v=spf1 mx a ip4:203.0.113.0/24 include:_spf.example.net ~all"},
			"_spf.example.net TXT": {"v=spf1 ip6:2001:db8::/32 -all"}, "example.com MX": {"mx.example.com"}, "mx.example.com A": {"203.0.113.1"}, "example.com A": {"203.0.113.2"}},
			"ok: 3 of 10 lookups, mail of others: softfail; v=spf1 mx a ip4:203.0.113.0/24 include:_spf.example.net ~all"},
		"ten lookups":    {zone{"example.com TXT": includes(10), "* TXT": {"v=spf1 -all"}}, "ok: 10 of 10 lookups, mail of others: fail; " + includes(10)[0]},
		"eleven lookups": {zone{"example.com TXT": includes(11), "* TXT": {"v=spf1 -all"}}, "policy.spf_lookups: ~it needs 11 lookups in the DNS, and 10 are allowed"},
		"far too many":   {zone{"example.com TXT": includes(40), "* TXT": {"v=spf1 -all"}}, "policy.spf_lookups: ~lookup limit reached"},
		"a circle":       {zone{"example.com TXT": {"v=spf1 include:example.com -all"}}, "policy.spf_lookups: ~lookup limit reached"},
		"too many MX": {zone{"example.com TXT": {"v=spf1 mx -all"}, "example.com MX": strings.Fields("a b c d e f g h i j k"), "* A": {"203.0.113.1"}},
			"policy.spf_lookups: v=spf1 mx -all; too many MX records"},
		"none":         {zone{"example.com TXT": {"other"}}, "policy.spf_missing: example.com has no SPF record"},
		"no domain":    {zone{}, "policy.spf_missing: example.com has no SPF record"},
		"two":          {zone{"example.com TXT": {"v=spf1 mx -all", "v=spf1 a -all"}}, "policy.spf_several: example.com has more than one SPF record"},
		"two included": {zone{"example.com TXT": {"v=spf1 include:b.example -all"}, "b.example TXT": {"v=spf1 -all", "v=spf1 +all"}}, "policy.spf_several: b.example has more than one SPF record"},
		"unknown term": {zone{"example.com TXT": {"v=spf1 ipv4:192.0.2.9 -all"}}, "policy.spf_syntax: v=spf1 ipv4:192.0.2.9 -all; unknown field"},
		"bad address":  {zone{"example.com TXT": {"v=spf1 ip4:300.0.2.9 -all"}}, "policy.spf_syntax: v=spf1 ip4:300.0.2.9 -all; invalid ipX value"},
		"bad include": {zone{"example.com TXT": {"v=spf1 include:b.example -all"}, "b.example TXT": {"v=spf1 a:b/99 -all"}},
			"policy.spf_syntax: v=spf1 include:b.example -all; in the record of b.example: invalid mask"},
		"empty include": {zone{"example.com TXT": {"v=spf1 include:b.example -all"}}, "policy.spf_syntax: v=spf1 include:b.example -all; it includes b.example, which has no SPF record"},
		"anybody":       {zone{"example.com TXT": {"v=spf1 mx +all"}, "example.com MX": {"mx.example.com"}, "mx.example.com A": {"203.0.113.1"}}, "warn policy.spf_anybody: 1 of 10 lookups, mail of others: pass; v=spf1 mx +all"},
		"ptr":           {zone{"example.com TXT": {"v=spf1 ptr -all"}}, "warn policy.spf_ptr: 1 of 10 lookups, mail of others: fail; v=spf1 ptr -all; it uses ptr"},
		"void": {zone{"example.com TXT": {"v=spf1 a:x.example a:y.example a:z.example -all"}},
			"warn policy.spf_void_lookups: 3 of 10 lookups, mail of others: fail; v=spf1 a:x.example a:y.example a:z.example -all; 3 of the names in it lead nowhere: x.example, y.example, z.example"},
		"too long":             {zone{"example.com TXT": {"v=spf1 " + strings.Repeat("ip4:192.0.2.9 ", 700) + "-all"}}, "policy.spf_missing: example.com has no SPF record"},
		"DNS fails":            {zone{"example.com TXT": {"SERVFAIL"}}, "dns.servfail"},
		"DNS fails in between": {zone{"example.com TXT": {"v=spf1 include:b.example -all"}, "b.example TXT": {"SERVFAIL"}}, "dns.servfail"},
	} {
		t.Run(name, func(t *testing.T) {
			compare(t, outcome(SPF(t.Context(), tc.zone, "example.com")), tc.want)
		})
	}
}

// However a record is made, its evaluation is short: each part of it names
// itself again, as long as may be.
func TestSPFOfManyTerms(t *testing.T) {
	z := zone{"* TXT": {"v=spf1 " + strings.Repeat("ip4:192.0.2.9 ", 500) + "include:%{l}.%{d} include:a.%{d} a mx -all"},
		"* MX": strings.Fields("a b c d e f g h i j"), "* A": {"192.0.2.9"}}
	lookups := 0
	e := &evaluation{ctx: t.Context(), resolver: counted{z, &lookups}, domain: "example.com", known: map[string]any{}}
	if _, err := e.check(countedLookups, countedLookups); err == nil || lookups > maxSPFQueries+1 {
		t.Errorf("%d lookups, %v", lookups, err)
	}
}

// counted counts what a zone is asked.
type counted struct {
	zone
	n *int
}

func (c counted) TXT(ctx context.Context, name string) (*dns.Answer[string], error) {
	*c.n++
	return c.zone.TXT(ctx, name)
}

func (c counted) Host(ctx context.Context, name string) (*dns.Hosts, error) {
	*c.n++
	return c.zone.Host(ctx, name)
}

// compare compares texts; a tilde stands for any text.
func compare(t *testing.T, got, want string) {
	t.Helper()
	begin, end, cut := strings.Cut(want, "~")
	if cut && !strings.Contains(want, "~all") {
		if !strings.HasPrefix(got, begin) || !strings.HasSuffix(got, end) {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
		return
	}
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestDMARC(t *testing.T) {
	for name, tc := range map[string]struct {
		domain string
		zone   zone
		want   string
	}{
		"sound": {"example.com", zone{"_dmarc.example.com TXT": {"v=DMARC1; p=quarantine; rua=mailto:dmarc@example.com, mailto:a@example.net!10m"}},
			"ok: mail that fails: into the junk folder (quarantine); reports are asked for"},
		"none":      {"example.com", zone{"_dmarc.example.com TXT": {"v=DMARC1;p=none"}}, "ok: mail that fails: delivered all the same (none); no reports are asked for"},
		"a part":    {"example.com", zone{"_dmarc.example.com TXT": {"v=DMARC1; p=reject; pct=20"}}, "ok: mail that fails: refused (reject), for 20% of it; no reports are asked for"},
		"above":     {"a.b.example.co.jp", zone{"_dmarc.example.co.jp TXT": {"v=DMARC1; p=reject"}}, "ok: that of example.co.jp: mail that fails: refused (reject); no reports are asked for"},
		"above, sp": {"a.example.co.jp", zone{"_dmarc.example.co.jp TXT": {"v=DMARC1; p=reject; sp=none"}}, "ok: that of example.co.jp: mail that fails: delivered all the same (none); no reports are asked for"},
		"missing":   {"a.example.com", zone{"_dmarc.a.example.com TXT": {"other"}}, "policy.dmarc_missing: _dmarc.a.example.com and _dmarc.example.com: no DMARC record"},
		"several":   {"example.com", zone{"_dmarc.example.com TXT": {"v=DMARC1; p=none", "v=DMARC1; p=reject"}}, "policy.dmarc_several: _dmarc.example.com has 2 DMARC records, so that none counts"},
		"no policy": {"example.com", zone{"_dmarc.example.com TXT": {"v=DMARC1; rua=mailto:a@example.com"}}, "policy.dmarc_syntax: v=DMARC1; rua=mailto:a@example.com; record is missing a 'p' parameter"},
		"bad order": {"example.com", zone{"_dmarc.example.com TXT": {"p=none; v=DMARC1"}}, "policy.dmarc_syntax: p=none; v=DMARC1; a record has to begin with v=DMARC1;"},
		"no mailto": {"example.com", zone{"_dmarc.example.com TXT": {"v=DMARC1; p=none; rua=a@example.com"}}, "policy.dmarc_syntax: v=DMARC1; p=none; rua=a@example.com; reports go to mailto:ADDRESS, which one of its addresses is not"},
		"DNS fails": {"example.com", zone{"_dmarc.example.com TXT": {"SERVFAIL"}}, "dns.servfail"},
	} {
		t.Run(name, func(t *testing.T) {
			compare(t, outcome(DMARC(t.Context(), tc.zone, tc.domain)), tc.want)
		})
	}
}

func TestTLSRPT(t *testing.T) {
	for record, want := range map[string]string{
		"":                                     "ok: no record: nobody is told when encryption fails",
		"v=TLSRPTv1; rua=mailto:a@example.com": "ok: failures are reported by mail",
		"v=TLSRPTv1;rua=https://example.com/r,mailto:a@b.example;": "ok: failures are reported by HTTPS and mail",
		"v=TLSRPTv1; rua=a@example.com":                            "policy.tls_rpt_syntax: v=TLSRPTv1; rua=a@example.com; rua has to hold mailto: or https: addresses",
		"v=TLSRPTv1;":                                              "policy.tls_rpt_syntax: v=TLSRPTv1;; it has no rua, so that nobody is told",
		"v=TLSRPTv12; rua=mailto:a@example.com":                    "policy.tls_rpt_syntax: v=TLSRPTv12; rua=mailto:a@example.com; a record has to begin with v=TLSRPTv1;",
		"rua=mailto:a@example.com":                                 "policy.tls_rpt_syntax: rua=mailto:a@example.com; a record has to begin with v=TLSRPTv1;",
		"SERVFAIL":                                                 "dns.servfail",
	} {
		z := zone{"_smtp._tls.example.com TXT": {record}}
		if record == "" {
			z = zone{}
		}
		compare(t, outcome(TLSRPT(t.Context(), z, "example.com")), want)
	}
	two := zone{"_smtp._tls.example.com TXT": {"v=TLSRPTv1; rua=mailto:a@b.example", "v=TLSRPTv1; rua=mailto:c@b.example"}}
	compare(t, outcome(TLSRPT(t.Context(), two, "example.com")), "policy.tls_rpt_syntax: _smtp._tls.example.com has 2 records, so that none counts")
}

// FuzzRecords: whatever text stands at every name, reading it ends, and what is
// kept of it may stand in a report.
func FuzzRecords(f *testing.F) {
	for _, text := range []string{
		"v=spf1 include:%{d}.example a:b/24//64 mx ptr exists:%{ir}.x redirect=c.example exp=d -all", "v=spf1 ip4:1.2.3.4/33",
		"v=DMARC1; p=none; sp=reject; rua=mailto:a@b, mailto:c@d!5m; fo=0:1; pct=5", "v=STSv1; id=20160831T085700Z;", "v=TLSRPTv1; rua=https://a/,mailto:b@c",
		"v=DKIM1; k=rsa; p=AAAA", "v=spf1 \x00\x1b[31m",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		z := zone{"* TXT": {text}, "* MX": {"mx.example.com"}, "* A": {"192.0.2.9"}}
		for _, read := range []func() (Finding, error){
			func() (Finding, error) { return SPF(t.Context(), z, "example.com") },
			func() (Finding, error) { return DMARC(t.Context(), z, "a.example.com") },
			func() (Finding, error) { return TLSRPT(t.Context(), z, "example.com") },
			func() (Finding, error) {
				id, err := STSRecord(t.Context(), z, "example.com")
				return Finding{Detail: id}, err
			},
		} {
			harmless(t, outcome(read()))
		}
	})
}

func harmless(t *testing.T, text string) {
	t.Helper()
	if len(text) > 4*maxShown || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		t.Errorf("%q is kept", text)
	}
}
