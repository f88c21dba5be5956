// Package verify checks one account from end to end. It is the only package
// that knows the whole order:
//
//  1. [Run] finds the settings, the MX and the secret, side by side
//     (settings.go, secret.go).
//  2. Every mail server is taken as far as it goes without a secret, all at
//     the same time, then logged in to in an order that cannot lock the
//     account (sessions.go, logins.go).
//  3. One test message is sent through the SMTP session, awaited in the
//     mailbox, read, and deleted again, together with what earlier runs have
//     left behind (delivery.go, signing.go).
//  4. Where a server failed before any login, other ways to it are tried
//     without a secret (probe.go).
//  5. Where it was asked for, how others reach the domain with their mail, and
//     what it publishes about it, is looked at beside all that (receiving.go,
//     exchanger.go, policies.go).
//  6. What was seen is judged as a whole (internal/diagnose), scrubbed of
//     secrets, and returned.
//
// [Discover] takes the settings and the servers alone, without a secret
// (discover.go). [Batch] runs many accounts, some at the same time (batch.go),
// with regard to the hosts that they share (batch_hosts.go). A failure of one
// session never stops or hides another.
package verify

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"mailcheck/creds"
	"mailcheck/internal/crash"
	"mailcheck/internal/diagnose"
	"mailcheck/internal/discover"
	"mailcheck/internal/dns"
	"mailcheck/internal/lang"
	"mailcheck/internal/testmsg"
	"mailcheck/report"
	"mailcheck/wire"
)

// Run checks the account and returns the report of what was seen, also when
// ctx ends before its time. The error is of another kind: a mistake of usage
// (*creds.InputError, *creds.AddressError), found before anything was sent, or
// a *[Fault], both without a report.
func Run(ctx context.Context, o Options) (*report.Report, error) {
	return crash.Contain(ctx, func(ctx context.Context) (*report.Report, error) { return check(ctx, o) })
}

// Fault is a panic in a goroutine of the run. It repeats no server's words and
// no secret.
type Fault = crash.Fault

func check(ctx context.Context, o Options) (*report.Report, error) {
	for _, address := range []string{o.From, o.To} {
		if _, err := creds.ParseAddress(address); address != "" && err != nil {
			return nil, err
		}
	}
	o.complete()
	r := newRun(ctx, o)
	limit := o.Timeout
	if o.awaitsArrival() {
		limit += o.Wait
	}
	ctx, stop := r.interrupt.watch(ctx, o.Abort)
	defer stop()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()

	limited, endLimit := context.WithTimeoutCause(ctx, o.Timeout, report.ErrRunTimeout)
	defer endLimit()
	if err := r.prepare(ctx, limited, cancel); err != nil {
		return nil, err
	}
	// Questions and commands count in no limit; what else came before the
	// sessions was bounded by that of a discovery.
	limit -= min(time.Since(r.log.Start), discover.Deadline, limit/2)
	defer o.hosts.enter(ctx, r.hostNames())() // nor does the wait for other accounts
	ctx, end := context.WithTimeoutCause(ctx, limit, report.ErrRunTimeout)
	defer end()
	if o.MX {
		r.wait.Go(crash.Guard(ctx, func() { r.receive(ctx) }))
	}
	r.sessions(ctx)
	r.wait.Wait()
	r.inspectDKIM(ctx)
	r.probe(ctx)
	return r.finish(diagnose.Verdict), nil
}

// run is one run in progress.
type run struct {
	o     Options
	outer context.Context // ends when the user interrupts
	log   *report.Log
	dns   *dns.Client
	// elsewhere looks up what other servers see: both address families,
	// whichever this run is to use.
	elsewhere *dns.Client
	scrub     creds.Scrubber
	secrets   creds.Set
	signing   signing
	// everySource asks every source of settings to its end.
	everySource bool
	found       *discover.Settings
	further     further
	mx          []string // the hosts that take the domain's mail, the first choice alone
	mxAnswer    *dns.Answer[dns.MX]
	mxErr       error         // of their lookup
	mxDone      chan struct{} // closed when that has ended
	receiving   *receiving    // the check "mx"; nil where it is not made
	arrived     []byte        // the header of the message that arrived; nil while none has
	hosts       map[string]*host
	chains      wire.Verified
	logins      *logins
	message     *testmsg.Message
	wait        sync.WaitGroup // what runs beside the sessions

	interrupt interrupt

	settingsRec, dnsRec, credsRec *report.Recorder

	report *report.Report

	mu sync.Mutex // guards hosts, found.Endpoints and report.Contacted
}

func newRun(ctx context.Context, o Options) *run {
	r := &run{
		o: o, outer: ctx,
		dns:       dns.New(dns.Options{Server: o.DNS, Override: o.Override, Family: o.Family}),
		elsewhere: dns.New(dns.Options{Server: o.DNS, Override: o.Override, Public: true}),
		mxDone:    make(chan struct{}),
		hosts:     map[string]*host{},
		report: &report.Report{
			Schema: report.Schema, Tool: report.Tool{Name: "mailcheck", Version: o.Version},
			Lang: o.Lang, Address: o.Account.Address, Started: o.Now(),
			Expectations: slices.Clone(o.Expect),
		},
	}
	r.log = &report.Log{
		Start:       time.Now(),
		StepTimeout: o.stepTimeout,
		Judge:       r.judge,
		Unasked:     o.unasked,
		Observe:     o.Observe,
	}
	return r
}

