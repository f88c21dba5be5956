package verify_test

import (
	"bytes"
	"context"
	"net"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"mailcheck/internal/lab"
	"mailcheck/report"
)

// without is a connection that loses a line, or closes in place of sending it.
type without struct {
	net.Conn
	line  string
	close bool
}

func (c without) Write(p []byte) (int, error) {
	if bytes.HasSuffix(p, []byte(c.line)) {
		if c.close {
			_ = c.Conn.Close()
		}
		return len(p), nil
	}
	return c.Conn.Write(p)
}

// A server that never answers IDLE, or a look, holds the run up no longer than the
// message is awaited, and a little. That is told as the silence that it is, and
// neither as an interrupt nor as a message that did not arrive: it may still. So it
// is when the connection is closed.
func TestNoAnswerWhileTheMessageIsAwaited(t *testing.T) {
	const look = "(\"X-Mailcheck-Token\")])\r\n"
	for name, tc := range map[string]struct {
		way   report.Protocol
		lost  string // the line that the server does not see; "": from the second connection on, every one
		close bool   // in place of that the connection is closed
		cause report.Cause
	}{
		"IDLE":           {way: report.IMAP, lost: " IDLE\r\n", cause: report.ConnectTimeout},
		"IDLE, closed":   {way: report.IMAP, lost: " IDLE\r\n", close: true, cause: report.ConnectClosedEarly},
		"a look":         {way: report.IMAP, lost: look, cause: report.ConnectTimeout},
		"a look, closed": {way: report.IMAP, lost: look, close: true, cause: report.ConnectClosedEarly},
		"POP3":           {way: report.POP3, cause: report.ConnectTimeout},
		"POP3, closed":   {way: report.POP3, close: true, cause: report.ConnectClosedEarly},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			servers, o := start(t, lab.Options{AllowCleartext: true})
			o.AllowCleartext, o.Wait = true, time.Second
			for _, p := range []report.Protocol{tc.way, report.SMTP} {
				o.Fixed = append(o.Fixed, servers.Endpoint(p, report.None))
			}
			o.Leave = []report.Protocol{report.POP3}
			if tc.way == report.POP3 {
				// The first look is made after a second, and its steps have their own limit.
				o.Leave, o.Wait, o.StepTimeout = []report.Protocol{report.IMAP}, time.Minute, 2*time.Second
			}
			port := strconv.Itoa(o.Fixed[0].Port)
			var made atomic.Int32
			o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
				conn, err := new(net.Dialer).DialContext(ctx, network, address)
				if err != nil || !strings.HasSuffix(address, ":"+port) || made.Add(1) == 1 && tc.lost == "" {
					return conn, err
				}
				return without{conn, tc.lost, tc.close}, nil
			}
			rep := run(t, o)
			s := rep.Check("delivery").Step("arrive")
			if s.Result != report.Fail || s.Cause != tc.cause || rep.ExitCode != report.ExitDelivery || rep.Verdict.Cause != tc.cause {
				t.Errorf("arrive: %s %s, %v, exit status %d, verdict %s", s.Result, s.Cause, s.Err, rep.ExitCode, rep.Verdict.Cause)
			}
			if !strings.Contains(s.Detail, "may still arrive") || !strings.Contains(s.Detail, "mailcheck test ") {
				t.Errorf("detail %q", s.Detail)
			}
			if !strings.Contains(rep.Verdict.Headline, "WHETHER MAIL ARRIVES WAS NOT SEEN") {
				t.Errorf("headline %q", rep.Verdict.Headline)
			}
			if rep.DurationMS > 10_000 {
				t.Errorf("took %d ms", rep.DurationMS)
			}
		})
	}
}
