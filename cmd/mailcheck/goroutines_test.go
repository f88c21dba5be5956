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
// in it ends as a fault of the program does. So is what time.AfterFunc and
// context.AfterFunc call in one, if it does more than cancel or set a deadline. The
// lab has none of a run.
func TestGoroutinesAreGuarded(t *testing.T) {
	seen := 0
	for _, pattern := range []string{"cmd/mailcheck", "verify", "imap", "pop", "smtp", "wire", "creds", "report",
		"internal/dns", "internal/discover", "internal/policy", "internal/oauth", "internal/sasl", "internal/testmsg", "internal/diagnose", "internal/provider", "internal/render"} {
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
				case *ast.CallExpr:
					if isSelector(n.Fun, "time", "AfterFunc") || isSelector(n.Fun, "context", "AfterFunc") {
						if !harmless(n.Args[1]) {
							check(n.Pos(), n.Args[1])
						}
					} // or of a sync.WaitGroup
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

// harmless tells a function that does no more than cancel or set a deadline: cancel
// itself, or a literal whose one statement calls that or SetDeadline.
func harmless(f ast.Expr) bool {
	literal, ok := f.(*ast.FuncLit)
	if !ok {
		return isNamed(f, "cancel")
	}
	if len(literal.Body.List) != 1 {
		return false
	}
	var done ast.Expr
	switch s := literal.Body.List[0].(type) {
	case *ast.ExprStmt:
		done = s.X
	case *ast.AssignStmt: // to nothing
		if len(s.Lhs) == 1 && isNamed(s.Lhs[0], "_") {
			done = s.Rhs[0]
		}
	}
	call, ok := done.(*ast.CallExpr)
	return ok && (isNamed(call.Fun, "cancel") || isNamed(call.Fun, "SetDeadline"))
}

// isNamed tells whether a variable, a field or a method has the name.
func isNamed(e ast.Expr, name string) bool {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name == name
	case *ast.SelectorExpr:
		return e.Sel.Name == name
	}
	return false
}

// What AfterFunc calls is harmless by its form alone.
func TestHarmless(t *testing.T) {
	for f, want := range map[string]bool{
		"cancel": true, "s.cancel": true, "c.expire": false, "cancel()": false,
		"func() { cancel(err) }":                               true,
		"func() { s.cancel(err) }":                             true,
		"func() { _ = raw.SetDeadline(past) }":                 true,
		"func() { c.mu.Lock(); cancel() }":                     false,
		"func() { err = raw.SetDeadline(past) }":               false,
		"func() { listener.Close() }":                          false,
		"func() {}":                                            false,
		"func() { select { case <-ctx.Done(): cancel(err) } }": false,
	} {
		e, err := parser.ParseExpr(f)
		if err != nil {
			t.Fatal(err)
		}
		if got := harmless(e); got != want {
			t.Errorf("%s: %v", f, got)
		}
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
