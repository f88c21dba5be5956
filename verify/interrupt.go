package verify

import (
	"context"
	"sync"
	"time"

	"mailcheck/internal/crash"
)

// cleanupTime is how long an interrupted run may take to remove a test
// message that it knows to be in the mailbox.
const cleanupTime = 10 * time.Second

// interrupt turns the user's Ctrl-C into the end of a run: at once, but for a
// test message that is known to be in the mailbox. That is removed first,
// unless the run is aborted (a second Ctrl-C).
type interrupt struct {
	mu      sync.Mutex
	holding bool // the message is in the mailbox
	pressed bool
	cancel  context.CancelFunc
}

// watch returns the context that the run works in: it ends with abort, and
// with outer when nothing has to be removed first.
func (i *interrupt) watch(outer, abort context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(outer))
	i.cancel = cancel
	stopOuter := context.AfterFunc(outer, crash.Guard(outer, func() {
		i.mu.Lock()
		defer i.mu.Unlock()
		i.pressed = true
		if !i.holding {
			cancel()
			return
		}
		time.AfterFunc(cleanupTime, cancel)
	}))
	stopAbort := context.AfterFunc(abort, cancel)
	return ctx, func() { stopOuter(); stopAbort(); cancel() }
}

// hold says that there is something to remove, until the returned function
// is called.
func (i *interrupt) hold() (release func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.holding = true
	return func() {
		i.mu.Lock()
		defer i.mu.Unlock()
		i.holding = false
		if i.pressed {
			i.cancel()
		}
	}
}
