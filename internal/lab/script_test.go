package lab

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// play runs a script against a client and returns the server's error.
func play(t *testing.T, script string, opts ScriptOptions, client func(net.Conn)) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	s, err := StartScript(ctx, script, opts)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	client(conn)
	conn.Close()
	return s.Wait()
}

// says is a client that sends this after the first line of the server and
// then waits for the end.
func says(lines ...string) func(net.Conn) {
	return func(c net.Conn) {
		r := bufio.NewReader(c)
		r.ReadString('\n')
		io.WriteString(c, strings.Join(lines, "\r\n"))
		if len(lines) > 0 {
			io.WriteString(c, "\r\n")
		}
		io.Copy(io.Discard, r)
	}
}

func TestScript(t *testing.T) {
	for _, tt := range []struct {
		name, script string
		client       func(net.Conn)
		want         string // in the error; empty: none
	}{
		{"followed", "# a comment\n\nS: 220 hi\nC: EHLO *\nS:\nS: 250 ok\nC: QUIT\nS: 221 bye\n", says("EHLO x", "QUIT"), ""},
		{"CRLF in the script", "S: 220 hi\r\nC: QUIT\r\n", says("QUIT"), ""},
		{"a message", "S: 354 go\nC! message\nS: 250 ok\n", says("Subject: x", "", "..", "."), ""},
		{"another line", "S: 220 hi\nC: EHLO x\n", says("EHLO y"), `script line 2: the client sent "EHLO y", want "EHLO x"`},
		{"only a prefix", "S: 220 hi\nC: EHLO\n", says("EHLO y"), "script line 2"},
		{"bare LF", "S: 220 hi\nC: EHLO\n", func(c net.Conn) { io.WriteString(c, "EHLO\n"); io.Copy(io.Discard, c) }, "without CR"},
		{"too little", "S: 220 hi\nC: EHLO\nC: QUIT\n", func(c net.Conn) { bufio.NewReader(c).ReadString('\n'); io.WriteString(c, "EHLO\r\nQU") }, `script line 3: the client sent "QU" and then: EOF, want "QUIT"`},
		{"too much", "S: 220 hi\nC: EHLO\n", says("EHLO", "MORE"), `the client sent "MORE\r\n" after the end`},
		{"unfinished message", "S: 354 go\nC! message\n", func(c net.Conn) { io.WriteString(c, "Subject: x\r\n") }, "script line 2: the message ended"},
		{"stalled", "S: 220 hi\nS! stall\nC: never\n", func(c net.Conn) { io.WriteString(c, "what\r\n"); bufio.NewReader(c).ReadString('\n') }, ""},
		{"closed", "S: 220 hi\nS! close\nC: never\n", says(), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := play(t, tt.script, ScriptOptions{}, tt.client)
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("%v, want %q", err, tt.want)
			}
		})
	}
}

func TestScriptSends(t *testing.T) {
	var got []byte
	err := play(t, "S: one\nS! raw \"two\\x00\\n\"\nS: \nS! close\n", ScriptOptions{}, func(c net.Conn) {
		got, _ = io.ReadAll(c)
	})
	if err != nil || string(got) != "one\r\ntwo\x00\n\r\n" {
		t.Errorf("%q, %v", got, err)
	}
}

// What has no end goes on until the client closes.
func TestScriptEndless(t *testing.T) {
	for directive, want := range map[string]int{"endless": 100_000, "drip": 5} {
		err := play(t, "S: one\nS! "+directive+" \"two\\n\"\nC: never\n", ScriptOptions{}, func(c net.Conn) {
			got := make([]byte, len("one\r\n")+want)
			if _, err := io.ReadFull(c, got); err != nil || !bytes.HasPrefix(got, []byte("one\r\ntwo\nt")) {
				t.Errorf("%s: %.20q, %v", directive, got, err)
			}
		})
		if err != nil {
			t.Errorf("%s: %v", directive, err)
		}
	}
}

