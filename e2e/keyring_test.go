//go:build linux

package e2e

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"
)

const (
	secretService = "org.freedesktop.secrets"
	// keyringPassword opens the keyrings of the tests.
	keyringPassword = "opens the keyring"
)

// keyring is a user's session: a D-Bus bus and, mostly, GNOME Keyring on it.
type keyring struct {
	dir     string
	env     []string // what a program needs to find it
	bus     *daemon
	service *daemon // nil on a bus without a keyring
}

// startBus starts a session without a keyring, for the time of the test.
func (s *site) startBus(t *testing.T) *keyring {
	t.Helper()
	// Not the test's own directory: its name may hold what an address of
	// D-Bus may not, and be too long for a socket.
	dir, err := os.MkdirTemp(s.dir, "session-")
	if err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(dir, "bus")
	conf := filepath.Join(dir, "bus.conf")
	if err := fill(conf, "session-bus.conf", map[string]string{"Socket": socket}); err != nil {
		t.Fatal(err)
	}
	k := &keyring{dir: dir, env: []string{
		"HOME=" + dir, "XDG_DATA_HOME=" + dir, "XDG_CONFIG_HOME=" + dir, "XDG_CACHE_HOME=" + dir,
		"XDG_RUNTIME_DIR=" + dir, "DBUS_SESSION_BUS_ADDRESS=unix:path=" + socket,
	}}
	k.bus, err = startDaemon(filepath.Join(dir, "bus.log"), k.env, nil,
		"dbus-daemon", "--nofork", "--nopidfile", "--config-file="+conf)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(k.bus.stop)
	if err := k.bus.ready(func(ctx context.Context) error {
		conn, err := k.connect(ctx)
		if err == nil {
			err = conn.Close()
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return k
}

// startKeyring starts a session with an unlocked keyring that holds the
// account's password where mailcheck looks for it, for the time of the test.
func (s *site) startKeyring(t *testing.T, holds ...account) *keyring {
	t.Helper()
	k := s.startBus(t)
	k.startService(t, strings.NewReader(keyringPassword), "--unlock")
	for _, a := range holds {
		k.store(t, a.Address, a.Password)
	}
	return k
}

// startService starts GNOME Keyring; it ends with the test, or before.
func (k *keyring) startService(t *testing.T, stdin io.Reader, args ...string) {
	t.Helper()
	var err error
	k.service, err = startDaemon(filepath.Join(k.dir, "keyring.log"), k.env, stdin,
		"gnome-keyring-daemon", append(args, "--foreground", "--components=secrets")...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.service.stop() })
	unlock := len(args) > 0
	if err := k.service.ready(func(ctx context.Context) error {
		locked, err := k.locked(ctx)
		if err == nil && unlock && locked {
			err = errors.New("the keyring is locked")
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// lock leaves the keyring and its contents, locked, as it is after a login
// without a password.
func (k *keyring) lock(t *testing.T) {
	t.Helper()
	k.service.stop()
	k.startService(t, nil)
}

// store puts a password into the keyring, with a program that is not under
// test.
func (k *keyring) store(t *testing.T, name, secret string) {
	t.Helper()
	k.secretTool(t, secret, "store", "--label=mailcheck", "service", "mailcheck", "username", name)
}

// lookup returns the password of this name; "" when there is none.
func (k *keyring) lookup(t *testing.T, name string) string {
	t.Helper()
	return k.secretTool(t, "", "lookup", "service", "mailcheck", "username", name)
}

func (k *keyring) secretTool(t *testing.T, stdin string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), startLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, "secret-tool", args...)
	cmd.Env = append(k.env, "PATH="+os.Getenv("PATH"))
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.Output()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && len(exit.Stderr) == 0 && args[0] == "lookup" {
		return "" // no such item: status 1, and no word
	}
	if err != nil {
		t.Fatalf("secret-tool %s: %v", args[0], err)
	}
	return string(out)
}

// connect opens a connection of its own to the session bus.
func (k *keyring) connect(ctx context.Context) (*dbus.Conn, error) {
	return dbus.Connect("unix:path="+filepath.Join(k.dir, "bus"), dbus.WithContext(ctx))
}

// locked asks the Secret Service whether its default collection is locked.
func (k *keyring) locked(ctx context.Context) (bool, error) {
	conn, err := k.connect(ctx)
	if err != nil {
		return false, err
	}
	defer conn.Close()
	var path dbus.ObjectPath
	err = conn.Object(secretService, "/org/freedesktop/secrets").
		CallWithContext(ctx, "org.freedesktop.Secret.Service.ReadAlias", 0, "default").Store(&path)
	if err != nil {
		return false, err
	}
	if path == "/" {
		return false, errors.New("there is no default collection")
	}
	var locked bool
	err = conn.Object(secretService, path).StoreProperty("org.freedesktop.Secret.Collection.Locked", &locked)
	return locked, err
}

// prompter is a keyring's dialogue that comes up and that nobody answers.
type prompter struct{}

// BeginPrompting is called to show the dialogue; the caller then waits.
func (prompter) BeginPrompting(dbus.ObjectPath) *dbus.Error { return nil }

// PerformPrompt is called with what to ask; the answer never comes.
func (prompter) PerformPrompt(dbus.ObjectPath, string, map[string]dbus.Variant, string) *dbus.Error {
	return nil
}

// StopPrompting is called when the caller gives up.
func (prompter) StopPrompting(dbus.ObjectPath) *dbus.Error { return nil }

// ignorePrompts gives the session a dialogue that nobody answers, for the
// time of the test.
func (k *keyring) ignorePrompts(t *testing.T) {
	t.Helper()
	conn, err := k.connect(context.WithoutCancel(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.Export(prompter{}, "/org/gnome/keyring/Prompter", "org.gnome.keyring.internal.Prompter"); err != nil {
		t.Fatal(err)
	}
	reply, err := conn.RequestName("org.gnome.keyring.SystemPrompter", dbus.NameFlagDoNotQueue)
	if err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
		t.Fatalf("the prompter's name: %v, %v", reply, err)
	}
}
