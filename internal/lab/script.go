package lab

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"
)

// scriptLine bounds a line that the client of a script may send.
const scriptLine = 64 << 10

// ScriptOptions shapes a scripted server.
type ScriptOptions struct {
	// TLS is the server's side of TLS (see [CA.Certificate]); needed by a
	// script that has TLS in it.
	TLS *tls.Config
}

// Script is a server that follows a script for one connection. Each line of
// the script is one of:
//
//	S: TEXT       the server sends TEXT and CRLF
//	C: TEXT       the client must send exactly TEXT and CRLF; with a "*" at
//	              its end, TEXT is only how the line must begin
//	S! raw "TEXT" the server sends TEXT, a Go string, and nothing else
//	S! endless "TEXT"
//	              it sends TEXT again and again until the client closes
//	S! drip "TEXT"
//	              it does that a byte at a time, one each 5 ms
//	C! message    the client must send lines up to and with a lone "."
//	S! tls        TLS begins here, the server's side of it; so it does with
//	C! starttls   which reads better behind the reply to STARTTLS
//	S! stall      nothing more is said until the client closes
//	S! close      the server closes the connection
//
// Lines that begin with "#" and empty ones mean nothing. What stands in
// consecutive S lines is sent in one flight. After the last line the client
// must close without another word.
type Script struct {
	addr     string
	done     chan struct{}
	err      error
	received bytes.Buffer // until done is closed, of the goroutine that follows the script
}

// StartScript starts a server for one connection, on a loopback port. It ends
// with the connection, or with ctx.
func StartScript(ctx context.Context, script string, opts ScriptOptions) (*Script, error) {
	acts, err := parseScript(script, opts)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Script{addr: listener.Addr().String(), done: make(chan struct{})}
	go func() {
		defer close(s.done)
		s.err = runScript(ctx, listener, acts, opts, &s.received)
		if ctx.Err() != nil {
			s.err = errors.Join(s.err, context.Cause(ctx))
		}
	}()
	return s, nil
}

// Addr is where the server listens, as HOST:PORT.
func (s *Script) Addr() string { return s.addr }

// Wait waits for the end of the connection. The error names the first line of
// the script that the client did not follow.
func (s *Script) Wait() error {
	<-s.done
	return s.err
}

// Received waits for the end of the connection and returns all that the client
// sent as far as it was read, in clear text and inside TLS.
func (s *Script) Received() string {
	<-s.done
	return s.received.String()
}

// act is one line of a script.
type act struct {
	number int // of the line, from 1
	text   string
	do     func(*scripted, string) error
}

// directives holds what may stand behind "S!" and "C!".
var directives = map[string]func(*scripted, string) error{
	"S! raw":      (*scripted).send,
	"S! endless":  (*scripted).endless,
	"S! drip":     (*scripted).drip,
	"C! message":  (*scripted).expectMessage,
	"S! tls":      (*scripted).secure,
	"C! starttls": (*scripted).secure,
	"S! stall":    (*scripted).stall,
	"S! close":    (*scripted).close,
}

// errScriptOver ends a script before its last line.
var errScriptOver = errors.New("the script is over")

func parseScript(script string, opts ScriptOptions) ([]act, error) {
	var acts []act
	for i, line := range strings.Split(script, "\n") {
		a := act{number: i + 1}
		line = strings.TrimSuffix(line, "\r")
		text, isServer := strings.CutPrefix(line, "S:")
		expected, isClient := strings.CutPrefix(line, "C:")
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
			continue
		case isServer:
			a.text, a.do = strings.TrimPrefix(text, " ")+"\r\n", (*scripted).send
		case isClient:
			a.text, a.do = strings.TrimPrefix(expected, " "), (*scripted).expect
		default:
			name, argument, _ := strings.Cut(line, ` "`)
			if a.do = directives[name]; a.do == nil {
				return nil, fmt.Errorf("script line %d: unknown line %q", a.number, line)
			}
			switch name {
			case "S! raw", "S! endless", "S! drip":
				var err error
				if a.text, err = strconv.Unquote(`"` + argument); err != nil {
					return nil, fmt.Errorf("script line %d: %w", a.number, err)
				}
			case "S! tls", "C! starttls":
				if opts.TLS == nil {
					return nil, fmt.Errorf("script line %d: the script has TLS, the options have none", a.number)
				}
			}
		}
		acts = append(acts, a)
	}
	return acts, nil
}

