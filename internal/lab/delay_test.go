package lab

import (
	"io"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"mailcheck/report"
)

// line makes a delay line between two ends in memory.
func line(delay time.Duration) (client, server net.Conn, end func()) {
	client, near := net.Pipe()
	stop := make(chan struct{})
	var workers sync.WaitGroup
	server = (&delayLine{delay: delay, stop: stop, workers: &workers}).extend(near)
	return client, server, func() {
		close(stop)
		client.Close()
		server.Close()
		workers.Wait()
	}
}

func TestDelayLine(t *testing.T) {
	const delay = 100 * time.Millisecond
	read := func(c net.Conn, n int) string {
		b := make([]byte, n)
		if _, err := io.ReadFull(c, b); err != nil {
			t.Error(err)
		}
		return string(b)
	}
	t.Run("server speaks first", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			client, server, end := line(delay)
			defer end()
			begin := time.Now()
			go io.WriteString(server, "220 ready\r\n")
			// One round trip for TCP, one for the greeting.
			if got := read(client, 11); got != "220 ready\r\n" || time.Since(begin) != 4*delay {
				t.Errorf("%q after %v", got, time.Since(begin))
			}
			begin = time.Now()
			io.WriteString(client, "QUIT\r\n")
			if got := read(server, 6); got != "QUIT\r\n" || time.Since(begin) != delay {
				t.Errorf("%q after %v", got, time.Since(begin))
			}
			// Two replies are under way at the same time.
			for _, reply := range []string{"221 ", "bye"} {
				io.WriteString(server, reply)
			}
			server.Close()
			rest, err := io.ReadAll(client)
			if string(rest) != "221 bye" || err != nil || time.Since(begin) != 2*delay {
				t.Errorf("%q, %v after %v", rest, err, time.Since(begin))
			}
		})
	})
	t.Run("client speaks first", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			client, server, end := line(delay)
			defer end()
			begin := time.Now()
			go io.WriteString(client, "hello")
			// As if connect had returned after one round trip.
			if got := read(server, 5); got != "hello" || time.Since(begin) != 3*delay {
				t.Errorf("%q after %v", got, time.Since(begin))
			}
			client.Close()
			if _, err := server.Read(make([]byte, 1)); err != io.EOF || time.Since(begin) != 4*delay {
				t.Errorf("%v after %v", err, time.Since(begin))
			}
		})
	})
	t.Run("stopped", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			client, server, end := line(time.Hour)
			begin := time.Now()
			io.WriteString(client, "hello")
			io.WriteString(server, "hello")
			end()
			if waited := time.Since(begin); waited != 0 {
				t.Errorf("it ended after %v", waited)
			}
		})
	})
}

// A greeting over implicit TLS 1.3 costs three round trips: TCP, TLS, and the
// greeting. In this lab that must be so from outside, too.
func TestDelayCountsRoundTrips(t *testing.T) {
	const delay = 20 * time.Millisecond
	l := startLab(t, Options{Delay: delay})
	for _, protocol := range report.Protocols {
		begin := time.Now()
		c := connect(t, l, protocol, report.TLS)
		c.line()
		// Go's server sends the greeting behind its Finished only after the
		// client's.
		if took := time.Since(begin); took < 6*delay || took > patience/10 {
			t.Errorf("%s: the greeting came after %v, a round trip takes %v", protocol, took, 2*delay)
		}
	}
}
