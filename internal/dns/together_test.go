package dns

import (
	"errors"
	"net"
	"net/netip"
	"slices"
	"sync"
	"testing"

	miekg "github.com/miekg/dns"
)

// seen is a query as a server has met it.
type seen struct {
	from  string
	id    uint16
	qtype uint16
}

// packetServer answers queries over UDP with the messages that play returns; n
// counts the queries from 0. Met returns those that came.
func packetServer(t *testing.T, play func(n int, q *miekg.Msg) []*miekg.Msg) (server string, met func() []seen) {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var all []seen
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		buf := make([]byte, udpSize)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			q := new(miekg.Msg)
			if err := q.Unpack(buf[:n]); err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			all = append(all, seen{from.String(), q.Id, q.Question[0].Qtype})
			count := len(all)
			mu.Unlock()
			for _, m := range play(count-1, q) {
				packed, err := m.Pack()
				if err != nil {
					t.Error(err)
					return
				}
				_, _ = conn.WriteTo(packed, from)
			}
		}
	}()
	t.Cleanup(func() {
		_ = conn.Close()
		<-ended
	})
	return conn.LocalAddr().String(), func() []seen {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(all)
	}
}

// addressed answers a query with the address of its family.
func addressed(q *miekg.Msg, four, six string) *miekg.Msg {
	m := new(miekg.Msg).SetReply(q)
	record := map[uint16]string{miekg.TypeA: " 60 IN A " + four, miekg.TypeAAAA: " 60 IN AAAA " + six}[q.Question[0].Qtype]
	records(q.Question[0].Name+record)(m, "udp")
	return m
}

// The families of one lookup are asked for together, over one port that nothing
// else is asked from, and what comes for one is no answer for the other.
func TestFamiliesTogether(t *testing.T) {
	const four, six = "192.0.2.1", "2001:db8::1"
	var held *miekg.Msg
	forged := func(q *miekg.Msg) *miekg.Msg {
		m := addressed(q, "192.0.2.66", "2001:db8::66")
		m.Id++
		return m
	}
	for name, tc := range map[string]struct {
		play  func(n int, q *miekg.Msg) []*miekg.Msg
		asked []uint16
		lost  bool
	}{
		"answered": {play: func(_ int, q *miekg.Msg) []*miekg.Msg { return []*miekg.Msg{addressed(q, four, six)} },
			asked: []uint16{miekg.TypeA, miekg.TypeAAAA}},
		"the later first": {play: func(n int, q *miekg.Msg) []*miekg.Msg {
			if n == 0 {
				held = addressed(q, four, six)
				return nil
			}
			return []*miekg.Msg{addressed(q, four, six), held}
		}, asked: []uint16{miekg.TypeA, miekg.TypeAAAA}},
		"twice": {play: func(_ int, q *miekg.Msg) []*miekg.Msg {
			return []*miekg.Msg{addressed(q, four, six), addressed(q, "192.0.2.66", "2001:db8::66")}
		}, asked: []uint16{miekg.TypeA, miekg.TypeAAAA}},
		"forged": {play: func(n int, q *miekg.Msg) []*miekg.Msg {
			if n == 0 {
				held = q
				return nil
			}
			if forged(held).Id == q.Id { // one in 65536
				return []*miekg.Msg{addressed(held, four, six), addressed(q, four, six)}
			}
			return []*miekg.Msg{forged(held), addressed(q, four, six), addressed(held, four, six)}
		}, asked: []uint16{miekg.TypeA, miekg.TypeAAAA}},
		"one is lost": {play: func(n int, q *miekg.Msg) []*miekg.Msg {
			if n == 1 {
				return nil
			}
			return []*miekg.Msg{addressed(q, four, six)}
		}, asked: []uint16{miekg.TypeA, miekg.TypeAAAA, miekg.TypeAAAA}, lost: true},
	} {
		t.Run(name, func(t *testing.T) {
			server, met := packetServer(t, tc.play)
			c := client(server)
			if tc.lost {
				c.limit = shortLimit
			}
			hosts, err := c.Host(t.Context(), "imap.example.com")
			if err != nil {
				t.Fatal(err)
			}
			if want := []netip.Addr{netip.MustParseAddr(four), netip.MustParseAddr(six)}; !slices.Equal(hosts.Addrs, want) {
				t.Errorf("addresses %v", hosts.Addrs)
			}
			var asked []uint16
			for _, q := range met() {
				asked = append(asked, q.qtype)
			}
			if !slices.Equal(asked, tc.asked) {
				t.Fatalf("asked for %v", asked)
			}
			q := met()
			if q[0].from != q[1].from || q[0].id == q[1].id {
				t.Errorf("not together: %+v", q)
			}
		})
	}
}

