package imap

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"mailcheck/report"
	"mailcheck/wire"
)

// connectTo makes a watched connection over a connection that exists already.
func connectTo(t testing.TB, client net.Conn) *Session {
	t.Helper()
	ep := report.Endpoint{Protocol: report.IMAP, Host: "imap.example.com", Port: 143, Security: report.None}
	rec := new(report.Log).Check("imap", &ep)
	s := &Session{rec: rec, ep: ep, greeted: true}
	var err error
	s.conn, err = wire.Connect(context.Background(), rec, wire.Target{Host: ep.Host, Port: ep.Port, Addresses: loopback},
		wire.Options{DialContext: func(context.Context, string, string) (net.Conn, error) { return client, nil }})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// scriptedBox is a session behind the login, with INBOX open and empty, whose
// server is the test.
func scriptedBox(t testing.TB, capabilities string) (*Session, net.Conn) {
	t.Helper()
	client, server := net.Pipe()
	s := connectTo(t, client)
	s.caps = parseCapabilities(capabilities)
	s.box = newBox(s.conn)
	s.box.inbox = &folder{name: inboxName, next: 1}
	s.box.selected = s.box.inbox
	return s, server
}

// answer serves a session behind the login: to each command with this verb it
// says what is given, and then OK unless that is a NO; to the others OK.
func answer(server net.Conn, replies map[string]string) {
	defer server.Close()
	lines := bufio.NewScanner(server)
	for lines.Scan() {
		a, err := parseCommand(lines.Text())
		if err != nil {
			continue // DONE
		}
		reply := replies[a.verb]
		if !strings.HasPrefix(reply, "TAG NO") {
			reply += "TAG OK done\r\n"
		}
		reply = strings.ReplaceAll(reply, "TAG", a.tag)
		if _, err := io.WriteString(server, reply); err != nil {
			return
		}
	}
}

const arrived = "* 1 FETCH (UID 1 BODY[HEADER.FIELDS (X-MAILCHECK-TOKEN)] {55}\r\n" +
	tokenField + ": " + token + "\r\n\r\n)\r\n"

// TestHostileServers lets servers do what go-imap does not survive. None may
// cost more than a little time and memory, and what does not break the framing
// must not even keep the message from being found.
func TestHostileServers(t *testing.T) {
	limit := func(err error) bool { var l *wire.LimitError; return errors.As(err, &l) }
	hostile := func(err error) bool {
		var f *report.Fault
		return errors.As(err, &f) && f.Cause == report.ServerHostile
	}
	violation := func(err error) bool { var p *report.ProtocolError; return errors.As(err, &p) }
	many := func(n int, line func(i int) string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(line(i + 1))
		}
		return b.String()
	}
	tests := []struct {
		name string
		sent string
		is   func(error) bool // nil: the message is found
	}{
		{"nothing", "", nil},
		{"capability list that does not end", "* CAPABILITY (\r\n* OK [CAPABILITY (] hi\r\n* ENABLED (\r\n", nil},
		{"deep parentheses", "* 2 FETCH (BODYSTRUCTURE " + strings.Repeat("(", wire.MaxLine-100) + "\r\n", nil},
		{"deep parentheses by literals", "* 2 FETCH (ENVELOPE " + strings.Repeat("("+"{1}\r\nx ", maxLiterals) + "\r\n", nil},
		{"too many literals", "* 2 FETCH (ENVELOPE " + strings.Repeat("{1}\r\nx ", maxLiterals+1) + "\r\n", violation},
		{"line without end", "* OK " + strings.Repeat("x", wire.MaxLine+1) + "\r\n", limit},
		{"literal of 2^63-1", "* 2 FETCH (BODY[] {9223372036854775807}\r\n", limit},
		{"literal beyond 64 bits", "* 2 FETCH (BODY[] {99999999999999999999999}\r\n", limit},
		{"negative literal", "* 2 FETCH (BODY[] {-1}\r\n", violation},
		{"literal of 512 MiB", "* LIST () \"/\" {536870912}\r\n", limit},
		{"SEARCH 0", "* SEARCH 0\r\n* SORT 0\r\n* THREAD (1\r\n", nil},
		{"ESEARCH over everything", "* ESEARCH (TAG \"TAG\") UID ALL 1:4294967295\r\n", nil},
		{"unknown tag", "T999 OK done\r\n", violation},
		{"tag again", "T1 OK done\r\n", violation},
		{"tagged response of no kind", "TAG MAYBE\r\n", violation},
		{"CLOSED", "* OK [CLOSED] bye\r\n", nil},
		{"untagged response without a type", "* \r\n*\r\n* (\r\n* 1\r\n* 1 \r\n", nil},
		{"COPYUID over everything", "* OK [COPYUID 1 1:4294967295 1:4294967295] done\r\n", nil},
		{"VANISHED", "* VANISHED (EARLIER) 1:4294967295\r\n", nil},
		{"stray continuation", "+ go on\r\n+\r\n", nil},
		{"EXISTS beyond bounds", "* 4294967295 EXISTS\r\n* 99999999999 EXISTS\r\n* -1 EXISTS\r\n* 0 EXPUNGE\r\n", nil},
		{"flood of FETCH", many(3000, func(i int) string { return fmt.Sprintf("* %d FETCH (UID %d FLAGS ())\r\n", i+1, i+1) }), nil},
		{"flood of matching FETCH", many(3000, func(i int) string {
			return fmt.Sprintf("* %d FETCH (UID %d BODY[HEADER.FIELDS (X-MAILCHECK-TOKEN)] \"\")\r\n", i+1, 5000-i)
		}), nil},
		{"flood of EXPUNGE", many(3000, func(int) string { return "* 1 EXPUNGE\r\n" }), nil},
		{"flood of LIST", many(3000, func(i int) string { return fmt.Sprintf("* LIST () \"/\" %d\r\n", i) }), nil},
		{"100000 lines", strings.Repeat("* OK x\r\n", 100_000), hostile},
		{"session without end", strings.Repeat("* OK "+strings.Repeat("x", 10_000)+"\r\n", 450), limit},
		{"another protocol", "250 ok\r\n", violation},
		{"control characters", "* NO \x1b[2J\x00\r\r\n", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, server := scriptedBox(t, "")
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				sent := tt.sent
				if tt.name != "flood of matching FETCH" {
					sent += arrived
				} else {
					sent = arrived + sent
				}
				answer(server, map[string]string{"UID FETCH": sent})
			}()
			peak := watchHeap()
			begin := time.Now()
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			_, err := s.Await(ctx, carriesToken, tokenField)
			s.Close(ctx, report.ByFlags)
			<-ended
			if took := time.Since(begin); took > 2*time.Second {
				t.Errorf("it took %v", took)
			}
			if grown := peak(); grown > 32<<20 {
				t.Errorf("the heap grew by %d MiB", grown>>20)
			}
			switch {
			case tt.is == nil && err != nil:
				t.Errorf("not found: %v", err)
			case tt.is != nil && !tt.is(err):
				t.Errorf("error %v", err)
			}
		})
	}
}

