package oauth

import (
	"crypto/sha256"
	"encoding/base64"
	"html"
)

// pageStyle makes the last page one that can be read, by day and by night.
const pageStyle = `:root{color-scheme:light dark}body{max-width:32rem;margin:15vh auto 0;padding:0 1.5rem;font:1.25rem/1.5 sans-serif}h1{font-size:1em}`

// page is what the browser shows in the end: a text for people, and nothing of
// the answer that it brought.
func page(text string) string {
	return `<!doctype html><meta name="viewport" content="width=device-width"><title>mailcheck</title><style>` + pageStyle +
		"</style><h1>mailcheck</h1><p>" + html.EscapeString(text) + "</p>\n"
}

// pagePolicy lets the page load nothing and run nothing (Content Security Policy
// level 2, section 4.2.5): its style is known by its hash.
func pagePolicy() string {
	sum := sha256.Sum256([]byte(pageStyle))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
