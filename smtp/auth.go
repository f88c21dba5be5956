package smtp

import (
	"context"
	"strings"

	"mailcheck/internal/sasl"
	"mailcheck/report"
)

// maxCommandLine is the longest command line (RFC 5321 section 4.5.3.1.4),
// its CRLF included. An initial response that does not fit goes after the
// command (RFC 4954 section 4).
const maxCommandLine = 512

// Login is the step "auth"; after a refusal it may be tried once more in the
// same session. It fails with the server's *report.ReplyError, with a
// *report.Fault when no login was made, or with what broke the dialogue.
func (s *Session) Login(ctx context.Context, login sasl.Login, policy sasl.Policy) error {
	return s.rec.RunSubject(ctx, "auth", login.Subject, func(ctx context.Context, step *report.Step) error {
		defer s.conn.Bind(ctx)()
		defer s.conn.MaskReplies(sasl.MaskChallenge)()
		login.Host, login.Port, login.TLS = s.ep.Host, s.ep.Port, s.conn.Encrypted()
		offered := strings.Fields(s.extensions["AUTH"])
		choice, err := sasl.Choose(offered, login, policy)
		if err != nil {
			return err
		}
		client, err := sasl.NewClient(choice.Mechanism, login, offered)
		if err != nil {
			return err
		}
		s.rec.Check().Auth = &report.Auth{Mechanism: choice.Mechanism, Why: choice.Why}
		command := "AUTH " + choice.Mechanism
		room := maxCommandLine - len(command) - len(" \r\n")
		err = sasl.Authenticate(client, s.lines(step, command), sasl.Options{MaxInitial: room})
		step.Detail = choice.Mechanism
		if note := client.Note(); note != "" {
			step.Detail += ": " + note
		}
		if err == nil {
			choice.Accepted(step, login)
		}
		return err
	})
}

// lines is the framing of AUTH (RFC 4954 section 4).
func (s *Session) lines(step *report.Step, command string) *sasl.Lines {
	return &sasl.Lines{Conn: s.conn, Command: command, Read: func() (string, bool, error) {
		r, err := s.read(command)
		if err != nil {
			return "", false, err
		}
		if r.code == 334 {
			return r.lines[len(r.lines)-1], true, nil
		}
		step.Reply = r.report()
		return "", false, r.want(235)
	}}
}
