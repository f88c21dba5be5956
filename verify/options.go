package verify

import (
	"cmp"
	"context"
	"crypto/x509"
	"net"
	"net/netip"
	"slices"
	"time"

	"mailcheck/creds"
	"mailcheck/internal/diagnose"
	"mailcheck/internal/discover"
	"mailcheck/internal/dns"
	"mailcheck/report"
)

// The time limits, when Options names none.
const (
	defaultTimeout = 2 * time.Minute
	defaultStep    = 15 * time.Second
	// defaultAuth is longer: real servers hold a refused or penalised login
	// back for 5 to 15 s (Courier 5 s, Dovecot's penalty up to 15 s).
	defaultAuth = 30 * time.Second
	defaultWait = time.Minute
)

// Options is what a run checks, and how. Account is needed; every other zero
// value means the default of the command line.
type Options struct {
	Account creds.Account
	// Version is the program's, for the report.
	Version string
	// Lang is the language of the report's sentences; empty means "en".
	Lang string

	Fixed     []report.Endpoint // endpoints of flags, instead of discovery
	Leave     []report.Protocol // protocols that are left out
	Username  string            // login name; empty means the address
	Usernames map[report.Protocol]string

	Mechanism string // the only SASL mechanism; empty means the best
	NoAuth    bool   // no password is looked for, no login made
	// Credentials says where the secret may come from.
	Credentials creds.Options
	// QuietKeyring holds the key that signs the test message where the password
	// comes from elsewhere than Credentials.Keyring. It must show no dialogue.
	// Nil means that such messages are not signed.
	QuietKeyring creds.Keyring

	// Redact masks in the report whose account it is about and where it was run.
	Redact bool
	// Expect is what steps are to come to ([diagnose.ParseExpectation]).
	Expect []report.Expectation
	MX     bool                // look at the receiving side of the domain too
	Send   diagnose.SendDegree // empty means diagnose.SendMessage
	From   string              // envelope and header sender; empty means the address
	To     string              // recipient; empty means the address, and only then is the arrival awaited
	Hello  string              // EHLO name; empty means "[127.0.0.1]"
	Wait   time.Duration       // for the arrival
	Keep   bool                // leave the test message in the mailbox

	Timeout time.Duration // the whole run, Wait beside it
	// StepTimeout holds for every step when given.
	StepTimeout time.Duration

	Roots           *x509.CertPool // nil means the system's
	Pin             string         // SHA-256 of the only certificate, hex
	AcceptInvalid   bool           // bad certificates warn only
	AllowCleartext  bool           // a password may cross an unencrypted connection
	TrustDiscovered bool           // hosts that nobody vouches for are trusted
	// ConfirmHost asks the user whether a host that nobody vouches for is
	// theirs; nil means that nobody is asked, and the host gets no password.
	ConfirmHost func(ctx context.Context, host string) bool

	Offline        bool // nothing is asked over HTTP
	NoShareAddress bool // what is asked over HTTP names the domain, never the address

	DNS      string                  // DNS server host:port; empty means the system's
	Override map[string][]netip.Addr // addresses for names
	Family   dns.Family

	Transcript bool // the dialogues go into the report
	Strict     bool // a warning fails the run

	// Observe is told of each step's start and end; nil means nobody.
	Observe func(report.Event)
	// Abort ends the run without cleaning up, where the end of Run's context
	// ends it with. Nil means never.
	Abort context.Context
	// Silence is how long a greeting may be kept back before TLS is tried
	// beside it (wire.Options); zero means its default.
	Silence time.Duration
	// Now is the clock by which the report and messages are dated, and messages
	// taken for left behind; nil means time.Now.
	Now func() time.Time
	// Dial replaces net.Dialer.DialContext for mail servers; nil means that.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)

	// What the accounts of a batch share; nil for a run alone.
	hosts     *hosts
	documents *discover.Documents
}

func (o *Options) complete() {
	set := func(d *time.Duration, to time.Duration) {
		if *d == 0 {
			*d = to
		}
	}
	set(&o.Timeout, defaultTimeout)
	set(&o.Wait, defaultWait)
	if o.Send == "" {
		o.Send = diagnose.SendMessage
	}
	if o.Lang == "" {
		o.Lang = "en"
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Abort == nil {
		o.Abort = context.Background()
	}
	o.NoAuth = o.NoAuth || len(o.wanted()) == 0 // nobody is there to log in to
}

// stepTimeout is the time limit of a step, by its name.
func (o *Options) stepTimeout(step string) time.Duration {
	switch {
	case step == "arrive":
		return o.Wait
	case o.StepTimeout > 0:
		return o.StepTimeout
	case step == "auth":
		return defaultAuth
	}
	return defaultStep
}

// wants tells whether the run checks this protocol.
func (o *Options) wants(p report.Protocol) bool { return !slices.Contains(o.Leave, p) }

// wanted are the protocols that the run checks.
func (o *Options) wanted() []report.Protocol {
	return slices.DeleteFunc(slices.Clone(report.Protocols), func(p report.Protocol) bool { return !o.wants(p) })
}

// allFixed tells whether the flags name a server for every protocol, so that no
// settings are looked for.
func (o *Options) allFixed() bool { return len(o.Fixed) >= len(o.wanted()) }

// logsIn tells whether the protocol is to log in.
func (o *Options) logsIn(p report.Protocol) bool {
	return !o.NoAuth && o.wants(p) && (p != report.SMTP || o.Send != diagnose.SendNone)
}

// fixed tells whether a flag names the protocol's endpoint.
func (o *Options) fixed(p report.Protocol) bool {
	return slices.ContainsFunc(o.Fixed, func(e report.Endpoint) bool { return e.Protocol == p })
}

// popAsked tells whether POP3 was asked for, so that a refusal is a failure
// even where IMAP works.
func (o *Options) popAsked() bool { return o.fixed(report.POP3) || !o.wants(report.IMAP) }

func (o *Options) from() string { return cmp.Or(o.From, o.Account.Mailbox()) }

func (o *Options) to() string { return cmp.Or(o.To, o.Account.Mailbox()) }

// receivingAlone tells whether the run looks at the receiving side of the domain
// and at nothing else.
func (o *Options) receivingAlone() bool { return o.MX && len(o.wanted()) == 0 }

// sends tells whether the run sends its message.
func (o *Options) sends() bool {
	return o.Send == diagnose.SendMessage && !o.NoAuth && o.wants(report.SMTP)
}

// awaitsArrival tells whether the run looks for its message in the mailbox.
func (o *Options) awaitsArrival() bool { return o.sends() && o.To == "" }

// unasked tells of a step that the flags leave out, whatever becomes of the
// steps before it.
func (o *Options) unasked(c *report.Check, step string) bool {
	switch step {
	case "auth":
		return !o.logsIn(c.Protocol)
	case "mailbox":
		return o.NoAuth
	case "mail", "rcpt":
		return !o.sends() && o.Send != diagnose.SendRcpt
	case "data", "arrive", "inspect":
		return !o.sends()
	case "cleanup":
		return !o.sends() || o.Keep
	}
	return false
}

// username is the login name that the user named for the protocol; empty when
// none was.
func (o *Options) username(p report.Protocol) string {
	return cmp.Or(o.Usernames[p], o.Username)
}
