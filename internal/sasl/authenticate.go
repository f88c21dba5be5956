package sasl

import (
	"encoding/base64"
	"errors"
	"fmt"

	"mailcheck/report"
)

// Exchange is one protocol's framing of a login: AUTH (RFC 4954, RFC 5034) or
// AUTHENTICATE (RFC 9051 section 6.2.2). It puts responses into base64, takes
// challenges out of it, and returns the server's refusal as a
// [report.ReplyError].
type Exchange interface {
	// Begin sends the command. A nil ir means without an initial response; an
	// empty one is written "=".
	Begin(mechanism string, ir []byte) (Answer, error)
	// Reply answers a challenge. An empty response is an empty line, not "=".
	Reply(response []byte) (Answer, error)
	// Cancel answers a challenge with "*" and reads what the server says to
	// that, which should be a refusal.
	Cancel() (Answer, error)
}

// Answer is what a server says to a line of the login that it does not refuse.
type Answer struct {
	Done      bool   // success; else there is a challenge
	Challenge []byte // decoded; may be empty
}

// Options are what a protocol says about its framing.
type Options struct {
	// MaxInitial is the longest initial response, in characters of base64,
	// that the command line has room for. A longer one waits for the server's
	// empty challenge. Zero: the command takes none (IMAP without SASL-IR).
	MaxInitial int
}

// Authenticate logs in. The server's refusal is returned as the exchange gave
// it. Where the client cannot go on, the server is told so ("*"), so that the
// connection stays usable, and the error holds both the client's reason and
// the server's answer. A success counts only when the mechanism had come to
// its end; see [Client.Finish].
func Authenticate(client Client, ex Exchange, opts Options) error {
	mechanism, ir, err := client.Start()
	if err != nil {
		return err
	}
	var waiting []byte // an initial response that did not go with the command
	if ir != nil && encodedLen(ir) > opts.MaxInitial {
		waiting, ir = ir, nil
	}
	answer, err := ex.Begin(mechanism, ir)
	for n := 1; err == nil && !answer.Done; n++ {
		var response []byte
		switch {
		case n > maxChallenges:
			return cancel(ex, &report.Fault{Cause: report.ServerHostile,
				Text: fmt.Sprintf("the server sent more than %d challenges", maxChallenges)})
		case len(answer.Challenge) > maxChallenge:
			return cancel(ex, &report.Fault{Cause: report.ServerHostile,
				Text: fmt.Sprintf("the server sent a challenge longer than %d bytes", maxChallenge)})
		case waiting != nil:
			// It should be empty (RFC 4954 section 4); some servers prompt.
			response, waiting = waiting, nil
		default:
			if response, err = client.Next(answer.Challenge); err != nil {
				return cancel(ex, err)
			}
		}
		answer, err = ex.Reply(response)
	}
	switch {
	case err != nil:
		return err
	case waiting != nil:
		return early(mechanism)
	}
	return client.Finish()
}

// cancel ends a login that the client cannot go on with, and returns why,
// with the server's last word as evidence.
func cancel(ex Exchange, why error) error {
	_, err := ex.Cancel()
	if err == nil {
		err = errors.New("the server does not take it as cancelled")
	}
	return cancelled(why, err)
}

// cancelled is the error of a login that was cancelled. A refusal of what was
// cancelled judges no secret, so it is told by its text alone.
func cancelled(why, err error) error {
	var refusal *report.ReplyError
	if errors.As(err, &refusal) {
		return fmt.Errorf("%w (login cancelled: %v)", why, err)
	}
	return fmt.Errorf("%w (login cancelled: %w)", why, err)
}

// encodedLen is the length of an initial response on the command line.
func encodedLen(ir []byte) int {
	if len(ir) == 0 {
		return len("=")
	}
	return base64.StdEncoding.EncodedLen(len(ir))
}
