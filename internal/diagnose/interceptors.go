package diagnose

import (
	"crypto/x509"
	"errors"
	"strings"
	"sync"

	"mailcheck/report"
	"mailcheck/wire"
)

// interceptorKind is where that sits which reads along, and so who can change
// it.
type interceptorKind int

const (
	antivirus interceptorKind = iota // on this computer
	gateway                          // a firewall or proxy of the network
	debugger                         // a program for developers
	adware                           // what nobody wanted
	// homemade are firewalls whose authority also signs the servers of those
	// who run them: where it is trusted it proves nothing.
	homemade
)

// interceptor is a product that ends TLS connections and makes certificates of
// its own for the servers behind it.
type interceptor struct {
	name string
	kind interceptorKind
	// issuers are parts of its issuer names (RFC 2253 form, lower case), long
	// enough that no public authority has them.
	issuers []string
}

// interceptors are the products by the names that they sign with. Makers that
// have, or had, public authorities too (Symantec, Trend Micro, Cisco) are told
// by the names of their products.
var interceptors = []interceptor{
	{"Avast", antivirus, []string{"avast web/mail shield", "avast! web/mail shield", "avast untrusted", "o=avast"}},
	{"AVG", antivirus, []string{"avg web/mail shield", "avg technologies"}},
	{"Avira", antivirus, []string{"avira web/mail shield", "cn=avira"}},
	{"Norton", antivirus, []string{"norton web/mail shield", "norton antivirus", "nortonlifelock"}},
	{"Kaspersky", antivirus, []string{"kaspersky"}},
	{"ESET", antivirus, []string{"eset ssl filter", `eset\, spol`}},
	{"Bitdefender", antivirus, []string{"bitdefender"}},
	{"McAfee", antivirus, []string{"mcafee webadvisor", "mcafee personal"}},
	{"Dr.Web", antivirus, []string{"dr.web", "drweb", "doctor web"}},
	{"BullGuard", antivirus, []string{"bullguard"}},
	{"G DATA", antivirus, []string{"g data mail", "g data software"}},
	{"F-Secure", antivirus, []string{"f-secure browsing", "f-secure https"}},
	{"AhnLab", antivirus, []string{"ahnlab"}},
	{"360 Total Security", antivirus, []string{"qihoo 360", "360 total security"}},
	{"AdGuard", antivirus, []string{"adguard personal", "cn=adguard"}},
	{"Net Nanny", antivirus, []string{"net nanny", "contentwatch"}},
	{"Qustodio", antivirus, []string{"qustodio"}},

	{"Fortinet FortiGate", gateway, []string{"fortinet", "fortigate"}},
	{"Zscaler", gateway, []string{"zscaler"}},
	{"Netskope", gateway, []string{"netskope", "goskope.com"}},
	{"Palo Alto Networks", gateway, []string{"palo alto networks", "pan-os", "globalprotect"}},
	{"Blue Coat ProxySG", gateway, []string{"blue coat", "bluecoat", "proxysg", "symantec web security", "symantec ssl visibility"}},
	{"Cisco Umbrella", gateway, []string{"cisco umbrella", "opendns"}},
	{"Cisco IronPort", gateway, []string{"ironport", "cisco secure web appliance", "cisco web security"}},
	{"Barracuda", gateway, []string{"barracuda"}},
	{"WatchGuard", gateway, []string{"watchguard", "fireware"}},
	{"SonicWall", gateway, []string{"sonicwall"}},
	{"Check Point", gateway, []string{"check point software", "check point ssl", "check point https"}},
	{"Sophos", gateway, []string{"sophos", "cyberoam", "astaro"}},
	{"Trend Micro", gateway, []string{"trend micro interscan", "interscan web", "trend micro web security", "trend micro apex"}},
	{"McAfee Web Gateway", gateway, []string{"mcafee web gateway", "skyhigh secure web"}},
	{"Forcepoint", gateway, []string{"forcepoint", "websense"}},
	{"Juniper", gateway, []string{"juniper ssl proxy", "ssl-inspect-ca"}},
	{"Untangle", gateway, []string{"untangle", "arista edge threat"}},
	{"Kerio Control", gateway, []string{"kerio control"}},
	{"Sangfor", gateway, []string{"sangfor"}},
	{"Cloudflare Gateway", gateway, []string{"gateway ca - cloudflare", "cloudflare for teams"}},
	{"Cato Networks", gateway, []string{"cato networks"}},
	{"iboss", gateway, []string{"iboss"}},
	{"Lightspeed", gateway, []string{"lightspeed rocket", "lightspeed systems"}},
	{"Securly", gateway, []string{"securly"}},
	{"GoGuardian", gateway, []string{"goguardian"}},
	{"ContentKeeper", gateway, []string{"contentkeeper"}},
	{"Smoothwall", gateway, []string{"smoothwall"}},
	{"i-FILTER", gateway, []string{"i-filter", "digital arts inc"}},
	{"InterSafe", gateway, []string{"intersafe webfilter", "alps system integration"}},
	{"Squid", gateway, []string{"squid proxy", "squid ca", "cn=squid"}},
	{"E2Guardian", gateway, []string{"e2guardian", "dansguardian"}},

	{"mitmproxy", debugger, []string{"mitmproxy"}},
	{"Charles", debugger, []string{"charles proxy", "xk72 ltd"}},
	{"Fiddler", debugger, []string{"do_not_trust_fiddler", "fiddler root"}},
	{"Burp Suite", debugger, []string{"portswigger"}},
	{"OWASP ZAP", debugger, []string{"owasp zed attack", "zap root ca", "owasp zap"}},
	{"Proxyman", debugger, []string{"proxyman"}},
	{"HTTP Toolkit", debugger, []string{"http toolkit"}},

	{"Superfish", adware, []string{"superfish"}},
	{"Komodia", adware, []string{"komodia"}},
	{"PrivDog", adware, []string{"privdog", "adtrustmedia"}},
	{"Wajam", adware, []string{"wajam"}},

	{"pfSense", homemade, []string{"pfsense"}},
	{"OPNsense", homemade, []string{"opnsense"}},
}

