package verify

import (
	"context"
	"fmt"
	"hash/maphash"
	"slices"
	"strings"
	"sync"
	"time"

	"mailcheck/report"
	"mailcheck/wire"
)

// maxRefusalsInARow is how many logins a host may refuse one after the other
// before a batch leaves it alone: what blocks an address (fail2ban counts five
// as it is installed) would make every account after that look broken.
const maxRefusalsInARow = 5

// maxIdleHosts is how many hosts are remembered that nobody is at and that have
// refused nothing, so that their next login keeps its distance.
const maxIdleHosts = 64

// hosts is what the runs of a batch that go on side by side may do at one mail
// server. Nil, as for a run alone, holds nobody up.
//
// A run takes its places at all of its hosts at once or none ([hosts.enter]), and
// waits for no place while it has one: so no two runs can wait for each other.
type hosts struct {
	perHost int           // runs that are at a host at the same time
	gap     time.Duration // between two logins at a host

	seed maphash.Seed // of the keys of accounts

	mu       sync.Mutex
	changed  chan struct{} // closed and renewed when a login has ended
	known    map[string]*hostState
	waiting  []*visit // in the order of their coming
	accounts map[uint64]accountState
}

// applicant is who logs in, and where: what the refusals of an account are
// counted by.
type applicant struct {
	names []string // the address, which comes first, and the login name where it is another
	host  string   // that the login is made at
	other []string // hosts that the same run logs in to
}

// accountState is what is known of an address, or of a name at a host. A batch may
// hold many rows of one account, and what locks it counts the refusals of all of
// them.
type accountState struct {
	trying   int // logins that are being made
	refusals int
}

// hostState is a host as the batch sees it.
type hostState struct {
	visits   int       // runs that are there
	trying   int       // logins that are being made
	refusals int       // in a row
	next     time.Time // when the next login may be made
}

// stopped tells a host that is left alone.
func (p *hostState) stopped() bool { return p.refusals >= maxRefusalsInARow }

// visit is a run that waits for its places.
type visit struct {
	names    []string
	admitted chan struct{}
}

func newHosts(perHost int, gap time.Duration) *hosts {
	return &hosts{perHost: perHost, gap: gap, seed: maphash.MakeSeed(), changed: make(chan struct{}),
		known: map[string]*hostState{}, accounts: map[uint64]accountState{}}
}

// enter waits for a place at each of the hosts, or the end of ctx, and returns
// what gives them back. A host that is stopped is visited by nobody, so that
// nobody has to wait for it.
func (h *hosts) enter(ctx context.Context, names []string) (leave func()) {
	if h == nil {
		return func() {}
	}
	v := &visit{names: names, admitted: make(chan struct{})}
	h.mu.Lock()
	h.forget()
	h.waiting = append(h.waiting, v)
	h.admit()
	h.mu.Unlock()
	select {
	case <-v.admitted:
	case <-ctx.Done():
	}
	return func() { h.leave(v) }
}

// leave gives places back, or no longer waits for them.
func (h *hosts) leave(v *visit) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if i := slices.Index(h.waiting, v); i >= 0 {
		h.waiting = slices.Delete(h.waiting, i, i+1)
	} else {
		for _, name := range v.names {
			h.state(name).visits--
		}
	}
	h.admit()
}

// admit lets in, in their order, those whose hosts all have room. Nobody
// overtakes one who waits for the same host, so that two hosts are not harder to
// get than one. The lock is held.
func (h *hosts) admit() {
	wanted := map[string]bool{} // by somebody who came earlier
	h.waiting = slices.DeleteFunc(h.waiting, func(v *visit) bool {
		full := slices.ContainsFunc(v.names, func(name string) bool {
			p := h.state(name)
			return !p.stopped() && (wanted[name] || p.visits >= h.perHost)
		})
		for _, name := range v.names {
			if full {
				wanted[name] = true
			} else {
				h.state(name).visits++
			}
		}
		if !full {
			close(v.admitted)
		}
		return !full
	})
}

