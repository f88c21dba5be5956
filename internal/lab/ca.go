package lab

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"time"
)

// CA is a certificate authority for one lab or test: a root, which clients
// are told to trust, and an intermediate, which signs the servers.
type CA struct {
	root, intermediate *signer
	like               Issuer
}

// Leaf is a kind of server certificate.
type Leaf string

// The kinds of server certificates.
const (
	LeafGood            Leaf = ""
	LeafExpired         Leaf = "expired"
	LeafJustExpired     Leaf = "just-expired" // for three hours
	LeafNotYetValid     Leaf = "not-yet-valid"
	LeafExpiresSoon     Leaf = "expires-soon"     // in ten days
	LeafOtherHost       Leaf = "other-host"       // for mail.provider.test
	LeafUnknownCA       Leaf = "unknown-ca"       // of another root, which is sent with it
	LeafIntercepted     Leaf = "intercepted"      // of a proxy that reads along, mitmproxy by its name
	LeafRSA             Leaf = "rsa"              // sound, with an RSA key of 2048 bits
	LeafSelfSigned      Leaf = "self-signed"      // as "openssl req -x509" makes it: an authority of its own
	LeafIncompleteChain Leaf = "incomplete-chain" // without the intermediate
	LeafWeakKey         Leaf = "weak-key"         // RSA, 1024 bits
)

const day = 24 * time.Hour

// signer is a certificate with its key.
type signer struct {
	certificate *x509.Certificate
	key         crypto.Signer
}

// Issuer is the certificate authority that the lab's own has keys like: what it
// takes to verify a certificate differs by the fivefold.
type Issuer string

// The issuers that can be had. A server's own key is ECDSA P-256 where nothing else is
// said.
const (
	IssuerQuick       Issuer = ""             // ECDSA P-256, made at once
	IssuerLetsEncrypt Issuer = "lets-encrypt" // root RSA 4096, intermediate ECDSA P-384
	IssuerGoogle      Issuer = "google"       // root RSA 4096, intermediate RSA 2048
	IssuerDigiCert    Issuer = "digicert"     // all of RSA 2048, servers too
)

// keys makes those of the root and of the intermediate.
func (i Issuer) keys() (root, intermediate crypto.Signer, err error) {
	switch i {
	case IssuerQuick:
		root, err = newKey()
	case IssuerDigiCert:
		root, err = rsa.GenerateKey(rand.Reader, 2048)
	default:
		root, err = rsa.GenerateKey(rand.Reader, 4096)
	}
	if err != nil {
		return nil, nil, err
	}
	switch i {
	case IssuerLetsEncrypt:
		intermediate, err = ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	case IssuerGoogle, IssuerDigiCert:
		intermediate, err = rsa.GenerateKey(rand.Reader, 2048)
	default:
		intermediate, err = newKey()
	}
	return root, intermediate, err
}

// NewCA makes a certificate authority at once.
func NewCA() (*CA, error) { return NewCALike(IssuerQuick) }

// NewCALike makes a certificate authority with keys like those of another one.
func NewCALike(i Issuer) (*CA, error) {
	rootKey, intermediateKey, err := i.keys()
	if err != nil {
		return nil, err
	}
	root, err := sign(authorityTemplate("Mailcheck Lab Root"), rootKey, nil)
	if err != nil {
		return nil, err
	}
	intermediate, err := sign(authorityTemplate("Mailcheck Lab Intermediate"), intermediateKey, root)
	if err != nil {
		return nil, err
	}
	return &CA{root: root, intermediate: intermediate, like: i}, nil
}

// Roots returns a pool that holds the root alone.
func (ca *CA) Roots() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(ca.root.certificate)
	return pool
}

// PEM returns the root in PEM form.
func (ca *CA) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.root.certificate.Raw})
}

