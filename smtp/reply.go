package smtp

import (
	"strings"

	"mailcheck/report"
)

// maxReplyLines bounds one reply. EHLO answers of real servers have under 20.
const maxReplyLines = 100

// reply is a server's reply (RFC 5321 section 4.2), all of its lines.
type reply struct {
	command  string // what was asked, without arguments that may be secret
	code     int
	enhanced string   // RFC 3463; empty when the server gives none
	lines    []string // texts, the enhanced code taken off
}

// command sends one line and reads its reply.
func (s *Session) command(name, line string) (*reply, error) {
	if err := s.conn.Send(line); err != nil {
		return nil, err
	}
	return s.read(name)
}

// read reads the reply to what was sent before.
func (s *Session) read(command string) (*reply, error) {
	line, err := s.conn.ReadLine()
	if err != nil {
		return nil, err
	}
	return s.readReply(command, line)
}

// readReply reads a reply whose first line has been read.
func (s *Session) readReply(command, line string) (*reply, error) {
	r := &reply{command: command}
	for {
		code, text, more, ok := parseLine(line)
		switch {
		case !ok:
			return nil, &report.ProtocolError{Command: command, Line: line, Problem: "not an SMTP reply"}
		case r.code != 0 && code != r.code:
			// RFC 5321 section 4.2.1: every line has the same code.
			return nil, &report.ProtocolError{Command: command, Line: line, Problem: "the lines of one reply have different codes"}
		case len(r.lines) >= maxReplyLines:
			return nil, s.conn.Abandon(&report.Fault{Cause: report.ServerHostile, Text: "the server sends a reply without end"})
		}
		r.code = code
		enhanced, rest := cutEnhanced(code, text)
		if r.enhanced == "" {
			r.enhanced = enhanced
		}
		r.lines = append(r.lines, rest)
		if !more {
			return r, nil
		}
		var err error
		if line, err = s.conn.ReadLine(); err != nil {
			return nil, err
		}
	}
}

// parseLine takes one reply line apart: "250-text" has more to come,
// "250 text" and "250" have not.
func parseLine(line string) (code int, text string, more, ok bool) {
	if len(line) < 3 || line[0] < '2' || line[0] > '5' {
		return 0, "", false, false
	}
	for _, c := range []byte(line[:3]) {
		if c < '0' || c > '9' {
			return 0, "", false, false
		}
		code = code*10 + int(c-'0')
	}
	rest := line[3:]
	switch {
	case rest == "":
		return code, "", false, true
	case rest[0] == '-':
		return code, rest[1:], true, true
	case rest[0] == ' ':
		return code, rest[1:], false, true
	}
	return 0, "", false, false
}

// cutEnhanced takes the enhanced status code off a text (RFC 2034 section 4):
// it stands first, and its class is that of the reply.
func cutEnhanced(code int, text string) (enhanced, rest string) {
	first, rest, _ := strings.Cut(text, " ")
	parts := strings.Split(first, ".")
	if len(parts) != 3 || len(parts[0]) != 1 || int(parts[0][0]-'0') != code/100 {
		return "", text
	}
	for _, p := range parts {
		if p == "" || len(p) > 3 || strings.Trim(p, "0123456789") != "" {
			return "", text
		}
	}
	return first, rest
}

func (r *reply) text() string { return strings.Join(r.lines, "\n") }

func (r *reply) report() *report.Reply {
	return &report.Reply{Command: r.command, Status: r.status(), Enhanced: r.enhanced, Text: r.text()}
}

func (r *reply) status() string {
	return string([]byte{byte('0' + r.code/100), byte('0' + r.code/10%10), byte('0' + r.code%10)})
}

// want returns nil for this code, a *report.ReplyError for a refusal, and a
// *report.ProtocolError for a success of another kind.
func (r *reply) want(code int) error {
	if r.code == code || code == 250 && r.code == 251 { // 251: will forward (RFC 5321 section 3.4)
		return nil
	}
	if r.code >= 400 {
		return &report.ReplyError{Reply: *r.report(), Temporary: r.code < 500}
	}
	return &report.ProtocolError{Command: r.command, Line: r.status() + " " + r.text(), Problem: "an unexpected reply"}
}
