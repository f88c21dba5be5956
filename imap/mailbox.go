package imap

import (
	"cmp"
	"context"
	"fmt"
	"time"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"mailcheck/report"
	"mailcheck/wire"
)

// inboxName is the one folder that every account has (RFC 9051 section 5.1).
const inboxName = "INBOX"

// newestMessages is how many messages of a folder are looked at, from the
// newest on, where it is not known since when.
const newestMessages = 20

// box is the authenticated state (RFC 9051 section 3.2), in the hands of
// go-imap. What is asked for in one flight is waited for afterwards, by the
// functions that asking returns.
type box struct {
	guard  *guard
	client *imapclient.Client
	pushed chan struct{} // the number of messages has changed

	idle   *imapclient.IdleCommand // nil while not in IDLE
	noIdle bool                    // the server refused it

	selected *folder // nil when none is
	inbox    *folder // as it was first
	junk     string  // empty: none
	sent     string
	all      string // all messages, once more
	trash    string

	claimed *claim // the message that may be removed as things stand
}

// folder is a folder as it was when it was opened.
type folder struct {
	name     string
	access   access
	messages uint32
	next     uint32 // UIDNEXT; zero: the server does not say
	validity uint32 // UIDVALIDITY; zero: the server does not say
}

// access is how a folder is opened.
type access int

const (
	readOnly  access = iota // EXAMINE, which changes nothing
	readWrite               // SELECT, which takes \Recent off (RFC 3501 section 2.3.2)
)

// header is (a part of) the header of a message.
type header struct {
	uid  uint32
	text []byte
}

func newBox(conn *wire.Conn) *box {
	b := &box{guard: newGuard(conn), pushed: make(chan struct{}, 1)}
	b.client = imapclient.New(b.guard, &imapclient.Options{
		UnilateralDataHandler: &imapclient.UnilateralDataHandler{Mailbox: b.push},
	})
	return b
}

// push is called by go-imap's reader, which must not be held up.
func (b *box) push(data *imapclient.UnilateralDataMailbox) {
	if data.NumMessages == nil {
		return
	}
	select {
	case b.pushed <- struct{}{}:
	default:
	}
}

// Mailbox is the step "mailbox": EXAMINE INBOX, which some servers refuse
// after they have accepted the login. ID goes ahead of it (NetEase demands
// that), LIST with it, and CAPABILITY where the server has named none since
// the login; what becomes of those does not fail the step.
func (s *Session) Mailbox(ctx context.Context) error {
	return s.rec.Run(ctx, "mailbox", func(ctx context.Context, step *report.Step) error {
		defer s.conn.Bind(ctx)()
		b := newBox(s.conn)
		s.box = b
		caps, id := never, never
		var examined func() (*folder, error)
		var listed func() error
		b.flight(func() {
			if s.caps == nil {
				caps = b.askCapabilities()
			}
			if s.offers("ID") {
				id = b.identify()
			}
			examined = b.open(inboxName, readOnly)
			listed = b.list(s.listOptions())
		})
		capsErr, idErr := caps(), id()
		inbox, err := examined()
		listErr := listed()
		heard := b.guard.listen()
		if heard.caps != nil {
			s.caps = heard.caps
			s.rec.Check().Capabilities.AfterAuth = s.caps
		}
		if err == nil && b.guard.broken() {
			err = cmp.Or(capsErr, idErr, listErr)
		}
		if err == nil {
			step.Detail = fmt.Sprintf("%d messages", inbox.messages)
		}
		addSaid(step, heard.said)
		return err
	})
}

// never is the wait for what was not asked for.
func never() error { return nil }

// flight sends in one go what begin asks for. An IDLE is ended first.
func (b *box) flight(begin func()) {
	b.guard.hold()
	if b.idle != nil {
		_ = b.idle.Close() // a connection that is broken shows itself in what is asked next
		b.idle = nil
	}
	begin()
	b.guard.release()
}

// askCapabilities asks CAPABILITY; the guard keeps the answer.
func (b *box) askCapabilities() (wait func() error) {
	cmd := b.client.Capability()
	return func() error {
		_, err := cmd.Wait()
		return b.guard.explain("CAPABILITY", err)
	}
}

// identify sends ID, which names the program and nothing else (RFC 2971
// section 3.3).
func (b *box) identify() (wait func() error) {
	cmd := b.client.ID(&goimap.IDData{Name: "mailcheck", Version: "1"})
	return func() error {
		_, err := cmd.Wait()
		return b.guard.explain("ID", err)
	}
}

