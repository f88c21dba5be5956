package diagnose

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"mailcheck/internal/lang"
	"mailcheck/report"
)

// Words is what is said of a cause. They may hold the placeholders that
// [Words.Fill] replaces.
type Words struct {
	Title       string   // ends a headline: "the password was not accepted"
	Explanation string   // what it means, for the person who reads it
	Advice      []string // what to do, in the order to try
	AdminAdvice []string // for whoever runs the server or the domain
}

// entry is a cause with its words, one field a language.
type entry struct {
	cause  report.Cause
	en, ja Words
}

func (e entry) in(tag lang.Tag) Words {
	if tag == lang.Japanese {
		return e.ja
	}
	return e.en
}

var causes = slices.Concat(settingsCauses, dnsCauses, connectCauses, encryptionCauses, certificateCauses,
	credsCauses, mechanismCauses, passwordCauses, accessCauses, mailboxCauses, submitCauses, messageCauses,
	deliveryCauses, mxCauses, policyCauses, serverCauses)

// Lookup returns the words for a cause in a language, placeholders and all; a
// cause without words gets those of [report.Unknown].
func Lookup(cause report.Cause, tag lang.Tag) Words {
	find := func(cause report.Cause) int {
		return slices.IndexFunc(causes, func(e entry) bool { return e.cause == cause })
	}
	i := find(cause)
	if i < 0 {
		i = find(report.Unknown)
	}
	return causes[i].in(tag)
}

// Values fill the placeholders of [Words]. What is not known gets words of
// its own: "the server" for {host}.
//
// The facts of a provider, which [Values.At] sets, have no such words: advice
// that needs one which is not known is left out, and advice that begins with
// {no...} of one, as {noswitch} of {switch}, where it is known.
type Values struct {
	Lang     lang.Tag
	Protocol report.Protocol // {protocol}, {access}, {tlsport}, {startport}, {userflag}
	Host     string          // {host}, {server}
	Port     int             // {port}, {server}
	Address  string          // {address}, {domain}; {domainname} in the name of a host
	User     string          // {user}, {otheruser}
	Secret   string          // {secret}: "password"
	Names    []string        // {names}: what the certificate is for

	Documented string        // {documenteduser}: the user name that the provider wants; {username} in a command
	OtherHost  string        // {otherhost}, {otherflag}: the server to use, or that was used, instead
	Recipient  string        // {recipient}
	Sender     string        // {sender}
	Family     string        // {family}: the one that was asked for
	DNS        string        // {dns}: the DNS server that was given
	Renamed    []otherServer // {otherflag}: those of all protocols that have another one; empty for OtherHost alone
	MX         string        // {mx}: who takes the domain's mail
	MXProvider string        // {mxprovider}: whose host that is

	Provider     string // {provider}; not known: "the provider"
	PasswordPage string // {passwordpage}: where the password for mail programs is made
	Switch       string // {switch}: where the protocol is switched on
	ServersPage  string // {serverspage}: its servers
	SendingPage  string // {sendingpage}: about sending with a login
	ChangesPage  string // {changespage}: about what ends when
	Login        string // {login}: the user name that it wants, where another one was used
	Catch        string // {catch}: what catches people out, in a sentence

	// Found says that another port of the server works, which is then advised:
	// what names ports in general, or begins with {unanswered}, is left out.
	Found bool
	// Dead are the encryptions whose port of the protocol, {tlsport} or
	// {startport}, does not work: advice that names no other is left out.
	Dead []report.Security
}

// ports are the ports of each protocol (RFC 8314 sections 3 and 4.1), and the
// flag for its user name.
var ports = map[report.Protocol]struct{ tls, starttls, userflag string }{
	report.IMAP: {"993", "143", "--imap-user"},
	report.POP3: {"995", "110", "--pop-user"},
	report.SMTP: {"465", "587", "--smtp-user"},
}

// Fill returns the words with their placeholders replaced.
func (w Words) Fill(v Values) Words {
	values := v.values()
	fill := func(text string) string { return v.Lang.Fill(text, values) }
	unfit := func(text string) bool {
		for placeholder, value := range v.facts() {
			if value == "" && strings.Contains(text, placeholder) || value != "" && strings.Contains(text, without(placeholder)) {
				return true
			}
		}
		return false
	}
	all := func(in []string, disproved func(text string) bool) []string {
		var out []string
		for _, s := range in {
			if !unfit(s) && !disproved(s) {
				out = append(out, fill(s))
			}
		}
		return out
	}
	return Words{Title: fill(w.Title), Explanation: fill(w.Explanation),
		Advice:      all(w.Advice, v.disproved),
		AdminAdvice: all(w.AdminAdvice, func(string) bool { return false })}
}

// disproved tells advice that the probes have shown to be useless.
func (v Values) disproved(text string) bool {
	tls, starttls := strings.Contains(text, "{tlsport}"), strings.Contains(text, "{startport}")
	switch {
	case v.Found:
		return tls || starttls || strings.Contains(text, "{unanswered}")
	case !tls && !starttls:
		return false
	}
	return (!tls || slices.Contains(v.Dead, report.TLS)) && (!starttls || slices.Contains(v.Dead, report.STARTTLS))
}

