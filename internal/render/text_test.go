package render

import (
	"bytes"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"mailcheck/report"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares with a file of testdata, or writes it with -update.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(file, got, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs; look at it with -update and git diff. Got:\n%s", file, got)
	}
}

func text(t *testing.T, r *report.Report, opt Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := Text(&b, r, opt); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestText(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(samples)) {
		t.Run(name, func(t *testing.T) {
			golden(t, name, []byte(text(t, sampled(name), Options{})))
		})
	}
}

func TestTextVerbosity(t *testing.T) {
	golden(t, "all-well-verbose", []byte(text(t, sampled("all-well"), Options{Verbosity: Verbose})))
	golden(t, "receive-not-send-verbose", []byte(text(t, sampled("receive-not-send"), Options{Verbosity: Verbose})))
	golden(t, "receive-not-send-quiet", []byte(text(t, sampled("receive-not-send"), Options{Verbosity: Quiet})))
	golden(t, "not-arrived-quiet", []byte(text(t, sampled("not-arrived"), Options{Verbosity: Quiet})))
	golden(t, "receive-not-send-color", []byte(text(t, sampled("receive-not-send"), Options{Color: true})))
}

func TestNothingIsTooWide(t *testing.T) {
	for name := range samples {
		for _, v := range []Verbosity{Normal, Quiet, Verbose} {
			for line := range strings.Lines(text(t, sampled(name), Options{Verbosity: v})) {
				if line = strings.TrimSuffix(line, "\n"); cells(line) > columns || strings.HasSuffix(line, " ") {
					t.Errorf("%s: %d cells: %q", name, cells(line), line)
				}
			}
		}
	}
}
