package pop_test

import (
	"bytes"
	"context"
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"mailcheck/creds"
	"mailcheck/internal/lab"
	"mailcheck/internal/sasl"
	"mailcheck/pop"
	"mailcheck/report"
	"mailcheck/wire"
)

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
		f.Add(lab.ServerLines(string(script)))
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
			server := lab.NewDeaf(said)
			ep := report.Endpoint{Protocol: report.POP3, Host: "pop.example.com", Port: 110, Security: tt.security}
			rec := new(report.Log).Check("pop3", &ep)
			s, err := pop.Open(context.Background(), rec, ep, []netip.Addr{netip.IPv6Loopback()},
				pop.Options{Wire: wire.Options{DialContext: server.Dial, OneConnection: true}})
			if err == nil {
				err = s.Login(context.Background(), login, tt.policy)
			}
			if err == nil && !bytes.Contains(said, []byte("+OK")) {
				t.Errorf("%q was taken for a yes", said)
			}
			if err == nil {
				_ = s.Mailbox(context.Background()) // what it says of it is another target's
			}
			s.Close(context.Background(), report.ByFlags)
			if count := server.Heard(secret); count > tt.atMost {
				t.Errorf("%s: the secret was sent %d times", tt.security, count)
			}
			for _, name := range pop.Steps(tt.security) {
				if rec.Check().Step(name) == nil {
					t.Errorf("no step %q", name)
				}
			}
		}
	})
}