// facts are those of the provider.
func (v Values) facts() map[string]string {
	return map[string]string{
		"{passwordpage}": v.PasswordPage, "{switch}": v.Switch, "{serverspage}": v.ServersPage,
		"{sendingpage}": v.SendingPage, "{changespage}": v.ChangesPage,
		"{login}": v.Login, "{catch}": v.Catch,
	}
}

// without is the placeholder, in itself empty, of advice that holds as long as
// a fact is not known.
func without(placeholder string) string { return "{no" + placeholder[1:] }

// values are those of all placeholders.
func (v Values) values() map[string]string {
	host := cmp.Or(v.Host, v.Lang.Say("the server"))
	port, server := "PORT", host
	if v.Port != 0 {
		port = strconv.Itoa(v.Port)
		server = v.Lang.Say("%s port %s", host, port)
	}
	p, known := ports[v.Protocol]
	if !known {
		p.tls = v.Lang.Say("993 (IMAP), 995 (POP3) or 465 (SMTP)")
		p.starttls = v.Lang.Say("143 (IMAP), 110 (POP3) or 587 (SMTP)")
		p.userflag = "--user"
	}
	access := v.Protocol.Label()
	if v.Protocol == report.SMTP { // what is switched on and off for an account
		access = "SMTP AUTH"
	}
	values := v.facts()
	for placeholder := range v.facts() {
		values[without(placeholder)] = ""
	}
	maps.Copy(values, map[string]string{
		"{protocol}":       cmp.Or(v.Protocol.Label(), v.Lang.Say("mail")),
		"{access}":         cmp.Or(access, v.Lang.Say("mail")),
		"{host}":           host,
		"{port}":           port,
		"{server}":         server,
		"{address}":        cmp.Or(v.Address, "ADDRESS"),
		"{domain}":         cmp.Or(domainOf(v.Address), v.Lang.Say("the domain")),
		"{domainname}":     cmp.Or(domainOf(v.Address), "DOMAIN"),
		"{user}":           cmp.Or(v.User, v.Lang.Say("your user name")),
		"{otheruser}":      cmp.Or(v.otherUser(), v.Lang.Say("the other form (the whole address, or the part before the @)")),
		"{secret}":         cmp.Or(v.Secret, v.Lang.Say("password")),
		"{names}":          cmp.Or(v.Lang.Or(v.Names, maxListed), v.Lang.Say("a name that the certificate is for")),
		"{tlsport}":        p.tls,
		"{startport}":      p.starttls,
		"{userflag}":       p.userflag,
		"{documenteduser}": cmp.Or(v.Documented, v.Lang.Say("the user name of the help page")),
		"{otherhost}":      cmp.Or(v.OtherHost, v.Lang.Say("the server of the help page")),
		"{username}":       cmp.Or(v.Documented, v.Lang.Say("NAME")),
		"{family}":         cmp.Or(v.Family, "IP"),
		"{dns}":            cmp.Or(v.DNS, v.Lang.Say("the DNS server")),
		"{sender}":         cmp.Or(v.Sender, v.Address, v.Lang.Say("the sender")),
		"{protocolname}":   cmp.Or(string(v.Protocol), "PROTOCOL"),
		"{otherflag}":      v.otherFlag(),
		"{recipient}":      cmp.Or(v.Recipient, v.Address, v.Lang.Say("the recipient")),
		"{mx}":             cmp.Or(v.MX, v.Lang.Say("another server")),
		"{mxprovider}":     cmp.Or(v.MXProvider, v.MX, v.Lang.Say("another server")),
		"{unanswered}":     "",
		"{provider}":       cmp.Or(v.Provider, v.Lang.Say("the provider")),
	})
	return values
}

// otherServer is the server of a protocol to use in place of another one.
type otherServer struct {
	protocol report.Protocol
	host     string
}

// flag names the server to this program.
func (s otherServer) flag() string {
	switch s.protocol {
	case report.POP3:
		return "--pop pop3s://" + s.host
	case report.SMTP:
		return "--smtp smtps://" + s.host
	}
	return "--imap imaps://" + s.host
}

// otherFlag is the flags that name the other servers to this program.
func (v Values) otherFlag() string {
	if len(v.Renamed) == 0 {
		return otherServer{v.Protocol, cmp.Or(v.OtherHost, "HOST")}.flag()
	}
	var flags []string
	for _, s := range v.Renamed {
		flags = append(flags, s.flag())
	}
	return strings.Join(flags, " ")
}

// otherUser is the other usual form of a login name: the part before the @
// for a whole address, the address for anything else.
func (v Values) otherUser() string {
	if local, _, ok := strings.Cut(v.User, "@"); ok {
		return local
	}
	if v.User == "" {
		return ""
	}
	return v.Address
}

// maxListed bounds lists whose length a server decides.
const maxListed = 5
