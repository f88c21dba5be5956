package creds

import (
	"context"
	"errors"
	"maps"
	"strings"
	"testing"
)

// smallKeyring takes secrets up to a length, as the Windows Credential Manager
// does, and after some writes none at all.
type smallKeyring struct {
	*fakeKeyring
	writes int // that are left
}

var errDead = errors.New("the power went off")

func (k *smallKeyring) Set(ctx context.Context, user string, s Secret) error {
	if len(s.Reveal()) > 2560 {
		return &KeyringError{Reason: TooBig}
	}
	if k.writes == 0 {
		return errDead
	}
	k.writes--
	return k.fakeKeyring.Set(ctx, user, s)
}

// A sign-in of any length comes back as it was, and leaves nothing when it gets
// shorter, or goes.
func TestLongSignIn(t *testing.T) {
	a := account(t, "anna@example.com")
	k := &smallKeyring{&fakeKeyring{secrets: map[string]string{"bert@example.com": "x"}}, -1}
	for _, tt := range []struct{ length, items int }{
		{10, 1}, {2560, 1}, {2561, 2}, {2 * partSize, 2}, {2*partSize + 1, 3}, {maxSecret, maxParts}, {5000, 3}, {100, 1}, {7000, 3},
	} {
		text := strings.Repeat("0123456789", tt.length/10+1)[:tt.length]
		if err := StoreSignIn(t.Context(), k, a, NewSecret(text)); err != nil {
			t.Fatalf("%d: %v", tt.length, err)
		}
		if err := CheckSignIn(t.Context(), k, a); err != nil {
			t.Errorf("%d: %v", tt.length, err)
		}
		set, err := Find(t.Context(), a, Options{Keyring: k, SignIns: &fakeSource{}, SignInOnly: true, Env: envOf("")})
		if err != nil || set.Main.Secret.Reveal() != "token of "+text {
			t.Errorf("%d: another came back, %v", tt.length, err)
		}
		if len(k.secrets)-1 != tt.items {
			t.Errorf("%d: %d items", tt.length, len(k.secrets)-1)
		}
	}
	if err := DeleteSignIn(t.Context(), k, a); err != nil || len(k.secrets) != 1 {
		t.Errorf("removed: %v, %d items", err, len(k.secrets))
	}
	if err := DeleteSignIn(t.Context(), k, a); !errors.Is(err, ErrMissing) {
		t.Errorf("removed again: %v", err)
	}
	if err := StoreSignIn(t.Context(), k, a, NewSecret(strings.Repeat("x", maxParts*partSize+1))); !errors.Is(err, ErrKeyringUnavailable) || len(k.secrets) != 1 {
		t.Errorf("longer than any: %v, %d items", err, len(k.secrets))
	}
}

// A write that breaks off, or a part that is lost or of another sign-in, is
// never taken for a good one.
func TestBrokenSignIn(t *testing.T) {
	a := account(t, "anna@example.com")
	user := signInUser(a)
	long := func(letter string) Secret { return NewSecret(strings.Repeat(letter, 3*partSize)) }
	whole := func(k Keyring) (string, error) {
		s, err := getWhole(t.Context(), k, user)
		return s.Reveal(), err
	}
	for _, before := range []Secret{{}, NewSecret("short"), long("a"), NewSecret(strings.Repeat("a", 5*partSize))} {
		for writes := range 3 {
			k := &smallKeyring{&fakeKeyring{secrets: map[string]string{}}, -1}
			if !before.IsZero() {
				if err := StoreSignIn(t.Context(), k, a, before); err != nil {
					t.Fatal(err)
				}
			}
			k.writes = writes
			if err := StoreSignIn(t.Context(), k, a, long("b")); !errors.Is(err, errDead) {
				t.Fatal(err)
			}
			got, err := whole(k)
			if err == nil && got != before.Reveal() || err != nil && !errors.Is(err, ErrMissing) {
				t.Errorf("%d bytes, %d writes: %d bytes, %v", len(before.Reveal()), writes, len(got), err)
			}
			k.writes = -1 // the next sign-in is a good one
			if err := StoreSignIn(t.Context(), k, a, long("c")); err != nil {
				t.Fatal(err)
			}
			if got, err := whole(k); got != long("c").Reveal() || err != nil {
				t.Errorf("afterwards: %d bytes, %v", len(got), err)
			}
		}
	}
	k := &smallKeyring{&fakeKeyring{secrets: map[string]string{}}, -1}
	if err := StoreSignIn(t.Context(), k, a, long("a")); err != nil {
		t.Fatal(err)
	}
	good := maps.Clone(k.secrets)
	for name, change := range map[string]func(){
		"one is missing": func() { delete(k.secrets, user+".2") },
		"one is another": func() { k.secrets[user+".3"] = "b" },
	} {
		k.secrets = maps.Clone(good)
		change()
		got, err := whole(k)
		if !errors.Is(err, ErrMissing) || err == ErrMissing {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
		if err := CheckSignIn(t.Context(), k, a); !errors.Is(err, ErrMissing) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzParts: an item that stands alone is itself, or the first of several that
// are missing.
func FuzzParts(f *testing.F) {
	for _, seed := range []string{"", "x", "{\"v\":1}", "mailcheck-parts 2 00\nx", "mailcheck-parts 999999999999999999999 00\n", "mailcheck-parts -1 \n", "\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, item string) {
		got, err := getWhole(t.Context(), &fakeKeyring{secrets: map[string]string{"u": item}}, "u")
		if err == nil && got.Reveal() != item || err != nil && !errors.Is(err, ErrMissing) {
			t.Fatalf("%q, %v", got.Reveal(), err)
		}
	})
}
