package report

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"mailcheck/internal/limit"
)

// ErrStepTimeout is the cause (context.Cause) of a context that a step's own
// time limit ended, as against the whole run's.
var ErrStepTimeout = errors.New("the step took longer than its limit")

// ErrAccountSpared is why a batch makes no further login for an account.
var ErrAccountSpared = errors.New("two logins of this account were refused in this batch, so no other is made")

// ErrRunTimeout is the cause of a context that the limit of the whole run
// ended.
var ErrRunTimeout = errors.New("the limit of the whole run (--timeout) was over")

// ByFlags is what a step that nobody asked for is skipped because of.
const ByFlags = "flags"

// Log makes the checks of one run and tells an observer of each step. Checks
// may record side by side; hooks are called one at a time.
type Log struct {
	// Start is the zero of StartMS; the zero value means the first use.
	Start time.Time
	// StepTimeout gives a step (by its name, "auth") its time limit; zero
	// means that the context alone limits it. A nil func means none.
	StepTimeout func(step string) time.Duration
	// Judge sees each step when it has ended and sets its cause. May be nil.
	Judge func(*Check, *Step)
	// Unasked tells of a step that nobody asked for: SkipRest skips it ByFlags,
	// whatever failed before it. May be nil.
	Unasked func(c *Check, step string) bool
	// Observe is told of each step's start and end. May be nil. What it is
	// given is its own copy.
	Observe func(Event)

	mu     sync.Mutex
	checks []*Check
}

// Event is a step that began or ended.
type Event struct {
	Check    string
	Endpoint *CheckEndpoint // nil for a check without a server
	Ended    bool           // false: the step has begun; Step has no result yet
	Limit    time.Duration  // the step's time limit; zero when it has none of its own
	Step     Step
}

// Checks returns the checks so far, in the order they were begun. It is
// meant for the end of a run, when nothing records any more.
func (l *Log) Checks() []*Check {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]*Check(nil), l.checks...)
}

// Check begins a check. Endpoint is nil for one without a server.
func (l *Log) Check(id string, ep *Endpoint) *Recorder {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.Start.IsZero() {
		l.Start = time.Now()
	}
	c := &Check{ID: id, Steps: []*Step{}}
	if ep != nil {
		c.Protocol = ep.Protocol
		c.Endpoint = &CheckEndpoint{Host: ep.Host, Port: ep.Port, Security: ep.Security, Source: ep.Source}
	}
	l.checks = append(l.checks, c)
	return &Recorder{log: l, check: c}
}

// Since returns the milliseconds from the start of the run to t.
func (l *Log) Since(t time.Time) int64 { return t.Sub(l.Start).Milliseconds() }

// Recorder records the steps of one check. Its methods may be called by one
// goroutine at a time.
type Recorder struct {
	log   *Log
	check *Check
}

// Check is the check being recorded. Fields that no step owns (TLS,
// Capabilities, …) are set on it directly.
func (r *Recorder) Check() *Check { return r.check }

// Run runs one step and records it. The step fails when do returns an error;
// else it has the result that do set, or is ok. The error is returned as it
// came.
func (r *Recorder) Run(ctx context.Context, step string, do func(context.Context, *Step) error) error {
	return r.RunSubject(ctx, step, "", do)
}

// RunSubject is Run for a step that repeats, told apart by its subject
// ("after-tls", a host name).
func (r *Recorder) RunSubject(ctx context.Context, step, subject string, do func(context.Context, *Step) error) error {
	s := &Step{ID: r.check.ID + "." + step, Step: step, Subject: subject}
	return r.run(ctx, s, func() { r.check.Steps = append(r.check.Steps, s) }, do)
}

// Again is Run for a step that was recorded before and not run to its end (its
// answer was not needed then): it takes its own place.
func (r *Recorder) Again(ctx context.Context, s *Step, do func(context.Context, *Step) error) error {
	return r.run(ctx, s, func() { *s = Step{ID: s.ID, Step: s.Step, Subject: s.Subject} }, do)
}

// RunTogether is RunSubject for several subjects whose steps are one piece of work.
// Do sets the Duration of each step and returns their errors in the order of the
// subjects.
func (r *Recorder) RunTogether(ctx context.Context, step string, subjects []string, do func(context.Context, []*Step) []error) {
	limit, stepCtx, cancel := r.limit(ctx, step)
	defer cancel()
	steps := make([]*Step, len(subjects))
	for i, subject := range subjects {
		s := &Step{ID: r.check.ID + "." + step, Step: step, Subject: subject}
		steps[i] = s
		r.begin(s, time.Now(), func() { r.check.Steps = append(r.check.Steps, s) }, limit)
	}
	for i, err := range do(stepCtx, steps) {
		steps[i].DurationMS = steps[i].Duration.Milliseconds()
		r.end(steps[i], err)
	}
}

// limit gives a step its time limit; zero where it has none of its own.
func (r *Recorder) limit(ctx context.Context, step string) (time.Duration, context.Context, context.CancelFunc) {
	if r.log.StepTimeout != nil {
		if most := r.log.StepTimeout(step); most > 0 {
			limited, cancel := limit.With(ctx, most, ErrStepTimeout)
			return most, limited, cancel
		}
	}
	return 0, ctx, func() {}
}

