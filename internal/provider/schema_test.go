package provider

import (
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"unicode"

	"mailcheck/report"
)

// The files are read with every unknown field refused; this holds each one to
// what the fields may say.
func TestEveryEntry(t *testing.T) {
	table, err := load(data)
	if err != nil {
		t.Fatal(err)
	}
	files, _ := data.ReadDir("data")
	if len(table.all) != len(files) || len(files) < 147 {
		t.Fatalf("%d providers of %d files", len(table.all), len(files))
	}
	for _, p := range table.all {
		for _, flaw := range flaws(p) {
			t.Errorf("%s: %s", p.ID, flaw)
		}
		if _, err := data.Open("data/" + p.ID + ".json"); err != nil {
			t.Errorf("%s is in a file of another name", p.ID)
		}
	}
}

func TestNothingTwice(t *testing.T) {
	owner := map[string]string{}
	claim := func(what, of string) {
		if other, taken := owner[what]; taken {
			t.Errorf("%s: %s and %s", what, other, of)
		}
		owner[what] = of
	}
	for _, p := range All() {
		for _, domain := range p.Domains {
			claim("domain "+domain, p.ID)
		}
		for _, suffix := range p.MXSuffixes {
			claim("MX suffix "+suffix, p.ID)
		}
		for _, pattern := range []string{p.DomainPattern, p.MXPattern} {
			if pattern != "" && p.DomainPattern != p.MXPattern {
				claim("pattern "+pattern, p.ID)
			}
		}
		for _, name := range slices.Compact(slices.Sorted(slices.Values(p.names()))) {
			claim("name "+name, p.ID)
		}
	}
}

