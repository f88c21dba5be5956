// Package smtp checks a submission server (RFC 6409) over a watched
// connection, one step at a time:
//
//  1. [Open]: connect, then as far as it goes without a secret: on port 465
//     tls, greeting, ehlo (RFC 8314); on port 587 greeting, ehlo, starttls,
//     tls, ehlo again (RFC 3207).
//  2. [Session.Login]: auth (RFC 4954), the strongest mechanism that both
//     sides have.
//  3. [Session.Address]: mail and rcpt; RSET, so that nothing is sent.
//  4. [Session.Submit]: mail, rcpt and data, in one flight where the server
//     does PIPELINING (RFC 2920).
//  5. [Session.Close]: quit, and the end of the check.
//
// The client is our own: libraries drop the texts of replies, send AUTH in
// clear text, answer a repeated challenge with the password again, or take
// parameters from inside an address.
package smtp

import (
	"context"
	"crypto/x509"
	"net/netip"
	"strings"

	"mailcheck/report"
	"mailcheck/wire"
)

// Steps are the steps of a check in order, the second "ehlo" left out.
func Steps(security report.Security) []string {
	return wire.Steps(security, "ehlo", "auth", "mail", "rcpt", "data", "quit")
}

// Options shapes a session. The zero value is ready.
type Options struct {
	Wire wire.Options
	// Hello is the name for EHLO; empty means "[127.0.0.1]", which tells
	// nothing of this machine (RFC 5321 section 4.1.4 takes any literal).
	Hello string
}

const defaultHello = "[127.0.0.1]"

// Session is a check of one submission server.
type Session struct {
	rec        *report.Recorder
	ep         report.Endpoint
	opt        Options
	conn       *wire.Conn
	extensions map[string]string // EHLO keyword in upper case → its parameters
	sent       Sent
	unread     string // a command whose reply has not been read yet
	quitting   bool   // QUIT has been sent
}

// Open connects to the endpoint and goes as far as it goes without a secret.
// The session lives until ctx ends. The error is that of the step that
// failed; Close is to be called all the same.
func Open(ctx context.Context, rec *report.Recorder, ep report.Endpoint, addrs []netip.Addr, opt Options) (*Session, error) {
	if opt.Hello == "" {
		opt.Hello = defaultHello
	}
	s := &Session{rec: rec, ep: ep, opt: opt}
	var err error
	if s.conn, err = wire.Connect(ctx, rec, wire.Target{Host: ep.Host, Port: ep.Port, Addresses: addrs}, opt.Wire); err != nil {
		return s, err
	}
	return s, s.conn.Negotiate(ctx, rec, ep, wire.Dialogue{Greeting: s.greeting, Capabilities: s.ehlo, StartTLS: s.startTLS})
}

func (s *Session) greeting(ctx context.Context) error {
	return s.rec.Run(ctx, "greeting", func(ctx context.Context, step *report.Step) error {
		line, err := s.conn.Greeting(ctx)
		if err != nil {
			return err
		}
		defer s.conn.Bind(ctx)()
		r, err := s.readReply("", line)
		if err != nil {
			return err
		}
		step.Reply = r.report()
		return r.want(220) // RFC 5321 section 3.1
	})
}

// ehlo asks for the extensions and forgets those that were named before: in
// clear text anybody could have named them (RFC 3207 section 4.2).
func (s *Session) ehlo(ctx context.Context, subject string) error {
	return s.rec.RunSubject(ctx, "ehlo", subject, func(ctx context.Context, step *report.Step) error {
		defer s.conn.Bind(ctx)()
		s.extensions = nil
		r, err := s.command("EHLO", "EHLO "+s.opt.Hello)
		if err != nil {
			return err
		}
		if err := r.want(250); err != nil {
			return err
		}
		s.extensions = map[string]string{}
		names := []string{}
		for _, line := range r.lines[1:] {
			keyword, params, _ := strings.Cut(line, " ")
			keyword = strings.ToUpper(keyword) // RFC 5321 section 4.1.1.1: its case means nothing
			if first, old := strings.CutPrefix(keyword, "AUTH="); old {
				// The old form "AUTH=LOGIN" is still met beside "AUTH LOGIN".
				keyword, params = "AUTH", first+" "+params
			}
			if keyword == "" {
				continue
			}
			if before, ok := s.extensions[keyword]; ok {
				params = before + " " + params
			}
			s.extensions[keyword] = params
			names = append(names, line)
		}
		s.conn.Announced(s.rec, names)
		return nil
	})
}

func (s *Session) offers(keyword string) bool {
	_, ok := s.extensions[keyword]
	return ok
}

// Certificates are what the server has shown, its own first; none in clear
// text.
func (s *Session) Certificates() []*x509.Certificate {
	if s.conn == nil || s.conn.Encrypted() == nil {
		return nil
	}
	return s.conn.Encrypted().PeerCertificates
}

// startTLS asks for TLS; see [wire.Dialogue].
func (s *Session) startTLS(ctx context.Context) error {
	return s.rec.Run(ctx, "starttls", func(ctx context.Context, step *report.Step) error {
		if !s.offers("STARTTLS") {
			return &report.Fault{Cause: report.TLSStartTLSNotOffered, Text: "the server does not offer STARTTLS"}
		}
		defer s.conn.Bind(ctx)()
		r, err := s.command("STARTTLS", "STARTTLS")
		if err != nil {
			return err
		}
		step.Reply = r.report()
		if err := r.want(220); err != nil {
			return &report.Fault{Cause: report.TLSStartTLSNotOffered, Text: "the server refuses STARTTLS", Err: err}
		}
		return nil
	})
}

// Close ends the session with QUIT and completes its check: steps that were not run are
// skipped because of the step that failed, or else because of otherwise.
func (s *Session) Close(ctx context.Context, otherwise string) {
	plan := Steps(s.ep.Security)
	if s.conn == nil {
		s.rec.SkipRest(plan, otherwise)
		return
	}
	if s.conn.Err() == nil && ctx.Err() == nil {
		s.rec.SkipRest(plan[:len(plan)-1], otherwise)
		_ = s.rec.Run(ctx, "quit", func(ctx context.Context, step *report.Step) error {
			defer s.conn.Bind(ctx)()
			if s.unread != "" {
				s.drain(s.unread)
			}
			var err error
			if !s.quitting {
				err = s.conn.Send("QUIT")
			}
			if err == nil {
				err = s.expect("QUIT", 221)
			}
			if err != nil {
				// The work is done; a server that only hangs up harms nobody.
				step.Detail = "the server did not answer QUIT properly: " + err.Error()
			}
			return nil
		})
	}
	s.rec.Check().RoundTrips = s.conn.RoundTrips()
	s.conn.Finish(s.rec)
	s.rec.SkipRest(plan, otherwise)
}
