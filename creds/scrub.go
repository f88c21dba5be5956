package creds

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// minForm is the shortest form of a secret that is looked for. Three letters
// stand in every text by chance ("the", "535"): masking them would shred it,
// and the holes would tell the secret. So a secret of one to three bytes is
// not masked as it is, only in its encodings of four characters and more.
const minForm = 4

// Scrubber masks secrets in text that came from elsewhere: servers echo what
// they were sent, libraries put it into their errors. The zero value masks
// nothing yet; it may be used by several goroutines at once.
//
// A secret is found raw; in base64 (both alphabets, padded or not), also
// inside the base64 of something longer, such as a SASL response; percent-
// encoded as in a URL's path or query; backslash-quoted as in an IMAP quoted
// string, JSON or Go; and in hexadecimal of either case. Line breaks inside it
// do not hide it.
type Scrubber struct {
	mu    sync.RWMutex
	forms []form
}

// form is one way to write a secret.
type form struct {
	text string
	// before and after: in base64 the character next to text holds bits of
	// the secret together with bits of its neighbour, so it is masked too.
	before, after bool
}

// Add has the values masked from now on. Empty ones are passed over.
func (s *Scrubber) Add(values ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, v := range values {
		for _, f := range formsOf(v) {
			if len(f.text) >= minForm && !slices.Contains(s.forms, f) {
				s.forms = append(s.forms, f)
			}
		}
	}
}

// Scrub returns text with "[secret]" in place of every secret. Line breaks
// stay where they were, after the mask when they stood inside a secret.
func (s *Scrubber) Scrub(text string) string {
	s.mu.RLock()
	forms := s.forms // only ever appended to
	s.mu.RUnlock()
	if len(forms) == 0 || len(text) < minForm {
		return text
	}
	line := unbroken(text)
	var hidden []bool // for each byte of line; nil while nothing was found
	for _, f := range forms {
		done := 0 // what lies before it is marked already
		for at := 0; ; at++ {
			i := strings.Index(line[at:], f.text)
			if i < 0 {
				break
			}
			at += i
			if hidden == nil {
				hidden = make([]bool, len(line))
			}
			from, to := f.extend(line, at)
			for k := max(from, done); k < to; k++ {
				hidden[k] = true
			}
			done = to
		}
	}
	if hidden == nil {
		return text
	}

	var b strings.Builder
	masked := false
	k := 0 // index in line of the byte at hand
	for i := range len(text) {
		switch {
		case isBreak(text[i]):
			b.WriteByte(text[i])
			continue
		case !hidden[k]:
			b.WriteByte(text[i])
		case !masked:
			b.WriteString(mask)
		}
		masked = hidden[k]
		k++
	}
	return b.String()
}

// extend returns what to mask for an occurrence of f at this index of line.
func (f form) extend(line string, at int) (from, to int) {
	from, to = at, at+len(f.text)
	if f.before && from > 0 && isBase64(line[from-1]) {
		from--
	}
	if f.after && to < len(line) && isBase64(line[to]) {
		to++
		for n := 0; n < 2 && to < len(line) && line[to] == '='; n++ {
			to++
		}
	}
	return from, to
}

// formsOf lists the ways to write v, some of them more than once.
func formsOf(v string) []form {
	query, path := url.QueryEscape(v), url.PathEscape(v)
	component := strings.ReplaceAll(query, "+", "%20") // a literal + is %2B in query
	texts := []string{
		v,
		query, path, component,
		lowerEscapes(query), lowerEscapes(path), lowerEscapes(component),
		strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(v), // RFC 9051 section 9, quoted
		unquoted(strconv.Quote(v)),
		unquoted(strconv.QuoteToASCII(v)),
		hex.EncodeToString([]byte(v)),
		strings.ToUpper(hex.EncodeToString([]byte(v))),
	}
	if utf8.ValidString(v) { // else JSON would say \ufffd, which is no form of v
		texts = append(texts, jsonString(v, true), jsonString(v, false))
	}
	var forms []form
	for _, t := range texts {
		forms = append(forms, form{text: unbroken(t)})
	}
	for offset := range 3 {
		std, url := base64Core(v, offset)
		forms = append(forms, std, url)
	}
	return forms
}

// base64Core returns the characters of base64 that v alone decides when it
// begins at this offset (0, 1, 2) within a group of three bytes, in the
// standard and the URL alphabet (RFC 4648 sections 4 and 5).
func base64Core(v string, offset int) (std, url form) {
	all := base64.RawStdEncoding.EncodeToString(append(make([]byte, offset), v...))
	first := (offset*8 + 5) / 6
	last := max(first, (offset+len(v))*8/6)
	std = form{text: all[first:last], before: offset > 0, after: (offset+len(v))%3 > 0}
	url = std
	url.text = strings.NewReplacer("+", "-", "/", "_").Replace(std.text)
	return std, url
}

// lowerEscapes writes the hexadecimal digits of percent escapes in lower case.
func lowerEscapes(s string) string {
	b := []byte(s)
	for i := 0; i+2 < len(b); i++ {
		if b[i] == '%' {
			copy(b[i+1:], strings.ToLower(s[i+1:i+3]))
		}
	}
	return string(b)
}

func jsonString(v string, escapeHTML bool) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(escapeHTML)
	_ = enc.Encode(v) // a string always encodes
	return unquoted(strings.TrimSuffix(b.String(), "\n"))
}

func unquoted(s string) string { return s[1 : len(s)-1] }

// unbroken returns s without its line breaks.
func unbroken(s string) string {
	if !strings.ContainsAny(s, "\r\n") {
		return s
	}
	return strings.NewReplacer("\r", "", "\n", "").Replace(s)
}

func isBreak(c byte) bool { return c == '\r' || c == '\n' }

func isBase64(c byte) bool {
	return 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || '0' <= c && c <= '9' ||
		c == '+' || c == '/' || c == '-' || c == '_'
}
