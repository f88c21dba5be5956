package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"mailcheck/internal/lang"
	"mailcheck/internal/render"
)

// lookupFlags are the flags of the commands that look something up, offline.
type lookupFlags struct {
	format, lang string
	quiet        bool
	noColor      bool
}

func (f *lookupFlags) register(flags *pflag.FlagSet) {
	flags.StringVarP(&f.format, "output", "o", "text", "`FORMAT`: text or json")
	flags.StringVar(&f.lang, "lang", "", "`LANGUAGE` of the text: en or ja (default: that of the locale)")
	flags.BoolVarP(&f.quiet, "quiet", "q", false, "only the answer")
	flags.BoolVar(&f.noColor, "no-color", false, "no colours (also NO_COLOR)")
}

// lookupFormats are the values of --output there.
var lookupFormats = []string{"text", "json"}

// settle sets the flags that were not given from the environment, and says what is
// wrong with them.
func (f *lookupFlags) settle(flags *pflag.FlagSet, env func(string) (string, bool)) error {
	takes := func(output string) bool { return slices.Contains(lookupFormats, output) }
	if err := envTwins(flags, formatsOf(env, takes)); err != nil {
		return err
	}
	if !takes(f.format) {
		return fmt.Errorf("--output: there is no format %q; there are %s", f.format, strings.Join(lookupFormats, ", "))
	}
	return checkLanguage(f.lang)
}

func (f *lookupFlags) language(env func(string) (string, bool)) lang.Tag {
	if f.lang != "" {
		return lang.Tag(f.lang)
	}
	return lang.FromLocale(env)
}

func (f *lookupFlags) options(a *app) render.Options {
	opt := render.Options{Color: a.colours(a.stdout, f.noColor)}
	if f.quiet {
		opt.Verbosity = render.Quiet
	}
	return opt
}
