package diagnose

import (
	"cmp"
	"slices"
	"strings"

	"mailcheck/internal/lang"
	"mailcheck/internal/lazyre"
	"mailcheck/internal/likeness"
	"mailcheck/internal/provider"
	"mailcheck/report"
)

// The protocols that a question may be about beside those of mail.
const (
	DNS            = "dns"
	TCP            = "tcp"
	TLS            = "tls"
	HTTPAutoconfig = "http-autoconfig"
	OAuth          = "oauth"
)

// Protocols are what a question, or a rule, may be about.
var Protocols = []string{string(report.IMAP), string(report.POP3), string(report.SMTP), DNS, TCP, TLS, HTTPAutoconfig, OAuth}

// Steps are where in the work a reply may have come.
var Steps = []string{
	"dns", "connect", "tls", "greeting", "capability", "ehlo", "starttls", "auth", "token", "mailbox", "logout",
	"mail", "rcpt", "data", "quit", "autoconfig", "autodiscover",
}

// otherSteps are the other steps of a report, and where among [Steps] they are; empty
// where a reply to them may be of any kind.
var otherSteps = map[string]string{
	"mx": "dns", "host": "dns", "srv": "dns", "pacc": "autoconfig", "ispdb": "autoconfig",
	"flags": "", "provider": "", "guess": "", "password": "", "arrive": "", "inspect": "", "cleanup": "",
}

// FindStep returns the one of [Steps] that a step of a report belongs to, by its name
// or its id ("auth", "smtp.auth", "dns.host"); empty where it may be any.
func FindStep(text string) (step string, known bool) {
	check, name, isID := strings.Cut(strings.ToLower(text), ".")
	if !isID {
		name = check
	}
	if slices.Contains(Steps, name) {
		return name, true
	}
	step, known = otherSteps[name]
	return step, known || isID && (check == report.ProbeCheck || check == report.MXCheck)
}

// Question is a reply, an error message, an error number or the id of a cause
// that somebody wants explained, and what is known of it.
type Question struct {
	Text     string             // the bytes as they were pasted, in any encoding
	Protocol string             // of [Protocols]; empty means that the text tells
	Step     string             // of [Steps]; empty means that the text tells
	Provider *provider.Provider // nil means that the text tells
	Lang     lang.Tag
}

// Explain says what the text of a question means. A text that no rule fits is
// [report.Unknown]: its lines are all there is to show.
func Explain(q Question) report.Answer {
	if cause := report.Cause(strings.ToLower(strings.TrimSpace(q.Text))); isCause(cause) {
		a := report.Answer{Protocol: q.Protocol, Step: q.Step}
		q.word(&a, certain(cause), q.Provider, "")
		return a
	}
	h := unwrap(q.Text, q.Protocol, q.Step)
	if q.Provider != nil {
		h.speakers = append(h.speakers, q.Provider.ID)
	}
	j := h.judge()
	a := report.Answer{Protocol: h.protocol, Step: h.step, Lines: lines(q.Text)}
	if r := j.match.rule; r != nil {
		a.Matched = &report.Matched{Rule: r.ID, Text: h.evidence(j.match)}
		a.Protocol = cmp.Or(a.Protocol, only(r.Protocol))
		a.Step = cmp.Or(a.Step, only(r.Step))
	}
	if j.alike {
		a.Matched = &report.Matched{Rule: report.ByLikeness, Text: strings.Join(likeness.Words(h.asText(), j.cause), " ... ")}
	}
	if a.Matched != nil {
		a.Protocol = cmp.Or(a.Protocol, protocolOf[family(j.cause)])
		a.Step = cmp.Or(a.Step, stepOf[family(j.cause)])
	}
	by, speaker := h.speaker(q.Provider, q.Lang)
	a.Speaker = speaker
	if (a.Matched == nil || q.Protocol == "" && q.Step == "") && agreed(q.Text) {
		return q.agreement(a)
	}
	q.word(&a, j.diagnosis, by, h.secret)
	if a.Cause == report.Unknown && h.status == "" && !strings.ContainsAny(h.text, "0123456789") {
		a.Advice = slices.Insert(slices.Clone(a.Advice), 0,
			q.Lang.Say("Is it what you see happen, and not what a program said? Then run mailcheck with the address: it tries receiving and sending, and says which step fails."))
	}
	return a
}

// agreement is a line by which a server agrees.
var agreement = lazyre.New(`(?i)^(?:S: ?)?(?:(2)\d\d(?:[ -].*)?|(\+)OK\b.*|(?:\*|[a-z]*\d+) OK\b.*)$`)

