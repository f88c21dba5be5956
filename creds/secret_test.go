package creds

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

const canary = "correct-horse-9"

// holder has the secret where fmt may not call its methods.
type holder struct {
	secret Secret
	list   []Secret
	byName map[string]Secret
	Public Secret
}

func TestSecretIsNeverPrinted(t *testing.T) {
	s := NewSecret(canary)
	h := holder{s, []Secret{s}, map[string]Secret{"a": s}, s}
	var out strings.Builder
	for _, v := range []any{s, &s, h, &h, []any{s}, struct{ e error }{fmt.Errorf("bad: %v", s)}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%p", "%t", "%10v"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
	}
	for _, v := range []any{s, h, &h} {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(b)
	}
	b, err := xml.Marshal(struct {
		XMLName xml.Name
		S       Secret
		A       Secret `xml:",attr"`
	}{XMLName: xml.Name{Local: "x"}, S: s, A: s})
	if err != nil {
		t.Fatal(err)
	}
	out.Write(b)
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "secret", s, "holder", h)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "secret", s, "holder", h)
	out.Write(log.Bytes())

	text := out.String()
	if !strings.Contains(text, mask) {
		t.Errorf("no mask at all in:\n%s", text)
	}
	for _, leak := range []string{canary, fmt.Sprintf("%x", canary), fmt.Sprintf("%X", canary), fmt.Sprint([]byte(canary))} {
		if strings.Contains(text, leak) {
			t.Errorf("%q shows in:\n%s", leak, text)
		}
	}
}

func TestSecretReveal(t *testing.T) {
	if s := NewSecret(canary); s.Reveal() != canary || s.IsZero() {
		t.Errorf("NewSecret: Reveal %q, IsZero %v", s.Reveal(), s.IsZero())
	}
	for _, s := range []Secret{{}, NewSecret("")} {
		if s.Reveal() != "" || !s.IsZero() {
			t.Errorf("no secret: Reveal %q, IsZero %v", s.Reveal(), s.IsZero())
		}
	}
}
