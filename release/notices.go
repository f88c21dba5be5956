package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"

	classifier "github.com/google/licenseclassifier/v2"
	"github.com/google/licenseclassifier/v2/assets"
)

// allowed are the licences under which a library may be linked into a program
// that is itself under the MIT licence, when its text goes along (SPDX).
var allowed = []string{"MIT", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "ISC"}

// Files that have to go along with what is linked: licences, and what the
// Apache licence calls NOTICE (section 4d).
var (
	licenceFile = regexp.MustCompile(`^(?i:LICEN[CS]E|COPYING)(?:[.-].*)?$`)
	noticeFile  = regexp.MustCompile(`^(?i:NOTICE|PATENTS)(?:\..*)?$`)
)

// suffixList is said of the data of golang.org/x/net/publicsuffix: the Mozilla
// Public License (section 3.2) wants those who get a program to learn where its
// source is.
const suffixList = `The Public Suffix List is under the Mozilla Public License 2.0
(https://mozilla.org/MPL/2.0/). Its source is at
https://publicsuffix.org/list/public_suffix_list.dat
`

// linked is a package of the program, as go list tells it.
type linked struct {
	ImportPath, Dir string
	Standard        bool
	Module          *struct {
		Path, Version, Dir string
		Main               bool
	}
}

// notices is the text of every licence of what is linked into the program, on
// any of the systems. A licence that nobody knows, or that is not among the
// allowed, is an error.
func (r *release) notices() ([]byte, error) {
	texts := map[string][]byte{} // by module, version and file
	keep := func(title, dir, within string) error {
		found, err := licences(filepath.Join(dir, within))
		for name, text := range found {
			texts[title+", "+filepath.ToSlash(filepath.Join(within, name))] = text
		}
		return err
	}
	goroot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return nil, err
	}
	if err := keep("Go's standard library and runtime, "+runtime.Version(), strings.TrimSpace(string(goroot)), "."); err != nil {
		return nil, err
	}
	judge, err := assets.DefaultClassifier()
	if err != nil {
		return nil, err
	}
	covered := map[string]bool{} // modules
	for _, t := range targets {
		packages, err := r.linked(t)
		if err != nil {
			return nil, err
		}
		for _, p := range packages {
			if p.Standard || p.Module == nil || p.Module.Main {
				continue
			}
			if p.ImportPath == "golang.org/x/net/publicsuffix" {
				texts["The Public Suffix List, in "+p.ImportPath] = []byte(suffixList)
			}
			title := p.Module.Path + " " + p.Module.Version
			// A package may have a licence of its own.
			within, err := filepath.Rel(p.Module.Dir, p.Dir)
			if err != nil {
				return nil, err
			}
			for ; ; within = filepath.Dir(within) {
				if err := keep(title, p.Module.Dir, within); err != nil {
					return nil, err
				}
				if within == "." {
					break
				}
			}
			covered[title] = true
		}
	}
	for title := range covered {
		if err := judged(judge, title, texts); err != nil {
			return nil, err
		}
	}
	return bound(texts), nil
}

// linked are the packages of the program on a system.
func (r *release) linked(t target) ([]linked, error) {
	cmd := exec.Command("go", "list", "-deps", "-json=ImportPath,Dir,Standard,Module", "./cmd/mailcheck")
	cmd.Dir, cmd.Env, cmd.Stderr = r.root, t.env(), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	var packages []linked
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p linked
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return packages, nil
		} else if err != nil {
			return nil, err
		}
		packages = append(packages, p)
	}
}

// licences are the files of a directory that have to go along, by name.
func licences(dir string) (map[string][]byte, error) {
	files, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	found := map[string][]byte{}
	for _, f := range files {
		if f.IsDir() || !licenceFile.MatchString(f.Name()) && !noticeFile.MatchString(f.Name()) {
			continue
		}
		if found[f.Name()], err = os.ReadFile(filepath.Join(dir, f.Name())); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// judged tells whether a module has licences, and none but allowed ones.
func judged(judge *classifier.Classifier, title string, texts map[string][]byte) error {
	known := 0
	for name, text := range texts {
		file, ok := strings.CutPrefix(name, title+", ")
		if !ok || !licenceFile.MatchString(filepath.Base(file)) {
			continue
		}
		for _, m := range judge.Match(text).Matches {
			if m.MatchType != "License" {
				continue
			}
			if !slices.Contains(allowed, m.Name) {
				return fmt.Errorf("%s is under %s", name, m.Name)
			}
			known++
		}
	}
	if known == 0 {
		return fmt.Errorf("nobody knows the licence of %s", title)
	}
	return nil
}

// bound joins the texts, sorted; those that are alike to the letter stand once.
func bound(texts map[string][]byte) []byte {
	titles := map[string][]string{} // by text
	for title, text := range texts {
		titles[string(text)] = append(titles[string(text)], title)
	}
	type part struct{ title, text string }
	var parts []part
	for text, of := range titles {
		slices.Sort(of)
		parts = append(parts, part{strings.Join(of, "\n"), text})
	}
	slices.SortFunc(parts, func(a, b part) int { return strings.Compare(a.title, b.title) })
	var b bytes.Buffer
	b.WriteString("mailcheck contains the works below, each under the licence that stands with it.\n")
	for _, p := range parts {
		rule := strings.Repeat("=", 79)
		fmt.Fprintf(&b, "\n%s\n%s\n%s\n\n%s\n", rule, p.title, rule, strings.TrimSpace(p.text))
	}
	return b.Bytes()
}

// lines are the lines of a text, without their ends.
func lines(text string) []string {
	return strings.FieldsFunc(text, func(c rune) bool { return c == '\n' })
}
