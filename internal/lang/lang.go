// Package lang is the languages of the program's human text. A text is written
// in English where it is said; [Tag.Say] gives it in the language of the
// reader, by the tables of this package.
package lang

import (
	"fmt"
	"strings"
)

// Tag is a language (RFC 5646). The zero value is English.
type Tag string

// The languages.
const (
	English  Tag = "en"
	Japanese Tag = "ja"
)

// Text is what can be said: an English text that stands in the program, word
// for word. A constant is one; a text from elsewhere cannot be said.
type Text string

// Say returns the text in the language, with its verbs filled as
// [fmt.Sprintf] does. The English text is the key of the tables; one that is
// in none of them is said in English. A translation may take the arguments in
// another order (%[2]s).
func (t Tag) Say(text Text, args ...any) string {
	said := string(text)
	if t == Japanese {
		if ja, ok := japanese()[text]; ok {
			said = ja
		}
	}
	switch {
	case len(args) == 0:
		return said
	case t == Japanese:
		return t.format(said, args)
	}
	return fmt.Sprintf(said, args...)
}

// FromLocale is the language of the first of the POSIX locale variables that
// is set, in their order (LC_ALL, LC_MESSAGES, LANG); English for every
// language that is not spoken here.
func FromLocale(env func(name string) (string, bool)) Tag {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if locale, ok := env(name); ok && locale != "" {
			if language, _, _ := strings.Cut(strings.ReplaceAll(locale, ".", "_"), "_"); language == string(Japanese) {
				return Japanese
			}
			return English
		}
	}
	return English
}
