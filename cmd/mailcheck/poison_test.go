package main

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// poison is what takes over a terminal, a CI job or the reader's eye.
const poison = "\x1b]0;owned\a\x1b[2J\u009b31m\x85\x00\x7f\r\xff\xfe \u202e\u2066\u200b\ufeff\u2028 ::error::x %0A::error::y ##vso[task.x]y ##[error]z\n::set-output name=a::b\n"

// What is pasted, or given as an argument, is shown harmlessly.
func TestPastedPoison(t *testing.T) {
	for _, args := range [][]string{
		{"explain"}, {"explain", "-q"}, {"explain", "-o", "json"}, {"explain", "--lang", "ja"},
		{"explain", "535 5.7.8 " + poison}, {"explain", "--provider", poison, "535"}, {"explain", "--step", poison, "535"},
		{"provider", poison}, {poison}, {"anna@example.test" + poison}, {"anna@example.test", "--imap", "imaps://" + poison},
		{"anna@example.test", "--dns", poison}, {"anna@example.test", "-o", poison}, {"anna@example.test", "--" + poison}, {"demo", "--fault", poison},
		{poison, "-o", "nagios"}, {"anna@example.test", "-o", "nagios", "--" + poison}, {"demo", "-o", "nagios", "--fault", poison},
	} {
		var stdout, stderr bytes.Buffer
		run(t.Context(), args, strings.NewReader("535 5.7.8 "+poison+"relay access denied"), &stdout, &stderr)
		all := stdout.String() + stderr.String()
		if all == "" {
			t.Errorf("%q: nothing is said", args)
		}
		if i := strings.IndexFunc(all, func(r rune) bool { return r != '\n' && !strconv.IsGraphic(r) }); i >= 0 || !utf8.ValidString(all) {
			t.Errorf("%q: %q", args, all)
		}
		if obeyed := regexp.MustCompile(`(?m)^\s*::.*::|##(\w*\[)`).FindString(all); obeyed != "" {
			t.Errorf("%q: a CI job obeys %q", args, obeyed)
		}
		if slices.Contains(args, "json") && !json.Valid(stdout.Bytes()) {
			t.Errorf("%q: no JSON: %q", args, stdout.String())
		}
	}
}
