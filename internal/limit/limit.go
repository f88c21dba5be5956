// Package limit gives contexts a time limit that costs next to nothing where
// nobody waits for its end: a connection that is used under it has a deadline of
// its own, which [Of] tells, and a check has dozens of steps.
package limit

import (
	"context"
	"sync"
	"time"
)

// With is context.WithTimeoutCause, but a timer is made and the parent is watched
// only when somebody asks for the channel Done. Whoever has asked [Of] does not
// learn of the cancel function: it is for when the work is done, not to stop it.
func With(parent context.Context, limit time.Duration, cause error) (context.Context, context.CancelFunc) {
	c := &limited{parent: parent, deadline: time.Now().Add(limit), cause: cause}
	if d, ok := parent.Deadline(); ok && d.Before(c.deadline) {
		return context.WithCancel(parent)
	}
	return c, c.end
}

// Of returns what ends a context of [With], besides cancel functions: the first
// context above that is none, and the deadline. Any other context is its own, and
// the deadline is zero.
func Of(ctx context.Context) (above context.Context, deadline time.Time) {
	for {
		c, ok := ctx.(*limited)
		if !ok {
			return ctx, deadline
		}
		if deadline.IsZero() { // the innermost is the nearest
			deadline = c.deadline
		}
		ctx = c.parent
	}
}

// limited is a context of With.
type limited struct {
	parent   context.Context
	deadline time.Time // before the parent's
	cause    error     // of the end by the deadline

	mu     sync.Mutex
	whole  context.Context // what package context makes of it; nil while nobody needs that
	cancel context.CancelFunc
	ended  bool // by the cancel function, while whole was nil
}

// make returns what package context makes of it. The lock is held.
func (c *limited) make() context.Context {
	switch {
	case c.whole != nil:
	case c.ended: // nothing that ends later counts
		c.whole, c.cancel = context.WithCancel(context.WithoutCancel(c.parent))
		c.cancel()
	default:
		c.whole, c.cancel = context.WithDeadlineCause(c.parent, c.deadline, c.cause)
	}
	return c.whole
}

// runs tells whether it is nothing yet but a deadline. The lock is held.
func (c *limited) runs() bool {
	return c.whole == nil && !c.ended && c.parent.Err() == nil && time.Now().Before(c.deadline)
}

// end is the cancel function.
func (c *limited) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.runs() {
		c.ended = true
	} else {
		c.make()
		c.cancel()
	}
}

// Deadline implements context.Context.
func (c *limited) Deadline() (time.Time, bool) { return c.deadline, true }

// Done implements context.Context.
func (c *limited) Done() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.make().Done()
}

// Err implements context.Context.
func (c *limited) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.runs() {
		return nil
	}
	return c.make().Err()
}

// Value implements context.Context. Package context finds by it what it has made,
// and with that the cause.
func (c *limited) Value(key any) any {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.runs() {
		return c.parent.Value(key)
	}
	return c.make().Value(key)
}
