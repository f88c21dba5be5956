//go:build linux || netbsd || openbsd || (freebsd && cgo) || (dragonfly && cgo)

package creds

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"go.uber.org/goleak"
)

// brief is a limit for what stays silent for good; plenty is one that only a
// hang reaches.
const (
	brief  = 50 * time.Millisecond
	plenty = 20 * time.Second
)

func TestSystemKeyring(t *testing.T) {
	b := &fakeBus{}
	b.start(t)
	k := SystemKeyring{}
	if _, err := k.Get(t.Context(), "a@b"); !errors.Is(err, ErrMissing) {
		t.Errorf("get before: %v", err)
	}
	if err := k.Delete(t.Context(), "a@b"); !errors.Is(err, ErrMissing) {
		t.Errorf("delete before: %v", err)
	}
	if err := k.Set(t.Context(), "a@b", NewSecret("pä ss\t")); err != nil {
		t.Errorf("set: %v", err)
	}
	if s, err := k.Get(t.Context(), "a@b"); err != nil || s.Reveal() != "pä ss\t" {
		t.Errorf("get: %q, %v", s.Reveal(), err)
	}
	if err := k.Delete(t.Context(), "a@b"); err != nil || len(b.held()) != 0 {
		t.Errorf("delete: %v, left %q", err, b.held())
	}
}

func TestSystemKeyringTroubles(t *testing.T) {
	one := []string{canary}
	for _, tt := range []struct {
		name   string
		bus    *fakeBus
		k      SystemKeyring
		reason KeyringReason // empty: the secret is had
	}{
		{"no service", &fakeBus{absent: true}, SystemKeyring{}, NoService},
		{"the bus starts the service", &fakeBus{absent: true, startable: true, items: one}, SystemKeyring{}, ""},
		{"nothing is started quietly", &fakeBus{absent: true, startable: true, items: one}, SystemKeyring{quiet: true}, NoService},
		{"locked, asked quietly", &fakeBus{locked: true, dialogue: "unlocks"}, SystemKeyring{quiet: true}, Locked},
		{"no collection", &fakeBus{collections: []dbus.ObjectPath{}}, SystemKeyring{}, NoCollection},
		{"no collection that is the default", &fakeBus{collections: []dbus.ObjectPath{otherCollection}}, SystemKeyring{}, NoCollection},
		{"two items", &fakeBus{items: []string{canary, "another"}}, SystemKeyring{}, TwoItems},
		{"unlocks without a dialogue", &fakeBus{locked: true, items: one}, SystemKeyring{}, ""},
		{"locked for good", &fakeBus{locked: true, stubborn: true}, SystemKeyring{Interactive: true}, Locked},
		{"locked, nobody there", &fakeBus{locked: true, dialogue: "unlocks"}, SystemKeyring{}, Locked},
		{"locked, dialogue answered", &fakeBus{locked: true, dialogue: "unlocks", items: one}, SystemKeyring{Interactive: true}, ""},
		{"locked, dialogue closed", &fakeBus{locked: true, dialogue: "closed"}, SystemKeyring{Interactive: true}, Dismissed},
		{"locked, dialogue unanswered", &fakeBus{locked: true, dialogue: "unanswered"}, SystemKeyring{Interactive: true, limit: brief}, Unanswered},
		{"silent bus", &fakeBus{mute: "Hello"}, SystemKeyring{limit: brief}, NoAnswer},
		{"silent service", &fakeBus{mute: "SearchItems"}, SystemKeyring{limit: brief}, NoAnswer},
		{"go-keyring hangs", &fakeBus{mute: "OpenSession", items: one}, SystemKeyring{limit: brief}, NoAnswer},
		{"the service fails", &fakeBus{fail: "Get"}, SystemKeyring{}, Failed},
		{"go-keyring fails", &fakeBus{fail: "GetSecret", items: one}, SystemKeyring{}, Failed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := tt.bus
			b.start(t)
			if tt.k.limit == 0 {
				tt.k.limit = plenty
			}
			s, err := tt.k.Get(t.Context(), "a@b")
			var ke *KeyringError
			switch {
			case tt.reason == "":
				if err != nil || s.Reveal() != canary {
					t.Errorf("%q, %v", s.Reveal(), err)
				}
			case !errors.As(err, &ke) || ke.Reason != tt.reason:
				t.Errorf("error %v, want %s", err, tt.reason)
			case !s.IsZero():
				t.Errorf("%q beside %v", s.Reveal(), err)
			}
			if b.called("Prompt") && !tt.k.Interactive {
				t.Error("a dialogue was shown though nobody is there")
			}
			if tt.reason == TwoItems {
				if err := tt.k.Delete(t.Context(), "a@b"); !errors.As(err, &ke) || b.called("Delete") {
					t.Errorf("delete of one of two: %v", err)
				}
			}
		})
	}
}

