package diagnose

import (
	"cmp"
	"maps"
	"math"
	"slices"

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

// What a rule's word for a cause is worth beside what the text reads like, in
// natural logarithms of how many times likelier it makes the cause.
const (
	supportFirst = 2.5
	supportLow   = 1.0 // for the cause that a rule gives, and calls unlikely
	supportOther = 0.5 // for one of its other causes
	supportFar   = 0.2 // for one that it calls unlikely
)

// What a text reads like is likely from this probability on; where no rule knows
// anything, it is told from a lower one on.
const (
	readsSurely = 0.7
	readsAtAll  = 0.5
)

// leastLikely stands for a cause that a text does not read like at all.
const leastLikely = 1e-4

// reread weighs what the rules say against what the text reads like (package
// likeness): where no rule is certain, the cause for which both together speak
// most is named, and the others stand in that order. A rule that is settled keeps
// its place.
func (j *judgement) reread() {
	if j.confidence == report.High {
		return
	}
	readings := slices.DeleteFunc(likeness.Read(j.heard.asText()), func(r likeness.Reading) bool { return !j.heard.canMeet(r.Cause) })
	if len(readings) == 0 || j.match.rule == nil && readings[0].Probability < readsAtAll {
		return
	}
	support, probability := map[report.Cause]float64{}, map[report.Cause]float64{}
	for _, a := range j.alternatives {
		support[a.Cause] = worth(a.Confidence, supportOther, supportFar)
	}
	if j.match.rule != nil {
		support[j.cause] = worth(j.confidence, supportFirst, supportLow)
	}
	for _, r := range readings {
		probability[r.Cause] = r.Probability
	}
	score := map[report.Cause]float64{}
	for _, c := range slices.Concat(slices.Collect(maps.Keys(support)), slices.Collect(maps.Keys(probability))) {
		score[c] = support[c] + math.Log(probability[c]+leastLikely)
	}
	order := slices.SortedFunc(maps.Keys(score), func(a, b report.Cause) int {
		return cmp.Or(cmp.Compare(score[b], score[a]), cmp.Compare(a, b))
	})
	said := j.alternatives
	if order[0] != j.cause && !j.settled() {
		said = append(said, report.Alternative{Cause: j.cause, Confidence: j.confidence})
		j.outvote(order[0], probability[order[0]])
	}
	j.alternatives = nil
	j.add(ranked(order, said)...)
}

// outvote gives the judgement another cause than the rule's.
func (j *judgement) outvote(cause report.Cause, probability float64) {
	j.match, j.alike = match{}, true
	j.diagnosis = diagnosis{cause: cause, confidence: report.Low}
	if probability >= readsSurely {
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

// settled tells whether the rule that decided is not to be outvoted: it goes by
// words that mean nothing else, by codes that tell something, by what the words
// do not say, or explains most of them.
func (j *judgement) settled() bool {
	r := j.match.rule
	return r != nil && (j.match.score.class == bySign || j.match.score.class == byCodes ||
		r.Code != nil || r.Provider != nil || r.Software != nil || r.Mechanism != "" || 3*j.match.letters >= 2*len(j.heard.text))
}

// worth is the one value, or the other for what is unlikely.
func worth(c report.Confidence, likely, unlikely float64) float64 {
	if c == report.Low {
		return unlikely
	}
	return likely
}
