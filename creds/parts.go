package creds

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

const (
	// partSize is the length of a part, in bytes, with room for the head. The
	// Windows Credential Manager takes 2560 bytes, macOS about 3000.
	partSize = 2400
	// maxParts bounds the parts of a secret: as many as the longest has.
	maxParts = (maxSecret + partSize - 1) / partSize
)

// headForm begins the first of several parts: how many there are, and the
// SHA-256 of the whole.
const headForm = "mailcheck-parts %d %x\n"

// errBroken is a secret of which parts are missing, or are of another.
var errBroken = fmt.Errorf("%w: what the keyring holds as the sign-in is not whole: sign in again", ErrMissing)

// partUser is the user name of a part: the first has the secret's own.
func partUser(user string, n int) string {
	if n == 1 {
		return user
	}
	return fmt.Sprintf("%s.%d", user, n)
}

// setWhole puts a secret of any length into the keyring: as one item, or where
// the keyring says that it is too long, in parts. The first part is written last:
// until then it is that of the older secret, whose sum the others do not have.
func setWhole(ctx context.Context, k Keyring, user string, secret Secret) error {
	before := 1
	if head, err := k.Get(ctx, user); err == nil {
		before, _, _ = parseHead(head.Reveal())
	}
	var refused *KeyringError
	err := k.Set(ctx, user, secret)
	if err == nil {
		return deleteParts(ctx, k, user, 2, before)
	}
	text := secret.Reveal()
	count := (len(text) + partSize - 1) / partSize
	if !errors.As(err, &refused) || refused.Reason != TooBig || count < 2 || count > maxParts {
		return err
	}
	for n := count; n > 1; n-- {
		part := text[(n-1)*partSize : min(n*partSize, len(text))]
		if err := k.Set(ctx, partUser(user, n), NewSecret(part)); err != nil {
			return err
		}
	}
	head := fmt.Sprintf(headForm, count, sha256.Sum256([]byte(text)))
	if err := k.Set(ctx, user, NewSecret(head+text[:partSize])); err != nil {
		return err
	}
	return deleteParts(ctx, k, user, count+1, before)
}

// getWhole returns a secret that setWhole has put there.
func getWhole(ctx context.Context, k Keyring, user string) (Secret, error) {
	first, err := k.Get(ctx, user)
	if err != nil {
		return Secret{}, err
	}
	count, sum, text := parseHead(first.Reveal())
	if count == 1 {
		return first, nil
	}
	var whole strings.Builder
	whole.WriteString(text)
	for n := 2; n <= count; n++ {
		part, err := k.Get(ctx, partUser(user, n))
		switch {
		case errors.Is(err, ErrMissing):
			return Secret{}, errBroken
		case err != nil:
			return Secret{}, err
		}
		whole.WriteString(part.Reveal())
	}
	if got := sha256.Sum256([]byte(whole.String())); hex.EncodeToString(got[:]) != sum {
		return Secret{}, errBroken
	}
	return NewSecret(whole.String()), nil
}

// deleteWhole removes a secret with all its parts. It returns ErrMissing when
// there is none.
func deleteWhole(ctx context.Context, k Keyring, user string) error {
	first, err := k.Get(ctx, user)
	if err != nil {
		return err
	}
	if err := k.Delete(ctx, user); err != nil {
		return err
	}
	count, _, _ := parseHead(first.Reveal())
	return deleteParts(ctx, k, user, 2, count)
}

// deleteParts removes parts by their numbers. One that is not there is none to
// remove.
func deleteParts(ctx context.Context, k Keyring, user string, from, to int) error {
	for n := from; n <= to; n++ {
		if err := k.Delete(ctx, partUser(user, n)); err != nil && !errors.Is(err, ErrMissing) {
			return err
		}
	}
	return nil
}

// parseHead reads the first part of several; of one item the count is 1.
func parseHead(item string) (count int, sum, text string) {
	head, text, found := strings.Cut(item, "\n")
	if !found {
		return 1, "", ""
	}
	if n, err := fmt.Sscanf(head, "mailcheck-parts %d %s", &count, &sum); n != 2 || err != nil || count < 2 || count > maxParts {
		return 1, "", ""
	}
	return count, sum, text
}
