package wire

import (
	"net"
	"time"
)

// Handover is the part of a net.Conn that a library gets beside its reads and
// writes. A library's deadlines are not obeyed: libraries lift them after each
// command, and the bound context is the only clock.
type Handover struct{ *Conn }

// LocalAddr returns the local address of the connection.
func (h Handover) LocalAddr() net.Addr { return h.raw.LocalAddr() }

// RemoteAddr returns the server's address.
func (h Handover) RemoteAddr() net.Addr { return h.raw.RemoteAddr() }

// SetDeadline does nothing.
func (h Handover) SetDeadline(time.Time) error { return nil }

// SetReadDeadline does nothing.
func (h Handover) SetReadDeadline(time.Time) error { return nil }

// SetWriteDeadline does nothing.
func (h Handover) SetWriteDeadline(time.Time) error { return nil }
