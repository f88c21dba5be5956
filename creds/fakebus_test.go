//go:build linux || netbsd || openbsd || (freebsd && cgo) || (dragonfly && cgo)

package creds

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/godbus/dbus/v5"
)

const (
	otherCollection = dbus.ObjectPath("/org/freedesktop/secrets/collection/other")
	promptPath      = dbus.ObjectPath("/org/freedesktop/secrets/prompt/p1")
	itemPath        = dbus.ObjectPath("/org/freedesktop/secrets/collection/login/1")
)

// fakeBus is a session bus with a Secret Service, as far as go-keyring and
// prepare ask for them. Its fields are set before the first connection.
type fakeBus struct {
	absent      bool              // nobody is the Secret Service
	startable   bool              // but the bus would start one
	collections []dbus.ObjectPath // nil means login
	alias       dbus.ObjectPath   // the default collection; empty means none
	locked      bool
	stubborn    bool     // Unlock unlocks nothing and offers no dialogue
	dialogue    string   // "unlocks", "closed" or "unanswered"; empty: Unlock needs none
	items       []string // secrets of the items that match
	mute        string   // a method that is never answered
	fail        string   // a method that is answered with an error

	mu    sync.Mutex
	calls []string
}

// start serves the bus and points the environment at it, until the test ends.
func (f *fakeBus) start(t *testing.T) {
	t.Helper()
	if f.collections == nil {
		f.collections = []dbus.ObjectPath{loginPath}
	}
	address, stop := listenBus(t, f.serve)
	t.Setenv(busAddressEnv, address)
	if f.mute == "Hello" {
		t.Cleanup(stop)
		return
	}
	// go-keyring will use this connection, which the whole process shares;
	// the next test needs it to be gone.
	shared, err := dbus.SessionBus()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		<-shared.Context().Done()
	})
}

// listenBus serves each connection to a new socket. It returns the socket's
// address as that of a bus, and what closes it and all connections.
func listenBus(t *testing.T, serve func(net.Conn)) (address string, stop func()) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bus")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var conns []net.Conn
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			conns = append(conns, c)
			mu.Unlock()
			wg.Go(func() {
				defer c.Close()
				serve(c)
			})
		}
	})
	return "unix:path=" + dbus.EscapeBusAddressValue(path), func() {
		l.Close()
		mu.Lock()
		for _, c := range conns {
			c.Close()
		}
		mu.Unlock()
		wg.Wait()
	}
}

func (f *fakeBus) called(method string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Contains(f.calls, method)
}

func (f *fakeBus) held() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.items)
}

// serve is one connection: the SASL dialogue, then messages.
func (f *fakeBus) serve(c net.Conn) {
	r := bufio.NewReader(c)
	if _, err := r.ReadByte(); err != nil { // the NUL that carries credentials
		return
	}
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		switch line = strings.TrimSpace(line); {
		case line == "AUTH":
			io.WriteString(c, "REJECTED EXTERNAL\r\n")
		case strings.HasPrefix(line, "AUTH EXTERNAL"):
			io.WriteString(c, "OK 0123456789abcdef0123456789abcdef\r\n")
		case line == "BEGIN":
			f.messages(c, r)
			return
		default:
			io.WriteString(c, "ERROR\r\n")
		}
	}
}

func (f *fakeBus) messages(c net.Conn, r io.Reader) {
	for {
		m, err := dbus.DecodeMessage(r)
		if err != nil {
			return
		}
		method := m.Headers[dbus.FieldMember].Value().(string)
		f.mu.Lock()
		f.calls = append(f.calls, method)
		reply := &dbus.Message{Type: dbus.TypeMethodReply, Headers: map[dbus.HeaderField]dbus.Variant{
			dbus.FieldReplySerial: dbus.MakeVariant(m.Serial()),
		}}
		reply.Body = f.answer(method, m.Body)
		completed := method == "Prompt" && f.dialogue != "unanswered"
		f.mu.Unlock()
		switch {
		case method == f.mute:
			continue
		case method == f.fail:
			reply.Type = dbus.TypeError
			reply.Headers[dbus.FieldErrorName] = dbus.MakeVariant("org.freedesktop.DBus.Error.Failed")
			reply.Body = []any{"refused by the test"}
		}
		send(c, reply)
		if completed {
			closed := f.dialogue == "closed"
			send(c, &dbus.Message{Type: dbus.TypeSignal, Headers: map[dbus.HeaderField]dbus.Variant{
				dbus.FieldPath:      dbus.MakeVariant(promptPath),
				dbus.FieldInterface: dbus.MakeVariant(promptInterface),
				dbus.FieldMember:    dbus.MakeVariant("Completed"),
			}, Body: []any{closed, dbus.MakeVariant([]dbus.ObjectPath{})}})
		}
	}
}

func send(w io.Writer, m *dbus.Message) {
	if len(m.Body) > 0 {
		m.Headers[dbus.FieldSignature] = dbus.MakeVariant(dbus.SignatureOf(m.Body...))
	}
	m.EncodeTo(w, binary.LittleEndian) // an error is the client's going away
}

// answer returns the results of a method. It is called with the lock held.
func (f *fakeBus) answer(method string, args []any) []any {
	type secret struct {
		Session     dbus.ObjectPath
		Parameters  []byte
		Value       []byte
		ContentType string
	}
	switch method {
	case "Hello":
		return []any{":1.1"}
	case "NameHasOwner":
		return []any{!f.absent}
	case "ListActivatableNames":
		names := []string{busName}
		if f.startable {
			names = append(names, secretsName)
		}
		return []any{names}
	case "Get":
		if args[1] == "Collections" {
			return []any{dbus.MakeVariant(f.collections)}
		}
		return []any{dbus.MakeVariant(f.locked)}
	case "ReadAlias":
		if f.alias == "" {
			return []any{noObject}
		}
		return []any{f.alias}
	case "Unlock":
		switch {
		case f.locked && f.stubborn:
			return []any{[]dbus.ObjectPath{}, noObject}
		case f.locked && f.dialogue != "":
			return []any{[]dbus.ObjectPath{}, promptPath}
		}
		f.locked = false
		return []any{args[0], noObject}
	case "Prompt":
		f.locked = f.locked && f.dialogue != "unlocks"
		return nil
	case "SearchItems":
		found := []dbus.ObjectPath{}
		for range f.items {
			found = append(found, itemPath)
		}
		return []any{found}
	case "OpenSession":
		return []any{dbus.MakeVariant(""), dbus.ObjectPath("/org/freedesktop/secrets/session/s1")}
	case "GetSecret":
		return []any{secret{Session: args[0].(dbus.ObjectPath), Value: []byte(f.items[0]), ContentType: "text/plain"}}
	case "CreateItem":
		stored := args[1].([]any)[2].([]byte)
		f.items = []string{string(stored)}
		return []any{itemPath, noObject}
	case "Delete":
		f.items = nil
		return []any{noObject}
	}
	return nil // AddMatch, RemoveMatch, Close
}
