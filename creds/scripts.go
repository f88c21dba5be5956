package creds

import (
	"maps"
	"slices"
	"strings"
	"unicode"
)

// usualMixes are the scripts that one word may be written in (UTS #39 section
// 5.2, highly restrictive): those of Japanese, of Chinese with its phonetic
// signs, and of Korean, each with Latin.
var usualMixes = [][]string{
	{"Latin", "Han", "Hiragana", "Katakana"},
	{"Latin", "Han", "Bopomofo"},
	{"Latin", "Han", "Hangul"},
}

// MixedScripts returns the names of the scripts, sorted, of the first label of
// the domain that mixes such as no language does (UTS #39): "ex\u0430mple" has
// a Cyrillic letter among Latin ones. It is nil for all others.
func (a Account) MixedScripts() []string {
	for label := range strings.SplitSeq(a.Unicode, ".") {
		found := scriptsOf(label)
		usual := func(mix []string) bool {
			return !slices.ContainsFunc(found, func(script string) bool { return !slices.Contains(mix, script) })
		}
		if len(found) > 1 && !slices.ContainsFunc(usualMixes, usual) {
			return found
		}
	}
	return nil
}

// scriptsOf returns the scripts of a text, but for the signs that many share.
func scriptsOf(text string) []string {
	found := make(map[string]bool)
	for _, r := range text {
		if unicode.In(r, unicode.Common, unicode.Inherited) {
			continue
		}
		for name, table := range unicode.Scripts {
			if unicode.Is(table, r) {
				found[name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}
