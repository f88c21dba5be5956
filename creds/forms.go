package creds

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"html"
	"io"
	"mime/quotedprintable"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// form is one way to write a secret.
type form struct {
	text string
	// before and after: in base64 the character next to text holds bits of
	// the secret together with bits of its neighbour, so it is masked too.
	before, after bool
	// opaque: it has no words in it, so that a piece of it is not there by
	// chance.
	opaque bool
	// foreign: it is none of this program's own words.
	foreign bool
}

// formSet are forms that are looked for together. What was copied of it does not
// change.
type formSet struct {
	all []form
	// heads has, by a hash of the first two bytes, the last form that begins so, and
	// next the one before each: at most places of a text none begins, and a server
	// that tells a secret in a thousand pieces makes tens of thousands of forms. Both
	// count from one; zero is none.
	heads [pairs]int32
	next  []int32
}

// pairs is how many hashes of two bytes there are.
const pairs = 1 << 10

func setOf(forms ...form) formSet {
	var s formSet
	s.add(forms...)
	return s
}

// add puts forms, of at least two bytes each, behind the others.
func (s *formSet) add(forms ...form) {
	for _, f := range forms {
		s.all = append(s.all, f)
		hash := pairHash(f.text[0], f.text[1])
		s.next = append(s.next, s.heads[hash])
		s.heads[hash] = int32(len(s.all))
	}
}

// first is the place in all of a form that may begin with these bytes, and after
// that of one more; -1 is none.
func (s *formSet) first(one, two byte) int { return int(s.heads[pairHash(one, two)]) - 1 }

func (s *formSet) after(i int) int { return int(s.next[i]) - 1 }

// has tells whether a form is one of them.
func (s *formSet) has(f form) bool {
	for i := s.first(f.text[0], f.text[1]); i >= 0; i = s.after(i) {
		if s.all[i] == f {
			return true
		}
	}
	return false
}

func pairHash(one, two byte) int { return (int(one)*37 ^ int(two)) & (pairs - 1) }

// isForeign tells whether text can be none of this program's own words, names
// of steps and hosts. Digits alone do not make it so: "IMAP4rev1".
func isForeign(text string) bool {
	return len(text) >= shortGram && strings.ContainsFunc(text, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune(" .-_:", r))
	}) || len(text) >= longGram && strings.ContainsAny(text, "0123456789")
}

// inQuotes quotes what has a meaning in a quoted string of IMAP (RFC 9051
// section 9).
var inQuotes = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// inURL is the alphabet for URLs in place of the standard one (RFC 4648 section 5).
var inURL = strings.NewReplacer("+", "-", "/", "_")

