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
	match match // zero for what no rule fits, or where none decided
	alike bool  // what the text reads like decided, in place of a rule
	plain bool  // words and code say the same, or a sign says all: nothing else is to be named
	heard *heard
}

// judge tells what the rules say, weighed against what the text reads like.
func (in *heard) judge() judgement {
	j, matches := in.rule()
	j.reread(matches)
	return j
}

// rule finds the rule that fits best, and all that fit. The other causes are those
// that the rule holds likely and those that other words of the text name, then
// what else the rule names and, where the cause is not certain, what else fits.
func (in *heard) rule() (judgement, []match) {
	b, _ := rulebook()
	in.listen(b.voices)
	matches := in.matches(b.rules)
	if len(matches) == 0 {
		return judgement{heard: in, diagnosis: unknown()}, nil
	}
	best := surest(matches)
	j := judgement{match: best, heard: in, diagnosis: diagnosis{
		cause: best.rule.Cause, confidence: best.rule.Confidence,
		temporary: best.rule.Temporary, lasting: best.rule.Lasting,
	}}
	others := slices.DeleteFunc(slices.Clone(matches), func(m match) bool { return m.rule == best.rule })
	j.doubt(others)
	j.add(worthNaming(best.rule.others)...)
	j.add(causesOf(others, byReason)...)
	j.add(best.rule.others...)
	j.plain = best.rule.Sign || j.confidence == report.High && j.confirmed(others)
	if !j.plain {
		j.add(b.near[j.cause]...)
	}
	if j.confidence != report.High {
		j.add(causesOf(others, byStep)...)
	}
	return j, matches
}

// surest is the first match. Where that goes by notions it gives way to one of
// those next to it that is certain of the same cause: a sentence that is known
// says more than the notions in it, even where these explain more of the text.
func surest(matches []match) match {
	best := matches[0]
	if !best.rule.loose {
		return best
	}
	for _, m := range matches {
		switch {
		case m.rule.Cause != best.rule.Cause || m.score.class != best.score.class:
			return best
		case m.rule.Confidence == report.High:
			return m
		}
	}
	return best
}

// confirmed tells whether the code of the reply says the same as its words.
func (j *judgement) confirmed(others []match) bool {
	return slices.ContainsFunc(others, func(m match) bool {
		return m.rule.Cause == j.cause && (m.score.class == byCodes || m.score.class == byLooseCodes && m.rule.Confidence != report.Low)
	})
}

// enoughLetters are those of a reason's words below which they are too few to
// be certain.
const enoughLetters = 9

// doubt lowers the confidence where the text speaks against the best match:
// codes that several rules know decide nothing; a short word alone is not
// certain, nor is a reason beside another one that is half as good, beside an
// enhanced code that means something else, or where other words speak for
// another cause and nothing else speaks for this one.
func (j *judgement) doubt(others []match) {
	best := j.match
	coded := best.rule.Code != nil || best.rule.Enhanced != nil || best.rule.Exact != nil
	if best.score.class == byReason && best.letters < enoughLetters && !coded {
		j.lower(report.Medium)
		if h := j.heard; !j.settled() && h.protocol == "" && h.step == "" && h.status == "" && 3*best.letters < len(h.text) {
			j.lower(report.Low) // a word of everyday language, perhaps
		}
	}
	for _, m := range others {
		named := func(a report.Alternative) bool { return a.Cause == m.rule.Cause }
		switch {
		case m.rule.Cause == j.cause:
		case best.score.class <= byCodes && m.score == best.score:
			j.lower(report.Low)
		case best.score.class != byReason:
		case m.score.class == byReason && 2*m.score.weight >= best.score.weight:
			j.lower(report.Medium)
		case m.score.class == byCodes && m.rule.Enhanced != nil && m.score.weight >= weightCode &&
			!slices.ContainsFunc(best.rule.others, named):
			j.lower(report.Medium)
		}
	}
	if best.score.class == byReason && j.contradicted(others) && !j.seconded(others) {
		j.lower(report.Medium)
	}
}

// manyLetters are those of a sentence from which on only another sentence speaks
// against it.
const manyLetters = 30

// contradicted tells whether words of the text speak for another cause.
func (j *judgement) contradicted(others []match) bool {
	return slices.ContainsFunc(others, func(m match) bool {
		return m.rule.Cause != j.cause && m.score.class >= byNotions && m.score.class != byCodes &&
			(m.score.class == byReason || j.match.letters < manyLetters)
	})
}

// seconded tells whether something else than the step speaks for the cause, too.
// Notions do so only where the step is known, as most are at home in a few.
func (j *judgement) seconded(others []match) bool {
	return slices.ContainsFunc(others, func(m match) bool {
		return m.rule.Cause == j.cause && m.score.class > byStep && (!m.rule.Family || j.heard.step != "")
	})
}

// lower takes the confidence down to a bound.
func (j *judgement) lower(to report.Confidence) {
	if j.confidence == report.High || to == report.Low {
		j.confidence = to
	}
}

// worthNaming are those of the other causes that a rule does not call unlikely.
func worthNaming(others []report.Alternative) []report.Alternative {
	return slices.DeleteFunc(slices.Clone(others), func(a report.Alternative) bool { return a.Confidence == report.Low })
}

// causesOf are the causes of matches that go by no less than a class.
func causesOf(matches []match, least class) []report.Alternative {
	var all []report.Alternative
	for _, m := range matches {
		if m.score.class >= least {
			all = append(all, report.Alternative{Cause: m.rule.Cause, Confidence: report.Low})
		}
	}
	return all
}

// add adds other causes, but for those that are named already or cannot be met
// in the protocol.
func (j *judgement) add(others ...report.Alternative) {
	for _, other := range others {
		known := func(a report.Alternative) bool { return a.Cause == other.Cause }
		if other.Cause != j.cause && len(j.alternatives) < maxAlternatives && j.heard.canMeet(other.Cause) &&
			!slices.ContainsFunc(j.alternatives, known) {
			j.alternatives = append(j.alternatives, other)
		}
	}
}

// canMeet tells whether a cause can be met where the text came.
func (in *heard) canMeet(cause report.Cause) bool {
	return fitsKnown(protocolsOf[family(cause)], in.protocol) && in.fitsStep(cause)
}

// protocolsOf are the only ones that causes of some families are met in.
var protocolsOf = map[string][]string{
	"submit":  {string(report.SMTP)},
	"mailbox": {string(report.IMAP), string(report.POP3)},
}

// matches are the rules that fit, the most specific first.
func (in *heard) matches(rules []*rule) []match {
	var found []match
	for _, r := range rules {
		if m, ok := r.match(in); ok && in.fitsStep(r.Cause) {
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
		if slices.ContainsFunc(in.speakers, knows) || v.any.in(in.folds) || in.hosts.text != "" && v.any.in(in.hosts) {
			in.speakers = append(in.speakers, v.ID)
		}
	}
}
