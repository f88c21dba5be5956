package discover

import (
	"context"
	"slices"
	"strings"
	"sync"

	"mailcheck/internal/crash"
	"mailcheck/internal/dns"
	"mailcheck/report"
)

// services are the SRV labels of RFC 6186 section 3 and RFC 8314 section 5.1.
// The names without an s mean the clear-text port with STARTTLS required.
var services = []struct {
	label    string
	protocol report.Protocol
	security report.Security
}{
	{"_imaps._tcp", report.IMAP, report.TLS},
	{"_imap._tcp", report.IMAP, report.STARTTLS},
	{"_pop3s._tcp", report.POP3, report.TLS},
	{"_pop3._tcp", report.POP3, report.STARTTLS},
	{"_submissions._tcp", report.SMTP, report.TLS},
	{"_submission._tcp", report.SMTP, report.STARTTLS},
}

// askSRV asks for the SRV records of the domain. Within a protocol the lowest
// priority comes first, and TLS before STARTTLS at the same priority. A
// protocol all of whose records say "." is declined (RFC 2782).
func askSRV(ctx context.Context, q Query) (answer, error) {
	found := make([]*dns.Answer[dns.SRV], len(services))
	errs := make([]error, len(services))
	var wg sync.WaitGroup
	for i, s := range services {
		if slices.Contains(q.Wanted, s.protocol) {
			wg.Go(crash.Guard(ctx, func() { found[i], errs[i] = q.Resolver.SRV(ctx, s.label+"."+q.Account.Domain) }))
		}
	}
	wg.Wait()

	type ranked struct {
		report.Endpoint
		priority uint16
	}
	var named []ranked
	said, no := map[report.Protocol]bool{}, map[report.Protocol]bool{}
	var failure error
	for i, s := range services {
		if errs[i] != nil {
			if !dns.IsAbsent(errs[i]) && failure == nil {
				failure = errs[i]
			}
			continue
		}
		if found[i] == nil {
			continue
		}
		for _, r := range found[i].Records {
			if r.NotOffered() {
				no[s.protocol] = true
				continue
			}
			said[s.protocol] = true
			named = append(named, ranked{report.Endpoint{
				Protocol: s.protocol, Host: r.Target, Port: int(r.Port), Security: s.security,
			}, r.Priority})
		}
	}
	slices.SortStableFunc(named, func(a, b ranked) int { return int(a.priority) - int(b.priority) })
	a := answer{}
	for _, n := range named {
		a.endpoints = append(a.endpoints, n.Endpoint)
	}
	var parts []string
	if len(a.endpoints) > 0 {
		parts = append(parts, describe(a.endpoints))
	}
	for _, p := range q.Wanted {
		if no[p] && !said[p] {
			a.declined = append(a.declined, p)
			parts = append(parts, string(p)+" is declined")
		}
	}
	if a.detail = strings.Join(parts, "; "); a.detail == "" {
		a.detail = "no SRV records"
	}
	if len(a.endpoints) == 0 && len(a.declined) == 0 && failure != nil {
		return a, failure
	}
	return a, nil
}
