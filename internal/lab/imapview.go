package lab

import (
	"bytes"
	"errors"
	"slices"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
)

// view is a folder as one session has been told of it: sequence numbers are
// positions in it (RFC 9051 section 2.3.1.2), so a message stays until the
// client has heard that it is gone. Mailbox.mu guards it.
type view struct {
	box      *Mailbox
	folder   *folder
	readOnly bool
	known    []*known
	last     imap.UID // the highest that was told
}

// known is a message and the version of its flags that the session knows.
type known struct {
	*message
	version int
}

// newView begins a view; the caller holds box.mu.
func newView(box *Mailbox, f *folder, options *imap.SelectOptions) *view {
	v := &view{box: box, folder: f, readOnly: options.ReadOnly}
	v.grow()
	return v
}

// grow adds the messages that are new and tells whether there were any.
func (v *view) grow() bool {
	before := len(v.known)
	for _, m := range v.folder.messages {
		if m.uid > v.last {
			v.known = append(v.known, &known{m, m.version})
			v.last = m.uid
		}
	}
	return len(v.known) > before
}

// update tells the client what has changed since the last time.
func (v *view) update(w *imapserver.UpdateWriter, allowExpunge bool) error {
	type flagsOf struct {
		number uint32
		uid    imap.UID
		flags  []imap.Flag
	}
	v.box.mu.Lock()
	var expunged []uint32
	if allowExpunge {
		// From the end, so that each number is right when it is told.
		for i, k := range slices.Backward(v.known) {
			if k.gone {
				expunged = append(expunged, uint32(i)+1)
			}
		}
		v.known = slices.DeleteFunc(v.known, func(k *known) bool { return k.gone })
	}
	grown := v.grow()
	exists := uint32(len(v.known))
	var flags []flagsOf
	for i, k := range v.known {
		if k.version != k.message.version {
			k.version = k.message.version
			flags = append(flags, flagsOf{uint32(i) + 1, k.uid, k.flags})
		}
	}
	v.box.mu.Unlock()

	// Writing waits for the client, so nothing is locked.
	for _, number := range expunged {
		if err := w.WriteExpunge(number); err != nil {
			return err
		}
	}
	if grown {
		if err := w.WriteNumMessages(exists); err != nil {
			return err
		}
	}
	for _, f := range flags {
		if err := w.WriteMessageFlags(f.number, f.uid, f.flags); err != nil {
			return err
		}
	}
	return nil
}

// picked is a message of a set, with its sequence number.
type picked struct {
	*known
	number uint32
}

// pick returns the messages of a set; the caller holds box.mu.
func (v *view) pick(set imap.NumSet) []picked {
	var out []picked
	for i, k := range v.known {
		number := uint32(i) + 1
		if v.contains(set, number, k.uid) {
			out = append(out, picked{k, number})
		}
	}
	return out
}

// contains tells whether the set has the message. Zero stands for "*", the
// last message, and ranges may be backwards (RFC 9051 section 9, seq-range).
func (v *view) contains(set imap.NumSet, number uint32, uid imap.UID) bool {
	within := func(n, start, stop, last uint32) bool {
		if start == 0 {
			start = last
		}
		if stop == 0 {
			stop = last
		}
		return min(start, stop) <= n && n <= max(start, stop)
	}
	switch set := set.(type) {
	case imap.SeqSet:
		return slices.ContainsFunc(set, func(r imap.SeqRange) bool {
			return within(number, r.Start, r.Stop, uint32(len(v.known)))
		})
	case imap.UIDSet:
		return slices.ContainsFunc(set, func(r imap.UIDRange) bool {
			return within(uint32(uid), uint32(r.Start), uint32(r.Stop), uint32(v.last))
		})
	}
	return false
}

// fetched is what one FETCH response tells.
type fetched struct {
	picked
	flags []imap.Flag
}

// Fetch implements imapserver.Session.
func (s *imapSession) Fetch(w *imapserver.FetchWriter, set imap.NumSet, options *imap.FetchOptions) error {
	reads := slices.ContainsFunc(options.BodySection, func(b *imap.FetchItemBodySection) bool { return !b.Peek })
	s.box.mu.Lock()
	var list []fetched
	for _, p := range s.view.pick(set) {
		if reads && !s.view.readOnly && !p.has(imap.FlagSeen) {
			s.box.setFlags(p.message, p.with([]imap.Flag{imap.FlagSeen}))
		}
		if options.Flags {
			p.version = p.message.version
		}
		list = append(list, fetched{p, p.flags})
	}
	s.box.mu.Unlock()
	for _, f := range list {
		if err := f.write(w.CreateMessage(f.number), options); err != nil {
			return err
		}
	}
	return nil
}

