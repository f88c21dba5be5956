package diagnose

import (
	"fmt"
	"slices"
	"strings"

	"mailcheck/report"
)

// headline is the verdict in one sentence for people. What stands in capitals
// is what they remember.
func (rd *reading) headline(v report.Verdict) string {
	root, failed := rd.root()
	receives, sends := v.Receive, v.Send
	if rd.facts.NoAuth { // what was not refused is not thereby proven
		receives, sends = unproven(receives), unproven(sends)
	}
	switch {
	case rd.interrupted():
		return "INTERRUPTED: " + rd.learned(v) + "."
	case !failed:
		return rd.allWell(v)
	case kind(root.check.ID) == "creds":
		return "NO LOGIN WAS MADE: " + rd.title(root) + "."
	case receives == report.Fail && sends == report.Fail && kind(root.check.ID) == "settings":
		return "NEITHER RECEIVING NOR SENDING COULD BE CHECKED: " + rd.title(root) + "."
	case receives == report.Fail && sends == report.Fail:
		return "NEITHER RECEIVING NOR SENDING WORKS: " + rd.title(root) + "."
	case receives == report.Fail && can(sends):
		return "YOU CAN SEND BUT NOT RECEIVE: " + rd.title(rd.first(root, "imap", "pop3")) + "."
	case receives == report.Fail:
		return "YOU CANNOT RECEIVE: " + rd.title(rd.first(root, "imap", "pop3")) + "; sending was not checked."
	case sends == report.Fail && can(receives):
		return "YOU CAN RECEIVE BUT NOT SEND: " + rd.title(rd.first(root, "smtp")) + "."
	case sends == report.Fail:
		return "YOU CANNOT SEND: " + rd.title(rd.first(root, "smtp")) + "; receiving was not checked."
	case can(receives) && can(sends) && v.Delivery == report.Fail:
		return "YOU CAN LOG IN AND SEND, BUT MAIL DOES NOT ARRIVE: " + rd.title(rd.first(root, "dns", "delivery")) + "."
	case can(receives) && can(sends):
		return "YOU CAN RECEIVE AND SEND, BUT NOT ALL IS WELL: " + rd.title(root) + "."
	case can(receives):
		return "YOU CAN RECEIVE, BUT NOT ALL IS WELL: " + rd.title(root) + "."
	case can(sends):
		return "YOU CAN SEND, BUT NOT ALL IS WELL: " + rd.title(root) + "."
	}
	return "NOT ALL IS WELL: " + rd.title(root) + "."
}

func can(r report.Result) bool { return r == report.OK || r == report.Warn }

func unproven(r report.Result) report.Result {
	if can(r) {
		return report.NotChecked
	}
	return r
}

func (rd *reading) title(o occurrence) string { return rd.word(o.check, o.step).Title }

// first is the first failure of checks of these kinds; the root when it is
// one of them, or when there is none.
func (rd *reading) first(root occurrence, kinds ...string) occurrence {
	of := func(o occurrence) bool { return slices.Contains(kinds, kind(o.check.ID)) }
	if i := slices.IndexFunc(rd.failures, of); i >= 0 && !of(root) {
		return rd.failures[i]
	}
	return root
}

// allWell is the headline of a run without a failure.
func (rd *reading) allWell(v report.Verdict) string {
	start := "ALL IS WELL: "
	switch n := len(rd.warnings); {
	case n == 1:
		start = "ALL WORKS, WITH A WARNING: "
	case n > 1:
		start = fmt.Sprintf("ALL WORKS, WITH %d WARNINGS: ", n)
	}
	if rd.facts.NoAuth {
		if rd.facts.Send == SendRcpt && can(v.Send) {
			return start + "the servers answer, and without a login SMTP takes mail for " + rd.recipient() + "."
		}
		return start + "the servers answer; no login was tried."
	}
	receives := can(v.Receive)
	switch {
	case !receives && !can(v.Send):
		return start + "the servers answer, as far as they were asked."
	case receives && !can(v.Send) && rd.facts.Send == SendNone:
		return start + "you can receive; for sending, the server was asked without a login only."
	case receives && !can(v.Send):
		return start + "you can receive; sending was not checked."
	}
	who, end := "you can receive, and ", "."
	if !receives {
		who, end = "", "; receiving was not checked."
	}
	switch rd.facts.Send {
	case SendAuth:
		return start + who + "the login for sending works; no message was sent" + end
	case SendRcpt:
		return start + who + "the server takes your mail for " + rd.recipient() + "; no message was sent" + end
	}
	who = "you can receive and send"
	if !receives {
		who = "you can send"
	}
	return start + who + rd.arrival(v) + end
}

func (rd *reading) recipient() string {
	if rd.facts.To != "" {
		return rd.facts.To
	}
	return rd.report.Address
}

// arrival ends the sentence of a run that sent a message.
func (rd *reading) arrival(v report.Verdict) string {
	m := rd.report.Message
	switch {
	case rd.facts.To != "":
		return "; whether the message reached " + rd.facts.To + " was not awaited"
	case !can(v.Delivery):
		return "; whether the message arrived was not awaited"
	case m == nil || m.ArrivedMS == 0:
		return ", and mail arrives"
	}
	s := ", and mail arrives at once"
	if took := m.ArrivedMS - m.SentMS; took >= 50 { // not 0.0
		s = fmt.Sprintf(", and mail arrives in %.1f seconds", float64(took)/1000)
	}
	if m.Junk {
		s += ", but in the junk folder"
	}
	return s
}

// learned says what a run that was stopped had shown until then.
func (rd *reading) learned(v report.Verdict) string {
	half := func(r report.Result, verb, noun string) string {
		switch {
		case can(r):
			return "you can " + verb
		case r == report.Fail:
			return "you cannot " + verb
		}
		return noun + " was not checked to its end"
	}
	return strings.Join([]string{half(v.Receive, "receive", "receiving"), half(v.Send, "send", "sending")}, "; ")
}
