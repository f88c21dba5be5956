package lang

import (
	"slices"
	"strings"
)

// And joins names for people: "a, b and c". Where there are more than most, it
// names the first and counts the rest. Japanese has its "and" between two alone.
func (t Tag) And(names []string, most int) string {
	first, last := t.split(names, most)
	switch {
	case first == "":
		return last
	case t == Japanese && len(names) > 2:
		return first + t.Say(", ") + last
	}
	return t.Say("%s and %s", first, last)
}

// Or is And for names of which one is meant: "a, b or c".
func (t Tag) Or(names []string, most int) string {
	first, last := t.split(names, most)
	if first == "" {
		return last
	}
	return t.Say("%s or %s", first, last)
}

// split parts the last of the names from those before it.
func (t Tag) split(names []string, most int) (first, last string) {
	if n := len(names); n > most {
		names = append(slices.Clone(names[:most-1]), t.Say("%d more", n-most+1))
	}
	if len(names) == 0 {
		return "", ""
	}
	end := len(names) - 1
	return strings.Join(names[:end], t.Say(", ")), names[end]
}

// Sentences puts sentences one behind the other, empty ones left out.
func (t Tag) Sentences(parts ...string) string {
	parts = slices.DeleteFunc(parts, func(s string) bool { return s == "" })
	if t == Japanese {
		return strings.Join(parts, "")
	}
	return strings.Join(parts, " ")
}
