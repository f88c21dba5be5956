package wire

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"mailcheck/internal/limit"
	"mailcheck/report"
)

// serve gives a connection whose other end is played by the script.
func serve(t *testing.T, opt Options, script func(server net.Conn)) *Conn {
	t.Helper()
	client, server := net.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); defer server.Close(); script(server) }()
	t.Cleanup(func() { cancel(); client.Close(); <-done })
	return newConn(ctx, client, opt)
}

func TestReadLine(t *testing.T) {
	long := strings.Repeat("x", MaxLine)
	for name, tc := range map[string]struct {
		sent string
		want []string
		err  error
	}{
		"CRLF and bare LF":        {"+OK one\r\ntwo\n\r\n", []string{"+OK one", "two", ""}, io.EOF},
		"the longest line":        {long + "\r\n", []string{long}, io.EOF},
		"one byte too long":       {long + "x\r\n", nil, &LimitError{"line", MaxLine}},
		"endless":                 {long + long, nil, &LimitError{"line", MaxLine}},
		"cut in the middle":       {"* OK he", nil, io.ErrUnexpectedEOF},
		"a carriage return alone": {"a\rb\r\n", []string{"a\rb"}, io.EOF},
	} {
		t.Run(name, func(t *testing.T) {
			c := serve(t, Options{}, func(s net.Conn) { _, _ = io.WriteString(s, tc.sent) })
			for _, want := range tc.want {
				if got, err := c.ReadLine(); err != nil || got != want {
					t.Fatalf("got %.40q, %v; want %.40q", got, err, want)
				}
			}
			_, err := c.ReadLine()
			var limit *LimitError
			if want, ok := tc.err.(*LimitError); ok {
				if !errors.As(err, &limit) || *limit != *want {
					t.Fatalf("got %v, want %v", err, want)
				}
			} else if !errors.Is(err, tc.err) {
				t.Fatalf("got %v, want %v", err, tc.err)
			}
			if again := c.Err(); again != err {
				t.Errorf("the error does not stay: %v, then %v", err, again)
			}
		})
	}
}

func TestSessionBudget(t *testing.T) {
	line := strings.Repeat("y", 1022) + "\r\n"
	c := serve(t, Options{}, func(s net.Conn) {
		for range MaxSession { // far more than is taken; the pipe breaks first
			if _, err := io.WriteString(s, line); err != nil {
				return
			}
		}
	})
	var err error
	got := 0
	for err == nil {
		var l string
		l, err = c.ReadLine()
		got += len(l)
	}
	var limit *LimitError
	if !errors.As(err, &limit) || limit.What != "session" {
		t.Fatalf("got %v", err)
	}
	if got > MaxSession+readSize {
		t.Errorf("took %d bytes, the budget is %d", got, MaxSession)
	}
}

// TLS can pad what is said to any size: what crosses the network is bounded too.
func TestNetworkBudget(t *testing.T) {
	c := serve(t, Options{}, func(s net.Conn) {
		for block := make([]byte, 64<<10); ; {
			if _, err := s.Write(block); err != nil {
				return
			}
		}
	})
	got, err := io.Copy(io.Discard, c.raw)
	var limit *LimitError
	if !errors.As(err, &limit) || got > maxReceived {
		t.Errorf("took %d bytes: %v", got, err)
	}
}

// A server that sends a byte just before each pause would end is still held
// to the step's time.
func TestContextIsTheOnlyClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := serve(t, Options{}, func(s net.Conn) {
			for {
				time.Sleep(time.Second)
				if _, err := s.Write([]byte("z")); err != nil {
					return
				}
			}
		})
		ctx, cancel := context.WithTimeoutCause(t.Context(), 5*time.Second, report.ErrStepTimeout)
		defer cancel()
		begin := time.Now()
		release := c.Bind(ctx)
		_ = Handover{c}.SetDeadline(time.Time{}) // what go-imap does after each command
		_, err := c.ReadLine()
		release()
		if took := time.Since(begin); took != 5*time.Second {
			t.Errorf("took %v", took)
		}
		if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, report.ErrStepTimeout) {
			t.Errorf("got %v", err)
		}
		var begun *UnfinishedError
		if !errors.As(err, &begun) || begun.Received == 0 || err.Error() != fmt.Sprintf("no answer in time, but the beginning of a line (bytes: %d)", begun.Received) {
			t.Errorf("got %v", err)
		}
		if err := c.Send("NOOP"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a broken session went on: %v", err)
		}
	})
}

func TestInterrupt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := serve(t, Options{}, func(s net.Conn) { _, _ = io.Copy(io.Discard, s) })
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		defer c.Bind(ctx)()
		if _, err := c.ReadLine(); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
}

