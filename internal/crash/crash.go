// Package crash keeps a fault of this program, a panic in any of its
// goroutines, from ending it the way Go does: with a stack, whatever the panic
// says (which may be a server's words), and an exit status of wrong usage.
//
//  1. [Contain] runs a job. A panic in it ends the job with a [Fault].
//  2. [Guard] is for each goroutine that the job starts: a panic there ends the
//     job just so, whoever waits for that goroutine.
//  3. [SideBySide] does the same job for each of several things at once.
//  4. [Aside] is for a goroutine that its starter waits for, where there is no
//     context: the panic comes out of the wait.
package crash

import (
	"context"
	"fmt"
	"path"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
)

// Fault is a panic, told without the words of others.
type Fault struct {
	What  string // the runtime's own words, else the type of what was thrown
	Where string // the innermost function of this program, with file and line; empty when unknown
	Stack []byte // for developers; it shows no text, but addresses
}

func (f *Fault) Error() string {
	if f.Where == "" {
		return f.What
	}
	return f.What + ", in " + f.Where
}

// ours is how the names of this module's functions begin.
const ours = "mailcheck/"

// Caught describes what recover has returned. It is called by the deferred
// function itself, while the stack still stands.
func Caught(thrown any) *Fault {
	if f, ok := thrown.(*Fault); ok {
		return f
	}
	f := &Fault{What: fmt.Sprintf("a panic of type %T", thrown), Stack: debug.Stack()}
	// These name indices, types and addresses, never contents.
	if e, ok := thrown.(runtime.Error); ok {
		f.What = e.Error()
	}
	callers := make([]uintptr, 64)
	frames := runtime.CallersFrames(callers[:runtime.Callers(2, callers)])
	panicked := false
	for more := true; more; {
		var frame runtime.Frame
		frame, more = frames.Next()
		panicked = panicked || frame.Function == "runtime.gopanic"
		if panicked && (strings.HasPrefix(frame.Function, ours) || strings.HasPrefix(frame.Function, "main.")) {
			f.Where = fmt.Sprintf("%s (%s:%d)", strings.TrimPrefix(frame.Function, ours), path.Base(frame.File), frame.Line)
			break
		}
	}
	return f
}

// job is a run of Contain.
type job struct{ faults chan *Fault } // of room for one: the first counts

type key struct{}

// Contain runs f and returns what it returns, or a *[Fault] as soon as f or a
// goroutine under [Guard] panics. The context of f then ends, but f is not
// waited for: it may wait for what will never come.
func Contain[T any](ctx context.Context, f func(context.Context) (T, error)) (T, error) {
	type outcome struct {
		value T
		err   error
	}
	j := &job{faults: make(chan *Fault, 1)}
	ctx, cancel := context.WithCancel(context.WithValue(ctx, key{}, j))
	defer cancel()
	done := make(chan outcome, 1)
	go Guard(ctx, func() {
		value, err := f(ctx)
		done <- outcome{value, err}
	})()
	var zero T
	select {
	case o := <-done:
		select {
		case fault := <-j.faults: // of a goroutine whose result seemed to be missing
			return zero, fault
		default:
			return o.value, o.err
		}
	case fault := <-j.faults:
		return zero, fault
	}
}

// Guard returns f for a goroutine of its own: a panic of it ends the job that
// ctx comes from. Outside of a job the panic goes on.
func Guard(ctx context.Context, f func()) func() {
	j, _ := ctx.Value(key{}).(*job)
	if j == nil {
		return f
	}
	return func() {
		defer func() {
			if thrown := recover(); thrown != nil {
				select {
				case j.faults <- Caught(thrown):
				default: // a consequence of the first
				}
			}
		}()
		f()
	}
}

// SideBySide calls f with 0 to n-1, all at the same time, and waits for them. The
// last is done by the goroutine of the caller, the others under [Guard].
func SideBySide(ctx context.Context, n int, f func(i int)) {
	var others sync.WaitGroup
	for i := range n - 1 {
		others.Go(Guard(ctx, func() { f(i) }))
	}
	if n > 0 {
		f(n - 1)
	}
	others.Wait()
}

// Aside runs f in a goroutine. Wait waits for its end and panics if f did.
func Aside(f func()) (wait func()) {
	ended := make(chan struct{})
	var fault *Fault
	go func() {
		defer close(ended)
		defer func() {
			if thrown := recover(); thrown != nil {
				fault = Caught(thrown)
			}
		}()
		f()
	}()
	return func() {
		<-ended
		if fault != nil {
			panic(fault)
		}
	}
}
