// Package policy reads what a domain publishes in the DNS, and over HTTPS, about
// its mail: who sends it, and how securely it wants to get it.
//
//   - [SPF], [DKIM] and [DMARC]: whose mail in the domain's name is genuine (RFC
//     7208, RFC 6376, RFC 7489).
//   - [STSRecord], [ParseSTS] and [STS.Covers]: MTA-STS, which mail servers
//     senders may talk to, with a certificate that they check (RFC 8461).
//   - [TLSRPT]: whom senders tell of failed encryption (RFC 8460).
//   - [DANE]: which certificates the DNS vouches for (RFC 7672).
//
// A [Finding] says what a record says. A record that is missing where it is
// needed, or broken, is an error with its cause (*[report.Fault]), or the
// *[dns.Error] by which nothing could be read.
package policy

import (
	"context"
	"slices"
	"strings"
	"unicode"

	"mailcheck/internal/dns"
	"mailcheck/report"
)

// Resolver looks up what the records need: a [dns.Client].
type Resolver interface {
	TXT(ctx context.Context, name string) (*dns.Answer[string], error)
	MX(ctx context.Context, domain string) (*dns.Answer[dns.MX], error)
	Host(ctx context.Context, name string) (*dns.Hosts, error)
}

// Finding is what was made of a record.
type Finding struct {
	Detail string // what it says, in a phrase
	// Warning is what is wrong with a record that works all the same; empty for
	// nothing.
	Warning report.Cause
}

// maxShown bounds what is shown of a record, in bytes: most are shorter.
const maxShown = 300

// maxRecord bounds a record, in bytes: what is longer is passed over. SPF records
// that list every address have 3 KiB; answers of the DNS end at 64.
const maxRecord = 8 << 10

// shown is a foreign text as it may stand in a report.
func shown(text string) string {
	text = strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, text)
	if len(text) > maxShown {
		return strings.ToValidUTF8(text[:maxShown], "") + " ..."
	}
	return text
}

// texts looks text records up; none are no error, and those that are too long
// are none.
func texts(ctx context.Context, r Resolver, name string) ([]string, error) {
	found, err := r.TXT(ctx, name)
	switch {
	case dns.IsAbsent(err):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(found.Records), func(text string) bool { return len(text) > maxRecord }), nil
}

// fault is an error with its cause.
func fault(cause report.Cause, text string) error { return &report.Fault{Cause: cause, Text: text} }
