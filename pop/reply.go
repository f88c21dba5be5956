package pop

import (
	"strings"

	"mailcheck/report"
)

// The status indicators (RFC 1939 section 3). One real server answered +ERR:
// what is not +OK is a refusal.
const (
	statusOK  = "+OK"
	statusERR = "-ERR"
	challenge = "+"
)

// reply is the first line of a server's reply.
type reply struct {
	command string // what was asked, without arguments that may be secret
	status  string
	code    string // the extended response code (RFC 2449 section 8), without brackets
	text    string
}

// command sends one line and reads the first line of its reply.
func (s *Session) command(name, line string) (*reply, error) {
	if err := s.conn.Send(line); err != nil {
		return nil, err
	}
	return s.read(name)
}

func (s *Session) read(command string) (*reply, error) {
	line, err := s.conn.ReadLine()
	if err != nil {
		return nil, err
	}
	return parse(command, line)
}

// parse takes the first line of a reply apart. An empty line is no success,
// and no reply either.
func parse(command, line string) (*reply, error) {
	line = strings.TrimPrefix(line, "\uFEFF") // Office 365 has put a byte order mark here
	status, rest, _ := strings.Cut(line, " ")
	switch strings.ToUpper(status) {
	case statusOK:
		status = statusOK
	case statusERR, "+ERR":
		status = statusERR
	case challenge:
	default:
		return nil, &report.ProtocolError{Command: command, Line: line, Problem: "not a POP3 reply"}
	}
	r := &reply{command: command, status: status, text: rest}
	if status != challenge && strings.HasPrefix(rest, "[") {
		// Only upper case is a code, as all servers write them: what a server
		// echoes is to be found again by those who take secrets out.
		if code, text, found := strings.Cut(rest[1:], "]"); found && code == strings.ToUpper(code) {
			r.code, r.text = code, strings.TrimPrefix(text, " ")
		}
	}
	return r, nil
}

// list reads the lines behind an +OK up to the lone dot, dots unstuffed (RFC
// 1939 section 3).
func (s *Session) list() ([]string, error) {
	lines := []string{}
	for {
		line, err := s.conn.ReadLine()
		if err != nil {
			return nil, err
		}
		if line == "." {
			return lines, nil
		}
		if len(lines) >= maxCapabilities {
			return nil, s.conn.Abandon(&report.Fault{Cause: report.ServerHostile, Text: "the server sends a list without end"})
		}
		lines = append(lines, strings.TrimPrefix(line, "."))
	}
}

func (r *reply) report() *report.Reply {
	return &report.Reply{Command: r.command, Status: r.status, Code: r.code, Text: r.text}
}

// err returns nil for +OK, and else a *report.ReplyError.
func (r *reply) err() error {
	if r.status == statusOK {
		return nil
	}
	if r.status == challenge {
		return &report.ProtocolError{Command: r.command, Line: "+ " + r.text, Problem: "a challenge where none was due"}
	}
	// RFC 3206 section 4 and RFC 2449 section 8: what a later try may mend.
	temporary := r.code == "SYS/TEMP" || r.code == "IN-USE" || r.code == "LOGIN-DELAY"
	return &report.ReplyError{Reply: *r.report(), Temporary: temporary}
}
