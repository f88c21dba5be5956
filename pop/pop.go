// Package pop checks a POP3 server (RFC 1939) over a watched connection, one
// step at a time:
//
//  1. [Open]: connect, then as far as it goes without a secret: on port 995
//     tls, greeting, capability (RFC 8314); on port 110 greeting, capability,
//     starttls (STLS, RFC 2595), tls, capability again.
//  2. [Session.Login]: auth (RFC 5034, or USER and PASS, or APOP).
//  3. [Session.Mailbox]: mailbox, that is STAT and UIDL in one flight where
//     the server does PIPELINING.
//  4. [Session.Find], [Session.Remove] and [Session.Commit]: the test message,
//     where no IMAP server can look for it. A maildrop is as it was at the login,
//     so each look is a session of its own.
//  5. [Session.Close]: logout, and the end of the check.
//
// POP3 deletes on request and on some servers on retrieval, so no message is
// ever retrieved with RETR, and DELE is sent for the run's own test message
// alone. The dialogue up to the login is our own; behind it go-pop3 takes over,
// with a guard in front that passes only well-formed, bounded replies.
package pop

import (
	"context"
	"net/netip"
	"strings"

	"mailcheck/report"
	"mailcheck/wire"
)

// Steps are the steps of a check in order, the second "capability" left out.
func Steps(security report.Security) []string {
	return wire.Steps(security, "capability", "auth", "mailbox", "logout")
}

// Options shapes a session. The zero value is ready.
type Options struct {
	Wire wire.Options
}

// Session is a check of one POP3 server.
type Session struct {
	rec   *report.Recorder
	ep    report.Endpoint
	opt   Options
	conn  *wire.Conn
	stamp string              // the APOP time stamp of the greeting, "<…>"
	caps  map[string][]string // capability in upper case → its arguments
	box   *maildrop           // from Mailbox on
}

// Open connects to the endpoint and goes as far as it goes without a secret.
// The session lives until ctx ends. The error is that of the step that
// failed; Close is to be called all the same.
func Open(ctx context.Context, rec *report.Recorder, ep report.Endpoint, addrs []netip.Addr, opt Options) (*Session, error) {
	s := &Session{rec: rec, ep: ep, opt: opt}
	var err error
	if s.conn, err = wire.Connect(ctx, rec, wire.Target{Host: ep.Host, Port: ep.Port, Addresses: addrs}, opt.Wire); err != nil {
		return s, err
	}
	return s, s.conn.Negotiate(ctx, rec, ep, wire.Dialogue{Greeting: s.greeting, Capabilities: s.capability, StartTLS: s.startTLS})
}

func (s *Session) greeting(ctx context.Context) error {
	return s.rec.Run(ctx, "greeting", func(ctx context.Context, step *report.Step) error {
		line, err := s.conn.Greeting(ctx)
		if err != nil {
			return err
		}
		r, err := parse("", line)
		if err != nil {
			return err
		}
		step.Reply = r.report()
		s.stamp = timestamp(r.text)
		return r.err()
	})
}

// timestamp finds the APOP time stamp in a greeting (RFC 1939 section 7).
func timestamp(greeting string) string {
	from := strings.IndexByte(greeting, '<')
	if from < 0 {
		return ""
	}
	to := strings.IndexByte(greeting[from:], '>')
	if to < 0 || !strings.Contains(greeting[from:from+to], "@") {
		return ""
	}
	return greeting[from : from+to+1]
}

// capability asks CAPA (RFC 2449) and forgets what was said before. A server
// that does not know CAPA is of 1996; it has USER and PASS.
func (s *Session) capability(ctx context.Context, subject string) error {
	return s.rec.RunSubject(ctx, "capability", subject, func(ctx context.Context, step *report.Step) error {
		defer s.conn.Bind(ctx)()
		s.caps = map[string][]string{}
		r, err := s.command("CAPA", "CAPA")
		if err != nil {
			return err
		}
		if r.status != statusOK {
			step.Reply = r.report()
			step.Detail = "the server does not list its capabilities"
			s.caps["USER"] = nil
			return nil
		}
		lines, err := s.list()
		if err != nil {
			return err
		}
		for _, line := range lines {
			words := strings.Fields(strings.ToUpper(line))
			if len(words) > 0 {
				s.caps[words[0]] = words[1:]
			}
		}
		s.conn.Announced(s.rec, lines)
		return nil
	})
}

func (s *Session) offers(capability string) bool {
	_, ok := s.caps[capability]
	return ok
}

// startTLS asks for TLS; see [wire.Dialogue].
func (s *Session) startTLS(ctx context.Context) error {
	return s.rec.Run(ctx, "starttls", func(ctx context.Context, step *report.Step) error {
		if !s.offers("STLS") {
			return &report.Fault{Cause: report.TLSStartTLSNotOffered, Text: "the server does not offer STLS"}
		}
		defer s.conn.Bind(ctx)()
		r, err := s.command("STLS", "STLS")
		if err != nil {
			return err
		}
		step.Reply = r.report()
		s.stamp = "" // it came in clear text
		if err := r.err(); err != nil {
			return &report.Fault{Cause: report.TLSStartTLSNotOffered, Text: "the server refuses STLS", Err: err}
		}
		return nil
	})
}

// Close ends the session with QUIT and completes its check: steps that were not run are
// skipped because of the step that failed, or else because of otherwise.
// Messages marked by Remove are deleted by the QUIT (RFC 1939 section 6).
func (s *Session) Close(ctx context.Context, otherwise string) {
	plan := Steps(s.ep.Security)
	if s.conn == nil {
		s.rec.SkipRest(plan, otherwise)
		return
	}
	if s.conn.Err() == nil && ctx.Err() == nil {
		s.rec.SkipRest(plan[:len(plan)-1], otherwise)
		_ = s.rec.Run(ctx, "logout", func(ctx context.Context, step *report.Step) error {
			defer s.conn.Bind(ctx)()
			var err error
			if s.box != nil {
				_, err = s.box.conn.Cmd("QUIT", false)
			} else {
				var r *reply
				if r, err = s.command("QUIT", "QUIT"); err == nil {
					err = r.err()
				}
			}
			if err != nil {
				// The work is done; a server that only hangs up harms nobody.
				step.Detail = "the server did not answer QUIT properly"
			}
			return nil
		})
	}
	s.rec.Check().RoundTrips = s.conn.RoundTrips()
	s.conn.Finish(s.rec)
	s.rec.SkipRest(plan, otherwise)
}