// judge sets the cause of a step that has ended, and takes echoed secrets out
// before anybody sees it.
func (r *run) judge(check *report.Check, step *report.Step) {
	diagnose.StepMasked(check, step, lang.Tag(r.o.Lang), r.scrub.Scrub)
	if r.everySource && check.ID == report.MXCheck && step.Result == report.Fail && step.Cause != report.ClientInterrupted {
		step.Result = report.Warn // the settings are what was asked for
	}
	report.ScrubStep(check, step, r.scrub.ScrubAll)
	// Cut afterwards: half a secret would not be found.
	step.Detail = clip(step.Detail)
	if step.Reply != nil {
		step.Reply.Text = clip(step.Reply.Text)
	}
}

// prepare does what comes before the sessions: settings, MX and secret, side
// by side, then the addresses of the mail hosts. What is asked of others ends with
// limited, which is a part of ctx; a mistake of usage ends both by cancel.
func (r *run) prepare(ctx, limited context.Context, cancel context.CancelFunc) error {
	r.settingsRec = r.log.Check("settings", nil)
	r.dnsRec = r.log.Check("dns", nil)
	r.credsRec = r.log.Check("creds", nil)

	r.wait.Go(crash.Guard(ctx, func() { defer close(r.mxDone); r.lookUpMX(limited) }))

	settings := make(chan struct{})
	find := func() { defer close(settings); r.findSettings(limited, r.mxDone) }
	if r.o.allFixed() { // nobody is asked
		find()
	} else {
		go crash.Guard(ctx, find)()
	}

	err := r.findSecret(ctx, r.mxDone, settings)
	if err != nil {
		cancel()
	} else {
		r.askForKey(ctx)
	}
	<-settings
	if err != nil {
		r.wait.Wait()
		return err
	}
	r.confirmHosts(ctx)
	r.resolveHosts(ctx)
	return nil
}

// finish completes the report, with a verdict of the kind that the run is for.
func (r *run) finish(verdict func(*report.Report, diagnose.Facts)) *report.Report {
	rep := r.report
	rep.Checks = r.log.Checks()
	slices.SortStableFunc(rep.Checks, func(a, b *report.Check) int { return standing(a) - standing(b) })
	r.dnsRec.Sort(func(a, b *report.Step) int { return behindMX(a) - behindMX(b) })
	known := r.scrub.Known()
	report.Scrub(rep, r.scrub.ScrubAll)
	if r.scrub.Known() > known { // of the parts that were told, some stand farther up too
		report.Scrub(rep, r.scrub.ScrubAll)
	}
	bound(rep)
	if r.found != nil {
		rep.Settings = r.found.Endpoints
	}
	slices.SortStableFunc(rep.Contacted, func(a, b report.Contact) int { return cmp.Compare(a.Purpose, b.Purpose) })
	rep.DurationMS = r.log.Since(time.Now())
	if r.logins != nil {
		rep.Verdict.Logins = r.logins.count()
	}
	var redaction *report.Redaction
	if r.o.Redact {
		redaction = report.NewRedaction(rep, r.loginNames())
		redaction.Names(rep)
	}
	verdict(rep, diagnose.Facts{
		Without:     r.o.Leave,
		POP3Asked:   r.o.popAsked(),
		NoAuth:      r.o.NoAuth,
		Send:        r.o.Send,
		Family:      map[dns.Family]string{dns.IPv4: "IPv4", dns.IPv6: "IPv6"}[r.o.Family],
		DNS:         r.o.DNS,
		From:        r.o.From,
		To:          r.o.To,
		OwnSecret:   r.ownSecret(),
		MX:          r.mx,
		Shape:       r.secrets.Main.Secret.Shape(),
		Mask:        r.scrub.Scrub,
		Strict:      r.o.Strict,
		Interrupted: r.outer.Err() != nil,
	})
	report.ScrubOurs(rep, r.scrub.ScrubOurs)
	if redaction != nil {
		redaction.Addresses(rep)
	}
	return rep
}

// checkOrder is that of the checks in a report, whichever was begun first.
var checkOrder = []string{"settings", "dns", "creds", "imap", "pop3", "smtp", "delivery", report.ProbeCheck, report.MXCheck}

// standing is the place of a check in a report. Further candidates of a protocol stand
// behind the first of it, in the order in which they were begun.
func standing(c *report.Check) int { return slices.Index(checkOrder, report.CheckKind(c.ID)) }

// behindMX puts the hosts of the check "dns" behind the MX, whichever was looked up
// before.
func behindMX(s *report.Step) int {
	if s.Step == "mx" {
		return 0
	}
	return 1
}

// loginNames are all that the run may have logged in with.
func (r *run) loginNames() []string {
	names := []string{r.o.Username}
	for _, name := range r.o.Usernames {
		names = append(names, name)
	}
	for _, e := range r.report.Settings {
		names = append(names, e.Username, e.OtherUsername)
	}
	return names
}

// ownSecret are the protocols that have a secret of their own.
func (r *run) ownSecret() []report.Protocol {
	var own []report.Protocol
	for _, p := range r.o.wanted() {
		if r.secrets.For(string(p)).Secret != r.secrets.Main.Secret {
			own = append(own, p)
		}
	}
	return own
}
