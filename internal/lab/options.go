package lab

import (
	"net/http"
	"time"

	"mailcheck/report"
)

// DefaultAddress is the account of a lab that names no other.
const DefaultAddress = "anna@example.test"

// passwordMechanisms and tokenMechanisms are what a lab offers that names
// nothing else.
var (
	passwordMechanisms = []string{"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN", "LOGIN", userPass}
	tokenMechanisms    = []string{"OAUTHBEARER", "XOAUTH2"}
)

// Options shapes a lab. The zero value is a healthy one.
type Options struct {
	// Fault is the name of what is wrong, one of [Faults], or with a Provider one
	// of that profile's; empty is nothing.
	Fault string
	// Provider is the name of a mail provider to play, one of [Profiles]. Its
	// profile then sets everything but Password and the delays. Empty is none.
	Provider string
	// Address is the account, and its domain that of the servers; empty is
	// DefaultAddress.
	Address string
	// Subaddresses are the account's too: what stands between a "+" and the "@"
	// does not count (RFC 5233), at logins neither.
	Subaddresses bool
	// Username is the login name; empty is the address. Usernames are those of
	// protocols that want another one.
	Username  string
	Usernames map[report.Protocol]string
	// Password is the account's; empty is a random one.
	Password string
	// Token is the access token that XOAUTH2 and OAUTHBEARER accept; empty is
	// none.
	Token string
	// Authority is the authorization server whose access tokens are accepted
	// too; nil is none.
	Authority *Authority
	// Challenge is the JSON with which a token is refused (RFC 7628 section
	// 3.2.2); empty is one with the status 401.
	Challenge string
	// Mechanisms are the SASL mechanisms that all servers offer, "USER" for
	// POP3's USER and PASS and "APOP" for its APOP. IMAP's LOGIN command goes
	// with PLAIN or LOGIN. Nil is SCRAM with SHA-256 and SHA-1, both also with
	// channel binding, CRAM-MD5, PLAIN, LOGIN and USER; and with a Token or an
	// Authority OAUTHBEARER and XOAUTH2 before them.
	Mechanisms []string
	// Issuer is whose keys those that sign the certificates are like.
	Issuer Issuer
	// Delay is the time that a byte takes to or from a server, so that a
	// round trip costs twice that; the TCP handshake is charged too.
	Delay time.Duration
	// DNSDelay is the time that the DNS server takes for each answer.
	DNSDelay time.Duration
	// DeliverAfter is the time between the acceptance of a message and its
	// delivery.
	DeliverAfter time.Duration
	// SentCopy makes the SMTP server file what is sent in the Sent folder, as
	// Gmail's does.
	SentCopy bool
	// Labels makes the folders those of Gmail, where a message is kept once, in
	// All Mail, and is seen in every folder whose label it has. What is removed
	// from a folder loses the label; what is moved to Trash loses all of them.
	Labels bool
	// WantsID makes IMAP refuse the mailbox to clients that have not sent ID, as
	// NetEase's servers do.
	WantsID bool
	// Penalty is how long the answer to a refused login is kept back, and to
	// every login after it; each further refusal doubles it, as Dovecot does.
	// Refusals are those before the lab began.
	Penalty  time.Duration
	Refusals int
	// AllowCleartext makes the servers take logins without TLS.
	AllowCleartext bool
	// WellKnownPorts makes DNS, Endpoint and Endpoints name the ports that
	// clients expect, which only DialContext leads to.
	WellKnownPorts bool
	// Servers are where the mail servers are, in place of the domain's own hosts:
	// DNS has these hosts, and DialContext leads to these ports, whichever they
	// are. Every other port of mail is closed. The first of a protocol names it.
	Servers []report.Endpoint
	// Blocked are ports that DialContext never reaches, as when the network
	// drops the packets for them.
	Blocked []int
	// Greetings are the words with which IMAP and POP3 greet, and Capabilities
	// what IMAP announces besides; no client of the lab needs them.
	Greetings    map[report.Protocol]string
	Capabilities []string
	// NoSRV leaves the SRV records out of the DNS.
	NoSRV bool
	// MX is the host that takes the domain's mail; empty is one of the domain.
	MX string
	// Hosts are further names of the mail servers, inside the domain or outside
	// it: DNS has them, and the servers' certificate is for them too.
	Hosts []string
	// Certified are the names that the certificate is for; nil is all of them.
	Certified []string
	// Words are what the servers answer a step with in place of their own
	// answer, by the step's id ("imap.auth", "smtp.rcpt") as they stand on the
	// wire: "535 5.7.139 Authentication unsuccessful".
	Words map[string]string
	// Records are further DNS records, inside the domain or outside it:
	// "old.example.test. A 127.0.0.1".
	Records []string
	// Texts are text records of the domain in place of the lab's own, by the name
	// before it ("_dmarc"; "" for its SPF record); an empty list is none.
	Texts map[string][]string
	// Signed makes the DNS claim that it has validated its answers, and name the
	// certificate of the MX in a TLSA record.
	Signed bool
	// TLSA is that record where it is not to be about the certificate: "3 1 1 ...".
	TLSA string
	// RelayLeaf is the kind of certificate that the MX shows, where it is not
	// that of the other servers.
	RelayLeaf Leaf
	// Documents are what is served over HTTP and HTTPS, by URL without a query
	// ("https://autoconfig.example.test/mail/config-v1.1.xml"): [Autoconfig],
	// [Document], [Late], [Never], or what the test makes. DNS knows their
	// hosts; only DialContext leads to their ports. Whatever is not named here
	// is not found, but for the MTA-STS policy of the domain.
	Documents map[string]http.Handler
}
