package creds

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

const (
	// lockLimit is how long another process may hold an item: it asks a server
	// (15 s at most) and then the keyring.
	lockLimit = 30 * time.Second
	// lockPause is the time between two looks whether it is free.
	lockPause = 20 * time.Millisecond
)

// locker is a keyring of which a process can have an item to itself.
type locker interface {
	// Lock keeps other processes of this user from changing an item until
	// unlock is called. It ends with ctx at the latest. There may be nothing to
	// lock with: then it keeps nobody away, and says nothing.
	Lock(ctx context.Context, user string) (unlock func())
}

// lock is Lock of the keyrings that have it.
func lock(ctx context.Context, k Keyring, user string) (unlock func()) {
	if l, ok := k.(locker); ok {
		return l.Lock(ctx, user)
	}
	return func() {}
}

// Lock keeps other processes of this user from an item, by the lock of an empty
// file in the user's cache directory. It waits for its turn, but not for longer
// than a process that works needs it. Where there is no such file, or it is not
// had in time, there is no lock.
func (k SystemKeyring) Lock(ctx context.Context, user string) (unlock func()) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return func() {}
	}
	return lockFile(ctx, filepath.Join(dir, "mailcheck"), user)
}

// lockFile is Lock with a file in a directory. Its name does not show whose
// item it is.
func lockFile(ctx context.Context, dir, user string) (unlock func()) {
	nothing := func() {}
	if os.MkdirAll(dir, 0o700) != nil {
		return nothing
	}
	sum := sha256.Sum256([]byte(user))
	file := flock.New(filepath.Join(dir, hex.EncodeToString(sum[:8])+".lock"), flock.SetPermissions(0o600))
	limited, cancel := context.WithTimeout(ctx, lockLimit)
	defer cancel()
	if had, err := file.TryLockContext(limited, lockPause); err != nil || !had {
		return nothing
	}
	// The file stays: whoever removed it would take it from the next in turn.
	return func() { _ = file.Unlock() } // the end of the process would do it as well
}
