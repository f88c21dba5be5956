package sasl

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/xdg-go/scram"

	"mailcheck/creds"
	"mailcheck/report"
)

// scramServer is xdg-go's server half behind an exchange. It takes the
// client's empty line after its last message as RFC 4954 has it.
func scramServer(t *testing.T, hash scram.HashGeneratorFcn, password string, converse func(*scram.Server) *scram.ServerConversation) *fake {
	t.Helper()
	stored := func(user string) (scram.StoredCredentials, error) {
		client, err := hash.NewClient(user, password, "")
		if err != nil {
			client, err = hash.NewClientUnprepped(user, password, "")
		}
		if err != nil {
			return scram.StoredCredentials{}, err
		}
		return client.GetStoredCredentialsWithError(scram.KeyFactors{Salt: "salt of sixteen.", Iters: 4096})
	}
	server, err := hash.NewServer(stored)
	if err != nil {
		t.Fatal(err)
	}
	conv := converse(server)
	return &fake{answer: func(response []byte) (Answer, error) {
		switch {
		case response == nil:
			return Answer{}, nil
		case conv.Done() && conv.Valid():
			return Answer{Done: true}, nil
		case conv.Done():
			return Answer{}, refusal("authentication failed")
		}
		message, err := conv.Step(string(response))
		if err != nil && message == "" {
			return Answer{}, refusal(err.Error())
		}
		return Answer{Challenge: []byte(message)}, nil
	}}
}

func unboundConversation(s *scram.Server) *scram.ServerConversation { return s.NewConversation() }

func TestSCRAM(t *testing.T) {
	tests := []struct {
		name, user, secret, stored string
	}{
		{"ascii", "anna@example.com", "pencil", "pencil"},
		{"user with a comma and an equals sign", "a=b,c", "pencil", "pencil"},
		{"utf-8", "anna", "pässwörd パスワード", "pässwörd パスワード"},
		{"soft hyphen, prepared away (RFC 4013 section 3)", "anna", "I\u00adX", "IX"},
		{"roman numeral, prepared (RFC 4013 section 3)", "anna", "\u2168", "IX"},
		{"control character", "anna", "tab\tbell\a", "tab\tbell\a"},
		{"emoji, newer than SASLprep", "anna", "\U0001F511\U0001F40E", "\U0001F511\U0001F40E"},
		{"not utf-8", "anna", "\xe9t\xe9", "\xe9t\xe9"},
		{"5 KiB", "anna", strings.Repeat("long ", 1024), strings.Repeat("long ", 1024)},
	}
	hashes := map[string]scram.HashGeneratorFcn{"SCRAM-SHA-256": scram.SHA256, "SCRAM-SHA-1": scram.SHA1}
	for _, tt := range tests {
		for mechanism, hash := range hashes {
			t.Run(mechanism+" "+tt.name, func(t *testing.T) {
				login := Login{Username: tt.user, Secret: creds.NewSecret(tt.secret), Kind: creds.Password}
				server := scramServer(t, hash, tt.stored, unboundConversation)
				if err := Authenticate(mustClient(t, mechanism, login), server, Options{MaxInitial: 500}); err != nil {
					t.Error(err)
				}
				if last := server.sent[len(server.sent)-1]; len(server.sent) != 3 || last == nil || len(last) != 0 {
					t.Errorf("sent %q, want two messages and an empty line", server.sent)
				}
				if holdsSecret(string(joined(server.sent)), tt.secret) {
					t.Errorf("the exchange %q holds the password", server.sent)
				}

				server = scramServer(t, hash, tt.stored+"x", unboundConversation)
				client := mustClient(t, mechanism, login)
				checkEnd(t, Authenticate(client, server, Options{MaxInitial: 500}), "refused authentication failed")
				if client.Note() != "SCRAM: invalid-proof" || server.cancelled != 0 {
					t.Errorf("note %q, cancelled %d times", client.Note(), server.cancelled)
				}
			})
		}
	}
}

// Two logins never share a nonce.
func TestSCRAMNonceIsFresh(t *testing.T) {
	seen := map[string]bool{}
	for range 20 {
		_, first, err := mustClient(t, "SCRAM-SHA-256", testLogin(creds.Password)).Start()
		if err != nil {
			t.Fatal(err)
		}
		seen[string(first)] = true
	}
	if len(seen) != 20 {
		t.Errorf("%d different first messages of 20", len(seen))
	}
}

