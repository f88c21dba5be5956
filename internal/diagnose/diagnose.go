// Package diagnose says what a failure means and what to do about it.
//
//  1. [Step] gives a step that failed or warned its cause, by the type of its
//     error ([report.Log].Judge): network.go, tls.go, greeting.go; those who
//     read along by the table in interceptors.go, a server's refusal by the
//     rules.
//  2. [Lookup] has the words for a cause: title, explanation, advice. They
//     stand in the tables of causes_*.go, those for a provider or for what
//     else the run has shown in variants*.go; [WordsAt] chooses among them
//     without a run.
//  3. [Verdict] reads a whole report: what works, which failure is the root,
//     what was proven right, what to do; what probes showed (probes.go) and
//     whether the clock is wrong (clock.go).
//  4. [ExitStatus] is the exit status that a failed step stands for.
//  5. [Explain] answers what a reply or an error means that somebody pastes.
//
// The rules are data, in rules/*.toml; rules.go says what they may ask for. A
// refusal is read into its parts (heard.go; unwrap.go for pasted text), and
// of the rules that fit the most specific one decides (match.go, judge.go): what
// gives a reason before what does not, words before codes, then what explains
// most. Where no rule is certain, what the text reads like is weighed, too
// (likeness.go).
//
// A cause that the evidence does not name is [report.Unknown], and the
// evidence is shown verbatim.
package diagnose

import (
	"cmp"

	"mailcheck/internal/lang"
	"mailcheck/report"
)

// Step sets the cause of a step that failed or warned, unless it is known
// already, and the words that go with it in a language. It is meant for
// [report.Log].Judge.
func Step(check *report.Check, step *report.Step, tag lang.Tag) {
	StepMasked(check, step, tag, nil)
}

// StepMasked is Step in a run that has secrets: mask takes them out of what the
// words quote of a server.
func StepMasked(check *report.Check, step *report.Step, tag lang.Tag, mask func(string) string) {
	if readAlong(check, step) {
		step.Result, step.Cause = report.Warn, report.TLSIntercepted
	}
	if step.Result == report.OK {
		return
	}
	if crossedInClear(check, step) {
		step.Cause = report.AuthCleartextRefused
	}
	if step.Cause == "" && (step.Err != nil || step.Result == report.Fail) {
		d := diagnose(check, step)
		step.Cause = d.cause
		step.Confidence = cmp.Or(step.Confidence, d.confidence)
		step.Alternatives = append(step.Alternatives, d.alternatives...)
		step.Temporary = (step.Temporary || d.temporary) && !d.lasting
	}
	if step.Cause == "" {
		return
	}
	switch {
	case step.Result == report.Skip:
	case step.Cause == report.Unknown:
		step.Confidence = cmp.Or(step.Confidence, report.Low)
	default:
		step.Confidence = cmp.Or(step.Confidence, report.High)
	}
	if step.Err != nil && step.Reply == nil && (step.Detail == "" || step.Detail == step.Err.Error()) {
		step.Detail = plainly(tag, step.Err)
	}
	setting{Tag: tag, facts: Facts{Mask: mask}}.word(check, step)
}

// crossedInClear tells a login that warned because it went over an unencrypted
// connection, as --allow-cleartext lets it.
func crossedInClear(check *report.Check, step *report.Step) bool {
	return step.Step == "auth" && step.Result == report.Warn && step.Err == nil && step.Cause == "" &&
		check.Endpoint != nil && check.Endpoint.Security == report.None
}

// diagnosis is a cause and how sure it is.
type diagnosis struct {
	cause        report.Cause
	confidence   report.Confidence
	alternatives []report.Alternative
	temporary    bool
	lasting      bool // trying again does not help, though the server says so
}

func certain(c report.Cause) diagnosis { return diagnosis{cause: c, confidence: report.High} }
func likely(c report.Cause) diagnosis  { return diagnosis{cause: c, confidence: report.Medium} }
func unknown() diagnosis               { return diagnosis{cause: report.Unknown, confidence: report.Low} }

// or adds another cause that the same evidence allows.
func (d diagnosis) or(c report.Cause, confidence report.Confidence) diagnosis {
	d.alternatives = append(d.alternatives, report.Alternative{Cause: c, Confidence: confidence})
	return d
}
