//go:build linux

package e2e

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// attack is what a man in the middle does to each connection. The zero value
// passes everything on.
type attack struct {
	// reply makes what the program gets in place of a clear-text line of the
	// server, command what the server gets in place of one of the program.
	// Lines have their line end; nil changes none.
	reply, command func(line string) string
	// answer answers a clear-text line of the program in place of the server,
	// which does not get it; "" lets it through.
	answer func(line string) string
	// greeted answers the program's TLS handshake, in clear text.
	greeted string
	// certificate ends TLS here; another TLS session leads to the server. nil
	// passes TLS on as it is.
	certificate *tls.Certificate
	// stolen says that it is the server's own, with its key: nothing that
	// is said inside counts as seen.
	stolen bool
	// cut ends a connection behind a line, once; the zero value never does.
	cut place
	// pace is how everything reaches the program; nil is at once.
	pace *pace
	// corrupt changes what is inside TLS.
	corrupt corruption
}

// place is a line of all that is said, also inside TLS that ends in the middle:
// behind so many lines of the program, and so many of the server since.
type place struct{ commands, replies int }

// pace hands out a few bytes at a time.
type pace struct {
	size  int // in bytes
	every time.Duration
}

// corruption says which TLS record is changed: the first one that the server,
// or the program, sends after the program has sent so many records that are
// encrypted. Under TLS 1.3 the first of these ends the handshake. The zero
// value changes none.
type corruption struct {
	of    origin
	after int
	// before is clear text to put in front of the record; "" flips a bit in it.
	before string
}

// origin is who has sent something, as a transcript marks it.
type origin string

const (
	theProgram origin = "C: "
	theServer  origin = "S: "
)

// proxy is a man in the middle, between the program and a server of the site.
type proxy struct {
	attack   attack
	target   string
	listener net.Listener
	working  sync.WaitGroup

	mu sync.Mutex
	// seen is all that the program has sent and that an attacker could read:
	// what went over the wire, ciphertext included, and what was said inside
	// TLS sessions with a certificate that is not the server's.
	seen bytes.Buffer
	// confided is what the program has said inside TLS to the holder of the
	// server's own key.
	confided bytes.Buffer
	// dialogue is the lines of all connections, each behind who has sent it.
	dialogue []string
	at       place
	open     map[net.Conn]bool
}

// intercept puts a man in the middle before a port of the site, until the
// test ends.
func (s *site) intercept(t *testing.T, port string, a attack) *proxy {
	t.Helper()
	listener, err := net.Listen("tcp", net.JoinHostPort(siteIP, "0"))
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{attack: a, target: net.JoinHostPort(siteIP, port), listener: listener, open: map[net.Conn]bool{}}
	p.working.Go(func() {
		for {
			program, err := listener.Accept()
			if err != nil {
				return // closed, by stop
			}
			p.working.Go(func() { p.serve(program) })
		}
	})
	t.Cleanup(p.stop)
	return p
}

// port is where the program is to connect to.
func (p *proxy) port() string {
	_, port, _ := net.SplitHostPort(p.listener.Addr().String())
	return port
}

// stop ends the proxy and all its connections.
func (p *proxy) stop() {
	p.listener.Close()
	p.mu.Lock()
	for conn := range p.open {
		conn.Close()
	}
	p.mu.Unlock()
	p.working.Wait()
}

// said returns the dialogue so far.
func (p *proxy) said() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.dialogue)
}

// text returns one of the proxy's records.
func (p *proxy) text(record *bytes.Buffer) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return record.String()
}

// keep returns a writer into one of the proxy's records.
func (p *proxy) keep(record *bytes.Buffer) io.Writer {
	return writer(func(b []byte) (int, error) {
		p.mu.Lock()
		defer p.mu.Unlock()
		return record.Write(b)
	})
}

type writer func([]byte) (int, error)

func (w writer) Write(b []byte) (int, error) { return w(b) }

// serve is one connection of the program.
func (p *proxy) serve(program net.Conn) {
	server, err := net.DialTimeout("tcp", p.target, dialLimit)
	if err != nil {
		program.Close()
		return
	}
	p.mu.Lock()
	p.open[program], p.open[server] = true, true
	p.mu.Unlock()
	l := &link{proxy: p, program: program, server: server}
	defer func() {
		p.mu.Lock()
		delete(p.open, program)
		delete(p.open, server)
		p.mu.Unlock()
	}()
	defer l.close()
	l.carry(reading(program, p.keep(&p.seen)), reading(server, io.Discard))
}

// link is one connection of the program, and the one behind it.
type link struct {
	proxy           *proxy
	program, server net.Conn
	encrypted       atomic.Int64 // records that the program has sent encrypted
	corrupted       atomic.Bool
}

func (l *link) close() {
	l.program.Close()
	l.server.Close()
}

// end is one end of the link, which reads through a buffer.
type end struct {
	net.Conn
	in *bufio.Reader
}

// reading returns an end that keeps all that it reads.
func reading(conn net.Conn, record io.Writer) *end {
	return &end{Conn: conn, in: bufio.NewReader(io.TeeReader(conn, record))}
}

