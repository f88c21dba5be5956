package imap

import (
	"cmp"
	"context"
	"errors"
	"slices"

	goimap "github.com/emersion/go-imap/v2"

	"mailcheck/report"
)

// ErrGone is a message that is no longer where it was found, or no longer what
// it was.
var ErrGone = errors.New("the message is no longer where it was")

// KeptError is a message that Remove left where it is, with its flags as they
// were.
type KeptError struct {
	Folder string
	Reason Reason
	Err    error // the server's refusal, ErrGone, or why the session ended; may be nil
}

// Reason is why a message was not removed.
type Reason string

// The reasons.
const (
	// NoUIDPlus is a server that has only EXPUNGE, which would remove other
	// messages too (RFC 4315 section 1).
	NoUIDPlus Reason = "the server cannot remove one message alone (no UIDPLUS)"
	// Gone is a message that somebody else moved or removed.
	Gone Reason = "it is no longer where it was"
	// Refused is a server that did not do it.
	Refused Reason = "the server did not remove it"
	// Unconfirmed is a session that ended before the server said whether it
	// did.
	Unconfirmed Reason = "the session ended before the server confirmed it"
)

func (e *KeptError) Error() string {
	text := "the message in " + e.Folder + " was not removed: " + string(e.Reason)
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

func (e *KeptError) Unwrap() error { return e.Err }

// maxCopies bounds the copies that are removed; a mailbox has at most one for
// each folder that is looked at. Further ones are named.
const maxCopies = 10

// claim is what is known about a message since its folder was opened for its
// removal, and about the other folders that may have copies of it.
type claim struct {
	of     Found
	sure   bool // it was seen to be the test message
	others []*folder
}

// sureOf tells whether the message may be removed as things stand: it was
// recognised, and its folder is still open for writing since.
func (b *box) sureOf(f Found) bool {
	c := b.claimed
	return c != nil && c.sure && c.of.same(f) &&
		b.selected != nil && b.selected.name == f.Folder && b.selected.access == readWrite
}

// Header returns the whole header of the message. Unless Options.Keep is set,
// Remove is made ready in the same flight.
func (s *Session) Header(ctx context.Context, f Found) ([]byte, error) {
	defer s.conn.Bind(ctx)()
	b := s.box
	var opened func() (*folder, error)
	var fetched func() ([]header, error)
	claimed := never
	b.flight(func() {
		opened = b.ensure(f.Folder)
		fetched = b.fetch(alone(f.UID), &goimap.FetchItemBodySection{Specifier: goimap.PartSpecifierHeader, Peek: true})
		if !s.opt.Keep && s.canExpunge() {
			claimed = b.claim(f, readWrite, b.places(f.Folder))
		}
	})
	in, err := opened()
	headers, fetchErr := fetched()
	_ = claimed() // Remove does it again when it failed
	switch {
	case err != nil:
		return nil, err
	case fetchErr != nil:
		return nil, fetchErr
	case in.validity != f.UIDValidity || len(headers) == 0 || !f.mark.match(headers[0].text):
		return nil, ErrGone
	}
	return headers[0].text, nil
}

// Remove deletes the message, and copies of it in INBOX, Junk, Sent and Gmail's
// All Mail, for good. Each is looked at again right before, in the folder opened for
// writing. A message that stays draws a *[KeptError]; the copies say for
// themselves what became of them. Other messages are not touched, whatever
// their flags.
func (s *Session) Remove(ctx context.Context, f Found) ([]report.Copy, error) {
	defer s.conn.Bind(ctx)()
	b := s.box
	access := readWrite
	if !s.canExpunge() {
		access = readOnly
	}
	var err error
	if !b.sureOf(f) {
		if err = b.reclaim(f, access, b.places(f.Folder)); b.guard.broken() {
			return nil, kept(f, err)
		}
	}
	found, removeErr := b.sweep(f, since(f.UID))
	switch {
	case err != nil:
	case access == readOnly:
		err = &KeptError{Folder: f.Folder, Reason: NoUIDPlus}
	default:
		err = removeErr
	}
	var copies []report.Copy
	for i, c := range found {
		deleted := i < maxCopies && access == readWrite && !b.guard.broken() && b.remove(c) == nil
		if deleted && c.Folder == f.Folder && errors.Is(err, ErrGone) {
			err = nil // it was the message itself, under another UID
			continue
		}
		copies = append(copies, report.Copy{Folder: c.Folder, Deleted: deleted})
	}
	if access == readWrite && !b.guard.broken() {
		copies = append(copies, b.clearAllMail(f.mark)...)
	}
	return copies, kept(f, err)
}

// kept says why a message was kept.
func kept(f Found, err error) error {
	var k *KeptError
	var refused *report.ReplyError
	switch {
	case err == nil || errors.As(err, &k):
		return err
	case errors.Is(err, ErrGone):
		return &KeptError{Folder: f.Folder, Reason: Gone}
	case errors.As(err, &refused), errors.Is(err, errStill):
		return &KeptError{Folder: f.Folder, Reason: Refused, Err: err}
	}
	return &KeptError{Folder: f.Folder, Reason: Unconfirmed, Err: err}
}

// errStill is a message that is there after the server said it was removed.
var errStill = errors.New("it is still there after UID EXPUNGE")

// canExpunge tells whether one message can be removed without others.
func (s *Session) canExpunge() bool { return s.offers("UIDPLUS", "IMAP4rev2") }

// places are the folders that may have copies of a message in this one.
func (b *box) places(name string) []string {
	var places []string
	for _, p := range []string{inboxName, b.sent, b.junk} {
		if p != "" && p != name && !slices.Contains(places, p) {
			places = append(places, p)
		}
	}
	return places
}

// claim looks at a message again, in its folder opened as it will be needed,
// as a part of a flight. Ahead of that it notes how many messages the other
// folders have, so that they need not be waited for later.
func (b *box) claim(f Found, access access, others []string) (wait func() error) {
	c := &claim{of: f}
	b.claimed = c
	var peeks []func() (*folder, error)
	for _, name := range others {
		peeks = append(peeks, b.open(name, readOnly))
	}
	opened := b.open(f.Folder, access)
	fetched := b.fetch(alone(f.UID), f.mark.section())
	return func() error {
		for _, peek := range peeks {
			if other, err := peek(); err == nil && other.messages > 0 {
				c.others = append(c.others, other)
			}
		}
		in, err := opened()
		headers, fetchErr := fetched()
		switch {
		case err != nil:
			return err
		case fetchErr != nil:
			return fetchErr
		case in.validity != f.UIDValidity || !slices.Contains(f.mark.in(headers), f.UID):
			return ErrGone
		}
		c.sure = true
		return nil
	}
}

// reclaim is claim in a flight of its own.
func (b *box) reclaim(f Found, access access, others []string) error {
	var claimed func() error
	b.flight(func() { claimed = b.claim(f, access, others) })
	return claimed()
}

// remove removes one message and nothing else.
func (b *box) remove(f Found) error {
	if err := b.reclaim(f, readWrite, nil); err != nil {
		return err
	}
	_, err := b.sweep(f, alone(f.UID))
	return err
}

// sweep removes the claimed message, if it is sure to be the test message, and
// finds its copies, all in one flight. Its own folder comes last, opened anew,
// and is asked for this set of messages, which has the removed one in it:
// Dovecot removes nothing before it has answered what came in the same flight,
// unless that closes the folder.
func (b *box) sweep(f Found, set goimap.NumSet) (copies []Found, err error) {
	c, remove := b.claimed, b.sureOf(f)
	b.claimed = nil
	stored, expunged := never, never
	var looks []func() ([]Found, error)
	b.flight(func() {
		if remove {
			stored = b.store(f.UID, goimap.StoreFlagsAdd)
			expunged = b.expunge(f.UID)
		}
		for _, other := range c.others {
			looks = append(looks, b.inspect(other, other.newest(), f.mark))
		}
		here := &folder{name: f.Folder, validity: f.UIDValidity}
		looks = append(looks, b.inspect(here, set, f.mark))
	})
	storeErr, expungeErr := stored(), expunged()
	var unseen error // why its own folder was not seen without it: that one is the last
	for _, look := range looks {
		var seen []Found
		seen, unseen = look()
		copies = append(copies, seen...)
	}
	still := slices.ContainsFunc(copies, f.same)
	copies = slices.DeleteFunc(copies, f.same)
	switch {
	case !remove || storeErr != nil:
		return copies, storeErr
	case expungeErr == nil && still:
		expungeErr = errStill
	case expungeErr == nil && b.guard.broken():
		expungeErr = unseen // a server may say OK before it removes anything
	}
	if expungeErr == nil || b.guard.broken() {
		return copies, expungeErr
	}
	unmarkErr := b.unmark(f)
	if errors.Is(unmarkErr, ErrGone) {
		return copies, nil // it took the server a moment
	}
	return copies, errors.Join(expungeErr, unmarkErr)
}

// recognise is inspect for those who take what is there: a folder that cannot
// be opened has none to name.
func (b *box) recognise(in *folder, set goimap.NumSet, m mark) (wait func() []Found) {
	look := b.inspect(in, set, m)
	return func() []Found {
		found, _ := look()
		return found
	}
}

// inspect opens a folder and asks which of the messages bear the mark, as a
// part of a flight.
func (b *box) inspect(in *folder, set goimap.NumSet, m mark) (wait func() ([]Found, error)) {
	opened := b.open(in.name, readOnly)
	fetched := b.fetch(set, m.section())
	return func() ([]Found, error) {
		f, err := opened()
		headers, fetchErr := fetched()
		if err != nil {
			return nil, err // what came is of the folder that was open before
		}
		var found []Found
		for _, uid := range m.in(headers) {
			found = append(found, Found{Folder: in.name, UID: uid, UIDValidity: cmp.Or(f.validity, in.validity), Junk: in.name == b.junk, mark: m})
		}
		return found, fetchErr
	}
}

// unmark takes \Deleted off the message again, so that no other program
// removes it later.
func (b *box) unmark(f Found) error {
	if err := b.reclaim(f, readWrite, nil); err != nil {
		return err
	}
	var stored func() error
	b.flight(func() { stored = b.store(f.UID, goimap.StoreFlagsDel) })
	return stored()
}
