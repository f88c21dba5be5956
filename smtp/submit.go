package smtp

import (
	"bytes"
	"context"
	"strconv"

	"mailcheck/report"
)

// Sent says what became of a message.
type Sent int

// What became of a message.
const (
	NotSent Sent = iota
	Accepted
	// Unconfirmed is a message that was sent whole, without an answer to it:
	// the server may have taken it (RFC 5321 section 4.5.3.2.6). It is never
	// sent again.
	Unconfirmed
)

// Sent says what became of the message of Submit.
func (s *Session) Sent() Sent { return s.sent }

// Address asks whether this sender may send to this recipient, without a
// message: the steps mail and rcpt, then RSET. Both are addr-specs that were
// parsed before (RFC 5321 section 4.1.2). Only Close may follow.
func (s *Session) Address(ctx context.Context, from, to string) error {
	next := []string{"RSET"}
	if s.offers("PIPELINING") {
		next = append(next, "QUIT")
		s.quitting = true
	}
	if err := s.envelope(ctx, from, to, 0, next...); err != nil {
		return err
	}
	s.unread = "RSET" // Close reads it on the way
	return nil
}

// Submit sends one message: the steps mail, rcpt and data. The message has
// CRLF line ends; dots are stuffed here. Only Close may follow: where the server
// does PIPELINING, QUIT goes along with the message, as RFC 2920 section 3.1 allows.
func (s *Session) Submit(ctx context.Context, from, to string, message []byte) error {
	if err := s.envelope(ctx, from, to, len(message), "DATA"); err != nil {
		return err
	}
	return s.rec.Run(ctx, "data", func(ctx context.Context, step *report.Step) error {
		defer s.conn.Bind(ctx)()
		r, err := s.read("DATA")
		if err != nil {
			return err
		}
		if err := r.want(354); err != nil {
			return err
		}
		var behind []string
		if s.offers("PIPELINING") {
			behind, s.quitting = []string{"QUIT"}, true
		}
		if err := s.conn.SendData(stuff(message), "the test message", behind...); err != nil {
			return err
		}
		s.sent = Unconfirmed
		if r, err = s.read("DATA"); err != nil {
			return err
		}
		if r.code >= 400 { // any other reply but 250 leaves it open
			s.sent = NotSent
		}
		step.Reply = r.report()
		if err := r.want(250); err != nil {
			return err
		}
		s.sent = Accepted
		return nil
	})
}

// envelope does the steps mail and rcpt, and sends what comes after them: in
// the same flight where the server does PIPELINING. When it returns nil, that
// has been sent and the replies are to be read; else the first of them was read.
func (s *Session) envelope(ctx context.Context, from, to string, size int, next ...string) error {
	mail := "MAIL FROM:<" + from + ">"
	if s.offers("SIZE") && size > 0 {
		mail += " SIZE=" + strconv.Itoa(size) // RFC 1870 section 6
	}
	rcpt := "RCPT TO:<" + to + ">"
	piped := s.offers("PIPELINING")

	refused := s.rec.Run(ctx, "mail", func(ctx context.Context, step *report.Step) error {
		defer s.conn.Bind(ctx)()
		var err error
		if piped {
			err = s.conn.Send(append([]string{mail, rcpt}, next...)...)
		} else {
			err = s.conn.Send(mail)
		}
		if err != nil {
			return err
		}
		err = s.expect("MAIL", 250)
		if err != nil && piped {
			s.drain("RCPT")
			s.abandon(next[0])
		}
		return err
	})
	if refused != nil {
		return refused
	}
	return s.rec.Run(ctx, "rcpt", func(ctx context.Context, step *report.Step) error {
		defer s.conn.Bind(ctx)()
		if !piped {
			if err := s.conn.Send(rcpt); err != nil {
				return err
			}
		}
		err := s.expect("RCPT", 250)
		switch {
		case err != nil && piped:
			s.abandon(next[0])
		case err == nil && !piped:
			err = s.conn.Send(next...)
		}
		return err
	})
}

func (s *Session) expect(command string, code int) error {
	r, err := s.read(command)
	if err != nil {
		return err
	}
	return r.want(code)
}

// drain reads a reply that no longer matters, so that the next one is read
// in its place. A broken connection shows itself at the next use.
func (s *Session) drain(command string) { _, _ = s.read(command) }

// abandon reads the reply to a DATA or RSET that was sent ahead. A server that
// takes DATA although it refused the envelope is sent an empty message, as RFC
// 2920 section 3.1 says.
func (s *Session) abandon(next string) {
	r, err := s.read(next)
	if err == nil && r.code == 354 && s.conn.Send(".") == nil {
		s.drain(next)
	}
}

// stuff doubles dots at line starts and ends the message (RFC 5321 section
// 4.5.2).
func stuff(message []byte) []byte {
	out := make([]byte, 0, len(message)+8)
	for line := range bytes.Lines(message) {
		if line[0] == '.' {
			out = append(out, '.')
		}
		out = append(out, line...)
	}
	if !bytes.HasSuffix(out, []byte("\r\n")) {
		out = append(out, "\r\n"...)
	}
	return append(out, ".\r\n"...)
}
