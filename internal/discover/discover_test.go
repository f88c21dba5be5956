package discover

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"mailcheck/creds"
	"mailcheck/internal/dns"
	"mailcheck/report"
)

// world is a DNS and a network: names with SRV records and addresses, and the
// ports that listen.
type world struct {
	srv   map[string][]dns.SRV // "_imaps._tcp"
	srvE  error                // instead of every SRV answer
	hosts map[string]string    // name → IPv4
	open  []string             // "192.0.2.1:993"
	lag   time.Duration        // of SRV answers
}

func (w world) SRV(ctx context.Context, name string) (*dns.Answer[dns.SRV], error) {
	if w.lag > 0 {
		select {
		case <-time.After(w.lag):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	if w.srvE != nil {
		return nil, w.srvE
	}
	service := strings.TrimSuffix(name, ".example.com")
	if records := w.srv[service]; records != nil {
		return &dns.Answer[dns.SRV]{Records: records}, nil
	}
	return nil, &dns.Error{Name: name, Type: "SRV", Kind: dns.NXDomain}
}

func (w world) MX(context.Context, string) (*dns.Answer[dns.MX], error) {
	return nil, &dns.Error{Type: "MX", Kind: dns.NoRecords}
}

func (w world) TXT(context.Context, string) (*dns.Answer[string], error) {
	return nil, &dns.Error{Type: "TXT", Kind: dns.NXDomain}
}

func (w world) Host(_ context.Context, name string) (*dns.Hosts, error) {
	if ip, ok := w.hosts[name]; ok {
		return &dns.Hosts{Addrs: []netip.Addr{netip.MustParseAddr(ip)}}, nil
	}
	return nil, &dns.Error{Name: name, Type: "A", Kind: dns.NXDomain}
}

func (w world) dial(ctx context.Context, _, address string) (net.Conn, error) {
	if !slices.Contains(w.open, address) {
		<-ctx.Done() // a filter that drops
		return nil, ctx.Err()
	}
	client, server := net.Pipe()
	server.Close()
	return client, nil
}

var all = []report.Protocol{report.IMAP, report.POP3, report.SMTP}

func find(t *testing.T, w world, change func(*Query)) (*Settings, *report.Check) {
	t.Helper()
	account, err := creds.ParseAddress("anna@example.com")
	if err != nil {
		t.Fatal(err)
	}
	q := Query{Account: account, Wanted: all, Resolver: w, Dial: w.dial,
		Username: func(report.Protocol) string { return "anna@example.com" }}
	if change != nil {
		change(&q)
	}
	rec := new(report.Log).Check("settings", nil)
	return Find(t.Context(), rec, q), rec.Check()
}

// short is an endpoint as "imap imap.example.com:993 tls srv*", the star for
// the chosen one and a "?" for one that is not trusted.
func short(endpoints []report.Endpoint) string {
	var out []string
	for _, e := range endpoints {
		s := fmt.Sprintf("%s %s:%d %s %s", e.Protocol, e.Host, e.Port, e.Security, e.Source)
		if e.Chosen {
			s += "*"
		}
		if !e.Trusted {
			s += "?"
		}
		out = append(out, s)
	}
	return strings.Join(out, ", ")
}

// results are the steps of the sources that a world has, and of the others
// what is not ok.
func results(c *report.Check) string {
	var out []string
	for _, s := range c.Steps {
		if s.Result == report.OK && !slices.Contains([]string{"flags", "srv", "guess"}, s.Step) {
			continue
		}
		out = append(out, fmt.Sprintf("%s %s %s", s.Step, s.Result, s.Cause))
	}
	return strings.Join(out, ", ")
}

func TestFind(t *testing.T) {
	records := func(target string, port, priority uint16) []dns.SRV {
		return []dns.SRV{{Target: target, Port: port, Priority: priority}}
	}
	whole := map[string][]dns.SRV{
		"_imaps._tcp":       records("imap.example.com", 993, 10),
		"_imap._tcp":        records("imap.example.com", 143, 20),
		"_pop3s._tcp":       records("pop.example.com", 995, 0),
		"_submissions._tcp": records("smtp.example.com", 465, 0),
		"_submission._tcp":  records("smtp.example.com", 587, 0),
	}
	for name, tc := range map[string]struct {
		world   world
		query   func(*Query)
		want    string
		steps   string
		missing map[report.Protocol]report.Cause
	}{
		"SRV names everything": {
			world: world{srv: whole},
			want: "pop3 pop.example.com:995 tls srv*, smtp smtp.example.com:465 tls srv*, smtp smtp.example.com:587 starttls srv, " +
				"imap imap.example.com:993 tls srv*, imap imap.example.com:143 starttls srv",
			steps: "flags ok , srv ok , guess ok ",
		},
		"SRV prefers STARTTLS": {
			world: world{srv: map[string][]dns.SRV{"_imaps._tcp": records("a.example.com", 993, 5), "_imap._tcp": records("b.example.com", 143, 1)}},
			query: func(q *Query) { q.Wanted = []report.Protocol{report.IMAP} },
			want:  "imap b.example.com:143 starttls srv*, imap a.example.com:993 tls srv",
			steps: "flags ok , srv ok , guess ok ",
		},
		"POP3 is declined": {
			world: world{srv: map[string][]dns.SRV{
				"_imaps._tcp": whole["_imaps._tcp"], "_submissions._tcp": whole["_submissions._tcp"], "_pop3s._tcp": {{}}},
				hosts: map[string]string{"pop.example.com": "192.0.2.1"}, open: []string{"192.0.2.1:995"}},
			want:    "smtp smtp.example.com:465 tls srv*, imap imap.example.com:993 tls srv*",
			steps:   "flags ok , srv ok , guess ok ",
			missing: map[report.Protocol]report.Cause{report.POP3: report.SettingsNotOffered},
		},
		"SMTP is declined": {
			world:   world{srv: map[string][]dns.SRV{"_imaps._tcp": whole["_imaps._tcp"], "_submission._tcp": {{}}}},
			query:   func(q *Query) { q.Wanted = []report.Protocol{report.IMAP, report.SMTP} },
			want:    "imap imap.example.com:993 tls srv*",
			steps:   "flags ok , ispdb warn , srv fail settings.not_offered, guess ok ",
			missing: map[report.Protocol]report.Cause{report.SMTP: report.SettingsNotOffered},
		},
		"a host outside the domain": {
			world: world{srv: map[string][]dns.SRV{"_imaps._tcp": records("imap.hoster.net", 993, 0)}},
			query: func(q *Query) { q.Wanted = []report.Protocol{report.IMAP} },
			want:  "imap imap.hoster.net:993 tls srv*?",
			steps: "flags ok , srv ok , guess ok ",
		},
		"a host outside the domain, trusted by flag": {
			world: world{srv: map[string][]dns.SRV{"_imaps._tcp": records("imap.hoster.net", 993, 0)}},
			query: func(q *Query) { q.Wanted = []report.Protocol{report.IMAP}; q.TrustDiscovered = true },
			want:  "imap imap.hoster.net:993 tls srv*",
			steps: "flags ok , srv ok , guess ok ",
		},
		"guessing": {
			world: world{hosts: map[string]string{"mail.example.com": "192.0.2.1", "smtp.example.com": "192.0.2.2"},
				open: []string{"192.0.2.1:993", "192.0.2.1:143", "192.0.2.2:587"}},
			want:    "imap mail.example.com:993 tls guess*, imap mail.example.com:143 starttls guess, smtp smtp.example.com:587 starttls guess*",
			steps:   "flags ok , srv ok , guess ok ",
			missing: map[report.Protocol]report.Cause{report.POP3: report.SettingsNotFound},
		},
		"nothing anywhere": {
			steps: "flags ok , ispdb warn , srv ok , guess fail settings.not_found",
			missing: map[report.Protocol]report.Cause{
				report.IMAP: report.SettingsNotFound, report.POP3: report.SettingsNotFound, report.SMTP: report.SettingsNotFound},
		},
		"the domain does not exist": {
			query: func(q *Query) { q.DomainMissing = func(context.Context) bool { return true } },
			steps: "flags ok , srv ok , guess skip ",
			missing: map[report.Protocol]report.Cause{
				report.IMAP: report.SettingsNotFound, report.POP3: report.SettingsNotFound, report.SMTP: report.SettingsNotFound},
		},
		"flags name everything": {
			world: world{srv: whole},
			query: func(q *Query) {
				q.Wanted = []report.Protocol{report.IMAP}
				q.Fixed = []report.Endpoint{{Protocol: report.IMAP, Host: "imap.hoster.net", Port: 993, Security: report.TLS}}
			},
			want:  "imap imap.hoster.net:993 tls flags*",
			steps: "flags ok ",
		},
		"flags name one, SRV the rest": {
			world: world{srv: whole},
			query: func(q *Query) {
				q.Wanted = []report.Protocol{report.IMAP, report.SMTP}
				q.Fixed = []report.Endpoint{{Protocol: report.IMAP, Host: "imap.hoster.net", Port: 993, Security: report.TLS}}
			},
			want: "imap imap.hoster.net:993 tls flags*, smtp smtp.example.com:465 tls srv*, smtp smtp.example.com:587 starttls srv, " +
				"imap imap.example.com:993 tls srv, imap imap.example.com:143 starttls srv",
			steps: "flags ok , srv ok , guess ok ",
		},
		"SRV cannot be asked": {
			world: world{srvE: &dns.Error{Type: "SRV", Kind: dns.Servfail},
				hosts: map[string]string{"mail.example.com": "192.0.2.1"}, open: []string{"192.0.2.1:993", "192.0.2.1:995", "192.0.2.1:465"}},
			want:  "imap mail.example.com:993 tls guess*, pop3 mail.example.com:995 tls guess*, smtp mail.example.com:465 tls guess*",
			steps: "flags ok , srv warn , autodiscover warn , guess ok ",
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				settings, check := find(t, tc.world, tc.query)
				if got := short(settings.Endpoints); got != tc.want {
					t.Errorf("endpoints %s\n     want %s", got, tc.want)
				}
				if got := results(check); got != tc.steps {
					t.Errorf("steps %s\n want %s", got, tc.steps)
				}
				for _, p := range all {
					if got := settings.Missing[p].Cause; got != tc.missing[p] {
						t.Errorf("%s: missing %q, want %q", p, got, tc.missing[p])
					}
					if n := len(settings.Candidates[p]); n > 0 && tc.missing[p] != "" {
						t.Errorf("%s is missing and has %d candidates", p, n)
					}
				}
			})
		})
	}
}

