package render

import (
	"encoding/json"
	"io"
	"slices"
	"strconv"
	"strings"

	"mailcheck/internal/lang"
	"mailcheck/internal/provider"
	"mailcheck/report"
)

// ProviderSchema names the version of the form of [ProviderJSON].
const ProviderSchema = "mailcheck/provider/v1"

// ProviderJSON writes what is known of a provider as JSON, in the form of the
// built-in table.
func ProviderJSON(w io.Writer, known *provider.Provider) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(struct {
		Schema string `json:"schema"`
		*provider.Provider
	}{ProviderSchema, known})
}

// Provider writes what is known of a provider for people: for an address in
// the domain of the place where that has one, else in one of the provider's
// own, else in the customer's.
func Provider(w io.Writer, known *provider.Provider, at provider.Place, in lang.Tag, opt Options) error {
	p := &page{Tag: in, color: opt.Color}
	if at.Domain == "" {
		at.Domain = "your-domain"
		if len(known.Domains) > 0 {
			at.Domain = known.Domains[0]
		}
	}
	first := known.NameIn(in)
	name := first
	for _, other := range []string{known.Name, known.NativeName} {
		if other != "" && other != first {
			name += " (" + other + ")"
		}
	}
	if p.color {
		name = paint(name, "", sgrBold)
	}
	p.line(name)
	if status := statusOf(known, in); status != "" {
		p.para(status)
	}
	if len(known.Domains) > 0 {
		p.para(in.Say("Addresses in %s.", in.And(known.Domains, maxListed)))
	}
	p.servers(known, at, in)
	p.login(known, at, in)
	var catches []string
	for _, c := range known.Catches {
		catches = append(catches, provider.Say(c, in))
	}
	p.bullets(in.Say("What catches people out"), catches)
	var dates [][2]string
	for _, c := range known.Dates {
		dates = append(dates, [2]string{c.Date, provider.Say(c.Event, in)})
	}
	p.pairs(in.Say("Dates"), dates)
	p.pairs(in.Say("Pages"), pagesOf(known, in))
	p.gap()
	p.para(in.Say("From the built-in table, looked at on %s. Nothing was asked of anybody.", known.Checked))
	_, err := io.WriteString(w, p.b.String())
	return err
}

// statusOf says whether mail programs can be used with the provider; empty
// where they can.
func statusOf(known *provider.Provider, in lang.Tag) string {
	switch known.Status {
	case provider.BridgeOnly:
		return in.Say("Mail programs reach it only by way of the provider's own program on the same computer.")
	case provider.NoStandardProtocols:
		return in.Say("It has neither IMAP, POP3 nor SMTP: mail programs cannot be used with it.")
	case provider.Ended:
		return in.Say("This service ended on %s.", known.Ended)
	case provider.NotAMailbox:
		return in.Say("It hands mail on to a mailbox elsewhere: nobody can log in here. The settings are those of that mailbox.")
	}
	return ""
}

// servers writes the table of the servers, the best of each protocol first.
func (p *page) servers(known *provider.Provider, at provider.Place, in lang.Tag) {
	table := [][]string{{"", in.Say("server"), in.Say("port"), in.Say("encryption"), in.Say("user name")}}
	for _, protocol := range report.Protocols {
		label := protocol.Label()
		form, _, _ := known.Login(protocol, at)
		for _, s := range serversAt(known, protocol, at) {
			table = append(table, []string{label, s.Host, strconv.Itoa(s.Port), encryption(s.Security, in), formOf(form, in)})
			label = ""
		}
		if slices.Contains(known.NotOffered, protocol) {
			table = append(table, []string{label, in.Say("not offered"), "", "", ""})
		}
	}
	if len(table) > 1 {
		p.table(in.Say("Settings"), table)
	}
}

