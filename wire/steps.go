package wire

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"mailcheck/internal/crash"
	"mailcheck/report"
)

const (
	// SoonDays is how many days before its end a certificate draws a warning;
	// ACME clients renew at 30.
	SoonDays = 21
	// silence is how long a server may keep its greeting back before a TLS
	// handshake is tried beside it. Postfix's postscreen holds it for 6 s and
	// takes offence at clients that talk before, so it must be longer.
	silence = 8 * time.Second
)

// Target is a server to connect to.
type Target struct {
	Host      string
	Port      int
	Addresses []netip.Addr // of Host, as the resolver gave them
}

// Connect is the step "connect": it tries every address of the target and
// returns a connection to the first that answers. The connection ends with
// ctx. It fails with a *[ConnectError].
func Connect(ctx context.Context, rec *report.Recorder, t Target, opt Options) (*Conn, error) {
	var conn *Conn
	err := rec.Run(ctx, "connect", func(stepCtx context.Context, s *report.Step) error {
		var err error
		conn, err = dial(stepCtx, ctx, t.Host, t.Port, t.Addresses, opt)
		if err == nil {
			rec.Check().Peer = conn.survey.winner.addr.String()
			s.Detail = "connected to " + conn.raw.RemoteAddr().String()
			return nil
		}
		var ce *ConnectError
		if errors.As(err, &ce) {
			rec.Check().Addresses = ce.Addresses
		}
		return err
	})
	return conn, err
}

// Finish closes the connection and completes its check: what became of the
// other addresses, and the transcript. It waits for addresses that are still
// being tried, until 5 s after the connection was made.
func (c *Conn) Finish(rec *report.Recorder) {
	_ = c.Close() // the session is over; how the close went changes nothing
	check := rec.Check()
	check.Addresses = c.survey.addresses()
	check.Transcript = c.opt.Transcript.Lines()
	dead := 0
	for _, a := range check.Addresses {
		if a.Result == report.Fail {
			dead++
		}
	}
	if step := check.Step("connect"); dead > 0 && step != nil {
		rec.Amend(step, func(s *report.Step) {
			s.Result, s.Cause = report.Warn, report.ConnectAddressDead
			s.Detail = fmt.Sprintf("%s; %d of %d addresses do not answer", s.Detail, dead, len(check.Addresses))
		})
	}
}

// Secure is the step "tls": the handshake for the host's name, with the facts
// of the session on the check. It fails with a *[TLSError]; with
// [Trust].AcceptInvalid a bad certificate only warns.
func (c *Conn) Secure(ctx context.Context, rec *report.Recorder, host string) error {
	return rec.Run(ctx, "tls", func(ctx context.Context, s *report.Step) error {
		defer c.Bind(ctx)()
		facts, soft, err := c.handshake(host)
		rec.Check().TLS = facts
		if err != nil {
			if facts == nil && !c.opt.OneConnection {
				c.askOutdated(ctx, host, err)
			}
			return err
		}
		c.clear = nil
		s.Detail = facts.Version
		cert := facts.Certificate
		switch {
		case soft != nil:
			s.Result, s.Err = report.Warn, soft
			s.Detail += ", the certificate is not valid: " + soft.Error()
		case cert.DaysLeft < SoonDays:
			s.Result, s.Cause = report.Warn, report.TLSExpiresSoon
			s.Detail += fmt.Sprintf(", the certificate ends in %d days", cert.DaysLeft)
		}
		return nil
	})
}

// Greeting reads the server's first line. When a server that should speak
// first in clear text stays silent, a TLS handshake is tried on a second
// connection, without a secret: if it answers that, the error is a
// tls.plaintext_port at once instead of a time-out.
func (c *Conn) Greeting(ctx context.Context) (string, error) {
	defer c.Bind(ctx)()
	if c.tls != nil || c.opt.OneConnection {
		return c.ReadLine()
	}
	probe, cancel := context.WithCancel(ctx)
	var tlsPort bool
	tried := make(chan struct{})
	timer := time.AfterFunc(cmp.Or(c.opt.Silence, silence), crash.Guard(ctx, func() {
		defer close(tried)
		if tlsPort = c.answersTLS(probe); tlsPort {
			c.expire() // nobody is going to speak first here
		}
	}))
	line, err := c.ReadLine()
	cancel()
	if !timer.Stop() {
		<-tried
	}
	if err == nil && tlsPort { // it did speak, in the same moment
		c.revive()
	}
	if err != nil && tlsPort {
		return "", &report.Fault{Cause: report.TLSPlaintextPort, Text: "the server waits for TLS on this port and says nothing in clear text"}
	}
	return line, err
}

// answersTLS tells whether the server answers a TLS handshake on a connection
// of its own. No certificate is judged, nothing is sent inside.
func (c *Conn) answersTLS(ctx context.Context) bool {
	raw, err := c.survey.connect(ctx, c.survey.winner.addr)
	if err != nil {
		return false
	}
	probe := newConn(ctx, raw, Options{TLS: Trust{AcceptInvalid: true}})
	defer probe.raw.Close()
	defer probe.stop()
	_, _, err = probe.handshake(c.survey.host)
	return err == nil
}
