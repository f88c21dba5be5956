package diagnose

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the generated documentation anew")

// docs/causes.md is what the tables say, in English and without a provider.
func TestCausesAreDocumented(t *testing.T) {
	const file = "../../docs/causes.md"
	want := causesPage()
	if *update {
		if err := os.WriteFile(file, want, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what the tables say; write it anew with go test ./internal/diagnose -update", file)
	}
}

func causesPage() []byte {
	var b bytes.Buffer
	b.WriteString(`# Causes

What each cause of a report means, and what to do. mailcheck says the same with
the names, ports and pages of the account, in English or in Japanese (` + "`--lang`" + `),
and says more where it knows the provider.

This page is generated from the tables of internal/diagnose
(` + "`go test ./internal/diagnose -update`" + `); a test keeps it true.

| cause | what it means | what to do |
| --- | --- | --- |
`)
	for _, e := range causes {
		w := WordsAt(e.cause, nil, Values{User: "USER"})
		var todo []string
		for i, advice := range w.Advice {
			todo = append(todo, fmt.Sprintf("%d. %s", i+1, advice))
		}
		for _, advice := range w.AdminAdvice {
			todo = append(todo, "Administrator: "+advice)
		}
		title := strings.ToUpper(w.Title[:1]) + w.Title[1:] + "."
		fmt.Fprintf(&b, "| `%s` | **%s** %s | %s |\n", e.cause, cell(title), cell(w.Explanation), strings.ReplaceAll(cell(strings.Join(todo, "\n")), "\n", "<br>"))
	}
	return b.Bytes()
}

// cell is a text as a cell of a Markdown table.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "<", "&lt;", "*", `\*`, "_", `\_`).Replace(text)
}
