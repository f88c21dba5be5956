package config

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/pelletier/go-toml/v2/unstable"
	"github.com/spf13/pflag"

	"mailcheck/creds"
)

// The tables of a file, and the one key that is no flag.
const (
	defaultsTable = "defaults"
	accountsTable = "accounts"
	signInsTable  = "oauth"
	addressKey    = "address"
)

// reader judges the entries of a file one by one.
type reader struct {
	file   *File
	keys   Keys
	faults Faults
	seen   map[string]entry // by the path, each part behind a NUL
}

func (r *reader) fault(at Place, text string) {
	r.faults = append(r.faults, &Fault{File: r.file.Name, Place: at, Text: text})
}

// once notes a path, and tells whether it is the first time.
func (r *reader) once(e entry) bool {
	path := "\x00" + strings.Join(e.path, "\x00")
	if first, again := r.seen[path]; again {
		r.fault(e.Place, fmt.Sprintf("%q stands in line %d already", e.path[len(e.path)-1], first.Line))
		return false
	}
	r.seen[path] = e
	return true
}

// take judges an entry, and keeps what it says.
func (r *reader) take(e entry) {
	if !r.once(e) {
		return
	}
	switch {
	case e.value.kind == unstable.ArrayTable:
		r.fault(e.Place, fmt.Sprintf("[[%s]] has two brackets where one belongs", strings.Join(e.path, ".")))
		return
	case len(e.path) == 1 && e.value.kind != unstable.Table && slices.Contains([]string{defaultsTable, accountsTable, signInsTable}, e.path[0]):
		r.fault(e.Place, fmt.Sprintf("%q is a table, not a value", e.path[0]))
		return
	}
	switch e.path[0] {
	case defaultsTable:
		r.under(e, &r.file.Defaults, 1, r.keys.Defaults)
	case accountsTable:
		if s := r.named(e, &r.file.Accounts, r.accountFlaw); s != nil {
			r.under(e, s, 2, r.keys.Account)
		}
	case signInsTable:
		if s := r.named(e, &r.file.SignIns, r.signInFlaw); s != nil {
			r.under(e, s, 2, r.keys.SignIn)
		}
	default:
		r.stray(e)
	}
}

// named is the section that an entry of [accounts] or [oauth] is about; nil
// where it is about none.
func (r *reader) named(e entry, sections *[]Section, flaw func(string) string) *Section {
	if len(e.path) == 1 {
		return nil // the group itself
	}
	name := e.path[1]
	if i := slices.IndexFunc(*sections, func(s Section) bool { return s.Name == name }); i >= 0 {
		return &(*sections)[i]
	}
	if text := flaw(name); text != "" {
		r.fault(e.Place, text)
	}
	*sections = append(*sections, Section{Name: name, Place: e.Place})
	return &(*sections)[len(*sections)-1]
}

func (r *reader) accountFlaw(name string) string {
	bad := func(c rune) bool { return unicode.IsSpace(c) || !unicode.IsPrint(c) || c == '/' }
	switch {
	case strings.Contains(name, "@"):
		return fmt.Sprintf("the name of an account has no @: [accounts.work], and the address under it: address = %q", name)
	case name == "" || name[0] == '-' || strings.IndexFunc(name, bad) >= 0:
		return fmt.Sprintf("%q cannot be the name of an account: it is one word, without a dash in front", name)
	case r.keys.Reserved(name):
		return fmt.Sprintf("%q cannot be the name of an account: there is a command of that name", name)
	}
	return ""
}

func (r *reader) signInFlaw(name string) string {
	if r.keys.SignsIn(name) {
		return ""
	}
	return fmt.Sprintf("%q is no provider with a sign-in that mailcheck knows, and no issuer (https://...)", name)
}

// under judges an entry of a section whose own path has some parts.
func (r *reader) under(e entry, s *Section, depth int, flags *pflag.FlagSet) {
	switch rest := e.path[depth:]; {
	case len(rest) == 0 && e.value.kind == unstable.Table:
		s.Place = e.Place
	case len(rest) == 0:
		r.fault(e.Place, fmt.Sprintf("%q is a table, not a value", e.path[len(e.path)-1]))
	case len(rest) > 1:
		r.fault(e.Place, fmt.Sprintf("%q: a key is one word; a name with a dot is written in quotes", strings.Join(rest, ".")))
	case depth == 2 && e.path[0] == accountsTable && rest[0] == addressKey:
		r.address(e, s)
	default:
		r.setting(e, s, flags)
	}
}

func (r *reader) address(e entry, s *Section) {
	s.Address = e.value.text
	if e.value.kind != unstable.String {
		r.fault(e.Place, "address takes a text in quotes")
	} else if _, err := creds.ParseAddress(s.Address); err != nil {
		r.fault(e.Place, "address: "+err.Error())
	}
}

