package diagnose

import (
	"crypto/x509"
	"errors"
	"net/mail"
	"time"

	"mailcheck/internal/lazyre"
	"mailcheck/report"
	"mailcheck/wire"
)

// clock is what the certificates of a run say about the clock of this
// computer: each was made in the past, and is renewed before its end.
type clock struct {
	// early and late count the different certificates that begin after, or
	// ended before, the time of this computer; fit those that are valid at it.
	early, late, fit int
	// authority says that not only a server's certificate is not valid at
	// that time, but one of an authority, which nobody forgets to renew.
	authority bool
	// differs is how far the date of the first server that greets with one is
	// ahead of this computer, and told whether one does. Nobody vouches for
	// it, but who forges a greeting gains nothing by this.
	differs time.Duration
	told    bool
}

// clockTolerance is how far clocks may differ without a word: a day is what
// authorities allow for at least, and more than time zones amount to.
const clockTolerance = 24 * time.Hour

// clockOf reads the clock out of the sessions of a run.
func clockOf(r *report.Report) clock {
	var c clock
	seen := map[string]bool{}
	for _, check := range r.Checks {
		if !c.told {
			c.differs, c.told = greetedWith(r, check)
		}
		t := check.TLS
		if t == nil || t.Certificate == nil {
			continue
		}
		if step := check.Step("tls"); step != nil && authorityOutOfDate(step) {
			c.authority = true
		}
		if seen[t.Certificate.SHA256] {
			continue
		}
		seen[t.Certificate.SHA256] = true
		switch {
		case r.Started.Before(t.Certificate.NotBefore):
			c.early++
		case r.Started.After(t.Certificate.NotAfter):
			c.late++
		default:
			c.fit++
		}
	}
	return c
}

// rfc5322Date is a date as Exim, Sendmail and Exchange greet with (RFC 5322
// section 3.3).
var rfc5322Date = lazyre.New(`(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-9]{1,2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} [+-][0-9]{4}`)

// greetedWith is how far the date in a greeting is from the time at which it
// came; a probe has the greeting in its detail.
func greetedWith(r *report.Report, check *report.Check) (differs time.Duration, ok bool) {
	for _, s := range check.Steps {
		var text string
		switch {
		case check.ID == report.ProbeCheck:
			text = s.Detail
		case s.Step == "greeting" && s.Reply != nil:
			text = s.Reply.Text
		}
		if date, err := mail.ParseDate(rfc5322Date.FindString(text)); err == nil {
			came := r.Started.Add(time.Duration(s.StartMS+s.DurationMS) * time.Millisecond)
			return date.Sub(came), true
		}
	}
	return 0, false
}

// wrong tells whether the clock is to blame rather than the servers: a server
// has another date; or none of several certificates fits, and all are off to the
// same side; or one of an authority is. A server's certificate that begins in the
// future is enough by itself: authorities date them back.
func (c clock) wrong() bool {
	if c.told {
		return c.differs.Abs() > clockTolerance
	}
	if c.fit > 0 || c.early > 0 && c.late > 0 {
		return false
	}
	return c.early > 0 || c.late > 1 || c.authority
}

// right tells whether the run has shown that the clock is right: a server has
// the same date, or other certificates are valid by it.
func (c clock) right() bool { return c.told && !c.wrong() || !c.told && c.fit > 0 }

// authorityOutOfDate tells a session that failed because an authority's
// certificate is not valid at the time of this computer.
func authorityOutOfDate(step *report.Step) bool {
	var invalid x509.CertificateInvalidError
	var e *wire.TLSError
	return errors.As(step.Err, &invalid) && invalid.Reason == x509.Expired && invalid.Cert != nil &&
		errors.As(step.Err, &e) && len(e.Chain) > 0 && !e.Chain[0].Equal(invalid.Cert)
}

// dated sets the date of this computer beside that of a certificate which is
// not valid now.
func (s setting) dated(step *report.Step) string {
	said := s.validity(step)
	if said == "" {
		return ""
	}
	return s.Sentences(said, s.Say("The clock of this computer says %s.", time.Now().UTC().Format(time.DateOnly)))
}

// clockWrong weighs the certificates of the whole run, for a step that failed
// over a date.
func (s setting) clockWrong(step *report.Step) string {
	if s.report == nil || step.Cause != report.TLSExpired && step.Cause != report.TLSNotYetValid {
		return ""
	}
	switch c := clockOf(s.report); {
	case c.told && c.wrong():
		return s.Say("A server in this run says that it is %s, so the clock is probably wrong.",
			s.report.Started.Add(c.differs).UTC().Format(time.DateOnly))
	case c.told:
		return s.Say("A server in this run has the same date, so the clock is right.")
	case c.fit > 0 && step.Cause == report.TLSExpired:
		return s.Say("The certificates of other servers are valid by this clock, so it is hardly far off.")
	case c.wrong():
		return s.Say("No certificate of this run is valid by this clock, so it is probably wrong.")
	}
	return ""
}

// clockRight tells a run that has shown that the clock of this computer is
// right.
func clockRight(s setting, _ *report.Check, _ *report.Step) bool {
	return s.report != nil && clockOf(s.report).right()
}
