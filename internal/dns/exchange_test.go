package dns

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	miekg "github.com/miekg/dns"

	"mailcheck/report"
)

// counted counts how often a question was asked.
func counted(n *atomic.Int32, s says) says {
	return func(m *miekg.Msg, network string) bool {
		n.Add(1)
		return s(m, network)
	}
}

var oneMX = records("example.com. 60 IN MX 1 mx.example.com.")

func TestFailover(t *testing.T) {
	good := serve(t, map[string]says{"example.com MX": oneMX})
	for name, first := range map[string]string{
		"refuses":       serve(t, map[string]says{"example.com MX": code(miekg.RcodeRefused)}),
		"fails":         serve(t, map[string]says{"example.com MX": code(miekg.RcodeServerFailure)}),
		"silent":        serve(t, map[string]says{"example.com MX": silent}),
		"not there":     deadServer(t),
		"talks garbage": bytesServer(t, func([]byte) []byte { return []byte("220 mail.example.com ESMTP") }),
		"no TCP": bytesServer(t, func(query []byte) []byte {
			query[2] |= 0x82 // QR, TC
			return query
		}),
	} {
		t.Run(name, func(t *testing.T) {
			c := client(first, good)
			c.limit = shortLimit
			got, err := c.MX(t.Context(), "example.com")
			if err != nil {
				t.Fatal(err)
			}
			if got.Server != good {
				t.Errorf("answered by %s", got.Server)
			}
		})
	}
}

// TestNoFailover has a first server whose no is an answer.
func TestNoFailover(t *testing.T) {
	other := serve(t, map[string]says{"example.com MX": oneMX})
	first := serve(t, nil)
	if _, err := client(first, other).MX(t.Context(), "example.com"); kind(t, err) != NXDomain {
		t.Error(err)
	}
}

func TestAllServersFail(t *testing.T) {
	var asked atomic.Int32
	quiet := serve(t, map[string]says{"example.com MX": counted(&asked, silent)})
	fails := serve(t, map[string]says{"example.com MX": code(miekg.RcodeServerFailure)})

	c := client(quiet, deadServer(t))
	c.limit = shortLimit
	if _, err := c.MX(t.Context(), "example.com"); kind(t, err) != Timeout {
		t.Error(err)
	}
	if asked.Load() != rounds {
		t.Errorf("the silent server was asked %d times", asked.Load())
	}
	c.servers = []string{fails, quiet}
	if _, err := c.MX(t.Context(), "example.com"); kind(t, err) != Servfail {
		t.Error(err)
	}
	if asked.Load() != rounds+1 {
		t.Errorf("the silent server was asked again although another had answered")
	}
}

func TestNobodyListens(t *testing.T) {
	_, err := client(deadServer(t)).MX(t.Context(), "example.com")
	var network net.Error
	if kind(t, err) != deadKind() || !errors.As(err, &network) {
		t.Error(err)
	}
}

func TestGarbage(t *testing.T) {
	for name, tc := range map[string]struct {
		reply func(query []byte) []byte
		want  Kind
	}{
		"too short":      {func([]byte) []byte { return []byte("no") }, Other},
		"no records":     {func(q []byte) []byte { return append(q[:2:2], "\x81\x80\x00\x01\x00\x09\x00\x00\x00\x00trash"...) }, Other},
		"no reply":       {func(q []byte) []byte { return q }, Other},
		"other question": {func(q []byte) []byte { q[2] |= 0x80; q[13] = 'x'; return q }, Other},
		"forged id":      {func(q []byte) []byte { q[0]++; q[2] |= 0x80; return q }, Timeout},
	} {
		t.Run(name, func(t *testing.T) {
			c := client(bytesServer(t, tc.reply))
			if tc.want == Timeout {
				c.limit = shortLimit
			}
			_, err := c.MX(t.Context(), "example.com")
			if got := kind(t, err); got != tc.want || got == Other && !errors.Is(err, errNotDNS) {
				t.Errorf("%s: %v", got, err)
			}
		})
	}
}

// TestTruncated has a server whose answer needs TCP, and one without TCP.
func TestTruncated(t *testing.T) {
	server := serve(t, map[string]says{"example.com MX": cutOverUDP(oneMX)})
	if _, err := client(server).MX(t.Context(), "example.com"); err != nil {
		t.Error(err)
	}
	silentTCP := func(m *miekg.Msg, network string) bool {
		m.Truncated = true
		return network == "udp"
	}
	c := client(serve(t, map[string]says{"example.com MX": silentTCP}))
	c.limit = shortLimit
	if _, err := c.MX(t.Context(), "example.com"); kind(t, err) != Timeout {
		t.Error(err)
	}
}

// TestWithoutEDNS has a server that does not know EDNS.
func TestWithoutEDNS(t *testing.T) {
	refuse := func(q []byte) []byte {
		if q[11] > 0 { // ARCOUNT
			return append(q[:2:2], "\x81\x81\x00\x00\x00\x00\x00\x00\x00\x00"...)
		}
		q[2], q[3] = 0x81, 0x80
		return q
	}
	if _, err := client(bytesServer(t, refuse)).MX(t.Context(), "example.com"); kind(t, err) != NoRecords {
		t.Error(err)
	}
}

func TestQuery(t *testing.T) {
	var query atomic.Pointer[miekg.Msg]
	server := bytesServer(t, func(q []byte) []byte {
		m := new(miekg.Msg)
		if m.Unpack(q) == nil {
			query.Store(m)
		}
		q[2], q[3] = 0x81, 0x80
		return q
	})
	_, _ = client(server).MX(t.Context(), "example.com")
	q := query.Load()
	if opt := q.IsEdns0(); opt == nil || opt.UDPSize() != udpSize || opt.Do() {
		t.Errorf("EDNS is %v", opt)
	}
	if !q.RecursionDesired || !q.AuthenticatedData || q.CheckingDisabled {
		t.Errorf("the flags are wrong: %v", q.MsgHdr)
	}
	if q.Question[0].Name != "example.com." {
		t.Errorf("asked for %s", q.Question[0].Name)
	}
}

// TestContext ends the context while the servers are silent.
func TestContext(t *testing.T) {
	server := serve(t, map[string]says{"example.com MX": silent, "example.com A": silent, "example.com AAAA": silent})
	c := client(server, server, server)
	c.limit = time.Hour

	ctx, cancel := context.WithTimeoutCause(t.Context(), 20*time.Millisecond, report.ErrStepTimeout)
	defer cancel()
	_, err := c.MX(ctx, "example.com")
	if kind(t, err) != Timeout || !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, report.ErrStepTimeout) {
		t.Error(err)
	}

	ctx, stop := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, stop)
	_, err = c.Host(ctx, "example.com")
	if kind(t, err) != Other || !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestWhoseADCounts(t *testing.T) {
	for _, tc := range []struct {
		server  string
		trustAD bool
		want    bool
	}{
		{"127.0.0.53", false, true},
		{"::1", false, true},
		{"192.0.2.1", false, false},
		{"192.0.2.1", true, true},
	} {
		c := &Client{trustAD: tc.trustAD}
		if got := c.believes(netip.MustParseAddr(tc.server)); got != tc.want {
			t.Errorf("%s, trust-ad %v: %v", tc.server, tc.trustAD, got)
		}
	}
}
