package verify_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"mailcheck/creds"
	"mailcheck/internal/lab"
	"mailcheck/internal/render"
	"mailcheck/report"
	"mailcheck/verify"
)

// look starts a lab on the well-known ports and looks for its settings.
func look(t *testing.T, l lab.Options, change func(*verify.Options)) *report.Report {
	t.Helper()
	l.WellKnownPorts = true
	servers, o := start(t, l)
	o.Dial = servers.DialContext
	if change != nil {
		change(&o)
	}
	rep, err := verify.Discover(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	validate(t, rep)
	for _, p := range []report.Protocol{report.IMAP, report.POP3, report.SMTP} {
		if l := servers.Logins(p); l.Made > 0 {
			t.Errorf("%s: %d logins", p, l.Made)
		}
	}
	if sent := servers.Submissions(); len(sent) > 0 {
		t.Errorf("%d messages were sent", len(sent))
	}
	var out bytes.Buffer
	if err := render.Discovery(&out, rep, render.Options{}); err != nil {
		t.Fatal(err)
	}
	t.Log("\n" + out.String())
	return rep
}

// chosen are the endpoints to use.
func chosen(rep *report.Report) string {
	var out []string
	for _, e := range rep.Settings {
		if e.Chosen {
			out = append(out, fmt.Sprintf("%s %s:%d %s", e.Protocol, e.Host, e.Port, e.Source))
		}
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

func TestDiscover(t *testing.T) {
	const all = "imap imap.example.test:993 srv, pop3 pop.example.test:995 srv, smtp smtp.example.test:465 srv"
	flags := func(p report.Protocol, host string, port int, s report.Security) func(*verify.Options) {
		return func(o *verify.Options) {
			o.Fixed = []report.Endpoint{{Protocol: p, Host: host, Port: port, Security: s}}
		}
	}
	account := func(address string) func(*verify.Options) {
		return func(o *verify.Options) {
			var err error
			if o.Account, err = creds.ParseAddress(address); err != nil {
				panic(err)
			}
		}
	}
	// What a domain of its own says of its mail, so that nothing is to be warned of.
	policies := func(domain string) []string {
		return []string{domain + `. TXT "v=spf1 -all"`, "_dmarc." + domain + `. TXT "v=DMARC1; p=none"`}
	}
	old := lab.Options{Records: []string{"old.example.test. A 127.0.0.1"}}
	for name, tc := range map[string]struct {
		lab      lab.Options
		change   func(*verify.Options)
		exit     int
		result   report.Result
		chosen   string
		cause    report.Cause
		step     string
		headline string
		findings string
	}{
		"SRV records": {
			chosen: all, result: report.OK,
			headline: "THE SETTINGS ARE FOUND: the servers answer as they should; no login was tried.",
		},
		"guessing alone": {
			lab:    lab.Options{NoSRV: true},
			chosen: strings.ReplaceAll(all, "srv", "guess"), result: report.OK,
			headline: "NOBODY NAMES THE SERVERS, BUT THE USUAL NAMES WORK: the servers answer as they should; no login was tried.",
		},
		"they agree": {
			change: flags(report.IMAP, "imap.example.test", 143, report.STARTTLS),
			chosen: "imap imap.example.test:143 flags, pop3 pop.example.test:995 srv, smtp smtp.example.test:465 srv", result: report.OK,
			headline: "THE SOURCES AGREE: the servers answer as they should; no login was tried.",
		},
		"one name is not in the certificate": {
			lab: old, change: flags(report.IMAP, "old.example.test", 993, report.TLS),
			chosen: all, result: report.Warn, cause: report.SettingsConflict,
			headline: "THEY DISAGREE ABOUT THE SERVER'S NAME.",
			findings: "settings.conflict at settings.flags, settings.conflict at settings.srv",
		},
		"strictly": {
			lab: old, change: func(o *verify.Options) { flags(report.IMAP, "old.example.test", 993, report.TLS)(o); o.Strict = true },
			chosen: all, result: report.Warn, cause: report.SettingsConflict, exit: 19,
			headline: "THEY DISAGREE ABOUT THE SERVER'S NAME.",
			findings: "settings.conflict at settings.flags, settings.conflict at settings.srv",
		},
		"both names are right": {
			change: flags(report.IMAP, "mail.example.test", 993, report.TLS),
			chosen: "imap mail.example.test:993 flags, pop3 pop.example.test:995 srv, smtp smtp.example.test:465 srv",
			result: report.Warn, cause: report.SettingsConflict,
			headline: "THEY DISAGREE ABOUT THE SERVER'S NAME.",
			findings: "settings.conflict at settings.flags, settings.conflict at settings.srv",
		},
		"the port": {
			lab:    lab.Options{NoSRV: true, Records: []string{"_imaps._tcp.example.test. SRV 0 1 993 imap.example.test.", "_submission._tcp.example.test. SRV 0 1 587 smtp.example.test."}},
			change: flags(report.SMTP, "smtp.example.test", 465, report.TLS),
			chosen: "imap imap.example.test:993 srv, pop3 pop.example.test:995 guess, smtp smtp.example.test:465 flags",
			result: report.Warn, cause: report.SettingsConflict,
			headline: "THEY DISAGREE ABOUT THE PORT OR THE ENCRYPTION.",
			findings: "settings.conflict at settings.flags, settings.conflict at settings.srv",
		},
		"a host without a name": {
			change: flags(report.IMAP, "gone.example.test", 993, report.TLS),
			chosen: all, result: report.Warn, cause: report.SettingsConflict,
			headline: "THEY DISAGREE ABOUT THE SERVER'S NAME.",
			findings: "settings.conflict at settings.flags, settings.conflict at settings.srv",
		},
		"outside the domain": {
			lab: lab.Options{Records: append(policies("other.test"), "other.test. MX 0 mail.example.test.",
				"_imaps._tcp.other.test. SRV 0 1 993 imap.example.test.", "_submissions._tcp.other.test. SRV 0 1 465 smtp.example.test.")},
			change: account("anna@other.test"),
			chosen: "imap imap.example.test:993 srv, smtp smtp.example.test:465 srv", result: report.Warn,
			headline: "THE SETTINGS ARE FOUND, WITH A WARNING: the servers answer as they should; no login was tried.",
			cause:    report.SettingsUntrustedHost,
			findings: "settings.untrusted_host at settings.srv",
		},
		"POP3 is declined": {
			lab: lab.Options{NoSRV: true, Records: []string{"_imaps._tcp.example.test. SRV 0 1 993 imap.example.test.",
				"_submissions._tcp.example.test. SRV 0 1 465 smtp.example.test.", "_pop3s._tcp.example.test. SRV 0 0 0 ."}},
			chosen: "imap imap.example.test:993 srv, smtp smtp.example.test:465 srv", result: report.OK,
			headline: "THE SETTINGS ARE FOUND: the servers answer as they should; no login was tried.",
		},
		"nothing for the domain": {
			lab:    lab.Options{Records: policies("empty.test")},
			change: account("anna@empty.test"),
			exit:   10, result: report.Fail, cause: report.SettingsNotFound, step: "settings.guess",
			headline: "THERE ARE NO USABLE SETTINGS: no mail server is known for empty.test.",
			findings: "dns.no_records at dns.mx",
		},
		"nothing for sending": {
			lab:    lab.Options{Records: append(policies("half.test"), "half.test. MX 0 imap.example.test.", "_imaps._tcp.half.test. SRV 0 1 993 imap.example.test.")},
			change: func(o *verify.Options) { account("anna@half.test")(o); o.TrustDiscovered = true },
			chosen: "imap imap.example.test:993 srv",
			exit:   10, result: report.Fail, cause: report.SettingsNotFound, step: "settings.guess",
			headline: "NO SETTINGS FOR SENDING WORK: no SMTP server is known for half.test.",
		},
		"the domain does not exist": {
			change: account("anna@nowhere.test"),
			exit:   11, result: report.Fail, cause: report.DNSNXDomain, step: "dns.mx",
			headline: "THERE ARE NO USABLE SETTINGS: nowhere.test does not exist.",
		},
		"null MX": {
			lab:    lab.Options{Fault: "null-mx"},
			chosen: all, result: report.Warn,
			headline: "THE SETTINGS ARE FOUND, WITH A WARNING: the servers answer, and no login was tried; but example.test takes no mail.",
			findings: "dns.null_mx at dns.mx",
		},
		"SMTP is closed": {
			lab:  lab.Options{Fault: "smtp-port-closed"},
			exit: 12, chosen: all, result: report.Fail, cause: report.ConnectRefused, step: "smtp.connect",
			headline: "NO SETTINGS FOR SENDING WORK: nothing listens at smtp.example.test port 465.",
		},
		"an expired certificate": {
			lab: lab.Options{Fault: "certificate-expired"}, change: func(o *verify.Options) { o.Leave = []report.Protocol{report.POP3} },
			exit: 13, chosen: "imap imap.example.test:993 srv, smtp smtp.example.test:465 srv", result: report.Fail, cause: report.TLSExpired, step: "imap.tls",
			headline: "THERE ARE NO USABLE SETTINGS: the certificate of imap.example.test has expired.",
			findings: "tls.expired at smtp.tls, mx.certificate_demanded at mx.tls",
		},
		"IMAP cannot be secured, POP3 can": {
			lab:  lab.Options{Fault: "imap-no-tls"},
			exit: 13, chosen: all, result: report.Fail, cause: report.TLSPlaintextPort, step: "imap.tls",
			headline: "NOT ALL SETTINGS WORK: port and encryption do not fit at imap.example.test port 993.",
		},
		"a dead address": {
			lab:    lab.Options{Fault: "dead-address"},
			chosen: all, result: report.Warn,
			headline: "THE SETTINGS ARE FOUND, WITH 2 WARNINGS: the servers answer, and no login was tried; the first is that not every address of imap.example.test answers.",
			findings: "connect.address_dead at imap.connect, connect.address_dead at imap#2.connect",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rep := look(t, tc.lab, tc.change)
			v := rep.Verdict
			if rep.ExitCode != tc.exit || rep.Result != tc.result || v.Cause != tc.cause || v.FailedStep != tc.step {
				t.Errorf("exit status %d, %s, %s at %q", rep.ExitCode, rep.Result, v.Cause, v.FailedStep)
			}
			if v.Headline != tc.headline {
				t.Errorf("headline %q", v.Headline)
			}
			var findings []string
			for _, f := range v.Findings {
				findings = append(findings, string(f.Cause)+" at "+f.Step)
			}
			if got := strings.Join(findings, ", "); got != tc.findings {
				t.Errorf("findings %s", got)
			}
			if got := chosen(rep); got != tc.chosen {
				t.Errorf("chosen %s", got)
			}
		})
	}
}

// Each endpoint that is named is a check of its own, with every step of its
// plan and a reason for those that were not run.
func TestDiscoverTriesEverything(t *testing.T) {
	rep := look(t, lab.Options{}, func(o *verify.Options) {
		o.Fixed = []report.Endpoint{
			{Protocol: report.IMAP, Host: "imap.example.test", Port: 993, Security: report.TLS},
			{Protocol: report.IMAP, Host: "imap.example.test", Port: 143, Security: report.None},
		}
	})
	expectable(t, rep)
	seen := map[string]bool{}
	for _, c := range rep.Checks {
		if c.Endpoint == nil {
			continue
		}
		at := fmt.Sprintf("%s %s:%d %s", c.Protocol, c.Endpoint.Host, c.Endpoint.Port, c.Endpoint.Security)
		if seen[at] {
			t.Errorf("%s is tried twice", at)
		}
		seen[at] = true
		if c.Result != report.OK || c.Capabilities == nil {
			t.Errorf("%s %s: %s", c.ID, at, c.Result)
		}
		for _, s := range c.Steps {
			if s.Result == report.Skip && s.Because != report.ByFlags {
				t.Errorf("%s is skipped because of %q", s.ID, s.Because)
			}
		}
	}
	named := map[string]int{}
	for _, e := range rep.Settings {
		at := fmt.Sprintf("%s %s:%d %s", e.Protocol, e.Host, e.Port, e.Security)
		if named[at+e.Source]++; named[at+e.Source] > 1 {
			t.Errorf("%s by %s stands there twice", at, e.Source)
		}
		if !seen[at] {
			t.Errorf("%s is not tried", at)
		}
	}
	if len(seen) != 13 || len(rep.Settings) != 20 {
		t.Errorf("%d endpoints tried, %d entries", len(seen), len(rep.Settings))
	}
	if c := rep.Check("imap#2"); c.Endpoint.Security != report.None || c.Step("tls") != nil {
		t.Errorf("imap#2 is %+v", c.Endpoint)
	}
}

// A discovery that is stopped at any of its steps ends at once.
func TestDiscoverInterrupt(t *testing.T) {
	for _, step := range []string{"settings.srv", "settings.guess", "dns.mx", "dns.host", "imap.connect", "smtp.ehlo"} {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			_, o := start(t, lab.Options{})
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			o.Observe = func(e report.Event) {
				if e.Step.ID == step {
					cancel()
				}
			}
			rep, err := verify.Discover(ctx, o)
			if err != nil {
				t.Fatal(err)
			}
			validate(t, rep)
			if rep.ExitCode != report.ExitInterrupted || rep.Verdict.Cause != report.ClientInterrupted {
				t.Errorf("exit status %d, %s: %s", rep.ExitCode, rep.Verdict.Cause, results(rep))
			}
		})
	}
}

// Where the documents of the lab's domain stand.
const (
	autoconfigURL = "https://autoconfig.example.test/mail/config-v1.1.xml"
	ispdbURL      = "https://autoconfig.thunderbird.net/v1.1/example.test"
	paccURL       = "https://ua-auto-config.example.test/.well-known/user-agent-configuration.json"
)

// healthy are the lab's servers, as a document names them.
func healthy(host string) []report.Endpoint {
	return []report.Endpoint{
		{Protocol: report.IMAP, Host: host, Port: 993, Security: report.TLS},
		{Protocol: report.IMAP, Host: host, Port: 143, Security: report.None},
		{Protocol: report.POP3, Host: host, Port: 995, Security: report.TLS},
		{Protocol: report.SMTP, Host: host, Port: 465, Security: report.TLS},
		{Protocol: report.SMTP, Host: host, Port: 587, Security: report.STARTTLS},
	}
}

// TestDiscoverSources stages each source of documents alone, beside others, in
// disagreement, late, and with garbage.
func TestDiscoverSources(t *testing.T) {
	pacc := `{"protocols":{"imap":{"host":"imap.example.test"},"submit":{"host":"smtp.example.test"}},"authentication":{"password":true}}`
	digest := sha256.Sum256([]byte(pacc))
	paccRecord := `_ua-auto-config.example.test. TXT "v=UAAC1; a=sha256; d=` + base64.StdEncoding.EncodeToString(digest[:]) + `"`
	const all = "imap mail.example.test:993 %[1]s, pop3 mail.example.test:995 %[1]s, smtp mail.example.test:465 %[1]s"
	for name, tc := range map[string]struct {
		lab     lab.Options
		change  func(*verify.Options)
		chosen  string
		cause   report.Cause
		sources string // that named something, guessing left out
		told    string
		left    string // the sources that flags leave out
	}{
		"autoconfig": {
			lab:    lab.Options{NoSRV: true, Documents: map[string]http.Handler{autoconfigURL: lab.Autoconfig("example.test", healthy("mail.example.test")...)}},
			chosen: fmt.Sprintf(all, "autoconfig"), sources: "autoconfig",
			told: "autoconfig.example.test address, autoconfig.thunderbird.net domain",
		},
		"autoconfig without the address": {
			lab:    lab.Options{NoSRV: true, Documents: map[string]http.Handler{autoconfigURL: lab.Autoconfig("example.test", healthy("mail.example.test")...)}},
			change: func(o *verify.Options) { o.NoShareAddress = true },
			chosen: fmt.Sprintf(all, "autoconfig"), sources: "autoconfig",
			told: "autoconfig.example.test domain, autoconfig.thunderbird.net domain",
		},
		"offline": {
			lab:    lab.Options{Documents: map[string]http.Handler{autoconfigURL: lab.Autoconfig("example.test", healthy("mail.example.test")...)}},
			change: func(o *verify.Options) { o.Offline = true },
			chosen: "imap imap.example.test:993 srv, pop3 pop.example.test:995 srv, smtp smtp.example.test:465 srv", sources: "srv",
			left: "pacc, autoconfig, ispdb",
		},
		"ISPDB": {
			lab:    lab.Options{NoSRV: true, Documents: map[string]http.Handler{ispdbURL: lab.Autoconfig("example.test", healthy("mail.example.test")...)}},
			chosen: fmt.Sprintf(all, "ispdb"), sources: "ispdb",
			told: "autoconfig.thunderbird.net domain",
		},
		"PACC": {
			lab:    lab.Options{NoSRV: true, Records: []string{paccRecord}, Documents: map[string]http.Handler{paccURL: lab.Document("application/json", pacc)}},
			chosen: "imap imap.example.test:993 pacc, pop3 pop.example.test:995 guess, smtp smtp.example.test:465 pacc", sources: "pacc",
			told: "autoconfig.thunderbird.net domain, ua-auto-config.example.test domain",
		},
		"autoconfig names another machine than SRV, and is wrong": {
			lab: lab.Options{Records: []string{"old.example.test. A 127.0.0.1"},
				Documents: map[string]http.Handler{autoconfigURL: lab.Autoconfig("example.test", healthy("old.example.test")...)}},
			chosen: "imap imap.example.test:993 srv, pop3 pop.example.test:995 srv, smtp smtp.example.test:465 srv", sources: "autoconfig, srv",
			cause: report.SettingsConflict, told: "autoconfig.example.test address, autoconfig.thunderbird.net domain",
		},
		"all of them agree": {
			lab: lab.Options{Documents: map[string]http.Handler{
				autoconfigURL: lab.Late(50*time.Millisecond, lab.Autoconfig("example.test",
					report.Endpoint{Protocol: report.IMAP, Host: "imap.example.test", Port: 993, Security: report.TLS},
					report.Endpoint{Protocol: report.SMTP, Host: "smtp.example.test", Port: 587, Security: report.STARTTLS})),
				ispdbURL: lab.Autoconfig("example.test", report.Endpoint{Protocol: report.POP3, Host: "pop.example.test", Port: 995, Security: report.TLS}),
			}},
			chosen: "imap imap.example.test:993 autoconfig, pop3 pop.example.test:995 ispdb, smtp smtp.example.test:587 autoconfig", sources: "autoconfig, ispdb, srv",
			told: "autoconfig.example.test address, autoconfig.thunderbird.net domain",
		},
		"the provider of the MX, whose autoconfig is asked": {
			lab: lab.Options{NoSRV: true, MX: "mx1.hoster.test", Records: []string{"mx1.hoster.test. A 127.0.0.1"},
				Documents: map[string]http.Handler{"https://autoconfig.hoster.test/mail/config-v1.1.xml": lab.Autoconfig("hoster.test", healthy("mail.example.test")...)}},
			chosen: fmt.Sprintf(all, "mx"), sources: "mx",
			told: "autoconfig.hoster.test domain, autoconfig.thunderbird.net domain",
		},
		"a table without a server": {
			lab:    lab.Options{MX: "mx1.mail.icloud.com", Records: []string{"mx1.mail.icloud.com. A 127.0.0.1"}},
			change: func(o *verify.Options) { o.Leave = []report.Protocol{report.POP3} },
			chosen: "imap imap.example.test:993 srv, smtp smtp.example.test:465 srv", sources: "srv, mx",
			cause: report.SettingsConflict, told: "autoconfig.thunderbird.net domain",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rep := look(t, tc.lab, tc.change)
			if rep.ExitCode != 0 || rep.Verdict.Cause != tc.cause {
				t.Errorf("exit status %d, %s at %q: %s", rep.ExitCode, rep.Verdict.Cause, rep.Verdict.FailedStep, results(rep))
			}
			if got := chosen(rep); got != tc.chosen {
				t.Errorf("chosen %s", got)
			}
			var sources, told []string
			for _, e := range rep.Settings {
				if e.Source != "guess" && !slices.Contains(sources, e.Source) {
					sources = append(sources, e.Source)
				}
				if e.Security == report.None && (e.Chosen || rep.Verdict.Cause == "" && rep.Check("imap#2").Endpoint.Security != report.None) {
					t.Errorf("clear text: %+v", e)
				}
			}
			if got := strings.Join(sources, ", "); got != tc.sources {
				t.Errorf("named by %s", got)
			}
			var left []string
			for _, s := range rep.Check("settings").Steps {
				if s.Result == report.Skip && s.Because == report.ByFlags {
					left = append(left, s.Step)
				}
			}
			if got := strings.Join(left, ", "); got != tc.left {
				t.Errorf("left out by flags: %s", got)
			}
			// A host that knows the address knows the domain; whether a second
			// place there was asked before the first one answered is chance.
			for _, what := range []string{"address", "domain"} {
				for _, c := range rep.Contacted {
					if c.Purpose == report.MXCheck {
						continue
					}
					known := func(told string) bool { return strings.HasPrefix(told, c.Host+" ") }
					if slices.Contains(c.Told, what) && !slices.ContainsFunc(told, known) {
						told = append(told, c.Host+" "+what)
					}
				}
			}
			slices.Sort(told)
			if got := strings.Join(told, ", "); got != tc.told {
				t.Errorf("told %s", got)
			}
		})
	}
}

