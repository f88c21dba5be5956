package dns

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	miekg "github.com/miekg/dns"
)

// says makes the answer to one question; the network is "udp" or "tcp". False
// means silence.
type says func(answer *miekg.Msg, network string) bool

// records answers with these records, in the form of a master file.
func records(lines ...string) says {
	return func(m *miekg.Msg, _ string) bool {
		for _, line := range lines {
			rr, err := miekg.NewRR(line)
			if err != nil {
				panic(err)
			}
			m.Answer = append(m.Answer, rr)
		}
		return true
	}
}

// code answers with a response code.
func code(rcode int) says {
	return func(m *miekg.Msg, _ string) bool {
		m.Rcode = rcode
		return true
	}
}

func silent(*miekg.Msg, string) bool { return false }

// serve answers questions ("example.com MX") over UDP and TCP, all others
// with NXDOMAIN, and returns its address.
func serve(t *testing.T, zone map[string]says) string {
	t.Helper()
	handler := miekg.HandlerFunc(func(w miekg.ResponseWriter, q *miekg.Msg) {
		m := new(miekg.Msg).SetReply(q)
		m.RecursionAvailable = true
		question := q.Question[0]
		say := zone[strings.TrimSuffix(question.Name, ".")+" "+miekg.TypeToString[question.Qtype]]
		if say == nil {
			say = code(miekg.RcodeNameError)
		}
		if say(m, w.LocalAddr().Network()) {
			_ = w.WriteMsg(m)
		}
	})
	// The two ports must be the same; another process may hold the TCP one.
	for range 20 {
		packets, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		listener, err := net.Listen("tcp", packets.LocalAddr().String())
		if err != nil {
			_ = packets.Close()
			continue
		}
		run(t, &miekg.Server{PacketConn: packets, Handler: handler})
		run(t, &miekg.Server{Listener: listener, Handler: handler})
		return packets.LocalAddr().String()
	}
	t.Fatal("no port is free for both UDP and TCP")
	return ""
}

func run(t *testing.T, s *miekg.Server) {
	started := make(chan struct{})
	ended := make(chan struct{})
	s.NotifyStartedFunc = func() { close(started) }
	go func() {
		defer close(ended)
		_ = s.ActivateAndServe()
	}()
	<-started
	t.Cleanup(func() {
		_ = s.Shutdown()
		<-ended
	})
}

// bytesServer answers every UDP packet with what reply makes of it.
func bytesServer(t *testing.T, reply func(query []byte) []byte) string {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		buf := make([]byte, 4096)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			_, _ = conn.WriteTo(reply(buf[:n]), from)
		}
	}()
	t.Cleanup(func() {
		_ = conn.Close()
		<-ended
	})
	return conn.LocalAddr().String()
}

// deadServer returns the address of a port that nothing listens on.
func deadServer(t *testing.T) string {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return conn.LocalAddr().String()
}

// deadKind is how asking a deadServer fails. Windows does not tell of closed
// UDP ports (Go turns SIO_UDP_CONNRESET off).
func deadKind() Kind {
	if runtime.GOOS == "windows" {
		return Timeout
	}
	return Other
}

// shortLimit is for servers that keep silent; where an answer is to come, a
// busy machine gets the real limit.
const shortLimit = 100 * time.Millisecond

// client asks these servers.
func client(servers ...string) *Client {
	c := New(Options{Server: servers[0]})
	c.servers = servers
	return c
}

// systemClient looks addresses up by net.Resolver, which asks server, and the
// DNS itself at the servers given after it.
func systemClient(t *testing.T, server string, servers ...string) *Client {
	t.Helper()
	c := New(Options{ResolvConf: filepath.Join(t.TempDir(), "none")})
	c.servers = servers
	c.system = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, server)
	}}
	return c
}

func writeFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "resolv.conf")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
