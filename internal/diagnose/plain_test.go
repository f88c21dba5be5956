package diagnose

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"mailcheck/internal/dns"
	"mailcheck/internal/lang"
	"mailcheck/report"
	"mailcheck/wire"
)

// How a connection ended is evidence in words for people, whatever Go calls it.
func TestEndOfConnectionInPlainWords(t *testing.T) {
	at := &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 993}
	lost := func(op string, err error) error { return &net.OpError{Op: op, Net: "tcp", Addr: at, Err: err} }
	system := func(call string, errno syscall.Errno) error { return &os.SyscallError{Syscall: call, Err: errno} }
	for name, tt := range map[string]struct {
		err    error
		en, ja string
	}{
		"closed":            {io.EOF, "the server closed the connection without a reply", "サーバーが応答せずに接続を閉じました"},
		"closed in between": {io.ErrUnexpectedEOF, "the server closed the connection in the middle of a reply", "サーバーが応答の途中で接続を閉じました"},
		"closed in TLS":     {&wire.TLSError{Err: io.EOF}, "TLS: the server closed the connection without a reply", "TLS: サーバーが応答せずに接続を閉じました"},
		"reset":             {lost("read", system("read", syscall.ECONNRESET)), "the connection was broken off", "接続が切断されました"},
		"broken pipe":       {fmt.Errorf("sending: %w", lost("write", system("write", syscall.EPIPE))), "sending: the connection was broken off", "sending: 接続が切断されました"},
		"our own end":       {lost("read", net.ErrClosed), "the connection was closed already", "接続はすでに閉じられていました"},
		"a deadline":        {lost("read", os.ErrDeadlineExceeded), "no answer in time", "時間内に応答がありませんでした"},
		"a context":         {context.DeadlineExceeded, "no answer in time", "時間内に応答がありませんでした"},
		"a step":            {&wire.ContextError{Err: context.DeadlineExceeded, Reason: report.ErrStepTimeout}, "no answer in time", "時間内に応答がありませんでした"},
		"refused": {&wire.ConnectError{Host: "imap.example.com", Port: 993, Err: lost("dial", system("connect", syscall.ECONNREFUSED))},
			"cannot connect to imap.example.com port 993: 192.0.2.1:993: the connection was refused", "imap.example.com のポート 993 に接続できません: 192.0.2.1:993: 接続が断られました"},
		"silent": {&wire.ConnectError{Host: "imap.example.com", Port: 993, Err: lost("dial", os.ErrDeadlineExceeded)},
			"cannot connect to imap.example.com port 993: 192.0.2.1:993: no answer in time", "imap.example.com のポート 993 に接続できません: 192.0.2.1:993: 時間内に応答がありませんでした"},
		"the DNS": {&dns.Error{Name: "imap.example.com", Type: "A", Kind: dns.Timeout, Server: "192.0.2.53:53", Err: lost("read", os.ErrDeadlineExceeded)},
			"A of imap.example.com: no answer in time from 192.0.2.53:53", "A of imap.example.com: no answer in time from 192.0.2.53:53"},
		"an alert":         {&wire.TLSError{Err: &net.OpError{Op: "remote error", Err: errors.New("tls: handshake failure")}}, "TLS: remote error: tls: handshake failure", "TLS: remote error: tls: handshake failure"},
		"words of its own": {errors.New("EOF is no word of the protocol"), "EOF is no word of the protocol", "EOF is no word of the protocol"},
	} {
		for tag, want := range map[lang.Tag]string{lang.English: tt.en, lang.Japanese: tt.ja} {
			for _, detail := range []string{"", tt.err.Error()} {
				step := &report.Step{ID: "imap.greeting", Step: "greeting", Result: report.Fail, Err: tt.err, Detail: detail}
				Step(&report.Check{ID: "imap", Protocol: report.IMAP}, step, tag)
				if step.Detail != want {
					t.Errorf("%s (%s): %q, want %q", name, tag, step.Detail, want)
				}
			}
		}
	}
	step := &report.Step{ID: "imap.greeting", Step: "greeting", Result: report.Fail, Err: io.EOF, Detail: "of its own"}
	if Step(&report.Check{}, step, lang.English); !strings.HasPrefix(step.Detail, "of its own") {
		t.Errorf("a detail that the step has is gone: %q", step.Detail)
	}
}
