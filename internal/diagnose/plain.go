package diagnose

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"

	"mailcheck/internal/dns"
	"mailcheck/internal/lang"
	"mailcheck/report"
	"mailcheck/wire"
)

// plainly is an error as evidence for people: what Go calls the end of a
// connection ("EOF", "read tcp ...: i/o timeout") is said in words.
func plainly(tag lang.Tag, err error) string {
	text := err.Error()
	var connect *wire.ConnectError
	if errors.As(err, &connect) {
		said := tag.Say("cannot connect to %s port %d: %s", connect.Host, connect.Port, plainly(tag, connect.Err))
		return replaceLast(text, connect.Error(), said)
	}
	var name *dns.Error
	if errors.As(err, &name) && name.Kind == dns.Timeout && name.Err != nil && timedOut(name.Err) { // it says so itself
		return replaceLast(text, ": "+name.Err.Error(), "")
	}
	words := ending(tag, err)
	if words == "" {
		return text
	}
	var op *net.OpError
	if errors.As(err, &op) {
		if op.Op == "dial" && op.Addr != nil {
			words = op.Addr.String() + ": " + words
		}
		return replaceLast(text, op.Error(), words)
	}
	for _, raw := range []error{io.ErrUnexpectedEOF, io.EOF, net.ErrClosed, os.ErrDeadlineExceeded, context.DeadlineExceeded} {
		if errors.Is(err, raw) && strings.Contains(text, raw.Error()) {
			return replaceLast(text, raw.Error(), words)
		}
	}
	var late *wire.ContextError
	var call *os.SyscallError
	var errno syscall.Errno
	switch {
	case errors.As(err, &late) && errors.Is(late.Reason, report.ErrStepTimeout):
		return replaceLast(text, late.Error(), words)
	case errors.As(err, &call):
		return replaceLast(text, call.Error(), words)
	case errors.As(err, &errno):
		return replaceLast(text, errno.Error(), words)
	}
	return text
}

// ending says how a connection ended; empty for an error that is about something
// else, or whose own words say more.
func ending(tag lang.Tag, err error) string {
	cause, _ := networkCause(err)
	switch {
	case cause == report.ConnectTimeout:
		return tag.Say("no answer in time")
	case cause == report.ConnectRefused:
		return tag.Say("the connection was refused")
	case cause != report.ConnectClosedEarly:
		return ""
	case errors.Is(err, io.ErrUnexpectedEOF):
		return tag.Say("the server closed the connection in the middle of a reply")
	case errors.Is(err, io.EOF):
		return tag.Say("the server closed the connection without a reply")
	case errors.Is(err, net.ErrClosed):
		return tag.Say("the connection was closed already")
	}
	return tag.Say("the connection was broken off")
}

// replaceLast replaces the last occurrence of a part of a text.
func replaceLast(text, part, by string) string {
	i := strings.LastIndex(text, part)
	if i < 0 {
		return text
	}
	return text[:i] + by + text[i+len(part):]
}
