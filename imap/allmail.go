package imap

import (
	"slices"

	"mailcheck/report"
)

// clearAllMail removes the messages with this mark from the folder of all mail
// (RFC 6154, \All), and says what became of each. Gmail keeps every message
// there, whatever other folders show it: one that is expunged from them stays,
// and so does one that is expunged there. Only in Trash does a message end, and
// what is copied to Trash leaves all other folders. Servers without either
// folder are asked nothing.
func (b *box) clearAllMail(m mark) (copies []report.Copy) {
	if b.all == "" || b.trash == "" {
		return nil
	}
	for i, f := range b.newest(b.all, m) {
		deleted := i < maxCopies && !b.guard.broken() && b.bin(f) == nil
		copies = append(copies, report.Copy{Folder: f.Folder, Deleted: deleted})
	}
	return copies
}

// bin removes a message by way of Trash. It is looked at again right before,
// and so is what is then found in Trash.
func (b *box) bin(f Found) error {
	if err := b.reclaim(f, readOnly, nil); err != nil {
		return err
	}
	var copied func() error
	b.flight(func() { copied = b.copy(f.UID, b.trash) })
	if err := copied(); err != nil {
		return err
	}
	for _, t := range b.newest(b.trash, f.mark) {
		if err := b.remove(t); err != nil {
			return err
		}
	}
	if slices.ContainsFunc(b.newest(f.Folder, f.mark), f.same) { // folders that are no labels
		return errStill
	}
	return nil
}

// newest returns the messages with this mark among the newest of a folder.
func (b *box) newest(name string, m mark) []Found {
	var opened func() (*folder, error)
	b.flight(func() { opened = b.open(name, readOnly) })
	in, err := opened()
	if err != nil || in.messages == 0 {
		return nil
	}
	var look func() []Found
	b.flight(func() { look = b.recognise(in, in.newest(), m) })
	return look()
}
