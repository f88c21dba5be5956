package policy

import (
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"mailcheck/internal/dns"
	"mailcheck/report"
)

// The usages of TLSA that mail knows (RFC 7672 section 3.1).
const (
	daneAuthority = 2 // DANE-TA: of an authority, which has signed for the host's name
	daneServer    = 3 // DANE-EE: of the server, whatever else its certificate says
)

// Usable are the records that a sender can use; of others it is as if they
// were not there (RFC 7672 section 3.1.3).
func Usable(records []dns.TLSA) []dns.TLSA {
	size := map[uint8]int{1: 64, 2: 128} // of the hashes, in hex digits
	return slices.DeleteFunc(slices.Clone(records), func(t dns.TLSA) bool {
		want, hashed := size[t.Matching]
		return t.Usage != daneAuthority && t.Usage != daneServer || t.Selector > 1 || t.Matching > 2 ||
			hashed && len(t.Data) != want || t.Data == ""
	})
}

// DANE compares what a mail server has shown with the TLSA records of its name.
func DANE(records []dns.TLSA, host string, chain []*x509.Certificate) (Finding, error) {
	usable := Usable(records)
	if len(usable) == 0 {
		return Finding{Warning: report.PolicyDANEUnusable, Detail: fmt.Sprintf("%s: senders can use none of its TLSA records (%s)", host, listed(records))}, nil
	}
	for _, t := range usable {
		if t.Usage == daneServer && t.Matches(chain[0]) || t.Usage == daneAuthority && signedBy(t, host, chain) {
			return Finding{Detail: fmt.Sprintf("%s: the certificate is the one of the TLSA record %s", host, t.Parameters())}, nil
		}
	}
	return Finding{}, fault(report.PolicyDANEMismatch, fmt.Sprintf("%s shows a certificate that none of its TLSA records (%s) is about", host, listed(usable)))
}

// listed names records by their parameters.
func listed(records []dns.TLSA) string {
	var all []string
	for _, t := range records {
		if p := t.Parameters(); !slices.Contains(all, p) {
			all = append(all, p)
		}
	}
	return strings.Join(all, ", ")
}

// signedBy tells whether the authority that a record is about has signed a
// certificate for the host: one that the server sends, or one that the record
// holds as a whole.
func signedBy(t dns.TLSA, host string, chain []*x509.Certificate) bool {
	trusted, between := x509.NewCertPool(), x509.NewCertPool()
	if raw, err := hex.DecodeString(t.Data); err == nil && t.Selector == 0 && t.Matching == 0 {
		if authority, err := x509.ParseCertificate(raw); err == nil {
			trusted.AddCert(authority)
		}
	}
	for _, cert := range chain[1:] {
		between.AddCert(cert)
		if t.Matches(cert) {
			trusted.AddCert(cert)
		}
	}
	_, err := chain[0].Verify(x509.VerifyOptions{Roots: trusted, Intermediates: between, DNSName: host})
	return err == nil
}
