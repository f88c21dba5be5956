package creds

import "errors"

// What a *KeyringError is, for errors.Is.
var (
	ErrKeyringLocked      = errors.New("the keyring is locked")
	ErrKeyringUnavailable = errors.New("the keyring cannot be used")
)

// KeyringReason says why a keyring gave no answer.
type KeyringReason string

// The reasons. The first three are of a keyring that is there and locked.
const (
	Locked     KeyringReason = "locked"     // and nobody is there to unlock it
	Dismissed  KeyringReason = "dismissed"  // its dialogue was closed, or could not be shown
	Unanswered KeyringReason = "unanswered" // nobody answered its dialogue in time

	NoBus        KeyringReason = "no-bus"        // there is no D-Bus session bus
	DeadBus      KeyringReason = "dead-bus"      // the session bus does not take a connection
	NoService    KeyringReason = "no-service"    // no Secret Service runs on the bus, none is installed
	NoCollection KeyringReason = "no-collection" // the service holds no keyring
	NoAnswer     KeyringReason = "no-answer"     // bus or service stay silent
	TwoItems     KeyringReason = "two-items"     // more than one item matches
	TooBig       KeyringReason = "too-big"       // this keyring takes no secret of that length
	Unsupported  KeyringReason = "unsupported"   // this build knows no keyring on this system
	Failed       KeyringReason = "failed"        // anything else: see Err
)

// KeyringError is a keyring that could not be asked, or that refused.
type KeyringError struct {
	Reason KeyringReason
	Err    error // what the bus or the system said; may be nil
}

// keyringReason is what there is to say about a reason.
type keyringReason struct {
	is   error  // what errors.Is finds
	why  string // behind the text of is; may be empty
	cure string // what the user can do about it
}

var keyringReasons = map[KeyringReason]keyringReason{
	Locked:     {ErrKeyringLocked, "", cureLocked},
	Dismissed:  {ErrKeyringLocked, "its dialogue was closed, or could not be shown", cureLocked},
	Unanswered: {ErrKeyringLocked, "its dialogue was not answered in time", cureLocked},

	NoBus: {ErrKeyringUnavailable, "there is no D-Bus session bus",
		"log in to the desktop, or run both in one session: dbus-run-session, then gnome-keyring-daemon --unlock"},
	DeadBus: {ErrKeyringUnavailable, "the D-Bus session bus does not answer",
		"log in again, or correct DBUS_SESSION_BUS_ADDRESS"},
	NoService: {ErrKeyringUnavailable, "no Secret Service runs or is installed",
		"install or start GNOME Keyring, KWallet or KeePassXC"},
	NoCollection: {ErrKeyringUnavailable, "it holds no keyring yet",
		"create one: log in to the desktop, or gnome-keyring-daemon --unlock"},
	NoAnswer: {ErrKeyringUnavailable, "it did not answer in time",
		"restart it: log out of the desktop and in again"},
	TwoItems: {ErrKeyringUnavailable, "more than one item matches",
		"remove them with secret-tool clear service mailcheck username ADDRESS, then store the password again"},
	TooBig: {ErrKeyringUnavailable, "the secret is too long for it",
		"keep the secret elsewhere"},
	Unsupported: {ErrKeyringUnavailable, "this build of mailcheck supports none on this system",
		"keep the secret elsewhere"},
	Failed: {ErrKeyringUnavailable, "",
		"log out of the desktop and in again"},
}

const cureLocked = "unlock it: log in to the desktop, or gnome-keyring-daemon --unlock (macOS: security unlock-keychain)"

// otherWays are the sources that need no keyring.
const otherWays = "without a keyring: --password-stdin, --password-file, --password-command or " + EnvPassword

func (e *KeyringError) Error() string {
	text := e.reason().is.Error()
	if why := e.reason().why; why != "" {
		text += ": " + why
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns ErrKeyringLocked or ErrKeyringUnavailable, and Err.
func (e *KeyringError) Unwrap() []error {
	if e.Err == nil {
		return []error{e.reason().is}
	}
	return []error{e.reason().is, e.Err}
}

// Advice returns what the user can do, in the order to try.
func (e *KeyringError) Advice() []string {
	return []string{e.reason().cure, otherWays}
}

func (e *KeyringError) reason() keyringReason {
	if r, ok := keyringReasons[e.Reason]; ok {
		return r
	}
	return keyringReasons[Failed]
}
