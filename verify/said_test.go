package verify_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"mime/quotedprintable"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"mailcheck/internal/diagnose"
	"mailcheck/internal/lab"
	"mailcheck/internal/render"
	"mailcheck/internal/wellformed"
	"mailcheck/report"
	"mailcheck/verify"
)

// tongue is what servers say wherever they may say anything: one line after the
// other, where there are several, else one of them.
type tongue struct {
	lines  []string
	accept bool // logins, to refuse what comes after them
}

// first is what stands where there is room for one line.
func (s tongue) first() string { return s.lines[0] }

// smtp, imap and pop3 answer a command.
func (s tongue) smtp(command string) string {
	say := func(code, enhanced string) string {
		var b strings.Builder
		for _, line := range s.lines {
			fmt.Fprintf(&b, "%s-%s%s\r\n", code, enhanced, line)
		}
		return b.String() + code + " " + enhanced + "over\r\n"
	}
	switch verb, _, _ := strings.Cut(command, " "); verb {
	case "":
		return say("220", "")
	case "EHLO":
		return "250-" + s.first() + "\r\n250-AUTH PLAIN\r\n250-X-SAYS " + s.first() + "\r\n250 8BITMIME\r\n"
	case "AUTH":
		if s.accept {
			return say("235", "2.7.0 ")
		}
		return say("535", "5.7.8 ")
	case "QUIT":
		return say("221", "")
	}
	return say("550", "5.7.1 ")
}

func (s tongue) imap(command string) string {
	var b strings.Builder
	for _, line := range s.lines {
		fmt.Fprintf(&b, "* OK [ALERT] %s\r\n", line)
	}
	tag, rest, _ := strings.Cut(command, " ")
	verb, _, _ := strings.Cut(rest, " ")
	switch verb {
	case "":
		return "* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN X-" + s.first() + "] " + s.first() + "\r\n"
	case "AUTHENTICATE":
		if s.accept {
			return b.String() + tag + " OK [CAPABILITY IMAP4rev1 ID] " + s.first() + "\r\n"
		}
	case "LIST":
		return "* LIST () \"/\" \"" + s.first() + "\"\r\n" + b.String() + tag + " OK " + s.first() + "\r\n"
	case "LOGOUT":
		return "* BYE " + s.first() + "\r\n" + tag + " OK " + s.first() + "\r\n"
	}
	return b.String() + tag + " NO [" + s.first() + "] " + s.lines[len(s.lines)-1] + "\r\n"
}

func (s tongue) pop3(command string) string {
	switch verb, _, _ := strings.Cut(command, " "); verb {
	case "":
		return "+OK " + s.first() + "\r\n"
	case "CAPA":
		return "+OK " + s.first() + "\r\nSASL PLAIN\r\nUSER\r\nX-SAYS\r\n" + strings.Join(s.lines, "\r\n") + "\r\n.\r\n"
	case "AUTH":
		if s.accept {
			return "+OK " + s.first() + "\r\n"
		}
	case "QUIT":
		return "+OK " + s.lines[len(s.lines)-1] + "\r\n"
	}
	return "-ERR [" + s.first() + "] " + s.lines[len(s.lines)-1] + "\r\n"
}

// talk starts a server that answers each line with what answer says, and the
// connection itself with what it says to an empty one. It returns its port.
func talk(t *testing.T, certificate tls.Certificate, answer func(string) string) int {
	t.Helper()
	listener, err := tls.Listen("tcp4", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{certificate}})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	t.Cleanup(func() { listener.Close(); <-ended })
	go func() {
		defer close(ended)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			serve(conn, answer)
		}
	}()
	return listener.Addr().(*net.TCPAddr).Port
}

func serve(conn net.Conn, answer func(string) string) {
	defer conn.Close()
	_, _ = conn.Write([]byte(answer("")))
	for lines := bufio.NewScanner(conn); lines.Scan(); {
		if _, err := conn.Write([]byte(answer(lines.Text()))); err != nil {
			return
		}
	}
}

// heard is a run of a job.
type heard struct {
	name  string
	job   func(context.Context, verify.Options) (*report.Report, error)
	given bool // the servers are, so that no source of settings is asked
}

var (
	checked  = heard{"check", verify.Run, true}
	searched = heard{"check with settings", verify.Run, false}
	found    = heard{"discover", verify.Discover, false}
)

