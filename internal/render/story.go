package render

import (
	"cmp"
	"strings"

	"mailcheck/report"
)

// incident is a failure or a warning of the run, as the formats for programs
// tell it.
type incident struct {
	id     string // of the step ("smtp.auth"); empty for a run that was stopped
	cause  report.Cause
	result report.Result // what it is to the run: Fail or Warn
	text   string        // what is wrong, in a sentence or two
	story  string        // the evidence and what to do, in lines
}

// incidents are the verdict's own failure, what else did not come out as expected,
// and then the findings. None means that all is well.
func incidents(r *report.Report, opt Options) []incident {
	v := r.Verdict
	var all []incident
	if r.Result == report.Fail {
		root := incident{id: v.FailedStep, cause: v.Cause, result: report.Fail, text: rootWords(r), story: rootStory(r)}
		all = append(all, root)
	}
	p := newPage(r, Options{})
	for _, e := range unmet(r) {
		all = append(all, incident{id: "--expect", result: report.Fail, text: oneLine(e.String() + ": " + p.happened(r, e))})
	}
	for _, f := range found(r) {
		i := incident{id: f.Step, cause: f.Cause, result: report.Warn, text: oneLine(f.Text)}
		if f.step != nil {
			i.result, i.story = counted(r, f.check, f.step, opt), story(r, f.check, f.step, narration{said: f.Text})
		} else if opt.Strict {
			i.result = report.Fail
		}
		i.text = cmp.Or(i.text, string(i.cause), i.id)
		all = append(all, i)
	}
	return all
}

// counted is what a step's result is to the run: a failure that takes nothing
// away is a warning, one of a probe, or of a step of which something was
// expected, is not even that; with --strict a warning is a failure.
func counted(r *report.Report, c *report.Check, s *report.Step, opt Options) report.Result {
	result := s.Result
	switch {
	case r.Expectation(s) != nil && result != report.Skip: // the expectation is judged in its place
		return report.OK
	case result != report.Fail && result != report.Warn:
		return result
	case c.ID == report.ProbeCheck:
		return report.OK
	case r.Result != report.Fail || gaveWay(r, c):
		result = report.Warn
	}
	if result == report.Warn && opt.Strict {
		return report.Fail
	}
	return result
}

// gaveWay tells a server that failed where another candidate of its protocol
// works.
func gaveWay(r *report.Report, c *report.Check) bool {
	for _, other := range r.Checks {
		if other != c && c.Protocol != "" && report.CheckKind(other.ID) == report.CheckKind(c.ID) && other.Result != report.Skip && other.FirstFailed() == nil {
			return true
		}
	}
	return false
}

// narration is what a story is told with.
type narration struct {
	meaning string // what the evidence means; empty where it has been said
	said    string // what stands before the story
}

// story tells a step that failed or warned, in lines that are bounded in number
// and no wider than those of the text report: the evidence, what it means, what
// to do.
func story(r *report.Report, c *report.Check, s *report.Step, n narration) string {
	p := newPage(r, Options{})
	switch {
	case s.Result == report.Fail && p.evident(r, c, s).words != "":
		p.evidence(r, c, s)
	case s.Reply != nil:
		p.words(p.Say("said:")+" ", replyWords(s.Reply))
	case s.Detail != "" && s.Detail != n.said:
		p.words(p.Say("seen:")+" ", s.Detail)
	}
	p.para(n.meaning)
	if _, root := failedStep(r); s == root {
		p.para(p.proven(r))
		p.advice(r.Verdict)
	} else {
		p.list(p.Say("What to do"), s.Advice)
	}
	return strings.TrimRight(p.b.String(), "\n")
}

// rootWords say what the step that the verdict names came to: the headline, or the
// words of the step where the headline speaks of another failure. That one is
// among the findings.
func rootWords(r *report.Report) string {
	if v := r.Verdict; v.FailedTitle != "" {
		return oneLine(tag(r).Say("%s.", v.FailedTitle))
	}
	return oneLine(r.Verdict.Headline)
}

// rootStory is the story of the failure that the verdict is about; of the run's
// end where no step failed (it was stopped).
func rootStory(r *report.Report) string {
	p := newPage(r, Options{})
	if c, s := failedStep(r); s != nil {
		v := r.Verdict
		if v.FailedTitle != "" { // its explanation begins with what the headline leaves out
			v.Explanation = s.Explanation
		}
		return story(r, c, s, narration{meaning: p.meaning(v, s)})
	}
	p.para(r.Verdict.Explanation)
	p.advice(r.Verdict)
	return strings.TrimRight(p.b.String(), "\n")
}
