package creds

import (
	"errors"
	"net/mail"
	"strings"
	"testing"
)

func TestParseAddress(t *testing.T) {
	long := strings.Repeat("a", 64)
	for _, tt := range []struct{ in, mailbox, unicode string }{
		{"user@example.com", "user@example.com", "example.com"},
		{"First.Last+tag@EXAMPLE.Com", "First.Last+tag@example.com", "example.com"},
		{"root@localhost", "root@localhost", "localhost"},
		{"!#$%&'*+-/=?^_`{|}~@example.com", "!#$%&'*+-/=?^_`{|}~@example.com", "example.com"},
		{`"a..b"@docomo.ne.jp`, `"a..b"@docomo.ne.jp`, "docomo.ne.jp"},
		{`"a@b\"c"@example.com`, `"a@b\"c"@example.com`, "example.com"},
		{"taro@例え.jp", "taro@xn--r8jz45g.jp", "例え.jp"},
		{"taro@例え。ＪＰ", "taro@xn--r8jz45g.jp", "例え.jp"},
		{"taro@XN--R8JZ45G.jp", "taro@xn--r8jz45g.jp", "例え.jp"},
		{"hans@straße.de", "hans@xn--strae-oqa.de", "straße.de"},
		{"x@r3---sn.example", "x@r3---sn.example", "r3---sn.example"},
		{"x@1and1.example", "x@1and1.example", "1and1.example"},
		{long + "@example.com", long + "@example.com", "example.com"},
	} {
		a, err := ParseAddress(tt.in)
		if err != nil {
			t.Errorf("%q: %v", tt.in, err)
			continue
		}
		if a.Mailbox() != tt.mailbox || a.Unicode != tt.unicode || a.Address != tt.in {
			t.Errorf("%q: %+v", tt.in, a)
		}
	}
}

func TestParseAddressRefuses(t *testing.T) {
	label := strings.Repeat("a", 63)
	for _, tt := range []struct{ in, reason string }{
		{"", "empty"},
		{"user", "no @"},
		{"user＠example.com", "full-width"},
		{"@example.com", "nothing stands before"},
		{"user@", "nothing stands behind"},
		{"user@example.com\r\nDATA", "line break"},
		{"user\n@example.com", "line break"},
		{"user\x00@example.com", "NUL"},
		{"user\x1b[31m@example.com", "control character"},
		{"user\u0085@example.com", "space"},
		{" user@example.com", "space"},
		{"a b@example.com", "space"},
		{`"a b"@example.com`, "space"},
		{"a\u3000b@example.com", "space"},
		{"<user@example.com>", "angle bracket"},
		{"user@example.com> SIZE=1", "angle bracket"},
		{`"a>b"@example.com`, "angle bracket"},
		{"Anna <anna@example.com>", "without a name"},
		{"a..b@docomo.ne.jp", `quote that part, as in "a..b"@`},
		{".a@example.com", "quote that part"},
		{"a.@example.com", "quote that part"},
		{"a@b@example.com", `"@" cannot stand`},
		{"a,b@example.com", `"," cannot stand`},
		{`a"b@example.com`, "cannot stand"},
		{`"ab@example.com`, "not closed"},
		{`"ab\"@example.com`, "not closed"},
		{`"ab"c@example.com`, "behind the closing quotes"},
		{`""@example.com`, "but quotes"},
		{`"@example.com`, "not closed"},
		{"jürgen@example.com", "SMTPUTF8"},
		{"ａｎｎａ@example.com", "full-width"},
		{strings.Repeat("a", 65) + "@example.com", "longer than 64 bytes"},
		{"user@[127.0.0.1]", "IP address"},
		{"user@[IPv6:::1]", "IP address"},
		{"user@127.0.0.1", "IP address"},
		{"user@１２７.0.0.1", "IP address"},
		{"user@example.com.", "not a domain name"},
		{"user@.example.com", "not a domain name"},
		{"user@a..b", "not a domain name"},
		{"user@-a.example", "not a domain name"},
		{"user@a-.example", "not a domain name"},
		{"user@a_b.example", "not a domain name"},
		{"user@a/b.example", "not a domain name"},
		{"user@xn--a.example", "not a domain name"},
		{"user@" + label + "a.example", "not a domain name"},
		{strings.Repeat("a", 64) + "@" + label + "." + label + "." + label, "longer than 254"},
		{"user@\xff.example", "not UTF-8"},
	} {
		_, err := ParseAddress(tt.in)
		var ae *AddressError
		switch {
		case !errors.As(err, &ae):
			t.Errorf("%q: error %v", tt.in, err)
		case !strings.Contains(ae.Reason, tt.reason):
			t.Errorf("%q: reason %q, want %q", tt.in, ae.Reason, tt.reason)
		case strings.ContainsAny(err.Error(), "\r\n\x00\x1b"):
			t.Errorf("%q: the error holds it raw: %q", tt.in, err.Error())
		}
	}
}

// An accepted address can end no command, path or header, is read the same
// again, and is an address to net/mail too.
func FuzzParseAddress(f *testing.F) {
	for _, s := range []string{"user@example.com", `"a..b"@docomo.ne.jp`, "taro@例え.jp", "a@b@c", "x@[::1]", "a\r\n@b", `"\"@"@x`, "x@a.-b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := ParseAddress(s)
		if err != nil {
			return
		}
		m := a.Mailbox()
		if len(m) > maxMailbox {
			t.Fatalf("%q: %d octets", s, len(m))
		}
		for i := range len(m) {
			if m[i] <= ' ' || m[i] >= 0x7f || m[i] == '<' || m[i] == '>' {
				t.Fatalf("%q gives %q", s, m)
			}
		}
		again, err := ParseAddress(m)
		if err != nil || again.Mailbox() != m {
			t.Fatalf("%q gives %q, read again: %q, %v", s, m, again.Mailbox(), err)
		}
		if _, err := mail.ParseAddress("<" + m + ">"); err != nil {
			t.Fatalf("%q gives %q: %v", s, m, err)
		}
	})
}