func TestEachLookupHasItsPort(t *testing.T) {
	server, met := packetServer(t, func(_ int, q *miekg.Msg) []*miekg.Msg { return []*miekg.Msg{addressed(q, "192.0.2.1", "2001:db8::1")} })
	c := client(server)
	for range 3 {
		if _, err := c.Host(t.Context(), "imap.example.com"); err != nil {
			t.Fatal(err)
		}
	}
	if q := met(); len(q) != 6 || q[0].from == q[2].from && q[2].from == q[4].from { // two may meet by chance
		t.Errorf("all lookups from one port: %+v", q)
	}
}

// Several hosts are asked for over one port, and each gets its own outcome. Who
// knows its address is not asked for.
func TestHostsTogether(t *testing.T) {
	server, met := packetServer(t, func(_ int, q *miekg.Msg) []*miekg.Msg {
		switch q.Question[0].Name {
		case "imap.example.com.":
			return []*miekg.Msg{addressed(q, "192.0.2.1", "2001:db8::1")}
		case "smtp.example.com.":
			return []*miekg.Msg{addressed(q, "192.0.2.2", "2001:db8::2")}
		}
		return []*miekg.Msg{new(miekg.Msg).SetRcode(q, miekg.RcodeNameError)}
	})
	c := New(Options{Server: server, Override: map[string][]netip.Addr{"known.example.com": {netip.MustParseAddr("192.0.2.9")}}})
	names := []string{"imap.example.com", "192.0.2.3", "none.example.com", "known.example.com", "smtp.example.com", "not a host"}
	found := c.HostsOf(t.Context(), names...)
	for i, want := range []string{"192.0.2.1", "192.0.2.3", "", "192.0.2.9", "192.0.2.2", ""} {
		l := found[i]
		switch {
		case want == "" && !IsAbsent(l.Err):
			t.Errorf("%s: %+v, %v", names[i], l.Hosts, l.Err)
		case want != "" && (l.Err != nil || l.Hosts.Addrs[0] != netip.MustParseAddr(want)):
			t.Errorf("%s: %+v, %v", names[i], l.Hosts, l.Err)
		}
	}
	asked := met()
	if len(asked) != 6 {
		t.Fatalf("%d questions", len(asked))
	}
	ids := map[uint16]bool{}
	for _, q := range asked {
		ids[q.id] = true
		if q.from != asked[0].from {
			t.Errorf("a port of its own: %+v", asked)
		}
	}
	if len(ids) != len(asked) {
		t.Errorf("an id twice: %+v", asked)
	}
	for _, i := range []int{0, 2, 4} {
		if found[i].Took <= 0 {
			t.Errorf("%s took %v", names[i], found[i].Took)
		}
	}
}

// A firewall that lets one answer pass for a port does not keep hosts hidden: what
// stays open is asked again, from a port for each question.
func TestOneAnswerAPort(t *testing.T) {
	server, met := packetServer(t, func(n int, q *miekg.Msg) []*miekg.Msg {
		if 0 < n && n < 6 {
			return nil
		}
		return []*miekg.Msg{addressed(q, "192.0.2.1", "2001:db8::1")}
	})
	c := client(server)
	c.limit = shortLimit
	for i, l := range c.HostsOf(t.Context(), "imap.example.com", "pop.example.com", "smtp.example.com") {
		if l.Err != nil || len(l.Hosts.Addrs) != 2 {
			t.Errorf("host %d: %+v, %v", i, l.Hosts, l.Err)
		}
	}
	ports := map[string]int{}
	for _, q := range met() {
		ports[q.from]++
	}
	if len(ports) < 4 { // of six, and two may meet by chance
		t.Errorf("questions by port: %v", ports)
	}
}

// What was asked for again took until the last time-out.
func TestTookAllRounds(t *testing.T) {
	server, _ := packetServer(t, func(int, *miekg.Msg) []*miekg.Msg { return nil })
	c := client(server)
	c.limit = shortLimit
	for i, l := range c.HostsOf(t.Context(), "imap.example.com", "smtp.example.com") {
		if l.Err == nil || l.Took < rounds*shortLimit {
			t.Errorf("host %d took %v: %v", i, l.Took, l.Err)
		}
	}
}

// What comes for one host and is no message is not put down to the others.
func TestGarbageForOne(t *testing.T) {
	server := bytesServer(t, func(query []byte) []byte {
		q := new(miekg.Msg)
		if err := q.Unpack(query); err != nil || q.Question[0].Name == "imap.example.com." {
			return []byte("no")
		}
		packed, err := addressed(q, "192.0.2.1", "2001:db8::1").Pack()
		if err != nil {
			t.Error(err)
		}
		return packed
	})
	found := client(server).HostsOf(t.Context(), "imap.example.com", "pop.example.com", "smtp.example.com")
	if !errors.Is(found[0].Err, errNotDNS) || found[0].Took >= attemptTimeout {
		t.Errorf("after %v: %+v, %v", found[0].Took, found[0].Hosts, found[0].Err)
	}
	for i, l := range found[1:] {
		if l.Err != nil || len(l.Hosts.Addrs) != 2 {
			t.Errorf("host %d: %+v, %v", i+1, l.Hosts, l.Err)
		}
	}
}
