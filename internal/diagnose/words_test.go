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
	"unicode/utf8"

	"mailcheck/internal/lang"
	"mailcheck/internal/provider"
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
		for _, tag := range []lang.Tag{lang.English, lang.Japanese} {
			w := Lookup(cause, tag)
			if w.Title == "" || w.Explanation == "" {
				t.Errorf("%s has no title or no explanation (%s)", cause, tag)
			}
			if len(w.Advice) == 0 && !slices.Contains(withoutAdvice, cause) {
				t.Errorf("%s has no advice (%s)", cause, tag)
			}
		}
	}
	for _, e := range causes {
		if !slices.Contains(all, e.cause) {
			t.Errorf("%s is no cause of package report", e.cause)
		}
	}
}

func TestLookupOfAnUnknownCause(t *testing.T) {
	if got, want := Lookup("no.such_cause", lang.English).Title, Lookup(report.Unknown, lang.English).Title; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// everyEntry is all words that there are.
func everyEntry() []entry {
	all := slices.Clone(causes)
	for _, v := range variants {
		all = append(all, v.entry)
	}
	return all
}

// texts are all texts of some words, in their order.
func (w Words) texts() []string {
	return slices.Concat([]string{w.Title, w.Explanation}, w.Advice, w.AdminAdvice)
}

// The form of the words in every language, placeholders filled with values and
// without.
func TestForm(t *testing.T) {
	known := Values{Protocol: report.IMAP, Host: "imap.example.com", Port: 993, Address: "anna@example.com",
		User: "anna", Secret: "password", Names: []string{"mx.example.net"},
		Provider: "Example", PasswordPage: "https://example.com/password", Switch: "Settings", ServersPage: "https://example.com/help",
		Login: "anna", Catch: "It is an example."}
	for _, e := range everyEntry() {
		for _, tag := range []lang.Tag{lang.English, lang.Japanese} {
			for _, v := range []Values{{}, known} {
				v.Lang = tag
				filled := e.in(tag).Fill(v)
				if n := len(filled.Advice); n > 6 || n > 5 && v.Provider == "" {
					t.Errorf("%s: %d advices are more than anybody tries", e.cause, n)
				}
				for _, text := range filled.texts() {
					if p := placeholder.FindString(text); p != "" {
						t.Errorf("%s: placeholder %q stays in %q", e.cause, p, text)
					}
					if strings.Contains(text, "  ") || strings.TrimSpace(text) != text || text == "" {
						t.Errorf("%s: blanks: %q", e.cause, text)
					}
				}
			}
		}
	}
}

var placeholder = regexp.MustCompile(`\{[^}]*\}?|\}`)

func TestFormOfTheEnglish(t *testing.T) {
	for _, e := range everyEntry() {
		for _, text := range e.en.texts() {
			if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' }) {
				t.Errorf("%s: not plain ASCII: %q", e.cause, text)
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

// The Japanese says what the English says: as many advices, with the same
// values in each.
func TestFormOfTheJapanese(t *testing.T) {
	halfWidth := func(r rune) bool { return r < ' ' || 0xff61 <= r && r <= 0xff9f }
	spaced := regexp.MustCompile(`\p{Han} \p{Han}|[、。「」] | [、。「」]|[\p{Han}\p{Hiragana}\p{Katakana}ー][A-Za-z0-9]|[A-Za-z0-9][\p{Han}\p{Hiragana}\p{Katakana}]`)
	for _, e := range everyEntry() {
		en, ja := e.en, e.ja
		if len(en.Advice) != len(ja.Advice) || len(en.AdminAdvice) != len(ja.AdminAdvice) {
			t.Errorf("%s: %d and %d advices, in Japanese %d and %d", e.cause,
				len(en.Advice), len(en.AdminAdvice), len(ja.Advice), len(ja.AdminAdvice))
			continue
		}
		english := en.texts()
		for i, text := range ja.texts() {
			if !slices.Equal(placeholders(english[i]), placeholders(text)) {
				t.Errorf("%s: %v in %q, but %v in %q", e.cause, placeholders(english[i]), english[i], placeholders(text), text)
			}
			if strings.ContainsFunc(text, halfWidth) {
				t.Errorf("%s: half-width katakana or control characters: %q", e.cause, text)
			}
			if found := spaced.FindString(text); found != "" {
				t.Errorf("%s: spacing at %q: %q", e.cause, found, text)
			}
		}
		if strings.HasSuffix(ja.Title, "。") || utf8.RuneCountInString(ja.Title) > 45 {
			t.Errorf("%s: the title does not end a headline: %q", e.cause, ja.Title)
		}
		if utf8.RuneCountInString(ja.Explanation) > 150 || !strings.HasSuffix(ja.Explanation, "。") {
			t.Errorf("%s: the explanation is no short text: %q", e.cause, ja.Explanation)
		}
	}
}

// placeholders are those of a text, each once, sorted.
func placeholders(text string) []string {
	found := placeholder.FindAllString(text, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

func TestFill(t *testing.T) {
	text := "{protocol} {host} {port} {server} {address} {domain} {domainname} {user} {otheruser} {secret} {names} {tlsport} {startport} {userflag} {provider} {unknown}"
	for _, tt := range []struct {
		values Values
		want   string
	}{
		{Values{Protocol: report.SMTP, Host: "smtp.example.com", Port: 587, Address: "anna@example.com", User: "anna@example.com",
			Secret: "sign-in", Names: []string{"a.example", "b.example"}},
			"SMTP smtp.example.com 587 smtp.example.com port 587 anna@example.com example.com example.com anna@example.com anna sign-in a.example or b.example 465 587 --smtp-user the provider {unknown}"},
		{Values{Protocol: report.POP3, Address: "anna@example.com", User: "u123", Host: "{port}", Port: 1},
			"POP3 {port} 1 {port} port 1 anna@example.com example.com example.com u123 anna@example.com password a name that the certificate is for 995 110 --pop-user the provider {unknown}"},
		{Values{}, "mail the server PORT the server ADDRESS the domain DOMAIN your user name the other form (the whole address, or the part before the @) " +
			"password a name that the certificate is for 993 (IMAP), 995 (POP3) or 465 (SMTP) 143 (IMAP), 110 (POP3) or 587 (SMTP) --user the provider {unknown}"},
	} {
		if got := (Words{Explanation: text}).Fill(tt.values).Explanation; got != tt.want {
			t.Errorf("got\n%s\nwant\n%s", got, tt.want)
		}
	}
}

// Advice that needs a fact of the provider stands only where that is known.
func TestFillOfAProvider(t *testing.T) {
	words := Words{Advice: []string{"Look at {passwordpage}.", "Ask {provider}."}}
	if got := words.Fill(Values{}).Advice; !slices.Equal(got, []string{"Ask the provider."}) {
		t.Errorf("without a provider: %q", got)
	}
	gmail, _ := provider.ByDomain("gmail.com")
	want := []string{"Look at https://myaccount.google.com/apppasswords.", "Ask Gmail."}
	if got := words.Fill(Values{}.At(gmail, report.AuthBadCredentials)).Advice; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Where a page or a switch is known, nobody is told to look for it.
func TestGeneralAdviceGivesWay(t *testing.T) {
	w := Words{Advice: []string{"It is here: {switch}", "{noswitch}Look for it.", "{nopasswordpage}Look for a password.", "Then run it."}}
	for name, tt := range map[string]struct {
		v    Values
		want []string
	}{
		"nothing is known":    {Values{}, []string{"Look for it.", "Look for a password.", "Then run it."}},
		"the switch is known": {Values{Switch: "Settings"}, []string{"It is here: Settings", "Look for a password.", "Then run it."}},
		"the page is known":   {Values{PasswordPage: "https://example.com"}, []string{"Look for it.", "Then run it."}},
	} {
		if got := w.Fill(tt.v).Advice; !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

// No words send to a known page and then tell to look for it.
func TestKnownPlaceIsToldOnce(t *testing.T) {
	known := Values{Protocol: report.IMAP, Provider: "Example", PasswordPage: "https://example.com/password", Switch: "Settings"}
	general := map[lang.Tag][]string{
		lang.English:  {"look in the settings for", "look under", "see in the settings whether", "are made in the security settings"},
		lang.Japanese: {"などの項目で", "「セキュリティ」や「メールソフト」", "がオンかどうかを確認", "セキュリティ設定で作ります"},
	}
	for _, e := range everyEntry() {
		for tag, phrases := range general {
			advice := strings.Join(e.in(tag).Advice, "\n")
			if !strings.Contains(advice, "{switch}") && !strings.Contains(advice, "{passwordpage}") {
				continue
			}
			known.Lang = tag
			said := strings.Join(e.in(tag).Fill(known).Advice, "\n")
			for _, phrase := range phrases {
				if strings.Contains(advice, phrase) && strings.Contains(said, phrase) {
					t.Errorf("%s (%s): %q in\n%s", e.cause, tag, phrase, said)
				}
			}
		}
	}
}
