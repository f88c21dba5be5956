//go:build linux

package e2e

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// authority is the lab's root, which signs its servers' certificates.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	good        string // the SHA-256 of the public key of "good", as TLSA records have it
}

const day = 24 * time.Hour

// writePKI writes ca.pem, and a pair of NAME.pem and NAME.key for each
// certificate that a server may show: "good" and "expired".
func writePKI(dir string) (*authority, error) {
	ca, err := newAuthority("The lab's root")
	if err != nil {
		return nil, err
	}
	if err := writePEM(filepath.Join(dir, "ca.pem"), "CERTIFICATE", ca.certificate.Raw); err != nil {
		return nil, err
	}
	now := time.Now()
	if ca.good, err = ca.issue(filepath.Join(dir, "good"), now.Add(-time.Hour), now.Add(90*day)); err != nil {
		return nil, err
	}
	_, err = ca.issue(filepath.Join(dir, "expired"), now.Add(-90*day), now.Add(-day))
	return ca, err
}

// newAuthority makes a root, whose certificate may also stand for hosts.
func newAuthority(name string, hosts ...string) (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	root := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: name},
		DNSNames:              hosts,
		NotBefore:             time.Now().Add(-365 * day),
		NotAfter:              time.Now().Add(365 * day),
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign,
	}
	ca := &authority{certificate: root, key: key}
	der, err := ca.sign(root, key)
	if err != nil {
		return nil, err
	}
	ca.certificate, err = x509.ParseCertificate(der)
	return ca, err
}

// issue writes path.pem and path.key, a certificate for the site's hosts, and
// returns the SHA-256 of its public key.
func (ca *authority) issue(path string, notBefore, notAfter time.Time) (sum string, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", err
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return "", err
	}
	der, err := ca.sign(&x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()),
		Subject:      pkix.Name{CommonName: "mail." + siteDomain},
		DNSNames:     []string{"mail." + siteDomain, "mx." + siteDomain, "mx." + signedDomain, "stale." + signedDomain},
		IPAddresses:  []net.IP{net.ParseIP(siteIP)},
		NotBefore:    notBefore,
		NotAfter:     notAfter,
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}, key)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%x", sha256.Sum256(public)), writeCertificate(path, tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key})
}

// writeCertificate writes path.pem and path.key.
func writeCertificate(path string, c tls.Certificate) error {
	pkcs8, err := x509.MarshalPKCS8PrivateKey(c.PrivateKey)
	if err != nil {
		return err
	}
	if err := writePEM(path+".key", "PRIVATE KEY", pkcs8); err != nil {
		return err
	}
	return writePEM(path+".pem", "CERTIFICATE", c.Certificate[0])
}

// webCertificate is a certificate for the web server of a host.
func (ca *authority) webCertificate(host string) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	der, err := ca.sign(&x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()),
		Subject:      pkix.Name{CommonName: host},
		DNSNames:     []string{host},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(90 * day),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}, key)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
}

func (ca *authority) sign(template *x509.Certificate, key *ecdsa.PrivateKey) ([]byte, error) {
	return x509.CreateCertificate(rand.Reader, template, ca.certificate, key.Public(), ca.key)
}

// pool trusts the lab's root alone.
func (ca *authority) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(ca.certificate)
	return pool
}

// writePEM writes a key for root alone, and anything else for all: Dovecot
// reads the lab's root as a user of its own.
func writePEM(path, kind string, der []byte) error {
	mode := os.FileMode(0o644)
	if kind == "PRIVATE KEY" {
		mode = 0o600
	}
	return os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), mode)
}
