package verify

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"strings"

	"mailcheck/imap"
	"mailcheck/internal/crash"
	"mailcheck/internal/sasl"
	"mailcheck/pop"
	"mailcheck/report"
	"mailcheck/smtp"
	"mailcheck/wire"
)

// maxCandidates is how many endpoints of one protocol are tried.
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
			s.rec = s.run.log.Check(candidateID(s.name, i), &candidates[i])
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

// applicant is the account at an endpoint, as a batch tells it from others.
func (r *run) applicant(e report.Endpoint) applicant {
	a := applicant{names: []string{r.o.Account.Mailbox()}, host: e.Host,
		other: slices.DeleteFunc(r.hostNames(), func(name string) bool { return name == e.Host })}
	if e.Username != "" && !strings.EqualFold(e.Username, a.names[0]) {
		a.names = append(a.names, e.Username)
	}
	return a
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

func candidateID(p report.Protocol, i int) string {
	return string(p) + "#" + string(rune('1'+i))
}

// login logs in when it is the protocol's turn, and tells whether it did.
func (s *session) login() bool {
	r := s.run
	if !r.o.logsIn(s.name) {
		return false
	}
	switch {
	case r.secrets.For(string(s.name)).Secret.IsZero():
		s.otherwise = "creds." + r.credsRec.Check().Steps[0].Step
		return false
	case !s.endpoint.Trusted:
		s.otherwise = "settings." + s.endpoint.Source
		return false
	case !r.verified(s.rec.Check(), s.endpoint):
		_ = s.rec.Run(s.ctx, "auth", func(context.Context, *report.Step) error {
			return &report.Fault{Cause: s.rec.Check().Step("tls").Cause,
				Text: "the certificate is not valid and the server's address is public, so no secret was sent"}
		})
		return false
	}
	may, because := r.logins.turn(s.ctx, s.name)
	switch {
	case !may && r.outer.Err() != nil: // stopped while it waited for its turn: nothing was tried
		s.otherwise = because
		return false
	case s.ctx.Err() != nil:
		_ = s.rec.Run(s.ctx, "auth", func(ctx context.Context, _ *report.Step) error {
			return &wire.ContextError{Err: ctx.Err(), Reason: context.Cause(ctx)}
		})
		return false
	}
	if !may {
		s.otherwise = because
		s.rec.SkipCause("auth", because, report.AuthLimitReached)
		return false
	}
	s.endpoint.Username = r.logins.learned(s.endpoint)
	made, rejected, err := s.logIn("")
	if other := s.endpoint.OtherUsername; rejected && other != "" && s.unknownUser() && r.logins.tryOther() {
		rejected, err = s.logInAs(other)
	}
	switch {
	case !made:
		return false
	case err == nil:
		r.logins.end(s.name, accepted, false)
		return true
	}
	r.logins.end(s.name, refused, rejected)
	return false
}

// logIn makes one login. Made is false when nothing was sent; rejected tells a
// secret that the server refused from a dialogue that broke.
func (s *session) logIn(subject string) (made, rejected bool, err error) {
	r := s.run
	secret := r.secrets.For(string(s.name))
	policy := sasl.Policy{Only: r.o.Mechanism, AllowCleartext: r.o.AllowCleartext}
	before := s.rec.Check().Auth // of a login before this one
	ended, err := r.o.hosts.login(s.ctx, r.applicant(s.endpoint))
	if err != nil {
		return false, false, s.rec.RunSubject(s.ctx, "auth", subject, func(context.Context, *report.Step) error { return err })
	}
	came := none
	defer func() { ended(came) }()
	err = s.checker.Login(s.ctx, sasl.Login{
		Username: s.endpoint.Username, Secret: secret.Secret, Kind: secret.Kind, Published: s.endpoint.Auth, Subject: subject,
	}, policy)
	if s.rec.Check().Auth == before {
		return false, false, err
	}
	r.told(s.endpoint, []string{"address", string(secret.Kind)})
	r.logins.made()
	var no *report.ReplyError
	rejected = errors.As(err, &no) && !slices.Contains(unjudged, s.rec.Check().LastLogin().Cause)
	switch {
	case rejected:
		came = refused
	case err == nil:
		came = accepted
	}
	return true, rejected, err
}

// unjudged are the causes of a refusal that says nothing of the secret: a
// maildrop that is in use was opened with the right one, and the others come
// before any is asked for.
var unjudged = []report.Cause{report.MailboxInUse, report.AuthMechanismUnsupported, report.AuthEncryptionRequired, report.AuthNotOffered}

// logInAs tries the other user name that the settings name. When it is the
// right one, the login before it is a warning, and the other protocols use it.
func (s *session) logInAs(other string) (rejected bool, err error) {
	first, before := s.rec.Check().LastLogin(), s.endpoint
	s.endpoint.Username = other
	_, rejected, err = s.logIn("second-user-name")
	if err != nil {
		s.endpoint.Username = before.Username
		return rejected, err
	}
	s.run.logins.learn(before)
	s.run.rename(before)
	s.rec.Amend(first, func(step *report.Step) {
		step.Result, step.Cause, step.Confidence, step.Alternatives = report.Warn, report.AuthUsernameForm, report.High, nil
	})
	return false, nil
}

// unknownUser tells a refusal that another user name can mend. Where a provider
// wants an app password, and did not say itself that it got another one, the
// name may still be what is wrong.
func (s *session) unknownUser() bool {
	login := s.rec.Check().LastLogin()
	switch login.Cause {
	case report.AuthBadCredentials, report.AuthUsernameForm:
		return true
	case report.AuthAppPasswordRequired:
		return login.Confidence != report.High
	}
	return false
}

// verified tells whether the secret may be sent as far as the certificate
// goes: one that failed and was accepted by flag is good for a private network
// only.
func (r *run) verified(c *report.Check, ep report.Endpoint) bool {
	if c.TLS == nil || c.TLS.Verified {
		return true
	}
	addrs, _ := r.addresses(context.Background(), ep.Host) // looked up before
	for _, a := range addrs {
		if a = a.Unmap(); !a.IsLoopback() && !a.IsPrivate() && !a.IsLinkLocalUnicast() {
			return false
		}
	}
	return true
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
