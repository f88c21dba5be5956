package verify

import (
	"context"
	"errors"
	"fmt"

	"mailcheck/imap"
	"mailcheck/internal/crash"
	"mailcheck/internal/limit"
	"mailcheck/internal/testmsg"
	"mailcheck/report"
	"mailcheck/wire"
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
	// Unwatch is to end what is being read, which package limit's would not.
	ctx, b.unwatch = context.WithTimeoutCause(ctx, d.run.o.stepTimeout("watch"), report.ErrStepTimeout)
	go crash.Guard(ctx, func() {
		defer close(b.watching)
		_ = b.session.Watch(ctx) // a session that broke says so at the next use
	})()
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
	return b.found.Folder, b.found.Junk, whyNotSeen(ctx, err, b.session.Err())
}

// whyNotSeen is the error of a wait that ctx was for, over a session with this error.
func whyNotSeen(ctx context.Context, err, broken error) error {
	if err == nil || broken == nil || errors.Is(err, report.ErrRunTimeout) { // which ends the session too
		return err
	}
	// Nobody could look: that is no message that did not arrive.
	if errors.Is(broken, context.Canceled) && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		// The wait was over while the server owed an answer: nobody has interrupted it.
		broken = &wire.ContextError{Err: ctx.Err(), Reason: ctx.Err()}
	}
	return fmt.Errorf("the IMAP session broke while the message was awaited: %w", noTimeout{broken})
}

// noTimeout keeps an error of a session from being taken for the end of the wait.
type noTimeout struct{ err error }

func (e noTimeout) Error() string { return e.err.Error() }

// Is passes on what the error is, but for the step's own limit.
func (e noTimeout) Is(target error) bool {
	return target != report.ErrStepTimeout && errors.Is(e.err, target)
}

// As passes on what tells why the session broke.
func (e noTimeout) As(target any) bool { return errors.As(e.err, target) }

func (b *imapMailbox) header(ctx context.Context) ([]byte, error) {
	return b.session.Header(ctx, b.found)
}

func (b *imapMailbox) remove(ctx context.Context) ([]report.Copy, error) {
	return b.session.Remove(ctx, b.found)
}

func (b *imapMailbox) removeLeftovers(ctx context.Context) int {
	if b.run.signing.signer.Key.IsZero() {
		return 0
	}
	ctx, cancel := context.WithTimeout(ctx, leftoverTime)
	defer cancel()
	removed, _ := b.session.RemoveLeftovers(ctx, b.run.leftovers()) // a session that broke is not used again
	return removed
}

func (b *imapMailbox) copies(ctx context.Context) ([]report.Copy, bool) {
	return b.run.copies(ctx, b.session, b.found.Folder)
}

// copies names the folders, besides one, that have copies of the message.
func (r *run) copies(ctx context.Context, s *imap.Session, besides string) (copies []report.Copy, seen bool) {
	ctx, cancel := limit.With(ctx, r.o.stepTimeout("cleanup"), report.ErrStepTimeout)
	defer cancel()
	copies, err := s.Copies(ctx, besides, r.message.Matches, testmsg.TokenField)
	return copies, err == nil
}

func (b *imapMailbox) release(context.Context) {
	<-b.watching // to cut it short would break the session, and be taken for the server's doing
	b.unwatch()
	b.delivery.RoundTrips = b.session.RoundTrips() + 1 - b.rec.Check().RoundTrips
}
