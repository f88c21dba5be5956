//go:build linux

package e2e

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/smtp"
	"net/textproto"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// dialLimit bounds a dialogue of the tests themselves with a server.
const dialLimit = 10 * time.Second

// dial opens a connection to a port of the site, until the test ends.
func (s *site) dial(t *testing.T, port string) net.Conn {
	t.Helper()
	conn, err := net.DialTimeout("tcp", net.JoinHostPort(siteIP, port), dialLimit)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(dialLimit)); err != nil {
		t.Fatal(err)
	}
	return conn
}

// dialTLS is dial for a port with implicit TLS.
func (s *site) dialTLS(t *testing.T, port string) net.Conn {
	t.Helper()
	return tls.Client(s.dial(t, port), s.tlsConfig())
}

func (s *site) tlsConfig() *tls.Config {
	return &tls.Config{RootCAs: s.ca.pool(), ServerName: "mail." + siteDomain}
}

// converse sends the commands, one after the other, and returns all that the
// server said.
func converse(t *testing.T, conn net.Conn, commands ...string) string {
	t.Helper()
	text := textproto.NewConn(conn)
	for _, command := range commands {
		if err := text.PrintfLine("%s", command); err != nil {
			t.Fatal(err)
		}
	}
	said, err := io.ReadAll(conn) // the last command makes the server close
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatalf("after %q: %v", said, err)
	}
	return string(said)
}

func TestMechanismsAreOffered(t *testing.T) {
	s := theLab(t)
	tests := []struct {
		protocol, port string
		commands       []string
		mechanism      string // how the list names one
	}{
		{"imap", "993", []string{"a CAPABILITY", "b LOGOUT"}, " AUTH=%s"},
		{"pop3", "995", []string{"CAPA", "QUIT"}, " %s"},
		{"submissions", "465", []string{"EHLO e2e." + siteDomain, "QUIT"}, " %s"},
	}
	for _, test := range tests {
		t.Run(test.protocol, func(t *testing.T) {
			said := converse(t, s.dialTLS(t, test.port), test.commands...)
			for _, mechanism := range []string{
				"PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256", "XOAUTH2", "OAUTHBEARER",
			} {
				if !strings.Contains(said, fmt.Sprintf(test.mechanism, mechanism)) {
					t.Errorf("%s is not offered: %q", mechanism, said)
				}
			}
		})
	}
	if said := converse(t, s.dialTLS(t, "995"), "QUIT"); !strings.Contains(said, "@") {
		t.Errorf("no APOP: the greeting %q has no timestamp (RFC 1939 section 7)", said)
	}
}

func TestSTARTTLSIsOffered(t *testing.T) {
	s := theLab(t)
	for port, commands := range map[string][]string{
		"143": {"a CAPABILITY", "b LOGOUT"},
		"110": {"CAPA", "QUIT"},
		"587": {"EHLO e2e." + siteDomain, "QUIT"},
	} {
		said := converse(t, s.dial(t, port), commands...)
		if !strings.Contains(said, "STARTTLS") && !strings.Contains(said, "STLS") {
			t.Errorf("port %s offers no STARTTLS: %q", port, said)
		}
	}
}

func TestSubmittedMailArrives(t *testing.T) {
	s := theLab(t)
	for _, from := range []account{alice, uni} {
		subject := "submitted by " + t.Name()
		if err := s.submit(t, from, bob, subject); err != nil {
			t.Fatalf("%s: %v", from.Address, err)
		}
		client := s.openIMAP(t, bob)
		uid := awaitSubject(t, client, subject)
		if err := client.Store(imap.UIDSetNum(uid), &imap.StoreFlags{
			Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagDeleted},
		}, nil).Close(); err != nil {
			t.Fatal(err)
		}
		if err := client.UIDExpunge(imap.UIDSetNum(uid)).Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.submit(t, nosmtp, bob, "refused"); err == nil {
		t.Error("an account that may not send has sent")
	} else if reply := (*textproto.Error)(nil); !errors.As(err, &reply) || reply.Code != 535 {
		t.Errorf("an account that may not send got %v, want 535", err)
	}
	s.openIMAP(t, nosmtp) // and may read
}

// submit sends a message over port 587.
func (s *site) submit(t *testing.T, from, to account, subject string) error {
	t.Helper()
	client, err := smtp.NewClient(s.dial(t, "587"), "mail."+siteDomain)
	if err != nil {
		return err
	}
	defer client.Close()
	if err := client.StartTLS(s.tlsConfig()); err != nil {
		return err
	}
	if err := client.Auth(smtp.PlainAuth("", from.Address, from.Password, "mail."+siteDomain)); err != nil {
		return err
	}
	if err := client.Mail(from.Address); err != nil {
		return err
	}
	if err := client.Rcpt(to.Address); err != nil {
		return err
	}
	w, err := client.Data()
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(w, "From: <%s>\r\nTo: <%s>\r\nSubject: %s\r\n\r\nHello.\r\n", from.Address, to.Address, subject); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return client.Quit()
}

// openIMAP logs in and selects INBOX.
func (s *site) openIMAP(t *testing.T, a account) *imapclient.Client {
	t.Helper()
	client := imapclient.New(s.dialTLS(t, "993"), nil)
	if err := client.Login(a.Address, a.Password).Wait(); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Select("INBOX", nil).Wait(); err != nil {
		t.Fatal(err)
	}
	return client
}

