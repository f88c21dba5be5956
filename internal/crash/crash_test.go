package crash

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const said = "535 hunter2"

// blocked never ends but with its context, as what waits for a goroutine that
// has panicked does.
func blocked(ctx context.Context) (int, error) {
	<-ctx.Done()
	return 1, ctx.Err()
}

// A panic wherever it happens ends the job, at once, and says nothing of what
// was thrown.
func TestPanicsEndTheJob(t *testing.T) {
	for name, f := range map[string]func(context.Context) (int, error){
		"in the job":     func(context.Context) (int, error) { panic(said) },
		"in a goroutine": func(ctx context.Context) (int, error) { go Guard(ctx, func() { panic(said) })(); return blocked(ctx) },
		"in a group":     func(ctx context.Context) (int, error) { inGroup(ctx); return blocked(ctx) },
		"before the end": func(ctx context.Context) (int, error) { inGroup(ctx); return 1, nil },
		"beside":         func(ctx context.Context) (int, error) { SideBySide(ctx, 2, panics(0)); return blocked(ctx) },
		"the last":       func(ctx context.Context) (int, error) { SideBySide(ctx, 2, panics(1)); return 1, nil },
		"aside":          func(context.Context) (int, error) { Aside(func() { panic(said) })(); return 1, nil },
		"an error":       func(context.Context) (int, error) { panic(errors.New(said)) },
		"the runtime's":  func(context.Context) (int, error) { return len(said[len(said):][:1]), nil },
		"a derived context's": func(ctx context.Context) (int, error) {
			ctx, end := context.WithCancel(ctx)
			defer end()
			inGroup(ctx)
			return 1, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Contain(t.Context(), f)
			var fault *Fault
			if !errors.As(err, &fault) {
				t.Fatalf("error %v", err)
			}
			if strings.Contains(err.Error(), "hunter") || strings.Contains(string(fault.Stack), "hunter") {
				t.Errorf("it repeats what was thrown: %v\n%s", err, fault.Stack)
			}
			if !strings.Contains(fault.Where, "crash_test.go:") {
				t.Errorf("where: %q", fault.Where)
			}
			if runtime := strings.Contains(fault.What, "out of range"); runtime != (name == "the runtime's") {
				t.Errorf("what: %q", fault.What)
			}
		})
	}
}

func inGroup(ctx context.Context) {
	var all sync.WaitGroup
	all.Go(Guard(ctx, func() { panic(said) }))
	all.Wait()
}

// panics panics when it is called with i.
func panics(i int) func(int) {
	return func(k int) {
		if k == i {
			panic(said)
		}
	}
}

// All are under way before one ends, and all have ended when it returns.
func TestSideBySide(t *testing.T) {
	for n := range 4 {
		var begun sync.WaitGroup
		begun.Add(n)
		done := make([]bool, n)
		SideBySide(t.Context(), n, func(i int) {
			begun.Done()
			begun.Wait()
			done[i] = true
		})
		if slices.Contains(done, false) {
			t.Errorf("of %d: %v", n, done)
		}
	}
}

func TestContainPassesResultsOn(t *testing.T) {
	failed := errors.New("failed")
	got, err := Contain(t.Context(), func(ctx context.Context) (string, error) {
		done := false
		Aside(func() { done = true })()
		var all sync.WaitGroup
		all.Go(Guard(ctx, func() { done = done && true }))
		all.Wait()
		if !done {
			t.Error("not run")
		}
		return "value", failed
	})
	if got != "value" || err != failed {
		t.Errorf("%q, %v", got, err)
	}
}

// Without a job a panic is Go's.
func TestGuardOutsideAJob(t *testing.T) {
	defer func() {
		if thrown := recover(); thrown != said {
			t.Errorf("thrown: %v", thrown)
		}
	}()
	Guard(t.Context(), func() { panic(said) })()
}
