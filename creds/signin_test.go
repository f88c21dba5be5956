package creds

import (
	"context"
	"errors"
	"testing"
)

// fakeSource makes tokens of sign-ins.
type fakeSource struct {
	renewed string
	err     error
	asked   []string
}

func (f *fakeSource) Refresh(_ context.Context, signIn Secret) (access, renewed Secret, err error) {
	f.asked = append(f.asked, signIn.Reveal())
	if f.err != nil {
		return Secret{}, Secret{}, f.err
	}
	return NewSecret("token of " + signIn.Reveal()), NewSecret(f.renewed), nil
}

// fullKeyring takes nothing.
type fullKeyring struct{ *fakeKeyring }

func (fullKeyring) Set(context.Context, string, Secret) error { return &KeyringError{Reason: TooBig} }

// A sign-in goes before the password beside it, and not before what is given or
// what a protocol has of its own.
func TestFindSignIn(t *testing.T) {
	a := account(t, "Anna@example.com")
	held := func() *fakeKeyring {
		return &fakeKeyring{secrets: map[string]string{
			"anna@example.com": "password", "anna@example.com#oauth": "sign-in", "anna@example.com#smtp": "own",
		}}
	}
	failed := errors.New("failed")
	for _, tt := range []struct {
		name     string
		change   func(*Options)
		secret   string
		kind     Kind
		own      string // of smtp
		err      error
		refreshs int
	}{
		{"by default", func(*Options) {}, "token of sign-in", Token, "own", nil, 1},
		{"given", func(o *Options) { o.Env = envOf("given") }, "given", Password, "given", nil, 0},
		{"a mechanism for passwords", func(o *Options) { o.Kind = Password }, "password", Password, "own", nil, 0},
		{"a mechanism for tokens", func(o *Options) { o.Kind = Token }, "token of sign-in", Token, "own", nil, 1},
		{"nobody makes tokens", func(o *Options) { o.SignIns = nil }, "password", Password, "own", nil, 0},
		{"passwords are of no use", func(o *Options) { o.SignInOnly, o.Env = true, envOf("given") }, "token of sign-in", Token, "token of sign-in", nil, 1},
		{"it fails, and nobody is asked for a password", func(o *Options) {
			o.SignIns, o.Prompt = &fakeSource{err: failed}, typed("typed")
		}, "", Token, "own", failed, 1},
		{"no protocol needs it", func(o *Options) { o.Protocols = []string{"smtp"} }, "", "", "own", nil, 0},
	} {
		source := &fakeSource{}
		o := Options{Keyring: held(), SignIns: source, Env: envOf("")}
		tt.change(&o)
		set, err := Find(t.Context(), a, o)
		if err != tt.err || set.Main.Secret.Reveal() != tt.secret || set.Main.Kind != tt.kind || set.For("smtp").Secret.Reveal() != tt.own {
			t.Errorf("%s: %q of %q, smtp %q, %v", tt.name, set.Main.Secret.Reveal(), set.Main.Kind, set.For("smtp").Secret.Reveal(), err)
		}
		if o.SignIns == source && len(source.asked) != tt.refreshs {
			t.Errorf("%s: asked %d times", tt.name, len(source.asked))
		}
	}
	if _, err := Find(t.Context(), account(t, "bert@example.com"), Options{Keyring: held(), SignIns: &fakeSource{}, SignInOnly: true, Env: envOf("")}); !errors.Is(err, ErrMissing) {
		t.Errorf("without a sign-in: %v", err)
	}
}

// What the server has renewed is kept; where that fails the token still serves,
// and the failure is told.
func TestRenewedSignIn(t *testing.T) {
	a := account(t, "anna@example.com")
	held := &fakeKeyring{secrets: map[string]string{"anna@example.com#oauth": "old"}}
	o := Options{Keyring: held, SignIns: &fakeSource{renewed: "new"}, Env: envOf("")}
	set, err := Find(t.Context(), a, o)
	if err != nil || set.UnkeptErr != nil || held.secrets["anna@example.com#oauth"] != "new" {
		t.Errorf("%v, %v, %v", err, set.UnkeptErr, held.secrets)
	}
	o.Keyring = fullKeyring{held}
	set, err = Find(t.Context(), a, o)
	if err != nil || set.Main.Secret.IsZero() || !errors.Is(set.UnkeptErr, ErrKeyringUnavailable) {
		t.Errorf("a full keyring: %v, %v", err, set.UnkeptErr)
	}
}

// interrupting renews a sign-in while the user ends the run.
type interrupting struct {
	fakeSource
	end context.CancelFunc
}

func (i *interrupting) Refresh(ctx context.Context, signIn Secret) (access, renewed Secret, err error) {
	i.end()
	return i.fakeSource.Refresh(ctx, signIn)
}

// attentive is a keyring that takes nothing when the run is over.
type attentive struct{ *fakeKeyring }

func (k attentive) Set(ctx context.Context, user string, s Secret) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return k.fakeKeyring.Set(ctx, user, s)
}

// What the server has renewed is kept although the run is interrupted.
func TestRenewedSignInOfAnInterruptedRun(t *testing.T) {
	held := &fakeKeyring{secrets: map[string]string{"anna@example.com#oauth": "old"}}
	ctx, cancel := context.WithCancel(t.Context())
	source := &interrupting{fakeSource{renewed: "new"}, cancel}
	set, err := Find(ctx, account(t, "anna@example.com"), Options{Keyring: attentive{held}, SignIns: source, Env: envOf("")})
	if held.secrets["anna@example.com#oauth"] != "new" || set.UnkeptErr != nil {
		t.Errorf("%v, %v, %v", held.secrets, err, set.UnkeptErr)
	}
}
