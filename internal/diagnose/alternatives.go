package diagnose

import (
	"slices"

	"mailcheck/report"
)

// weighAlternatives drops the other causes that the run itself disproves.
func (rd *reading) weighAlternatives() {
	for _, c := range rd.report.Checks {
		for _, s := range c.Steps {
			s.Alternatives = slices.DeleteFunc(slices.Clone(s.Alternatives), func(a report.Alternative) bool {
				return rd.ruledOut(c, s, a.Cause)
			})
		}
	}
}

// ruledOut tells a cause that cannot be that of a step: a wrong password where
// the same one was taken, by this server before or by that of another protocol;
// a missing login where one was made.
func (rd *reading) ruledOut(c *report.Check, s *report.Step, cause report.Cause) bool {
	auth := c.LastLogin()
	loggedIn := auth != nil && auth != s && accepted(auth)
	switch cause {
	case report.AuthBadCredentials:
		return loggedIn || !refused(s) && len(rd.agreeing(c, s)) > 0
	case report.SubmitAuthRequired:
		return loggedIn
	}
	return false
}

// saidAnyway are the causes that the words for a secret which another protocol
// took (runVariants) name themselves.
var saidAnyway = []report.Cause{report.AuthProtocolDisabled, report.AuthSMTPAuthDisabled, report.AuthUsernameForm, report.AuthAppPasswordRequired}

// others are the other causes of a step, for people, but for those that its
// explanation names.
func (rd *reading) others(c *report.Check, s *report.Step) []report.Other {
	all := []report.Other{}
	agreed := s.Cause == report.AuthBadCredentials && refused(s) && len(rd.agreeing(c, s)) > 0
	for _, a := range s.Alternatives {
		if agreed && slices.Contains(saidAnyway, a.Cause) {
			continue
		}
		other := *s
		other.Cause, other.Rule = a.Cause, ""
		title := rd.wordsOf(c, &other, rd.values(c, &other)).Title
		all = append(all, report.Other{Cause: a.Cause, Title: title, Ask: ask(a.Cause, rd.Tag)})
	}
	return all
}