func TestSCRAMPlus(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		clientState, serverState := handshake(t, version, ecdsaKey(t))
		_, otherState := handshake(t, version, ecdsaKey(t))
		wantType := scram.ChannelBindingTLSExporter
		if version == tls.VersionTLS12 {
			wantType = scram.ChannelBindingTLSServerEndpoint
		}
		for mechanism, hash := range map[string]scram.HashGeneratorFcn{"SCRAM-SHA-256-PLUS": scram.SHA256, "SCRAM-SHA-1-PLUS": scram.SHA1} {
			t.Run(fmt.Sprint(tls.VersionName(version), " ", mechanism), func(t *testing.T) {
				login := testLogin(creds.Password)
				login.TLS = clientState
				required := func(state *tls.ConnectionState) func(*scram.Server) *scram.ServerConversation {
					binding := bindingOf(t, version, state)
					if binding.Type != wantType {
						t.Fatalf("binding %s", binding.Type)
					}
					return func(s *scram.Server) *scram.ServerConversation {
						return s.NewConversationWithChannelBindingRequired(binding)
					}
				}

				server := scramServer(t, hash, login.Secret.Reveal(), required(serverState))
				if err := Authenticate(mustClient(t, mechanism, login), server, Options{MaxInitial: 500}); err != nil {
					t.Error(err)
				}

				// Somebody who stands between the two ends has two sessions.
				client := mustClient(t, mechanism, login)
				server = scramServer(t, hash, login.Secret.Reveal(), required(otherState))
				checkEnd(t, Authenticate(client, server, Options{MaxInitial: 500}), "refused authentication failed")
				if client.Note() != "SCRAM: channel-bindings-dont-match" {
					t.Errorf("note %q", client.Note())
				}
			})
		}
	}
}

// bindingOf is the binding that RFC 9266 (TLS 1.3) or RFC 5929 ask for.
func bindingOf(t *testing.T, version uint16, state *tls.ConnectionState) scram.ChannelBinding {
	t.Helper()
	newBinding := scram.NewTLSExporterBinding
	if version == tls.VersionTLS12 {
		newBinding = scram.NewTLSServerEndpointBinding
	}
	binding, err := newBinding(state)
	if err != nil {
		t.Fatal(err)
	}
	return binding
}

// TestGS2Flag: "y" only where -PLUS could be used and was not offered, so that
// a server that did offer it sees that its list was changed.
func TestGS2Flag(t *testing.T) {
	bindable, _ := handshake(t, tls.VersionTLS13, ecdsaKey(t))
	_, ed25519Key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	unbindable, _ := handshake(t, tls.VersionTLS12, ed25519Key) // RFC 5929 names no hash for Ed25519
	tests := []struct {
		name    string
		tls     *tls.ConnectionState
		offered []string
		want    string
	}{
		{"clear text", nil, []string{"SCRAM-SHA-256"}, "n,,"},
		{"no -PLUS offered", bindable, []string{"PLAIN", "SCRAM-SHA-256"}, "y,,"},
		{"-PLUS offered and not used", bindable, []string{"scram-sha-1-plus", "SCRAM-SHA-256"}, "n,,"},
		{"nothing to bind to", unbindable, []string{"SCRAM-SHA-256"}, "n,,"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			login := testLogin(creds.Password)
			login.TLS = tt.tls
			client, err := NewClient("SCRAM-SHA-256", login, tt.offered)
			if err != nil {
				t.Fatal(err)
			}
			if _, first, _ := client.Start(); !bytes.HasPrefix(first, []byte(tt.want)) {
				t.Errorf("first message %q, want %q…", first, tt.want)
			}
		})
	}

	// A server that offered -PLUS, and whose list lost it on the way.
	login := testLogin(creds.Password)
	login.TLS = bindable
	client, err := NewClient("SCRAM-SHA-256", login, []string{"SCRAM-SHA-256"})
	if err != nil {
		t.Fatal(err)
	}
	server := scramServer(t, scram.SHA256, login.Secret.Reveal(), func(s *scram.Server) *scram.ServerConversation {
		return s.NewConversationWithChannelBinding(bindingOf(t, tls.VersionTLS13, bindable))
	})
	var refused *report.ReplyError
	if err := Authenticate(client, server, Options{MaxInitial: 500}); !errors.As(err, &refused) ||
		client.Note() != "SCRAM: server-does-support-channel-binding" {
		t.Errorf("error %v, note %q", err, client.Note())
	}
}

func TestPlusWithoutBinding(t *testing.T) {
	for _, state := range []*tls.ConnectionState{nil, {}} {
		login := testLogin(creds.Password)
		login.TLS = state
		_, err := NewClient("SCRAM-SHA-256-PLUS", login, nil)
		checkFault(t, err, report.AuthMechanismUnsupported, "nothing to bind to")
	}
}

// handshake returns what the two ends of a TLS session over a pipe know of
// it. The server's end has its own certificate in the place of the peer's, so
// that a binding can be computed from it as well.
func handshake(t *testing.T, version uint16, key crypto.Signer) (client, server *tls.ConnectionState) {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"mail.example.com"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(cert)

	near, far := net.Pipe()
	defer near.Close()
	defer far.Close()
	serverEnd := tls.Server(far, &tls.Config{MaxVersion: version,
		Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}})
	clientEnd := tls.Client(near, &tls.Config{MaxVersion: version, RootCAs: roots, ServerName: "mail.example.com"})
	done := make(chan error, 1)
	go func() { done <- serverEnd.Handshake() }()
	if err := errors.Join(clientEnd.Handshake(), <-done); err != nil {
		t.Fatal(err)
	}
	clientState, serverState := clientEnd.ConnectionState(), serverEnd.ConnectionState()
	serverState.PeerCertificates = []*x509.Certificate{cert}
	return &clientState, &serverState
}

func ecdsaKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}