// serversAt are the servers of a protocol. Where each contract has its own,
// NAME stands for what differs.
func serversAt(known *provider.Provider, protocol report.Protocol, at provider.Place) []provider.Server {
	if servers := known.Servers(protocol, at); len(servers) > 0 {
		return servers
	}
	servers := slices.Clone(map[report.Protocol][]provider.Server{
		report.IMAP: known.IMAP, report.POP3: known.POP3, report.SMTP: known.SMTP}[protocol])
	for i := range servers {
		servers[i].Host = strings.ReplaceAll(servers[i].Host, "%MATCH%", "NAME")
	}
	return servers
}

// forms say how a user name follows from an address.
var forms = map[provider.Form]lang.Text{
	provider.Email: "the whole address", provider.Localpart: "what stands before the @",
	provider.LocalpartDomain: "the address with a dot for the @", provider.ID: "a name that the provider gives",
}

func formOf(f provider.Form, in lang.Tag) string {
	if said, ok := forms[f]; ok {
		return in.Say(said)
	}
	return in.Say("not known")
}

// secrets are what has to be proven at a login.
var secrets = map[provider.AuthPolicy]lang.Text{
	provider.Password:            "The password of the account.",
	provider.MailPassword:        "A password for mail, apart from that of the account.",
	provider.AppPassword:         "An app password, made for each mail program; that of the account is refused.",
	provider.AppPasswordIf2FA:    "The password of the account; with two-factor login an app password.",
	provider.AuthCode:            "An authorization code, given when access is switched on; the password of the account is refused.",
	provider.BridgePassword:      "The password that the provider's program on the computer shows.",
	provider.OAuth2Only:          "A sign-in in the browser (OAuth 2.0); no password is taken.",
	provider.OAuth2OrPassword:    "A sign-in in the browser (OAuth 2.0), or the password of the account.",
	provider.OAuth2OrAppPassword: "A sign-in in the browser (OAuth 2.0), or an app password; that of the account is refused.",
}

// login says what one logs in with, and what has to be switched on first.
func (p *page) login(known *provider.Provider, at provider.Place, in lang.Tag) {
	if secret, ok := secrets[known.AuthPolicy]; ok {
		p.gap()
		p.line(in.Say("Password"))
		p.hang("  ", in.Say(secret))
	}
	if _, _, note := known.Login(report.IMAP, at); note != "" {
		p.gap()
		p.line(in.Say("User name"))
		p.hang("  ", provider.Say(note, in))
	}
	if on := known.MustEnable; on != nil {
		var names []string
		for _, protocol := range on.Protocols {
			names = append(names, protocol.Label())
		}
		p.gap()
		p.line(in.Say("Switch on first: %s", in.And(names, maxListed)))
		p.hang("  ", provider.Say(on.How, in))
	}
}

// bullets writes a section of items in no order; nothing when there is none.
func (p *page) bullets(title string, items []string) {
	for i, item := range items {
		if i == 0 {
			p.gap()
			p.line(title)
		}
		p.hang("  - ", item)
	}
}

// pairs writes a section of what is named and said; nothing when there is
// none.
func (p *page) pairs(title string, pairs [][2]string) {
	width := 0
	for _, pair := range pairs {
		width = max(width, cells(pair[0]))
	}
	for i, pair := range pairs {
		if i == 0 {
			p.gap()
			p.line(title)
		}
		p.hang("  "+pad(pair[0], width+2), pair[1])
	}
}

// pagesOf are the provider's own pages, each with what it is about.
func pagesOf(known *provider.Provider, in lang.Tag) [][2]string {
	docs := known.Docs
	var pages [][2]string
	add := func(about, page string) {
		if page != "" {
			pages = append(pages, [2]string{about, page})
		}
	}
	add(in.Say("make a password"), docs.NewPassword)
	add(in.Say("passwords"), docs.Password)
	add(in.Say("servers"), docs.Servers)
	add(in.Say("switching on"), docs.Enable)
	if docs.SMTP != docs.Servers {
		add(in.Say("sending"), docs.SMTP)
	}
	add(in.Say("what ends when"), docs.Changes)
	add(in.Say("help"), docs.Help)
	return pages
}