// beginning is how many bytes every part of an issuer's name has at least.
const beginning = 4

// signers are the interceptors by the beginnings of the parts of their issuers.
var signers = sync.OnceValue(func() map[string][]signer {
	all := map[string][]signer{}
	for i, product := range interceptors {
		for _, part := range product.issuers {
			all[part[:beginning]] = append(all[part[:beginning]], signer{i, part})
		}
	}
	return all
})

// signer is an interceptor, by its place among them, and a part of its issuer.
type signer struct {
	place int
	part  string
}

// interceptorOf looks for a product that signed one of the certificates, by
// their issuers; it also returns the issuer.
func interceptorOf(issuers []string) (product *interceptor, issuer string) {
	for _, issuer := range issuers {
		first := len(interceptors)
		lower := strings.ToLower(issuer)
		for at := 0; at+beginning <= len(lower); at++ {
			for _, s := range signers()[lower[at:at+beginning]] {
				if s.place < first && strings.HasPrefix(lower[at:], s.part) {
					first = s.place
				}
			}
		}
		if first < len(interceptors) {
			return &interceptors[first], issuer
		}
	}
	return nil, ""
}

// issuersOf are the issuers of a chain. A server that made its certificate
// itself (the mail gateways of some of these makers do) is no interceptor.
func issuersOf(chain []*x509.Certificate) []string {
	var issuers []string
	for i, cert := range chain {
		if i == 0 && selfIssued(cert) {
			return nil
		}
		issuers = append(issuers, cert.Issuer.String())
	}
	return issuers
}

// intercepted judges a certificate of the right name that nobody known
// vouches for.
func intercepted(chain []*x509.Certificate) (diagnosis, bool) {
	product, _ := interceptorOf(issuersOf(chain))
	switch {
	case product == nil:
		return diagnosis{}, false
	case product.kind == gateway, product.kind == homemade:
		// Makers of gateways make mail servers too, with the same authority.
		return likely(report.TLSIntercepted).or(report.TLSUnknownAuthority, report.Medium), true
	}
	return certain(report.TLSIntercepted), true
}

// readAlong tells a session that is verified although an interceptor made the
// certificate: its authority was installed on this computer. Whoever runs the
// computer wanted that, and mail programs log in all the same, so it is a
// warning.
func readAlong(check *report.Check, step *report.Step) bool {
	if step.Step != "tls" || step.Err != nil || check.TLS == nil || !check.TLS.Verified || check.TLS.Certificate == nil {
		return false
	}
	product, _ := interceptorOf(issuersIn(check.TLS))
	return product != nil && product.kind != homemade
}

// issuersIn are the issuers of a session's certificates.
func issuersIn(facts *report.TLSFacts) []string {
	if facts.Certificate.Issuer == facts.Certificate.Subject {
		return nil
	}
	issuers := []string{facts.Certificate.Issuer}
	for _, link := range facts.Chain {
		issuers = append(issuers, link.Issuer)
	}
	return issuers
}

// interception names the product that reads along, and where it is.
func (s setting) interception(check *report.Check, step *report.Step) string {
	var issuers []string
	var e *wire.TLSError
	switch {
	case errors.As(step.Err, &e):
		issuers = issuersOf(e.Chain)
	case check.TLS != nil && check.TLS.Certificate != nil:
		issuers = issuersIn(check.TLS)
	}
	product, issuer := interceptorOf(issuers)
	if product == nil || len(issuer) > maxName {
		return ""
	}
	issuer = s.quoted(issuer)
	switch product.kind {
	case antivirus:
		return s.Say("It was issued by %q. That is %s, a protection program on this computer that reads along.", issuer, product.name)
	case debugger:
		return s.Say("It was issued by %q. That is %s, a tool of developers for reading along.", issuer, product.name)
	case adware:
		return s.Say("It was issued by %q. That is %s, unwanted software on this computer that reads along.", issuer, product.name)
	}
	return s.Say("It was issued by %q. That is %s, a firewall or proxy between this computer and the server.", issuer, product.name)
}
