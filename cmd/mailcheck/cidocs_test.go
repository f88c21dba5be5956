package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v3"

	"mailcheck/report"
)

// block is a fenced block of a page of docs/ci. What is to become a file begins
// with a comment that names it.
type block struct{ page, language, text string }

var fenced = regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$")

func ciBlocks(t *testing.T) []block {
	t.Helper()
	pages, err := filepath.Glob("../../docs/ci/*.md")
	if err != nil {
		t.Fatal(err)
	}
	var found []block
	for _, page := range pages {
		data, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range fenced.FindAllStringSubmatch(string(data), -1) {
			found = append(found, block{filepath.Base(page), m[1], m[2]})
		}
	}
	return found
}

// call is the program's name with its arguments: in a script, in a unit
// ("ExecStart="), in a command definition, in a crontab behind a semicolon.
var call = regexp.MustCompile(`(?m)(?:^|[\s=/])mailcheck ([^;#\n]* -[^;#\n]*)`)

// flagName is a flag by itself, in quotes.
var flagName = regexp.MustCompile(`"--([a-z0-9-]+)"`)

// Each example is one that the program takes: its flags exist, its files are
// read. e2e has those who read the rest say what they think of it.
func TestCIExamples(t *testing.T) {
	seen := map[string]int{}
	for _, b := range ciBlocks(t) {
		seen[b.language]++
		switch b.language {
		case "yaml":
			var document map[string]any
			if err := yaml.Unmarshal([]byte(b.text), &document); err != nil {
				t.Errorf("%s: %v\n%s", b.page, err, b.text)
			}
		case "toml":
			file := filepath.Join(t.TempDir(), "config.toml")
			if err := os.WriteFile(file, []byte(b.text), 0o600); err != nil {
				t.Fatal(err)
			}
			var stderr bytes.Buffer
			if status := run(t.Context(), []string{"config", "check", file}, strings.NewReader(""), io.Discard, &stderr); status != report.ExitOK {
				t.Errorf("%s: %s", b.page, stderr.String())
			}
		}
		for _, m := range call.FindAllStringSubmatch(b.text, -1) {
			arguments, _, _ := strings.Cut(m[1], " >")
			seen["call"]++
			if rest := parsed(t, b.page, strings.Fields(arguments)); len(rest) != 1 {
				t.Errorf("%s: %d addresses in %s", b.page, len(rest), m[0])
			}
		}
		for _, m := range flagName.FindAllStringSubmatch(b.text, -1) {
			seen["flag"]++
			flags := pflag.NewFlagSet("", pflag.ContinueOnError)
			new(checkFlags).register(flags)
			if flags.Lookup(m[1]) == nil {
				t.Errorf("%s: there is no flag --%s", b.page, m[1])
			}
		}
	}
	for kind, least := range map[string]int{"yaml": 5, "toml": 1, "ini": 4, "call": 5, "flag": 5} {
		if seen[kind] < least {
			t.Errorf("there are %d of %s: are they still found", seen[kind], kind)
		}
	}
}

// parsed are the arguments beside the flags, all of which must exist and take
// their values.
func parsed(t *testing.T, page string, args []string) []string {
	t.Helper()
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	flags.SetOutput(io.Discard)
	new(checkFlags).register(flags)
	if err := flags.Parse(args); err != nil {
		t.Errorf("%s: %q: %v", page, args, err)
	}
	return flags.Args()
}

// usage is how the workflows of docs/ci/github.md use the action.
type usage struct {
	Jobs map[string]struct {
		Steps []struct {
			ID, Uses string
			With     map[string]string
		}
	}
}

// The workflows give the action inputs that it has, flags that there are, and
// read outputs that it has.
func TestWorkflows(t *testing.T) {
	output := regexp.MustCompile(`steps\.mail\.outputs\.([a-z-]+)`)
	a := readAction(t)
	used := 0
	for _, b := range ciBlocks(t) {
		if b.page != "github.md" {
			continue
		}
		var w usage
		if err := yaml.Unmarshal([]byte(b.text), &w); err != nil {
			t.Fatal(err)
		}
		for _, j := range w.Jobs {
			for _, s := range j.Steps {
				for _, m := range output.FindAllStringSubmatch(s.With["path"], -1) {
					if _, there := a.Outputs[m[1]]; !there {
						t.Errorf("there is no output %s", m[1])
					}
				}
				if !strings.Contains(s.Uses, "/mailcheck@") {
					continue
				}
				used++
				for name := range s.With {
					if _, there := a.Inputs[name]; !there {
						t.Errorf("there is no input %s", name)
					}
				}
				if rest := parsed(t, b.page, strings.Fields(s.With["args"])); len(rest) > 0 {
					t.Errorf("args has %q, which are no flags", rest)
				}
			}
		}
	}
	if used < 2 {
		t.Errorf("the action is used %d times", used)
	}
}