// scripted is a script that runs.
type scripted struct {
	opts     ScriptOptions
	received io.Writer
	conn     net.Conn
	r        *bufio.Reader
	w        *bufio.Writer
}

func runScript(ctx context.Context, listener net.Listener, acts []act, opts ScriptOptions, received io.Writer) error {
	unlisten := context.AfterFunc(ctx, func() { listener.Close() })
	tcp, err := listener.Accept()
	unlisten()
	listener.Close()
	if err != nil {
		return fmt.Errorf("script: nobody connected: %w", err)
	}
	defer tcp.Close()
	defer context.AfterFunc(ctx, func() { tcp.Close() })()
	s := &scripted{opts: opts, received: received}
	s.speakOver(tcp)
	for _, a := range acts {
		err := a.do(s, a.text)
		if errors.Is(err, errScriptOver) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("script line %d: %w", a.number, err)
		}
	}
	return s.end()
}

func (s *scripted) speakOver(c net.Conn) {
	s.conn, s.r, s.w = c, bufio.NewReaderSize(io.TeeReader(c, s.received), scriptLine), bufio.NewWriter(c)
}

func (s *scripted) send(text string) error {
	_, err := s.w.WriteString(text)
	return err
}

// endless ends with the client, or with the connection when ctx ends.
func (s *scripted) endless(text string) error {
	for {
		if _, err := s.w.WriteString(text); err != nil {
			return errScriptOver
		}
	}
}

// dripPause is the time between two bytes of a server that drips.
const dripPause = 5 * time.Millisecond

func (s *scripted) drip(text string) error {
	if err := s.w.Flush(); err != nil {
		return err
	}
	tick := time.NewTicker(dripPause)
	defer tick.Stop()
	for {
		for i := range len(text) {
			<-tick.C
			if _, err := io.WriteString(s.conn, text[i:i+1]); err != nil {
				return errScriptOver
			}
		}
	}
}

func (s *scripted) readLine() (string, error) {
	if err := s.w.Flush(); err != nil {
		return "", err
	}
	line, err := s.r.ReadSlice('\n')
	if err != nil {
		return string(line), err
	}
	text, ok := strings.CutSuffix(string(line), "\r\n")
	if !ok {
		return string(line), errors.New("a line without CR")
	}
	return text, nil
}

func (s *scripted) expect(want string) error {
	got, err := s.readLine()
	if err != nil {
		return fmt.Errorf("the client sent %q and then: %w, want %q", got, err, want)
	}
	prefix, open := strings.CutSuffix(want, "*")
	if got == want || open && strings.HasPrefix(got, prefix) {
		return nil
	}
	return fmt.Errorf("the client sent %q, want %q", got, want)
}

func (s *scripted) expectMessage(string) error {
	for {
		line, err := s.readLine()
		if err != nil {
			return fmt.Errorf("the message ended with %q and then: %w", line, err)
		}
		if line == "." {
			return nil
		}
	}
}

func (s *scripted) secure(string) error {
	if err := s.w.Flush(); err != nil {
		return err
	}
	if n := s.r.Buffered(); n > 0 {
		data, _ := s.r.Peek(n)
		return fmt.Errorf("the client sent %q ahead of the TLS handshake", data)
	}
	conn := tls.Server(s.conn, s.opts.TLS)
	if err := conn.Handshake(); err != nil {
		return fmt.Errorf("TLS handshake: %w", err)
	}
	s.speakOver(conn)
	return nil
}

func (s *scripted) stall(string) error {
	if err := s.w.Flush(); err != nil {
		return err
	}
	_, _ = io.Copy(io.Discard, s.r) // until the client closes, or ctx ends
	return errScriptOver
}

func (s *scripted) close(string) error {
	if err := s.w.Flush(); err != nil {
		return err
	}
	s.conn.Close()
	return errScriptOver
}

// end says that the server has nothing more to say, and wants the client to
// close.
func (s *scripted) end() error {
	if err := s.w.Flush(); err != nil {
		return fmt.Errorf("script: at the end: %w", err)
	}
	if half, ok := s.conn.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
	}
	rest, _ := io.ReadAll(io.LimitReader(s.r, scriptLine)) // how it closes is its own business
	if len(rest) > 0 {
		return fmt.Errorf("script: the client sent %q after the end", rest)
	}
	return nil
}
