package imap

import (
	"context"
	"errors"
	"slices"
	"time"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"mailcheck/internal/crash"
	"mailcheck/report"
	"mailcheck/wire"
)

// The times of waiting for a message.
const (
	// pollEvery is how often is looked beside IDLE, because some servers push
	// late or never, and how often in Junk, where nothing is pushed.
	pollEvery = 5 * time.Second
	// firstJunk is when Junk is looked at first: later than a message that is
	// well takes on one machine, and soon enough for nobody to get impatient.
	firstJunk = 2 * time.Second
	// firstPause is the pause after the first look without IDLE; the pauses
	// double up to pollEvery. Local delivery takes some 10 ms, relays seconds.
	firstPause = 250 * time.Millisecond
	// lastLook is what a look may still take when the wait ends in the middle
	// of it, so that the session is left in order.
	lastLook = time.Second
)

// Found is a test message in its folder.
type Found struct {
	Folder      string
	UID         uint32 // RFC 9051 section 2.3.1.1
	UIDValidity uint32 // of the folder, when the message was found; zero: the server does not say
	Junk        bool   // the folder is the one for junk

	mark mark // by which it was recognised
}

// same tells whether two are one message.
func (f Found) same(other Found) bool {
	return f.Folder == other.Folder && f.UID == other.UID && f.UIDValidity == other.UIDValidity
}

// mark is how a message is recognised: by these fields of its header.
type mark struct {
	fields []string
	match  func(header []byte) bool
}

// section is the part of a header that holds the mark. Peek leaves \Seen as it
// is.
func (m mark) section() *goimap.FetchItemBodySection {
	return &goimap.FetchItemBodySection{Specifier: goimap.PartSpecifierHeader, HeaderFields: m.fields, Peek: true}
}

// in returns the UIDs of the messages that bear the mark, the first to come
// first.
func (m mark) in(headers []header) []uint32 {
	var uids []uint32
	for _, h := range headers {
		if m.match(h.text) {
			uids = append(uids, h.uid)
		}
	}
	slices.Sort(uids)
	return uids
}

// Watch enters IDLE (RFC 2177) where the server has it, so that an arrival is
// pushed. It is to be called before the message is sent; what arrives from
// then on wakes Await.
func (s *Session) Watch(ctx context.Context) error {
	defer s.conn.Bind(ctx)()
	return s.watch()
}

func (s *Session) watch() error {
	b := s.box
	if b.idle != nil || b.noIdle || !s.offers("IDLE", "IMAP4rev2") {
		return nil
	}
	idle, err := b.client.Idle()
	switch {
	case err == nil:
		b.idle = idle
	case b.guard.broken():
		return b.guard.explain("IDLE", err)
	default:
		b.noIdle = true // refused: polling does it too
	}
	return nil
}

// Await waits for a message that match accepts by the header field of this
// name, in INBOX and in Junk. Only messages count that came after Mailbox, in
// Junk the newest. It ends with ctx, and then with a *wire.ContextError and what
// the server had against the last look; the session survives that.
func (s *Session) Await(ctx context.Context, match func(header []byte) bool, field string) (Found, error) {
	b, m := s.box, mark{fields: []string{field}, match: match}
	pause := firstPause
	junkDue := time.Now().Add(firstJunk)
	var refused error // the server's refusal of the last look
	for look := b.idle == nil; ; look = true {
		if ctx.Err() != nil {
			return Found{}, errors.Join(&wire.ContextError{Err: ctx.Err(), Reason: context.Cause(ctx)}, refused)
		}
		if look {
			var found *Found
			err := s.outlast(ctx, func() (err error) {
				if b.junk == "" || time.Now().Before(junkDue) {
					found, err = b.look(m)
					return err
				}
				junkDue = time.Now().Add(pollEvery)
				found, err = b.lookInJunk(m)
				return err
			})
			switch {
			case found != nil:
				return *found, nil
			case err != nil && b.guard.broken():
				return Found{}, err
			}
			refused = err
		}
		if err := s.outlast(ctx, s.watch); err != nil {
			return Found{}, err
		}
		wait := pollEvery
		if b.junk != "" {
			wait = min(wait, max(0, time.Until(junkDue)))
		}
		if b.idle == nil {
			wait, pause = pause, min(2*pause, pollEvery)
		}
		timer := time.NewTimer(wait)
		select {
		case <-b.pushed:
		case <-timer.C:
		case <-b.client.Closed(): // the next look says why
		case <-ctx.Done():
		}
		timer.Stop()
	}
}

