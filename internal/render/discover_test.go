package render

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"mailcheck/internal/diagnose"
	"mailcheck/internal/lang"
	"mailcheck/report"
)

// discoveries are reports of searches for settings, by the name of their
// golden files.
var discoveries = map[string]func(lang.Tag) *report.Report{
	"discover-disagree": disagree,
	"discover-agree":    agree,
	"discover-half":     half,
	"discover-hostile":  hostileSources,
}

// named is an endpoint as a source names it.
func named(source string, p report.Protocol, host string, port int, s report.Security) report.Endpoint {
	return report.Endpoint{Protocol: p, Host: host, Port: port, Security: s, Source: source, Trusted: true}
}

// searched makes a report: the sources' steps, and a check for each endpoint,
// which fails where the host is a key of broken.
func searched(address string, sources []*report.Step, settings []report.Endpoint, broken map[string]*report.Step) *report.Report {
	for _, s := range sources {
		s.ID = "settings." + s.Step
	}
	checks := []*report.Check{
		{ID: "settings", Result: report.OK, Steps: sources},
		{ID: "dns", Result: report.OK, Steps: ran("mx 12")},
	}
	count := map[report.Protocol]int{}
	for i := range settings {
		e := &settings[i]
		e.Username = address
		e.Chosen = !slices.ContainsFunc(settings[:i], func(o report.Endpoint) bool { return o.Protocol == e.Protocol })
		again := func(c *report.Check) bool {
			return c.Protocol == e.Protocol && c.Endpoint.Host == e.Host && c.Endpoint.Port == e.Port && c.Endpoint.Security == e.Security
		}
		if slices.ContainsFunc(checks, again) {
			continue
		}
		id := string(e.Protocol)
		if count[e.Protocol]++; count[e.Protocol] > 1 {
			id += "#" + string(rune('0'+count[e.Protocol]))
		}
		c := dialogue(id, e.Host, e.Port, e.Security, e.Source, ran("connect 9", "tls 21", "greeting 10")...)
		c.Result = report.OK
		c.Addresses = []report.Address{{IP: "203.0.113.7", Result: report.OK}}
		withTLS(61, c).TLS.Certificate.Names = []string{"*.xserver.jp"}
		if s := broken[e.Host]; s != nil {
			failed := *s
			failed.ID = id + "." + s.Step
			c.Steps, c.Result, c.TLS.Verified = append(ran("connect 9"), &failed), report.Fail, false
		}
		checks = append(checks, c)
	}
	slices.SortStableFunc(checks, func(a, b *report.Check) int {
		return slices.Index(report.Protocols, a.Protocol) - slices.Index(report.Protocols, b.Protocol)
	})
	r := sample(address, checks...)
	r.Settings = settings
	r.DurationMS = 540
	for _, c := range checks {
		for _, s := range c.Steps {
			s.ID = c.ID + "." + s.Step
		}
	}
	return r
}

// disagree is the third of the mock-ups.
func disagree(tag lang.Tag) *report.Report {
	const table = "sv1234.xserver.jp"
	r := searched("info@example.jp", []*report.Step{
		said(ran("flags 0")[0], "nothing given"),
		said(ran("provider 0")[0], "example.jp is not in the built-in table"),
		said(ran("pacc 22")[0], "there is no host ua-auto-config.example.jp"),
		said(ran("autoconfig 187")[0], "imap mail.example.jp:993, smtp mail.example.jp:587"),
		said(ran("ispdb 391")[0], "example.jp is not known there"),
		said(ran("srv 19")[0], "no SRV records"),
		said(ran("mx 24")[0], "sv1234.xserver.jp, so this is Xserver (built-in table): imap sv1234.xserver.jp:993, pop3 sv1234.xserver.jp:995, smtp sv1234.xserver.jp:465, smtp sv1234.xserver.jp:587"),
		said(ran("autodiscover 204")[0], "no Exchange server answers"),
		said(ran("guess 41")[0], "imap mail.example.jp:993, pop3 mail.example.jp:995, smtp mail.example.jp:465, smtp mail.example.jp:587"),
	}, []report.Endpoint{
		named("autoconfig", report.IMAP, "mail.example.jp", 993, report.TLS),
		named("autoconfig", report.SMTP, "mail.example.jp", 587, report.STARTTLS),
		named("mx", report.IMAP, table, 993, report.TLS),
		named("mx", report.POP3, table, 995, report.TLS),
		named("mx", report.SMTP, table, 465, report.TLS),
		named("mx", report.SMTP, table, 587, report.STARTTLS),
		named("guess", report.IMAP, "mail.example.jp", 993, report.TLS),
		named("guess", report.POP3, "mail.example.jp", 995, report.TLS),
		named("guess", report.SMTP, "mail.example.jp", 465, report.TLS),
		named("guess", report.SMTP, "mail.example.jp", 587, report.STARTTLS),
	}, map[string]*report.Step{
		"mail.example.jp": failed("tls", 21, report.TLSHostnameMismatch, report.High, "the certificate is not for mail.example.jp"),
	})
	r.Contacted = []report.Contact{
		contact("autoconfig.example.jp", 443, "address"), contact("autodiscover.example.jp", 443, "address"),
		contact("autoconfig.thunderbird.net", 443, "domain"), contact("mail.example.jp", 993), contact(table, 993),
	}
	r.Lang = string(tag)
	diagnose.Discovery(r, diagnose.Facts{NoAuth: true})
	return r
}

