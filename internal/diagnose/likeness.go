package diagnose

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"mailcheck/internal/lazyre"
	"mailcheck/internal/likeness"
	"mailcheck/report"
)

// asText is what was heard, for package likeness.
func (in *heard) asText() likeness.Text {
	return likeness.Text{
		Protocol: in.protocol, Step: in.step,
		Status: in.status, Code: in.code, Enhanced: in.enhanced, Words: in.text,
	}
}

// What speaks for a cause, in natural logarithms of how many times likelier it
// makes it. The numbers were fitted (a conditional logistic regression) to 1,773
// real replies that neither the rules nor the model had been taught with, and
// rounded.
var (
	// worthFirst is that of the rule that fits best, by its confidence: 0.4 more than
	// was fitted, as labels by one reader know less of providers than the rules do.
	worthFirst = map[report.Confidence]float64{report.High: 2.1, report.Medium: 1.6, report.Low: 0.8}
	// worthOther is that of what the judgement names beside its cause.
	worthOther = map[report.Confidence]float64{report.High: 1.7, report.Medium: 1.7, report.Low: 0.6}
	// worthClass is that of the most specific rule that gives the cause.
	worthClass = [...]float64{
		byStep: 0.5, byLooseCodes: 0.5, byNotions: 1.2, byCodes: 1.1, byWords: 0.9, byReason: 1, bySign: 1,
	}
)

// worthReading is how much the logarithm of the probability counts that a text
// which reads like this has the cause.
const worthReading = 0.56

// leastLikely stands for a cause that a text does not read like at all.
const leastLikely = 1e-4

// Bounds of the probability that all together give a cause.
const (
	surely     = 0.85 // below it no rule is certain
	probably   = 0.6  // below it a cause is a guess
	worthAWord = 0.05 // below it a cause is not named beside one that is plain
)

// readsAtAll is the probability from which on a text that no rule knows is said to
// read like a cause.
const readsAtAll = 0.5

// reread weighs what the rules say against what the text reads like (package
// likeness): the cause for which all together speaks most is named, and the others
// stand in that order. A rule that is settled keeps its place.
func (j *judgement) reread(matches []match) {
	readings := slices.DeleteFunc(likeness.Read(j.heard.asText()), func(r likeness.Reading) bool { return !j.heard.canMeet(r.Cause) })
	if len(readings) == 0 || j.match.rule == nil && readings[0].Probability < readsAtAll {
		return
	}
	probability := j.probabilities(matches, readings)
	order := slices.SortedFunc(maps.Keys(probability), func(a, b report.Cause) int {
		return cmp.Or(cmp.Compare(probability[b], probability[a]), cmp.Compare(a, b))
	})
	said := j.alternatives
	switch {
	case order[0] != j.cause && !j.settled():
		said = append(said, report.Alternative{Cause: j.cause, Confidence: j.confidence})
		j.outvote(order[0], probability[order[0]])
	case !j.settled() && !j.plain && probability[j.cause] < surely:
		j.lower(report.Medium)
	case j.confidence == report.High && j.plain:
		order = slices.DeleteFunc(order, func(c report.Cause) bool { return probability[c] < worthAWord })
	}
	j.alternatives = nil
	j.add(ranked(order, said)...)
}

// probabilities are those of the causes for which anything speaks.
func (j *judgement) probabilities(matches []match, readings []likeness.Reading) map[report.Cause]float64 {
	score := map[report.Cause]float64{}
	for _, r := range readings {
		score[r.Cause] = worthReading * math.Log(r.Probability+leastLikely)
	}
	unlike := worthReading * math.Log(leastLikely)
	add := func(c report.Cause, worth float64) {
		if _, known := score[c]; !known {
			score[c] = unlike
		}
		score[c] += worth
	}
	if j.match.rule != nil {
		add(j.cause, worthFirst[j.confidence])
	}
	for _, a := range j.alternatives {
		add(a.Cause, worthOther[a.Confidence])
	}
	most := map[report.Cause]class{}
	for _, m := range matches {
		most[m.rule.Cause] = max(most[m.rule.Cause], m.score.class)
	}
	for c, k := range most {
		add(c, worthClass[k])
	}
	sum := 0.0
	for c, s := range score {
		score[c] = math.Exp(s)
		sum += score[c]
	}
	for c := range score {
		score[c] /= sum
	}
	return score
}

// outvote gives the judgement another cause than the rule's.
func (j *judgement) outvote(cause report.Cause, probability float64) {
	j.match, j.alike = match{}, true
	j.diagnosis = diagnosis{cause: cause, confidence: report.Low}
	if probability >= probably {
		j.confidence = report.Medium
	}
}

// ranked are other causes in this order, with the confidence that the rules have
// in them.
func ranked(order []report.Cause, said []report.Alternative) []report.Alternative {
	all := make([]report.Alternative, len(order))
	for i, c := range order {
		all[i] = report.Alternative{Cause: c, Confidence: report.Low}
		for _, a := range said {
			if a.Cause == c && a.Confidence != report.Low {
				all[i].Confidence = report.Medium
			}
		}
	}
	return all
}

// errorNumber is that of an error of Windows, its sockets or Outlook.
var errorNumber = lazyre.New(`^(?:0x8[0-9a-f]{7}|1[01]0\d\d)$`)

// settled tells whether the rule that decided is not to be outvoted: it goes by
// words or a number that mean nothing else, or nothing else from that server, or by
// what the words do not say.
func (j *judgement) settled() bool {
	r := j.match.rule
	return r != nil && (slices.ContainsFunc(j.match.words, errorNumber.MatchString) || r.Sign || r.Dialect || r.Code != nil || r.Provider != nil || r.Software != nil || r.Mechanism != "")
}
