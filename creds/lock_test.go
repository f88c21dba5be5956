package creds

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// An item is one process's at a time; whoever waits too long goes on without.
func TestLock(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "mailcheck")
	synctest.Test(t, func(t *testing.T) {
		waited := func(ctx context.Context, user string) time.Duration {
			start := time.Now()
			lockFile(ctx, dir, user)()
			return time.Since(start)
		}
		unlock := lockFile(t.Context(), dir, "anna@example.com#oauth")
		if d := waited(t.Context(), "bert@example.com#oauth"); d > 0 {
			t.Errorf("another item: waited %v", d)
		}
		if d := waited(t.Context(), "anna@example.com#oauth"); d != lockLimit {
			t.Errorf("waited %v for one that is never free", d)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		if d := waited(ctx, "anna@example.com#oauth"); d != 3*time.Second {
			t.Errorf("waited %v in a run of 3 s", d)
		}
		time.AfterFunc(5*time.Second, unlock)
		if d := waited(t.Context(), "anna@example.com#oauth"); d < 5*time.Second || d > 6*time.Second {
			t.Errorf("waited %v for one that is free in 5 s", d)
		}
		if d := waited(t.Context(), "anna@example.com#oauth"); d > 0 {
			t.Errorf("waited %v for one that is free", d)
		}
	})
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 2 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, f := range files {
		if info, err := f.Info(); err != nil || info.Size() > 0 || strings.Contains(f.Name(), "anna") {
			t.Errorf("%s, %v, %v", f.Name(), info, err)
		}
	}
}

// Where there can be no file, there is no lock, and no wait.
func TestLockWithoutAFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	lockFile(t.Context(), filepath.Join(file, "mailcheck"), "anna@example.com#oauth")()
}

// sharedKeyring is a keyring that runs share, with its lock. The first Gets wait
// for each other.
type sharedKeyring struct {
	*fakeKeyring
	dir     string // of the lock; empty: none
	mu      sync.Mutex
	readers sync.WaitGroup
	waiting int
}

func (k *sharedKeyring) Get(ctx context.Context, user string) (Secret, error) {
	k.mu.Lock()
	s, err := k.fakeKeyring.Get(ctx, user)
	first := k.waiting > 0
	if first {
		k.waiting--
		k.readers.Done()
	}
	k.mu.Unlock()
	if first {
		k.readers.Wait()
	}
	return s, err
}

func (k *sharedKeyring) Set(ctx context.Context, user string, s Secret) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.fakeKeyring.Set(ctx, user, s)
}

func (k *sharedKeyring) Lock(ctx context.Context, user string) func() {
	return lockFile(ctx, k.dir, user)
}

// rotating renews each sign-in, and takes none twice.
type rotating struct {
	mu      sync.Mutex
	good    string
	stolen  bool
	refused int
}

var errRefused = errors.New("invalid_grant")

func (r *rotating) Refresh(_ context.Context, signIn Secret) (access, renewed Secret, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stolen = r.stolen || signIn.Reveal() != r.good; r.stolen {
		r.refused++
		return Secret{}, Secret{}, errRefused
	}
	r.good += "+"
	return NewSecret("access"), NewSecret(r.good), nil
}

// Runs at the same time take turns: none uses a sign-in that another has renewed,
// although all have seen the first.
func TestSignInsTakeTurns(t *testing.T) {
	const runs = 5
	k := &sharedKeyring{fakeKeyring: &fakeKeyring{secrets: map[string]string{"anna@example.com#oauth": "one"}}, dir: t.TempDir(), waiting: runs}
	k.readers.Add(runs)
	source := &rotating{good: "one"}
	a := account(t, "anna@example.com")
	var all sync.WaitGroup
	for range runs {
		all.Go(func() {
			set, err := Find(t.Context(), a, Options{Keyring: k, SignIns: source, SignInOnly: true, Env: envOf("")})
			if err != nil || set.Main.Secret.IsZero() || set.UnkeptErr != nil {
				t.Errorf("%v, %v", err, set.UnkeptErr)
			}
		})
	}
	all.Wait()
	if source.refused > 0 || k.secrets["anna@example.com#oauth"] != "one+++++" {
		t.Errorf("%d refused, %v", source.refused, k.secrets)
	}
}

// replacing is a source whose first refusal comes when the keyring has got
// another sign-in.
type replacing struct {
	fakeSource
	k     *fakeKeyring
	newer string
}

func (r *replacing) Refresh(ctx context.Context, signIn Secret) (access, renewed Secret, err error) {
	if len(r.asked) == 0 && r.newer != "" {
		r.k.secrets["anna@example.com#oauth"] = r.newer
	}
	if signIn.Reveal() != "newer" {
		r.asked = append(r.asked, signIn.Reveal())
		return Secret{}, Secret{}, errRefused
	}
	return r.fakeSource.Refresh(ctx, signIn)
}

// A refusal is final, unless the keyring has another sign-in by then: that is
// tried once.
func TestSignInThatSomebodyElseRenewed(t *testing.T) {
	for _, tt := range []struct {
		newer string
		asked string
		err   error
	}{
		{"newer", "old newer", nil},
		{"other", "old other", errRefused},
		{"", "old", errRefused},
	} {
		k := &fakeKeyring{secrets: map[string]string{"anna@example.com#oauth": "old"}}
		source := &replacing{k: k, newer: tt.newer}
		_, err := Find(t.Context(), account(t, "anna@example.com"), Options{Keyring: k, SignIns: source, SignInOnly: true, Env: envOf("")})
		if err != tt.err || strings.Join(source.asked, " ") != tt.asked {
			t.Errorf("%q: asked %v, %v", tt.newer, source.asked, err)
		}
	}
}
