//go:build linux || netbsd || openbsd || (freebsd && cgo) || (dragonfly && cgo)

package creds

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/godbus/dbus/v5"
)

// Names of the Secret Service API, version 0.2, and of D-Bus.
const (
	busName             = "org.freedesktop.DBus"
	secretsName         = "org.freedesktop.secrets"
	secretsPath         = dbus.ObjectPath("/org/freedesktop/secrets")
	loginPath           = dbus.ObjectPath("/org/freedesktop/secrets/collection/login")
	serviceInterface    = "org.freedesktop.Secret.Service"
	collectionInterface = "org.freedesktop.Secret.Collection"
	promptInterface     = "org.freedesktop.Secret.Prompt"
	noObject            = dbus.ObjectPath("/") // how the API says "none"

	busAddressEnv = "DBUS_SESSION_BUS_ADDRESS"
)

// prepare makes sure that go-keyring finds an unlocked collection with at
// most one item for the user. By itself it would start a bus with dbus-launch
// when there is none, wait without end for a dialogue, take the first of
// several items, and say all this in errors that cannot be told apart.
func (k SystemKeyring) prepare(ctx context.Context, user string, n need) error {
	address := sessionBus()
	if address == "" {
		return &KeyringError{Reason: NoBus}
	}
	conn, err := await(ctx, func() (*dbus.Conn, error) {
		return dbus.Connect(address, dbus.WithContext(ctx)) // ends when ctx does, a TCP dial apart
	})
	switch {
	case ctx.Err() != nil:
		return &KeyringError{Reason: NoAnswer}
	case err != nil:
		return &KeyringError{Reason: DeadBus, Err: err}
	}
	defer conn.Close()

	s := secretService{conn}
	if err := s.present(ctx, k); err != nil {
		return s.failure(ctx, err)
	}
	collection, err := s.collection(ctx)
	if err != nil {
		return s.failure(ctx, err)
	}
	if err := s.unlock(ctx, collection, k); err != nil {
		return s.failure(ctx, err)
	}
	items, err := s.search(ctx, collection, user)
	switch {
	case err != nil:
		return s.failure(ctx, err)
	case len(items) > 1:
		return &KeyringError{Reason: TwoItems}
	case len(items) == 0 && n == itemWanted:
		return ErrMissing
	}
	return nil
}

// sessionBus returns the address of the session bus, or "" when there is
// none. It sees to it that go-keyring finds the same one: godbus knows only
// the environment and /run/user, and starts dbus-launch after that.
func sessionBus() string {
	address := os.Getenv(busAddressEnv)
	if address != "" && !strings.HasPrefix(address, "autolaunch:") {
		return address
	}
	for _, dir := range []string{os.Getenv("XDG_RUNTIME_DIR"), fmt.Sprintf("/run/user/%d", os.Getuid())} {
		path := filepath.Join(dir, "bus")
		if !filepath.IsAbs(path) {
			continue
		}
		if info, err := os.Stat(path); err == nil && info.Mode().Type() == os.ModeSocket {
			address = "unix:path=" + dbus.EscapeBusAddressValue(path)
			os.Setenv(busAddressEnv, address)
			return address
		}
	}
	return ""
}

// secretService asks the Secret Service what go-keyring does not.
type secretService struct{ conn *dbus.Conn }

// failure tells a call that failed by the name that the bus gives the error.
func (secretService) failure(ctx context.Context, err error) error {
	var known *KeyringError
	var reply dbus.Error
	switch {
	case errors.As(err, &known):
		return err
	case ctx.Err() != nil:
		return &KeyringError{Reason: NoAnswer}
	case errors.As(err, &reply) && reply.Name == busName+".Error.ServiceUnknown":
		return &KeyringError{Reason: NoService, Err: err}
	}
	return &KeyringError{Reason: Failed, Err: err}
}

func (s secretService) call(ctx context.Context, path dbus.ObjectPath, method string, args ...any) *dbus.Call {
	return s.conn.Object(secretsName, path).CallWithContext(ctx, method, 0, args...)
}

// property reads a D-Bus property into value.
func (s secretService) property(ctx context.Context, path dbus.ObjectPath, iface, name string, value any) error {
	var v dbus.Variant
	if err := s.call(ctx, path, busName+".Properties.Get", iface, name).Store(&v); err != nil {
		return err
	}
	return v.Store(value)
}

