package main

import (
	"encoding/json"
	"io"
	"os/exec"
	"strings"
	"testing"
)

// lines are the packages from the top of the house to its ground. Imports
// point down only; packages of one line never import each other.
var lines = []string{
	"cmd/mailcheck",
	"verify internal/lab",
	"imap pop smtp internal/discover internal/diagnose internal/render internal/oauth internal/policy",
	"wire internal/dns internal/sasl internal/provider internal/testmsg internal/config internal/likeness",
	"report creds internal/lang internal/wellformed",
	"internal/crash internal/lazyre internal/limit",
	"e2e", // tests alone; nobody imports it
}

func TestImportsPointDown(t *testing.T) {
	line := map[string]int{}
	for i, l := range lines {
		for _, p := range strings.Fields(l) {
			line["mailcheck/"+p] = i
		}
	}
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "mailcheck/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; seen++ {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		from, known := line[p.ImportPath]
		if !known {
			t.Errorf("%s has no line in the house", p.ImportPath)
		}
		for _, to := range p.Imports {
			if below, ours := line[to]; ours && below <= from {
				t.Errorf("%s imports %s, which is not below it", p.ImportPath, to)
			}
		}
	}
	if seen < 10 {
		t.Errorf("go list names %d packages", seen)
	}
}
