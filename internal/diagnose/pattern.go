package diagnose

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"sync"
)

// pattern is a phrase that is a regular expression, with what tells most texts
// that it does not match.
type pattern struct {
	compiled func() *regexp.Regexp // on first use: few are ever needed
	gates    []gate                // that a text must pass, the narrowest first
}

// gate is grams of which a text must have one.
type gate []uint16

func patternOf(text string) (*pattern, error) {
	text = plain.Replace(text)
	tree, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return nil, err
	}
	return &pattern{
		compiled: sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) }),
		gates:    gatesOf(tree),
	}, nil
}

// begins are grams of which a text that the pattern matches has one.
func (p *pattern) begins() gate {
	if len(p.gates) == 0 {
		return gate{anyGram}
	}
	return p.gates[0]
}

// marked tells whether a text passes the gates.
func (p *pattern) marked(g *grams) bool {
	for _, of := range p.gates {
		if !slices.ContainsFunc(of, g.has) {
			return false
		}
	}
	return true
}

// gatesOf are those that each match of a regular expression passes, the
// narrowest first.
func gatesOf(re *syntax.Regexp) []gate {
	var gates []gate
	add := func(of gate) {
		if of != nil {
			gates = append(gates, of)
		}
	}
	switch re.Op {
	case syntax.OpCapture, syntax.OpPlus:
		return gatesOf(re.Sub[0])
	case syntax.OpAlternate:
		add(gateOf(stringsOf(re)))
		if gates == nil {
			add(gateOfOne(re.Sub))
		}
	case syntax.OpConcat:
		run := []string{""} // what the pieces match that stand together
		for _, sub := range re.Sub {
			next := stringsOf(sub)
			longer := joined(run, next)
			if longer == nil {
				add(gateOf(run))
				if longer = next; next == nil {
					gates = append(gates, gatesOf(sub)...)
					longer = []string{""}
				}
			}
			run = longer
		}
		add(gateOf(run))
	default:
		add(gateOf(stringsOf(re)))
	}
	slices.SortStableFunc(gates, func(a, b gate) int { return len(a) - len(b) })
	return gates
}

// gateOfOne is passed by what matches one of the regular expressions.
func gateOfOne(alternatives []*syntax.Regexp) gate {
	var all gate
	for _, re := range alternatives {
		gates := gatesOf(re)
		if gates == nil {
			return nil
		}
		all = append(all, gates[0]...)
	}
	return all
}

// gateOf is passed by a text that has one of the words; nil where some are too
// short to tell.
func gateOf(words []string) gate {
	var all gate
	for _, text := range words {
		if len(text) < gramSize {
			return nil
		}
		if begin := beginOf(text); !slices.Contains(all, begin) {
			all = append(all, begin)
		}
	}
	return all
}

// maxStrings bounds what is written out of a regular expression.
const maxStrings = 64

// stringsOf are what a regular expression matches; nil where that is not to be
// counted.
func stringsOf(re *syntax.Regexp) []string {
	var all []string
	switch re.Op {
	case syntax.OpEmptyMatch, syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText,
		syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return []string{""}
	case syntax.OpLiteral:
		if re.Flags&syntax.FoldCase == 0 {
			return []string{string(re.Rune)}
		}
	case syntax.OpCharClass:
		for i := 0; i < len(re.Rune); i += 2 {
			for r := re.Rune[i]; r <= re.Rune[i+1]; r++ {
				if all = append(all, string(r)); len(all) > maxStrings {
					return nil
				}
			}
		}
	case syntax.OpCapture:
		return stringsOf(re.Sub[0])
	case syntax.OpQuest:
		if once := stringsOf(re.Sub[0]); once != nil {
			return append(once, "")
		}
	case syntax.OpConcat:
		all = []string{""}
		for _, sub := range re.Sub {
			all = joined(all, stringsOf(sub))
		}
	case syntax.OpAlternate:
		for _, sub := range re.Sub {
			one := stringsOf(sub)
			if all = append(all, one...); one == nil || len(all) > maxStrings {
				return nil
			}
		}
	}
	return all
}

// joined are all heads with all tails; nil where there are none or too many.
func joined(heads, tails []string) []string {
	if len(heads)*len(tails) > maxStrings {
		return nil
	}
	var all []string
	for _, head := range heads {
		for _, tail := range tails {
			all = append(all, head+tail)
		}
	}
	return all
}
