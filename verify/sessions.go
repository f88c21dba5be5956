package verify

import (
	"context"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"mailcheck/imap"
	"mailcheck/internal/crash"
	"mailcheck/internal/sasl"
	"mailcheck/pop"
	"mailcheck/report"
	"mailcheck/smtp"
	"mailcheck/wire"
)

// maxCandidates is how many endpoints of one protocol are tried, and then how
// many of those that further sources name.
const maxCandidates = 3

// checker is what a run asks of every protocol's session.
type checker interface {
	// Login is the step "auth".
	Login(ctx context.Context, login sasl.Login, policy sasl.Policy) error
	// Close ends the session and completes its check. Steps that were not
	// run are skipped because of the one that failed, or of otherwise.
	Close(ctx context.Context, otherwise string)
}

// receiver is a session with a mailbox.
type receiver interface {
	checker
	// Mailbox is the step "mailbox".
	Mailbox(ctx context.Context) error
}

// protocol is a row of the table of checkers.
type protocol struct {
	name  report.Protocol
	steps func(report.Security) []string
	// open takes an endpoint as far as it goes without a secret.
	open func(ctx context.Context, rec *report.Recorder, ep report.Endpoint, addrs []netip.Addr, o *Options, w wire.Options) (checker, error)
}

// protocols is the table of checkers, in the order of the report.
var protocols = []protocol{
	{report.IMAP, imap.Steps, func(ctx context.Context, rec *report.Recorder, ep report.Endpoint, addrs []netip.Addr, o *Options, w wire.Options) (checker, error) {
		return imap.Open(ctx, rec, ep, addrs, imap.Options{Wire: w, Keep: o.Keep})
	}},
	{report.POP3, pop.Steps, func(ctx context.Context, rec *report.Recorder, ep report.Endpoint, addrs []netip.Addr, _ *Options, w wire.Options) (checker, error) {
		return pop.Open(ctx, rec, ep, addrs, pop.Options{Wire: w})
	}},
	{report.SMTP, smtp.Steps, func(ctx context.Context, rec *report.Recorder, ep report.Endpoint, addrs []netip.Addr, o *Options, w wire.Options) (checker, error) {
		return smtp.Open(ctx, rec, ep, addrs, smtp.Options{Wire: w, Hello: o.Hello})
	}},
}

// session is one protocol's part of a run.
type session struct {
	protocol
	run *run
	ctx context.Context // the session's life
	rec *report.Recorder
	// endpoint is the candidate that was opened last.
	endpoint report.Endpoint
	checker  checker
	// ready is closed when the session is logged in and its mailbox open, or
	// will never be; usable then says which.
	ready  chan struct{}
	usable bool
	// closed is closed when POP3's session, which is not kept, has ended.
	closed chan struct{}
	known  []string // POP3: the unique ids of the messages before the run's own
	// otherwise is why steps that were not run, though nothing failed, were
	// not.
	otherwise string
}

// sessions runs the three protocols side by side, and the delivery between
// them.
func (r *run) sessions(ctx context.Context) {
	var taking []report.Protocol
	all := map[report.Protocol]*session{}
	for _, p := range protocols {
		s := &session{protocol: p, run: r, ctx: ctx, ready: make(chan struct{}), closed: make(chan struct{}), otherwise: report.ByFlags}
		all[p.name] = s
		// The first candidate's check stands in the report in this order,
		// whoever comes first.
		if c := r.found.Candidates[p.name]; len(c) > 0 {
			s.endpoint = c[0]
			s.rec = r.log.Check(string(p.name), &c[0])
			if r.o.logsIn(p.name) && !r.secrets.For(string(p.name)).Secret.IsZero() {
				taking = append(taking, p.name)
			}
		} else {
			s.rec = r.log.Check(string(p.name), nil)
			s.rec.Check().Protocol = p.name
		}
	}
	r.logins = newLogins(taking)
	delivery := newDelivery(r, all)
	for _, s := range []*session{all[report.IMAP], all[report.POP3]} {
		r.wait.Go(crash.Guard(ctx, func() {
			s.prepare()
			if s.name == report.POP3 {
				// A maildrop is as it was at the login, and locked until the
				// end of the session: nothing more is to be seen in this one.
				defer close(s.closed)
				s.close()
			}
		}))
	}
	all[report.SMTP].prepare() // which the delivery waits for
	delivery.perform(ctx)
}

// prepare takes the session to its open mailbox, as far as it goes.
func (s *session) prepare() {
	defer close(s.ready)
	defer s.run.logins.end(s.name, none, false) // unless a login ended before
	if !s.open() {
		return
	}
	if !s.login() {
		return
	}
	box, receives := s.checker.(receiver)
	s.usable = !receives || box.Mailbox(s.ctx) == nil
	if maildrop, ok := box.(*pop.Session); ok && s.usable {
		s.known = maildrop.UIDs()
	}
}

