package verify

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"mailcheck/internal/crash"
	"mailcheck/internal/diagnose"
	"mailcheck/internal/lang"
	"mailcheck/internal/provider"
	"mailcheck/report"
	"mailcheck/wire"
)

// The bounds of the probes.
const (
	// maxProbes is how many are made in a run, one connection each.
	maxProbes = 6
	// probeTime is how long they may take, all at the same time. What is slower
	// than that would be no help to a person either.
	probeTime = 5 * time.Second
	// maxGreeting bounds what is told of a server's first line.
	maxGreeting = 100
)

// errProbeTime is the cause of a context that the probes' own limit ended.
var errProbeTime error = lateProbe{}

type lateProbe struct{}

func (lateProbe) Error() string { return fmt.Sprintf("no answer within %v", probeTime) }
func (lateProbe) Unwrap() error { return context.DeadlineExceeded }

// failure is a check that came to nothing before any login.
type failure struct {
	check *report.Check
	step  *report.Step // its first failed one
	ep    report.Endpoint
	addrs []netip.Addr // of the host
	// alone tells a program on this computer at a port of its own: what listens
	// at the usual ports of mail there is another.
	alone bool
}

// probe is one way to try.
type probe struct {
	report.Endpoint
	addr netip.Addr // where it goes
	// subject is the host, or the address where that is what is tried.
	subject string
}

// followUp is a row of the table of probes: what to try after which failure.
type followUp struct {
	steps []string
	// causes are causes, or families of them that end in a dot; nil means any.
	causes []string
	ways   []func(failure) []probe
}

// followUps is the table of probes; the first row that fits a failure counts,
// and its ways are tried in this order. Where a server answered "no", only that
// to its greeting may be meant for one port or address alone.
var followUps = []followUp{
	{[]string{"connect"}, nil, ways(submissionPorts, relayPort)},
	{[]string{"greeting", "tls"}, []string{"tls.plaintext_port"}, ways(otherMode, submissionPorts)},
	{[]string{"starttls"}, []string{"tls.starttls_not_offered"}, ways(submissionPorts)},
	{[]string{"tls"}, []string{"tls.old_version", "tls.handshake_failure", "connect."}, ways(otherFamily, submissionPorts)},
	{[]string{"tls"}, []string{"tls."}, ways(otherAddresses, submissionPorts)},
	{[]string{"greeting"}, []string{"connect.", "config.wrong_protocol", "greeting.rejected_ip", "unknown"},
		ways(otherFamily, submissionPorts, relayPort)},
	{[]string{"capability", "ehlo", "starttls"}, []string{"connect.", "unknown"}, ways(otherFamily, submissionPorts)},
}

func ways(w ...func(failure) []probe) []func(failure) []probe { return w }

func (f followUp) fits(s *report.Step) bool {
	return slices.Contains(f.steps, s.Step) && (f.causes == nil || slices.ContainsFunc(f.causes, func(c string) bool {
		return c == string(s.Cause) || strings.HasSuffix(c, ".") && strings.HasPrefix(string(s.Cause), c)
	}))
}

// submissionPorts are the other ports for mail programs of the same host.
func submissionPorts(f failure) []probe {
	return f.ports(func(s report.Security) bool { return s != report.None })
}

// relayPort is port 25, which is for servers: it tells a blocked port, or a
// server that is down, from a wrong one.
func relayPort(f failure) []probe {
	return f.ports(func(s report.Security) bool { return s == report.None })
}

func (f failure) ports(want func(report.Security) bool) []probe {
	if f.alone {
		return nil
	}
	var probes []probe
	for _, known := range report.MailPorts[f.ep.Protocol] {
		if known.Port != f.ep.Port && want(known.Security) {
			ep := f.ep
			ep.Port, ep.Security = known.Port, known.Security
			probes = append(probes, f.at(ep))
		}
	}
	return probes
}

// otherMode is the same port with the other kind of encryption.
func otherMode(f failure) []probe {
	ep := f.ep
	if ep.Security = report.TLS; f.ep.Security == report.TLS {
		ep.Security = report.STARTTLS
	}
	return []probe{f.at(ep)}
}

// otherAddresses are the further addresses of the host that answer, so that
// one bad machine can be told from a bad service.
func otherAddresses(f failure) []probe {
	var probes []probe
	for _, a := range f.check.Addresses {
		addr, err := netip.ParseAddr(a.IP)
		if err == nil && a.Result == report.OK && a.IP != f.check.Peer {
			probes = append(probes, probe{f.ep, addr, a.IP})
		}
	}
	return probes
}

