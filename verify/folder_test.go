package verify_test

import (
	"bytes"
	"context"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"mailcheck/internal/lab"
	"mailcheck/report"
)

// renamed is a connection to a server that calls its junk folder otherwise, and
// shows it once.
type renamed struct {
	net.Conn
	to    string
	shown *atomic.Int32
}

func (c renamed) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	copy(p, bytes.ReplaceAll(p[:n], []byte("\"Junk\""), []byte("\""+c.to+"\"")))
	return n, err
}

func (c renamed) Write(p []byte) (int, error) {
	q := string(p)
	if strings.Contains(q, " "+c.to+"\r\n") || strings.Contains(q, "\""+c.to+"\"") {
		as := "Junk"
		if c.shown.Add(1) > 1 {
			as = "None"
		}
		q = strings.ReplaceAll(q, c.to, as)
	}
	_, err := c.Conn.Write([]byte(q))
	return len(p), err
}

// A server that calls a folder by the password has it masked in the command that it
// then refuses, too.
func TestFolderCalledLikeThePassword(t *testing.T) {
	const password = "Zx7q"
	servers, o := start(t, lab.Options{AllowCleartext: true, Password: password, Fault: "delivery-junk"})
	o.AllowCleartext, o.Transcript = true, true
	for _, p := range []report.Protocol{report.IMAP, report.SMTP} {
		o.Fixed = append(o.Fixed, servers.Endpoint(p, report.None))
	}
	o.Leave = []report.Protocol{report.POP3}
	var shown atomic.Int32
	o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		return renamed{conn, password, &shown}, err
	}
	rep := run(t, o)
	if s := rep.Check("delivery").Step("inspect"); s.Reply == nil || s.Reply.Command != "EXAMINE [secret]" {
		t.Errorf("inspect: %s, %+v", s.Result, s.Reply)
	}
	unsaid(t, rep, password)
}
