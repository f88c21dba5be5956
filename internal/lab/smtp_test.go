package lab

import (
	"errors"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"

	"mailcheck/report"
)

// submit logs in on a fresh connection and sends a message to the account. It
// returns the reply to it.
func submit(c *client) string {
	c.t.Helper()
	c.want("220")
	c.send("EHLO [127.0.0.1]")
	c.until("250 ")
	c.send("AUTH PLAIN " + base64Of("\x00"+c.lab.Address()+"\x00"+c.lab.Password()))
	c.want("235")
	// In one flight (RFC 2920).
	c.send("MAIL FROM:<"+c.lab.Address()+">", "RCPT TO:<"+c.lab.Address()+">", "DATA")
	c.want("250")
	c.want("250")
	c.want("354")
	c.send("Subject: sent", "", "..dot", ".")
	return c.line()
}

func TestSMTPExtensions(t *testing.T) {
	tests := []struct {
		name          string
		opts          Options
		security      report.Security
		want, wantNot []string
	}{
		{"TLS", Options{}, report.TLS, []string{"PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "SIZE 10485760", "AUTH SCRAM-SHA-256-PLUS SCRAM-SHA-256 SCRAM-SHA-1-PLUS SCRAM-SHA-1 CRAM-MD5 PLAIN LOGIN"}, []string{"STARTTLS"}},
		{"clear text", Options{}, report.STARTTLS, []string{"STARTTLS"}, []string{"AUTH"}},
		{"clear text allowed", Options{AllowCleartext: true, Mechanisms: []string{"PLAIN"}}, report.STARTTLS, []string{"STARTTLS", "AUTH PLAIN"}, nil},
		{"no STARTTLS", Options{Fault: "starttls-missing"}, report.STARTTLS, []string{"PIPELINING"}, []string{"STARTTLS", "AUTH"}},
		{"no AUTH", Options{Fault: "smtp-no-auth"}, report.TLS, []string{"PIPELINING"}, []string{"AUTH"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := connect(t, startLab(t, tt.opts), report.SMTP, tt.security)
			c.want("220 smtp.example.test ESMTP")
			c.send("EHLO test")
			var extensions []string
			for _, line := range c.until("250 ") {
				extensions = append(extensions, line[4:])
			}
			for _, want := range tt.want {
				if !slices.Contains(extensions, want) {
					t.Errorf("%s is missing: %q", want, extensions)
				}
			}
			for _, not := range tt.wantNot {
				if slices.ContainsFunc(extensions, func(e string) bool { return strings.HasPrefix(e, not) }) {
					t.Errorf("%s is there: %q", not, extensions)
				}
			}
		})
	}
}

func TestSMTPStartTLS(t *testing.T) {
	l := startLab(t, Options{})
	c := connect(t, l, report.SMTP, report.STARTTLS)
	c.want("220")
	c.send("EHLO test")
	c.until("250 ")
	c.send("AUTH PLAIN")
	c.want("523 5.7.10")
	c.send("MAIL FROM:<" + l.Address() + ">") // no open relay
	c.want("530 5.7.0")
	c.send("STARTTLS")
	c.want("220")
	c.secure()
	c.send("EHLO test")
	if lines := c.until("250 "); slices.Contains(lines, "250-STARTTLS") {
		t.Errorf("STARTTLS inside TLS: %q", lines)
	}
	c.send("AUTH PLAIN " + base64Of("\x00"+l.Address()+"\x00wrong"))
	c.want("535 5.7.8")
	c.send("AUTH GSSAPI")
	c.want("504 5.5.4")
	if got := l.Logins(report.SMTP); got != (Logins{Made: 1, Rejected: 1}) {
		t.Errorf("logins: %+v", got)
	}
}

func TestSMTPRules(t *testing.T) {
	l := startLab(t, Options{})
	c := smtp.NewClient(connect(t, l, report.SMTP, report.TLS).conn)
	if err := c.Auth(sasl.NewPlainClient("", l.Address(), l.Password())); err != nil {
		t.Fatal(err)
	}
	refused := func(err error, code int) bool {
		var reply *smtp.SMTPError
		return errors.As(err, &reply) && reply.Code == code
	}
	if err := c.Mail("other@example.test", nil); !refused(err, 553) {
		t.Errorf("a foreign sender: %v", err)
	}
	if err := c.Mail(strings.ToUpper(l.Address()), nil); err != nil {
		t.Errorf("the account as sender: %v", err)
	}
	if err := c.Rcpt("other@EXAMPLE.test", nil); !refused(err, 550) {
		t.Errorf("an unknown recipient: %v", err)
	}
	if err := c.Rcpt("somebody@example.org", nil); err != nil {
		t.Errorf("a recipient elsewhere: %v", err)
	}
	w, err := c.Data()
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(w, "Subject: away\r\n\r\n")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := c.Quit(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Submission{{From: "ANNA@EXAMPLE.TEST", To: []string{"somebody@example.org"}, Data: []byte("Subject: away\r\n\r\n")}}, l.Submissions()); diff != "" {
		t.Error(diff)
	}
	if all := l.Mailbox().Messages(); len(all) != 0 {
		t.Errorf("delivered: %v", all)
	}
}

func TestDelivery(t *testing.T) {
	l := startLab(t, Options{SentCopy: true})
	if reply := submit(connect(t, l, report.SMTP, report.TLS)); !strings.HasPrefix(reply, "250 2.0.0") {
		t.Fatalf("DATA: %s", reply)
	}
	all := l.Mailbox().Messages()
	if len(all) != 2 || all[0].Folder != "INBOX" || all[1].Folder != "Sent" {
		t.Fatalf("delivered: %v", all)
	}
	const sent = "Subject: sent\r\n\r\n.dot\r\n"
	if string(all[1].Raw) != sent || !slices.Equal(all[1].Flags, []string{`\Seen`}) {
		t.Errorf("in Sent: %q %v", all[1].Raw, all[1].Flags)
	}
	if !strings.HasSuffix(string(all[0].Raw), sent) || strings.Contains(strings.ReplaceAll(string(all[0].Raw), "\r\n", ""), "\n") {
		t.Errorf("in INBOX: %q", all[0].Raw)
	}
	m, err := mail.ReadMessage(strings.NewReader(string(all[0].Raw)))
	if err != nil {
		t.Fatal(err)
	}
	if got := m.Header.Get("Authentication-Results"); got != "mail.example.test; spf=pass smtp.mailfrom=example.test; dkim=pass header.d=example.test; dmarc=pass header.from=example.test" {
		t.Error(got)
	}
	if got := m.Header.Get("Return-Path"); got != "<anna@example.test>" {
		t.Error(got)
	}
	hops := m.Header["Received"]
	if len(hops) != 2 || !strings.Contains(hops[0], "by mail.example.test with LMTP") || !strings.HasPrefix(hops[1], "from [127.0.0.1] ([127.0.0.1]) by smtp.example.test with ESMTPSA") {
		t.Fatalf("hops: %q", hops)
	}
	for _, hop := range hops {
		_, date, _ := strings.Cut(hop, "; ")
		if _, err := mail.ParseDate(date); err != nil {
			t.Errorf("%q: %v", hop, err)
		}
	}
}

func TestDeliverAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &Lab{opts: Options{Address: DefaultAddress, DeliverAfter: time.Minute}, domain: "example.test", mailbox: newMailbox(folders), stop: make(chan struct{})}
		begin := time.Now()
		l.deliver(Submission{From: DefaultAddress, To: []string{DefaultAddress}, Data: []byte(first)}, "")
		if n := len(l.mailbox.Messages()); n != 0 {
			t.Fatalf("%d messages at once", n)
		}
		l.workers.Wait()
		if all := l.mailbox.Messages(); len(all) != 1 || !all[0].Date.Equal(begin.Add(time.Minute)) {
			t.Errorf("delivered: %v", all)
		}
	})
}
