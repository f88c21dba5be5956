// Package wire is a connection that is watched. It knows no protocol: it
// dials, secures, limits and counts, so that the protocol packages need only
// speak.
//
//  1. [Connect] tries every address of a host and goes on with the first that
//     answers (RFC 8305); the others are tried beside it and reported.
//  2. [Conn.Secure] does the TLS handshake inside the wrapper, so that what is
//     seen of the dialogue is always clear text, and refuses whatever was sent
//     in clear text ahead of the handshake. A server that breaks the handshake
//     off is asked once more what it would have agreed to ([Outdated]).
//  3. [Conn.ReadLine], [Conn.ReadN] and [Conn.Send] speak. At most one line is
//     taken at a time, so nothing is read ahead of a TLS upgrade or of the
//     hand-over to a library ([Handover]).
//  4. [Conn.Bind] gives the connection a context. It is the only clock:
//     libraries cannot lift it.
//
// Lines and the whole session have a budget of bytes, every line goes to the
// [Transcript] with its secrets masked, and round trips are counted below TLS.
package wire

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"mailcheck/internal/crash"
	"mailcheck/internal/limit"
	"mailcheck/report"
)

// readSize is how much is asked of the network at once, in bytes: more than most
// replies have. What TLS has received beyond it is not asked of the network again.
const readSize = 1 << 10

// Conn is a watched connection. One goroutine may read while another writes.
type Conn struct {
	opt  Options
	raw  *meter
	tls  *tls.Conn // nil in clear text
	base context.Context
	stop func() bool // undoes the watch on base

	survey *survey
	clear  *exchange // what leads to STARTTLS; nil: not recorded

	mu       sync.Mutex
	ctx      context.Context // the bound context
	deadline time.Time       // of the bound context; zero: the connection is not to watch it itself
	expired  bool            // nothing more may be read or written
	err      error           // the first error; it stays

	mask  func(string) string // of MaskReplies; nil: none
	buf   []byte              // received, not yet read
	room  []byte              // of no length: what buf is a part of
	total int                 // received in this session, TLS not counted
}

// Options shapes a connection. The zero value verifies certificates against
// the system's roots and keeps no transcript.
type Options struct {
	// TLS says whom to trust; see [Trust].
	TLS Trust
	// Transcript receives every line, secrets masked; nil keeps none.
	Transcript *Transcript
	// Silence is how long a server may keep its clear-text greeting back before
	// a TLS handshake is tried beside it (see [Conn.Greeting]); zero means 8 s.
	Silence time.Duration
	// OneConnection keeps the session to its one connection: nothing is tried
	// beside it or after it (see [Conn.Greeting], [TLSError].Outdated).
	OneConnection bool
	// DialContext replaces net.Dialer.DialContext; nil means that.
	DialContext func(ctx context.Context, network, address string) (net.Conn, error)
}

// ContextError is an operation that its context ended. Err is the context's
// error, Reason its cause (context.Cause).
type ContextError struct{ Err, Reason error }

func (e *ContextError) Error() string {
	switch {
	case !errors.Is(e.Err, context.DeadlineExceeded):
		return "interrupted"
	case errors.Is(e.Reason, report.ErrStepTimeout), e.Reason == e.Err:
		return "no answer in time"
	}
	return e.Reason.Error()
}

func (e *ContextError) Unwrap() []error { return []error{e.Err, e.Reason} }

// newConn wraps a connection that has just been made. It ends with ctx.
func newConn(ctx context.Context, raw net.Conn, opt Options) *Conn {
	c := &Conn{opt: opt, raw: &meter{Conn: raw, trips: 1, asked: true}, base: ctx, ctx: ctx}
	c.stop = context.AfterFunc(ctx, crash.Guard(ctx, c.expire))
	return c
}

// expire makes pending and later I/O fail at once.
func (c *Conn) expire() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.expired = true
	c.setClock()
}

// revive undoes expire, unless a context has ended.
func (c *Conn) revive() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ctx.Err() == nil && c.base.Err() == nil {
		c.expired = false
		c.setClock()
	}
}

// setClock sets the deadline of the connection. The lock is held.
func (c *Conn) setClock() {
	deadline := c.deadline
	if c.expired {
		deadline = time.Unix(1, 0)
	}
	_ = c.raw.SetDeadline(deadline)
}

