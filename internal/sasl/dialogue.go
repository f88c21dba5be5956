package sasl

import (
	"strings"
	"unicode"

	"mailcheck/creds"
	"mailcheck/report"
)

// dialogue is what the clients of all mechanisms have in common.
type dialogue struct {
	mechanism string
	login     Login
	note      string
}

// Note implements [Client].
func (d *dialogue) Note() string { return d.note }

// showable returns the server's text as a report may carry it: printable,
// bounded, and without the secret, should the server repeat it. It is
// scrubbed before the control characters go, which a secret may have, and
// after, as others may hide it; and before it is cut, which could leave half
// of it.
func (d *dialogue) showable(text []byte) string {
	var scrubber creds.Scrubber
	scrubber.Add(d.login.Secret.Reveal())
	s := scrubber.Scrub(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, scrubber.Scrub(string(text))))
	if len(s) > maxShown {
		s = strings.ToValidUTF8(s[:maxShown], "") + "..."
	}
	return s
}

// broken is a challenge that makes no sense where it stands.
func (d *dialogue) broken(challenge []byte, problem string) error {
	return &report.ProtocolError{Command: d.mechanism, Line: d.showable(challenge), Problem: d.mechanism + ": " + problem}
}

// unexpected is a challenge after the mechanism's last answer. Answering it
// could only mean to give the secret again.
func (d *dialogue) unexpected(challenge []byte) error {
	return d.broken(challenge, "the server asks for more than the mechanism has to say")
}

// hostile is a server that breaks a bound or fails its own proof.
func (d *dialogue) hostile(problem string) error {
	return &report.Fault{Cause: report.ServerHostile, Text: d.mechanism + ": " + problem}
}

// early is a success before the client had said all.
func early(mechanism string) error {
	return &report.ProtocolError{Command: mechanism,
		Problem: mechanism + ": the server reports success before the login was complete"}
}
