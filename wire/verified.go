package wire

import (
	"crypto/sha256"
	"crypto/x509"
	"sync"
)

// Verified remembers which chains of certificates were found good, so that
// those that several servers of one provider show are verified once. It lives
// as long as one run: in a longer life certificates would end. The zero value
// knows none yet; a nil *Verified remembers nothing. It may be used by several
// goroutines at once.
//
// What a server proves anew in each session, and what its name is, are not
// remembered: crypto/tls checks that it has the leaf's key, and the leaf is held
// against the name each time.
type Verified struct {
	mu     sync.Mutex
	chains map[shown]*chain
	named  map[*x509.Certificate]names
}

// names are who a certificate is of, and who issued it (RFC 2253).
type names struct{ subject, issuer string }

// names returns those of a certificate. crypto/tls has one copy of those that
// several servers show, and writing names takes longer than looking them up.
func (v *Verified) names(cert *x509.Certificate) names {
	if v == nil {
		return names{cert.Subject.String(), cert.Issuer.String()}
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	n, known := v.named[cert]
	if !known {
		n = names{cert.Subject.String(), cert.Issuer.String()}
		if v.named == nil {
			v.named = map[*x509.Certificate]names{}
		}
		v.named[cert] = n
	}
	return n
}

// shown is a chain as a server has shown it, and who was to vouch for it.
type shown struct {
	roots *x509.CertPool
	certs [sha256.Size]byte // of all of them in DER, one after the other
}

// chain is what is known of one.
type chain struct {
	mu   sync.Mutex // held while it is verified: the others wait for that
	good bool
}

// of returns what is known of a chain.
func (v *Verified) of(roots *x509.CertPool, certs []*x509.Certificate) *chain {
	all := sha256.New()
	for _, c := range certs {
		all.Write(c.Raw) // a length is a part of it
	}
	key := shown{roots, [sha256.Size]byte(all.Sum(nil))}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.chains == nil {
		v.chains = map[shown]*chain{}
	}
	if v.chains[key] == nil {
		v.chains[key] = &chain{}
	}
	return v.chains[key]
}

// verify verifies a server's certificates, the chain only where that was not
// found good before. What fails is always verified as a whole, so that the
// error is the same.
func (v *Verified) verify(roots *x509.CertPool, serverName string, certs []*x509.Certificate) error {
	if v == nil {
		return verifyChain(roots, serverName, certs)
	}
	known := v.of(roots, certs)
	known.mu.Lock()
	defer known.mu.Unlock()
	if known.good && certs[0].VerifyHostname(serverName) == nil {
		return nil
	}
	err := verifyChain(roots, serverName, certs)
	known.good = known.good || err == nil
	return err
}

// verifyChain verifies a server's certificates for its name.
func verifyChain(roots *x509.CertPool, serverName string, certs []*x509.Certificate) error {
	between := x509.NewCertPool()
	for _, cert := range certs[1:] {
		between.AddCert(cert)
	}
	_, err := certs[0].Verify(x509.VerifyOptions{Roots: roots, Intermediates: between, DNSName: serverName})
	return err
}
