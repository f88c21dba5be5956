package pop

import (
	"context"
	"crypto/md5" // APOP is made of it (RFC 1939 section 7)
	"encoding/hex"
	"slices"

	"mailcheck/internal/sasl"
	"mailcheck/report"
)

// maxCommandLine is the longest command line (RFC 2449 section 4), its CRLF
// included. An initial response that does not fit goes after the command
// (RFC 5034 section 4).
const maxCommandLine = 255

// Login is the step "auth"; after a refusal it may be tried once more in the
// same session. It fails with the server's *report.ReplyError, with a
// *report.Fault when no login was made, or with what broke the dialogue.
func (s *Session) Login(ctx context.Context, login sasl.Login, policy sasl.Policy) error {
	return s.rec.RunSubject(ctx, "auth", login.Subject, func(ctx context.Context, step *report.Step) error {
		defer s.conn.Bind(ctx)()
		defer s.conn.MaskReplies(sasl.MaskChallenge)()
		login.Host, login.Port, login.TLS = s.ep.Host, s.ep.Port, s.conn.Encrypted()
		offered := s.mechanisms()
		choice, err := sasl.Choose(offered, login, policy)
		if err != nil {
			return err
		}
		step.Detail = choice.Mechanism
		auth := &report.Auth{Mechanism: choice.Mechanism, Why: choice.Why}
		switch choice.Mechanism {
		case sasl.User:
			s.rec.Check().Auth = auth
			err = s.userPass(step, login)
		case sasl.APOP:
			s.rec.Check().Auth = auth
			err = s.apop(step, login)
		default:
			var client sasl.Client
			if client, err = sasl.NewClient(choice.Mechanism, login, offered); err != nil {
				return err
			}
			s.rec.Check().Auth = auth
			command := "AUTH " + choice.Mechanism
			room := maxCommandLine - len(command) - len(" \r\n")
			err = sasl.Authenticate(client, s.lines(step, command), sasl.Options{MaxInitial: room})
			if note := client.Note(); note != "" {
				step.Detail += ": " + note
			}
		}
		if err == nil {
			choice.Accepted(step, login)
		}
		return err
	})
}

// mechanisms are the SASL mechanisms and login commands that the server takes.
func (s *Session) mechanisms() []string {
	// The names of the commands are not for a server to put into its list.
	offered := slices.DeleteFunc(slices.Clone(s.caps["SASL"]), func(name string) bool {
		return name == sasl.User || name == sasl.APOP
	})
	if s.offers("USER") {
		offered = append(offered, sasl.User)
	}
	if s.stamp != "" {
		offered = append(offered, sasl.APOP)
	}
	return offered
}

// userPass logs in with USER and PASS (RFC 1939 section 7).
func (s *Session) userPass(step *report.Step, login sasl.Login) error {
	r, err := s.command("USER", "USER "+login.Username)
	if err != nil {
		return err
	}
	step.Reply = r.report()
	if err := r.err(); err != nil {
		return err
	}
	return s.finish(step, "PASS", "PASS "+login.Secret.Reveal(), "PASS [secret]")
}

// apop logs in with a digest of the greeting's time stamp and the password.
func (s *Session) apop(step *report.Step, login sasl.Login) error {
	digest := md5.Sum([]byte(s.stamp + login.Secret.Reveal()))
	return s.finish(step, "APOP", "APOP "+login.Username+" "+hex.EncodeToString(digest[:]), "APOP "+login.Username+" [secret]")
}

// finish sends the line that holds the secret; its reply decides.
func (s *Session) finish(step *report.Step, command, line, shown string) error {
	if err := s.conn.SendSecret(line, shown); err != nil {
		return err
	}
	r, err := s.read(command)
	if err != nil {
		return err
	}
	step.Reply = r.report()
	return r.err()
}

// lines is the framing of AUTH (RFC 5034 section 4).
func (s *Session) lines(step *report.Step, command string) *sasl.Lines {
	return &sasl.Lines{Conn: s.conn, Command: command, Read: func() (string, bool, error) {
		r, err := s.read(command)
		if err != nil {
			return "", false, err
		}
		if r.status == challenge {
			return r.text, true, nil
		}
		step.Reply = r.report()
		return "", false, r.err()
	}}
}