// The answer of SRV ends the guessing, which would wait for filtered ports.
func TestBetterSourceEndsTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := world{lag: 20 * time.Millisecond, hosts: map[string]string{"imap.example.com": "192.0.2.1"},
			srv: map[string][]dns.SRV{"_imaps._tcp": {{Target: "imap.example.com", Port: 993}}}}
		begin := time.Now()
		_, check := find(t, w, func(q *Query) { q.Wanted = []report.Protocol{report.IMAP} })
		if took := time.Since(begin); took != w.lag {
			t.Errorf("took %v, SRV takes %v", took, w.lag)
		}
		if guess := check.Step("guess"); !strings.Contains(guess.Detail, "not needed") {
			t.Errorf("guess says %q", guess.Detail)
		}
	})
}

// What listens was found, though the time ends while other ports stay silent.
func TestGuessCutOff(t *testing.T) {
	for name, tc := range map[string]struct {
		open []string
		want string
	}{
		"something listens": {[]string{"192.0.2.1:993"}, "imap mail.example.com:993 tls *"},
		"all are silent":    {},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				account, err := creds.ParseAddress("anna@example.com")
				if err != nil {
					t.Fatal(err)
				}
				w := world{hosts: map[string]string{"mail.example.com": "192.0.2.1"}, open: tc.open}
				ctx, cancel := context.WithTimeout(t.Context(), guessConnect/2)
				defer cancel()
				a, err := askGuess(ctx, Query{Account: account, Wanted: all, Resolver: w, Dial: w.dial})
				for i := range a.endpoints {
					a.endpoints[i].Chosen, a.endpoints[i].Trusted = true, true
				}
				if got := short(a.endpoints); got != tc.want || (err != nil) != (tc.want == "") {
					t.Errorf("got %q, %v", got, err)
				}
			})
		})
	}
}

