package provider

import (
	"bytes"
	"cmp"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// maxName is the longest domain name in text form (RFC 1035 section 2.3.4).
const maxName = 253

//go:embed data/*.json
var data embed.FS

// table is all providers, and the ways to know one.
type table struct {
	all      []*Provider
	domains  map[string]*Provider
	suffixes map[string]*Provider // of MX hosts
	hosts    map[string][]*Provider
	patterns struct { // the longest first: what says more comes before
		domain, mx []*Provider
	}
}

// builtin reads the embedded files, once. A file that could not be read would
// be left out; a test holds each one to the schema.
var builtin = sync.OnceValues(func() (*table, error) { return load(data) })

// All returns the providers by their ID.
func All() []*Provider {
	t, _ := builtin()
	return slices.Clone(t.all)
}

// ByDomain returns the provider of a mail domain: the one that lists it, else
// the one whose pattern, the longest, matches. The domain is in A-labels.
func ByDomain(domain string) (*Provider, bool) {
	t, _ := builtin()
	return t.byDomain(domain)
}

// ByMX returns the provider that an MX host belongs to: the one whose pattern
// matches it, else the one with the longest suffix of whole labels.
func ByMX(host string) (*Provider, bool) {
	t, _ := builtin()
	return t.byMX(host)
}

// ByHost returns the providers that have a mail server of this name, by their
// ID: more than one where a service has several brands. Hosts that depend on
// the address are not known here.
func ByHost(host string) []*Provider {
	t, _ := builtin()
	return slices.Clone(t.hosts[normal(host)])
}

func (t *table) byDomain(domain string) (*Provider, bool) {
	domain = normal(domain)
	if p, ok := t.domains[domain]; ok {
		return p, true
	}
	for _, p := range t.patterns.domain {
		if submatch(p.domainPattern, domain) != nil {
			return p, true
		}
	}
	return nil, false
}

func (t *table) byMX(host string) (*Provider, bool) {
	host = normal(host)
	if len(host) > maxName {
		return nil, false
	}
	for _, p := range t.patterns.mx {
		if submatch(p.mxPattern, host) != nil {
			return p, true
		}
	}
	for suffix, more := host, true; more; _, suffix, more = strings.Cut(suffix, ".") {
		if p, ok := t.suffixes[suffix]; ok {
			return p, true
		}
	}
	return nil, false
}

// normal is a domain name for comparison: lower case, no final dot.
func normal(name string) string {
	return strings.ToLower(strings.TrimSuffix(name, "."))
}

// load reads the files of data/. Those that are wrong are left out and are the
// error.
func load(files fs.FS) (*table, error) {
	t := &table{domains: map[string]*Provider{}, suffixes: map[string]*Provider{}, hosts: map[string][]*Provider{}}
	names, err := fs.Glob(files, "data/*.json")
	errs := []error{err}
	for _, name := range names {
		p, err := read(files, name)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", path.Base(name), err))
			continue
		}
		t.add(p)
	}
	longest := func(pattern func(*Provider) string) func(a, b *Provider) int {
		return func(a, b *Provider) int {
			return cmp.Or(cmp.Compare(len(pattern(b)), len(pattern(a))), cmp.Compare(a.ID, b.ID))
		}
	}
	slices.SortFunc(t.all, func(a, b *Provider) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(t.patterns.domain, longest(func(p *Provider) string { return p.DomainPattern }))
	slices.SortFunc(t.patterns.mx, longest(func(p *Provider) string { return p.MXPattern }))
	return t, errors.Join(errs...)
}

// read reads one file. What it does not know is an error: a misspelt name
// would otherwise be a fact that is silently missing.
func read(files fs.FS, name string) (*Provider, error) {
	text, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	p := &Provider{}
	if err := d.Decode(p); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("something follows the object")
	}
	return p, nil
}

func (t *table) add(p *Provider) {
	t.all = append(t.all, p)
	for _, domain := range p.Domains {
		t.domains[domain] = p
	}
	for _, suffix := range p.MXSuffixes {
		t.suffixes[suffix] = p
	}
	for _, s := range p.allServers() {
		if host := normal(s.Host); !strings.Contains(host, "%") && !slices.Contains(t.hosts[host], p) {
			t.hosts[host] = append(t.hosts[host], p)
		}
	}
	if p.DomainPattern != "" {
		p.domainPattern = lazily(p.DomainPattern)
		t.patterns.domain = append(t.patterns.domain, p)
	}
	if p.MXPattern != "" {
		p.mxPattern = lazily(p.MXPattern)
		t.patterns.mx = append(t.patterns.mx, p)
	}
}

// lazily compiles a pattern when it is first needed. A wrong one, which the
// test of the schema does not let pass, matches nothing.
func lazily(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp {
		re, err := regexp.Compile(pattern)
		if err != nil {
			return nil
		}
		return re
	})
}
