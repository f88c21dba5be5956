package lang

import (
	"strings"
	"testing"
)

func TestList(t *testing.T) {
	for _, tt := range []struct{ names, english, japanese string }{
		{"", "", ""},
		{"a", "a", "a"},
		{"a b", "a and b", "a と b"},
		{"a b c", "a, b and c", "a、b、c"},
		{"a b c d e", "a, b, c, d and e", "a、b、c、d、e"},
		{"a b c d e f", "a, b, c, d and 2 more", "a、b、c、d、他 2 件"},
	} {
		names := strings.Fields(tt.names)
		if got := English.And(names, 5); got != tt.english {
			t.Errorf("%q: got %q, want %q", tt.names, got, tt.english)
		}
		if got := Japanese.And(names, 5); got != tt.japanese {
			t.Errorf("%q: got %q, want %q", tt.names, got, tt.japanese)
		}
	}
	if got := English.Or([]string{"a", "b", "c"}, 5); got != "a, b or c" {
		t.Errorf("got %q", got)
	}
}

func TestSentences(t *testing.T) {
	if got := English.Sentences("One.", "", "Two."); got != "One. Two." {
		t.Errorf("got %q", got)
	}
	if got := Japanese.Sentences("一つ。", "", "二つ。"); got != "一つ。二つ。" {
		t.Errorf("got %q", got)
	}
}
