package policy

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/dkim"
)

// signed is the header of a message that was signed with a key, and the key's
// record.
func signed(t testing.TB, selector string) (header []byte, record string) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	message := "From: anna@example.com\r\nSubject: hello\r\n\r\nA body.\r\n"
	err = dkim.Sign(&out, strings.NewReader(message), &dkim.SignOptions{Domain: "example.com", Selector: selector, Signer: private})
	if err != nil {
		t.Fatal(err)
	}
	header, _, _ = bytes.Cut(out.Bytes(), []byte("\r\n\r\n"))
	return append(header, "\r\n\r\n"...), "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public)
}

func TestDKIM(t *testing.T) {
	header, key := signed(t, "s1")
	second, _ := signed(t, "s2")
	const name = "s1._domainkey.example.com"
	for what, tc := range map[string]struct {
		header []byte
		zone   zone
		want   string
	}{
		"sound":          {header, zone{name + " TXT": {key}}, "ok: signed with the key " + name},
		"LF alone":       {bytes.ReplaceAll(header, []byte("\r\n"), []byte("\n")), zone{name + " TXT": {key}}, "ok: signed with the key " + name},
		"none":           {[]byte("From: anna@example.com\r\n\r\n"), zone{}, "ok: the message that arrived has no DKIM signature; one that stays inside a server often has none"},
		"no key":         {header, zone{}, "policy.dkim_key: the key of the signature is of no use: " + name + ": there is no such record"},
		"revoked":        {header, zone{name + " TXT": {"v=DKIM1; p="}}, "policy.dkim_key: the key of the signature is of no use: " + name + ": key revoked"},
		"cut":            {header, zone{name + " TXT": {"v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQ"}}, "policy.dkim_key: the key of the signature is of no use: " + name + ": ~"},
		"two keys":       {header, zone{name + " TXT": {key, key}}, "policy.dkim_key: the key of the signature is of no use: " + name + ": multiple TXT records found for key"},
		"DNS fails":      {header, zone{name + " TXT": {"SERVFAIL"}}, "dns.servfail"},
		"no signature":   {[]byte("DKIM-Signature: nonsense\r\n\r\n"), zone{}, "policy.dkim_key: the key of the signature is of no use: a signature that names no key: malformed signature tags: ~"},
		"one of two":     {append(bytes.TrimSuffix(second, []byte("\r\n")), header...), zone{name + " TXT": {key}}, "warn policy.dkim_key: signed with the key " + name + "; another key is of no use: s2._domainkey.example.com: ~"},
		"of another key": {header, zone{name + " TXT": {strings.Replace(key, "ed25519", "rsa", 1)}}, "policy.dkim_key: the key of the signature is of no use: ~"},
	} {
		t.Run(what, func(t *testing.T) {
			compare(t, outcome(DKIM(t.Context(), tc.zone, tc.header)), tc.want)
		})
	}
}

// FuzzDKIM: whatever a header and a key's record hold, no more signatures are
// looked at than may be, and what is kept may stand in a report.
func FuzzDKIM(f *testing.F) {
	header, key := signed(f, "s1")
	f.Add(header, key)
	f.Add([]byte("dkim-signature : v=1; a=rsa-sha256; d=\x1b; s=a; h=from; b=; bh=\n\tx\n DKIM-Signature: y\n"), "v=DKIM1; p=AA==")
	f.Fuzz(func(t *testing.T, header []byte, key string) {
		for _, s := range signatures(header) {
			if len(s) > 2*len(header) || bytes.Contains(s, []byte("\n\n")) {
				t.Errorf("signature %q", s)
			}
		}
		if n := len(signatures(header)); n > maxSignatures {
			t.Errorf("%d signatures", n)
		}
		got := outcome(DKIM(t.Context(), zone{"* TXT": {key}}, header))
		if len(got) > maxSignatures*3*maxShown {
			t.Errorf("%d bytes are kept", len(got))
		}
		harmless(t, strings.ToValidUTF8(got[:min(len(got), maxShown)], ""))
	})
}
