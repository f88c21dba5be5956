package imap

import (
	"bytes"
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	goimap "github.com/emersion/go-imap/v2"

	"mailcheck/report"
	"mailcheck/wire"
)

// stream is a connection to a server that says what it says, whatever it is
// asked, once it is asked anything.
type stream struct {
	net.Conn // for the methods that are not used
	in       io.Reader
	asked    chan struct{}
	once     sync.Once
	sent     bytes.Buffer
}

func newStream(said []byte) *stream {
	return &stream{in: bytes.NewReader(said), asked: make(chan struct{})}
}

func (s *stream) Read(p []byte) (int, error) {
	<-s.asked
	return s.in.Read(p)
}

func (s *stream) Write(p []byte) (int, error) {
	s.once.Do(func() { close(s.asked) })
	return s.sent.Write(p)
}

func (s *stream) Close() error {
	s.once.Do(func() { close(s.asked) })
	return nil
}

func (s *stream) dial(context.Context, string, string) (net.Conn, error) { return s, nil }

func (s *stream) RemoteAddr() net.Addr        { return &net.TCPAddr{} }
func (s *stream) SetDeadline(time.Time) error { return nil }

// passes is all that a guard may let through, literals left out.
var passes = regexp.MustCompile(`^(?:` + strings.Join([]string{
	regexp.QuoteMeta(strings.TrimSuffix(hello, "\r\n")),
	`\+ idling`,
	`T[0-9]+ OK done`,
	`T[0-9]+ (?:NO|BAD) (?:\[[A-Z0-9+._/:=-]+\] )? [^\r\n\x00]*`,
	`\* OK \[(?:UIDNEXT|UIDVALIDITY) [1-9][0-9]*\] noted`,
	`\* [0-9]+ EXISTS`,
	`\* LIST \((?:\\[A-Za-z]+ ?)*\) (?:NIL|"\\?[ -~]") "(?:[^"\\]|\\["\\])*"`,
}, "|") + `)$`)

// FuzzGuard lets a server say anything. Only lines of the known forms pass, in
// bounded number and length, and go-imap is content with all of them: what ends
// the session is the guard or the connection, never go-imap's parser.
func FuzzGuard(f *testing.F) {
	for _, pattern := range []string{"testdata/*.txt", "testdata/removal/*.txt", "testdata/leftovers/*.txt"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range files {
			script, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(serverSide(script))
		}
	}
	f.Add([]byte("+ idling\r\n* 5 EXISTS\r\nT1 OK\r\nT2 NO [X] y\r\nT3 BAD\r\nT4 OK\r\nT5 OK\r\n"))
	f.Add([]byte(arrived + "* LIST (\\Junk) \"\\\\\" \"&Ti1f1w-\"\r\n* LIST () NIL {3}\r\na&-\r\nT4 OK\r\n"))
	f.Add([]byte("* OK [UIDVALIDITY 4294967295] x\r\n* 1 FETCH (UID 1 BODY[HEADER] NIL)\r\n"))
	f.Add([]byte("* SEARCH 0 1:*\r\n* SEARCH 1 4294967295 4294967296\r\n* SEARCH 2 (MODSEQ 1)\r\nT7 OK\r\n"))
	f.Fuzz(func(t *testing.T, said []byte) {
		passed, asked := passThrough(t, said)
		checkPassed(t, passed)
		checkBrought(t, asked)

		s := connectTo(t, newStream(said))
		b := newBox(s.conn)
		s.box, b.inbox = b, &folder{name: inboxName, next: 1}
		var waits []func()
		b.flight(func() {
			examined, listed := b.open(inboxName, readOnly), b.list(&goimap.ListOptions{ReturnSpecialUse: true})
			header := b.fetch(since(1), &goimap.FetchItemBodySection{Specifier: goimap.PartSpecifierHeader, Peek: true})
			token := b.fetch(goimap.SeqSetNum(1, 2), mark{fields: []string{tokenField}}.section())
			searched := b.search("mailcheck test", time.Unix(0, 0))
			stored := b.store(1, goimap.StoreFlagsAdd)
			expunged := b.expunge(1)
			waits = append(waits, func() { _, _ = examined() }, func() { _ = listed() }, func() { _, _ = header() },
				func() { _, _ = token() }, func() { _ = searched() }, func() { _ = stored() }, func() { _ = expunged() })
		})
		for _, wait := range waits {
			wait()
		}
		<-b.client.Closed()
		if s.conn.Err() == nil {
			t.Errorf("go-imap gave up: %v", b.client.Close())
		}
		s.Close(context.Background(), report.ByFlags)
	})
}

// commands are under way while FuzzGuard's server talks.
var commands = []string{
	`T1 EXAMINE INBOX`, `T2 LIST "" "*" RETURN (SPECIAL-USE)`, `T3 UID FETCH 1:* (UID BODY.PEEK[HEADER])`,
	`T4 FETCH 1:* (UID BODY.PEEK[HEADER.FIELDS ("X-Mailcheck-Token")])`, `T5 IDLE`, `T6 CAPABILITY`, `T7 UID SEARCH SUBJECT "mailcheck test"`,
}

// passThrough returns what the guard lets through while commands are under way,
// and these, with what was brought for them.
func passThrough(t *testing.T, said []byte) ([]byte, []*asked) {
	s := connectTo(t, newStream(said))
	defer s.conn.Finish(s.rec)
	g := newGuard(s.conn)
	g.hold()
	for _, c := range commands {
		if _, err := g.Write([]byte(c + "\r\n")); err != nil {
			t.Fatal(err)
		}
	}
	asked := slices.Clone(g.written)
	g.release()
	passed, err := io.ReadAll(g)
	if err != nil && s.conn.Err() == nil {
		t.Errorf("an error from nowhere: %v", err)
	}
	return passed, asked
}

// checkBrought wants headers and numbers for those alone that asked for them, each
// message once, in bounded number and length.
func checkBrought(t *testing.T, commands []*asked) {
	for _, a := range commands {
		if !strings.HasSuffix(a.verb, "FETCH") && len(a.headers) > 0 || a.verb != "UID SEARCH" && len(a.numbers) > 0 {
			t.Fatalf("%s was brought %v %v", a.verb, a.headers, a.numbers)
		}
		if len(a.headers) > maxFetched || len(a.numbers) > maxNumbers {
			t.Fatalf("%s was brought %d headers and %d numbers", a.verb, len(a.headers), len(a.numbers))
		}
		seen := map[uint32]bool{0: true}
		for _, h := range a.headers {
			if seen[h.uid] || len(h.text) > max(maxLiteral, wire.MaxLine) {
				t.Fatalf("%s was brought %d bytes of message %d", a.verb, len(h.text), h.uid)
			}
			seen[h.uid] = true
		}
	}
}

// checkPassed wants only known lines, in bounded number and length.
func checkPassed(t *testing.T, passed []byte) {
	if len(passed) > 2*wire.MaxSession {
		t.Fatalf("%d bytes passed", len(passed))
	}
	tagged := 0
	for len(passed) > 0 {
		end := bytes.Index(passed, []byte("\r\n"))
		if end < 0 {
			t.Fatalf("a line without an end: %q", passed)
		}
		line := string(passed[:end])
		passed = passed[end+2:]
		if !passes.MatchString(line) {
			t.Fatalf("passed: %q", line)
		}
		if line[0] == 'T' {
			tagged++
		}
	}
	if tagged > len(commands) {
		t.Fatalf("%d replies passed", tagged)
	}
}
