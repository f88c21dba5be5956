package verify_test

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"mailcheck/creds"
	"mailcheck/internal/lab"
	"mailcheck/report"
	"mailcheck/verify"
)

// Where the domain of the account is.
const (
	// tableDomain is in the built-in table, which names imap., pop. and smtp.
	// below it.
	tableDomain = "gmail.com"
	// tableMX leads to the same servers by way of the MX.
	tableMX = "gmail-smtp-in.l.google.com"
	// customer is a domain whose servers have names outside it.
	customer = "customer.test"
)

// ground is what sources are staged on: a lab, and the account's domain.
type ground struct {
	lab    lab.Options
	domain string // of the account
	hosts  string // domain of the servers, which is the lab's
	fixed  []report.Endpoint
}

// newGround is a ground on which these voices can speak: the account is at the
// servers' own domain where only that makes a server usable.
func newGround(voices ...voice) *ground {
	has := func(name string) bool {
		return slices.ContainsFunc(voices, func(v voice) bool { return v.name == name })
	}
	g := &ground{domain: customer, hosts: "example.test"}
	switch {
	case has("provider table"):
		g.domain, g.hosts = tableDomain, tableDomain
	case has("MX, table"):
		g.hosts = tableDomain
	case has("guess"):
		g.domain = g.hosts
	}
	g.lab = lab.Options{Address: "anna@" + g.hosts, NoSRV: true, Documents: map[string]http.Handler{}}
	if g.domain == customer {
		g.record("mx.customer.test. A 127.0.0.1")
		g.record("customer.test. MX 20 mx.customer.test.")
	}
	return g
}

func (g *ground) record(format string, args ...any) {
	g.lab.Records = append(g.lab.Records, fmt.Sprintf(format, args...))
}

func (g *ground) document(url string, h http.Handler) { g.lab.Documents[url] = h }

// mx makes a host take the mail of the account's domain.
func (g *ground) mx(host string) {
	g.record("%s. A 127.0.0.1", host)
	if g.domain != g.hosts {
		g.record("%s. MX 10 %s.", g.domain, host)
		return
	}
	g.lab.MX = host
}

// home tells whether the servers are in the domain of the account, so that it
// vouches for them.
func (g *ground) home() bool { return g.domain == g.hosts }

// servers are the lab's servers under one name, or each under a name of its
// own: both are in the certificate.
func (g *ground) servers(oneName bool) []report.Endpoint {
	list := []report.Endpoint{
		{Protocol: report.IMAP, Host: "imap." + g.hosts, Port: 993, Security: report.TLS},
		{Protocol: report.POP3, Host: "pop." + g.hosts, Port: 995, Security: report.TLS},
		{Protocol: report.SMTP, Host: "smtp." + g.hosts, Port: 465, Security: report.TLS},
	}
	for i := range list {
		if oneName {
			list[i].Host = "mail." + g.hosts
		}
	}
	return list
}

// voice is one way in which a source speaks.
type voice struct {
	name    string
	source  string
	vouches bool // for hosts outside the domain of the account
	table   bool // it names what stands in the built-in table, whatever it is told
	// say makes the source name these servers.
	say func(*ground, []report.Endpoint)
}

