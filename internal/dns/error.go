package dns

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"unicode"

	miekg "github.com/miekg/dns"
)

// Kind says how a lookup failed.
type Kind string

// The kinds of failure.
const (
	// NXDomain: the name does not exist (RFC 8020), or could not.
	NXDomain Kind = "nxdomain"
	// NoRecords: the name exists and has no such record (NODATA, RFC 2308
	// section 2.2).
	NoRecords Kind = "no_records"
	// Servfail: the server answered, but not the question: SERVFAIL, REFUSED,
	// every other code, and records that lead nowhere.
	Servfail Kind = "servfail"
	// Timeout: no server answered in time.
	Timeout Kind = "timeout"
	// Other: no server could be asked, or what came was no DNS answer.
	Other Kind = "other"
)

// weight orders failures by what they tell of the name: where several servers
// or both families failed, the heaviest is the one that counts.
var weight = map[Kind]int{NXDomain: 0, NoRecords: 1, Other: 2, Timeout: 3, Servfail: 4}

// Error is a lookup that brought no record.
type Error struct {
	Name string // what was asked for, without the final dot
	Type string // "MX", "A"
	Kind Kind
	// Rcode is the server's response code, "NXDOMAIN"; empty when none was
	// seen (net.Resolver does not tell it).
	Rcode string
	// Server is who said so, or did not, host:port; empty for net.Resolver.
	Server string
	// CNAMEs are the aliases that were followed before.
	CNAMEs []string
	// Err says more, or is nil: an [*ExtendedError], a network error, the
	// context's error joined with its cause.
	Err error
}

func (e *Error) Error() string {
	s := e.Type + " of " + e.Name
	if n := len(e.CNAMEs); n > 0 {
		s += ", an alias of " + e.CNAMEs[n-1]
	}
	switch e.Kind {
	case NXDomain:
		s += ": the name does not exist"
	case NoRecords:
		s += ": there is no such record"
	case Timeout:
		s += ": no answer in time"
	case Servfail:
		s += ": no usable answer"
	default:
		s += ": the DNS could not be asked"
	}
	if e.Kind == Servfail && e.Rcode != "" {
		s += " (" + e.Rcode + ")"
	}
	if e.Server != "" {
		s += " from " + e.Server
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func (e *Error) Unwrap() error { return e.Err }

// IsAbsent tells whether err is the DNS's plain no: the name or the record
// does not exist.
func IsAbsent(err error) bool {
	var e *Error
	return errors.As(err, &e) && (e.Kind == NXDomain || e.Kind == NoRecords)
}

// ExtendedError is a server's own word on why it failed (RFC 8914).
type ExtendedError struct {
	Code uint16 // 6 is "DNSSEC Bogus"
	Text string // the server's, stripped of control characters and bounded
}

func (e *ExtendedError) Error() string {
	s := miekg.ExtendedErrorCodeToString[e.Code]
	if s == "" {
		s = fmt.Sprintf("extended error %d", e.Code)
	}
	if e.Text != "" {
		s += ": " + e.Text
	}
	return s
}

// maxExtendedText bounds the text of an ExtendedError in bytes: a sentence.
const maxExtendedText = 240

// extendedError returns the first extended error of a message, or nil.
func extendedError(m *miekg.Msg) error {
	opt := m.IsEdns0()
	if opt == nil {
		return nil
	}
	for _, o := range opt.Option {
		if ede, ok := o.(*miekg.EDNS0_EDE); ok {
			return &ExtendedError{Code: ede.InfoCode, Text: printable(ede.ExtraText)}
		}
	}
	return nil
}

// printable drops what is no printable character and cuts the text.
func printable(text string) string {
	text = strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, text)
	if len(text) > maxExtendedText {
		text = strings.ToValidUTF8(text[:maxExtendedText], "")
	}
	return text
}

var (
	errName       = errors.New("it is no name that a host can have")
	errTarget     = errors.New("its records name nothing that could be a host")
	errAliasLoop  = errors.New("its aliases run in a circle")
	errAliasChain = fmt.Errorf("it is an alias of an alias, more than %d times", maxAliases)
	errReferral   = errors.New("the server refers to others instead of answering")
)

func badName(name, qtype string) *Error {
	return &Error{Name: printable(name), Type: qtype, Kind: NXDomain, Err: errName}
}

// failure classifies an error of the network or of net.Resolver. ctx is the
// caller's: when it has ended, that is the reason.
func failure(ctx context.Context, name, qtype, server string, err error) *Error {
	e := &Error{Name: name, Type: qtype, Server: server, Kind: Other, Err: err}
	var (
		resolver *net.DNSError
		family   *net.AddrError
		network  net.Error
	)
	switch {
	case ctx.Err() != nil:
		e.Err = ctx.Err()
		if cause := context.Cause(ctx); cause != ctx.Err() {
			e.Err = fmt.Errorf("%w: %w", ctx.Err(), cause)
		}
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			e.Kind = Timeout
		}
	case errors.As(err, &family): // the name has addresses, of the other family only
		e.Kind = NoRecords
	case errors.As(err, &resolver) && resolver.IsNotFound: // or there is no such record
		e.Kind = NXDomain
	case errors.As(err, &network) && network.Timeout():
		e.Kind = Timeout
	case resolver != nil:
		// "server misbehaving", EAI_AGAIN; net.Resolver does not tell it from
		// a server that could not be reached.
		e.Kind = Servfail
	}
	return e
}
