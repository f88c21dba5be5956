package imap

import (
	"bytes"
	"context"
	"encoding/base64"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"mailcheck/creds"
	"mailcheck/internal/lab"
	"mailcheck/internal/sasl"
	"mailcheck/report"
	"mailcheck/wire"
)

func TestLoginFlights(t *testing.T) {
	long := strings.Repeat("ü", maxNonSync/2+1)
	tests := []struct {
		name, user, secret, capabilities string
		want                             []flight
	}{
		{"plain", "joe", "s3cret", "", []flight{{`A1 LOGIN "joe" "s3cret"`, `A1 LOGIN joe [secret]`}}},
		{"empty user", "", "s3cret", "", []flight{{`A1 LOGIN "" "s3cret"`, `A1 LOGIN  [secret]`}}},
		{"quotes", `DOM\joe`, `a"b\c`, "", []flight{{`A1 LOGIN "DOM\\joe" "a\"b\\c"`, `A1 LOGIN DOM\joe [secret]`}}},
		{"8-bit", "joe", "ü", "", []flight{{`A1 LOGIN "joe" {2}`, `A1 LOGIN joe {literal}`}, {"ü", "[secret]"}}},
		{"tab", "joe", "a\tb", "", []flight{{`A1 LOGIN "joe" {3}`, `A1 LOGIN joe {literal}`}, {"a\tb", "[secret]"}}},
		{"LITERAL-", "joe", "ü", "LITERAL-", []flight{{"A1 LOGIN \"joe\" {2+}\r\nü", `A1 LOGIN joe [secret]`}}},
		{"LITERAL- too long", "joe", long, "LITERAL-", []flight{{`A1 LOGIN "joe" {4098}`, `A1 LOGIN joe {literal}`}, {long, "[secret]"}}},
		{"LITERAL+", "joe", long, "LITERAL+", []flight{{"A1 LOGIN \"joe\" {4098+}\r\n" + long, `A1 LOGIN joe [secret]`}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := &Session{caps: parseCapabilities(tt.capabilities)}
			got := s.loginFlights("A1", sasl.Login{Username: tt.user, Secret: creds.NewSecret(tt.secret)})
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// Every mechanism works against a real server, and none leaves the secret in
// the transcript.
func TestMechanisms(t *testing.T) {
	offered := []string{
		"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN", "LOGIN", "OAUTHBEARER", "XOAUTH2",
	}
	for _, mechanism := range append(offered, sasl.LoginCommand) {
		for _, right := range []string{"right", "wrong"} {
			t.Run(mechanism+"/"+right, func(t *testing.T) {
				l := startLab(t, lab.Options{Mechanisms: offered, Token: "t0ken"})
				c := openLab(t, l, report.TLS, Options{})
				who := login(l)
				if kind, _ := sasl.KindOf(mechanism); kind == creds.Token {
					who.Kind, who.Secret = creds.Token, creds.NewSecret("t0ken")
				}
				if right == "wrong" {
					who.Secret = creds.NewSecret("wr0ng-secret")
				}
				err := c.Login(c.ctx, who, sasl.Policy{Only: mechanism})
				if (err == nil) != (right == "right") {
					t.Errorf("error %v", err)
				}
				auth := c.rec.Check().Auth
				if auth == nil || auth.Mechanism != mechanism || auth.Why == "" {
					t.Errorf("auth %+v", auth)
				}
				if step := c.rec.Check().Step("auth"); right == "wrong" && (step.Reply == nil || step.Reply.Status != "NO") {
					t.Errorf("reply %+v", step.Reply)
				}
				c.Close(c.ctx, report.ByFlags)
				var scrubber creds.Scrubber
				scrubber.Add(who.Secret.Reveal())
				for _, line := range c.transcript.Lines() {
					if scrubber.Scrub(line) != line {
						t.Errorf("the transcript has the secret: %s", line)
					}
				}
			})
		}
	}
}

func TestCleartextIsRefused(t *testing.T) {
	l := startLab(t, lab.Options{AllowCleartext: true})
	c := openLab(t, l, report.None, Options{})
	if err := c.Login(c.ctx, login(l), sasl.Policy{}); err == nil {
		t.Error("logged in")
	}
	if got := c.rec.Check().Step("auth").Cause; got != report.AuthCleartextRefused {
		t.Errorf("cause %q", got)
	}
	if got := l.Logins(report.IMAP); got != (lab.Logins{}) {
		t.Errorf("logins %+v", got)
	}
}

func TestCleartextWarns(t *testing.T) {
	l := startLab(t, lab.Options{AllowCleartext: true})
	c := openLab(t, l, report.None, Options{})
	if err := c.Login(c.ctx, login(l), sasl.Policy{AllowCleartext: true}); err != nil {
		t.Fatal(err)
	}
	if step := c.rec.Check().Step("auth"); step.Result != report.Warn || !strings.Contains(step.Detail, "unencrypted") {
		t.Errorf("step %+v", step)
	}
}

// FuzzNegotiation lets a server say anything up to the login. Whatever it says,
// the secret does not cross in clear text, and where that is allowed it is
// given once at most.
func FuzzNegotiation(f *testing.F) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		script, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(serverSide(script))
	}
	const secret = "s3cret"
	// "\0joe\0s3cret" in base64; there is no other alignment in this test.
	encoded := base64.StdEncoding.EncodeToString([]byte("\x00joe\x00" + secret))
	f.Fuzz(func(t *testing.T, said []byte) {
		for _, tt := range []struct {
			security report.Security
			policy   sasl.Policy
			atMost   int
		}{
			{report.STARTTLS, sasl.Policy{}, 0},
			{report.None, sasl.Policy{}, 0},
			{report.None, sasl.Policy{AllowCleartext: true}, 1},
		} {
			server := newStream(said)
			close(server.asked)
			server.once.Do(func() {})
			ep := report.Endpoint{Protocol: report.IMAP, Host: "imap.example.com", Port: 143, Security: tt.security}
			rec := new(report.Log).Check("imap", &ep)
			s, err := Open(context.Background(), rec, ep, loopback, Options{Wire: wire.Options{DialContext: server.dial}})
			if err == nil {
				err = s.Login(context.Background(), sasl.Login{Username: "joe", Secret: creds.NewSecret(secret), Kind: creds.Password}, tt.policy)
			}
			if err == nil && !bytes.Contains(said, []byte("OK")) {
				t.Error("logged in without an OK")
			}
			s.Close(context.Background(), report.ByFlags)
			sent := server.sent.Bytes()
			if n := bytes.Count(sent, []byte(secret)) + bytes.Count(sent, []byte(encoded)); n > tt.atMost {
				t.Errorf("%s: the secret was sent %d times: %q", tt.security, n, sent)
			}
			for _, name := range Steps(tt.security) {
				if rec.Check().Step(name) == nil {
					t.Errorf("no step %q", name)
				}
			}
		}
	})
}

// serverSide is what the server says in a script.
func serverSide(script []byte) []byte {
	var said []byte
	for line := range strings.Lines(string(script)) {
		if text, ok := strings.CutPrefix(line, "S: "); ok {
			said = append(said, strings.TrimSuffix(text, "\n")+"\r\n"...)
		}
	}
	return said
}
