package imap

import (
	"slices"
	"strings"
	"testing"

	"mailcheck/internal/lab"
	"mailcheck/report"
	"mailcheck/wire"
)

// Gmail keeps what was expunged from INBOX in All Mail: it ends in Trash alone.
// Messages of others stay where they are, in Trash too.
func TestRemovalFromAllMail(t *testing.T) {
	l := startLab(t, lab.Options{Labels: true})
	for _, folder := range []string{"INBOX", "[Gmail]/All Mail", "[Gmail]/Trash"} {
		deliver(t, l, folder, "", `\Deleted`)
	}
	c := openMailbox(t, l, report.TLS, Options{})
	for _, folder := range []string{"INBOX", "[Gmail]/Sent Mail", "[Gmail]/All Mail", "[Gmail]/All Mail"} {
		deliver(t, l, folder, token)
	}
	copies, err := c.Remove(c.ctx, await(t, c))
	if err != nil {
		t.Fatal(err)
	}
	want := []report.Copy{{Folder: "[Gmail]/Sent Mail", Deleted: true}, {Folder: "[Gmail]/All Mail", Deleted: true}, {Folder: "[Gmail]/All Mail", Deleted: true}}
	if !slices.Equal(copies, want) {
		t.Errorf("copies %v, want %v", copies, want)
	}
	wantInventory(t, l, `INBOX 1 \Deleted`, `[Gmail]/All Mail 1 \Deleted`, `[Gmail]/Trash 1 \Deleted`)
	for _, line := range c.transcript.Lines() {
		if strings.HasPrefix(line, string(wire.Sent)) && strings.Contains(line, `SELECT "[Gmail]/All Mail"`) {
			t.Errorf("opened for writing: %q", line)
		}
	}
}

// What an earlier run has left at Gmail goes from All Mail too.
func TestLeftoverInAllMail(t *testing.T) {
	l := startLab(t, lab.Options{Labels: true})
	for _, folder := range []string{"INBOX", "[Gmail]/All Mail"} {
		put(t, l, folder, testMessage(token)) // without a signature
		put(t, l, folder, leftover(token))
	}
	c := openMailbox(t, l, report.TLS, Options{})
	if n, err := c.RemoveLeftovers(c.ctx, signed); n != 1 || err != nil {
		t.Errorf("%d are removed, %v; want 1", n, err)
	}
	wantInventory(t, l, "INBOX 1", "[Gmail]/All Mail 1")
}

// Where the message is not in All Mail, nothing is copied anywhere.
func TestNothingInAllMail(t *testing.T) {
	l := startLab(t, lab.Options{Labels: true})
	deliver(t, l, "[Gmail]/All Mail", "another run's")
	c := openMailbox(t, l, report.TLS, Options{})
	deliver(t, l, "INBOX", token)
	if copies, err := c.Remove(c.ctx, await(t, c)); err != nil || copies != nil {
		t.Errorf("copies %v, %v", copies, err)
	}
	wantInventory(t, l, "[Gmail]/All Mail 1")
}
