package lab

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/tls"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/xdg-go/scram"

	"mailcheck/report"
)

func base64Of(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// answers is a client of a mechanism: its answer to each challenge, and an
// error when the server is not to be trusted.
type answers func(challenge string) (string, error)

func fixed(responses ...string) answers {
	return func(string) (string, error) {
		next := responses[0]
		responses = responses[1:]
		return next, nil
	}
}

func cramClient(user, password string) answers {
	return func(challenge string) (string, error) {
		mac := hmac.New(md5.New, []byte(password))
		mac.Write([]byte(challenge))
		return user + " " + hex.EncodeToString(mac.Sum(nil)), nil
	}
}

func scramClient(t *testing.T, hash scram.HashGeneratorFcn, user, password string, binding *scram.ChannelBinding) answers {
	t.Helper()
	c, err := hash.NewClient(user, password, "")
	if err != nil {
		t.Fatal(err)
	}
	conversation := c.NewConversation()
	if binding != nil {
		conversation = c.NewConversationWithChannelBinding(*binding)
	}
	return func(challenge string) (string, error) {
		if conversation.Done() {
			return "", fmt.Errorf("a challenge too many: %q", challenge)
		}
		return conversation.Step(challenge)
	}
}

// exchange makes an exchange without an initial response and returns the
// final reply; begin is the protocol's command, prompt what begins its
// challenges.
func exchange(c *client, begin, prompt, mechanism string, client answers) string {
	c.t.Helper()
	c.send(begin + mechanism)
	for {
		line := c.line()
		encoded, ok := strings.CutPrefix(line, prompt)
		if !ok {
			return line
		}
		challenge, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil {
			c.t.Fatalf("challenge %q: %v", line, err)
		}
		response, err := client(string(challenge))
		if err != nil {
			c.t.Fatal(err)
		}
		c.send(base64Of(response))
	}
}

func TestMechanisms(t *testing.T) {
	const token = "ya29.token"
	l := startLab(t, Options{Token: token, Address: "o=brien,x@example.test", Password: `p"ä\ ß`})
	user := l.Address()
	protocols := []struct {
		protocol               report.Protocol
		begin, prompt, ok, bad string
	}{
		{report.IMAP, "a AUTHENTICATE ", "+ ", "a OK [CAPABILITY ", "a NO [AUTHENTICATIONFAILED]"},
		{report.POP3, "AUTH ", "+ ", "+OK Logged in", "-ERR [AUTH]"},
		{report.SMTP, "AUTH ", "334 ", "235 2", "535 5.7.8"},
	}
	for _, p := range protocols {
		t.Run(string(p.protocol), func(t *testing.T) {
			open := func() (*client, *tls.ConnectionState) {
				c := connect(t, l, p.protocol, report.TLS)
				c.line()
				if p.protocol == report.SMTP {
					c.send("EHLO test")
					c.until("250 ")
				}
				state := c.conn.(*tls.Conn).ConnectionState()
				return c, &state
			}
			for _, tt := range []struct {
				mechanism string
				client    func(*tls.ConnectionState) answers
				want      string
			}{
				{"PLAIN", func(*tls.ConnectionState) answers { return fixed("\x00" + user + "\x00" + l.Password()) }, p.ok},
				{"PLAIN", func(*tls.ConnectionState) answers { return fixed(user + "\x00" + user + "\x00wrong") }, p.bad},
				{"PLAIN", func(*tls.ConnectionState) answers { return fixed("other\x00" + user + "\x00" + l.Password()) }, p.bad},
				{"LOGIN", func(*tls.ConnectionState) answers { return fixed(user, l.Password()) }, p.ok},
				{"LOGIN", func(*tls.ConnectionState) answers { return fixed("other@example.test", l.Password()) }, p.bad},
				{"CRAM-MD5", func(*tls.ConnectionState) answers { return cramClient(user, l.Password()) }, p.ok},
				{"CRAM-MD5", func(*tls.ConnectionState) answers { return cramClient(user, "wrong") }, p.bad},
				{"SCRAM-SHA-1", func(*tls.ConnectionState) answers { return scramClient(t, scram.SHA1, user, l.Password(), nil) }, p.ok},
				{"SCRAM-SHA-256", func(*tls.ConnectionState) answers { return scramClient(t, scram.SHA256, user, l.Password(), nil) }, p.ok},
				{"SCRAM-SHA-256", func(*tls.ConnectionState) answers { return scramClient(t, scram.SHA256, user, "wrong", nil) }, p.bad},
				{"SCRAM-SHA-256", func(*tls.ConnectionState) answers { return scramClient(t, scram.SHA256, "nobody", "wrong", nil) }, p.bad},
				{"SCRAM-SHA-1-PLUS", func(s *tls.ConnectionState) answers {
					b, _ := scram.NewTLSExporterBinding(s)
					return scramClient(t, scram.SHA1, user, l.Password(), &b)
				}, p.ok},
				{"SCRAM-SHA-256-PLUS", func(s *tls.ConnectionState) answers {
					b, _ := scram.NewTLSExporterBinding(s)
					return scramClient(t, scram.SHA256, user, l.Password(), &b)
				}, p.ok},
				{"SCRAM-SHA-256-PLUS", func(s *tls.ConnectionState) answers {
					b, _ := scram.NewTLSServerEndpointBinding(s)
					return scramClient(t, scram.SHA256, user, l.Password(), &b)
				}, p.ok},
				{"SCRAM-SHA-256-PLUS", func(*tls.ConnectionState) answers {
					return scramClient(t, scram.SHA256, user, l.Password(), &scram.ChannelBinding{Type: scram.ChannelBindingTLSExporter, Data: []byte("another channel")})
				}, p.bad},
				{"SCRAM-SHA-256-PLUS", func(*tls.ConnectionState) answers { return scramClient(t, scram.SHA256, user, l.Password(), nil) }, p.bad},
				// The mark of a client from which PLUS was hidden.
				{"SCRAM-SHA-256", func(*tls.ConnectionState) answers { return fixed("y,,n=" + user + ",r=abc") }, p.bad},
				{"XOAUTH2", func(*tls.ConnectionState) answers {
					return fixed("user=" + user + "\x01auth=Bearer " + token + "\x01\x01")
				}, p.ok},
				{"XOAUTH2", func(*tls.ConnectionState) answers {
					return fixed("user="+user+"\x01auth=Bearer old\x01\x01", "")
				}, p.bad},
				{"OAUTHBEARER", func(*tls.ConnectionState) answers {
					return fixed("n,a=o=3Dbrien=2Cx@example.test,\x01host=h\x01port=1\x01auth=Bearer " + token + "\x01\x01")
				}, p.ok},
				{"OAUTHBEARER", func(*tls.ConnectionState) answers {
					return fixed("n,a=o=3Dbrien=2Cx@example.test,\x01auth=Bearer old\x01\x01", "\x01")
				}, p.bad},
			} {
				c, state := open()
				before := l.Logins(p.protocol)
				if got := exchange(c, p.begin, p.prompt, tt.mechanism, tt.client(state)); !strings.HasPrefix(got, tt.want) {
					t.Errorf("%s: %q, want %q", tt.mechanism, got, tt.want)
				}
				want := Logins{Made: before.Made + 1, Rejected: before.Rejected}
				if tt.want == p.bad {
					want.Rejected++
				}
				if got := l.Logins(p.protocol); got != want {
					t.Errorf("%s: logins %+v, want %+v", tt.mechanism, got, want)
				}
				c.conn.Close() // gives POP3's lock back
				waitUntil(t, func() bool { return l.OpenConnections() == 0 })
			}
		})
	}
}

func TestInitialResponse(t *testing.T) {
	l := startLab(t, Options{})
	plain := base64Of("\x00" + l.Address() + "\x00" + l.Password())
	for protocol, words := range map[report.Protocol][]string{
		report.IMAP: {"a AUTHENTICATE PLAIN ", "a OK", "a BAD", "a NO [CANNOT]"},
		report.POP3: {"AUTH PLAIN ", "+OK", "-ERR Invalid", "-ERR Unsupported"},
		report.SMTP: {"AUTH PLAIN ", "235", "501", "504"},
	} {
		c := connect(t, l, protocol, report.TLS)
		c.line()
		if protocol == report.SMTP {
			c.send("EHLO test")
			c.until("250 ")
		}
		c.send(words[0] + "=") // an empty response is no response to PLAIN
		c.want(words[2])
		c.send(strings.Replace(words[0], "PLAIN", "ANONYMOUS", 1) + "=")
		c.want(words[3])
		c.send(words[0] + plain)
		c.want(words[1])
	}
}

func FuzzBearer(f *testing.F) {
	f.Add("user=u\x01auth=Bearer t\x01\x01")
	f.Add("n,a=u,\x01host=h\x01port=1\x01auth=Bearer t\x01\x01")
	f.Fuzz(func(t *testing.T, message string) {
		for _, parse := range []func(string) (string, string, bool){parseXOAUTH2, parseOAUTHBEARER} {
			if _, token, ok := parse(message); ok && !strings.Contains(message, "auth=Bearer "+token) {
				t.Errorf("%q: token %q", message, token)
			}
		}
	})
}
