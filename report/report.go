// Package report is the vocabulary of a run: what was checked, step by step,
// what each step showed, and what follows from all of it. Every type that
// reaches the JSON report is here, with its stable field names; the package
// does no input or output.
//
//   - [Report] is a whole run: its verdict, settings, checks and message.
//   - [Check] is one session or one stage of the run (imap, smtp, delivery).
//   - [Step] is one timed thing a check did (connect, tls, auth).
//   - [Log] and [Recorder] make them: [Recorder.Run], once per step.
//   - [ReplyError], [ProtocolError] and [Fault] are the errors that carry
//     their evidence to the diagnosis.
package report

import (
	"slices"
	"strings"
	"time"
)

// Schema names the version of the JSON report's form.
const Schema = "mailcheck/report/v1"

// Result says how a step, a check or a run ended.
type Result string

// The results, from best to worst. Skip stands outside that order: a step
// that was not run says nothing about the server.
const (
	OK   Result = "ok"
	Warn Result = "warn"
	Fail Result = "fail"
	Skip Result = "skip"
	// NotChecked is used only in a verdict, for a half that nobody asked about.
	NotChecked Result = "not_checked"
)

// Worse returns the worse of two results; Skip and the empty result give way
// to every other.
func Worse(a, b Result) Result {
	if rank[b] > rank[a] {
		return b
	}
	return a
}

var rank = map[Result]int{"": 0, Skip: 1, OK: 2, Warn: 3, Fail: 4}

// Report is a whole run.
type Report struct {
	Schema      string       `json:"schema"`
	Tool        Tool         `json:"tool"`
	Lang        string       `json:"lang"`
	Name        string       `json:"name,omitempty"` // of the account, in a batch
	Address     string       `json:"address"`
	Started     time.Time    `json:"started"`
	DurationMS  int64        `json:"duration_ms"`
	Result      Result       `json:"result"`
	ExitCode    int          `json:"exit_code"`
	Verdict     Verdict      `json:"verdict"`
	Settings    []Endpoint   `json:"settings,omitempty"`
	Credentials *Credentials `json:"credentials,omitempty"`
	Contacted   []Contact    `json:"contacted,omitempty"`
	Checks      []*Check     `json:"checks"`
	Message     *Message     `json:"message,omitempty"`
	// Expectations are in the order in which they were given.
	Expectations []Expectation `json:"expectations,omitempty"`
}

// Tool is the program that made the report.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Verdict is what the whole report says, in the order a person reads it.
type Verdict struct {
	Receive     Result     `json:"receive"`
	Send        Result     `json:"send"`
	Delivery    Result     `json:"delivery"`
	Headline    string     `json:"headline"`              // in one sentence
	FailedStep  string     `json:"failed_step,omitempty"` // the id of the step that it is about; empty when none failed
	Cause       Cause      `json:"cause,omitempty"`       // what that is put down to; empty when all is well
	Confidence  Confidence `json:"confidence,omitempty"`
	Explanation string     `json:"explanation,omitempty"`
	Advice      []string   `json:"advice,omitempty"`       // for the user, in the order to try
	AdminAdvice []string   `json:"admin_advice,omitempty"` // for whoever runs the server or the domain
	Proven      []string   `json:"proven,omitempty"`       // what is right and need not be changed
	Findings    []Finding  `json:"findings,omitempty"`
	Logins      Logins     `json:"logins"`

	// FailedTitle is what FailedStep came to, as the end of a sentence, where
	// the headline speaks of another failure; empty where it speaks of this one.
	FailedTitle string `json:"-"`
}

// Finding is one observation that stands behind a verdict, or beside it.
type Finding struct {
	Cause  Cause    `json:"cause"`
	Step   string   `json:"step"`
	Text   string   `json:"text"`
	Advice []string `json:"advice,omitempty"`
}

// Logins counts the logins of a run. Limit is how many refusals a run may
// cost before it stops trying, so that no account is locked.
type Logins struct {
	Made     int `json:"made"`
	Rejected int `json:"rejected"`
	Limit    int `json:"limit"`
}

// Credentials says where the secret came from and what it is; never the secret.
type Credentials struct {
	Source string `json:"source"`
	Kind   string `json:"kind"` // "password" or "token"
}

// IsToken tells a token from a password; false where there is no secret.
func (c *Credentials) IsToken() bool { return c != nil && c.Kind == "token" }

// Contact is a host that was spoken to, and what it was told.
type Contact struct {
	Host    string   `json:"host"`
	Port    int      `json:"port,omitempty"`
	Purpose string   `json:"purpose"` // a protocol, "settings", "sign-in", or the id of a check
	Told    []string `json:"told"`    // of "domain", "address", "password", "token", "message"
}

