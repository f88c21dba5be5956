// Package provider is what is known of mail providers: their servers, how one
// logs in, what has to be switched on first, and what catches people out. The
// facts are data, one file a provider in data/, and part of the program.
//
//  1. [ByDomain] knows a provider by the domain of an address, [ByMX] by the
//     MX of a domain of one's own, [ByHost] by a mail server, [Find] by a name
//     that a person types.
//  2. [Provider.Servers] fills in what a host's name takes from that domain or
//     MX, and [Provider.Login] tells which user name the servers want.
//  3. [Say] and [Provider.NameIn] give its sentences and its name in the
//     language of the reader.
//
// The files are read when first asked for.
package provider

import (
	"regexp"
	"slices"

	"mailcheck/report"
)

// Provider is one provider, or one of its regions where their servers differ.
// Those that this package returns are shared: nobody may change them.
type Provider struct {
	ID         string   `json:"id"`   // the file's name: "gmail", "yahoo-jp"
	Name       string   `json:"name"` // in ASCII
	NativeName string   `json:"native_name"`
	Aliases    []string `json:"aliases"` // other names that people know it by
	// Country is where its customers mostly are (ISO 3166-1, or "EU"); empty
	// where that says nothing.
	Country string `json:"country"`
	Kind    Kind   `json:"kind"`
	Status  Status `json:"status"`
	Ended   string `json:"ended"` // when a service with the status Ended did

	Domains       []string `json:"domains"`        // of its customers' addresses
	DomainPattern string   `json:"domain_pattern"` // a regular expression for further ones
	MXSuffixes    []string `json:"mx_suffixes"`    // its MX hosts, or the domains that they are in
	// MXPattern is a regular expression for MX hosts, where customers' own
	// machines stand under the same suffix, or the host tells the server.
	MXPattern string `json:"mx_pattern"`
	// MXOverrules is set while mailboxes are moved to another provider: the MX
	// of a domain then counts more than the domain.
	MXOverrules bool `json:"mx_overrules"`

	// IMAP, POP3 and SMTP are the servers, the best first. [Provider.Servers]
	// is how to read them.
	IMAP []Server `json:"imap"`
	POP3 []Server `json:"pop3"`
	SMTP []Server `json:"smtp"`
	// NotOffered are protocols that the provider does not have. One that is
	// neither here nor has a server is merely not known.
	NotOffered []report.Protocol `json:"not_offered"`
	// CustomDomain is what differs for addresses in a domain of the customer's
	// own. Nil means nothing.
	CustomDomain *CustomDomain `json:"custom_domain"`
	Username     Username      `json:"username"`
	AuthPolicy   AuthPolicy    `json:"auth_policy"`
	OAuth2       *OAuth2       `json:"oauth2"`      // nil: not known, or none
	MustEnable   *MustEnable   `json:"must_enable"` // nil: nothing
	// BlocksAbroad are protocols whose logins are refused from outside the
	// provider's country until the user allows them.
	BlocksAbroad []report.Protocol `json:"blocks_abroad"`

	Catches    []string   `json:"catches"` // sentences, the most important first
	Dates      []Change   `json:"dates"`   // the earliest first
	Docs       Docs       `json:"docs"`
	Confidence Confidence `json:"confidence"`
	Checked    string     `json:"checked"` // when the facts were last looked at: "2026-11-23"

	domainPattern, mxPattern func() *regexp.Regexp
}

// Kind is what a provider does with mail.
type Kind string

// The kinds.
const (
	Mailbox   Kind = "mailbox"   // gives addresses in its own domains
	Hosting   Kind = "hosting"   // keeps the mailboxes of its customers' domains
	Gateway   Kind = "gateway"   // filters mail on its way to a mailbox elsewhere
	Forwarder Kind = "forwarder" // hands mail on and keeps none
)

// Status is whether mail programs can be used with a provider.
type Status string

// The statuses.
const (
	Active              Status = "active"
	BridgeOnly          Status = "bridge_only"           // by a program of the provider on the user's machine
	NoStandardProtocols Status = "no_standard_protocols" // neither IMAP, POP3 nor SMTP
	Ended               Status = "ended"
	NotAMailbox         Status = "not_a_mailbox" // a gateway or forwarder
)

