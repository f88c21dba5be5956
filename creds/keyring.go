package creds

import (
	"context"
	"errors"
	"os/exec"
	"time"

	"github.com/zalando/go-keyring"
)

// Keyring keeps secrets under user names. Get and Delete return ErrMissing
// when there is no such item; a keyring that cannot be asked is a
// *KeyringError.
type Keyring interface {
	Get(ctx context.Context, user string) (Secret, error)
	Set(ctx context.Context, user string, secret Secret) error
	Delete(ctx context.Context, user string) error
}

// service is the name under which the keyring files mailcheck's items.
const service = "mailcheck"

const (
	// answerLimit is how long a keyring may take when nobody sits there: it
	// answers in milliseconds, and starting its daemon takes about a second.
	answerLimit = 5 * time.Second
	// dialogueLimit is how long a person may take to unlock it.
	dialogueLimit = 60 * time.Second
)

// SystemKeyring is the keyring of the operating system: the Secret Service,
// the macOS Keychain, the Windows Credential Manager. The zero value asks it
// without a dialogue.
//
// Every call ends within its limit. go-keyring knows no context, so a call
// that hangs leaves its goroutine behind; its connection to the session bus
// stays open for the life of the process anyway. No D-Bus daemon is ever
// started; the bus may start an installed Secret Service, as it does for
// every program.
type SystemKeyring struct {
	// Interactive says that a person sits there: a locked keyring shows its
	// dialogue, which is waited for. Without it the answer is at once that
	// the keyring is locked.
	Interactive bool

	quiet bool          // the bus starts no service; see QuietKeyring
	limit time.Duration // of tests; zero means answerLimit or dialogueLimit
}

var _ Keyring = SystemKeyring{}

// Get returns the secret of a user.
func (k SystemKeyring) Get(ctx context.Context, user string) (Secret, error) {
	s, err := k.ask(ctx, user, itemWanted, func() (string, error) { return keyring.Get(service, user) })
	return NewSecret(s), err
}

// Set stores the secret of a user in place of an older one.
func (k SystemKeyring) Set(ctx context.Context, user string, secret Secret) error {
	_, err := k.ask(ctx, user, itemNotNeeded, func() (string, error) {
		return "", keyring.Set(service, user, secret.Reveal())
	})
	return err
}

// Delete removes the secret of a user.
func (k SystemKeyring) Delete(ctx context.Context, user string) error {
	_, err := k.ask(ctx, user, itemWanted, func() (string, error) {
		return "", keyring.Delete(service, user)
	})
	return err
}

// need says whether an operation is pointless when there is no item yet.
type need int

const (
	itemWanted need = iota
	itemNotNeeded
)

// ask does one operation of go-keyring once it is known that it can neither
// hang on a dialogue nor take the wrong one of several items.
func (k SystemKeyring) ask(ctx context.Context, user string, n need, do func() (string, error)) (string, error) {
	limit := k.limit
	switch {
	case limit > 0:
	case k.Interactive:
		limit = dialogueLimit
	default:
		limit = answerLimit
	}
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()

	err := k.prepare(limited, user, n)
	var s string
	if err == nil {
		s, err = await(limited, do)
	}
	switch {
	case err == nil:
		return s, nil
	case ctx.Err() != nil:
		return "", context.Cause(ctx)
	}
	return "", keyringError(err)
}

// keyringError tells apart what went wrong in a keyring.
func keyringError(err error) error {
	var known *KeyringError
	var exit *exec.ExitError
	switch {
	case errors.As(err, &known), errors.Is(err, ErrMissing):
		return err
	case errors.Is(err, keyring.ErrNotFound):
		return ErrMissing
	case errors.Is(err, keyring.ErrSetDataTooBig):
		return &KeyringError{Reason: TooBig}
	case errors.Is(err, keyring.ErrUnsupportedPlatform):
		return &KeyringError{Reason: Unsupported}
	case errors.Is(err, context.DeadlineExceeded):
		return &KeyringError{Reason: NoAnswer}
	case errors.As(err, &exit):
		return keychainError(exit.ExitCode(), err)
	}
	return &KeyringError{Reason: Failed, Err: err}
}

// keychainError reads the exit status of macOS's security(1): the low byte of
// the OSStatus that ended it.
func keychainError(status int, err error) error {
	switch status {
	case 44: // errSecItemNotFound -25300
		return ErrMissing
	case 36, // errSecInteractionNotAllowed -25308: locked, and no dialogue can be shown
		51: // errSecAuthFailed -25293
		return &KeyringError{Reason: Locked, Err: err}
	case 128: // errSecUserCanceled -128
		return &KeyringError{Reason: Dismissed, Err: err}
	case 37, 50: // errSecNoDefaultKeychain -25307, errSecNoSuchKeychain -25294
		return &KeyringError{Reason: NoCollection, Err: err}
	}
	return &KeyringError{Reason: Failed, Err: err}
}
