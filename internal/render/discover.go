package render

import (
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"mailcheck/internal/lang"
	"mailcheck/report"
)

// AnnounceDiscovery says in a line or two, each with its line feed, what a
// search for settings is about to do.
func AnnounceDiscovery(address string, t lang.Tag) string {
	p := &page{Tag: t}
	p.para(p.Say("Asks every source for the mail servers of %s. Uses no password.", Clean(address)))
	return p.b.String()
}

// Discovery writes the report of a search for settings for people: what each
// source says, where they disagree, which settings to use, what to do.
func Discovery(w io.Writer, r *report.Report, opt Options) error {
	r = cleaned(r)
	p := newPage(r, opt)
	if opt.Verbosity != Quiet {
		p.sources(r)
	}
	if opt.Verbosity == Normal {
		p.receivingSection(r)
	}
	if opt.Verbosity == Verbose {
		p.gap()
		for _, c := range r.Checks {
			if c.ID != "settings" { // the table has said it
				p.check(r, c, Verbose)
			}
		}
	}
	p.transcripts(r)
	p.finding(r)
	p.use(r)
	p.list(p.Say("What to do"), r.Verdict.Advice)
	p.list(p.Say("What to do, if %s is yours", domainOf(r.Address)), r.Verdict.AdminAdvice)
	if opt.Verbosity == Quiet {
		p.gap()
		p.para(p.Sentences(ending(r), took(r.DurationMS)))
	} else {
		p.others(r)
		p.gap()
		p.para(farewell(r))
	}
	_, err := io.WriteString(w, p.b.String())
	return err
}

func domainOf(address string) string { return address[strings.LastIndexByte(address, '@')+1:] }

// finding is the headline with what stands behind it: the evidence of a
// failure, and how each of the sources that disagree fared.
func (p *page) finding(r *report.Report) {
	v := r.Verdict
	if v.Cause == report.SettingsConflict {
		p.gap()
		p.lead(r, oneLine(v.Headline), p.Say("%s:", strings.TrimSuffix(oneLine(v.Explanation), p.Say("%s.", ""))))
		p.fared(r)
		return
	}
	p.headline(r)
	if c, s := failedStep(r); s != nil {
		p.evidence(r, c, s)
		p.reading(v, s)
	} else if v.Explanation != "" {
		p.gap()
		p.para(v.Explanation)
	}
	if len(conflicts(r)) > 0 {
		p.gap()
		p.line(p.Say("The sources disagree"))
		p.fared(r)
	}
}

// lead writes a headline and, in the same paragraph, what explains it.
func (p *page) lead(r *report.Report, headline, text string) {
	rest := headline
	for _, l := range wrap(p.Sentences(headline, text), columns) {
		bold := l[:min(len(l), len(rest))]
		rest = strings.TrimPrefix(rest[len(bold):], " ") // one may have ended the line
		if p.color {
			l = paint(bold, r.Result, sgrBold) + l[len(bold):]
		}
		p.line(l)
	}
}

// conflicts are the findings about sources that disagree, one a source.
func conflicts(r *report.Report) []report.Finding {
	return slices.DeleteFunc(slices.Clone(r.Verdict.Findings), func(f report.Finding) bool { return f.Cause != report.SettingsConflict })
}

// others writes the other findings.
func (p *page) others(r *report.Report) {
	rest, again := p.otherFindings(r)
	p.findings(rest)
	if len(again) == 0 {
		return
	}
	if len(rest.Verdict.Findings) == 0 {
		p.gap()
		p.line(p.Say("Also seen"))
	}
	for _, same := range again {
		p.hang("  ", same)
	}
}

