package diagnose

import (
	"strings"

	"mailcheck/internal/lazyre"
)

// sieve is a regular expression that matches no text without one of these words, so
// that most texts need not be searched with it.
type sieve struct {
	words      []string
	expression *lazyre.Regexp
}

// sieveOf panics where the expression is none.
func sieveOf(expression string, words ...string) sieve {
	return sieve{words, lazyre.New(expression)}
}

func (s sieve) may(text string) bool {
	for _, word := range s.words {
		if strings.Contains(text, word) {
			return true
		}
	}
	return false
}

func (s sieve) matches(text string) bool { return s.may(text) && s.expression.MatchString(text) }

func (s sieve) replace(text, with string) string {
	if !s.may(text) {
		return text
	}
	return s.expression.ReplaceAllString(text, with)
}

func (s sieve) replaceFunc(text string, with func(string) string) string {
	if !s.may(text) {
		return text
	}
	return s.expression.ReplaceAllStringFunc(text, with)
}

func (s sieve) findAll(text string) []string {
	if !s.may(text) {
		return nil
	}
	return s.expression.FindAllString(text, -1)
}
