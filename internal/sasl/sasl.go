// Package sasl logs in (RFC 4422): it has the mechanisms that go-sasl lacks,
// the order in which they are preferred, and the one loop that runs any of
// them over any protocol's framing. A login is three calls:
//
//  1. [Choose] picks the mechanism, from what the server offers, what the
//     secret is and how the connection is protected, and says why.
//  2. [NewClient] makes the client's side of it. The commands that protocols
//     have of their own ([LoginCommand], [User], [APOP]) have none: there the
//     protocol sends its command.
//  3. [Authenticate] runs it over the protocol's [Exchange] and ends it
//     properly, whatever the server says.
package sasl

import (
	"crypto/tls"
	"fmt"
	"strings"

	gosasl "github.com/emersion/go-sasl"
	"github.com/xdg-go/scram"

	"mailcheck/creds"
	"mailcheck/report"
)

// The login commands of the protocols themselves. A protocol adds those that
// its server takes to the mechanisms offered, so that [Choose] weighs them too.
const (
	LoginCommand = "LOGIN command" // IMAP's LOGIN (RFC 9051 section 6.2.3), absent under LOGINDISABLED
	User         = "USER"          // POP3's USER and PASS (RFC 1939 section 7)
	APOP         = "APOP"          // POP3's APOP (RFC 1939 section 7), for a greeting with a timestamp
)

// Login is who logs in, with what, where.
type Login struct {
	Username string
	Secret   creds.Secret
	Kind     creds.Kind
	Host     string               // named by OAUTHBEARER; may be empty
	Port     int                  // named by OAUTHBEARER; zero: not named
	TLS      *tls.ConnectionState // nil: the connection is in clear text
	// Earlier are the mechanisms that the server has offered in this TLS session
	// so far: it does not get the secret by a weaker one. Nil: only once.
	Earlier []string
	// Published are the login methods that whoever names the server names with
	// it, in the words of an autoconfig document or as mechanisms. Nil: none.
	Published []string
	// Subject tells the step of a second login in a session from the first;
	// empty for the first.
	Subject string
}

// Client is one login's side of a mechanism. It gives its secret away at most
// once, whatever it is asked.
type Client interface {
	gosasl.Client
	// Finish judges the server's success: it returns an error when the
	// mechanism had not come to its end, or the server has not proved what
	// the mechanism demands of it.
	Finish() error
	// Note is what the server said inside the mechanism about a failure:
	// OAuth 2.0's error in JSON (RFC 7628 section 3.2.2), SCRAM's server-error
	// (RFC 5802 section 7). It is short, printable and without the secret;
	// empty when there was nothing.
	Note() string
}

// KindOf returns the kind of secret that a mechanism or login command takes
// (its name in any case), and whether this package knows it.
func KindOf(mechanism string) (creds.Kind, bool) {
	m, ok := lookup(mechanism)
	return m.kind, ok
}

// Names are the mechanisms that --auth takes, the most preferred first.
func Names() []string {
	var names []string
	for _, m := range mechanisms {
		if m.name != LoginCommand { // which LOGIN leads to
			names = append(names, m.name)
		}
	}
	return names
}

// NewClient makes the client for a mechanism that [Choose] chose. Of what is
// offered SCRAM tells the server whether it saw a -PLUS mechanism, so that one
// taken out on the way is noticed. What the mechanism cannot carry is refused
// here, before anything is sent, with a [report.Fault].
func NewClient(mechanism string, login Login, offered []string) (Client, error) {
	m, ok := lookup(mechanism)
	if !ok || m.client == nil {
		return nil, &report.Fault{Cause: report.AuthMechanismUnsupported,
			Text: fmt.Sprintf("mailcheck has no SASL mechanism %q", mechanism)}
	}
	if err := login.check(); err != nil {
		return nil, err
	}
	return m.client(dialogue{mechanism: m.name, login: login}, offered)
}

// exposure is what an eavesdropper on a clear-text connection gets.
type exposure int

const (
	guessable exposure = iota // something to try passwords against, at leisure
	shown                     // the secret itself
)

// mechanism is one way to log in.
type mechanism struct {
	name     string
	kind     creds.Kind
	exposure exposure
	// client makes the client's side; nil for a command of the protocol's own.
	client func(d dialogue, offered []string) (Client, error)
}

// mechanisms is the order of preference inside TLS. In clear text those that
// show the secret come last, in the same order otherwise.
//
// PLAIN, and with it every command that shows the password, stands before
// CRAM-MD5 and APOP: inside TLS they protect nothing, and they work only where
// the server keeps the password itself. Servers offer them without that, and a
// right password is then refused.
var mechanisms = []mechanism{
	{"SCRAM-SHA-256-PLUS", creds.Password, guessable, newSCRAM(scram.SHA256)},
	{"SCRAM-SHA-256", creds.Password, guessable, newSCRAM(scram.SHA256)},
	{"SCRAM-SHA-1-PLUS", creds.Password, guessable, newSCRAM(scram.SHA1)},
	{"SCRAM-SHA-1", creds.Password, guessable, newSCRAM(scram.SHA1)},
	{"PLAIN", creds.Password, shown, newPlain},
	{"LOGIN", creds.Password, shown, newLogin},
	{LoginCommand, creds.Password, shown, nil},
	{User, creds.Password, shown, nil},
	{"CRAM-MD5", creds.Password, guessable, newCRAMMD5},
	{APOP, creds.Password, guessable, nil},
	{"OAUTHBEARER", creds.Token, shown, newOAuthBearer},
	{"XOAUTH2", creds.Token, shown, newXOAuth2},
}

func lookup(name string) (mechanism, bool) {
	for _, m := range mechanisms {
		if strings.EqualFold(m.name, name) {
			return m, true
		}
	}
	return mechanism{}, false
}

// bound reports whether the mechanism is tied to the TLS session.
func bound(mechanism string) bool { return strings.HasSuffix(mechanism, "-PLUS") }

// check refuses what no mechanism or login command can carry: a NUL moves the
// fields of PLAIN (RFC 4616 section 2), a line break is a second command.
func (l Login) check() error {
	if i := strings.IndexFunc(l.Username, isControl); i >= 0 {
		return &report.Fault{Cause: report.ConfigBadAddress,
			Text: fmt.Sprintf("the user name contains %s, which no login can carry", controlName(l.Username[i]))}
	}
	if i := strings.IndexAny(l.Secret.Reveal(), "\x00\r\n"); i >= 0 {
		return &report.Fault{Cause: report.ClientProtocol,
			Text: fmt.Sprintf("the %s contains %s, which no login can carry", l.Kind, controlName(l.Secret.Reveal()[i]))}
	}
	return nil
}

// controlName names a control character for people.
func controlName(c byte) string {
	switch c {
	case 0:
		return "a NUL character"
	case '\r', '\n':
		return "a line break"
	}
	return fmt.Sprintf("the control character %02X", c)
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }
