package diagnose

import (
	"slices"

	"mailcheck/internal/provider"
	"mailcheck/report"
)

// heard is a refusal or an error taken apart: what rules look at. Empty
// fields are not known.
type heard struct {
	protocol string // report.Protocol, or one of the others of [Protocols]
	step     string
	status   string // "NO", "-ERR", "535"
	code     string // IMAP or POP3 response code
	enhanced string // enhanced status code (RFC 3463)
	folds           // the words
	verbatim string // the same as they came
	hosts    folds  // the names of those who are said to have spoken
	secret   string // tokenSecret or passwordSecret: what the login was made with
	speakers []string
	security report.Security
	port     int
}

// What a login is made with, as rules name it.
const (
	tokenSecret    = "token"
	passwordSecret = "password"
)

// tokenMechanisms carry an access token (RFC 7628; XOAUTH2 is Google's).
var tokenMechanisms = []string{"XOAUTH2", "OAUTHBEARER"}

// ofReply judges a refusal that a step met.
func ofReply(check *report.Check, step *report.Step, e *report.ReplyError) diagnosis {
	text := bounded(e.Reply.Text)
	r := heard{
		protocol: string(check.Protocol), step: step.Step,
		status: e.Reply.Status, code: e.Reply.Code, enhanced: e.Reply.Enhanced,
		folds: folded(text, e.Reply.Enhanced), verbatim: text,
	}
	if check.Auth != nil && check.Auth.Mechanism != "" {
		r.secret = passwordSecret
		if slices.Contains(tokenMechanisms, check.Auth.Mechanism) {
			r.secret = tokenSecret
		}
	}
	if at := check.Endpoint; at != nil {
		r.security, r.port = at.Security, at.Port
		for _, p := range provider.ByHost(at.Host) {
			r.speakers = append(r.speakers, p.ID)
		}
	}
	return r.judge().diagnosis
}

// folded is a text as phrases see it. The enhanced code stands at its end, as
// some vendors have one code for one thing alone.
func folded(text, enhanced string) folds {
	text = fold(text)
	if enhanced != "" {
		text += " " + enhanced
	}
	in := folds{text: text, grams: gramsOf(text), notions: map[string][]span{}}
	b, _ := rulebook()
	for _, n := range b.notions {
		if found := n.spans(in); found != nil {
			in.notions[n.ID] = found
			in.grams.add(notionGram(n.ID))
		}
	}
	return in
}
