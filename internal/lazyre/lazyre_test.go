package lazyre

import (
	"sync"
	"testing"
)

// What is not well formed panics when it is first used, and not before.
func TestNew(t *testing.T) {
	r := New(`^a(b+)`)
	if !r.MatchString("abb") || r.MatchString("b") {
		t.Error("it is not the expression that was given")
	}
	var together sync.WaitGroup
	for range 8 {
		together.Go(func() {
			if got := New(`(x)(y)`).FindStringSubmatch("xy"); len(got) != 3 {
				t.Errorf("%q", got)
			}
		})
	}
	together.Wait()
	bad := New(`(`)
	defer func() {
		if recover() == nil {
			t.Error("an expression that is not well formed was taken")
		}
	}()
	bad.MatchString("")
}
