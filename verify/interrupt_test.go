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

// A server that never answers IDLE, or the look that the wait ends in, holds the run
// up no longer than the message is awaited, and a little; nobody has interrupted it.
func TestNoAnswerWhileTheMessageIsAwaited(t *testing.T) {
	for name, lost := range map[string]string{"IDLE": " IDLE\r\n", "a look": "(\"X-Mailcheck-Token\")])\r\n"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			servers, o := start(t, lab.Options{AllowCleartext: true})
			o.AllowCleartext, o.Wait = true, time.Second
			for _, p := range []report.Protocol{report.IMAP, report.SMTP} {
				o.Fixed = append(o.Fixed, servers.Endpoint(p, report.None))
			}
			o.Leave = []report.Protocol{report.POP3}
			o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
				conn, err := new(net.Dialer).DialContext(ctx, network, address)
				return without{conn, lost}, err
			}
			rep := run(t, o)
			if s := rep.Check("delivery").Step("arrive"); s.Result != report.Fail || s.Cause != report.DeliveryNotArrived || rep.ExitCode == report.ExitInterrupted {
				t.Errorf("arrive: %s %s, %v, exit status %d", s.Result, s.Cause, s.Err, rep.ExitCode)
			}
			if rep.DurationMS > 5000 {
				t.Errorf("took %d ms", rep.DurationMS)
			}
		})
	}
}
