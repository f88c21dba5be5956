//go:build !windows

package creds

import (
	"context"
	"os/exec"
	"syscall"
)

// shell returns the command that has the shell run a command line.
func shell(ctx context.Context, command string) *exec.Cmd {
	return exec.CommandContext(ctx, "sh", "-c", command)
}

// alone has a command end with all that it has started. Such a group of its own
// cannot ask at the terminal.
func alone(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
