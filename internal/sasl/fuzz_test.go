package sasl

import (
	"bytes"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xdg-go/scram"

	"mailcheck/creds"
	"mailcheck/report"
)

// fuzzNonce and fuzzSecret are fixed, so that a mutated server can extend the
// one and cannot guess the other.
const (
	fuzzNonce  = "fyko+d2lbbFgONRv9qkxdawL"
	fuzzSecret = "Zq8-wrong-giraffe-57"
)

// FuzzServer gives every client a server that says what the fuzzer likes, one
// challenge a line, then a success. Whatever that is: the login ends, the
// secret goes out once at most (never from SCRAM and CRAM-MD5), SCRAM believes
// no success without a proof, and neither error nor note holds the secret or a
// control character.
func FuzzServer(f *testing.F) {
	var clients []mechanism
	for _, m := range mechanisms {
		if m.client != nil && !bound(m.name) {
			clients = append(clients, m)
		}
	}
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		f.Fatal("no seeds", err)
	}
	for _, file := range files {
		var lines []string
		d := readScript(f, file)
		for _, line := range d.lines {
			if challenge, ok := strings.CutPrefix(line, "S: + "); ok {
				lines = append(lines, challenge)
			}
		}
		for i, m := range clients {
			if m.name == d.mechanism {
				f.Add(byte(i), d.options.MaxInitial > 0, []byte(strings.Join(lines, "\n")))
			}
		}
	}
	f.Fuzz(func(t *testing.T, which byte, initial bool, said []byte) {
		if holdsSecret(string(said), fuzzSecret) || bytes.Contains(said, []byte("i=1000000")) {
			return // the second only costs time
		}
		m := clients[int(which)%len(clients)]
		login := Login{Username: "anna", Secret: creds.NewSecret(fuzzSecret), Kind: m.kind}
		client, err := m.client(dialogue{mechanism: m.name, login: login}, nil)
		if s, ok := client.(*scramClient); ok {
			hash := scram.SHA256
			if m.name == "SCRAM-SHA-1" {
				hash = scram.SHA1
			}
			client, err = newSCRAMNonce(hash, s.dialogue, nil, fuzzNonce)
		}
		if err != nil {
			t.Fatal(err)
		}

		lines := bytes.Split(said, []byte("\n"))
		server := &fake{}
		server.answer = func([]byte) (Answer, error) {
			if len(lines) == 0 {
				return Answer{Done: true}, nil
			}
			answer := Answer{Challenge: lines[0]}
			lines = lines[1:]
			return answer, nil
		}
		options := Options{}
		if initial {
			options.MaxInitial = 500
		}
		err = Authenticate(client, server, options)

		if len(server.sent) > maxChallenges+1 || server.cancelled > 1 {
			t.Errorf("sent %d lines, cancelled %d times", len(server.sent), server.cancelled)
		}
		sent := string(joined(server.sent))
		switch {
		case m.exposure == guessable && holdsSecret(sent, fuzzSecret):
			t.Errorf("%s sends the secret: %q", m.name, sent)
		case strings.Count(sent, fuzzSecret) > 1:
			t.Errorf("%s sends the secret more than once: %q", m.name, sent)
		}
		if _, ok := client.(*scramClient); ok && err == nil {
			t.Errorf("%s believes %q", m.name, said)
		}
		var fault *report.Fault
		var broken *report.ProtocolError
		if err != nil && !errors.As(err, &fault) && !errors.As(err, &broken) {
			t.Errorf("error without a type: %v", err)
		}
		if strings.ContainsFunc(client.Note(), isControl) || holdsSecret(client.Note(), fuzzSecret) || len(client.Note()) > 600 {
			t.Errorf("note %q", client.Note())
		}
		if err != nil && (strings.ContainsFunc(err.Error(), isControl) || holdsSecret(err.Error(), fuzzSecret)) {
			t.Errorf("error %q", err)
		}
	})
}

// FuzzSCRAMFirst mutates what follows our nonce in the server's first
// message. When the client answers it at all, the nonce was extended, the
// iterations were safe, and the answer is a proof over that very nonce.
func FuzzSCRAMFirst(f *testing.F) {
	f.Add("3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096")
	f.Add(",s=QSXCR+Q6sek8bf92,i=4096")
	f.Add("x,s=,i=4097,x=ignored")
	f.Add("x,s=QSXC,i=1")
	f.Add("x,s=QSXC,i=+5000")
	f.Add("x,s=QSXC,i=2147483648")
	f.Add("x,s=QSXC,i=05000")
	f.Fuzz(func(t *testing.T, rest string) {
		login := Login{Username: "anna", Secret: creds.NewSecret(fuzzSecret), Kind: creds.Password}
		client, err := newSCRAMNonce(scram.SHA1, dialogue{mechanism: "SCRAM-SHA-1", login: login}, nil, fuzzNonce)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := client.Start(); err != nil {
			t.Fatal(err)
		}
		message := "r=" + fuzzNonce + rest
		answer, err := client.Next([]byte(message))
		if err != nil {
			if answer != nil {
				t.Errorf("an error and the answer %q", answer)
			}
			return
		}
		fields := strings.Split(message, ",")
		nonce := strings.TrimPrefix(fields[0], "r=")
		count := strings.TrimLeft(strings.TrimPrefix(fields[2], "i="), "0")
		if len(nonce) <= len(fuzzNonce) || len(count) < 4 || len(count) > 7 ||
			len(count) == 4 && count < "4096" || len(count) == 7 && count > "1000000" {
			t.Errorf("%q was answered with %q", message, answer)
		}
		if !strings.HasPrefix(string(answer), "c=biws,r="+nonce+",p=") {
			t.Errorf("%q was answered with %q", message, answer)
		}
		if client.Finish() == nil {
			t.Error("finished without the server's signature")
		}
	})
}
