package diagnose

import (
	"cmp"
	"slices"
	"strings"

	"mailcheck/report"
)

// specificity is how much of a refusal a rule explains. Signs count more than
// words that give a reason, those more than words that give none, those more
// than codes, however many, and a step alone is a guess. What is spoken of counts
// less than codes that tell something, and more than those that do not. Within
// the same class the sum counts of what the rule asks for.
type specificity struct {
	class  class
	weight int
}

// class is what a rule goes by.
type class int

const (
	byStep       class = iota // neither words nor codes
	byLooseCodes              // codes that may be for anything, as a mere 550 is
	byNotions                 // what is spoken of, in whatever words
	byCodes                   // response codes and enhanced ones that tell something
	byWords                   // words that say what was refused
	byReason                  // words that say why
	bySign                    // words that mean nothing else
)

func (r *rule) classOf() class {
	switch words := r.All != nil || r.Any != nil || r.Exact != nil; {
	case r.Sign:
		return bySign
	case r.Family:
		return byNotions
	case words && r.Vague:
		return byWords
	case words:
		return byReason
	case r.Status == nil && r.Code == nil && r.Enhanced == nil:
		return byStep
	case r.Vague, r.Confidence == report.Low, r.Code == nil && r.Enhanced == nil:
		return byLooseCodes
	}
	return byCodes
}

func (s specificity) compare(other specificity) int {
	return cmp.Or(cmp.Compare(s.class, other.class), cmp.Compare(s.weight, other.weight))
}

// What the conditions of a rule weigh, in letters of matched text.
const (
	weightMechanism = 70
	weightProvider  = 60
	weightSoftware  = 40
	weightCode      = 20 // also an enhanced one
	weightExact     = 10
	weightSecurity  = 10
	weightPort      = 10
	weightStep      = 4
	weightStatus    = 3
	weightGroup     = 1 // a class of statuses, a group of enhanced codes, "none"
	weightProtocol  = 1
	weightUnknown   = -8 // a step that is asked for and not known
)

// match is a rule that fits what was heard.
type match struct {
	rule    *rule
	score   specificity
	words   []string // of the text, as far as they are the rule's own
	letters int      // of the text that the words explain
}

// match tells whether the rule fits, and how specifically.
func (r *rule) match(in *heard) (m match, ok bool) {
	m.rule, m.score.class = r, r.class
	if !fitsKnown(r.Protocol, in.protocol) || !fitsKnown(r.Step, in.step) {
		return m, false
	}
	m.score.weight = weightOf(r.Protocol, in.protocol, weightProtocol) + weightOfStep(r.Step, in.step) + r.Lead
	for _, must := range []struct {
		fits   bool
		weight int
	}{
		{in.protocol != "" || !slices.Contains(r.Known, "protocol"), 0},
		{in.step != "" || !slices.Contains(r.Known, "step"), 0},
		{matchAny(r.Status, in.status), weightOf(r.Status, in.status, weightStatus)},
		{matchAny(r.Code, in.code), weightOf(r.Code, in.code, weightCode)},
		{matchAny(r.Enhanced, in.enhanced), weightOf(r.Enhanced, in.enhanced, weightCode)},
		{r.Mechanism == "" || r.Mechanism == in.secret, weightIf(r.Mechanism != "", weightMechanism)},
		{spoken(r.Provider, in.speakers), weightIf(r.Provider != nil, weightProvider)},
		{spoken(r.Software, in.speakers), weightIf(r.Software != nil, weightSoftware)},
		{r.Security == "" || r.Security == in.security, weightIf(r.Security != "", weightSecurity)},
		{r.Port == nil || slices.Contains(r.Port, in.port), weightIf(r.Port != nil, weightPort)},
	} {
		if !must.fits {
			return m, false
		}
		m.score.weight += must.weight
	}
	return m, m.matchWords(in)
}

// matchWords looks for the words of the match's rule.
func (m *match) matchWords(in *heard) bool {
	r := m.rule
	text := in.folds
	if r.All == nil && r.Any == nil && r.Exact == nil {
		return !r.none.in(text)
	}
	if r.Exact != nil {
		i := slices.IndexFunc(r.Exact, func(words string) bool { return strings.Contains(in.verbatim, words) })
		if i < 0 {
			return false
		}
		m.add(len(r.Exact[i])+weightExact, r.Exact[i])
	}
	for i := range r.all.phrases {
		n, found := r.all.phrases[i].find(text)
		if n == 0 {
			return false
		}
		m.add(n, found)
	}
	if r.Any != nil {
		most, words := r.any.longest(text)
		if most == 0 {
			return false
		}
		m.add(most, words)
	}
	return !r.none.in(text)
}

func (m *match) add(n int, words string) {
	m.score.weight += n
	m.letters += n
	if words != "" {
		m.words = append(m.words, words)
	}
}

// fitsKnown: what is not known does not speak against a rule.
func fitsKnown(wanted []string, value string) bool {
	return wanted == nil || value == "" || slices.Contains(wanted, value)
}

func spoken(wanted, speakers []string) bool {
	return wanted == nil || slices.ContainsFunc(wanted, func(id string) bool { return slices.Contains(speakers, id) })
}

func weightIf(asked bool, weight int) int {
	if asked {
		return weight
	}
	return 0
}

func weightOfStep(wanted []string, step string) int {
	if wanted != nil && step == "" && !slices.Contains(wanted, "") {
		return weightUnknown
	}
	return weightIf(wanted != nil, weightStep)
}

func weightOf(wanted []string, value string, weight int) int {
	switch {
	case wanted == nil:
		return 0
	case value == "":
		return weightIf(slices.Contains(wanted, ""), weightGroup)
	case slices.Contains(wanted, value):
		return weight
	}
	return weightGroup
}

// matchAny tells whether one of the patterns fits; no patterns fit all. A
// pattern may end in "xx" (any two digits) or "*" (anything).
func matchAny(patterns []string, value string) bool {
	fits := func(pattern string) bool {
		if class, ok := strings.CutSuffix(pattern, "xx"); ok {
			return len(value) == len(pattern) && strings.HasPrefix(value, class)
		}
		if group, ok := strings.CutSuffix(pattern, "*"); ok {
			return strings.HasPrefix(value, group)
		}
		return value == pattern
	}
	return patterns == nil || slices.ContainsFunc(patterns, fits)
}
