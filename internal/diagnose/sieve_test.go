package diagnose

import (
	"strings"
	"testing"
)

// No text is spared a search that would have found something.
func TestSieves(t *testing.T) {
	sieves := map[string]sieve{
		"underscored": underscored, "inReplyTo": inReplyTo, "logFrame": logFrame, "programFrame": programFrame, "ofStatus": ofStatus,
		"loginFrame": loginFrame, "saidBy": saidBy, "transcript": transcript, "localPart": localPart, "tokenWords": tokenWords,
		"passwordWords": passwordWords, "mailAddress": mailAddress, "userinfo": userinfo, "element": element, "literals": literals,
		"loginCall": loginCall, "userFlag": userFlag,
	}
	lessons, _ := corpus(t)
	lessons = append(lessons, lesson{Text: "curl -u anna:secret"}, lesson{Text: "A1 LOGIN anna {6}\nsecret"})
	for name, s := range sieves {
		found := false
		for _, l := range lessons {
			for _, text := range []string{l.Text, strings.ToLower(l.Text)} {
				if s.expression.MatchString(text) {
					found = true
					if !s.may(text) {
						t.Errorf("%s is not looked for in %q", name, text)
					}
				}
			}
		}
		if !found {
			t.Errorf("%s is in no text", name)
		}
	}
}
