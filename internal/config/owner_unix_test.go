//go:build unix

package config

import (
	"io/fs"
	"testing"
)

func TestOwnership(t *testing.T) {
	for _, tt := range []struct {
		mode        fs.FileMode
		owner, user int
		trusted     bool
	}{
		{0o644, 1000, 1000, true},
		{0o444, 0, 1000, true}, // the administrator's
		{0o600, -1, 1000, true},
		{0o664, 1000, 1000, false},
		{0o646, 1000, 1000, false},
		{0o600, 1001, 1000, false},
		{0o600, 1000, 0, false},
	} {
		if got := ownershipFlaw(tt.mode, tt.owner, tt.user); (got == "") != tt.trusted {
			t.Errorf("%+v: %q", tt, got)
		}
	}
}
