package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"mailcheck/creds"
	"mailcheck/internal/lab"
	"mailcheck/report"
)

// folderKeyring is a keyring that processes share: a file in a folder for each
// item. Its lock is that of the real one.
type folderKeyring string

func (k folderKeyring) item(user string) string {
	return filepath.Join(string(k), hex.EncodeToString([]byte(user)))
}

func (k folderKeyring) Get(_ context.Context, user string) (creds.Secret, error) {
	text, err := os.ReadFile(k.item(user))
	if errors.Is(err, fs.ErrNotExist) {
		return creds.Secret{}, creds.ErrMissing
	}
	return creds.NewSecret(string(text)), err
}

func (k folderKeyring) Set(ctx context.Context, user string, s creds.Secret) error {
	return replaceFile(ctx, k.item(user), func(w io.Writer) error { _, err := io.WriteString(w, s.Reveal()); return err })
}

func (k folderKeyring) Delete(_ context.Context, user string) error { return os.Remove(k.item(user)) }

func (k folderKeyring) Lock(ctx context.Context, user string) func() {
	return creds.SystemKeyring{}.Lock(ctx, user)
}

// folderVariable names the folder to sharing.
const folderVariable = "MAILCHECK_TEST_KEYRING"

// sharing is the program with a folderKeyring.
func sharing() {
	keyring := folderKeyring(os.Getenv(folderVariable))
	a := &app{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, env: os.LookupEnv,
		keyring: func(bool) creds.Keyring { return keyring }, browse: func(string) {}}
	os.Exit(a.run(context.Background(), os.Args[1:]))
}

// A refresh token that comes a second time ends the sign-in, the newer one too:
// what taking turns is for.
func TestSpentRefreshToken(t *testing.T) {
	authority := startAuthority(t, lab.AuthorityOptions{Rotate: true})
	servers := startLab(t, lab.Options{Authority: authority})
	d := newDesk(t)
	if written, status := d.run("", loginTo(authority)...); status != report.ExitOK {
		t.Fatal(written)
	}
	const user = "anna@example.test#oauth"
	first := d.keyring.items[user]
	if _, status := d.check(servers, "--send", "none"); status != report.ExitOK {
		t.Fatalf("exit status %d", status)
	}
	last := d.keyring.items[user]
	for _, signIn := range []string{first, last} {
		d.keyring.items[user] = signIn
		rep, status := d.check(servers, "--send", "none")
		if s := rep.Check("creds").Step("token"); status != report.ExitCreds || s.Cause != report.AuthTokenExpired {
			t.Errorf("exit status %d, %+v", status, s)
		}
	}
}

// Processes at the same time, at a server that ends a sign-in of which a refresh
// token comes twice: all of them get in, and the sign-in lasts.
func TestProcessesTakeTurns(t *testing.T) {
	authority := startAuthority(t, lab.AuthorityOptions{Rotate: true})
	servers := startLab(t, lab.Options{Authority: authority})
	d := newDesk(t)
	if written, status := d.run("", loginTo(authority)...); status != report.ExitOK {
		t.Fatal(written)
	}
	dir := t.TempDir()
	keyring := folderKeyring(filepath.Join(dir, "keyring"))
	ca := filepath.Join(dir, "ca.pem")
	if err := errors.Join(os.Mkdir(string(keyring), 0o700), os.WriteFile(ca, servers.CAPEM(), 0o600),
		keyring.Set(t.Context(), "anna@example.test#oauth", creds.NewSecret(d.keyring.items["anna@example.test#oauth"]))); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			cmd := exec.CommandContext(t.Context(), "mailcheck-sharing", servers.Address(), "--offline", "--dns", servers.DNSAddr(), "--ca-file", ca, "--send", "none", "--no-pop")
			cmd.Env = append(os.Environ(), folderVariable+"="+string(keyring), "XDG_CACHE_HOME="+filepath.Join(dir, "cache"))
			var written bytes.Buffer
			cmd.Stdout, cmd.Stderr = &written, &written
			if err := cmd.Run(); err != nil {
				t.Errorf("%v\n%s", err, written.String())
			}
		})
	}
	all.Wait()
	last, err := keyring.Get(t.Context(), "anna@example.test#oauth")
	if err != nil || last.Reveal() == d.keyring.items["anna@example.test#oauth"] {
		t.Fatalf("it was not renewed, %v", err)
	}
	d.keyring.items["anna@example.test#oauth"] = last.Reveal()
	if _, status := d.check(servers, "--send", "none"); status != report.ExitOK {
		t.Errorf("afterwards: exit status %d", status)
	}
}
