package lang

import "testing"

func TestFill(t *testing.T) {
	const text = "{host} が応答しません。{unknown} は残ります。"
	for value, want := range map[string]string{
		"imap.example.com": "imap.example.com が応答しません。{unknown} は残ります。",
		"サーバー":             "サーバーが応答しません。{unknown} は残ります。",
	} {
		if got := Japanese.Fill(text, map[string]string{"{host}": value}); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got := English.Fill("{a} and {b}", map[string]string{"{a}": "{b}", "{b}": "x"}); got != "{b} and x" {
		t.Errorf("a value is filled again: %q", got)
	}
}

// A value that is Japanese has no blank beside it; what is inside it stays.
func TestFormat(t *testing.T) {
	for _, tt := range []struct {
		text string
		args []any
		want string
	}{
		{"すべて %s", []any{"srv"}, "すべて srv"},
		{"すべて %s", []any{"推測"}, "すべて推測"},
		{"%[2]s の代わりに %[1]s", []any{"a", "受信 トレイ"}, "受信 トレイの代わりに a"},
		{"%d%% と %+q、%.1f", []any{1, "é", 1.25}, "1% と \"\\u00e9\"、1.2"},
		{"%s", nil, "%s"},
	} {
		if got := Japanese.format(tt.text, tt.args); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}
