// Package discover finds the mail servers of an address: it asks every source
// at the same time and takes, for each protocol, the answer of the one that is
// trusted most. One file holds one source; the order of [sources] is the trust.
//
//  1. [Find] asks the sources, each a step of the check "settings".
//  2. An answer wins as soon as the sources above it have said no (settle.go).
//  3. [Settings.More] asks the others too, when none of the servers that the
//     winners named can be connected to or secured.
//  4. A host outside the address's registrable domain that only unsigned DNS
//     named is not trusted: nobody has vouched for it.
package discover

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/publicsuffix"

	"mailcheck/creds"
	"mailcheck/internal/crash"
	"mailcheck/internal/dns"
	"mailcheck/report"
)

// Deadline bounds the whole of a discovery.
const Deadline = 8 * time.Second

// Query is what is to be found.
type Query struct {
	Account creds.Account
	// Wanted are the protocols that are asked for.
	Wanted []report.Protocol
	// Fixed are endpoints that the user named; those protocols are not
	// looked up.
	Fixed []report.Endpoint
	// Username gives the login name that the user named for a protocol; empty
	// leaves it to the source, and else to the address. Nil names none.
	Username func(report.Protocol) string
	// All asks every source to its end: no answer ends the others, and flags
	// are one source beside them.
	All bool
	// TrustDiscovered trusts hosts that nobody vouches for.
	TrustDiscovered bool

	Resolver Resolver
	// HTTP says how documents are fetched.
	HTTP HTTP
	// Told is told of each host that was asked over HTTP, and with what. Nil
	// means nobody.
	Told func(report.Contact)
	// Dial connects without speaking, for guessing; nil means net.Dialer.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// DomainMissing waits for the domain's own lookup and tells whether the
	// domain does not exist; then nothing is guessed. Nil means that it does.
	DomainMissing func(context.Context) bool
	// NoDNS waits likewise and tells whether the DNS could not be asked at all;
	// then it is no news that no source found anything. Nil means that it could.
	NoDNS func(context.Context) bool
}

// Resolver is what a discovery asks of the DNS.
type Resolver interface {
	MX(ctx context.Context, domain string) (*dns.Answer[dns.MX], error)
	SRV(ctx context.Context, name string) (*dns.Answer[dns.SRV], error)
	TXT(ctx context.Context, name string) (*dns.Answer[string], error)
	Host(ctx context.Context, name string) (*dns.Hosts, error)
}

// Settings are the endpoints that were found.
type Settings struct {
	// Endpoints are all that were named, by source, the chosen ones marked.
	Endpoints []report.Endpoint
	// Candidates are the endpoints to try for a protocol, the best first.
	Candidates map[report.Protocol][]report.Endpoint
	// Missing says for a protocol without an endpoint why, and which step
	// says so.
	Missing map[report.Protocol]Missing

	// more asks the sources that were not needed; nil when there are none.
	more func(context.Context) *Settings
}

// More asks the sources that were not needed, those that are trusted less, and
// returns the settings that all of them name. It is nil when nobody is left to
// ask, or when the answer is one of flags or of the built-in table: nobody
// knows better, and nobody else need hear of the account.
func (s *Settings) More(ctx context.Context) *Settings {
	if s.more == nil {
		return nil
	}
	return s.more(ctx)
}

// Missing is a protocol that has no endpoint.
type Missing struct {
	Step  string // "settings.srv"
	Cause report.Cause
	why   string // a service that is not offered: the reason, where there is one to give
}

// source is one place to ask.
type source struct {
	name string
	ask  func(context.Context, Query) (answer, error)
	// here says that the answer is on this machine: it comes before anybody
	// else is asked anything.
	here bool
}

