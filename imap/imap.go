// Package imap checks an IMAP server (RFC 9051, RFC 3501) over a watched
// connection, one step at a time:
//
//  1. [Open]: connect, then as far as it goes without a secret: on port 993
//     tls, greeting, capability (RFC 8314); on port 143 greeting, capability,
//     starttls, tls, capability again.
//  2. [Session.Login]: auth, the strongest mechanism that both sides have, or
//     the LOGIN command.
//  3. [Session.Mailbox]: mailbox, that is ID (RFC 2971), EXAMINE INBOX and
//     LIST in one flight; EXAMINE decides.
//  4. [Session.Watch] and [Session.Await]: the test message in INBOX and in
//     Junk, by IDLE (RFC 2177) or by polling.
//  5. [Session.Header] and [Session.Remove]: its header, and its removal
//     together with copies in Sent and Junk, by UID EXPUNGE (RFC 4315) only;
//     [Session.RemoveLeftovers]: those of earlier runs. [Session.Copies] names
//     what stays.
//  6. [Session.Close]: logout, and the end of the check.
//
// The dialogue up to the login is our own; behind it go-imap takes over, with
// a guard in front (guard.go) that passes only well-formed, bounded replies of
// the kinds that were asked for. Nothing is changed in the mailbox but the test
// messages of this run and, where their signature proves it, of earlier ones,
// recognised each time by their freshly fetched headers.
package imap

import (
	"context"
	"net/netip"
	"strconv"

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
	// Keep says that the test message is to stay: no folder is opened for
	// writing ahead of a removal then, which would clear \Recent.
	Keep bool
}

// Session is a check of one IMAP server. Its methods may be called by one
// goroutine at a time.
type Session struct {
	rec  *report.Recorder
	ep   report.Endpoint
	opt  Options
	conn *wire.Conn

	greeted bool // by an IMAP server, which takes commands
	tags    int
	caps    []string // as last named; nil when they are to be asked for
	earlier []string // the mechanisms of all capabilities that were named in this TLS session
	before  []string // those of before the login, while the server names none after it
	preauth bool     // the server took us for logged in (RFC 9051 section 7.1.4)
	said    []string // alerts and untagged refusals
	bye     *reply   // why the server hangs up

	box *box // from Mailbox on
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
		r := parseReply(line)
		if r.tag != untagged || !r.isStatus() {
			return &report.ProtocolError{Line: line, Problem: "not an IMAP greeting"}
		}
		step.Reply = r.report("")
		if caps := parseCapabilities(r.args); r.code == "CAPABILITY" && len(caps) > 0 { // else they are asked for
			s.name(caps)
		}
		s.preauth = r.status == "PREAUTH"
		switch {
		case s.preauth && s.conn.Encrypted() == nil:
			// RFC 9051 section 7.1.4: it would keep a client from STARTTLS.
			return &report.Fault{Cause: report.TLSPreauthDowngrade,
				Text: "the server takes an unencrypted connection for logged in (PREAUTH)"}
		case !s.preauth:
			err = r.err("")
		}
		s.greeted = err == nil
		return err
	})
}

// startTLS asks for TLS; see [wire.Dialogue].
func (s *Session) startTLS(ctx context.Context) error {
	return s.rec.Run(ctx, "starttls", func(ctx context.Context, step *report.Step) error {
		if !s.offers("STARTTLS") {
			return &report.Fault{Cause: report.TLSStartTLSNotOffered, Text: "the server does not offer STARTTLS"}
		}
		defer s.conn.Bind(ctx)()
		r, err := s.command("STARTTLS")
		if err != nil {
			return err
		}
		if r.isStatus() {
			step.Reply = r.report("STARTTLS")
		}
		if err = r.err("STARTTLS"); err != nil {
			err = &report.Fault{Cause: report.TLSStartTLSNotOffered, Text: "the server refuses STARTTLS", Err: err}
		}
		// What was said in clear text anybody could have said (RFC 9051
		// section 6.2.1), capabilities in this very reply included.
		s.caps, s.earlier, s.said, s.bye = nil, nil, nil, nil
		return err
	})
}

// nextTag returns the tag for the next command of our own; go-imap's begin
// with another letter.
func (s *Session) nextTag() string {
	s.tags++
	return "A" + strconv.Itoa(s.tags)
}

// Err is the error that broke the connection, or nil.
func (s *Session) Err() error {
	if s.conn == nil {
		return nil
	}
	return s.conn.Err()
}

// RoundTrips counts the waits for the network so far.
func (s *Session) RoundTrips() int {
	if s.conn == nil {
		return 0
	}
	return s.conn.RoundTrips()
}

// Close ends the session with LOGOUT and completes its check: steps that were not run are
// skipped because of the step that failed, or else because of otherwise. The
// check's round trips are those of now, unless they have been set before.
func (s *Session) Close(ctx context.Context, otherwise string) {
	plan := Steps(s.ep.Security)
	if s.conn == nil {
		s.rec.SkipRest(plan, otherwise)
		return
	}
	if s.greeted && ctx.Err() == nil && s.conn.Err() == nil && (s.box == nil || !s.box.guard.broken()) {
		s.rec.SkipRest(plan[:len(plan)-1], otherwise)
		_ = s.rec.Run(ctx, "logout", func(ctx context.Context, step *report.Step) error {
			defer s.conn.Bind(ctx)()
			if err := s.sendLogout(); err != nil {
				// The work is done; a server that only hangs up harms nobody.
				step.Detail = "the server did not answer LOGOUT properly"
			}
			return nil
		})
	}
	if s.box != nil {
		s.box.close()
	}
	if s.rec.Check().RoundTrips == 0 {
		s.rec.Check().RoundTrips = s.conn.RoundTrips()
	}
	s.conn.Finish(s.rec)
	s.rec.SkipRest(plan, otherwise)
}

func (s *Session) sendLogout() error {
	if s.box != nil {
		return s.box.logout()
	}
	r, err := s.command("LOGOUT")
	if err != nil {
		return err
	}
	return r.err("LOGOUT")
}
