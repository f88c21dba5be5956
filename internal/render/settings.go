package render

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"mailcheck/internal/lang"
	"mailcheck/report"
)

// encryption is a way to encrypt as mail programs call it.
func encryption(s report.Security, t lang.Tag) string {
	switch s {
	case report.TLS:
		return "SSL/TLS"
	case report.STARTTLS:
		return "STARTTLS"
	}
	return t.Say("none")
}

// settings writes the settings that work. When all is well, it adds what a mail
// program may have set otherwise.
func (p *page) settings(r *report.Report) {
	title, rows := p.working(r)
	if len(rows) == 0 {
		return
	}
	p.table(title, rows)
	p.list(p.differ(), p.compare(r))
	if hint := p.emptyInbox(r); hint != "" {
		p.gap()
		p.para(hint)
	}
}

// working is the table of the settings that work: those that a login proved;
// where none was made, those of the servers that answered as they should. No
// rows mean that there are none.
func (p *page) working(r *report.Report) (title string, table [][]string) {
	proven, answering := usable(r)
	switch {
	case len(proven) > 0 && senderRefused(r):
		return p.Say("These servers took the login; what was refused is the sender"), rows(proven, r, true)
	case len(proven) > 0:
		return p.Say("These settings work"), rows(proven, r, true)
	case len(answering) > 0 && r.Verdict.Logins.Made == 0:
		return p.Say("These servers answer as they should; no login was made"), rows(answering, r, false)
	}
	return "", nil
}

// senderRefused tells a login that was taken, and may not send as it did: then
// it may be that of another account.
func senderRefused(r *report.Report) bool {
	return slices.ContainsFunc(r.Checks, func(c *report.Check) bool {
		s := c.FirstFailed()
		return s != nil && s.Cause == report.SubmitSenderNotOwned
	})
}

// usable are the endpoints that a login proved, and those that answered as
// they should without one.
func usable(r *report.Report) (proven, answering []report.Endpoint) {
	for _, e := range r.Settings {
		switch c := checkOf(r, e); {
		case c == nil || slices.ContainsFunc(append(proven, answering...), e.SameServer): // sources that agree
		case mailboxFailed(c): // the login alone is of no use
		case loggedIn(c):
			proven = append(proven, e)
		case c.FirstFailed() == nil && c.Result != report.Skip:
			answering = append(answering, e)
		}
	}
	order := func(a, b report.Endpoint) int {
		return cmp.Compare(slices.Index(report.Protocols, a.Protocol), slices.Index(report.Protocols, b.Protocol))
	}
	slices.SortStableFunc(proven, order)
	slices.SortStableFunc(answering, order)
	return proven, answering
}

// emptyInbox says where mail may have gone that should be in an empty inbox;
// empty when there is nothing to say.
func (p *page) emptyInbox(r *report.Report) string {
	if proven, _ := usable(r); len(proven) == 0 || r.Result == report.Fail {
		return ""
	}
	const empty = "0 messages" // as the step says it
	for _, protocol := range report.Protocols {
		if s := r.Check(string(protocol)).Step("mailbox"); s != nil && s.Result == report.OK && s.Detail == empty {
			return p.Say("Is the inbox empty although mail was sent to it? Another program or phone that fetches it with POP3 may delete it on the server: there switch on \"leave messages on the server\", or use IMAP.")
		}
	}
	return ""
}

// checkOf is the check of an endpoint.
func checkOf(r *report.Report, e report.Endpoint) *report.Check {
	i := slices.IndexFunc(r.Checks, func(c *report.Check) bool { return c.At(e) })
	if i < 0 {
		return nil
	}
	return r.Checks[i]
}

// loggedIn tells whether the check's server took the login.
func loggedIn(c *report.Check) bool {
	auth := c.LastLogin()
	return auth != nil && auth.LoginTaken()
}

