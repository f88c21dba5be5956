package verify_test

import (
	"bytes"
	"context"
	"net"
	"testing"
	"time"

	"mailcheck/internal/lab"
	"mailcheck/report"
)

// without is a connection that loses a line.
type without struct {
	net.Conn
	line string
}

func (c without) Write(p []byte) (int, error) {
	if bytes.HasSuffix(p, []byte(c.line)) {
		return len(p), nil
	}
	return c.Conn.Write(p)
}

// A server that never answers IDLE holds the run up no longer than the message is
// awaited.
func TestIDLEWithoutAnAnswer(t *testing.T) {
	servers, o := start(t, lab.Options{AllowCleartext: true})
	o.AllowCleartext, o.Wait = true, time.Second
	for _, p := range []report.Protocol{report.IMAP, report.SMTP} {
		o.Fixed = append(o.Fixed, servers.Endpoint(p, report.None))
	}
	o.Leave = []report.Protocol{report.POP3}
	o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		return without{conn, " IDLE\r\n"}, err
	}
	rep := run(t, o)
	if s := rep.Check("delivery").Step("arrive"); s.Result != report.Fail {
		t.Errorf("arrive: %s", s.Result)
	}
	if rep.DurationMS > 5000 {
		t.Errorf("took %d ms", rep.DurationMS)
	}
}
