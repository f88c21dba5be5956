package limit_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"mailcheck/internal/limit"
)

var errLimit, errStop = errors.New("too long"), errors.New("stop")

type key struct{}

// A context of With is at every moment what context.WithTimeoutCause would be,
// whenever and in whichever order it is asked.
func TestLikeWithTimeout(t *testing.T) {
	const most = time.Minute
	ways := map[string]func(ctx context.Context){
		"never": func(context.Context) {},
		"done":  func(ctx context.Context) { ctx.Done() },
		"child": func(ctx context.Context) {
			child, cancel := context.WithCancel(ctx)
			defer cancel()
			_ = child.Err()
		},
		"err":   func(ctx context.Context) { _ = ctx.Err() },
		"value": func(ctx context.Context) { ctx.Value(key{}) },
	}
	ends := map[string]func(parent context.CancelCauseFunc, own context.CancelFunc){
		"not":             func(context.CancelCauseFunc, context.CancelFunc) {},
		"cancelled":       func(_ context.CancelCauseFunc, own context.CancelFunc) { own() },
		"twice":           func(_ context.CancelCauseFunc, own context.CancelFunc) { own(); own() },
		"by its limit":    func(context.CancelCauseFunc, context.CancelFunc) { time.Sleep(most + 1) },
		"limit, then own": func(_ context.CancelCauseFunc, own context.CancelFunc) { time.Sleep(most + 1); own() },
		"own, then limit": func(_ context.CancelCauseFunc, own context.CancelFunc) { own(); time.Sleep(most + 1) },
		"by its parent":   func(parent context.CancelCauseFunc, _ context.CancelFunc) { parent(errStop) },
		"parent, then own": func(parent context.CancelCauseFunc, own context.CancelFunc) {
			parent(errStop)
			own()
		},
		"own, then parent": func(parent context.CancelCauseFunc, own context.CancelFunc) {
			own()
			parent(errStop)
		},
	}
	parents := map[string]time.Duration{"no limit above": 0, "a later one above": 2 * most, "an earlier one above": most / 2}
	type told struct {
		err, cause, child error
		closed            bool
		value             any
		deadline          time.Duration
	}
	ask := func(begin time.Time, ctx context.Context) (a told) {
		a.err, a.cause, a.value = ctx.Err(), context.Cause(ctx), ctx.Value(key{})
		select {
		case <-ctx.Done():
			a.closed = true
		default:
		}
		child, cancel := context.WithCancel(ctx)
		defer cancel()
		a.child = context.Cause(child)
		d, _ := ctx.Deadline()
		a.deadline = d.Sub(begin)
		return a
	}
	for asked, way := range ways {
		for ended, end := range ends {
			for above, limitAbove := range parents {
				t.Run(asked+"/"+ended+"/"+above, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						outcome := func(with func(context.Context) (context.Context, context.CancelFunc)) told {
							begin := time.Now()
							parent, cancel := context.WithCancelCause(context.WithValue(t.Context(), key{}, "kept"))
							defer cancel(nil)
							if limitAbove > 0 {
								var stop context.CancelFunc
								parent, stop = context.WithTimeout(parent, limitAbove)
								defer stop()
							}
							ctx, own := with(parent)
							defer own()
							way(ctx)
							end(cancel, own)
							synctest.Wait()
							return ask(begin, ctx)
						}
						want := outcome(func(ctx context.Context) (context.Context, context.CancelFunc) {
							return context.WithTimeoutCause(ctx, most, errLimit)
						})
						if got := outcome(func(ctx context.Context) (context.Context, context.CancelFunc) {
							return limit.With(ctx, most, errLimit)
						}); got != want {
							t.Errorf("got %+v, want %+v", got, want)
						}
					})
				})
			}
		}
	}
}

// Who waits is woken by the limit.
func TestWakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := limit.With(t.Context(), time.Minute, errLimit)
		defer cancel()
		begin := time.Now()
		<-ctx.Done()
		if took := time.Since(begin); took != time.Minute || !errors.Is(context.Cause(ctx), errLimit) {
			t.Errorf("after %v: %v", took, context.Cause(ctx))
		}
	})
}

func TestOf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		plain := t.Context()
		outer, cancel := limit.With(plain, time.Hour, errLimit)
		defer cancel()
		inner, cancel := limit.With(outer, time.Minute, errLimit)
		defer cancel()
		derived, cancel := context.WithCancel(inner)
		defer cancel()
		beyond, cancel := limit.With(inner, time.Hour, errLimit)
		defer cancel()
		for name, tc := range map[string]struct {
			ctx, above context.Context
			in         time.Duration
		}{
			"plain":                                {plain, plain, 0},
			"one":                                  {outer, plain, time.Hour},
			"two":                                  {inner, plain, time.Minute},
			"another kind of context":              {derived, derived, 0},
			"a limit beyond the one above is none": {beyond, beyond, 0},
		} {
			above, deadline := limit.Of(tc.ctx)
			if above != tc.above || deadline.IsZero() != (tc.in == 0) || tc.in > 0 && time.Until(deadline) != tc.in {
				t.Errorf("%s: %v, %v", name, above, time.Until(deadline))
			}
		}
	})
}

// While nobody waits there is neither timer nor registration.
func TestCosts(t *testing.T) {
	parent, cancel := context.WithCancel(t.Context())
	defer cancel()
	if n := testing.AllocsPerRun(100, func() {
		ctx, cancel := limit.With(parent, time.Minute, errLimit)
		_ = ctx.Err()
		cancel()
	}); n > 2 {
		t.Errorf("%v allocations", n)
	}
}