// open makes a folder the selected one.
func (b *box) open(name string, access access) (wait func() (*folder, error)) {
	verb := "SELECT "
	if access == readOnly {
		verb = "EXAMINE "
	}
	cmd := b.client.Select(name, &goimap.SelectOptions{ReadOnly: access == readOnly})
	return func() (*folder, error) {
		data, err := cmd.Wait()
		if err != nil {
			b.selected = nil
			return nil, b.guard.explain(verb+name, err)
		}
		f := &folder{name: name, access: access, messages: data.NumMessages, next: uint32(data.UIDNext), validity: data.UIDValidity}
		b.selected = f
		if name == inboxName && b.inbox == nil {
			b.inbox = f
		}
		return f, nil
	}
}

// ensure opens a folder unless it is open.
func (b *box) ensure(name string) (wait func() (*folder, error)) {
	if f := b.selected; f != nil && f.name == name {
		return func() (*folder, error) { return f, nil }
	}
	return b.open(name, readOnly)
}

// fetch asks for a part of the headers of messages.
func (b *box) fetch(set goimap.NumSet, section *goimap.FetchItemBodySection) (wait func() ([]header, error)) {
	var cmd *imapclient.FetchCommand
	a := b.guard.asking(func() {
		cmd = b.client.Fetch(set, &goimap.FetchOptions{UID: true, BodySection: []*goimap.FetchItemBodySection{section}})
	})
	return func() ([]header, error) {
		err := cmd.Close()
		headers, _ := b.guard.brought(a)
		return headers, b.guard.explain("FETCH", err)
	}
}

// search asks for the UIDs of messages with this in the Subject that came on
// this day or later, of the folder that is open. What a server answers proves
// nothing.
func (b *box) search(subject string, since time.Time) (wait func() []uint32) {
	var cmd *imapclient.SearchCommand
	a := b.guard.asking(func() {
		cmd = b.client.UIDSearch(&goimap.SearchCriteria{
			Since:  since,
			Header: []goimap.SearchCriteriaHeaderField{{Key: "Subject", Value: subject}},
		}, nil)
	})
	return func() []uint32 {
		if _, err := cmd.Wait(); err != nil {
			return nil // refused: nothing is known of the folder
		}
		_, found := b.guard.brought(a)
		return found
	}
}

// store sets or takes off \Deleted on one message.
func (b *box) store(uid uint32, op goimap.StoreFlagsOp) (wait func() error) {
	cmd := b.client.Store(alone(uid),
		&goimap.StoreFlags{Op: op, Silent: true, Flags: []goimap.Flag{goimap.FlagDeleted}}, nil)
	return func() error { return b.guard.explain("UID STORE", cmd.Close()) }
}

// expunge removes one message that is marked \Deleted, and no other (RFC 4315
// section 2.1).
func (b *box) expunge(uid uint32) (wait func() error) {
	cmd := b.client.UIDExpunge(alone(uid))
	return func() error { return b.guard.explain("UID EXPUNGE", cmd.Close()) }
}

// copy puts a copy of one message into another folder.
func (b *box) copy(uid uint32, to string) (wait func() error) {
	cmd := b.client.Copy(alone(uid), to)
	return func() error {
		_, err := cmd.Wait()
		return b.guard.explain("UID COPY", err)
	}
}

func (b *box) logout() error {
	var cmd *imapclient.Command
	b.flight(func() { cmd = b.client.Logout() })
	return b.guard.explain("LOGOUT", cmd.Wait())
}

// close ends the connection and go-imap's goroutines.
func (b *box) close() {
	_ = b.client.Close() // it says how the last read failed
	<-b.client.Closed()
}

// newest are the newest messages of a folder, and what has come since.
func (f *folder) newest() goimap.NumSet {
	from := uint32(1)
	if f.messages > newestMessages {
		from = f.messages - newestMessages + 1
	}
	var set goimap.SeqSet
	set.AddRange(from, 0)
	return set
}

// since are the messages with this UID and those that came after it.
func since(uid uint32) goimap.NumSet {
	var set goimap.UIDSet
	set.AddRange(goimap.UID(uid), 0)
	return set
}

// alone is the message with this UID.
func alone(uid uint32) goimap.UIDSet { return goimap.UIDSetNum(goimap.UID(uid)) }
