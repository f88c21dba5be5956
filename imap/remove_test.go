package imap

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"mailcheck/internal/lab"
	"mailcheck/report"
	"mailcheck/wire"
)

// inventory is what a mailbox holds: folder, UID, flags.
func inventory(l *lab.Lab) []string {
	var list []string
	for _, m := range l.Mailbox().Messages() {
		list = append(list, strings.TrimSpace(fmt.Sprintf("%s %d %s", m.Folder, m.UID, strings.Join(m.Flags, " "))))
	}
	return list
}

func await(t *testing.T, c *check) Found {
	t.Helper()
	found, err := c.Await(c.ctx, carriesToken, tokenField)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func wantInventory(t *testing.T, l *lab.Lab, want ...string) {
	t.Helper()
	if got := inventory(l); !slices.Equal(got, want) {
		t.Errorf("the mailbox has\n%q, want\n%q", got, want)
	}
}

func wantKept(t *testing.T, err error, reason Reason) {
	t.Helper()
	var kept *KeptError
	if !errors.As(err, &kept) || kept.Reason != reason || !strings.Contains(err.Error(), "in INBOX was not removed: "+string(reason)) {
		t.Errorf("error %v, want one for the reason %q", err, reason)
	}
}

// Everything of this run's is removed; messages that others have marked
// \Deleted are not, nor those of other runs.
func TestRemoval(t *testing.T) {
	l := startLab(t, lab.Options{})
	deliver(t, l, "INBOX", "", `\Deleted`)
	deliver(t, l, "INBOX", "another run's", `\Deleted`)
	deliver(t, l, "Sent", "", `\Deleted`)
	c := openMailbox(t, l, report.TLS, Options{})
	if err := c.Watch(c.ctx); err != nil {
		t.Fatal(err)
	}
	deliver(t, l, "Sent", token, `\Seen`)
	deliver(t, l, "Junk", token)
	deliver(t, l, "INBOX", token)
	deliver(t, l, "INBOX", token) // delivered twice

	found := await(t, c)
	pushed := c.RoundTrips()
	header, err := c.Header(c.ctx, found)
	if err != nil || !bytes.Contains(header, []byte("Subject: mailcheck test\r\n")) || !carriesToken(header) {
		t.Fatalf("header %q, %v", header, err)
	}
	if got := c.RoundTrips() - pushed; got != 1 {
		t.Errorf("%d round trips for the header, want 1", got)
	}
	copies, err := c.Remove(c.ctx, found)
	if err != nil {
		t.Fatal(err)
	}
	want := []report.Copy{{Folder: "Sent", Deleted: true}, {Folder: "Junk", Deleted: true}, {Folder: "INBOX", Deleted: true}}
	if !slices.Equal(copies, want) {
		t.Errorf("copies %v, want %v", copies, want)
	}
	if got := c.RoundTrips() - pushed; got != 2+2*len(copies) {
		t.Errorf("%d round trips for header and removal, want %d", got, 2+2*len(copies))
	}
	c.Close(c.ctx, report.ByFlags)
	wantInventory(t, l, `INBOX 1 \Deleted`, `INBOX 2 \Deleted`, `Sent 1 \Deleted`)
}

// After an interrupt the message is removed without its header having been
// asked for.
func TestRemovalAtOnce(t *testing.T) {
	l := startLab(t, lab.Options{})
	c := openMailbox(t, l, report.TLS, Options{})
	deliver(t, l, "INBOX", token)
	deliver(t, l, "Sent", token)
	copies, err := c.Remove(c.ctx, await(t, c))
	if err != nil || !slices.Equal(copies, []report.Copy{{Folder: "Sent", Deleted: true}}) {
		t.Errorf("copies %v, %v", copies, err)
	}
	wantInventory(t, l)
}

func TestRemovalFromJunk(t *testing.T) {
	l := startLab(t, lab.Options{})
	c := openMailbox(t, l, report.TLS, Options{})
	uid := deliver(t, l, "Junk", token)
	found := Found{Folder: "Junk", UID: uid, UIDValidity: 1001, Junk: true, mark: mark{[]string{tokenField}, carriesToken}}
	if _, err := c.Header(c.ctx, found); err != nil {
		t.Fatal(err)
	}
	if copies, err := c.Remove(c.ctx, found); err != nil || copies != nil {
		t.Errorf("copies %v, %v", copies, err)
	}
	wantInventory(t, l)
}

func TestRemovalWithoutUIDPlus(t *testing.T) {
	l := startLab(t, lab.Options{Fault: "delivery-stays"})
	c := openMailbox(t, l, report.TLS, Options{})
	deliver(t, l, "INBOX", token)
	deliver(t, l, "Sent", token)
	found := await(t, c)
	if _, err := c.Header(c.ctx, found); err != nil {
		t.Fatal(err)
	}
	copies, err := c.Remove(c.ctx, found)
	wantKept(t, err, NoUIDPlus)
	if !slices.Equal(copies, []report.Copy{{Folder: "Sent", Deleted: false}}) {
		t.Errorf("copies %v", copies)
	}
	wantInventory(t, l, "INBOX 1", "Sent 1")
	wantOnlyRead(t, c)
}

func TestKeep(t *testing.T) {
	l := startLab(t, lab.Options{})
	c := openMailbox(t, l, report.TLS, Options{Keep: true})
	deliver(t, l, "INBOX", token)
	if _, err := c.Header(c.ctx, await(t, c)); err != nil {
		t.Fatal(err)
	}
	wantInventory(t, l, "INBOX 1")
	wantOnlyRead(t, c)
}

// wantOnlyRead wants the dialogue to have changed nothing.
func wantOnlyRead(t *testing.T, c *check) {
	t.Helper()
	for _, line := range c.transcript.Lines() {
		for _, verb := range []string{" SELECT ", " UID STORE ", " EXPUNGE"} {
			if strings.HasPrefix(line, string(wire.Sent)) && strings.Contains(line, verb) {
				t.Errorf("sent %q", line)
			}
		}
	}
}

func TestRemovalOfWhatIsNotOurs(t *testing.T) {
	l := startLab(t, lab.Options{})
	deliver(t, l, "INBOX", "")
	c := openMailbox(t, l, report.TLS, Options{})
	deliver(t, l, "INBOX", token)
	found := await(t, c)

	foreign := found
	foreign.UID = 1
	if _, err := c.Header(c.ctx, foreign); !errors.Is(err, ErrGone) {
		t.Errorf("header of a foreign message: %v", err)
	}
	// What goes is the message under its own UID, not the one that has this.
	if copies, err := c.Remove(c.ctx, foreign); err != nil || copies != nil {
		t.Errorf("copies %v, %v", copies, err)
	}
	wantInventory(t, l, "INBOX 1")

	renumbered := found
	renumbered.UIDValidity++
	_, err := c.Remove(c.ctx, renumbered)
	wantKept(t, err, Gone)
	wantInventory(t, l, "INBOX 1")
}

func TestRemovalOfWhatIsGone(t *testing.T) {
	l := startLab(t, lab.Options{})
	c := openMailbox(t, l, report.TLS, Options{})
	deliver(t, l, "INBOX", token)
	found := await(t, c)

	other := openMailbox(t, l, report.TLS, Options{})
	if _, err := other.Remove(other.ctx, found); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Header(c.ctx, found); err != nil && !errors.Is(err, ErrGone) {
		t.Errorf("header: %v", err) // servers may show what others removed for a while
	}
	_, err := c.Remove(c.ctx, found)
	wantKept(t, err, Gone)
}

func TestRemovalDialogues(t *testing.T) {
	tests := map[string]Reason{ // empty: it is removed
		"removed":                "",
		"expunge-late":           "",
		"expunge-refused":        Refused,
		"expunge-without-effect": Refused,
		"store-refused":          Refused,
		"uidvalidity-changed":    Gone,
		"another-message":        Gone,
		"uid-of-another":         "",
		"no-uids":                Gone,
		"foreign-uids":           "",
		"many-uids":              "",
		"hung-up":                Unconfirmed,
		"hung-up-after-expunge":  Unconfirmed, // Dovecot says OK before it removes
	}
	files, err := filepath.Glob("testdata/removal/*.txt")
	if err != nil || len(files) != len(tests) {
		t.Errorf("%d scripts for %d tests, %v", len(files), len(tests), err)
	}
	for name, reason := range tests {
		t.Run(name, func(t *testing.T) {
			script, err := os.ReadFile(filepath.Join("testdata/removal", name+".txt"))
			if err != nil {
				t.Fatal(err)
			}
			ctx := testContext(t)
			server, err := lab.StartScript(ctx, string(script), lab.ScriptOptions{})
			if err != nil {
				t.Fatal(err)
			}
			s := openScripted(t, ctx, server.Addr())
			found, err := s.Await(ctx, carriesToken, tokenField)
			if err != nil {
				t.Fatal(err)
			}
			_, err = s.Remove(ctx, found)
			if reason == "" && err != nil {
				t.Error(err)
			}
			if reason != "" {
				wantKept(t, err, reason)
			}
			s.Close(ctx, report.ByFlags)
			if err := server.Wait(); err != nil {
				t.Error(err)
			}
		})
	}
}