// Bind makes ctx the connection's clock until release is called: when it ends,
// whatever is being read or written fails, and so does the session. It does not
// nest: release leaves the connection to the context that it was made with.
func (c *Conn) Bind(ctx context.Context) (release func()) {
	above, deadline := limit.Of(ctx)
	c.mu.Lock()
	c.ctx = ctx
	if c.deadline = deadline; !deadline.IsZero() {
		c.setClock()
	}
	c.mu.Unlock()
	stop := func() bool { return true }
	if above != c.base { // which is watched anyway
		stop = context.AfterFunc(above, crash.Guard(above, c.expire))
	}
	return func() {
		stop()
		if err := ctx.Err(); err != nil {
			// It has ended the I/O, or is about to: the session is over, and
			// what comes next is to know why.
			_ = c.fail(err)
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.ctx = c.base
		if !c.deadline.IsZero() {
			c.deadline = time.Time{}
			c.setClock()
		}
	}
}

// Err is the error that broke the connection, or nil.
func (c *Conn) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// outlived tells the time-out of a step that has ended in time: a library that reads
// on between steps may have met it in the moment that it was lifted.
func (c *Conn) outlived(err error) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return errors.Is(err, os.ErrDeadlineExceeded) && !c.expired && (c.deadline.IsZero() || time.Now().Before(c.deadline))
}

// fail keeps the first error and returns it. An error that the bound context
// brought about is told as that.
func (c *Conn) fail(err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil {
		if errors.Is(err, os.ErrDeadlineExceeded) && !c.deadline.IsZero() && !time.Now().Before(c.deadline) {
			<-c.ctx.Done() // whose timer may be a moment later than the connection's
		}
		for _, ctx := range []context.Context{c.ctx, c.base} {
			if ctx.Err() != nil {
				err = &ContextError{Err: ctx.Err(), Reason: context.Cause(ctx)}
				break
			}
		}
		c.err = err
	}
	return c.err
}

// Abandon ends the session from this side: what the server sends next would
// be out of step. It returns the error that the session has ended with.
func (c *Conn) Abandon(err error) error { return c.fail(err) }

// ReadLine reads one line and returns it without its line end (CRLF, or a
// bare LF, which real servers send). It fails with a *[LimitError] when the
// line or the session is longer than the budget, with io.EOF when the server
// closed between lines, with io.ErrUnexpectedEOF inside one, with an
// *[UnfinishedError] when the time was over inside one.
func (c *Conn) ReadLine() (string, error) {
	seen := 0
	for {
		if i := bytes.IndexByte(c.buf[seen:], '\n'); i >= 0 {
			line := c.buf[:seen+i]
			c.buf = c.buf[seen+i+1:]
			text := string(bytes.TrimSuffix(line, []byte{'\r'}))
			if len(text) > MaxLine {
				return "", c.fail(&LimitError{What: "line", Limit: MaxLine})
			}
			c.opt.Transcript.add(Received, c.shown(text))
			c.clear.received()
			return text, nil
		}
		seen = len(c.buf)
		if seen > MaxLine {
			return "", c.fail(&LimitError{What: "line", Limit: MaxLine})
		}
		if err := c.more(); err != nil {
			return "", c.unfinished(err)
		}
	}
}

