package lab

import (
	"errors"
	"io"
	"log"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-sasl"

	"mailcheck/report"
)

// imapDelimiter is between the levels of folder names; there is one level.
const imapDelimiter = '/'

// imapServer is go-imap's server over the lab's mailbox, behind a front.
type imapServer struct {
	lab *Lab
	in  *handoff
}

func newIMAPServer(l *Lab) *imapServer {
	caps := imap.CapSet{
		imap.CapIMAP4rev1: {}, imap.CapNamespace: {}, imap.CapUIDPlus: {}, imap.CapESearch: {},
		imap.CapListExtended: {}, imap.CapMove: {}, imap.CapSpecialUse: {},
	}
	if l.behaviour.noUIDPLUS {
		delete(caps, imap.CapUIDPlus)
	}
	srv := imapserver.New(&imapserver.Options{
		NewSession: func(c *imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			front := c.NetConn().(*imapFront)
			return &imapSession{lab: l, box: l.mailbox, front: front, door: front.door}, nil, nil
		},
		Caps:   caps,
		Logger: log.New(io.Discard, "", 0),
		// The front has the TLS, so imapserver knows of none.
		InsecureAuth: true,
	})
	s := &imapServer{lab: l, in: newHandoff(l.stop)}
	l.workers.Go(func() { _ = srv.Serve(s.in) })
	return s
}

func (s *imapServer) serve(c *conn, security report.Security) {
	front := newIMAPFront(s.lab, c)
	if security == report.TLS {
		front.secure()
	}
	s.in.offer(front)
}

// imapSession is one session of an IMAP client.
type imapSession struct {
	lab   *Lab
	box   *Mailbox
	front *imapFront
	door  *door
	view  *view // of the selected folder, or nil
}

var (
	_ imapserver.SessionSASL      = (*imapSession)(nil)
	_ imapserver.SessionMove      = (*imapSession)(nil)
	_ imapserver.SessionNamespace = (*imapSession)(nil)
)

// imapNo is a NO with a response code.
func imapNo(code imap.ResponseCode, text string) error {
	return &imap.Error{Type: imap.StatusResponseTypeNo, Code: code, Text: text}
}

// errUnsafeLogin is what NetEase's servers say to a client that has not sent ID.
var errUnsafeLogin = imapNo("", "SELECT Unsafe Login. Please contact kefu@188.com for help")

// Close implements imapserver.Session.
func (s *imapSession) Close() error { return nil }

// AuthenticateMechanisms implements imapserver.SessionSASL.
func (s *imapSession) AuthenticateMechanisms() []string { return s.door.mechanisms() }

// Authenticate implements imapserver.SessionSASL.
func (s *imapSession) Authenticate(mechanism string) (sasl.Server, error) {
	exchange, err := s.door.sasl(mechanism)
	if err != nil {
		return nil, imapError(err)
	}
	return steps(func(response []byte) ([]byte, bool, error) {
		challenge, done, err := exchange.Next(response)
		s.front.loggedIn = done && err == nil
		return challenge, done, imapError(err)
	}), nil
}

// Login implements imapserver.Session.
func (s *imapSession) Login(user, password string) error {
	switch {
	case !s.door.secure():
		return imapError(clearText)
	case !s.door.offers("PLAIN") && !s.door.offers("LOGIN"):
		return imapError(notOffered)
	}
	err := s.door.password(user, password)
	s.front.loggedIn = err == nil
	return imapError(err)
}

func imapError(err error) error {
	var r *refusal
	if errors.As(err, &r) {
		return &r.imap
	}
	return err
}

// Select implements imapserver.Session.
func (s *imapSession) Select(name string, options *imap.SelectOptions) (*imap.SelectData, error) {
	switch {
	case s.lab.behaviour.examine != nil:
		return nil, s.lab.behaviour.examine
	case s.lab.opts.WantsID && !s.front.named:
		return nil, errUnsafeLogin
	}
	s.box.mu.Lock()
	defer s.box.mu.Unlock()
	f := s.box.folder(name)
	if f == nil {
		return nil, imapNo(imap.ResponseCodeNonExistent, "No such folder")
	}
	s.view = newView(s.box, f, options)
	data := &imap.SelectData{
		Flags:       []imap.Flag{imap.FlagAnswered, imap.FlagFlagged, imap.FlagDeleted, imap.FlagSeen, imap.FlagDraft},
		NumMessages: uint32(len(f.messages)),
		UIDNext:     f.next,
		UIDValidity: f.validity,
	}
	if !s.view.readOnly {
		data.PermanentFlags = append(data.Flags[:len(data.Flags):len(data.Flags)], imap.FlagWildcard)
	}
	for i, m := range f.messages {
		if !m.has(imap.FlagSeen) {
			data.FirstUnseenSeqNum = uint32(i) + 1
			break
		}
	}
	return data, nil
}

