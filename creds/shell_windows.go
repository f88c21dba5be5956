package creds

import (
	"context"
	"os/exec"
	"syscall"
)

// shell returns the command that has the shell run a command line. The line
// is passed whole: os/exec would quote it for a program that reads its
// arguments the way C does, which cmd does not. With /s cmd takes off the
// outer quotes and leaves all others alone.
func shell(ctx context.Context, command string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "cmd")
	cmd.SysProcAttr = &syscall.SysProcAttr{CmdLine: `cmd /s /c "` + command + `"`}
	return cmd
}

// alone leaves a command as it is: a group of processes cannot be ended here.
func alone(*exec.Cmd) {}