func (r *reader) setting(e entry, s *Section, flags *pflag.FlagSet) {
	name := e.path[len(e.path)-1]
	flag := flags.Lookup(name)
	if flag == nil {
		r.fault(e.Place, r.unknown(name, flags))
		return
	}
	values, text := valuesOf(flag, e.value)
	if text != "" {
		r.fault(e.Place, name+" "+text)
		return
	}
	r.keep(s, Setting{Flag: name, Values: values, Place: e.Place})
}

// keep takes a setting whose values are right.
func (r *reader) keep(s *Section, setting Setting) {
	if slices.Contains(r.keys.Inputs, setting.Flag) {
		for i := range setting.Values {
			setting.Values[i] = r.input(setting.Values[i])
		}
	}
	if other, excludes := r.excluding(s, setting); excludes {
		r.fault(setting.Place, fmt.Sprintf("%s and %s (line %d) exclude each other", setting.Flag, other.Flag, other.Line))
		return
	}
	s.Settings = append(s.Settings, setting)
}

// excluding finds the setting of a section that excludes another. One that says
// false excludes none.
func (r *reader) excluding(s *Section, setting Setting) (Setting, bool) {
	for _, other := range s.Settings {
		together := func(group []string) bool {
			return slices.Contains(group, setting.Flag) && slices.Contains(group, other.Flag)
		}
		if setting.Values[0] != "false" && other.Values[0] != "false" && slices.ContainsFunc(r.keys.Exclusive, together) {
			return other, true
		}
	}
	return Setting{}, false
}

// input is the path of a file to read.
func (r *reader) input(path string) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			return filepath.Join(home, rest)
		}
	}
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(r.file.Name), path)
}

// valuesOf are the values of a flag, tried on it; or what it takes.
func valuesOf(flag *pflag.Flag, v value) (values []string, flaw string) {
	kind := flag.Value.Type()
	switch {
	case kind == "stringArray" && v.kind == unstable.Array:
		for _, item := range v.items {
			if item.kind != unstable.String {
				return nil, takes[kind]
			}
			values = append(values, item.text)
		}
	case kind == "bool" && v.kind == unstable.Bool,
		kind != "bool" && kind != "stringArray" && v.kind == unstable.String:
		values = []string{v.text}
	case kind == "string" && flag.NoOptDefVal != "" && v.kind == unstable.Bool && v.text == "true":
		values = []string{flag.NoOptDefVal} // it can be given without a value
	default:
		return nil, takes[kind]
	}
	if len(values) == 0 || slices.Contains(values, "") {
		return nil, "has no value"
	}
	for _, value := range values {
		if err := flag.Value.Set(value); err != nil {
			return nil, takes[kind] + fmt.Sprintf("; %q is none", value)
		}
	}
	return values, ""
}

// takes are what the flags of each type take.
var takes = map[string]string{
	"bool":        "takes true or false",
	"duration":    `takes a duration in quotes, as in "90s" or "2m"`,
	"string":      "takes a text in quotes",
	"stringArray": `takes a list of texts, as in ["one", "two"]`,
}

// stray says what is wrong with a key outside of the tables. A table of an
// unknown name is told once.
func (r *reader) stray(e entry) {
	name := e.path[0]
	if _, told := r.seen[name]; told {
		return
	}
	r.seen[name] = e
	switch {
	case len(e.path) == 1 && r.keys.Defaults.Lookup(name) != nil:
		r.fault(e.Place, fmt.Sprintf("%s belongs under [defaults] or [accounts.NAME]", name))
	case isSecret(name) && len(e.path) == 1:
		r.fault(e.Place, noSecrets(name))
	default:
		text := fmt.Sprintf("there is no %q; a file has [defaults], [accounts.NAME] and [oauth.PROVIDER]", name)
		if near := nearest(name, []string{defaultsTable, accountsTable, signInsTable}); near != "" {
			text = fmt.Sprintf("there is no %q; did you mean %q?", name, near)
		}
		r.fault(e.Place, text)
	}
}

// finish finds what is missing.
func (r *reader) finish() {
	for _, a := range r.file.Accounts {
		if slices.ContainsFunc(r.faults, func(f *Fault) bool { return f.Place == a.Place }) {
			continue // it is none
		}
		if _, given := r.seen["\x00"+strings.Join([]string{accountsTable, a.Name, addressKey}, "\x00")]; !given {
			r.fault(a.Place, fmt.Sprintf("the account %s has no address: address = \"name@example.com\"", a.Name))
		}
	}
}
