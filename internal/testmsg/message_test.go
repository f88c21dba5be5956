package testmsg

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"mailcheck/creds"
)

var update = flag.Bool("update", false, "write the golden files")

// token is what the random bytes of compose become.
const token = "00112233445566778899aabbccddeeff"

func randomBytes() io.Reader {
	return strings.NewReader("\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff")
}

func compose(t *testing.T, from, to string) *Message {
	t.Helper()
	m, err := New(Options{From: from, To: to, Rand: randomBytes(),
		Now: time.Date(2026, 3, 2, 21, 5, 7, 999, time.FixedZone("JST", 9*60*60))})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestMessage(t *testing.T) {
	got := lines(compose(t, "User.Name@Bücher.Example", "").Bytes())
	golden := filepath.Join("testdata", "message.golden")
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if want = lines(want); !bytes.Equal(got, want) {
		t.Errorf("the message is\n%s\nwant\n%s", got, want)
	}
}

// lines drops the CR of CRLF, which tools like to add and to drop in files.
func lines(text []byte) []byte { return bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")) }

func TestMessageForm(t *testing.T) {
	m := compose(t, "user@example.com", "other@example.net")
	for line := range strings.Lines(string(m.Bytes())) {
		text, ok := strings.CutSuffix(line, "\r\n")
		if !ok || strings.ContainsAny(text, "\r\n") {
			t.Errorf("%q does not end in CRLF", line)
		}
		if len(text) > 78 {
			t.Errorf("%q is longer than 78 columns", text)
		}
		if strings.HasPrefix(text, ".") {
			t.Errorf("%q starts with a dot", text)
		}
		for i := range len(text) {
			if text[i] < ' ' || text[i] > '~' {
				t.Errorf("%q is not plain ASCII", text)
			}
		}
	}
	parsed, err := mail.ReadMessage(bytes.NewReader(m.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	date, err := parsed.Header.Date()
	if err != nil || !date.Equal(time.Date(2026, 3, 2, 12, 5, 7, 0, time.UTC)) {
		t.Errorf("the date is %v, %v", date, err)
	}
	for name, want := range map[string]string{
		"From":       "user@example.com",
		"To":         "other@example.net",
		"Subject":    m.Subject,
		"Message-Id": m.ID,
		TokenField:   m.Token,
	} {
		if got := parsed.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if host, err := os.Hostname(); err == nil && host != "" && bytes.Contains(m.Bytes(), []byte(" "+host)) {
		t.Errorf("the message names the machine %s", host)
	}
}

// TestTokens takes the real random source twice.
func TestTokens(t *testing.T) {
	a, err := New(Options{From: "user@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	b, err := New(Options{From: "user@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	if a.Token == b.Token || len(a.Token) != 32 || a.Token != strings.ToLower(a.Token) {
		t.Errorf("the tokens are %s and %s", a.Token, b.Token)
	}
	if a.Matches(b.Bytes()) || !a.Matches(a.Bytes()) {
		t.Error("the messages are not told apart")
	}
}

func TestRefusedAddresses(t *testing.T) {
	const good = "user@example.com"
	for _, bad := range []string{
		"user@example.com\r\nBcc: victim@example.net",
		"user\n@example.com",
		"user\x00@example.com",
		"user@example.com>",
		"user",
		"\"a\r\nb\"@example.com",
		"",
	} {
		var flaw *creds.AddressError
		if _, err := New(Options{From: bad, To: good}); !errors.As(err, &flaw) {
			t.Errorf("from %q: %v", bad, err)
		}
		if bad == "" {
			continue // without To it goes to From
		}
		if _, err := New(Options{From: good, To: bad}); !errors.As(err, &flaw) {
			t.Errorf("to %q: %v", bad, err)
		}
	}
}

func TestNoRandom(t *testing.T) {
	broken := errors.New("no entropy")
	if _, err := New(Options{From: "user@example.com", Rand: iotest.ErrReader(broken)}); !errors.Is(err, broken) {
		t.Error(err)
	}
	if _, err := New(Options{From: "user@example.com", Rand: strings.NewReader("too few")}); err == nil {
		t.Error("a short token was made")
	}
}

func TestMatches(t *testing.T) {
	m := compose(t, "user@example.com", "")
	for name, tc := range map[string]struct {
		header string
		want   bool
	}{
		"alone":                {"X-Mailcheck-Token: " + token + "\r\n\r\n", true},
		"among others":         {"Received: x\r\nX-Mailcheck-Token: " + token + "\r\nSubject: y\r\n\r\n", true},
		"no empty line":        {"X-Mailcheck-Token: " + token, true},
		"bare LF":              {"Subject: x\nX-Mailcheck-Token: " + token + "\n\n", true},
		"BOM":                  {"\ufeffX-Mailcheck-Token: " + token + "\r\n\r\n", true},
		"other case of name":   {"x-mailcheck-TOKEN:" + token + "\r\n\r\n", true},
		"space before colon":   {"X-Mailcheck-Token : " + token + "  \r\n\r\n", true},
		"folded":               {"X-Mailcheck-Token:\r\n\t" + token + "\r\n \r\n\r\n", true},
		"behind an mbox line":  {"From user@example.com Mon Mar  2\r\n folded\r\nX-Mailcheck-Token: " + token + "\r\n\r\n", true},
		"behind a folded line": {" folded\r\nX-Mailcheck-Token: " + token + "\r\n\r\n", true},

		"empty":               {"", false},
		"missing":             {"Subject: mailcheck test " + token + "\r\n\r\n", false},
		"twice":               {"X-Mailcheck-Token: " + token + "\r\nX-Mailcheck-Token: " + token + "\r\n\r\n", false},
		"beside another":      {"X-Mailcheck-Token: " + token + "\r\nx-mailcheck-token: 00\r\n\r\n", false},
		"beside a folded one": {"X-Mailcheck-Token:\r\n \r\nX-Mailcheck-Token: " + token + "\r\n\r\n", false},
		"other token":         {"X-Mailcheck-Token: ff112233445566778899aabbccddeeff\r\n\r\n", false},
		"longer":              {"X-Mailcheck-Token: " + token + "0\r\n\r\n", false},
		"upper case":          {"X-Mailcheck-Token: " + strings.ToUpper(token) + "\r\n\r\n", false},
		"torn":                {"X-Mailcheck-Token: " + token[:16] + "\r\n " + token[16:] + "\r\n\r\n", false},
		"with NUL":            {"X-Mailcheck-Token: " + token + "\x00\r\n\r\n", false},
		"folded into another": {"Subject: x\r\n X-Mailcheck-Token: " + token + "\r\n\r\n", false},
		"in the body":         {"Subject: x\r\n\r\nX-Mailcheck-Token: " + token + "\r\n", false},
		"other name":          {"X-Mailcheck-Tokens: " + token + "\r\n\r\n", false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := m.Matches([]byte(tc.header)); got != tc.want {
				t.Errorf("it is %v", got)
			}
		})
	}
	if new(Message).Matches([]byte("X-Mailcheck-Token:\r\n\r\n")) {
		t.Error("a message without a token matches an empty one")
	}
}
