package verify

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"mailcheck/internal/crash"
	"mailcheck/internal/discover"
	"mailcheck/internal/dns"
	"mailcheck/report"
)

// maxMXHosts is how many MX hosts are looked up.
const maxMXHosts = 5

// host is what the DNS said about a mail host.
type host struct {
	once  sync.Once
	addrs []netip.Addr
	err   error
}

// findSettings is the check "settings".
func (r *run) findSettings(ctx context.Context, mx <-chan struct{}) {
	r.found = discover.Find(ctx, r.settingsRec, discover.Query{
		Account:         r.o.Account,
		Wanted:          r.o.wanted(),
		Fixed:           r.o.Fixed,
		All:             r.everySource,
		Username:        r.o.username,
		TrustDiscovered: r.o.TrustDiscovered,
		Resolver:        r.dns,
		HTTP:            discover.HTTP{Roots: r.o.Roots, Offline: r.o.Offline, NoAddress: r.o.NoShareAddress, Dial: r.o.Dial, Shared: r.o.documents},
		Told:            r.contacted,
		Dial:            r.o.Dial,
		DomainMissing: func(ctx context.Context) bool {
			return r.mxFailed(ctx, mx, dns.NXDomain)
		},
		NoDNS: func(ctx context.Context) bool {
			return r.mxFailed(ctx, mx, dns.Timeout, dns.Other)
		},
	})
}

// mxFailed waits for the lookup of the domain's MX and tells whether it failed
// in one of these ways.
func (r *run) mxFailed(ctx context.Context, mx <-chan struct{}, kinds ...dns.Kind) bool {
	var e *dns.Error
	return ended(ctx, mx) && errors.As(r.mxErr, &e) && slices.Contains(kinds, e.Kind)
}

// confirmHosts asks about hosts that nobody vouches for, where a protocol has
// no other, and fails the step of the source that named one which stays
// untrusted. Beside a trusted candidate the others are left alone.
func (r *run) confirmHosts(ctx context.Context) {
	answers := map[string]bool{}
	for _, p := range r.o.wanted() {
		candidates := r.found.Candidates[p]
		if len(candidates) == 0 || !r.o.logsIn(p) {
			continue
		}
		if trusted := slices.DeleteFunc(slices.Clone(candidates), func(e report.Endpoint) bool { return !e.Trusted }); len(trusted) > 0 {
			r.found.Candidates[p] = trusted
			r.choose(trusted[0])
			continue
		}
		host := candidates[0].Host
		if _, asked := answers[host]; !asked {
			answers[host] = r.o.ConfirmHost != nil && r.o.ConfirmHost(ctx, host)
			if !answers[host] {
				r.untrusted(candidates[0])
			}
		}
		candidates[0].Trusted = answers[host]
		r.found.Candidates[p] = candidates[:1]
	}
	for i := range r.found.Endpoints {
		e := &r.found.Endpoints[i]
		e.Trusted = e.Trusted || answers[e.Host]
	}
}

// further is what the sources of settings that were not needed at first say.
type further struct {
	once  sync.Once
	found *discover.Settings // nil: there was nobody left to ask
}

// candidates are those of a protocol; none while nobody was asked.
func (f *further) candidates(p report.Protocol) []report.Endpoint {
	if f.found == nil {
		return nil
	}
	return f.found.Candidates[p]
}

// others returns further candidates of a protocol, those that were tried and
// those that get no password left out. The first call asks the sources that
// were not needed before.
func (r *run) others(ctx context.Context, tried []report.Endpoint) []report.Endpoint {
	if by := tried[0].Source; by == "flags" || by == "provider" { // nobody knows better
		return nil
	}
	r.further.once.Do(func() {
		all := r.found.More(ctx)
		if all == nil {
			return
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		for i := range all.Endpoints { // what the user and the flags said of them holds
			e := &all.Endpoints[i]
			k := slices.IndexFunc(r.found.Endpoints, func(known report.Endpoint) bool { return known.Source == e.Source && known.SameServer(*e) })
			if e.Chosen = false; k >= 0 {
				e.Chosen, e.Trusted = r.found.Endpoints[k].Chosen, r.found.Endpoints[k].Trusted
			}
		}
		r.found.Endpoints = all.Endpoints
		r.further.found = all
	})
	p := tried[0].Protocol
	others := slices.DeleteFunc(slices.Clone(r.further.candidates(p)), func(e report.Endpoint) bool {
		return !e.Trusted && r.o.logsIn(p) || slices.ContainsFunc(tried, e.SameServer)
	})
	return others[:min(len(others), maxCandidates)]
}

// choose marks the endpoint as the chosen one of its protocol.
func (r *run) choose(chosen report.Endpoint) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.found.Endpoints {
		e := &r.found.Endpoints[i]
		if e.Protocol == chosen.Protocol {
			e.Chosen = e.Source == chosen.Source && e.SameServer(chosen)
		}
	}
}

