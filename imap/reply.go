package imap

import (
	"errors"
	"io"
	"strings"

	"mailcheck/report"
	"mailcheck/wire"
)

// The tags of responses that are no reply to a command (RFC 9051 section 2.2.2).
const (
	untagged     = "*"
	continuation = "+"
)

// reply is a response line taken apart (RFC 9051 section 7.1). For a response
// that carries data, status is its first word and text the rest.
type reply struct {
	tag    string // untagged, continuation, or that of the command
	status string // OK, NO, BAD, BYE, PREAUTH, in upper case
	code   string // the response code in upper case, without its arguments
	args   string // the arguments of the response code
	text   string
	line   string // as it came
}

// parseReply takes a response line apart. It never fails: whether the parts
// make sense where they stand is for the caller to say.
func parseReply(line string) *reply {
	r := &reply{line: line}
	if rest, ok := strings.CutPrefix(line, continuation); ok {
		r.tag, r.text = continuation, strings.TrimPrefix(rest, " ")
		return r
	}
	var rest string
	r.tag, rest, _ = strings.Cut(line, " ")
	r.status, r.text, _ = strings.Cut(rest, " ")
	r.status = strings.ToUpper(r.status)
	if !r.isStatus() || !strings.HasPrefix(r.text, "[") {
		return r
	}
	// Only upper case is a code, as all servers write them: what a server
	// echoes is to be found again by those who take secrets out.
	code, text, found := strings.Cut(r.text[1:], "]")
	if first, _, _ := strings.Cut(code, " "); found && first == strings.ToUpper(first) {
		r.code, r.args, _ = strings.Cut(code, " ")
		r.text = strings.TrimPrefix(text, " ")
	}
	return r
}

// isStatus tells a status response from one that carries data.
func (r *reply) isStatus() bool {
	switch r.status {
	case "OK", "NO", "BAD", "BYE", "PREAUTH":
		return true
	}
	return false
}

func (r *reply) report(command string) *report.Reply {
	return &report.Reply{Command: command, Status: r.status, Code: r.code, Text: r.text}
}

// err returns nil for a tagged OK, a *report.ReplyError for NO, BAD and BYE,
// and a *report.ProtocolError for what is no reply to the command.
func (r *reply) err(command string) error {
	switch {
	case r.tag == continuation:
		return &report.ProtocolError{Command: command, Line: r.line, Problem: "a continuation request where none was due"}
	case r.status == "OK":
		return nil
	case r.status == "NO", r.status == "BAD", r.status == "BYE":
		return &report.ReplyError{Reply: *r.report(command), Temporary: temporary[r.code]}
	}
	return &report.ProtocolError{Command: command, Line: r.line, Problem: "not an IMAP reply"}
}

// temporary are the response codes of what a later try may mend.
var temporary = map[string]bool{
	"UNAVAILABLE": true, // RFC 5530 section 3
	"INUSE":       true,
	"LIMIT":       true,
	"THROTTLED":   true, // Dovecot and Gmail
}

// command sends one command line and reads up to its tagged reply.
func (s *Session) command(line string) (*reply, error) {
	tag := s.nextTag()
	if err := s.conn.Send(tag + " " + line); err != nil {
		return nil, err
	}
	return s.next(line, tag)
}

// next reads up to the command's tagged reply or a continuation request. What
// is said untagged before it goes to hear.
func (s *Session) next(command, tag string) (*reply, error) {
	for range maxUntagged {
		line, err := s.conn.ReadLine()
		if err != nil {
			// A server that says why it hangs up has refused (RFC 9051
			// section 7.1.5).
			if s.bye != nil && hungUp(err) {
				return nil, s.bye.err(command)
			}
			return nil, err
		}
		r := parseReply(line)
		switch r.tag {
		case tag, continuation:
			return r, nil
		case untagged:
			s.hear(r)
		default:
			return nil, s.conn.Abandon(&report.ProtocolError{Command: command, Line: line, Problem: "a reply to a tag that was not used"})
		}
	}
	return nil, s.conn.Abandon(&report.Fault{Cause: report.ServerHostile, Text: "the server talks on and on instead of replying to " + command})
}

// hear takes in an untagged response.
func (s *Session) hear(r *reply) {
	switch {
	case r.status == "CAPABILITY":
		s.name(parseCapabilities(r.text))
	case r.status == "OK" && r.code == "CAPABILITY":
		s.name(parseCapabilities(r.args))
	case r.status == "BYE":
		s.bye = r
	case r.status == "NO", r.status == "BAD", r.status == "OK" && r.code == "ALERT":
		// RFC 9051 section 7.1: an ALERT must be shown to the user; Gmail
		// explains a refusal in an untagged NO ahead of it.
		s.said = appendSaid(s.said, r.text)
	}
}

// appendSaid keeps what a server said beside its replies, within bounds.
func appendSaid(said []string, text string) []string {
	if len(said) >= maxSaid || text == "" {
		return said
	}
	return append(said, text)
}

// addSaid adds to a step's detail what the server said beside its reply.
func addSaid(step *report.Step, said []string) {
	for _, text := range said {
		if step.Detail != "" {
			step.Detail += "; "
		}
		step.Detail += "the server says: " + text
	}
}

// hungUp tells that the server ended the connection, not we.
func hungUp(err error) bool {
	cause, _ := wire.ErrnoCause(err)
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || cause == report.ConnectClosedEarly
}
