package imap

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"mailcheck/internal/lab"
	"mailcheck/report"
)

const signatureField = "X-Mailcheck-Signature"

// signed is how leftovers are known in these tests.
var signed = Leftovers{
	Subject: "mailcheck test",
	Fields:  []string{tokenField, signatureField},
	Match: func(header []byte) bool {
		return carriesToken(header) && bytes.Contains(header, []byte("\r\n"+signatureField+": v1\r\n"))
	},
}

func leftover(token string) []byte {
	return bytes.Replace(testMessage(token), []byte("\r\n\r\n"), []byte("\r\n"+signatureField+": v1\r\n\r\n"), 1)
}

func put(t *testing.T, l *lab.Lab, folder string, message []byte, flags ...string) {
	t.Helper()
	if _, err := l.Mailbox().Append(folder, message, flags...); err != nil {
		t.Fatal(err)
	}
}

func TestLeftovers(t *testing.T) {
	l := startLab(t, lab.Options{})
	for _, folder := range []string{"INBOX", "Sent", "Junk"} {
		put(t, l, folder, testMessage(""), `\Deleted`)
		put(t, l, folder, leftover(token), `\Seen`)
		put(t, l, folder, testMessage(token)) // without a signature
		put(t, l, folder, leftover("another"), `\Deleted`)
		put(t, l, folder, leftover(token))
	}
	put(t, l, "Trash", leftover(token))
	c := openMailbox(t, l, report.TLS, Options{})
	if n, err := c.RemoveLeftovers(c.ctx, signed); n != 6 || err != nil {
		t.Errorf("%d are removed, %v; want 6", n, err)
	}
	before := c.RoundTrips()
	put(t, l, "INBOX", bytes.ReplaceAll(leftover(token), []byte("mailcheck test"), []byte("a letter")))
	if n, err := c.RemoveLeftovers(c.ctx, Leftovers{Subject: "no such Subject", Fields: signed.Fields, Match: signed.Match}); n != 0 || err != nil {
		t.Errorf("%d more are removed, %v", n, err)
	}
	if got := c.RoundTrips() - before; got != 1 {
		t.Errorf("%d round trips where there are none, want 1", got)
	}
	wantInventory(t, l, `INBOX 1 \Deleted`, "INBOX 3", `INBOX 4 \Deleted`, "INBOX 6", `Junk 1 \Deleted`, "Junk 3", `Junk 4 \Deleted`,
		`Sent 1 \Deleted`, "Sent 3", `Sent 4 \Deleted`, "Trash 1")
}

func TestLeftoverDialogues(t *testing.T) {
	tests := map[string]struct {
		removed int
		broken  bool
	}{
		"none":                {},
		"removed":             {removed: 1},
		"search-foreign":      {},
		"search-odd":          {},
		"search-refused":      {},
		"search-unknown":      {},
		"uid-of-another":      {},
		"uidvalidity-changed": {},
		"expunge-refused":     {},
		"no-uidplus":          {},
		"hung-up":             {broken: true},
	}
	files, err := filepath.Glob("testdata/leftovers/*.txt")
	if err != nil || len(files) != len(tests) {
		t.Errorf("%d scripts for %d tests, %v", len(files), len(tests), err)
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			script, err := os.ReadFile(filepath.Join("testdata/leftovers", name+".txt"))
			if err != nil {
				t.Fatal(err)
			}
			ctx := testContext(t)
			server, err := lab.StartScript(ctx, string(script), lab.ScriptOptions{})
			if err != nil {
				t.Fatal(err)
			}
			s := openScripted(t, ctx, server.Addr())
			removed, err := s.RemoveLeftovers(ctx, signed)
			if removed != tt.removed || (err != nil) != tt.broken {
				t.Errorf("%d are removed, %v; want %d, broken: %v", removed, err, tt.removed, tt.broken)
			}
			s.Close(ctx, report.ByFlags)
			if err := server.Wait(); err != nil {
				t.Error(err)
			}
		})
	}
}

// A search that names more messages than there can be costs a bounded number of
// looks, and no folder is opened for writing for what they do not prove.
func TestSearchFlood(t *testing.T) {
	for name, numbers := range map[string]string{
		"one line":   "* SEARCH" + strings.Repeat(" 4294967295 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22", 100) + "\r\n",
		"many lines": strings.Repeat("* SEARCH 7\r\n", 3000),
		"from one on": func() string {
			var b strings.Builder
			for i := range 3000 {
				fmt.Fprintf(&b, "* SEARCH %d\r\n", i+1)
			}
			return b.String()
		}(),
	} {
		t.Run(name, func(t *testing.T) {
			s, server := scriptedBox(t, "UIDPLUS")
			sent := make(chan []string, 1)
			go func() {
				defer server.Close()
				var commands []string
				lines := bufio.NewScanner(server)
				for lines.Scan() {
					a, err := parseCommand(lines.Text())
					if err != nil {
						break
					}
					commands = append(commands, a.verb)
					reply := a.tag + " OK done\r\n"
					if a.verb == "UID SEARCH" {
						reply = numbers + reply
					}
					if _, err := io.WriteString(server, reply); err != nil {
						break
					}
				}
				sent <- commands
			}()
			if n, err := s.RemoveLeftovers(context.Background(), signed); n != 0 || err != nil {
				t.Errorf("%d are removed, %v", n, err)
			}
			s.Close(context.Background(), report.ByFlags)
			commands := <-sent
			if len(commands) > 2+2*maxLeftovers+1 {
				t.Errorf("%d commands", len(commands))
			}
			if slices.ContainsFunc(commands, func(c string) bool { return c == "SELECT" || c == "UID STORE" || c == "UID EXPUNGE" }) {
				t.Errorf("sent %q", commands)
			}
		})
	}
}

// The copies of a message that stays are named, and nothing is changed.
func TestCopies(t *testing.T) {
	l := startLab(t, lab.Options{})
	deliver(t, l, "INBOX", token)
	deliver(t, l, "Sent", token, `\Seen`)
	deliver(t, l, "Sent", "another run's")
	deliver(t, l, "Trash", token)
	c := openMailbox(t, l, report.TLS, Options{Keep: true})
	before := inventory(l)
	for besides, want := range map[string][]report.Copy{
		"INBOX": {{Folder: "Sent"}},
		"":      {{Folder: "INBOX"}, {Folder: "Sent"}},
		"Sent":  {{Folder: "INBOX"}},
	} {
		copies, err := c.Copies(c.ctx, besides, carriesToken, tokenField)
		if err != nil || !slices.Equal(copies, want) {
			t.Errorf("besides %q: %v, %v", besides, copies, err)
		}
	}
	wantInventory(t, l, before...)
	wantOnlyRead(t, c)
}

// More copies than can be are named, but not removed.
func TestManyCopies(t *testing.T) {
	l := startLab(t, lab.Options{})
	c := openMailbox(t, l, report.TLS, Options{})
	const many = maxCopies + 3
	for range 1 + many {
		deliver(t, l, "INBOX", token)
	}
	copies, err := c.Remove(c.ctx, await(t, c))
	stay := 0
	for _, copied := range copies {
		if !copied.Deleted {
			stay++
		}
	}
	if err != nil || len(copies) != many || stay != 3 || len(inventory(l)) != 3 {
		t.Errorf("%d copies, %d of them stay, %v; the mailbox has %q", len(copies), stay, err, inventory(l))
	}
}
