package sasl

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"mailcheck/creds"
	"mailcheck/report"
)

// fake is a server half as a function of the client's last line: nil for a
// command without an initial response.
type fake struct {
	answer    func(response []byte) (Answer, error)
	cancelErr error // what "*" is answered with; nil: a refusal

	ir        []byte
	sent      [][]byte // with the initial response
	cancelled int
}

func (f *fake) Begin(_ string, ir []byte) (Answer, error) {
	f.ir = ir
	if ir != nil {
		f.sent = append(f.sent, ir)
	}
	return f.answer(ir)
}

func (f *fake) Reply(response []byte) (Answer, error) {
	if response == nil {
		response = []byte{}
	}
	f.sent = append(f.sent, response)
	return f.answer(response)
}

func (f *fake) Cancel() (Answer, error) {
	f.cancelled++
	if f.cancelErr != nil {
		return Answer{}, f.cancelErr
	}
	return Answer{}, refusal("cancelled")
}

// challenges answers every line with the same challenge.
func challenges(challenge string) *fake {
	return &fake{answer: func([]byte) (Answer, error) { return Answer{Challenge: []byte(challenge)}, nil }}
}

func testLogin(kind creds.Kind) Login {
	return Login{Username: "anna@example.com", Secret: creds.NewSecret("correct-horse-battery"), Kind: kind,
		Host: "mail.example.com", Port: 993}
}

func mustClient(t testing.TB, mechanism string, login Login) Client {
	t.Helper()
	client, err := NewClient(mechanism, login, nil)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// eager answers every challenge, as no client of this package does.
type eager struct{ next int }

func (e *eager) Start() (string, []byte, error) { return "EAGER", nil, nil }
func (e *eager) Next([]byte) ([]byte, error)    { e.next++; return []byte("x"), nil }
func (e *eager) Finish() error                  { return nil }
func (e *eager) Note() string                   { return "" }

func TestEndlessChallenges(t *testing.T) {
	server, client := challenges("more"), &eager{}
	err := Authenticate(client, server, Options{})
	checkFault(t, err, report.ServerHostile, "more than 10 challenges")
	if client.next != maxChallenges || server.cancelled != 1 {
		t.Errorf("answered %d challenges, cancelled %d times", client.next, server.cancelled)
	}
}

// Whatever it is asked, a client gives its secret away once, and the login is
// cancelled.
func TestEndlessChallengesForEachMechanism(t *testing.T) {
	for _, m := range mechanisms {
		if m.client == nil || bound(m.name) {
			continue
		}
		for _, maxInitial := range []int{0, 500} {
			t.Run(fmt.Sprint(m.name, " ", maxInitial), func(t *testing.T) {
				login := testLogin(m.kind)
				server := challenges("<1@example.com>")
				err := Authenticate(mustClient(t, m.name, login), server, Options{MaxInitial: maxInitial})
				if err == nil || server.cancelled != 1 {
					t.Errorf("error %v, cancelled %d times", err, server.cancelled)
				}
				want := 0
				if m.exposure == shown {
					want = 1
				}
				if n := strings.Count(string(joined(server.sent)), login.Secret.Reveal()); n != want {
					t.Errorf("the secret was sent %d times, want %d", n, want)
				}
			})
		}
	}
}

func joined(lines [][]byte) []byte {
	var all []byte
	for _, l := range lines {
		all = append(append(all, l...), '\n')
	}
	return all
}

// An oversized challenge is neither answered nor kept.
func TestHugeChallenge(t *testing.T) {
	for _, mechanism := range []string{"CRAM-MD5", "SCRAM-SHA-256", "XOAUTH2", "PLAIN"} {
		for _, size := range []int{maxChallenge, maxChallenge + 1} {
			t.Run(fmt.Sprint(mechanism, " ", size), func(t *testing.T) {
				server := challenges(strings.Repeat("x", size))
				client := mustClient(t, mechanism, testLogin(creds.Password))
				err := Authenticate(client, server, Options{})
				var fault *report.Fault
				if huge := errors.As(err, &fault) && strings.Contains(fault.Text, "longer than 4096"); huge != (size > maxChallenge) {
					t.Errorf("error %v", err)
				}
				if size > maxChallenge && (len(server.sent) != 0 || server.cancelled != 1 || client.Note() != "") {
					t.Errorf("sent %q, cancelled %d times, note %q", server.sent, server.cancelled, client.Note())
				}
			})
		}
	}
}

// The initial response goes with the command when the line has room for its
// base64.
func TestInitialResponseThatDoesNotFit(t *testing.T) {
	login := testLogin(creds.Password)
	message := "\x00" + login.Username + "\x00" + login.Secret.Reveal()
	encoded := (len(message) + 2) / 3 * 4
	for maxInitial, with := range map[int]bool{0: false, encoded - 1: false, encoded: true} {
		server := &fake{answer: func(response []byte) (Answer, error) { return Answer{Done: response != nil}, nil }}
		if err := Authenticate(mustClient(t, "PLAIN", login), server, Options{MaxInitial: maxInitial}); err != nil {
			t.Fatal(err)
		}
		if (server.ir != nil) != with {
			t.Errorf("room for %d: initial response %q", maxInitial, server.ir)
		}
		if len(server.sent) != 1 || string(server.sent[0]) != message {
			t.Errorf("room for %d: sent %q, want %q once", maxInitial, server.sent, message)
		}
	}
}

// An empty initial response is written "=", so it needs room for that.
func TestEmptyInitialResponse(t *testing.T) {
	for maxInitial, with := range map[int]bool{0: false, 1: true} {
		server := &fake{answer: func(response []byte) (Answer, error) { return Answer{Done: response != nil}, nil }}
		if err := Authenticate(emptyInitial{}, server, Options{MaxInitial: maxInitial}); err != nil {
			t.Fatal(err)
		}
		if (server.ir != nil) != with || len(server.sent) != 1 || len(server.sent[0]) != 0 {
			t.Errorf("room for %d: initial response %#v, sent %q", maxInitial, server.ir, server.sent)
		}
	}
}

type emptyInitial struct{ *eager }

func (emptyInitial) Start() (string, []byte, error) { return "EXTERNAL", []byte{}, nil }
func (emptyInitial) Finish() error                  { return nil }

// Errors of the exchange, the step's time limit among them, come back as they
// are, and a broken exchange is not cancelled.
func TestExchangeErrorsPass(t *testing.T) {
	for _, broken := range []error{refusal("no"), context.DeadlineExceeded, &report.ProtocolError{Problem: "no tag"}} {
		server := &fake{answer: func([]byte) (Answer, error) { return Answer{}, broken }}
		err := Authenticate(mustClient(t, "PLAIN", testLogin(creds.Password)), server, Options{MaxInitial: 500})
		if err != broken || server.cancelled != 0 {
			t.Errorf("error %v, want %v; cancelled %d times", err, broken, server.cancelled)
		}
	}
}

// A connection that breaks while the login is cancelled is told as well.
func TestCancelFails(t *testing.T) {
	server := challenges("again")
	server.cancelErr = context.DeadlineExceeded
	err := Authenticate(mustClient(t, "PLAIN", testLogin(creds.Password)), server, Options{MaxInitial: 500})
	checkEnd(t, err, "broken the server asks for more")
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v does not hold the time limit", err)
	}
}

