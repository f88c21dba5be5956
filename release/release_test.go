package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/licenseclassifier/v2/assets"
)

// commitTime is even: a zip knows no odd seconds.
var commitTime = time.Date(2026, 1, 2, 3, 4, 6, 0, time.UTC)

// furnished is a release with files that stand for those of a build. They are
// written anew each time: with another time, and in another directory.
func furnished(t *testing.T, umask os.FileMode) (r *release, program, beside string) {
	t.Helper()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	r = &release{version: "v1.2.3-rc.1", time: commitTime, root: root, out: filepath.Join(dir, "out")}
	program, beside = filepath.Join(dir, "linux", "mailcheck"), filepath.Join(dir, "beside")
	for name, text := range map[string]string{
		program: "program", filepath.Join(beside, "README.md"): "read", filepath.Join(beside, "LICENSE"): "MIT",
		filepath.Join(beside, "CHANGELOG.md"): "new", filepath.Join(beside, "SECURITY.md"): "safe", filepath.Join(beside, "THIRD_PARTY_NOTICES"): "theirs",
		filepath.Join(beside, "docs", "a.md"): "a", filepath.Join(beside, "docs", "ci", "b.md"): "b", filepath.Join(beside, "docs", "mailcheck.1"): ".TH",
		filepath.Join(beside, "completions", "mailcheck.bash"): "bash", filepath.Join(beside, "completions", "_mailcheck"): "zsh",
		filepath.Join(beside, "completions", "mailcheck.fish"): "fish", filepath.Join(beside, "completions", "mailcheck.ps1"): "ps1",
	} {
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o666&^umask); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(r.out, 0o777); err != nil {
		t.Fatal(err)
	}
	return r, program, beside
}

// made is a directory with all that is made of the files of a build.
func made(t *testing.T, umask os.FileMode) string {
	t.Helper()
	r, program, beside := furnished(t, umask)
	for _, system := range []string{"linux", "windows"} {
		if err := r.archive(target{system, "amd64"}, program, beside); err != nil {
			t.Fatal(err)
		}
	}
	for _, format := range formats {
		if err := r.pack(format, target{"linux", "arm64"}, program, beside); err != nil {
			t.Fatal(err)
		}
	}
	if err := checksums(r.out); err != nil {
		t.Fatal(err)
	}
	return r.out
}

