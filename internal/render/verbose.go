package render

import (
	"fmt"
	"strings"
	"time"

	"mailcheck/report"
)

// labelWidth is the width of the labels under a check; "capability" is the
// longest.
const labelWidth = 12

// details writes everything that is known of a check, a fact a line.
func (p *page) details(c *report.Check) {
	for _, s := range c.Steps {
		p.fact(s.Step, p.stepDetails(s))
	}
	var addresses []string
	for _, a := range c.Addresses {
		text := a.IP
		if a.ConnectMS != nil {
			text += fmt.Sprintf(" %d ms", *a.ConnectMS)
		}
		if a.Cause != "" {
			text += " " + string(a.Cause)
		}
		addresses = append(addresses, text)
	}
	p.fact(p.Say("addresses"), strings.Join(addresses, ", "))
	p.tls(c.TLS)
	if o := c.Capabilities; o != nil {
		p.fact(p.Say("before TLS"), strings.Join(o.BeforeTLS, ", "))
		p.fact(p.Say("after TLS"), strings.Join(o.AfterTLS, ", "))
		p.fact(p.Say("after login"), strings.Join(o.AfterAuth, ", "))
	}
	if a := c.Auth; a != nil {
		p.fact(p.Say("mechanism"), a.Mechanism+": "+a.Why)
	}
	if c.RoundTrips > 0 {
		p.fact(p.Say("round trips"), fmt.Sprint(c.RoundTrips))
	}
}

func (p *page) stepDetails(s *report.Step) string {
	var parts []string
	add := func(text string) {
		if text != "" {
			parts = append(parts, text)
		}
	}
	switch s.Result {
	case report.Skip:
		add("skip")
		if s.Because != "" {
			add(p.Say("because of %s", s.Because))
		}
	case report.OK:
		add(fmt.Sprintf("%d ms", s.DurationMS))
	default:
		add(fmt.Sprintf("%d ms %s", s.DurationMS, resultWords[s.Result]))
	}
	add(s.Subject)
	add(string(s.Cause))
	add(s.Detail)
	if s.Reply != nil {
		add(replyWords(s.Reply))
	}
	return strings.Join(parts, ", ")
}

func (p *page) tls(t *report.TLSFacts) {
	if t == nil {
		return
	}
	verified := p.Say("verified for %s", t.ServerName)
	if !t.Verified {
		verified = p.Say("NOT verified for %s", t.ServerName)
	}
	p.fact(p.Say("session"), strings.TrimPrefix(strings.Join([]string{t.Version, t.Cipher, verified}, ", "), ", , "))
	if c := t.Certificate; c != nil {
		p.fact(p.Say("certificate"), p.Say("%s, by %s, %s, %s to %s", c.Subject, c.Issuer, c.Key, day(c.NotBefore), day(c.NotAfter)))
		p.fact(p.Say("names"), strings.Join(c.Names, ", "))
		p.fact("sha256", c.SHA256)
	}
	for _, l := range t.Chain {
		p.fact(p.Say("chain"), p.Say("%s, by %s, to %s", l.Subject, l.Issuer, day(l.NotAfter)))
	}
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// fact writes one fact under a check; nothing when there is nothing to say.
func (p *page) fact(label, text string) {
	if text != "" {
		p.hang(strings.Repeat(" ", textColumn)+pad(cut(label, labelWidth), labelWidth)+" ", text)
	}
}
