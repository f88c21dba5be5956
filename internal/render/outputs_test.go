package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"mailcheck/internal/lang"
	"mailcheck/internal/wellformed"
	"mailcheck/report"
)

// nasty are texts that end, or begin, something in one format or another.
var nasty = []string{
	evil,
	"]]>", "<![CDATA[", "-->", "</pre></main><script>alert(1)</script>", `"><img src=x onerror=alert(1)>`, "</style><style>@import url(//x.test)", "{{.}}", "&lt;&#60;&amp;amp;",
	"::error::x", "  ::set-output name=a::b", "##[error]x", "%0A::error::y", "%25", "a\n::stop-commands::t\nb", "::error title=x,y=z::",
	"|", "| 'x'=1;2;3", "a\n| b", "'", "=", ";",
	`"} 1`, "\\", "\\n", "a\"b\\c\nd", "# HELP x y",
	"`", "```", "````\n</code>", "[a](javascript:alert(1))", "![a](//x.test)", "http://x.test www.x.test a@x.test", "* a\n* b", "a\n===\nb", "1. a", "    code", "<b>", "a<br>b", "| a | b |\n| --- | --- |", "$a$", "\\`", "~~~",
	"\x00", "\ufffe", "\xed\xa0\x80", "\u2028", "\r\n.\r\n", " ", "\n", "\t", "\u00a0", "\u3000",
	// Last, because the first of them are enough where all stand together.
	strings.Repeat("long ", 900), strings.Repeat("x", 4500), strings.Repeat("`", 300), strings.Repeat("長", 1500),
}

// own are the fields of a report that hold the program's own words.
var own = []string{"Schema", "Lang", "Step", "ID", "Because", "FailedStep", "Kind", "Told", "Source"}

// filled is a copy of a report in which everything else is this text.
func filled(r *report.Report, text string) *report.Report {
	return fill(reflect.ValueOf(r), text).Interface().(*report.Report)
}

func fill(v reflect.Value, text string) reflect.Value {
	c := reflect.New(v.Type()).Elem()
	c.Set(v)
	switch v.Kind() {
	case reflect.String:
		if v.Type() == reflect.TypeFor[string]() && v.String() != "" {
			c.SetString(text)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			c.Set(reflect.New(v.Type().Elem()))
			c.Elem().Set(fill(v.Elem(), text))
		}
	case reflect.Slice:
		c.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
		for i := range v.Len() {
			c.Index(i).Set(fill(v.Index(i), text))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type() != reflect.TypeFor[time.Time]() && !slices.Contains(own, v.Type().Field(i).Name) {
				c.Field(i).Set(fill(v.Field(i), text))
			}
		}
	}
	return c
}

// foreign are reports that have a place for every kind of foreign text.
func foreign() []*report.Report {
	failed := sampled("receive-not-send")
	failed.Check("smtp").Transcript = []string{"S: 220 hello"}
	failed.Verdict.AdminAdvice = []string{"ask"}
	warned := sampled("pop3-warns")
	return []*report.Report{failed, warned, sampled("hostile"), disagree(lang.English)}
}

// small is the least report that has a place for every kind of foreign text that
// a failure has.
func small() *report.Report {
	r := foreign()[0]
	r.Checks = r.Checks[len(r.Checks)-2:] // smtp and delivery
	r.Settings, r.Contacted = r.Settings[:1], r.Contacted[:1]
	r.Check("smtp").TLS.Chain = nil
	r.Verdict.Advice = r.Verdict.Advice[:1]
	r.Verdict.Findings = []report.Finding{{Cause: report.Unknown, Step: "dns.host", Text: "text", Advice: []string{"do"}}}
	return r
}

// shapes reads a report in every format, and says what must not depend on the
// texts in it.
func shapes(r *report.Report) (map[string]string, error) {
	shapes := map[string]string{}
	for _, format := range append(slices.Clone(Formats), Format{"markdown", Markdown}, Format{"discovery", Discovery}) {
		var b bytes.Buffer
		if err := format.Write(&b, r, Options{Verbosity: Verbose}); err != nil {
			return nil, fmt.Errorf("%s: %w", format.Name, err)
		}
		if what := harmful(b.String()); what != "" {
			return nil, fmt.Errorf("%s lets through %s", format.Name, what)
		}
		if commands, _ := wellformed.Commands(b.String()); len(commands) > 0 && format.Name != "github" && format.Name != "markdown" { // that is no log
			return nil, fmt.Errorf("%s has the command %+v", format.Name, commands[0])
		}
		shape, err := shapeOf(format.Name, b.Bytes())
		if err != nil {
			return nil, fmt.Errorf("%s: %w\n%s", format.Name, err, b.Bytes())
		}
		shapes[format.Name] = shape
	}
	return shapes, nil
}