func (f *fetched) write(w *imapserver.FetchResponseWriter, options *imap.FetchOptions) error {
	if options.UID {
		w.WriteUID(f.uid)
	}
	if options.Flags {
		w.WriteFlags(f.flags)
	}
	if options.InternalDate {
		w.WriteInternalDate(f.date)
	}
	if options.RFC822Size {
		w.WriteRFC822Size(int64(len(f.raw)))
	}
	if options.Envelope {
		w.WriteEnvelope(imapserver.ExtractEnvelope(f.header().Header.Header))
	}
	if options.BodyStructure != nil {
		w.WriteBodyStructure(imapserver.ExtractBodyStructure(bytes.NewReader(f.raw)))
	}
	for _, section := range options.BodySection {
		body := f.section(section)
		literal := w.WriteBodySection(section, int64(len(body)))
		_, err := literal.Write(body)
		if err := errors.Join(err, literal.Close()); err != nil {
			return err
		}
	}
	return w.Close()
}

// section returns a part of the message. The whole of it is given byte for
// byte, whatever it looks like.
func (m *message) section(section *imap.FetchItemBodySection) []byte {
	if len(section.Part) == 0 && section.Specifier == imap.PartSpecifierNone && section.Partial == nil {
		return m.raw
	}
	return imapserver.ExtractBodySection(bytes.NewReader(m.raw), section)
}

// Store implements imapserver.Session.
func (s *imapSession) Store(w *imapserver.FetchWriter, set imap.NumSet, change *imap.StoreFlags, _ *imap.StoreOptions) error {
	if s.view.readOnly {
		return errReadOnly
	}
	s.box.mu.Lock()
	for _, p := range s.view.pick(set) {
		flags := change.Flags
		switch change.Op {
		case imap.StoreFlagsAdd:
			flags = p.with(change.Flags)
		case imap.StoreFlagsDel:
			flags = p.without(change.Flags)
		}
		s.box.setFlags(p.message, slices.Clone(flags))
		p.version = p.message.version // no news to the client that did it
	}
	s.box.mu.Unlock()
	if change.Silent {
		return nil
	}
	return s.Fetch(w, set, &imap.FetchOptions{UID: true, Flags: true})
}

var errReadOnly = imapNo("", "The folder is selected read-only")

// Expunge implements imapserver.Session. Its responses come with the next
// update.
func (s *imapSession) Expunge(_ *imapserver.ExpungeWriter, uids *imap.UIDSet) error {
	if s.view.readOnly {
		if uids != nil {
			return errReadOnly
		}
		return nil // also CLOSE comes here, which must not fail (RFC 9051 section 6.4.1)
	}
	s.box.mu.Lock()
	defer s.box.mu.Unlock()
	s.box.remove(s.view.folder, func(m *message) bool {
		return m.has(imap.FlagDeleted) && (uids == nil || s.view.contains(*uids, 0, m.uid))
	})
	return nil
}

// Copy implements imapserver.Session.
func (s *imapSession) Copy(set imap.NumSet, name string) (*imap.CopyData, error) {
	s.box.mu.Lock()
	defer s.box.mu.Unlock()
	data, _, err := s.copy(set, name)
	return data, err
}

// Move implements imapserver.SessionMove (RFC 6851).
func (s *imapSession) Move(w *imapserver.MoveWriter, set imap.NumSet, name string) error {
	if s.view.readOnly {
		return errReadOnly
	}
	s.box.mu.Lock()
	data, moved, err := s.copy(set, name)
	if err == nil {
		s.box.remove(s.view.folder, func(m *message) bool { return slices.Contains(moved, m) })
	}
	s.box.mu.Unlock()
	if err != nil || data == nil {
		return err
	}
	return w.WriteCopyData(data)
}

// copy copies the messages of a set; the caller holds box.mu. The data are nil
// when there were none.
func (s *imapSession) copy(set imap.NumSet, name string) (*imap.CopyData, []*message, error) {
	to := s.box.folder(name)
	if to == nil {
		return nil, nil, imapNo(imap.ResponseCodeTryCreate, "No such folder")
	}
	list := s.view.pick(set)
	if len(list) == 0 {
		return nil, nil, nil
	}
	data := &imap.CopyData{UIDValidity: to.validity}
	var copied []*message
	for _, p := range list {
		data.SourceUIDs.AddNum(p.uid)
		copy := s.box.add(to, p.raw, p.date, p.flags)
		data.DestUIDs.AddNum(copy.uid)
		s.box.bin(to, copy, p.message)
		copied = append(copied, p.message)
	}
	return data, copied, nil
}
