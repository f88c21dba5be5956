package diagnose

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"
	"time"

	"mailcheck/internal/lazyre"
	"mailcheck/internal/provider"
	"mailcheck/report"
)

// provider is whose servers a check speaks to, as far as the built-in table
// knows: the provider of the address's domain, else the one that has the
// check's server. Nil where nobody is known, and where flags name a server of
// somebody else.
func (s setting) provider(check *report.Check) *provider.Provider {
	if s.report == nil {
		return s.home
	}
	home, _ := provider.ByDomain(domainOf(s.report.Address))
	if check.Endpoint != nil {
		return ofServer(*check.Endpoint, home)
	}
	if home != nil {
		return home
	}
	for _, e := range s.report.Settings {
		if e.Chosen {
			return ofServer(report.CheckEndpoint{Host: e.Host, Source: e.Source}, nil)
		}
	}
	return nil
}

// ofServer is the provider that has a server, home where it is one of those.
func ofServer(e report.CheckEndpoint, home *provider.Provider) *provider.Provider {
	known := provider.ByHost(e.Host)
	if isAddress(e.Host) && !slices.Contains(known, home) { // 127.0.0.1 is not Proton's alone
		known = nil
	}
	if len(known) == 0 && e.Source == "mx" { // a customer's own host beside the MX
		if p, ok := provider.ByMX(e.Host); ok {
			known = append(known, p)
		}
	}
	switch {
	case len(known) == 0 && e.Source == "flags":
		return nil
	case len(known) == 0 || slices.Contains(known, home):
		return home
	}
	// Of several brands with one server, a domain of one's own is at the one
	// that keeps such domains.
	i := slices.IndexFunc(known, func(p *provider.Provider) bool { return p.Kind == provider.Hosting })
	return known[max(i, 0)]
}

// isAddress tells an IP address from the name of a host.
func isAddress(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}

func domainOf(address string) string { return address[strings.LastIndexByte(address, '@')+1:] }

// At returns the values with what the built-in table knows of the provider,
// which may be nil, as far as it helps with the cause.
func (v Values) At(p *provider.Provider, cause report.Cause) Values {
	if p == nil {
		return v
	}
	v.Provider = p.NameIn(v.Lang)
	v.PasswordPage = cmp.Or(p.Docs.NewPassword, p.Docs.Password)
	v.ServersPage = cmp.Or(p.Docs.Servers, p.Docs.Help)
	v.SendingPage, v.ChangesPage = p.Docs.SMTP, p.Docs.Changes
	if on := p.MustEnable; on != nil && slices.Contains(on.Protocols, v.Protocol) {
		v.Switch = provider.Say(on.How, v.Lang)
		if p.Docs.Enable != "" {
			v.Switch += " (" + p.Docs.Enable + ")"
		}
	}
	v.Login = v.documentedLogin(p)
	for _, c := range slices.Backward(p.Catches) {
		if bears(c, catches, cause, v.Protocol) {
			v.Catch = provider.Say(c, v.Lang)
		}
	}
	return v
}

// documentedLogin is the user name that the provider wants, where another one
// was used.
func (v Values) documentedLogin(p *provider.Provider) string {
	domain := domainOf(v.Address)
	local, ok := strings.CutSuffix(v.Address, "@"+domain)
	if !ok || v.Protocol == "" {
		return ""
	}
	form, _, note := p.Login(v.Protocol, provider.Place{Domain: domain})
	note = provider.Say(note, v.Lang)
	login := map[provider.Form]string{
		provider.Email: v.Address, provider.Localpart: local, provider.LocalpartDomain: local + "." + domain,
	}[form]
	switch {
	case login == v.User, note != "" && v.User != "" && v.User != v.Address: // what the user alone can know
		return ""
	case login == "":
		return note
	case note != "":
		return login + " (" + note + ")"
	}
	return login
}

// topic tells by the words of a sentence of the built-in table which causes it
// explains.
type topic struct {
	words  *lazyre.Regexp
	causes []report.Cause
}

