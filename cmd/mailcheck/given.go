package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"mailcheck/creds"
	"mailcheck/internal/config"
)

// envTwins sets the flags that were not given from MAILCHECK_… variables. A
// flag that was given without a value is a mistake: in a script it mostly is a
// variable that is not set. The variable of a flag that may be given several
// times holds one value or more with blanks between them, which no value has
// but the name of a file. That of a flag that needs no value, --transcript, may
// say true or false, as that of a switch. A variable that a flag of the command line
// excludes says nothing.
func envTwins(flags *pflag.FlagSet, env func(string) (string, bool)) error {
	var err error
	given := map[string]bool{}
	flags.Visit(func(f *pflag.Flag) {
		given[f.Name] = f.Value.String() != "false"
		if f.Value.Type() == "string" && f.Value.String() == "" {
			err = fmt.Errorf("--%s: it has no value", f.Name)
		}
	})
	flags.VisitAll(func(f *pflag.Flag) {
		name := "MAILCHECK_" + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
		value, ok := env(name)
		if f.Changed || !ok || value == "" || err != nil || f.Name == "help" || f.Name == versionFlag {
			return
		}
		values := []string{value}
		if f.Value.Type() == "stringArray" {
			values = strings.Fields(value)
		}
		if on, e := strconv.ParseBool(value); e == nil && f.NoOptDefVal != "" && f.Value.Type() == "string" {
			if !on {
				return
			}
			values = []string{f.NoOptDefVal}
		}
		if excluded(config.Setting{Flag: f.Name, Values: []string{value}}, given) {
			return
		}
		for _, value := range values {
			if e := flags.Set(f.Name, value); e != nil {
				err = valueFlaw(name, e)
			}
		}
	})
	return err
}

// settle sets the flags that neither the command line nor the environment gave
// from sections of the config file, those in front first.
func (a *app) settle(flags *pflag.FlagSet, file *config.File, sections ...config.Section) error {
	given := map[string]bool{}
	flags.Visit(func(f *pflag.Flag) { given[f.Name] = f.Value.String() != "false" })
	if secret, _ := a.env(creds.EnvPassword); secret != "" {
		given[creds.EnvPassword] = true
	}
	var faults config.Faults
	for _, s := range winning(given, sections...) {
		if flags.Lookup(s.Flag) == nil {
			continue // it is of another command
		}
		if err := settingFlaw(s); err != nil {
			faults = append(faults, &config.Fault{File: file.Name, Place: s.Place, Text: err.Error()})
			continue
		}
		for _, value := range s.Values {
			if err := flags.Set(s.Flag, value); err != nil {
				return flagFlaw(err)
			}
		}
	}
	if faults != nil {
		return faults
	}
	return nil
}

// winning are the settings of sections that count: those that are not given
// yet, nor something that excludes them. Given are names of flags, and whether
// they exclude others, which one that says false does not.
func winning(given map[string]bool, sections ...config.Section) []config.Setting {
	var all []config.Setting
	for _, section := range sections {
		var some []config.Setting
		for _, s := range section.Settings {
			if _, is := given[s.Flag]; !is && !excluded(s, given) {
				some = append(some, s)
			}
		}
		for _, s := range some {
			given[s.Flag] = s.Values[0] != "false"
		}
		all = append(all, some...)
	}
	return all
}

// excluded tells whether something given excludes a setting.
func excluded(s config.Setting, given map[string]bool) bool {
	if s.Values[0] == "false" {
		return false
	}
	if given[creds.EnvPassword] && slices.Contains(secretSources, s.Flag) {
		return true
	}
	return slices.ContainsFunc(exclusive, func(group []string) bool {
		return slices.Contains(group, s.Flag) && slices.ContainsFunc(group, func(other string) bool { return given[other] })
	})
}

// settingFlaw says what is wrong with values, as the main job would say it of its
// flags. Those of login alone take any text.
func settingFlaw(settings ...config.Setting) error {
	var f checkFlags
	flags := newFlags()
	f.register(flags)
	for _, s := range settings {
		for _, value := range s.Values {
			if flags.Lookup(s.Flag) == nil {
				continue
			}
			if err := flags.Set(s.Flag, value); err != nil {
				return flagFlaw(err)
			}
		}
	}
	return f.flaw(anybody)
}

// wanted is what a flag takes, by the type of its value.
var wanted = map[string]string{
	"bool":     "neither true nor false",
	"int":      "no whole number",
	"duration": "no duration, such as 90s or 1m30s",
}

// valueFlaw says of a value that a flag does not take what would be one. The flag
// is called as whoever gave the value did.
func valueFlaw(called string, err error) error {
	var flaw *pflag.InvalidValueError
	if !errors.As(err, &flaw) {
		return fmt.Errorf("%s: %w", called, err)
	}
	is, known := wanted[flaw.GetFlag().Value.Type()]
	switch {
	case errors.Is(err, strconv.ErrRange):
		is = "too large a number"
	case !known:
		return fmt.Errorf("%s: %w", called, flaw.Unwrap())
	}
	return fmt.Errorf("%s: %q is %s", called, flaw.GetValue(), is)
}

// flagFlaw is valueFlaw for a flag by its own name. One that would take a password
// is not repeated (-pSECRET). Other mistakes are said as they are.
func flagFlaw(err error) error {
	var flaw *pflag.InvalidValueError
	if errors.As(err, &flaw) {
		return valueFlaw("--"+flaw.GetFlag().Name, err)
	}
	var unknown *pflag.NotExistError
	if errors.As(err, &unknown) && slices.Contains(passwordFlags, unknown.GetSpecifiedName()) {
		return errors.New("no flag takes a password, which others on this computer could read there: " + passwordWays)
	}
	return err
}

// passwordFlags are the flags for a password that other programs have.
var passwordFlags = []string{"p", "pass", "password", "passwd", "pw"}

// secretFlaw says of the flags for the secret that there are two, or that the file
// is not there: nobody is asked anything before that is known. Without a login they
// are not looked at.
func (f *checkFlags) secretFlaw() error {
	if f.noAuth {
		return nil
	}
	if err := f.sources(strings.NewReader("")).Conflict(); err != nil {
		return err
	}
	return f.passwordFileFlaw()
}

// sources are where the flags say that the secret is.
func (f *checkFlags) sources(stdin io.Reader) creds.Options {
	o := creds.Options{PasswordFile: f.passwordFile, PasswordCommand: f.passwordCommand, TokenCommand: f.tokenCommand, Kind: f.kind()}
	if f.passwordStdin {
		o.PasswordStdin = stdin
	}
	if f.tokenStdin {
		o.TokenStdin = stdin
	}
	return o
}

// passwordFileFlaw says of a password file that it is not there, or none. Only
// the run itself reads it.
func (f *checkFlags) passwordFileFlaw() error {
	if f.passwordFile == "" {
		return nil
	}
	info, err := os.Stat(f.passwordFile)
	var path *fs.PathError
	switch {
	case errors.As(err, &path):
		return fmt.Errorf("--password-file: %s: %w", f.passwordFile, path.Err)
	case err == nil && info.IsDir():
		return fmt.Errorf("--password-file: %s is a directory", f.passwordFile)
	}
	return err
}

// anybody is an address where it does not matter which.
const anybody = "anna@example.com"

// flaw says what is wrong with the flags of the main job.
func (f *checkFlags) flaw(address string) error {
	if _, err := f.options(address); err != nil {
		return err
	}
	if err := checkLanguage(f.output.lang); err != nil {
		return err
	}
	_, err := f.output.outputs()
	return err
}
