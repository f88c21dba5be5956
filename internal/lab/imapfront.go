package lab

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"mailcheck/report"
)

// imapFront stands between an IMAP client and imapserver and adds what that
// lacks: ID (RFC 2971), and TLS in one place, so that both can be read here.
// A command of its own reaches imapserver as NOOP, which keeps the replies in
// the order of the commands.
type imapFront struct {
	net.Conn // below TLS; also carries the deadlines
	lab      *Lab
	door     *door
	loggedIn bool
	named    bool                     // the client has sent ID
	greeted  bool                     // the greeting has been sent
	secured  atomic.Pointer[tls.Conn] // nil while clear text

	r              *bufio.Reader
	in             []byte // to be given to imapserver next
	received, sent framer

	// own is the command of the front's own that was passed as NOOP.
	mu  sync.Mutex // IDLE writes while the next command is read
	own ownCommand

	// What imapserver says is sent together when it waits for the client, as real
	// servers do with the replies to commands of one flight.
	sending sync.Mutex
	out     []byte
	waiting bool // what is said now is sent at once
}

// ownCommand is a command that the front answers; the zero value is none.
type ownCommand struct{ tag, name string }

func newIMAPFront(l *Lab, c net.Conn) *imapFront {
	f := &imapFront{Conn: c, lab: l, r: bufio.NewReader(c)}
	f.door = &door{lab: l, protocol: report.IMAP, tls: f.secured.Load}
	return f
}

// offersSTARTTLS tells whether TLS may begin now.
func (f *imapFront) offersSTARTTLS() bool {
	return f.secured.Load() == nil && !f.loggedIn && !f.lab.behaviour.noSTARTTLS
}

// secure begins TLS as the server.
func (f *imapFront) secure() {
	conn := tls.Server(f.Conn, f.lab.tls)
	f.secured.Store(conn)
	f.r.Reset(conn) // what came in clear text behind STARTTLS is dropped
}

// Close implements net.Conn.
func (f *imapFront) Close() error {
	f.sending.Lock()
	_ = f.send() // whoever closes has done with the client
	f.sending.Unlock()
	if conn := f.secured.Load(); conn != nil {
		return conn.Close()
	}
	return f.Conn.Close()
}

// Read gives imapserver what the client sends, a line or a part of a literal
// at a time.
func (f *imapFront) Read(p []byte) (int, error) {
	if len(f.in) == 0 {
		if err := f.fill(); err != nil {
			return 0, err
		}
	}
	n := copy(p, f.in)
	f.in = f.in[n:]
	return n, nil
}

// next returns the next line, or a part of it: what follows a literal ends in CRLF
// too, and what exceeds the buffer comes in pieces.
func (f *imapFront) next() ([]byte, error) {
	if err := f.wait(); err != nil {
		return nil, err
	}
	defer func() {
		f.sending.Lock()
		defer f.sending.Unlock()
		f.waiting = false
	}()
	return f.r.ReadSlice('\n')
}

func (f *imapFront) fill() error {
	data, err := f.next()
	if err != nil && len(data) == 0 {
		return err
	}
	for len(data) > 0 {
		piece, line := f.received.cut(data)
		data = data[len(piece):]
		if line {
			piece = f.command(piece)
		}
		f.in = append(f.in, piece...)
	}
	return nil
}

// command is a command line as imapserver is to see it.
func (f *imapFront) command(line []byte) []byte {
	tag, rest, _ := strings.Cut(strings.TrimRight(string(line), "\r\n"), " ")
	name, _, _ := strings.Cut(rest, " ")
	switch name = strings.ToUpper(name); {
	case name == "ID":
		f.named = true
	case name == "STARTTLS" && f.offersSTARTTLS():
	default:
		return line
	}
	f.mu.Lock()
	f.own = ownCommand{tag, name}
	f.mu.Unlock()
	return []byte(tag + " NOOP\r\n")
}

// Write gives the client what imapserver says.
func (f *imapFront) Write(p []byte) (int, error) {
	var out []byte
	upgrade := false
	for rest := p; len(rest) > 0; {
		piece, line := f.sent.cut(rest)
		rest = rest[len(piece):]
		if line {
			if own, answered := f.answered(piece); answered {
				piece = own.reply()
				upgrade = own.name == "STARTTLS"
			} else {
				piece = f.greeting(f.capabilities(piece))
			}
		}
		out = append(out, piece...)
	}
	f.sending.Lock()
	defer f.sending.Unlock()
	f.out = append(f.out, out...)
	if !f.waiting && !upgrade {
		return len(p), nil
	}
	if err := f.send(); err != nil {
		return 0, err
	}
	if upgrade {
		f.secure()
	}
	return len(p), nil
}