// sources in the order of trust.
var sources = []source{
	{name: "flags", ask: askFlags, here: true},
	{name: "provider", ask: askProvider, here: true},
	{name: "pacc", ask: askPACC},
	{name: "autoconfig", ask: askAutoconfig},
	{name: "ispdb", ask: askISPDB},
	{name: "srv", ask: askSRV},
	{name: "mx", ask: askMX},
	{name: "autodiscover", ask: askAutodiscover},
	{name: "guess", ask: askGuess},
}

// answer is what a source says.
type answer struct {
	// endpoints are the best of each protocol first. Trusted is set where the
	// source vouches for a host outside the address's domain; a Username is
	// that of this account.
	endpoints []report.Endpoint
	declined  []report.Protocol // explicitly not offered
	ended     bool              // declined because the provider has closed the service
	why       string            // they are declined, for people; empty where there is no more to say
	detail    string
	byFlags   bool // the user wants the source not to be asked
	unheard   bool // the source was not needed, so that it was not asked to its end
}

// errNoDomain is a domain that does not exist, or cannot be asked about: the
// step dns.mx says so.
var errNoDomain = errors.New("the domain's own lookup failed")

// superseded is why a source is no longer asked: a better one named everything.
type superseded struct{ by string }

func (e *superseded) Error() string { return "settings." + e.by + " named everything" }

// Find asks the sources and records each as a step of rec.
func Find(ctx context.Context, rec *report.Recorder, q Query) *Settings {
	asked := sources
	if !q.All && names(q.Fixed, q.Wanted) { // nobody else is asked
		asked = sources[:1]
	}
	answers, needed := collect(ctx, rec, q, asked)
	s := settle(q, asked, answers, needed)
	s.judge(rec, q.Wanted)
	if !q.All {
		s.forgive(rec)
	}
	if needed < len(asked) && !asked[needed-1].here {
		s.more = func(ctx context.Context) *Settings {
			askUnheard(ctx, rec, q, answers)
			all := settle(q, asked, answers, len(asked))
			all.forgive(rec)
			return all
		}
	}
	return s
}

// collect runs all sources side by side, those that are here first, and returns
// their answers by rank. It ends the others as soon as the best so far have decided every protocol:
// needed is how many those are.
func collect(ctx context.Context, rec *report.Recorder, q Query, asked []source) (answers []answer, needed int) {
	ctx, cancel := context.WithTimeout(ctx, Deadline)
	defer cancel()
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	answers, needed = make([]answer, len(asked)), len(asked)
	done := make([]chan struct{}, len(asked))
	var all sync.WaitGroup
	begin := func(here bool) {
		for i, src := range asked {
			if src.here != here {
				continue
			}
			done[i] = make(chan struct{})
			find := func() {
				defer close(done[i])
				answers[i] = ask(ctx, rec, q, src, nil)
			}
			if len(asked) == 1 { // there is nobody to run beside
				find()
			} else {
				all.Go(crash.Guard(ctx, find))
			}
		}
	}
	begin(true)
	decided := map[report.Protocol]bool{}
	others := false
	for i, src := range asked {
		if !src.here && !others {
			others = true
			begin(false)
		}
		<-done[i]
		for _, e := range answers[i].endpoints {
			decided[e.Protocol] = decided[e.Protocol] || e.Security != report.None || i == 0
		}
		for _, p := range answers[i].declined {
			decided[p] = true
		}
		if !q.All && !slices.ContainsFunc(q.Wanted, func(p report.Protocol) bool { return !decided[p] }) {
			stop(&superseded{by: src.name})
			needed = i + 1
			break
		}
	}
	if !others { // nobody else was needed: each says so
		begin(false)
	}
	all.Wait()
	rank := func(s *report.Step) int {
		return slices.IndexFunc(asked, func(src source) bool { return src.name == s.Step })
	}
	rec.Sort(func(a, b *report.Step) int { return rank(a) - rank(b) })
	return answers, needed
}

