package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// action is action.yml, as GitHub's runner reads it.
type action struct {
	Inputs map[string]struct {
		Description string
		Required    bool
		Default     string
	}
	Outputs map[string]struct{ Description, Value string }
	Runs    struct {
		Using string
		Steps []actionStep
	}
}

type actionStep struct {
	Name, ID, Shell, Run, Uses string
	With, Env                  map[string]string
}

func readAction(t *testing.T) action {
	t.Helper()
	data, err := os.ReadFile("../../action.yml")
	if err != nil {
		t.Fatal(err)
	}
	var a action
	if err := yaml.Unmarshal(data, &a); err != nil {
		t.Fatal(err)
	}
	return a
}

// No script of the action has an expression: GitHub would put the words of an
// input into the script itself. Every other action is one of GitHub's own.
func TestActionInterpolatesNothing(t *testing.T) {
	a := readAction(t)
	if a.Runs.Using != "composite" || len(a.Runs.Steps) < 2 {
		t.Fatalf("%+v", a.Runs)
	}
	for _, s := range a.Runs.Steps {
		if strings.Contains(s.Run, "${{") || s.Run != "" && s.Shell != "bash" {
			t.Errorf("%s: the shell is %q, the script %s", s.Name, s.Shell, s.Run)
		}
		if s.Uses != "" && !regexp.MustCompile(`^actions/[a-z-]+@v\d+$`).MatchString(s.Uses) {
			t.Errorf("%s uses %s", s.Name, s.Uses)
		}
	}
	for name, in := range a.Inputs {
		if in.Description == "" {
			t.Errorf("%s is not described", name)
		}
	}
}
