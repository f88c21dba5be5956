package render

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"mailcheck/internal/lang"
	"mailcheck/report"
)

// The bounds of what a batch's summary names; every account stands in its line
// above, and in the JSON lines.
const (
	maxNamed  = 10 // accounts of a group
	maxGroups = 50 // ways to fail
)

// Account is how one account of a batch came out.
type Account struct {
	Name, Address string
	// Result is ok, warn or fail; skip for one that was not checked to its end:
	// the user stopped the batch, or its server had refused too many logins.
	Result report.Result
	// Step and Cause are of what failed or warned first, Words say it for people.
	// They may be empty.
	Step  string
	Cause report.Cause
	Words string
	Took  time.Duration
}

// AccountOf reads how an account came out.
func AccountOf(r *report.Report) Account {
	a := Account{
		Name: r.Name, Address: r.Address, Step: r.Verdict.FailedStep, Cause: r.Verdict.Cause,
		Words: r.Verdict.Headline, Took: time.Duration(r.DurationMS) * time.Millisecond, Result: r.Result,
	}
	switch {
	case r.ExitCode == report.ExitInterrupted, a.Cause == report.AuthLimitReached:
		a.Result = report.Skip
	case r.ExitCode != report.ExitOK:
		a.Result = report.Fail
	}
	switch v := r.Verdict; {
	case v.FailedTitle != "": // the headline is about another failure
		a.Words = tag(r).Say("%s.", v.FailedTitle)
	case r.Result == report.Warn && len(v.Findings) > 0:
		a.Step, a.Cause = v.Findings[0].Step, v.Findings[0].Cause
	}
	return a
}

// who is the account for people, on one line.
func (a Account) who() string {
	if a.Name != "" && a.Name != a.Address {
		return oneLine(Clean(a.Name + " (" + a.Address + ")"))
	}
	return oneLine(Clean(a.Address))
}

// what is what failed or warned first.
func (a Account) what() string {
	if a.Step == "" && a.Cause == "" {
		return oneLine(Clean(a.Words))
	}
	return strings.TrimSpace(a.Step + " " + string(a.Cause))
}

// BatchFormat is one way to write a batch.
type BatchFormat struct {
	Name string // as --output names it
	// Account writes an account when it has ended. The report is nil where there
	// is none.
	Account func(io.Writer, Account, *report.Report, BatchOptions) error
	// End writes what stands at the end; nil means nothing.
	End func(io.Writer, *Tally, BatchOptions) error
}

// BatchOptions shapes the output of a batch.
type BatchOptions struct {
	Options
	Lang lang.Tag
}

// BatchFormats are all of them, the default first.
var BatchFormats = []BatchFormat{
	{"text", BatchLine, BatchSummary},
	{"json", JSONLine, nil},
}