// outlast binds the connection to ctx, and a little longer.
func (s *Session) outlast(ctx context.Context, do func() error) error {
	longer, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cancel(nil)
	defer context.AfterFunc(ctx, crash.Guard(ctx, func() {
		timer := time.NewTimer(lastLook)
		defer timer.Stop()
		select {
		case <-timer.C:
			cancel(context.Cause(ctx))
		case <-longer.Done():
		}
	}))()
	defer s.conn.Bind(longer)()
	return do()
}

// look looks in INBOX, in one flight.
func (b *box) look(m mark) (*Found, error) {
	var inbox func() (*Found, error)
	b.flight(func() { inbox = b.lookInInbox(m) })
	return inbox()
}

// lookInJunk looks in INBOX and in Junk and leaves INBOX selected, in two
// flights: how many messages Junk has must be known before the newest can be
// asked for.
func (b *box) lookInJunk(m mark) (*Found, error) {
	var inbox func() (*Found, error)
	var opened func() (*folder, error)
	b.flight(func() {
		inbox = b.lookInInbox(m)
		opened = b.open(b.junk, readOnly)
	})
	found, err := inbox()
	junk, openErr := opened()
	if found != nil || b.guard.broken() {
		return found, errors.Join(err, openErr)
	}
	var refused *report.ReplyError
	if errors.As(openErr, &refused) {
		b.junk = ""
	}
	spam := func() ([]header, error) { return nil, nil }
	b.flight(func() {
		if junk != nil && junk.messages > 0 {
			spam = b.fetch(junk.newest(), m.section())
		}
		inbox = b.lookInInbox(m)
	})
	headers, spamErr := spam()
	found, err = inbox()
	if uids := m.in(headers); found == nil && len(uids) > 0 {
		return &Found{Folder: junk.name, UID: uids[0], UIDValidity: junk.validity, Junk: true, mark: m}, nil
	}
	return found, errors.Join(err, spamErr)
}

// lookInInbox asks for what has come since Mailbox, as a part of a flight.
// INBOX is opened anew, because a server need not show what is new before:
// Dovecot answers NOOP only after the FETCH that came with it.
func (b *box) lookInInbox(m mark) (wait func() (*Found, error)) {
	opened := b.open(inboxName, readOnly)
	set := b.inbox.newest()
	if b.inbox.next != 0 {
		set = since(b.inbox.next)
	}
	headers := b.fetch(set, m.section())
	return func() (*Found, error) {
		f, err := opened()
		found, fetchErr := headers()
		if err != nil {
			return nil, err
		}
		if f.validity != b.inbox.validity {
			// The UIDs have been given anew (RFC 9051 section 2.3.1.1).
			b.inbox = &folder{name: inboxName, messages: f.messages, validity: f.validity}
			return nil, nil
		}
		if uids := m.in(found); len(uids) > 0 {
			return &Found{Folder: inboxName, UID: uids[0], UIDValidity: f.validity, mark: m}, nil
		}
		// Others' messages are not looked at again: a flood of them hides ours
		// behind the bound of one answer only until the next look.
		for _, h := range found {
			if b.inbox.next != 0 && h.uid >= b.inbox.next {
				b.inbox.next = h.uid + 1
			}
		}
		if len(found) >= maxFetched {
			b.push(&imapclient.UnilateralDataMailbox{NumMessages: new(uint32)}) // look on at once
		}
		return nil, fetchErr
	}
}