// voices are in the order of trust, those of one source in the order in which
// the source takes them.
var voices = []voice{
	{name: "flags", source: "flags", vouches: true, say: func(g *ground, servers []report.Endpoint) { g.fixed = servers }},
	{name: "provider table", source: "provider", vouches: true, table: true, say: func(*ground, []report.Endpoint) {}},
	{name: "PACC", source: "pacc", vouches: true, say: func(g *ground, servers []report.Endpoint) {
		text := fmt.Sprintf(`{"protocols":{"imap":{"host":%q},"pop3":{"host":%q},"submit":{"host":%q}},"authentication":{"password":true}}`,
			servers[0].Host, servers[1].Host, servers[2].Host)
		digest := sha256.Sum256([]byte(text))
		g.record(`_ua-auto-config.%s. TXT "v=UAAC1; a=sha256; d=%s"`, g.domain, base64.StdEncoding.EncodeToString(digest[:]))
		g.document("https://ua-auto-config."+g.domain+"/.well-known/user-agent-configuration.json", lab.Document("application/json", text))
	}},
	{name: "autoconfig", source: "autoconfig", vouches: true, say: func(g *ground, servers []report.Endpoint) {
		g.document("https://autoconfig."+g.domain+"/mail/config-v1.1.xml", lab.Autoconfig(g.domain, servers...))
	}},
	{name: ".well-known", source: "autoconfig", vouches: true, say: func(g *ground, servers []report.Endpoint) {
		g.document("https://"+g.domain+"/.well-known/autoconfig/mail/config-v1.1.xml", lab.Autoconfig(g.domain, servers...))
	}},
	{name: "autoconfig over plain HTTP", source: "autoconfig", say: func(g *ground, servers []report.Endpoint) {
		g.document("http://autoconfig."+g.domain+"/mail/config-v1.1.xml", lab.Autoconfig(g.domain, servers...))
	}},
	{name: "ISPDB", source: "ispdb", vouches: true, say: func(g *ground, servers []report.Endpoint) {
		g.document("https://autoconfig.thunderbird.net/v1.1/"+g.domain, lab.Autoconfig(g.domain, servers...))
	}},
	{name: "SRV", source: "srv", say: func(g *ground, servers []report.Endpoint) {
		for i, service := range []string{"_imaps", "_pop3s", "_submissions"} {
			g.record("%s._tcp.%s. SRV 0 1 %d %s.", service, g.domain, servers[i].Port, servers[i].Host)
		}
	}},
	{name: "MX, table", source: "mx", vouches: true, table: true, say: func(g *ground, _ []report.Endpoint) { g.mx(tableMX) }},
	{name: "MX, autoconfig", source: "mx", say: func(g *ground, servers []report.Endpoint) {
		g.mx("mx1.hoster.test")
		g.document("https://autoconfig.hoster.test/mail/config-v1.1.xml", lab.Autoconfig("hoster.test", servers...))
	}},
	{name: "MX, ISPDB", source: "mx", say: func(g *ground, servers []report.Endpoint) {
		g.mx("mx1.hoster.test")
		g.document("https://autoconfig.thunderbird.net/v1.1/hoster.test", lab.Autoconfig("hoster.test", servers...))
	}},
	{name: "Autodiscover", source: "autodiscover", vouches: true, say: func(g *ground, servers []report.Endpoint) {
		text := "<Autodiscover><Response><Account>"
		for i, kind := range []string{"IMAP", "POP3", "SMTP"} {
			text += fmt.Sprintf("<Protocol><Type>%s</Type><Server>%s</Server><Port>%d</Port><Encryption>SSL</Encryption></Protocol>",
				kind, servers[i].Host, servers[i].Port)
		}
		g.document("https://autodiscover."+g.domain+"/autodiscover/autodiscover.xml",
			lab.Document("text/xml", text+"</Account></Response></Autodiscover>"))
	}},
	{name: "guess", source: "guess", say: func(g *ground, _ []report.Endpoint) {
		if !g.home() { // else the usual names are there already
			g.record("imap.%[1]s. A 127.0.0.1", g.domain)
			g.record("pop.%[1]s. A 127.0.0.1", g.domain)
			g.record("smtp.%[1]s. A 127.0.0.1", g.domain)
		}
	}},
}

// discoverOn looks for the settings of the account on a ground.
func discoverOn(t *testing.T, g *ground) *report.Report {
	t.Helper()
	return look(t, g.lab, func(o *verify.Options) { o.Account, o.Fixed = g.account(t), g.fixed })
}

func (g *ground) account(t testing.TB) creds.Account {
	t.Helper()
	account, err := creds.ParseAddress("anna@" + g.domain)
	if err != nil {
		t.Fatal(err)
	}
	return account
}