// watchHeap measures by how much the heap grows at most.
func watchHeap() (peak func() uint64) {
	read := func() uint64 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	runtime.GC()
	before, highest := read(), uint64(0)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for {
			highest = max(highest, read())
			select {
			case <-tick.C:
			case <-stop:
				return
			}
		}
	}()
	return func() uint64 {
		close(stop)
		<-stopped
		return max(highest, before) - before
	}
}

// A message must be found however its server words the answer, and must not be
// found in an answer to something else.
func TestFetchAnswers(t *testing.T) {
	field := tokenField + ": " + token + "\r\n\r\n"
	tests := []struct {
		name, answer string
		found        bool
	}{
		{"UID first", arrived, true},
		{"UID last", "* 1 FETCH (BODY[HEADER.FIELDS (\"x-mailcheck-TOKEN\")] {55}\r\n" + field + " UID 1)\r\n", true},
		{"with flags", "* 1 FETCH (FLAGS (\\Seen $Junk) MODSEQ (12) UID 1 BODY[HEADER.FIELDS (X-MAILCHECK-TOKEN)] {55}\r\n" + field + ")\r\n", true},
		{"quoted", "* 1 FETCH (UID 1 BODY[HEADER.FIELDS (X-MAILCHECK-TOKEN)] \"X-Mailcheck-Token: " + token + "\")\r\n", true},
		{"lower case", "* 1 fetch (uid 1 body[header.fields (X-MAILCHECK-TOKEN)] {55}\r\n" + field + ")\r\n", true},
		{"flags ahead", "* 1 FETCH (UID 1 FLAGS (\\Seen))\r\n" + arrived, true},
		{"twice", arrived + arrived, true},
		{"without UID", "* 1 FETCH (BODY[HEADER.FIELDS (X-MAILCHECK-TOKEN)] {55}\r\n" + field + ")\r\n", false},
		{"UID zero", strings.Replace(arrived, "UID 1", "UID 0", 1), false},
		{"sequence number zero", strings.Replace(arrived, "* 1", "* 0", 1), false},
		{"another section", strings.Replace(arrived, "X-MAILCHECK-TOKEN", "SUBJECT", 1), false},
		{"NIL", "* 1 FETCH (UID 1 BODY[HEADER.FIELDS (X-MAILCHECK-TOKEN)] NIL)\r\n", false},
		{"not ended", "* 1 FETCH (UID 1 BODY[HEADER.FIELDS (X-MAILCHECK-TOKEN)] \"" + token + ")\r\n", false},
		{"bracket not ended", "* 1 FETCH (UID 1 BODY[HEADER.FIELDS (X-MAILCHECK-TOKEN) NIL)\r\n", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, server := scriptedBox(t, "")
			go answer(server, map[string]string{"UID FETCH": tt.answer})
			f, err := s.box.look(mark{[]string{tokenField}, carriesToken})
			if err != nil || (f != nil) != tt.found {
				t.Errorf("found %+v, %v", f, err)
			}
			s.Close(context.Background(), report.ByFlags)
		})
	}
}