// login waits until a login at the host keeps its distance from the one before,
// or ctx ends. Its error says why none is to be made; else ended is called with
// how the login came out. Logins that are being made count as refused until it
// is known: five refusals are never six, nor two of one account three.
func (h *hosts) login(ctx context.Context, a applicant) (ended func(outcome), err error) {
	if h == nil {
		return func(outcome) {}, nil
	}
	for {
		h.mu.Lock()
		p, changed := h.state(a.host), h.changed
		refusals, trying := h.tried(a)
		wait := time.Until(p.next)
		var later <-chan time.Time // nil: the outcome of another login comes first
		switch {
		case ctx.Err() != nil:
			h.mu.Unlock()
			return nil, &wire.ContextError{Err: ctx.Err(), Reason: context.Cause(ctx)}
		case p.stopped():
			h.mu.Unlock()
			return nil, heldBack(a.host)
		case refusals >= maxRefusals:
			h.mu.Unlock()
			return nil, errAccountSpared
		case p.trying > 0 && p.refusals+p.trying >= maxRefusalsInARow, trying > 0 && refusals+trying >= maxRefusals:
		case wait > 0:
			later = time.After(wait)
		default:
			p.trying++
			p.next = time.Now().Add(h.gap)
			h.count(a, accountState{trying: 1})
			h.mu.Unlock()
			return func(o outcome) { h.ended(a, o) }, nil
		}
		h.mu.Unlock()
		select {
		case <-changed:
		case <-later:
		case <-ctx.Done():
		}
	}
}

// ended notes how a login came out. One that broke says nothing of the host's
// patience.
func (h *hosts) ended(a applicant, o outcome) {
	h.mu.Lock()
	defer h.mu.Unlock()
	p := h.state(a.host)
	p.trying--
	counted := accountState{trying: -1}
	if o == refused {
		counted.refusals = 1
	}
	h.count(a, counted)
	switch o {
	case accepted:
		if !p.stopped() {
			p.refusals = 0
		}
	case refused:
		p.refusals++
	}
	if p.stopped() {
		h.admit() // whoever waits for it
	}
	close(h.changed)
	h.changed = make(chan struct{})
}

// stopped tells a host that is left alone.
func (h *hosts) stopped(name string) bool {
	if h == nil {
		return false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.state(name).stopped()
}

// refusedLater counts a refusal of an account that the host had let in before,
// which says nothing of the host's patience with others.
func (h *hosts) refusedLater(a applicant) {
	if h == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.count(a, accountState{refusals: 1})
}

// spared tells an account that has had its refusals, so that nobody connects to the
// host for it.
func (h *hosts) spared(a applicant) bool {
	if h == nil {
		return false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	refusals, _ := h.tried(a)
	return refusals >= maxRefusals
}

// anywhere stands in the place of a host where an address is meant at all of them.
const anywhere = ""

// tried is what has been seen of the account: of its address anywhere, and of each
// of its names at the host; the most of these. The lock is held.
func (h *hosts) tried(a applicant) (refusals, trying int) {
	see := func(name, host string) {
		s := h.accounts[h.key(name, host)]
		refusals, trying = max(refusals, s.refusals), max(trying, s.trying)
	}
	see(a.names[0], anywhere)
	for _, name := range a.names {
		see(name, a.host)
	}
	return refusals, trying
}

// count adds to what is known of the account: of its address anywhere, as its hosts
// may have many names and addresses, and one of them may be in each row; and of each
// of its names, which without a host may be those of others, at all hosts of the run:
// they mostly ask one list of passwords, and lock one account. The lock is held.
func (h *hosts) count(a applicant, more accountState) {
	add := func(name, host string) {
		key := h.key(name, host)
		s := h.accounts[key]
		s.trying += more.trying
		s.refusals += more.refusals
		if h.accounts[key] = s; s == (accountState{}) {
			delete(h.accounts, key)
		}
	}
	add(a.names[0], anywhere)
	for _, host := range append([]string{a.host}, a.other...) {
		for _, name := range a.names {
			add(name, host)
		}
	}
}

// key stands for a name at a host: however many were refused, they need little.
func (h *hosts) key(name, host string) uint64 {
	return maphash.String(h.seed, strings.ToLower(name)+"\x00"+host)
}

// errAccountSpared is why no login is made for an account that has had its
// refusals.
var errAccountSpared = &report.Fault{Cause: report.AuthLimitReached, Err: report.ErrAccountSpared}

// heldBack is why no login is made at a host that is stopped.
func heldBack(host string) error {
	return &report.Fault{Cause: report.AuthLimitReached,
		Text: fmt.Sprintf("%s refused %d logins in a row, so the batch leaves it alone", host, maxRefusalsInARow)}
}

// state is what is known of a host. The lock is held.
func (h *hosts) state(name string) *hostState {
	p := h.known[name]
	if p == nil {
		p = &hostState{}
		h.known[name] = p
	}
	return p
}

// forget drops the hosts of which nothing is to be known any more: a
// batch may come past as many hosts as it has accounts. The lock is held.
func (h *hosts) forget() {
	if len(h.known) <= maxIdleHosts {
		return
	}
	now := time.Now()
	for name, p := range h.known {
		if p.visits == 0 && p.trying == 0 && p.refusals == 0 && !now.Before(p.next) {
			delete(h.known, name)
		}
	}
}