// The same files make the same archives and packages, whenever and wherever.
func TestSameBytes(t *testing.T) {
	first, second := made(t, 0o000), made(t, 0o077)
	sums, err := os.ReadFile(filepath.Join(first, "SHA256SUMS"))
	if err != nil {
		t.Fatal(err)
	}
	again, err := os.ReadFile(filepath.Join(second, "SHA256SUMS"))
	if err != nil || !bytes.Equal(sums, again) {
		t.Errorf("%v: first\n%sand then\n%s", err, sums, again)
	}
	var names []string
	for _, line := range lines(string(sums)) {
		_, name, _ := strings.Cut(line, "  ")
		names = append(names, name)
	}
	if want := []string{"mailcheck-1.2.3~rc.1-1.aarch64.rpm", "mailcheck_1.2.3-rc.1_linux_amd64.tar.gz", "mailcheck_1.2.3-rc.1_windows_amd64.zip", "mailcheck_1.2.3~rc.1_arm64.deb"}; !slices.Equal(names, want) {
		t.Errorf("there are %q", names)
	}
	check := exec.Command("sha256sum", "--check", "--strict", "SHA256SUMS")
	check.Dir = first
	if out, err := check.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

// An archive has one directory, in it the program that can be run at once, and
// nothing of whoever built it.
func TestTarball(t *testing.T) {
	r, program, beside := furnished(t, 0o077)
	if err := r.archive(target{"linux", "amd64"}, program, beside); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(filepath.Join(r.out, "mailcheck_1.2.3-rc.1_linux_amd64.tar.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for archive := tar.NewReader(z); ; {
		h, err := archive.Next()
		if err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		dir, name, _ := strings.Cut(h.Name, "/")
		if dir != "mailcheck_1.2.3-rc.1_linux_amd64" || !h.ModTime.Equal(commitTime) || h.Uid != 0 || h.Gid != 0 || h.Uname != "root" || h.Gname != "root" {
			t.Errorf("%+v", h)
		}
		if want := int64(0o644); name != "mailcheck" && h.Mode != want || name == "mailcheck" && h.Mode != 0o755 {
			t.Errorf("%s has the mode %o", h.Name, h.Mode)
		}
		names = append(names, name)
	}
	if names[0] != "mailcheck" || !slices.IsSorted(names[1:]) || !slices.Contains(names, "docs/ci/b.md") || !slices.Contains(names, "THIRD_PARTY_NOTICES") {
		t.Errorf("there are %q", names)
	}
}

func TestZipball(t *testing.T) {
	r, program, beside := furnished(t, 0)
	if err := r.archive(target{"windows", "arm64"}, program, beside); err != nil {
		t.Fatal(err)
	}
	archive, err := zip.OpenReader(filepath.Join(r.out, "mailcheck_1.2.3-rc.1_windows_arm64.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	if first := archive.File[0]; path.Base(first.Name) != "mailcheck.exe" || !first.Modified.Equal(commitTime) {
		t.Errorf("%+v", first)
	}
}

// A package has what nfpm.yaml says, where its distribution looks for it.
func TestDebianPackage(t *testing.T) {
	switch _, err := exec.LookPath("dpkg-deb"); {
	case err != nil && os.Getenv("CI") != "":
		t.Fatal(err)
	case err != nil:
		return // TestSameBytes has made one
	}
	dir := made(t, 0o077)
	out, err := exec.Command("dpkg-deb", "--contents", filepath.Join(dir, "mailcheck_1.2.3~rc.1_arm64.deb")).Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"-rwxr-xr-x root/root", " ./usr/bin/mailcheck\n", " ./usr/share/man/man1/mailcheck.1.gz\n", " ./usr/share/bash-completion/completions/mailcheck\n",
		" ./usr/share/zsh/vendor-completions/_mailcheck\n", " ./usr/share/fish/vendor_completions.d/mailcheck.fish\n",
		" ./usr/share/doc/mailcheck/copyright\n", " ./usr/share/doc/mailcheck/THIRD_PARTY_NOTICES\n", " ./usr/share/doc/mailcheck/docs/ci/b.md\n",
	} {
		if !strings.Contains(string(out), want) {
			t.Errorf("there is no %q in\n%s", want, out)
		}
	}
	if strings.Contains(string(out), "-rw-------") || strings.Contains(string(out), "rpm") {
		t.Errorf("%s", out)
	}
	fields, err := exec.Command("dpkg-deb", "--field", filepath.Join(dir, "mailcheck_1.2.3~rc.1_arm64.deb"), "Package", "Version", "Architecture").Output()
	if err != nil || string(fields) != "Package: mailcheck\nVersion: 1.2.3~rc.1\nArchitecture: arm64\n" {
		t.Errorf("%v: %s", err, fields)
	}
}

// The program as it is today may be released: each library's licence is known,
// and is one that allows it.
func TestNotices(t *testing.T) {
	r, _, _ := furnished(t, 0)
	text, err := r.notices()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Go's standard library", "github.com/spf13/cobra ", "prometheus/client_golang v1.25.0, NOTICE", "github.com/danieljoos/wincred", "publicsuffix.org/list/"} {
		if !bytes.Contains(text, []byte(want)) {
			t.Errorf("there is no %s", want)
		}
	}
	for _, unwanted := range []string{"chromedp", "testscript", r.root, "pkg/mod"} {
		if bytes.Contains(text, []byte(unwanted)) {
			t.Errorf("there is %s", unwanted)
		}
	}
}

func TestLicencesThatForbid(t *testing.T) {
	judge, err := assets.DefaultClassifier()
	if err != nil {
		t.Fatal(err)
	}
	licence := func(name string) []byte {
		text, err := assets.ReadLicenseFile("License/" + name)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	for name, c := range map[string]struct {
		texts map[string][]byte
		want  string
	}{
		"MIT":             {map[string][]byte{"m v1, LICENSE": licence("MIT/pristine.txt")}, ""},
		"GPL":             {map[string][]byte{"m v1, LICENSE": licence("GPL-3.0/license.txt")}, "m v1, LICENSE is under GPL-3.0"},
		"GPL deep inside": {map[string][]byte{"m v1, LICENSE": licence("MIT/pristine.txt"), "m v1, internal/x/COPYING": licence("GPL-2.0/license.txt")}, "m v1, internal/x/COPYING is under GPL-2.0"},
		"words":           {map[string][]byte{"m v1, LICENSE": []byte("All rights reserved.")}, "nobody knows the licence of m v1"},
		"none":            {map[string][]byte{"n v1, LICENSE": licence("MIT/pristine.txt")}, "nobody knows the licence of m v1"},
		"a notice alone":  {map[string][]byte{"m v1, NOTICE": licence("MIT/pristine.txt")}, "nobody knows the licence of m v1"},
	} {
		got := ""
		if err := judged(judge, "m v1", c.texts); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestTags(t *testing.T) {
	for version, want := range map[string]bool{
		"v1.2.3": true, "v0.1.0-rc.1": true, "1.2.3": false, "v1.2": false, "": false, "v1.2.3 -X main.commit=0": false, "v1.2.3-": false, "main": false,
	} {
		if tag.MatchString(version) != want {
			t.Errorf("%q: %v", version, !want)
		}
	}
}
