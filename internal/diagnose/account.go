package diagnose

import (
	"strings"

	"mailcheck/internal/provider"
	"mailcheck/report"
)

// place is how the provider of the account is known.
func (s setting) place() provider.Place {
	at := provider.Place{Domain: domainOf(s.report.Address)}
	if _, ok := provider.ByDomain(at.Domain); !ok {
		for _, mx := range s.facts.MX {
			if p, ok := provider.ByMX(mx); ok && keepsMailboxes(p) {
				at.MX = mx
				break
			}
		}
	}
	return at
}

// mailboxProvider is who keeps the mailbox of the address, whatever server a flag names:
// the provider of its domain, else that of its MX; nil where neither is in the
// table.
func (s setting) mailboxProvider() *provider.Provider {
	at := s.place()
	if p, ok := provider.ByDomain(at.Domain); ok {
		return p
	}
	if p, ok := provider.ByMX(at.MX); ok && at.MX != "" {
		return p
	}
	return nil
}

// keepsMailboxes tells a provider that one can log in to from one that only
// hands mail on.
func keepsMailboxes(p *provider.Provider) bool {
	return p.Kind == provider.Mailbox || p.Kind == provider.Hosting
}

// documented is the user name that the provider's servers of a protocol want;
// empty where that does not follow from the address.
func (s setting) documented(p *provider.Provider, protocol report.Protocol) string {
	form, _, _ := p.Login(protocol, s.place())
	local, domain, _ := strings.Cut(s.report.Address, "@")
	switch form {
	case provider.Email:
		return s.report.Address
	case provider.Localpart:
		return local
	case provider.LocalpartDomain:
		return local + "." + domain
	}
	return ""
}

// tokens tells whether the logins were made with an access token.
func (s setting) tokens() bool { return s.report.Credentials.IsToken() }

// placeValues fills the placeholders that are about the provider of the
// account and of the domain's mail.
func (s setting) placeValues(v *Values, c *report.Check, step *report.Step) {
	v.Recipient, v.Sender, v.Family, v.DNS = s.facts.To, s.facts.From, s.facts.Family, s.facts.DNS
	if len(s.facts.MX) > 0 {
		v.MX = s.facts.MX[0]
	}
	if p := s.mxProvider(); p != nil {
		v.MXProvider = p.NameIn(s.Tag)
	}
	p := s.provider(c)
	if p != nil {
		v.Documented = s.documented(p, c.Protocol)
	}
	switch step.Rule {
	case "smtp-host-documented":
		p := s.mailboxProvider()
		v.Provider, v.OtherHost = p.NameIn(s.Tag), p.Servers(c.Protocol, s.place())[0].Host
	case "provider-named-by-certificate":
		v.OtherHost, v.Renamed = s.hostOfCertificate(c, step), s.renamed(step.Rule)
	case "name-documented":
		v.Provider, v.OtherHost = s.mailboxProvider().Name, s.serversInPlaceOf(step.Subject)
	case "mx-elsewhere":
		for _, c := range s.report.Checks {
			if (c.Protocol == report.IMAP || c.Protocol == report.POP3) && c.Endpoint != nil {
				v.OtherHost = c.Endpoint.Host
				break
			}
		}
	}
}