// A source that gives garbage is a warning, whatever the garbage is, and hides
// none of the others.
func TestDiscoverGarbage(t *testing.T) {
	const mxURL = "https://autoconfig.hoster.test/mail/config-v1.1.xml"
	for name, document := range map[string]http.Handler{
		"another document": lab.Document("text/xml", "<html><body>Parked</body></html>"),
		"cut off":          lab.Document("text/xml", `<clientConfig version="1.1"><emailProvider id="x">`),
		"binary":           lab.Document("text/xml", "\x00\xff\xfe\x1b[2J"),
		"an entity":        lab.Document("text/xml", `<!DOCTYPE x [<!ENTITY a "aaaa">]><clientConfig version="1.1">&a;</clientConfig>`),
		"a charset":        lab.Document("text/xml", `<?xml version="1.0" encoding="x-own"?><clientConfig version="1.1"/>`),
		"too long":         lab.Document("text/xml", strings.Repeat("<a>", 200_000)),
		"an error":         http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }),
		"to plain HTTP":    http.RedirectHandler("http://other.hoster.test/", http.StatusFound),
	} {
		for step, url := range map[string]string{"pacc": paccURL, "autoconfig": autoconfigURL, "ispdb": ispdbURL, "mx": mxURL} {
			t.Run(name+" by "+step, func(t *testing.T) {
				t.Parallel()
				records := []string{"mx1.hoster.test. A 127.0.0.1"}
				if step == "pacc" { // without a record nobody misses the document
					records = append(records, `_ua-auto-config.example.test. TXT "v=UAAC1; a=sha256; d=`+base64.StdEncoding.EncodeToString(make([]byte, sha256.Size))+`"`)
				}
				rep := look(t, lab.Options{MX: "mx1.hoster.test", Records: records, Documents: map[string]http.Handler{url: document}}, nil)
				if s := rep.Check("settings").Step(step); s == nil || s.Result != report.Warn || s.Detail == "" {
					t.Fatalf("%s: %+v", step, s)
				}
				if rep.ExitCode != 0 || rep.Result != report.Warn || !strings.HasPrefix(chosen(rep), "imap imap.example.test:993 srv") {
					t.Errorf("exit status %d, %s, chosen %s", rep.ExitCode, rep.Result, chosen(rep))
				}
			})
		}
	}
}
