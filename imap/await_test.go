package imap

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"

	"mailcheck/creds"
	"mailcheck/internal/lab"
	"mailcheck/internal/sasl"
	"mailcheck/report"
	"mailcheck/wire"
)

func TestArrivalIsPushed(t *testing.T) {
	l := startLab(t, lab.Options{})
	c := openMailbox(t, l, report.TLS, Options{})
	if err := c.Watch(c.ctx); err != nil {
		t.Fatal(err)
	}
	deliver(t, l, "INBOX", "") // somebody else's mail wakes it too
	deliver(t, l, "INBOX", token)
	begin := time.Now()
	found, err := c.Await(c.ctx, carriesToken, tokenField)
	if err != nil || found.UID != 2 {
		t.Fatalf("found %+v, %v", found, err)
	}
	if took := time.Since(begin); took >= pollEvery {
		t.Errorf("found after %v: by polling, not by IDLE", took)
	}
	if got := c.RoundTrips(); got != 7 {
		t.Errorf("%d round trips, want 7", got)
	}
}

// memory is a mail server whose connections are pipes, so that time can be
// virtual.
type memory struct {
	user   *imapmemserver.User
	server *imapserver.Server
	conns  chan net.Conn
}

func startMemory(t *testing.T, folders ...string) *memory {
	t.Helper()
	m := &memory{user: imapmemserver.NewUser("joe", "s3cret"), conns: make(chan net.Conn)}
	backend := imapmemserver.New()
	backend.AddUser(m.user)
	for _, name := range append([]string{"INBOX"}, folders...) {
		if err := m.user.Create(name, nil); err != nil {
			t.Fatal(err)
		}
	}
	m.server = imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return backend.NewSession(), nil, nil
		},
		Caps:         goimap.CapSet{goimap.CapIMAP4rev1: {}, goimap.CapUIDPlus: {}},
		Logger:       log.New(io.Discard, "", 0),
		InsecureAuth: true,
	})
	go m.server.Serve(m)
	return m
}

// Accept implements net.Listener.
func (m *memory) Accept() (net.Conn, error) {
	if c, ok := <-m.conns; ok {
		return c, nil
	}
	return nil, net.ErrClosed
}

// Close implements net.Listener.
func (m *memory) Close() error {
	close(m.conns)
	return nil
}

// Addr implements net.Listener.
func (m *memory) Addr() net.Addr { return &net.TCPAddr{} }

func (m *memory) append(t *testing.T, folder string, message []byte) {
	if _, err := m.user.Append(folder, literal{bytes.NewReader(message)}, &goimap.AppendOptions{}); err != nil {
		t.Error(err)
	}
}

type literal struct{ *bytes.Reader }

func (l literal) Size() int64 { return l.Reader.Size() }

// open makes a session with the server, in its mailbox. It is ended, and the
// server with it, by the function that is returned.
func (m *memory) open(t *testing.T) (s *Session, end func()) {
	t.Helper()
	ctx := context.Background()
	ep := report.Endpoint{Protocol: report.IMAP, Host: "imap.example.com", Port: 143, Security: report.None}
	rec := new(report.Log).Check("imap", &ep)
	opt := Options{Wire: wire.Options{DialContext: func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		m.conns <- server
		return client, nil
	}}}
	s, err := Open(ctx, rec, ep, loopback, opt)
	if err == nil {
		err = s.Login(ctx, sasl.Login{Username: "joe", Secret: creds.NewSecret("s3cret"), Kind: creds.Password}, sasl.Policy{AllowCleartext: true})
	}
	if err == nil {
		err = s.Mailbox(ctx)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s, func() {
		s.Close(ctx, report.ByFlags)
		if got := rec.Check().Step("logout"); got == nil || got.Result != report.OK || got.Detail != "" {
			t.Errorf("logout: %+v", got)
		}
		m.server.Close()
	}
}

func TestJunkIsLookedAt(t *testing.T) {
	for _, folder := range []string{"Junk", "INBOX/Spam", "迷惑メール"} {
		synctest.Test(t, func(t *testing.T) {
			m := startMemory(t, "Archive", folder)
			for range 2 * newestMessages {
				m.append(t, folder, testMessage(""))
			}
			s, end := m.open(t)
			defer end()
			if err := s.Watch(context.Background()); err != nil {
				t.Fatal(err)
			}
			m.append(t, folder, testMessage(token))
			begin := time.Now()
			found, err := s.Await(context.Background(), carriesToken, tokenField)
			if err != nil || found.Folder != folder || found.UID != 2*newestMessages+1 || !found.Junk {
				t.Errorf("found %+v, %v", found, err)
			}
			if took := time.Since(begin); took != firstJunk {
				t.Errorf("found after %v, want %v", took, firstJunk)
			}
		})
	}
}

func TestPollingWithoutIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := startMemory(t)
		s, end := m.open(t)
		defer end()
		s.caps = slices.DeleteFunc(s.caps, func(c string) bool { return c == "IDLE" })
		if err := s.Watch(context.Background()); err != nil || s.box.idle != nil {
			t.Fatalf("Watch: %v, idle: %v", err, s.box.idle)
		}
		begin := time.Now()
		time.AfterFunc(3*time.Second, func() { m.append(t, "INBOX", testMessage(token)) })
		found, err := s.Await(context.Background(), carriesToken, tokenField)
		if err != nil || found.Folder != "INBOX" || found.UID != 1 {
			t.Errorf("found %+v, %v", found, err)
		}
		// Looks at 0, 0.25, 0.75, 1.75 and 3.75 s.
		if took := time.Since(begin); took != 3750*time.Millisecond {
			t.Errorf("found after %v", took)
		}
	})
}

func TestAwaitWithoutUIDNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := startMemory(t)
		for range 2 * newestMessages {
			m.append(t, "INBOX", testMessage(""))
		}
		s, end := m.open(t)
		defer end()
		s.box.inbox.next = 0
		m.append(t, "INBOX", testMessage(token))
		found, err := s.Await(context.Background(), carriesToken, tokenField)
		if err != nil || found.UID != 2*newestMessages+1 {
			t.Errorf("found %+v, %v", found, err)
		}
	})
}

// The message of an earlier run is still in the mailbox: the match decides
// what is found, whatever is new.
func TestAwaitEndsWithItsContext(t *testing.T) {
	for _, beforehand := range []string{"watching", "polling"} {
		synctest.Test(t, func(t *testing.T) {
			m := startMemory(t, "Junk")
			m.append(t, "INBOX", testMessage(token)) // from before: not looked at
			s, end := m.open(t)
			defer end() // which shows that the session is in order
			ctx, cancel := context.WithTimeoutCause(context.Background(), 12*time.Second, report.ErrStepTimeout)
			defer cancel()
			if beforehand == "watching" {
				if err := s.Watch(ctx); err != nil {
					t.Fatal(err)
				}
			}
			m.append(t, "INBOX", testMessage("another run's token"))
			begin := time.Now()
			_, err := s.Await(ctx, carriesToken, tokenField)
			if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, report.ErrStepTimeout) {
				t.Errorf("error %v", err)
			}
			if took := time.Since(begin); took != 12*time.Second {
				t.Errorf("ended after %v", took)
			}
		})
	}
}

// A server that stalls in the middle of a look cannot hold up the end of the
// wait for long.
func TestAwaitEndsWithAServerThatStalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, server := scriptedBox(t, "")
		go io.Copy(io.Discard, server) // never an answer
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		begin := time.Now()
		_, err := s.Await(ctx, carriesToken, tokenField)
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
		if took := time.Since(begin); took != 3*time.Second+lastLook {
			t.Errorf("ended after %v", took)
		}
		s.Close(context.Background(), report.ByFlags)
		server.Close()
	})
}

// UIDs that have been given anew do not hide the message.
func TestAwaitAfterUIDValidityChanged(t *testing.T) {
	s, server := scriptedBox(t, "")
	s.box.inbox = &folder{name: inboxName, next: 99, validity: 1}
	s.box.selected = nil // Junk was looked at
	go answer(server, map[string]string{"EXAMINE": "* 1 EXISTS\r\n* OK [UIDVALIDITY 2] ok\r\n", "UID FETCH": arrived, "FETCH": arrived})
	f, err := s.Await(testContext(t), carriesToken, tokenField)
	if err != nil || f.UID != 1 || f.UIDValidity != 2 {
		t.Errorf("found %+v, %v", f, err)
	}
	s.Close(context.Background(), report.ByFlags)
}

// A Junk folder that cannot be opened is not asked for again.
func TestAwaitWithoutJunk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, server := scriptedBox(t, "")
		s.box.junk = "Junk"
		go answer(server, map[string]string{"EXAMINE": "TAG NO it is gone\r\n"})
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if _, err := s.Await(ctx, carriesToken, tokenField); err == nil || s.box.junk != "" {
			t.Errorf("error %v, Junk %q", err, s.box.junk)
		}
		s.Close(context.Background(), report.ByFlags)
	})
}

// What the server said to the last look is told beside that time ran out.
func TestAwaitKeepsARefusal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, server := scriptedBox(t, "")
		go answer(server, map[string]string{"UID FETCH": "TAG NO [SERVERBUG] sorry\r\n"})
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		_, err := s.Await(ctx, carriesToken, tokenField)
		var refused *report.ReplyError
		if !errors.Is(err, context.DeadlineExceeded) || !errors.As(err, &refused) || refused.Reply != (report.Reply{Command: "FETCH", Status: "NO", Code: "SERVERBUG", Text: "sorry"}) {
			t.Errorf("error %v", err)
		}
		s.Close(context.Background(), report.ByFlags)
	})
}

func TestFolderFor(t *testing.T) {
	folder := func(name string, delimiter rune, attrs ...goimap.MailboxAttr) *goimap.ListData {
		return &goimap.ListData{Mailbox: name, Delim: delimiter, Attrs: attrs}
	}
	tests := []struct {
		name    string
		folders []*goimap.ListData
		want    string
	}{
		{"none", []*goimap.ListData{folder("INBOX", '/'), folder("Archive", '/')}, ""},
		{"by its use", []*goimap.ListData{folder("Junk", '/'), folder("[Gmail]/Spam", '/', goimap.MailboxAttrJunk)}, "[Gmail]/Spam"},
		{"by its name", []*goimap.ListData{folder("INBOX.spam", '.'), folder("Work.Spammers", '.')}, "INBOX.spam"},
		{"the likelier name", []*goimap.ListData{folder("Bulk", '/'), folder("Junk E-mail", '/')}, "Junk E-mail"},
		{"without levels", []*goimap.ListData{folder("a/Spam", 0), folder("SPAM", 0)}, "SPAM"},
		{"not to be opened", []*goimap.ListData{folder("Junk", '/', goimap.MailboxAttrNoSelect), folder("Spam", '/')}, "Spam"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := folderFor(tt.folders, goimap.MailboxAttrJunk, junkNames); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	for _, names := range [][]string{junkNames, sentNames} {
		for _, name := range names {
			if name != strings.ToLower(name) {
				t.Errorf("%q is not in lower case", name)
			}
		}
	}
}
