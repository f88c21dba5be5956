package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
)

// target is a system that the program is built for.
type target struct{ os, arch string }

// targets are the systems that people read their mail with, and those that
// watch over it.
var targets = []target{
	{"linux", "amd64"}, {"linux", "arm64"},
	{"darwin", "amd64"}, {"darwin", "arm64"},
	{"windows", "amd64"}, {"windows", "arm64"},
}

func (t target) String() string { return t.os + "/" + t.arch }

// program is the name of the program's file there.
func (t target) program() string {
	if t.os == "windows" {
		return "mailcheck.exe"
	}
	return "mailcheck"
}

// env is the environment of a build: nothing of whoever builds has a say in
// what comes out.
func (t target) env() []string {
	return append(os.Environ(), "CGO_ENABLED=0", "GOOS="+t.os, "GOARCH="+t.arch,
		"GOFLAGS=", "GOEXPERIMENT=", "GOAMD64=v1", "GOARM64=v8.0", "GOWORK=off")
}

// build compiles the program. The version is given here and not asked of git by
// Go (-buildvcs), which calls a tree modified for any file that lies in it.
func (r *release) build(t target, file string) error {
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-mod=readonly",
		"-ldflags", "-s -w -X main.version="+r.version+" -X main.commit="+r.commit, "-o", file, "./cmd/mailcheck")
	cmd.Dir, cmd.Env, cmd.Stderr = r.root, t.env(), os.Stderr
	return cmd.Run()
}

// completions are the scripts for shells, by the name of the shell.
var completions = map[string]string{
	"bash": "mailcheck.bash", "zsh": "_mailcheck", "fish": "mailcheck.fish", "powershell": "mailcheck.ps1",
}

// accompany fills a directory with what stands beside the program: the README
// and what it points to, the licences, the man page, and the completions, which
// the program writes itself when it is built for this machine.
func (r *release) accompany(dir, scratch string) error {
	documents, err := git(r.root, "ls-files", "README.md", "CHANGELOG.md", "LICENSE", "SECURITY.md", "docs/*.md", "docs/ci/*", "docs/*.1")
	if err != nil {
		return err
	}
	for _, name := range lines(documents) {
		if err := copyFile(filepath.Join(dir, filepath.FromSlash(name)), filepath.Join(r.root, filepath.FromSlash(name))); err != nil {
			return err
		}
	}
	text, err := r.notices()
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "THIRD_PARTY_NOTICES"), text, 0o666); err != nil {
		return err
	}
	here := target{runtime.GOOS, runtime.GOARCH}
	program := filepath.Join(scratch, "here", here.program())
	if err := r.build(here, program); err != nil {
		return err
	}
	if err := os.Mkdir(filepath.Join(dir, "completions"), 0o777); err != nil {
		return err
	}
	for shell, name := range completions {
		script, err := exec.Command(program, "completion", shell).Output()
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, "completions", name), script, 0o666); err != nil {
			return err
		}
	}
	return nil
}

// copyFile copies a file, and makes the directories above it.
func copyFile(to, from string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
		return err
	}
	return os.WriteFile(to, data, 0o666)
}

// filesBelow are the files of a directory, by their path within it, sorted.
func filesBelow(dir string) ([]string, error) {
	var names []string
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		names = append(names, filepath.ToSlash(name))
		return err
	})
	slices.Sort(names)
	return names, err
}
