package lab

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/miekg/dns"

	"mailcheck/report"
)

func TestFaultTable(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range Faults() {
		if seen[f.Name] || !regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`).MatchString(f.Name) {
			t.Errorf("%q is no name of its own", f.Name)
		}
		seen[f.Name] = true
		if f.Title == "" || strings.HasSuffix(f.Title, ".") || strings.ContainsAny(f.Title, "\n") || len(f.Title) > 78 {
			t.Errorf("%s: title %q", f.Name, f.Title)
		}
		if (f.Result == report.Fail) != (f.ExitStatus != 0) {
			t.Errorf("%s: %s with exit status %d", f.Name, f.Result, f.ExitStatus)
		}
		if healthy := f.Result == report.OK; healthy != (f.Cause == "") || healthy != (f.Step == "") {
			t.Errorf("%s: %s at %q because of %q", f.Name, f.Result, f.Step, f.Cause)
		}
		if observations[f.Name] == nil {
			t.Errorf("%s: no test observes it", f.Name)
		}
	}
	for name := range observations {
		if !seen[name] {
			t.Errorf("%s is observed and no fault", name)
		}
	}
}

func TestFaults(t *testing.T) {
	for _, f := range Faults() {
		if see := observations[f.Name]; see != nil {
			t.Run(f.Name, func(t *testing.T) { see(t, startLab(t, Options{Fault: f.Name})) })
		}
	}
}

// observations holds, for each fault, what a client sees of it.
var observations = map[string]func(*testing.T, *Lab){
	"domain-unknown": func(t *testing.T, l *Lab) {
		for _, name := range []string{"example.test.", "imap.example.test."} {
			if got := short(ask(t, l, "udp", name, dns.TypeMX)); got != "NXDOMAIN" {
				t.Errorf("%s: %s", name, got)
			}
		}
	},
	"null-mx": func(t *testing.T, l *Lab) {
		if got := short(ask(t, l, "udp", "example.test.", dns.TypeMX)); got != "NOERROR|0 ." {
			t.Error(got)
		}
	},
	"dead-address": func(t *testing.T, l *Lab) {
		if got := short(ask(t, l, "udp", "imap.example.test.", dns.TypeA)); got != "NOERROR|127.0.0.1|127.0.0.2" {
			t.Error(got)
		}
		port := l.Endpoint(report.IMAP, report.TLS).Port
		if conn, err := net.DialTimeout("tcp", fmt.Sprintf("127.0.0.2:%d", port), time.Second); err == nil {
			conn.Close()
			t.Error("the second address answers")
		}
		loginsSucceed(t, l)
	},
	"smtp-port-closed": func(t *testing.T, l *Lab) {
		for _, security := range []report.Security{report.TLS, report.STARTTLS} {
			conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", l.Endpoint(report.SMTP, security).Port))
			if err == nil {
				conn.Close()
			}
			// WSAECONNREFUSED is a number of its own.
			if err == nil || !errors.Is(err, syscall.ECONNREFUSED) && !strings.Contains(err.Error(), "refused") {
				t.Errorf("%s: %v", security, err)
			}
		}
	},
	"smtp-wrong-port": func(t *testing.T, l *Lab) {
		if named := l.Endpoints(); !slices.ContainsFunc(named, func(e report.Endpoint) bool { return e.Protocol == report.SMTP && e.Security == report.STARTTLS }) {
			t.Errorf("DNS names %+v", named)
		}
		if conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", l.Endpoint(report.SMTP, report.STARTTLS).Port)); err == nil {
			conn.Close()
			t.Error("somebody listens")
		}
		connect(t, l, report.SMTP, report.TLS).want("220")
	},
	"smtp-silent": func(t *testing.T, l *Lab) {
		c := connect(t, l, report.SMTP, report.STARTTLS)
		c.send("EHLO test")
		if err := c.conn.SetDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
			t.Fatal(err)
		}
		if b, err := c.r.ReadByte(); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("read %q, %v", b, err)
		}
	},
	"smtp-hangs-up": func(t *testing.T, l *Lab) {
		c := connect(t, l, report.SMTP, report.TLS)
		c.want("220")
		c.send("EHLO test")
		if b, err := c.r.ReadByte(); err == nil {
			t.Errorf("read %q", b)
		}
	},
	"slow": func(t *testing.T, l *Lab) {
		if l.opts.Delay != 500*time.Millisecond {
			t.Errorf("delay %v", l.opts.Delay)
		}
		if l := startLab(t, Options{Fault: "slow", Delay: 1}); l.opts.Delay != 1 {
			t.Errorf("the caller's delay became %v", l.opts.Delay)
		}
	},

	"certificate-expired": func(t *testing.T, l *Lab) {
		var e x509.CertificateInvalidError
		refusesTLS(t, l, func(err error) bool { return errors.As(err, &e) && time.Now().After(e.Cert.NotAfter) })
	},
	"certificate-just-expired": func(t *testing.T, l *Lab) {
		var e x509.CertificateInvalidError
		refusesTLS(t, l, func(err error) bool {
			return errors.As(err, &e) && time.Now().After(e.Cert.NotAfter) && time.Since(e.Cert.NotAfter) < day
		})
	},
	"certificate-not-yet-valid": func(t *testing.T, l *Lab) {
		var e x509.CertificateInvalidError
		refusesTLS(t, l, func(err error) bool { return errors.As(err, &e) && time.Now().Before(e.Cert.NotBefore) })
	},
	"certificate-other-host": func(t *testing.T, l *Lab) {
		refusesTLS(t, l, func(err error) bool { return errors.As(err, new(x509.HostnameError)) })
	},
	"certificate-unknown-ca":       func(t *testing.T, l *Lab) { unknownAuthority(t, l, 2, false) },
	"certificate-intercepted":      func(t *testing.T, l *Lab) { unknownAuthority(t, l, 2, false) },
	"certificate-self-signed":      func(t *testing.T, l *Lab) { unknownAuthority(t, l, 1, true) },
	"certificate-incomplete-chain": func(t *testing.T, l *Lab) { unknownAuthority(t, l, 1, false) },
	"certificate-weak-key": func(t *testing.T, l *Lab) {
		loginsSucceed(t, l) // Go takes it
	},
	"certificate-expires-soon": loginsSucceed,
	"tls-static-rsa": func(t *testing.T, l *Lab) {
		refusesTLS(t, l, func(err error) bool { return strings.Contains(err.Error(), "handshake failure") })
	},
	"tls-too-old": func(t *testing.T, l *Lab) {
		refusesTLS(t, l, func(err error) bool { return strings.Contains(err.Error(), "protocol version not supported") })
		old := &tls.Config{ServerName: "imap.example.test", RootCAs: l.Roots(), MinVersion: tls.VersionTLS10}
		if err := handshake(l, report.IMAP, old); err != nil {
			t.Errorf("with an old client: %v", err)
		}
	},
	"starttls-missing": func(t *testing.T, l *Lab) {
		for protocol, words := range map[report.Protocol][]string{
			report.IMAP: {"a STARTTLS", "a NO"}, report.POP3: {"STLS", "-ERR"}, report.SMTP: {"STARTTLS", "502"},
		} {
			c := connect(t, l, protocol, report.STARTTLS)
			c.line()
			c.send(words[0])
			c.want(words[1])
		}
	},
	"imap-no-tls": func(t *testing.T, l *Lab) {
		err := handshake(l, report.IMAP, &tls.Config{ServerName: "imap.example.test", RootCAs: l.Roots()})
		var header tls.RecordHeaderError
		if !errors.As(err, &header) || string(header.RecordHeader[:]) != "* OK " {
			t.Error(err)
		}
	},
	"imap-only-tls": func(t *testing.T, l *Lab) {
		c := connect(t, l, report.IMAP, report.STARTTLS)
		c.secure()
		c.want("* OK")
	},

	"wrong-password": func(t *testing.T, l *Lab) {
		logins(t, l, "a NO [AUTHENTICATIONFAILED]", "-ERR [AUTH]", "535 5.7.8")
		if l.Logins(report.IMAP) != (Logins{1, 1}) || l.Logins(report.POP3) != (Logins{1, 1}) || l.Logins(report.SMTP) != (Logins{1, 1}) {
			t.Error("not every login was counted as refused")
		}
	},
	"imap-login-refused": func(t *testing.T, l *Lab) {
		logins(t, l, "a NO [AUTHENTICATIONFAILED]", "+OK", "235")
	},
	"smtp-login-refused": func(t *testing.T, l *Lab) { logins(t, l, "a OK", "+OK", "535 5.7.8") },
	"smtp-no-auth": func(t *testing.T, l *Lab) {
		logins(t, l, "a OK", "+OK", "504")
		if got := l.Logins(report.SMTP); got != (Logins{}) {
			t.Errorf("logins: %+v", got)
		}
	},
	"auth-backend-down": func(t *testing.T, l *Lab) {
		logins(t, l, "a NO [UNAVAILABLE]", "-ERR [SYS/TEMP]", "454 4.7.0")
	},
	"pop3-disabled": func(t *testing.T, l *Lab) { logins(t, l, "a OK", "-ERR [AUTH] POP3 access is disabled", "235") },

	"imap-inbox-refused": func(t *testing.T, l *Lab) {
		c := connect(t, l, report.IMAP, report.TLS)
		c.want("* OK")
		c.send("a LOGIN "+l.Address()+" "+l.Password(), "b EXAMINE INBOX", "c SELECT INBOX")
		c.want("a OK")
		c.want("b NO [INUSE]")
		c.want("c NO [INUSE]")
	},
	"pop3-in-use": func(t *testing.T, l *Lab) {
		logins(t, l, "a OK", "-ERR [IN-USE]", "235")
		if got := l.Logins(report.POP3); got != (Logins{Made: 1}) {
			t.Errorf("logins: %+v: the password was right", got)
		}
	},

	"sender-refused":    func(t *testing.T, l *Lab) { envelope(t, l, "553 5.7.1", "", "") },
	"recipient-refused": func(t *testing.T, l *Lab) { envelope(t, l, "250", "550 5.1.1", "") },
	"message-refused": func(t *testing.T, l *Lab) {
		envelope(t, l, "250", "250", "554 5.7.1")
		if len(l.Submissions()) != 0 || len(l.Mailbox().Messages()) != 0 {
			t.Error("the message was accepted all the same")
		}
	},

	"delivery-lost": func(t *testing.T, l *Lab) {
		envelope(t, l, "250", "250", "250")
		if len(l.Submissions()) != 1 || len(l.Mailbox().Messages()) != 0 {
			t.Errorf("accepted %d, delivered %d", len(l.Submissions()), len(l.Mailbox().Messages()))
		}
	},
	"delivery-junk": func(t *testing.T, l *Lab) {
		envelope(t, l, "250", "250", "250")
		if all := l.Mailbox().Messages(); len(all) != 1 || all[0].Folder != "Junk" {
			t.Errorf("delivered: %v", all)
		}
	},
	"delivery-unauthentic": func(t *testing.T, l *Lab) {
		envelope(t, l, "250", "250", "250")
		if all := l.Mailbox().Messages(); len(all) != 1 || !strings.Contains(string(all[0].Raw), "dmarc=fail") {
			t.Errorf("delivered: %v", all)
		}
	},
	"delivery-stays": func(t *testing.T, l *Lab) {
		c := connect(t, l, report.IMAP, report.TLS)
		c.want("* OK")
		c.send("a LOGIN " + l.Address() + " " + l.Password())
		if line := c.want("a OK"); strings.Contains(line, "UIDPLUS") || !strings.Contains(line, "SPECIAL-USE") {
			t.Error(line)
		}
	},

	"mx-certificate": func(t *testing.T, l *Lab) {
		loginsSucceed(t, l)
		if err := relayHandshake(t, l); !errors.As(err, new(x509.HostnameError)) {
			t.Error(err)
		}
	},
	"mx-other-host": func(t *testing.T, l *Lab) {
		if policy := stsPolicy(t, l); !strings.Contains(policy, "mode: enforce\r\nmx: mx.provider.test\r\n") {
			t.Errorf("policy %q", policy)
		}
		if err := relayHandshake(t, l); err != nil {
			t.Error(err)
		}
	},
	"mx-dane": func(t *testing.T, l *Lab) {
		m := ask(t, l, "udp", "_25._tcp.mail.example.test.", dns.TypeTLSA)
		if len(m.Answer) != 1 || !m.AuthenticatedData {
			t.Fatal(m)
		}
		if err := m.Answer[0].(*dns.TLSA).Verify(l.certificate.Leaf); err == nil {
			t.Error("the record is about the certificate that is shown")
		}
	},
	"mx-spf-missing": func(t *testing.T, l *Lab) {
		if got := short(ask(t, l, "udp", "example.test.", dns.TypeTXT)); got != "NOERROR" {
			t.Error(got)
		}
	},
	"mx-spf-twice": func(t *testing.T, l *Lab) {
		if got := short(ask(t, l, "udp", "example.test.", dns.TypeTXT)); strings.Count(got, "v=spf1") != 2 {
			t.Error(got)
		}
	},
	"mx-dkim-key": func(t *testing.T, l *Lab) {
		envelope(t, l, "250", "250", "250")
		if got := short(ask(t, l, "udp", "lab._domainkey.example.test.", dns.TypeTXT)); got != "NXDOMAIN" {
			t.Error(got)
		}
	},
	"mx-dmarc-missing": func(t *testing.T, l *Lab) {
		if got := short(ask(t, l, "udp", "_dmarc.example.test.", dns.TypeTXT)); got != "NXDOMAIN" {
			t.Error(got)
		}
	},
}

// logins logs in everywhere with the right password and wants these replies.
func logins(t *testing.T, l *Lab, imap, pop3, smtp string) {
	t.Helper()
	c := connect(t, l, report.IMAP, report.TLS)
	c.want("* OK")
	c.send("a LOGIN " + l.Address() + " " + l.Password())
	c.want(imap)

	c = connect(t, l, report.POP3, report.TLS)
	c.want("+OK")
	c.send("USER "+l.Address(), "PASS "+l.Password())
	c.want("+OK")
	c.want(pop3)

	c = connect(t, l, report.SMTP, report.TLS)
	c.want("220")
	c.send("EHLO test")
	c.until("250 ")
	c.send("AUTH PLAIN " + base64Of("\x00"+l.Address()+"\x00"+l.Password()))
	c.want(smtp)
}

func loginsSucceed(t *testing.T, l *Lab) {
	t.Helper()
	logins(t, l, "a OK", "+OK", "235")
}

// envelope sends a message and wants these replies; an empty one ends it.
func envelope(t *testing.T, l *Lab, mail, rcpt, data string) {
	t.Helper()
	c := connect(t, l, report.SMTP, report.TLS)
	c.want("220")
	c.send("EHLO test")
	c.until("250 ")
	c.send("AUTH PLAIN " + base64Of("\x00"+l.Address()+"\x00"+l.Password()))
	c.want("235")
	for _, step := range []struct{ command, want string }{
		{"MAIL FROM:<" + l.Address() + ">", mail}, {"RCPT TO:<" + l.Address() + ">", rcpt}, {"DATA", "354"}, {"Subject: x\r\n\r\n.", data},
	} {
		if step.want == "" {
			return
		}
		c.send(step.command)
		c.want(step.want)
		if step.want[0] == '5' {
			return
		}
	}
}

// handshake connects to the implicit-TLS port and does the handshake.
func handshake(l *Lab, protocol report.Protocol, config *tls.Config) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	d := &tls.Dialer{Config: config}
	conn, err := d.DialContext(ctx, "tcp", fmt.Sprintf("127.0.0.1:%d", l.Endpoint(protocol, report.TLS).Port))
	if err == nil {
		err = conn.Close()
	}
	return err
}

func refusesTLS(t *testing.T, l *Lab, expected func(error) bool) {
	t.Helper()
	for _, protocol := range report.Protocols {
		ep := l.Endpoint(protocol, report.TLS)
		if err := handshake(l, protocol, &tls.Config{ServerName: ep.Host, RootCAs: l.Roots()}); err == nil || !expected(err) {
			t.Errorf("%s: %v", protocol, err)
		}
	}
}

// unknownAuthority wants the handshake to be refused for want of a known
// issuer, with so many certificates sent.
func unknownAuthority(t *testing.T, l *Lab, chain int, selfSigned bool) {
	t.Helper()
	refusesTLS(t, l, func(err error) bool {
		var refused *tls.CertificateVerificationError
		if !errors.As(err, &refused) || !errors.As(err, new(x509.UnknownAuthorityError)) || len(refused.UnverifiedCertificates) != chain {
			return false
		}
		leaf := refused.UnverifiedCertificates[0]
		return (leaf.Issuer.String() == leaf.Subject.String()) == selfSigned
	})
}
