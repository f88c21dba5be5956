package wire

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

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

func TestTranscriptIsMasked(t *testing.T) {
	var hooked []string
	tr := &Transcript{
		Scrub: func(s string) string { return strings.ReplaceAll(s, "hunter2", "[secret]") },
		Hook:  func(d Direction, s string) { hooked = append(hooked, string(d)+s) },
	}
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
	if got := strings.Join(hooked, "|"); got != want {
		t.Errorf("hook %s, want %s", got, want)
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
