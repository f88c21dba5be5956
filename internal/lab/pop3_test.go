package lab

import (
	"crypto/md5"
	"encoding/hex"
	"io"
	"net"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/knadh/go-pop3"

	"mailcheck/report"
)

func TestPOP3Capabilities(t *testing.T) {
	tests := []struct {
		name          string
		opts          Options
		security      report.Security
		want, wantNot []string
	}{
		{"TLS", Options{}, report.TLS, []string{"UIDL", "TOP", "PIPELINING", "RESP-CODES", "USER", "SASL SCRAM-SHA-256-PLUS SCRAM-SHA-256 SCRAM-SHA-1-PLUS SCRAM-SHA-1 CRAM-MD5 PLAIN LOGIN"}, []string{"STLS"}},
		{"clear text", Options{}, report.STARTTLS, []string{"STLS"}, []string{"USER"}},
		{"clear text allowed", Options{AllowCleartext: true, Mechanisms: []string{"PLAIN", userPass}}, report.STARTTLS, []string{"STLS", "USER", "SASL PLAIN"}, nil},
		{"no STLS", Options{Fault: "starttls-missing"}, report.STARTTLS, []string{"UIDL"}, []string{"STLS", "USER"}},
		{"no USER", Options{Mechanisms: []string{"PLAIN"}}, report.TLS, []string{"SASL PLAIN"}, []string{"USER"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := connect(t, startLab(t, tt.opts), report.POP3, tt.security)
			c.want("+OK POP3 ready")
			c.send("CAPA")
			c.want("+OK")
			caps := c.until(".")
			for _, cap := range tt.want {
				if !slices.Contains(caps, cap) {
					t.Errorf("%s is missing: %q", cap, caps)
				}
			}
			for _, cap := range tt.wantNot {
				if slices.Contains(caps, cap) {
					t.Errorf("%s is there: %q", cap, caps)
				}
			}
		})
	}
}

func TestPOP3Session(t *testing.T) {
	l := startLab(t, Options{})
	fill(t, l)
	if _, err := l.Mailbox().Append("INBOX", []byte("Subject: dots\r\n\r\n.\r\n..x\r\nlast")); err != nil {
		t.Fatal(err)
	}
	before := l.Mailbox().Messages()
	dialogue := []struct {
		command string
		reply   []string
	}{
		{"STAT", []string{"-ERR Not now"}},
		{"PASS x", []string{"-ERR USER first"}},
		{"USER " + l.Address(), []string{"+OK"}},
		{"PASS " + l.Password(), []string{"+OK Logged in"}},
		{"USER again", []string{"-ERR Not now"}},
		{"STAT", []string{"+OK 3 302"}},
		{"list 2", []string{"+OK 2 129"}},
		{"LIST", []string{"+OK", "1 144", "2 129", "3 29", "."}},
		{"UIDL", []string{"+OK", "1 000003e800000001", "2 000003e800000002", "3 000003e800000003", "."}},
		{"UIDL 9", []string{"-ERR No such message"}},
		{"TOP 3 0", []string{"+OK", "Subject: dots", "", "."}},
		{"TOP 3 1", []string{"+OK", "Subject: dots", "", "..", "."}},
		{"RETR 3", []string{"+OK", "Subject: dots", "", "..", "...x", "last", "."}},
		{"TOP 1 -1", []string{"-ERR TOP wants a number of lines"}},
		{"TOP 1", []string{"-ERR TOP wants a number of lines"}},
		{"DELE 1", []string{"+OK Marked to be deleted"}},
		{"DELE 1", []string{"-ERR No such message"}},
		{"RETR 1", []string{"-ERR No such message"}},
		{"STAT", []string{"+OK 2 158"}},
		{"RSET", []string{"+OK"}},
		{"STAT", []string{"+OK 3 302"}},
		{"DELE 2", []string{"+OK Marked to be deleted"}},
		{"NOOP", []string{"+OK"}},
		{"XYZ", []string{"-ERR Unknown command"}},
		{"QUIT", []string{"+OK Bye"}},
	}
	c := connect(t, l, report.POP3, report.TLS)
	c.want("+OK")
	var commands []string
	for _, d := range dialogue {
		commands = append(commands, d.command)
	}
	c.send(commands...) // in one flight (RFC 2449 section 6.6)
	for _, d := range dialogue {
		for _, want := range d.reply {
			if got := c.line(); got != want {
				t.Fatalf("%s: %q, want %q", d.command, got, want)
			}
		}
	}
	if rest, err := io.ReadAll(c.r); err != nil || len(rest) > 0 {
		t.Errorf("after QUIT: %q, %v", rest, err)
	}
	if diff := cmp.Diff(slices.Delete(slices.Clone(before), 1, 2), l.Mailbox().Messages()); diff != "" {
		t.Error(diff)
	}
}