// otherFamily is an address of the host in the family that the session did not
// use.
func otherFamily(f failure) []probe {
	used, err := netip.ParseAddr(f.check.Peer)
	if err != nil {
		return nil
	}
	others := slices.DeleteFunc(otherAddresses(f), func(p probe) bool { return p.addr.Is4() == used.Is4() })
	return others[:min(len(others), 1)]
}

// at is a probe of an endpoint of the host, by the address that is most likely
// to answer: one that took a connection before; else IPv4, which has a route
// on more lines.
func (f failure) at(ep report.Endpoint) probe {
	rank := func(a netip.Addr) int {
		i := slices.IndexFunc(f.check.Addresses, func(tried report.Address) bool { return tried.IP == a.String() })
		switch {
		case a.String() == f.check.Peer:
			return 0
		case i >= 0 && f.check.Addresses[i].Result == report.OK:
			return 1
		case i >= 0 && f.check.Addresses[i].Cause == report.ConnectUnreachable:
			return 4
		case a.Is4():
			return 2
		}
		return 3
	}
	best := slices.MinFunc(f.addrs, func(a, b netip.Addr) int { return cmp.Compare(rank(a), rank(b)) })
	return probe{ep, best, ep.Host}
}

// probe is the check "probe": after a failure before any login it tries other
// ways to the same servers, all at the same time, without a secret and without
// a name. Nothing of it changes what the run has found.
func (r *run) probe(ctx context.Context) {
	if deadline, ok := ctx.Deadline(); ctx.Err() != nil || ok && time.Until(deadline) < probeTime {
		return // what is cut short would pass for silence
	}
	probes := r.probes(ctx)
	if len(probes) == 0 {
		return
	}
	rec := r.log.Check(report.ProbeCheck, nil)
	ctx, end := context.WithTimeoutCause(ctx, probeTime, errProbeTime)
	defer end()
	transcripts := make([][]string, len(probes))
	var all sync.WaitGroup
	for i, p := range probes {
		all.Go(crash.Guard(ctx, func() { transcripts[i] = r.try(ctx, rec, p) }))
	}
	all.Wait()
	rank := func(s *report.Step) int {
		return slices.IndexFunc(probes, func(p probe) bool { return report.ProbeStep(p.Endpoint) == s.Step && p.subject == s.Subject })
	}
	rec.Sort(func(a, b *report.Step) int { return rank(a) - rank(b) })
	if r.o.Transcript {
		rec.Check().Transcript = slices.Concat(transcripts...)
	}
}

// probes lists what to try, a way of each failure in turn.
func (r *run) probes(ctx context.Context) []probe {
	var queues [][]probe
	for _, f := range r.failures(ctx) {
		i := slices.IndexFunc(followUps, func(row followUp) bool { return row.fits(f.step) })
		if i < 0 {
			continue
		}
		var queue []probe
		for _, way := range followUps[i].ways {
			queue = append(queue, way(f)...)
		}
		queues = append(queues, queue)
	}
	var probes []probe
	for turn := 0; len(probes) < maxProbes; turn++ {
		over := true
		for _, queue := range queues {
			if turn >= len(queue) {
				continue
			}
			over = false
			if p := queue[turn]; len(probes) < maxProbes && !r.tried(p) && !slices.ContainsFunc(probes, p.same) {
				probes = append(probes, p)
			}
		}
		if over {
			break
		}
	}
	return probes
}

// target is the endpoint by what is tried: the host, or one address of it.
func (p probe) target() report.Endpoint {
	e := p.Endpoint
	e.Host = p.subject
	return e
}

func (p probe) same(q probe) bool { return p.target().SameServer(q.target()) }

// tried tells whether a candidate of the run was what a probe would try.
func (r *run) tried(p probe) bool {
	return slices.ContainsFunc(r.log.Checks(), func(c *report.Check) bool { return c.At(p.target()) })
}