// run runs a step that enter, with the lock held, puts into the check.
func (r *Recorder) run(ctx context.Context, s *Step, enter func(), do func(context.Context, *Step) error) error {
	limit, stepCtx, cancel := r.limit(ctx, s.Step)
	defer cancel()
	begin := time.Now()
	r.begin(s, begin, enter, limit)

	err := do(stepCtx, s)

	s.Duration = time.Since(begin)
	s.DurationMS = s.Duration.Milliseconds()
	r.end(s, err)
	return err
}

// begin puts a step that begins now into the check.
func (r *Recorder) begin(s *Step, now time.Time, enter func(), limit time.Duration) {
	r.log.mu.Lock()
	defer r.log.mu.Unlock()
	enter()
	s.StartMS = r.log.Since(now)
	r.observe(*s, false, limit)
}

// Began tells the observer of a step that has begun in a session with a check
// of its own, and that [Recorder.Take] is to record.
func (r *Recorder) Began(s Step, limit time.Duration) {
	r.log.mu.Lock()
	defer r.log.mu.Unlock()
	r.observe(s, false, limit)
}

// Take records a step that has ended in a session with a check of its own as
// one of this check's.
func (r *Recorder) Take(s *Step) {
	r.log.mu.Lock()
	defer r.log.mu.Unlock()
	s.ID = r.check.ID + "." + s.Step
	r.check.Steps = append(r.check.Steps, s)
	r.conclude(s)
}

// Skip records a step that was not run, and why: the id of the step that
// failed before it, or ByFlags.
func (r *Recorder) Skip(step, because string) { r.SkipCause(step, because, "") }

// SkipCause is Skip with a cause ("auth.limit_reached").
func (r *Recorder) SkipCause(step, because string, cause Cause) {
	s := &Step{ID: r.check.ID + "." + step, Step: step, Result: Skip, Because: because, Cause: cause,
		StartMS: r.log.Since(time.Now())}
	r.log.mu.Lock()
	r.check.Steps = append(r.check.Steps, s)
	r.log.mu.Unlock()
	r.end(s, nil)
}

// SkipRest records every step of the plan that has not been recorded yet as
// skipped because of the check's first failed step, when that stands before it
// in the plan, and else because of otherwise. A step that nobody asked for is
// skipped ByFlags.
func (r *Recorder) SkipRest(plan []string, otherwise string) {
	failed := r.check.FirstFailed()
	because := otherwise
	for i, step := range plan {
		// A step that stands before the one that failed was not wanted.
		if failed != nil && !slices.Contains(plan[i:], failed.Step) {
			because = failed.ID
		}
		switch {
		case r.check.Step(step) != nil:
		case r.log.Unasked != nil && r.log.Unasked(r.check, step):
			r.Skip(step, ByFlags)
		default:
			r.Skip(step, because)
		}
	}
}

// end takes in what a step has ended with: its error, a server's reply in it, and
// a cause that is known already.
func (r *Recorder) end(s *Step, err error) {
	r.log.mu.Lock()
	defer r.log.mu.Unlock()
	if err != nil {
		s.Result, s.Err = Fail, err
		var re *ReplyError
		if errors.As(err, &re) {
			if s.Reply == nil {
				reply := re.Reply
				s.Reply = &reply
			}
			s.Temporary = s.Temporary || re.Temporary
		}
		var f *Fault
		if errors.As(err, &f) && s.Cause == "" {
			s.Cause = f.Cause
		}
	} else if s.Result == "" {
		s.Result = OK
	}
	r.conclude(s)
}

// conclude has a step that has ended judged and observed, and counts it for its
// check. The lock is held.
func (r *Recorder) conclude(s *Step) {
	if r.log.Judge != nil {
		r.log.Judge(r.check, s)
	}
	r.check.Result = Worse(r.check.Result, s.Result)
	r.observe(*s, true, 0)
}

// Amend changes a step that has ended (an address found dead after the
// session went on, say) and weighs the check's result again.
func (r *Recorder) Amend(s *Step, change func(*Step)) {
	r.log.mu.Lock()
	defer r.log.mu.Unlock()
	change(s)
	if r.log.Judge != nil {
		r.log.Judge(r.check, s)
	}
	r.check.Result = ""
	for _, s := range r.check.Steps {
		r.check.Result = Worse(r.check.Result, s.Result)
	}
}

// Sort puts the steps of the check into an order, which that of their begin
// is not where they run side by side.
func (r *Recorder) Sort(compare func(a, b *Step) int) {
	r.log.mu.Lock()
	defer r.log.mu.Unlock()
	slices.SortStableFunc(r.check.Steps, compare)
}

// observe is called with the lock held.
func (r *Recorder) observe(s Step, ended bool, limit time.Duration) {
	if r.log.Observe != nil {
		r.log.Observe(Event{Check: r.check.ID, Endpoint: r.check.Endpoint, Ended: ended, Limit: limit, Step: s})
	}
}