// listen runs jobs against servers that say the words in every place, and
// returns all that is written of it, by the output.
func listen(t *testing.T, secret string, s tongue, jobs ...heard) map[string]string {
	t.Helper()
	ca, err := lab.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	hosts := []string{"imap.example.test", "pop.example.test", "smtp.example.test"}
	ascii := strings.Map(func(r rune) rune {
		if r > 0x7f {
			return '?'
		}
		return r
	}, s.first()) // IA5String
	certificate, err := ca.Certificate(lab.LeafGood, append([]string{strings.ToValidUTF8(s.first(), "?"), ascii}, hosts...)[1:]...)
	if err != nil {
		t.Fatal(err)
	}
	var name bytes.Buffer
	_ = json.NewEncoder(&name).Encode(s.first())
	says := strings.NewReplacer("&", "&amp;", "<", "&lt;", "\x00", "", "\x1b", "&#x9b;").Replace(strings.ToValidUTF8(s.first(), "?"))
	_, o := start(t, lab.Options{
		Records: []string{
			"_ua-auto-config.example.test. TXT " + strconv.QuoteToASCII(strings.Map(func(r rune) rune {
				if r < ' ' || r > '~' || r == '\\' || r == '"' {
					return -1
				}
				return r
			}, s.first())),
			`_autodiscover._tcp.example.test. SRV 0 0 443 \027]0\;x\007.example.test.`,
		},
		Documents: map[string]http.Handler{
			"https://autoconfig.example.test/mail/config-v1.1.xml": lab.Document("text/xml", `<clientConfig version="1.1"><emailProvider id="x"><domain>example.test</domain>`+
				"<displayName>"+says+"</displayName><displayShortName>"+says+"</displayShortName>"+
				`<incomingServer type="imap"><hostname>`+says+`</hostname><port>993</port><socketType>SSL</socketType><username>`+says+`</username><authentication>`+says+`</authentication></incomingServer>`+
				`<documentation url="http://x/"><descr lang="en">`+says+`</descr></documentation></emailProvider></clientConfig>`),
			"https://ua-auto-config.example.test/.well-known/user-agent-configuration.json": lab.Document("application/json", `{"info":{"provider":{"name":`+name.String()+`}},"protocols":{"imap":{"host":`+name.String()+`}}}`),
			"https://autodiscover.example.test/autodiscover/autodiscover.xml": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("WWW-Authenticate", s.first())
				w.Header().Set("Content-Type", s.first())
				w.WriteHeader(http.StatusUnauthorized)
				_, _ = w.Write([]byte(s.first()))
			}),
		},
	})
	o.Roots = o.Roots.Clone()
	o.Roots.AppendCertsFromPEM(ca.PEM())
	o.Transcript, o.Send, o.Mechanism = true, diagnose.SendRcpt, "PLAIN"

	written := map[string]string{}
	for _, h := range jobs {
		o := o
		o.Credentials.PasswordStdin = strings.NewReader(secret + "\n")
		if h.given {
			for i, p := range []report.Protocol{report.IMAP, report.POP3, report.SMTP} {
				answer := map[report.Protocol]func(string) string{report.IMAP: s.imap, report.POP3: s.pop3, report.SMTP: s.smtp}[p]
				o.Fixed = append(o.Fixed, report.Endpoint{Protocol: p, Host: hosts[i], Port: talk(t, certificate, answer), Security: report.TLS})
			}
		}
		var plain, drawn bytes.Buffer
		log := render.NewLive(render.LiveOptions{Out: &plain})
		screen := render.NewLive(render.LiveOptions{Out: &drawn, Width: func() int { return 200 }, Color: true})
		o.Observe = func(e report.Event) { log.Observe(e); screen.Observe(e) }
		rep, err := h.job(context.Background(), o)
		screen.Stop()
		log.Stop()
		if err != nil {
			t.Fatal(err)
		}
		validate(t, rep)
		written[h.name+", log"], written[h.name+", screen"] = plain.String(), drawn.String()
		for _, opt := range []render.Options{{}, {Verbosity: render.Quiet}, {Verbosity: render.Verbose}, {Verbosity: render.Verbose, Color: true}} {
			for _, f := range append(render.Formats, render.Format{Name: "discovery", Write: render.Discovery}) {
				var b bytes.Buffer
				if err := f.Write(&b, rep, opt); err != nil {
					t.Fatal(err)
				}
				written[fmt.Sprintf("%s, %s %+v", h.name, f.Name, opt)] = b.String()
			}
		}
	}
	return written
}

