package diagnose

import (
	"strings"
	"testing"
)

func TestNotions(t *testing.T) {
	for _, tt := range []struct {
		phrase, text, found string
	}{
		{"{mailbox} & {full}", "this mailbox is full", "mailbox ... full"},
		{"{mailbox} & {full}", "out of space: your inbox", "out of space ... inbox"},
		{"{mailbox} * {full}", "out of space: your inbox", ""},
		{"{mailbox} & {full}", "mailbox" + strings.Repeat(" x", 100) + " full", ""},
		{"{host} & {refuse}", "ip not allowed", "ip ... not allow"},
		{"{host} & {refuse}", "ips rejected", "ip ... reject"},
		{"{host} & {refuse}", "ipso facto rejected", ""}, // short words do not go on
		{"we ~ {refuse}", "we refuse", "we ... refus"},
		{"({host}|sender) * {refuse}", "sender rejected", "sender ... reject"},
		{"({host}|sender) * {refuse}", "the sender of this ip was rejected", "sender ... reject"}, // more than "ip"
		{"({host}|{mailbox}) ~ (gone|{full})", "mailbox full", "mailbox ... full"},
		{"(your|the) ~ {mailbox} ~ (is full|{refuse})", "the mailbox is full and rejected", "the ... mailbox ... is full"},
		{"{refuse} * now", "rejected" + strings.Repeat("-", farGap+1) + "denied now", "denied ... now"},
	} {
		words, err := wordingOf([]string{tt.phrase})
		if err != nil {
			t.Fatal(err)
		}
		if _, got := words.longest(folded(tt.text, "")); got != tt.found {
			t.Errorf("%q in %q: %q, want %q", tt.phrase, tt.text, got, tt.found)
		}
	}
}

// The second opinion: a known sentence is not certain where notions speak for
// something else and nothing else for it.
func TestSecondOpinion(t *testing.T) {
	for _, tt := range []struct {
		text, step string
		seconded   bool
	}{
		{"550 5.1.1 No such user here", "rcpt", true},
		{"554 Error: the account is not available in Bridge. Verify the outgoing server settings", "data", false},
	} {
		h := unwrap(tt.text, "smtp", tt.step)
		j := h.judge()
		if got := j.confidence == "high"; got != tt.seconded {
			t.Errorf("%q: %s, by %s", tt.text, j.confidence, ruleName(j))
		}
	}
}
