package lab

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"mailcheck/report"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience bounds every wait of a test; nothing should come near it.
const patience = 20 * time.Second

func startLab(t *testing.T, opts Options) *Lab {
	t.Helper()
	l, err := Start(context.Background(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return l
}

// client is a plain line-by-line client.
type client struct {
	t    *testing.T
	lab  *Lab
	host string
	conn net.Conn
	r    *bufio.Reader
}

func connect(t *testing.T, l *Lab, protocol report.Protocol, security report.Security) *client {
	t.Helper()
	ep := l.Endpoint(protocol, security)
	conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", ep.Port))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	c := &client{t: t, lab: l, host: ep.Host, conn: conn, r: bufio.NewReader(conn)}
	if security == report.TLS {
		c.secure()
	}
	return c
}

func (c *client) secure() {
	c.t.Helper()
	conn := tls.Client(c.conn, &tls.Config{ServerName: c.host, RootCAs: c.lab.Roots()})
	if err := conn.Handshake(); err != nil {
		c.t.Fatal(err)
	}
	c.conn, c.r = conn, bufio.NewReader(conn)
}

func (c *client) send(lines ...string) {
	c.t.Helper()
	if _, err := io.WriteString(c.conn, strings.Join(lines, "\r\n")+"\r\n"); err != nil {
		c.t.Fatal(err)
	}
}

func (c *client) line() string {
	c.t.Helper()
	line, err := c.r.ReadString('\n')
	if err != nil {
		c.t.Fatalf("after %q: %v", line, err)
	}
	return strings.TrimSuffix(line, "\r\n")
}

// want reads a line that begins with prefix.
func (c *client) want(prefix string) string {
	c.t.Helper()
	line := c.line()
	if !strings.HasPrefix(line, prefix) {
		c.t.Fatalf("the server said %q, want %q", line, prefix)
	}
	return line
}

// until reads lines through the first that begins with prefix.
func (c *client) until(prefix string) []string {
	c.t.Helper()
	for lines := []string{}; ; {
		lines = append(lines, c.line())
		if strings.HasPrefix(lines[len(lines)-1], prefix) {
			return lines
		}
	}
}

func TestStartRefuses(t *testing.T) {
	for name, opts := range map[string]Options{
		"unknown fault":     {Fault: "no-such-fault"},
		"no address":        {Address: "nobody"},
		"no local part":     {Address: "@example.test"},
		"no domain":         {Address: "demo@"},
		"unknown mechanism": {Mechanisms: []string{"PLAIN", "DIGEST-MD5"}},
	} {
		if l, err := Start(context.Background(), opts); err == nil {
			l.Close()
			t.Errorf("%s: started", name)
		}
	}
}

func TestCloseLeavesNothing(t *testing.T) {
	for _, delay := range []time.Duration{0, time.Hour} {
		l, err := Start(context.Background(), Options{Delay: delay, DeliverAfter: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		for _, ep := range l.Endpoints() {
			conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", ep.Port))
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
		}
		if delay == 0 {
			c := connect(t, l, report.SMTP, report.TLS)
			submit(c)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		if err := l.Close(); err != nil {
			t.Errorf("a second Close: %v", err)
		}
		if n := l.OpenConnections(); n != 0 {
			t.Errorf("%d connections are open after Close", n)
		}
		goleak.VerifyNone(t)
	}
}

func TestContextEndsLab(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	l, err := Start(ctx, Options{})
	if err != nil {
		t.Fatal(err)
	}
	c := connect(t, l, report.IMAP, report.TLS)
	c.want("* OK")
	cancel()
	if line, err := c.r.ReadString('\n'); err == nil {
		t.Errorf("the server said %q after the end", line)
	}
	l.Close() // waits for the end
}

func TestOpenConnections(t *testing.T) {
	l := startLab(t, Options{})
	c := connect(t, l, report.POP3, report.TLS)
	c.want("+OK")
	if n := l.OpenConnections(); n != 1 {
		t.Errorf("%d connections are open, want 1", n)
	}
	c.send("QUIT")
	c.want("+OK")
	if rest, err := io.ReadAll(c.r); err != nil || len(rest) > 0 {
		t.Errorf("after QUIT: %q, %v", rest, err)
	}
	c.conn.Close()
	waitUntil(t, func() bool { return l.OpenConnections() == 0 })
}

// waitUntil waits for what another goroutine is about to bring about.
func waitUntil(t *testing.T, done func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !done(); {
		if time.Now().After(end) {
			t.Fatal("it did not happen")
		}
		runtime.Gosched()
	}
}

// AwaitIdle waits for the last connection, and no longer than its context.
func TestAwaitIdle(t *testing.T) {
	l := startLab(t, Options{})
	if err := l.AwaitIdle(t.Context()); err != nil {
		t.Error(err)
	}
	conn, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(l.Endpoint(report.IMAP, report.STARTTLS).Port)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Read(make([]byte, 1)); err != nil { // the greeting: the server has it
		t.Fatal(err)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if err := l.AwaitIdle(over); !errors.Is(err, context.Canceled) {
		t.Errorf("with a connection open: %v", err)
	}
	conn.Close()
	if err := l.AwaitIdle(t.Context()); err != nil || l.OpenConnections() != 0 {
		t.Errorf("%v, %d connections", err, l.OpenConnections())
	}
}
