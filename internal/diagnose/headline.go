package diagnose

import (
	"slices"
	"strings"

	"mailcheck/report"
)

// headline is the verdict in one sentence for people. What stands in capitals
// is what they remember.
func (rd *reading) headline(v report.Verdict) string {
	root, failed := rd.root()
	rd.headlined = root
	receives, sends := v.Receive, v.Send
	if rd.facts.NoAuth { // what was not refused is not thereby proven
		receives, sends = unproven(receives), unproven(sends)
	}
	switch {
	case rd.interrupted():
		return rd.stoppedAt(v)
	case !failed && rd.disappointed():
		return rd.unexpected(rd.surprise())
	case !failed && len(rd.report.Expectations) > 0:
		return rd.asExpected()
	case !failed:
		return rd.allWell(v)
	case report.CheckKind(root.check.ID) == "creds", root.step.Cause == report.AuthLimitReached && receives == sends && sends == report.NotChecked:
		return rd.Say("NO LOGIN WAS MADE: %s.", rd.title(root))
	case rd.receivingAlone():
		return rd.Say("NOT ALL IS WELL: %s.", rd.title(root))
	case (report.CheckKind(root.check.ID) == "settings" || report.CheckKind(root.check.ID) == "dns") && receives == sends && !can(receives) && !rd.answered():
		return rd.Say("NEITHER RECEIVING NOR SENDING COULD BE CHECKED: %s.", rd.title(root))
	case receives == report.Fail && sends == report.Fail:
		return rd.Say("NEITHER RECEIVING NOR SENDING WORKS: %s.", rd.title(rd.first(root, "imap", "pop3", "smtp")))
	case receives == report.Fail && can(sends):
		return rd.Say("YOU CAN SEND BUT NOT RECEIVE: %s.", rd.title(rd.first(root, "imap", "pop3")))
	case receives == report.Fail:
		return rd.Say("YOU CANNOT RECEIVE: %s; sending was not checked.", rd.title(rd.first(root, "imap", "pop3")))
	case sends == report.Fail && can(receives):
		first := rd.first(root, "smtp")
		if first.step.Rule == "own-mailbox-full" { // mail to others may go out
			return rd.Say("NO MORE MAIL CAN REACH YOU: %s; sending to others was not tested.", rd.title(first))
		}
		return rd.Say("YOU CAN RECEIVE BUT NOT SEND: %s.", rd.title(first))
	case sends == report.Fail:
		return rd.Say("YOU CANNOT SEND: %s; receiving was not checked.", rd.title(rd.first(root, "smtp")))
	case can(receives) && can(sends) && v.Delivery == report.Fail:
		first := rd.first(root, "dns", "delivery")
		if first.step.Step == "arrive" && family(first.step.Cause) != "delivery" { // nobody could look
			return rd.Say("YOU CAN LOG IN AND SEND, BUT WHETHER MAIL ARRIVES WAS NOT SEEN: %s.", rd.title(first))
		}
		return rd.Say("YOU CAN LOG IN AND SEND, BUT MAIL DOES NOT ARRIVE: %s.", rd.title(first))
	case can(receives) && can(sends) && root.step.Cause == report.DNSNullMX:
		return rd.Say("YOU CAN LOG IN AND SEND, BUT NO MAIL FROM OTHERS CAN REACH YOU: %s.", rd.title(root))
	case can(receives) && can(sends):
		return rd.Say("YOU CAN RECEIVE AND SEND, BUT NOT ALL IS WELL: %s.", rd.title(root))
	case can(receives):
		return rd.Say("YOU CAN RECEIVE, BUT NOT ALL IS WELL: %s.", rd.title(root))
	case can(sends):
		return rd.Say("YOU CAN SEND, BUT NOT ALL IS WELL: %s.", rd.title(root))
	}
	return rd.Say("NOT ALL IS WELL: %s.", rd.title(root))
}

// answered tells whether a server was connected to, so that it was checked what it
// does, whatever the DNS or the settings have not said.
func (rd *reading) answered() bool {
	return slices.ContainsFunc(rd.report.Checks, func(c *report.Check) bool {
		return c.Protocol != "" && slices.ContainsFunc(c.Steps, func(s *report.Step) bool {
			return strings.HasSuffix(s.ID, ".connect") && (s.Result == report.OK || s.Result == report.Warn)
		})
	})
}

// receivingAlone tells a run that looked at the receiving side of the domain and
// left every protocol of the account out.
func (rd *reading) receivingAlone() bool {
	return len(rd.facts.Without) == 3 && rd.report.Check(report.MXCheck) != nil
}

// exchangerAnswered tells whether a mail server of the domain let itself be
// spoken to.
func (rd *reading) exchangerAnswered() bool {
	c := rd.report.Check(report.MXCheck)
	return slices.ContainsFunc(c.Steps, func(s *report.Step) bool {
		return s.Step == "ehlo" && (s.Result == report.OK || s.Result == report.Warn)
	})
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
	of := func(o occurrence) bool { return slices.Contains(kinds, report.CheckKind(o.check.ID)) }
	if i := slices.IndexFunc(rd.failures, of); i >= 0 && !of(root) {
		rd.headlined = rd.failures[i]
	}
	return rd.headlined
}