// With no bus to be found nothing is started, dbus-launch least of all.
func TestNoBus(t *testing.T) {
	dir := t.TempDir()
	launched := filepath.Join(dir, "launched")
	if err := os.WriteFile(filepath.Join(dir, "dbus-launch"), []byte("#!/bin/sh\n: >"+launched+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	if err := os.WriteFile(filepath.Join(dir, "bus"), nil, 0o600); err != nil { // no socket
		t.Fatal(err)
	}
	t.Setenv("XDG_RUNTIME_DIR", dir)
	none := filepath.Join(dir, "none")
	_, noUserBus := os.Stat(fmt.Sprintf("/run/user/%d/bus", os.Getuid()))
	for address, want := range map[string]KeyringReason{
		"":                        NoBus,
		"autolaunch:":             NoBus,
		"autolaunch:scope=*user":  NoBus,
		"unix:path=" + none:       DeadBus,
		"unixexec:path=" + none:   DeadBus,
		"nonsense":                DeadBus,
		"unix:path=" + none + ";": DeadBus,
	} {
		if want == NoBus && noUserBus == nil {
			continue // whoever runs the test has a bus where godbus always looks
		}
		t.Setenv(busAddressEnv, address)
		for op, do := range map[string]func() error{
			"get":    func() error { _, err := SystemKeyring{}.Get(t.Context(), "a@b"); return err },
			"set":    func() error { return SystemKeyring{}.Set(t.Context(), "a@b", NewSecret("s")) },
			"delete": func() error { return SystemKeyring{}.Delete(t.Context(), "a@b") },
		} {
			var ke *KeyringError
			if err := do(); !errors.As(err, &ke) || ke.Reason != want {
				t.Errorf("%s with %q: %v, want %s", op, address, err, want)
			}
		}
	}
	if _, err := os.Stat(launched); err == nil {
		t.Error("dbus-launch was run")
	}
}

// A bus that only XDG_RUNTIME_DIR leads to is found, and go-keyring is led to
// it too.
func TestBusOfRuntimeDirectory(t *testing.T) {
	b := &fakeBus{items: []string{canary}}
	b.start(t)
	address := os.Getenv(busAddressEnv)
	t.Setenv("XDG_RUNTIME_DIR", filepath.Dir(address[len("unix:path="):]))
	t.Setenv(busAddressEnv, "autolaunch:")
	if s, err := (SystemKeyring{}).Get(t.Context(), "a@b"); err != nil || s.Reveal() != canary {
		t.Errorf("%q, %v", s.Reveal(), err)
	}
	if got := os.Getenv(busAddressEnv); got != address {
		t.Errorf("%s=%q, want %q", busAddressEnv, got, address)
	}
}

// A bus that takes the connection and says nothing costs the limit, and
// leaves no goroutine behind.
func TestSilentBus(t *testing.T) {
	before := goleak.IgnoreCurrent()
	t.Run("asked", func(t *testing.T) {
		address, stop := listenBus(t, func(c net.Conn) { io.Copy(io.Discard, c) })
		defer stop()
		t.Setenv(busAddressEnv, address)
		var ke *KeyringError
		if _, err := (SystemKeyring{limit: brief}).Get(t.Context(), "a@b"); !errors.As(err, &ke) || ke.Reason != NoAnswer {
			t.Errorf("error %v", err)
		}
	})
	goleak.VerifyNone(t, before)
}

// The caller's own end of the context is not the keyring's fault.
func TestKeyringInterrupted(t *testing.T) {
	for _, bus := range []*fakeBus{
		{mute: "NameHasOwner"},
		{mute: "OpenSession", items: []string{canary}},
		{locked: true, dialogue: "unanswered"},
	} {
		t.Run("", func(t *testing.T) {
			bus.start(t)
			why := errors.New("interrupted")
			ctx, cancel := context.WithCancelCause(t.Context())
			time.AfterFunc(brief, func() { cancel(why) })
			if _, err := (SystemKeyring{Interactive: true, limit: plenty}).Get(ctx, "a@b"); err != why {
				t.Errorf("error %v", err)
			}
		})
	}
}
