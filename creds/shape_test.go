package creds

import "testing"

func TestShape(t *testing.T) {
	for secret, want := range map[string]Shape{
		"":                    {},
		"correct-horse":       {},
		" horse":              {OuterBlanks: true},
		"horse\t":             {OuterBlanks: true},
		"abcd efgh ijkl mnop": {InnerBlanks: true},
		"ａｂｃ":                 {FullWidth: true},
		"a\u3000b":            {InnerBlanks: true, FullWidth: true},
		"pässword":            {NonASCII: true},
		"パスワード":               {NonASCII: true},
	} {
		if got := NewSecret(secret).Shape(); got != want {
			t.Errorf("%q: got %+v, want %+v", secret, got, want)
		}
	}
}
