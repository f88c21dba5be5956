package verify

import (
	"context"
	"errors"
	"fmt"

	"mailcheck/imap"
	"mailcheck/internal/testmsg"
	"mailcheck/report"
)

// imapMailbox looks for the message over the IMAP session of the run.
type imapMailbox struct {
	run      *run
	session  *imap.Session
	rec      *report.Recorder // of the check imap
	watching chan struct{}    // closed when the server has been asked to tell of arrivals
	unwatch  context.CancelFunc
	delivery *report.Check
	found    imap.Found
}

// imapMailbox takes over the session of the check imap, and has the server
// tell of arrivals while the message is on its way.
func (d *delivery) imapMailbox(ctx context.Context, s *session) mailbox {
	b := &imapMailbox{run: d.run, session: s.checker.(*imap.Session), rec: s.rec, watching: make(chan struct{}), delivery: d.rec.Check()}
	// What the check imap itself waited for ends here; the logout's one round
	// trip is added at the end.
	s.rec.Check().RoundTrips = b.session.RoundTrips() + 1
	ctx, b.unwatch = context.WithTimeoutCause(ctx, d.run.o.stepTimeout("watch"), report.ErrStepTimeout)
	go func() {
		defer close(b.watching)
		_ = b.session.Watch(ctx) // a session that broke says so at the next use
	}()
	return b
}

func (b *imapMailbox) await(ctx context.Context) (folder string, junk bool, err error) {
	select {
	case <-b.watching:
	case <-ctx.Done():
		b.unwatch()
		<-b.watching
	}
	b.found, err = b.session.Await(ctx, b.run.message.Matches, testmsg.TokenField)
	if broken := b.session.Err(); err != nil && broken != nil {
		// Nobody could look: that is no message that did not arrive.
		err = fmt.Errorf("the IMAP session broke while the message was awaited: %w", noTimeout{broken})
	}
	return b.found.Folder, b.found.Junk, err
}

// noTimeout keeps an error from being taken for the end of a wait.
type noTimeout struct{ err error }

func (e noTimeout) Error() string { return e.err.Error() }

// Is passes on what the error is, but for the step's own limit.
func (e noTimeout) Is(target error) bool {
	return target != report.ErrStepTimeout && errors.Is(e.err, target)
}

func (b *imapMailbox) header(ctx context.Context) ([]byte, error) {
	return b.session.Header(ctx, b.found)
}

func (b *imapMailbox) remove(ctx context.Context) ([]report.Copy, error) {
	return b.session.Remove(ctx, b.found)
}

func (b *imapMailbox) release(context.Context) {
	b.unwatch()
	<-b.watching
	b.delivery.RoundTrips = b.session.RoundTrips() + 1 - b.rec.Check().RoundTrips
}
