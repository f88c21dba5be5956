package render

import (
	"slices"
	"strings"
	"testing"
)

func TestCells(t *testing.T) {
	tests := []struct {
		in   string
		want int
	}{
		{"", 0}, {"imap", 4}, {"é", 1}, {"e\u0301", 1}, {"メール", 6}, {"ﾒｰﾙ", 3}, {"ｆｕｌｌ", 8},
		{"　", 2}, {"한글", 4}, {"📧", 2}, {"☎\ufe0f", 2}, {"“…”", 3}, {"Привет", 6},
	}
	for _, test := range tests {
		if got := cells(test.in); got != test.want {
			t.Errorf("%q: %d cells, want %d", test.in, got, test.want)
		}
	}
}

func TestCut(t *testing.T) {
	tests := []struct {
		in   string
		most int
		want string
	}{
		{"imap", 4, "imap"}, {"imap", 3, "ima"}, {"imap", 0, ""}, {"メール", 5, "メー"}, {"e\u0301e", 1, "e\u0301"}, {"メ", 1, ""},
	}
	for _, test := range tests {
		if got := cut(test.in, test.most); got != test.want {
			t.Errorf("%q to %d: %q, want %q", test.in, test.most, got, test.want)
		}
	}
}

func TestWrap(t *testing.T) {
	tests := []struct {
		name, in string
		most     int
		want     []string
	}{
		{"nothing", "", 10, []string{""}},
		{"spaces alone", "   ", 10, []string{""}},
		{"fits", "one two", 7, []string{"one two"}},
		{"at a space", "one two", 6, []string{"one", "two"}},
		{"spaces are kept inside a line", "a  b c", 4, []string{"a  b", "c"}},
		{"line feeds", "one\n\ntwo", 10, []string{"one", "", "two"}},
		{"a long word", "see https://example.com", 8, []string{"see", "https://", "example.", "com"}},
		{"between wide characters", "あいうえお", 4, []string{"あい", "うえ", "お"}},
		{"wide after narrow", "ab あい", 5, []string{"ab あ", "い"}},
		{"no line begins with punctuation", "あい、うえ。お", 6, []string{"あい、", "うえ。", "お"}},
		{"the last character goes with it", "あい、う", 4, []string{"あ", "い、", "う"}},
		{"no line ends with a bracket", "あ「い」う", 6, []string{"あ", "「い」", "う"}},
		{"brackets of ASCII", "あい (う) え", 6, []string{"あい", "(う)", "え"}},
		{"behind a name", "a.example、b", 9, []string{"a.example", "、b"}},
		{"marks stay", "e\u0301e\u0301e\u0301", 2, []string{"e\u0301e\u0301", "e\u0301"}},
		{"narrower than a character", "あ", 1, []string{"あ"}},
		{"no break", "it took 5.9\u00a0s", 11, []string{"it took", "5.9\u00a0s"}},
	}
	for _, test := range tests {
		if got := wrap(test.in, test.most); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

func FuzzWrap(f *testing.F) {
	f.Add("see https://example.com あいうえお", 8)
	f.Add(" \n\u0301 \u0301x", 3)
	f.Fuzz(func(t *testing.T, s string, most int) {
		s, most = Clean(s), 2+most&63
		lines := wrap(s, most)
		for _, l := range lines {
			if cells(l) > most {
				t.Errorf("%q is wider than %d", l, most)
			}
		}
		bare := func(s string) string { return strings.NewReplacer(" ", "", "\n", "").Replace(s) }
		if got := bare(strings.Join(lines, "")); got != bare(s) {
			t.Errorf("%q became %q", s, lines)
		}
	})
}
