package diagnose

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"strings"
	"testing"

	"mailcheck/internal/lang"
	"mailcheck/report"
	"mailcheck/wire"
)

func TestIntercepted(t *testing.T) {
	named := func(cn, o string) pkix.Name {
		n := pkix.Name{CommonName: cn}
		if o != "" {
			n.Organization = []string{o}
		}
		return n
	}
	for name, tt := range map[string]struct {
		issuer pkix.Name
		root   *pkix.Name // of the authority above it, sent along
		cause  report.Cause
		sure   report.Confidence
		says   string
	}{
		"virus scanner": {issuer: named("avast! Web/Mail Shield Root", "avast! Web/Mail Shield"), cause: report.TLSIntercepted, sure: report.High,
			says: `That is Avast, a protection program on this computer`},
		"ESET": {issuer: named("ESET SSL Filter CA", "ESET, spol. s r. o."), cause: report.TLSIntercepted, sure: report.High, says: "That is ESET"},
		"firewall": {issuer: named("FG100ETK18000000", "Fortinet"), cause: report.TLSIntercepted, sure: report.Medium,
			says: "That is Fortinet FortiGate, a firewall or proxy between"},
		"behind a private root": {issuer: named("Company Proxy 2", ""), root: &pkix.Name{CommonName: "Zscaler Root CA"}, cause: report.TLSIntercepted, sure: report.Medium,
			says: `It was issued by "CN=Zscaler Root CA".`},
		"debugging proxy": {issuer: named("mitmproxy", "mitmproxy"), cause: report.TLSIntercepted, sure: report.High, says: "a tool of developers"},
		"adware":          {issuer: named("Superfish, Inc.", "Superfish, Inc."), cause: report.TLSIntercepted, sure: report.High, says: "unwanted software"},
		"own firewall":    {issuer: named("pfSense-CA", "Home"), cause: report.TLSIntercepted, sure: report.Medium, says: "That is pfSense"},

		"private authority":    {issuer: named("Example Corp Root", "Example Corp"), cause: report.TLSIncompleteChain, sure: report.Medium, says: "Example Corp Root"},
		"a maker's old public": {issuer: named("Symantec Class 3 Secure Server CA - G4", "Symantec Corporation"), cause: report.TLSIncompleteChain, sure: report.Medium, says: "Symantec"},
		"a name like a maker":  {issuer: named("Reset Networks CA", "Preset GmbH"), cause: report.TLSIncompleteChain, sure: report.Medium, says: "Reset"},
	} {
		t.Run(name, func(t *testing.T) {
			chain := []*x509.Certificate{{RawIssuer: []byte{1}, RawSubject: []byte{2}, Issuer: tt.issuer}}
			if tt.root != nil {
				chain = append(chain, &x509.Certificate{Subject: tt.issuer, Issuer: *tt.root})
			}
			check, step := imapCheck("tls", report.TLS, &wire.TLSError{Chain: chain, Err: x509.UnknownAuthorityError{}})
			Step(check, step, lang.English)
			if step.Cause != tt.cause || step.Confidence != tt.sure || !strings.Contains(step.Explanation, tt.says) {
				t.Errorf("got %s (%s): %q; want %s (%s): %q", step.Cause, step.Confidence, step.Explanation, tt.cause, tt.sure, tt.says)
			}
		})
	}
}

// A mail gateway that made its certificate itself does not read along.
func TestMakersOwnServer(t *testing.T) {
	own, _ := (*authority)(nil).sign(t, func() *x509.Certificate {
		tmpl := template()
		tmpl.Subject = pkix.Name{CommonName: testHost, Organization: []string{"Sophos"}}
		return tmpl
	}())
	check, step := imapCheck("tls", report.TLS, &wire.TLSError{Chain: []*x509.Certificate{own}, Err: x509.UnknownAuthorityError{Cert: own}})
	if Step(check, step, lang.English); step.Cause != report.TLSUnknownAuthority {
		t.Errorf("got %s: %q", step.Cause, step.Explanation)
	}
}

