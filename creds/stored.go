package creds

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// protocolNames are the protocols that may have a secret of their own.
var protocolNames = []string{"imap", "pop3", "smtp"}

// keyringUser returns the user name under which the keyring holds the secret
// of an account, or its own one for a protocol. A domain holds no "#", so the
// two never meet.
func keyringUser(account Account, protocol string) (string, error) {
	user := strings.ToLower(account.Mailbox())
	switch {
	case protocol == "":
		return user, nil
	case slices.Contains(protocolNames, protocol):
		return user + "#" + protocol, nil
	}
	return "", &InputError{Source: "--protocol",
		Reason: fmt.Sprintf("%q is not one of %s", protocol, strings.Join(protocolNames, ", "))}
}

// storedSecret reads one secret from the keyring and sees that it is usable.
func storedSecret(ctx context.Context, k Keyring, account Account, protocol string) (Secret, error) {
	user, err := keyringUser(account, protocol)
	if err != nil {
		return Secret{}, err
	}
	secret, err := k.Get(ctx, user)
	if err != nil {
		return Secret{}, err
	}
	return usable("the keyring", secret.Reveal())
}

// Store puts the account's secret into the keyring, in place of an older one;
// with a protocol, as that protocol's own. An empty protocol means the main
// secret.
func Store(ctx context.Context, k Keyring, account Account, protocol string, secret Secret) error {
	user, err := keyringUser(account, protocol)
	if err != nil {
		return err
	}
	if secret, err = usable("the secret", secret.Reveal()); err != nil {
		return err
	}
	return k.Set(ctx, user, secret)
}

// Check returns nil when the keyring holds a usable secret for the account,
// or for the protocol's own when one is named.
func Check(ctx context.Context, k Keyring, account Account, protocol string) error {
	_, err := storedSecret(ctx, k, account, protocol)
	return err
}

// Delete removes the account's secret from the keyring, or a protocol's own.
// It returns ErrMissing when there is none.
func Delete(ctx context.Context, k Keyring, account Account, protocol string) error {
	user, err := keyringUser(account, protocol)
	if err != nil {
		return err
	}
	return k.Delete(ctx, user)
}
