package verify

import (
	"context"
	"errors"
	"sync"

	"mailcheck/report"
)

// maxRefusals is how many refused logins a run may cost. Providers lock an
// account after three to ten, counted over all protocols.
const maxRefusals = 2

// outcome is how a protocol's login ended.
type outcome int

const (
	pending  outcome = iota
	accepted         // the server took the secret
	refused          // a login was made, and did not succeed
	none             // no login was made, and none will be
)

// logins lets the three protocols log in, in an order that cannot lock an
// account: IMAP alone (POP3 where there is no IMAP); after its yes SMTP and
// POP3 at the same time; after its no SMTP, and POP3 only behind a yes of
// SMTP. So a wrong password costs two refusals, never more: where the first
// protocol is tried with two user names, these are the two.
type logins struct {
	mu       sync.Mutex
	changed  chan struct{} // closed and renewed at each change
	outcomes map[report.Protocol]outcome
	counts   report.Logins
	names    map[[2]string]bool // pairs of user names of which the second was right
}

// newLogins begins a run in which these protocols may log in.
func newLogins(taking []report.Protocol) *logins {
	l := &logins{changed: make(chan struct{}), outcomes: map[report.Protocol]outcome{},
		counts: report.Logins{Limit: maxRefusals}, names: map[[2]string]bool{}}
	for _, p := range report.Protocols {
		l.outcomes[p] = none
	}
	for _, p := range taking {
		l.outcomes[p] = pending
	}
	return l
}

// turn waits until it is the protocol's turn and tells whether it may log in.
// When it may not, because is the step that stands against it, or that it was
// waiting for when ctx ended.
func (l *logins) turn(ctx context.Context, p report.Protocol) (may bool, because string) {
	for {
		l.mu.Lock()
		may, because, known := l.decide(p)
		changed := l.changed
		l.mu.Unlock()
		if known {
			return may, because
		}
		select {
		case <-changed:
		case <-ctx.Done():
			l.mu.Lock()
			defer l.mu.Unlock()
			return false, string(l.first()) + ".auth"
		}
	}
}

// decide is the order as a table: what a protocol may do, given the outcomes
// of those before it.
func (l *logins) decide(p report.Protocol) (may bool, because string, known bool) {
	imap, pop, smtp := l.outcomes[report.IMAP], l.outcomes[report.POP3], l.outcomes[report.SMTP]
	if l.counts.Rejected >= maxRefusals {
		return false, string(l.first()) + ".auth", true
	}
	switch p {
	case report.IMAP:
		return true, "", true
	case report.SMTP:
		if imap == none {
			return true, "", pop != pending
		}
		return true, "", imap != pending
	}
	switch imap { // POP3
	case pending:
		return false, "", false
	case refused:
		if smtp == refused {
			return false, "imap.auth", true
		}
		return true, "", smtp != pending
	}
	return true, "", true
}

// first is the protocol that logs in before the others. The lock is held.
func (l *logins) first() report.Protocol {
	if l.outcomes[report.IMAP] == none {
		return report.POP3
	}
	return report.IMAP
}

// tryOther tells whether a protocol that was refused may log in with another
// user name: the first to log in may, and that refusal is counted.
func (l *logins) tryOther() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.counts.Made > 1 {
		return false
	}
	l.counts.Rejected++
	return true
}

// learn notes that the second user name of an endpoint is the right one.
func (l *logins) learn(e report.Endpoint) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.names[[2]string{e.Username, e.OtherUsername}] = true
}

// learned is the user name to take at an endpoint: the second one where that
// was right for another protocol.
func (l *logins) learned(e report.Endpoint) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.names[[2]string{e.Username, e.OtherUsername}] {
		return e.OtherUsername
	}
	return e.Username
}

// made counts a login that is being made.
func (l *logins) made() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.counts.Made++
}

// again counts one more login of a protocol that has been let in before, and
// tells whether the server refused it.
func (l *logins) again(err error) (rejected bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.counts.Made++
	var no *report.ReplyError
	rejected = errors.As(err, &no) && no.Reply.Code != "IN-USE" && no.Reply.Code != "LOGIN-DELAY"
	if rejected {
		l.counts.Rejected++
	}
	return rejected
}

// end tells how a protocol's login ended. Rejected says that the server
// refused the secret, as against a connection that broke.
func (l *logins) end(p report.Protocol, o outcome, rejected bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.outcomes[p] != pending {
		return
	}
	l.outcomes[p] = o
	if rejected {
		l.counts.Rejected++
	}
	close(l.changed)
	l.changed = make(chan struct{})
}

func (l *logins) count() report.Logins {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.counts
}