// present asks the bus whether somebody is the Secret Service, or would be
// started for the first call, where that may be.
func (s secretService) present(ctx context.Context, k SystemKeyring) error {
	var owned bool
	if err := s.conn.BusObject().CallWithContext(ctx, busName+".NameHasOwner", 0, secretsName).Store(&owned); err != nil {
		return err
	}
	switch {
	case owned:
		return nil
	case k.quiet:
		return &KeyringError{Reason: NoService}
	}
	var startable []string
	if err := s.conn.BusObject().CallWithContext(ctx, busName+".ListActivatableNames", 0).Store(&startable); err != nil {
		return err
	}
	if !slices.Contains(startable, secretsName) {
		return &KeyringError{Reason: NoService}
	}
	return nil
}

// collection returns the collection that go-keyring uses: "login" where there
// is one, else the default.
func (s secretService) collection(ctx context.Context) (dbus.ObjectPath, error) {
	var all []dbus.ObjectPath
	if err := s.property(ctx, secretsPath, serviceInterface, "Collections", &all); err != nil {
		return "", err
	}
	if slices.Contains(all, loginPath) {
		return loginPath, nil
	}
	var path dbus.ObjectPath
	if err := s.call(ctx, secretsPath, serviceInterface+".ReadAlias", "default").Store(&path); err != nil {
		return "", err
	}
	if path == noObject {
		return "", &KeyringError{Reason: NoCollection}
	}
	return path, nil
}

// unlock unlocks a collection if it is locked, with a dialogue only when a
// person sits there.
func (s secretService) unlock(ctx context.Context, collection dbus.ObjectPath, k SystemKeyring) error {
	locked, err := s.locked(ctx, collection)
	if err != nil || !locked {
		return err
	}
	var unlocked []dbus.ObjectPath
	var prompt dbus.ObjectPath
	err = s.call(ctx, secretsPath, serviceInterface+".Unlock", []dbus.ObjectPath{collection}).Store(&unlocked, &prompt)
	switch {
	case err != nil:
		return err
	case prompt == noObject:
		return s.stillLocked(ctx, collection, Locked)
	case !k.Interactive:
		return &KeyringError{Reason: Locked}
	}
	if err := s.prompt(ctx, prompt); err != nil {
		return err
	}
	return s.stillLocked(ctx, collection, Dismissed)
}

func (s secretService) locked(ctx context.Context, collection dbus.ObjectPath) (bool, error) {
	var locked bool
	err := s.property(ctx, collection, collectionInterface, "Locked", &locked)
	return locked, err
}

// stillLocked returns an error with the reason if the collection is locked.
func (s secretService) stillLocked(ctx context.Context, collection dbus.ObjectPath, reason KeyringReason) error {
	locked, err := s.locked(ctx, collection)
	if err == nil && locked {
		return &KeyringError{Reason: reason}
	}
	return err
}

// prompt shows the service's dialogue and waits until it is closed. It does
// not dismiss one that nobody answers: gnome-keyring-daemon 42 dies of that,
// and an answer that comes late still unlocks the keyring.
func (s secretService) prompt(ctx context.Context, path dbus.ObjectPath) error {
	err := s.conn.AddMatchSignalContext(ctx, dbus.WithMatchObjectPath(path), dbus.WithMatchInterface(promptInterface))
	if err != nil {
		return err
	}
	signals := make(chan *dbus.Signal, 1)
	s.conn.Signal(signals)
	err = s.call(ctx, path, promptInterface+".Prompt", "").Err
	for err == nil {
		select {
		case sig, open := <-signals:
			switch {
			case !open:
				err = dbus.ErrClosed
			case sig.Path == path && sig.Name == promptInterface+".Completed":
				return nil
			}
		case <-ctx.Done():
			err = ctx.Err()
		}
	}
	if ctx.Err() != nil { // which also closes the connection
		return &KeyringError{Reason: Unanswered}
	}
	return err
}

// search returns the items that mailcheck filed for the user, or that another
// program filed so that they look the same.
func (s secretService) search(ctx context.Context, collection dbus.ObjectPath, user string) ([]dbus.ObjectPath, error) {
	var items []dbus.ObjectPath
	err := s.call(ctx, collection, collectionInterface+".SearchItems",
		map[string]string{"service": service, "username": user}).Store(&items)
	return items, err
}
