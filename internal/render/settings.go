package render

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"mailcheck/report"
)

// encryptions are the ways to encrypt as mail programs call them.
var encryptions = map[report.Security]string{
	report.TLS: "SSL/TLS", report.STARTTLS: "STARTTLS", report.None: "none",
}

// protocols in the order of a mail program's settings.
var protocols = []report.Protocol{report.IMAP, report.POP3, report.SMTP}

// settings writes the settings that work: those that a login proved; where
// none was made, those of the servers that answered as they should. When all
// is well, it adds what a mail program may have set otherwise.
func (p *page) settings(r *report.Report) {
	var proven, answering []report.Endpoint
	for _, e := range r.Settings {
		again := func(other report.Endpoint) bool {
			return other.Protocol == e.Protocol && other.Host == e.Host && other.Port == e.Port && other.Security == e.Security
		}
		switch c := checkOf(r, e); {
		case c == nil || slices.ContainsFunc(append(proven, answering...), again): // sources that agree
		case loggedIn(c):
			proven = append(proven, e)
		case c.FirstFailed() == nil && c.Result != report.Skip:
			answering = append(answering, e)
		}
	}
	order := func(a, b report.Endpoint) int {
		return cmp.Compare(slices.Index(protocols, a.Protocol), slices.Index(protocols, b.Protocol))
	}
	slices.SortStableFunc(proven, order)
	slices.SortStableFunc(answering, order)
	switch {
	case len(proven) > 0:
		p.table("These settings work", rows(proven, r, "password"))
		p.compare(r, proven)
	case len(answering) > 0 && r.Verdict.Logins.Made == 0:
		p.table("These servers answer as they should; no login was made", rows(answering, r, ""))
	}
}

// checkOf is the check of an endpoint.
func checkOf(r *report.Report, e report.Endpoint) *report.Check {
	for _, c := range r.Checks {
		if at := c.Endpoint; at != nil && c.Protocol == e.Protocol && at.Host == e.Host && at.Port == e.Port && at.Security == e.Security {
			return c
		}
	}
	return nil
}

// loggedIn tells whether the check's server took the login.
func loggedIn(c *report.Check) bool {
	auth := c.LastLogin()
	if auth == nil || auth.Result != report.Warn {
		return auth != nil && auth.Result == report.OK
	}
	// A warning is a login over a connection without encryption, or a
	// refusal that takes nothing away.
	return auth.Err == nil && auth.Cause != report.AuthProtocolDisabled
}

// rows are the table's cells, its head first. The last column is left out
// when it has no name.
func rows(endpoints []report.Endpoint, r *report.Report, secret string) [][]string {
	head := []string{"", "server", "port", "encryption", "user name"}
	tested := "the one tested"
	if secret != "" && tokens(r) {
		secret, tested = "sign-in", "OAuth2"
	}
	if secret != "" {
		head = append(head, secret)
	}
	table := [][]string{head}
	for _, e := range endpoints {
		row := []string{e.Protocol.Label(), e.Host, strconv.Itoa(e.Port), encryptions[e.Security], userName(r, e)}
		if secret != "" {
			row = append(row, tested)
			tested = "the same"
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

// compare lists what a mail program that cannot send has mostly set
// otherwise, the most frequent first.
func (p *page) compare(r *report.Report, proven []report.Endpoint) {
	var smtp *report.Endpoint
	for i, e := range proven {
		if e.Protocol == report.SMTP && smtp == nil {
			smtp = &proven[i]
		}
	}
	if smtp == nil || r.Result == report.Fail || r.Verdict.Send != report.OK {
		return
	}
	set := fmt.Sprintf("Set %d", smtp.Port)
	if smtp.Security != report.None {
		set += " and " + encryptions[smtp.Security]
	}
	var items []string
	if smtp.Port != 25 {
		items = append(items, "Sending over port 25? Many lines block it (OP25B). "+set+".")
	}
	switch smtp.Security {
	case report.TLS:
		items = append(items, fmt.Sprintf(`Is the encryption "none" or "STARTTLS"? Port %d wants SSL/TLS.`, smtp.Port))
	case report.STARTTLS:
		items = append(items, fmt.Sprintf(`Is the encryption "none" or "SSL/TLS"? Port %d wants STARTTLS.`, smtp.Port))
	}
	if tokens(r) {
		items = append(items,
			`Switch on "my outgoing server requires authentication", with OAuth2 as the way to log in.`,
			"Sign in again in the mail program: its saved sign-in may have lapsed.")
	} else {
		items = append(items,
			`Switch on "my outgoing server requires authentication", with the user name and password of the table.`,
			"Type the password again: the saved one may be older than the one tested.")
	}
	p.list("If your mail program still cannot send, its settings differ from these", items)
}
