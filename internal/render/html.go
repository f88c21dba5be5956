package render

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"io"
	"time"

	"mailcheck/report"
)

//go:embed html.tmpl
var htmlTemplate string

//go:embed html.css
var htmlStyle string

// HTML writes the report as a page for people: the contents of the text report,
// the verdict first, and behind each check what is known of it. The page stands
// alone: it loads nothing, runs nothing, links nowhere, and its content security
// policy holds a browser to that.
func HTML(w io.Writer, r *report.Report, _ Options) error {
	t, err := template.New("report").Parse(htmlTemplate)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := t.Execute(&b, htmlPage(cleaned(r))); err != nil {
		return err
	}
	_, err = w.Write(workflowCommand.ReplaceAll(b.Bytes(), []byte("$1&#58;$2")))
	return err
}

// sheet is what the template shows. Empty parts are left out.
type sheet struct {
	Lang     string
	Title    string
	Style    template.CSS
	Policy   string // the content security policy
	Says     sheetWords
	When     string
	Version  string
	Result   report.Result
	Headline string
	Halves   []sheetHalf
	Expected []sheetHalf
	Evidence evidentShown
	Meaning  string
	Proven   string
	Advice   []string
	Admin    []string
	Fared    []sheetHalf
	Findings []sheetFinding
	Settings sheetTable
	Differ   string // the title of Compare
	Compare  []string
	Inbox    string
	Sources  []sheetSource
	Checks   []sheetCheck
	Closing  string
}

// sheetWords are the page's own words.
type sheetWords struct {
	WhatToDo, Expected, Admin, AlsoSeen, Disagree, Checks, Details, Transcript, Sources string
}

type (
	// sheetHalf is a result with what it is about.
	sheetHalf struct {
		Name   string
		Result report.Result
		Word   string
		Text   string
	}
	evidentShown struct{ Lead, Words, Note string }
	sheetFinding struct {
		About, Text string
		Seen        []sheetFact
		Advice      []string
	}
	sheetTable struct {
		Title string
		Head  []string
		Rows  []sheetRow
	}
	sheetRow    []sheetCell
	sheetCell   struct{ Head, Text string }
	sheetSource struct {
		Name string
		Says []string
		Took string
	}
	sheetCheck struct {
		ID         string
		Result     report.Result
		Word       string
		Summary    string
		Took       string
		Pieces     []sheetPiece
		Facts      []sheetFact
		Transcript []string
	}
	sheetPiece struct {
		Text string
		Mark report.Result // empty unless the step failed or warned
		Word string
	}
	sheetFact struct{ Label, Text string }
)

// htmlPage says a cleaned report in the parts of the page.
func htmlPage(r *report.Report) sheet {
	p := newPage(r, Options{})
	v := r.Verdict
	digest := sha256.Sum256([]byte(htmlStyle))
	s := sheet{
		Lang: cmp.Or(r.Lang, "en"), Title: p.Say("Mail check of %s", r.Address),
		Style:  template.CSS(htmlStyle),
		Policy: "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(digest[:]) + "'; base-uri 'none'; form-action 'none'",
		Says: sheetWords{
			WhatToDo: p.Say("What to do"), Expected: p.Say("What was expected"), Admin: p.Say("For the administrator"), AlsoSeen: p.Say("Also seen"),
			Disagree: p.Say("The sources disagree"), Checks: p.Say("All checks"), Details: p.Say("Details"),
			Transcript: p.Say("Transcript"), Sources: p.Say("What the sources say"),
		},
		When: r.Started.Format(time.RFC1123Z), Version: r.Tool.Name + " " + r.Tool.Version,
		Result: r.Result, Headline: v.Headline, Proven: p.proven(r), Advice: v.Advice, Admin: v.AdminAdvice, Meaning: v.Explanation,
		Expected: p.expectations(r),
	}
	for _, half := range []sheetHalf{
		{Name: p.Say("receiving"), Result: v.Receive}, {Name: p.Say("sending"), Result: v.Send}, {Name: p.Say("delivery"), Result: v.Delivery},
	} {
		half.Word = p.half(half.Result)
		s.Halves = append(s.Halves, half)
	}
	if c, step := failedStep(r); step != nil {
		e := p.evident(r, c, step)
		s.Evidence, s.Meaning = evidentShown{e.lead, e.words, e.note}, p.meaning(v, step)
	}
	if isSearch(r) {
		s.search(p, r)
	} else {
		s.job(p, r)
	}
	for _, c := range r.Checks {
		s.Checks = append(s.Checks, p.shown(r, c))
	}
	return s
}

// isSearch tells the report of a search for settings, which needs no password.
func isSearch(r *report.Report) bool { return r.Check("settings") != nil && r.Check("creds") == nil }

// job adds what the report of the main job has.
func (s *sheet) job(p *page, r *report.Report) {
	s.findings(p, r)
	title, rows := p.working(r)
	s.Settings = tableOf(title, rows)
	s.Differ, s.Compare, s.Inbox = p.differ(), p.compare(r), p.emptyInbox(r)
	s.Closing = closing(r)
}

// search adds what the report of a search for settings has.
func (s *sheet) search(p *page, r *report.Report) {
	for _, f := range conflicts(r) {
		result := fares(r, f)
		s.Fared = append(s.Fared, sheetHalf{sourceOf(f), result, resultWords[result], f.Text})
	}
	rest, elsewhere := p.otherFindings(r)
	s.findings(p, rest)
	for _, text := range elsewhere {
		s.Findings = append(s.Findings, sheetFinding{Text: text})
	}
	s.Settings = tableOf(p.Say("Use these"), p.toUse(r))
	for _, step := range r.Check("settings").Steps {
		s.Sources = append(s.Sources, sheetSource{step.Step, says(r, step), took(step.DurationMS)})
	}
	s.Closing = farewell(r)
}

func (s *sheet) findings(p *page, r *report.Report) {
	for _, f := range p.alikes(r) {
		shown := sheetFinding{About: f.about(p), Text: f.Text, Advice: f.Advice}
		for _, e := range f.seen {
			shown.Seen = append(shown.Seen, sheetFact{e.label, e.words})
		}
		s.Findings = append(s.Findings, shown)
	}
}

// tableOf is a table of rows, the first of them the head.
func tableOf(title string, rows [][]string) sheetTable {
	if len(rows) == 0 {
		return sheetTable{}
	}
	t := sheetTable{Title: title, Head: rows[0]}
	for _, row := range rows[1:] {
		var shown sheetRow
		for i, cell := range row {
			shown = append(shown, sheetCell{t.Head[i], cell})
		}
		t.Rows = append(t.Rows, shown)
	}
	return t
}

// shown is a check as the page shows it.
func (p *page) shown(r *report.Report, c *report.Check) sheetCheck {
	result := shownResult(c)
	s := sheetCheck{ID: c.ID, Result: result, Word: resultWords[result], Summary: summary(r, c), Transcript: c.Transcript}
	if c.Result != report.Skip {
		s.Took = took(busy(c.Steps))
	}
	if stepsTell(c) {
		for _, piece := range stepPieces(r, c) {
			shown := sheetPiece{Text: piece.text}
			if piece.mark == report.Fail || piece.mark == report.Warn {
				shown.Mark, shown.Word = piece.mark, resultWords[piece.mark]
			}
			s.Pieces = append(s.Pieces, shown)
		}
	}
	for _, f := range p.facts(c) {
		s.Facts = append(s.Facts, sheetFact{f.label, f.text})
	}
	return s
}
