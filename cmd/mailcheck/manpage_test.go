package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"unicode"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// docs/mailcheck.1 is the help of every command as a page for man.
func TestManPage(t *testing.T) {
	const file = "../../docs/mailcheck.1"
	a := &app{}
	page := manPage(a.root())
	documented(t, file, []byte(page))
	if strings.ContainsFunc(page, func(c rune) bool { return c > unicode.MaxASCII }) {
		t.Error("the page has characters that not every man shows")
	}
	groff, err := exec.LookPath("groff")
	switch {
	case err != nil && os.Getenv("CI") != "":
		t.Fatal(err)
	case err != nil:
		return // the page is the same everywhere
	}
	out, err := exec.Command(groff, "-man", "-Tascii", "-ww", "-z", file).CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Errorf("groff: %v\n%s", err, out)
	}
}

// manPage is the manual page of a program: its help, and then that of each of
// its commands. It bears no date and no version, so that it changes only when the
// program does.
func manPage(root *cobra.Command) string {
	root.InitDefaultCompletionCmd()
	var b strings.Builder
	b.WriteString(`.\" Made from the program: go test ./cmd/mailcheck -run TestManPage -update` + "\n")
	b.WriteString(".TH MAILCHECK 1 \"\" mailcheck\n.SH NAME\n")
	fmt.Fprintf(&b, "mailcheck \\- %s\n.SH SYNOPSIS\n", roff(strings.ToLower(root.Short[:1])+root.Short[1:]))
	described := commands(root)
	for _, c := range append([]*cobra.Command{root}, described...) {
		fmt.Fprintf(&b, "%s\n.br\n", synopsis(c))
	}
	b.WriteString(".SH DESCRIPTION\n" + prose(root.Long) + ".SH OPTIONS\n" + options(root))
	b.WriteString(".SH COMMANDS\n")
	for _, c := range described {
		fmt.Fprintf(&b, ".SS %s\n", synopsis(c))
		text := c.Long
		if text == "" {
			text = c.Short + "."
		}
		b.WriteString(prose(text) + options(c) + exampleOf(c))
	}
	b.WriteString(".SH EXAMPLES\n" + verbatim(root.Example))
	b.WriteString(".SH SEE ALSO\nThe documents in /usr/share/doc/mailcheck, or beside the program's source.\n")
	return b.String()
}

// commands are the commands below one that do something themselves.
func commands(above *cobra.Command) []*cobra.Command {
	var found []*cobra.Command
	for _, c := range above.Commands() {
		switch {
		case !c.IsAvailableCommand():
		case c.Name() == "completion": // that of each shell says the same
			found = append(found, c)
		case c.HasSubCommands():
			found = append(found, commands(c)...)
		default:
			found = append(found, c)
		}
	}
	return found
}

// synopsis is how a command is called, in bold but for its arguments.
func synopsis(c *cobra.Command) string {
	arguments := strings.TrimPrefix(c.Use, c.Name())
	if c.HasAvailableFlags() || c.HasAvailableInheritedFlags() {
		arguments += " [flags]"
	}
	return `\fB` + roff(c.CommandPath()) + `\fR` + roff(arguments)
}

// options is the list of a command's flags, and of those of the command above.
func options(c *cobra.Command) string {
	var b strings.Builder
	list := func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		value, usage := pflag.UnquoteUsage(f)
		name := `\fB` + roff("--"+f.Name) + `\fR`
		if f.Shorthand != "" {
			name = `\fB` + roff("-"+f.Shorthand) + `\fR, ` + name
		}
		switch {
		case value == "":
		case f.NoOptDefVal != "":
			name += `[=\fI` + roff(value) + `\fR]`
		default:
			name += ` \fI` + roff(value) + `\fR`
		}
		if d := f.DefValue; d != "" && d != "0s" && d != "[]" && d != "false" {
			usage += " (default: " + d + ")"
		}
		fmt.Fprintf(&b, ".TP\n%s\n%s\n", name, roff(usage))
	}
	c.LocalFlags().VisitAll(list)
	c.InheritedFlags().VisitAll(list)
	return b.String()
}

func exampleOf(c *cobra.Command) string {
	if c.Example == "" {
		return ""
	}
	return ".PP\nExamples:\n" + verbatim(c.Example)
}

// prose are paragraphs. Those with an indented line, or a list, keep their
// lines.
func prose(text string) string {
	var b strings.Builder
	for paragraph := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		if strings.Contains("\n"+paragraph, "\n ") || strings.Contains("\n"+paragraph, "\n\t") {
			b.WriteString(verbatim(paragraph))
			continue
		}
		b.WriteString(".PP\n")
		for line := range strings.Lines(paragraph) {
			b.WriteString(roff(strings.TrimRight(line, "\n")) + "\n")
		}
	}
	return b.String()
}

// verbatim are lines as they stand.
func verbatim(text string) string {
	var b strings.Builder
	b.WriteString(".PP\n.nf\n")
	for line := range strings.Lines(strings.TrimRight(text, " \n")) {
		b.WriteString(roff(strings.ReplaceAll(strings.TrimRight(line, "\n"), "\t", "    ")) + "\n")
	}
	b.WriteString(".fi\n")
	return b.String()
}

// roff is text that troff shows as it is: a leading dot or quote is no request,
// a hyphen stays one that can be copied.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", `\(ga`).Replace(text)
	if strings.HasPrefix(text, ".") {
		text = `\&` + text
	}
	return text
}
