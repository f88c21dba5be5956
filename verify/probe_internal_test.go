package verify

import (
	"cmp"
	"context"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"mailcheck/creds"
	"mailcheck/internal/discover"
	"mailcheck/report"
)

// probed makes the probes of a run by hand: candidates that failed as told, in
// a network in which nobody ever answers.
func probed(t *testing.T, o Options, failures ...failed) (steps []string, connections int, took time.Duration) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var count atomic.Int32
		o.Account.Domain = cmp.Or(o.Account.Domain, "example.test")
		o.Account.Address = "anna@" + o.Account.Domain
		o.Override = map[string][]netip.Addr{
			"mail.example.test": {netip.MustParseAddr("192.0.2.1")}, "localhost": {netip.MustParseAddr("127.0.0.1")},
		}
		o.Dial = func(ctx context.Context, _, _ string) (net.Conn, error) {
			count.Add(1)
			<-ctx.Done()
			return nil, ctx.Err()
		}
		o.complete()
		r := newRun(t.Context(), o)
		r.dnsRec = r.log.Check("dns", nil)
		r.found = &discover.Settings{Candidates: map[report.Protocol][]report.Endpoint{}}
		for i, f := range failures {
			f.ep.Trusted = !f.untrusted
			f.ep.Host = cmp.Or(f.ep.Host, "mail.example.test")
			r.found.Candidates[f.ep.Protocol] = append(r.found.Candidates[f.ep.Protocol], f.ep)
			id := string(f.ep.Protocol)
			if i > 0 && failures[i-1].ep.Protocol == f.ep.Protocol {
				id += "#2"
			}
			rec := r.log.Check(id, &f.ep)
			c := rec.Check()
			for _, a := range f.addresses {
				c.Addresses = append(c.Addresses, report.Address{IP: a, Result: report.OK})
				c.Peer = f.addresses[0]
			}
			_ = rec.Run(t.Context(), f.step, func(context.Context, *report.Step) error {
				if f.cause == "" {
					return nil
				}
				return &report.Fault{Cause: f.cause, Text: "it failed"}
			})
		}
		begin := time.Now()
		r.probe(t.Context())
		took, connections = time.Since(begin), int(count.Load())
		for _, c := range r.log.Checks() {
			if c.ID != report.ProbeCheck {
				continue
			}
			for _, s := range c.Steps {
				name := s.Step
				if s.Subject != "mail.example.test" {
					name += " " + s.Subject
				}
				steps = append(steps, name)
				if s.Result != report.Fail || s.Cause != report.ConnectTimeout || s.Explanation != "" || s.Advice != nil {
					t.Errorf("%s: %s %s %q %q", s.ID, s.Result, s.Cause, s.Explanation, s.Advice)
				}
			}
		}
		for _, c := range r.report.Contacted {
			if c.Purpose != "probe" || len(c.Told) > 0 {
				t.Errorf("told %+v", c)
			}
		}
	})
	return steps, connections, took
}

// failed is a candidate and how it failed; without a cause it did not.
type failed struct {
	ep        report.Endpoint
	step      string
	cause     report.Cause
	addresses []string // that took a connection; the session uses the first
	untrusted bool
}

