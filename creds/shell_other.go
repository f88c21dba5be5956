//go:build !windows

package creds

import (
	"context"
	"os/exec"
)

// shell returns the command that has the shell run a command line.
func shell(ctx context.Context, command string) *exec.Cmd {
	return exec.CommandContext(ctx, "sh", "-c", command)
}