// open tries the candidates until one can be connected to and secured. When
// none can, the sources of settings that were not needed are asked for others.
func (s *session) open() bool {
	candidates := s.run.found.Candidates[s.name]
	if len(candidates) == 0 {
		s.absent()
		return false
	}
	candidates = candidates[:min(len(candidates), maxCandidates)]
	asked := false
	for i := 0; i < len(candidates); i++ {
		if i > 0 {
			s.rec = s.run.log.Check(checkID(s.name, i), &candidates[i])
		}
		s.endpoint = candidates[i]
		if s.run.o.logsIn(s.name) {
			switch batch := s.run.o.hosts; {
			case batch.stopped(s.endpoint.Host):
				s.leaveAlone(heldBack(s.endpoint.Host))
				return false
			case batch.spared(s.run.applicant(s.endpoint)):
				s.leaveAlone(errAccountSpared)
				return false
			}
		}
		named, err := s.connect()
		if err == nil {
			s.run.choose(s.endpoint)
			return true
		}
		givesWay := !named || insecure(s.rec.Check())
		if i+1 == len(candidates) && givesWay && !asked && s.ctx.Err() == nil {
			asked = true
			candidates = slices.Concat(candidates, s.run.others(s.ctx, candidates))
		}
		if !named {
			continue
		}
		if i+1 == len(candidates) || !givesWay || s.ctx.Err() != nil {
			s.close()
			return false
		}
		// The next one need not wait until every address of this one was tried.
		failed, otherwise := s.checker, s.otherwise
		s.checker = nil
		s.run.wait.Go(crash.Guard(s.ctx, func() { failed.Close(s.ctx, otherwise) }))
	}
	return false
}

// connect takes the endpoint as far as it goes without a secret; named tells
// whether its host has an address.
func (s *session) connect() (named bool, err error) {
	addrs, err := s.run.addresses(s.ctx, s.endpoint.Host)
	if err != nil {
		s.rec.SkipRest(s.steps(s.endpoint.Security), "dns.host")
		return false, err
	}
	s.checker, err = s.protocol.open(s.ctx, s.rec, s.endpoint, addrs, &s.run.o, s.run.wireOptions())
	s.run.told(s.endpoint, nil)
	return true, err
}

// absent records a protocol that has no endpoint.
func (s *session) absent() {
	if !s.run.o.wants(s.name) {
		s.rec.SkipRest(s.steps(report.TLS), report.ByFlags)
		return
	}
	missing := s.run.found.Missing[s.name]
	for _, step := range s.steps(report.TLS) {
		s.rec.SkipCause(step, missing.Step, missing.Cause)
	}
}

// leaveAlone records a server that is not connected to, because of what the batch
// has been refused there.
func (s *session) leaveAlone(why error) {
	auth := s.rec.Check().ID + ".auth"
	for _, step := range s.steps(s.endpoint.Security) {
		if step == "auth" {
			_ = s.rec.Run(s.ctx, step, func(context.Context, *report.Step) error { return why })
			continue
		}
		s.rec.Skip(step, auth)
	}
}

// insecure tells whether the check failed to connect or to secure, so that
// another candidate is to be tried. A TLS port where STARTTLS was expected
// shows itself at the greeting.
func insecure(c *report.Check) bool {
	f := c.FirstFailed()
	return f != nil && (slices.Contains([]string{"connect", "tls", "starttls"}, f.Step) || strings.HasPrefix(string(f.Cause), "tls."))
}

// checkID is the id of the check of a protocol's endpoint: "imap", and of a
// further one "imap#2".
func checkID(p report.Protocol, index int) string {
	if index == 0 {
		return string(p)
	}
	return string(p) + "#" + strconv.Itoa(index+1)
}

// close ends the session, where one was opened.
func (s *session) close() {
	if s.checker != nil {
		s.checker.Close(s.ctx, s.otherwise)
		s.checker = nil
	}
}

// wireOptions shapes a connection of this run.
func (r *run) wireOptions() wire.Options {
	w := wire.Options{
		TLS:         wire.Trust{Roots: r.o.Roots, Pin: r.o.Pin, AcceptInvalid: r.o.AcceptInvalid, Verified: &r.chains},
		Silence:     r.o.Silence,
		DialContext: r.o.Dial,
	}
	if r.o.Transcript {
		w.Transcript = &wire.Transcript{Scrub: r.scrub.Scrub}
	}
	return w
}

// told notes what a mail server was told.
func (r *run) told(ep report.Endpoint, what []string) {
	r.contacted(report.Contact{Host: ep.Host, Port: ep.Port, Purpose: string(ep.Protocol), Told: what})
}

// contacted notes a host that was asked something; what it was told before
// for the same purpose is kept with it.
func (r *run) contacted(c report.Contact) {
	r.mu.Lock()
	defer r.mu.Unlock()
	i := slices.IndexFunc(r.report.Contacted, func(k report.Contact) bool {
		return k.Host == c.Host && k.Port == c.Port && k.Purpose == c.Purpose
	})
	if i < 0 {
		i = len(r.report.Contacted)
		r.report.Contacted = append(r.report.Contacted, report.Contact{Host: c.Host, Port: c.Port, Purpose: c.Purpose, Told: []string{}})
	}
	known := &r.report.Contacted[i]
	for _, what := range c.Told {
		if !slices.Contains(known.Told, what) {
			known.Told = append(known.Told, what)
		}
	}
}