// allWell is the headline of a run without a failure.
func (rd *reading) allWell(v report.Verdict) string {
	what, warning := rd.whatWorks(v), rd.warning()
	switch n := len(rd.warnings); {
	case n == 0:
		return rd.Say("ALL IS WELL: %s.", what)
	case n == 1 && warning == "":
		return rd.Say("ALL WORKS, WITH A WARNING: %s.", what)
	case n == 1:
		return rd.Say("ALL WORKS, WITH A WARNING: %s; but %s.", what, warning)
	case warning == "":
		return rd.Say("ALL WORKS, WITH %d WARNINGS: %s.", n, what)
	default:
		return rd.Say("ALL WORKS, WITH %d WARNINGS: %s; the first is that %s.", n, what, warning)
	}
}

// warning is the first warning in words; empty where the sentence about what
// works says it already, or where it has no cause.
func (rd *reading) warning() string {
	if len(rd.warnings) == 0 {
		return ""
	}
	first := rd.warnings[0]
	if first.step.Cause == "" || first.step.Cause == report.DeliveryJunk {
		return ""
	}
	return rd.title(first)
}

// whatWorks says what a run without a failure has shown.
func (rd *reading) whatWorks(v report.Verdict) string {
	receives, sends := can(v.Receive), can(v.Send)
	domain := domainOf(rd.report.Address)
	switch {
	case rd.receivingAlone() && rd.exchangerAnswered():
		return rd.Say("mail from others can reach %s; nothing else was checked", domain)
	case rd.receivingAlone():
		return rd.Say("the DNS of %s is well; no mail server of it could be reached from here, and nothing else was checked", domain)
	case rd.facts.NoAuth && rd.facts.Send == SendRcpt && sends:
		return rd.Say("the servers answer, and without a login SMTP takes mail for %s", rd.recipient())
	case rd.facts.NoAuth:
		return rd.Say("the servers answer; no login was tried")
	case !receives && !sends:
		return rd.Say("the servers answer, as far as they were asked")
	case !sends && rd.facts.Send == SendNone:
		return rd.Say("you can receive; for sending, the server was asked without a login only")
	case !sends:
		return rd.Say("you can receive; sending was not checked")
	case rd.facts.Send == SendAuth && receives:
		return rd.Say("you can receive, and the login for sending works; no message was sent")
	case rd.facts.Send == SendAuth:
		return rd.Say("the login for sending works; no message was sent; receiving was not checked")
	case rd.facts.Send == SendRcpt && receives:
		return rd.Say("you can receive, and the server takes your mail for %s; no message was sent", rd.recipient())
	case rd.facts.Send == SendRcpt:
		return rd.Say("the server takes your mail for %s; no message was sent; receiving was not checked", rd.recipient())
	case receives:
		return rd.arrival(v, rd.Say("you can receive and send"))
	}
	return rd.Say("%s; receiving was not checked", rd.arrival(v, rd.Say("you can send")))
}

func (rd *reading) recipient() string {
	if rd.facts.To != "" {
		return rd.facts.To
	}
	return rd.report.Address
}

// arrival completes the sentence of a run that sent a message.
func (rd *reading) arrival(v report.Verdict, sentence string) string {
	m := rd.report.Message
	switch {
	case rd.facts.To != "":
		return rd.Say("%s; whether the message reached %s was not awaited", sentence, rd.facts.To)
	case !can(v.Delivery):
		return rd.Say("%s; whether the message arrived was not awaited", sentence)
	case m == nil || m.ArrivedMS == 0:
		return rd.Say("%s, and mail arrives", sentence)
	}
	if took := m.ArrivedMS - m.SentMS; took >= 50 { // not 0.0
		sentence = rd.Say("%s, and mail arrives in %.1f seconds", sentence, float64(took)/1000)
	} else {
		sentence = rd.Say("%s, and mail arrives at once", sentence)
	}
	if m.Junk {
		sentence = rd.Say("%s, but in the junk folder", sentence)
	}
	return sentence
}

// stoppedAt is the headline of a run that was stopped. It speaks of what was asked
// for.
func (rd *reading) stoppedAt(v report.Verdict) string {
	asked := func(p report.Protocol) bool { return !slices.Contains(rd.facts.Without, p) }
	switch receive, send := asked(report.IMAP) || asked(report.POP3), asked(report.SMTP); {
	case receive && send:
		return rd.Say("INTERRUPTED: %s; %s.", rd.receiving(v.Receive), rd.sending(v.Send))
	case receive:
		return rd.Say("INTERRUPTED: %s.", rd.receiving(v.Receive))
	case send:
		return rd.Say("INTERRUPTED: %s.", rd.sending(v.Send))
	}
	return rd.Say("INTERRUPTED: %s.", rd.Say("the domain was not checked to its end"))
}

// receiving says what a run that was stopped had shown of receiving until
// then.
func (rd *reading) receiving(r report.Result) string {
	switch {
	case can(r):
		return rd.Say("you can receive")
	case r == report.Fail:
		return rd.Say("you cannot receive")
	}
	return rd.Say("receiving was not checked to its end")
}

// sending is receiving for the other half.
func (rd *reading) sending(r report.Result) string {
	switch {
	case can(r):
		return rd.Say("you can send")
	case r == report.Fail:
		return rd.Say("you cannot send")
	}
	return rd.Say("sending was not checked to its end")
}
