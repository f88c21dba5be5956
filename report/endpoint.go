package report

import "strings"

// Protocol is one of the three ways to a mailbox.
type Protocol string

// The protocols, named as in the JSON report.
const (
	IMAP Protocol = "imap"
	POP3 Protocol = "pop3"
	SMTP Protocol = "smtp"
)

// Protocols are all of them, in the order of a report and of the settings of a
// mail program.
var Protocols = []Protocol{IMAP, POP3, SMTP}

// Label is the protocol's name for people: "IMAP", "POP3", "SMTP"; empty for
// anything else.
func (p Protocol) Label() string {
	switch p {
	case IMAP:
		return "IMAP"
	case POP3:
		return "POP3"
	case SMTP:
		return "SMTP"
	}
	return ""
}

// Security is how a connection is encrypted.
type Security string

// The ways to encrypt (RFC 8314 sections 3 and 4.1).
const (
	TLS      Security = "tls"      // implicit TLS, from the first byte
	STARTTLS Security = "starttls" // STARTTLS (POP3: STLS), required
	None     Security = "none"     // clear text
)

// Endpoint is a server that takes part in an account: where it listens and
// how it is spoken to.
type Endpoint struct {
	Protocol Protocol `json:"protocol"`
	Host     string   `json:"host"`
	Port     int      `json:"port"`
	Security Security `json:"security"`
	Username string   `json:"username,omitempty"` // the login name; empty: the address itself
	Auth     []string `json:"auth,omitempty"`     // ways to log in, as autoconfig names them: "OAuth2"
	Source   string   `json:"source"`             // the settings step that named it: "flags", "srv", "guess", …
	Trusted  bool     `json:"trusted"`            // it may be sent a password
	Chosen   bool     `json:"chosen"`             // it is the one to use for its protocol

	// OtherUsername is the login name to try next, where the source names two
	// forms of it; empty for one.
	OtherUsername string `json:"-"`
	// Issuer is who gives the access tokens for the server (RFC 8414 section
	// 2), as the source names it; empty where it names nobody.
	Issuer string `json:"-"`
}

// SameServer tells whether two endpoints are one: the protocol, the host, the
// port and the encryption, whoever names them. The case of a host's name means
// nothing (RFC 4343).
func (e Endpoint) SameServer(other Endpoint) bool {
	return e.Protocol == other.Protocol && strings.EqualFold(e.Host, other.Host) && e.Port == other.Port && e.Security == other.Security
}
