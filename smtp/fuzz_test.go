package smtp

import (
	"context"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mailcheck/report"
	"mailcheck/wire"
)

// FuzzReply reads replies from foreign bytes. Whatever comes, reading ends, a
// reply has a code and a bounded number of lines, and success is told from
// refusal by the first digit alone.
func FuzzReply(f *testing.F) {
	for _, s := range []string{"250 ok\r\n", "250-a\r\n250 b\r\n", "250\r\n", "535-5.7.8 no\n535 5.7.8 no\n", "334 \r\n", "25\r\n", "250-a\r\n251 b\r\n", "* OK\r\n"} {
		f.Add([]byte(s))
	}
	files, _ := filepath.Glob("testdata/*.txt")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		var server strings.Builder
		for line := range strings.Lines(string(text)) {
			if said, ok := strings.CutPrefix(line, "S: "); ok {
				server.WriteString(strings.TrimSuffix(said, "\n") + "\r\n")
			}
		}
		f.Add([]byte(server.String()))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		client, server := net.Pipe()
		go func() { _, _ = server.Write(data); server.Close() }()
		rec := new(report.Log).Check("smtp", nil)
		conn, err := wire.Connect(t.Context(), rec, wire.Target{Host: "h", Port: 25, Addresses: []netip.Addr{netip.IPv6Loopback()}},
			wire.Options{DialContext: func(context.Context, string, string) (net.Conn, error) { return client, nil }})
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Finish(rec)
		s := &Session{rec: rec, conn: conn}
		for range len(data) + 1 {
			r, err := s.read("X")
			if err != nil {
				if r != nil {
					t.Fatalf("a reply and an error: %v", err)
				}
				if conn.Err() != nil {
					return
				}
				continue
			}
			if r.code < 200 || r.code > 599 || len(r.lines) == 0 || len(r.lines) > maxReplyLines {
				t.Fatalf("reply %+v", r)
			}
			if refused := r.want(r.code) != nil; refused {
				t.Fatalf("%d is not %d", r.code, r.code)
			}
			if err := r.want(999); (r.code >= 400) != isRefusal(err) {
				t.Fatalf("%d: %v", r.code, err)
			}
		}
		t.Fatal("reading does not end")
	})
}

func isRefusal(err error) bool {
	_, ok := err.(*report.ReplyError)
	return ok
}