// mailboxFailed tells a session whose mailbox did not open.
func mailboxFailed(c *report.Check) bool {
	s := c.Step("mailbox")
	return s != nil && s.Result == report.Fail
}

// rows are the table's cells, its head first. The last column is about the
// secret, where a login was made with one.
func rows(endpoints []report.Endpoint, r *report.Report, withSecret bool) [][]string {
	t := tag(r)
	head := []string{"", t.Say("server"), t.Say("port"), t.Say("encryption"), t.Say("user name")}
	secret, tested := t.Say("password"), t.Say("the one tested")
	if tokens(r) {
		secret, tested = t.Say("sign-in"), "OAuth2"
	}
	if withSecret {
		head = append(head, secret)
	}
	table := [][]string{head}
	for _, e := range endpoints {
		row := []string{e.Protocol.Label(), e.Host, strconv.Itoa(e.Port), encryption(e.Security, t), userName(r, e)}
		if withSecret {
			row = append(row, tested)
			tested = t.Say("the same")
		}
		table = append(table, row)
	}
	return table
}

func userName(r *report.Report, e report.Endpoint) string {
	if e.Username != "" {
		return e.Username
	}
	return r.Address
}

// table writes rows under a title, the first of them the head. What is too
// wide for a table becomes a list.
func (p *page) table(title string, rows [][]string) {
	p.gap()
	p.line(title)
	widths := make([]int, len(rows[0]))
	total := 0
	for i := range widths {
		for _, row := range rows {
			widths[i] = max(widths[i], cells(row[i]))
		}
		total += 2 + widths[i]
	}
	if total > columns {
		p.tall(rows)
		return
	}
	for _, row := range rows {
		line := ""
		for i, cell := range row {
			line += "  " + pad(cell, widths[i])
		}
		p.line(line)
	}
}

// tall writes a table with a line a cell.
func (p *page) tall(rows [][]string) {
	head := rows[0]
	for _, row := range rows[1:] {
		lead := "  " + pad(row[0], 6)
		for i := 1; i < len(row); i++ {
			p.hang(lead+pad(head[i], labelWidth), row[i])
			lead = strings.Repeat(" ", cells(lead))
		}
	}
}

// differ is the title of what [page.compare] lists.
func (p *page) differ() string {
	return p.Say("If your mail program still cannot send, its settings differ from these")
}

// compare lists what a mail program that cannot send has mostly set
// otherwise, the most frequent first; nothing unless sending works.
func (p *page) compare(r *report.Report) []string {
	proven, _ := usable(r)
	var smtp *report.Endpoint
	for i, e := range proven {
		if e.Protocol == report.SMTP && smtp == nil {
			smtp = &proven[i]
		}
	}
	if smtp == nil || r.Result == report.Fail || r.Verdict.Send != report.OK {
		return nil
	}
	set := p.Say("Set %d.", smtp.Port)
	if smtp.Security != report.None {
		set = p.Say("Set %d and %s.", smtp.Port, encryption(smtp.Security, p.Tag))
	}
	var items []string
	if smtp.Port != 25 {
		items = append(items, p.Sentences(p.Say("Sending over port 25? Many lines block it (OP25B)."), set))
	}
	switch smtp.Security {
	case report.TLS:
		items = append(items, p.Say(`Is the encryption "none" or "STARTTLS"? Port %d wants SSL/TLS.`, smtp.Port))
	case report.STARTTLS:
		items = append(items, p.Say(`Is the encryption "none" or "SSL/TLS"? Port %d wants STARTTLS.`, smtp.Port))
	}
	if tokens(r) {
		items = append(items,
			p.Say(`Switch on "my outgoing server requires authentication", with OAuth2 as the way to log in.`),
			p.Say("Sign in again in the mail program: its saved sign-in may have lapsed."))
	} else {
		items = append(items,
			p.Say(`Switch on "my outgoing server requires authentication", with the user name and password of the table.`),
			p.Say("Type the password again: the saved one may be older than the one tested."))
	}
	return items
}
