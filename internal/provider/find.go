package provider

import (
	"strings"
	"unicode"
)

// Find returns the provider that a person means by a text: its ID, one of its
// names (in any case, spaces and punctuation aside), a mail domain or an
// address there, or the beginning of a name that no other has.
func Find(text string) (*Provider, bool) {
	text = strings.TrimSpace(text)
	if at := strings.LastIndexByte(text, '@'); at > 0 {
		return ByDomain(text[at+1:])
	}
	if p, ok := ByDomain(text); ok {
		return p, true
	}
	wanted := fold(text)
	if wanted == "" {
		return nil, false
	}
	var begins []*Provider
	for _, p := range All() {
		for _, name := range p.names() {
			if name == wanted {
				return p, true
			}
			if strings.HasPrefix(name, wanted) && (len(begins) == 0 || begins[len(begins)-1] != p) {
				begins = append(begins, p)
			}
		}
	}
	if len(begins) == 1 {
		return begins[0], true
	}
	return nil, false
}

// names are all names of a provider, folded.
func (p *Provider) names() []string {
	var names []string
	for _, name := range append([]string{p.ID, p.Name, p.NativeName}, p.Aliases...) {
		if name = fold(name); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// fold reduces a name to its letters and digits, in lower case.
func fold(name string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsNumber(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, name)
}
