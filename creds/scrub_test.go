package creds

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf16"
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
		"backwards":           `dröw?/+\ss" äp`,
		"question marks":      `p? "ss\+/?w?rd`,
		"latin-1":             "p\xe4 \"ss\\+/?w\xf6rd",
		"latin-1, base64":     base64.StdEncoding.EncodeToString([]byte("p\xe4 \"ss\\+/?w\xf6rd")),
		"utf-16":              utf16LE(secret),
		"utf-16, base64":      base64.StdEncoding.EncodeToString([]byte(utf16LE(secret))),
		"quoted-printable":    `p=C3=A4 "ss\+/?w=C3=B6rd`,
		"html":                "pä &#34;ss\\+/?wörd",
		"hex, spaced":         fmt.Sprintf("% x", secret),
		"hex, colons":         strings.ReplaceAll(fmt.Sprintf("% X", secret), " ", ":"),
		"invisible inside":    secret[:3] + "\u200b\u202e" + secret[3:8] + "\x00\x1b" + secret[8:],
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

func utf16LE(s string) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u), byte(u>>8))
	}
	return string(b)
}

// A secret that is said in parts is masked in all of them, whatever stands
// around; parts that are not all of it are left alone, for they may be words.
func TestScrubAll(t *testing.T) {
	const secret = "correct-h0rse"
	encoded := base64.StdEncoding.EncodeToString([]byte("\x00anna@example.com\x00" + secret))
	for name, tt := range map[string]struct{ said, want []string }{
		"two halves":              {[]string{"535 you said correc", "and t-h0rse."}, []string{"535 you said [secret]", "and [secret]."}},
		"lines of one reply":      {[]string{"it began correct-\nand ended h0rse\n"}, []string{"it began [secret]\nand ended [secret]\n"}},
		"three pieces":            {[]string{"<corr>", "<ect->", "250 ok", "<h0rse>"}, []string{"<[secret]>", "<[secret]>", "250 ok", "<[secret]>"}},
		"one character on a line": {strings.Split("250-"+strings.Join(strings.Split(secret, ""), "|250-"), "|"), nil},
		"behind status codes":     {[]string{"535-5.7.8 co\n535 5.7.8 rrect-h0rse"}, []string{"535-5.7.8 [secret]\n535 5.7.8 [secret]"}},
		"behind response codes":   {[]string{"* OK [ALERT] co", "A1 NO [AUTHENTICATIONFAILED] rrect-h0rse"}, []string{"* OK [ALERT] [secret]", "A1 NO [AUTHENTICATIONFAILED] [secret]"}},
		"base64 in pieces":        {[]string{encoded[:32], "and", encoded[32:]}, nil},
		"a piece of base64":       {[]string{"535 " + encoded[26:36] + " is too long"}, []string{"535 [secret] is too long"}},
		"a response code":         {[]string{"NO [correct-] it ends in h0rse"}, []string{"NO [[secret]] it ends in [secret]"}},
		"once more by itself":     {[]string{"corr", "ect-h0rse", "250 ok", "ect-h0rse"}, []string{"[secret]", "[secret]", "250 ok", "[secret]"}},
		"a half alone":            {[]string{"the correct", "one"}, []string{"the correct", "one"}},
		"the halves far apart":    {slices.Concat([]string{"correct-"}, slices.Repeat([]string{"250 ok"}, nearLines+1), []string{"h0rse"}), slices.Concat([]string{"correct-"}, slices.Repeat([]string{"250 ok"}, nearLines+1), []string{"h0rse"})},
		"the other way round":     {[]string{"h0rse", "correct-"}, []string{"h0rse", "correct-"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := scrubberOf(secret)
			got := s.ScrubAll(slices.Clone(tt.said))
			if tt.want != nil && !slices.Equal(got, tt.want) {
				t.Errorf("%q became %q", tt.said, got)
			}
			// None of the secret's letters is left, and none of its bits.
			if left := strings.ReplaceAll(strings.Join(got, ""), mask, ""); tt.want == nil && strings.Trim(left, "-0258AQGFubmZXhBsSjand= ") != "" {
				t.Errorf("%q became %q", tt.said, got)
			}
		})
	}
}

