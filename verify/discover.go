package verify

import (
	"context"
	"slices"
	"sync"

	"mailcheck/internal/crash"
	"mailcheck/internal/diagnose"
	"mailcheck/report"
)

// maxTried is how many endpoints of one protocol a discovery tries. Healthy
// sources together name fewer; a hostile file does not make a port scanner of
// this program.
const maxTried = 24

// Discover looks for the settings of the account, without a secret: every
// source is asked to its end, and every endpoint that one of them names is
// taken through connect, TLS and capabilities, all at the same time, as is the
// receiving side of the domain. Options that are about logins and messages change
// nothing. It reports as [Run] does.
func Discover(ctx context.Context, o Options) (*report.Report, error) {
	return crash.Contain(ctx, func(ctx context.Context) (*report.Report, error) { return look(ctx, o) })
}

func look(ctx context.Context, o Options) (*report.Report, error) {
	o.NoAuth, o.Send, o.ConfirmHost = true, diagnose.SendNone, nil
	o.complete()
	r := newRun(ctx, o)
	r.everySource = true
	ctx, stop := r.interrupt.watch(ctx, o.Abort)
	defer stop()
	ctx, cancel := context.WithTimeoutCause(ctx, o.Timeout, report.ErrRunTimeout)
	defer cancel()

	r.settingsRec = r.log.Check("settings", nil)
	r.dnsRec = r.log.Check("dns", nil)
	r.wait.Go(crash.Guard(ctx, func() { defer close(r.mxDone); r.lookUpMX(ctx) }))
	received := crash.Aside(func() { r.receive(ctx) })
	r.findSettings(ctx, r.mxDone)
	r.wait.Wait()
	r.tryEndpoints(ctx)
	received()
	r.inspectDKIM(ctx)
	return r.finish(diagnose.Discovery), nil
}

// tryEndpoints takes every endpoint that was named as far as it goes without a
// secret, each a check of its own.
func (r *run) tryEndpoints(ctx context.Context) {
	var tried []report.Endpoint
	var sessions []*session
	for _, p := range protocols {
		count := 0
		for _, e := range r.found.Endpoints {
			if e.Protocol != p.name || slices.ContainsFunc(tried, e.SameServer) {
				continue
			}
			tried = append(tried, e)
			s := &session{protocol: p, run: r, ctx: ctx, endpoint: e, rec: r.log.Check(checkID(p.name, count), &e), otherwise: report.ByFlags}
			if count++; count > maxTried {
				s.rec.SkipRest(s.steps(e.Security), "settings."+e.Source)
				continue
			}
			sessions = append(sessions, s)
		}
		if count == 0 {
			s := &session{protocol: p, run: r, ctx: ctx, rec: r.log.Check(string(p.name), nil)}
			s.rec.Check().Protocol = p.name
			s.absent()
		}
	}
	var names []string
	for _, s := range sessions {
		if !slices.Contains(names, s.endpoint.Host) {
			names = append(names, s.endpoint.Host)
		}
	}
	var open sync.WaitGroup
	for _, s := range sessions {
		open.Go(crash.Guard(ctx, s.look))
	}
	open.Wait()
	r.sortHosts(names)
}

// look takes the session's endpoint as far as it goes without a secret.
func (s *session) look() {
	defer s.close()
	_, _ = s.connect() // the check says how it went
}
