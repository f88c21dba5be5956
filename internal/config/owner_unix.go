//go:build unix

package config

import (
	"io/fs"
	"os"
	"syscall"
)

// ownership says why a file is not to be trusted: whoever may write to it may
// have this user run a program (password-command).
func ownership(info fs.FileInfo) string {
	owner := -1
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		owner = int(stat.Uid)
	}
	return ownershipFlaw(info.Mode(), owner, os.Geteuid())
}

// ownershipFlaw is ownership for a mode, the owner (-1: not known) and the user.
func ownershipFlaw(mode fs.FileMode, owner, user int) string {
	switch {
	case owner > 0 && owner != user:
		return "it belongs to another user, who could have mailcheck run a program: use a file of your own"
	case mode&0o022 != 0:
		return "others may write to it, and could have mailcheck run a program: chmod go-w"
	}
	return ""
}