func TestPOP3Lock(t *testing.T) {
	l := startLab(t, Options{})
	login := func() *client {
		c := connect(t, l, report.POP3, report.TLS)
		c.want("+OK")
		c.send("USER "+l.Address(), "PASS "+l.Password())
		c.want("+OK")
		return c
	}
	one := login()
	one.want("+OK")
	two := login()
	two.want("-ERR [IN-USE]")
	one.conn.Close() // without QUIT: the lock goes, nothing is deleted
	waitUntil(t, func() bool { return l.OpenConnections() == 1 })
	two.send("USER "+l.Address(), "PASS "+l.Password())
	two.want("+OK")
	two.want("+OK")
	if got := l.Logins(report.POP3); got != (Logins{Made: 3}) {
		t.Errorf("logins: %+v: a lock is no refusal", got)
	}
}

func TestPOP3StartTLS(t *testing.T) {
	l := startLab(t, Options{})
	c := connect(t, l, report.POP3, report.STARTTLS)
	c.want("+OK")
	c.send("USER " + l.Address())
	c.want("-ERR [AUTH]")
	c.send("AUTH PLAIN")
	c.want("-ERR [AUTH]")
	c.send("STLS", "NOOP") // what is sent too early must not be taken after the handshake
	c.want("+OK")
	c.secure()
	c.send("STLS")
	c.want("-ERR")
	c.send("AUTH")
	c.want("+OK")
	c.until(".")
	c.send("USER "+l.Address(), "PASS wrong")
	c.want("+OK")
	c.want("-ERR [AUTH] Authentication failed.")
	c.send("QUIT")
	c.want("+OK")
	if got := l.Logins(report.POP3); got != (Logins{Made: 1, Rejected: 1}) {
		t.Errorf("logins: %+v", got)
	}
}

func TestPOP3APOP(t *testing.T) {
	l := startLab(t, Options{Mechanisms: []string{apop}})
	for _, tt := range []struct{ password, want string }{{"wrong", "-ERR [AUTH]"}, {l.Password(), "+OK"}} {
		c := connect(t, l, report.POP3, report.TLS)
		_, challenge, _ := strings.Cut(c.want("+OK POP3 ready <"), "<")
		sum := md5.Sum([]byte("<" + challenge + tt.password))
		c.send("APOP " + l.Address() + " " + hex.EncodeToString(sum[:]))
		c.want(tt.want)
	}
}

func TestPOP3BoundsLines(t *testing.T) {
	c := connect(t, startLab(t, Options{}), report.POP3, report.TLS)
	c.want("+OK")
	c.send("USER " + strings.Repeat("x", popMaxCommand))
	c.want("-ERR Line too long")
	if _, err := c.r.ReadByte(); err == nil {
		t.Error("the session goes on")
	}
}

type dialTo struct{ conn net.Conn }

func (d dialTo) Dial(string, string) (net.Conn, error) { return d.conn, nil }

// A client that is not ours reads what is there.
func TestPOP3Client(t *testing.T) {
	l := startLab(t, Options{})
	fill(t, l)
	conn := connect(t, l, report.POP3, report.TLS).conn
	c, err := pop3.New(pop3.Opt{Dialer: dialTo{conn}}).NewConn()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Auth(l.Address(), l.Password()); err != nil {
		t.Fatal(err)
	}
	count, size, err := c.Stat()
	if err != nil || count != 2 || size != len(first)+len(second) {
		t.Errorf("STAT: %d, %d, %v", count, size, err)
	}
	ids, err := c.Uidl(0)
	if err != nil || len(ids) != 2 || ids[0].UID == ids[1].UID {
		t.Errorf("UIDL: %+v, %v", ids, err)
	}
	raw, err := c.RetrRaw(1)
	if err != nil || raw.String() != first {
		t.Errorf("RETR: %q, %v", raw, err)
	}
	if err := c.Quit(); err != nil {
		t.Error(err)
	}
}

func TestPOP3AuthEnds(t *testing.T) {
	l := startLab(t, Options{Mechanisms: []string{"PLAIN"}})
	c := connect(t, l, report.POP3, report.TLS)
	c.want("+OK")
	c.send("AUTH PLAIN", "*")
	c.want("+ ")
	c.want("-ERR Authentication cancelled")
	c.send("AUTH PLAIN", "no base64!")
	c.want("+ ")
	c.want("-ERR Invalid")
	c.send("AUTH PLAIN no-base64!")
	c.want("-ERR Invalid")
	c.send("USER " + l.Address())
	c.want("-ERR Unsupported")
	if got := l.Logins(report.POP3); got != (Logins{}) {
		t.Errorf("logins: %+v", got)
	}
	c.send("AUTH PLAIN", strings.Repeat("A", popMaxResponse))
	c.want("+ ")
	if line, err := c.r.ReadString('\n'); err == nil {
		t.Errorf("the session goes on: %q", line)
	}
}
