package main

import (
	"fmt"

	"mailcheck/internal/lang"
)

// language is the one that --lang or its environment twin names, else that of
// the locale.
func (a *app) language(f outputFlags) (string, error) {
	switch tag := lang.Tag(f.lang); tag {
	case "":
		return string(a.locale()), nil
	case lang.English, lang.Japanese:
		return string(tag), nil
	}
	return "", fmt.Errorf("--lang: %q is neither en nor ja", f.lang)
}

// locale is the language of the user's locale.
func (a *app) locale() lang.Tag { return lang.FromLocale(a.env) }
