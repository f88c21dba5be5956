//go:build linux

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// filesOf are the files that a page of docs/ci has a block for: each begins with
// a comment that names it.
func filesOf(t *testing.T, page string) map[string]string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "docs", "ci", page))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, m := range regexp.MustCompile("(?ms)^```\\w*\n# (/\\S+)[^\n]*\n(.*?)^```$").FindAllStringSubmatch(string(data), -1) {
		files[m[1]] = m[2]
	}
	return files
}

// placed writes a file below a directory, and returns its path.
func placed(t *testing.T, dir, name, text string) string {
	t.Helper()
	file := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// systemd takes the units of docs/ci without a word.
func TestUnits(t *testing.T) {
	s := theLab(t)
	dir := t.TempDir()
	const above = "/etc/systemd/system/"
	units := 0
	for _, page := range []string{"systemd.md", "prometheus.md"} {
		for path, text := range filesOf(t, page) {
			if name, ok := strings.CutPrefix(path, above); ok {
				placed(t, dir, name, strings.ReplaceAll(text, "/usr/bin/mailcheck", s.path("mailcheck")))
				units++
			}
		}
	}
	if units != 4 {
		t.Fatalf("there are %d units", units)
	}
	verify := func() string {
		cmd := exec.Command("systemd-analyze", "verify", "--man=no", filepath.Join(dir, "mailcheck@work.service"), filepath.Join(dir, "mailcheck@work.timer"))
		cmd.Env = append(os.Environ(), "SYSTEMD_UNIT_PATH="+dir+":")
		out, err := cmd.CombinedOutput()
		if err != nil {
			return string(out) + err.Error()
		}
		return string(out)
	}
	if said := verify(); said != "" {
		t.Errorf("systemd-analyze: %s", said)
	}
	placed(t, dir, "mailcheck@.service.d/wrong.conf", "[Service]\nNoSuchSetting=yes\n")
	if said := verify(); !strings.Contains(said, "NoSuchSetting") {
		t.Errorf("systemd-analyze sees no fault: %q", said)
	}
}

// Prometheus takes the rules of docs/ci, and each gives its alarm: of an account
// that fails, of one that is not checked any more, of a certificate that ends
// in a week, and none of one that is well.
func TestRules(t *testing.T) {
	theLab(t)
	dir := t.TempDir()
	files := filesOf(t, "prometheus.md")
	config := placed(t, dir, "prometheus.yml", files["/etc/prometheus/prometheus.yml"])
	placed(t, dir, "mailcheck.rules.yml", files["/etc/prometheus/mailcheck.rules.yml"])
	cases, err := testdata.ReadFile("testdata/rules.yml")
	if err != nil {
		t.Fatal(err)
	}
	expected := placed(t, dir, "cases.yml", string(cases))
	for _, args := range [][]string{{"check", "config", config}, {"test", "rules", expected}} {
		if out, err := exec.Command("promtool", args...).CombinedOutput(); err != nil {
			t.Errorf("promtool %s: %v\n%s", args[0], err, out)
		}
	}
}
