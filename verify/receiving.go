package verify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"mailcheck/internal/crash"
	"mailcheck/internal/diagnose"
	"mailcheck/internal/dns"
	"mailcheck/internal/lang"
	"mailcheck/internal/policy"
	"mailcheck/report"
)

// receivingSteps are the steps of the check "mx", in order: those of each mail
// server of the domain, then what the domain publishes, then "dane" for each
// server again.
var receivingSteps = []string{"host", "connect", "greeting", "ehlo", "starttls", "tls", "spf", "dkim", "dmarc", "mta-sts", "tls-rpt", "dane"}

// exchangerSteps are those of receivingSteps that are about one server.
var exchangerSteps = receivingSteps[:6]

// maxExchangers is how many of a domain's mail servers are tried. The largest
// domains name about ten; behind the first few a sender hardly ever gets.
const maxExchangers = 8

// receiving is the check "mx": how others reach the domain with their mail, and
// what it tells them. Nothing is delivered and no address is told.
type receiving struct {
	run    *run
	rec    *report.Recorder
	domain string
	all    []*exchanger
	// signed says that DNSSEC vouches for who the mail servers are.
	signed bool
	sts    *policy.STS // nil: none that is known
}

// receive is the check "mx", when the lookup of the domain's MX has ended, but
// for the step "dkim", which waits for a message ([run.inspectDKIM]).
func (r *run) receive(ctx context.Context) {
	select {
	case <-r.mxDone:
	case <-ctx.Done():
	}
	rc := &receiving{run: r, rec: r.log.Check(report.MXCheck, nil), domain: r.o.Account.Domain}
	r.receiving = rc
	defer rc.sort()
	if ctx.Err() != nil { // the lookup may still be on its way
		rc.rec.SkipRest(receivingSteps, "dns.mx")
		return
	}
	var none *dns.Error
	missing := errors.As(r.mxErr, &none)
	if missing && none.Kind != dns.NoRecords {
		rc.rec.SkipRest(receivingSteps, "dns.mx")
		return
	}
	switch {
	case missing: // RFC 5321 section 5.1: the domain's own address takes its mail
		if _, err := r.elsewhere.Host(ctx, rc.domain); err == nil {
			rc.all = []*exchanger{{name: rc.domain}}
		}
	case !dns.NullMX(r.mxAnswer):
		rc.signed = r.mxAnswer.Authentic
		for _, mx := range r.mxAnswer.Records {
			switch known := slices.ContainsFunc(rc.all, func(x *exchanger) bool { return x.name == mx.Host }); {
			case known:
			case len(rc.all) == maxExchangers:
				rc.leave(ctx, mx.Host)
			default:
				rc.all = append(rc.all, &exchanger{name: mx.Host})
			}
		}
	}
	var wait sync.WaitGroup
	for _, x := range rc.all {
		wait.Go(crash.Guard(ctx, func() { rc.meet(ctx, x) }))
	}
	for _, read := range []func(context.Context){rc.spf, rc.dmarc, rc.mtaSTS, rc.tlsRPT} {
		wait.Go(crash.Guard(ctx, func() { read(ctx) }))
	}
	wait.Wait()
	rc.weigh()
	rc.dane(ctx)
	for _, x := range rc.all {
		rc.rec.Check().Transcript = append(rc.rec.Check().Transcript, x.transcript...)
	}
	if len(rc.all) == 0 {
		rc.rec.SkipRest(exchangerSteps, "dns.mx")
	}
}

// leave names a server that is one too many to be met.
func (rc *receiving) leave(ctx context.Context, host string) {
	_ = rc.rec.RunSubject(ctx, "host", host, func(_ context.Context, s *report.Step) error {
		s.Result, s.Because = report.Skip, report.ByFlags
		s.Detail = fmt.Sprintf("not met: the domain has more than %d mail servers", maxExchangers)
		return nil
	})
}

// sort puts the steps into their order, those of a server together, and behind
// them what is about the domain, or about what the servers have shown.
func (rc *receiving) sort() {
	server := func(s *report.Step) int {
		i := slices.IndexFunc(rc.all, func(x *exchanger) bool { return x.name == s.Subject })
		if i < 0 {
			return len(rc.all) // one that was left, or none
		}
		return i
	}
	step := func(s *report.Step) int { return slices.Index(receivingSteps, s.Step) }
	early := func(s *report.Step) bool { return slices.Contains(exchangerSteps, s.Step) }
	rc.rec.Sort(func(a, b *report.Step) int {
		if early(a) && early(b) {
			return cmp.Or(cmp.Compare(server(a), server(b)), cmp.Compare(step(a), step(b)))
		}
		return cmp.Or(cmp.Compare(step(a), step(b)), cmp.Compare(server(a), server(b)))
	})
}

