package render

import (
	_ "embed"
	"encoding/json"
	"io"
	"reflect"
	"slices"
	"strings"

	"mailcheck/internal/lang"
	"mailcheck/report"
)

//go:embed explain.schema.json
var explainSchema []byte

// ExplainSchema is the JSON Schema (draft 2020-12) of what [ExplainJSON]
// writes.
func ExplainSchema() []byte { return slices.Clone(explainSchema) }

// ExplainJSON writes an answer as JSON, its strings cleaned.
func ExplainJSON(w io.Writer, a report.Answer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(cleanedAnswer(a))
}

func cleanedAnswer(a report.Answer) report.Answer {
	return cleanCopy(reflect.ValueOf(a)).Interface().(report.Answer)
}

// Explain writes an answer for people: what the text was read as, what it
// means, what to do, and what else it may mean.
func Explain(w io.Writer, a report.Answer, in lang.Tag, opt Options) error {
	a = cleanedAnswer(a)
	p := &page{Tag: in, color: opt.Color}
	if opt.Verbosity != Quiet {
		p.para(readAs(a, in))
	}
	p.title(a, in)
	if a.Cause == report.Unknown && len(a.Lines) > 0 {
		p.gap()
		p.line(in.Say("No rule knows these words"))
		p.words("  ", strings.Join(a.Lines, "\n"))
	}
	if opt.Verbosity != Quiet {
		p.gap()
		p.line(in.Say("What it means"))
		p.hang("  ", oneLine(a.Explanation))
	}
	p.list(in.Say("What to do"), a.Advice)
	if opt.Verbosity != Quiet {
		p.alsoMeans(a, in)
		p.gap()
		p.para(aftermath(a, in))
	}
	_, err := io.WriteString(w, p.b.String())
	return err
}

// spoken are the protocols beside those of mail, as people call them.
var spoken = map[string]lang.Text{
	"dns": "a name lookup (DNS)", "tcp": "a connection", "tls": "encryption (TLS)",
	"oauth": "a sign-in (OAuth 2.0)", "http-autoconfig": "a lookup of settings",
}

// answersTo is what a server's words at a step are.
var answersTo = map[string]lang.Text{
	"greeting":   "the greeting",
	"capability": "the answer to a question for its abilities",
	"ehlo":       "the answer to a hello",
	"starttls":   "the answer to STARTTLS",
	"auth":       "the answer to a login",
	"mailbox":    "the answer to opening the mailbox",
	"mail":       "the answer to the sender's address",
	"rcpt":       "the answer to the recipient's address",
	"data":       "the answer to the message",
}

// readAs says what a text was taken for.
func readAs(a report.Answer, in lang.Tag) string {
	var parts []string
	if label := report.Protocol(a.Protocol).Label(); label != "" {
		parts = append(parts, label)
	} else if name, ok := spoken[a.Protocol]; ok {
		parts = append(parts, in.Say(name))
	}
	if step, ok := answersTo[a.Step]; ok {
		parts = append(parts, in.Say(step))
	}
	if a.Speaker != "" {
		parts = append(parts, in.Say("in the words of %s", a.Speaker))
	}
	if len(parts) == 0 {
		return ""
	}
	return in.Say("Read as: %s.", strings.Join(parts, in.Say(", ")))
}

// sureness says how sure a cause is.
var sureness = map[report.Confidence]lang.Text{report.High: "sure", report.Medium: "fairly sure", report.Low: "a guess"}

// title is the headline, with the id of the cause at the end of the line.
func (p *page) title(a report.Answer, in lang.Tag) {
	p.gap()
	id := string(a.Cause)
	if a.Cause != report.Unknown {
		id += in.Say(", ") + in.Say(sureness[a.Confidence])
	}
	said := oneLine(a.Title)
	if in != lang.Japanese { // where capitals would be those of names alone
		said = strings.ToUpper(said)
	}
	lines := wrap(said, columns)
	for i, l := range lines {
		used := cells(l)
		if p.color {
			l = paint(l, report.Fail, sgrBold)
		}
		if i == len(lines)-1 && used+2+cells(id) <= columns {
			l += strings.Repeat(" ", columns-used-cells(id)) + id
			id = ""
		}
		p.line(l)
	}
	if id != "" {
		p.line(strings.Repeat(" ", max(0, columns-cells(id))) + id)
	}
}

// askColumn is where the questions stand that tell one cause from another.
const askColumn = 44

// alsoMeans lists the other causes of the same words, each with the question
// that tells.
func (p *page) alsoMeans(a report.Answer, in lang.Tag) {
	if len(a.Others) == 0 {
		return
	}
	p.gap()
	p.line(pad(in.Say("The same words may also mean"), askColumn) + in.Say("Ask"))
	for _, o := range a.Others {
		left := []string{"  " + string(o.Cause)}
		for _, l := range wrap(oneLine(o.Title), askColumn-6) {
			left = append(left, "    "+l)
		}
		right := wrap(oneLine(o.Ask), columns-askColumn)
		for i := range max(len(left), len(right)) {
			line := ""
			if i < len(left) {
				line = left[i]
			}
			if i < len(right) {
				line = pad(line, askColumn) + right[i]
			}
			p.line(line)
		}
	}
}

// aftermath is for the careful: how to be sure, why this answer, and that
// nobody was asked.
func aftermath(a report.Answer, in lang.Tag) string {
	var parts []string
	switch {
	case a.Cause != report.Unknown && strings.HasPrefix(string(a.Cause), "auth."):
		parts = append(parts, in.Say("To be sure: mailcheck ADDRESS tries the password (two refusals at the most)."))
	default:
		parts = append(parts, in.Say("To be sure: mailcheck ADDRESS tests the account."))
	}
	switch {
	case a.Matched == nil:
	case a.Matched.Rule == report.ByLikeness:
		parts = append(parts, in.Say("No rule is certain of this sentence; it reads like others of this cause (%s).", a.Matched.Text))
	default:
		parts = append(parts, in.Say("Matched: rule %s.", a.Matched.Rule))
	}
	return in.Sentences(append(parts, in.Say("Nothing was sent anywhere."))...)
}