func agree(tag lang.Tag) *report.Report {
	r := searched("taro@example.com", []*report.Step{
		said(ran("flags 0")[0], "nothing given"),
		said(ran("autoconfig 88")[0], "imap imap.example.com:993, imap imap.example.com:143, smtp smtp.example.com:465"),
		said(&report.Step{Step: "ispdb", Result: report.Warn, DurationMS: 8000, Cause: report.Unknown, Confidence: report.Low}, "autoconfig.thunderbird.net does not answer"),
		said(ran("srv 19")[0], "imap imap.example.com:993, smtp smtp.example.com:465; pop3 is declined"),
		said(ran("guess 41")[0], "imap imap.example.com:993, imap imap.example.com:143"),
	}, []report.Endpoint{
		named("autoconfig", report.IMAP, "imap.example.com", 993, report.TLS),
		named("autoconfig", report.IMAP, "imap.example.com", 143, report.None),
		named("autoconfig", report.SMTP, "smtp.example.com", 465, report.TLS),
		named("srv", report.IMAP, "imap.example.com", 993, report.TLS),
		named("srv", report.SMTP, "smtp.example.com", 465, report.TLS),
		named("guess", report.IMAP, "imap.example.com", 993, report.TLS),
		named("guess", report.IMAP, "imap.example.com", 143, report.STARTTLS),
	}, nil)
	r.Contacted = []report.Contact{contact("autoconfig.example.com", 443, "address"), contact("autoconfig.thunderbird.net", 443, "domain")}
	r.Lang = string(tag)
	diagnose.Discovery(r, diagnose.Facts{NoAuth: true})
	return r
}

// half is a search that finds a way to receive alone, while the sources
// disagree about it.
func half(tag lang.Tag) *report.Report {
	r := searched("taro@example.com", []*report.Step{
		said(ran("flags 0")[0], "nothing given"),
		said(ran("autoconfig 88")[0], "imap old.example.com:993, smtp smtp.example.com:465"),
		said(ran("srv 19")[0], "imap imap.example.com:993"),
	}, []report.Endpoint{
		named("autoconfig", report.IMAP, "old.example.com", 993, report.TLS),
		named("autoconfig", report.SMTP, "smtp.example.com", 465, report.TLS),
		named("srv", report.IMAP, "imap.example.com", 993, report.TLS),
	}, map[string]*report.Step{
		"old.example.com":  failed("connect", 9, report.ConnectRefused, report.High, "cannot connect to old.example.com port 993: connection refused"),
		"smtp.example.com": failed("connect", 9, report.ConnectRefused, report.High, "cannot connect to smtp.example.com port 465: connection refused"),
	})
	r.Lang = string(tag)
	diagnose.Discovery(r, diagnose.Facts{NoAuth: true})
	return r
}

// hostileSources say things that a terminal or a log would obey.
func hostileSources(tag lang.Tag) *report.Report {
	long := strings.Repeat("long", 30) + ".example.com"
	r := searched("taro@example.com", []*report.Step{
		said(ran("autoconfig 88")[0], "\x1b[2J::error::fake\n##vso[x]"),
		said(ran("ispdb 12345")[0], "\u202eimap"),
		said(ran("srv 1")[0], "nothing\r\nALL IS WELL"),
	}, []report.Endpoint{
		named("autoconfig", report.IMAP, long, 993, report.TLS),
		named("autoconfig", report.SMTP, "::1", 465, report.TLS),
		named("ispdb", report.IMAP, "\x1b[31m.example.com", 993, report.TLS),
	}, nil)
	r.Check("imap").TLS.Certificate.Names = []string{"\x1b[2J"}
	r.Lang = string(tag)
	diagnose.Discovery(r, diagnose.Facts{NoAuth: true})
	return r
}

func discoveryText(t *testing.T, r *report.Report, opt Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := Discovery(&b, r, opt); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestDiscovery(t *testing.T) {
	s := compileSchema(t)
	for _, name := range slices.Sorted(maps.Keys(discoveries)) {
		t.Run(name, func(t *testing.T) {
			golden(t, name, []byte(discoveryText(t, discoveries[name](lang.English), Options{})))
			doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(written(t, discoveries[name](lang.English))))
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Validate(doc); err != nil {
				t.Error(err)
			}
			for _, v := range []Verbosity{Normal, Quiet, Verbose} {
				for line := range strings.Lines(discoveryText(t, discoveries[name](lang.English), Options{Verbosity: v})) {
					line = strings.TrimSuffix(line, "\n")
					if cells(line) > columns || strings.HasSuffix(line, " ") || strings.ContainsFunc(line, func(r rune) bool { return r < ' ' || r == '\u202e' }) {
						t.Errorf("%d cells: %q", cells(line), line)
					}
				}
			}
		})
	}
	golden(t, "discover-disagree-quiet", []byte(discoveryText(t, disagree(lang.English), Options{Verbosity: Quiet})))
	golden(t, "discover-disagree-color", []byte(discoveryText(t, disagree(lang.English), Options{Color: true})))
}

func TestAnnounceDiscovery(t *testing.T) {
	want := "Asks every source for the mail servers of info@example.jp. Uses no password.\n"
	if got := AnnounceDiscovery("info@example.jp", lang.English); got != want {
		t.Errorf("got %q", got)
	}
}
