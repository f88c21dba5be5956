package render

import (
	"slices"
	"strings"

	"mailcheck/internal/lang"
	"mailcheck/report"
)

// maxWords bounds the lines of a server's words. The whole of them is in the
// JSON report.
const maxWords = 12

// verdict explains the headline: the evidence, what it means, what is right
// all the same, what to do, and what else was seen.
func (p *page) verdict(r *report.Report) {
	v := r.Verdict
	if c, s := failedStep(r); s != nil {
		p.evidence(r, c, s)
		p.reading(v, s)
	} else if v.Explanation != "" {
		p.gap()
		p.para(v.Explanation)
	}
	p.para(p.proven(r))
	p.advice(v)
	p.findings(r)
}

// advice is what the user can do, and then the administrator.
func (p *page) advice(v report.Verdict) {
	p.list(p.Say("What to do"), v.Advice)
	p.list(p.Say("For the administrator"), v.AdminAdvice)
}

// proven is what need not be changed although the run failed; empty when there
// is nothing.
func (p *page) proven(r *report.Report) string {
	if r.Result != report.Fail || len(r.Verdict.Proven) == 0 {
		return ""
	}
	proven := []string{p.Say("Do not change what was proven.")}
	for _, what := range r.Verdict.Proven {
		proven = append(proven, p.Say("%s.", what))
	}
	return p.Sentences(proven...)
}

// failedStep is the step that the verdict is about; nil when it is about none.
func failedStep(r *report.Report) (*report.Check, *report.Step) {
	return findStep(r, func(s *report.Step) bool { return s.ID == r.Verdict.FailedStep && s.Result == report.Fail })
}

func findStep(r *report.Report, wanted func(*report.Step) bool) (*report.Check, *report.Step) {
	for _, c := range r.Checks {
		for _, s := range c.Steps {
			if wanted(s) {
				return c, s
			}
		}
	}
	return nil, nil
}

// refusal says what a server's no to a step was about.
func (p *page) refusal(r *report.Report, host string, s *report.Step) string {
	switch s.Step {
	case "greeting":
		return p.Say("%s turned the connection away (%s) in these words:", host, s.ID)
	case "starttls":
		return p.Say("%s refused to encrypt (%s) in these words:", host, s.ID)
	case "auth":
		if tokens(r) {
			return p.Say("%s refused the sign-in (%s) in these words:", host, s.ID)
		}
		return p.Say("%s refused the login (%s) in these words:", host, s.ID)
	case "mailbox":
		return p.Say("%s did not open the mailbox (%s) in these words:", host, s.ID)
	case "mail":
		return p.Say("%s refused the sender (%s) in these words:", host, s.ID)
	case "rcpt":
		return p.Say("%s refused the recipient (%s) in these words:", host, s.ID)
	case "data":
		return p.Say("%s refused the message (%s) in these words:", host, s.ID)
	}
	return p.Say("%s answered (%s) in these words:", host, s.ID)
}

// evidence is what the server said, word for word; without a reply what was
// seen, unless the check's own line has said it.
func (p *page) evidence(r *report.Report, c *report.Check, s *report.Step) {
	p.gap()
	e := p.evident(r, c, s)
	if e.words == "" {
		return
	}
	p.para(e.lead)
	p.words("  ", e.words)
	if e.note != "" {
		p.hang("  ", e.note)
	}
}

// evident is the evidence of a failure.
type evident struct {
	lead  string // who said it, to what; or which server failed, and where
	words string // foreign; empty when there is no evidence to show
	note  string // what else is known, in parentheses; empty for nothing
}

func (p *page) evident(r *report.Report, c *report.Check, s *report.Step) evident {
	host := p.Say("The server")
	if c.Endpoint != nil {
		host = c.Endpoint.Host
	}
	switch {
	case s.Reply != nil:
		e := evident{lead: p.refusal(r, host, s), words: replyWords(s.Reply)}
		if s.Detail != "" && (c.Auth == nil || s.Detail != c.Auth.Mechanism) {
			e.note = "(" + s.Detail + ")"
		}
		return e
	case s.Detail != "" && c.Endpoint != nil && s.Cause != report.ClientInterrupted:
		return evident{lead: p.Say("%s failed at %s:", host, s.ID), words: s.Detail}
	}
	return evident{}
}

// words are foreign, so they are indented, by the width of the lead, and
// bounded.
func (p *page) words(lead, text string) {
	lines := wrap(text, columns-cells(lead))
	for i, l := range lines {
		if i == maxWords && len(lines) > maxWords+1 {
			p.hang(lead, p.Say("[%d more lines: see them with -o json]", len(lines)-i))
			return
		}
		p.line(lead + l)
		lead = strings.Repeat(" ", cells(lead))
	}
}

