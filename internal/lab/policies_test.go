package lab

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/dkim"
	"github.com/miekg/dns"

	"mailcheck/report"
)

// relayHandshake talks to the MX as another mail server does, and returns what
// its certificate is refused for.
func relayHandshake(t *testing.T, l *Lab) error {
	t.Helper()
	c := connect(t, l, report.SMTP, report.STARTTLS) // where port 25 leads to
	c.want("220")
	c.send("EHLO test")
	c.until("250 ")
	c.send("STARTTLS")
	c.want("220")
	return tls.Client(c.conn, &tls.Config{ServerName: "mail.example.test", RootCAs: l.Roots()}).HandshakeContext(t.Context())
}

// stsPolicy fetches the domain's MTA-STS policy.
func stsPolicy(t *testing.T, l *Lab) string {
	t.Helper()
	web := &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: l.Roots()}, DisableKeepAlives: true,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			_, port, _ := net.SplitHostPort(address)
			return l.DialContext(ctx, network, net.JoinHostPort("127.0.0.1", port))
		},
	}}
	res, err := web.Get("https://mta-sts.example.test/.well-known/mta-sts.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.Header.Get("Content-Type") != "text/plain" {
		t.Fatalf("%v, %v", err, res.Header)
	}
	return string(body)
}

// The receiving side of a healthy lab is sound: what is delivered is signed with
// the key in its DNS, its policy names its MX, and DANE its certificate.
func TestReceivingSide(t *testing.T) {
	l := startLab(t, Options{Signed: true})
	raw := l.signature(Submission{From: l.Address(), Data: []byte("From: <anna@example.test>\r\nSubject: x\r\n\r\nA body.\r\n")})
	found, err := dkim.VerifyWithOptions(bytes.NewReader(raw), &dkim.VerifyOptions{LookupTXT: func(name string) ([]string, error) {
		m := ask(t, l, "udp", name+".", dns.TypeTXT)
		if len(m.Answer) != 1 {
			t.Fatalf("%s: %v", name, m)
		}
		return m.Answer[0].(*dns.TXT).Txt, nil
	}})
	if err != nil || len(found) != 1 || found[0].Err != nil || found[0].Domain != "example.test" {
		t.Errorf("%+v, %v\n%s", found, err, raw)
	}
	if policy := stsPolicy(t, l); !strings.Contains(policy, "mode: enforce\r\nmx: mail.example.test\r\n") {
		t.Errorf("policy %q", policy)
	}
	if err := relayHandshake(t, l); err != nil {
		t.Error(err)
	}
	m := ask(t, l, "tcp", "_25._tcp.mail.example.test.", dns.TypeTLSA)
	if !m.AuthenticatedData || len(m.Answer) != 1 {
		t.Fatal(m)
	}
	if err := m.Answer[0].(*dns.TLSA).Verify(l.certificate.Leaf); err != nil {
		t.Error(err)
	}
	if m := ask(t, startLab(t, Options{}), "udp", "mail.example.test.", dns.TypeA); m.AuthenticatedData {
		t.Error("an unsigned lab claims to be signed")
	}
}