// otherFindings is the report with the other findings alone, but for what the
// table of sources says, and where else their causes were met: a cause that has
// been explained is not explained again.
func (p *page) otherFindings(r *report.Report) (_ *report.Report, elsewhere []string) {
	rest := *r
	rest.Verdict.Findings = nil
	explained := []report.Cause{report.SettingsConflict, r.Verdict.Cause}
	again := map[report.Cause][]string{}
	for _, f := range r.Verdict.Findings {
		switch c, s := findStep(r, func(s *report.Step) bool { return s.ID == f.Step }); {
		case s != nil && c.ID == "settings" && s.Detail == f.Text:
		case f.Cause == report.SettingsConflict, f.Text == r.Verdict.Explanation:
		case c != nil && c.Endpoint != nil && slices.Contains(explained, f.Cause):
			again[f.Cause] = append(again[f.Cause], address(c))
		default:
			explained = append(explained, f.Cause)
			rest.Verdict.Findings = append(rest.Verdict.Findings, f)
		}
	}
	for _, cause := range slices.Sorted(maps.Keys(again)) {
		elsewhere = append(elsewhere, p.Say("%s: the same at %s", cause, p.And(again[cause], maxListed)))
	}
	return &rest, elsewhere
}

// fared says of each source that disagrees whether its servers work.
func (p *page) fared(r *report.Report) {
	all := conflicts(r)
	width := 0
	for _, f := range all {
		width = max(width, cells(sourceOf(f)))
	}
	for _, f := range all {
		result := fares(r, f)
		lead := "  " + pad(resultWords[result], idColumn) + pad(sourceOf(f), width) + "  "
		for i, l := range wrap(f.Text, columns-cells(lead)) {
			if i == 0 {
				p.line("  " + p.result(result, idColumn) + pad(sourceOf(f), width) + "  " + l)
			} else {
				p.line(strings.Repeat(" ", cells(lead)) + l)
			}
		}
	}
}

// fares is the result of a source that disagrees.
func fares(r *report.Report, f report.Finding) report.Result {
	if holds(r, sourceOf(f)) {
		return report.OK
	}
	return report.Fail
}

func sourceOf(f report.Finding) string { return strings.TrimPrefix(f.Step, "settings.") }

// holds tells whether for each protocol that a source names one of its
// servers works.
func holds(r *report.Report, source string) bool {
	works := map[report.Protocol]bool{}
	for _, e := range r.Settings {
		if e.Source == source {
			works[e.Protocol] = works[e.Protocol] || answers(r, e)
		}
	}
	for _, ok := range works {
		if !ok {
			return false
		}
	}
	return true
}

// answers tells whether an endpoint was taken as far as it goes without a
// login.
func answers(r *report.Report, e report.Endpoint) bool {
	c := checkOf(r, e)
	return c != nil && c.FirstFailed() == nil && c.Result != report.Skip
}

// use writes the settings that are to be used.
func (p *page) use(r *report.Report) {
	if rows := p.toUse(r); len(rows) > 0 {
		p.table(p.Say("Use these"), rows)
	}
}

// toUse is the table of the settings that are to be used, and who named them;
// no rows mean that there are none.
func (p *page) toUse(r *report.Report) [][]string {
	table := [][]string{{"", p.Say("server"), p.Say("port"), p.Say("encryption"), p.Say("user name"), p.Say("named by")}}
	for _, e := range r.Settings {
		if e.Chosen && answers(r, e) {
			table = append(table, []string{e.Protocol.Label(), e.Host, strconv.Itoa(e.Port), encryption(e.Security, p.Tag), userName(r, e), namedBy(r, e)})
		}
	}
	if len(table) == 1 {
		return nil
	}
	slices.SortStableFunc(table[1:], func(a, b []string) int { return strings.Compare(a[0], b[0]) })
	return table
}

// namedBy are the sources of an endpoint. Guessing counts where it is the only
// one.
func namedBy(r *report.Report, e report.Endpoint) string {
	var sources []string
	for _, other := range r.Settings {
		if other.SameServer(e) && !slices.Contains(sources, other.Source) && (other.Source != "guess" || len(sources) == 0) {
			sources = append(sources, other.Source)
		}
	}
	return strings.Join(sources, ", ")
}

// farewell is for the careful: the cause and exit status, who was told what,
// and the time it took.
func farewell(r *report.Report) string {
	parts := []string{ending(r)}
	if t := told(r); t != "" {
		parts = append(parts, tag(r).Say("Told: %s.", t))
	}
	return tag(r).Sentences(append(parts, took(r.DurationMS))...)
}
