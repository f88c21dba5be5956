package main

import (
	"bytes"
	"strings"
	"testing"
)

// A command that waits for the network uses one processor, unless the user says how
// many; one that computes uses all.
func TestProcessors(t *testing.T) {
	for name, tt := range map[string]struct {
		args []string
		env  map[string]string
		want int
	}{
		"a check":         {[]string{"demo"}, nil, 1},
		"the user's word": {[]string{"demo"}, map[string]string{"GOMAXPROCS": "4"}, 0},
		"computing":       {[]string{"explain", "535 5.7.8 Error: authentication failed"}, nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			a := newApp(strings.NewReader(""), &stdout, &stderr)
			a.env = func(name string) (string, bool) { value, ok := tt.env[name]; return value, ok }
			got := 0
			a.processors = func(n int) int { got = n; return 0 }
			a.run(t.Context(), tt.args)
			if got != tt.want {
				t.Errorf("%d processors, want %d\n%s%s", got, tt.want, &stdout, &stderr)
			}
		})
	}
}
