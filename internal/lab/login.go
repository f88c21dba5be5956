package lab

import (
	"cmp"
	"crypto/subtle"
	"crypto/tls"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-smtp"

	"mailcheck/report"
)

// maxPenalty is the longest that Dovecot keeps an answer back
// (AUTH_PENALTY_MAX_SECS).
const maxPenalty = 15 * time.Second

// refusal is a "no" to a login, in the words of each protocol.
type refusal struct {
	imap imap.Error     // response codes: RFC 5530
	pop3 string         // response codes: RFC 2449 section 8, RFC 3206
	smtp smtp.SMTPError // RFC 4954 section 6
}

func (r *refusal) Error() string { return r.imap.Text }

var (
	badCredentials = &refusal{
		imap: imap.Error{Type: imap.StatusResponseTypeNo, Code: imap.ResponseCodeAuthenticationFailed, Text: "Authentication failed."},
		pop3: "[AUTH] Authentication failed.",
		smtp: smtp.SMTPError{Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 8}, Message: "Error: authentication failed"},
	}
	backendDown = &refusal{
		imap: imap.Error{Type: imap.StatusResponseTypeNo, Code: imap.ResponseCodeUnavailable, Text: "Temporary authentication failure."},
		pop3: "[SYS/TEMP] Temporary authentication failure.",
		smtp: smtp.SMTPError{Code: 454, EnhancedCode: smtp.EnhancedCode{4, 7, 0}, Message: "Temporary authentication failure"},
	}
	disabled = &refusal{
		imap: imap.Error{Type: imap.StatusResponseTypeNo, Code: imap.ResponseCodeAuthorizationFailed, Text: "IMAP access is disabled for this account."},
		pop3: "[AUTH] POP3 access is disabled for this account.",
		smtp: smtp.SMTPError{Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 8}, Message: "SMTP access is disabled for this account"},
	}
	clearText = &refusal{
		imap: imap.Error{Type: imap.StatusResponseTypeNo, Code: imap.ResponseCodePrivacyRequired, Text: "Cleartext authentication disallowed on non-secure (SSL/TLS) connections."},
		pop3: "[AUTH] Cleartext authentication disallowed on non-secure (SSL/TLS) connections.",
		smtp: smtp.SMTPError{Code: 538, EnhancedCode: smtp.EnhancedCode{5, 7, 11}, Message: "Encryption required for requested authentication mechanism"},
	}
	notOffered = &refusal{
		imap: imap.Error{Type: imap.StatusResponseTypeNo, Code: imap.ResponseCodeCannot, Text: "Unsupported authentication mechanism."},
		pop3: "Unsupported authentication mechanism.",
		smtp: smtp.SMTPError{Code: 504, EnhancedCode: smtp.EnhancedCode{5, 5, 4}, Message: "Unrecognized authentication mechanism"},
	}
	malformed = &refusal{
		imap: imap.Error{Type: imap.StatusResponseTypeBad, Text: "Invalid SASL response."},
		pop3: "Invalid SASL response.",
		smtp: smtp.SMTPError{Code: 501, EnhancedCode: smtp.EnhancedCode{5, 5, 2}, Message: "Invalid SASL response"},
	}
)

// Logins counts the logins that clients tried with one protocol: those in
// which a secret, or the proof of one, was sent. Made includes Rejected.
type Logins struct{ Made, Rejected int }

// door is where the client of one connection logs in.
type door struct {
	lab      *Lab
	protocol report.Protocol
	// tls returns the connection's TLS, nil while it is clear text.
	tls func() *tls.Conn
}

// secure tells whether a login may be made now.
func (d *door) secure() bool { return d.tls() != nil || d.lab.opts.AllowCleartext }

// offers tells whether a login by this name may be made now: the name of a
// SASL mechanism, or "USER" or "APOP".
func (d *door) offers(mechanism string) bool {
	if !d.secure() || !slices.Contains(d.lab.opts.Mechanisms, mechanism) {
		return false
	}
	if d.protocol == report.SMTP && d.lab.behaviour.noSMTPAuth {
		return false
	}
	// Channel binding needs a channel (RFC 5802 section 6).
	return d.tls() != nil || !strings.HasSuffix(mechanism, plus)
}

// mechanisms returns the SASL mechanisms that are offered now.
func (d *door) mechanisms() []string {
	var names []string
	for _, name := range d.lab.opts.Mechanisms {
		if _, ok := mechanisms[name]; ok && d.offers(name) {
			names = append(names, name)
		}
	}
	return names
}

// password is a login that shows the password.
func (d *door) password(user, password string) error {
	if d.knows(user) && same(password, d.lab.opts.Password) {
		return d.admit()
	}
	return d.reject()
}

// admit counts a login of a client that has proved that it knows the secret.
// It fails when the lab's fault refuses it all the same.
func (d *door) admit() error { return d.decide(nil) }

// reject counts a login of a client that has not.
func (d *door) reject() error { return d.decide(badCredentials) }

func (d *door) decide(no *refusal) error {
	if r := d.lab.behaviour.refuseLogin[d.protocol]; r != nil {
		no = r
	}
	wait(d.lab.penalty(d.protocol, no != nil), d.lab.stop)
	if no == nil {
		return nil
	}
	return no
}

// penalty counts a login, and returns how long its answer is kept back.
func (l *Lab) penalty(p report.Protocol, refused bool) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	count := l.logins[p]
	count.Made++
	if refused {
		count.Rejected++
	}
	l.logins[p] = count
	refusals := l.opts.Refusals
	for _, count := range l.logins {
		refusals += count.Rejected
	}
	if refusals == 0 || l.opts.Penalty == 0 {
		return 0
	}
	return min(l.opts.Penalty<<(refusals-1), maxPenalty)
}

func (d *door) knows(user string) bool {
	return strings.EqualFold(d.lab.account(user), cmp.Or(d.lab.opts.Usernames[d.protocol], d.lab.opts.Username, d.lab.opts.Address))
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
