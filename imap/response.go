package imap

import (
	"errors"
	"strconv"
	"strings"

	"mailcheck/report"
	"mailcheck/wire"
)

// errMalformed is a response that does not follow the grammar. Its lines and
// literals were read whole, so it can be left out.
var errMalformed = errors.New("a malformed response")

// response is one response, whole: text[i] is followed by literals[i].
type response struct {
	text     []string
	literals [][]byte
	line     [1]string // what text is where there is no literal
}

// readResponse reads what belongs to a response whose first line has been
// read. A literal is refused by its announced size, before it is read.
func readResponse(conn *wire.Conn, line string) (*response, error) {
	r := &response{}
	r.text = r.line[:0]
	for {
		text, size, announced, err := cutLiteral(line)
		if err != nil {
			return nil, err
		}
		r.text = append(r.text, text)
		if !announced {
			return r, nil
		}
		if len(r.literals) >= maxLiterals {
			return nil, &report.ProtocolError{Line: line, Problem: "a response with too many literals"}
		}
		data, err := conn.ReadN(size)
		if err != nil {
			return nil, err
		}
		r.literals = append(r.literals, data)
		if line, err = conn.ReadLine(); err != nil {
			return nil, err
		}
	}
}

// cutLiteral takes the announcement of a literal off the end of a line (RFC
// 9051 section 4.3).
func cutLiteral(line string) (text string, size int, announced bool, err error) {
	start := strings.LastIndexByte(line, '{')
	if start < 0 || !strings.HasSuffix(line, "}") {
		return line, 0, false, nil
	}
	number := line[start+1 : len(line)-1]
	if strings.Trim(number, "0123456789+-") != "" {
		return line, 0, false, nil
	}
	n, err := strconv.ParseUint(number, 10, 63)
	switch {
	case errors.Is(err, strconv.ErrRange), err == nil && n > maxLiteral:
		return "", 0, false, &wire.LimitError{What: "literal", Limit: maxLiteral}
	case err != nil:
		return "", 0, false, &report.ProtocolError{Line: line, Problem: "a literal without a size"}
	}
	return strings.TrimSuffix(line[:start], "~"), int(n), true, nil // "~" begins a literal8 (RFC 9051 section 9)
}

// scanner reads a response from left to right.
type scanner struct {
	*response
	i    int    // where in text
	rest string // what is left of text[i]
}

func (r *response) scan() *scanner { return &scanner{response: r, rest: r.text[0]} }

// skip takes this one byte if it comes next.
func (s *scanner) skip(c byte) bool {
	if s.rest == "" || s.rest[0] != c {
		return false
	}
	s.rest = s.rest[1:]
	return true
}

// atom takes the characters up to a space, a parenthesis, a quote or the end;
// empty when there are none.
func (s *scanner) atom() string {
	n := strings.IndexAny(s.rest, " ()\"")
	if n < 0 {
		n = len(s.rest)
	}
	atom := s.rest[:n]
	s.rest = s.rest[n:]
	return atom
}

// number takes an nz-number (RFC 9051 section 9); zero when there is none.
func (s *scanner) number() uint32 {
	n, err := strconv.ParseUint(s.atom(), 10, 32)
	if err != nil {
		return 0
	}
	return uint32(n)
}

// str takes a string, quoted or as a literal; isString is false when neither
// comes next.
func (s *scanner) str() (value []byte, isString bool, err error) {
	switch {
	case s.rest == "" && s.i < len(s.literals):
		value = s.literals[s.i]
		s.i++
		s.rest = s.text[s.i]
		return value, true, nil
	case !s.skip('"'):
		return nil, false, nil
	}
	for s.rest != "" {
		c := s.rest[0]
		s.rest = s.rest[1:]
		switch {
		case c == '"':
			return value, true, nil
		case c == '\\' && s.rest != "":
			c = s.rest[0]
			s.rest = s.rest[1:]
		}
		value = append(value, c)
	}
	return nil, false, errMalformed
}

// nstring takes a string or NIL, which is empty.
func (s *scanner) nstring() ([]byte, error) {
	value, isString, err := s.str()
	if err != nil || isString {
		return value, err
	}
	if strings.EqualFold(s.atom(), "NIL") {
		return nil, nil
	}
	return nil, errMalformed
}

// attribute takes the name of a FETCH item, its section included:
// "BODY[HEADER.FIELDS (Subject)]".
func (s *scanner) attribute() string {
	n := strings.IndexAny(s.rest, " ()[")
	if n >= 0 && s.rest[n] == '[' {
		end := strings.IndexByte(s.rest, ']')
		if end < 0 {
			return ""
		}
		n = end + 1
	}
	if n < 0 {
		return ""
	}
	name := s.rest[:n]
	s.rest = s.rest[n:]
	return name
}

// discard takes a value of any kind.
func (s *scanner) discard() error {
	for depth := 0; ; {
		switch {
		case s.skip('('):
			if depth++; depth > maxDepth {
				return errMalformed
			}
		case depth > 0 && s.skip(')'):
			depth--
		case depth > 0 && s.skip(' '):
			continue
		default:
			if _, isString, err := s.str(); err != nil {
				return err
			} else if !isString && s.atom() == "" {
				return errMalformed
			}
		}
		if depth == 0 {
			return nil
		}
	}
}
