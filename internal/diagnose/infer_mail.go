package diagnose

import (
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"mailcheck/internal/provider"
	"mailcheck/report"
)

// refusedWithoutLogin: no login was made, and the server refuses whoever has made
// none. Postfix says of it "Recipient address rejected: Access denied" and its like
// (permit_sasl_authenticated, reject), as of a recipient whom a rule keeps closed.
// Port 25 takes mail of strangers; elsewhere nobody but them is refused in these
// words. A login that may not use a sender address was not there at all.
func refusedWithoutLogin(rd *reading, o occurrence) (diagnosis, bool) {
	s, e := o.step, o.check.Endpoint
	if !rd.facts.NoAuth || o.check.Protocol != report.SMTP || s.Reply == nil || e == nil {
		return diagnosis{}, false
	}
	denied := []report.Cause{report.SubmitRecipientDisabled, report.GreetingRejectedIP}
	switch {
	case s.Cause == report.SubmitSenderNotOwned:
		return likely(report.SubmitAuthRequired).or(report.SubmitSpamPolicy, report.Low), true
	case e.Port != 25 && slices.Contains(denied, s.Cause) && strings.Contains(strings.ToLower(s.Reply.Text), "rejected: access denied"):
		return likely(report.SubmitAuthRequired).or(s.Cause, report.Low), true
	}
	return diagnosis{}, false
}

// ownMailboxFull: the recipient whose mailbox is full is the account itself.
func ownMailboxFull(rd *reading, o occurrence) (diagnosis, bool) {
	if o.step.Cause != report.SubmitRecipientQuota || rd.facts.To != "" {
		return diagnosis{}, false
	}
	return certain(report.MailboxQuota), true
}

// otherRecipient: a refusal that concerns the recipient named by --to says
// nothing against the account.
func otherRecipient(rd *reading, o occurrence) (diagnosis, bool) {
	about := []report.Cause{report.SubmitRecipientUnknown, report.SubmitRecipientDisabled, report.SubmitRecipientQuota}
	if rd.facts.To == "" || rd.facts.NoAuth || !slices.Contains(about, o.step.Cause) {
		return diagnosis{}, false
	}
	return same(o.step)
}

// mxForwards: the message did not arrive, and the domain's MX is a service
// that hands mail on and keeps none.
func mxForwards(rd *reading, o occurrence) (diagnosis, bool) {
	if p := rd.mxProvider(); o.step.Cause == report.DeliveryNotArrived && p != nil && p.Kind == provider.Forwarder {
		return same(o.step)
	}
	return diagnosis{}, false
}

// mxElsewhere: the message did not arrive, and the domain's MX is at another
// provider than the mailbox that was looked into. A filter in front of it is
// none.
func mxElsewhere(rd *reading, o occurrence) (diagnosis, bool) {
	p := rd.mxProvider()
	if o.step.Cause != report.DeliveryNotArrived || p == nil || !keepsMailboxes(p) {
		return diagnosis{}, false
	}
	for _, c := range rd.report.Checks {
		if c.Protocol != report.IMAP && c.Protocol != report.POP3 || c.Endpoint == nil {
			continue
		}
		if slices.Contains(provider.ByHost(c.Endpoint.Host), p) || rd.within(c.Endpoint.Host, rd.facts.MX[0]) {
			return diagnosis{}, false
		}
	}
	return same(o.step)
}

// mxProvider is the provider that the domain's MX belongs to, or nil.
func (s setting) mxProvider() *provider.Provider {
	for _, mx := range s.facts.MX {
		if p, ok := provider.ByMX(mx); ok {
			return p
		}
	}
	return nil
}

// within tells whether two hosts are of one registrable domain (Public Suffix
// List).
func (setting) within(a, b string) bool {
	of := func(host string) string {
		if base, err := publicsuffix.EffectiveTLDPlusOne(strings.ToLower(host)); err == nil {
			return base
		}
		return strings.ToLower(host)
	}
	return of(a) == of(b)
}
