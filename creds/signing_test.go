package creds

import (
	"context"
	"encoding/hex"
	"errors"
	"testing"
)

// The key is made once, at random, and stays; it is no account's password.
func TestSigningKey(t *testing.T) {
	k := &fakeKeyring{secrets: map[string]string{"anna@example.com": "her password"}}
	first, err := SigningKey(t.Context(), k)
	if err != nil {
		t.Fatal(err)
	}
	if raw, err := hex.DecodeString(first.Reveal()); err != nil || len(raw) != 32 {
		t.Errorf("%d bytes, %v", len(raw), err)
	}
	if again, err := SigningKey(t.Context(), k); err != nil || again.Reveal() != first.Reveal() {
		t.Errorf("another key the second time, %v", err)
	}
	if len(k.secrets) != 2 || k.secrets["anna@example.com"] != "her password" {
		t.Errorf("the keyring holds %d items", len(k.secrets))
	}
	other, err := SigningKey(t.Context(), &fakeKeyring{secrets: map[string]string{}})
	if err != nil || other.Reveal() == first.Reveal() {
		t.Errorf("the same key in another keyring, %v", err)
	}
}

// Two runs may make it at the same time: both sign with the one that stayed.
func TestSigningKeyOfTwoRuns(t *testing.T) {
	k := &overtaken{fakeKeyring{secrets: map[string]string{}}}
	mine, err := SigningKey(t.Context(), k)
	if err != nil || mine.Reveal() != k.secrets[signingUser] {
		t.Errorf("not the key that stayed, %v", err)
	}
}

// overtaken is a keyring into which another program writes right after.
type overtaken struct{ fakeKeyring }

func (k *overtaken) Set(ctx context.Context, user string, s Secret) error {
	if err := k.fakeKeyring.Set(ctx, user, s); err != nil {
		return err
	}
	other, err := SigningKey(ctx, &fakeKeyring{secrets: map[string]string{}})
	k.secrets[user] = other.Reveal()
	return err
}

// What is not a key is neither used nor replaced, and a keyring that cannot be
// asked makes none.
func TestSigningKeyTroubles(t *testing.T) {
	for _, held := range []string{"a password", "abcd", "zz"} {
		k := &fakeKeyring{secrets: map[string]string{signingUser: held}}
		if key, err := SigningKey(t.Context(), k); !errors.Is(err, ErrSigningKey) || !key.IsZero() || k.secrets[signingUser] != held {
			t.Errorf("%q: %v", held, err)
		}
	}
	k := &fakeKeyring{secrets: map[string]string{}, errs: map[string]error{signingUser: &KeyringError{Reason: Locked}}}
	if key, err := SigningKey(t.Context(), k); !errors.Is(err, ErrKeyringLocked) || !key.IsZero() || len(k.secrets) != 0 {
		t.Errorf("locked: %v", err)
	}
}
