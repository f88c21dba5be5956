package testmsg

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"mailcheck/creds"
)

var (
	over   = time.Date(2026, 3, 2, 12, 10, 0, 0, time.UTC)
	after  = over.Add(time.Second)
	signer = Signer{Key: creds.NewSecret("the key of this user"), Account: "user@example.com"}
)

func signed(t *testing.T, s Signer) string {
	t.Helper()
	m, err := New(Options{From: "user@example.com", Rand: randomBytes(), Now: over.Add(-time.Minute), Signer: s, Over: over})
	if err != nil {
		t.Fatal(err)
	}
	header, _, _ := bytes.Cut(m.Bytes(), []byte("\r\n\r\n"))
	return string(header) + "\r\n\r\n"
}

// A signature holds for one key, one account, one token and one time.
func TestLeftBehind(t *testing.T) {
	replace := func(old, by string) func(string) string {
		return func(header string) string {
			if !strings.Contains(header, old) {
				t.Errorf("no %q in the header", old)
			}
			return strings.Replace(header, old, by, 1)
		}
	}
	field := SignatureField + ": "
	for _, tc := range []struct {
		name   string
		change func(header string) string // nil: as it was sent
		by     Signer
		now    time.Time
		want   bool
	}{
		{"as it was sent", nil, signer, after, true},
		{"the account written otherwise", nil, Signer{signer.Key, "USER@Example.com"}, after, true},
		{"refolded", replace("\r\n ", "\r\n\t "), signer, after, true},
		{"unfolded", func(h string) string { return strings.ReplaceAll(h, "\r\n ", "  ") }, signer, after, true},
		{"the name in lower case", replace(SignatureField, strings.ToLower(SignatureField)), signer, after, true},
		{"among others' fields", func(h string) string { return "Received: from a by b\r\n" + h }, signer, after, true},

		{"while its run may go on", nil, signer, over, false},
		{"with another key", nil, Signer{creds.NewSecret("another key"), signer.Account}, after, false},
		{"without a key", nil, Signer{Account: signer.Account}, after, false},
		{"for another account", nil, Signer{signer.Key, "other@example.com"}, after, false},
		{"another token", replace(TokenField+": 0", TokenField+": 1"), signer, after, false},
		{"another time", replace(" "+over.Format(time.RFC3339), " "+over.Add(-time.Hour).Format(time.RFC3339)), signer, after, false},
		{"another version", replace(field+"v1", field+"v2"), signer, after, false},
		{"no signature", replace(SignatureField, "X-Other"), signer, after, false},
		{"an empty signature", replace(field+"v1", field+"\r\nX-Other: v1"), signer, after, false},
		{"no token", replace(TokenField, "X-Other"), signer, after, false},
		{"two tokens", func(h string) string { return TokenField + ": " + token + "\r\n" + h }, signer, after, false},
		{"two signatures", func(h string) string { return field + "v1\r\n" + h }, signer, after, false},
		{"a word more", replace(field+"v1", field+"v1 v1"), signer, after, false},
		{"in the body", func(h string) string { return "Subject: forwarded\r\n\r\n" + h }, signer, after, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			header := signed(t, signer)
			if tc.change != nil {
				header = tc.change(header)
			}
			if got := tc.by.LeftBehind([]byte(header), tc.now); got != tc.want {
				t.Errorf("%v for\n%s", got, header)
			}
		})
	}
}

// Every digit of the signature counts.
func TestSignatureDigits(t *testing.T) {
	header := signed(t, signer)
	at := strings.Index(header, "Z\r\n ") + len("Z\r\n ")
	for i := at; i < at+64; i++ {
		digit := byte('0')
		if header[i] == digit {
			digit = '1'
		}
		if signer.LeftBehind([]byte(header[:i]+string(digit)+header[i+1:]), after) {
			t.Errorf("digit %d may be another", i-at)
		}
	}
	if shorter := header[:at+62] + header[at+64:]; signer.LeftBehind([]byte(shorter), after) {
		t.Error("a part of the signature is enough")
	}
}

// The signature shows neither the key nor, without one, itself; the lines stay
// short.
func TestSignedMessage(t *testing.T) {
	header := signed(t, signer)
	if strings.Contains(header, signer.Key.Reveal()) {
		t.Error("the message holds the key")
	}
	for line := range strings.Lines(header) {
		if len(strings.TrimSuffix(line, "\r\n")) > 78 {
			t.Errorf("%q is longer than 78 columns", line)
		}
	}
	if plain := signed(t, Signer{Account: signer.Account}); strings.Contains(plain, SignatureField) {
		t.Errorf("signed without a key:\n%s", plain)
	}
}

// FuzzLeftBehind lets a header be anything: without the key nothing is taken
// for left behind, whatever it carries.
func FuzzLeftBehind(f *testing.F) {
	f.Add([]byte(TokenField + ": " + token + "\r\n" + SignatureField + ": v1 2026-03-02T12:10:00Z 00\r\n"))
	f.Add([]byte(SignatureField + ": v1 \r\n"))
	forged := Signer{Key: creds.NewSecret("the forger's"), Account: "user@example.com"}
	f.Add([]byte(TokenField + ": " + token + "\r\n" + SignatureField + ": " + forged.field(token, over) + "\r\n"))
	f.Fuzz(func(t *testing.T, header []byte) {
		if signer.LeftBehind(header, after) {
			t.Errorf("taken for left behind: %q", header)
		}
	})
}
