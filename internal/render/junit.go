package render

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"mailcheck/report"
)

// The JUnit form, as Jenkins (junit-10.xsd of its xUnit plugin), GitLab and
// other CI systems read it. There is no standard; what is written here is what
// all of them know. Times are seconds.
type (
	junitSuites struct {
		XMLName  xml.Name   `xml:"testsuites"`
		Name     string     `xml:"name,attr"`
		Tests    int        `xml:"tests,attr"`
		Failures int        `xml:"failures,attr"`
		Errors   int        `xml:"errors,attr"`
		Time     string     `xml:"time,attr"`
		Suite    junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name       string          `xml:"name,attr"`
		Tests      int             `xml:"tests,attr"`
		Failures   int             `xml:"failures,attr"`
		Errors     int             `xml:"errors,attr"`
		Skipped    int             `xml:"skipped,attr"`
		Time       string          `xml:"time,attr"`
		Timestamp  string          `xml:"timestamp,attr"` // UTC; the form has no room for a zone
		Properties []junitProperty `xml:"properties>property"`
		Cases      []junitCase     `xml:"testcase"`
	}
	junitProperty struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	junitCase struct {
		Class   string        `xml:"classname,attr"`
		Name    string        `xml:"name,attr"`
		Time    string        `xml:"time,attr"`
		Skipped *junitMessage `xml:"skipped"`
		Error   *junitMessage `xml:"error"`
		Failure *junitMessage `xml:"failure"`
		Output  *junitText    `xml:"system-out"`
	}
	junitMessage struct {
		Type    string `xml:"type,attr,omitempty"`
		Message string `xml:"message,attr"`
		Text    string `xml:",cdata"`
	}
	junitText struct {
		Text string `xml:",cdata"`
	}
)

