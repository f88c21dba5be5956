package smtp_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mailcheck/creds"
	"mailcheck/internal/sasl"
	"mailcheck/report"
	"mailcheck/smtp"
	"mailcheck/wire"
)

// stream is a connection to a server that says what it says, whatever it is
// asked.
type stream struct {
	net.Conn // for the methods that are not used
	in       *bytes.Reader
	sent     bytes.Buffer
}

func (s *stream) Read(p []byte) (int, error)  { return s.in.Read(p) }
func (s *stream) Write(p []byte) (int, error) { return s.sent.Write(p) }
func (s *stream) Close() error                { return nil }
func (s *stream) RemoteAddr() net.Addr        { return &net.TCPAddr{} }
func (s *stream) SetDeadline(time.Time) error { return nil }

func (s *stream) dial(context.Context, string, string) (net.Conn, error) { return s, nil }

// FuzzNegotiation lets a server say anything from the greeting on. Whatever it
// says, the session ends with every step recorded, the secret does not cross in
// clear text, and where that is allowed it is given once at most.
func FuzzNegotiation(f *testing.F) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		f.Fatal("no seeds: ", err)
	}
	for _, file := range files {
		script, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		var said strings.Builder
		for line := range strings.Lines(string(script)) {
			if text, ok := strings.CutPrefix(line, "S: "); ok {
				said.WriteString(strings.TrimSuffix(text, "\n") + "\r\n")
			}
		}
		f.Add([]byte(said.String()))
	}
	const secret = "s3cret-giraffe"
	login := sasl.Login{Username: "joe", Secret: creds.NewSecret(secret), Kind: creds.Password}
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
			server := &stream{in: bytes.NewReader(said)}
			ep := report.Endpoint{Protocol: report.SMTP, Host: "smtp.example.com", Port: 587, Security: tt.security}
			rec := new(report.Log).Check("smtp", &ep)
			s, err := smtp.Open(context.Background(), rec, ep, []netip.Addr{netip.IPv6Loopback()},
				smtp.Options{Wire: wire.Options{DialContext: server.dial, OneConnection: true}})
			if err == nil {
				err = s.Login(context.Background(), login, tt.policy)
			}
			if err == nil && !bytes.Contains(said, []byte("235")) {
				t.Errorf("%q was taken for a yes", said)
			}
			if err == nil {
				_ = s.Address(context.Background(), "a@example.com", "b@example.com") // what it says of it is another target's
			}
			s.Close(context.Background(), report.ByFlags)
			sent := server.sent.String()
			count := strings.Count(sent, secret)
			for _, word := range strings.Fields(sent) {
				if text, err := base64.StdEncoding.DecodeString(word); err == nil {
					count += strings.Count(string(text), secret)
				}
			}
			if count > tt.atMost {
				t.Errorf("%s: the secret was sent %d times: %q", tt.security, count, sent)
			}
			for _, name := range smtp.Steps(tt.security) {
				if rec.Check().Step(name) == nil {
					t.Errorf("no step %q", name)
				}
			}
		}
	})
}