func shapeOf(format string, data []byte) (string, error) {
	switch format {
	case "json":
		var r report.Report
		strict := json.NewDecoder(bytes.NewReader(data))
		strict.DisallowUnknownFields()
		return "", strict.Decode(&r)
	case "junit":
		results, err := wellformed.JUnit(data)
		if err != nil {
			return "", err
		}
		shape := ""
		for _, c := range results.Cases {
			shape += c.Class + " " + c.Kind + " " + c.Type + "\n"
		}
		return shape, nil
	case "github":
		commands, err := wellformed.Annotations(string(data))
		if err != nil {
			return "", err
		}
		shape := ""
		for _, c := range commands {
			shape += c.Name + "\n"
		}
		return shape, nil
	case "nagios":
		status, err := wellformed.Plugin(string(data))
		if err != nil {
			return "", err
		}
		return fmt.Sprint(status.Word, status.Perf), nil
	case "prometheus":
		series, err := wellformed.Metrics(data)
		return fmt.Sprint(len(series)), err
	case "html":
		_, err := wellformed.Page(data)
		return "", err
	case "markdown":
		_, err := wellformed.Markdown(data)
		return "", err
	}
	return "", nil
}

// Whatever servers say, every output stays what it is: readable for those whom
// it is for, with the testcases, commands, status, data and series that it has
// for harmless words, and nothing else.
func TestForeignTextStaysText(t *testing.T) {
	stays := func(r *report.Report, texts ...string) {
		t.Helper()
		want, err := shapes(filled(r, "word"))
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range texts {
			got, err := shapes(filled(r, text))
			if err != nil {
				t.Errorf("%.60q: %.3000s", text, err)
			} else if !reflect.DeepEqual(got, want) {
				t.Errorf("%.60q: %v\nwant %v", text, got, want)
			}
		}
	}
	stays(small(), nasty...)
	for _, r := range foreign() {
		stays(r, evil, strings.Join(nasty, "\n")[:maxForeign], strings.Join(nasty, " ")[:maxForeign])
	}
}

// maxForeign bounds a foreign text as verify does, in bytes.
const maxForeign = 4 << 10

// What is shown is the text itself, not a part of it.
func TestForeignTextIsShown(t *testing.T) {
	r := sampled("receive-not-send")
	for _, text := range nasty {
		if len(text) > 1000 || strings.TrimSpace(text) == "" {
			continue
		}
		r.Check("smtp").Step("auth").Reply.Text = text
		want := squeezed(Clean(text))
		said, _ := webPage(t, r)
		markdown, err := wellformed.Markdown(output(t, func(w *bytes.Buffer) error { return Markdown(w, r, Options{}) }))
		if err != nil {
			t.Fatal(err)
		}
		results, _ := junit(t, r, Options{})
		tests := ""
		for _, c := range results.Cases {
			tests += c.Text
		}
		commands, _ := github(t, r, Options{})
		for format, shown := range map[string]string{"html": said, "markdown": markdown} {
			if !strings.Contains(squeezed(shown), want) {
				t.Errorf("%q is not in %s", text, format)
			}
		}
		// Lines that could be commands of a log are marked in these.
		unmarked := strings.NewReplacer(`\x3a:`, "::")
		for format, shown := range map[string]string{"junit": tests, "github": commands[0].Data} {
			if !strings.Contains(unmarked.Replace(squeezed(shown)), unmarked.Replace(want)) {
				t.Errorf("%q is not in %s: %s", text, format, shown)
			}
		}
	}
}

func FuzzOutputs(f *testing.F) {
	for _, text := range nasty {
		f.Add(text[:min(len(text), 200)])
	}
	r := small()
	want, err := shapes(filled(r, "word"))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if text == "" { // what is empty is left out
			return
		}
		got, err := shapes(filled(r, text[:min(len(text), maxForeign)]))
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %v\nwant %v", text, got, want)
		}
	})
}
