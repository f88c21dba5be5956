package diagnose

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"mailcheck/report"
)

// everyCause reads the constants of package report.
func everyCause(t *testing.T) []report.Cause {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../../report/cause.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var all []report.Cause
	ast.Inspect(file, func(n ast.Node) bool {
		if v, ok := n.(*ast.ValueSpec); ok {
			for _, value := range v.Values {
				if lit, ok := value.(*ast.BasicLit); ok && lit.Kind == token.STRING {
					id, err := strconv.Unquote(lit.Value)
					if err != nil {
						t.Fatal(err)
					}
					all = append(all, report.Cause(id))
				}
			}
		}
		return true
	})
	if len(all) < 50 {
		t.Fatalf("only %d causes found", len(all))
	}
	return all
}

// withoutAdvice are the causes about which nobody can or need do anything.
var withoutAdvice = []report.Cause{report.DeliveryNotAwaited}

func TestEveryCauseHasWords(t *testing.T) {
	all := everyCause(t)
	for _, cause := range all {
		n := 0
		for _, e := range causes {
			if e.cause == cause {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%s has %d entries", cause, n)
			continue
		}
		w := Lookup(cause)
		if w.Title == "" || w.Explanation == "" {
			t.Errorf("%s has no title or no explanation", cause)
		}
		if len(w.Advice) == 0 && !slices.Contains(withoutAdvice, cause) {
			t.Errorf("%s has no advice", cause)
		}
	}
	for _, e := range causes {
		if !slices.Contains(all, e.cause) {
			t.Errorf("%s is no cause of package report", e.cause)
		}
	}
}

func TestLookupOfAnUnknownCause(t *testing.T) {
	if got, want := Lookup("no.such_cause").Title, Lookup(report.Unknown).Title; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// The form of the words, placeholders filled with values and without.
func TestForm(t *testing.T) {
	placeholder := regexp.MustCompile(`\{[^}]*\}?|\}`)
	known := Values{Protocol: report.IMAP, Host: "imap.example.com", Port: 993, Address: "anna@example.com",
		User: "anna", Secret: "password", Names: []string{"mx.example.net"}}
	all := slices.Clone(causes)
	for _, v := range variants {
		all = append(all, v.entry)
	}
	for _, e := range all {
		for _, v := range []Values{{}, known} {
			w := e.en.Fill(v)
			for _, text := range slices.Concat([]string{w.Title, w.Explanation}, w.Advice, w.AdminAdvice) {
				if p := placeholder.FindString(text); p != "" {
					t.Errorf("%s: placeholder %q stays in %q", e.cause, p, text)
				}
				if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' }) {
					t.Errorf("%s: not plain ASCII: %q", e.cause, text)
				}
				if strings.Contains(text, "  ") || strings.TrimSpace(text) != text || text == "" {
					t.Errorf("%s: blanks: %q", e.cause, text)
				}
			}
			if len(w.Advice) > 5 {
				t.Errorf("%s: %d advices are more than anybody tries", e.cause, len(w.Advice))
			}
		}
		if strings.HasSuffix(e.en.Title, ".") || len(e.en.Title) > 70 {
			t.Errorf("%s: the title does not end a headline: %q", e.cause, e.en.Title)
		}
		if len(e.en.Explanation) > 260 || !strings.HasSuffix(e.en.Explanation, ".") {
			t.Errorf("%s: the explanation is no short text: %q", e.cause, e.en.Explanation)
		}
	}
}

func TestFill(t *testing.T) {
	text := "{protocol} {host} {port} {server} {address} {domain} {user} {otheruser} {secret} {names} {tlsport} {startport} {userflag} {unknown}"
	for _, tt := range []struct {
		values Values
		want   string
	}{
		{Values{Protocol: report.SMTP, Host: "smtp.example.com", Port: 587, Address: "anna@example.com", User: "anna@example.com",
			Secret: "sign-in", Names: []string{"a.example", "b.example"}},
			"SMTP smtp.example.com 587 smtp.example.com port 587 anna@example.com example.com anna@example.com anna sign-in a.example or b.example 465 587 --smtp-user {unknown}"},
		{Values{Protocol: report.POP3, Address: "anna@example.com", User: "u123", Host: "{port}", Port: 1},
			"POP3 {port} 1 {port} port 1 anna@example.com example.com u123 anna@example.com password a name that the certificate is for 995 110 --pop-user {unknown}"},
		{Values{}, "mail the server its port the server ADDRESS the domain your user name the other form (the whole address, or the part before the @) " +
			"password a name that the certificate is for 993 (IMAP), 995 (POP3) or 465 (SMTP) 143 (IMAP), 110 (POP3) or 587 (SMTP) --user {unknown}"},
	} {
		if got := (Words{Explanation: text}).Fill(tt.values).Explanation; got != tt.want {
			t.Errorf("got\n%s\nwant\n%s", got, tt.want)
		}
	}
}

func TestList(t *testing.T) {
	for _, tt := range []struct{ names, want string }{
		{"", ""}, {"a", "a"}, {"a b", "a and b"}, {"a b c", "a, b and c"}, {"a b c d e", "a, b, c, d and e"}, {"a b c d e f", "a, b, c, d and 2 more"},
	} {
		if got := list(strings.Fields(tt.names), "and"); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.names, got, tt.want)
		}
	}
}