var (
	idForm   = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	dateForm = regexp.MustCompile(`^20[0-9]{2}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$`)
	nameForm = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]([a-z0-9-]*[a-z0-9])?$`)
)

// flaws says what is wrong with an entry.
func flaws(p *Provider) (flaws []string) {
	demand := func(ok bool, format string, args ...any) {
		if !ok {
			flaws = append(flaws, fmt.Sprintf(format, args...))
		}
	}
	demand(idForm.MatchString(p.ID), "id %q", p.ID)
	demand(p.Name != "" && isASCII(p.Name), "name %q", p.Name)
	demand(p.NativeName == "" || !isASCII(p.NativeName), "native name %q is not needed", p.NativeName)
	demand(slices.Contains([]Kind{Mailbox, Hosting, Gateway, Forwarder}, p.Kind), "kind %q", p.Kind)
	demand(slices.Contains([]Status{Active, BridgeOnly, NoStandardProtocols, Ended, NotAMailbox}, p.Status), "status %q", p.Status)
	demand(slices.Contains([]Confidence{High, Medium}, p.Confidence), "confidence %q", p.Confidence)
	demand(len(p.Checked) == len("2026-11-23") && dateForm.MatchString(p.Checked), "checked %q", p.Checked)
	demand(p.Country == "" || regexp.MustCompile(`^[A-Z]{2}$`).MatchString(p.Country), "country %q", p.Country)

	mailbox := p.Status == Active || p.Status == BridgeOnly
	demand((p.Status == NotAMailbox) == (p.Kind == Gateway || p.Kind == Forwarder), "%s, but %s", p.Kind, p.Status)
	demand((p.Status == Ended) == (p.Ended != ""), "%s, ended %q", p.Status, p.Ended)
	demand(p.Ended == "" || dateForm.MatchString(p.Ended), "ended %q", p.Ended)
	demand(mailbox == (p.AuthPolicy != NoLogin), "%s, but the policy is %s", p.Status, p.AuthPolicy)
	demand(mailbox || len(p.IMAP)+len(p.POP3)+len(p.SMTP) == 0, "%s, but it has servers", p.Status)
	demand(len(p.Domains)+len(p.DomainPattern)+len(p.MXSuffixes)+len(p.MXPattern) > 0, "nothing leads to it")
	demand(p.Kind != Gateway || len(p.Domains) == 0, "a gateway with addresses")

	for _, domain := range p.Domains {
		demand(nameForm.MatchString(domain), "domain %q", domain)
	}
	for _, suffix := range p.MXSuffixes {
		demand(nameForm.MatchString(suffix), "MX suffix %q", suffix)
		for _, other := range p.MXSuffixes {
			demand(!strings.HasSuffix(suffix, "."+other), "MX suffix %s is in %s already", suffix, other)
		}
	}
	for _, pattern := range []string{p.DomainPattern, p.MXPattern} {
		if pattern == "" {
			continue
		}
		re, err := regexp.Compile(pattern)
		demand(err == nil && len(pattern) <= 100, "pattern %q: %v", pattern, err)
		demand(strings.HasPrefix(pattern, "^") && strings.HasSuffix(pattern, "$"), "pattern %q is open", pattern)
		demand(err != nil || re.NumSubexp() <= 1, "pattern %q has several groups", pattern)
		demand(err != nil || !re.MatchString("") && !re.MatchString("example.com"), "pattern %q matches anything", pattern)
	}

	servers := map[string][]Server{"imap": p.IMAP, "pop3": p.POP3, "smtp": p.SMTP}
	if own := p.CustomDomain; own != nil {
		maps.Copy(servers, map[string][]Server{"own imap": own.IMAP, "own pop3": own.POP3, "own smtp": own.SMTP})
		demand(own.Username == nil || own.Username.Form == ID && own.Username.Note != "", "user name in own domains")
	}
	for what, list := range servers {
		seen := map[Server]bool{}
		for _, s := range list {
			demand(!seen[s], "%s twice: %v", what, s)
			seen[s] = true
			for _, flaw := range serverFlaws(p, strings.TrimPrefix(what, "own "), s) {
				demand(false, "%s: %v: %s", what, s, flaw)
			}
		}
	}
	for _, protocol := range p.NotOffered {
		list, known := servers[string(protocol)]
		demand(known && len(list) == 0, "not offered: %q, which has servers", protocol)
	}

	forms := []Form{Email, Localpart, LocalpartDomain, ID}
	u := p.Username
	demand(mailbox == (u.Form != ""), "%s, user name %q", p.Status, u.Form)
	demand(u.Form == "" || slices.Contains(forms, u.Form), "user name %q", u.Form)
	demand(u.SMTP == "" || slices.Contains(forms, u.SMTP) && u.SMTP != u.Form, "user name for SMTP %q", u.SMTP)
	demand(u.Second == "" || slices.Contains(forms, u.Second) && u.Second != u.Form, "second user name %q", u.Second)
	demand(u.Form != ID || u.Note != "", "a user name that nobody can guess")
	demand(slices.Contains([]AuthPolicy{Password, MailPassword, AppPassword, AppPasswordIf2FA, AuthCode, BridgePassword,
		OAuth2Only, OAuth2OrPassword, OAuth2OrAppPassword, NoLogin}, p.AuthPolicy), "policy %q", p.AuthPolicy)
	demand(strings.HasPrefix(string(p.AuthPolicy), "oauth2") == (p.OAuth2 != nil), "policy %s, OAuth2 %v", p.AuthPolicy, p.OAuth2 != nil)
	if o := p.OAuth2; o != nil {
		demand(isURL(o.Authorize) && isURL(o.Token), "OAuth2 without its endpoints")
		demand((o.Device == "" || isURL(o.Device)) && (o.Issuer == "" || isURL(o.Issuer)), "OAuth2 URLs")
		demand(len(o.Scopes) > 0 && len(o.SASL) > 0, "OAuth2 without scopes or mechanisms")
		for _, mechanism := range o.SASL {
			demand(mechanism == "XOAUTH2" || mechanism == "OAUTHBEARER", "mechanism %q", mechanism)
		}
	}
	if m := p.MustEnable; m != nil {
		demand(m.How != "" && len(m.Protocols) > 0, "must enable: %v", m)
		for _, protocol := range m.Protocols {
			demand(len(servers[string(protocol)]) > 0, "must enable %s, which has no server", protocol)
		}
	}

	for _, catch := range p.Catches {
		demand(isSentence(catch), "catch %q", catch)
	}
	demand(slices.IsSortedFunc(p.Dates, func(a, b Change) int { return strings.Compare(a.Date, b.Date) }), "dates out of order")
	for _, d := range p.Dates {
		demand(dateForm.MatchString(d.Date) && isSentence(d.Event), "date %v", d)
	}
	d := p.Docs
	for _, page := range []string{d.Servers, d.Password, d.NewPassword, d.Enable, d.SMTP, d.Changes, d.Help} {
		demand(page == "" || isURL(page), "page %q", page)
	}
	return flaws
}

// ports are the usual ones of each protocol and security; NetEase has 994 for
// SMTP, Spectrum TLS on 587, and Bridge ports of its own.
var ports = map[string][]int{
	"imap tls": {993}, "imap starttls": {143, 1143}, "imap none": {143},
	"pop3 tls": {995}, "pop3 starttls": {110}, "pop3 none": {110},
	"smtp tls": {465, 587, 994}, "smtp starttls": {587, 1025}, "smtp none": {587},
}

func serverFlaws(p *Provider, protocol string, s Server) (flaws []string) {
	if !slices.Contains(ports[protocol+" "+string(s.Security)], s.Port) {
		flaws = append(flaws, "port or security")
	}
	addr, err := netip.ParseAddr(s.Host)
	if isAddr := err == nil; isAddr != (p.Status == BridgeOnly) || isAddr && !addr.IsLoopback() {
		flaws = append(flaws, "an IP address is for a bridge on this machine")
	} else if isAddr {
		return flaws
	}
	host := s.Host
	if strings.Contains(host, "%MATCH%") {
		groups := false
		for _, pattern := range []string{p.DomainPattern, p.MXPattern} {
			if re, err := regexp.Compile(pattern); err == nil && re.NumSubexp() == 1 {
				groups = true
			}
		}
		if !groups {
			flaws = append(flaws, "no pattern has a group to fill in")
		}
	}
	host = strings.NewReplacer("%EMAILDOMAIN%", "example.com", "%MATCH%.", "match.", "%MATCH%", "match.example.com").Replace(host)
	if !nameForm.MatchString(host) || len(host) > maxName {
		flaws = append(flaws, "host name")
	}
	return flaws
}

func isASCII(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r > unicode.MaxASCII || !unicode.IsPrint(r) })
}

func isSentence(text string) bool {
	first := []rune(text + " ")[0]
	return len(text) > 10 && len(text) <= 300 && strings.HasSuffix(text, ".") && text == strings.TrimSpace(text) &&
		!strings.Contains(text, "memory") && !strings.ContainsFunc(text, unicode.IsControl) &&
		(unicode.IsUpper(first) || unicode.IsDigit(first) || strings.HasPrefix(text, `"`) || nameForm.MatchString(strings.TrimRight(strings.Fields(text)[0], ",")))
}