// A server that repeats the beginning of a secret in every way does not make
// the search for the rest endless.
func TestScrubAllIsBounded(t *testing.T) {
	const secret = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"
	if got := scrubberOf(secret).ScrubAll(slices.Repeat([]string{strings.Repeat("aaaa ", 200)}, 500)); len(got) != 500 {
		t.Errorf("%d texts", len(got))
	}
}

// A server that tells a long secret in a thousand pieces does not make the scrubber
// slow: what is scrubbed while a session runs is scrubbed by no clock.
func TestScrubAllOfManyPieces(t *testing.T) {
	var signs []byte
	for c := byte('!'); len(signs) < maxPieced; c++ {
		signs = append(signs, c)
	}
	secret := string(signs)
	random := rand.New(rand.NewPCG(1, 2))
	said := make([]string, 400)
	for i := range said {
		for rest := secret; rest != ""; {
			n := 2*minPiece + random.IntN(8)
			if n+2*minPiece > len(rest) {
				n = len(rest)
			}
			said[i] += " " + rest[:n]
			rest = rest[n:]
		}
	}
	s := scrubberOf(secret)
	begin := time.Now()
	for range 2 { // the second time with all that the first has told
		got := s.ScrubAll(slices.Clone(said))
		for i := range got {
			if strings.Trim(strings.ReplaceAll(got[i], mask, ""), " ") != "" {
				t.Fatalf("%q became %q", said[i], got[i])
			}
		}
	}
	if took := time.Since(begin); took > 5*time.Second || s.Known() < 10_000 {
		t.Errorf("%v with %d forms", took, s.Known())
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
		if len(s.forms.all) > 0 {
			form := s.forms.all[int(which)%len(s.forms.all)].text
			at := int(cut) % len(form)
			text = before + form[:at] + "\r\n" + form[at:] + after
			if !strings.Contains(visible(text), form) {
				return // bytes that are no character by themselves are one with those beside them
			}
		}
		got := s.Scrub(text)
		for _, form := range s.forms.all {
			for _, piece := range strings.Split(visible(got), mask) {
				if strings.Contains(piece, form.text) {
					t.Fatalf("secret %q, text %q: %q still holds %q", secret, text, got, form.text)
				}
			}
		}
		if masked := got != text; masked != (len(s.forms.all) > 0) {
			t.Fatalf("secret %q: %q became %q", secret, text, got)
		}
	})
}

// Wherever a secret is cut in two, and whatever stands around the halves and
// between them, it is no longer told; as many texts and lines come back.
func FuzzScrubAll(f *testing.F) {
	f.Add("correct-h0rse", byte(7), "it began ", "", "250 ok", "535 5.7.8 ", ".")
	f.Add("hunter2", byte(3), "[", "]", "* OK [ALERT]\r\n* BYE", "hun", "ter2")
	f.Add("aaaaaaaab", byte(4), "aaaa", "aaa", "aaaaaaa", "a", "aab")
	f.Fuzz(func(t *testing.T, secret string, cut byte, before, after, between, before2, after2 string) {
		if !plain(secret) || len(secret) < 2*maxPiece || len(secret) > maxPieced || strings.Contains(mask, secret[:2]) {
			return
		}
		at := maxPiece + int(cut)%(len(secret)-2*maxPiece+1)
		texts := []string{before + secret[:at] + after, between, before2 + secret[at:] + after2}
		if lines := linesOf(texts); len(lines) > nearLines || !strings.Contains(visible(texts[0]), secret[:at]) || !strings.Contains(visible(texts[2]), secret[at:]) {
			return // too far apart, or joined with what stands beside it
		}
		got := scrubberOf(secret).ScrubAll(slices.Clone(texts))
		if len(got) != len(texts) {
			t.Fatalf("%d texts", len(got))
		}
		masked := 0
		for i, text := range got {
			if strings.Count(text, "\n") != strings.Count(texts[i], "\n") {
				t.Fatalf("%q became %q", texts[i], text)
			}
			if text != texts[i] {
				masked++
			}
			if strings.Contains(visible(text), secret) {
				t.Fatalf("%q is left in %q", secret, text)
			}
		}
		if masked == 0 { // of a secret that repeats itself, other pieces may be masked than these
			t.Fatalf("%q of %q became %q", texts, secret, got)
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
