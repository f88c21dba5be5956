package lab

import (
	"bytes"
	"cmp"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strings"

	"github.com/emersion/go-msgauth/dkim"

	"mailcheck/report"
)

// selector is the name of the key that the SMTP server signs with.
const selector = "lab"

// mx is the host that takes the domain's mail.
func (l *Lab) mx() string { return cmp.Or(l.opts.MX, l.host("mail")) }

// texts are the text records of the domain, by the name before it; "" is the
// domain itself.
func (l *Lab) texts() map[string][]string {
	all := map[string][]string{
		"":           {"v=spf1 a:" + l.server(report.SMTP) + " -all"},
		"_dmarc":     {"v=DMARC1; p=quarantine; rua=mailto:dmarc@" + l.domain},
		"_mta-sts":   {"v=STSv1; id=1;"},
		"_smtp._tls": {"v=TLSRPTv1; rua=mailto:tlsrpt@" + l.domain},
		selector + "._domainkey": {"v=DKIM1; k=ed25519; p=" +
			base64.StdEncoding.EncodeToString(l.signer.Public().(ed25519.PublicKey))},
	}
	for _, other := range []map[string][]string{l.behaviour.texts, l.opts.Texts} {
		for name, texts := range other {
			all[name] = texts
		}
	}
	return all
}

// stsPolicy is the domain's MTA-STS policy, and where it stands (RFC 8461).
func (l *Lab) stsPolicy() (url string, document http.Handler) {
	host := cmp.Or(l.behaviour.stsHost, l.mx())
	return "https://mta-sts." + l.domain + "/.well-known/mta-sts.txt",
		Document("text/plain", "version: STSv1\r\nmode: enforce\r\nmx: "+host+"\r\nmax_age: 604800\r\n")
}

// tlsa is the record that says which certificate the MX shows (RFC 7672
// section 3.1.1).
func (l *Lab) tlsa() string {
	if l.opts.TLSA != "" {
		return "TLSA " + l.opts.TLSA
	}
	sum := sha256.Sum256(l.relay.Leaf.RawSubjectPublicKeyInfo)
	if l.behaviour.foreignTLSA {
		sum = sha256.Sum256(sum[:])
	}
	return "TLSA 3 1 1 " + hex.EncodeToString(sum[:])
}

// signed tells whether the answers of the DNS claim to be validated.
func (l *Lab) signed() bool { return l.opts.Signed || l.behaviour.signed }

// relayCertificate has the MX show another certificate than the servers of
// mail programs, where it is to.
func (l *Lab) relayCertificate() error {
	l.relay = l.certificate
	leaf := cmp.Or(l.opts.RelayLeaf, l.behaviour.relayLeaf)
	if leaf == "" {
		return nil
	}
	var err error
	if l.relay, err = l.ca.Certificate(leaf, l.mx()); err != nil {
		return err
	}
	l.tls.GetCertificate = func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		if strings.EqualFold(hello.ServerName, l.mx()) {
			return &l.relay, nil
		}
		return &l.certificate, nil
	}
	return nil
}

// newSigner makes the key that the SMTP server signs with.
func (l *Lab) newSigner() (err error) {
	_, l.signer, err = ed25519.GenerateKey(rand.Reader)
	return err
}

// signature returns a message with its DKIM-Signature (RFC 6376); one that
// cannot be signed, or is not from the domain, stays as it is.
func (l *Lab) signature(message Submission) []byte {
	if l.signer == nil || l.behaviour.unauthentic || !strings.EqualFold(domainOf(message.From), l.domain) {
		return message.Data
	}
	var signed bytes.Buffer
	options := &dkim.SignOptions{Domain: l.domain, Selector: selector, Signer: l.signer}
	if err := dkim.Sign(&signed, bytes.NewReader(message.Data), options); err != nil {
		return message.Data
	}
	return signed.Bytes()
}
