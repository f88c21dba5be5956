package creds

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
)

func scrubberOf(secrets ...string) *Scrubber {
	var s Scrubber
	s.Add(secrets...)
	return &s
}

func TestScrub(t *testing.T) {
	const secret = `pä "ss\+/?wörd`
	js, _ := json.Marshal(secret)
	for name, text := range map[string]string{
		"raw":                 secret,
		"base64":              base64.StdEncoding.EncodeToString([]byte(secret)),
		"base64 url":          base64.URLEncoding.EncodeToString([]byte(secret)),
		"base64 unpadded":     base64.RawStdEncoding.EncodeToString([]byte(secret)),
		"query":               url.QueryEscape(secret),
		"path":                url.PathEscape(secret),
		"query, lower":        strings.ToLower(url.QueryEscape(secret)),
		"component":           strings.ReplaceAll(url.QueryEscape(secret), "+", "%20"),
		"imap quoted":         `pä \"ss\\+/?wörd`,
		"json":                strings.Trim(string(js), `"`),
		"go":                  strings.Trim(strconv.QuoteToASCII(secret), `"`),
		"hex":                 fmt.Sprintf("%x", secret),
		"hex, upper":          fmt.Sprintf("%X", secret),
		"broken over lines":   secret[:5] + "\r\n" + secret[5:],
		"base64 over lines":   "\r\n" + base64.StdEncoding.EncodeToString([]byte(secret))[:7] + "\n" + base64.StdEncoding.EncodeToString([]byte(secret))[7:],
		"one character a row": strings.Join(strings.Split(secret, ""), "\n"),
	} {
		t.Run(name, func(t *testing.T) {
			got := scrubberOf("other one", secret).Scrub("<" + text + ">")
			if got := strings.NewReplacer("\r", "", "\n", "").Replace(got); got != "<"+mask+">" {
				t.Errorf("Scrub(%q) = %q", text, got)
			}
			if strings.Count(got, "\n") != strings.Count(text, "\n") {
				t.Errorf("Scrub(%q) = %q: a line break was lost", text, got)
			}
		})
	}
}

// A secret inside the base64 of something longer, at every alignment, leaves
// none of the characters that hold its bits.
func TestScrubInsideBase64(t *testing.T) {
	for _, enc := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
		for before := range 6 {
			for after := range 4 {
				whole := strings.Repeat("\x00", before) + canary + strings.Repeat("\x00", after)
				got := scrubberOf(canary).Scrub(enc.EncodeToString([]byte(whole)))
				left := strings.ReplaceAll(got, mask, "")
				if !strings.Contains(got, mask) || strings.Trim(left, "A=") != "" {
					t.Errorf("%d before, %d after: %q", before, after, got)
				}
			}
		}
	}
	plain := base64.StdEncoding.EncodeToString([]byte("\x00anna@example.com\x00" + canary))
	if got := scrubberOf(canary).Scrub("535 bad response " + plain + " refused"); !strings.HasSuffix(got, mask+" refused") {
		t.Errorf("PLAIN: %q", got)
	}
}

func TestScrubLeavesTheRestAlone(t *testing.T) {
	for _, tt := range []struct{ secret, text, want string }{
		{"hunter2", "no secret here", "no secret here"},
		{"hunter2", "HUNTER2 Hunter2", "HUNTER2 Hunter2"}, // another password
		{"hunter2", "a\r\nhunter2\r\nb\n", "a\r\n[secret]\r\nb\n"},
		{"hunter2", "hunter2hunter2 hunter2", "[secret] [secret]"},
		{"hunter2", "hun\r\nter2!", "[secret]\r\n!"},
		{"anana", "bananana", "b[secret]"}, // overlapping
		{"", "text", "text"},
		{"the", "the 535 of the", "the 535 of the"}, // too short to be masked as it is
		{"the", "dGhl", "[secret]"},
		{"no", "bm8=", "bm8="},
		{"secret", "the secret.", "the [secret]."},
		{"four", "four", "[secret]"},
	} {
		if got := scrubberOf(tt.secret).Scrub(tt.text); got != tt.want {
			t.Errorf("%q: Scrub(%q) = %q, want %q", tt.secret, tt.text, got, tt.want)
		}
	}
	var zero Scrubber
	if got := zero.Scrub("a\r\nb"); got != "a\r\nb" {
		t.Errorf("zero Scrubber: %q", got)
	}
}

func TestScrubberConcurrently(t *testing.T) {
	var s Scrubber
	var wg sync.WaitGroup
	for i := range 8 {
		secret := fmt.Sprintf("%s-%d", canary, i)
		wg.Go(func() {
			s.Add(secret)
			if got := s.Scrub("x " + secret + " y"); got != "x [secret] y" {
				t.Errorf("Scrub = %q", got)
			}
		})
	}
	wg.Wait()
}

// Whatever stands around a form of the secret, and wherever lines break,
// nothing outside the masks holds one; and nothing is masked where none is.
func FuzzScrub(f *testing.F) {
	f.Add("hunter2", "x ", " y", byte(0), byte(3))
	f.Add("hunter2", "AGFubmEA", "==", byte(20), byte(0))
	f.Add(`a"b\c`, `LOGIN anna "`, `"`, byte(7), byte(1))
	f.Add("anana", "ban", "nana", byte(0), byte(9))
	f.Add("secret", "[secret][sec\nret]", "ret", byte(0), byte(2))
	f.Add("p w%d", "p+w%25d", "25d", byte(2), byte(4))
	f.Fuzz(func(t *testing.T, secret, before, after string, which, cut byte) {
		if strings.Contains(secret, mask) {
			return // masking it changes nothing
		}
		s := scrubberOf(secret)
		text := before + after
		if len(s.forms) > 0 {
			form := s.forms[int(which)%len(s.forms)].text
			at := int(cut) % len(form)
			text = before + form[:at] + "\r\n" + form[at:] + after
		}
		got := s.Scrub(text)
		for _, form := range s.forms {
			for _, piece := range strings.Split(unbroken(got), mask) {
				if strings.Contains(piece, form.text) {
					t.Fatalf("secret %q, text %q: %q still holds %q", secret, text, got, form.text)
				}
			}
		}
		if masked := got != text; masked != (len(s.forms) > 0) {
			t.Fatalf("secret %q: %q became %q", secret, text, got)
		}
	})
}

func BenchmarkScrubNothingFound(b *testing.B) {
	s := scrubberOf(canary)
	line := strings.Repeat("* 1 FETCH (UID 7 FLAGS (\\Seen)) ", 4)
	b.ReportAllocs()
	for b.Loop() {
		s.Scrub(line)
	}
}