// Passwords are carried byte for byte.
func TestPasswordsOfAnyBytes(t *testing.T) {
	passwords := []string{
		"x", " leading and trailing ", `quotes " and ' and \`, "100%s %d %n", "パスワード", "\xff\xfe latin \xe9",
		"tab\tbell\a\x01", strings.Repeat("long ", 1024), "=,", "emoji \U0001F511",
	}
	for _, password := range passwords {
		for mechanism, want := range map[string]string{"PLAIN": "\x00anna@example.com\x00" + password, "LOGIN": password} {
			login := Login{Username: "anna@example.com", Secret: creds.NewSecret(password), Kind: creds.Password}
			server := &fake{}
			server.answer = func(response []byte) (Answer, error) {
				return Answer{Done: string(response) == want}, nil
			}
			if err := Authenticate(mustClient(t, mechanism, login), server, Options{}); err != nil {
				t.Fatalf("%s %.20q: %v", mechanism, password, err)
			}
		}
	}
}

// What a mechanism cannot carry never reaches the wire.
func TestRefusedBeforeTheWire(t *testing.T) {
	tests := []struct {
		name, user, secret string
		mechanism          string
		cause              report.Cause
	}{
		{"NUL in the user", "a\x00b", "s", "PLAIN", report.ConfigBadAddress},
		{"CR in the user", "a\rb", "s", "LOGIN", report.ConfigBadAddress},
		{"LF in the user", "a\nb", "s", User, report.ConfigBadAddress},
		{"%x01 in the user", "a\x01auth=Bearer x", "s", "XOAUTH2", report.ConfigBadAddress},
		{"NUL in the password", "a", "s\x00t", "PLAIN", report.ClientProtocol},
		{"CR in the password", "a", "s\rt", "SCRAM-SHA-256", report.ClientProtocol},
		{"LF in the password", "a", "s\nt", LoginCommand, report.ClientProtocol},
		{"%x01 in the token", "a", "s\x01\x01", "OAUTHBEARER", report.ClientProtocol},
		{"tab in the token", "a", "s\tt", "XOAUTH2", report.ClientProtocol},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, _ := lookup(tt.mechanism)
			login := Login{Username: tt.user, Secret: creds.NewSecret(tt.secret), Kind: m.kind}
			_, err := Choose([]string{tt.mechanism}, login, Policy{AllowCleartext: true})
			if m.client != nil { // which relies on no one's having asked Choose
				_, err = NewClient(tt.mechanism, login, nil)
			}
			checkFault(t, err, tt.cause, "")
			if err != nil && strings.Contains(err.Error(), tt.secret) && len(tt.secret) > 1 {
				t.Errorf("the error holds the secret: %v", err)
			}
		})
	}
}

func TestNewClientOfACommand(t *testing.T) {
	for _, mechanism := range []string{LoginCommand, User, APOP, "NTLM", ""} {
		_, err := NewClient(mechanism, testLogin(creds.Password), nil)
		checkFault(t, err, report.AuthMechanismUnsupported, "has no SASL mechanism")
	}
}