// Certificate makes a server certificate of this kind, with what the server
// sends along. Names are host names and IP addresses.
func (ca *CA) Certificate(leaf Leaf, names ...string) (tls.Certificate, error) {
	if len(names) == 0 {
		return tls.Certificate{}, fmt.Errorf("lab: a certificate needs a name")
	}
	template := serverTemplate(names)
	if ca.like == IssuerDigiCert && leaf == LeafGood {
		leaf = LeafRSA
	}
	key, err := newKey()
	if err != nil {
		return tls.Certificate{}, err
	}
	issuer, chain := ca.intermediate, []*signer{ca.intermediate}
	now := time.Now()
	switch leaf {
	case LeafGood:
	case LeafExpired:
		template.NotBefore, template.NotAfter = now.Add(-90*day), now.Add(-day)
	case LeafJustExpired:
		// Half an hour more, so that it is three full hours all through a run.
		template.NotBefore, template.NotAfter = now.Add(-90*day), now.Add(-3*time.Hour-30*time.Minute)
	case LeafNotYetValid:
		template.NotBefore, template.NotAfter = now.Add(day), now.Add(90*day)
	case LeafExpiresSoon:
		// Half a day more, so that ten full days are left all through a run.
		template.NotAfter = now.Add(10*day + day/2)
	case LeafOtherHost:
		template = serverTemplate([]string{"mail.provider.test"})
	case LeafUnknownCA, LeafIntercepted:
		name := map[Leaf]string{LeafUnknownCA: "Another Root", LeafIntercepted: "mitmproxy"}[leaf]
		unknown, err := newSigner(authorityTemplate(name), nil)
		if err != nil {
			return tls.Certificate{}, err
		}
		issuer, chain = unknown, []*signer{unknown}
	case LeafSelfSigned:
		template.IsCA, template.BasicConstraintsValid = true, true
		template.KeyUsage |= x509.KeyUsageCertSign
		issuer, chain = nil, nil
	case LeafIncompleteChain:
		chain = nil
	case LeafWeakKey, LeafRSA:
		bits := map[Leaf]int{LeafWeakKey: 1024, LeafRSA: 2048}[leaf]
		if key, err = rsa.GenerateKey(rand.Reader, bits); err != nil {
			return tls.Certificate{}, err
		}
	default:
		return tls.Certificate{}, fmt.Errorf("lab: unknown kind of certificate %q", leaf)
	}
	s, err := sign(template, key, issuer)
	if err != nil {
		return tls.Certificate{}, err
	}
	cert := tls.Certificate{Certificate: [][]byte{s.certificate.Raw}, PrivateKey: key, Leaf: s.certificate}
	for _, c := range chain {
		cert.Certificate = append(cert.Certificate, c.certificate.Raw)
	}
	return cert, nil
}

func authorityTemplate(name string) *x509.Certificate {
	return &x509.Certificate{
		Subject:               pkix.Name{CommonName: name},
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		// Long before and after every server certificate, so that only
		// these can be out of date.
		NotBefore: time.Now().Add(-365 * day),
		NotAfter:  time.Now().Add(3650 * day),
	}
}

func serverTemplate(names []string) *x509.Certificate {
	template := &x509.Certificate{
		Subject:     pkix.Name{CommonName: names[0]},
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		NotBefore:   time.Now().Add(-day),
		NotAfter:    time.Now().Add(90 * day),
	}
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
	return template
}

func newKey() (crypto.Signer, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) }

// newSigner makes a certificate with a key of its own. No issuer means that
// it signs itself.
func newSigner(template *x509.Certificate, issuer *signer) (*signer, error) {
	key, err := newKey()
	if err != nil {
		return nil, err
	}
	return sign(template, key, issuer)
}

func sign(template *x509.Certificate, key crypto.Signer, issuer *signer) (*signer, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120)) // RFC 5280 section 4.1.2.2: at most 20 octets
	if err != nil {
		return nil, err
	}
	template.SerialNumber = serial
	if issuer == nil {
		issuer = &signer{certificate: template, key: key}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, issuer.certificate, key.Public(), issuer.key)
	if err != nil {
		return nil, err
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return &signer{certificate: certificate, key: key}, nil
}
