package render

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"mailcheck/internal/diagnose"
	"mailcheck/internal/wellformed"
	"mailcheck/report"
)

func github(t *testing.T, r *report.Report, opt Options) ([]wellformed.Command, []byte) {
	t.Helper()
	data := output(t, func(w *bytes.Buffer) error { return GitHub(w, r, opt) })
	commands, err := wellformed.Annotations(string(data))
	if err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	return commands, data
}

// kinds are the names and titles of commands.
func kinds(commands []wellformed.Command) string {
	var all []string
	for _, c := range commands {
		all = append(all, c.Name+" "+strings.TrimPrefix(c.Properties["title"], "mailcheck "))
	}
	return strings.Join(all, "|")
}

func TestGitHubCommands(t *testing.T) {
	for _, tt := range []struct {
		name   string
		strict bool
		want   string
	}{
		{"all-well", false, "notice taro@example.com"},
		{"receive-not-send", false, "error anna@example.com: smtp.auth (auth.smtp_auth_disabled)"},
		{"pop3-warns", false, "notice taro@example.com|warning taro@example.com: pop3.connect (connect.address_dead)|warning taro@example.com: pop3.auth (auth.protocol_disabled)"},
		{"pop3-warns", true, "notice taro@example.com|error taro@example.com: pop3.connect (connect.address_dead)|error taro@example.com: pop3.auth (auth.protocol_disabled)"},
		{"second-candidate", false, "notice taro@example.com|warning taro@example.com: smtp.connect (connect.timeout)"},
		{"hostile", false, "error anna@example.com: smtp.auth (auth.smtp_auth_disabled)|warning anna@example.com: dns.host (unknown)"},
	} {
		commands, _ := github(t, sampled(tt.name), Options{Strict: tt.strict})
		if got := kinds(commands); got != tt.want {
			t.Errorf("%s: %s\nwant %s", tt.name, got, tt.want)
		}
	}
	commands, data := github(t, sampled("receive-not-send"), Options{})
	for _, want := range []string{"YOU CAN RECEIVE BUT NOT SEND", "\n  535 5.7.139 Authentication", "\n  1. The administrator opens"} {
		if !strings.Contains(commands[0].Data, want) {
			t.Errorf("%q is not in %s", want, commands[0].Data)
		}
	}
	golden(t, "receive-not-send.github", data)
	_, data = github(t, inJapanese("receive-not-send", diagnose.Facts{}), Options{})
	golden(t, "receive-not-send-ja.github", data)
}

// What a command is made of survives it, whatever it is.
func TestGitHubEscapes(t *testing.T) {
	const text = "100% ::error title=x,y::z\r\n::set-output name=a::b %0A%25 ,:"
	commands, others := wellformed.Commands(command("error", text, text))
	if len(commands) != 1 || len(others) > 0 || commands[0].Data != text || commands[0].Properties["title"] != text {
		t.Errorf("%+v %q", commands, others)
	}
}

// GitHub shows ten annotations of a kind: more are not written.
func TestGitHubIsBounded(t *testing.T) {
	r := sampled("pop3-warns")
	for i := range 40 {
		r.Verdict.Findings = append(r.Verdict.Findings, report.Finding{Cause: report.Unknown, Step: fmt.Sprintf("dns.host%d", i), Text: "x"})
	}
	if commands, _ := github(t, r, Options{}); len(commands) != 1+maxAnnotations {
		t.Errorf("%d commands", len(commands))
	}
}

func TestMarkdown(t *testing.T) {
	for name := range samples {
		data := output(t, func(w *bytes.Buffer) error { return Markdown(w, sampled(name), Options{}) })
		said, err := wellformed.Markdown(data)
		if err != nil {
			t.Errorf("%s: %v\n%s", name, err, data)
		}
		if headline, _, _ := strings.Cut(sampled(name).Verdict.Headline, ":"); !strings.HasPrefix(strings.TrimSpace(said), headline) {
			t.Errorf("%s begins %.80q", name, said)
		}
		if name == "receive-not-send" {
			for _, want := range []string{"535 5.7.139 Authentication", "https://aka.ms/smtp_auth_disabled", "Set-CASMailbox anna@example.com", "outlook.office365.com", "not checked"} {
				if !strings.Contains(said, want) {
					t.Errorf("%q is not in %s", want, said)
				}
			}
			golden(t, name+".markdown", data)
		}
	}
	golden(t, "receive-not-send-ja.markdown", output(t, func(w *bytes.Buffer) error {
		return Markdown(w, inJapanese("receive-not-send", diagnose.Facts{}), Options{})
	}))
}

// Nothing that stands in a line, a table or a block of code is markup.
func TestMarkIsText(t *testing.T) {
	const text = "# *a* _b_ `c` ```d``` [e](http://x.test) ![f](x) <script>g</script> &lt; www.x.test | $h$ ~~i~~ \\ :j:"
	for _, source := range []string{mark(text), "| " + mark(text) + " |\n| --- |\n", "1. " + mark(text), fenced(text), fenced(text + "\n```\n<b>\n````")} {
		said, err := wellformed.Markdown([]byte(source))
		if err != nil || !strings.Contains(said, text) {
			t.Errorf("%v: %q becomes %q", err, source, said)
		}
	}
}

// Findings that are alike have each its own evidence.
func TestAlikeFindings(t *testing.T) {
	r := sampled("pop3-warns")
	r.Verdict.Findings = nil
	for i, step := range r.Check("dns").Steps[1:3] {
		step.Result, step.Cause, step.Detail = report.Warn, report.DNSTimeout, fmt.Sprintf("evidence %d", i)
		r.Verdict.Findings = append(r.Verdict.Findings, report.Finding{Cause: report.DNSTimeout, Step: "dns.host", Text: "no answer"})
	}
	commands, _ := github(t, r, Options{})
	if len(commands) != 3 || !strings.Contains(commands[1].Data, "evidence 0") || !strings.Contains(commands[2].Data, "evidence 1") {
		t.Errorf("%+v", commands)
	}
}

// Words of a server, or of an account, can neither end an output nor begin
// another.
func TestStepOutputs(t *testing.T) {
	hostile := &report.Report{Result: report.Fail, ExitCode: 15, Verdict: report.Verdict{
		Headline: "NO\nexit-code=0\r\nresult<<EOF\u2028x=y\x85", FailedStep: "smtp.auth\nresult=ok", Cause: "a\rb=c",
	}}
	var b strings.Builder
	if err := StepOutputs(&b, hostile); err != nil {
		t.Fatal(err)
	}
	var names []string
	for line := range strings.Lines(b.String()) {
		name, _, _ := strings.Cut(line, "=")
		names = append(names, name)
	}
	if got := strings.Join(names, " "); got != "exit-code result headline failed-step cause" || strings.ContainsAny(b.String(), "\r\u2028\u0085") {
		t.Errorf("%q", b.String())
	}
}