// Server is where a protocol is spoken.
type Server struct {
	// Host is a name, or an IP address of this machine. In it, %EMAILDOMAIN%
	// stands for the domain of the address, and %MATCH% for what the group of
	// the pattern matched by which the provider was known.
	Host     string          `json:"host"`
	Port     int             `json:"port"`
	Security report.Security `json:"security"`
}

// CustomDomain is what holds for addresses in a customer's own domain. What is
// empty is as for others.
type CustomDomain struct {
	IMAP     []Server  `json:"imap"`
	POP3     []Server  `json:"pop3"`
	SMTP     []Server  `json:"smtp"`
	Username *Username `json:"username"`
}

// Form is how a user name follows from an address.
type Form string

// The forms.
const (
	Email           Form = "email"            // the address
	Localpart       Form = "localpart"        // what stands before its @
	LocalpartDomain Form = "localpart.domain" // the address with a dot for the @
	ID              Form = "id"               // it does not follow: the user has to know it
)

// Username is which user name the servers want.
type Username struct {
	Form Form `json:"form"`
	SMTP Form `json:"smtp"` // where SMTP differs
	// Second is the form to try next where sources or servers differ. Empty
	// means none.
	Second Form   `json:"second"`
	Note   string `json:"note"` // what the user name is, for people
}

// AuthPolicy is what has to be proven at a login.
type AuthPolicy string

// The policies.
const (
	Password            AuthPolicy = "password"            // that of the account
	MailPassword        AuthPolicy = "mail_password"       // one for mail, apart from that of the account
	AppPassword         AuthPolicy = "app_password"        // one made for each program
	AppPasswordIf2FA    AuthPolicy = "app_password_if_2fa" // that of the account, until it has two-factor authentication
	AuthCode            AuthPolicy = "auth_code"           // a code that is given when access is switched on
	BridgePassword      AuthPolicy = "bridge_password"     // that of the provider's program on the user's machine
	OAuth2Only          AuthPolicy = "oauth2"              // no password at all
	OAuth2OrPassword    AuthPolicy = "oauth2_or_password"
	OAuth2OrAppPassword AuthPolicy = "oauth2_or_app_password"
	NoLogin             AuthPolicy = "none" // nothing to log in to
)

// OAuth2 is how to get a token (RFC 6749).
type OAuth2 struct {
	Issuer    string   `json:"issuer"`    // RFC 8414; "{tenant}" in it is the customer's. Empty: not known
	Authorize string   `json:"authorize"` // the authorization endpoint
	Token     string   `json:"token"`     // the token endpoint
	Device    string   `json:"device"`    // the device authorization endpoint (RFC 8628); empty: none
	Scopes    []string `json:"scopes"`
	SASL      []string `json:"sasl"` // the mechanisms that take the token
	Note      string   `json:"note"`
}

// MustEnable is what is off until somebody switches it on.
type MustEnable struct {
	Protocols []report.Protocol `json:"protocols"`
	How       string            `json:"how"` // where, in the words that stand there
}

// Change is something that came to pass on a date.
type Change struct {
	Date  string `json:"date"` // "2024", "2024-09" or "2024-09-16"
	Event string `json:"event"`
}

// Docs are pages of the provider.
type Docs struct {
	Servers     string `json:"servers"`      // the settings of mail programs
	Password    string `json:"password"`     // which password mail programs need
	NewPassword string `json:"new_password"` // where it is made
	Enable      string `json:"enable"`       // how access is switched on
	SMTP        string `json:"smtp"`         // sending with a login
	Changes     string `json:"changes"`      // what ends when
	Help        string `json:"help"`
}

// Confidence is how sure the facts are.
type Confidence string

// The confidences. What is less sure is not in the table.
const (
	High   Confidence = "high"
	Medium Confidence = "medium"
)

// Lacks tells whether the provider is known not to offer a protocol.
func (p *Provider) Lacks(protocol report.Protocol) bool {
	return p.Status == Ended || p.Status == NoStandardProtocols || slices.Contains(p.NotOffered, protocol)
}
