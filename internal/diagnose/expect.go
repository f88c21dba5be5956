package diagnose

import (
	"fmt"
	"slices"
	"strings"

	"mailcheck/report"
)

// expectable are the checks whose steps can be expected something of; those of
// a second candidate have a number ("imap#2").
var expectable = append(slices.Clone(order), "probe")

// stepsOf are the steps of each check. Those of a probe have names of ports.
var stepsOf = map[string][]string{
	"settings": {"flags", "provider", "pacc", "autoconfig", "ispdb", "srv", "mx", "autodiscover", "guess"},
	"dns":      {"mx", "host"},
	"creds":    {"password", "token"},
	"imap":     {"connect", "tls", "greeting", "capability", "starttls", "auth", "mailbox", "logout"},
	"pop3":     {"connect", "tls", "greeting", "capability", "starttls", "auth", "mailbox", "logout"},
	"smtp":     {"connect", "tls", "greeting", "ehlo", "starttls", "auth", "mail", "rcpt", "data", "quit"},
	"delivery": {"arrive", "inspect", "cleanup"},
	"mx":       {"host", "connect", "greeting", "ehlo", "starttls", "tls", "spf", "dkim", "dmarc", "mta-sts", "tls-rpt", "dane"},
}

// results are what can be expected.
var results = []report.Result{report.OK, report.Warn, report.Fail, report.Skip}

// ParseExpectation reads STEP=RESULT[:CAUSE]. What no run could come to is an
// error that says what there is instead.
func ParseExpectation(text string) (report.Expectation, error) {
	step, outcome, ok := strings.Cut(text, "=")
	if !ok || step == "" || outcome == "" {
		return report.Expectation{}, fmt.Errorf("%q is not STEP=RESULT or STEP=RESULT:CAUSE, as in smtp.rcpt=fail:submit.relay_denied", text)
	}
	result, cause, hasCause := strings.Cut(outcome, ":")
	e := report.Expectation{Step: step, Result: report.Result(result), Cause: report.Cause(cause)}
	if !slices.Contains(results, e.Result) {
		return e, fmt.Errorf("%q is not one of ok, warn, fail, skip", result)
	}
	if hasCause && !isCause(e.Cause) {
		return e, fmt.Errorf("there is no cause %q; docs/causes.md has them all", cause)
	}
	check, name, dotted := strings.Cut(step, ".")
	check = report.CheckKind(check)
	switch steps := stepsOf[check]; {
	case strings.Contains(step, "*"):
	case !dotted || !slices.Contains(expectable, check):
		return e, fmt.Errorf("%q is no step; a step is CHECK.STEP, with one of the checks %s", step, strings.Join(expectable, ", "))
	case steps != nil && !slices.Contains(steps, name):
		return e, fmt.Errorf("%q is no step; %s has the steps %s", step, check, strings.Join(steps, ", "))
	}
	return e, nil
}

// expect holds the run against what was expected of it, and takes the steps
// that this is about out of what failed and what warned: an expectation
// replaces their judgement.
func (rd *reading) expect() {
	for i := range rd.report.Expectations {
		e := &rd.report.Expectations[i]
		e.Happened, e.Held = []report.Happened{}, false
		var met, ran int
		for _, c := range rd.report.Checks {
			for _, s := range c.Steps {
				if rd.report.Expectation(s) != e {
					continue
				}
				e.Happened = append(e.Happened, report.Happened{Step: s.ID, Subject: s.Subject, Result: s.Result, Cause: s.Cause})
				// A step that did not run says nothing, unless that is expected.
				if s.Result == report.Skip && e.Result != report.Skip {
					continue
				}
				ran++
				if e.Met(s) {
					met++
				}
			}
		}
		e.Held = ran > 0 && met == ran
	}
	expected := func(o occurrence) bool { return rd.report.Expectation(o.step) != nil && !stopped(o) }
	rd.failures = slices.DeleteFunc(rd.failures, expected)
	rd.warnings = slices.DeleteFunc(rd.warnings, expected)
}

// surprise is the first expectation that did not hold; nil where all did.
func (rd *reading) surprise() *report.Expectation {
	i := slices.IndexFunc(rd.report.Expectations, func(e report.Expectation) bool { return !e.Held })
	if i < 0 {
		return nil
	}
	return &rd.report.Expectations[i]
}

func (rd *reading) disappointed() bool { return rd.surprise() != nil }

// surprised fills in the verdict of a run in which nothing failed but an
// expectation.
func (rd *reading) surprised(v *report.Verdict, e *report.Expectation) {
	v.Advice = []string{
		rd.Say("Find out what has changed at the server, or on the way to it."),
		rd.Say("Is what happened right? Then change the expectation: --expect STEP=RESULT[:CAUSE]"),
	}
	for _, c := range rd.report.Checks {
		for _, s := range c.Steps {
			if rd.report.Expectation(s) != e || rd.report.Judged(s) != report.Fail {
				continue
			}
			v.FailedStep = s.ID
			switch {
			case s.Cause != "" && s.Result != report.OK:
				words := rd.word(c, s)
				v.Cause, v.Confidence = s.Cause, s.Confidence
				v.Explanation, v.AdminAdvice = words.Explanation, words.AdminAdvice
				v.Advice = append(v.Advice, words.Advice...)
			case rd.facts.NoAuth && s.ID == "smtp.rcpt":
				v.Explanation = rd.Say("Without a login the server takes mail for %s. If that address is not one of its own, it is an open relay: anybody can send through it.", rd.recipient())
			}
			return
		}
	}
	if !strings.Contains(e.Step, "*") {
		v.FailedStep = e.Step
	}
	v.Explanation = rd.Say("No step of this name ran, so there is nothing to compare.")
	for _, c := range rd.report.Checks {
		for _, s := range c.Steps {
			switch {
			case !e.Covers(s.ID) || s.Result != report.Skip:
				continue
			case s.Because == report.ByFlags:
				v.Explanation = rd.Say("%s was not asked for: other flags leave it out.", s.ID)
			case s.Because != "":
				v.Explanation = rd.Say("%s was not reached, because %s failed.", s.ID, s.Because)
			}
			return
		}
	}
}

// unexpected is the headline of a run in which an expectation did not hold.
func (rd *reading) unexpected(e *report.Expectation) string {
	for _, h := range e.Happened {
		s := &report.Step{ID: h.Step, Result: h.Result, Cause: h.Cause}
		if !e.Met(s) && (h.Result != report.Skip || e.Result == report.Skip) {
			return rd.Say("NOT AS EXPECTED: %s came to %s, and %s was expected.", h.Step, h.Outcome(), e.Outcome())
		}
	}
	return rd.Say("NOT AS EXPECTED: %s did not run, and %s was expected.", e.Step, e.Outcome())
}

// asExpected is the headline of a run in which every expectation held, and
// nothing else failed.
func (rd *reading) asExpected() string {
	all := rd.report.Expectations
	what := rd.Say("%d expectations held", len(all))
	if len(all) == 1 {
		what = rd.Say("%s came to %s", all[0].Step, all[0].Outcome())
	}
	if n := len(rd.warnings); n > 0 {
		return rd.Say("ALL AS EXPECTED, BUT %s WARNED: %s.", rd.warnings[0].step.ID, what)
	}
	return rd.Say("ALL AS EXPECTED: %s.", what)
}
