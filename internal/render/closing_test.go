package render

import (
	"strings"
	"testing"

	"mailcheck/internal/testmsg"
	"mailcheck/report"
)

func TestRemains(t *testing.T) {
	sent := func(m report.Message) *report.Message { m.ID = "<0a@example.com>"; return &m }
	tests := []struct {
		name    string
		message *report.Message
		want    string
		quiet   bool // the shortest report needs no word of it
	}{
		{"none", nil, "Nothing sent, mailbox unchanged.", true},
		{"removed", sent(report.Message{Folder: "INBOX", Deleted: true}), "The test message is gone; nothing else was touched.", true},
		{"with copies", sent(report.Message{Folder: "INBOX", Deleted: true, Copies: []report.Copy{{Folder: "Sent", Deleted: true}, {Folder: "Junk", Deleted: true}}}),
			"The test message and its copies in Sent and Junk are gone; nothing else was touched.", true},
		{"kept", sent(report.Message{Folder: "INBOX"}), `The test message stays in INBOX (its Subject is "mailcheck test 0a").`, false},
		{"a copy stays", sent(report.Message{Folder: "INBOX", Deleted: true, Copies: []report.Copy{{Folder: "Sent"}}}),
			`The test message is gone; a copy stays in Sent (its Subject is "mailcheck test 0a").`, false},
		{"not seen", sent(report.Message{}), `The test message was sent, and stays where it arrives (its Subject is "mailcheck test 0a").`, false},
		{"not seen, but a copy", sent(report.Message{Copies: []report.Copy{{Folder: "Sent"}}}),
			`The test message was sent, and stays where it arrives; a copy stays in Sent (its Subject is "mailcheck test 0a").`, false},
	}
	for _, test := range tests {
		r := &report.Report{Message: test.message}
		if got := remains(r); got != test.want {
			t.Errorf("%s: %q", test.name, got)
		}
		if !strings.Contains(closing(r), test.want) || strings.Contains(lastLine(r), test.want) == test.quiet {
			t.Errorf("%s: %q and %q", test.name, closing(r), lastLine(r))
		}
	}
}

// What earlier runs left behind is told in every report, however short.
func TestCleared(t *testing.T) {
	for n, want := range map[int]string{
		1: "A test message that an earlier run had left behind is gone too.",
		3: "3 test messages that earlier runs had left behind are gone too.",
	} {
		r := &report.Report{Message: &report.Message{Folder: "INBOX", Deleted: true, Leftovers: n}}
		if !strings.Contains(closing(r), want) || !strings.Contains(lastLine(r), want) {
			t.Errorf("%q and %q", closing(r), lastLine(r))
		}
	}
	if none := lastLine(&report.Report{Message: &report.Message{Folder: "INBOX", Deleted: true}}); strings.Contains(none, "left behind") {
		t.Errorf("%q", none)
	}
}

func TestSubjectIsThatOfTheMessage(t *testing.T) {
	m, err := testmsg.New(testmsg.Options{From: "taro@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	if got := subject(&report.Message{ID: m.ID}); got != m.Subject {
		t.Errorf("%q, want %q", got, m.Subject)
	}
}

func TestTold(t *testing.T) {
	server := func(hosts ...string) []*report.Check {
		var checks []*report.Check
		for _, h := range hosts {
			checks = append(checks, &report.Check{Endpoint: &report.CheckEndpoint{Host: h}})
		}
		return checks
	}
	tests := []struct {
		name      string
		contacted []report.Contact
		checks    []*report.Check
		want      string
	}{
		{"nobody", []report.Contact{contact("a", 993)}, nil, ""},
		{"one host for all", []report.Contact{contact("a", 993, "address", "password"), contact("a", 587, "address", "password", "message")}, server("a", "a"),
			"the password to the server above"},
		{"some of the servers", []report.Contact{contact("a", 993, "address", "token")}, server("a", "b"), "the sign-in to a"},
		{"the most confidential is named", []report.Contact{contact("a", 993, "password"), contact("x", 443, "address", "domain"), contact("y", 53, "domain")}, server("a"),
			"the password to the server above, the address to x, the domain to y"},
		{"many", []report.Contact{contact("a", 1, "domain"), contact("b", 1, "domain"), contact("c", 1, "domain"), contact("d", 1, "domain"), contact("e", 1, "domain"), contact("f", 1, "domain"), contact("g", 1, "domain")}, nil,
			"the domain to a, b, c, d, e and 2 more"},
	}
	for _, test := range tests {
		if got := told(&report.Report{Contacted: test.contacted, Checks: test.checks}); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}
