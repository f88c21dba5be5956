package wellformed

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer/html"
	dom "golang.org/x/net/html"
)

// pageElements are what a report's page is made of, each with its attributes.
// Nothing else may stand in one: no script, no link, nothing that loads.
var pageElements = map[string][]string{
	"html": {"lang"}, "head": nil, "meta": {"charset", "http-equiv", "content", "name"}, "title": nil, "style": nil, "body": nil,
	"main": nil, "header": nil, "footer": nil, "section": nil, "article": nil, "details": nil, "summary": nil,
	"h1": {"class"}, "h2": nil, "h3": nil, "p": {"class"}, "b": {"class"}, "span": {"class"}, "blockquote": nil, "pre": nil,
	"ol": nil, "ul": {"class"}, "li": {"class"}, "dl": {"class"}, "div": nil, "dt": nil, "dd": nil,
	"table": nil, "thead": nil, "tbody": nil, "tr": nil, "th": {"scope"}, "td": {"data-head"},
}

// markdownElements are what the summary of a job is made of.
var markdownElements = map[string][]string{
	"html": nil, "head": nil, "body": nil, // what the parser adds
	"h2": nil, "h3": nil, "p": nil, "strong": nil, "br": nil, "ol": nil, "li": nil,
	"table": nil, "thead": nil, "tbody": nil, "tr": nil, "th": nil, "td": nil, "pre": nil, "code": {"class"},
}

// Page reads a report's page and returns its text.
func Page(data []byte) (string, error) {
	tree, err := dom.Parse(bytes.NewReader(data))
	if err != nil {
		return "", err
	}
	p := page{allowed: pageElements}
	if err := p.walk(tree); err != nil {
		return "", err
	}
	digest := sha256.Sum256([]byte(p.style))
	switch {
	case !bytes.HasPrefix(data, []byte("<!DOCTYPE html>")):
		return "", fmt.Errorf("no doctype")
	case p.lang != "en" && p.lang != "ja":
		return "", fmt.Errorf("the language %q", p.lang)
	case p.policy != "default-src 'none'; style-src 'sha256-"+base64.StdEncoding.EncodeToString(digest[:])+"'; base-uri 'none'; form-action 'none'":
		return "", fmt.Errorf("the policy %q does not fit the style", p.policy)
	case strings.Contains(p.style, "url(") || strings.Contains(p.style, "@import"):
		return "", fmt.Errorf("the style loads something")
	}
	return p.text.String(), nil
}

// Markdown reads the summary of a job and returns its text.
func Markdown(source []byte) (string, error) {
	var b bytes.Buffer
	// As GitHub does, but for what it takes out: raw HTML stays, to be seen.
	gfm := goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(html.WithUnsafe()))
	if err := gfm.Convert(source, &b); err != nil {
		return "", err
	}
	tree, err := dom.Parse(&b)
	if err != nil {
		return "", err
	}
	p := page{allowed: markdownElements}
	if err := p.walk(tree); err != nil {
		return "", err
	}
	return p.text.String(), nil
}

// page is a page that is being read.
type page struct {
	allowed             map[string][]string
	text                strings.Builder
	style, lang, policy string
}

func (p *page) walk(n *dom.Node) error {
	switch n.Type {
	case dom.ElementNode:
		if err := p.element(n); err != nil {
			return err
		}
	case dom.TextNode:
		if n.Parent != nil && n.Parent.Data == "style" {
			p.style += n.Data
		} else {
			p.text.WriteString(n.Data)
		}
	case dom.CommentNode:
		return fmt.Errorf("a comment %q", n.Data)
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if err := p.walk(c); err != nil {
			return err
		}
	}
	return nil
}

func (p *page) element(n *dom.Node) error {
	attributes, known := p.allowed[n.Data]
	if !known || n.Namespace != "" {
		return fmt.Errorf("an element %s", n.Data)
	}
	values := map[string]string{}
	for _, a := range n.Attr {
		if !slices.Contains(attributes, a.Key) {
			return fmt.Errorf("%s has an attribute %s=%q", n.Data, a.Key, a.Val)
		}
		values[a.Key] = a.Val
	}
	switch {
	case n.Data == "html":
		p.lang = values["lang"]
	case n.Data == "meta" && values["http-equiv"] == "Content-Security-Policy":
		p.policy = values["content"]
	case n.Data == "meta" && values["http-equiv"] != "":
		return fmt.Errorf("http-equiv=%q", values["http-equiv"])
	}
	return nil
}
