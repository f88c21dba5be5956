package wire

import (
	"crypto/x509"
	"errors"
	"fmt"

	"mailcheck/report"
)

// ErrInjected is in the error of [Conn.Secure] when bytes arrived in clear text
// behind the reply to STARTTLS and before the handshake: somebody may have put
// them there to be taken for replies of the encrypted session (CVE-2020-14954).
var ErrInjected = errors.New("clear-text data followed the reply to STARTTLS")

// ConnectError is a host of which no address took a connection. Addresses
// holds the outcome of each.
type ConnectError struct {
	Host      string
	Port      int
	Addresses []report.Address
	Err       error // of the first address; for a name without addresses, the resolver's
}

func (e *ConnectError) Error() string {
	return fmt.Sprintf("cannot connect to %s port %d: %v", e.Host, e.Port, e.Err)
}

func (e *ConnectError) Unwrap() error { return e.Err }

// TLSError is a handshake that failed, or a certificate that was refused.
type TLSError struct {
	ServerName string
	// Chain is what the server sent, its own certificate first; empty when
	// the handshake did not get that far.
	Chain []*x509.Certificate
	// FirstBytes are the first five bytes of the text that the server sent in
	// place of a TLS record; empty when it spoke TLS, or sent no text.
	FirstBytes string
	// Outdated is what the server agreed to in a second handshake, after it
	// had broken the first one off; nil when it agreed to nothing outdated, or
	// was not asked.
	Outdated *Outdated
	Err      error
}

func (e *TLSError) Error() string {
	if e.Outdated != nil {
		return fmt.Sprintf("TLS: %v; tried once more, the server agrees to %v", e.Err, e.Outdated)
	}
	return "TLS: " + e.Err.Error()
}

func (e *TLSError) Unwrap() error { return e.Err }

// LimitError is a server that broke a bound of this package.
type LimitError struct {
	What  string // "line", "literal", "session"
	Limit int    // in bytes
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("the server sent a %s longer than %d bytes", e.What, e.Limit)
}

// UnfinishedError is a server that had begun a line, and not ended it, when the
// time was over. What it sent is not kept: it may be half of a secret.
type UnfinishedError struct {
	Received int // bytes behind the last line end
	Err      error
}

func (e *UnfinishedError) Error() string {
	return fmt.Sprintf("%v, but the beginning of a line (bytes: %d)", e.Err, e.Received)
}

func (e *UnfinishedError) Unwrap() error { return e.Err }
