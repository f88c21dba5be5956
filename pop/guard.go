package pop

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"mailcheck/report"
	"mailcheck/wire"
)

// guard stands between the connection and go-pop3, which takes an empty line
// for success, believes any number and reads without end. It passes a reply
// only where one is due: a first line of +OK or -ERR, and behind an +OK to
// UIDL or TOP a bounded list of well-formed lines. Anything else ends the
// session, and the error that says why is kept for the step.
type guard struct {
	wire.Handover
	out     []byte // passed, not yet read by the library
	due     []due  // replies that are still to come, in order
	ahead   map[string]string
	early   string // a command that was sent before the library asked for it
	refused *report.ReplyError
	err     error
}

// due is a reply that is to come.
type due struct {
	command string
	multi   bool
	check   func(line string) error
}

// newGuard makes a guard that greets the library in the server's stead. Ahead
// names commands that are sent in one flight with another, behind it (RFC 2449
// section 6.6).
func newGuard(conn *wire.Conn, ahead map[string]string) *guard {
	return &guard{Handover: wire.Handover{Conn: conn}, out: []byte("+OK\r\n"), ahead: ahead}
}

// Dial gives the library its connection.
func (g *guard) Dial(string, string) (net.Conn, error) { return g, nil }

// Write passes one command line.
func (g *guard) Write(p []byte) (int, error) {
	line := strings.TrimSuffix(string(p), "\r\n")
	if strings.ContainsAny(line, "\r\n\x00") {
		return 0, g.stop(errors.New("a command with a line end or a NUL inside was not sent"))
	}
	if early := g.early; early != "" {
		g.early = ""
		if early == line {
			return len(p), nil
		}
		// The library has no use for this one's reply, which comes first.
		if err := g.next(); err != nil {
			return 0, g.stop(err)
		}
		g.out, g.refused = nil, nil
	}
	lines := []string{line}
	if g.early = g.ahead[line]; g.early != "" {
		lines = append(lines, g.early)
	}
	for _, l := range lines {
		g.due = append(g.due, expect(l))
	}
	if err := g.Send(lines...); err != nil {
		return 0, g.stop(err)
	}
	return len(p), nil
}

// expect is the reply that a command is due.
func expect(line string) due {
	verb, _, _ := strings.Cut(line, " ")
	switch verb {
	case "UIDL":
		return due{command: verb, multi: true, check: func(l string) error { _, _, err := parseUIDL(l); return err }}
	case "TOP":
		return due{command: verb, multi: true, check: func(string) error { return nil }}
	}
	return due{command: verb}
}

// Read passes what is due, a line at a time.
func (g *guard) Read(p []byte) (int, error) {
	if len(g.out) == 0 {
		if g.err != nil {
			return 0, g.err
		}
		if err := g.next(); err != nil {
			return 0, g.stop(err)
		}
	}
	n := copy(p, g.out)
	g.out = g.out[n:]
	return n, nil
}

// next passes one whole reply, checked.
func (g *guard) next() error {
	if len(g.due) == 0 {
		return io.EOF // nothing is due: the library is not to read
	}
	d := g.due[0]
	g.due = g.due[1:]
	line, err := g.ReadLine()
	if err != nil {
		return err
	}
	r, err := parse(d.command, line)
	if err != nil {
		return err
	}
	var re *report.ReplyError
	if err := r.err(); errors.As(err, &re) {
		g.refused = re
		g.out = []byte("-ERR refused\r\n")
		return nil
	} else if err != nil {
		return err
	}
	var out strings.Builder
	out.WriteString("+OK " + r.text + "\r\n")
	for lines := 0; d.multi; lines++ {
		line, err := g.ReadLine()
		if err != nil {
			return err
		}
		if out.WriteString(line + "\r\n"); line == "." {
			break
		}
		if err := d.check(line); err != nil {
			return &report.ProtocolError{Command: d.command, Line: line, Problem: err.Error()}
		}
		if lines >= maxListLines || d.command == "TOP" && out.Len() > maxTop {
			return &report.Fault{Cause: report.ServerHostile, Text: fmt.Sprintf("the answer to %s has no end", d.command)}
		}
	}
	g.out = []byte(out.String())
	return nil
}

// stop ends the session and keeps the reason: what the library makes of it is
// not told apart.
func (g *guard) stop(err error) error {
	if g.err == nil {
		g.err = g.Abandon(err)
	}
	return g.err
}

// explain turns the library's error into what really happened.
func (g *guard) explain(err error) error {
	switch {
	case err == nil:
		return nil
	case g.refused != nil:
		err, g.refused = g.refused, nil
		return err
	case g.err != nil:
		return g.err
	}
	return err
}
