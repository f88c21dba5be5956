package imap

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"

	goimap "github.com/emersion/go-imap/v2"

	"mailcheck/report"
	"mailcheck/wire"
)

// hello is what go-imap sees for a greeting. Its capabilities are the least
// that there is: go-imap would write raw UTF-8 for IMAP4rev2, and needs none
// of the others.
const hello = "* PREAUTH [CAPABILITY IMAP4rev1] logged in\r\n"

// verbs are the commands that a session consists of. EXPUNGE, CLOSE and MOVE
// could remove other people's messages; what UID SEARCH says is no more than
// where to look.
var verbs = []string{
	"CAPABILITY", "ID", "LIST", "EXAMINE", "SELECT", "IDLE",
	"FETCH", "UID FETCH", "UID SEARCH", "UID STORE", "UID EXPUNGE", "UID COPY", "LOGOUT",
}

// guard stands between the connection and go-imap, which loops for ever on
// some responses, overflows its stack or its memory on others, and gives up on
// those that it does not know. It writes every response anew, and only
// those that were asked for: a tagged reply to a command that is under way,
// "+" for IDLE, UIDVALIDITY and UIDNEXT for EXAMINE, EXISTS and LIST. What FETCH
// and SEARCH bring it keeps itself. What else a server says is left out; what
// breaks the framing, or has no end, ends the connection, and the error says why.
type guard struct {
	wire.Handover
	out       []byte // passed, not yet read by go-imap
	responses int
	stopped   bool

	mu      sync.Mutex
	held    bool
	written []*asked // while held, in order
	partial []byte   // a line that is not whole yet
	asked   []*asked // under way, in order
	newest  *asked   // the last that was written
	heard   heard
	closed  bool
}

// heard is what the session wants to know of responses that go-imap is not
// shown.
type heard struct {
	caps []string // of the last CAPABILITY that was asked for
	said []string // alerts and untagged refusals
	bye  *reply   // why the server hangs up
}

// asked is a command, as long as it is of interest.
type asked struct {
	line      string
	tag, verb string // of DONE, which is no command, the verb alone
	// Of FETCH: what was asked for, and what has come.
	byUID   bool
	from    uint32 // the messages: from this number on, or it alone
	alone   bool
	section string // in the form of sectionKey
	headers []header
	// Of SEARCH: the numbers that have come.
	numbers []uint32
	// Of LIST: how many folders have come. Of IDLE: whether it was granted.
	folders int
	granted bool
}

func newGuard(conn *wire.Conn) *guard {
	return &guard{Handover: wire.Handover{Conn: conn}, out: []byte(hello)}
}

// hold keeps commands back until release sends them in one flight.
func (g *guard) hold() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.held = true
}

// release sends what was held back. When that fails, the connection is closed,
// so that nothing waits for replies.
func (g *guard) release() {
	g.mu.Lock()
	g.held = false
	err := g.send()
	g.mu.Unlock()
	if err != nil {
		_ = g.Close() // the first error counts
	}
}

// Write takes the commands that go-imap writes.
func (g *guard) Write(p []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if err := g.Err(); err != nil {
		return 0, err
	}
	if g.closed {
		return 0, net.ErrClosed
	}
	g.partial = append(g.partial, p...)
	for {
		line, rest, whole := bytes.Cut(g.partial, []byte("\r\n"))
		if !whole {
			break
		}
		a, err := parseCommand(string(line))
		if err != nil {
			return 0, err
		}
		g.written, g.newest = append(g.written, a), a
		g.partial = rest
	}
	if g.held {
		return len(p), nil
	}
	return len(p), g.send()
}

// asking returns the command that write has go-imap write; nil when it wrote none.
func (g *guard) asking(write func()) *asked {
	g.mu.Lock()
	g.newest = nil
	g.mu.Unlock()
	write()
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.newest
}

// done ends an IDLE (RFC 2177).
const done = "DONE"

// send sends the lines that were written; g.mu is held.
func (g *guard) send() error {
	lines := make([]string, 0, len(g.written))
	for _, a := range g.written {
		switch {
		case a.verb != done:
			g.asked = append(g.asked, a)
		case g.underWay("IDLE") == nil:
			// A server that has ended the IDLE itself would take DONE for the
			// tag of a command.
			continue
		}
		lines = append(lines, a.line)
	}
	g.written = nil
	if len(lines) == 0 {
		return nil
	}
	return g.Send(lines...)
}

// parseCommand reads a command of go-imap's, for what its replies may be.
func parseCommand(line string) (*asked, error) {
	if line == done {
		return &asked{line: line, verb: done}, nil
	}
	tag, rest, _ := strings.Cut(line, " ")
	verb, args, _ := strings.Cut(rest, " ")
	if verb == "UID" {
		var uidVerb string
		uidVerb, args, _ = strings.Cut(args, " ")
		verb += " " + uidVerb
	}
	if tag == "" || !slices.Contains(verbs, verb) || strings.ContainsAny(line, "\r\n\x00") {
		return nil, fmt.Errorf("a command that is not to be sent: %q", line)
	}
	a := &asked{line: line, tag: tag, verb: verb}
	if strings.HasSuffix(verb, "FETCH") {
		set, items, _ := strings.Cut(args, " ")
		from, _, isRange := strings.Cut(set, ":")
		_, section, _ := strings.Cut(items, "BODY.PEEK[")
		section, _, _ = strings.Cut(section, "]")
		a.byUID, a.alone = verb == "UID FETCH", !isRange
		a.from = (&scanner{rest: from}).number()
		a.section = sectionKey(section)
	}
	return a, nil
}

