package imap

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf16"
)

// status takes in an untagged status response. Of those go-imap is shown only
// the numbers of the mailbox that is being opened: CLOSED would make it forget
// which one is open, CAPABILITY can keep it busy for ever. g.mu is held.
func (g *guard) status(r *reply) {
	switch {
	case r.status == "BYE":
		g.heard.bye = r
	case r.status == "NO", r.status == "BAD", r.status == "OK" && r.code == "ALERT":
		g.heard.said = appendSaid(g.heard.said, r.text)
	case r.status == "OK" && (r.code == "UIDNEXT" || r.code == "UIDVALIDITY"):
		if n := (&scanner{rest: r.args}).number(); n > 0 && g.underWay("EXAMINE", "SELECT") != nil {
			g.out = fmt.Appendf(nil, "* OK [%s %d] noted\r\n", r.code, n)
		}
	}
}

// data writes anew what may pass of a response that carries data (RFC 9051
// section 7.2 and on); nothing for the rest. g.mu is held.
func (g *guard) data(r *response) ([]byte, error) {
	s := r.scan()
	_ = s.atom() // "*"
	if !s.skip(' ') {
		return nil, errMalformed
	}
	word := s.atom()
	if n := (&scanner{rest: word}).number(); n > 0 || word == "0" {
		if !s.skip(' ') {
			return nil, errMalformed
		}
		switch kind := strings.ToUpper(s.atom()); {
		case kind == "EXISTS" && n <= math.MaxInt32:
			return fmt.Appendf(nil, "* %d EXISTS\r\n", n), nil
		case kind == "FETCH" && n > 0:
			return nil, g.fetch(n, s)
		}
		return nil, nil
	}
	switch strings.ToUpper(word) {
	case "CAPABILITY":
		if g.underWay("CAPABILITY") != nil {
			g.heard.caps = parseCapabilities(s.rest)
		}
	case "LIST":
		return g.list(s)
	case "SEARCH":
		g.search(s)
	}
	return nil, nil
}

// search keeps the numbers of a SEARCH response, up to what is none, and up to
// a bounded number. g.mu is held.
func (g *guard) search(s *scanner) {
	a := g.underWay("UID SEARCH")
	for a != nil && len(a.numbers) < maxNumbers && s.skip(' ') {
		n := s.number()
		if n == 0 {
			return
		}
		a.numbers = append(a.numbers, n)
	}
}

// uses are the attributes of a folder that matter here (RFC 6154 section 2,
// RFC 9051 section 7.3.1).
var uses = []string{`\Junk`, `\Sent`, `\All`, `\Trash`, `\Noselect`, `\NonExistent`}

// list writes a LIST response anew: the attributes that matter, the delimiter
// and the name.
func (g *guard) list(s *scanner) ([]byte, error) {
	a := g.underWay("LIST")
	if a == nil || a.folders >= maxFolders {
		return nil, nil
	}
	a.folders++
	if !s.skip(' ') || !s.skip('(') {
		return nil, errMalformed
	}
	var attributes []string
	for !s.skip(')') {
		if s.skip(' ') {
			continue
		}
		attribute := s.atom()
		if attribute == "" {
			return nil, errMalformed
		}
		for _, use := range uses {
			if strings.EqualFold(use, attribute) && !slices.Contains(attributes, use) {
				attributes = append(attributes, use)
			}
		}
	}
	if !s.skip(' ') {
		return nil, errMalformed
	}
	delimiter, err := s.nstring()
	if err != nil || !s.skip(' ') || len(delimiter) > 1 {
		return nil, errMalformed
	}
	name, isString, err := s.str()
	if err != nil {
		return nil, err
	}
	if !isString {
		name = []byte(s.atom())
	}
	if !isFolderName(name) || len(delimiter) == 1 && !isPrintable(delimiter) {
		return nil, errMalformed
	}
	out := fmt.Appendf(nil, "* LIST (%s) ", strings.Join(attributes, " "))
	if len(delimiter) == 0 {
		out = append(out, "NIL"...)
	} else {
		out = appendQuoted(out, delimiter)
	}
	return append(appendQuoted(append(out, ' '), name), "\r\n"...), nil
}

// fetch keeps what a FETCH response brings for the first command under way that
// asked for this of this message and has not had it yet. g.mu is held.
func (g *guard) fetch(seq uint32, s *scanner) error {
	if !s.skip(' ') || !s.skip('(') {
		return errMalformed
	}
	var uid uint32
	sections := map[string][]byte{}
	for !s.skip(')') {
		if s.skip(' ') {
			continue
		}
		name := strings.ToUpper(s.attribute())
		section, isBody := strings.CutPrefix(name, "BODY[")
		if name == "" || !s.skip(' ') {
			return errMalformed
		}
		var err error
		switch {
		case name == "UID":
			uid = s.number()
		case isBody:
			sections[sectionKey(strings.TrimSuffix(section, "]"))], err = s.nstring()
		default:
			err = s.discard()
		}
		if err != nil {
			return err
		}
	}
	if uid == 0 {
		return errMalformed
	}
	for _, a := range g.asked {
		text, has := sections[a.section]
		if !has || !a.wants(seq, uid) {
			continue
		}
		a.headers = append(a.headers, header{uid, text})
		return nil
	}
	return nil
}

// wants tells whether a FETCH asked for this message and has not had it yet.
func (a *asked) wants(seq, uid uint32) bool {
	n := seq
	if a.byUID {
		n = uid
	}
	return a.section != "" && len(a.headers) < maxFetched && (n == a.from || n > a.from && !a.alone) &&
		!slices.ContainsFunc(a.headers, func(h header) bool { return h.uid == uid })
}

// appendQuoted writes printable ASCII as a quoted string.
func appendQuoted(out, value []byte) []byte {
	out = append(out, '"')
	for _, c := range value {
		if c == '"' || c == '\\' {
			out = append(out, '\\')
		}
		out = append(out, c)
	}
	return append(out, '"')
}

// isPrintable tells text of printable ASCII alone.
func isPrintable(text []byte) bool {
	return !bytes.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' })
}

// isFolderName tells a name in modified UTF-7 (RFC 3501 section 5.1.3): go-imap
// gives the connection up at any other.
func isFolderName(name []byte) bool {
	if len(name) == 0 || len(name) > maxFolderName || !isPrintable(name) {
		return false
	}
	joined := false // the text is right behind an encoded part
	for len(name) > 0 {
		if name[0] != '&' {
			name, joined = name[1:], false
			continue
		}
		encoded, rest, ended := bytes.Cut(name[1:], []byte("-"))
		switch {
		case !ended, len(encoded) > 0 && (joined || !isEncoded(encoded)):
			return false
		}
		name, joined = rest, len(encoded) > 0
	}
	return true
}

// isEncoded tells UTF-16 in base64 with "," for "/" and without padding, that
// has no character that could stand for itself.
func isEncoded(encoded []byte) bool {
	units, err := base64.NewEncoding(utf7Alphabet).WithPadding(base64.NoPadding).DecodeString(string(encoded))
	if err != nil || len(units) == 0 || len(units)%2 != 0 {
		return false
	}
	for i := 0; i < len(units); i += 2 {
		r := rune(units[i])<<8 | rune(units[i+1])
		if utf16.IsSurrogate(r) {
			if i += 2; i == len(units) || utf16.DecodeRune(r, rune(units[i])<<8|rune(units[i+1])) == '\uFFFD' {
				return false
			}
		} else if ' ' <= r && r <= '~' {
			return false
		}
	}
	return true
}

const utf7Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,"
