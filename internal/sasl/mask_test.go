package sasl

import "testing"

func TestMaskChallenge(t *testing.T) {
	for line, want := range map[string]string{
		"+ cj1meWtv":           "+ [challenge]",
		"334 UGFzc3dvcmQ6":     "334 [challenge]",
		"+ ":                   "+ ",
		"334 ":                 "334 ",
		"+OK Logged in.":       "+OK Logged in.",
		"235 2.7.0 ok":         "235 2.7.0 ok",
		"* OK [ALERT] look up": "* OK [ALERT] look up",
	} {
		if got := MaskChallenge(line); got != want {
			t.Errorf("%q: got %q, want %q", line, got, want)
		}
	}
}
