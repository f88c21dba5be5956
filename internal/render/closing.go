package render

import (
	"fmt"
	"slices"
	"strings"

	"mailcheck/report"
)

// lastLine is the end of the shortest report. What stays in the mailbox is
// never left unsaid.
func lastLine(r *report.Report) string {
	parts := []string{ending(r)}
	if m := r.Message; m != nil && !gone(m) {
		parts = append(parts, remains(r))
	}
	return strings.Join(append(parts, took(r.DurationMS)), " ")
}

// closing is for the careful: the cause and exit status, the logins, what is
// left behind, who was told what, and the time it took.
func closing(r *report.Report) string {
	parts := []string{ending(r), logins(r.Verdict.Logins), remains(r)}
	if t := told(r); t != "" {
		parts = append(parts, "Told: "+t+".")
	}
	return strings.Join(append(parts, took(r.DurationMS)), " ")
}

func ending(r *report.Report) string {
	if r.Verdict.Cause == "" {
		return fmt.Sprintf("Exit status %d.", r.ExitCode)
	}
	return fmt.Sprintf("%s, exit status %d.", r.Verdict.Cause, r.ExitCode)
}

func logins(l report.Logins) string {
	switch {
	case l.Made == 0:
		return "No login was made."
	case l.Rejected == 0:
		return count(l.Made, "login", "logins") + ", 0 refused."
	}
	return fmt.Sprintf("%s, %d refused, none repeated.", count(l.Made, "login", "logins"), l.Rejected)
}

// gone tells whether nothing of the test message is left.
func gone(m *report.Message) bool {
	return m.Deleted && !slices.ContainsFunc(m.Copies, func(c report.Copy) bool { return !c.Deleted })
}

// remains says what became of the test message.
func remains(r *report.Report) string {
	m := r.Message
	if m == nil {
		return "Nothing sent, mailbox unchanged."
	}
	var removed, left []string
	for _, c := range m.Copies {
		if c.Deleted {
			removed = append(removed, c.Folder)
		} else {
			left = append(left, c.Folder)
		}
	}
	subject := fmt.Sprintf(" (its Subject is %q)", subject(m))
	switch {
	case m.Folder == "":
		return "The test message was sent, and stays where it arrives" + subject + "."
	case !m.Deleted:
		return "The test message stays in " + enumerate(append([]string{m.Folder}, left...)) + subject + "."
	case len(left) > 0:
		return "The test message is gone; a copy stays in " + enumerate(left) + subject + "."
	case len(removed) == 1:
		return "The test message and its copy in " + removed[0] + " are gone; nothing else was touched."
	case len(removed) > 1:
		return "The test message and its copies in " + enumerate(removed) + " are gone; nothing else was touched."
	}
	return "The test message is gone; nothing else was touched."
}

// subject is that of the test message, which shares its token with the
// Message-ID.
func subject(m *report.Message) string {
	token, _, _ := strings.Cut(strings.TrimPrefix(m.ID, "<"), "@")
	return "mailcheck test " + token
}

// tellings are what hosts can be told, the most confidential first. Who is told
// a thing knows those behind it, so that only the first is named.
var tellings = []struct{ what, words string }{
	{"password", "the password"},
	{"token", "the sign-in"},
	{"message", "the test message"},
	{"address", "the address"},
	{"domain", "the domain"},
}

// told says which hosts were told what.
func told(r *report.Report) string {
	hosts := map[string][]string{} // by what they were told
	known := map[string]bool{}
	for _, t := range tellings {
		for _, c := range r.Contacted {
			if slices.Contains(c.Told, t.what) && !known[c.Host] {
				hosts[t.what] = append(hosts[t.what], c.Host)
				known[c.Host] = true
			}
		}
	}
	servers := mailServers(r)
	var parts []string
	for _, t := range tellings {
		to := hosts[t.what]
		if len(to) == 0 {
			continue
		}
		where := enumerate(to)
		if same(to, servers) {
			where = above(len(to))
		}
		parts = append(parts, t.words+" to "+where)
	}
	return strings.Join(parts, ", ")
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

func above(n int) string {
	switch n {
	case 1:
		return "the server above"
	case 2:
		return "the two servers above"
	case 3:
		return "the three servers above"
	}
	return fmt.Sprintf("the %d servers above", n)
}