// echoes are ways to say a secret.
func echoes(secret string) map[string][]string {
	plain := base64.StdEncoding.EncodeToString([]byte("\x00anna@example.test\x00" + secret))
	var qp bytes.Buffer
	w := quotedprintable.NewWriter(&qp)
	_, _ = w.Write([]byte(secret))
	_ = w.Close()
	var wide []byte
	for _, u := range utf16.Encode([]rune(secret)) {
		wide = append(wide, byte(u), byte(u>>8))
	}
	half := len(secret) / 2
	ways := map[string][]string{
		"raw":                  {"you sent " + secret},
		"one word":             {secret},
		"quoted":               {`"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(secret) + `"`},
		"base64":               {plain},
		"base64 of itself":     {base64.StdEncoding.EncodeToString([]byte(secret))},
		"base64, wrapped":      {plain[:30], plain[30:40], plain[40:]},
		"hex":                  {hex.EncodeToString([]byte(secret)), fmt.Sprintf("% X", secret)},
		"percent":              {url.QueryEscape(secret)},
		"quoted-printable":     {qp.String()},
		"utf-16":               {base64.StdEncoding.EncodeToString(wide)},
		"latin-1":              {strings.ReplaceAll(secret, "ü", "\xfc")},
		"invisible characters": {secret[:4] + "\u200b" + secret[4:]},
		"halves on lines":      {"it began " + secret[:half], "and ended " + secret[half:]},
		"halves in replies":    {secret[:half], secret[half:]},
	}
	for lead := range 3 {
		ways[fmt.Sprintf("base64 at %d", lead)] = []string{base64.RawURLEncoding.EncodeToString([]byte(strings.Repeat("x", lead) + secret + "yz"))}
	}
	return ways
}

// A server that repeats the secret, however and wherever, does not get it
// printed: not as it was said, and not in parts of half its length.
func TestNoEchoIsPrinted(t *testing.T) {
	const secret = `c4n4ry-"%\ü/+tw33t`
	partial := map[string]bool{"halves on lines": true, "halves in replies": true, "invisible characters": true}
	for name, lines := range echoes(secret) {
		for _, accept := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, login accepted %v", name, accept), func(t *testing.T) {
				t.Parallel()
				jobs := []heard{checked}
				if accept && !partial[name] { // where settings are read, nobody says the rest of it
					jobs = append(jobs, searched)
				}
				masked := 0
				for output, text := range listen(t, secret, tongue{lines: lines, accept: accept}, jobs...) {
					masked += strings.Count(text, "[secret]")
					flat := strings.Join(strings.Fields(text), "") // the text is wrapped
					parts := lines
					if name != "invisible characters" { // which names of certificates turn into visible ones
						parts = append(parts, secret[:9], secret[9:], `/\+tw33t`)
					}
					for _, said := range parts {
						said = strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(said, "you sent "), "it began "), "and ended ")
						said = strings.Trim(said, `"`)
						for _, form := range []string{said, strings.Trim(strconv.Quote(said), `"`), strings.ReplaceAll(strconv.Quote(said)[1:len(strconv.Quote(said))-1], `\`, `\\`)} {
							form = strings.Join(strings.Fields(form), "")
							if i := strings.Index(flat, form); i >= 0 && !harmless(form) {
								t.Errorf("%s has %q: …%q…", output, form, flat[max(0, i-60):min(len(flat), i+len(form)+20)])
							}
						}
					}
				}
				if masked == 0 {
					t.Error("nothing was said")
				}
			})
		}
	}
}

// harmless tells a part of a wrapped base64 that holds the user name alone.
func harmless(form string) bool {
	return len(form) < 6 || strings.HasPrefix(form, "AGFubmFA")
}

// poison is what takes over a terminal, a CI job or the reader's eye, without
// line breaks.
const poison = "\x1b]0;owned\a\x1b[2J\x1b[31m\u009b31m\u0085\x00\x01\x08\x7f\r\xff\xfe\xc3\x28 " +
	"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\u200d\u200e\ufeff\u2028\u2029 ::error::x ::set-output name=a::b %0A::error::y ##vso[task.setvariable]x ##[error]x"

// painted are the escapes that our own colours are made of, and those that
// draw the live lines.
var painted = regexp.MustCompile("\x1b\\[(?:[0-9;]*m|[0-9]*A|J|K)|\r")

// obeyed is a line that a CI job takes for a command.
var obeyed = regexp.MustCompile(`^\s*::|##(\w*\[)`)

// Whatever servers, certificates, DNS and HTTP say is shown harmlessly.
func TestPoisonIsHarmless(t *testing.T) {
	for _, s := range []tongue{
		{lines: []string{poison}}, {lines: []string{poison}, accept: true},
		// Where the session survives, because bytes that no protocol has are left out.
		{lines: []string{strings.NewReplacer("\x00", "", "\r", "").Replace(poison)}},
		{lines: []string{strings.NewReplacer("\x00", "", "\r", "").Replace(poison)}, accept: true},
	} {
		saw := false
		for output, text := range listen(t, "p4ssword-of-anna", s, checked, searched, found) {
			own := text
			if strings.Contains(output, "screen") || strings.Contains(output, "Color:true") && !strings.Contains(output, "json") {
				own = painted.ReplaceAllString(text, "")
				for _, mine := range painted.FindAllString(text, -1) {
					if mine == "\x1b[2J" {
						t.Errorf("%s clears the screen", output)
					}
				}
			}
			saw = saw || strings.Contains(own, `\x1b]0;owned`)
			if !utf8.ValidString(own) {
				t.Errorf("%s is not UTF-8", output)
			}
			for _, r := range own {
				if r != '\n' && !strconv.IsGraphic(r) {
					t.Errorf("%s has %q", output, r)
					break
				}
			}
			if strings.Contains(output, ", github") { // commands are what it is made of
				if _, err := wellformed.Annotations(own); err != nil {
					t.Errorf("%s: %v", output, err)
				}
				continue
			}
			for line := range strings.Lines(own) {
				if obeyed.MatchString(line) {
					t.Errorf("%s: a CI job obeys %q", output, line)
				}
			}
			if strings.Contains(output, "json") && !json.Valid([]byte(text)) {
				t.Errorf("%s is no JSON", output)
			}
		}
		if !saw {
			t.Error("nothing was said")
		}
	}
}
