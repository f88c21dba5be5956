package lang

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"mailcheck/internal/lazyre"
)

// Fill replaces each placeholder of a text ("{host}") by its value. One that
// has none stays.
func (t Tag) Fill(text string, values map[string]string) string {
	return t.replace(text, placeholder, func(match []string) string {
		if value, ok := values[match[0]]; ok {
			return value
		}
		return match[0]
	})
}

var placeholder = lazyre.New(`\{[a-z]+\}`)

// verb is one of fmt's: its flags, the number of its argument, and the rest.
var verb = lazyre.New(`%([-+# 0]*)(?:\[(\d+)\])?([\d.]*[a-zA-Z%])`)

// format is [fmt.Sprintf] for a text in which values meet words of the
// language.
func (t Tag) format(text string, args []any) string {
	next := 0
	return t.replace(text, verb, func(match []string) string {
		if match[3] == "%" {
			return "%"
		}
		if n, err := strconv.Atoi(match[2]); err == nil {
			next = n - 1
		}
		next++
		if next > len(args) {
			return match[0]
		}
		return fmt.Sprintf("%"+match[1]+match[3], args[next-1])
	})
}

// replace replaces what matches. Japanese sets names in Latin letters apart by
// a blank, but no Japanese words: where a value is one, the blank goes.
func (t Tag) replace(text string, what *lazyre.Regexp, by func(match []string) string) string {
	filled := ""
	for text != "" {
		at := what.FindStringSubmatchIndex(text)
		if at == nil {
			break
		}
		var match []string
		for i := 0; i < len(at); i += 2 {
			match = append(match, text[max(at[i], 0):max(at[i+1], 0)])
		}
		filled = meet(meet(filled, text[:at[0]]), by(match))
		text = text[at[1]:]
	}
	return meet(filled, text)
}

// meet puts two texts together, without a blank between Japanese words.
func meet(left, right string) string {
	last, _ := utf8.DecodeLastRuneInString(strings.TrimSuffix(left, " "))
	first, _ := utf8.DecodeRuneInString(strings.TrimPrefix(right, " "))
	if !isJapanese(last) || !isJapanese(first) {
		return left + right
	}
	return strings.TrimSuffix(left, " ") + strings.TrimPrefix(right, " ")
}

func isJapanese(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) || strings.ContainsRune("ー、。「」", r)
}
