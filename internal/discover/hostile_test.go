package discover

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"mailcheck/internal/dns"
	"mailcheck/internal/lab"
	"mailcheck/report"
)

// stage is a web with a DNS of its own for example.com, whose SRV records name
// every server.
type stage struct {
	*web
	txt string // of _ua-auto-config
	mx  string // the host that takes the mail, if any
}

func (s stage) SRV(ctx context.Context, name string) (*dns.Answer[dns.SRV], error) {
	return world{srv: map[string][]dns.SRV{
		"_imaps._tcp":       {{Target: "imap.example.com", Port: 993}},
		"_pop3s._tcp":       {{Target: "pop.example.com", Port: 995}},
		"_submissions._tcp": {{Target: "smtp.example.com", Port: 465}},
	}}.SRV(ctx, name)
}

func (s stage) TXT(ctx context.Context, name string) (*dns.Answer[string], error) {
	if s.txt == "" {
		return s.web.TXT(ctx, name)
	}
	return &dns.Answer[string]{Records: []string{s.txt}}, nil
}

func (s stage) MX(ctx context.Context, domain string) (*dns.Answer[dns.MX], error) {
	if s.mx == "" {
		return s.web.MX(ctx, domain)
	}
	return &dns.Answer[dns.MX]{Records: []dns.MX{{Preference: 10, Host: s.mx}}}, nil
}

// place is where a source fetches a document, and what a good one is.
type place struct {
	step string
	url  string
	kind string // content type
	good string
	// says is what the step says where it is not what [usually] has.
	says map[string]string
}

// xmlConfig is a configuration file, and poxConfig an answer of Autodiscover,
// that name one host for everything.
const (
	xmlConfig = `<clientConfig version="1.1"><emailProvider id="example.com">
<incomingServer type="imap"><hostname>mail.example.com</hostname><port>993</port><socketType>SSL</socketType></incomingServer>
<incomingServer type="pop3"><hostname>mail.example.com</hostname><port>995</port><socketType>SSL</socketType></incomingServer>
<outgoingServer type="smtp"><hostname>mail.example.com</hostname><port>465</port><socketType>SSL</socketType></outgoingServer>
</emailProvider></clientConfig>`
	poxConfig = `<Autodiscover><Response><Account><Action>settings</Action>
<Protocol><Type>IMAP</Type><Server>mail.example.com</Server></Protocol>
<Protocol><Type>POP3</Type><Server>mail.example.com</Server></Protocol>
<Protocol><Type>SMTP</Type><Server>mail.example.com</Server><Port>465</Port></Protocol></Account></Response></Autodiscover>`
	paccConfig = `{"protocols":{"imap":{"host":"mail.example.com"},"pop3":{"host":"mail.example.com"},"submit":{"host":"mail.example.com"}}}`
)

// usually is what a step says of a document, by the way in which it is hostile:
// its result, how long it takes, and the start of its detail.
var usually = map[string]string{
	"late":               "ok 3s imap mail.example.com:993",
	"never":              "warn 8s {host} gives no answer in time",
	"garbage":            "warn 0s {url} cannot be used: it is no mail configuration file",
	"to http":            "warn 0s {host}: a redirect to a URL that is not https",
	"to another host":    "ok 0s imap mail.example.com:993",
	"to a private place": "warn 0s a redirect from a public address to a private one: intern.hoster.net",
	"300 KiB":            "warn 0s {host}: a document longer than 262144 bytes",
	"an entity bomb":     "warn 0s {url} cannot be used: it has a document type declaration",
	"a wrong charset":    `warn 0s {url} cannot be used: it is in a character set that is not known: "x-own"`,
}

