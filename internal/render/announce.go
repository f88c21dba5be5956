package render

import (
	"slices"

	"mailcheck/report"
)

// Plan is what a run was asked to do, as far as it is announced.
type Plan struct {
	Address string
	Send    string            // the value of --send; empty means "message"
	To      string            // the recipient, where it is not the address itself
	Without []report.Protocol // protocols that are left out
	NoAuth  bool              // no login is made
	Keep    bool              // the test message stays
}

// Announce says in a line or two, each with its line feed, what a run is
// about to do to the account, and how to keep it from that.
func Announce(plan Plan) string {
	const stop = "Ctrl-C stops at any time"
	p := &page{}
	text := Clean(plan.acts()) + ". " + stop
	if plan.sendsMessage() {
		text += "; --send rcpt does it without a message"
	}
	p.para(text + ".")
	return p.b.String()
}

func (p Plan) leavesOut(protocol report.Protocol) bool { return slices.Contains(p.Without, protocol) }

func (p Plan) sendsMessage() bool {
	return (p.Send == "" || p.Send == "message") && !p.NoAuth && !p.leavesOut(report.SMTP)
}

func (p Plan) acts() string {
	login := "Logs in to " + p.Address
	switch {
	case p.NoAuth && p.Send == "rcpt" && !p.leavesOut(report.SMTP):
		return "Looks at the mail servers of " + p.Address +
			" without a login, and asks whether they take mail from anybody; sends none"
	case p.NoAuth:
		return "Looks at the mail servers of " + p.Address + " without a login, and sends no message"
	case p.leavesOut(report.SMTP), p.Send == "auth":
		return login + ", and sends no message"
	case p.Send == "none":
		return login + " for receiving alone, and sends no message"
	case p.Send == "rcpt":
		return login + " and asks whether it may send; sends no message"
	case p.To != "":
		return login + " and sends one test message to " + p.To
	case p.leavesOut(report.IMAP) && p.leavesOut(report.POP3):
		return login + " and sends one test message to itself, which stays there"
	case p.Keep:
		return login + ", sends one test message to itself, finds it and leaves it there"
	}
	return login + ", sends one test message to itself, finds it and deletes it"
}
