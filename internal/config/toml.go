package config

import (
	"errors"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// entry is a key of the file with its value, or the head of a table.
type entry struct {
	path  []string
	value value
	Place
}

// value is what stands behind a key.
type value struct {
	kind  unstable.Kind // Table and InlineTable are both Table
	text  string
	items []value // of an array
}

// Parse reads the text of a file. Its error is [Faults], beside which it returns
// what is right; nil where nothing could be read. It goes through the
// syntax tree, which go-toml may change between versions (hence the package's
// name): decoding into a struct tells the first fault alone, and the place of
// few.
func Parse(name string, text []byte, keys Keys) (*File, error) {
	r := &reader{file: &File{Name: name}, keys: keys, seen: map[string]entry{}}
	if flaw := encodingFlaw(text); flaw != "" {
		return nil, Faults{{File: name, Text: flaw}}
	}
	var p unstable.Parser
	p.Reset(text)
	var table []string // that the head above names
	stray := false     // the keys below it are of no use
	for p.NextExpression() {
		e := p.Expression()
		if e.Kind == unstable.KeyValue {
			if !stray {
				r.keyValue(&p, table, e)
			}
			continue
		}
		path, at := pathOf(&p, e)
		table, stray = path, e.Kind == unstable.ArrayTable
		r.take(entry{path, value{kind: e.Kind}, at})
	}
	var syntax *unstable.ParserError
	if errors.As(p.Error(), &syntax) {
		at := p.Shape(p.Range(syntax.Highlight)).Start
		r.fault(Place{at.Line, at.Column}, syntax.Message)
	}
	r.finish()
	if len(r.faults) == 0 { // what TOML itself does not allow beside that
		var rest *toml.DecodeError
		if errors.As(toml.Unmarshal(text, new(map[string]any)), &rest) {
			line, column := rest.Position()
			r.fault(Place{line, column}, strings.TrimPrefix(rest.Error(), "toml: "))
		}
	}
	if len(r.faults) > 0 {
		return r.file, r.faults.Sorted()
	}
	return r.file, nil
}

// keyValue takes a key with its value, and what an inline table holds.
func (r *reader) keyValue(p *unstable.Parser, table []string, e *unstable.Node) {
	path, at := pathOf(p, e)
	path = append(append([]string{}, table...), path...)
	v := e.Value()
	if v.Kind != unstable.InlineTable {
		r.take(entry{path, valueOf(v), at})
		return
	}
	r.take(entry{path, value{kind: unstable.Table}, at})
	for inside := v.Children(); inside.Next(); {
		r.keyValue(p, path, inside.Node())
	}
}

// pathOf is the key of a node, and where it begins.
func pathOf(p *unstable.Parser, e *unstable.Node) (path []string, at Place) {
	for key := e.Key(); key.Next(); {
		if path == nil {
			start := p.Shape(key.Node().Raw).Start
			at = Place{start.Line, start.Column}
		}
		path = append(path, string(key.Node().Data))
	}
	return path, at
}

func valueOf(n *unstable.Node) value {
	v := value{kind: n.Kind, text: string(n.Data)}
	if n.Kind == unstable.Array {
		v.text = ""
		for items := n.Children(); items.Next(); {
			v.items = append(v.items, valueOf(items.Node()))
		}
	}
	return v
}