// rename gives the endpoints that have these two user names the second one,
// which was found to be the right one.
func (r *run) rename(names report.Endpoint) {
	r.mu.Lock()
	defer r.mu.Unlock()
	pair := func(c report.Endpoint) bool {
		return c.Username == names.Username && c.OtherUsername == names.OtherUsername
	}
	for i := range r.found.Endpoints {
		e := &r.found.Endpoints[i]
		for _, c := range slices.Concat(r.found.Candidates[e.Protocol], r.further.candidates(e.Protocol)) {
			if pair(c) && c.SameServer(*e) && c.Source == e.Source && e.Username == names.Username {
				e.Username = names.OtherUsername
			}
		}
	}
}

// untrusted fails the step of the source that named the endpoint.
func (r *run) untrusted(e report.Endpoint) {
	fault := &report.Fault{Cause: report.SettingsUntrustedHost, Text: fmt.Sprintf(
		"%s is outside %s, and only an unauthenticated source names it; it gets no password", e.Host, r.o.Account.Domain)}
	r.settingsRec.Amend(r.settingsRec.Check().Step(e.Source), func(s *report.Step) {
		s.Result, s.Cause, s.Err, s.Detail = report.Fail, fault.Cause, fault, fault.Text
	})
}

// lookUpMX is the step "dns.mx" (RFC 5321 section 5.1, RFC 7505). Where no
// arrival is awaited, or nobody could see it, it is at most a warning, unless the
// receiving side is all that is looked at.
func (r *run) lookUpMX(ctx context.Context) {
	awaited := r.o.awaitsArrival() && (r.o.wants(report.IMAP) || r.o.wants(report.POP3))
	_ = r.dnsRec.Run(ctx, "mx", func(ctx context.Context, s *report.Step) error {
		err := r.checkMX(ctx, s)
		if err != nil && !awaited && !r.o.receivingAlone() {
			var e *dns.Error
			if errors.As(err, &e) && e.Kind != dns.NoRecords && e.Kind != dns.Servfail && !r.o.allFixed() {
				return err // nothing can be found for a domain that does not exist, or without any DNS
			}
			s.Result, s.Err, s.Detail = report.Warn, err, err.Error()
			return nil
		}
		return err
	})
}

func (r *run) checkMX(ctx context.Context, s *report.Step) error {
	domain := r.o.Account.Domain
	answer, err := r.dns.MX(ctx, domain)
	r.mxAnswer, r.mxErr = answer, err
	var none *dns.Error
	if errors.As(err, &none) && none.Kind == dns.NoRecords {
		if host, hostErr := r.elsewhere.Host(ctx, domain); hostErr == nil && len(host.Addrs) > 0 {
			s.Result, s.Cause = report.Warn, report.DNSNoRecords
			s.Detail = "no MX record; mail goes to the address of the domain itself"
			return nil
		}
		return err
	}
	if err != nil {
		return err
	}
	if dns.NullMX(answer) {
		return &report.Fault{Cause: report.DNSNullMX, Text: domain + " says that it takes no mail (null MX)"}
	}
	hosts := answer.Records[:min(len(answer.Records), maxMXHosts)]
	for _, mx := range hosts {
		if mx.Preference == hosts[0].Preference {
			r.mx = append(r.mx, mx.Host)
		}
	}
	errs := make([]error, len(hosts))
	crash.SideBySide(ctx, len(hosts), func(i int) { errs[i] = r.checkMXHost(ctx, hosts[i].Host) })
	var names []string
	dead := 0
	for i, mx := range hosts {
		names = append(names, mx.Host)
		var fault *report.Fault
		switch {
		case errs[i] == nil:
			continue
		case errors.As(errs[i], &fault) && fault.Cause == report.DNSMXIsAlias: // most senders follow it
		default:
			dead++
		}
		s.Result, s.Err = report.Warn, errors.Join(s.Err, errs[i])
	}
	s.Detail = "MX " + strings.Join(names, ", ")
	if s.Err != nil {
		s.Detail += "; " + strings.ReplaceAll(s.Err.Error(), "\n", "; ")
	}
	if dead == len(hosts) {
		return s.Err
	}
	return nil
}