// What says otherwise.
var (
	// saysPACC: the TXT record announces that there is a document.
	saysPACC = map[string]string{
		"garbage":            "warn 0s the configuration at {host} is not valid: it is not JSON",
		"an entity bomb":     "warn 0s the configuration at {host} is not valid: it is not JSON",
		"a wrong charset":    "warn 0s the configuration at {host} is not valid: it is not JSON",
		"to http":            "warn 0s _{host} announces a configuration, which cannot be had: {host}: a redirect to a URL that is not https",
		"to a private place": "warn 0s _{host} announces a configuration, which cannot be had: a redirect from a public address to a private one",
		"300 KiB":            "warn 0s _{host} announces a configuration, which cannot be had: {host}: a document longer than",
	}
	// saysWebsite: it answers to whatever is asked for.
	saysWebsite = map[string]string{
		"to http":            "ok 0s example.com has no autoconfig; {host}: a redirect to a URL that is not https",
		"to a private place": "ok 0s example.com has no autoconfig; a redirect from a public address to a private one",
		"300 KiB":            "ok 0s example.com has no autoconfig; {host}: a document longer than",
	}
	saysMX = map[string]string{
		"late":            "ok 3s mx1.hoster.net, and {who} for hoster.net says: imap mail.example.com:993",
		"never":           "ok 4s nothing is known of the mail servers of hoster.net, where mx1.hoster.net is; {host} gives no answer in time",
		"to another host": "ok 0s mx1.hoster.net, and {who} for hoster.net says: imap mail.example.com:993",
	}
	// saysAutodiscover: whatever does not speak of Exchange or of mail is no
	// sign, and it follows nobody.
	saysAutodiscover = map[string]string{
		"late":               "ok 3s Autodiscover answers at {host}: imap mail.example.com:993",
		"never":              "ok 4s no Exchange server answers",
		"garbage":            "ok 0s no Exchange server answers",
		"to http":            "ok 0s no Exchange server answers",
		"to another host":    "ok 0s no Exchange server answers",
		"to a private place": "ok 0s no Exchange server answers",
		"300 KiB":            "ok 0s no Exchange server answers",
		"an entity bomb":     "ok 0s no Exchange server answers",
		"a wrong charset":    "ok 0s no Exchange server answers",
	}
)

var places = map[string]place{
	"PACC":                {"pacc", "https://ua-auto-config.example.com/.well-known/user-agent-configuration.json", "application/json", paccConfig, saysPACC},
	"autoconfig":          {"autoconfig", ownURL, "text/xml", xmlConfig, nil},
	".well-known":         {"autoconfig", wellKnownURL, "text/xml", xmlConfig, saysWebsite},
	"plain HTTP":          {"autoconfig", plainURL, "text/xml", xmlConfig, saysWebsite},
	"ISPDB":               {"ispdb", ispdbURL, "text/xml", xmlConfig, nil},
	"autoconfig of MX":    {"mx", "https://autoconfig.hoster.net/mail/config-v1.1.xml", "text/xml", xmlConfig, saysMX},
	"ISPDB for MX":        {"mx", ispdb + "hoster.net", "text/xml", xmlConfig, saysMX},
	"Autodiscover":        {"autodiscover", "https://example.com" + autodiscoverPath, "text/xml", poxConfig, saysAutodiscover},
	"autodiscover. below": {"autodiscover", "https://autodiscover.example.com" + autodiscoverPath, "text/xml", poxConfig, saysAutodiscover},
}

// expects is what the step is to say: its result, its time and the start of its
// detail.
func (p place) expects(how string) (result report.Result, took time.Duration, detail string) {
	text, ok := p.says[how]
	if !ok {
		text = usually[how]
	}
	first, text, _ := strings.Cut(text, " ")
	seconds, detail, _ := strings.Cut(text, " ")
	took, err := time.ParseDuration(seconds)
	u, wrong := url.Parse(p.url)
	if err != nil || wrong != nil {
		panic(p.url + ": " + text)
	}
	who := "its autoconfig"
	if strings.HasPrefix(p.url, ispdb) {
		who = "the ISPDB"
	}
	return report.Result(first), took, strings.NewReplacer("{host}", u.Hostname(), "{url}", p.url, "{who}", who).Replace(detail)
}

