package provider

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"mailcheck/internal/lang"
)

// sentences are all that the table says in words, each with a provider that
// says it.
func sentences() map[string]string {
	said := map[string]string{}
	for _, p := range All() {
		for _, c := range p.Catches {
			said[c] = p.ID
		}
		for _, d := range p.Dates {
			said[d.Event] = p.ID
		}
		if p.Username.Note != "" {
			said[p.Username.Note] = p.ID
		}
		if own := p.CustomDomain; own != nil && own.Username != nil {
			said[own.Username.Note] = p.ID
		}
		if p.MustEnable != nil {
			said[p.MustEnable.How] = p.ID
		}
	}
	return said
}

func TestEverySentenceIsTranslated(t *testing.T) {
	said := sentences()
	for sentence, id := range said {
		if japanese[sentence] == "" {
			t.Errorf("%s: no Japanese for %q", id, sentence)
		}
	}
	for sentence := range japanese {
		if said[sentence] == "" {
			t.Errorf("no provider says %q", sentence)
		}
	}
	if len(said) < 190 {
		t.Errorf("only %d sentences", len(said))
	}
}

var (
	// facts are what must not be lost on the way: host names and numbers.
	facts = regexp.MustCompile(`[a-z0-9-]+(?:\.[a-z0-9-]+)+|\d+`)
	// verbatim is what stays as it is: quotations, and names that are written in
	// two scripts.
	verbatim = regexp.MustCompile(`「[^」]*」|dアカウント|ASAHIネット`)
	english  = regexp.MustCompile(`(?i) (?:the|an?|is|are|of|and|or|not|to|for|with|on|in) `)
	spacing  = regexp.MustCompile(`[、。] | [、。]|\p{Han} \p{Han}|[\p{Han}\p{Hiragana}\p{Katakana}ー][A-Za-z0-9]|[A-Za-z0-9][\p{Han}\p{Hiragana}\p{Katakana}]`)
)

func TestFormOfTheJapanese(t *testing.T) {
	for sentence, ja := range japanese {
		for _, fact := range facts.FindAllString(sentence, -1) {
			if !strings.Contains(ja, fact) {
				t.Errorf("%q is lost in %q", fact, ja)
			}
		}
		rest := verbatim.ReplaceAllString(ja, "")
		if found := english.FindString(rest); found != "" {
			t.Errorf("%q is English: %q", found, ja)
		}
		menus := strings.Contains(ja, " > ") // which are written as the provider does
		if found := spacing.FindString(rest); found != "" && !menus {
			t.Errorf("spacing at %q: %q", found, ja)
		}
		if strings.ContainsFunc(ja, func(r rune) bool { return r < ' ' || 0xff61 <= r && r <= 0xff9f }) || strings.TrimSpace(ja) != ja {
			t.Errorf("half-width katakana, control characters or blanks: %q", ja)
		}
		if strings.HasSuffix(sentence, ".") != strings.HasSuffix(ja, "。") {
			t.Errorf("one is a sentence and one is not: %q, %q", sentence, ja)
		}
		if n := utf8.RuneCountInString(ja); n > 250 {
			t.Errorf("%d characters: %q", n, ja)
		}
	}
}

func TestSay(t *testing.T) {
	const sentence = "There is no POP3."
	for tag, want := range map[lang.Tag]string{"": sentence, lang.English: sentence, lang.Japanese: "POP3 はありません。"} {
		if got := Say(sentence, tag); got != want {
			t.Errorf("%q: got %q", tag, got)
		}
	}
	if got := Say("Nobody says this.", lang.Japanese); got != "Nobody says this." {
		t.Errorf("got %q", got)
	}
}

func TestNameIn(t *testing.T) {
	for _, tt := range []struct {
		id   string
		tag  lang.Tag
		want string
	}{
		{"docomo", lang.Japanese, "ドコモメール"}, {"docomo", lang.English, "docomo Mail"},
		{"sonet", lang.Japanese, "So-net"},
		{"aliyun", lang.Japanese, "Aliyun Mail (personal)"}, // its native name is Chinese
	} {
		if p, _ := Find(tt.id); p.NameIn(tt.tag) != tt.want {
			t.Errorf("%s (%s): got %q", tt.id, tt.tag, p.NameIn(tt.tag))
		}
	}
}
