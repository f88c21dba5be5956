package imap

import (
	"context"
	"slices"
	"time"

	"mailcheck/report"
)

// The bounds of looking for leftovers.
const (
	// maxLeftovers is how many are removed at a time, the newest first. Each
	// takes two round trips.
	maxLeftovers = 20
	// leftoverAge is how far back they are searched for. It keeps servers
	// without an index from reading years of mail.
	leftoverAge = 30 * 24 * time.Hour
)

// Leftovers says how the test messages that earlier runs have left behind are
// known.
type Leftovers struct {
	// Subject is in the Subject of each. It is what is searched for, and proves
	// nothing.
	Subject string
	// Match tells one by these Fields of its header.
	Match  func(header []byte) bool
	Fields []string
}

// RemoveLeftovers removes test messages of earlier runs from INBOX, Junk and
// Sent, and returns how many. Each is fetched and proved before its folder is
// opened for writing, and again after that; it is removed as Remove does it, or
// stays. Where there are none it takes one round trip. The error says why the
// session broke meanwhile; what a server refuses is none.
func (s *Session) RemoveLeftovers(ctx context.Context, l Leftovers) (removed int, err error) {
	if !s.canExpunge() {
		return 0, nil
	}
	defer s.conn.Bind(ctx)()
	b := s.box
	m := mark{l.Fields, l.Match}
	for _, f := range b.prove(b.seek(l.Subject), m) {
		if b.remove(f) == nil {
			removed++
		}
		if b.guard.broken() {
			break
		}
	}
	if removed > 0 && !b.guard.broken() {
		b.clearAllMail(m)
	}
	return removed, s.conn.Err()
}

// Copies names the folders of INBOX, Junk and Sent, besides one, that have a
// message among their newest that match accepts by the header field of this
// name. Nothing is changed.
func (s *Session) Copies(ctx context.Context, besides string, match func(header []byte) bool, field string) ([]report.Copy, error) {
	defer s.conn.Bind(ctx)()
	b := s.box
	var peeks []func() (*folder, error)
	b.flight(func() {
		for _, name := range b.places(besides) {
			peeks = append(peeks, b.open(name, readOnly))
		}
	})
	var full []*folder
	for _, peek := range peeks {
		if f, err := peek(); err == nil && f.messages > 0 {
			full = append(full, f)
		}
	}
	var looks []func() []Found
	b.flight(func() {
		for _, f := range full {
			looks = append(looks, b.recognise(f, f.newest(), mark{[]string{field}, match}))
		}
	})
	var copies []report.Copy
	for _, look := range looks {
		for _, f := range look() {
			copies = append(copies, report.Copy{Folder: f.Folder})
		}
	}
	return copies[:min(len(copies), maxCopies)], s.conn.Err()
}

// sighting is what a search found in a folder, the newest first.
type sighting struct {
	in   *folder
	uids []uint32
}

// seek searches the folders, in one flight. What it returns may be anything.
func (b *box) seek(subject string) []sighting {
	from := time.Now().Add(-leftoverAge)
	var searches []func() sighting
	b.flight(func() {
		for _, name := range b.places("") {
			opened, searched := b.open(name, readOnly), b.search(subject, from)
			searches = append(searches, func() sighting {
				in, err := opened()
				uids := searched()
				if err != nil {
					return sighting{} // what came is of the folder that was open before
				}
				slices.Sort(uids)
				uids = slices.Compact(uids)
				slices.Reverse(uids)
				return sighting{in, uids}
			})
		}
	})
	var seen []sighting
	left := maxLeftovers
	for _, search := range searches {
		found := search()
		found.uids = found.uids[:min(len(found.uids), left)]
		left -= len(found.uids)
		if len(found.uids) > 0 {
			seen = append(seen, found)
		}
	}
	return seen
}

// prove returns the messages that bear the mark, after a look at each, in one
// flight.
func (b *box) prove(seen []sighting, m mark) []Found {
	if len(seen) == 0 {
		return nil
	}
	var looks []func() []Found
	b.flight(func() {
		for _, s := range seen {
			for _, uid := range s.uids {
				looks = append(looks, b.recognise(s.in, alone(uid), m))
			}
		}
	})
	var proved []Found
	for _, look := range looks {
		proved = append(proved, look()...)
	}
	return proved
}