func isURL(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && nameForm.MatchString(u.Hostname()) &&
		u.User == nil && u.Port() == "" && isASCII(text) && !strings.Contains(text, " ")
}

// What the schema refuses, each made of an entry that it takes.
func TestSchemaRefuses(t *testing.T) {
	for name, change := range map[string]func(*Provider){
		"a host with a space":       func(p *Provider) { p.IMAP[0].Host = "imap example.com" },
		"an IP address":             func(p *Provider) { p.IMAP[0].Host = "192.0.2.1" },
		"an unknown placeholder":    func(p *Provider) { p.IMAP[0].Host = "imap.%DOMAIN%" },
		"a group that is not there": func(p *Provider) { p.IMAP[0].Host = "%MATCH%" },
		"the wrong security":        func(p *Provider) { p.SMTP[0].Security = report.STARTTLS },
		"the wrong port":            func(p *Provider) { p.IMAP[0].Port = 995 },
		"a domain in capitals":      func(p *Provider) { p.Domains[0] = "Gmail.com" },
		"a domain with a dot":       func(p *Provider) { p.Domains[0] = "gmail.com." },
		"an MX suffix with a dot":   func(p *Provider) { p.MXSuffixes[0] = ".google.com" },
		"a nested MX suffix":        func(p *Provider) { p.MXSuffixes = []string{"a.google.com", "google.com"} },
		"an open pattern":           func(p *Provider) { p.DomainPattern = "gmail" },
		"a wrong pattern":           func(p *Provider) { p.DomainPattern = "^($" },
		"a pattern for all":         func(p *Provider) { p.DomainPattern = "^.*$" },
		"an unknown kind":           func(p *Provider) { p.Kind = "isp" },
		"an unknown status":         func(p *Provider) { p.Status = "unknown" },
		"an unknown policy":         func(p *Provider) { p.AuthPolicy = "magic" },
		"an unknown user name":      func(p *Provider) { p.Username.Form = "name" },
		"an ID that nobody tells":   func(p *Provider) { p.Username.Form = ID },
		"low confidence":            func(p *Provider) { p.Confidence = "low" },
		"a page that is no URL":     func(p *Provider) { p.Docs.Help = "support.google.com" },
		"a date that is none":       func(p *Provider) { p.Dates[0].Date = "2024-13" },
		"dates out of order":        func(p *Provider) { slices.Reverse(p.Dates) },
		"a catch that is a note":    func(p *Provider) { p.Catches[0] = "POP host from memory" },
		"ended, with servers":       func(p *Provider) { p.Status, p.Ended = Ended, "2024" },
		"not offered, with servers": func(p *Provider) { p.NotOffered = []report.Protocol{report.POP3} },
		"OAuth 2.0 without data":    func(p *Provider) { p.OAuth2 = nil },
	} {
		table, err := load(data)
		if err != nil {
			t.Fatal(err)
		}
		gmail := table.domains["gmail.com"]
		if change(gmail); len(flaws(gmail)) == 0 {
			t.Errorf("%s is not refused", name)
		}
	}
}

