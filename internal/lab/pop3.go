package lab

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"slices"
	"strconv"
	"strings"

	"github.com/emersion/go-imap/v2"

	"mailcheck/report"
)

// The bounds of what a POP3 client may send.
const (
	popMaxCommand  = 255       // RFC 2449 section 4, with CRLF
	popMaxResponse = 12288 + 2 // RFC 5034 section 4: a SASL response, with CRLF
)

// errLongLine ends a session whose client exceeded a bound.
var errLongLine = errors.New("line too long")

// pop3Server is a POP3 server (RFC 1939) over the lab's INBOX, with CAPA,
// PIPELINING and RESP-CODES (RFC 2449), STLS (RFC 2595), AUTH (RFC 5034) and
// AUTH-RESP-CODE (RFC 3206).
type pop3Server struct{ lab *Lab }

func (s *pop3Server) serve(c *conn, security report.Security) {
	p := &pop3Session{lab: s.lab, raw: c, banner: s.lab.challenge()}
	p.door = &door{lab: s.lab, protocol: report.POP3, tls: func() *tls.Conn { return p.tls }}
	p.speakOver(c)
	if security == report.TLS {
		p.secure()
	}
	p.run()
	if p.locked {
		s.lab.mailbox.unlockDrop()
	}
	if p.tls != nil {
		p.tls.Close()
	}
	c.Close()
}

// pop3Session is one session of a POP3 client.
type pop3Session struct {
	lab    *Lab
	raw    net.Conn
	tls    *tls.Conn
	r      *bufio.Reader
	w      *bufio.Writer
	door   *door
	banner string // the challenge of the greeting, for APOP
	user   string // of USER
	locked bool   // the maildrop is this session's: the TRANSACTION state
	drop   []popMessage
	ended  bool
}

// popMessage is a message of the maildrop; its number is its place plus one.
type popMessage struct {
	*message
	uidl    string
	deleted bool
}

// speakOver makes the session read from and write to a stream; what was
// received before and not read is dropped.
func (p *pop3Session) speakOver(c net.Conn) {
	p.r, p.w = bufio.NewReaderSize(c, popMaxResponse), bufio.NewWriter(c)
}

func (p *pop3Session) secure() {
	p.tls = tls.Server(p.raw, p.lab.tls)
	p.speakOver(p.tls)
}

func (p *pop3Session) run() {
	ready := cmp.Or(p.lab.opts.Greetings[report.POP3], "POP3 ready")
	if slices.Contains(p.lab.opts.Mechanisms, apop) {
		ready += " " + p.banner // RFC 1939 section 7
	}
	p.reply("+OK %s", ready)
	for !p.ended {
		line, err := p.readLine(popMaxCommand)
		if err != nil {
			if errors.Is(err, errLongLine) {
				p.reply("-ERR Line too long")
				_ = p.w.Flush()
			}
			return
		}
		p.command(line)
	}
	_ = p.w.Flush()
}

// readLine reads a line of at most limit bytes. Replies go out only when the
// client has sent nothing more, so that pipelined commands are answered in
// one flight.
func (p *pop3Session) readLine(limit int) (string, error) {
	if p.r.Buffered() == 0 {
		if err := p.w.Flush(); err != nil {
			return "", err
		}
	}
	line, err := p.r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) || len(line) > limit {
		return "", errLongLine
	}
	if err != nil {
		return "", err
	}
	return strings.TrimRight(string(line), "\r\n"), nil
}

func (p *pop3Session) reply(format string, args ...any) { fmt.Fprintf(p.w, format+"\r\n", args...) }

func (p *pop3Session) multiline(lines ...string) {
	if len(lines) == 0 {
		p.reply(".") // a DotWriter makes an empty line of nothing
		return
	}
	w := textproto.NewWriter(p.w).DotWriter()
	for _, line := range lines {
		fmt.Fprintf(w, "%s\r\n", line)
	}
	w.Close()
}

// popState is when a command may be given (RFC 1939 section 3).
type popState int

const (
	popAlways popState = iota
	popAuthorization
	popTransaction
)

var popCommands = map[string]struct {
	state popState
	do    func(p *pop3Session, argument string)
}{
	"CAPA": {popAlways, (*pop3Session).capa},
	"QUIT": {popAlways, (*pop3Session).quit},
	"STLS": {popAuthorization, (*pop3Session).stls},
	"AUTH": {popAuthorization, (*pop3Session).auth},
	"USER": {popAuthorization, (*pop3Session).giveUser},
	"PASS": {popAuthorization, (*pop3Session).givePass},
	"APOP": {popAuthorization, (*pop3Session).giveAPOP},
	"STAT": {popTransaction, (*pop3Session).stat},
	"LIST": {popTransaction, (*pop3Session).list},
	"UIDL": {popTransaction, (*pop3Session).uidl},
	"RETR": {popTransaction, (*pop3Session).retr},
	"TOP":  {popTransaction, (*pop3Session).top},
	"DELE": {popTransaction, (*pop3Session).dele},
	"RSET": {popTransaction, (*pop3Session).rset},
	"NOOP": {popTransaction, func(p *pop3Session, _ string) { p.reply("+OK") }},
}

