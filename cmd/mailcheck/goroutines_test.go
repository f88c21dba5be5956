package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// unguarded are the files whose goroutines need no guard, and why.
var unguarded = map[string]string{
	"creds/await.go":            "it catches panics itself",
	"cmd/mailcheck/browser.go":  "it starts the system's browser and no more",
	"cmd/mailcheck/main.go":     "it waits for signals and no more",
	"cmd/mailcheck/explain.go":  "it reads standard input and no more",
	"cmd/mailcheck/terminal.go": "it reads the terminal and no more",
}

// Every goroutine of a run is under crash.Guard or crash.Aside, so that a panic
// in it ends as a fault of the program does. The lab has none of a run.
func TestGoroutinesAreGuarded(t *testing.T) {
	seen := 0
	for _, pattern := range []string{"cmd/mailcheck", "verify", "imap", "pop", "smtp", "wire", "creds", "report",
		"internal/dns", "internal/discover", "internal/oauth", "internal/sasl", "internal/testmsg", "internal/diagnose", "internal/provider", "internal/render"} {
		files, err := filepath.Glob(filepath.Join("..", "..", pattern, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v", pattern, err)
		}
		for _, path := range files {
			name := pattern + "/" + filepath.Base(path)
			if strings.HasSuffix(name, "_test.go") || unguarded[name] != "" {
				continue
			}
			set := token.NewFileSet()
			file, err := parser.ParseFile(set, path, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			check := func(at token.Pos, started ast.Expr) {
				seen++
				if call, ok := started.(*ast.CallExpr); !ok || !isSelector(call.Fun, "crash", "Guard") {
					t.Errorf("%s: a goroutine without crash.Guard", set.Position(at))
				}
			}
			ast.Inspect(file, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.GoStmt:
					check(n.Pos(), n.Call.Fun)
				case *ast.CallExpr: // of a sync.WaitGroup
					if s, ok := n.Fun.(*ast.SelectorExpr); ok && s.Sel.Name == "Go" && len(n.Args) == 1 {
						check(n.Pos(), n.Args[0])
					}
				}
				return true
			})
		}
	}
	if seen < 15 {
		t.Errorf("only %d goroutines are started", seen)
	}
}

func isSelector(e ast.Expr, from, name string) bool {
	s, ok := e.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	id, ok := s.X.(*ast.Ident)
	return ok && id.Name == from && s.Sel.Name == name
}