// failures are the checks of those protocols of which no candidate came as far
// as a login. Hosts that nobody vouches for are left alone.
func (r *run) failures(ctx context.Context) []failure {
	var found []failure
	for _, p := range r.o.wanted() {
		var mine []failure
		for _, c := range r.log.Checks() {
			if c.Protocol != p || c.Endpoint == nil || !ran(c) {
				continue
			}
			step := c.FirstFailed()
			if step == nil || slices.Contains(afterLogin, step.Step) {
				mine = nil
				break // it answers, so that there is nothing to find out
			}
			ep, known := r.candidate(c)
			addrs, err := r.addresses(ctx, c.Endpoint.Host) // looked up before
			if known && ep.Trusted && err == nil && len(addrs) > 0 {
				mine = append(mine, failure{c, step, ep, addrs, r.alone(ep)})
			}
		}
		found = append(found, mine...)
	}
	return found
}

// alone tells an endpoint on this computer at a port that is not of mail, or of
// a provider whose servers are a program of its own there.
func (r *run) alone(ep report.Endpoint) bool {
	p, known := provider.ByDomain(r.o.Account.Domain)
	return report.ThisComputer(ep.Host) &&
		(!report.MailPort(ep.Protocol, ep.Port) || known && p.Status == provider.BridgeOnly)
}

// afterLogin are the steps that come behind all that a probe can try.
var afterLogin = []string{"auth", "mailbox", "mail", "rcpt", "data", "logout", "quit"}

// candidate is the endpoint that a check was made of.
func (r *run) candidate(c *report.Check) (report.Endpoint, bool) {
	candidates := r.found.Candidates[c.Protocol]
	i := slices.IndexFunc(candidates, c.At)
	if i < 0 {
		return report.Endpoint{}, false
	}
	return candidates[i], true
}

// ran tells a check of which anything was tried.
func ran(c *report.Check) bool {
	return slices.ContainsFunc(c.Steps, func(s *report.Step) bool { return s.Result != report.Skip })
}

// try is a step of the check "probe": it takes the endpoint as far as it goes
// without a secret, by one address, and returns the dialogue.
func (r *run) try(ctx context.Context, rec *report.Recorder, p probe) (transcript []string) {
	_ = rec.RunSubject(ctx, report.ProbeStep(p.Endpoint), p.subject, func(ctx context.Context, s *report.Step) error {
		log := &report.Log{StepTimeout: r.o.stepTimeout, Judge: func(c *report.Check, s *report.Step) {
			diagnose.StepMasked(c, s, lang.Tag(r.o.Lang), r.scrub.Scrub)
		}}
		session := log.Check(string(p.Protocol), &p.Endpoint)
		w := r.wireOptions()
		w.Transcript = &wire.Transcript{Scrub: r.scrub.Scrub}
		w.OneConnection = true
		row := protocols[slices.IndexFunc(protocols, func(row protocol) bool { return row.name == p.Protocol })]
		checker, _ := row.open(ctx, session, p.Endpoint, []netip.Addr{p.addr}, &r.o, w) // the check says how it went
		checker.Close(ctx, report.ByFlags)
		r.contacted(report.Contact{Host: p.Host, Port: p.Port, Purpose: report.ProbeCheck})
		transcript = w.Transcript.Lines()
		c := session.Check()
		s.Detail = found(p, c, transcript)
		failed := unsound(c)
		if failed == nil {
			return nil
		}
		s.Cause, s.Confidence, s.Alternatives, s.Temporary = failed.Cause, failed.Confidence, failed.Alternatives, failed.Temporary
		s.Detail += "; " + failed.Step + ": " + failed.Detail
		return failed.Err
	})
	return transcript
}

// unsound is the step of a session by which it cannot be recommended: a failed
// one, or a certificate that was accepted by flag alone.
func unsound(c *report.Check) *report.Step {
	for _, s := range c.Steps {
		if s.Result == report.Fail || s.Step == "tls" && s.Err != nil {
			return s
		}
	}
	return nil
}

// found says what answered a probe: where, its TLS, its first line.
func found(p probe, c *report.Check, transcript []string) string {
	parts := []string{net.JoinHostPort(p.subject, strconv.Itoa(p.Port))}
	if t := c.TLS; t != nil && t.Certificate != nil {
		parts = append(parts, t.Version, "certificate for "+strings.Join(t.Certificate.Names, ", "))
	}
	for _, line := range transcript {
		if said, ok := strings.CutPrefix(line, string(wire.Received)); ok {
			return strings.Join(append(parts, fmt.Sprintf("it says %q", clipTo(said, maxGreeting))), "; ")
		}
	}
	return strings.Join(parts, "; ")
}
