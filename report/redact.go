package report

import (
	"encoding/base64"
	"net/netip"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"mailcheck/internal/lazyre"
)

// What stands for whom a redacted report is about: the part of an address
// before its @, or a login name that is none; and for an IP address that is no
// mail server's.
const (
	somebody  = "[user]"
	somewhere = "[address]"
)

// Redaction masks in a report whose account it is about and where it was run,
// so that it can be shown to others. Domains and the addresses of servers stay.
//
// It goes in two steps, so that the sentences of the verdict are made of masked
// names and need not be searched for them: a name that is an everyday word
// would be told by the holes. [Redaction.Names] is for before the verdict,
// [Redaction.Addresses] for after it.
type Redaction struct {
	local  string
	names  []string       // the local part and the login names, the longest first
	words  *regexp.Regexp // one of them; nil for none
	own    *regexp.Regexp // the local part with its @; nil for none
	server map[netip.Addr]bool
}

// NewRedaction makes the one for a report, and for the login names of its run.
func NewRedaction(r *Report, logins []string) *Redaction {
	d := &Redaction{server: map[netip.Addr]bool{}}
	d.local = r.Address[:max(strings.LastIndexByte(r.Address, '@'), 0)]
	if d.local != "" {
		d.own = regexp.MustCompile("(?i)" + regexp.QuoteMeta(d.local) + "(@|%40)")
	}
	for _, name := range append([]string{d.local}, logins...) {
		if name != "" && !strings.Contains(name, "@") && !slices.Contains(d.names, name) {
			d.names = append(d.names, name)
		}
	}
	slices.SortFunc(d.names, func(a, b string) int { return len(b) - len(a) })
	if len(d.names) > 0 {
		quoted := make([]string, len(d.names))
		for i, name := range d.names {
			quoted[i] = regexp.QuoteMeta(name)
		}
		// Not a part of a longer word or of a host's name.
		d.words = regexp.MustCompile(`(?i)(^|[^\pL\pN.@_-])(?:` + strings.Join(quoted, "|") + `)($|[^\pL\pN._-]|[.](?:$|\s))`)
	}
	d.know(r)
	return d
}

// know notes whose addresses may stay: those that names led to, and those that
// the user gave.
func (d *Redaction) know(r *Report) {
	add := func(text string) {
		if ip, err := netip.ParseAddr(text); err == nil {
			d.server[ip.Unmap()] = true
		}
	}
	for _, c := range r.Checks {
		for _, a := range c.Addresses {
			add(a.IP)
		}
		if c.ID == "dns" { // what names lead to
			for _, s := range c.Steps {
				for _, text := range ipAddress.FindAllString(s.Detail, -1) {
					add(text)
				}
			}
		}
	}
	for _, e := range r.Settings {
		add(e.Host)
	}
	for _, c := range r.Contacted {
		add(c.Host)
	}
}

// Names masks the address, the login names, and what servers said of them.
func (d *Redaction) Names(r *Report) {
	r.Address = d.identity(r.Address)
	for i := range r.Settings {
		r.Settings[i].Username = d.identity(r.Settings[i].Username)
	}
	said := func(texts []string) []string {
		out := make([]string, len(texts))
		for i, text := range texts {
			out[i] = d.said(text)
		}
		return out
	}
	Scrub(r, said)
}

// identity masks an address or a login name. What the login name has in common
// with the address, it has afterwards.
func (d *Redaction) identity(name string) string {
	switch at := strings.LastIndexByte(name, '@'); {
	case name == "":
		return ""
	case at >= 0:
		return somebody + name[at:]
	case d.local != "" && strings.HasPrefix(name, d.local+"."): // "anna.example.com"
		return somebody + name[len(d.local):]
	}
	return somebody
}

// Anonymous is an address as a [Redaction] writes it, for what is said before there is
// a report.
func Anonymous(address string) string { return (&Redaction{}).identity(address) }

// base64Word is what may be base64: SASL sends names in it.
var base64Word = lazyre.New(`[A-Za-z0-9+/]{3,}={0,2}`)

// said masks names in what servers said, and in what they were told.
func (d *Redaction) said(text string) string {
	text = base64Word.ReplaceAllStringFunc(text, func(word string) string {
		plain, err := base64.StdEncoding.DecodeString(word)
		if err == nil && d.addresses(d.bare(string(plain))) != string(plain) {
			return somebody
		}
		return word
	})
	return d.addresses(d.bare(text))
}

func (d *Redaction) bare(text string) string {
	if d.words == nil {
		return text
	}
	for range 2 { // what stands between two of them belongs to both matches
		text = d.words.ReplaceAllString(text, "${1}"+somebody+"${2}")
	}
	return text
}

// Addresses masks the local part of every mail address, and every IP address
// that is no server's, in all that the report says.
func (d *Redaction) Addresses(r *Report) { d.walk(reflect.ValueOf(r)) }

func (d *Redaction) walk(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		if v.CanSet() {
			v.SetString(d.addresses(v.String()))
		}
	case reflect.Pointer:
		if !v.IsNil() {
			d.walk(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				d.walk(v.Field(i))
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			d.walk(v.Index(i))
		}
	}
}

var (
	// mailAddress is one with its @ written as it is or as in a URL (RFC 5322
	// section 3.4.1, RFC 6531). What separates the parts of a URL belongs to
	// none, though it may; the account's own address is looked for as it is.
	mailAddress = lazyre.New("(?:\"(?:[^\"\\\\]|\\\\.)*\"|[\\pL\\pN!#$%'*+^_`{|}~.-]+)(@|%40)([\\pL\\pN-]+(?:\\.[\\pL\\pN-]+)*)")
	// ipAddress is what may be one; what is decides netip.
	ipAddress = lazyre.New(`[0-9A-Fa-f]*(?::[0-9A-Fa-f]*)+:[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9A-Fa-f]*(?::[0-9A-Fa-f]*){2,}|[0-9]{1,3}(?:\.[0-9]{1,3}){3,}`)
)

func (d *Redaction) addresses(text string) string {
	if d.own != nil {
		text = d.own.ReplaceAllString(text, somebody+"${1}")
	}
	text = mailAddress.ReplaceAllString(text, somebody+"${1}${2}")
	return ipAddress.ReplaceAllStringFunc(text, func(word string) string {
		ip, err := netip.ParseAddr(word)
		if err != nil || ip.IsLoopback() || d.server[ip.Unmap()] {
			return word
		}
		return somewhere
	})
}
