package diagnose

import (
	"slices"

	"mailcheck/report"
)

// maxAlternatives bounds the other causes that are named beside one.
const maxAlternatives = 4

// judgement is what the rules make of what was heard.
type judgement struct {
	diagnosis
	match match // zero for what no rule fits
}

// judge finds the rule that fits best. The other causes are those that the
// rule names, then those of other rules that fit.
func (in *heard) judge() judgement {
	b, _ := rulebook()
	in.listen(b.voices)
	matches := in.matches(b.rules)
	if len(matches) == 0 {
		return judgement{diagnosis: unknown()}
	}
	best := matches[0]
	j := judgement{match: best, diagnosis: diagnosis{
		cause: best.rule.Cause, confidence: best.rule.Confidence,
		temporary: best.rule.Temporary, lasting: best.rule.Lasting,
	}}
	j.doubt(matches)
	for _, other := range best.rule.others {
		j.add(other)
	}
	for _, m := range matches[1:] {
		// A certain cause leaves only those that other words name.
		if j.confidence != report.High || m.score.class == byReason {
			j.add(report.Alternative{Cause: m.rule.Cause, Confidence: report.Low})
		}
	}
	return j
}

// doubt lowers the confidence where rules with other causes know the same as
// well, or nearly: codes that several know decide nothing, and a reply that
// gives two reasons is not certain to have the first.
func (j *judgement) doubt(matches []match) {
	best := j.match.score
	for _, m := range matches[1:] {
		switch other := m.score; {
		case m.rule.Cause == j.cause:
		case best.class == byCodes && other == best:
			j.confidence = report.Low
		case j.confidence == report.High && other.class == byReason && 4*other.weight >= 3*best.weight:
			j.confidence = report.Medium
		}
	}
}

// add adds another cause, unless it is named already.
func (j *judgement) add(other report.Alternative) {
	known := func(a report.Alternative) bool { return a.Cause == other.Cause }
	if other.Cause != j.cause && len(j.alternatives) < maxAlternatives && !slices.ContainsFunc(j.alternatives, known) {
		j.alternatives = append(j.alternatives, other)
	}
}

// matches are the rules that fit, the most specific first.
func (in *heard) matches(rules []*rule) []match {
	var found []match
	for _, r := range rules {
		if m, ok := r.match(in); ok {
			found = append(found, m)
		}
	}
	slices.SortStableFunc(found, func(a, b match) int { return b.score.compare(a.score) })
	return found
}

// listen adds to the speakers who is known by the words, and the voices of the
// providers that are known.
func (in *heard) listen(voices []*voice) {
	for _, v := range voices {
		knows := func(id string) bool { return slices.Contains(v.Providers, id) }
		if slices.ContainsFunc(in.speakers, knows) || v.any.in(in.folds) {
			in.speakers = append(in.speakers, v.ID)
		}
	}
}
