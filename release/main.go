// Release builds what a release of mailcheck consists of, in this order:
//
//  1. the program for each system, without cgo and reproducibly (build)
//  2. what stands beside it: completions, man page, licences (accompany, notices)
//  3. an archive for each system (tarball, zipball)
//  4. packages for Debian and for RPM (pack), as nfpm.yaml says
//  5. SHA256SUMS of all of them (checksums)
//
// The same commit, built by the same Go, gives the same bytes: every time is that
// of the commit, every owner is root, every list is sorted. It is a module of
// its own, so that mailcheck does not depend on what makes packages.
//
//	go -C release run . -version v1.2.3 [-out DIR] [-only OS/ARCH] [-dirty]
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

func main() {
	var (
		r     release
		only  string
		dirty bool
	)
	flag.StringVar(&r.version, "version", "", "the `VERSION`, which is the tag: v1.2.3")
	flag.StringVar(&r.out, "out", "../dist", "the `DIR` to write to, which must not be there yet")
	flag.StringVar(&only, "only", "", "build for this `OS/ARCH` alone")
	flag.BoolVar(&dirty, "dirty", false, "build a tree with changes that are not committed, to try it out")
	flag.Parse()
	err := r.prepare(only, dirty)
	if err == nil {
		err = r.make()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

// release is what is being built.
type release struct {
	version string    // the tag, v1.2.3
	commit  string    // the whole name of the commit
	time    time.Time // of the commit: that of every file
	root    string    // of the tree
	out     string
	targets []target
}

// number is the version without the v of its tag, as packages have it.
func (r *release) number() string { return strings.TrimPrefix(r.version, "v") }

// tag is a version that packages of every kind can order (semver.org).
var tag = regexp.MustCompile(`^v\d+\.\d+\.\d+(?:-[0-9A-Za-z.]+)?$`)

// prepare learns of git what is built. SOURCE_DATE_EPOCH goes before the time of
// the commit (reproducible-builds.org).
func (r *release) prepare(only string, dirty bool) error {
	if !tag.MatchString(r.version) {
		return fmt.Errorf("-version %q: it is like v1.2.3 or v1.2.3-rc.1", r.version)
	}
	top, err := git(".", "rev-parse", "--show-toplevel")
	if err != nil {
		return err
	}
	r.root = top
	changes, err := git(r.root, "status", "--porcelain")
	if err != nil {
		return err
	}
	if changes != "" && !dirty {
		return fmt.Errorf("there are changes that are not committed (-dirty builds them all the same):\n%s", changes)
	}
	if r.commit, err = git(r.root, "rev-parse", "HEAD"); err != nil {
		return err
	}
	epoch := os.Getenv("SOURCE_DATE_EPOCH")
	if epoch == "" {
		if epoch, err = git(r.root, "log", "-1", "--format=%ct"); err != nil {
			return err
		}
	}
	seconds, err := strconv.ParseInt(epoch, 10, 64)
	if err != nil {
		return fmt.Errorf("the time of the commit: %w", err)
	}
	r.time = time.Unix(seconds, 0).UTC()
	for _, t := range targets {
		if only == "" || only == t.String() {
			r.targets = append(r.targets, t)
		}
	}
	if len(r.targets) == 0 {
		return fmt.Errorf("-only %q: there are %v", only, targets)
	}
	if r.out, err = filepath.Abs(r.out); err != nil {
		return err
	}
	return os.Mkdir(r.out, 0o777)
}

// make writes the files of the release to r.out, all or none.
func (r *release) make() (err error) {
	scratch, err := os.MkdirTemp("", "mailcheck-release-")
	if err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, os.RemoveAll(scratch))
		if err != nil {
			err = errors.Join(err, os.RemoveAll(r.out))
		}
	}()
	beside := filepath.Join(scratch, "beside")
	if err := r.accompany(beside, scratch); err != nil {
		return err
	}
	for _, t := range r.targets {
		fmt.Println("building for", t)
		program := filepath.Join(scratch, t.os+"_"+t.arch, t.program())
		if err := r.build(t, program); err != nil {
			return err
		}
		if err := r.archive(t, program, beside); err != nil {
			return err
		}
		if t.os != "linux" {
			continue
		}
		for _, format := range formats {
			if err := r.pack(format, t, program, beside); err != nil {
				return err
			}
		}
	}
	return checksums(r.out)
}

// git asks git about the tree in a directory.
func git(dir string, args ...string) (string, error) {
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("git %s: %w", args[0], err)
	}
	return strings.TrimSpace(string(out)), nil
}
