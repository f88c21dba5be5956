package report

import "strings"

// Expectation is what the user said that a step comes to (--expect), and what
// it came to. It takes the place of the judgement of its steps.
type Expectation struct {
	Step   string `json:"step"` // a step's id; "*" in it stands for any characters
	Result Result `json:"result"`
	Cause  Cause  `json:"cause,omitempty"` // empty: whatever the cause
	Held   bool   `json:"held"`
	// Happened are the steps that it is about, as they came out; none when the
	// run had no such step.
	Happened []Happened `json:"happened"`
}

// Happened is how a step came out.
type Happened struct {
	Step    string `json:"step"`
	Subject string `json:"subject,omitempty"`
	Result  Result `json:"result"`
	Cause   Cause  `json:"cause,omitempty"`
}

// String is the expectation as --expect takes it.
func (e Expectation) String() string { return e.Step + "=" + outcome(e.Result, e.Cause) }

// Outcome is what is expected, without the step.
func (e Expectation) Outcome() string { return outcome(e.Result, e.Cause) }

// Outcome is what happened, in the form in which it would be expected.
func (h Happened) Outcome() string { return outcome(h.Result, h.Cause) }

func outcome(result Result, cause Cause) string {
	if cause == "" {
		return string(result)
	}
	return string(result) + ":" + string(cause)
}

// Covers tells whether the expectation is about the step with this id.
func (e Expectation) Covers(id string) bool {
	parts := strings.Split(e.Step, "*")
	first, rest := parts[0], parts[1:]
	id, ok := strings.CutPrefix(id, first)
	for i, part := range rest {
		switch {
		case !ok:
			return false
		case i == len(rest)-1:
			return strings.HasSuffix(id, part)
		}
		_, id, ok = strings.Cut(id, part)
	}
	return ok && id == ""
}

// Met tells whether a step came out as expected.
func (e Expectation) Met(s *Step) bool {
	return s.Result == e.Result && (e.Cause == "" || s.Cause == e.Cause)
}

// Expectation is the one that a step is judged by: the last that is about it,
// as the last flag counts. Nil means that it is judged as always.
func (r *Report) Expectation(s *Step) *Expectation {
	for i := len(r.Expectations) - 1; i >= 0; i-- {
		if e := &r.Expectations[i]; e.Covers(s.ID) {
			return e
		}
	}
	return nil
}

// Judged is a step's result as it counts for the run: ok for one that came out
// as expected, fail for one that did not, and skip for one that did not run.
func (r *Report) Judged(s *Step) Result {
	e := r.Expectation(s)
	switch {
	case e == nil, s.Result == Skip && e.Result != Skip:
		return s.Result
	case e.Met(s):
		return OK
	}
	return Fail
}