// Check is one session with one server, or one stage of the run.
type Check struct {
	ID           string         `json:"id"`
	Protocol     Protocol       `json:"protocol,omitempty"`
	Result       Result         `json:"result"`
	Endpoint     *CheckEndpoint `json:"endpoint,omitempty"`
	Addresses    []Address      `json:"addresses,omitempty"`
	TLS          *TLSFacts      `json:"tls,omitempty"`
	Capabilities *Capabilities  `json:"capabilities,omitempty"`
	Auth         *Auth          `json:"auth,omitempty"`
	// RoundTrips counts every wait for the network on the check's connection,
	// that for the TCP handshake included (delivery's waits on the receiving
	// connection count under the check "delivery").
	RoundTrips int      `json:"round_trips,omitempty"`
	Steps      []*Step  `json:"steps"`
	Transcript []string `json:"transcript,omitempty"`

	// Peer is the IP address that the session goes on with; empty while there
	// is no connection.
	Peer string `json:"-"`
}

// CheckKind is the id of a check without the number of a further candidate of its
// protocol: "imap" for "imap#2".
func CheckKind(id string) string {
	kind, _, _ := strings.Cut(id, "#")
	return kind
}

// CheckEndpoint is the server of a check.
type CheckEndpoint struct {
	Host     string   `json:"host"`
	Port     int      `json:"port"`
	Security Security `json:"security"`
	Source   string   `json:"source"`
}

// Address is one IP address of a host, and whether it took a connection.
type Address struct {
	IP        string `json:"ip"`
	Result    Result `json:"result"`               // Skip: it was not tried to the end, or could not be from here
	ConnectMS *int64 `json:"connect_ms,omitempty"` // how long the TCP handshake took; nil without one
	Cause     Cause  `json:"cause,omitempty"`
}

// TLSFacts describes a TLS session and the certificate shown in it.
type TLSFacts struct {
	Version     string       `json:"version,omitempty"` // "TLS 1.3"
	Cipher      string       `json:"cipher,omitempty"`
	ServerName  string       `json:"server_name"` // that the certificate was checked for
	Verified    bool         `json:"verified"`    // by its chain and name, or by --pin
	Certificate *Certificate `json:"certificate,omitempty"`
	Chain       []ChainLink  `json:"chain,omitempty"` // what was sent behind it
}

// Certificate describes the server's own certificate.
type Certificate struct {
	Subject   string    `json:"subject"`
	Issuer    string    `json:"issuer"`
	Names     []string  `json:"names,omitempty"`
	NotBefore time.Time `json:"not_before"`
	NotAfter  time.Time `json:"not_after"`
	DaysLeft  int       `json:"days_left"` // whole days; negative once it has ended
	SHA256    string    `json:"sha256"`    // of the DER form, lower-case hex
	Key       string    `json:"key"`       // "ECDSA P-256", "RSA 2048"
}

// ChainLink is one further certificate that the server sent.
type ChainLink struct {
	Subject  string    `json:"subject"`
	Issuer   string    `json:"issuer"`
	NotAfter time.Time `json:"not_after"`
}

// Capabilities is what the server said it can do, and when it said so.
type Capabilities struct {
	BeforeTLS []string `json:"before_tls,omitempty"`
	AfterTLS  []string `json:"after_tls,omitempty"`
	AfterAuth []string `json:"after_auth,omitempty"`
}

// Auth is the SASL mechanism that was used, and why this one.
type Auth struct {
	Mechanism string `json:"mechanism"`
	Why       string `json:"why"`
}

// Step is one timed thing that a check did. Times are milliseconds, StartMS
// from the start of the run.
type Step struct {
	ID           string        `json:"id"`                // "smtp.auth"
	Step         string        `json:"step"`              // "auth"
	Subject      string        `json:"subject,omitempty"` // tells steps of one name apart: a host, "after-tls"
	Result       Result        `json:"result"`
	StartMS      int64         `json:"start_ms"`
	DurationMS   int64         `json:"duration_ms"`
	Detail       string        `json:"detail,omitempty"`  // what was seen
	Because      string        `json:"because,omitempty"` // why it was skipped: the id of a step, or ByFlags
	Reply        *Reply        `json:"reply,omitempty"`
	Cause        Cause         `json:"cause,omitempty"`
	Confidence   Confidence    `json:"confidence,omitempty"`
	Alternatives []Alternative `json:"alternatives,omitempty"`
	Temporary    bool          `json:"temporary,omitempty"` // trying later may help
	Explanation  string        `json:"explanation,omitempty"`
	Advice       []string      `json:"advice,omitempty"`

	// Err is the error that made the step fail, for decisions by type.
	Err error `json:"-"`
	// Rule names the rule of internal/diagnose by which other checks of the run
	// tell the cause; empty where the step alone does.
	Rule string `json:"-"`
	// Others are the alternatives, for people.
	Others []Other `json:"-"`
	// Duration is the step's time unrounded, for output that shows fractions.
	Duration time.Duration `json:"-"`
}