// Wrong files are left out with an error, and the others are still known.
func TestWrongFiles(t *testing.T) {
	good := `{"id":"good","name":"Good","domains":["good.example"],"mx_suffixes":["mx.good.example"]}`
	for name, text := range map[string]string{
		"empty":             ``,
		"not JSON":          `<html>`,
		"an unknown field":  `{"id":"x","hosts":[]}`,
		"a misspelt field":  `{"id":"x","imap":[{"host":"h","prot":1}]}`,
		"a wrong type":      `{"id":"x","imap":[{"host":"h","port":"993"}]}`,
		"something follows": good + good,
	} {
		t.Run(name, func(t *testing.T) {
			table, err := load(fstest.MapFS{"data/bad.json": {Data: []byte(text)}, "data/good.json": {Data: []byte(good)}})
			if err == nil || !strings.Contains(err.Error(), "bad.json") {
				t.Errorf("error %v", err)
			}
			if len(table.all) != 1 || table.domains["good.example"] == nil || table.suffixes["mx.good.example"] == nil {
				t.Errorf("the other file is not known: %v", table.all)
			}
		})
	}
	table, err := load(fstest.MapFS{"data/x.json": {Data: []byte(`{"id":"x","domain_pattern":"^(","imap":[{"host":"%MATCH%"}]}`)}})
	if err != nil {
		t.Fatal(err)
	}
	if got := table.all[0].Servers(report.IMAP, Place{Domain: "x.example"}); got != nil {
		t.Errorf("a pattern that is none names %v", got)
	}
}
