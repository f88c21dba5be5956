package lab

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
)

// Mailbox is the one mailbox of a lab: IMAP, POP3 and the delivery share it.
// It is safe for concurrent use.
type Mailbox struct {
	mu      sync.Mutex
	folders []*folder
	changed chan struct{} // closed at the next change, and then replaced
	stored  int           // counts what file has added
	locked  bool          // a POP3 session has the maildrop (RFC 1939 section 4)
}

// Message is one message of a mailbox.
type Message struct {
	Folder string
	UID    uint32
	Flags  []string // sorted: `\Seen`
	Date   time.Time
	Raw    []byte
}

type folder struct {
	name     string
	use      imap.MailboxAttr // RFC 6154; empty for INBOX
	validity uint32
	next     imap.UID
	messages []*message // by rising UID
}

// message is a message in its folder. Mailbox.mu guards all but what never
// changes: uid, date and raw.
type message struct {
	uid     imap.UID
	date    time.Time
	raw     []byte
	flags   []imap.Flag
	version int // counts the changes of flags
	gone    bool
	// whole numbers the message of which this is the sight in one folder, where
	// folders are labels; zero is one by itself.
	whole int
}

const inbox = "INBOX"

// place is a folder of a mailbox and its use (RFC 6154); INBOX has none.
type place struct {
	name string
	use  imap.MailboxAttr
}

// folders are what a mailbox has, labels what one of Gmail's has.
var (
	folders = []place{{inbox, ""}, {"Junk", imap.MailboxAttrJunk}, {"Sent", imap.MailboxAttrSent}, {"Trash", imap.MailboxAttrTrash}}
	labels  = []place{
		{inbox, ""}, {"[Gmail]/All Mail", imap.MailboxAttrAll}, {"[Gmail]/Sent Mail", imap.MailboxAttrSent},
		{"[Gmail]/Spam", imap.MailboxAttrJunk}, {"[Gmail]/Trash", imap.MailboxAttrTrash},
	}
)

func newMailbox(places []place) *Mailbox {
	m := &Mailbox{changed: make(chan struct{})}
	for i, p := range places {
		m.folders = append(m.folders, &folder{name: p.name, use: p.use, validity: 1000 + uint32(i), next: 1})
	}
	return m
}

// Append adds a message as it is to a folder, of which INBOX, Junk, Sent and
// Trash are the usual ones. Sessions are told of it. It returns the message's UID.
func (m *Mailbox) Append(folder string, raw []byte, flags ...string) (uid uint32, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	f := m.folder(folder)
	if f == nil {
		return 0, fmt.Errorf("lab: no folder %q", folder)
	}
	var fl []imap.Flag
	for _, flag := range flags {
		fl = append(fl, imap.Flag(flag))
	}
	return uint32(m.add(f, bytes.Clone(raw), time.Now(), fl).uid), nil
}

// Messages returns a copy of all messages, by folder and rising UID.
func (m *Mailbox) Messages() []Message {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []Message
	for _, f := range m.folders {
		for _, msg := range f.messages {
			one := Message{Folder: f.name, UID: uint32(msg.uid), Date: msg.date, Raw: bytes.Clone(msg.raw)}
			for _, flag := range msg.flags {
				one.Flags = append(one.Flags, string(flag))
			}
			slices.Sort(one.Flags)
			all = append(all, one)
		}
	}
	return all
}

// Renumber gives every message a new UID under a new UIDVALIDITY, as a server
// does that has lost its index (RFC 9051 section 2.3.1.1). Each gets the UID
// that the one behind it had. To sessions that have a folder open its messages
// are gone.
func (m *Mailbox) Renumber() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i, old := range m.folders {
		anew := &folder{name: old.name, use: old.use, validity: old.validity + 1, next: 2}
		for _, msg := range old.messages {
			anew.messages = append(anew.messages, &message{uid: anew.next, date: msg.date, raw: msg.raw, flags: msg.flags})
			anew.next++
			msg.gone = true
		}
		old.messages, m.folders[i] = nil, anew
	}
	m.announce()
}

// The methods from here on want m.mu to be held.

// folder returns the folder of this name, or nil. INBOX is case-insensitive
// (RFC 9051 section 5.1).
func (m *Mailbox) folder(name string) *folder {
	for _, f := range m.folders {
		if f.name == name || f.name == inbox && strings.EqualFold(name, inbox) {
			return f
		}
	}
	return nil
}

// with returns the folder with this use, or nil; INBOX has none.
func (m *Mailbox) with(use imap.MailboxAttr) *folder {
	for _, f := range m.folders {
		if f.use == use {
			return f
		}
	}
	return nil
}

// file adds a message to the folders with these uses. A mailbox with All Mail
// keeps it there too, unless it is junk: then these are one message.
func (m *Mailbox) file(raw []byte, flags []imap.Flag, uses ...imap.MailboxAttr) {
	if m.with(imap.MailboxAttrAll) != nil && !slices.Contains(uses, imap.MailboxAttrJunk) {
		uses = append(slices.Clone(uses), imap.MailboxAttrAll)
	}
	m.stored++
	for _, use := range uses {
		m.add(m.with(use), raw, time.Now(), flags).whole = m.stored
	}
}

// bin takes every label off a message of which a copy was put into Trash.
func (m *Mailbox) bin(to *folder, copy, of *message) {
	if to.use != imap.MailboxAttrTrash || m.with(imap.MailboxAttrAll) == nil {
		return
	}
	for _, f := range m.folders {
		m.remove(f, func(msg *message) bool { return msg != copy && (msg == of || of.whole > 0 && msg.whole == of.whole) })
	}
}

func (m *Mailbox) add(f *folder, raw []byte, date time.Time, flags []imap.Flag) *message {
	msg := &message{uid: f.next, date: date, raw: raw, flags: flags}
	f.next++
	f.messages = append(f.messages, msg)
	m.announce()
	return msg
}

// remove takes the messages out of the folder for which doomed is true.
func (m *Mailbox) remove(f *folder, doomed func(*message) bool) {
	f.messages = slices.DeleteFunc(f.messages, func(msg *message) bool {
		if doomed(msg) {
			msg.gone = true
		}
		return msg.gone
	})
	m.announce()
}

func (m *Mailbox) setFlags(msg *message, flags []imap.Flag) {
	msg.flags = flags
	msg.version++
	m.announce()
}

// announce wakes whoever waits for a change.
func (m *Mailbox) announce() {
	close(m.changed)
	m.changed = make(chan struct{})
}

// has tells whether the message has the flag; flags are case-insensitive
// (RFC 9051 section 2.3.2).
func (msg *message) has(flag imap.Flag) bool {
	return slices.ContainsFunc(msg.flags, func(f imap.Flag) bool { return strings.EqualFold(string(f), string(flag)) })
}

// with returns the message's flags and the others, without returns those that
// are not among the others. Neither changes the message.
func (msg *message) with(flags []imap.Flag) []imap.Flag {
	return append(msg.without(flags), flags...)
}

func (msg *message) without(flags []imap.Flag) []imap.Flag {
	var kept []imap.Flag
	for _, f := range msg.flags {
		if !slices.ContainsFunc(flags, func(o imap.Flag) bool { return strings.EqualFold(string(f), string(o)) }) {
			kept = append(kept, f)
		}
	}
	return kept
}

// lockDrop gives the maildrop to a POP3 session; it fails when another has it.
func (m *Mailbox) lockDrop() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.locked {
		return false
	}
	m.locked = true
	return true
}

func (m *Mailbox) unlockDrop() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.locked = false
}