// send sends what was said. The lock is held.
func (f *imapFront) send() error {
	if len(f.out) == 0 {
		return nil
	}
	var w io.Writer = f.Conn
	if conn := f.secured.Load(); conn != nil {
		w = conn
	}
	_, err := w.Write(f.out)
	f.out = f.out[:0]
	return err
}

// wait sends what was said, unless more has come from the client already, and has
// what is said from now on sent at once.
func (f *imapFront) wait() error {
	f.sending.Lock()
	defer f.sending.Unlock()
	f.waiting = f.r.Buffered() == 0
	if !f.waiting {
		return nil
	}
	return f.send()
}

// answered tells whether the line answers the NOOP that stands for a command
// of the front's own, which is then over.
func (f *imapFront) answered(line []byte) (ownCommand, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	own := f.own
	if own == (ownCommand{}) || !bytes.HasPrefix(line, []byte(own.tag+" ")) {
		return ownCommand{}, false
	}
	f.own = ownCommand{}
	return own, true
}

func (c ownCommand) reply() []byte {
	if c.name == "ID" {
		return fmt.Appendf(nil, "* ID (\"name\" \"mailcheck lab\")\r\n%s OK ID completed\r\n", c.tag)
	}
	return fmt.Appendf(nil, "%s OK Begin TLS negotiation now\r\n", c.tag)
}

// greeting gives the first line the lab's words, behind the response code.
func (f *imapFront) greeting(line []byte) []byte {
	words := f.lab.opts.Greetings[report.IMAP]
	if f.greeted || words == "" {
		return line
	}
	f.greeted = true
	return append(line[:bytes.IndexByte(line, ']')+1:len(line)], " "+words+"\r\n"...)
}

// capabilities adds the front's own to a line that lists imapserver's: a
// CAPABILITY response, or a response code (RFC 9051 sections 7.1 and 7.2.2).
func (f *imapFront) capabilities(line []byte) []byte {
	text := strings.TrimSuffix(string(line), "\r\n")
	list, rest := text, "\r\n"
	if _, code, ok := strings.Cut(text, " OK [CAPABILITY "); ok {
		end := len(text) - len(code) + strings.IndexByte(code, ']')
		list, rest = text[:end], text[end:]+"\r\n"
	} else if !strings.HasPrefix(text, "* CAPABILITY ") {
		return line
	}
	own := append([]string{"ID"}, f.lab.opts.Capabilities...)
	if f.offersSTARTTLS() {
		own = append(own, "STARTTLS")
	}
	if !f.loggedIn && !f.door.offers("PLAIN") && !f.door.offers("LOGIN") {
		own = append(own, "LOGINDISABLED")
	}
	return []byte(list + " " + strings.Join(own, " ") + rest)
}

// framer tells the lines of one direction of an IMAP stream from the literals
// in them (RFC 9051 section 4.3).
type framer struct {
	literal int    // bytes of a literal that are still to come
	line    []byte // the end of the line that is not complete yet
	inside  bool   // the next byte is inside a command or response
}

// literalLength bounds what the announcement of a literal may take at the end
// of a line.
const literalLength = 32

// cut returns the first piece of data, and whether it is a line that begins a
// command or a response.
func (f *framer) cut(data []byte) (piece []byte, line bool) {
	if f.literal > 0 {
		n := min(f.literal, len(data))
		f.literal -= n
		return data[:n], false
	}
	end := bytes.IndexByte(data, '\n') + 1
	piece = data
	if end > 0 {
		piece = data[:end]
	}
	line = end > 0 && !f.inside
	f.line = append(f.line, piece...)
	f.line = f.line[max(0, len(f.line)-literalLength):]
	f.inside = true
	if end > 0 {
		f.literal, f.inside = announced(f.line)
		f.line = f.line[:0]
	}
	return piece, line
}

// announced returns the length of the literal that the line announces:
// "{12}" or "{12+}" at its end.
func announced(line []byte) (length int, ok bool) {
	text, ok := bytes.CutSuffix(bytes.TrimRight(line, "\r\n"), []byte("}"))
	at := bytes.LastIndexByte(text, '{')
	if !ok || at < 0 {
		return 0, false
	}
	length, err := strconv.Atoi(string(bytes.TrimSuffix(text[at+1:], []byte("+"))))
	return length, err == nil && length >= 0
}
