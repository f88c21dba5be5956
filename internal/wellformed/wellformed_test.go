package wellformed

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// Each reader says what it has read.
func TestCommandsAreRead(t *testing.T) {
	const log = "  ::error title=a%3Ab%2Cc,file=x::one%0Atwo %25\nplain\n::nothing::x\n::error\nx ::error::y\n1: ##[warning]older\r::set-output name=a::b\n"
	commands, others := Commands(log)
	want := []Command{
		{"error", map[string]string{"title": "a:b,c", "file": "x"}, "one\ntwo %"},
		{"warning", nil, "older"},
		{"set-output", map[string]string{"name": "a"}, "b"},
	}
	if !reflect.DeepEqual(commands, want) {
		t.Errorf("%+v", commands)
	}
	if got := strings.Join(others, "|"); got != "plain|::nothing::x|::error|x ::error::y" {
		t.Errorf("others %s", got)
	}
}

func TestPluginIsRead(t *testing.T) {
	got, err := Plugin("MAILCHECK WARNING: all works | 'a b'=1.5s;1;2;0;10 'c'=61;21:;0:\nmore\n  lines\n")
	if err != nil {
		t.Fatal(err)
	}
	want := &Status{Word: "WARNING", Text: "all works", Long: []string{"more", "  lines"},
		Perf: map[string]Datum{"a b": {1.5, "s", "1", "2", "0", "10"}, "c": {61, "", "21:", "0:", "", ""}}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
}

func TestMetricsAreRead(t *testing.T) {
	got, err := Metrics([]byte("# HELP m_seconds How long.\n# TYPE m_seconds gauge\nm_seconds{account=\"a\",check=\"x\",step=\"\"} 2\n"))
	if err != nil || !reflect.DeepEqual(got, Series{`m_seconds{check="x"}`: 2}) {
		t.Errorf("%v %v", got, err)
	}
}

// What is not well-formed, or would be obeyed, is refused.
func TestRefused(t *testing.T) {
	annotations := func(s string) error { _, err := Annotations(s); return err }
	markdown := func(s string) error { _, err := Markdown([]byte(s)); return err }
	plugin := func(s string) error { _, err := Plugin(s); return err }
	metrics := func(s string) error { _, err := Metrics([]byte(s)); return err }
	page := func(s string) error {
		const hash = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" // of nothing
		_, err := Page([]byte(fmt.Sprintf(`<!DOCTYPE html><html lang="en"><head><meta http-equiv="Content-Security-Policy" content="default-src 'none'; `+
			`style-src 'sha256-%s'; base-uri 'none'; form-action 'none'"></head><body>%s</body></html>`, hash, s)))
		return err
	}
	const help = "# HELP m How.\n# TYPE m gauge\n"
	for _, tt := range []struct {
		read func(string) error
		text string
		ok   bool
	}{
		{annotations, "::error title=x::y\n", true},
		{annotations, "::error title=x::y\nword\n", false},
		{annotations, "::set-env name=x::y\n", false},
		{annotations, "::error title=x,file=z::y\n", false},
		{markdown, "## a\n\n1. b\n\n```text\n<script>\n```\n", true},
		{markdown, "<script>x</script>", false},
		{markdown, "[a](http://x.test)", false},
		{markdown, "www.x.test", false},
		{markdown, "<b onclick=x>a</b>", false},
		{markdown, "![a](b)", false},
		{markdown, "<!-- a -->", false},
		{plugin, "MAILCHECK OK: a | 'x'=1\n", true},
		{plugin, "MAILCHECK OK: a | 'x'=1\nb | c\n", false},
		{plugin, "MAILCHECK OK: a | x 'x'=1\n", false},
		{plugin, "MAILCHECK OK: a | 'x'=1 'x'=2\n", false},
		{plugin, "MAILCHECK FINE: a\n", false},
		{plugin, "MAILCHECK OK: a", false},
		{plugin, "MAILCHECK OK: " + strings.Repeat("a", 5000) + "\n", false},
		{metrics, help + "m{account=\"a\"} 1\n", true},
		{metrics, help + "m 1\n", false},
		{metrics, "m{account=\"a\"} 1\n", false},
		{metrics, help + "m{account=\"a\"} 1\nm{account=\"a\"} 2\n", false},
		{metrics, help + "m{account=\"a} 1\n", false},
		{metrics, "# HELP m_total How.\n# TYPE m_total gauge\nm_total{account=\"a\"} 1\n", false},
		{page, "<p>a</p>", true},
		{page, "<script>a</script>", false},
		{page, `<p onclick="a">a</p>`, false},
		{page, `<a href="http://x.test">a</a>`, false},
		{page, `<img src="x">`, false},
		{page, "<style>p { }</style>", false},
		{page, `<p style="x">a</p>`, false},
		{page, `<meta http-equiv="refresh" content="0">`, false},
		{page, "<svg></svg>", false},
		{page, "<!-- a -->", false},
	} {
		if err := tt.read(tt.text); (err == nil) != tt.ok {
			t.Errorf("%.80q: %v", tt.text, err)
		}
	}
}