// What the built-in table knows is asked of nobody: no document is fetched, no
// name is looked up.
func TestTableAsksNobody(t *testing.T) {
	account, err := creds.ParseAddress("anna@gmail.com")
	if err != nil {
		t.Fatal(err)
	}
	dialled := 0
	count := func(context.Context, string, string) (net.Conn, error) {
		dialled++
		return nil, errors.New("nobody is asked")
	}
	var told []report.Contact
	rec := new(report.Log).Check("settings", nil)
	got := Find(t.Context(), rec, Query{Account: account, Wanted: all, Resolver: nobody{t}, Dial: count, HTTP: HTTP{Dial: count},
		Told: func(c report.Contact) { told = append(told, c) }})
	if dialled > 0 || len(told) > 0 || got.Candidates[report.IMAP][0].Host != "imap.gmail.com" {
		t.Errorf("%d connections, told %v, %+v", dialled, told, got.Candidates)
	}
	for _, s := range rec.Check().Steps {
		if s.Result != report.OK {
			t.Errorf("%s %s: %s", s.ID, s.Result, s.Detail)
		}
	}
	if n := len(rec.Check().Steps); n != len(sources) {
		t.Errorf("%d steps, want %d", n, len(sources))
	}
}

// nobody is a DNS that must not be asked.
type nobody struct{ t *testing.T }

