package creds

import (
	"strings"
	"testing"
)

func TestMixedScripts(t *testing.T) {
	for address, want := range map[string]string{
		"anna@example.com":                        "",
		"anna@ex\u0430mple.com":                   "Cyrillic Latin",
		"anna@xn--exmple-4nf.com":                 "Cyrillic Latin",
		"anna@mail.ex\u03bfmple.com":              "Greek Latin",
		"anna@\u043f\u043e\u0447\u0442\u0430.com": "", // each label is of one script
		"anna@日本ドメイン.example":                     "",
		"anna@メールcenter2.example":                 "",
		"anna@한국漢字.example":                       "",
		"anna@m\u00fcller-2.example":              "",
	} {
		account, err := ParseAddress(address)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(account.MixedScripts(), " "); got != want {
			t.Errorf("%s: %q, want %q", address, got, want)
		}
	}
}
