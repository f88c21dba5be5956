package diagnose

import (
	"bytes"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
	utf16 "golang.org/x/text/encoding/unicode"

	"mailcheck/internal/lazyre"
)

// decoded returns pasted bytes as text. Servers write in the encoding of their
// country and do not say which: what is not UTF-8 is read as the first of the
// others that makes sense.
func decoded(text string) string {
	if strings.HasPrefix(text, "\xff\xfe") || strings.HasPrefix(text, "\xfe\xff") { // PowerShell's > writes it
		s, _ := utf16.UTF16(utf16.LittleEndian, utf16.UseBOM).NewDecoder().String(text)
		return s
	}
	text = strings.TrimPrefix(text, "\ufeff")
	if strings.Contains(text, "\x1b$") || strings.Contains(text, "\x1b(J") { // RFC 1468: escapes, seven bits
		if s, ok := decode(japanese.ISO2022JP, text); ok {
			return s
		}
	}
	if utf8.ValidString(text) {
		return text
	}
	// Hiragana is what tells Japanese: nearly every sentence has some, and the
	// bytes of the other encodings come out as something else.
	if s, ok := decode(japanese.ShiftJIS, text); ok && strings.ContainsFunc(s, hiragana) {
		return s
	}
	if s, ok := decode(simplifiedchinese.GBK, text); ok {
		// GBK has the kana where EUC-JP has them.
		if euc, ok := decode(japanese.EUCJP, text); ok && strings.ContainsFunc(s, hiragana) {
			return euc
		}
		return s
	}
	s, _ := decode(charmap.Windows1252, text)
	return s
}

// decode is false for bytes that the encoding does not have.
func decode(e encoding.Encoding, text string) (string, bool) {
	s, err := e.NewDecoder().String(text)
	return s, err == nil && !strings.ContainsRune(s, utf8.RuneError)
}

func hiragana(r rune) bool { return unicode.Is(unicode.Hiragana, r) }

// latinRun is what two or more Chinese characters of GBK look like when a
// program has taken them for Latin-1.
var latinRun = lazyre.New("[\u0080-\u00ff]{4,}")

// restored returns the Chinese text that stands in another as Latin-1; empty
// when there is none.
func restored(text string) string {
	var found []string
	for _, run := range latinRun.FindAllString(text, -1) {
		raw, err := charmap.ISO8859_1.NewEncoder().String(run)
		if err != nil || utf8.ValidString(raw) {
			continue
		}
		if s, ok := decode(simplifiedchinese.GBK, raw); ok {
			found = append(found, s)
		}
	}
	return strings.Join(found, " ")
}

// escape is one that Python, Go, Java and JSON write into quoted text.
var escape = lazyre.New(`(?:\\x[0-9a-fA-F]{2})+|\\u[0-9a-fA-F]{4}|\\r\\n|\\[rnt"'/]`)

// unescaped replaces the escapes in quoted text by what they stand for. A
// backslash before anything else stays (DOMAIN\user).
func unescaped(text string) string {
	if !strings.Contains(text, `\`) {
		return text
	}
	return escape.ReplaceAllStringFunc(text, func(e string) string {
		switch e[1] {
		case 'x':
			var raw bytes.Buffer
			for hex := range strings.SplitSeq(e[2:], `\x`) {
				b, err := strconv.ParseUint(hex, 16, 8)
				if err != nil {
					return e
				}
				raw.WriteByte(byte(b))
			}
			return decoded(raw.String())
		case 'u':
			r, err := strconv.ParseUint(e[2:], 16, 16)
			if err != nil || !utf8.ValidRune(rune(r)) {
				return e
			}
			return string(rune(r))
		case 'r', 'n':
			return "\n"
		case 't':
			return " "
		}
		return e[1:]
	})
}