// askUnheard asks the sources that were not needed before, side by side, each
// in its place in the report.
func askUnheard(ctx context.Context, rec *report.Recorder, q Query, answers []answer) {
	ctx, cancel := context.WithTimeout(ctx, Deadline)
	defer cancel()
	before := make([]*report.Step, len(answers)) // found while nothing runs
	for i, src := range sources[:len(answers)] {
		before[i] = rec.Check().Step(src.name)
	}
	var all sync.WaitGroup
	for i, src := range sources[:len(answers)] {
		if answers[i].unheard {
			all.Go(crash.Guard(ctx, func() { answers[i] = ask(ctx, rec, q, src, before[i]) }))
		}
	}
	all.Wait()
}

// ask asks one source, as a step of its own or again as one that was recorded
// before. One that fails is a warning: others may know.
func ask(ctx context.Context, rec *report.Recorder, q Query, src source, before *report.Step) (a answer) {
	run := func(do func(context.Context, *report.Step) error) error { return rec.Run(ctx, src.name, do) }
	if before != nil {
		run = func(do func(context.Context, *report.Step) error) error { return rec.Again(ctx, before, do) }
	}
	_ = run(func(ctx context.Context, s *report.Step) error {
		var err error
		var over *superseded
		if err = context.Cause(ctx); err == nil {
			a, err = src.ask(ctx, q)
		}
		switch {
		case err != nil && errors.As(context.Cause(ctx), &over):
			s.Detail = "not needed: settings." + over.by + " named every server"
			a = answer{unheard: true}
			return nil
		case errors.Is(err, errNoDomain):
			s.Result, s.Because = report.Skip, "dns.mx"
			return nil
		case err != nil:
			s.Result, s.Err = report.Warn, err
			s.Detail = err.Error()
			a = answer{}
			return nil
		}
		if a.byFlags {
			s.Result, s.Because = report.Skip, report.ByFlags
		}
		s.Detail = a.detail
		for i := range a.endpoints {
			e := &a.endpoints[i]
			e.Source = src.name
			e.Username, e.OtherUsername = q.usernames(*e)
			e.Trusted = e.Trusted || q.TrustDiscovered || inside(e.Host, q.Account.Domain)
		}
		return nil
	})
	return a
}

// usernames are the login name at an endpoint and the one to try next; where
// the user names one, that is all.
func (q Query) usernames(e report.Endpoint) (name, other string) {
	if q.Username != nil {
		if name := q.Username(e.Protocol); name != "" {
			return name, ""
		}
	}
	return cmp.Or(e.Username, q.Account.Mailbox()), e.OtherUsername
}

// names tells whether the endpoints name every protocol that is wanted.
func names(endpoints []report.Endpoint, wanted []report.Protocol) bool {
	for _, p := range wanted {
		if !slices.ContainsFunc(endpoints, func(e report.Endpoint) bool { return e.Protocol == p }) {
			return false
		}
	}
	return true
}

// inside tells whether a host is in the registrable domain of the address's
// domain (Public Suffix List).
func inside(host, domain string) bool {
	host, domain = strings.ToLower(host), strings.ToLower(domain)
	if base, err := publicsuffix.EffectiveTLDPlusOne(domain); err == nil {
		domain = base
	} else if strings.Contains(domain, ".") {
		return host == domain // a public suffix: who is under it is somebody else
	}
	return host == domain || strings.HasSuffix(host, "."+domain)
}

func askFlags(_ context.Context, q Query) (answer, error) {
	if len(q.Fixed) == 0 {
		return answer{detail: "nothing given"}, nil
	}
	a := answer{endpoints: slices.Clone(q.Fixed), detail: describe(q.Fixed)}
	for i := range a.endpoints {
		a.endpoints[i].Trusted = true
	}
	return a, nil
}

// describe lists endpoints for a step's detail.
func describe(endpoints []report.Endpoint) string {
	var parts []string
	for _, e := range endpoints {
		parts = append(parts, fmt.Sprintf("%s %s:%d", e.Protocol, e.Host, e.Port))
	}
	return strings.Join(parts, ", ")
}