func (p *pop3Session) command(line string) {
	name, argument, _ := strings.Cut(line, " ")
	c, known := popCommands[strings.ToUpper(name)]
	switch {
	case !known:
		p.reply("-ERR Unknown command")
	case c.state == popTransaction && !p.locked, c.state == popAuthorization && p.locked:
		p.reply("-ERR Not now")
	default:
		c.do(p, argument)
	}
}

func (p *pop3Session) capa(string) {
	p.reply("+OK")
	lines := []string{"TOP", "UIDL", "RESP-CODES", "AUTH-RESP-CODE", "PIPELINING", "EXPIRE NEVER", "IMPLEMENTATION mailcheck lab"}
	if p.offersSTLS() {
		lines = append(lines, "STLS")
	}
	if p.door.offers(userPass) {
		lines = append(lines, "USER")
	}
	if names := p.door.mechanisms(); len(names) > 0 {
		lines = append(lines, "SASL "+strings.Join(names, " "))
	}
	p.multiline(lines...)
}

func (p *pop3Session) offersSTLS() bool {
	return p.tls == nil && !p.locked && !p.lab.behaviour.noSTARTTLS
}

func (p *pop3Session) stls(string) {
	if !p.offersSTLS() {
		p.reply("-ERR TLS is not offered")
		return
	}
	p.reply("+OK Begin TLS negotiation now")
	if err := p.w.Flush(); err != nil {
		p.ended = true
		return
	}
	p.user = ""
	p.secure()
}

// quit ends the session. In the TRANSACTION state it deletes what DELE marked
// (RFC 1939 section 6).
func (p *pop3Session) quit(string) {
	p.ended = true
	if p.locked {
		doomed := map[imap.UID]bool{}
		for _, m := range p.drop {
			doomed[m.uid] = m.deleted
		}
		box := p.lab.mailbox
		box.mu.Lock()
		box.remove(box.folder(inbox), func(m *message) bool { return doomed[m.uid] })
		box.mu.Unlock()
	}
	p.reply("+OK Bye")
}

// enter begins the TRANSACTION state after a login.
func (p *pop3Session) enter() {
	box := p.lab.mailbox
	if !box.lockDrop() {
		p.reply("-ERR [IN-USE] Mailbox is locked by another POP3 session") // RFC 2449 section 8.1.2
		return
	}
	p.locked = true
	box.mu.Lock()
	f := box.folder(inbox)
	for _, m := range f.messages {
		p.drop = append(p.drop, popMessage{message: m, uidl: fmt.Sprintf("%08x%08x", f.validity, m.uid)})
	}
	box.mu.Unlock()
	p.reply("+OK Logged in")
}

func (p *pop3Session) stat(string) {
	count, size := 0, 0
	for _, m := range p.drop {
		if !m.deleted {
			count++
			size += len(m.raw)
		}
	}
	p.reply("+OK %d %d", count, size)
}

// find returns the message that an argument names, or answers that there is
// none and returns nil.
func (p *pop3Session) find(argument string) *popMessage {
	n, err := strconv.Atoi(argument)
	if err != nil || n < 1 || n > len(p.drop) || p.drop[n-1].deleted {
		p.reply("-ERR No such message")
		return nil
	}
	return &p.drop[n-1]
}

func (p *pop3Session) list(argument string) {
	p.listing(argument, func(m popMessage) string { return strconv.Itoa(len(m.raw)) })
}

func (p *pop3Session) uidl(argument string) {
	p.listing(argument, func(m popMessage) string { return m.uidl })
}

// listing answers LIST or UIDL: for one message in one line, else for all.
func (p *pop3Session) listing(argument string, about func(popMessage) string) {
	if argument != "" {
		if m := p.find(argument); m != nil {
			p.reply("+OK %s %s", argument, about(*m))
		}
		return
	}
	var lines []string
	for i, m := range p.drop {
		if !m.deleted {
			lines = append(lines, fmt.Sprintf("%d %s", i+1, about(m)))
		}
	}
	p.reply("+OK")
	p.multiline(lines...)
}

func (p *pop3Session) retr(argument string) {
	if m := p.find(argument); m != nil {
		p.reply("+OK")
		p.message(m.raw)
	}
}

// top answers TOP: the header and the first lines of the body.
func (p *pop3Session) top(argument string) {
	number, count, _ := strings.Cut(argument, " ")
	lines, err := strconv.Atoi(count)
	if err != nil || lines < 0 {
		p.reply("-ERR TOP wants a number of lines")
		return
	}
	m := p.find(number)
	if m == nil {
		return
	}
	header, body, _ := bytes.Cut(m.raw, []byte("\r\n\r\n"))
	parts := bytes.SplitAfterN(body, []byte("\n"), lines+1)
	if len(parts) > lines {
		parts = parts[:lines]
	}
	p.reply("+OK")
	p.message(bytes.Join(append([][]byte{header, []byte("\r\n\r\n")}, parts...), nil))
}

// message writes a message, dot-stuffed.
func (p *pop3Session) message(raw []byte) {
	w := textproto.NewWriter(p.w).DotWriter()
	_, _ = w.Write(raw)
	w.Close()
}

func (p *pop3Session) dele(argument string) {
	if m := p.find(argument); m != nil {
		m.deleted = true
		p.reply("+OK Marked to be deleted")
	}
}

func (p *pop3Session) rset(string) {
	for i := range p.drop {
		p.drop[i].deleted = false
	}
	p.reply("+OK")
}