// JUnit writes the report as test results: a testcase a step. What is a failure
// of the run is one of its step; a warning passes, with its text as output. A
// run that was stopped, with no step to blame, has a testcase of its own, so
// that results are good only when the run is.
func JUnit(w io.Writer, r *report.Report, opt Options) error {
	r = cleaned(r)
	suite := junitSuite{
		Name: "mailcheck " + r.Address, Time: inSeconds(r.DurationMS),
		Timestamp: r.Started.UTC().Format("2006-01-02T15:04:05"), Properties: junitProperties(r),
	}
	seen := map[string]int{}
	for _, c := range r.Checks {
		for _, s := range c.Steps {
			t := junitStep(r, c, s, opt)
			if seen[t.Name]++; seen[t.Name] > 1 { // readers tell testcases apart by their names
				t.Name += fmt.Sprintf(" (%d)", seen[t.Name])
			}
			suite.Cases = append(suite.Cases, t)
		}
	}
	for _, e := range r.Expectations {
		suite.Cases = append(suite.Cases, junitExpectation(r, e))
	}
	if r.Result == report.Fail && r.Verdict.FailedStep == "" && !disappointed(r) {
		stopped := &junitMessage{string(r.Verdict.Cause), oneLine(r.Verdict.Headline), rootStory(r)}
		suite.Cases = append(suite.Cases, junitCase{Class: "run", Name: "run", Time: inSeconds(r.DurationMS), Error: stopped})
	}
	for _, t := range suite.Cases {
		suite.Tests++
		switch {
		case t.Failure != nil:
			suite.Failures++
		case t.Error != nil:
			suite.Errors++
		case t.Skipped != nil:
			suite.Skipped++
		}
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(junitSuites{
		Name: "mailcheck", Tests: suite.Tests, Failures: suite.Failures, Errors: suite.Errors, Time: suite.Time, Suite: suite,
	}); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func junitProperties(r *report.Report) []junitProperty {
	v := r.Verdict
	all := []junitProperty{
		{"tool", r.Tool.Name}, {"version", r.Tool.Version}, {"address", r.Address},
		{"result", string(r.Result)}, {"exit_code", strconv.Itoa(r.ExitCode)}, {"headline", oneLine(v.Headline)},
		{"receive", string(v.Receive)}, {"send", string(v.Send)}, {"delivery", string(v.Delivery)},
	}
	if v.FailedStep != "" {
		all = append(all, junitProperty{"failed_step", v.FailedStep})
	}
	if v.Cause != "" {
		all = append(all, junitProperty{"cause", string(v.Cause)})
	}
	return all
}

func junitStep(r *report.Report, c *report.Check, s *report.Step, opt Options) junitCase {
	t := junitCase{Class: c.ID, Name: s.ID, Time: inSeconds(s.DurationMS)}
	if s.Subject != "" {
		t.Name += " " + s.Subject
	}
	switch result := counted(r, c, s, opt); {
	case s.Result == report.Skip:
		t.Skipped = &junitMessage{Type: cmp.Or(s.Because, string(s.Cause)), Message: whySkippedStep(r, s)}
	case result == report.Fail:
		t.Failure = junitFailure(r, c, s)
	case s.Result != report.OK:
		m := junitFailure(r, c, s)
		if result == report.OK { // a way that a probe tried in vain
			result = s.Result
		}
		t.Output = &junitText{resultWords[result] + ": " + m.Message + "\n" + m.Text}
	}
	return t
}

// junitExpectation is a testcase for what was expected of a step.
func junitExpectation(r *report.Report, e report.Expectation) junitCase {
	p := newPage(r, Options{})
	t := junitCase{Class: "expect", Name: e.String(), Time: inSeconds(0)}
	if e.Held {
		return t
	}
	t.Failure = &junitMessage{Type: "expectation", Message: oneLine(p.happened(r, e))}
	switch c, s := disappointing(r, e); {
	case aboutExpectation(r, e):
		t.Failure.Text = rootStory(r)
		t.Failure.Type = cmp.Or(string(r.Verdict.Cause), t.Failure.Type)
	case s == nil: // the step that kept it from being reached is a testcase of its own
	default:
		t.Failure.Text = story(r, c, s, narration{meaning: s.Explanation})
		t.Failure.Type = cmp.Or(string(s.Cause), t.Failure.Type)
	}
	return t
}

// disappointing is the step that did not come out as expected; none where it did
// not run.
func disappointing(r *report.Report, e report.Expectation) (*report.Check, *report.Step) {
	for _, h := range e.Happened {
		c, s := happenedStep(r, h)
		if s != nil && !e.Met(s) && (s.Result != report.Skip || e.Result == report.Skip) {
			return c, s
		}
	}
	return nil, nil
}

// aboutExpectation tells whether the verdict is about an expectation.
func aboutExpectation(r *report.Report, e report.Expectation) bool {
	if r.ExitCode != report.ExitWarn {
		return false
	}
	first := slices.IndexFunc(r.Expectations, func(e report.Expectation) bool { return !e.Held })
	return first >= 0 && r.Expectations[first].String() == e.String()
}

// disappointed tells whether an expectation did not hold.
func disappointed(r *report.Report) bool {
	return slices.ContainsFunc(r.Expectations, func(e report.Expectation) bool { return !e.Held })
}

// junitFailure tells a step that failed or warned.
func junitFailure(r *report.Report, c *report.Check, s *report.Step) *junitMessage {
	if _, root := failedStep(r); s == root {
		return &junitMessage{string(s.Cause), rootWords(r), rootStory(r)}
	}
	message := cmp.Or(s.Explanation, s.Detail, string(s.Cause), s.ID)
	for _, f := range found(r) {
		if f.step == s {
			message = cmp.Or(f.Text, message)
		}
	}
	return &junitMessage{string(s.Cause), oneLine(message), story(r, c, s, narration{meaning: s.Explanation, said: message})}
}

// whySkippedStep says why a step was not run.
func whySkippedStep(r *report.Report, s *report.Step) string {
	switch {
	case s.Cause == report.AuthLimitReached:
		return tag(r).Say("held back, so that the account is not locked")
	case s.Because == report.ByFlags:
		return tag(r).Say("not asked for")
	case s.Cause != "" && s.Because == "" && strings.HasPrefix(s.ID, report.MXCheck+"."):
		return excuse(s, tag(r))
	}
	return whyNot(r, s.Because)
}

// inSeconds writes milliseconds as seconds.
func inSeconds(ms int64) string {
	return strconv.FormatFloat((time.Duration(ms) * time.Millisecond).Seconds(), 'f', 3, 64)
}