// hostile are the ways in which a web server answers badly, or well and late.
// The text is that of the document in the end.
var hostile = map[string]func(place) (document http.Handler, text string){
	"late": func(p place) (http.Handler, string) {
		return lab.Late(3*time.Second, lab.Document(p.kind, p.good)), p.good
	},
	"never": func(p place) (http.Handler, string) { return lab.Never(), p.good },
	"garbage": func(p place) (http.Handler, string) {
		const text = "\x00\xff\xfe\x1b[2J{<"
		return lab.Document(p.kind, text), text
	},
	"to http":            func(p place) (http.Handler, string) { return redirect("http://conf.hoster.net/c"), p.good },
	"to another host":    func(p place) (http.Handler, string) { return redirect("https://conf.hoster.net/c"), p.good },
	"to a private place": func(p place) (http.Handler, string) { return redirect("https://intern.hoster.net/c"), p.good },
	"300 KiB": func(p place) (http.Handler, string) {
		text := p.good + strings.Repeat(" ", 300<<10)
		return lab.Document(p.kind, text), text
	},
	"an entity bomb": func(p place) (http.Handler, string) {
		text := billionLaughs(p.good)
		return lab.Document(p.kind, text), text
	},
	"a wrong charset": func(p place) (http.Handler, string) {
		text := `<?xml version="1.0" encoding="x-own"?>` + p.good
		if p.kind == "application/json" { // which has no declaration, and is UTF-8 (RFC 8259 section 8.1)
			text = "\xff\xfe" + strings.Join(strings.Split(p.good, ""), "\x00") + "\x00"
		}
		return lab.Document(p.kind, text), text
	},
}

// TestHostilePlaces has each place at which a document is fetched answer in
// each hostile way, beside SRV records that name every server. The step says
// what was wrong, within its time, and the settings are right: what SRV names,
// or what a better source names after all.
func TestHostilePlaces(t *testing.T) {
	for at, p := range places {
		for how, answers := range hostile {
			for _, whole := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s, %s, every source %v", at, how, whole), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						document, text := answers(p)
						w := newWeb(t, map[string]http.Handler{
							p.url:                         document,
							"http://conf.hoster.net/c":    lab.Document(p.kind, p.good),
							"https://conf.hoster.net/c":   lab.Document(p.kind, p.good),
							"https://intern.hoster.net/c": lab.Document(p.kind, p.good),
						})
						w.names["intern.hoster.net"] = []string{"10.0.0.1"}
						p.judge(t, how, w, text, whole)
						for _, r := range w.asked() {
							if r.Host == "intern.hoster.net" || r.Host == "conf.hoster.net" && r.TLS == nil {
								t.Errorf("%s was asked", r.Host)
							}
						}
					})
				})
			}
		}
	}
}

// judge looks for the settings and demands what [place.expects] says, of a main
// job or, whole, of a discovery that asks every source to its end.
func (p place) judge(t *testing.T, how string, w *web, text string, whole bool) {
	t.Helper()
	s := stage{web: w}
	switch p.step {
	case "pacc":
		s.txt = "v=UAAC1; a=sha256; d=" + digestOf(text)
	case "mx":
		s.mx = "mx1.hoster.net"
	}
	q := w.query()
	q.Resolver, q.All = s, whole
	q.Dial = func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("refused") }
	rec := new(report.Log).Check("settings", nil)
	begin := time.Now()
	found := Find(t.Context(), rec, q)
	took := time.Since(begin)

	rank := func(name string) int {
		return slices.IndexFunc(sources, func(s source) bool { return s.name == name })
	}
	result, limit, detail := p.expects(how)
	names := strings.Contains(detail, "mail.example.com:993")
	better := rank(p.step) < rank("srv")
	best := "imap imap.example.com:993 tls srv*"
	if names && better {
		best = "imap mail.example.com:993 tls " + p.step + "*"
	}
	if got := chosenIMAP(found); got != best {
		t.Errorf("chosen %s, want %s", got, best)
	}
	if !whole && !better { // SRV has named everything: whether this has answered by then is chance
		if took != 0 {
			t.Errorf("took %v", took)
		}
		return
	}
	if took != limit {
		t.Errorf("took %v, want %v", took, limit)
	}
	if !whole && p.step == "ispdb" && how == "never" { // a stranger's host, and nothing is missing
		result, detail = report.OK, "could not be asked: "+detail
	}
	step := rec.Check().Step(p.step)
	if step.Result != result || !strings.HasPrefix(step.Detail, detail) {
		t.Errorf("%s: %s\nwant %s: %s", step.Result, step.Detail, result, detail)
	}
	if got := slices.ContainsFunc(found.Endpoints, func(e report.Endpoint) bool { return e.Source == p.step }); got != names {
		t.Errorf("endpoints %s", short(found.Endpoints))
	}
}

