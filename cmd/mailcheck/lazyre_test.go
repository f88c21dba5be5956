package main

import (
	"testing"

	"mailcheck/internal/lazyre"
)

// Every regular expression that waits for its first use is well formed.
func TestRegularExpressionsCompile(t *testing.T) {
	if n := lazyre.CompileAll(); n < 50 {
		t.Errorf("only %d were compiled", n)
	}
}
