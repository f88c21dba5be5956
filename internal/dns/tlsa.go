package dns

import (
	"context"
	"crypto/x509"
	"errors"
	"net"
	"strconv"
	"strings"

	miekg "github.com/miekg/dns"
)

// TLSA says which certificate a server may show (RFC 6698 section 2.1).
type TLSA struct {
	Usage    uint8  // 2: an authority's, 3: the server's own (RFC 7672 section 3.1)
	Selector uint8  // 0: the whole certificate, 1: its public key
	Matching uint8  // 0: all of it, 1: its SHA-256, 2: its SHA-512
	Data     string // lower-case hex
}

// Parameters are the record's three numbers: "3 1 1".
func (t TLSA) Parameters() string {
	number := func(n uint8) string { return strconv.Itoa(int(n)) }
	return number(t.Usage) + " " + number(t.Selector) + " " + number(t.Matching)
}

// Matches tells whether the record is about this certificate. One with a
// selector or a matching type that nobody knows is about none.
func (t TLSA) Matches(cert *x509.Certificate) bool {
	data, err := miekg.CertificateToDANE(t.Selector, t.Matching, cert)
	return err == nil && data == t.Data
}

var tlsaRecords = recordType[TLSA]{
	qtype: miekg.TypeTLSA,
	read: func(rr miekg.RR) (TLSA, bool) {
		t, ok := rr.(*miekg.TLSA)
		if !ok {
			return TLSA{}, false
		}
		return TLSA{Usage: t.Usage, Selector: t.Selector, Matching: t.MatchingType, Data: strings.ToLower(t.Certificate)}, true
	},
	resolve: func(context.Context, *net.Resolver, string) ([]TLSA, error) { return nil, errNoTLSA },
}

var errNoTLSA = errors.New("the system's own lookup knows no TLSA records")
