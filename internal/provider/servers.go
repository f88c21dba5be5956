package provider

import (
	"regexp"
	"slices"
	"strings"

	"mailcheck/report"
)

// Place is how a provider was known.
type Place struct {
	Domain string // the domain of the address
	MX     string // the MX host that named the provider; empty when the domain itself did
}

// Servers returns the servers of a protocol, the best first, for an account of
// that place. Those whose names cannot be known from it are left out: some
// providers have one server for each contract.
func (p *Provider) Servers(protocol report.Protocol, at Place) []Server {
	of := func(imap, pop3, smtp []Server) []Server {
		return map[report.Protocol][]Server{report.IMAP: imap, report.POP3: pop3, report.SMTP: smtp}[protocol]
	}
	servers := of(p.IMAP, p.POP3, p.SMTP)
	if own := p.CustomDomain; own != nil && !p.gives(at.Domain) {
		if theirs := of(own.IMAP, own.POP3, own.SMTP); len(theirs) > 0 {
			servers = theirs
		}
	}
	var filled []Server
	for _, s := range servers {
		s.Host = strings.ReplaceAll(s.Host, "%EMAILDOMAIN%", normal(at.Domain))
		if strings.Contains(s.Host, "%MATCH%") {
			match := p.match(at)
			if match == "" {
				continue
			}
			s.Host = strings.ReplaceAll(s.Host, "%MATCH%", match)
		}
		filled = append(filled, s)
	}
	return filled
}

// Login returns which user name the servers of a protocol want, and what it is
// in words where the form alone does not tell. In a domain of one's own the
// forms for the provider's domains say nothing: it is the address, unless the
// provider is known to want another there.
func (p *Provider) Login(protocol report.Protocol, at Place) (form, second Form, note string) {
	u := p.Username
	if !p.gives(at.Domain) {
		switch own := p.CustomDomain; {
		case own != nil && own.Username != nil:
			u = *own.Username
		case u.Form != ID:
			return Email, "", ""
		}
	}
	form, second = u.Form, u.Second
	if protocol == report.SMTP && u.SMTP != "" {
		form = u.SMTP
	}
	if second == form {
		second = ""
	}
	return form, second, u.Note
}

// gives tells whether addresses in a domain are the provider's to give.
func (p *Provider) gives(domain string) bool {
	return slices.Contains(p.Domains, normal(domain)) || submatch(p.domainPattern, domain) != nil
}

// match returns what the group of the pattern matched; empty when the pattern
// does not match or has no group.
func (p *Provider) match(at Place) string {
	pattern, name := p.domainPattern, at.Domain
	if at.MX != "" {
		pattern, name = p.mxPattern, at.MX
	}
	if groups := submatch(pattern, name); len(groups) > 1 {
		return groups[1]
	}
	return ""
}

// submatch applies a pattern to a name. Go's regular expressions take time in
// proportion to the name, which maxName bounds.
func submatch(pattern func() *regexp.Regexp, name string) []string {
	name = normal(name)
	if pattern == nil || len(name) > maxName {
		return nil
	}
	if re := pattern(); re != nil {
		return re.FindStringSubmatch(name)
	}
	return nil
}

// allServers are the servers of every protocol, for the provider's own domains
// and for others.
func (p *Provider) allServers() []Server {
	all := slices.Concat(p.IMAP, p.POP3, p.SMTP)
	if own := p.CustomDomain; own != nil {
		all = slices.Concat(all, own.IMAP, own.POP3, own.SMTP)
	}
	return all
}