// The guard lets out what a session consists of, and nothing else.
func TestCommandsThatAreNotSent(t *testing.T) {
	s, server := scriptedBox(t, "")
	go answer(server, nil)
	if _, err := s.box.client.Capability().Wait(); err != nil {
		t.Error(err)
	}
	for _, line := range []string{
		"T9 EXPUNGE\r\n", "T9 CLOSE\r\n", "T9 UID MOVE 1 Trash\r\n", "T9 SEARCH ALL\r\n", "T9 DELETE INBOX\r\n",
		"T9 IDLE\x00\r\n", "T9 IDLE\nT10 EXPUNGE\r\n", "IDLE\r\n", "\r\n",
	} {
		if _, err := s.box.guard.Write([]byte(line)); err == nil {
			t.Errorf("%q was sent", line)
		}
	}
	if err := s.box.client.Expunge().Close(); err == nil {
		t.Error("EXPUNGE was sent")
	}
	s.Close(context.Background(), report.ByFlags)
}

func TestIdleThatIsNotGranted(t *testing.T) {
	for _, refusal := range []string{"TAG NO not now\r\n", "TAG BAD what?\r\n", ""} {
		s, server := scriptedBox(t, "IDLE")
		done := make(chan struct{})
		go func() {
			defer close(done)
			defer server.Close()
			lines := bufio.NewScanner(server)
			for lines.Scan() {
				tag, verb, _ := strings.Cut(lines.Text(), " ")
				reply := tag + " OK done\r\n"
				if verb == "IDLE" && refusal != "" {
					reply = strings.ReplaceAll(refusal, "TAG", tag)
				}
				if strings.HasPrefix(verb, "UID FETCH") {
					reply = arrived + reply
				}
				_, _ = io.WriteString(server, reply)
			}
		}()
		if err := s.Watch(context.Background()); err != nil || s.box.idle != nil || !s.box.noIdle {
			t.Errorf("%q: %v", refusal, err)
		}
		if _, err := s.Await(context.Background(), carriesToken, tokenField); err != nil {
			t.Errorf("%q: %v", refusal, err)
		}
		s.Close(context.Background(), report.ByFlags)
		<-done
	}
}

// A server that ends an IDLE by itself is not sent DONE, which it would take
// for a command.
func TestIdleThatTheServerEnds(t *testing.T) {
	s, server := scriptedBox(t, "IDLE")
	sent := make(chan string, 20)
	go func() {
		defer close(sent)
		defer server.Close()
		lines := bufio.NewScanner(server)
		for lines.Scan() {
			sent <- lines.Text()
			tag, verb, _ := strings.Cut(lines.Text(), " ")
			reply := tag + " OK done\r\n"
			switch {
			case verb == "IDLE":
				reply = "+ idling\r\n* OK still here\r\n" + reply + "* 1 EXISTS\r\n"
			case strings.HasPrefix(verb, "UID FETCH"):
				reply = arrived + reply
			}
			_, _ = io.WriteString(server, reply)
		}
	}()
	if err := s.Watch(context.Background()); err != nil {
		t.Error(err)
	}
	if _, err := s.Await(context.Background(), carriesToken, tokenField); err != nil {
		t.Error(err)
	}
	s.Close(context.Background(), report.ByFlags)
	for line := range sent {
		if line == done {
			t.Error("DONE was sent")
		}
	}
}

func TestFolderNames(t *testing.T) {
	tests := map[string]bool{
		"INBOX": true, "Sent Items": true, `a"b\c`: true, "R&-D": true, "&U,BTFw-": true, "&2D3eAA-": true, "a&AOk-b&AOk-c": true,
		"": false, "tab\t": false, "8-bit \xe9": false, "迷惑": false, strings.Repeat("x", maxFolderName+1): false,
		"&": false, "&AOk": false, "&AOk=-": false, "&AO-": false, "&AGE-": false, "&AOk-&AOk-": false,
		"&2D0-": false, "&2D0AYQ-": false, "&AOk/-": false,
	}
	for name, want := range tests {
		if got := isFolderName([]byte(name)); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
}
