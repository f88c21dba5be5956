package lab

import (
	"crypto/tls"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-smtp"

	"mailcheck/report"
)

// Fault is one thing that can be wrong in a lab, and what a check of the
// account is expected to make of it.
type Fault struct {
	Name       string        // "smtp-port-closed"
	Title      string        // one line for people
	Step       string        // the step that fails or warns ("smtp.connect"); empty when none does
	Cause      report.Cause  // empty when nothing is wrong in the end
	Result     report.Result // of the whole run: fail, warn or ok
	ExitStatus int

	set func(*behaviour)
}

// Receiving tells a fault of the receiving side, which shows with --mx alone.
func (f Fault) Receiving() bool { return strings.HasPrefix(f.Step, report.MXCheck+".") }

// Faults returns every fault that [Options].Fault can name, in the order of
// the steps that they concern.
func Faults() []Fault { return slices.Clone(faults) }

func findFault(name string) (Fault, bool) {
	i := slices.IndexFunc(faults, func(f Fault) bool { return f.Name == name })
	if i < 0 {
		return Fault{}, false
	}
	return faults[i], true
}

// behaviour is what the servers of a lab do that healthy ones do not: all
// that a fault can switch, and all that the servers know of faults. The zero
// value is a healthy lab.
type behaviour struct {
	noDomain    bool          // DNS: the domain does not exist
	nullMX      bool          // DNS: the domain takes no mail (RFC 7505)
	deadAddress bool          // DNS: the IMAP host has a second address, on which nobody listens
	delay       time.Duration // one way; used where Options.Delay is zero

	// publish holds what DNS names of a protocol; nil is TLS and STARTTLS.
	publish map[report.Protocol][]report.Security
	ports   map[report.Protocol]manner
	sound   report.Security // of the ports that are served all the same; empty: none

	leaf       Leaf
	maxTLS     uint16   // the newest TLS version; 0 is Go's
	ciphers    []uint16 // of TLS 1.2 and older; nil is Go's
	noSTARTTLS bool
	hangUpEHLO bool // SMTP ends the connection instead of answering EHLO

	noSMTPAuth  bool // SMTP offers no AUTH
	refuseLogin map[report.Protocol]*refusal

	examine   *imap.Error // IMAP's answer to SELECT and EXAMINE
	dropInUse bool        // another POP3 session has the maildrop
	noUIDPLUS bool

	mail, rcpt, data *smtp.SMTPError // SMTP's answers
	fate             fate
	unauthentic      bool // SPF, DKIM and DMARC fail on what is delivered

	texts       map[string][]string // DNS: text records in place of the sound ones, see Options.Texts
	stsHost     string              // the host that the MTA-STS policy names; empty: the MX
	relayLeaf   Leaf                // the MX shows this certificate; empty: that of the other servers
	signed      bool                // DNS: the answers are validated
	foreignTLSA bool                // DNS: the TLSA record is about another certificate
}

// manner is how the ports of a protocol are served.
type manner int

const (
	served  manner = iota
	swapped        // clear text where TLS is expected, and the reverse
	silent         // connections are taken, and nothing is ever said
	closed         // nobody listens
)

// fate is what becomes of a message that was accepted.
type fate int

const (
	delivered fate = iota
	junked
	lost
)

// manner is how the port of a protocol with this encryption is served.
func (b *behaviour) manner(p report.Protocol, s report.Security) manner {
	if s == b.sound {
		return served
	}
	return b.ports[p]
}

func (b *behaviour) publishOnly(s report.Security, protocols ...report.Protocol) {
	b.publish = map[report.Protocol][]report.Security{}
	for _, p := range protocols {
		b.publish[p] = []report.Security{s}
	}
}

func (b *behaviour) refuse(r *refusal, protocols ...report.Protocol) {
	b.refuseLogin = map[report.Protocol]*refusal{}
	for _, p := range protocols {
		b.refuseLogin[p] = r
	}
}

// show makes the servers show such a certificate. DNS then names the
// implicit-TLS ports alone, so that the fault is met once for each protocol.
func show(leaf Leaf) func(*behaviour) {
	return func(b *behaviour) {
		b.leaf = leaf
		b.publishOnly(report.TLS, report.Protocols...)
	}
}