// catches are the topics of what catches people out.
var catches = []topic{
	{lazyre.New(`abroad|outside Japan`), []report.Cause{report.AuthBadCredentials, report.AuthBlockedByPolicy}},
	{lazyre.New(`[Tt]he password is`), []report.Cause{report.AuthBadCredentials}},
	{lazyre.New(`user name is|login is`), []report.Cause{report.AuthUsernameForm}},
	{lazyre.New(`OAuth 2\.0`), []report.Cause{report.AuthBasicAuthDisabled}},
	{lazyre.New(`IMAP ID`), []report.Cause{report.AuthClientIDRequired}},
	{lazyre.New(`\b[Pp]orts?\b|STARTTLS`), []report.Cause{
		report.ConnectRefused, report.ConnectTimeout, report.TLSPlaintextPort, report.TLSStartTLSNotOffered,
	}},
	{lazyre.New(`[Cc]ertificate`), []report.Cause{
		report.TLSHostnameMismatch, report.TLSUnknownAuthority, report.TLSIncompleteChain,
	}},
	{lazyre.New(`TLS too old|TLS 1`), []report.Cause{report.TLSOldVersion, report.TLSHandshakeFailure}},
	{lazyre.New(`control panel names|is named`), []report.Cause{report.SettingsNotFound, report.ConfigWrongHost}},
	{lazyre.New(`There is no|paying|paid`), []report.Cause{report.SettingsNotOffered}},
	{lazyre.New(`sender`), []report.Cause{report.SubmitSenderNotOwned}},
}

// changes are the topics of a provider's changes.
var changes = []topic{
	{passwords, []report.Cause{
		report.AuthBadCredentials, report.AuthAppPasswordRequired, report.AuthBasicAuthDisabled, report.AuthSMTPAuthDisabled,
		report.AuthProtocolDisabled,
	}},
	{lazyre.New(`encryption|TLS`), []report.Cause{
		report.ConnectRefused, report.ConnectTimeout, report.AuthEncryptionRequired, report.TLSOldVersion, report.TLSHandshakeFailure,
	}},
	{lazyre.New(`service ended|moved`), []report.Cause{
		report.SettingsServiceEnded, report.SettingsNotFound, report.ConfigWrongHost, report.DNSNXDomain, report.AuthBadCredentials,
	}},
}

var passwords = lazyre.New(`[Pp]assword`)

var protocolNames = lazyre.New(`\b(IMAP|POP|SMTP)\b`)

// changed says what the provider has changed last, or is about to change, that
// bears on the cause.
func (s setting) changed(check *report.Check, step *report.Step) string {
	p := s.provider(check)
	if p == nil || s.report == nil {
		return ""
	}
	name := p.NameIn(s.Tag)
	var past, coming string
	for _, c := range p.Dates {
		if !bears(c.Event, changes, step.Cause, check.Protocol) || s.passwordTaken(check, step, c.Event) {
			continue
		}
		event := provider.Say(c.Event, s.Tag)
		switch {
		case began(c.Date, s.report.Started):
			past = s.Say("%s, since %s: %s", name, c.Date, event)
		case coming == "":
			coming = s.Say("%s, from %s on: %s", name, c.Date, event)
		}
	}
	return s.Sentences(past, coming)
}

// passwordTaken tells that the end of passwords, which an event is about, is not
// what a login failed over: it was a sign-in, or other protocols took the
// password and the event is about all.
func (s setting) passwordTaken(check *report.Check, step *report.Step, event string) bool {
	if !passwords.MatchString(event) {
		return false
	}
	signIn := s.report.Credentials != nil && s.report.Credentials.Kind == "token"
	return signIn || !protocolNames.MatchString(event) && len(s.agreeing(check, step)) > 0
}

// bears tells whether a sentence explains a cause. One that names protocols is
// about those alone.
func bears(sentence string, topics []topic, cause report.Cause, protocol report.Protocol) bool {
	if named := protocolNames.FindAllString(sentence, -1); named != nil && protocol != "" &&
		!slices.ContainsFunc(named, func(n string) bool { return strings.HasPrefix(protocol.Label(), n) }) {
		return false
	}
	return slices.ContainsFunc(topics, func(t topic) bool {
		return slices.Contains(t.causes, cause) && t.words.MatchString(sentence)
	})
}

// began tells whether a date of the table ("2024", "2024-09", "2024-09-16") has
// come.
func began(date string, now time.Time) bool {
	today := now.Format(time.DateOnly)
	return date <= today[:min(len(date), len(today))]
}