func (e *end) Read(p []byte) (int, error) { return e.in.Read(p) }

// errHandshake is TLS in place of a line.
var errHandshake = errors.New("a TLS handshake begins")

// carry passes clear text on in both directions, and then TLS.
func (l *link) carry(program, server *end) {
	a := l.proxy.attack
	replies := make(chan error, 1)
	go func() {
		err := l.lines(server, l.paced(program), theServer, a.reply)
		if errors.Is(err, errHandshake) {
			err = l.records(server, l.paced(program), theServer)
		}
		if !errors.Is(err, os.ErrDeadlineExceeded) { // of takeOver
			l.close()
		}
		replies <- err
	}()
	err := l.lines(program, server, theProgram, a.command)
	if errors.Is(err, errHandshake) {
		switch {
		case a.greeted != "":
			_, _ = io.WriteString(program, a.greeted)
			_, _ = io.Copy(io.Discard, program) // which keeps it, until the program ends it
		case a.certificate != nil:
			_ = server.SetReadDeadline(time.Unix(1, 0))
			<-replies
			_ = server.SetReadDeadline(time.Time{})
			l.takeOver(program, server)
			return
		default:
			_ = l.records(program, server, theProgram)
		}
	}
	l.close()
	<-replies
}

// takeOver ends TLS here, if the program lets it, and carries what is said
// inside.
func (l *link) takeOver(program, server *end) {
	a := l.proxy.attack
	inside := tls.Server(program, &tls.Config{Certificates: []tls.Certificate{*a.certificate}})
	record := l.proxy.keep(&l.proxy.seen)
	if a.stolen {
		record = l.proxy.keep(&l.proxy.confided)
	}
	if inside.Handshake() != nil {
		return
	}
	beyond := tls.Client(server, &tls.Config{InsecureSkipVerify: true}) // an attacker does not mind
	if beyond.Handshake() != nil {
		return
	}
	replies := make(chan struct{})
	go func() {
		defer close(replies)
		_ = l.lines(reading(beyond, io.Discard), inside, theServer, nil)
		l.close()
	}()
	_ = l.lines(reading(inside, record), beyond, theProgram, nil)
	l.close()
	<-replies
}

// lines passes lines on until TLS begins or one end closes, and cuts where the
// attack says.
func (l *link) lines(from *end, to io.Writer, who origin, change func(string) string) error {
	_, inside := from.Conn.(*tls.Conn)
	a := l.proxy.attack
	for {
		first, err := from.in.Peek(1)
		if err != nil {
			return err
		}
		if first[0] == recordHandshake && !inside {
			return errHandshake
		}
		line, err := from.in.ReadString('\n')
		if who == theProgram && !inside && a.answer != nil {
			if said := a.answer(line); said != "" {
				if _, err := io.WriteString(l.program, said); err != nil {
					return err
				}
				continue
			}
		}
		passed := line
		if change != nil {
			passed = change(line)
		}
		if _, err := io.WriteString(to, passed); err != nil {
			return err
		}
		if err != nil {
			return err
		}
		if l.proxy.heard(who, line) {
			l.close()
			return net.ErrClosed
		}
	}
}

// heard notes a line and tells whether the connection ends behind it.
func (p *proxy) heard(who origin, line string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dialogue = append(p.dialogue, string(who)+strings.TrimRight(line, "\r\n"))
	if who == theProgram {
		p.at = place{commands: p.at.commands + 1}
	} else {
		p.at.replies++
	}
	return p.at == p.attack.cut
}

// paced writes to the program as slowly as the attack says.
func (l *link) paced(program *end) io.Writer {
	pace := l.proxy.attack.pace
	if pace == nil {
		return program
	}
	return writer(func(b []byte) (int, error) {
		tick := time.NewTicker(pace.every)
		defer tick.Stop()
		written := 0
		for written < len(b) {
			<-tick.C
			n, err := program.Write(b[written:min(written+pace.size, len(b))])
			written += n
			if err != nil {
				return written, err
			}
		}
		return written, nil
	})
}

// The types of TLS records (RFC 8446 section 5.1).
const (
	recordHandshake = 22
	recordEncrypted = 23 // "application_data", and all else that is encrypted under TLS 1.3
)

// records passes TLS records on, and changes the one that the attack says.
func (l *link) records(from *end, to io.Writer, of origin) error {
	c := l.proxy.attack.corrupt
	header := make([]byte, 5)
	for {
		if _, err := io.ReadFull(from, header); err != nil {
			return err
		}
		body := make([]byte, binary.BigEndian.Uint16(header[3:]))
		if _, err := io.ReadFull(from, body); err != nil {
			return err
		}
		clear := ""
		if of == theProgram && header[0] == recordEncrypted {
			l.encrypted.Add(1)
		}
		if of == c.of && l.encrypted.Load() >= int64(c.after) && l.corrupted.CompareAndSwap(false, true) {
			if c.before == "" {
				body[len(body)/2] ^= 1
			}
			clear = c.before
		}
		if _, err := to.Write(slices.Concat([]byte(clear), header, body)); err != nil {
			return err
		}
	}
}