// The exit statuses of the faults are those of the program.
var faults = []Fault{
	// Name resolution.
	{"domain-unknown", "the domain does not exist",
		"dns.mx", report.DNSNXDomain, report.Fail, 11,
		func(b *behaviour) { b.noDomain = true }},
	{"null-mx", "the domain says that it takes no mail",
		"dns.mx", report.DNSNullMX, report.Fail, 11,
		func(b *behaviour) { b.nullMX = true }},

	// Connections.
	{"dead-address", "one of the two addresses of the IMAP host does not answer",
		"imap.connect", report.ConnectAddressDead, report.Warn, 0,
		func(b *behaviour) { b.deadAddress = true }},
	{"smtp-port-closed", "nothing listens on the SMTP port",
		"smtp.connect", report.ConnectRefused, report.Fail, 12,
		func(b *behaviour) {
			b.publishOnly(report.TLS, report.SMTP)
			b.ports = map[report.Protocol]manner{report.SMTP: closed}
		}},
	{"smtp-wrong-port", "nothing listens on the SMTP port that the domain names; the one with TLS works",
		"smtp.connect", report.ConnectRefused, report.Fail, 12,
		func(b *behaviour) {
			b.publishOnly(report.STARTTLS, report.SMTP)
			b.ports, b.sound = map[report.Protocol]manner{report.SMTP: closed}, report.TLS
		}},
	{"smtp-silent", "the SMTP port takes connections and says nothing",
		"smtp.greeting", report.ConnectTimeout, report.Fail, 14,
		func(b *behaviour) {
			b.publishOnly(report.STARTTLS, report.SMTP)
			b.ports = map[report.Protocol]manner{report.SMTP: silent}
		}},
	{"smtp-hangs-up", "the SMTP server ends the connection in the middle",
		"smtp.ehlo", report.ConnectClosedEarly, report.Fail, 14,
		func(b *behaviour) {
			b.publishOnly(report.TLS, report.SMTP)
			b.hangUpEHLO = true
		}},
	{"slow", "every answer takes a second, and all is well",
		"", "", report.OK, 0,
		func(b *behaviour) { b.delay = 500 * time.Millisecond }},

	// TLS.
	{"certificate-expired", "the certificate expired yesterday",
		"imap.tls", report.TLSExpired, report.Fail, 13, show(LeafExpired)},
	{"certificate-just-expired", "the certificate expired three hours ago",
		"imap.tls", report.TLSExpired, report.Fail, 13, show(LeafJustExpired)},
	{"certificate-not-yet-valid", "the certificate is valid from tomorrow",
		"imap.tls", report.TLSNotYetValid, report.Fail, 13, show(LeafNotYetValid)},
	{"certificate-other-host", "the certificate is for another host",
		"imap.tls", report.TLSHostnameMismatch, report.Fail, 13, show(LeafOtherHost)},
	{"certificate-unknown-ca", "the certificate is from an authority that nobody knows",
		"imap.tls", report.TLSUnknownAuthority, report.Fail, 13, show(LeafUnknownCA)},
	{"certificate-intercepted", "a proxy reads along, and made the certificate",
		"imap.tls", report.TLSIntercepted, report.Fail, 13, show(LeafIntercepted)},
	{"certificate-self-signed", "the certificate is signed by itself",
		"imap.tls", report.TLSUnknownAuthority, report.Fail, 13, show(LeafSelfSigned)},
	{"certificate-incomplete-chain", "the intermediate certificate is not sent",
		"imap.tls", report.TLSIncompleteChain, report.Fail, 13, show(LeafIncompleteChain)},
	{"certificate-weak-key", "the certificate has an RSA key of 1024 bits",
		"imap.tls", report.TLSWeak, report.Fail, 13, show(LeafWeakKey)},
	{"certificate-expires-soon", "the certificate expires in ten days",
		"imap.tls", report.TLSExpiresSoon, report.Warn, 0, show(LeafExpiresSoon)},
	{"tls-too-old", "the servers know TLS up to 1.1 only",
		"imap.tls", report.TLSOldVersion, report.Fail, 13,
		func(b *behaviour) {
			b.maxTLS = tls.VersionTLS11
			b.publishOnly(report.TLS, report.Protocols...)
		}},
	{"tls-static-rsa", "the servers know one outdated key exchange only, static RSA",
		"imap.tls", report.TLSHandshakeFailure, report.Fail, 13,
		func(b *behaviour) {
			show(LeafRSA)(b)
			b.maxTLS, b.ciphers = tls.VersionTLS12, []uint16{tls.TLS_RSA_WITH_AES_128_GCM_SHA256}
		}},
	{"starttls-missing", "the servers offer no STARTTLS",
		"imap.starttls", report.TLSStartTLSNotOffered, report.Fail, 13,
		func(b *behaviour) {
			b.noSTARTTLS = true
			b.publishOnly(report.STARTTLS, report.Protocols...)
		}},
	{"imap-no-tls", "the IMAP server speaks clear text where TLS is expected",
		"imap.tls", report.TLSPlaintextPort, report.Fail, 13,
		func(b *behaviour) {
			b.publishOnly(report.TLS, report.IMAP)
			b.ports = map[report.Protocol]manner{report.IMAP: swapped}
		}},
	// A server that waits for a TLS handshake is silent to a client that
	// waits for a greeting.
	{"imap-only-tls", "the IMAP server expects TLS from the first byte where STARTTLS is set",
		"imap.greeting", report.TLSPlaintextPort, report.Fail, 13,
		func(b *behaviour) {
			b.publishOnly(report.STARTTLS, report.IMAP)
			b.ports = map[report.Protocol]manner{report.IMAP: swapped}
		}},

	// Logins.
	{"wrong-password", "the password is wrong",
		"imap.auth", report.AuthBadCredentials, report.Fail, 15,
		func(b *behaviour) { b.refuse(badCredentials, report.Protocols...) }},
	{"imap-login-refused", "IMAP alone refuses the password",
		"imap.auth", report.AuthBadCredentials, report.Fail, 15,
		func(b *behaviour) { b.refuse(badCredentials, report.IMAP) }},
	{"smtp-login-refused", "SMTP alone refuses the password: you can receive but not send",
		"smtp.auth", report.AuthBadCredentials, report.Fail, 15,
		func(b *behaviour) { b.refuse(badCredentials, report.SMTP) }},
	{"smtp-no-auth", "the SMTP server offers no login",
		"smtp.auth", report.AuthNotOffered, report.Fail, 15,
		func(b *behaviour) { b.noSMTPAuth = true }},
	{"auth-backend-down", "the servers cannot check any password now",
		"imap.auth", report.ServerAuthBackendDown, report.Fail, 15,
		func(b *behaviour) { b.refuse(backendDown, report.Protocols...) }},
	{"pop3-disabled", "POP3 is switched off for this account, IMAP is not",
		"pop3.auth", report.AuthProtocolDisabled, report.Warn, 0,
		func(b *behaviour) { b.refuse(disabled, report.POP3) }},

	// Mailbox.
	{"imap-inbox-refused", "IMAP takes the password and then refuses to open the inbox",
		"imap.mailbox", report.MailboxInUse, report.Fail, 16,
		func(b *behaviour) {
			b.examine = &imap.Error{Type: imap.StatusResponseTypeNo, Code: imap.ResponseCodeInUse, // RFC 5530 section 3
				Text: "INBOX is locked by another process"}
		}},
	// RFC 2449 section 8.1.2: the password was right. POP3 refused beside an
	// IMAP that works is a warning.
	{"pop3-in-use", "another POP3 session has locked the mailbox",
		"pop3.auth", report.MailboxInUse, report.Warn, 0,
		func(b *behaviour) { b.dropInUse = true }},

	// Submission.
	{"sender-refused", "the server does not let this login send from this address",
		"smtp.mail", report.SubmitSenderNotOwned, report.Fail, 17,
		func(b *behaviour) { b.mail = senderNotOwned }},
	{"recipient-refused", "the server does not know the recipient",
		"smtp.rcpt", report.SubmitRecipientUnknown, report.Fail, 17,
		func(b *behaviour) { b.rcpt = recipientUnknown }},
	{"message-refused", "the server takes the message for spam",
		"smtp.data", report.SubmitSpamPolicy, report.Fail, 17,
		func(b *behaviour) { b.data = spam }},

	// Delivery.
	{"delivery-lost", "the message is accepted and never arrives",
		"delivery.arrive", report.DeliveryNotArrived, report.Fail, 18,
		func(b *behaviour) { b.fate = lost }},
	{"delivery-junk", "the message arrives in the junk folder",
		"delivery.inspect", report.DeliveryJunk, report.Warn, 0,
		func(b *behaviour) { b.fate = junked }},
	{"delivery-unauthentic", "SPF, DKIM and DMARC fail on the message that arrives",
		"delivery.inspect", report.DeliveryAuthenticationFailed, report.Warn, 0,
		func(b *behaviour) { b.unauthentic = true }},
	{"delivery-stays", "the IMAP server lacks UIDPLUS, so the test message cannot be removed safely",
		"delivery.cleanup", report.DeliveryNotCleaned, report.Warn, 0,
		func(b *behaviour) { b.noUIDPLUS = true }},

	// The receiving side, which is looked at with --mx.
	{"mx-certificate", "the MX shows another host's certificate, and MTA-STS demands a valid one",
		"mx.tls", report.MXCertificateDemanded, report.Fail, 13,
		func(b *behaviour) { b.relayLeaf = LeafOtherHost }},
	{"mx-other-host", "the MTA-STS policy names another mail server than the DNS",
		"mx.mta-sts", report.PolicyMTASTSHost, report.Fail, 13,
		func(b *behaviour) { b.stsHost = "mx.provider.test" }},
	{"mx-dane", "the signed DNS names another certificate than the mail server shows",
		"mx.dane", report.PolicyDANEMismatch, report.Fail, 13,
		func(b *behaviour) { b.signed, b.foreignTLSA = true, true }},
	{"mx-spf-missing", "the domain does not say who may send its mail",
		"mx.spf", report.PolicySPFMissing, report.Warn, 0,
		func(b *behaviour) { b.texts = map[string][]string{"": nil} }},
	{"mx-spf-twice", "the domain has two SPF records, so that none counts",
		"mx.spf", report.PolicySPFSeveral, report.Fail, 11,
		func(b *behaviour) {
			b.texts = map[string][]string{"": {"v=spf1 mx -all", "v=spf1 include:provider.test -all"}}
		}},
	{"mx-dkim-key", "the key of the signature is not in the DNS",
		"mx.dkim", report.PolicyDKIMKey, report.Fail, 11,
		func(b *behaviour) { b.texts = map[string][]string{selector + "._domainkey": nil} }},
	{"mx-dmarc-missing", "the domain does not say what to do with forged mail",
		"mx.dmarc", report.PolicyDMARCMissing, report.Warn, 0,
		func(b *behaviour) { b.texts = map[string][]string{"_dmarc": nil} }},
}