// unfinished tells a time-out inside a line from one before it.
func (c *Conn) unfinished(err error) error {
	ended, ok := err.(*ContextError)
	if !ok || len(c.buf) == 0 || !errors.Is(ended.Err, context.DeadlineExceeded) {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.err = &UnfinishedError{Received: len(c.buf), Err: err}
	return c.err
}

// MaskReplies shows received lines in the transcript as mask makes them, until
// end is called.
func (c *Conn) MaskReplies(mask func(line string) string) (end func()) {
	c.mask = mask
	return func() { c.mask = nil }
}

func (c *Conn) shown(line string) string {
	if c.mask == nil {
		return line
	}
	return c.mask(line)
}

// ReadN reads exactly n bytes (an IMAP literal). The caller bounds n.
func (c *Conn) ReadN(n int) ([]byte, error) {
	for len(c.buf) < n {
		if err := c.more(); err != nil {
			return nil, err
		}
	}
	data := bytes.Clone(c.buf[:n])
	c.buf = c.buf[n:]
	c.opt.Transcript.addLiteral(n)
	return data, nil
}

// more receives something more into the buffer.
func (c *Conn) more() error {
	if err := c.Err(); err != nil {
		return err
	}
	if c.total >= MaxSession {
		return c.fail(&LimitError{What: "session", Limit: MaxSession})
	}
	start := len(c.buf)
	if start == 0 {
		c.buf = c.room
	}
	if cap(c.buf)-start < readSize {
		// At least as much comes in before this is done again as is moved now.
		if cap(c.room) < 2*(start+readSize) {
			c.room = make([]byte, 0, 2*(start+readSize))
		}
		c.buf = append(c.room, c.buf...)
	}
	n, err := c.stream().Read(c.buf[start : start+readSize])
	if n == 0 && c.outlived(err) {
		n, err = c.stream().Read(c.buf[start : start+readSize])
	}
	c.buf = c.buf[:start+n]
	c.total += n
	if n > 0 {
		return nil
	}
	if err == io.EOF && start > 0 {
		err = io.ErrUnexpectedEOF
	}
	if err == nil {
		err = io.ErrNoProgress
	}
	return c.fail(err)
}

// Send writes lines in one flight, each with its CRLF. A line with a line end
// inside would be two commands, and one with a NUL no command: neither is sent.
func (c *Conn) Send(lines ...string) error {
	for _, line := range lines {
		if strings.ContainsAny(line, "\r\n\x00") {
			return &report.Fault{Cause: report.ClientProtocol, Text: "a command with a line end or a NUL inside was not sent"}
		}
		c.opt.Transcript.add(Sent, line)
	}
	flight := strings.Join(lines, "\r\n") + "\r\n"
	c.clear.sent(flight)
	return c.write([]byte(flight))
}

// SendSecret writes one line that holds a secret; the transcript shows only
// what shown says.
func (c *Conn) SendSecret(line, shown string) error {
	c.opt.Transcript.add(Sent, shown)
	return c.write([]byte(line + "\r\n"))
}

// SendData writes bytes as they are (a message, a literal), and lines behind them
// in the same flight; the transcript shows only the number of the bytes.
func (c *Conn) SendData(data []byte, what string, lines ...string) error {
	c.opt.Transcript.addData(len(data), what)
	for _, line := range lines {
		c.opt.Transcript.add(Sent, line)
		data = append(data, line+"\r\n"...)
	}
	return c.write(data)
}

func (c *Conn) write(p []byte) error {
	if err := c.Err(); err != nil {
		return err
	}
	if _, err := c.stream().Write(p); err != nil {
		return c.fail(err)
	}
	return nil
}

func (c *Conn) stream() net.Conn {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.tls != nil {
		return c.tls
	}
	return c.raw
}

// Encrypted returns the TLS session, or nil in clear text.
func (c *Conn) Encrypted() *tls.ConnectionState {
	if c.tls == nil {
		return nil
	}
	state := c.tls.ConnectionState()
	return &state
}

// RoundTrips counts the waits for the network so far: one for the TCP
// handshake, one for each flight that was answered, TLS handshakes included.
func (c *Conn) RoundTrips() int { return c.raw.roundTrips() }

// Close ends the connection at once. [Conn.Finish] does it too.
func (c *Conn) Close() error {
	c.stop()
	if c.tls != nil && c.Err() == nil {
		return c.tls.Close()
	}
	return c.raw.Close()
}

// meter counts below TLS: the bytes received, which are bounded, and round
// trips, one for data that comes after something was sent.
type meter struct {
	net.Conn
	mu       sync.Mutex
	received int
	trips    int
	asked    bool
}

func (m *meter) Read(p []byte) (int, error) {
	n, err := m.Conn.Read(p)
	m.mu.Lock()
	defer m.mu.Unlock()
	if n > 0 && m.asked {
		m.trips++
		m.asked = false
	}
	if m.received += n; m.received > maxReceived {
		return 0, &LimitError{What: "session", Limit: maxReceived}
	}
	return n, err
}

func (m *meter) Write(p []byte) (int, error) {
	m.mu.Lock()
	m.asked = true
	m.mu.Unlock()
	return m.Conn.Write(p)
}

func (m *meter) roundTrips() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.trips
}
