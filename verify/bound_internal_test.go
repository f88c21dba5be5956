package verify

import (
	"strings"
	"testing"
	"unicode/utf8"

	"mailcheck/report"
)

func TestBound(t *testing.T) {
	long := strings.Repeat("é", 1000)
	names := make([]string, 1000)
	for i := range names {
		names[i] = "host.example.com"
	}
	names[3] = long
	link := report.ChainLink{Subject: long, Issuer: long}
	r := &report.Report{
		Checks: []*report.Check{{ID: "settings"}, {
			ID: "imap", Capabilities: &report.Capabilities{BeforeTLS: []string{"IDLE", long}},
			TLS: &report.TLSFacts{Certificate: &report.Certificate{Names: names, Subject: long}, Chain: []report.ChainLink{link, {Subject: "CN=R11"}}},
		}, {ID: "smtp", TLS: &report.TLSFacts{Chain: make([]report.ChainLink, 50)}}},
		Message: &report.Message{Received: []report.Hop{{From: long, By: "mx.example.com"}}},
	}
	bound(r)
	imap := r.Check("imap")
	kept := imap.TLS.Certificate.Names
	if len(kept) != maxEntries+1 || kept[maxEntries] != cutOff || kept[0] != "host.example.com" {
		t.Errorf("%d names, the last %q", len(kept), kept[len(kept)-1])
	}
	for _, text := range []string{kept[3], imap.TLS.Certificate.Subject, imap.TLS.Chain[0].Issuer, imap.Capabilities.BeforeTLS[1], r.Message.Received[0].From} {
		if len(text) > maxEntry+len(" "+cutOff) || !strings.HasSuffix(text, "é "+cutOff) || !utf8.ValidString(text) {
			t.Errorf("%q", text)
		}
	}
	if imap.Capabilities.BeforeTLS[0] != "IDLE" || imap.TLS.Chain[1].Subject != "CN=R11" || r.Message.Received[0].By != "mx.example.com" {
		t.Error("what is short was changed")
	}
	if n := len(r.Check("smtp").TLS.Chain); n != maxChain {
		t.Errorf("%d certificates", n)
	}
}
