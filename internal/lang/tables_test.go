package lang

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

// said finds every text that the program says, and where: those that stand in
// calls of [Tag.Say], and in tables of Texts. A text that is made of something
// else cannot be looked up and is a mistake.
func said(t *testing.T) map[Text]token.Position {
	t.Helper()
	found := map[Text]token.Position{}
	files := token.NewFileSet()
	add := func(e ast.Expr) bool {
		literal, ok := e.(*ast.BasicLit)
		if !ok || literal.Kind != token.STRING {
			return false
		}
		text, err := strconv.Unquote(literal.Value)
		if err != nil {
			t.Error(err)
		}
		found[Text(text)] = files.Position(e.Pos())
		return true
	}
	err := filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				what, ok := n.Fun.(*ast.SelectorExpr)
				switch {
				case !ok:
				case what.Sel.Name == "Say" && !add(n.Args[0]):
					if _, made := n.Args[0].(*ast.BinaryExpr); made { // else one of a table
						t.Errorf("%s: a text that is no literal", files.Position(n.Pos()))
					}
				case isText(what) && !add(n.Args[0]):
					t.Errorf("%s: a Text that is no literal", files.Position(n.Pos()))
				}
			case *ast.CompositeLit:
				for _, e := range textsOf(n) {
					if !add(e) {
						t.Errorf("%s: a Text that is no literal", files.Position(e.Pos()))
					}
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) < 50 {
		t.Fatalf("only %d texts found", len(found))
	}
	return found
}

// isText tells the type lang.Text.
func isText(e ast.Expr) bool {
	s, ok := e.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	from, ok := s.X.(*ast.Ident)
	return ok && from.Name == "lang" && s.Sel.Name == "Text"
}

// textsOf are the elements of a map or list of Texts.
func textsOf(c *ast.CompositeLit) []ast.Expr {
	var elements []ast.Expr
	switch kind := c.Type.(type) {
	case *ast.MapType:
		if isText(kind.Value) {
			for _, e := range c.Elts {
				elements = append(elements, e.(*ast.KeyValueExpr).Value)
			}
		}
	case *ast.ArrayType:
		if isText(kind.Elt) {
			elements = c.Elts
		}
	}
	return elements
}

func TestEveryTextIsTranslated(t *testing.T) {
	texts := said(t)
	for _, text := range slices.Sorted(maps.Keys(texts)) {
		if _, ok := japanese()[text]; !ok {
			t.Errorf("%s: no Japanese for %q", texts[text], text)
		}
	}
	for text := range japanese() {
		if _, ok := texts[text]; !ok {
			t.Errorf("nobody says %q", text)
		}
	}
	entries := 0
	for _, table := range japaneseTables {
		entries += len(table())
	}
	if entries != len(japanese()) {
		t.Errorf("%d entries for %d texts: one stands in two tables", entries, len(japanese()))
	}
}

// verbs are those of a text, by the number of their argument.
func verbs(text string) map[int]string {
	found := map[int]string{}
	argument := 1
	for _, m := range verb.FindAllStringSubmatch(text, -1) {
		if m[3] == "%" {
			continue
		}
		if n, err := strconv.Atoi(m[2]); err == nil {
			argument = n
		}
		found[argument] = m[1] + m[3]
		argument++
	}
	return found
}

// A translation takes the same arguments in the same form, and holds nothing
// that no person should read.
func TestFormOfTheJapanese(t *testing.T) {
	for english, text := range japanese() {
		if !maps.Equal(verbs(string(english)), verbs(text)) {
			t.Errorf("%q takes %v, %q takes %v", english, verbs(string(english)), text, verbs(text))
		}
		if strings.ContainsFunc(text, func(r rune) bool { return unicode.In(r, halfWidthKatakana) || r < ' ' }) {
			t.Errorf("half-width katakana or control characters: %q", text)
		}
		if strings.TrimSpace(text) != text && english != ", " || text == "" {
			t.Errorf("blanks: %q", text)
		}
	}
}

var halfWidthKatakana = &unicode.RangeTable{R16: []unicode.Range16{{Lo: 0xff61, Hi: 0xff9f, Stride: 1}}}