func TestWhatIsProbed(t *testing.T) {
	at := func(p report.Protocol, port int, s report.Security) report.Endpoint {
		return report.Endpoint{Protocol: p, Port: port, Security: s}
	}
	imap, pop := at(report.IMAP, 993, report.TLS), at(report.POP3, 995, report.TLS)
	smtp, smtps := at(report.SMTP, 587, report.STARTTLS), at(report.SMTP, 465, report.TLS)
	two, both := []string{"192.0.2.1", "192.0.2.2"}, []string{"2001:db8::1", "192.0.2.1", "192.0.2.2"}
	for name, tt := range map[string]struct {
		failures []failed
		want     string
	}{
		"SMTP cannot be connected to":    {[]failed{{ep: smtp, step: "connect", cause: report.ConnectTimeout}}, "smtp-465, smtp-25"},
		"port 25 cannot be connected to": {[]failed{{ep: at(report.SMTP, 25, report.STARTTLS), step: "connect", cause: report.ConnectTimeout}}, "smtp-465, smtp-587"},
		"a port of its own":              {[]failed{{ep: at(report.SMTP, 2525, report.STARTTLS), step: "connect", cause: report.ConnectRefused}}, "smtp-465, smtp-587, smtp-25"},
		"IMAP cannot be connected to":    {[]failed{{ep: imap, step: "connect", cause: report.ConnectRefused}}, "imap-143"},
		"both ports were candidates":     {[]failed{{ep: smtps, step: "connect", cause: report.ConnectTimeout}, {ep: smtp, step: "connect", cause: report.ConnectTimeout}}, "smtp-25"},
		"everything is silent": {[]failed{{ep: imap, step: "connect", cause: report.ConnectTimeout}, {ep: pop, step: "connect", cause: report.ConnectTimeout},
			{ep: at(report.SMTP, 2525, report.TLS), step: "connect", cause: report.ConnectTimeout}}, "imap-143, pop3-110, smtp-465, smtp-587, smtp-25"},
		"TLS where STARTTLS is set":    {[]failed{{ep: smtp, step: "greeting", cause: report.TLSPlaintextPort}}, "smtp-587-tls, smtp-465"},
		"clear text where TLS is set":  {[]failed{{ep: imap, step: "tls", cause: report.TLSPlaintextPort}}, "imap-993-starttls, imap-143"},
		"STARTTLS is missing":          {[]failed{{ep: smtp, step: "starttls", cause: report.TLSStartTLSNotOffered}}, "smtp-465"},
		"expired at one of two":        {[]failed{{ep: imap, step: "tls", cause: report.TLSExpired, addresses: two}}, "imap-993 192.0.2.2, imap-143"},
		"no handshake over IPv6":       {[]failed{{ep: imap, step: "tls", cause: report.TLSHandshakeFailure, addresses: both}}, "imap-993 192.0.2.1, imap-143"},
		"hung up over IPv6":            {[]failed{{ep: smtp, step: "greeting", cause: report.ConnectClosedEarly, addresses: both}}, "smtp-587 192.0.2.1, smtp-465, smtp-25"},
		"hung up, IPv4 alone":          {[]failed{{ep: smtp, step: "greeting", cause: report.ConnectClosedEarly, addresses: two}}, "smtp-465, smtp-25"},
		"this line's address rejected": {[]failed{{ep: smtp, step: "greeting", cause: report.GreetingRejectedIP}}, "smtp-465, smtp-25"},
		"many addresses, three protocols": {[]failed{
			{ep: imap, step: "tls", cause: report.TLSExpired, addresses: []string{"192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4", "192.0.2.5"}},
			{ep: pop, step: "tls", cause: report.TLSExpired, addresses: two}, {ep: smtps, step: "tls", cause: report.TLSExpired, addresses: two}},
			"imap-993 192.0.2.2, pop3-995 192.0.2.2, smtp-465 192.0.2.2, imap-993 192.0.2.3, pop3-110, smtp-587"},

		"a login was refused":           {[]failed{{ep: smtp, step: "auth", cause: report.AuthBadCredentials}}, ""},
		"the next candidate works":      {[]failed{{ep: smtps, step: "connect", cause: report.ConnectTimeout}, {ep: smtp, step: "greeting"}}, ""},
		"all is well":                   {[]failed{{ep: imap, step: "greeting"}}, ""},
		"too many connections":          {[]failed{{ep: imap, step: "greeting", cause: report.GreetingTooManyConnections}}, ""},
		"the server is down for a time": {[]failed{{ep: smtp, step: "greeting", cause: report.ServerTemporarilyUnavailable}}, ""},
		"the session was stopped":       {[]failed{{ep: smtp, step: "greeting", cause: report.ClientInterrupted}}, ""},
		"nobody vouches for the host":   {[]failed{{ep: imap, step: "connect", cause: report.ConnectTimeout, untrusted: true}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			steps, connections, took := probed(t, Options{}, tt.failures...)
			if got := strings.Join(steps, ", "); got != tt.want {
				t.Errorf("probed %s, want %s", got, tt.want)
			}
			if connections != len(steps) || len(steps) > maxProbes {
				t.Errorf("%d connections for %d probes", connections, len(steps))
			}
			if want := min(len(steps), 1) * int(probeTime); took != time.Duration(want) {
				t.Errorf("took %v", took)
			}
		})
	}
}

