package verify

import (
	"errors"
	"net"
	"os"
	"syscall"
	"testing"

	"mailcheck/report"
)

// A session that breaks while the message is awaited says why; that its step
// ran out of time is not taken for a message that did not arrive.
func TestBrokenWhileAwaited(t *testing.T) {
	reset := &net.OpError{Op: "read", Err: os.NewSyscallError("read", syscall.ECONNRESET)}
	var errno syscall.Errno
	if !errors.As(noTimeout{reset}, &errno) || errno != syscall.ECONNRESET || !errors.Is(noTimeout{reset}, syscall.ECONNRESET) {
		t.Error("a reset is not told")
	}
	if errors.Is(noTimeout{report.ErrStepTimeout}, report.ErrStepTimeout) {
		t.Error("a time limit is told")
	}
}