// The limit of a step is the connection's own deadline: it ends what waits, is
// lifted with the step, and gives way to whatever ends the session.
func TestStepLimit(t *testing.T) {
	stop := errors.New("stop")
	for name, tc := range map[string]struct {
		speaks time.Duration // when the server says its one line
		bound  time.Duration // how long the limit lasts, from the start; zero: to the end
		bare   bool          // the limit is a context of package context
		ends   time.Duration // when the session ends; zero: not
		took   time.Duration
		reason error
	}{
		"in time":                     {speaks: time.Second, took: time.Second},
		"too late":                    {speaks: time.Hour, took: time.Minute, reason: report.ErrStepTimeout},
		"too late, another context":   {speaks: time.Hour, bare: true, took: time.Minute, reason: report.ErrStepTimeout},
		"lifted":                      {speaks: time.Hour, bound: time.Second, took: time.Hour},
		"the session ends":            {speaks: time.Hour, ends: time.Second, took: time.Second, reason: stop},
		"the session ends unbound":    {speaks: time.Hour, bound: time.Second, ends: 2 * time.Minute, took: 2 * time.Minute, reason: stop},
		"the session ended and bound": {speaks: time.Hour, bound: 2 * time.Second, ends: time.Second, took: time.Second, reason: stop},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, server := net.Pipe()
				defer client.Close()
				defer server.Close()
				defer time.AfterFunc(tc.speaks, func() { _, _ = io.WriteString(server, "+OK\r\n") }).Stop()
				session, end := context.WithCancelCause(t.Context())
				defer end(nil)
				if tc.ends > 0 {
					time.AfterFunc(tc.ends, func() { end(stop) })
				}
				c := newConn(session, client, Options{})
				defer c.stop()
				with := limit.With
				if tc.bare {
					with = context.WithTimeoutCause
				}
				ctx, cancel := with(session, time.Minute, report.ErrStepTimeout)
				defer cancel()
				release := c.Bind(ctx)
				if tc.bound > 0 {
					time.AfterFunc(tc.bound, release)
				} else {
					defer release()
				}
				begin := time.Now()
				_, err := c.ReadLine()
				if took := time.Since(begin); took != tc.took {
					t.Errorf("took %v", took)
				}
				var ended *ContextError
				if tc.reason == nil && err != nil || tc.reason != nil && (!errors.As(err, &ended) || !errors.Is(ended.Reason, tc.reason)) {
					t.Errorf("error %v", err)
				}
				if tc.reason != nil {
					if _, again := c.ReadLine(); again != err {
						t.Errorf("then %v", again)
					}
				}
			})
		})
	}
}

// late has met the limit of a step in the moment that the step ended.
type late struct {
	net.Conn
	met bool
}

func (l *late) Read(p []byte) (int, error) {
	if !l.met {
		l.met = true
		return 0, os.ErrDeadlineExceeded
	}
	return l.Conn.Read(p)
}

// The limit of a step that has ended in time ends nothing, neither in the next
// step nor between them.
func TestStepLimitOutlived(t *testing.T) {
	for _, bound := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			client, server := net.Pipe()
			defer client.Close()
			defer server.Close()
			c := newConn(t.Context(), &late{Conn: client}, Options{})
			defer c.stop()
			if bound {
				ctx, cancel := limit.With(t.Context(), time.Minute, report.ErrStepTimeout)
				defer cancel()
				defer c.Bind(ctx)()
			}
			defer time.AfterFunc(time.Second, func() { _, _ = io.WriteString(server, "+OK\r\n") }).Stop()
			begin := time.Now()
			if line, err := c.ReadLine(); line != "+OK" || err != nil || time.Since(begin) != time.Second {
				t.Errorf("bound %v: %q, %v after %v", bound, line, err, time.Since(begin))
			}
		})
	}
}

func TestTranscriptIsMasked(t *testing.T) {
	tr := &Transcript{Scrub: func(s string) string { return strings.ReplaceAll(s, "hunter2", "[secret]") }}
	c := serve(t, Options{Transcript: tr}, func(s net.Conn) {
		r := bufio.NewReader(s)
		line, _ := r.ReadString('\n')
		_, _ = io.WriteString(s, "535 not "+strings.TrimSpace(line)+"\r\n{3}\r\nabc")
	})
	if err := c.SendSecret("hunter2", "PASS [secret]"); err != nil {
		t.Fatal(err)
	}
	if line, _ := c.ReadLine(); line != "535 not hunter2" {
		t.Errorf("the caller got %q", line) // it has to see what came
	}
	_, _ = c.ReadLine()
	if data, err := c.ReadN(3); err != nil || string(data) != "abc" {
		t.Errorf("literal: %q, %v", data, err)
	}
	want := "C: PASS [secret]|S: 535 not [secret]|S: {3}|S: [3 bytes]"
	if got := strings.Join(tr.Lines(), "|"); got != want {
		t.Errorf("transcript %s, want %s", got, want)
	}
}

func TestRoundTrips(t *testing.T) {
	c := serve(t, Options{}, func(s net.Conn) {
		r := bufio.NewReader(s)
		_, _ = io.WriteString(s, "220 hello\r\n")
		for {
			line, err := r.ReadString('\n')
			if err != nil {
				return
			}
			if line != "B\r\n" { // A and B are one flight
				_, _ = io.WriteString(s, "250-x\r\n")
				_, _ = io.WriteString(s, "250 y\r\n")
			}
		}
	})
	read := func(n int) {
		for range n {
			if _, err := c.ReadLine(); err != nil {
				t.Fatal(err)
			}
		}
	}
	read(1)
	if got := c.RoundTrips(); got != 2 { // TCP, greeting
		t.Errorf("after the greeting %d", got)
	}
	_ = c.Send("A", "B")
	read(2)
	_ = c.Send("C")
	read(2)
	if got := c.RoundTrips(); got != 4 {
		t.Errorf("after two flights %d", got)
	}
}