// inName quotes what has a meaning in the name of a certificate's owner, as
// [crypto/x509/pkix.Name] writes it (RFC 2253 section 2.4).
var inName = strings.NewReplacer(`\`, `\\`, `"`, `\"`, ",", `\,`, "+", `\+`, "<", `\<`, ">", `\>`, ";", `\;`)

// maxTexts is how many texts are made of one secret at first, at most.
const maxTexts = 64

// formsOf lists the ways to write v, some of them more than once; v itself
// comes first.
func formsOf(v string) []form {
	texts := append(make([]string, 0, maxTexts), v, reversed(v))
	encoded := inCharsets(v)
	for _, bytes := range encoded {
		query, path, printable := url.QueryEscape(bytes), url.PathEscape(bytes), quotedPrintable(bytes)
		component := strings.ReplaceAll(query, "+", "%20") // a literal + is %2B in query
		texts = append(texts, bytes,
			query, path, component,
			lowerEscapes(query, '%'), lowerEscapes(path, '%'), lowerEscapes(component, '%'),
			printable, lowerEscapes(printable, '='))
	}
	texts = append(texts,
		inQuotes.Replace(v),
		unquoted(strconv.QuoteToASCII(v)),
		html.EscapeString(v))
	if utf8.ValidString(v) { // else JSON would say \ufffd, which is no form of v
		texts = append(texts, jsonString(v, true), jsonString(v, false))
	}
	// As we ourselves write what others said, too. A plain secret has one form
	// in most of these, so what comes again is passed over early.
	for _, t := range texts {
		if ascii := inASCII(t); ascii != t {
			texts = append(texts, ascii)
		}
	}
	forms := make([]form, 0, maxTexts)
	add := func(text string) {
		if f := (form{text: visible(text)}); !slices.Contains(forms, f) {
			forms = append(forms, f)
		}
	}
	for i, t := range texts {
		if slices.Contains(texts[:i], t) {
			continue
		}
		add(t)
		name := inName.Replace(t)
		if name != t {
			add(name)
		}
		for _, text := range []string{t, name} {
			if !plain(text) || strings.ContainsAny(text, `"\`) { // else it is quoted as it is
				add(unquoted(strconv.Quote(text)))
			}
		}
	}
	for _, bytes := range encoded {
		lower := hex.EncodeToString([]byte(bytes))
		forms = append(forms, form{text: lower, opaque: true}, form{text: strings.ToUpper(lower), opaque: true})
		pairs := spacedHex(lower)
		for _, spaced := range []string{pairs, strings.ToUpper(pairs)} {
			forms = append(forms, form{text: spaced}, form{text: strings.ReplaceAll(spaced, " ", ":")})
		}
		for offset := range 3 {
			std, url := base64Core(bytes, offset)
			if forms = append(forms, std); url != std {
				forms = append(forms, url)
			}
		}
	}
	return forms
}

// inCharsets returns v as bytes of the encodings that servers use: UTF-8,
// Latin-1 where it has all the characters, UTF-16 of either byte order.
func inCharsets(v string) []string {
	all := []string{v}
	if !utf8.ValidString(v) {
		return all
	}
	var latin, little, big []byte
	inLatin := true
	for _, r := range v {
		inLatin = inLatin && r <= 0xff
		latin = append(latin, byte(r))
	}
	for _, u := range utf16.Encode([]rune(v)) {
		little = append(little, byte(u), byte(u>>8))
		big = append(big, byte(u>>8), byte(u))
	}
	if inLatin && string(latin) != v {
		all = append(all, string(latin))
	}
	return append(all, string(little), string(big))
}

// base64Core returns the characters of base64 that v alone decides when it
// begins at this offset (0, 1, 2) within a group of three bytes, in the
// standard and the URL alphabet (RFC 4648 sections 4 and 5).
func base64Core(v string, offset int) (std, url form) {
	all := base64.RawStdEncoding.EncodeToString(append(make([]byte, offset), v...))
	first := (offset*8 + 5) / 6
	last := max(first, (offset+len(v))*8/6)
	std = form{text: all[first:last], before: offset > 0, after: (offset+len(v))%3 > 0, opaque: true}
	url = std
	url.text = inURL.Replace(std.text)
	return std, url
}

func isBase64(c byte) bool {
	return 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || '0' <= c && c <= '9' ||
		c == '+' || c == '/' || c == '-' || c == '_'
}

// inASCII is v as a program shows it that knows no other characters.
func inASCII(v string) string {
	return strings.Map(func(r rune) rune {
		if r > unicode.MaxASCII {
			return '?'
		}
		return r
	}, v)
}

func reversed(v string) string {
	runes := []rune(v)
	slices.Reverse(runes)
	return string(runes)
}

// lowerEscapes writes the hexadecimal digits of escapes in lower case.
func lowerEscapes(s string, sign byte) string {
	if strings.IndexByte(s, sign) < 0 {
		return s
	}
	b := []byte(s)
	for i := 0; i+2 < len(b); i++ {
		if b[i] == sign {
			copy(b[i+1:], strings.ToLower(s[i+1:i+3]))
		}
	}
	return string(b)
}

// quotedPrintable is RFC 2045 section 6.7, without its soft line breaks.
func quotedPrintable(v string) string {
	var b strings.Builder
	w := quotedprintable.NewWriter(&b)
	_, _ = io.WriteString(w, v) // a strings.Builder takes all
	_ = w.Close()
	return strings.ReplaceAll(b.String(), "=\r\n", "")
}

func jsonString(v string, escapeHTML bool) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(escapeHTML)
	_ = enc.Encode(v) // a string always encodes
	return unquoted(strings.TrimSuffix(b.String(), "\n"))
}

// spacedHex puts blanks between the bytes of hexadecimal digits.
func spacedHex(digits string) string {
	var b strings.Builder
	b.Grow(len(digits) * 3 / 2)
	for i := 0; i < len(digits); i += 2 {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(digits[i : i+2])
	}
	return b.String()
}

func unquoted(s string) string { return s[1 : len(s)-1] }
