package render

import (
	"testing"

	"mailcheck/internal/lang"
	"mailcheck/report"
)

func TestSettingsFound(t *testing.T) {
	at := func(p report.Protocol, host, source string, chosen bool) report.Endpoint {
		return report.Endpoint{Protocol: p, Host: host, Port: 993, Security: report.TLS, Source: source, Chosen: chosen}
	}
	tests := []struct {
		name     string
		settings []report.Endpoint
		want     string
	}{
		{"none", nil, "no servers are named"},
		{"one source", []report.Endpoint{at("imap", "a", "srv", true), at("imap", "b", "srv", false)}, "all from the SRV records"},
		{"two sources", []report.Endpoint{at("smtp", "a", "flags", true), at("imap", "b", "srv", true), at("pop3", "c", "srv", true)},
			"SMTP given by flags; IMAP and POP3 from the SRV records"},
		{"another agrees", []report.Endpoint{at("imap", "a", "ispdb", true), at("imap", "a", "srv", false)}, "all from ispdb; the same from the SRV records"},
		{"another does not", []report.Endpoint{at("imap", "a", "ispdb", true), at("imap", "b", "srv", false)}, "all from ispdb; other servers from the SRV records"},
		{"a guess is no witness", []report.Endpoint{at("imap", "a", "srv", true), at("imap", "b", "guess", false)}, "all from the SRV records"},
	}
	for _, test := range tests {
		if got := settingsFound(&report.Report{Settings: test.settings}); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

func TestWhyDeliveryIsSkipped(t *testing.T) {
	tests := []struct {
		name    string
		message *report.Message
		because string
		want    string
	}{
		{"not asked for", nil, "flags", "not asked for"},
		{"a step failed", nil, "smtp.auth", "nothing was sent, because smtp.auth failed"},
		{"a step was skipped", nil, "imap.tls", "nothing was sent, because of imap.tls"},
		{"the run ended", nil, "", "nothing was sent, because the run ended before"},
		{"to somebody else", &report.Message{}, "flags", "sent; the arrival was not awaited"},
		{"nowhere to look", &report.Message{}, "smtp.auth", "sent, but the arrival was not awaited, because smtp.auth failed"},
	}
	for _, test := range tests {
		c := &report.Check{ID: "delivery", Result: report.Skip, Steps: skipped(test.because, "", "arrive")}
		r := &report.Report{Message: test.message, Checks: []*report.Check{c,
			{ID: "smtp", Steps: []*report.Step{{ID: "smtp.auth", Result: report.Fail}}}}}
		if got := summary(r, c); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

func TestArrival(t *testing.T) {
	tests := []struct {
		message report.Message
		want    string
	}{
		{report.Message{Folder: "INBOX"}, "in INBOX"},
		{report.Message{Folder: "Junk", SentMS: 100, ArrivedMS: 12350, Received: make([]report.Hop, 1)}, "in Junk after 12.2 s, 1 hop"},
		{report.Message{Folder: "INBOX", Authentication: &report.Authentication{}}, "in INBOX"},
		{report.Message{Folder: "INBOX", Authentication: &report.Authentication{SPF: "pass", DMARC: "pass"}}, "in INBOX; SPF, DMARC pass"},
		{report.Message{Folder: "INBOX", Authentication: &report.Authentication{SPF: "pass", DKIM: "fail", DMARC: "pass"}}, "in INBOX; SPF pass, DKIM fail, DMARC pass"},
	}
	for _, test := range tests {
		if got := arrival(&test.message, lang.English); got != test.want {
			t.Errorf("%q, want %q", got, test.want)
		}
	}
}

func TestBusyLeavesWaitsOut(t *testing.T) {
	at := func(step string, start, ms int64) *report.Step {
		return &report.Step{Step: step, Result: report.OK, StartMS: start, DurationMS: ms}
	}
	tests := []struct {
		name  string
		steps []*report.Step
		want  int64
	}{
		{"one behind the other", []*report.Step{at("connect", 0, 10), at("tls", 10, 20)}, 30},
		{"a wait for another check", []*report.Step{at("connect", 0, 10), at("auth", 500, 20)}, 30},
		{"side by side", []*report.Step{at("srv", 0, 100), at("guess", 10, 40), at("mx", 90, 20)}, 110},
		{"in any order", []*report.Step{at("b", 50, 10), at("a", 0, 10)}, 20},
		{"the polite end", []*report.Step{at("auth", 0, 10), at("logout", 10, 1000)}, 10},
	}
	for _, test := range tests {
		if got := busy(test.steps); got != test.want {
			t.Errorf("%s: %d, want %d", test.name, got, test.want)
		}
	}
}
