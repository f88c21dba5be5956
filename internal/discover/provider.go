package discover

import (
	"context"
	"fmt"
	"strings"

	"mailcheck/creds"
	"mailcheck/internal/provider"
	"mailcheck/report"
)

// askProvider looks the address's domain up in the built-in table, which
// vouches for the servers in it.
func askProvider(ctx context.Context, q Query) (answer, error) {
	at := provider.Place{Domain: q.Account.Domain}
	p, ok := provider.ByDomain(at.Domain)
	if !ok {
		return answer{detail: at.Domain + " is not in the built-in table"}, nil
	}
	if p.MXOverrules {
		if home, mx := q.movedTo(ctx); home != nil && home != p {
			at.MX = mx
			return tableAnswer(home, at, q.Account, fmt.Sprintf(
				"%s has moved this mailbox to %s, built-in table", p.Name, home.Name)), nil
		}
	}
	return tableAnswer(p, at, q.Account, p.Name+", built-in table"), nil
}

// movedTo returns the provider that the MX of the domain names and that keeps
// mailboxes, or nil: then what the table says of the domain stands.
func (q Query) movedTo(ctx context.Context) (*provider.Provider, string) {
	hosts, err := q.firstMX(ctx)
	if err != nil {
		return nil, ""
	}
	p, mx := providerOf(hosts)
	if p == nil || p.Status == provider.NotAMailbox {
		return nil, ""
	}
	return p, mx
}

// tableAnswer is what the built-in table says of a provider, after the words
// that name it.
func tableAnswer(p *provider.Provider, at provider.Place, account creds.Account, named string) answer {
	a := answer{detail: named}
	var remark string
	for _, protocol := range report.Protocols {
		if p.Lacks(protocol) {
			a.declined = append(a.declined, protocol)
			continue
		}
		form, second, note := p.Login(protocol, at)
		other := loginName(second, account)
		if second == provider.Email {
			other = account.Mailbox()
		}
		for _, s := range p.Servers(protocol, at) {
			a.endpoints = append(a.endpoints, report.Endpoint{
				Protocol: protocol, Host: s.Host, Port: s.Port, Security: s.Security,
				Username: loginName(form, account), OtherUsername: other, Auth: loginKinds(p.AuthPolicy),
			})
		}
		if form == provider.ID {
			remark = "the user name is not the address but " + note
		}
	}
	switch {
	case p.Status == provider.Ended:
		a.ended = true
		remark = "the service ended in " + p.Ended
		if len(p.Ended) == len("2006-01-02") {
			remark = "the service ended on " + p.Ended
		}
	case p.Status == provider.NoStandardProtocols:
		remark = "it has no IMAP, POP3 or SMTP, only apps of its own"
	case p.Status == provider.BridgeOnly:
		remark = "only through its program on this computer; " + remark
	case p.Kind == provider.Gateway:
		remark = "it filters mail, and does not tell where the mailbox is"
	case p.Kind == provider.Forwarder:
		remark = "it forwards mail and keeps no mailbox to log in to"
	case len(a.endpoints) == 0:
		remark = "its control panel names the server of this account"
	}
	if remark != "" {
		a.detail += ": " + strings.TrimSuffix(remark, "; ")
	}
	a.why = a.detail
	return a.vouched()
}

// loginName is the user name of an account; empty for the address, and where
// the user alone can know it.
func loginName(form provider.Form, account creds.Account) string {
	switch form {
	case provider.Localpart:
		return account.Local
	case provider.LocalpartDomain:
		return account.Local + "." + account.Domain
	}
	return ""
}

// loginKinds are the ways to log in, in the words that autoconfig has for them.
func loginKinds(policy provider.AuthPolicy) []string {
	switch policy {
	case provider.OAuth2Only:
		return []string{"OAuth2"}
	case provider.OAuth2OrPassword, provider.OAuth2OrAppPassword:
		return []string{"OAuth2", "password-cleartext"}
	case provider.NoLogin:
		return nil
	}
	return []string{"password-cleartext"}
}
