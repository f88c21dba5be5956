package lang

import "testing"

func TestSay(t *testing.T) {
	const text = "%s is no text of the program"
	if got := English.Say(text, "this"); got != "this is no text of the program" {
		t.Errorf("got %q", got)
	}
	if got := Japanese.Say("100% as it stands"); got != "100% as it stands" {
		t.Errorf("without arguments: got %q", got)
	}
}

func TestFromLocale(t *testing.T) {
	for _, tt := range []struct {
		env  map[string]string
		want Tag
	}{
		{nil, English},
		{map[string]string{"LANG": "ja_JP.UTF-8"}, Japanese},
		{map[string]string{"LANG": "ja"}, Japanese},
		{map[string]string{"LANG": "ja.utf8"}, Japanese},
		{map[string]string{"LANG": "jam_JM.UTF-8"}, English},
		{map[string]string{"LC_ALL": "C", "LANG": "ja_JP.UTF-8"}, English},
		{map[string]string{"LC_ALL": "", "LC_MESSAGES": "ja_JP.eucJP", "LANG": "en_US"}, Japanese},
		{map[string]string{"LANG": "de_DE.UTF-8"}, English},
	} {
		got := FromLocale(func(name string) (string, bool) { v, ok := tt.env[name]; return v, ok })
		if got != tt.want {
			t.Errorf("%v: got %s, want %s", tt.env, got, tt.want)
		}
	}
}