// Where the interceptor's authority is installed the certificate verifies, and
// the step warns.
func TestReadAlong(t *testing.T) {
	for name, tt := range map[string]struct {
		issuer   string
		verified bool
		want     report.Result
	}{
		"scanner, installed":   {"CN=Kaspersky Anti-Virus Personal Root Certificate,O=AO Kaspersky Lab", true, report.Warn},
		"proxy, installed":     {"CN=Zscaler Intermediate Root CA (zscalertwo.net),OU=Zscaler Inc.,O=Zscaler Inc.", true, report.Warn},
		"own firewall's":       {"CN=pfSense-CA", true, report.OK},
		"public":               {"CN=R11,O=Let's Encrypt,C=US", true, report.OK},
		"accepted, not proven": {"CN=mitmproxy,O=mitmproxy", false, report.OK},
	} {
		t.Run(name, func(t *testing.T) {
			check, step := imapCheck("tls", report.TLS, nil)
			step.Result = report.OK
			check.TLS = &report.TLSFacts{Verified: tt.verified, Certificate: &report.Certificate{Subject: "CN=" + testHost, Issuer: tt.issuer}}
			Step(check, step, lang.English)
			if step.Result != tt.want || (step.Cause == report.TLSIntercepted) != (tt.want == report.Warn) {
				t.Errorf("got %s %s", step.Result, step.Cause)
			}
			if tt.want == report.Warn && !strings.Contains(step.Explanation, "It was issued by") {
				t.Errorf("explanation %q", step.Explanation)
			}
		})
	}
}

func TestInterceptorsTable(t *testing.T) {
	seen := map[string]string{}
	for _, p := range interceptors {
		for _, part := range p.issuers {
			if part != strings.ToLower(part) || len(part) < 5 {
				t.Errorf("%s: %q is not in lower case, or too short to tell anything", p.name, part)
			}
			if other, twice := seen[part]; twice {
				t.Errorf("%q stands for %s and %s", part, other, p.name)
			}
			seen[part] = p.name
		}
	}
	// Public authorities of today and yesterday, as they sign mail servers.
	for _, public := range []string{
		"CN=R11,O=Let's Encrypt,C=US", "CN=DigiCert Global G2 TLS RSA SHA256 2020 CA1,O=DigiCert Inc,C=US",
		"CN=Sectigo RSA Domain Validation Secure Server CA,O=Sectigo Limited,L=Salford,ST=Greater Manchester,C=GB",
		"CN=GTS CA 1C3,O=Google Trust Services LLC,C=US", "CN=GlobalSign GCC R3 DV TLS CA 2020,O=GlobalSign nv-sa,C=BE",
		"CN=Amazon RSA 2048 M02,O=Amazon,C=US", "CN=SECOM Passport for Web SR 3.0,O=SECOM Trust Systems CO.\\,LTD.,C=JP",
		"CN=Cybertrust Japan SureServer CA G4,O=Cybertrust Japan Co.\\, Ltd.,C=JP", "CN=Cloudflare TLS Issuing ECC CA 1,O=SSL Corporation,C=US",
		"CN=Cloudflare Inc ECC CA-3,O=Cloudflare\\, Inc.,C=US", "CN=Symantec Class 3 Secure Server CA - G4,OU=Symantec Trust Network,O=Symantec Corporation,C=US",
		"CN=HydrantID Server CA O1,OU=HydrantID Trusted Certificate Service,O=IdenTrust,C=US", "CN=Entrust Certification Authority - L1K,O=Entrust\\, Inc.,C=US",
		"CN=TeleSec Business CA 21,O=Deutsche Telekom Security GmbH,C=DE", "CN=AffirmTrust Commercial,O=AffirmTrust,C=US",
	} {
		if p, _ := interceptorOf([]string{public}); p != nil {
			t.Errorf("%s is taken for %s", public, p.name)
		}
	}
}