// Unselect implements imapserver.Session.
func (s *imapSession) Unselect() error {
	s.view = nil
	return nil
}

// List implements imapserver.Session.
func (s *imapSession) List(w *imapserver.ListWriter, ref string, patterns []string, options *imap.ListOptions) error {
	if len(patterns) == 0 { // RFC 9051 section 6.3.9: asks for the delimiter
		return w.WriteList(&imap.ListData{Attrs: []imap.MailboxAttr{imap.MailboxAttrNoSelect}, Delim: imapDelimiter})
	}
	s.box.mu.Lock()
	var list []imap.ListData
	for _, f := range s.box.folders {
		data := imap.ListData{Mailbox: f.name, Delim: imapDelimiter, Attrs: []imap.MailboxAttr{imap.MailboxAttrHasNoChildren}}
		if f.use != "" {
			data.Attrs = append(data.Attrs, f.use)
		} else if options.SelectSpecialUse {
			continue
		}
		for _, pattern := range patterns {
			if imapserver.MatchList(f.name, imapDelimiter, ref, pattern) {
				list = append(list, data)
				break
			}
		}
	}
	s.box.mu.Unlock()
	for _, data := range list {
		if err := w.WriteList(&data); err != nil {
			return err
		}
	}
	return nil
}

// Namespace implements imapserver.SessionNamespace.
func (s *imapSession) Namespace() (*imap.NamespaceData, error) {
	return &imap.NamespaceData{Personal: []imap.NamespaceDescriptor{{Delim: imapDelimiter}}}, nil
}

// Status implements imapserver.Session.
func (s *imapSession) Status(name string, _ *imap.StatusOptions) (*imap.StatusData, error) {
	s.box.mu.Lock()
	defer s.box.mu.Unlock()
	f := s.box.folder(name)
	if f == nil {
		return nil, imapNo(imap.ResponseCodeNonExistent, "No such folder")
	}
	var messages, unseen, deleted, recent uint32
	var size int64
	for _, m := range f.messages {
		messages++
		size += int64(len(m.raw))
		if !m.has(imap.FlagSeen) {
			unseen++
		}
		if m.has(imap.FlagDeleted) {
			deleted++
		}
	}
	return &imap.StatusData{Mailbox: f.name, UIDNext: f.next, UIDValidity: f.validity,
		NumMessages: &messages, NumUnseen: &unseen, NumDeleted: &deleted, NumRecent: &recent, Size: &size}, nil
}

// Append implements imapserver.Session.
func (s *imapSession) Append(name string, r imap.LiteralReader, options *imap.AppendOptions) (*imap.AppendData, error) {
	raw, err := io.ReadAll(r) // imapserver bounds it
	if err != nil {
		return nil, err
	}
	date := options.Time
	if date.IsZero() {
		date = time.Now()
	}
	s.box.mu.Lock()
	defer s.box.mu.Unlock()
	f := s.box.folder(name)
	if f == nil {
		return nil, imapNo(imap.ResponseCodeTryCreate, "No such folder")
	}
	return &imap.AppendData{UIDValidity: f.validity, UID: s.box.add(f, raw, date, options.Flags).uid}, nil
}

// Poll implements imapserver.Session.
func (s *imapSession) Poll(w *imapserver.UpdateWriter, allowExpunge bool) error {
	if s.view == nil {
		return nil
	}
	return s.view.update(w, allowExpunge)
}

// Idle implements imapserver.Session (RFC 2177).
func (s *imapSession) Idle(w *imapserver.UpdateWriter, stop <-chan struct{}) error {
	for {
		s.box.mu.Lock()
		changed := s.box.changed
		s.box.mu.Unlock()
		if err := s.Poll(w, true); err != nil {
			return err
		}
		select {
		case <-changed:
		case <-stop:
			return nil
		}
	}
}

var errFixedFolders = imapNo(imap.ResponseCodeCannot, "The folders of this mailbox are fixed")

// Create implements imapserver.Session.
func (s *imapSession) Create(string, *imap.CreateOptions) error { return errFixedFolders }

// Delete implements imapserver.Session.
func (s *imapSession) Delete(string) error { return errFixedFolders }

// Rename implements imapserver.Session.
func (s *imapSession) Rename(string, string, *imap.RenameOptions) error { return errFixedFolders }

// Subscribe implements imapserver.Session.
func (s *imapSession) Subscribe(string) error { return errFixedFolders }

// Unsubscribe implements imapserver.Session.
func (s *imapSession) Unsubscribe(string) error { return errFixedFolders }
