//go:build linux

package e2e

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/google/go-cmp/cmp"
)

// foreign are messages of which no run may change a byte or a flag. Each is
// one that a careless search or EXPUNGE would catch.
var foreign = []struct {
	folder, header string
	flags          []imap.Flag
}{
	{"INBOX", "Subject: unread", nil},
	{"INBOX", "Subject: read, answered, flagged", []imap.Flag{imap.FlagSeen, imap.FlagAnswered, imap.FlagFlagged, "$Label1"}},
	{"INBOX", "Subject: marked as deleted", []imap.Flag{imap.FlagDeleted}},
	{"INBOX", "Subject: read and marked as deleted", []imap.Flag{imap.FlagSeen, imap.FlagDeleted}},
	{"INBOX", "Subject: mailcheck test 0123456789abcdef0123456789abcdef\r\n" +
		"X-Mailcheck-Token: 0123456789abcdef0123456789abcdef", nil},
	{"Sent", "Subject: sent", []imap.Flag{imap.FlagSeen}},
	{"Junk", "Subject: junk, marked as deleted", []imap.Flag{imap.FlagDeleted}},
}

// furnish puts the foreign messages into the account's mailbox.
func (s *site) furnish(t *testing.T, a account) {
	t.Helper()
	client := s.openIMAP(t, a)
	for _, m := range foreign {
		_ = client.Create(m.folder, nil).Wait() // it may be there already
		text := fmt.Sprintf("From: <%s>\r\nTo: <%s>\r\n%s\r\n\r\nNot yours.\r\n", a.Address, a.Address, m.header)
		put(t, client, m.folder, []byte(text), m.flags...)
	}
	delivered := "delivered before " + t.Name() // another test may have furnished the mailbox, too
	if err := s.submit(t, a, a, delivered); err != nil {
		t.Fatal(err)
	}
	awaitSubject(t, client, delivered)
}

// put puts a message into a folder.
func put(t *testing.T, client *imapclient.Client, folder string, text []byte, flags ...imap.Flag) {
	t.Helper()
	cmd := client.Append(folder, int64(len(text)), &imap.AppendOptions{Flags: flags, Time: time.Now()})
	if _, err := cmd.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
}

// untouched takes a picture of the mailbox, and when the test ends another:
// both must be the same.
func (s *site) untouched(t *testing.T, a account) {
	t.Helper()
	files, messages := s.files(t, a), s.messages(t, a)
	if len(messages) < len(foreign) {
		t.Fatalf("only %d messages are there to be left alone", len(messages))
	}
	t.Cleanup(func() {
		if diff := cmp.Diff(messages, s.messages(t, a)); diff != "" {
			t.Errorf("the mailbox has changed, as IMAP shows it (-before +after):\n%s", diff)
		}
		if diff := cmp.Diff(files, s.files(t, a)); diff != "" {
			t.Errorf("the mailbox has changed on disk (-before +after):\n%s", diff)
		}
	})
}

// messages returns every message as IMAP shows it, without changing it: the
// folder's UIDVALIDITY and the UID name it.
func (s *site) messages(t *testing.T, a account) map[string]string {
	t.Helper()
	client := imapclient.New(s.dialTLS(t, "993"), nil)
	if err := client.Login(a.Address, a.Password).Wait(); err != nil {
		t.Fatal(err)
	}
	folders, err := client.List("", "*", nil).Collect()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, folder := range folders {
		box, err := client.Select(folder.Mailbox, &imap.SelectOptions{ReadOnly: true}).Wait()
		if err != nil {
			t.Fatal(err)
		}
		if box.NumMessages == 0 {
			continue
		}
		var every imap.SeqSet
		every.AddRange(1, 0)
		fetched, err := client.Fetch(every, &imap.FetchOptions{
			UID: true, Flags: true, InternalDate: true, BodySection: []*imap.FetchItemBodySection{{Peek: true}},
		}).Collect()
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range fetched {
			// \Recent tells who came first, not what the message is.
			flags := slices.DeleteFunc(m.Flags, func(f imap.Flag) bool { return strings.EqualFold(string(f), `\Recent`) })
			slices.Sort(flags)
			var content []byte
			for _, section := range m.BodySection {
				content = append(content, section.Bytes...)
			}
			all[fmt.Sprintf("%s %d/%d", folder.Mailbox, box.UIDValidity, m.UID)] =
				fmt.Sprintf("%v %v %q", flags, m.InternalDate, content)
		}
	}
	return all
}

// files returns the sum of every file that holds a message, by its folder and
// its name without the flags, and the flags with it. A message that moved
// from new to cur was looked at, no more.
func (s *site) files(t *testing.T, a account) map[string]string {
	t.Helper()
	all := map[string]string{}
	s.eachFile(t, a, func(path string, content []byte) {
		dir, name := filepath.Split(path)
		name, flags, _ := strings.Cut(name, ":2,")
		all[filepath.Join(filepath.Dir(filepath.Clean(dir)), name)] = fmt.Sprintf("%s %x", flags, sha256.Sum256(content))
	})
	return all
}

// holds tells whether a message of the mailbox contains the text.
func (s *site) holds(t *testing.T, a account, text string) bool {
	t.Helper()
	found := false
	s.eachFile(t, a, func(_ string, content []byte) {
		found = found || bytes.Contains(content, []byte(text))
	})
	return found
}

// tokens returns the token of every test message in the mailbox, by its file.
func (s *site) tokens(t *testing.T, a account) map[string]string {
	t.Helper()
	all := map[string]string{}
	s.eachFile(t, a, func(path string, content []byte) {
		if field := tokenField.FindSubmatch(content); field != nil {
			all[path] = string(field[1])
		}
	})
	return all
}

var tokenField = regexp.MustCompile(`(?m)^X-Mailcheck-Token: ([0-9a-f]+)`)

// eachFile reads every file of a Maildir's folders that holds a message. One
// that vanishes meanwhile was removed by a run beside the test, or moved by
// Dovecot (from new to cur): then all are read anew.
func (s *site) eachFile(t *testing.T, a account, do func(path string, content []byte)) {
	t.Helper()
	for range 10 {
		contents := map[string][]byte{}
		vanished := false
		err := filepath.WalkDir(s.path("mail", a.Address, "Maildir"), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			if !slices.Contains([]string{"cur", "new"}, filepath.Base(filepath.Dir(path))) {
				return nil // Dovecot's own: indexes, lists of UIDs
			}
			content, err := os.ReadFile(path)
			if errors.Is(err, fs.ErrNotExist) {
				vanished = true
				return nil
			}
			contents[path] = content
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if vanished {
			continue
		}
		for path, content := range contents {
			do(path, content)
		}
		return
	}
	t.Fatal("the files of the mailbox never stand still")
}
