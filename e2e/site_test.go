//go:build linux

package e2e

import (
	"bufio"
	"context"
	"embed"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"text/template"
)

const (
	siteDomain = "lab.test"
	// signedDomain is signed with DNSSEC; mail for what is below it comes to the
	// same servers.
	signedDomain = "signed.test"
	// siteIP is where every server of the site listens, but for the
	// authorization server: tests have web servers of their own there.
	siteIP = "127.0.0.1"
)

//go:embed testdata
var testdata embed.FS

// fault is what differs from a healthy site; the zero value is healthy.
type fault struct {
	NoDovecot   bool
	NoPostfix   bool
	NoLMTP      bool   // Postfix takes mail that it cannot hand on
	NoTLS       bool   // no STARTTLS anywhere, and no port for implicit TLS
	Certificate string // "expired"; empty is "good"
}

// site is a mail domain and everything that serves it.
type site struct {
	dir string
	ca  *authority

	knot, unbound, authserver, dovecot, postfix *daemon
}

// startSite starts the healthy site below dir.
func startSite(dir string) (*site, error) {
	s := &site{dir: dir}
	var err error
	if s.ca, err = writePKI(dir); err != nil {
		return nil, fmt.Errorf("certificates: %w", err)
	}
	if err := s.startDNS(); err != nil {
		return nil, err
	}
	if err := s.startAuthServer(); err != nil {
		return nil, err
	}
	if err := s.prepareDovecot(); err != nil {
		return nil, err
	}
	if err := s.preparePostfix(); err != nil {
		return nil, err
	}
	return s, s.serve(fault{})
}

// serve starts the mail servers anew, with the fault.
func (s *site) serve(f fault) error {
	s.dovecot.stop()
	s.postfix.stop()
	s.dovecot, s.postfix = nil, nil
	if !f.NoDovecot {
		if err := s.startDovecot(f); err != nil {
			return err
		}
	}
	if !f.NoPostfix {
		return s.startPostfix(f)
	}
	return nil
}

// breakWith gives the site a fault until the test ends.
func (s *site) breakWith(t *testing.T, f fault) {
	t.Helper()
	t.Cleanup(func() {
		if err := s.serve(fault{}); err != nil {
			t.Fatalf("the healthy site after the test: %v", err)
		}
	})
	if err := s.serve(f); err != nil {
		t.Fatal(err)
	}
}

// path names a file of the site.
func (s *site) path(elem ...string) string {
	return filepath.Join(append([]string{s.dir}, elem...)...)
}

// configure writes the named template of testdata, filled in, to path.
func (s *site) configure(path, name string, f fault) error {
	certificate := f.Certificate
	if certificate == "" {
		certificate = "good"
	}
	return fill(path, name, map[string]any{
		"Dir": s.dir, "IP": siteIP, "Domain": siteDomain, "Signed": signedDomain, "Key": s.ca.good, "Accounts": accounts, "Issuer": issuer, "IssuerIP": issuerIP, "Introspection": introspection,
		"Fault": f, "Certificate": s.path(certificate),
	})
}

// fill writes a template of testdata, filled in, to path.
func fill(path, name string, data any) error {
	tmpl, err := template.ParseFS(testdata, "testdata/"+name)
	if err != nil {
		return err
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := tmpl.Execute(file, data); err != nil {
		file.Close()
		return err
	}
	return file.Close()
}

// greets returns a check that a server at the port begins with the greeting.
func greets(port, greeting string) func(context.Context) error {
	return func(ctx context.Context) error {
		var d net.Dialer
		conn, err := d.DialContext(ctx, "tcp", net.JoinHostPort(siteIP, port))
		if err != nil {
			return err
		}
		defer conn.Close()
		if deadline, ok := ctx.Deadline(); ok {
			if err := conn.SetDeadline(deadline); err != nil {
				return err
			}
		}
		line, err := bufio.NewReader(conn).ReadString('\n')
		if err == nil && !strings.HasPrefix(line, greeting) {
			err = fmt.Errorf("port %s says %q", port, line)
		}
		return err
	}
}
