package report

import (
	"fmt"
	"strings"
)

// ReplyError is a server's "no": a reply that was understood and refuses.
type ReplyError struct {
	Reply     Reply
	Temporary bool // the server says that trying later may help
}

func (e *ReplyError) Error() string {
	parts := []string{e.Reply.Status}
	if e.Reply.Code != "" {
		parts = append(parts, "["+e.Reply.Code+"]")
	}
	if e.Reply.Enhanced != "" {
		parts = append(parts, e.Reply.Enhanced)
	}
	if e.Reply.Text != "" {
		parts = append(parts, e.Reply.Text)
	}
	s := strings.Join(parts, " ")
	if e.Reply.Command != "" {
		return "the server answered " + e.Reply.Command + " with: " + s
	}
	return "the server said: " + s
}

// ProtocolError is a dialogue that broke: a reply that makes no sense where
// it stood. Line is the offending line, as it came.
type ProtocolError struct {
	Command string // what had been asked; empty for the greeting
	Line    string
	Problem string // "no status code", "a reply to a tag that was not used", …
}

func (e *ProtocolError) Error() string {
	if e.Line == "" {
		return e.Problem
	}
	return fmt.Sprintf("%s: %q", e.Problem, e.Line)
}

// GrantError is an authorization server's "no" to a request for a token (RFC
// 6749 sections 4.1.2.1 and 5.2, RFC 8628 section 3.5).
type GrantError struct {
	Host        string // of the server
	Code        string // "invalid_grant"; empty for an answer that is none of OAuth 2.0
	Description string // its words on one line, bounded; Microsoft's begin with an AADSTS number
	Status      int    // of HTTP; zero for an answer that came by the browser
}

func (e *GrantError) Error() string {
	said := e.Said()
	if said == "" {
		said = fmt.Sprintf("HTTP status %d", e.Status)
	}
	return e.Host + " gave no token: " + said
}

// Said is the code and the words.
func (e *GrantError) Said() string {
	if e.Code == "" || e.Description == "" {
		return e.Code + e.Description
	}
	return e.Code + ": " + e.Description
}

// Fault is an error whose cause is known where it is found.
type Fault struct {
	Cause Cause
	Text  string
	Err   error // may be nil
}

func (e *Fault) Error() string {
	switch {
	case e.Err == nil:
		return e.Text
	case e.Text == "":
		return e.Err.Error()
	}
	return e.Text + ": " + e.Err.Error()
}

func (e *Fault) Unwrap() error { return e.Err }
