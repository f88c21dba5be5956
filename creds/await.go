package creds

import (
	"context"
	"fmt"

	"mailcheck/internal/crash"
)

// await runs f and returns what it returns, or the cause of ctx's end if that
// comes first. It is for calls that know no context and may never return (a
// read of a terminal, go-keyring): f's goroutine is then left behind until
// its call ends, if ever. A panic of f is returned as an error.
func await[T any](ctx context.Context, f func() (T, error)) (T, error) {
	type outcome struct {
		value T
		err   error
	}
	done := make(chan outcome, 1) // buffered: nobody may be listening any more
	go func() {
		var o outcome
		defer func() {
			if p := recover(); p != nil {
				o.err = fmt.Errorf("panic: %v", crash.Caught(p)) // which repeats no secret
			}
			done <- o
		}()
		o.value, o.err = f()
	}()
	select {
	case o := <-done:
		return o.value, o.err
	case <-ctx.Done():
		var zero T
		return zero, context.Cause(ctx)
	}
}
