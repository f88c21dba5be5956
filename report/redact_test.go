package report

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
)

// TestRedact: what servers say of an account, in whatever form, is masked, and
// what they say of themselves stays.
func TestRedact(t *testing.T) {
	b64 := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	r := &Report{Address: "anna.b@example.com", Checks: []*Check{{ID: "imap", Protocol: IMAP, Addresses: []Address{{IP: "192.0.2.5"}, {IP: "2001:db8::5"}}}}}
	d := NewRedaction(r, []string{"anna.b@example.com", "a4711", "anna.b.example.com"})
	for text, want := range map[string]string{
		"250 anna.b@example.com ok":                       "250 [user]@example.com ok",
		"no mailbox anna.b here":                          "no mailbox [user] here",
		"no mailbox ANNA.B.":                              "no mailbox [user].",
		"a4711,anna.b":                                    "[user],[user]",
		"a4711 a4711 a4711":                               "[user] [user] [user]",
		"xa4711 a47112 anna.b.example.org mail-a4711.net": "xa4711 a47112 anna.b.example.org mail-a4711.net",
		"somebody+tag@example.net":                        "[user]@example.net",
		`"odd one"@example.net`:                           "[user]@example.net",
		"https://example.com/?u=x%40example.com":          "https://example.com/?u=[user]%40example.com",
		"C: " + b64("anna.b"):                             "C: [user]",
		"C: " + b64("x@example.net"):                      "C: [user]",
		"C: AUTH PLAIN [secret]":                          "C: AUTH PLAIN [secret]",
		"C: " + b64("other"):                              "C: " + b64("other"),
		"hello [203.0.113.9], I am 192.0.2.5":             "hello [[address]], I am 192.0.2.5",
		"from [IPv6:2001:db8::9] by 2001:db8::5":          "from [IPv[address]] by 2001:db8::5",
		"read tcp 10.0.0.7:51234->192.0.2.5:993: reset":   "read tcp [address]:51234->192.0.2.5:993: reset",
		"EHLO [127.0.0.1] at 12:03:07":                    "EHLO [127.0.0.1] at 12:03:07",
		"::ffff:192.0.2.5 and version 1.2.3.4.5":          "::ffff:192.0.2.5 and version 1.2.3.4.5",
	} {
		if got := d.said(text); got != want {
			t.Errorf("%q\n%q\nwant\n%q", text, got, want)
		}
	}
	for name, want := range map[string]string{
		"": "", "anna.b@example.com": "[user]@example.com", "anna.b": "[user]", "a4711": "[user]", "anna.b.example.com": "[user].example.com",
	} {
		if got := d.identity(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

// TestRedactReachesEverything: no text of a report is passed over, whatever
// fields are added to it.
func TestRedactReachesEverything(t *testing.T) {
	r := &Report{}
	fill(reflect.ValueOf(r).Elem())
	r.Address = "anna@example.com"
	d := NewRedaction(&Report{Address: r.Address}, nil)
	d.Names(r)
	d.Addresses(r)
	out, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(out), "[user]@example.com"); n < 80 {
		t.Errorf("%d texts were filled in", n)
	}
	for _, leak := range []string{"anna@", "203.0.113.9"} {
		if i := strings.Index(string(out), leak); i >= 0 {
			t.Errorf("%s stays: %.100s", leak, out[max(i-80, 0):])
		}
	}
}

// fill puts an address of each kind into every text that there is.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString("anna@example.com [203.0.113.9]")
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.Interface:
		v.Set(reflect.ValueOf(errors.New("none")))
	case reflect.Struct:
		if _, ok := v.Interface().(time.Time); ok {
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fill(v.Field(i))
			}
		}
	}
}
