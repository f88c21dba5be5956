package lab

import (
	"bufio"
	"bytes"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-message/mail"
	"github.com/emersion/go-message/textproto"
)

// Search implements imapserver.Session (RFC 9051 section 6.4.4).
func (s *imapSession) Search(kind imapserver.NumKind, criteria *imap.SearchCriteria, _ *imap.SearchOptions) (*imap.SearchData, error) {
	s.box.mu.Lock()
	defer s.box.mu.Unlock()
	var numbers imap.SeqSet
	var uids imap.UIDSet
	data := &imap.SearchData{}
	for i, k := range s.view.known {
		number := uint32(i) + 1
		if !s.view.matches(picked{k, number}, criteria) {
			continue
		}
		numbers.AddNum(number)
		uids.AddNum(k.uid)
		found := number
		if kind == imapserver.NumKindUID {
			found = uint32(k.uid)
		}
		if data.Min == 0 {
			data.Min = found
		}
		data.Max = found
		data.Count++
	}
	data.All = numbers
	if kind == imapserver.NumKindUID {
		data.All = uids
	}
	return data, nil
}

// matches tells whether the message meets all of the criteria.
func (v *view) matches(p picked, c *imap.SearchCriteria) bool {
	in := func(set imap.NumSet) bool { return v.contains(set, p.number, p.uid) }
	lower := bytes.ToLower(p.raw)
	_, body, _ := bytes.Cut(lower, []byte("\r\n\r\n"))
	holds := func(text []byte) func(string) bool {
		return func(s string) bool { return bytes.Contains(text, []byte(strings.ToLower(s))) }
	}
	return all(c.SeqNum, func(s imap.SeqSet) bool { return in(s) }) &&
		all(c.UID, func(s imap.UIDSet) bool { return in(s) }) &&
		all(c.Flag, p.has) &&
		!slices.ContainsFunc(c.NotFlag, p.has) &&
		between(p.date, c.Since, c.Before) &&
		(c.SentSince.IsZero() && c.SentBefore.IsZero() || between(p.sent(), c.SentSince, c.SentBefore)) &&
		(c.Larger == 0 || int64(len(p.raw)) > c.Larger) &&
		(c.Smaller == 0 || int64(len(p.raw)) < c.Smaller) &&
		all(c.Header, p.hasField) &&
		all(c.Text, holds(lower)) &&
		all(c.Body, holds(body)) &&
		all(c.Not, func(not imap.SearchCriteria) bool { return !v.matches(p, &not) }) &&
		all(c.Or, func(or [2]imap.SearchCriteria) bool { return v.matches(p, &or[0]) || v.matches(p, &or[1]) })
}

func all[T any](list []T, ok func(T) bool) bool {
	return !slices.ContainsFunc(list, func(one T) bool { return !ok(one) })
}

// between tells whether the day of t is at or after since and before before;
// a zero bound is none. Time of day and zone are ignored.
func between(t, since, before time.Time) bool {
	year, month, date := t.Date()
	t = time.Date(year, month, date, 0, 0, 0, 0, time.UTC)
	return (since.IsZero() || !t.Before(since)) && (before.IsZero() || t.Before(before))
}

// header returns the message's header; what cannot be read is left out.
func (m *message) header() mail.Header {
	var h mail.Header
	h.Header.Header, _ = textproto.ReadHeader(bufio.NewReader(bytes.NewReader(m.raw)))
	return h
}

// sent is the date of the message's header.
func (m *message) sent() time.Time {
	h := m.header()
	date, _ := h.Date()
	return date
}

// hasField tells whether the message has the field with this text in it; an
// empty text is in every field.
func (m *message) hasField(want imap.SearchCriteriaHeaderField) bool {
	h := m.header()
	for fields := h.FieldsByKey(want.Key); fields.Next(); {
		text, _ := fields.Text()
		if strings.Contains(strings.ToLower(text), strings.ToLower(want.Value)) {
			return true
		}
	}
	return false
}
