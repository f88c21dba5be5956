package testmsg

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"mailcheck/report"
)

// at is a second of the minute in which the samples were sent.
func at(second int) time.Time { return time.Date(2026, 3, 2, 12, 5, second, 0, time.UTC) }

func TestReadHeader(t *testing.T) {
	for name, want := range map[string]Inspection{
		"gmail": {
			Received: []report.Hop{
				{From: "[203.0.113.7]", By: "smtp.gmail.com", With: "ESMTPSA", Time: at(7)},
				{From: "mail-sor-f41.google.com", By: "mx.google.com", With: "SMTPS", Time: at(8), DelayS: 1},
				{By: "2002:a05:7300:5b8e:b0:14a:1c2d:3e4f", With: "SMTP", Time: at(9), DelayS: 1},
			},
			Authentication: &report.Authentication{SPF: "pass", DKIM: "pass", DMARC: "pass"},
		},
		"outlook": {
			Received: []report.Hop{
				{From: "mail.example.com", By: "DB1PEPF0001.mail.protection.outlook.com", With: "Microsoft SMTP Server", Time: at(12)},
				{From: "DU2PR04CA0003.eurprd04.prod.outlook.com", By: "AM0PR01MB0001.eurprd01.prod.exchangelabs.com",
					With: "Microsoft SMTP Server", Time: at(13), DelayS: 1},
				{From: "AM0PR01MB0001.eurprd01.prod.exchangelabs.com", By: "AM6PR01MB0002.eurprd01.prod.exchangelabs.com",
					With: "HTTPS", Time: at(14), DelayS: 1},
			},
			Authentication: &report.Authentication{SPF: "softfail", DKIM: "none", DMARC: "fail"},
		},
		"dovecot": {
			Received: []report.Hop{
				{From: "[IPv6:2001:db8::7]", By: "mail.example.com", With: "ESMTPSA", Time: at(9)},
				{From: "localhost", By: "mail.example.com", With: "ESMTP", Time: at(7), DelayS: -2},
				{From: "mail.example.com", By: "mail.example.com", With: "LMTP", Time: at(7)},
			},
			Authentication: &report.Authentication{SPF: "none", DKIM: "pass", DMARC: "pass"},
		},
		"yahoo-japan": {
			Received: []report.Hop{
				{From: "unknown", By: "smtp0001.mail.example.ne.jp", With: "SMTP", Time: at(7)},
				{Time: at(8), DelayS: 1},
				{From: "192.0.2.91", By: "mta0001.mail.example.ne.jp", With: "SMTP", Time: at(8)},
			},
			Authentication: &report.Authentication{DKIM: "pass", DMARC: "pass"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			header, err := os.ReadFile(filepath.Join("testdata", name+".txt"))
			if err != nil {
				t.Fatal(err)
			}
			for ends, text := range map[string]string{
				"LF":   string(header),
				"CRLF": strings.ReplaceAll(string(header), "\n", "\r\n"),
				"BOM":  "\ufeff" + string(header),
			} {
				got, err := ReadHeader([]byte(text))
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("with %s: %s", ends, diff)
				}
			}
			if !compose(t, "user@example.com", "").Matches(header) {
				t.Error("the token is not found")
			}
		})
	}
}

func TestReceived(t *testing.T) {
	for value, want := range map[string]report.Hop{
		"from a by b with C; Mon, 2 Mar 2026 12:05:07 +0000":          {From: "a", By: "b", With: "C", Time: at(7)},
		"FROM a BY b WITH C ID d; 2 Mar 26 12:05:07 GMT":              {From: "a", By: "b", With: "C", Time: at(7)},
		"from a (x (by z) y) by b":                                    {From: "a", By: "b"},
		`from a (x \) by z) by "b;c"; Mon, 2 Mar 2026 12:05:07 +0000`: {From: "a", By: "b;c", Time: at(7)},
		"from a (never closed by b; Mon, 2 Mar 2026 12:05:07 +0000":   {From: "a"},
		"from a by b; yesterday":                                      {From: "a", By: "b"},
		"from a by b; Mon, 2 Mar 1926 12:05:07 +0000":                 {From: "a", By: "b"},
		"from a by b; Sat, 1 Jan 0000 00:00:00 +2359":                 {From: "a", By: "b"},
		"from a by b; Mon, 2 Mar 2026 12:05:07 -9999":                 {From: "a", By: "b"},
		"from by b":                            {By: "b"},
		"by b from a by c":                     {From: "a", By: "b"},
		"from a\x1b[31m by b\u202e\xff with C": {From: "a[31m", By: "b", With: "C"},
		"from " + strings.Repeat("a", 1000):    {From: strings.Repeat("a", maxText)},
		"with " + strings.Repeat("ab ", 1000):  {With: strings.Repeat("ab ", maxText/3)[:maxText]},
		"something else":                       {},
		"":                                     {},
	} {
		got := readHop(value)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: %s", value, diff)
		}
	}
}

