// Package config reads the config file: TOML, with defaults, named accounts and
// the applications that are registered for signing in.
//
//  1. [Read] opens the file (open.go) and refuses one that others may write to.
//  2. [Parse] reads its text into entries, each a path of keys with a value and
//     its place (toml.go).
//  3. What may stand where is judged by [Keys] (judge.go). The keys are the flags
//     of the program, so that there is no second list of them; no key takes a
//     secret.
//
// A [Table] has the accounts of a batch from CSV, judged by the same keys.
//
// All that is wrong with a file is told at once, as [Faults]. They never repeat
// what stands under a key that they do not know.
package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// File is what a config file says. The zero value says nothing.
type File struct {
	Name     string // its path; empty where there is none
	Defaults Section
	Accounts []Section // in the order of the file
	SignIns  []Section // by provider or issuer, in the order of the file
}

// Section is a table of the file.
type Section struct {
	Name     string // of the account; of the provider, or its issuer
	Address  string // of the account
	Settings []Setting
	Place
}

// Setting is a flag that the file gives.
type Setting struct {
	Flag   string
	Values []string // one, but for a flag that may be given several times
	Place
}

// Place is where something stands in a file, each number from 1; zero is not
// known. A column is counted in bytes.
type Place struct{ Line, Column int }

// Account returns the account of a name.
func (f *File) Account(name string) (Section, bool) {
	i := slices.IndexFunc(f.Accounts, func(s Section) bool { return s.Name == name })
	if i < 0 {
		return Section{}, false
	}
	return f.Accounts[i], true
}

// Names returns the names of the accounts, sorted.
func (f *File) Names() []string {
	var names []string
	for _, a := range f.Accounts {
		names = append(names, a.Name)
	}
	slices.Sort(names)
	return names
}

// Keys says what may stand in a file.
type Keys struct {
	// Defaults, Account and SignIn are the flags that a section of each kind
	// takes. Values of the file are tried on them, which changes them.
	Defaults, Account, SignIn *pflag.FlagSet
	// Elsewhere are flags that are for the command line alone.
	Elsewhere []string
	// Inputs are flags that name a file to read. In the config file they may
	// begin with ~/, and are else taken from where the config file is.
	Inputs []string
	// Exclusive are groups of flags of which one at most is given.
	Exclusive [][]string
	// Reserved tells whether a name cannot be an account's: that of a command.
	Reserved func(name string) bool
	// SignsIn tells whether somebody signs in at a provider of this name, or at
	// this issuer.
	SignsIn func(name string) bool
}

// Fault is one thing that is wrong with a file.
type Fault struct {
	File string
	Place
	Text string
}

func (f *Fault) Error() string {
	if f.Line == 0 {
		return f.File + ": " + f.Text
	}
	return fmt.Sprintf("%s:%d:%d: %s", f.File, f.Line, f.Column, f.Text)
}

// Faults is all that is wrong with a file, in the order of its lines; never
// empty.
type Faults []*Fault

func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, fault := range f {
		lines[i] = fault.Error()
	}
	return strings.Join(lines, "\n")
}

// Sorted orders the faults by their place.
func (f Faults) Sorted() Faults {
	slices.SortStableFunc(f, func(a, b *Fault) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return f
}
