package wire

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"slices"
	"strings"
	"time"
)

// Outdated is the kind of session that a server agrees to when everything is
// allowed that has been given up. No such session is ever used.
type Outdated struct {
	Version uint16 // tls.VersionTLS10
	Cipher  uint16 // tls.TLS_RSA_WITH_AES_128_CBC_SHA
}

func (o *Outdated) String() string {
	return tls.VersionName(o.Version) + " with " + tls.CipherSuiteName(o.Cipher)
}

// OldVersion tells a server whose newest version is older than TLS 1.2.
func (o *Outdated) OldVersion() bool { return o.Version < tls.VersionTLS12 }

// StaticRSA tells a key exchange without forward secrecy (RFC 9325 section
// 4.1), which some old servers have alone.
func (o *Outdated) StaticRSA() bool {
	return strings.HasPrefix(tls.CipherSuiteName(o.Cipher), "TLS_RSA_")
}

// askOutdated asks a server that broke the handshake off what it would have
// agreed to, and notes it in the error. A server that showed a certificate, or
// spoke no TLS, has told the reason itself.
func (c *Conn) askOutdated(ctx context.Context, host string, failed error) {
	var e *TLSError
	if !errors.As(failed, &e) || len(e.Chain) > 0 || e.FirstBytes != "" || errors.Is(failed, ErrInjected) || ctx.Err() != nil {
		return
	}
	e.Outdated = c.outdated(ctx, host)
}

// outdated does a handshake on a connection of its own, to the address of this
// one, behind the same clear-text dialogue. Nothing is said inside, and the
// connection is closed at once. Nil means that the server agrees to nothing,
// or to what is not outdated.
func (c *Conn) outdated(ctx context.Context, host string) *Outdated {
	ctx, cancel := context.WithTimeout(ctx, outdatedTime)
	defer cancel()
	raw, err := c.survey.connect(ctx, c.survey.winner.addr)
	if err != nil {
		return nil
	}
	defer raw.Close()
	defer context.AfterFunc(ctx, func() { _ = raw.SetDeadline(time.Unix(1, 0)) })()
	if c.clear.repeat(raw) != nil {
		return nil
	}
	var agreed *Outdated
	config := &tls.Config{
		ServerName:         host,
		MinVersion:         tls.VersionTLS10,
		InsecureSkipVerify: true, // the agreement counts, not the certificate
		VerifyConnection: func(state tls.ConnectionState) error {
			agreed = &Outdated{Version: state.Version, Cipher: state.CipherSuite}
			return nil
		},
	}
	for _, suite := range slices.Concat(tls.CipherSuites(), tls.InsecureCipherSuites()) {
		config.CipherSuites = append(config.CipherSuites, suite.ID)
	}
	_ = tls.Client(raw, config).Handshake() // what was agreed on before it failed counts too
	insecure := func(suite *tls.CipherSuite) bool { return suite.ID == agreed.Cipher }
	if agreed == nil || !agreed.OldVersion() && !slices.ContainsFunc(tls.InsecureCipherSuites(), insecure) {
		return nil
	}
	return agreed
}

// exchange is the clear-text dialogue that leads to STARTTLS, so that a second
// connection can be led there. A nil one records nothing.
type exchange struct {
	turns []turn
	read  int // lines since the last turn
}

// turn is one flight of the client, and how many lines it waited for before.
type turn struct {
	read int
	sent string
}

func (x *exchange) received() {
	if x != nil {
		x.read++
	}
}

func (x *exchange) sent(text string) {
	if x != nil {
		x.turns = append(x.turns, turn{x.read, text})
		x.read = 0
	}
}

// repeat has the same dialogue on another connection, as far as the number of
// lines goes; what they say is of no interest.
func (x *exchange) repeat(conn net.Conn) error {
	if x == nil {
		return nil
	}
	in := bufio.NewReaderSize(conn, MaxLine)
	for _, t := range append(slices.Clone(x.turns), turn{read: x.read}) {
		for range t.read {
			if _, err := in.ReadSlice('\n'); err != nil {
				return err
			}
		}
		if _, err := conn.Write([]byte(t.sent)); err != nil {
			return err
		}
	}
	if in.Buffered() > 0 {
		return ErrInjected
	}
	return nil
}