// replyWords is a reply as the server wrote it.
func replyWords(r *report.Reply) string {
	parts := []string{r.Status}
	if r.Code != "" {
		parts = append(parts, "["+r.Code+"]")
	}
	if r.Enhanced != "" {
		parts = append(parts, r.Enhanced)
	}
	if r.Text != "" {
		parts = append(parts, r.Text)
	}
	return strings.Join(parts, " ")
}

// reading writes what the evidence means.
func (p *page) reading(v report.Verdict, s *report.Step) { p.para(p.meaning(v, s)) }

// meaning is what the evidence means, and how sure that is where it had to be
// read out of a server's words.
func (p *page) meaning(v report.Verdict, s *report.Step) string {
	sure := p.certainty(v.Confidence)
	switch {
	case v.Cause == report.Unknown, v.Confidence == report.High && s.Reply == nil:
		sure = ""
	case len(p.otherCauses(s)) > 0:
		others := p.Or(p.otherCauses(s), maxListed)
		likely := func(a report.Alternative) bool { return a.Confidence != report.Low }
		switch {
		case v.Confidence != report.High:
			sure = p.Say("%s; it may also be that %s", sure, others)
		case !slices.ContainsFunc(s.Alternatives, likely):
			sure = p.Say("This is what the words say; less likely: %s", others)
		default:
			sure = p.Say("This is what the words say, and they may also mean that %s", others)
		}
	}
	if sure != "" {
		sure = p.Say("%s.", sure)
	}
	return p.Sentences(v.Explanation, sure)
}

// otherCauses are those of a step: their titles, else their ids.
func (p *page) otherCauses(s *report.Step) []string {
	var names []string
	for _, o := range s.Others {
		title := oneLine(o.Title)
		if p.Tag == lang.Japanese { // a sentence of its own
			title = "「" + title + "」"
		}
		names = append(names, title)
	}
	if s.Others != nil {
		return names
	}
	for _, a := range s.Alternatives {
		names = append(names, string(a.Cause))
	}
	return names
}

// certainty says how sure a cause is.
func (p *page) certainty(c report.Confidence) string {
	switch c {
	case report.High:
		return p.Say("This is certain")
	case report.Medium:
		return p.Say("This is likely")
	case report.Low:
		return p.Say("This is a guess")
	}
	return ""
}

// findings are what else failed or warned, with the evidence; what is alike is
// told once.
func (p *page) findings(r *report.Report) {
	if len(r.Verdict.Findings) == 0 {
		return
	}
	p.gap()
	p.line(p.Say("Also seen"))
	for _, f := range p.alikes(r) {
		p.hang("  ", f.about(p)+": "+f.Text)
		for _, e := range f.seen {
			p.words("    "+e.label+" ", e.words)
		}
		for _, a := range f.Advice {
			p.hang("    - ", a)
		}
	}
}

// about names a step with the cause of its failure or warning; either may be
// empty.
func about(step string, cause report.Cause) string {
	switch {
	case step == "":
		return string(cause)
	case cause == "":
		return step
	}
	return step + " (" + string(cause) + ")"
}

// finding is a finding with what it is about; both nil when that is no step.
type finding struct {
	report.Finding
	check *report.Check
	step  *report.Step
}

// found are the findings, each with its step: the next one where several are
// alike.
func found(r *report.Report) []finding {
	told := map[*report.Step]bool{}
	next := func(id string, cause report.Cause) (*report.Check, *report.Step) {
		c, s := findStep(r, func(s *report.Step) bool {
			return s.ID == id && s.Cause == cause && (s.Result == report.Fail || s.Result == report.Warn) && !told[s]
		})
		told[s] = true
		return c, s
	}
	next(r.Verdict.FailedStep, r.Verdict.Cause) // the verdict has told it
	var all []finding
	for _, f := range r.Verdict.Findings {
		c, s := next(f.Step, f.Cause)
		all = append(all, finding{f, c, s})
	}
	return all
}

// seen is the evidence of a finding: the server's words, or what was seen; both
// empty when the finding says it itself.
func (p *page) seen(f finding) (label, words string) {
	switch s := f.step; {
	case s == nil:
	case s.Reply != nil:
		return p.Say("said:"), replyWords(s.Reply)
	case s.Detail != "" && s.Detail != f.Text:
		return p.Say("seen:"), s.Detail
	}
	return "", ""
}

// tokens tells whether the run logged in with a token, by a sign-in.
func tokens(r *report.Report) bool { return r.Credentials.IsToken() }
