package wire

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"mailcheck/internal/crash"
	"mailcheck/report"
)

// attemptDelay is the Connection Attempt Delay of RFC 8305 section 5.
const attemptDelay = 250 * time.Millisecond

// errSurveyOver ends the attempts at addresses that took too long.
var errSurveyOver = fmt.Errorf("the address took longer than %v: %w", surveyTime, context.DeadlineExceeded)

// attempt is one address of a host.
type attempt struct {
	addr netip.Addr
	took time.Duration
	err  error // nil and done: it took the connection
	done bool
}

// survey tries every address of a host. The first to answer wins the race;
// the others are told dead or alive by TCP alone.
type survey struct {
	host   string
	port   int
	dial   func(ctx context.Context, network, address string) (net.Conn, error) // nil: net's
	ctx    context.Context
	cancel context.CancelCauseFunc
	kick   chan struct{} // the next attempt may start before its delay
	won    chan net.Conn // closed without a value when all have failed
	rest   chan struct{} // closed when every attempt is done

	mu       sync.Mutex
	attempts []*attempt
	winner   *attempt    // that won the race; nil while none has
	limit    *time.Timer // for the others from then on; nil where there are none
}

// dial connects to the first address that answers. ctx limits that; the
// attempts at the other addresses live until base ends, and surveyTime at most.
func dial(ctx, base context.Context, host string, port int, addrs []netip.Addr, opt Options) (*Conn, error) {
	s := &survey{host: host, port: port, dial: opt.DialContext,
		kick: make(chan struct{}, 1), won: make(chan net.Conn, 1), rest: make(chan struct{})}
	for _, a := range interleave(addrs) {
		s.attempts = append(s.attempts, &attempt{addr: a})
	}
	ended := func() error { return &ContextError{Err: ctx.Err(), Reason: context.Cause(ctx)} }
	if len(s.attempts) == 1 { // there is none that could outlive the step
		s.ctx, s.cancel = ctx, func(error) {}
		s.run()
	} else {
		s.ctx, s.cancel = context.WithCancelCause(base)
		go crash.Guard(base, s.run)()
	}
	select {
	case raw, ok := <-s.won:
		switch {
		case ok:
			c := newConn(base, raw, opt)
			c.survey = s
			return c, nil
		case ctx.Err() != nil: // which is why none has answered
			return nil, s.failure(ended())
		}
		return nil, s.failure(nil)
	case <-ctx.Done():
		err := ended()
		s.cancel(err)
		<-s.rest
		select {
		case raw := <-s.won: // it came in the same instant
			if raw != nil {
				_ = raw.Close()
			}
		default:
		}
		return nil, s.failure(err)
	}
}

// interleave orders addresses by family in turn, IPv6 first (RFC 8305 section
// 4), keeps the resolver's order within a family, and bounds their number.
func interleave(addrs []netip.Addr) []netip.Addr {
	var six, four, out []netip.Addr
	for _, a := range addrs {
		if a = a.Unmap(); a.Is6() {
			six = append(six, a)
		} else {
			four = append(four, a)
		}
	}
	for len(out) < MaxAddresses && len(six)+len(four) > 0 {
		if len(six) > 0 {
			out, six = append(out, six[0]), six[1:]
		}
		if len(four) > 0 && len(out) < MaxAddresses {
			out, four = append(out, four[0]), four[1:]
		}
	}
	return out
}

// run starts the attempts one after the other: each when the one before it
// has failed, when its delay is over, or at once when the race is won.
func (s *survey) run() {
	defer close(s.rest)
	var wg sync.WaitGroup
	for i, a := range s.attempts {
		if i > 0 {
			select {
			case <-time.After(attemptDelay):
			case <-s.kick:
			case <-s.ctx.Done():
			}
		}
		if i == len(s.attempts)-1 {
			s.try(a)
		} else {
			wg.Go(crash.Guard(s.ctx, func() { s.try(a) }))
		}
	}
	wg.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.winner == nil {
		close(s.won)
	} else if s.limit != nil {
		s.limit.Stop()
	}
	s.cancel(nil) // nothing is left to end, or to be kept until base ends
}

func (s *survey) try(a *attempt) {
	begin := time.Now()
	conn, err := s.connect(s.ctx, a.addr)
	s.mu.Lock()
	defer s.mu.Unlock()
	a.took, a.err, a.done = time.Since(begin), err, true
	switch {
	case err == nil && s.winner == nil:
		s.winner = a
		s.won <- conn
		if len(s.attempts) > 1 {
			s.limit = time.AfterFunc(surveyTime, func() { s.cancel(errSurveyOver) })
		}
	case err == nil:
		_ = conn.Close()
	}
	s.next()
}

// dialer keeps no connection alive that nobody uses: sessions have limits.
var dialer = net.Dialer{KeepAlive: -1}

// connect connects to one address of the host.
func (s *survey) connect(ctx context.Context, addr netip.Addr) (net.Conn, error) {
	to := netip.AddrPortFrom(addr, uint16(s.port))
	if s.dial != nil {
		return s.dial(ctx, "tcp", to.String())
	}
	conn, err := dialer.DialTCP(ctx, "tcp", netip.AddrPort{}, to)
	if err != nil {
		return nil, err
	}
	return conn, nil
}

// next lets the next attempt start without its delay.
func (s *survey) next() {
	select {
	case s.kick <- struct{}{}:
	default:
	}
}

// addresses waits for every attempt and returns their outcomes. An address of
// a family that this machine has no route for says nothing about the server
// when another address answered: it is skipped.
func (s *survey) addresses() []report.Address {
	<-s.rest
	out := make([]report.Address, 0, len(s.attempts))
	for _, a := range s.attempts {
		r := report.Address{IP: a.addr.String(), Result: report.OK}
		switch {
		case a.err == nil:
			ms := a.took.Milliseconds()
			r.ConnectMS = &ms
		case errors.Is(a.err, context.Canceled) && !errors.Is(context.Cause(s.ctx), context.DeadlineExceeded):
			r.Result = report.Skip // interrupted before it could answer
		case s.winner != nil && noRoute(a.err):
			r.Result, r.Cause = report.Skip, report.ConnectUnreachable
		default:
			r.Result, r.Cause = report.Fail, connectCause(a.err)
		}
		out = append(out, r)
	}
	return out
}

// failure is the error of a host that no address of which answered.
func (s *survey) failure(err error) error {
	addrs := s.addresses()
	for _, a := range s.attempts {
		// The first address that said something tells more than a time-out.
		if err == nil || a.err != nil && !errors.Is(a.err, context.Canceled) && isContext(err) {
			err = a.err
		}
	}
	if err == nil {
		err = errors.New("it has no address")
	}
	return &ConnectError{Host: s.host, Port: s.port, Addresses: addrs, Err: err}
}

func isContext(err error) bool {
	var c *ContextError
	return errors.As(err, &c)
}

// connectCause is the cause of one address's failure, for the address list;
// a check's own cause is diagnosed from the whole error.
func connectCause(err error) report.Cause {
	if cause, known := ErrnoCause(err); known {
		return cause
	}
	return report.ConnectTimeout
}
