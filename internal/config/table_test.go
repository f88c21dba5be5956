package config

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// rows reads a table to its end.
func rows(text string) (sections []Section, faults Faults) {
	t, err := NewTable("t.csv", strings.NewReader(text), keys())
	for err == nil {
		var s Section
		s, err = t.Next()
		var wrong Faults
		switch {
		case errors.Is(err, io.EOF):
			return sections, faults
		case errors.As(err, &wrong):
			faults, err = append(faults, wrong...), nil
		default:
			sections = append(sections, s)
		}
	}
	errors.As(err, &faults)
	return sections, faults
}

func TestTable(t *testing.T) {
	t.Setenv("HOME", "/home/anna")
	got, faults := rows("\ufeffAddress, name,quiet,resolve,wait,password-file,ca-file\r\n" +
		"anna@example.com,Anna Maier,1,a:192.0.2.1  b:192.0.2.2,90s,~/pw,\r\n" +
		"\r\n" +
		"\"bert@example.com\",,,,,pw,\r\n" +
		"carl@example.com,,false,,,,")
	if faults != nil {
		t.Fatal(faults)
	}
	want := []Section{
		{Name: "Anna Maier", Address: "anna@example.com", Place: Place{2, 1}, Settings: []Setting{
			{"quiet", []string{"true"}, Place{2, 29}}, {"resolve", []string{"a:192.0.2.1", "b:192.0.2.2"}, Place{2, 31}},
			{"wait", []string{"90s"}, Place{2, 56}}, {"password-file", []string{"/home/anna/pw"}, Place{2, 60}},
		}},
		{Address: "bert@example.com", Place: Place{4, 1}, Settings: []Setting{{"password-file", []string{"pw"}, Place{4, 24}}}},
		{Address: "carl@example.com", Place: Place{5, 1}, Settings: []Setting{{"quiet", []string{"false"}, Place{5, 19}}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Every fault has its line, and repeats nothing that may be a secret.
func TestTableFaults(t *testing.T) {
	for _, tt := range []struct {
		text string
		want string // by "|": one a fault
	}{
		{"", "1:1: it is empty"},
		{"anna@example.com,hunter2", `1:1: the first line names the columns, and there is no "address"`},
		{"adress,dns\n", `there is no "address"; did you mean it by "adress"?`},
		{"address;dns\n", "commas stand between them, not semicolons"},
		{"address,password\na@example.com,hunter2", `1:9: "password": no secret stands in this file`},
		{"address,hobby", `1:9: there is no column "hobby"; there are address, name, ca-file, `},
		{"address,wiat,config", `1:9: there is no column "wiat"; did you mean "wait"?|1:14: "config" cannot be a column`},
		{"address,dns,DNS", `1:13: there are two columns "dns"`},
		{"address,dns\nanna\nanna@example.com,hunter2,x", "2:1: it has 1 fields, and the first line 2|3:1: it has 3 fields"},
		{"address,dns\nanna,", `2:1: address: "anna"`},
		{"address,wait,quiet\na@example.com,hunter2,hunter2", "2:15: wait takes a duration, as in 90s|2:23: quiet takes true or false"},
		{"address,quiet,verbose\na@example.com,true,true", "2:20: verbose and quiet (line 2) exclude each other"},
		{"address\nb\n\"a@example.com", `2:1: address: "b"|3:`},
		{"address,name\na@example.com,\x1b[1m", "2:15: name has characters"},
		{"address,dns\na@example.com,\xe4", "2:15: dns is not plain text in UTF-8"},
		{"\xff\xfea\x00", "UTF-16"},
	} {
		_, faults := rows(tt.text)
		wanted := strings.Split(tt.want, "|")
		if len(faults) != len(wanted) {
			t.Errorf("%q: %v", tt.text, faults)
			continue
		}
		for i, want := range wanted {
			if !strings.Contains(faults[i].Error(), want) {
				t.Errorf("%q: %v, want %s", tt.text, faults[i], want)
			}
		}
		if strings.Contains(faults.Error(), "hunter2") {
			t.Errorf("%q: it is repeated: %v", tt.text, faults)
		}
	}
}

// FuzzTable: every row either can be used, or has faults that each have their
// line.
func FuzzTable(f *testing.F) {
	for _, seed := range []string{
		"address,name,wait,quiet,resolve\na@example.com,x,1s,true,a b\n", "address\n\"a\"\"b@example.com\"\n", "address\n\"", "address,dns\na\n", "\ufeffaddress", "a;b", "\xff\xfe",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		sections, faults := rows(string(text))
		for _, fault := range faults {
			if fault.Line == 0 && encodingFlaw(text) == "" {
				t.Fatalf("no line: %v", fault)
			}
		}
		for _, s := range sections {
			if s.Address == "" || s.Line < 2 {
				t.Fatalf("%+v", s)
			}
		}
	})
}