// disagreement is a word that says something else, whatever the code.
var disagreement = lazyre.New(`(?i)\b(?:not?|un\w+|fail\w*|den(?:y|ied)|block\w*|reject\w*|refus\w*|spam|error|expired|invalid|try|alert|warning)\b`)

// agreed tells whether a text is agreement, line by line.
func agreed(text string) bool {
	text = strings.TrimSpace(decoded(text))
	for line := range strings.SplitSeq(text, "\n") {
		if !agreement.MatchString(strings.TrimSpace(line)) {
			return false
		}
	}
	return !disagreement.MatchString(text)
}

// agreement is the answer to words of agreement: there is no cause to tell.
func (q Question) agreement(a report.Answer) report.Answer {
	if a.Protocol = q.Protocol; a.Protocol == "" {
		first, _, _ := strings.Cut(strings.TrimSpace(decoded(q.Text)), "\n")
		switch m := agreement.FindStringSubmatch(strings.TrimSpace(first)); {
		case m[1] != "":
			a.Protocol = string(report.SMTP)
		case m[2] != "":
			a.Protocol = string(report.POP3)
		default:
			a.Protocol = string(report.IMAP)
		}
	}
	a.Step = q.Step
	q.word(&a, unknown(), nil, "")
	a.Matched, a.Lines = nil, nil
	a.Title = q.Lang.Say("This is no error: the server agreed")
	a.Explanation = q.Lang.Say("With these words a server says that it has done what it was asked to do.")
	a.Advice = []string{q.Lang.Say("If something fails all the same, look for the reply to a later step, and have that one explained.")}
	return a
}

// word says what a diagnosis means and what to do.
func (q Question) word(a *report.Answer, d diagnosis, by *provider.Provider, secret string) {
	values := Values{Lang: q.Lang, Secret: q.Lang.Say("password")}
	if secret == tokenSecret {
		values.Secret = q.Lang.Say("sign-in")
	}
	if p := report.Protocol(a.Protocol); p.Label() != "" {
		values.Protocol = p
	}
	words := WordsAt(d.cause, by, values)
	a.Schema = report.AnswerSchema
	a.Cause, a.Title, a.Explanation, a.Advice = d.cause, words.Title, words.Explanation, words.Advice
	a.Confidence, a.Alternatives = d.confidence, d.alternatives
	for _, other := range d.alternatives {
		a.Others = append(a.Others, report.Other{Cause: other.Cause, Title: WordsAt(other.Cause, by, values).Title, Ask: ask(other.Cause, q.Lang)})
	}
}

// protocolOf is what the causes of a family are about, where nothing else
// tells.
var protocolOf = map[string]string{"dns": DNS, "connect": TCP, "tls": TLS, "oauth": OAuth, "autoconfig": HTTPAutoconfig, "submit": string(report.SMTP)}

// stepOf is where the causes of a family are met, likewise.
var stepOf = map[string]string{"auth": "auth"}

// isCause tells the id of a cause from any other text.
func isCause(c report.Cause) bool {
	b, _ := rulebook()
	return slices.ContainsFunc(causes, func(e entry) bool { return e.cause == c }) ||
		slices.ContainsFunc(b.rules, func(r *rule) bool { return r.Cause == c })
}

// only is the one element of a list; empty for any other list.
func only(list []string) string {
	if len(list) == 1 {
		return list[0]
	}
	return ""
}

// evidence is what decided: the codes that the rule asks for, and its words.
func (h *heard) evidence(m match) string {
	var parts []string
	if m.rule.Status != nil && h.status != "" {
		parts = append(parts, h.status)
	}
	if m.rule.Code != nil && h.code != "" {
		parts = append(parts, "["+h.code+"]")
	}
	if m.rule.Enhanced != nil && h.enhanced != "" {
		parts = append(parts, h.enhanced)
	}
	return strings.Join(append(parts, m.words...), " ")
}

// speaker is who the words are from: the provider that was named, else one
// that is known by its words, else a program.
func (h *heard) speaker(given *provider.Provider, in lang.Tag) (*provider.Provider, string) {
	if given != nil {
		return given, given.NameIn(in)
	}
	b, _ := rulebook()
	for _, v := range b.voices {
		if !slices.Contains(h.speakers, v.ID) {
			continue
		}
		for _, p := range provider.All() {
			if len(v.Providers) > 0 && p.ID == v.Providers[0] {
				return p, v.Name
			}
		}
		return nil, v.Name
	}
	return nil, ""
}

// lines are those of a pasted text, bounded and masked.
func lines(text string) []string {
	const most = 2 << 10
	text = masked(strings.TrimSpace(decoded(text)))
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + " [...]"
	}
	return strings.Split(text, "\n")
}
