package creds

import (
	"context"
	"errors"
	"strings"
)

// TokenSource makes access tokens of the sign-ins that the keyring holds. What
// a sign-in is, as text, only it knows.
type TokenSource interface {
	// Refresh returns an access token, and the sign-in that is to be kept in
	// place of this one; zero where that stays.
	Refresh(ctx context.Context, signIn Secret) (access, renewed Secret, err error)
}

// signInUser is the user name under which the keyring holds an account's
// sign-in; of a long one the first part.
func signInUser(account Account) string { return strings.ToLower(account.Mailbox()) + "#oauth" }

// StoreSignIn puts the account's sign-in into the keyring, in place of an older
// one.
func StoreSignIn(ctx context.Context, k Keyring, account Account, signIn Secret) error {
	defer lock(ctx, k, signInUser(account))()
	return setWhole(ctx, k, signInUser(account), signIn)
}

// CheckSignIn returns nil when the keyring holds a sign-in of the account, and
// ErrMissing when it holds none.
func CheckSignIn(ctx context.Context, k Keyring, account Account) error {
	defer lock(ctx, k, signInUser(account))() // nobody is just writing it
	_, err := getWhole(ctx, k, signInUser(account))
	return err
}

// DeleteSignIn removes the account's sign-in from the keyring. It returns
// ErrMissing when there is none.
func DeleteSignIn(ctx context.Context, k Keyring, account Account) error {
	defer lock(ctx, k, signInUser(account))()
	return deleteWhole(ctx, k, signInUser(account))
}

// hasSignIn tells whether the keyring holds a sign-in, if one is to be looked
// for.
func (o Options) hasSignIn(ctx context.Context, account Account) (bool, error) {
	if o.SignIns == nil || o.Keyring == nil || o.Kind == Password {
		return false, nil
	}
	_, err := o.Keyring.Get(ctx, signInUser(account))
	if errors.Is(err, ErrMissing) {
		return false, nil
	}
	return err == nil, err
}

// token makes an access token of the account's sign-in. Its credential has no
// secret when it cannot be made.
//
// A server that gives a new refresh token each time takes one that is used twice
// for stolen, and ends the sign-in (RFC 9700 section 4.14.2). So one run at a time
// does this, with what the keyring holds when its turn has come.
func (o Options) token(ctx context.Context, account Account) (c Credential, unkept, err error) {
	c = Credential{Kind: Token, Source: FromKeyring}
	defer lock(ctx, o.Keyring, signInUser(account))()
	signIn, err := getWhole(ctx, o.Keyring, signInUser(account))
	if err != nil {
		return c, nil, err
	}
	access, renewed, err := o.SignIns.Refresh(ctx, signIn)
	if err != nil && ctx.Err() == nil {
		// On another computer with the same keyring, or without a lock, somebody
		// may have been first: what that run was given is worth one try.
		newer, stored := getWhole(ctx, o.Keyring, signInUser(account))
		if stored == nil && newer.Reveal() != signIn.Reveal() {
			access, renewed, err = o.SignIns.Refresh(ctx, newer)
		}
	}
	if err != nil {
		return c, nil, err
	}
	if !renewed.IsZero() {
		// Whoever interrupts the run now must not lose the only one that is good.
		unkept = setWhole(context.WithoutCancel(ctx), o.Keyring, signInUser(account), renewed)
	}
	c.Secret = access
	return c, unkept, nil
}
