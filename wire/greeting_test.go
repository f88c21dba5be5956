package wire_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"mailcheck/internal/lab"
	"mailcheck/report"
	"mailcheck/wire"
)

// momentary is a connection whose greeting comes in the moment in which its
// deadline ends the wait for it.
type momentary struct {
	net.Conn
	greeting string
	meets    func() // what else happens in that moment
	once     sync.Once
	ended    chan struct{}
}

func (m *momentary) SetDeadline(t time.Time) error {
	if !t.IsZero() && t.Before(time.Now()) {
		m.once.Do(func() { m.meets(); close(m.ended) })
	}
	return m.Conn.SetDeadline(t)
}

func (m *momentary) Read(p []byte) (int, error) {
	if m.greeting == "" {
		return m.Conn.Read(p)
	}
	<-m.ended
	n := copy(p, m.greeting)
	m.greeting = m.greeting[n:]
	return n, nil
}

// A server that greets in the moment in which a TLS handshake beside it is answered
// has greeted, and the session goes on; not so when its context has ended too.
func TestGreetingMeetsTLS(t *testing.T) {
	ca, err := lab.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := ca.Certificate(lab.LeafGood, host)
	if err != nil {
		t.Fatal(err)
	}
	for name, ends := range map[string]bool{"the session goes on": false, "the run has ended": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				var servers []net.Conn
				dial := func(context.Context, string, string) (net.Conn, error) {
					client, server := net.Pipe()
					servers = append(servers, server)
					if len(servers) > 1 { // the one on which TLS is tried
						go handshakes(&tls.Config{Certificates: []tls.Certificate{certificate}})(server)
						return client, nil
					}
					meets := func() {}
					if ends {
						meets = cancel
					}
					return &momentary{Conn: client, greeting: "* OK hello\r\n", meets: meets, ended: make(chan struct{})}, nil
				}
				rec := new(report.Log).Check("imap", nil)
				target := wire.Target{Host: host, Port: 143, Addresses: []netip.Addr{netip.MustParseAddr("192.0.2.1")}}
				conn, err := wire.Connect(ctx, rec, target, wire.Options{DialContext: dial})
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Finish(rec)
				defer func() {
					for _, s := range servers {
						s.Close()
					}
				}()
				begin := time.Now()
				if line, err := conn.Greeting(t.Context()); line != "* OK hello" || err != nil || len(servers) != 2 {
					t.Fatalf("%q, %v after %v, %d connections", line, err, time.Since(begin), len(servers))
				}
				go func() { _, _ = io.WriteString(servers[0], "* OK more\r\n") }()
				line, err := conn.ReadLine()
				if !ends && (line != "* OK more" || err != nil) {
					t.Errorf("then %q, %v", line, err)
				}
				if ends && !errors.Is(err, context.Canceled) {
					t.Errorf("then %q, %v", line, err)
				}
			})
		})
	}
}
