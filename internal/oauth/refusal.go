package oauth

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/oauth2"

	"mailcheck/creds"
	"mailcheck/report"
)

// maxWords bounds what is kept of a server's words, in bytes. Microsoft's
// longest are about 600.
const maxWords = 1 << 10

// failure turns an error of oauth2 into one of this program: the server's "no",
// an answer that makes no sense, or the network's. The secrets that the request
// carried are masked in what the server says.
func failure(err error, host string, secrets ...creds.Secret) error {
	var refused *oauth2.RetrieveError
	var request *url.Error
	switch {
	case errors.As(err, &refused):
		e := &report.GrantError{Host: host, Code: refused.ErrorCode, Description: refused.ErrorDescription}
		if refused.Response != nil {
			e.Status = refused.Response.StatusCode
		}
		if reason := parseReason(refused.Body); reason != "" {
			e.Description = strings.TrimSpace(e.Description + " (" + reason + ")")
		}
		return tidy(e, secrets...)
	case errors.As(err, &request):
		return fmt.Errorf("%s: %w", host, request.Err)
	}
	// What is left is an answer that cannot be read. The words of oauth2 may
	// quote it.
	return &report.ProtocolError{Command: "token", Problem: host + " answered the request for a token with something else"}
}

// tidy masks secrets in a refusal, and makes its texts short and harmless.
func tidy(e *report.GrantError, secrets ...creds.Secret) *report.GrantError {
	var scrub creds.Scrubber
	for _, s := range secrets {
		scrub.Add(s.Reveal())
	}
	e.Code = clip(scrub.Scrub(e.Code), maxCode)
	e.Description = clip(scrub.Scrub(e.Description), maxWords)
	return e
}

// maxCode bounds an error code, in bytes: those that are registered have up to
// 30.
const maxCode = 100

// clip is a text on one line, cut to a length.
func clip(text string, most int) string {
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "?")), " ")
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + " ..."
	}
	return text
}

// quoted shows a foreign text so that it harms no terminal.
func quoted(text string) string { return strconv.Quote(clip(text, maxWords)) }

// parseReason reads the reason that Microsoft (suberror) and Google
// (error_subtype) add to a refusal, beside what RFC 6749 section 5.2 has.
func parseReason(body []byte) string {
	var more struct {
		Suberror string `json:"suberror"`
		Subtype  string `json:"error_subtype"`
	}
	if json.Unmarshal(body, &more) != nil {
		return ""
	}
	return strings.TrimSpace(clip(more.Suberror+" "+more.Subtype, maxCode))
}

// parseRefusal reads an error and its words (RFC 6749 section 5.2); both are
// empty for anything else.
func parseRefusal(body []byte) (code, description string) {
	var refusal struct {
		Code        string `json:"error"`
		Description string `json:"error_description"`
	}
	if json.Unmarshal(body, &refusal) != nil {
		return "", ""
	}
	return refusal.Code, refusal.Description
}
