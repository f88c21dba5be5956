package render

import (
	"bytes"
	"strings"
	"testing"

	"mailcheck/internal/diagnose"
	"mailcheck/internal/lang"
	"mailcheck/internal/wellformed"
	"mailcheck/report"
)

func webPage(t *testing.T, r *report.Report) (said string, data []byte) {
	t.Helper()
	data = output(t, func(w *bytes.Buffer) error { return HTML(w, r, Options{}) })
	said, err := wellformed.Page(data)
	if err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	return said, data
}

// squeezed is a text without what a page or a wrapped line changes.
func squeezed(s string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(s, noBreak, " ")), "")
}

// The page has what the text report has: each of its sentences.
func TestPageSaysWhatTheTextSays(t *testing.T) {
	for name := range samples {
		r := cleaned(sampled(name))
		said := squeezed(first(webPage(t, sampled(name))))
		v := r.Verdict
		want := append([]string{v.Headline, closing(r)}, v.Advice...)
		want = append(want, v.AdminAdvice...)
		for _, f := range v.Findings {
			want = append(append(want, f.Text), f.Advice...)
		}
		if c, s := failedStep(r); s != nil {
			p := newPage(r, Options{})
			e := p.evident(r, c, s)
			want = append(want, e.lead, e.words, e.note, p.meaning(v, s), p.proven(r))
		}
		for _, c := range r.Checks {
			want = append(append(want, c.ID, summary(r, c)), c.Transcript...)
		}
		for _, text := range want {
			if !strings.Contains(said, squeezed(text)) {
				t.Errorf("%s does not say %q", name, text)
			}
		}
	}
}

func first(said string, _ []byte) string { return said }

func TestPage(t *testing.T) {
	_, data := webPage(t, sampled("receive-not-send"))
	golden(t, "receive-not-send.html", data)
	said, data := webPage(t, inJapanese("receive-not-send", diagnose.Facts{}))
	golden(t, "receive-not-send-ja.html", data)
	if !bytes.Contains(data, []byte(`<html lang="ja">`)) || !strings.Contains(said, "すべての確認項目") {
		t.Errorf("it is no Japanese page: %.200s", said)
	}
	// Headings and tables are not left empty.
	said, _ = webPage(t, sampled("all-well"))
	if strings.Contains(said, "What to do") || strings.Contains(said, "Also seen") || !strings.Contains(said, "These settings work") {
		t.Errorf("it says %s", said)
	}
}

// A search for settings is shown as what it is.
func TestPageOfASearch(t *testing.T) {
	said, data := webPage(t, disagree(lang.English))
	for _, want := range []string{"The sources disagree", "the certificate is for *.xserver.jp", "Use these", "sv1234.xserver.jp", "What the sources say", "example.jp is not in the built-in table"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not in %s", want, said)
		}
	}
	if strings.Contains(said, "These settings work") || strings.Contains(said, "login") {
		t.Errorf("it tells of logins: %s", said)
	}
	golden(t, "discover-disagree.html", data)
}

// A server's line feeds part no line of the page outside of its own words and
// of lists, so that none of its lines stands as a headline.
func TestForgedHeadlineIsNoLineOfThePage(t *testing.T) {
	_, data := webPage(t, sampled("hostile"))
	for _, element := range []string{"<h1", "<p"} {
		for part := range strings.SplitSeq(string(data), element) {
			if attributes, _, _ := strings.Cut(part, ">"); strings.Contains(attributes, "lines") {
				t.Errorf("%s%s keeps line feeds", element, attributes)
			}
		}
	}
	markdown := string(output(t, func(w *bytes.Buffer) error { return Markdown(w, sampled("hostile"), Options{}) }))
	if first, _, _ := strings.Cut(markdown, "\n"); strings.Contains(first, "<br>") {
		t.Errorf("the headline has several lines: %s", first)
	}
}
