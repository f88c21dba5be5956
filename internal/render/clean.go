package render

import (
	"cmp"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"mailcheck/internal/lazyre"
	"mailcheck/report"
)

// ciCommand is what Azure Pipelines, GitHub (its older form) and TeamCity obey
// anywhere in a line of a job's log.
var ciCommand = lazyre.New(`##(\w*\[)`)

// Clean makes foreign text harmless and keeps it readable: whatever is not
// graphic (control characters, escapes of a terminal, bidi overrides,
// invisible characters) and each byte that is not UTF-8 is written as its Go
// escape, "\x1b" or "\u202e". A tab becomes a space; line feeds stay.
func Clean(s string) string {
	clean := func(r rune) bool { return r == '\n' || strconv.IsGraphic(r) && r != utf8.RuneError }
	if strings.IndexFunc(s, func(r rune) bool { return !clean(r) }) >= 0 {
		var b strings.Builder
		for len(s) > 0 {
			r, size := utf8.DecodeRuneInString(s)
			switch {
			case r == utf8.RuneError && size == 1:
				b.WriteString(`\x` + strconv.FormatUint(uint64(s[0]), 16))
			case r == '\t':
				b.WriteByte(' ')
			case clean(r) || r == utf8.RuneError:
				b.WriteString(s[:size])
			default:
				b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
			}
			s = s[size:]
		}
		s = b.String()
	}
	return ciCommand.ReplaceAllString(s, `#\x23$1`)
}

// cleaned returns a copy of the report that is fit to be written: every string
// cleaned; an empty slice for a nil one, so that JSON has no null for a list;
// a check that the end of the run kept from its first step is a skipped one.
func cleaned(r *report.Report) *report.Report {
	r = cleanCopy(reflect.ValueOf(r)).Interface().(*report.Report)
	for _, c := range r.Checks {
		c.Result = cmp.Or(c.Result, report.Skip)
	}
	return r
}

func cleanCopy(v reflect.Value) reflect.Value {
	c := reflect.New(v.Type()).Elem()
	c.Set(v)
	switch v.Kind() {
	case reflect.String:
		c.SetString(Clean(v.String()))
	case reflect.Pointer:
		if !v.IsNil() {
			c.Set(reflect.New(v.Type().Elem()))
			c.Elem().Set(cleanCopy(v.Elem()))
		}
	case reflect.Slice:
		c.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
		for i := range v.Len() {
			c.Index(i).Set(cleanCopy(v.Index(i)))
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			break // its fields are not for others
		}
		for i := range v.NumField() {
			c.Field(i).Set(cleanCopy(v.Field(i)))
		}
	}
	return c
}
