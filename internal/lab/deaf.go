package lab

import (
	"bytes"
	"context"
	"encoding/base64"
	"net"
	"strings"
	"time"
)

// Deaf is a connection to a server that says what it says, whatever it is
// asked. It opens no port: fuzzing makes thousands of them.
type Deaf struct {
	net.Conn // for the methods that are not used
	said     *bytes.Reader
	heard    bytes.Buffer
}

// NewDeaf returns a connection on which the server says this, and hangs up.
func NewDeaf(says []byte) *Deaf { return &Deaf{said: bytes.NewReader(says)} }

// Dial returns the connection itself, as net.Dialer.DialContext does.
func (d *Deaf) Dial(context.Context, string, string) (net.Conn, error) { return d, nil }

// Read implements net.Conn.
func (d *Deaf) Read(p []byte) (int, error) { return d.said.Read(p) }

// Write implements net.Conn.
func (d *Deaf) Write(p []byte) (int, error) { return d.heard.Write(p) }

// Close implements net.Conn.
func (d *Deaf) Close() error { return nil }

// RemoteAddr implements net.Conn.
func (d *Deaf) RemoteAddr() net.Addr { return &net.TCPAddr{} }

// SetDeadline implements net.Conn; nothing waits here.
func (d *Deaf) SetDeadline(time.Time) error { return nil }

// Heard counts how often the client sent a secret, as it is or in a word of
// base64.
func (d *Deaf) Heard(secret string) int {
	sent := d.heard.String()
	count := strings.Count(sent, secret)
	for word := range strings.FieldsSeq(sent) {
		if text, err := base64.StdEncoding.DecodeString(word); err == nil {
			count += strings.Count(string(text), secret)
		}
	}
	return count
}

// ServerLines are the lines that the server says in a script ("S: ..."), with
// their CRLF.
func ServerLines(script string) []byte {
	var said []byte
	for line := range strings.Lines(script) {
		if text, ok := strings.CutPrefix(line, "S: "); ok {
			said = append(said, strings.TrimSuffix(text, "\n")+"\r\n"...)
		}
	}
	return said
}
