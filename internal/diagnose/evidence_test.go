package diagnose

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"strings"
	"testing"
	"time"

	"mailcheck/internal/lang"
	"mailcheck/report"
	"mailcheck/wire"
)

func TestEvidence(t *testing.T) {
	leaf, _ := newAuthority(t, nil, "R1").sign(t, template())
	spring := &x509.Certificate{Raw: []byte("another"), NotAfter: time.Date(2026, 4, 1, 23, 0, 0, 0, time.UTC)}
	issuedBy := func(issuer pkix.Name) error {
		return &wire.TLSError{Err: x509.UnknownAuthorityError{},
			Chain: []*x509.Certificate{{RawIssuer: []byte{1}, RawSubject: []byte{2}, Issuer: issuer}}}
	}
	certificate := &report.TLSFacts{Certificate: &report.Certificate{Names: []string{testHost},
		NotAfter: time.Date(2026, 12, 5, 12, 0, 0, 0, time.UTC), DaysLeft: 12}}
	dead := []report.Address{{IP: "2001:db8::1", Result: report.Fail}, {IP: "192.0.2.1", Result: report.OK},
		{IP: "192.0.2.2", Result: report.Fail}, {IP: "2001:db8::2", Result: report.Skip}}

	for name, tt := range map[string]struct {
		step  string
		cause report.Cause
		err   error
		took  time.Duration
		want  string
	}{
		"ends soon":        {step: "tls", cause: report.TLSExpiresSoon, want: "It ends on 2026-12-05, in 12 days."},
		"intermediate":     {step: "tls", err: &wire.TLSError{Chain: []*x509.Certificate{leaf}, Err: x509.CertificateInvalidError{Cert: spring, Reason: x509.Expired}}, want: "A certificate that it depends on ended on 2026-04-01."},
		"no certificate":   {step: "tls", err: &wire.TLSError{Err: x509.CertificateInvalidError{Reason: x509.Expired}}, want: "Mail programs refuse it"},
		"name from facts":  {step: "tls", cause: report.TLSHostnameMismatch, want: "The certificate is for imap.example.com."},
		"organisation":     {step: "tls", err: issuedBy(pkix.Name{Organization: []string{"Example Ltd"}}), want: `It was issued by "Example Ltd".`},
		"issuer's tricks":  {step: "tls", err: issuedBy(pkix.Name{CommonName: "a\x1b[2Jb"}), want: `It was issued by "a\x1b[2Jb".`},
		"nameless issuer":  {step: "tls", err: issuedBy(pkix.Name{}), want: "The intermediate certificate is missing"},
		"endless issuer":   {step: "tls", err: issuedBy(pkix.Name{CommonName: strings.Repeat("x", 999)}), want: "The intermediate certificate is missing"},
		"no chain":         {step: "tls", cause: report.TLSUnknownAuthority, want: "It was made by the server itself"},
		"pin":              {step: "tls", err: &wire.TLSError{Err: wire.ErrPin}, want: "Its fingerprint is not the one of --pin."},
		"no connection":    {step: "connect", err: refusedBy(context.DeadlineExceeded), took: 15 * time.Second, want: "A firewall on the way"},
		"silence":          {step: "auth", err: context.DeadlineExceeded, took: 30*time.Second + 2*time.Millisecond, want: "The connection was made, but then nothing came for 30 seconds."},
		"a short silence":  {step: "auth", err: context.DeadlineExceeded, took: time.Millisecond, want: "The connection was made, but then nothing came. A firewall"},
		"no whole line":    {step: "greeting", err: &wire.UnfinishedError{Received: 37, Err: context.DeadlineExceeded}, took: 15 * time.Second, want: "The beginning of a line came (bytes: 37), and no end of it. What answers there may be no mail server"},
		"dead addresses":   {step: "connect", cause: report.ConnectAddressDead, want: "No connection to 2001:db8::1 or 192.0.2.2."},
		"clear-text fault": {step: "greeting", err: &report.Fault{Cause: report.TLSPlaintextPort}, want: "One side began with TLS"},
	} {
		t.Run(name, func(t *testing.T) {
			check, step := imapCheck(tt.step, report.TLS, tt.err)
			check.TLS, check.Addresses, step.Cause, step.Duration = certificate, dead, tt.cause, tt.took
			Step(check, step, lang.English)
			if !strings.HasPrefix(step.Explanation, tt.want) {
				t.Errorf("got %q, want %q first", step.Explanation, tt.want)
			}
		})
	}
}

// Whatever of a server the words quote has passed the mask.
func TestEvidenceIsMasked(t *testing.T) {
	const secret = "correcthorse9"
	mask := func(text string) string { return strings.ReplaceAll(text, secret, "[secret]") }
	issued := func(name string) error {
		return &wire.TLSError{Err: x509.UnknownAuthorityError{},
			Chain: []*x509.Certificate{{RawIssuer: []byte{1}, RawSubject: []byte{2}, Issuer: pkix.Name{CommonName: name}}}}
	}
	for _, tt := range []struct {
		cause report.Cause // empty: the one that the error tells
		err   error
	}{
		{err: issued(secret)},
		{err: issued("Fortinet " + secret)},
		{err: &wire.TLSError{FirstBytes: "220 " + secret, Err: tls.RecordHeaderError{Msg: "no TLS"}}},
		{report.TLSHostnameMismatch, x509.HostnameError{Certificate: &x509.Certificate{DNSNames: []string{secret + ".example.com"}}, Host: testHost}},
	} {
		check, step := imapCheck("tls", report.TLS, tt.err)
		step.Cause = tt.cause
		StepMasked(check, step, lang.English, mask)
		words := step.Explanation + strings.Join(step.Advice, " ")
		if !strings.Contains(words, "[secret]") || strings.Contains(words, secret) {
			t.Errorf("%v: %s", tt.err, words)
		}
	}
}
