package main

import (
	"cmp"
	"fmt"

	"mailcheck/internal/lang"
)

// language is the one that --lang or its environment twin names, else that of
// the locale.
func (a *app) language(f outputFlags) (string, error) {
	if err := checkLanguage(f.lang); err != nil {
		return "", err
	}
	return cmp.Or(f.lang, string(a.locale())), nil
}

// checkLanguage is an error for a language that there is no text in.
func checkLanguage(name string) error {
	switch lang.Tag(name) {
	case "", lang.English, lang.Japanese:
		return nil
	}
	return fmt.Errorf("--lang: %q is neither en nor ja", name)
}

// locale is the language of the user's locale.
func (a *app) locale() lang.Tag { return lang.FromLocale(a.env) }