func (n nobody) MX(context.Context, string) (*dns.Answer[dns.MX], error) {
	n.t.Error("asked for MX")
	return nil, &dns.Error{Kind: dns.Other}
}

func (n nobody) SRV(context.Context, string) (*dns.Answer[dns.SRV], error) {
	n.t.Error("asked for SRV")
	return nil, &dns.Error{Kind: dns.Other}
}

func (n nobody) TXT(context.Context, string) (*dns.Answer[string], error) {
	n.t.Error("asked for TXT")
	return nil, &dns.Error{Kind: dns.Other}
}

func (n nobody) Host(context.Context, string) (*dns.Hosts, error) {
	n.t.Error("asked for a host")
	return nil, &dns.Error{Kind: dns.Other}
}

// A DNS that never answers ends with the deadline of the discovery.
func TestDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		_, check := find(t, world{lag: time.Hour, hosts: map[string]string{"imap.example.com": "192.0.2.1"}}, nil)
		if took := time.Since(begin); took != Deadline {
			t.Errorf("took %v", took)
		}
		if s := check.Step("srv"); s.Result != report.Warn || !errors.Is(s.Err, context.DeadlineExceeded) {
			t.Errorf("srv: %s %v", s.Result, s.Err)
		}
	})
}

func TestInside(t *testing.T) {
	for _, tc := range []struct {
		host, domain string
		want         bool
	}{
		{"imap.example.com", "example.com", true},
		{"example.com", "mail.example.com", true},
		{"imap.example.co.jp", "example.co.jp", true},
		{"imap.other.co.jp", "example.co.jp", false},
		{"badexample.com", "example.com", false},
		{"example.com.evil.net", "example.com", false},
		{"a.github.io", "b.github.io", false},
		{"a.github.io", "github.io", false},
		{"mail.intranet", "intranet", true},
		{"Mail.Lab.Test", "lab.test", true},
	} {
		if got := inside(tc.host, tc.domain); got != tc.want {
			t.Errorf("inside(%s, %s) = %v", tc.host, tc.domain, got)
		}
	}
}
