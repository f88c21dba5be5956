package diagnose

import (
	"slices"
	"strconv"
	"strings"

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
	cause report.Cause
	en    Words
}

var causes = slices.Concat(networkCauses, tlsCauses, loginCauses, mailCauses)

// Lookup returns the words for a cause, placeholders and all; a cause without
// words gets those of [report.Unknown].
func Lookup(cause report.Cause) Words {
	find := func(cause report.Cause) int {
		return slices.IndexFunc(causes, func(e entry) bool { return e.cause == cause })
	}
	i := find(cause)
	if i < 0 {
		i = find(report.Unknown)
	}
	return causes[i].en
}

// Values fill the placeholders of [Words]. What is not known gets words of
// its own: "the server" for {host}.
type Values struct {
	Protocol report.Protocol // {protocol}, {tlsport}, {startport}, {userflag}
	Host     string          // {host}, {server}
	Port     int             // {port}, {server}
	Address  string          // {address}, {domain}
	User     string          // {user}, {otheruser}
	Secret   string          // {secret}: "password"
	Names    []string        // {names}: what the certificate is for
}

// ports are the ports of each protocol (RFC 8314 sections 3 and 4.1).
var ports = map[report.Protocol]struct{ tls, starttls, userflag string }{
	report.IMAP: {"993", "143", "--imap-user"},
	report.POP3: {"995", "110", "--pop-user"},
	report.SMTP: {"465", "587", "--smtp-user"},
	"": {"993 (IMAP), 995 (POP3) or 465 (SMTP)",
		"143 (IMAP), 110 (POP3) or 587 (SMTP)", "--user"},
}

// Fill returns the words with their placeholders replaced.
func (w Words) Fill(v Values) Words {
	fill := v.replacer()
	all := func(in []string) []string {
		var out []string
		for _, s := range in {
			out = append(out, fill.Replace(s))
		}
		return out
	}
	return Words{Title: fill.Replace(w.Title), Explanation: fill.Replace(w.Explanation),
		Advice: all(w.Advice), AdminAdvice: all(w.AdminAdvice)}
}

func (v Values) replacer() *strings.Replacer {
	or := func(value, otherwise string) string {
		if value == "" {
			return otherwise
		}
		return value
	}
	host := or(v.Host, "the server")
	port, server := "its port", host
	if v.Port != 0 {
		port = strconv.Itoa(v.Port)
		server += " port " + port
	}
	_, domain, _ := strings.Cut(v.Address, "@")
	p := ports[v.Protocol]
	return strings.NewReplacer(
		"{protocol}", or(v.Protocol.Label(), "mail"),
		"{host}", host,
		"{port}", port,
		"{server}", server,
		"{address}", or(v.Address, "ADDRESS"),
		"{domain}", or(domain, "the domain"),
		"{user}", or(v.User, "your user name"),
		"{otheruser}", or(v.otherUser(), "the other form (the whole address, or the part before the @)"),
		"{secret}", or(v.Secret, "password"),
		"{names}", or(list(v.Names, "or"), "a name that the certificate is for"),
		"{tlsport}", p.tls,
		"{startport}", p.starttls,
		"{userflag}", p.userflag,
	)
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

// list joins names for people: "a, b or c".
func list(names []string, last string) string {
	if n := len(names); n > maxListed {
		names = append(slices.Clone(names[:maxListed-1]), strconv.Itoa(n-maxListed+1)+" more")
	}
	switch n := len(names); n {
	case 0:
		return ""
	case 1:
		return names[0]
	default:
		return strings.Join(names[:n-1], ", ") + " " + last + " " + names[n-1]
	}
}
