package main

import (
	"fmt"

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

func (f *lookupFlags) check() error {
	if f.format != "text" && f.format != "json" {
		return fmt.Errorf("--output: there is no format %q; there are text, json", f.format)
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
