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
	marks    []uint16              // grams that a text must have
	gates    []uint16              // grams of which a text that it matches has one; nil where they are not known
}

func patternOf(text string) (*pattern, error) {
	text = plain.Replace(text)
	tree, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return nil, err
	}
	p := &pattern{
		compiled: sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) }),
		gates:    gatesOf(tree),
	}
	if words := literalIn(tree); len(words) >= gramSize {
		p.marks = []uint16{beginOf(words), endOf(words)}
	}
	return p, nil
}

// begins are grams of which a text that the pattern matches has one.
func (p *pattern) begins() []uint16 {
	switch {
	case p.marks != nil:
		return p.marks[:1]
	case p.gates != nil:
		return p.gates
	}
	return []uint16{anyGram}
}

// marked tells whether a text has the grams that the pattern asks for.
func (p *pattern) marked(g *grams) bool {
	return !slices.ContainsFunc(p.marks, func(mark uint16) bool { return !g.has(mark) }) &&
		(p.gates == nil || slices.ContainsFunc(p.gates, g.has))
}

// gatesOf are grams of which each match of a regular expression has one; nil
// where it may have none.
func gatesOf(re *syntax.Regexp) []uint16 {
	switch re.Op {
	case syntax.OpLiteral:
		if words := string(re.Rune); len(words) >= gramSize && re.Flags&syntax.FoldCase == 0 {
			return []uint16{beginOf(words)}
		}
	case syntax.OpConcat, syntax.OpCapture, syntax.OpPlus:
		var fewest []uint16
		for _, sub := range re.Sub {
			if gates := gatesOf(sub); gates != nil && (fewest == nil || len(gates) < len(fewest)) {
				fewest = gates
			}
		}
		return fewest
	case syntax.OpAlternate:
		var all []uint16
		for _, sub := range re.Sub {
			gates := gatesOf(sub)
			if gates == nil {
				return nil
			}
			all = append(all, gates...)
		}
		return all
	}
	return nil
}

// literalIn is the longest run of letters that any match of a regular
// expression has.
func literalIn(re *syntax.Regexp) (longest string) {
	switch {
	case re.Op == syntax.OpLiteral && re.Flags&syntax.FoldCase == 0:
		return string(re.Rune)
	case re.Op == syntax.OpConcat, re.Op == syntax.OpCapture, re.Op == syntax.OpPlus:
		for _, sub := range re.Sub {
			if s := literalIn(sub); len(s) > len(longest) {
				longest = s
			}
		}
	}
	return longest
}
