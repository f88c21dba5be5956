package render

import (
	"slices"
	"strings"

	"mailcheck/internal/lang"
	"mailcheck/report"
)

// lastLine is the end of the shortest report. What stays in the mailbox is
// never left unsaid.
func lastLine(r *report.Report) string {
	parts := []string{ending(r)}
	if m := r.Message; m != nil && !gone(m) {
		parts = append(parts, remains(r))
	}
	if c := cleared(r); c != "" {
		parts = append(parts, c)
	}
	return tag(r).Sentences(append(parts, took(r.DurationMS))...)
}

// closing is for the careful: the cause and exit status, the logins, what is
// left behind, who was told what, and the time it took.
func closing(r *report.Report) string {
	parts := []string{ending(r), logins(r), remains(r)}
	if c := cleared(r); c != "" {
		parts = append(parts, c)
	}
	if t := told(r); t != "" {
		parts = append(parts, tag(r).Say("Told: %s.", t))
	}
	return tag(r).Sentences(append(parts, took(r.DurationMS))...)
}

func ending(r *report.Report) string {
	if r.Verdict.Cause == "" {
		return tag(r).Say("Exit status %d.", r.ExitCode)
	}
	return tag(r).Say("%s, exit status %d.", r.Verdict.Cause, r.ExitCode)
}

func logins(r *report.Report) string {
	l, t := r.Verdict.Logins, tag(r)
	made := plural(l.Made, t.Say("1 login"), t.Say("%d logins", l.Made))
	switch {
	case l.Made == 0:
		return t.Say("No login was made.")
	case l.Rejected == 0:
		return t.Say("%s, 0 refused.", made)
	}
	return t.Say("%s, %d refused, none repeated.", made, l.Rejected)
}

// gone tells whether nothing of the test message is left.
func gone(m *report.Message) bool {
	return m.Deleted && !slices.ContainsFunc(m.Copies, func(c report.Copy) bool { return !c.Deleted })
}

// remains says what became of the test message.
func remains(r *report.Report) string {
	m, t := r.Message, tag(r)
	if m == nil {
		return t.Say("Nothing sent, mailbox unchanged.")
	}
	var removed, left []string
	for _, c := range m.Copies {
		if c.Deleted {
			removed = append(removed, c.Folder)
		} else {
			left = append(left, c.Folder)
		}
	}
	switch {
	case m.Folder == "" && len(left) > 0:
		return t.Say("The test message was sent, and stays where it arrives; a copy stays in %s (its Subject is %q).", t.And(left, maxListed), subject(m))
	case m.Folder == "":
		return t.Say("The test message was sent, and stays where it arrives (its Subject is %q).", subject(m))
	case !m.Deleted:
		return t.Say("The test message stays in %s (its Subject is %q).", t.And(append([]string{m.Folder}, left...), maxListed), subject(m))
	case len(left) > 0:
		return t.Say("The test message is gone; a copy stays in %s (its Subject is %q).", t.And(left, maxListed), subject(m))
	case len(removed) == 1:
		return t.Say("The test message and its copy in %s are gone; nothing else was touched.", removed[0])
	case len(removed) > 1:
		return t.Say("The test message and its copies in %s are gone; nothing else was touched.", t.And(removed, maxListed))
	}
	return t.Say("The test message is gone; nothing else was touched.")
}

// cleared says what earlier runs had left behind; empty when there was nothing.
func cleared(r *report.Report) string {
	if r.Message == nil || r.Message.Leftovers == 0 {
		return ""
	}
	n, t := r.Message.Leftovers, tag(r)
	return plural(n, t.Say("A test message that an earlier run had left behind is gone too."),
		t.Say("%d test messages that earlier runs had left behind are gone too.", n))
}

// subject is that of the test message, which shares its token with the
// Message-ID.
func subject(m *report.Message) string {
	token, _, _ := strings.Cut(strings.TrimPrefix(m.ID, "<"), "@")
	return "mailcheck test " + token
}

// tellings are what hosts can be told, the most confidential first. Who is told
// a thing knows those behind it, so that only the first is named.
var tellings = []string{"password", "token", "message", "address", "domain"}

// told says which hosts were told what.
func told(r *report.Report) string {
	hosts := map[string][]string{} // by what they were told
	known := map[string]bool{}
	for _, what := range tellings {
		for _, c := range r.Contacted {
			if slices.Contains(c.Told, what) && !known[c.Host] {
				hosts[what] = append(hosts[what], c.Host)
				known[c.Host] = true
			}
		}
	}
	servers := mailServers(r)
	var parts []string
	for _, what := range tellings {
		to := hosts[what]
		if len(to) == 0 {
			continue
		}
		where := tag(r).And(to, maxListed)
		if same(to, servers) {
			where = above(len(to), tag(r))
		}
		parts = append(parts, telling(what, where, tag(r)))
	}
	return strings.Join(parts, tag(r).Say(", "))
}

func telling(what, where string, t lang.Tag) string {
	switch what {
	case "password":
		return t.Say("the password to %s", where)
	case "token":
		return t.Say("the sign-in to %s", where)
	case "message":
		return t.Say("the test message to %s", where)
	case "address":
		return t.Say("the address to %s", where)
	}
	return t.Say("the domain to %s", where)
}

// mailServers are the hosts that the report shows as servers.
func mailServers(r *report.Report) []string {
	var hosts []string
	for _, c := range r.Checks {
		if c.Endpoint != nil && !slices.Contains(hosts, c.Endpoint.Host) {
			hosts = append(hosts, c.Endpoint.Host)
		}
	}
	return hosts
}

func same(a, b []string) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(s string) bool { return !slices.Contains(b, s) })
}

func above(n int, t lang.Tag) string {
	switch n {
	case 1:
		return t.Say("the server above")
	case 2:
		return t.Say("the two servers above")
	case 3:
		return t.Say("the three servers above")
	}
	return t.Say("the %d servers above", n)
}
