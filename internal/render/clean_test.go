package render

import (
	"bytes"
	"cmp"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"mailcheck/report"
)

func TestClean(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"plain", `535 5.7.8 no \ "way"`, `535 5.7.8 no \ "way"`},
		{"Japanese", "認証に失敗しました　メール", "認証に失敗しました　メール"},
		{"line feed stays", "a\nb", "a\nb"},
		{"carriage return", "ok\rFAIL", `ok\rFAIL`},
		{"tab", "a\tb", "a b"},
		{"terminal escape", "\x1b[2J\a", `\x1b[2J\a`},
		{"NUL and DEL", "\x00\x7f", `\x00\x7f`},
		{"C1 control", "\u009b31m", `\u009b31m`},
		{"bidi override", "a\u202eb\u2066c", `a\u202eb\u2066c`},
		{"invisible", "a\u200bb\u00adc\ufeff", `a\u200bb\u00adc\ufeff`},
		{"line separators", "a\u2028b\u0085c", `a\u2028b\u0085c`},
		{"tag characters", "\U000e0041", `\U000e0041`},
		{"not UTF-8", "caf\xe9 \xff\xfe", `caf\xe9 \xff\xfe`},
		{"replacement character", "a\ufffdb", "a\ufffdb"},
		{"Azure", "##vso[task.x]", `#\x23vso[task.x]`},
		{"GitHub", "###[error]x", `##\x23[error]x`},
		{"TeamCity", "##teamcity[x]", `#\x23teamcity[x]`},
		{"a heading is none", "## 3 ##", "## 3 ##"},
	}
	for _, test := range tests {
		if got := Clean(test.in); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

// harmful finds what clean text must not have.
func harmful(s string) string {
	if !utf8.ValidString(s) {
		return "a byte that is not UTF-8"
	}
	for _, r := range s {
		if r != '\n' && !strconv.IsGraphic(r) {
			return strconv.QuoteRune(r)
		}
	}
	return ciCommand.FindString(s)
}

func FuzzClean(f *testing.F) {
	f.Add(evil)
	f.Add("認証に失敗しました")
	f.Add("###[##[")
	f.Fuzz(func(t *testing.T, s string) {
		got := Clean(s)
		if what := harmful(got); what != "" {
			t.Errorf("%q leaves %s", s, what)
		}
		if again := Clean(got); again != got {
			t.Errorf("%q becomes %q, and then %q", s, got, again)
		}
	})
}

// githubCommand is what GitHub obeys at the start of a line of a job's log.
var githubCommand = regexp.MustCompile(`(?m)^\s*::.*::`)

func TestNothingHarmfulIsWritten(t *testing.T) {
	for _, opt := range []Options{{}, {Verbosity: Quiet}, {Verbosity: Verbose}} {
		for _, format := range Formats {
			var b bytes.Buffer
			if err := format.Write(&b, sampled("hostile"), opt); err != nil {
				t.Fatal(err)
			}
			obeyed := githubCommand.FindString(b.String())
			if format.Name == "github" { // its commands are read by a parser (github_test.go)
				obeyed = ""
			}
			if what := cmp.Or(harmful(b.String()), obeyed); what != "" {
				t.Errorf("%s %+v lets through %s", format.Name, opt, what)
			}
		}
	}
}

func TestForgedHeadlineIsIndented(t *testing.T) {
	for line := range strings.Lines(text(t, sampled("hostile"), Options{Verbosity: Verbose})) {
		if strings.HasPrefix(line, "ALL IS WELL") {
			t.Errorf("a server's words stand as a headline: %q", line)
		}
	}
}

func TestTheReportIsLeftAlone(t *testing.T) {
	r := sampled("hostile")
	before := r.Check("smtp").Step("auth").Reply.Text
	text(t, r, Options{})
	if got := r.Check("smtp").Step("auth").Reply.Text; got != before {
		t.Errorf("the reply became %q", got)
	}
	if r.Verdict.Findings[0].Advice[0] != evil {
		t.Error("a list was written to")
	}
}

func TestSameEveryTime(t *testing.T) {
	for name := range samples {
		for _, format := range Formats {
			var a, b bytes.Buffer
			if err := format.Write(&a, sampled(name), Options{Verbosity: Verbose}); err != nil {
				t.Fatal(err)
			}
			if err := format.Write(&b, sampled(name), Options{Verbosity: Verbose}); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(a.Bytes(), b.Bytes()) {
				t.Errorf("%s as %s differs from one time to the next", name, format.Name)
			}
		}
	}
}

func TestEmptyReports(t *testing.T) {
	for _, r := range []*report.Report{{}, {Checks: []*report.Check{{ID: "imap"}}}} {
		for _, v := range []Verbosity{Normal, Quiet, Verbose} {
			if got := text(t, r, Options{Verbosity: v}); !strings.HasSuffix(got, "\n") {
				t.Errorf("%q", got)
			}
		}
	}
}
