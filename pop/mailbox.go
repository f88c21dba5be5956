package pop

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/knadh/go-pop3"

	"mailcheck/report"
)

// newest is how many messages are looked at, from the newest on, for one that
// has just been sent.
const newest = 20

// ErrNotFound is a search that the message is not in the maildrop yet.
var ErrNotFound = errors.New("the message is not in the maildrop")

// maildrop is the transaction state (RFC 1939 section 5), in the hands of
// go-pop3.
type maildrop struct {
	conn  *pop3.Conn
	guard *guard
	count int
	uids  []string // by message number - 1; nil where the server has no UIDL
}

// Found is a message in the maildrop.
type Found struct {
	number int
	Header []byte
}

// Mailbox is the step "mailbox": STAT and UIDL (RFC 1939 sections 5 and 7).
func (s *Session) Mailbox(ctx context.Context) error {
	return s.rec.Run(ctx, "mailbox", func(ctx context.Context, step *report.Step) error {
		defer s.conn.Bind(ctx)()
		ahead := map[string]string{}
		if s.offers("PIPELINING") {
			// QUIT is no part of the flight: Dovecot 2.3 takes it while it still has
			// a long list to send, and closes without the rest.
			ahead["STAT"] = "UIDL"
		}
		g := newGuard(s.conn, ahead)
		conn, err := pop3.New(pop3.Opt{Dialer: g}).NewConn()
		if err != nil {
			return g.explain(err)
		}
		box := &maildrop{conn: conn, guard: g}
		s.box = box
		if err := box.stat(); err != nil {
			return err
		}
		if err := box.uidl(); err != nil {
			var re *report.ReplyError
			if !errors.As(err, &re) || s.offers("UIDL") {
				return err
			}
			step.Detail = fmt.Sprintf("%d messages; the server has no UIDL, so a mail program cannot leave mail on it", box.count)
		} else {
			step.Detail = fmt.Sprintf("%d messages", box.count)
		}
		return nil
	})
}

func (b *maildrop) stat() error {
	answer, err := b.conn.Cmd("STAT", false)
	if err != nil {
		return b.guard.explain(err)
	}
	// RFC 1939 section 5: "+OK nn mm", and more behind it is to be ignored.
	words := strings.Fields(answer.String())
	if len(words) >= 2 {
		count, err1 := strconv.ParseUint(words[0], 10, 31)
		_, err2 := strconv.ParseUint(words[1], 10, 63)
		if err1 == nil && err2 == nil {
			b.count = int(count)
			return nil
		}
	}
	return &report.ProtocolError{Command: "STAT", Line: answer.String(), Problem: "not a number of messages and of bytes"}
}

func (b *maildrop) uidl() error {
	answer, err := b.conn.Cmd("UIDL", true)
	if err != nil {
		return b.guard.explain(err)
	}
	uids := make([]string, 0, min(b.count, maxListLines))
	for line := range strings.Lines(answer.String()) {
		number, uid, err := parseUIDL(strings.TrimRight(line, "\r\n"))
		if err != nil || number != len(uids)+1 {
			return &report.ProtocolError{Command: "UIDL", Line: line, Problem: "a list that is out of order"}
		}
		uids = append(uids, uid)
	}
	if len(uids) != b.count {
		return &report.ProtocolError{Command: "UIDL",
			Problem: fmt.Sprintf("STAT counts %d messages and UIDL %d", b.count, len(uids))}
	}
	b.uids = uids
	return nil
}

// parseUIDL takes a line of a UIDL list apart: a message number and characters
// from ! to ~ (RFC 1939 section 7), up to maxUID of them.
func parseUIDL(line string) (number int, uid string, err error) {
	first, uid, _ := strings.Cut(line, " ")
	n, err := strconv.ParseUint(first, 10, 31)
	uid = strings.TrimSpace(uid)
	if err != nil || n == 0 || uid == "" || len(uid) > maxUID || strings.ContainsFunc(uid, func(r rune) bool { return r < '!' || r > '~' }) {
		return 0, "", errors.New("not a message number and its unique id")
	}
	return int(n), uid, nil
}

// UIDs are the unique ids of the messages at the login, for Find to pass over.
func (s *Session) UIDs() []string { return slices.Clone(s.box.uids) }

// Find looks for a message that match accepts, by its header (TOP, RFC 1939
// section 7), among the newest that are not in known. It returns ErrNotFound
// when there is none: a maildrop is as it was at the login, so a later look
// needs another session. A message that the server refuses to show is passed
// over, because another session may have removed it since the login; when
// none is found, the refusal (*report.ReplyError) is the error.
func (s *Session) Find(ctx context.Context, known []string, match func(header []byte) bool) (*Found, error) {
	defer s.conn.Bind(ctx)()
	looked, missing := 0, ErrNotFound
	for n := s.box.count; n > 0 && looked < newest; n-- {
		if s.box.uids != nil && slices.Contains(known, s.box.uids[n-1]) {
			continue
		}
		looked++
		header, err := s.box.top(n)
		var refused *report.ReplyError
		switch {
		case errors.As(err, &refused):
			missing = err
		case err != nil:
			return nil, err
		case match(header):
			return &Found{number: n, Header: header}, nil
		}
	}
	return nil, missing
}

func (b *maildrop) top(n int) ([]byte, error) {
	answer, err := b.conn.Cmd("TOP", true, n, 0)
	if err != nil {
		return nil, b.guard.explain(err)
	}
	return bytes.TrimPrefix(answer.Bytes(), []byte("\uFEFF")), nil
}

// Remove marks the message as deleted, after its header was read once more
// and match accepted it. Nothing is deleted before Commit.
func (s *Session) Remove(ctx context.Context, f *Found, match func(header []byte) bool) error {
	defer s.conn.Bind(ctx)()
	header, err := s.box.top(f.number)
	if err != nil {
		return err
	}
	if !match(header) {
		return errors.New("the message is not the one that was found before")
	}
	if _, err := s.box.conn.Cmd("DELE", false, f.number); err != nil {
		return s.box.guard.explain(err)
	}
	return nil
}

// Commit ends the session with QUIT, which is when the server deletes what
// was marked (RFC 1939 section 6), and closes the connection.
func (s *Session) Commit(ctx context.Context) error {
	defer s.conn.Bind(ctx)()
	_, err := s.box.conn.Cmd("QUIT", false)
	if err != nil {
		err = s.box.guard.explain(err)
	}
	_ = s.conn.Close() // the reply to QUIT decides
	return err
}
