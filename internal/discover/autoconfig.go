package discover

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"mailcheck/internal/crash"
	"mailcheck/internal/dns"
)

// autoconfigPreference is how long, once one place has answered, the better
// ones may still answer: servers that are there do within a second.
const autoconfigPreference = 2 * time.Second

// autoconfigPlace is where a domain may publish its configuration file.
type autoconfigPlace struct {
	url  string
	told string // "domain" or "address"
	// website: what the domain's web site does for unknown paths, it does here
	// too; for every name, where the DNS has a wildcard.
	website bool
	// vouches: it is HTTPS at the address's own domain.
	vouches bool
}

// autoconfigPlaces are the places in the order of
// draft-ietf-mailmaint-autoconfig section 5.1. Only the first asks for the
// address; its host is the domain's own.
func (q Query) autoconfigPlaces() []autoconfigPlace {
	const path = "/mail/config-v1.1.xml"
	domain := q.Account.Domain
	own := autoconfigPlace{url: "https://autoconfig." + domain + path, told: "domain", vouches: true}
	if !q.HTTP.NoAddress {
		own.url += "?emailaddress=" + url.QueryEscape(q.Account.Mailbox())
		own.told = "address"
	}
	return []autoconfigPlace{
		own,
		{url: "https://" + domain + "/.well-known/autoconfig" + path, told: "domain", website: true, vouches: true},
		{url: "http://autoconfig." + domain + path, told: "domain", website: true},
	}
}

// askAutoconfig asks the domain for its configuration file, at all places side
// by side; the first in their order counts.
//
// HTTPS at the address's own domain vouches for the hosts that its file names,
// wherever else over HTTPS it sends its reader for that file: the redirect is
// its word too. Nobody vouches for what came over plain HTTP.
func askAutoconfig(ctx context.Context, q Query) (answer, error) {
	if q.HTTP.Offline {
		return answer{byFlags: true, detail: "no document is fetched (--offline)"}, nil
	}
	places := q.autoconfigPlaces()
	answers := make([]answer, len(places))
	errs := make([]error, len(places))
	finished := make(chan int)
	asking, stop := context.WithCancel(ctx)
	defer stop()
	for i, p := range places {
		go crash.Guard(ctx, func() {
			defer func() { finished <- i }()
			answers[i], errs[i] = clientConfig(asking, q, p.url, p.told)
		})()
	}
	best := len(places)
	open := slices.Repeat([]bool{true}, len(places))
	var preference <-chan time.Time
	for slices.Contains(open, true) {
		select {
		case i := <-finished:
			open[i] = false
			if len(answers[i].endpoints) > 0 {
				best = min(best, i)
			}
		case <-preference:
			stop()
		}
		if best == len(places) {
			continue
		}
		if preference == nil {
			preference = time.After(autoconfigPreference)
		}
		if !slices.Contains(open[:best], true) {
			stop()
		}
	}
	if best == len(places) {
		return noAutoconfig(ctx, q.Account.Domain, places, answers, errs)
	}
	a := answers[best]
	if !places[best].vouches {
		a.detail += "; over plain HTTP only"
		if errs[0] != nil { // a certificate often lacks the name
			a.detail += fmt.Sprintf(": %v", errs[0])
		}
		return a, nil
	}
	return a.vouched(), nil
}

// vouched is the answer of somebody who vouches for the hosts in it.
func (a answer) vouched() answer {
	for i := range a.endpoints {
		a.endpoints[i].Trusted = true
	}
	return a
}

// noAutoconfig is the answer where no place names a server: an error where one
// of them tries to and fails.
func noAutoconfig(ctx context.Context, domain string, places []autoconfigPlace, answers []answer, errs []error) (answer, error) {
	for i, err := range errs {
		if err != nil && (ctx.Err() != nil && errors.Is(err, ctx.Err()) || !places[i].silent(err)) {
			return answer{}, err
		}
	}
	if i := slices.Index(errs, nil); i >= 0 {
		return answers[i], nil
	}
	a := answer{detail: domain + " has no autoconfig"}
	var unreachable *unreachableError
	for _, err := range errs {
		if errors.As(err, &unreachable) || !isNothing(err) {
			a.detail += "; " + err.Error()
			break
		}
	}
	return a, nil
}

// silent tells whether an error at a place means that nothing is published
// there. Web servers answer much to paths that they do not know.
func (p autoconfigPlace) silent(err error) bool {
	var config *configError
	return p.website && !errors.As(err, &config) || isNothing(err)
}

// isNothing tells whether an error means that no configuration file is
// published at a URL: no such host, nobody who listens there or speaks TLS for
// the name, no such document, or a page in its place, as parked domains give.
func isNothing(err error) bool {
	var unreachable *unreachableError
	var status *statusError
	var config *configError
	switch {
	case dns.IsAbsent(err), errors.As(err, &unreachable):
		return true
	case errors.As(err, &status):
		return 400 <= status.Code && status.Code < 500
	case errors.Is(err, errNotClientConfig) && errors.As(err, &config):
		kind := strings.ToLower(config.ContentType)
		return !strings.Contains(kind, "xml") || strings.Contains(kind, "xhtml")
	}
	return false
}
