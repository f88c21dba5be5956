package render

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"mailcheck/report"
)

// labelWidth is the width of the labels under a check; "capability" is the
// longest.
const labelWidth = 12

// details writes everything that is known of a check, a fact a line.
func (p *page) details(c *report.Check) {
	for _, f := range p.facts(c) {
		p.hang(strings.Repeat(" ", textColumn)+pad(cut(f.label, labelWidth), labelWidth)+" ", f.text)
	}
}

// fact is something that is known of a check.
type fact struct{ label, text string }

// facts are everything that is known of a check: its steps, and what they
// showed of the server.
func (p *page) facts(c *report.Check) []fact {
	var all []fact
	for _, s := range c.Steps {
		all = append(all, fact{s.Step, p.stepDetails(s)})
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
	all = append(all, fact{p.Say("addresses"), strings.Join(addresses, ", ")})
	all = append(all, p.tls(c.TLS)...)
	if o := c.Capabilities; o != nil {
		all = append(all,
			fact{p.Say("before TLS"), strings.Join(o.BeforeTLS, ", ")},
			fact{p.Say("after TLS"), strings.Join(o.AfterTLS, ", ")},
			fact{p.Say("after login"), strings.Join(o.AfterAuth, ", ")})
	}
	if a := c.Auth; a != nil {
		all = append(all, fact{p.Say("mechanism"), a.Mechanism + ": " + a.Why})
	}
	if c.RoundTrips > 0 {
		all = append(all, fact{p.Say("round trips"), fmt.Sprint(c.RoundTrips)})
	}
	return slices.DeleteFunc(all, func(f fact) bool { return f.text == "" })
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
		switch s.Because {
		case "":
		case report.ByFlags:
			add(p.Say("not asked for"))
		default:
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

// tls are the facts of a TLS session; none when there was none.
func (p *page) tls(t *report.TLSFacts) []fact {
	if t == nil {
		return nil
	}
	verified := p.Say("verified for %s", t.ServerName)
	if !t.Verified {
		verified = p.Say("NOT verified for %s", t.ServerName)
	}
	all := []fact{{p.Say("session"), strings.TrimPrefix(strings.Join([]string{t.Version, t.Cipher, verified}, ", "), ", , ")}}
	if c := t.Certificate; c != nil {
		all = append(all,
			fact{p.Say("certificate"), p.Say("%s, by %s, %s, %s to %s", c.Subject, c.Issuer, c.Key, day(c.NotBefore), day(c.NotAfter))},
			fact{p.Say("names"), strings.Join(c.Names, ", ")},
			fact{"sha256", c.SHA256})
	}
	for _, l := range t.Chain {
		all = append(all, fact{p.Say("chain"), p.Say("%s, by %s, to %s", l.Subject, l.Issuer, day(l.NotAfter))})
	}
	return all
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }
