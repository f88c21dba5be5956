package render

import (
	"bytes"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"mailcheck/internal/diagnose"
	"mailcheck/internal/lang"
	"mailcheck/internal/provider"
	"mailcheck/report"
)

// questions are what people paste.
var questions = map[string]diagnose.Question{
	"gmail":   {Text: "imaplib.IMAP4.error: b'[AUTHENTICATIONFAILED] Invalid credentials (Failure)'"},
	"certain": {Text: "553 5.7.1 <anna@example.com>: Sender address rejected: not owned by user bob@example.com", Protocol: "smtp", Step: "rcpt"},
	"unknown": {Text: "\x1b[2J::error::the moon is full for anna@example.com\npassword: hunter2"},
	"cause":   {Text: "auth.bad_credentials"},
	"outlook": {Text: "0x800CCC0E"},
	"name":    {Text: "dial tcp: lookup imap.example.con on 192.0.2.53:53: no such host"},
}

func TestExplain(t *testing.T) {
	for name, q := range questions {
		t.Run(name, func(t *testing.T) {
			a := diagnose.Explain(q)
			for _, in := range []lang.Tag{lang.English, lang.Japanese} {
				for _, v := range []Verbosity{Normal, Quiet} {
					var b bytes.Buffer
					if err := Explain(&b, a, in, Options{Verbosity: v}); err != nil {
						t.Fatal(err)
					}
					for line := range strings.Lines(b.String()) {
						line = strings.TrimSuffix(line, "\n")
						if cells(line) > columns || strings.HasSuffix(line, " ") || strings.ContainsFunc(line, func(r rune) bool { return r < ' ' }) {
							t.Errorf("%d cells: %q", cells(line), line)
						}
					}
					for _, private := range []string{"anna@", "bob@", "hunter2"} {
						if strings.Contains(b.String(), private) {
							t.Errorf("%q is repeated", private)
						}
					}
				}
			}
		})
	}
}

// The look of an answer, with words of the test's own.
func TestExplainLayout(t *testing.T) {
	known := report.Answer{
		Cause: report.AuthBadCredentials, Confidence: report.Medium, Title: "the password was not accepted",
		Explanation: "Gmail does not know the password that was sent. So an app password is wrong, or no longer valid.",
		Advice:      []string{"Make a new app password at https://myaccount.google.com/apppasswords", "Close the other devices that still use the old one."},
		Protocol:    "imap", Step: "auth", Speaker: "Gmail", Matched: &report.Matched{Rule: "gmail-login-refused", Text: "invalid credentials"},
		Others: []report.Other{
			{Cause: report.AuthTokenExpired, Title: "the sign-in with Google has lapsed", Ask: "Does the program show \"Sign in with Google\"? Then remove the account there and add it again."},
			{Cause: report.AuthUsernameForm, Title: "the login name has another form, which the server does not know as that of an account"},
		},
	}
	unknown := report.Answer{
		Cause: report.Unknown, Confidence: report.Low, Title: "mailcheck does not know what the answer means",
		Explanation: "It is in no rule.", Advice: []string{"Ask the provider."}, Lines: []string{"\x1b[2J::error::the moon is full", "second line"},
	}
	for _, tt := range []struct {
		name   string
		answer report.Answer
		opt    Options
	}{
		{"explain", known, Options{}}, {"explain-quiet", known, Options{Verbosity: Quiet}}, {"explain-color", known, Options{Color: true}},
		{"explain-unknown", unknown, Options{}},
	} {
		var b bytes.Buffer
		if err := Explain(&b, tt.answer, lang.English, tt.opt); err != nil {
			t.Fatal(err)
		}
		golden(t, tt.name, b.Bytes())
	}
}

func TestExplainInJapanese(t *testing.T) {
	docomo, _ := provider.Find("docomo")
	for name, q := range map[string]diagnose.Question{
		"explain-ja":         {Text: "NO [AUTHENTICATIONFAILED] Authentication failed.", Provider: docomo},
		"explain-unknown-ja": {Text: "the moon is full"},
	} {
		q.Lang = lang.Japanese
		var b bytes.Buffer
		if err := Explain(&b, diagnose.Explain(q), lang.Japanese, Options{}); err != nil {
			t.Fatal(err)
		}
		golden(t, name, b.Bytes())
		typeset(t, b.String())
	}
}

func TestAnswersFollowTheSchema(t *testing.T) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(ExplainSchema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("explain.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("explain.json")
	if err != nil {
		t.Fatal(err)
	}
	written := func(a report.Answer) any {
		var b bytes.Buffer
		if err := ExplainJSON(&b, a); err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(&b)
		if err != nil {
			t.Fatal(err)
		}
		return doc
	}
	for name, q := range questions {
		if err := s.Validate(written(diagnose.Explain(q))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, change := range map[string]func(*report.Answer){
		"another schema": func(a *report.Answer) { a.Schema = "mailcheck/explain/v2" },
		"no cause":       func(a *report.Answer) { a.Cause = "" },
		"no confidence":  func(a *report.Answer) { a.Confidence = "" },
		"five others":    func(a *report.Answer) { a.Alternatives = make([]report.Alternative, 5) },
	} {
		a := diagnose.Explain(questions["gmail"])
		change(&a)
		if s.Validate(written(a)) == nil {
			t.Errorf("%s: the schema lets it pass", name)
		}
	}
}

func TestProvider(t *testing.T) {
	for _, p := range provider.All() {
		for _, in := range []lang.Tag{lang.English, lang.Japanese} {
			var b bytes.Buffer
			if err := Provider(&b, p, provider.Place{}, in, Options{}); err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(b.String()) {
				line = strings.TrimSuffix(line, "\n")
				if cells(line) > columns || strings.HasSuffix(line, " ") || strings.Contains(line, "%") {
					t.Errorf("%s: %d cells: %q", p.ID, cells(line), line)
				}
			}
		}
	}
	for name, in := range map[string]lang.Tag{"gmail": "", "xserver": "", "goo-mail": "", "docomo-ja": lang.Japanese, "outlook-com-ja": lang.Japanese} {
		id := strings.TrimSuffix(name, "-ja")
		p, ok := provider.Find(id)
		if !ok {
			t.Fatalf("no provider %s", id)
		}
		var b bytes.Buffer
		if err := Provider(&b, p, provider.Place{}, in, Options{}); err != nil {
			t.Fatal(err)
		}
		golden(t, "provider-"+name, b.Bytes())
	}
}