// TestManyHops keeps the newest, which the receiving side wrote.
func TestManyHops(t *testing.T) {
	var b strings.Builder
	for i := range 50 {
		fmt.Fprintf(&b, "Received: by hop%d; Mon, 2 Mar 2026 12:05:%02d +0000\r\n", 50-i, 50-i)
	}
	got, err := ReadHeader([]byte(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(got.Received); n != maxHops || got.Received[n-1].By != "hop50" || got.Received[0].By != "hop21" {
		t.Errorf("%d hops, from %+v", n, got.Received[0])
	}
}

// TestUnknownTimes has a hop without a date between others.
func TestUnknownTimes(t *testing.T) {
	got, err := ReadHeader([]byte("Received: by c; Mon, 2 Mar 2026 12:05:20 +0000\nReceived: by b\n" +
		"Received: by a; Mon, 2 Mar 2026 12:05:10 +0000\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := []report.Hop{{By: "a", Time: at(10)}, {By: "b"}, {By: "c", Time: at(20), DelayS: 10}}
	if diff := cmp.Diff(want, got.Received); diff != "" {
		t.Error(diff)
	}
}

func TestAuthentication(t *testing.T) {
	const ar = "Authentication-Results: "
	for name, tc := range map[string]struct {
		header string
		want   *report.Authentication
	}{
		"none":            {ar + "mx.example.com; none", nil},
		"no field":        {"Subject: x", nil},
		"empty":           {ar, nil},
		"name alone":      {ar + "mx.example.com", nil},
		"versions":        {ar + "mx.example.com 1; dkim/1=pass; spf/1 = fail", &report.Authentication{DKIM: "pass", SPF: "fail"}},
		"any case":        {ar + "mx.example.com; SPF=Pass", &report.Authentication{SPF: "pass"}},
		"no name, spaces": {ar + "spf = pass; dkim=none", &report.Authentication{SPF: "pass", DKIM: "none"}},
		"one good signature": {ar + "mx.example.com; dkim=fail header.d=list.example; dkim=pass header.d=example.com; dkim=neutral",
			&report.Authentication{DKIM: "pass"}},
		"bad signatures":       {ar + "mx.example.com; dkim=fail; dkim=neutral", &report.Authentication{DKIM: "fail"}},
		"the topmost counts":   {ar + "mx.example.com; spf=fail\n" + ar + "mx.example.com; spf=pass; dmarc=fail", &report.Authentication{SPF: "fail", DMARC: "fail"}},
		"another's":            {ar + "mx.example.com; dmarc=none\n" + ar + "evil.example; spf=pass", &report.Authentication{DMARC: "none"}},
		"another's at the top": {ar + "mx.example.com; none\n" + ar + "evil.example; spf=pass", nil},
		"nobody's below":       {ar + "mx.example.com; dmarc=none\n" + ar + "spf=pass", &report.Authentication{DMARC: "none"}},
		"in a comment":         {ar + "mx.example.com; spf=fail (; dkim=pass (spf=pass);) x", &report.Authentication{SPF: "fail"}},
		"in a quoted string":   {ar + `mx.example.com; spf=fail reason="; dkim=pass; \"; dmarc=pass"`, &report.Authentication{SPF: "fail"}},
		"no word":              {ar + "mx.example.com; spf=pa\x1bss; dkim=" + strings.Repeat("x", 50) + "; dmarc=", nil},
		"folded":               {ar + "mx.example.com;\r\n\tspf=pass\r\n\tsmtp.mailfrom=example.com;\r\n\tdkim=pass", &report.Authentication{SPF: "pass", DKIM: "pass"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := readAuthentication(readFields([]byte(tc.header)))
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestNoHeader(t *testing.T) {
	for _, header := range []string{"", "\r\n", "no header at all\r\n", "\r\nSubject: in the body\r\n", "\x00\x01: x"} {
		if _, err := ReadHeader([]byte(header)); !errors.Is(err, ErrNoHeader) {
			t.Errorf("%q: %v", header, err)
		}
	}
}

// FuzzReadHeader: whatever a server hands out as a header, what is kept is
// bounded, printable and fit for JSON, and no header but its own matches.
func FuzzReadHeader(f *testing.F) {
	samples, err := filepath.Glob(filepath.Join("testdata", "*.txt"))
	if err != nil || len(samples) == 0 {
		f.Fatal("no samples: ", err)
	}
	for _, path := range samples {
		header, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(header)
	}
	f.Add([]byte("Received: from a (b \\) \"c;d\" by e; Mon, 2 Mar 2026 12:05:07 -9959\r\nAuthentication-Results: x 1; dkim/1 = pass\r\n"))
	f.Fuzz(func(t *testing.T, header []byte) {
		got, err := ReadHeader(header)
		if err != nil {
			if !errors.Is(err, ErrNoHeader) {
				t.Error(err)
			}
			return
		}
		if len(got.Received) > maxHops {
			t.Errorf("%d hops", len(got.Received))
		}
		for _, h := range got.Received {
			for _, text := range []string{h.From, h.By, h.With} {
				if len(text) > maxText || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
					t.Errorf("%q is kept", text)
				}
			}
		}
		if a := got.Authentication; a != nil {
			if *a == (report.Authentication{}) {
				t.Error("an empty result is kept")
			}
			for _, result := range []string{a.SPF, a.DKIM, a.DMARC} {
				if result != "" && !isKeyword(result) {
					t.Errorf("%q is kept", result)
				}
			}
		}
		if _, err := json.Marshal(got); err != nil {
			t.Error(err)
		}
		if m := (&Message{Token: token}); m.Matches(header) && strings.Count(string(header), token) == 0 {
			t.Error("it matches without the token")
		}
	})
}