// JSONLine writes the report as JSON on one line; nothing without one.
func JSONLine(w io.Writer, _ Account, r *report.Report, _ BatchOptions) error {
	if r == nil {
		return nil
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(cleaned(r)) // one Write, whole
}

// BatchLine writes the line of an account; nothing where only the end counts.
func BatchLine(w io.Writer, a Account, _ *report.Report, opt BatchOptions) error {
	if opt.Verbosity == Quiet {
		return nil
	}
	p := &page{Tag: opt.Lang, color: opt.Color}
	parts := []string{a.who(), p.seconds(a.Took)}
	if a.Result != report.OK {
		parts = []string{a.who(), a.what(), p.seconds(a.Took)}
	}
	lead := pad(resultWords[a.Result], idColumn)
	lines := wrap(strings.Join(parts, "  "), columns-cells(lead))
	p.line(p.result(a.Result, idColumn) + lines[0])
	for _, l := range lines[1:] {
		p.line(strings.Repeat(" ", cells(lead)) + l)
	}
	_, err := io.WriteString(w, p.b.String())
	return err
}

// Tally counts how accounts came out, and keeps a bounded list of what failed.
type Tally struct {
	// Before are those that need no check: an earlier run had ended with them.
	// BeforeFailed are those of them that had failed.
	Before, BeforeFailed int
	// Left are those that were never begun.
	Left   int
	Took   time.Duration
	counts map[report.Result]int
	groups []*group
	others int // accounts that failed in further ways
}

// group is accounts that failed in the same way. It comes out the same in
// whatever order they end.
type group struct {
	result report.Result
	step   string
	cause  report.Cause
	words  string // of the account that is named first
	count  int
	named  []string // the first ones by name
}

// has tells whether an account belongs to the group. What has neither step nor
// cause has only its words to be told by.
func (g *group) has(a Account, words string) bool {
	return g.result == a.Result && g.step == a.Step && g.cause == a.Cause && (a.Step != "" || a.Cause != "" || g.words == words)
}

func (g *group) add(who, words string) {
	at, _ := slices.BinarySearch(g.named, who)
	if g.count == 0 || who < g.named[0] || who == g.named[0] && words < g.words {
		g.words = words
	}
	g.count++
	g.named = slices.Insert(g.named, at, who)
	g.named = g.named[:min(len(g.named), maxNamed)]
}

// Add counts an account.
func (t *Tally) Add(a Account) {
	if t.counts == nil {
		t.counts = map[report.Result]int{}
	}
	t.counts[a.Result]++
	if a.Result == report.OK {
		return
	}
	words := oneLine(Clean(a.Words))
	i := slices.IndexFunc(t.groups, func(g *group) bool { return g.has(a, words) })
	if i < 0 {
		if len(t.groups) == maxGroups {
			t.others++
			return
		}
		i = len(t.groups)
		t.groups = append(t.groups, &group{result: a.Result, step: a.Step, cause: a.Cause})
	}
	t.groups[i].add(a.who(), words)
}

// Count is how many accounts came out so in this run.
func (t *Tally) Count(r report.Result) int { return t.counts[r] }

// Ended is how many accounts were checked in this run.
func (t *Tally) Ended() int {
	n := 0
	for _, count := range t.counts {
		n += count
	}
	return n
}

// BatchSummary writes how many accounts came out how, and which failed, by what
// failed.
func BatchSummary(w io.Writer, t *Tally, opt BatchOptions) error {
	p := &page{Tag: opt.Lang, color: opt.Color}
	if opt.Verbosity != Quiet && t.Ended() > 0 {
		p.line("") // below the lines of the accounts
	}
	order := []report.Result{report.Fail, report.Skip, report.Warn}
	groups := slices.SortedFunc(slices.Values(t.groups), func(a, b *group) int {
		return cmp.Or(cmp.Compare(slices.Index(order, a.result), slices.Index(order, b.result)), cmp.Compare(b.count, a.count),
			cmp.Compare(a.step, b.step), cmp.Compare(a.cause, b.cause), cmp.Compare(a.words, b.words))
	})
	for _, g := range groups {
		lead := fmt.Sprintf("%5d  ", g.count)
		indent := strings.Repeat(" ", idColumn+cells(lead))
		lines := wrap(g.words, columns-cells(indent))
		if what := strings.TrimSpace(g.step + " " + string(g.cause)); what != "" {
			lines = append([]string{what}, lines...)
		}
		p.line(p.result(g.result, idColumn) + lead + lines[0])
		for _, l := range lines[1:] {
			p.line(indent + l)
		}
		named := strings.Join(g.named, ", ")
		if more := g.count - len(g.named); more > 0 {
			named = p.Say("%s and %d more", named, more)
		}
		p.hang(indent, named)
	}
	if t.others > 0 {
		p.para(p.Say("In other ways: %d more.", t.others))
	}
	if len(groups) > 0 {
		p.gap()
	}
	p.para(p.counted(t))
	_, err := io.WriteString(w, p.b.String())
	return err
}

// counted is the last line of a batch: how many came out how.
func (p *page) counted(t *Tally) string {
	parts := []string{p.Say("%d ok", t.Count(report.OK))}
	add := func(n int, say func() string) {
		if n > 0 {
			parts = append(parts, say())
		}
	}
	add(t.Count(report.Warn), func() string { return p.Say("%d with a warning", t.Count(report.Warn)) })
	add(t.Count(report.Fail), func() string { return p.Say("%d failed", t.Count(report.Fail)) })
	add(t.Count(report.Skip), func() string { return p.Say("%d not checked to the end", t.Count(report.Skip)) })
	add(t.Left, func() string { return p.Say("%d not begun", t.Left) })
	text := p.Say("Accounts: %d, in %s: %s.", t.Ended()+t.Left, p.lasting(t.Took), strings.Join(parts, ", "))
	switch {
	case t.Before > 0 && t.BeforeFailed > 0:
		text = p.Sentences(text, p.Say("Before that: %d, of which %d failed; to check those again, take their lines out of the file of --resume.", t.Before, t.BeforeFailed))
	case t.Before > 0:
		text = p.Sentences(text, p.Say("Before that: %d.", t.Before))
	}
	return text
}

// seconds is how long an account took.
func (p *page) seconds(d time.Duration) string { return p.Say("%.1f s", d.Seconds()) }

// lasting is how long a batch took, or will.
func (p *page) lasting(d time.Duration) string {
	switch minutes := int(d / time.Minute); {
	case d < 10*time.Second:
		return p.seconds(d)
	case minutes < 1:
		return p.Say("%d s", int(d/time.Second))
	case minutes < 60:
		return p.Say("%d min %d s", minutes, int(d%time.Minute/time.Second))
	default:
		return p.Say("%d h %d min", minutes/60, minutes%60)
	}
}
