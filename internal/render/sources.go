package render

import (
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"

	"mailcheck/internal/lang"
	"mailcheck/report"
)

// The table of sources: the column of what they say, the room that it has, and
// behind it how long they took.
const (
	saysColumn = 14
	saysWidth  = columns - saysColumn - 6
)

// sources is the table of what each source says.
func (p *page) sources(r *report.Report) {
	settings := r.Check("settings")
	if settings == nil || len(settings.Steps) == 0 {
		return
	}
	p.line(pad(p.Say("source"), saysColumn) + pad(p.Say("says"), columns-saysColumn-2) + "ms")
	for _, s := range settings.Steps {
		ms := strconv.FormatInt(s.DurationMS, 10)
		if s.Step == "flags" || s.Result == report.Skip { // nobody was asked
			ms = ""
		}
		name := cut(s.Step, saysColumn-1)
		for _, said := range says(r, s) {
			for _, l := range wrap(oneLine(said), saysWidth) {
				line := pad(name, saysColumn) + pad(l, columns-saysColumn-len(ms)) + ms
				p.line(line)
				name, ms = "", ""
			}
		}
	}
}

// says is what a source says, a line a server.
func says(r *report.Report, s *report.Step) []string {
	t := tag(r)
	var named []report.Endpoint
	var list []string // as the sources write them in their details
	for _, e := range r.Settings {
		if e.Source == s.Step {
			named = append(named, e)
			list = append(list, fmt.Sprintf("%s %s:%d", e.Protocol, e.Host, e.Port))
		}
	}
	switch {
	case len(named) > 0:
	case s.Because == report.ByFlags && s.Detail != "":
		return []string{s.Detail}
	case s.Result == report.Skip:
		return []string{t.Say("not asked, %s", whyNot(r, s.Because))}
	case s.Detail == "":
		return []string{t.Say("names no server")}
	case s.Result == report.Warn:
		return []string{resultWords[report.Warn] + ": " + s.Detail}
	default:
		return []string{s.Detail}
	}
	if s.Step == "guess" {
		return listening(named, t)
	}
	before, after, _ := strings.Cut(s.Detail, strings.Join(list, ", "))
	if before = strings.TrimRight(before, ": "); before != "" {
		before += ":"
	}
	lines := append([]string{before}, servers(named, t)...)
	lines = append(lines, strings.TrimLeft(after, ":;, "))
	return slices.DeleteFunc(lines, func(l string) bool { return l == "" })
}

// security is a way to encrypt, in a word behind a port.
func security(s report.Security, t lang.Tag) string {
	switch s {
	case report.TLS:
		return "TLS"
	case report.STARTTLS:
		return "STARTTLS"
	}
	return t.Say("not encrypted")
}

// servers are endpoints, those of one host and protocol together: "smtp
// smtp.example.com:465 TLS, or 587 STARTTLS".
func servers(named []report.Endpoint, t lang.Tag) []string {
	var lines []string
	for i, e := range named {
		same := func(o report.Endpoint) bool { return o.Protocol == e.Protocol && o.Host == e.Host }
		if slices.ContainsFunc(named[:i], same) {
			continue
		}
		line := fmt.Sprintf("%s %s %s", e.Protocol, net.JoinHostPort(e.Host, strconv.Itoa(e.Port)), security(e.Security, t))
		for _, o := range named[i+1:] {
			if same(o) {
				line = t.Say("%s, or %d %s", line, o.Port, security(o.Security, t))
			}
		}
		lines = append(lines, line)
	}
	return lines
}

// listening are guessed endpoints: "mail.example.com listens on 993 and 465".
func listening(named []report.Endpoint, t lang.Tag) []string {
	var lines []string
	for i, e := range named {
		same := func(o report.Endpoint) bool { return o.Host == e.Host }
		if slices.ContainsFunc(named[:i], same) {
			continue
		}
		var ports []string
		for _, o := range named {
			if same(o) {
				ports = append(ports, strconv.Itoa(o.Port))
			}
		}
		lines = append(lines, t.Say("%s listens on %s", e.Host, t.And(ports, maxListed)))
	}
	return lines
}
