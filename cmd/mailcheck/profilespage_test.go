package main

import (
	"bytes"
	"cmp"
	"fmt"
	"strings"

	"mailcheck/internal/lab"
	"mailcheck/report"
)

// providersPage is docs/providers.md, of the reports of every profile and its
// faults, by "gmail/app-password"; the name of an account that works ends in
// the slash.
func providersPage(reports map[string]*report.Report) []byte {
	var b bytes.Buffer
	b.WriteString(`# Mail providers

What mailcheck finds at these providers, what can fail there, what it then says,
and what to do first; the report itself says more. Every row is a run of the
program against servers inside it that play the provider, with its host names,
ports and refusals:

` + "```sh\nmailcheck demo --provider gmail\nmailcheck demo --provider gmail --fault app-password\n```" + `

` + "`mailcheck provider NAME`" + ` tells what the built-in table knows of these and some
150 others. Gmail, iCloud Mail, Outlook.com and Yahoo! JAPAN Mail come first, then
providers that change what a check must do.

This page is generated from the profiles of internal/lab and from what the
program said of them (` + "`go test ./cmd/mailcheck -run TestProfiles -update`" + `); the
same test keeps it true.
`)
	for _, p := range lab.Profiles() {
		sound := reports[p.Name+"/"]
		fmt.Fprintf(&b, "\n## %s\n\n`demo --provider %s`. **Sign-in**: %s.\n%s\n\n", heading(p.Title), p.Name, p.SignIn, p.Notes)
		fmt.Fprintf(&b, "```sh\n%s\n```\n\n", strings.Join(append([]string{"mailcheck"}, append(p.Sound.Flags, p.Address())...), " "))
		settingsTable(&b, sound)
		b.WriteString("\n| `--fault` | what is wrong | step, cause | exit | verdict | what to do first |\n| --- | --- | --- | --- | --- | --- |\n")
		for _, s := range p.Faults {
			faultRow(&b, s, reports[p.Name+"/"+s.Name])
		}
	}
	return b.Bytes()
}

// settingsTable is the settings that were found and used.
func settingsTable(b *bytes.Buffer, rep *report.Report) {
	b.WriteString("| | server | port | encryption | user name | found by |\n| --- | --- | --- | --- | --- | --- |\n")
	for _, p := range []report.Protocol{report.IMAP, report.POP3, report.SMTP} {
		row := "none | | | |"
		for _, e := range rep.Settings {
			if e.Protocol == p && e.Chosen {
				encryption := map[report.Security]string{report.TLS: "SSL/TLS", report.STARTTLS: "STARTTLS", report.None: "none"}[e.Security]
				row = fmt.Sprintf("%s | %d | %s | %s | %s", e.Host, e.Port, encryption, cmp.Or(e.Username, rep.Address), e.Source)
			}
		}
		fmt.Fprintf(b, "| %s | %s |\n", p.Label(), row)
	}
}

// faultRow is what the program said of one fault.
func faultRow(b *bytes.Buffer, s lab.Scene, rep *report.Report) {
	title := cell(s.Title)
	if s.Flags != nil {
		title += "<br>`" + strings.Join(append([]string{"mailcheck"}, append(s.Flags, rep.Address)...), " ") + "`"
	}
	verdict, advice, where := "all is well", rep.Verdict.Advice, ""
	switch rep.Result {
	case report.Warn:
		f := finding(s, rep)
		first, _, _ := strings.Cut(f.Text, ". ")
		verdict, advice = "all works, with a warning: "+first+".", f.Advice
	case report.Fail:
		verdict = rep.Verdict.Headline
	}
	if s.Step != "" {
		where = fmt.Sprintf("%s<br>`%s`", s.Step, s.Cause)
	}
	var todo []string
	for i, a := range advice {
		if i == 0 || s.Further != "" && strings.Contains(a, s.Further) {
			todo = append(todo, cell(a))
		}
	}
	fmt.Fprintf(b, "| %s | %s | %s | %d | %s | %s |\n", s.Name, title, where, rep.ExitCode, cell(verdict), strings.Join(todo, "<br>"))
}

// cell is a text as a cell of a Markdown table.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "<", "&lt;", "*", `\*`, "_", `\_`).Replace(text)
}

// heading is a title that begins with a capital, unless it is a name.
func heading(title string) string {
	if rest, ok := strings.CutPrefix(title, "a "); ok {
		return "A " + rest
	}
	return title
}
