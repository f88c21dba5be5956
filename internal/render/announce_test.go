package render

import (
	"strings"
	"testing"

	"mailcheck/report"
)

func TestAnnounce(t *testing.T) {
	both := []report.Protocol{report.IMAP, report.POP3}
	tests := []struct {
		name string
		plan Plan
		want string
	}{
		{"the whole job", Plan{Address: "taro@example.com"}, `
Logs in to taro@example.com, sends one test message to itself, finds it and
deletes it. Ctrl-C stops at any time; --send rcpt does it without a message.
`},
		{"a domain that looks like another", Plan{Address: "taro@ex\u0430mple.com", Send: "auth", Scripts: []string{"Cyrillic", "Latin"}, Domain: "xn--exmple-4nf.com"}, `
Logs in to taro@exаmple.com, and sends no message. Ctrl-C stops at any time.
Caution: the domain has letters of several scripts (Cyrillic, Latin), and may
only look like the one that is meant. In DNS it is xn--exmple-4nf.com.
`},
		{"keep", Plan{Address: "taro@example.com", Keep: true}, `
Logs in to taro@example.com, sends one test message to itself, finds it and
leaves it there. Ctrl-C stops at any time; --send rcpt does it without a
message.
`},
		{"to somebody else", Plan{Address: "taro@example.com", To: "anna@example.net", Send: "message"}, `
Logs in to taro@example.com and sends one test message to anna@example.net.
Ctrl-C stops at any time; --send rcpt does it without a message.
`},
		{"nothing to receive by", Plan{Address: "taro@example.com", Without: both}, `
Logs in to taro@example.com and sends one test message to itself, which stays
there. Ctrl-C stops at any time; --send rcpt does it without a message.
`},
		{"rcpt", Plan{Address: "taro@example.com", Send: "rcpt"}, `
Logs in to taro@example.com and asks whether it may send; sends no message.
Ctrl-C stops at any time.
`},
		{"auth", Plan{Address: "taro@example.com", Send: "auth"}, `
Logs in to taro@example.com, and sends no message. Ctrl-C stops at any time.
`},
		{"none", Plan{Address: "taro@example.com", Send: "none"}, `
Logs in to taro@example.com for receiving alone, and sends no message. Ctrl-C
stops at any time.
`},
		{"no SMTP", Plan{Address: "taro@example.com", Without: []report.Protocol{report.SMTP}}, `
Logs in to taro@example.com, and sends no message. Ctrl-C stops at any time.
`},
		{"no login", Plan{Address: "taro@example.com", NoAuth: true}, `
Looks at the mail servers of taro@example.com without a login, and sends no
message. Ctrl-C stops at any time.
`},
		{"the receiving side alone", Plan{Address: "taro@example.com", Without: append(both, report.SMTP)}, `
Looks at how others reach taro@example.com with their mail, without a login, and
sends no message. Ctrl-C stops at any time.
`},
		{"open relay", Plan{Address: "taro@example.com", NoAuth: true, Send: "rcpt"}, `
Looks at the mail servers of taro@example.com without a login, and asks whether
they take mail from anybody; sends none. Ctrl-C stops at any time.
`},
	}
	for _, test := range tests {
		if got := Announce(test.plan); got != strings.TrimPrefix(test.want, "\n") {
			t.Errorf("%s:\n%s", test.name, got)
		}
	}
}
