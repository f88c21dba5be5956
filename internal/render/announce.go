package render

import (
	"slices"
	"strings"

	"mailcheck/internal/lang"
	"mailcheck/report"
)

// Plan is what a run was asked to do, as far as it is announced.
type Plan struct {
	Lang    lang.Tag
	Address string
	Send    string            // the value of --send; empty means "message"
	To      string            // the recipient, where it is not the address itself
	Without []report.Protocol // protocols that are left out
	NoAuth  bool              // no login is made
	Keep    bool              // the test message stays
	Scripts []string          // those that the domain mixes as no language does
	Domain  string            // the domain in A-labels, with Scripts
}

// Announce says in a line or two, each with its line feed, what a run is
// about to do to the account, and how to keep it from that.
func Announce(plan Plan) string {
	p := &page{Tag: plan.Lang}
	stop := p.Say("Ctrl-C stops at any time.")
	if plan.sendsMessage() {
		stop = p.Say("Ctrl-C stops at any time; --send rcpt does it without a message.")
	}
	plan.Address, plan.To = Clean(plan.Address), Clean(plan.To)
	p.para(p.Sentences(plan.acts(), stop))
	if plan.Scripts != nil {
		p.para(p.Say("Caution: the domain has letters of several scripts (%s), and may only look like the one that is meant. In DNS it is %s.",
			strings.Join(plan.Scripts, ", "), Clean(plan.Domain)))
	}
	return p.b.String()
}

// Lines are sentences one after another, in lines as wide as those of a report.
func Lines(tag lang.Tag, sentences ...string) string {
	p := &page{Tag: tag}
	p.para(p.Sentences(sentences...))
	return p.b.String()
}

func (p Plan) leavesOut(protocol report.Protocol) bool { return slices.Contains(p.Without, protocol) }

func (p Plan) sendsMessage() bool {
	return (p.Send == "" || p.Send == "message") && !p.NoAuth && !p.leavesOut(report.SMTP)
}

func (p Plan) acts() string {
	t := p.Lang
	switch {
	case p.leavesOut(report.IMAP) && p.leavesOut(report.POP3) && p.leavesOut(report.SMTP):
		return t.Say("Looks at how others reach %s with their mail, without a login, and sends no message.", p.Address)
	case p.NoAuth && p.Send == "rcpt" && !p.leavesOut(report.SMTP):
		return t.Say("Looks at the mail servers of %s without a login, and asks whether they take mail from anybody; sends none.", p.Address)
	case p.NoAuth:
		return t.Say("Looks at the mail servers of %s without a login, and sends no message.", p.Address)
	case p.leavesOut(report.SMTP), p.Send == "auth":
		return t.Say("Logs in to %s, and sends no message.", p.Address)
	case p.Send == "none":
		return t.Say("Logs in to %s for receiving alone, and sends no message.", p.Address)
	case p.Send == "rcpt":
		return t.Say("Logs in to %s and asks whether it may send; sends no message.", p.Address)
	case p.To != "":
		return t.Say("Logs in to %s and sends one test message to %s.", p.Address, p.To)
	case p.leavesOut(report.IMAP) && p.leavesOut(report.POP3):
		return t.Say("Logs in to %s and sends one test message to itself, which stays there.", p.Address)
	case p.Keep:
		return t.Say("Logs in to %s, sends one test message to itself, finds it and leaves it there.", p.Address)
	}
	return t.Say("Logs in to %s, sends one test message to itself, finds it and deletes it.", p.Address)
}