func TestScriptTLS(t *testing.T) {
	ca, err := NewCA()
	if err != nil {
		t.Fatal(err)
	}
	cert, err := ca.Certificate(LeafGood, "mail.test")
	if err != nil {
		t.Fatal(err)
	}
	opts := ScriptOptions{TLS: &tls.Config{Certificates: []tls.Certificate{cert}}}
	trusting := func(pool *x509.CertPool) func(net.Conn) {
		return func(c net.Conn) {
			r := bufio.NewReader(c)
			if line, _ := r.ReadString('\n'); line != "220 hi\r\n" {
				t.Errorf("greeting %q", line)
			}
			io.WriteString(c, "STARTTLS\r\n")
			r.ReadString('\n')
			secure := tls.Client(c, &tls.Config{ServerName: "mail.test", RootCAs: pool})
			io.WriteString(secure, "QUIT\r\n")
			io.Copy(io.Discard, secure)
			secure.Close()
		}
	}
	const script = "S: 220 hi\nC: STARTTLS\nS: 220 go\nC! starttls\nC: QUIT\nS: 221 bye\n"
	if err := play(t, script, opts, trusting(ca.Roots())); err != nil {
		t.Error(err)
	}
	if err := play(t, script, opts, trusting(x509.NewCertPool())); err == nil || !strings.Contains(err.Error(), "script line 4: TLS handshake") {
		t.Errorf("a client that does not trust us: %v", err)
	}
	err = play(t, script, opts, func(c net.Conn) { io.WriteString(c, "STARTTLS\r\nNOOP\r\n"); io.Copy(io.Discard, c) })
	if err == nil || !strings.Contains(err.Error(), `sent "NOOP\r\n" ahead of the TLS handshake`) {
		t.Errorf("a client that speaks too early: %v", err)
	}
	if err := play(t, "S! tls\nS: 220 hi\n", opts, func(c net.Conn) {
		secure := tls.Client(c, &tls.Config{ServerName: "mail.test", RootCAs: ca.Roots()})
		if got, err := io.ReadAll(secure); string(got) != "220 hi\r\n" || err != nil {
			t.Errorf("%q, %v", got, err)
		}
	}); err != nil {
		t.Error(err)
	}
}

func TestScriptMistakes(t *testing.T) {
	for _, script := range []string{"X: what", "S! dance", "220 hi", "S! tls", "C! starttls", `S! raw "`} {
		if _, err := StartScript(context.Background(), "# first\n"+script, ScriptOptions{}); err == nil || !strings.HasPrefix(err.Error(), "script line 2:") {
			t.Errorf("%q: %v", script, err)
		}
	}
}

func TestScriptEndsWithContext(t *testing.T) {
	reason := errors.New("enough")
	for _, script := range []string{"S: 220 hi\nC: QUIT\n", "S: 220 hi\nS! stall\n"} {
		ctx, cancel := context.WithCancelCause(context.Background())
		s, err := StartScript(ctx, script, ScriptOptions{})
		if err != nil {
			t.Fatal(err)
		}
		conn, err := net.Dial("tcp", s.Addr())
		if err != nil {
			t.Fatal(err)
		}
		bufio.NewReader(conn).ReadString('\n')
		cancel(reason)
		if err := s.Wait(); !errors.Is(err, reason) {
			t.Errorf("%q: %v", script, err)
		}
		conn.Close()
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	s, err := StartScript(ctx, "S: 220 hi\n", ScriptOptions{})
	if err != nil {
		t.Fatal(err)
	}
	cancel(reason)
	if err := s.Wait(); !errors.Is(err, reason) || !strings.Contains(err.Error(), "nobody connected") {
		t.Errorf("nobody connected: %v", err)
	}
}

// What a client sends is kept as the server reads it, also what no line of the
// script expects.
func TestScriptReceived(t *testing.T) {
	s, err := StartScript(t.Context(), "S: 220 hi\nC: EHLO x\nS! stall\n", ScriptOptions{})
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(conn, "EHLO x\r\nAUTH PLAIN\r\n")
	conn.Close()
	if err := s.Wait(); err != nil || s.Received() != "EHLO x\r\nAUTH PLAIN\r\n" {
		t.Errorf("received %q, %v", s.Received(), err)
	}
}