// The protocols that are left out are left alone.
func TestLeftOutIsNotProbed(t *testing.T) {
	steps, _, _ := probed(t, Options{Leave: []report.Protocol{report.SMTP}},
		failed{ep: report.Endpoint{Protocol: report.SMTP, Port: 587, Security: report.STARTTLS}, step: "connect", cause: report.ConnectTimeout},
		failed{ep: report.Endpoint{Protocol: report.IMAP, Port: 143, Security: report.STARTTLS}, step: "connect", cause: report.ConnectTimeout})
	if !slices.Equal(steps, []string{"imap-993"}) {
		t.Errorf("probed %v", steps)
	}
}

// A mail program's own port on this computer leads to a program there, such as
// Proton Mail Bridge: the usual ports are none of its.
func TestPortsOfThisComputerAreNotProbed(t *testing.T) {
	for name, tt := range map[string]struct {
		domain string
		host   string
		port   int
		cause  report.Cause
		want   string
	}{
		"Bridge is not running":                {"proton.me", "127.0.0.1", 1143, report.ConnectRefused, ""},
		"Bridge at a usual port":               {"proton.me", "127.0.0.1", 143, report.ConnectRefused, ""},
		"Bridge uses the other encryption":     {"proton.me", "127.0.0.1", 1143, report.TLSPlaintextPort, "imap-1143-tls 127.0.0.1"},
		"Bridge's provider on the internet":    {"proton.me", "mail.example.test", 143, report.ConnectRefused, "imap-993"},
		"another program of this computer":     {"", "127.0.0.1", 1143, report.ConnectRefused, ""},
		"by IPv6":                              {"", "::1", 1143, report.ConnectRefused, ""},
		"by IPv4 in IPv6":                      {"", "::ffff:127.0.0.1", 1143, report.ConnectRefused, ""},
		"by name":                              {"", "localhost", 1143, report.ConnectRefused, ""},
		"a mail server of this computer":       {"", "localhost", 143, report.ConnectRefused, "imap-993 localhost"},
		"a port of its own on another machine": {"", "mail.example.test", 1143, report.ConnectRefused, "imap-993, imap-143"},
	} {
		t.Run(name, func(t *testing.T) {
			step := "connect"
			if tt.cause == report.TLSPlaintextPort {
				step = "greeting"
			}
			ep := report.Endpoint{Protocol: report.IMAP, Host: tt.host, Port: tt.port, Security: report.STARTTLS}
			o := Options{Account: creds.Account{Domain: tt.domain}}
			steps, _, _ := probed(t, o, failed{ep: ep, step: step, cause: tt.cause})
			if got := strings.Join(steps, ", "); got != tt.want {
				t.Errorf("probed %q, want %q", got, tt.want)
			}
		})
	}
}

// A way goes by the address that is most likely to answer.
func TestProbeAddress(t *testing.T) {
	addrs := []netip.Addr{netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")}
	tried := func(results ...report.Address) *report.Check { return &report.Check{Addresses: results} }
	for name, tt := range map[string]struct {
		check *report.Check
		want  string
	}{
		"nothing is known": {tried(), "192.0.2.1"},
		"one answered":     {tried(report.Address{IP: "2001:db8::1", Result: report.OK}, report.Address{IP: "192.0.2.1", Result: report.Fail}), "2001:db8::1"},
		"no route to IPv4": {tried(report.Address{IP: "192.0.2.1", Result: report.Skip, Cause: report.ConnectUnreachable},
			report.Address{IP: "192.0.2.2", Result: report.Skip, Cause: report.ConnectUnreachable}), "2001:db8::1"},
		"the session's own": {&report.Check{Peer: "192.0.2.2", Addresses: []report.Address{{IP: "2001:db8::1", Result: report.OK}, {IP: "192.0.2.2", Result: report.OK}}}, "192.0.2.2"},
	} {
		got := failure{check: tt.check, addrs: addrs}.at(report.Endpoint{Host: "mail.example.test"})
		if got.addr.String() != tt.want || got.subject != "mail.example.test" {
			t.Errorf("%s: %v, want %s", name, got, tt.want)
		}
	}
}