// LoginTaken tells a login that the server took. A warning is one, too, over a
// connection without encryption; but not a refusal that takes nothing away from the
// account, which warns as well.
func (s *Step) LoginTaken() bool {
	return s.Result == OK || s.Result == Warn && s.Err == nil && s.Cause != AuthProtocolDisabled
}

// Reply is a server's answer, verbatim.
type Reply struct {
	Command  string `json:"command,omitempty"`  // what was asked, secrets left out: "AUTH PLAIN"
	Status   string `json:"status"`             // "NO", "-ERR", "535"
	Code     string `json:"code,omitempty"`     // the IMAP or POP3 response code: "AUTHENTICATIONFAILED"
	Enhanced string `json:"enhanced,omitempty"` // the SMTP enhanced status code (RFC 3463): "5.7.8"
	Text     string `json:"text"`
}

// Alternative is another cause that the same evidence allows.
type Alternative struct {
	Cause      Cause      `json:"cause"`
	Confidence Confidence `json:"confidence"`
}

// Confidence says how sure a cause is.
type Confidence string

// The degrees of confidence.
const (
	High   Confidence = "high"
	Medium Confidence = "medium"
	Low    Confidence = "low"
)

// Message is the test message of the run. Times are milliseconds from the start of
// the run.
type Message struct {
	ID             string          `json:"id"` // its Message-ID
	SentMS         int64           `json:"sent_ms,omitempty"`
	ArrivedMS      int64           `json:"arrived_ms,omitempty"` // when it was seen in the mailbox; zero: it was not
	Folder         string          `json:"folder,omitempty"`     // where it was seen
	Junk           bool            `json:"junk,omitempty"`       // that is the junk folder
	Deleted        bool            `json:"deleted"`
	Copies         []Copy          `json:"copies,omitempty"`
	Leftovers      int             `json:"-"` // messages of earlier runs that were removed with it
	Authentication *Authentication `json:"authentication,omitempty"`
	Received       []Hop           `json:"received,omitempty"`
}

// Copy is a further copy of the test message (in Sent, say).
type Copy struct {
	Folder  string `json:"folder"`
	Deleted bool   `json:"deleted"`
}

// Authentication is what the receiving server wrote of SPF, DKIM and DMARC
// (Authentication-Results, RFC 8601): "pass", "fail", "none", …
type Authentication struct {
	SPF   string `json:"spf,omitempty"`
	DKIM  string `json:"dkim,omitempty"`
	DMARC string `json:"dmarc,omitempty"`
}

// Hop is one Received field (RFC 5321 section 4.4), the oldest first. DelayS
// is the seconds since the hop before it.
type Hop struct {
	From   string    `json:"from,omitempty"`
	By     string    `json:"by,omitempty"`
	With   string    `json:"with,omitempty"`
	Time   time.Time `json:"time,omitzero"`
	DelayS float64   `json:"delay_s"`
}

// Check returns the check with this id, or nil.
func (r *Report) Check(id string) *Check {
	for _, c := range r.Checks {
		if c.ID == id {
			return c
		}
	}
	return nil
}

// At tells whether the check is about the server of an endpoint.
func (c *Check) At(e Endpoint) bool {
	at := c.Endpoint
	return at != nil && e.SameServer(Endpoint{Protocol: c.Protocol, Host: at.Host, Port: at.Port, Security: at.Security})
}

// Step returns the first step of the check with this name, or nil; the
// check may be nil.
func (c *Check) Step(name string) *Step {
	if c == nil {
		return nil
	}
	for _, s := range c.Steps {
		if s.Step == name {
			return s
		}
	}
	return nil
}

// LastLogin returns the last login that was tried in the check, or nil: a
// second user name makes a second one.
func (c *Check) LastLogin() *Step {
	for _, s := range slices.Backward(c.Steps) {
		if s.Step == "auth" && s.Result != Skip {
			return s
		}
	}
	return nil
}

// FirstFailed returns the first step that failed, or nil; the check may be nil.
func (c *Check) FirstFailed() *Step {
	if c == nil {
		return nil
	}
	for _, s := range c.Steps {
		if s.Result == Fail {
			return s
		}
	}
	return nil
}
