package discover

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/publicsuffix"

	"mailcheck/internal/crash"
	"mailcheck/internal/dns"
	"mailcheck/internal/provider"
)

// mxFetch bounds the documents at the domain of an MX. A host there that never
// answers must not cost what the others say, nor the whole deadline.
const mxFetch = 4 * time.Second

// askMX asks who takes the domain's mail, and for the settings of that
// provider: the built-in table, else the autoconfig of the MX's domain, else
// the ISPDB for it (draft-ietf-mailmaint-autoconfig section 5.3). The table
// vouches for the servers in it. Unsigned DNS has led to what the others say,
// so that nobody vouches for that.
func askMX(ctx context.Context, q Query) (answer, error) {
	hosts, err := q.firstMX(ctx)
	switch {
	case dns.IsAbsent(err):
		return answer{detail: "there is no MX record"}, nil
	case err != nil:
		return answer{}, err
	case len(hosts) == 0:
		return answer{detail: q.Account.Domain + " says that it takes no mail (null MX)"}, nil
	}
	if p, mx := providerOf(hosts); p != nil {
		at := provider.Place{Domain: q.Account.Domain, MX: mx}
		return tableAnswer(p, at, q.Account, fmt.Sprintf("%s, so this is %s (built-in table)", mx, p.Name)), nil
	}
	mx := hosts[0]
	domains := slices.DeleteFunc(mxDomains(mx), func(domain string) bool { return domain == q.Account.Domain })
	if len(domains) == 0 || q.HTTP.Offline {
		return answer{detail: mx + " belongs to no provider of the built-in table"}, nil
	}
	return q.configOfMX(ctx, mx, domains)
}

// firstMX returns the MX hosts of the lowest preference: mail goes to the
// others only when these are down, and a filter names the mailbox's host there
// at best. A null MX (RFC 7505) is no host.
func (q Query) firstMX(ctx context.Context) ([]string, error) {
	found, err := q.Resolver.MX(ctx, q.Account.Domain)
	if err != nil || dns.NullMX(found) {
		return nil, err
	}
	var hosts []string
	for _, mx := range found.Records {
		if mx.Preference == found.Records[0].Preference {
			hosts = append(hosts, mx.Host)
		}
	}
	return hosts, nil
}

// providerOf returns the first provider that one of the MX hosts belongs to,
// and that host.
func providerOf(hosts []string) (*provider.Provider, string) {
	for _, host := range hosts {
		if p, ok := provider.ByMX(host); ok {
			return p, host
		}
	}
	return nil, ""
}

// mxDomains returns the domains to ask about an MX host: the host without its
// first label (MXFULL of the draft) where that is not all of its registrable
// domain, and that one (MXBASE).
func mxDomains(host string) []string {
	base, err := publicsuffix.EffectiveTLDPlusOne(host)
	if err != nil {
		return nil
	}
	if _, full, _ := strings.Cut(host, "."); len(full) > len(base) {
		return []string{full, base}
	}
	return []string{base}
}

// configOfMX fetches the configuration files of the domains, all side by side;
// the first in the draft's order counts. No address is told there.
func (q Query) configOfMX(ctx context.Context, mx string, domains []string) (answer, error) {
	var urls []string
	for _, domain := range domains {
		urls = append(urls, "https://autoconfig."+domain+"/mail/config-v1.1.xml")
	}
	for _, domain := range domains {
		urls = append(urls, ispdb+domain)
	}
	answers := make([]answer, len(urls))
	errs := make([]error, len(urls))
	fetching, cancel := context.WithTimeout(ctx, mxFetch)
	defer cancel()
	var wg sync.WaitGroup
	for i, url := range urls {
		wg.Go(crash.Guard(ctx, func() { answers[i], errs[i] = clientConfig(fetching, q, url, "domain") }))
	}
	wg.Wait()
	for i, a := range answers {
		if len(a.endpoints) == 0 {
			continue
		}
		for n := range a.endpoints {
			a.endpoints[n].Trusted = false
		}
		by := "its autoconfig"
		if strings.HasPrefix(urls[i], ispdb) {
			by = "the ISPDB"
		}
		a.detail = fmt.Sprintf("%s, and %s for %s says: %s", mx, by, domains[i%len(domains)], a.detail)
		return a, nil
	}
	if ctx.Err() != nil {
		return answer{}, ctx.Err()
	}
	for _, err := range errs {
		if err != nil && !isNothing(err) && !errors.Is(err, context.DeadlineExceeded) {
			return answer{}, err
		}
	}
	a := answer{detail: fmt.Sprintf("nothing is known of the mail servers of %s, where %s is", domains[len(domains)-1], mx)}
	var late *lateError
	if errors.As(errors.Join(errs...), &late) {
		a.detail += "; " + late.Error()
	}
	return a, nil
}
