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
// sign-in.
func signInUser(account Account) string { return strings.ToLower(account.Mailbox()) + "#oauth" }

// StoreSignIn puts the account's sign-in into the keyring, in place of an older
// one.
func StoreSignIn(ctx context.Context, k Keyring, account Account, signIn Secret) error {
	return k.Set(ctx, signInUser(account), signIn)
}

// CheckSignIn returns nil when the keyring holds a sign-in of the account, and
// ErrMissing when it holds none.
func CheckSignIn(ctx context.Context, k Keyring, account Account) error {
	_, err := k.Get(ctx, signInUser(account))
	return err
}

// DeleteSignIn removes the account's sign-in from the keyring. It returns
// ErrMissing when there is none.
func DeleteSignIn(ctx context.Context, k Keyring, account Account) error {
	return k.Delete(ctx, signInUser(account))
}

// signIn returns the sign-in that the keyring holds; zero when there is none,
// or when it is not to be looked for.
func (o Options) signIn(ctx context.Context, account Account) (Secret, error) {
	if o.SignIns == nil || o.Keyring == nil || o.Kind == Password {
		return Secret{}, nil
	}
	signIn, err := o.Keyring.Get(ctx, signInUser(account))
	if errors.Is(err, ErrMissing) {
		return Secret{}, nil
	}
	return signIn, err
}

// token makes an access token of a sign-in. Its credential has no secret when
// it cannot be made.
func (o Options) token(ctx context.Context, account Account, signIn Secret) (c Credential, unkept, err error) {
	c = Credential{Kind: Token, Source: FromKeyring}
	access, renewed, err := o.SignIns.Refresh(ctx, signIn)
	if err != nil {
		return c, nil, err
	}
	if !renewed.IsZero() {
		unkept = StoreSignIn(ctx, o.Keyring, account, renewed)
	}
	c.Secret = access
	return c, unkept, nil
}
