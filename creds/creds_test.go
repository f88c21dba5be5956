package creds

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
)

// fakeKeyring holds secrets under user names. An error under a user name is
// returned in place of a secret.
type fakeKeyring struct {
	secrets map[string]string
	errs    map[string]error
	asked   []string
}

func (k *fakeKeyring) Get(_ context.Context, user string) (Secret, error) {
	k.asked = append(k.asked, user)
	if err := k.errs[user]; err != nil {
		return Secret{}, err
	}
	s, ok := k.secrets[user]
	if !ok {
		return Secret{}, ErrMissing
	}
	return NewSecret(s), nil
}

func (k *fakeKeyring) Set(_ context.Context, user string, s Secret) error {
	k.secrets[user] = s.Reveal()
	return nil
}

func (k *fakeKeyring) Delete(_ context.Context, user string) error {
	if _, ok := k.secrets[user]; !ok {
		return ErrMissing
	}
	delete(k.secrets, user)
	return nil
}

func account(t *testing.T, address string) Account {
	t.Helper()
	a, err := ParseAddress(address)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func envOf(value string) func(string) (string, bool) {
	return func(name string) (string, bool) { return value, name == EnvPassword }
}

func typed(s string) func(context.Context) (Secret, error) {
	return func(context.Context) (Secret, error) { return NewSecret(s), nil }
}

// Every source is asked only when those before it have nothing.
func TestFindOrder(t *testing.T) {
	o := Options{
		PasswordStdin: strings.NewReader("from-stdin\n"),
		Env:           envOf("from-env"),
		Keyring:       &fakeKeyring{secrets: map[string]string{"anna@example.com": "from-keyring"}},
		Prompt:        typed("from-prompt"),
	}
	a := account(t, "Anna@example.com")
	expect := func(source, secret string) {
		t.Helper()
		set, err := Find(t.Context(), a, o)
		want := Credential{Kind: Password, Source: source}
		got := set.Main
		if err != nil || got.Secret.Reveal() != secret || got.Kind != want.Kind || got.Source != want.Source {
			t.Errorf("%s: %q of %s from %s, %v", source, got.Secret.Reveal(), got.Kind, got.Source, err)
		}
		if set.For("smtp").Secret.Reveal() != secret {
			t.Errorf("%s: not for smtp", source)
		}
	}
	expect(FromStdin, "from-stdin")
	o.PasswordStdin = nil
	expect(FromEnv, "from-env")
	o.Env = envOf("") // as a CI sets a variable whose secret it may not read
	expect(FromKeyring, "from-keyring")
	o.Keyring = &fakeKeyring{}
	expect(FromPrompt, "from-prompt")
	o.Keyring = nil
	expect(FromPrompt, "from-prompt")
	o.Prompt = nil
	if set, err := Find(t.Context(), a, o); !errors.Is(err, ErrMissing) || !set.Main.Secret.IsZero() {
		t.Errorf("nothing: %v, %v", set, err)
	}
}

func TestFindKind(t *testing.T) {
	keyring := &fakeKeyring{secrets: map[string]string{"a@example.com": "s", "a@example.com#smtp": "t"}}
	for _, tt := range []struct {
		name string
		o    Options
		want Kind
	}{
		{"password", Options{PasswordStdin: strings.NewReader("s")}, Password},
		{"token flag", Options{TokenStdin: strings.NewReader("s")}, Token},
		{"password flag, tokens wanted", Options{PasswordStdin: strings.NewReader("s"), Kind: Token}, Token},
		{"env, tokens wanted", Options{Env: envOf("s"), Kind: Token}, Token},
		{"keyring, tokens wanted", Options{Keyring: keyring, Kind: Token}, Token},
		{"keyring", Options{Keyring: keyring}, Password},
		{"prompt, tokens wanted", Options{Prompt: typed("s"), Kind: Token}, Token},
	} {
		set, err := Find(t.Context(), account(t, "a@example.com"), tt.o)
		if err != nil || set.Main.Kind != tt.want || set.For("smtp").Kind != tt.want {
			t.Errorf("%s: %s, %s, %v", tt.name, set.Main.Kind, set.For("smtp").Kind, err)
		}
	}
}

func TestFindRefusesTwoFlags(t *testing.T) {
	k := &fakeKeyring{}
	_, err := Find(t.Context(), Account{}, Options{
		PasswordStdin: strings.NewReader("s"), TokenCommand: "echo t", Keyring: k,
	})
	checkInputError(t, err, "--password-stdin, --token-command", "only one")
}

// The variable is gone after the first look, whatever source was used.
func TestFindRemovesPasswordFromTheEnvironment(t *testing.T) {
	t.Setenv(EnvPassword, "from-env")
	set, err := Find(t.Context(), Account{}, Options{})
	if err != nil || set.Main.Secret.Reveal() != "from-env" {
		t.Errorf("%v, %v", set, err)
	}
	if _, there := os.LookupEnv(EnvPassword); there {
		t.Error("still in the environment after it was read")
	}
	t.Setenv(EnvPassword, "from-env")
	if _, err := Find(t.Context(), Account{}, Options{PasswordStdin: strings.NewReader("s")}); err != nil {
		t.Error(err)
	}
	if _, there := os.LookupEnv(EnvPassword); there {
		t.Error("still in the environment after another source was used")
	}
}

func TestFindRefusesUnusableEnvAndPrompt(t *testing.T) {
	_, err := Find(t.Context(), Account{}, Options{Env: envOf("pw\nx")})
	checkInputError(t, err, EnvPassword, "line break")
	_, err = Find(t.Context(), Account{}, Options{Prompt: typed("pw\x00")})
	checkInputError(t, err, "the prompt", "NUL")
}

func TestFindOwnSecretOfAProtocol(t *testing.T) {
	own := map[string]string{"a@example.com#smtp": "for-smtp"}
	both := map[string]string{"a@example.com#smtp": "for-smtp", "a@example.com": "main"}
	for _, tt := range []struct {
		name       string
		secrets    map[string]string
		protocols  []string
		prompt     string
		imap, smtp string
		err        error
	}{
		{"beside the main one", both, nil, "", "main", "for-smtp", nil},
		{"alone, and only it is needed", own, []string{"smtp"}, "typed", "", "for-smtp", nil},
		{"alone, and others are needed", own, nil, "", "", "for-smtp", ErrMissing},
		{"alone, the other is typed", own, nil, "typed", "typed", "for-smtp", nil},
		{"not of the protocols", both, []string{"imap"}, "", "main", "main", nil},
	} {
		o := Options{Keyring: &fakeKeyring{secrets: tt.secrets}, Protocols: tt.protocols}
		if tt.prompt != "" {
			o.Prompt = typed(tt.prompt)
		}
		set, err := Find(t.Context(), account(t, "A@Example.com"), o)
		if !errors.Is(err, tt.err) || (tt.err == nil) != (err == nil) {
			t.Errorf("%s: error %v, want %v", tt.name, err, tt.err)
		}
		if i, s := set.For("imap").Secret.Reveal(), set.For("smtp").Secret.Reveal(); i != tt.imap || s != tt.smtp {
			t.Errorf("%s: imap %q, smtp %q", tt.name, i, s)
		}
	}
}

// One locked keyring is asked once, and its error is the answer unless the
// user types the password.
func TestFindKeyringFails(t *testing.T) {
	locked := &KeyringError{Reason: Locked}
	k := &fakeKeyring{errs: map[string]error{"a@example.com": locked}}
	a := account(t, "a@example.com")
	if _, err := Find(t.Context(), a, Options{Keyring: k}); !errors.Is(err, ErrKeyringLocked) || len(k.asked) != 1 {
		t.Errorf("error %v, asked for %q", err, k.asked)
	}
	set, err := Find(t.Context(), a, Options{Keyring: k, Prompt: typed("typed")})
	if err != nil || set.Main.Source != FromPrompt || set.KeyringErr != locked {
		t.Errorf("prompt: %v, %v", set, err)
	}
	// An own secret that cannot be read is no reason to send another one.
	k = &fakeKeyring{
		secrets: map[string]string{"a@example.com": "main"},
		errs:    map[string]error{"a@example.com#smtp": &KeyringError{Reason: TwoItems}},
	}
	if _, err := Find(t.Context(), a, Options{Keyring: k}); !errors.Is(err, ErrKeyringUnavailable) {
		t.Errorf("own secret: error %v", err)
	}
	k = &fakeKeyring{secrets: map[string]string{"a@example.com": "pw\n"}}
	_, err = Find(t.Context(), a, Options{Keyring: k})
	checkInputError(t, err, "the keyring", "line break")
}

func TestFindPromptRefused(t *testing.T) {
	broken := errors.New("broken terminal")
	for _, tt := range []struct {
		name string
		err  error
		want error
	}{
		{"empty", nil, ErrMissing},
		{"end of input", io.EOF, ErrMissing},
		{"failed", broken, broken},
	} {
		_, err := Find(t.Context(), Account{}, Options{Prompt: func(context.Context) (Secret, error) { return Secret{}, tt.err }})
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: error %v, want %v", tt.name, err, tt.want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	k := &fakeKeyring{errs: map[string]error{"a@example.com": context.Canceled}}
	_, err := Find(ctx, account(t, "a@example.com"), Options{Keyring: k, Prompt: func(context.Context) (Secret, error) {
		t.Error("asked after Ctrl-C")
		return Secret{}, nil
	}})
	if err != context.Canceled {
		t.Errorf("interrupted: %v", err)
	}
}

func TestStoreCheckDelete(t *testing.T) {
	k := &fakeKeyring{secrets: map[string]string{}}
	ctx, a := t.Context(), account(t, "Anna@例え.JP")
	for _, tt := range []struct{ protocol, user string }{
		{"", "anna@xn--r8jz45g.jp"},
		{"smtp", "anna@xn--r8jz45g.jp#smtp"},
	} {
		if err := Check(ctx, k, a, tt.protocol); !errors.Is(err, ErrMissing) {
			t.Errorf("check before: %v", err)
		}
		if err := Store(ctx, k, a, tt.protocol, NewSecret("pw "+tt.user)); err != nil {
			t.Error(err)
		}
		if k.secrets[tt.user] != "pw "+tt.user {
			t.Errorf("stored %q", k.secrets)
		}
		if err := Check(ctx, k, a, tt.protocol); err != nil {
			t.Errorf("check after: %v", err)
		}
	}
	if err := Delete(ctx, k, a, ""); err != nil || len(k.secrets) != 1 {
		t.Errorf("delete: %v, left %q", err, k.secrets)
	}
	if err := Delete(ctx, k, a, ""); !errors.Is(err, ErrMissing) {
		t.Errorf("delete again: %v", err)
	}
	checkInputError(t, Store(ctx, k, a, "", Secret{}), "the secret", "empty")
	checkInputError(t, Store(ctx, k, a, "", NewSecret("pw\r\nx")), "the secret", "line break")
	checkInputError(t, Store(ctx, k, a, "nntp", NewSecret("s")), "--protocol", "imap, pop3, smtp")
	checkInputError(t, Check(ctx, k, a, "nntp"), "--protocol", "imap, pop3, smtp")
	checkInputError(t, Delete(ctx, k, a, "nntp"), "--protocol", "imap, pop3, smtp")
}
