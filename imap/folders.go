package imap

import (
	"slices"
	"strings"

	goimap "github.com/emersion/go-imap/v2"

	"mailcheck/internal/crash"
)

// The names of folders whose use a server does not tell (RFC 6154), in lower
// case: what servers, web mail and mail programs create.
var (
	junkNames = []string{
		"junk", "spam", "junk e-mail", "junk email", "junk mail", "junkmail", "bulk mail", "bulk",
		"迷惑メール", "迷惑メールフォルダ", "スパム", "spamverdacht", "unerwünscht", "junk-e-mail",
		"courrier indésirable", "indésirables", "correo no deseado", "posta indesiderata", "垃圾邮件", "스팸메일함",
	}
	sentNames = []string{
		"sent", "sent items", "sent messages", "sent mail", "sent-mail",
		"送信済み", "送信済みメール", "送信済みアイテム", "送信済みトレイ", "gesendet", "gesendete objekte", "gesendete elemente",
		"envoyés", "éléments envoyés", "messages envoyés", "enviados", "elementos enviados", "posta inviata", "inviata", "已发送", "보낸메일함",
	}
)

// listOptions asks for the uses of folders. A server without LIST-EXTENDED
// cannot be asked, but may name them all the same (RFC 6154 section 2).
func (s *Session) listOptions() *goimap.ListOptions {
	return &goimap.ListOptions{ReturnSpecialUse: s.offers("IMAP4rev2") || s.offers("SPECIAL-USE") && s.offers("LIST-EXTENDED")}
}

// list asks for the folders, and remembers what they are for.
func (b *box) list(options *goimap.ListOptions) (wait func() error) {
	cmd := b.client.List("", "*", options)
	var folders []*goimap.ListData
	var err error
	collected := crash.Aside(func() { folders, err = cmd.Collect() })
	return func() error {
		collected()
		b.junk = folderFor(folders, goimap.MailboxAttrJunk, junkNames)
		b.sent = folderFor(folders, goimap.MailboxAttrSent, sentNames)
		b.all = folderFor(folders, goimap.MailboxAttrAll, nil)
		b.trash = folderFor(folders, goimap.MailboxAttrTrash, nil)
		return b.guard.explain("LIST", err)
	}
}

// folderFor returns the folder with this use, else the one that is called so;
// empty when there is none.
func folderFor(folders []*goimap.ListData, use goimap.MailboxAttr, names []string) string {
	best := ""
	rank := len(names)
	for _, f := range folders {
		if f.Mailbox == inboxName || slices.Contains(f.Attrs, goimap.MailboxAttrNoSelect) || slices.Contains(f.Attrs, goimap.MailboxAttrNonExistent) {
			continue
		}
		if slices.Contains(f.Attrs, use) {
			return f.Mailbox
		}
		name := f.Mailbox
		if f.Delim != 0 {
			name = name[strings.LastIndexByte(name, byte(f.Delim))+1:] // the guard passes ASCII delimiters
		}
		if i := slices.Index(names, strings.ToLower(name)); i >= 0 && i < rank {
			best, rank = f.Mailbox, i
		}
	}
	return best
}
