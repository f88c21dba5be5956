package diagnose

import (
	"fmt"
	"strings"
	"testing"
)

// To the rules a reply means the same in a log or a stack trace as it does alone.
func TestFramesSayNothing(t *testing.T) {
	for _, reply := range []struct{ status, text string }{
		{"550", "not our customer"}, {"554", "rejecting banned content"}, {"451", "please try another server"},
		{"552", "max message size"}, {"550", "quota exceeded"}, {"553", "sender domain resolve fail"},
	} {
		bare := unwrap(reply.status+" "+reply.text, "smtp", "rcpt")
		want, _ := bare.rule()
		for _, frame := range []string{
			"host mx.example.com[192.0.2.1] said: %s %s (in reply to RCPT TO command)",
			"to=<anna@example.org>, relay=mx.example.com[192.0.2.1], delay=1, status=bounced (host mx.example.com[192.0.2.1] said: %s %s (in reply to RCPT TO command))",
			"SMTP error from remote mail server after RCPT TO:<anna@example.org>: host mx.example.com [192.0.2.1]: %s %s",
			"SMTP server error: RCPT TO command failed Detail: %[2]s SMTP code: %[1]s",
			"Error: Message failed: %s %s\n    at SMTPConnection._formatError (/app/smtp-connection/index.js:774:19)",
		} {
			text := fmt.Sprintf(frame, reply.status, reply.text)
			h := unwrap(text, "smtp", "rcpt")
			if got, _ := h.rule(); h.status != reply.status || got.cause != want.cause {
				t.Errorf("%s: %s %s, and %s alone", text, h.status, got.cause, want.cause)
			}
		}
	}
	// qmail writes blanks as underscores.
	words := unwrap("failure: 192.0.2.7_does_not_like_recipient./Remote_host_said:_550_no_such_user/Giving_up_on_192.0.2.7./", "smtp", "rcpt")
	if words.status != "550" || !strings.Contains(words.folds.text, "no such user") {
		t.Errorf("qmail: %q %q", words.status, words.folds.text)
	}
}
