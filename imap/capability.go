package imap

import (
	"context"
	"slices"
	"strings"

	"mailcheck/report"
)

// parseCapabilities reads a capability list (RFC 9051 section 7.2.2), up to
// maxCapabilities names; what is no name is left out. The result is never nil.
func parseCapabilities(words string) []string {
	caps := []string{}
	for word := range strings.FieldsSeq(words) {
		if isCapability(word) && len(caps) < maxCapabilities {
			caps = append(caps, word)
		}
	}
	return caps
}

// isCapability tells a capability name by the characters that registered ones
// consist of.
func isCapability(word string) bool {
	if len(word) > maxCapability {
		return false
	}
	for i, c := range []byte(word) {
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		if !letter && (i == 0 || !strings.ContainsRune("-+=._/:", rune(c))) {
			return false
		}
	}
	return true
}

// capability is the step "capability". The list may have come with the
// greeting; else it is asked for.
func (s *Session) capability(ctx context.Context, subject string) error {
	return s.rec.RunSubject(ctx, "capability", subject, func(ctx context.Context, step *report.Step) error {
		if s.caps != nil {
			step.Detail = "named in the greeting"
		} else {
			defer s.conn.Bind(ctx)()
			r, err := s.command("CAPABILITY")
			if err != nil {
				return err
			}
			if err := r.err("CAPABILITY"); err != nil {
				return err
			}
			if s.caps == nil {
				return &report.ProtocolError{Command: "CAPABILITY", Line: r.line, Problem: "a reply without the capabilities"}
			}
		}
		s.conn.Announced(s.rec, s.caps)
		return nil
	})
}

// saslNames are the SASL mechanisms among capabilities (RFC 9051 section 7.2.2).
func saslNames(caps []string) []string {
	var names []string
	for _, c := range caps {
		if len(c) > 5 && strings.EqualFold(c[:5], "AUTH=") {
			names = append(names, c[5:])
		}
	}
	return names
}

// name takes in a list of capabilities: the last one counts, but for the
// mechanisms, of which none is forgotten.
func (s *Session) name(caps []string) {
	s.caps = caps
	for _, name := range saslNames(caps) {
		if len(s.earlier) < maxCapabilities && !slices.Contains(s.earlier, name) {
			s.earlier = append(s.earlier, name)
		}
	}
}

// offers tells whether the server has named one of these capabilities. Until
// it names those of after the login, the ones of before are taken for them.
func (s *Session) offers(names ...string) bool {
	caps := s.caps
	if caps == nil {
		caps = s.before
	}
	for _, c := range caps {
		for _, name := range names {
			if strings.EqualFold(c, name) {
				return true
			}
		}
	}
	return false
}
