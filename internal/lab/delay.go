package lab

import (
	"net"
	"sync"
	"time"
)

// parcelSize is how much of the stream travels as one; parcels may be smaller.
const parcelSize = 16 << 10

// inFlight bounds the parcels under way in one direction: 4 MiB.
const inFlight = 256

// delayLine makes a connection longer: each byte takes the delay to pass, as
// on a line whose round-trip time is twice that. It works below TLS and does
// not slow a stream down, only keeps it back. A connection that the kernel of
// this machine has accepted at once is also charged the round trip that the
// TCP handshake would have cost.
type delayLine struct {
	delay   time.Duration
	stop    <-chan struct{} // when closed, nothing is carried any more
	workers *sync.WaitGroup
}

// extend returns the server's end of the line whose other end is client.
func (l *delayLine) extend(client net.Conn) net.Conn {
	server, far := net.Pipe()
	// The client's side of the handshake is over after one round trip, the
	// server's when the client's last packet has come, half a trip later.
	accepted := time.Now().Add(3 * l.delay)
	l.carry(far, client, accepted)
	l.carry(client, far, accepted.Add(l.delay))
	return server
}

type parcel struct {
	data []byte // nil is the end of the stream
	due  time.Time
}

// carry takes what src sends to dst, later by the delay and nothing before
// the time earliest. It closes both when either ends.
func (l *delayLine) carry(dst, src net.Conn, earliest time.Time) {
	queue := make(chan parcel, inFlight)
	gone := make(chan struct{}) // closed when dst takes no more
	send := func(data []byte) bool {
		due := time.Now().Add(l.delay)
		if due.Before(earliest) {
			due = earliest
		}
		select {
		case queue <- parcel{data, due}:
			return true
		case <-gone:
			return false
		}
	}
	l.workers.Go(func() {
		defer close(queue)
		for {
			data := make([]byte, parcelSize)
			n, err := src.Read(data)
			if n > 0 && !send(data[:n]) {
				return
			}
			if err != nil {
				send(nil) // the end takes its time, too
				return
			}
		}
	})
	l.workers.Go(func() {
		defer func() {
			close(gone)
			dst.Close()
			src.Close()
		}()
		for p := range queue {
			if !wait(time.Until(p.due), l.stop) || p.data == nil {
				return
			}
			if _, err := dst.Write(p.data); err != nil {
				return
			}
		}
	})
}

// wait waits for d to pass and tells whether it did before stop was closed.
func wait(d time.Duration, stop <-chan struct{}) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-stop:
		return false
	}
}
