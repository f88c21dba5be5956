package creds

import (
	"fmt"
	"log/slog"
)

// mask is what stands in every output where a secret was.
const mask = "[secret]"

// Secret is a password or a token. It never shows itself: fmt, JSON, XML and
// slog write "[secret]". It holds a pointer because fmt prints the contents of
// value types in other types' unexported fields without asking their methods;
// of a pointer there it prints the address. The zero Secret is no secret.
type Secret struct{ p *string }

// NewSecret returns s as a Secret; an empty s gives the zero Secret.
func NewSecret(s string) Secret {
	if s == "" {
		return Secret{}
	}
	return Secret{p: &s}
}

// Reveal returns the secret itself, for the line that sends it.
func (s Secret) Reveal() string {
	if s.p == nil {
		return ""
	}
	return *s.p
}

// IsZero reports whether there is no secret.
func (s Secret) IsZero() bool { return s.p == nil }

// String returns "[secret]".
func (s Secret) String() string { return mask }

// GoString returns "[secret]", for %#v.
func (s Secret) GoString() string { return mask }

// Format writes "[secret]" for every verb, %x and %d included.
func (s Secret) Format(f fmt.State, verb rune) { fmt.Fprint(f, mask) }

// MarshalText returns "[secret]", for JSON, XML and what else asks for text.
func (s Secret) MarshalText() ([]byte, error) { return []byte(mask), nil }

// LogValue returns "[secret]", for slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(mask) }
