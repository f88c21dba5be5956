package render

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"mailcheck/report"
)

// The columns of a check's line: the result word, the check's id, then what
// is said of it, with the duration flush right.
const (
	idColumn   = 6
	textColumn = 16
)

// check writes a check: its line, and its steps under it.
func (p *page) check(r *report.Report, c *report.Check, v Verbosity) {
	duration := ""
	room := columns - textColumn
	if c.Result != report.Skip {
		duration = took(busy(c.Steps))
		room -= 2 + cells(duration)
	}
	start := p.result(shownResult(c), idColumn) + pad(c.ID, textColumn-idColumn-1) + " "
	for _, l := range wrap(oneLine(summary(r, c)), room) {
		if duration != "" {
			l, duration = pad(l, room)+"  "+duration, ""
		}
		p.line(start + l)
		start = strings.Repeat(" ", textColumn)
	}
	switch {
	case v == Verbose:
		p.details(c)
	case c.ID == report.MXCheck && c.Result != report.Skip:
		p.receiving(r, c, textColumn)
	case stepsTell(c):
		p.steps(r, c)
	}
}

// stepsTell tells whether the steps of a check say more than its summary.
func stepsTell(c *report.Check) bool {
	return c.Endpoint != nil || c.ID == "delivery" || c.ID == report.ProbeCheck ||
		c.Protocol == "" && len(c.Steps) > 1 && c.Result != report.OK
}

// busy is the time, in milliseconds, during which at least one of the steps
// that are shown ran: waits for another check are no work of this one.
func busy(steps []*report.Step) int64 {
	ran := slices.DeleteFunc(slices.Clone(steps), hidden)
	slices.SortStableFunc(ran, func(a, b *report.Step) int { return cmp.Compare(a.StartMS, b.StartMS) })
	var sum, until int64
	for _, s := range ran {
		end := s.StartMS + s.DurationMS
		sum += max(0, end-max(until, s.StartMS))
		until = max(until, end)
	}
	return sum
}

// hidden tells the polite end of a session: it is not worth a word unless
// something is wrong with it.
func hidden(s *report.Step) bool {
	return (s.Step == "logout" || s.Step == "quit") && (s.Result == report.OK || s.Result == report.Skip)
}

// piece is a part of a line that is not divided while it fits into one.
type piece struct {
	space int // cells before it, but for the start of a line
	text  string
	mark  report.Result // shown behind it when it is a failure or a warning
}

// steps writes the steps of a check under it.
func (p *page) steps(r *report.Report, c *report.Check) {
	if pieces := stepPieces(r, c); len(pieces) > 0 {
		p.flow(pieces)
	}
}

// stepPieces are the steps of a check with their milliseconds, then those that
// were not run, by the reason; none where no step ran.
func stepPieces(r *report.Report, c *report.Check) []piece {
	var pieces []piece
	var reasons []string
	notRun := map[string][]string{}
	for _, s := range c.Steps {
		switch {
		case hidden(s):
		case s.Result == report.Skip:
			why := whyNotRun(r, c, s)
			if !slices.Contains(reasons, why) {
				reasons = append(reasons, why)
			}
			notRun[why] = append(notRun[why], s.Step)
		default:
			pieces = append(pieces, piece{2, fmt.Sprintf("%s %d", stepName(s), s.DurationMS), s.Result})
		}
	}
	if len(pieces) == 0 {
		return nil
	}
	for _, why := range reasons {
		pieces = append(pieces, piece{4, why + ": " + strings.Join(notRun[why], ", "), ""})
	}
	return pieces
}

// stepName tells steps of one name apart by their subjects.
func stepName(s *report.Step) string {
	if s.Subject == "" || s.Subject == "after-tls" || strings.HasPrefix(s.ID, report.ProbeCheck+".") && !isAddress(s.Subject) {
		return s.Step
	}
	return s.Step + " " + s.Subject
}

func whyNotRun(r *report.Report, c *report.Check, s *report.Step) string {
	switch {
	case s.Cause == report.AuthLimitReached:
		return tag(r).Say("held back, so that the account is not locked")
	case s.Because == report.ByFlags:
		return tag(r).Say("not asked for")
	case s.Because == "" || strings.HasPrefix(s.Because, c.ID+"."):
		return tag(r).Say("not reached")
	}
	return tag(r).Say("not run, %s", whyNot(r, s.Because))
}

// flow writes pieces under a check, as many as fit on each line.
func (p *page) flow(pieces []piece) {
	const room = columns - textColumn
	indent := strings.Repeat(" ", textColumn)
	line, used := "", 0
	for _, piece := range pieces {
		lines := wrap(oneLine(piece.text), room)
		text := lines[len(lines)-1]
		need := cells(text)
		if piece.mark == report.Fail || piece.mark == report.Warn {
			need += 1 + len(resultWords[piece.mark])
			text += " " + p.result(piece.mark, 0)
		}
		if line != "" && len(lines) == 1 && used+piece.space+need <= room {
			line, used = line+strings.Repeat(" ", piece.space)+text, used+piece.space+need
			continue
		}
		for _, full := range append([]string{line}, lines[:len(lines)-1]...) {
			if full != "" {
				p.line(indent + full)
			}
		}
		line, used = text, need
	}
	p.line(indent + line)
}
