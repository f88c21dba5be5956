package creds

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/zalando/go-keyring"
)

func TestKeyringError(t *testing.T) {
	failed := errors.New("exit status")
	for _, tt := range []struct {
		name   string
		got    error
		is     error
		reason KeyringReason
	}{
		{"not found", keyringError(keyring.ErrNotFound), ErrMissing, ""},
		{"missing already", keyringError(ErrMissing), ErrMissing, ""},
		{"too big", keyringError(keyring.ErrSetDataTooBig), ErrKeyringUnavailable, TooBig},
		{"other system", keyringError(keyring.ErrUnsupportedPlatform), ErrKeyringUnavailable, Unsupported},
		{"deadline", keyringError(context.DeadlineExceeded), ErrKeyringUnavailable, NoAnswer},
		{"known", keyringError(&KeyringError{Reason: Unanswered}), ErrKeyringLocked, Unanswered},
		{"panic", keyringError(errors.New("panic: nil")), ErrKeyringUnavailable, Failed},
		{"keychain: no item", keychainError(44, failed), ErrMissing, ""},
		{"keychain: no dialogue possible", keychainError(36, failed), ErrKeyringLocked, Locked},
		{"keychain: wrong password", keychainError(51, failed), ErrKeyringLocked, Locked},
		{"keychain: cancelled", keychainError(128, failed), ErrKeyringLocked, Dismissed},
		{"keychain: none", keychainError(37, failed), ErrKeyringUnavailable, NoCollection},
		{"keychain: other", keychainError(1, failed), ErrKeyringUnavailable, Failed},
	} {
		var ke *KeyringError
		if !errors.Is(tt.got, tt.is) || errors.As(tt.got, &ke) != (tt.reason != "") || ke != nil && ke.Reason != tt.reason {
			t.Errorf("%s: %#v", tt.name, tt.got)
		}
	}
}

// Every reason says what is wrong, what to do and the other ways, and is one
// of the two kinds.
func TestKeyringReasons(t *testing.T) {
	for _, reason := range []KeyringReason{Locked, Dismissed, Unanswered, NoBus, DeadBus, NoService, NoCollection,
		NoAnswer, TwoItems, TooBig, Unsupported, Failed, ""} {
		cause := errors.New("what the bus said")
		err := &KeyringError{Reason: reason, Err: cause}
		if errors.Is(err, ErrKeyringLocked) == errors.Is(err, ErrKeyringUnavailable) || !errors.Is(err, cause) {
			t.Errorf("%s: wrong kind: %v", reason, err)
		}
		if !strings.HasPrefix(err.Error(), "the keyring ") || !strings.HasSuffix(err.Error(), ": what the bus said") {
			t.Errorf("%s: %q", reason, err)
		}
		advice := strings.Join(err.Advice(), "\n")
		for _, way := range []string{"--password-stdin", "--password-file", "--password-command", EnvPassword} {
			if !strings.Contains(advice, way) {
				t.Errorf("%s: the advice does not name %s: %q", reason, way, advice)
			}
		}
		if len(err.Advice()) != 2 || err.Advice()[0] == "" {
			t.Errorf("%s: no cure in %q", reason, advice)
		}
	}
}
