package pop

import (
	"context"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mailcheck/report"
	"mailcheck/wire"
)

// FuzzMailbox puts foreign bytes behind the login. Whatever comes, the step
// ends; when it is ok, STAT was two numbers and UIDL, if it was answered, as
// many well-formed lines.
func FuzzMailbox(f *testing.F) {
	for _, s := range []string{"+OK 0 0\r\n+OK\r\n.\r\n", "+OK 1 5\r\n+OK\r\n1 a\r\n.\r\n", "-ERR\r\n-ERR\r\n", "\r\n\r\n", "+OK -1 2\r\n", "+OK 1 2\r\n-ERR no UIDL\r\n"} {
		f.Add([]byte(s))
	}
	files, _ := filepath.Glob("testdata/*.txt")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		_, after, _ := strings.Cut(string(text), "C: STAT\n")
		var server strings.Builder
		for line := range strings.Lines(after) {
			if said, ok := strings.CutPrefix(line, "S: "); ok {
				server.WriteString(strings.TrimSuffix(said, "\n") + "\r\n")
			}
		}
		f.Add([]byte(server.String()))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		client, server := net.Pipe()
		go func() { _, _ = io.Copy(io.Discard, server) }()
		go func() { _, _ = server.Write(data); server.Close() }()
		rec := new(report.Log).Check("pop3", nil)
		conn, err := wire.Connect(t.Context(), rec, wire.Target{Host: "h", Port: 110, Addresses: []netip.Addr{netip.IPv6Loopback()}},
			wire.Options{DialContext: func(context.Context, string, string) (net.Conn, error) { return client, nil }})
		if err != nil {
			t.Fatal(err)
		}
		s := &Session{rec: rec, conn: conn, ep: report.Endpoint{Security: report.None}, caps: map[string][]string{"PIPELINING": nil}}
		defer s.Close(t.Context(), "")
		if err := s.Mailbox(t.Context()); err != nil {
			return
		}
		if s.box.count < 0 || s.box.uids != nil && len(s.box.uids) != s.box.count {
			t.Fatalf("%d messages, %d unique ids", s.box.count, len(s.box.uids))
		}
		for _, uid := range s.box.uids {
			if uid == "" || strings.ContainsAny(uid, " \r\n\t") {
				t.Fatalf("unique id %q", uid)
			}
		}
	})
}