// checkMXHost demands that an MX names a host with an address, and no alias of
// one (RFC 5321 section 5.1).
func (r *run) checkMXHost(ctx context.Context, name string) error {
	if _, err := netip.ParseAddr(name); err == nil {
		return &report.Fault{Cause: report.DNSMXIsAlias, Text: "an MX record names the IP address " + name}
	}
	found, err := r.elsewhere.Host(ctx, name)
	if dns.IsAbsent(err) {
		return &report.Fault{Cause: report.DNSMXUnresolvable, Text: "the MX host " + name + " has no address", Err: err}
	}
	if err != nil {
		return err
	}
	if alias := r.alias(ctx, name, found); alias != "" {
		return &report.Fault{Cause: report.DNSMXIsAlias, Text: fmt.Sprintf("the MX host %s is an alias of %s", name, alias)}
	}
	return nil
}

// alias returns what a host is an alias of; empty when it is none. A server that
// gave its addresses has told that with them, and is not asked again.
func (r *run) alias(ctx context.Context, name string, found *dns.Hosts) string {
	names := found.CNAMEs
	if found.Server == "" {
		if answer, err := r.elsewhere.CNAME(ctx, name); err == nil {
			names = answer.Records
		}
	}
	if len(names) == 0 {
		return ""
	}
	return names[0]
}

// hostNames are the mail servers that may be connected to, as far as they are
// known before one of them has failed.
func (r *run) hostNames() []string {
	var names []string
	for _, p := range r.o.wanted() {
		candidates := r.found.Candidates[p]
		for _, e := range candidates[:min(len(candidates), maxCandidates)] {
			if !slices.Contains(names, e.Host) {
				names = append(names, e.Host)
			}
		}
	}
	return names
}

// resolveHosts is a step "dns.host" for the host of each protocol's first
// candidate, all side by side; hosts of further candidates are looked up when
// they are needed. Like a mail program it asks the system, hosts files and
// VPNs included.
func (r *run) resolveHosts(ctx context.Context) {
	var names []string
	for _, p := range r.o.wanted() {
		if c := r.found.Candidates[p]; len(c) > 0 && !slices.Contains(names, c[0].Host) {
			names = append(names, c[0].Host)
		}
	}
	if r.dns.Direct() {
		r.resolveTogether(ctx, names)
	} else {
		crash.SideBySide(ctx, len(names), func(i int) { r.addresses(ctx, names[i]) })
	}
	r.sortHosts(names)
}

// sortHosts puts the steps of the check "dns" into the order of these hosts,
// the MX first.
func (r *run) sortHosts(names []string) {
	rank := func(s *report.Step) int { return slices.Index(names, s.Subject) }
	r.dnsRec.Sort(func(a, b *report.Step) int { return rank(a) - rank(b) })
}

// addresses returns the addresses of a mail host, looked up once.
func (r *run) addresses(ctx context.Context, name string) ([]netip.Addr, error) {
	h := r.host(name)
	h.once.Do(func() {
		if addr, err := netip.ParseAddr(name); err == nil {
			h.addrs = []netip.Addr{addr}
			return
		}
		h.err = r.dnsRec.RunSubject(ctx, "host", name, func(ctx context.Context, s *report.Step) error {
			found, err := r.dns.Host(ctx, name)
			h.addrs, err = resolved(s, found, err)
			return err
		})
	})
	return h.addrs, h.err
}

// resolveTogether looks up the addresses of mail hosts with one flight of questions.
func (r *run) resolveTogether(ctx context.Context, names []string) {
	names = slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		_, err := netip.ParseAddr(name)
		return err == nil
	})
	r.dnsRec.RunTogether(ctx, "host", names, func(ctx context.Context, steps []*report.Step) []error {
		errs := make([]error, len(names))
		for i, found := range r.dns.HostsOf(ctx, names...) {
			h := r.host(names[i])
			h.once.Do(func() { h.addrs, h.err = resolved(steps[i], found.Hosts, found.Err) })
			steps[i].Duration, errs[i] = found.Took, h.err
		}
		return errs
	})
}

// host returns what is known of a mail host.
func (r *run) host(name string) *host {
	r.mu.Lock()
	defer r.mu.Unlock()
	h := r.hosts[name]
	if h == nil {
		h = &host{}
		r.hosts[name] = h
	}
	return h
}

// resolved completes the step of a host's lookup and returns the addresses.
func resolved(s *report.Step, found *dns.Hosts, err error) ([]netip.Addr, error) {
	if err != nil {
		return nil, err
	}
	texts := make([]string, len(found.Addrs))
	for i, a := range found.Addrs {
		texts[i] = a.String()
	}
	s.Detail = strings.Join(texts, ", ")
	return found.Addrs, nil
}
