package lab

import (
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"mailcheck/report"
)

// acceptPause is how long to wait when the system can give no connection now,
// for want of file descriptors say.
const acceptPause = 50 * time.Millisecond

// port is one listening port of a lab.
type port struct {
	lab      *Lab
	protocol report.Protocol
	security report.Security // what clients are told to expect there
	number   int
	listener net.Listener // nil when nobody listens
}

// server speaks one protocol on the connections that it is given, to their
// end, and closes them.
type server interface {
	// serve speaks with implicit TLS or, on a STARTTLS port, in clear text.
	serve(c *conn, security report.Security)
}

// open makes a port listen, or see to it that nobody does.
func (l *Lab) open(protocol report.Protocol, security report.Security) (*port, error) {
	p := &port{lab: l, protocol: protocol, security: security}
	if l.behaviour.manner(protocol, security) == closed {
		number, held, err := closedPort()
		if err != nil {
			return nil, err
		}
		p.number = number
		l.closers = append(l.closers, held)
		return p, nil
	}
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p.listener, p.number = listener, listener.Addr().(*net.TCPAddr).Port
	l.closers = append(l.closers, listener)
	return p, nil
}

// accept takes connections until the port is closed.
func (p *port) accept() {
	if p.listener == nil {
		return
	}
	for {
		tcp, err := p.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			if !wait(acceptPause, p.lab.stop) {
				return
			}
			continue
		}
		if c := p.lab.track(p.protocol, tcp); c != nil {
			go p.handle(c)
		}
	}
}

func (p *port) handle(c *conn) {
	security := p.security
	switch p.lab.behaviour.manner(p.protocol, p.security) {
	case silent:
		_, _ = io.Copy(io.Discard, c) // until the client or the lab closes
		c.Close()
		return
	case swapped:
		security = map[report.Security]report.Security{report.TLS: report.STARTTLS, report.STARTTLS: report.TLS}[security]
	}
	p.lab.servers[p.protocol].serve(c, security)
}

// conn is a client's connection as its server sees it.
type conn struct {
	net.Conn // the TCP connection, or the server's end of a delay line
	tcp      net.Conn
	protocol report.Protocol
	lab      *Lab
	once     sync.Once
}

// track takes a connection into the lab's care: it returns nil when the lab
// is closed already.
func (l *Lab) track(protocol report.Protocol, tcp net.Conn) *conn {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		tcp.Close()
		return nil
	}
	c := &conn{Conn: tcp, tcp: tcp, protocol: protocol, lab: l}
	if l.opts.Delay > 0 {
		line := &delayLine{delay: l.opts.Delay, stop: l.stop, workers: &l.workers}
		c.Conn = line.extend(tcp)
	}
	l.conns[c] = struct{}{}
	l.workers.Add(1)
	return c
}

// Close is called by the server when it has done.
func (c *conn) Close() error {
	err := c.Conn.Close()
	c.once.Do(func() {
		c.lab.mu.Lock()
		delete(c.lab.conns, c)
		c.lab.ended.Broadcast()
		c.lab.mu.Unlock()
		c.lab.workers.Done()
	})
	return err
}

// abort ends the connection under its server, which then closes it.
func (c *conn) abort() {
	c.Conn.Close()
	c.tcp.Close()
}

func (c *conn) LocalAddr() net.Addr  { return c.tcp.LocalAddr() }
func (c *conn) RemoteAddr() net.Addr { return c.tcp.RemoteAddr() }

// handoff is a listener for server libraries that insist on accepting: it
// gives them the connections that the lab has accepted.
type handoff struct {
	conns chan net.Conn
	stop  <-chan struct{}
}

func newHandoff(stop <-chan struct{}) *handoff {
	return &handoff{conns: make(chan net.Conn), stop: stop}
}

func (h *handoff) offer(c net.Conn) {
	select {
	case h.conns <- c:
	case <-h.stop:
		c.Close()
	}
}

// Accept implements net.Listener.
func (h *handoff) Accept() (net.Conn, error) {
	select {
	case c := <-h.conns:
		return c, nil
	case <-h.stop:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener; the lab's end is what closes it.
func (h *handoff) Close() error { return nil }

// Addr implements net.Listener.
func (h *handoff) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

// closedPort returns a port of 127.0.0.1 on which nobody listens, nor will
// until held is closed: it is the client's end of a connection, so the system
// gives it to nobody else.
func closedPort() (number int, held io.Closer, err error) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return 0, nil, err
	}
	defer listener.Close()
	client, err := net.Dial("tcp4", listener.Addr().String())
	if err != nil {
		return 0, nil, err
	}
	other, err := listener.Accept()
	if err != nil {
		client.Close()
		return 0, nil, err
	}
	return client.LocalAddr().(*net.TCPAddr).Port, closers{client, other}, nil
}

// closers closes several things as one.
type closers []io.Closer

func (c closers) Close() error {
	var errs []error
	for _, one := range c {
		errs = append(errs, one.Close())
	}
	return errors.Join(errs...)
}
