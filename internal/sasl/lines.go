package sasl

import (
	"encoding/base64"
	"strings"

	"mailcheck/report"
)

// Lines is the [Exchange] of the protocols of mail: base64, a line at a time.
// They differ in the command and in how the server's answers look.
type Lines struct {
	// Conn is the connection; SendSecret keeps line out of its transcript and
	// puts shown there.
	Conn interface {
		Send(lines ...string) error
		SendSecret(line, shown string) error
	}
	// Command is the whole command without an initial response, "AUTH PLAIN".
	Command string
	// Read reads the server's next answer: a challenge as it came, or, when
	// more is false, the end of the login, whose error is the refusal.
	Read func() (challenge string, more bool, err error)
}

// Begin implements [Exchange].
func (l *Lines) Begin(_ string, ir []byte) (Answer, error) {
	if ir == nil {
		return l.answer(l.Conn.Send(l.Command))
	}
	initial := "=" // RFC 4954 section 4, RFC 4959 section 3, RFC 5034 section 4
	if len(ir) > 0 {
		initial = base64.StdEncoding.EncodeToString(ir)
	}
	return l.answer(l.Conn.SendSecret(l.Command+" "+initial, l.Command+" [secret]"))
}

// Reply implements [Exchange].
func (l *Lines) Reply(response []byte) (Answer, error) {
	return l.answer(l.Conn.SendSecret(base64.StdEncoding.EncodeToString(response), "[secret]"))
}

// Cancel implements [Exchange].
func (l *Lines) Cancel() (Answer, error) { return l.answer(l.Conn.Send("*")) }

func (l *Lines) answer(sent error) (Answer, error) {
	if sent != nil {
		return Answer{}, sent
	}
	text, more, err := l.Read()
	if err != nil || !more {
		return Answer{Done: true}, err
	}
	challenge, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil {
		// Without the "*" the next command would be taken for a response.
		if err := l.Conn.Send("*"); err != nil {
			return Answer{}, err
		}
		broken := &report.ProtocolError{Command: l.Command, Line: text, Problem: "a challenge that is not base64"}
		if _, _, err := l.Read(); err != nil {
			return Answer{}, cancelled(broken, err)
		}
		return Answer{}, broken
	}
	return Answer{Challenge: challenge}, nil
}
