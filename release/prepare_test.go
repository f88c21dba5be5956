package main

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// inRepository is the rest of the test in a repository with one commit, of
// commitTime.
func inRepository(t *testing.T) {
	t.Helper()
	t.Chdir(t.TempDir())
	t.Setenv("SOURCE_DATE_EPOCH", "")
	t.Setenv("GIT_COMMITTER_DATE", commitTime.Format(time.RFC3339))
	for name, value := range map[string]string{
		"GIT_AUTHOR_NAME": "anna", "GIT_AUTHOR_EMAIL": "anna@example.test", "GIT_COMMITTER_NAME": "anna", "GIT_COMMITTER_EMAIL": "anna@example.test",
		"GIT_CONFIG_GLOBAL": os.DevNull, "GIT_CONFIG_NOSYSTEM": "1",
	} {
		t.Setenv(name, value)
	}
	if err := os.WriteFile("README.md", []byte("read"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"init", "--quiet"}, {"add", "."}, {"commit", "--quiet", "-m", "one"}} {
		if out, err := exec.Command("git", args...).CombinedOutput(); err != nil {
			t.Fatalf("git %q: %v\n%s", args, err, out)
		}
	}
}

// A release is of one commit and nothing else, and has its time.
func TestPrepare(t *testing.T) {
	inRepository(t)
	out := filepath.Join(t.TempDir(), "dist")
	r := &release{version: "v1.2.3", out: out}
	if err := r.prepare("", false); err != nil {
		t.Fatal(err)
	}
	if len(r.commit) != 40 || !r.time.Equal(commitTime) || len(r.targets) != len(targets) || r.number() != "1.2.3" {
		t.Errorf("%+v", r)
	}
	if err := r.prepare("", false); !errors.Is(err, fs.ErrExist) {
		t.Errorf("into a directory that is there: %v", err)
	}
	t.Setenv("SOURCE_DATE_EPOCH", "1000000000")
	r = &release{version: "v1.2.3", out: out + "2"}
	if err := r.prepare("linux/arm64", false); err != nil || r.time.Unix() != 1000000000 || len(r.targets) != 1 || r.targets[0].arch != "arm64" {
		t.Errorf("%v: %+v", err, r)
	}
	for want, c := range map[string]*release{
		"-version": {version: "1.2.3", out: out + "3"},
		"-only":    {version: "v1.2.3", out: out + "4"},
	} {
		if err := c.prepare("plan9/mips", false); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
	if err := os.WriteFile("more", nil, 0o666); err != nil {
		t.Fatal(err)
	}
	r = &release{version: "v1.2.3", out: out + "5"}
	if err := r.prepare("", false); err == nil || !strings.Contains(err.Error(), "?? more") {
		t.Errorf("of a tree with changes: %v", err)
	}
	if err := r.prepare("", true); err != nil {
		t.Errorf("of a tree with changes, as it was asked for: %v", err)
	}
}

// When something cannot be built, nothing is left that looks like a release.
func TestNothingIsLeft(t *testing.T) {
	inRepository(t) // there is no program in it
	r := &release{version: "v1.2.3", out: filepath.Join(t.TempDir(), "dist")}
	if err := r.prepare("", false); err != nil {
		t.Fatal(err)
	}
	if err := r.make(); err == nil {
		t.Fatal("it is built of nothing")
	}
	if _, err := os.Stat(r.out); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s is there: %v", r.out, err)
	}
}