// sectionKey makes section specifications comparable: servers return the names
// of header fields in quotes or without, and in their own case.
func sectionKey(section string) string {
	return strings.ToUpper(strings.ReplaceAll(section, `"`, ""))
}

// underWay returns the first command of this kind that is under way, or nil;
// g.mu is held.
func (g *guard) underWay(verbs ...string) *asked {
	for _, a := range g.asked {
		if slices.Contains(verbs, a.verb) {
			return a
		}
	}
	return nil
}

// Read gives go-imap what has passed. The first error stays: go-imap reads on
// after it.
func (g *guard) Read(p []byte) (int, error) {
	for len(g.out) == 0 {
		if !g.stopped {
			err := g.next()
			if err == nil {
				continue
			}
			g.stopped = true
			_ = g.Abandon(err)
		}
		return 0, g.Err()
	}
	n := copy(p, g.out)
	g.out = g.out[n:]
	return n, nil
}

// next reads one response and passes what may pass of it.
func (g *guard) next() error {
	if g.responses++; g.responses > maxResponses {
		return &report.Fault{Cause: report.ServerHostile, Text: fmt.Sprintf("the server sent more than %d responses", maxResponses)}
	}
	line, err := g.ReadLine()
	if err != nil {
		return err
	}
	r := parseReply(line)
	var whole *response
	if r.tag == untagged && !r.isStatus() {
		if whole, err = readResponse(g.Conn, line); err != nil {
			return err
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case r.tag == continuation:
		if idle := g.underWay("IDLE"); idle != nil && !idle.granted {
			idle.granted = true
			g.out = []byte("+ idling\r\n")
		}
		return nil
	case r.tag != untagged:
		return g.tagged(r)
	case whole == nil:
		g.status(r)
		return nil
	}
	g.out, err = g.data(whole)
	if errors.Is(err, errMalformed) {
		return nil
	}
	return err
}

// tagged passes the reply to a command that is under way; g.mu is held.
func (g *guard) tagged(r *reply) error {
	i := slices.IndexFunc(g.asked, func(a *asked) bool { return a.tag == r.tag })
	if i < 0 {
		return &report.ProtocolError{Line: r.line, Problem: "a reply to a tag that was not used"}
	}
	g.asked = slices.Delete(g.asked, i, i+1)
	switch r.status {
	case "OK":
		g.out = []byte(r.tag + " OK done\r\n")
	case "NO", "BAD":
		code := ""
		if r.code != "" && isCapability(r.code) && !slices.Contains(codesWithArguments, r.code) {
			code = "[" + r.code + "] "
		}
		// The second blank keeps a text that begins with a bracket from being
		// taken for a code; explain takes it off again.
		text := strings.NewReplacer("\r", " ", "\x00", " ").Replace(r.text)
		g.out = []byte(r.tag + " " + r.status + " " + code + " " + text + "\r\n")
	default:
		return &report.ProtocolError{Line: r.line, Problem: "not an IMAP reply"}
	}
	return nil
}

// Close ends the connection.
func (g *guard) Close() error {
	g.mu.Lock()
	g.closed = true
	g.mu.Unlock()
	return g.Handover.Close()
}

// broken tells that nothing can be asked any more.
func (g *guard) broken() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.closed || g.Err() != nil
}

// listen returns what was heard so far.
func (g *guard) listen() heard {
	g.mu.Lock()
	defer g.mu.Unlock()
	h := g.heard
	h.said = slices.Clone(h.said)
	return h
}

// brought returns what a FETCH or a SEARCH has brought so far; nothing of nil.
// go-imap is shown neither: its reader waits for whoever reads a literal, and
// there are numbers that its sets do not survive.
func (g *guard) brought(a *asked) ([]header, []uint32) {
	if a == nil {
		return nil, nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return a.headers, a.numbers
}

// explain turns an error of go-imap's into what really happened: go-imap
// formats the causes of its errors into their texts.
func (g *guard) explain(command string, err error) error {
	if err == nil {
		return nil
	}
	var refused *goimap.Error
	if errors.As(err, &refused) {
		r := &reply{status: string(refused.Type), code: string(refused.Code), text: strings.TrimPrefix(refused.Text, " ")}
		return r.err(command)
	}
	cause, bye := g.Err(), g.listen().bye
	var violation *report.ProtocolError
	switch {
	case cause == nil:
		problem, _, _ := strings.Cut(err.Error(), "\n") // the stack follows when it has panicked
		return &report.ProtocolError{Command: command, Problem: "go-imap could not read a reply: " + problem}
	case bye != nil && hungUp(cause):
		return bye.err(command)
	case errors.As(cause, &violation) && violation.Command == "":
		return &report.ProtocolError{Command: command, Line: violation.Line, Problem: violation.Problem}
	}
	return cause
}

// codesWithArguments are the response codes that go-imap does not take without
// arguments.
var codesWithArguments = []string{"CAPABILITY", "APPENDUID", "COPYUID"}
