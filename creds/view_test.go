package creds

import "testing"

// What stands before the words is no part of a secret that is told in pieces.
func TestLeadOf(t *testing.T) {
	for line, want := range map[string]string{
		"535 5.7.8 Error":                "535 5.7.8 ",
		"535-5.7.8 Error":                "535-5.7.8 ",
		"* OK [CAPABILITY IMAP4rev1] h":  "* OK [CAPABILITY IMAP4rev1] ",
		"A1 NO [AUTHENTICATIONFAILED] n": "A1 NO [AUTHENTICATIONFAILED] ",
		"T1 BAD what":                    "T1 BAD ",
		"* PREAUTH hi":                   "* PREAUTH ",
		"* 1 EXISTS":                     "* ",
		"+ idling":                       "+ ",
		"+OK [X] hi":                     "+OK [X] ",
		"-ERR [SYS/TEMP] 4.3.0 no":       "-ERR [SYS/TEMP] 4.3.0 ",
		"4.7.0 wait":                     "4.7.0 ",
		"4.7.1234 wait":                  "",
		"3.7.0 wait":                     "",
		"4.7 wait":                       "",
		"1234 words":                     "",
		"[a]b] words":                    "",
		"A1 OKAY words":                  "",
		"two words":                      "",
		"535":                            "",
		"+OK":                            "",
		"":                               "",
	} {
		if got := line[:leadOf(line)]; got != want {
			t.Errorf("%q begins with %q, want %q", line, got, want)
		}
	}
}