// chosenIMAP is the endpoint for IMAP.
func chosenIMAP(s *Settings) string {
	return short(slices.DeleteFunc(slices.Clone(s.Endpoints), func(e report.Endpoint) bool {
		return e.Protocol != report.IMAP || !e.Chosen
	}))
}

// slowDNS is a stage whose DNS is slow, or broken, for one type of record.
type slowDNS struct {
	stage
	kind string
	lag  time.Duration
	err  error // after that
}

func (s slowDNS) wait(ctx context.Context, kind string) error {
	if kind != s.kind {
		return nil
	}
	select {
	case <-time.After(s.lag):
		return s.err
	case <-ctx.Done():
		return &dns.Error{Type: kind, Kind: dns.Timeout, Err: ctx.Err()}
	}
}

func (s slowDNS) SRV(ctx context.Context, name string) (*dns.Answer[dns.SRV], error) {
	if err := s.wait(ctx, "SRV"); err != nil {
		return nil, err
	}
	return s.stage.SRV(ctx, name)
}

func (s slowDNS) TXT(ctx context.Context, name string) (*dns.Answer[string], error) {
	if err := s.wait(ctx, "TXT"); err != nil {
		return nil, err
	}
	return s.stage.TXT(ctx, name)
}

func (s slowDNS) MX(ctx context.Context, domain string) (*dns.Answer[dns.MX], error) {
	if err := s.wait(ctx, "MX"); err != nil {
		return nil, err
	}
	return s.stage.MX(ctx, domain)
}

// TestHostileDNS has the records of one source come late, never, or not, beside
// SRV records and a configuration of the MX's domain, which name other servers.
// A source is waited for where no better one has named everything, within the
// deadline.
func TestHostileDNS(t *testing.T) {
	broken := &dns.Error{Kind: dns.Servfail}
	const bySRV, byMX = "imap imap.example.com:993 tls srv*", "imap mail.example.com:993 tls mx*"
	for _, tc := range []struct {
		kind, step string
		lag        time.Duration
		err        error
		result     report.Result
		chosen     string
		main       time.Duration // of a main job
		whole      time.Duration // of a discovery
	}{
		{"TXT", "pacc", 3 * time.Second, nil, report.OK, bySRV, 3 * time.Second, 3 * time.Second},
		{"TXT", "pacc", time.Hour, nil, report.Warn, bySRV, Deadline, Deadline},
		{"TXT", "pacc", 0, broken, report.Warn, bySRV, 0, 0},
		{"SRV", "srv", 3 * time.Second, nil, report.OK, bySRV, 3 * time.Second, 3 * time.Second},
		{"SRV", "srv", time.Hour, nil, report.Warn, byMX, Deadline, Deadline},
		{"SRV", "srv", 0, broken, report.Warn, byMX, 0, 0},
		{"MX", "mx", 3 * time.Second, nil, report.OK, bySRV, 0, 3 * time.Second},
		{"MX", "mx", time.Hour, nil, report.Warn, bySRV, 0, Deadline},
		{"MX", "mx", 0, broken, report.Warn, bySRV, 0, 0},
	} {
		for whole, limit := range map[bool]time.Duration{false: tc.main, true: tc.whole} {
			t.Run(fmt.Sprintf("%s after %v, %v, every source %v", tc.kind, tc.lag, tc.err, whole), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWeb(t, map[string]http.Handler{places["autoconfig of MX"].url: lab.Document("text/xml", xmlConfig)})
					q := w.query()
					q.Resolver, q.All = slowDNS{stage{web: w, mx: "mx1.hoster.net"}, tc.kind, tc.lag, tc.err}, whole
					q.Dial = func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("refused") }
					rec := new(report.Log).Check("settings", nil)
					begin := time.Now()
					found := Find(t.Context(), rec, q)
					if took := time.Since(begin); took != limit {
						t.Errorf("took %v, want %v", took, limit)
					}
					if got := chosenIMAP(found); got != tc.chosen {
						t.Errorf("chosen %s, want %s", got, tc.chosen)
					}
					if step := rec.Check().Step(tc.step); (whole || tc.step != "mx") && step.Result != tc.result {
						t.Errorf("%s is %s: %s", step.ID, step.Result, step.Detail)
					}
				})
			})
		}
	}
}
