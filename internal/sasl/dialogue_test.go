package sasl

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/xdg-go/scram"

	"mailcheck/creds"
	"mailcheck/report"
)

// TestDialogues plays testdata/*.txt. A file sets the login up, then gives the
// lines of both sides, decoded ("S: + " is a challenge, "C: *" the
// cancellation), and what the client makes of it: how the login "ends", each
// line of which must hold, and the client's "note".
func TestDialogues(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no dialogues", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			d := readScript(t, file)
			client, err := d.client()
			if err != nil {
				t.Fatal(err)
			}
			err = Authenticate(client, &player{t: t, lines: d.lines}, d.options)
			for _, want := range d.ends {
				checkEnd(t, err, want)
			}
			if client.Note() != d.note {
				t.Errorf("note %q, want %q", client.Note(), d.note)
			}
			if err != nil && holdsSecret(err.Error(), d.login.Secret.Reveal()) {
				t.Errorf("the error holds the secret: %v", err)
			}
		})
	}
}

// script is one file of testdata.
type script struct {
	mechanism, nonce string
	login            Login
	options          Options
	lines            []string
	ends             []string
	note             string
}

func readScript(t testing.TB, file string) *script {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	d := &script{login: Login{Kind: creds.Password}}
	unescape := strings.NewReplacer(`\0`, "\x00", `\1`, "\x01", `\e`, "\x1b", `\n`, "\n")
	for line := range strings.Lines(string(b)) {
		line = unescape.Replace(strings.TrimSuffix(line, "\n"))
		key, value, _ := strings.Cut(line, " ")
		switch key {
		case "#":
		case "mechanism":
			d.mechanism = value
		case "user":
			d.login.Username = value
		case "secret":
			d.login.Secret = creds.NewSecret(value)
		case "nonce":
			d.nonce = value
		case "host":
			d.login.Host = value
		case "port":
			d.login.Port, err = strconv.Atoi(value)
		case "initial":
			d.options.MaxInitial = 500
		case "C:", "S:":
			d.lines = append(d.lines, line)
		case "ends":
			d.ends = append(d.ends, value)
		case "note":
			d.note = value
		default:
			t.Fatalf("%s: what is %q?", file, line)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(d.ends) == 0 {
		t.Fatalf("%s does not say how it ends", file)
	}
	return d
}

// client is NewClient, with the script's nonce where it has one.
func (d *script) client() (Client, error) {
	if d.nonce == "" {
		return NewClient(d.mechanism, d.login, nil)
	}
	hash := scram.SHA256
	if strings.Contains(d.mechanism, "SHA-1") {
		hash = scram.SHA1
	}
	return newSCRAMNonce(hash, dialogue{mechanism: d.mechanism, login: d.login}, nil, d.nonce)
}

// player is the server of a script; it fails the test when the client says
// something else.
type player struct {
	t     *testing.T
	lines []string
}

func (p *player) Begin(mechanism string, ir []byte) (Answer, error) {
	line := "AUTH " + mechanism
	if ir != nil {
		line += " " + string(ir)
	}
	return p.exchange(line)
}

func (p *player) Reply(response []byte) (Answer, error) { return p.exchange(string(response)) }
func (p *player) Cancel() (Answer, error)               { return p.exchange("*") }

func (p *player) exchange(line string) (Answer, error) {
	p.t.Helper()
	if len(p.lines) < 2 {
		p.t.Fatalf("the client sends %q after the end", line)
	}
	want := strings.TrimPrefix(strings.TrimPrefix(p.lines[0], "C:"), " ")
	if line != want {
		p.t.Fatalf("the client sends\n  %q, want\n  %q", line, want)
	}
	answer := p.lines[1]
	p.lines = p.lines[2:]
	if answer == "S: OK" {
		if len(p.lines) != 0 {
			p.t.Fatalf("the script goes on after its success")
		}
		return Answer{Done: true}, nil
	}
	if text, ok := strings.CutPrefix(answer, "S: NO "); ok {
		if len(p.lines) != 0 {
			p.t.Fatalf("the script goes on after its refusal")
		}
		return Answer{}, refusal(text)
	}
	challenge := strings.TrimPrefix(strings.TrimPrefix(answer, "S: +"), " ")
	return Answer{Challenge: []byte(challenge)}, nil
}

func refusal(text string) error {
	return &report.ReplyError{Reply: report.Reply{Command: "AUTH", Status: "NO", Text: text}}
}

func checkEnd(t *testing.T, err error, want string) {
	t.Helper()
	kind, text, _ := strings.Cut(want, " ")
	switch kind {
	case "ok":
		if err != nil {
			t.Errorf("ends with %v, want success", err)
		}
	case "refused":
		var refused *report.ReplyError
		if !errors.As(err, &refused) || refused.Reply.Text != text {
			t.Errorf("ends with %v, want the refusal %q", err, text)
		}
	case "unjudged": // the answer to a cancelling is told, and refuses no secret
		var refused *report.ReplyError
		if errors.As(err, &refused) || err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("ends with %v, want no refusal, and the text %q", err, text)
		}
	case "broken":
		var broken *report.ProtocolError
		if !errors.As(err, &broken) || !strings.Contains(broken.Error(), text) {
			t.Errorf("ends with %v, want a protocol error with %q", err, text)
		}
	case "fault":
		cause, text, _ := strings.Cut(text, " ")
		checkFault(t, err, report.Cause(cause), text)
	default:
		t.Fatalf("what is %q?", want)
	}
}

func checkFault(t *testing.T, err error, cause report.Cause, text string) {
	t.Helper()
	var fault *report.Fault
	if !errors.As(err, &fault) || fault.Cause != cause || !strings.Contains(fault.Error(), text) {
		t.Errorf("error %v (%T), want a fault %s with %q", err, err, cause, text)
	}
}

func holdsSecret(text, secret string) bool {
	var scrubber creds.Scrubber
	scrubber.Add(secret)
	return scrubber.Scrub(text) != text
}

// The note of a server that says too much is cut, and stays valid UTF-8.
func TestNoteIsBounded(t *testing.T) {
	client, err := NewClient("XOAUTH2", Login{Username: "u", Secret: creds.NewSecret("token-1"), Kind: creds.Token}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Next(bytes.Repeat([]byte("x\u3042"), 1000)); err != nil {
		t.Fatal(err)
	}
	note := client.Note()
	if len(note) > maxShown+3 || !strings.HasSuffix(note, "\u3042...") && !strings.HasSuffix(note, "x...") {
		t.Errorf("note of %d bytes: %q", len(note), note)
	}
}

// The server repeats the secret; nothing of it may be left in what is shown.
func TestShowableHidesTheSecret(t *testing.T) {
	tests := []struct{ name, secret, text, want string }{
		{"as it is", "correct-horse", "bad token correct-horse!", "bad token [secret]!"},
		{"where the text is cut", "correct-horse", strings.Repeat("x", maxShown-8) + "correct-horse", strings.Repeat("x", maxShown-8) + "[secret]"},
		{"with control characters in the text", "correct-horse", "correct\x00-\x1bho\u202erse", "[secret]"},
		{"with control characters in the secret", "tab\tbell\ahorse", "no tab\tbell\ahorse", "no [secret]"},
		{"not utf-8", "p\xe4sswort", "no p\xe4sswort", "no [secret]"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := dialogue{login: Login{Secret: creds.NewSecret(tt.secret)}}
			if got := d.showable([]byte(tt.text)); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

// No way to print a client shows the secret.
func TestClientsPrintNoSecret(t *testing.T) {
	const secret = "correct-horse-battery"
	for _, m := range mechanisms {
		if m.client == nil || bound(m.name) {
			continue
		}
		client, err := NewClient(m.name, Login{Username: "u", Secret: creds.NewSecret(secret), Kind: m.kind}, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
			if holdsSecret(fmt.Sprintf(verb, client), secret) {
				t.Errorf("%s: %s shows the secret", m.name, verb)
			}
		}
	}
}
