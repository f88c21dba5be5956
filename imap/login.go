package imap

import (
	"context"
	"fmt"
	"strings"

	"mailcheck/internal/sasl"
	"mailcheck/report"
)

const (
	// maxInitial bounds an initial response (RFC 4959), in characters of
	// base64: RFC 7162 section 4 has servers take command lines of 8192
	// octets. A longer one goes after the command.
	maxInitial = 8000
	// maxNonSync bounds a LITERAL- (RFC 7888 section 5).
	maxNonSync = 4096
)

// Login is the step "auth"; after a refusal it may be tried once more in the
// same session. It fails with the server's *report.ReplyError, with a
// *report.Fault when no login was made, or with what broke the dialogue.
func (s *Session) Login(ctx context.Context, login sasl.Login, policy sasl.Policy) error {
	return s.rec.RunSubject(ctx, "auth", login.Subject, func(ctx context.Context, step *report.Step) error {
		if s.preauth {
			return &report.Fault{Cause: report.Unknown,
				Text: "the server takes the connection for logged in already (PREAUTH), so the login was not tested"}
		}
		defer s.conn.Bind(ctx)()
		defer s.conn.MaskReplies(sasl.MaskChallenge)()
		login.Host, login.Port, login.TLS = s.ep.Host, s.ep.Port, s.conn.Encrypted()
		s.said = nil
		choice, err := s.authenticate(step, login, policy)
		addSaid(step, s.said)
		if err != nil {
			if s.caps == nil { // what was refused has changed nothing
				s.caps = s.before
			}
			return err
		}
		if s.caps != nil {
			s.rec.Check().Capabilities.AfterAuth = s.caps
		}
		choice.Accepted(step, login)
		return nil
	})
}

func (s *Session) authenticate(step *report.Step, login sasl.Login, policy sasl.Policy) (sasl.Choice, error) {
	offered := s.mechanisms()
	login.Earlier = s.earlier
	choice, err := sasl.Choose(offered, login, policy)
	if err != nil {
		return choice, err
	}
	step.Detail = choice.Mechanism
	auth := &report.Auth{Mechanism: choice.Mechanism, Why: choice.Why}
	x := &attempt{s: s, step: step, command: "LOGIN", tag: s.nextTag()}
	if choice.Mechanism == sasl.LoginCommand {
		s.rec.Check().Auth = auth
		return choice, x.login(login)
	}
	client, err := sasl.NewClient(choice.Mechanism, login, offered)
	if err != nil {
		return choice, err
	}
	s.rec.Check().Auth = auth
	x.command = "AUTHENTICATE " + choice.Mechanism
	var opts sasl.Options
	if s.offers("SASL-IR") {
		opts.MaxInitial = maxInitial
	}
	s.forget()
	err = sasl.Authenticate(client, x.lines(), opts)
	if note := client.Note(); note != "" {
		step.Detail += ": " + note
	}
	return choice, err
}

// mechanisms are the SASL mechanisms and login commands that the server takes.
func (s *Session) mechanisms() []string {
	offered := saslNames(s.caps)
	if !s.offers("LOGINDISABLED") { // RFC 9051 section 6.2.3
		offered = append(offered, sasl.LoginCommand)
	}
	return offered
}

// attempt is one login.
type attempt struct {
	s       *Session
	step    *report.Step
	command string // without its tag
	tag     string
}

// lines is the framing of AUTHENTICATE (RFC 9051 section 6.2.2).
func (x *attempt) lines() *sasl.Lines {
	return &sasl.Lines{Conn: x.s.conn, Command: x.tag + " " + x.command, Read: func() (string, bool, error) {
		r, err := x.s.next(x.command, x.tag)
		if err != nil {
			return "", false, err
		}
		if r.tag == continuation {
			return r.text, true, nil
		}
		return "", false, x.end(r)
	}}
}

// end takes in the tagged reply.
func (x *attempt) end(r *reply) error {
	if err := r.err(x.command); err != nil {
		return err
	}
	x.step.Reply = r.report(x.command)
	if r.code == "CAPABILITY" {
		x.s.caps = parseCapabilities(r.args)
	}
	return nil
}

// forget puts the capabilities aside: they change with the login (RFC 9051
// section 6.2.3), and many servers name the new ones in their replies to it.
func (s *Session) forget() { s.caps, s.before = nil, s.caps }

// login is the LOGIN command (RFC 9051 section 6.2.3).
func (x *attempt) login(login sasl.Login) error {
	flights := x.s.loginFlights(x.tag, login)
	x.s.forget()
	for i, f := range flights {
		if err := x.s.conn.SendSecret(f.line, f.shown); err != nil {
			return err
		}
		r, err := x.s.next(x.command, x.tag)
		if err != nil {
			return err
		}
		switch last := i == len(flights)-1; {
		case r.tag == continuation && !last:
		case r.tag != continuation && r.status == "OK" && !last:
			return &report.ProtocolError{Command: x.command, Line: r.line, Problem: "success before the login was complete"}
		default:
			return x.end(r)
		}
	}
	return nil
}

// flight is a line to send, and how it is shown.
type flight struct{ line, shown string }

// loginFlights writes LOGIN. Plain ASCII goes in quotes; anything else is a
// literal, for which the server is waited for unless it need not be (RFC 7888).
func (s *Session) loginFlights(tag string, login sasl.Login) []flight {
	flights := []flight{{tag + " LOGIN", tag + " LOGIN"}}
	for _, arg := range []struct{ value, shown string }{
		{login.Username, login.Username},
		{login.Secret.Reveal(), "[secret]"},
	} {
		f := &flights[len(flights)-1]
		n := len(arg.value)
		switch {
		case isPrintable([]byte(arg.value)): // which a quoted string carries safely (RFC 9051 section 4.3)
			f.line += ` "` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(arg.value) + `"`
			f.shown += " " + arg.shown
		case s.offers("LITERAL+"), s.offers("LITERAL-", "IMAP4rev2") && n <= maxNonSync:
			f.line += fmt.Sprintf(" {%d+}\r\n%s", n, arg.value)
			f.shown += " " + arg.shown
		default:
			f.line += fmt.Sprintf(" {%d}", n)
			f.shown += " {literal}"
			flights = append(flights, flight{arg.value, arg.shown})
		}
	}
	return flights
}
