package verify

import (
	"strings"

	"mailcheck/report"
)

// The bounds of what a report keeps of others' words, so that none is larger
// than a person can look at. They are cut when secrets have been taken out: half
// a secret would not be found.
const (
	// maxText bounds a text, in bytes: more than any honest reply has, and less
	// than a page.
	maxText = 4 << 10
	// maxEntry bounds an entry of a list, in bytes: a domain name has up to 253,
	// the longest capability (AUTH of EHLO, with all its mechanisms) some 150.
	maxEntry = 256
	// maxEntries bounds a list; certificates for 100 names are common.
	maxEntries = 200
	// maxChain bounds the certificates of a chain; honest ones have up to four.
	maxChain = 10
)

// cutOff stands where a text or a list was cut.
const cutOff = "..."

func clip(text string) string { return clipTo(text, maxText) }

func clipTo(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + " " + cutOff
}

// clipList bounds a list and its entries. One that was cut says so by its last
// entry.
func clipList(list []string) []string {
	if len(list) > maxEntries {
		list = append(list[:maxEntries:maxEntries], cutOff)
	}
	for i := range list {
		list[i] = clipTo(list[i], maxEntry)
	}
	return list
}

// bound cuts what servers said that no step has: their capabilities, their
// certificates, the hops of the message.
func bound(r *report.Report) {
	for _, c := range r.Checks {
		if o := c.Capabilities; o != nil {
			o.BeforeTLS, o.AfterTLS, o.AfterAuth = clipList(o.BeforeTLS), clipList(o.AfterTLS), clipList(o.AfterAuth)
		}
		if c.TLS == nil {
			continue
		}
		if cert := c.TLS.Certificate; cert != nil {
			cert.Subject, cert.Issuer, cert.Names = clipTo(cert.Subject, maxEntry), clipTo(cert.Issuer, maxEntry), clipList(cert.Names)
		}
		c.TLS.Chain = c.TLS.Chain[:min(len(c.TLS.Chain), maxChain)]
		for i := range c.TLS.Chain {
			l := &c.TLS.Chain[i]
			l.Subject, l.Issuer = clipTo(l.Subject, maxEntry), clipTo(l.Issuer, maxEntry)
		}
	}
	if r.Message == nil {
		return
	}
	for i := range r.Message.Received {
		h := &r.Message.Received[i]
		h.From, h.By, h.With = clipTo(h.From, maxEntry), clipTo(h.By, maxEntry), clipTo(h.With, maxEntry)
	}
}