// weigh judges the servers once all is known: what one of them does is no fault
// where the line from here keeps it from answering, and none that harms mail
// where nobody demands otherwise.
func (rc *receiving) weigh() {
	blocked := rc.portBlocked()
	named := slices.ContainsFunc(rc.all, func(x *exchanger) bool { return x.named })
	for _, x := range rc.all {
		if lookup := rc.hostStep(x); lookup != nil && named && !x.named && lookup.Result == report.Fail {
			rc.rec.Amend(lookup, func(s *report.Step) { s.Result = report.Warn }) // mail goes to the others
		}
		demands := rc.demandsOn(x)
		for _, s := range x.steps {
			switch {
			case s.Step == "connect" && s.Result == report.Fail && blocked:
				excuse(s, report.MXPortBlocked)
			case slices.Contains(refusalsOfUs, s.Cause):
				excuse(s, s.Cause)
			case s.Cause == report.TLSStartTLSNotOffered:
				s.Cause = report.MXStartTLSMissing
				if !demands.encryption() {
					s.Result = report.Warn
				}
			case s.Step == "tls" && s.Result == report.Warn && s.Err != nil:
				rc.weighCertificate(x, s, demands)
			}
			rc.rec.Take(s)
		}
	}
}

// refusalsOfUs are the causes of a refusal that is meant for this line, or for
// what this program calls itself: no mail server at work is met like that.
var refusalsOfUs = []report.Cause{report.GreetingRejectedIP, report.SubmitRDNSRejected, report.SubmitHELORejected}

// excuse makes a step that says nothing about the server one that was not run.
func excuse(s *report.Step, cause report.Cause) {
	s.Result, s.Cause, s.Confidence, s.Err, s.Alternatives = report.Skip, cause, "", nil, nil
}

// portBlocked tells whether no server takes a connection, so that it is likely
// this line which lets none out at port 25.
func (rc *receiving) portBlocked() bool {
	tried := false
	for _, x := range rc.all {
		i := slices.IndexFunc(x.steps, func(s *report.Step) bool { return s.Step == "connect" && s.Result != report.Skip })
		if i < 0 {
			continue
		}
		tried = true
		if s := x.steps[i]; s.Result != report.Fail || s.Cause == report.ClientInterrupted {
			return false
		}
	}
	return tried
}

// demands are what senders are told to demand of a server.
type demands struct {
	sts  bool // an MTA-STS policy that is enforced
	dane bool // TLSA records that count
}

func (d demands) encryption() bool { return d.sts || d.dane }

func (rc *receiving) demandsOn(x *exchanger) demands {
	return demands{sts: rc.sts.Enforced() && rc.sts.Covers(x.name), dane: rc.secured(x)}
}

// weighCertificate judges a certificate that is not valid by itself: between
// mail servers that is common, and harms only where senders are told to check.
func (rc *receiving) weighCertificate(x *exchanger, s *report.Step, d demands) {
	_, err := rc.compare(x)
	switch {
	case d.sts:
		s.Result, s.Cause = report.Fail, report.MXCertificateDemanded
	case d.dane && err == nil:
		s.Result, s.Cause, s.Confidence, s.Err, s.Explanation, s.Advice = report.OK, "", "", nil, "", nil
		s.Detail += "; DANE vouches for it"
	default:
		s.Cause = report.MXCertificate
	}
	if s.Cause != "" {
		s.Confidence, s.Alternatives = report.High, nil
	}
}

// hostStep is the step that looked the server up.
func (rc *receiving) hostStep(x *exchanger) *report.Step {
	steps := rc.rec.Check().Steps
	i := slices.IndexFunc(steps, func(s *report.Step) bool { return s.Step == "host" && s.Subject == x.name })
	if i < 0 {
		return nil
	}
	return steps[i]
}

// inspectDKIM is the step "dkim": what the header of the message that arrived
// says of its signature.
func (r *run) inspectDKIM(ctx context.Context) {
	rc := r.receiving
	switch {
	case rc == nil || rc.rec.Check().Step("dkim") != nil:
		return
	case r.arrived == nil:
		rc.rec.Skip("dkim", r.whyNoMessage())
	default:
		rc.read(ctx, "dkim", func(ctx context.Context) (policy.Finding, error) {
			found, err := policy.DKIM(ctx, r.elsewhere, r.arrived)
			if a := r.report.Message.Authentication; err == nil && a != nil && a.DKIM != "" {
				found.Detail += "; the receiving server says: " + a.DKIM
			}
			return found, err
		})
	}
	rc.sort()
}

// whyNoMessage is the step for whose sake there is no message to look at.
func (r *run) whyNoMessage() string {
	i := slices.IndexFunc(r.log.Checks(), func(c *report.Check) bool { return c.ID == "delivery" })
	if i < 0 {
		return report.ByFlags
	}
	c := r.log.Checks()[i]
	if failed := c.FirstFailed(); failed != nil {
		return failed.ID
	}
	if arrive := c.Step("arrive"); arrive != nil && arrive.Because != "" {
		return arrive.Because
	}
	return report.ByFlags
}

// diagnosed gives the steps of a session its own causes, by the replies of its
// protocol; their words come with [report.Recorder.Take].
func (r *run) diagnosed(c *report.Check, s *report.Step) {
	diagnose.StepMasked(c, s, lang.Tag(r.o.Lang), r.scrub.Scrub)
}
