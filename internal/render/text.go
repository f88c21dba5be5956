package render

import (
	"io"

	"mailcheck/report"
)

// Text writes the report for people: the checks, then the verdict, which
// stands last. No line is wider than 80 cells.
func Text(w io.Writer, r *report.Report, opt Options) error {
	r = cleaned(r)
	p := newPage(r, opt)
	if opt.Verbosity == Quiet {
		p.headline(r)
		p.list(p.Say("What to do"), r.Verdict.Advice)
		p.gap()
		p.para(lastLine(r))
	} else {
		for _, c := range r.Checks {
			p.check(r, c, opt.Verbosity)
		}
		p.transcripts(r)
		p.headline(r)
		p.expected(r)
		p.verdict(r)
		p.settings(r)
		p.gap()
		p.para(closing(r))
	}
	_, err := io.WriteString(w, p.b.String())
	return err
}

// transcripts are the dialogues, where they were asked for.
func (p *page) transcripts(r *report.Report) {
	const direction = len("S: ")
	for _, c := range r.Checks {
		if len(c.Transcript) == 0 {
			continue
		}
		p.gap()
		p.line(p.Say("Transcript of %s", c.ID))
		for _, l := range c.Transcript {
			who := cut(l, direction)
			p.hang("  "+who, l[len(who):])
		}
	}
}

func (p *page) headline(r *report.Report) {
	p.gap()
	for _, l := range wrap(oneLine(r.Verdict.Headline), columns) {
		if p.color {
			l = paint(l, r.Result, sgrBold)
		}
		p.line(l)
	}
}