// named lists the endpoints of a source, a star after the chosen ones and "?"
// after those that nobody vouches for.
func named(rep *report.Report, source string) string {
	var out []string
	for _, e := range rep.Settings {
		if e.Source == source {
			out = append(out, described(e, e.Chosen, e.Trusted))
		}
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

func described(e report.Endpoint, chosen, trusted bool) string {
	s := fmt.Sprintf("%s %s:%d %s", e.Protocol, e.Host, e.Port, e.Security)
	if chosen {
		s += "*"
	}
	if !trusted {
		s += "?"
	}
	return s
}

// expected is what [named] is to give for a voice that names the servers.
func (g *ground) expected(v voice, servers []report.Endpoint, chosen bool) string {
	var out []string
	for _, e := range servers {
		out = append(out, described(e, chosen, v.vouches || g.home()))
	}
	if v.table {
		submission := report.Endpoint{Protocol: report.SMTP, Host: servers[2].Host, Port: 587, Security: report.STARTTLS}
		out = append(out, described(submission, false, true))
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

// silent demands that no other sources named anything. Guessing finds whatever
// listens.
func silent(t *testing.T, rep *report.Report, but ...string) {
	t.Helper()
	for _, e := range rep.Settings {
		if e.Source != "guess" && !slices.Contains(but, e.Source) {
			t.Errorf("%s names %s", e.Source, e.Host)
		}
	}
}

// Each source alone is enough.
func TestSourceAlone(t *testing.T) {
	for _, v := range voices {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			g := newGround(v)
			servers := g.servers(!v.table && v.source != "guess")
			v.say(g, servers)
			rep := discoverOn(t, g)
			cause := report.Cause("")
			if !v.vouches && !g.home() {
				cause = report.SettingsUntrustedHost
			}
			if rep.ExitCode != 0 || rep.Verdict.Cause != cause {
				t.Errorf("exit status %d, %s: %s", rep.ExitCode, rep.Verdict.Cause, results(rep))
			}
			silent(t, rep, v.source)
			if v.source == "guess" { // it names more than what is chosen
				want := "imap imap.example.test:993 guess, pop3 pop.example.test:995 guess, smtp smtp.example.test:465 guess"
				if got := chosen(rep); got != want {
					t.Errorf("chosen %s", got)
				}
				return
			}
			if got, want := named(rep, v.source), g.expected(v, servers, true); got != want {
				t.Errorf("named %s\n want %s", got, want)
			}
		})
	}
}

// Of two sources that name other hosts, all of which work, the one of more
// trust is chosen; what the other says stands beside it, and is a conflict. Of
// two places of one source only the better one speaks.
func TestSourcesDisagree(t *testing.T) {
	for i, better := range voices {
		for _, other := range voices[i+1:] {
			t.Run(better.name+" and "+other.name, func(t *testing.T) {
				t.Parallel()
				g := newGround(better, other)
				mine, others := g.servers(!better.table), g.servers(better.table)
				better.say(g, mine)
				other.say(g, others)
				if better.name == "provider table" && other.name == "MX, table" { // not the same provider
					g.mx("in1-smtp.messagingengine.com")
					for n, name := range []string{"imap", "pop", "smtp"} {
						others[n].Host = name + ".fastmail.com"
					}
				}
				rep := discoverOn(t, g)
				if got, want := named(rep, better.source), g.expected(better, mine, true); got != want {
					t.Errorf("%s named %s\n want %s", better.source, got, want)
				}
				silent(t, rep, better.source, other.source)
				if rep.ExitCode != 0 {
					t.Errorf("exit status %d: %s", rep.ExitCode, results(rep))
				}
				switch {
				case other.source == better.source:
					if rep.Verdict.Cause == report.SettingsConflict {
						t.Error("one source is in conflict with itself")
					}
				case other.source == "guess": // which claims nothing
					got := named(rep, "guess")
					if rep.Verdict.Cause == report.SettingsConflict || got == "" || strings.Contains(got, "*") || strings.Contains(got, "?") {
						t.Errorf("%s, guess named %s", rep.Verdict.Cause, got)
					}
				default:
					if got, want := named(rep, other.source), g.expected(other, others, false); got != want {
						t.Errorf("%s named %s\n want %s", other.source, got, want)
					}
					inConflict(t, rep, better.source, other.source)
				}
			})
		}
	}
}

// inConflict demands that the report tells a conflict between the sources, and
// warns of the second alone.
func inConflict(t *testing.T, rep *report.Report, better, other string) {
	t.Helper()
	if rep.Verdict.Cause != report.SettingsConflict || rep.Result != report.Warn {
		t.Errorf("%s, %s", rep.Result, rep.Verdict.Cause)
	}
	var told []string
	for _, f := range rep.Verdict.Findings {
		if f.Cause == report.SettingsConflict {
			told = append(told, f.Step)
		}
	}
	if !slices.Equal(told, []string{"settings." + better, "settings." + other}) {
		t.Errorf("told of %v", told)
	}
	steps := rep.Check("settings")
	if s := steps.Step(better); s.Cause == report.SettingsConflict {
		t.Errorf("%s is %s, %s", s.ID, s.Result, s.Cause)
	}
	if s := steps.Step(other); s.Result != report.Warn || s.Cause != report.SettingsConflict {
		t.Errorf("%s is %s, %s", s.ID, s.Result, s.Cause)
	}
}

// What the built-in table knows is asked of nobody over HTTP, whoever would
// answer.
func TestTableHitFetchesNothing(t *testing.T) {
	g := newGround(voices...)
	for _, v := range voices {
		if v.source != "flags" {
			v.say(g, g.servers(true))
		}
	}
	var asked atomic.Int32
	for url := range g.lab.Documents {
		g.lab.Documents[url] = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) })
	}
	g.lab.WellKnownPorts = true
	servers, o := start(t, g.lab)
	o.Dial, o.Account = servers.DialContext, g.account(t)
	rep := run(t, o)
	if rep.ExitCode != 0 || asked.Load() > 0 {
		t.Errorf("%d requests, exit status %d: %s", asked.Load(), rep.ExitCode, results(rep))
	}
	if got, want := named(rep, "provider"), g.expected(voices[1], g.servers(false), true); got != want {
		t.Errorf("named %s\n want %s", got, want)
	}
	for _, c := range rep.Contacted {
		if c.Purpose == "settings" {
			t.Errorf("%s was told %v", c.Host, c.Told)
		}
	}
}
