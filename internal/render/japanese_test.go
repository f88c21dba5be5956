package render

import (
	"bytes"
	"strings"
	"testing"

	"mailcheck/internal/diagnose"
	"mailcheck/internal/lang"
	"mailcheck/report"
)

// inJapanese is a sample whose verdict is said in Japanese.
func inJapanese(name string, facts diagnose.Facts) *report.Report {
	r := sampled(name)
	r.Lang = string(lang.Japanese)
	diagnose.Verdict(r, facts)
	return r
}

// The facts of the samples that no whole run made.
var japanese = map[string]diagnose.Facts{
	"all-well": {}, "receive-not-send": {}, "wrong-password": {}, "certificate-mismatch": {}, "not-arrived": {},
	"creds-missing": {}, "nxdomain": {}, "second-candidate": {}, "pop3-warns": {},
	"interrupted": {Interrupted: true}, "no-auth": {NoAuth: true},
}

func TestTextInJapanese(t *testing.T) {
	for name, facts := range japanese {
		t.Run(name, func(t *testing.T) {
			said := text(t, inJapanese(name, facts), Options{})
			golden(t, name+"-ja", []byte(said))
			typeset(t, said)
		})
	}
	said := text(t, inJapanese("receive-not-send", diagnose.Facts{}), Options{Verbosity: Verbose})
	golden(t, "receive-not-send-verbose-ja", []byte(said))
	typeset(t, said)
}

func TestDiscoveryInJapanese(t *testing.T) {
	for name, make := range map[string]func(lang.Tag) *report.Report{"discover-disagree-ja": disagree, "discover-agree-ja": agree, "discover-half-ja": half} {
		var b bytes.Buffer
		if err := Discovery(&b, make(lang.Japanese), Options{}); err != nil {
			t.Fatal(err)
		}
		golden(t, name, b.Bytes())
		typeset(t, b.String())
	}
}

// typeset tells lines that are too wide, or begin or end as none may.
func typeset(t *testing.T, said string) {
	t.Helper()
	for line := range strings.Lines(said) {
		line = strings.TrimSuffix(line, "\n")
		body := strings.TrimLeft(line, " ")
		if cells(line) > columns || strings.HasPrefix(body, "、") || strings.HasPrefix(body, "。") || strings.HasPrefix(body, "」") || strings.HasSuffix(body, "「") {
			t.Errorf("%d cells: %q", cells(line), line)
		}
	}
}

func TestAnnounceInJapanese(t *testing.T) {
	plans := []Plan{
		{}, {Keep: true}, {To: "anna@example.net"}, {Without: []report.Protocol{report.IMAP, report.POP3}},
		{Without: []report.Protocol{report.IMAP, report.POP3, report.SMTP}},
		{Send: "rcpt"}, {Send: "auth"}, {Send: "none"}, {NoAuth: true}, {NoAuth: true, Send: "rcpt"},
		{Send: "auth", Scripts: []string{"Cyrillic", "Latin"}, Domain: "xn--exmple-4nf.com"},
	}
	said := AnnounceDiscovery("taro@example.com", lang.Japanese)
	for _, p := range plans {
		p.Lang, p.Address = lang.Japanese, "taro@example.com"
		said += Announce(p)
	}
	golden(t, "announcements-ja", []byte(said))
	typeset(t, said)
}
