package main

import (
	"runtime/debug"
	"testing"
)

func TestRevision(t *testing.T) {
	setting := func(key, value string) debug.BuildSetting { return debug.BuildSetting{Key: key, Value: value} }
	for name, c := range map[string]struct {
		settings    []debug.BuildSetting
		want, dirty string
	}{
		"without git":  {[]debug.BuildSetting{setting("CGO_ENABLED", "0")}, "", ""},
		"a clean tree": {[]debug.BuildSetting{setting("vcs.revision", "5df3442a"), setting("vcs.modified", "false")}, "5df3442a", ""},
		"changes":      {[]debug.BuildSetting{setting("vcs.revision", "5df3442a"), setting("vcs.modified", "true")}, "5df3442a", "+dirty"},
	} {
		if got, dirty := revision(&debug.BuildInfo{Settings: c.settings}); got != c.want || dirty != c.dirty {
			t.Errorf("%s: %q, %q", name, got, dirty)
		}
	}
	if got, dirty := revision(nil); got+dirty != "" {
		t.Errorf("no build info: %q, %q", got, dirty)
	}
}
