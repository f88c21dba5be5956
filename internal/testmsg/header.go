package testmsg

import (
	"bytes"
	"strings"
	"unicode"
)

// The bounds of a header that is read.
const (
	// maxHeader is how much of a header is looked at. Long ones, full of ARC and
	// antispam fields, have 30 KiB.
	maxHeader = 256 << 10
	maxFields = 1000
	// maxText bounds a word that is kept, in bytes: a domain name.
	maxText = 255
)

// field is a header field, unfolded.
type field struct{ name, value string }

// is compares names (RFC 5322 section 1.2.2: any case).
func (f field) is(name string) bool { return strings.EqualFold(f.name, name) }

// readFields takes a header apart, up to its empty line. It takes what servers
// and their archives send: a byte order mark, bare LF, a space before the
// colon (RFC 5322 section 4.5), lines that are no field.
func readFields(header []byte) []field {
	header = header[:min(len(header), maxHeader)]
	header = bytes.TrimPrefix(header, []byte("\ufeff"))
	var (
		fields []field
		name   string // of the field that is being read; empty when there is none
		value  []byte
	)
	end := func() {
		if name != "" && len(fields) < maxFields {
			fields = append(fields, field{name, string(bytes.TrimSpace(value))})
		}
		value = value[:0]
	}
	for line := range bytes.Lines(header) {
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			break
		}
		if line[0] == ' ' || line[0] == '\t' { // folded, RFC 5322 section 2.2.3
			value = append(append(value, ' '), bytes.TrimSpace(line)...)
			continue
		}
		end()
		before, after, found := bytes.Cut(line, []byte(":"))
		name = string(bytes.TrimRight(before, " \t"))
		if !found || !isFieldName(name) {
			name = ""
		}
		value = append(value, after...)
	}
	end()
	return fields
}

// isFieldName: RFC 5322 section 3.6.8.
func isFieldName(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return s != ""
}

// clauses splits a structured field value at its semicolons. Comments (RFC
// 5322 section 3.2.2, they nest) become a space; semicolons in quoted strings
// do not count, and the quotes go.
func clauses(value string) []string {
	var (
		out     []string
		b       strings.Builder
		depth   int
		quoted  bool
		escaped bool
	)
	for _, r := range value {
		switch {
		case escaped:
			escaped = false
			if depth == 0 {
				b.WriteRune(r)
			}
		case r == '\\' && (quoted || depth > 0):
			escaped = true
		case r == '(' && !quoted:
			depth++
		case depth > 0 && r == ')':
			depth--
			b.WriteByte(' ')
		case depth > 0:
		case r == '"':
			quoted = !quoted
		case r == ';' && !quoted:
			out = append(out, strings.TrimSpace(b.String()))
			b.Reset()
		default:
			b.WriteRune(r)
		}
	}
	return append(out, strings.TrimSpace(b.String()))
}

// clean strips a foreign text of what is not printable and cuts it.
func clean(text string) string {
	text = strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, text)
	if len(text) > maxText {
		text = strings.ToValidUTF8(text[:maxText], "")
	}
	return text
}
