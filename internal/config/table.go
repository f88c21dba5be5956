package config

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/pflag"

	"mailcheck/creds"
)

// nameColumn holds the names of the accounts, which need none in a table.
const nameColumn = "name"

// Table reads accounts from CSV (RFC 4180), a row each, and holds none of them.
// Its first row names the columns: address, name, and the flags of Keys.Account.
// An empty field says nothing; what may be given several times stands in one
// field, with blanks between.
type Table struct {
	reader  reader
	csv     *csv.Reader
	columns []string
	over    bool // nothing after this can be read
}

// NewTable reads the first row. Its error is [Faults].
func NewTable(name string, in io.Reader, keys Keys) (*Table, error) {
	text := bufio.NewReader(in)
	start, _ := text.Peek(3) // a table without rows may have less
	if string(start) == "\ufeff" {
		_, _ = text.Discard(len(start)) // as spreadsheets write it
	} else if bytes.HasPrefix(start, []byte("\xff\xfe")) || bytes.HasPrefix(start, []byte("\xfe\xff")) {
		return nil, Faults{{File: name, Text: encodingFlaw(start)}}
	}
	t := &Table{reader: reader{file: &File{Name: name}, keys: keys}, csv: csv.NewReader(text)}
	t.csv.ReuseRecord, t.csv.TrimLeadingSpace = true, true
	head, err := t.csv.Read()
	if errors.Is(err, io.EOF) {
		t.reader.fault(Place{1, 1}, "it is empty; its first line names the columns: address, and what flags there are to give")
	} else if err != nil {
		t.broken(err)
	}
	for _, column := range head {
		t.columns = append(t.columns, strings.ToLower(strings.TrimSpace(column)))
	}
	if len(t.columns) > 0 {
		t.judgeHead()
	}
	return t, t.faults()
}

// judgeHead judges the names of the columns. Without an address among them the
// row may be no head at all, and nothing of it is repeated.
func (t *Table) judgeHead() {
	if !slices.Contains(t.columns, addressKey) {
		text := `the first line names the columns, and there is no "address"`
		for _, c := range t.columns {
			if nearest(c, []string{addressKey}) != "" {
				text += fmt.Sprintf("; did you mean it by %q?", c)
			}
		}
		if len(t.columns) == 1 && strings.Contains(t.columns[0], ";") {
			text += "; commas stand between them, not semicolons"
		}
		t.reader.fault(t.place(0), text)
		return
	}
	for i, c := range t.columns {
		switch {
		case slices.Contains(t.columns[:i], c):
			t.reader.fault(t.place(i), fmt.Sprintf("there are two columns %q", c))
		case c != addressKey && c != nameColumn && t.reader.keys.Account.Lookup(c) == nil:
			t.reader.fault(t.place(i), t.unknown(c))
		}
	}
}

// unknown says what is wrong with a column that a table cannot have.
func (t *Table) unknown(column string) string {
	all := []string{addressKey, nameColumn}
	t.reader.keys.Account.VisitAll(func(f *pflag.Flag) { all = append(all, f.Name) })
	near := nearest(column, all)
	switch {
	case slices.Contains(t.reader.keys.Elsewhere, column):
		return fmt.Sprintf("%q cannot be a column: it is for the command line alone", column)
	case near != "":
		return fmt.Sprintf("there is no column %q; did you mean %q?", column, near)
	case isSecret(column):
		return noSecrets(column)
	}
	return fmt.Sprintf("there is no column %q; there are %s", column, strings.Join(all, ", "))
}

// Next returns the next account. Its error is io.EOF behind the last, or [Faults]
// of this row, beside which it returns what is right.
func (t *Table) Next() (Section, error) {
	if t.over {
		return Section{}, io.EOF
	}
	t.reader.faults = nil
	row, err := t.csv.Read()
	switch {
	case errors.Is(err, io.EOF):
		return Section{}, io.EOF
	case errors.Is(err, csv.ErrFieldCount):
		t.reader.fault(t.place(0), fmt.Sprintf("it has %d fields, and the first line %d", len(row), len(t.columns)))
		return Section{Place: t.place(0)}, t.faults()
	case err != nil:
		t.over = true
		t.broken(err)
		return Section{}, t.faults()
	}
	s := Section{Place: t.place(0)}
	for i, field := range row {
		field = strings.TrimSpace(field)
		switch column := t.columns[i]; {
		case !utf8.ValidString(field):
			t.reader.fault(t.place(i), column+" is not plain text in UTF-8")
		case column == addressKey:
			s.Address = field
			if _, err := creds.ParseAddress(field); err != nil {
				t.reader.fault(t.place(i), "address: "+err.Error())
			}
		case column == nameColumn:
			s.Name = field
			if strings.ContainsFunc(field, func(c rune) bool { return !unicode.IsPrint(c) }) {
				t.reader.fault(t.place(i), "name has characters that cannot be shown")
			}
		case field != "":
			t.field(&s, t.reader.keys.Account.Lookup(column), field, t.place(i))
		}
	}
	return s, t.faults()
}

// field takes the field of a flag.
func (t *Table) field(s *Section, flag *pflag.Flag, text string, at Place) {
	values := []string{text}
	kind := flag.Value.Type()
	if kind == "stringArray" {
		values = strings.Fields(text)
	}
	for i, value := range values {
		if err := flag.Value.Set(value); err != nil {
			t.reader.fault(at, flag.Name+" "+fieldTakes[kind])
			return
		}
		if yes, err := strconv.ParseBool(value); err == nil && kind == "bool" {
			values[i] = strconv.FormatBool(yes)
		}
	}
	t.reader.keep(s, Setting{Flag: flag.Name, Values: values, Place: at})
}

// fieldTakes are what the flags of each type take that do not take any text.
var fieldTakes = map[string]string{
	"bool":     "takes true or false",
	"duration": "takes a duration, as in 90s or 2m",
}

// place is where a field of the row begins.
func (t *Table) place(field int) Place {
	line, column := t.csv.FieldPos(field)
	return Place{line, column}
}

// broken notes what is no CSV.
func (t *Table) broken(err error) {
	var syntax *csv.ParseError
	if errors.As(err, &syntax) {
		t.reader.fault(Place{syntax.Line, syntax.Column}, syntax.Err.Error())
		return
	}
	t.reader.fault(Place{}, err.Error())
}

func (t *Table) faults() error {
	if len(t.reader.faults) > 0 {
		return t.reader.faults
	}
	return nil
}
