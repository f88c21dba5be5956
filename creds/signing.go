package creds

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"runtime"
)

// signingUser is the user name under which the keyring holds the signing key.
// Every address has an "@", so that it is nobody's.
const signingUser = "signing-key"

// signingBytes is the length of the signing key: 256 bits, as HMAC-SHA-256
// wants it (RFC 2104 section 3).
const signingBytes = 32

// ErrSigningKey is an item under the name of the signing key that is none.
var ErrSigningKey = errors.New("what the keyring holds as the signing key is none")

// SigningKey returns the key with which this user's test messages are signed,
// from the keyring, and makes it there at the first call. It is for every
// account of the user.
func SigningKey(ctx context.Context, k Keyring) (Secret, error) {
	key, err := storedKey(ctx, k)
	if !errors.Is(err, ErrMissing) {
		return key, err
	}
	random := make([]byte, signingBytes)
	rand.Read(random) // it never fails
	if err := k.Set(ctx, signingUser, NewSecret(hex.EncodeToString(random))); err != nil {
		return Secret{}, err
	}
	// Another run may have made one at the same time: what stayed counts.
	return storedKey(ctx, k)
}

func storedKey(ctx context.Context, k Keyring) (Secret, error) {
	key, err := k.Get(ctx, signingUser)
	if err != nil {
		return Secret{}, err
	}
	if raw, err := hex.DecodeString(key.Reveal()); err != nil || len(raw) != signingBytes {
		return Secret{}, fmt.Errorf("%w: not %d hexadecimal digits", ErrSigningKey, 2*signingBytes)
	}
	return key, nil
}

// QuietKeyring is the keyring of the operating system for what nobody has
// asked for: it shows no dialogue, and starts nothing that is not running. It
// is nil on macOS, where a locked keychain shows its dialogue to whoever asks.
func QuietKeyring() Keyring {
	if runtime.GOOS == "darwin" {
		return nil
	}
	return SystemKeyring{quiet: true}
}