// awaitSubject waits until a message with this Subject is there, and returns
// the newest.
func awaitSubject(t *testing.T, client *imapclient.Client, subject string) imap.UID {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), dialLimit)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		if err := client.Noop().Wait(); err != nil {
			t.Fatal(err)
		}
		found, err := client.UIDSearch(&imap.SearchCriteria{
			Header: []imap.SearchCriteriaHeaderField{{Key: "Subject", Value: subject}},
		}, nil).Wait()
		if err != nil {
			t.Fatal(err)
		}
		if uids := found.AllUIDs(); len(uids) > 0 {
			return slices.Max(uids)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("no message %q", subject)
		}
	}
}

func TestTokensAreValidated(t *testing.T) {
	s := theLab(t)
	hour := time.Now().Add(time.Hour)
	tests := []struct {
		name, token string
		accepted    bool
	}{
		{"valid", alice.token(hour), true},
		{"expired", alice.token(time.Now().Add(-time.Hour)), false},
		{"of another account", bob.token(hour), false},
		{"signature cut", alice.token(hour)[:100], false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			client := imapclient.New(s.dialTLS(t, "993"), nil)
			err := client.Authenticate(bearer{alice.Address, test.token})
			if (err == nil) != test.accepted {
				t.Errorf("the login ended in %v", err)
			}
		})
	}
}

// bearer is OAUTHBEARER (RFC 7628) with nothing but its initial response.
type bearer struct{ user, token string }

func (b bearer) Start() (string, []byte, error) {
	return "OAUTHBEARER", []byte("n,a=" + b.user + ",\x01auth=Bearer " + b.token + "\x01\x01"), nil
}

// Next answers the error challenge as RFC 7628 section 3.2.3 demands.
func (b bearer) Next([]byte) ([]byte, error) { return []byte{1}, nil }

func TestResolverKnowsTheDomain(t *testing.T) {
	theLab(t)
	ctx, cancel := context.WithTimeout(t.Context(), dialLimit)
	defer cancel()
	mx, err := net.DefaultResolver.LookupMX(ctx, siteDomain)
	if err != nil || len(mx) != 1 || mx[0].Host != "mx."+siteDomain+"." {
		t.Errorf("MX: %v, %v", mx, err)
	}
	for service, port := range map[string]uint16{
		"imaps": 993, "imap": 143, "pop3s": 995, "pop3": 110, "submissions": 465, "submission": 587,
	} {
		_, srv, err := net.DefaultResolver.LookupSRV(ctx, service, "tcp", siteDomain)
		if err != nil || len(srv) != 1 || srv[0].Target != "mail."+siteDomain+"." || srv[0].Port != port {
			t.Errorf("SRV of %s: %v, %v", service, srv, err)
		}
	}
	begin := time.Now()
	_, err = net.DefaultResolver.LookupHost(ctx, "autoconfig.thunderbird.net.")
	if notFound := (*net.DNSError)(nil); !errors.As(err, &notFound) || !notFound.IsNotFound {
		t.Errorf("a name of the outside world: %v", err)
	}
	if took := time.Since(begin); took > time.Second {
		t.Errorf("a name of the outside world took %v: the resolver looks for it", took)
	}
}

func TestKeyringKeepsPasswords(t *testing.T) {
	s := theLab(t)
	k := s.startKeyring(t, alice, uni)
	for _, a := range []account{alice, uni} {
		if got := k.lookup(t, a.Address); got != a.Password {
			t.Errorf("%s: the keyring gave %q", a.Address, got)
		}
	}
	if got := k.lookup(t, bob.Address); got != "" {
		t.Errorf("a password that nobody stored: %q", got)
	}
	k.lock(t)
	if locked, err := k.locked(t.Context()); err != nil || !locked {
		t.Errorf("after a restart: locked %v, %v", locked, err)
	}
}

func TestFaultsOfTheSite(t *testing.T) {
	s := theLab(t)
	t.Run("expired", func(t *testing.T) {
		s.breakWith(t, fault{Certificate: "expired"})
		for _, port := range []string{"993", "995", "465"} {
			err := s.dialTLS(t, port).(*tls.Conn).HandshakeContext(t.Context())
			if bad := (*tls.CertificateVerificationError)(nil); !errors.As(err, &bad) {
				t.Errorf("port %s: %v", port, err)
			}
		}
	})
	t.Run("no TLS", func(t *testing.T) {
		s.breakWith(t, fault{NoTLS: true})
		said := converse(t, s.dial(t, "143"), "a CAPABILITY", "b LOGOUT") +
			converse(t, s.dial(t, "110"), "CAPA", "QUIT") +
			converse(t, s.dial(t, "587"), "EHLO e2e."+siteDomain, "QUIT")
		if strings.Contains(said, "STARTTLS") || strings.Contains(said, "STLS") {
			t.Errorf("STARTTLS is offered: %q", said)
		}
	})
	t.Run("down", func(t *testing.T) {
		s.breakWith(t, fault{NoDovecot: true, NoPostfix: true})
		for _, port := range []string{"25", "110", "143", "465", "587", "993", "995"} {
			if conn, err := net.DialTimeout("tcp", net.JoinHostPort(siteIP, port), dialLimit); err == nil {
				conn.Close()
				t.Errorf("port %s still answers", port)
			}
		}
	})
	t.Run("healthy again", func(t *testing.T) {
		if err := s.submit(t, alice, bob, "healthy again"); err != nil {
			t.Error(err)
		}
	})
}
