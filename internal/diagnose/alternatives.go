package diagnose

import (
	"slices"

	"mailcheck/internal/provider"
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
// the same one was taken, by this server before or by that of another protocol,
// or where the login was a sign-in; a missing login where one was made; missing
// encryption where there was some; a kind of secret that the provider does not
// have.
func (rd *reading) ruledOut(c *report.Check, s *report.Step, cause report.Cause) bool {
	auth := c.LastLogin()
	loggedIn := auth != nil && auth != s && auth.LoginTaken()
	switch cause {
	case report.AuthBadCredentials:
		return loggedIn || !refused(s) && len(rd.agreeing(c, s)) > 0
	case report.SubmitAuthRequired:
		return loggedIn
	}
	return s.Step == "auth" && rd.foreign(c, cause)
}

// foreign tells a cause of a refused login that does not go with what it was
// made with, over what, or where.
func (rd *reading) foreign(c *report.Check, cause report.Cause) bool {
	token := rd.report.Credentials != nil && rd.report.Credentials.Kind == "token"
	p := rd.provider(c)
	switch cause {
	case report.AuthTokenExpired:
		return rd.report.Credentials != nil && !token
	case report.AuthAppPasswordRequired:
		return token || p != nil && (p.AuthPolicy == provider.Password || p.AuthPolicy == provider.MailPassword)
	case report.AuthBasicAuthDisabled:
		return token || p != nil && slices.Contains(byPassword, p.AuthPolicy)
	case report.AuthEncryptionRequired:
		return c.TLS != nil && c.TLS.Version != ""
	}
	return false
}

// byPassword are the policies under which a mail program logs in with a
// password of some kind.
var byPassword = []provider.AuthPolicy{
	provider.Password, provider.MailPassword, provider.AppPassword, provider.AppPasswordIf2FA, provider.AuthCode,
	provider.BridgePassword,
}

// saidAnyway are the causes that the words for a secret which another protocol
// took (runVariants) name themselves.
var saidAnyway = []report.Cause{report.AuthProtocolDisabled, report.AuthSMTPAuthDisabled, report.AuthUsernameForm, report.AuthAppPasswordRequired}

// others are the other causes of a step, for people, but for those that its
// explanation names, or that are called as its own cause is.
func (rd *reading) others(c *report.Check, s *report.Step) []report.Other {
	all := []report.Other{}
	own := rd.wordsOf(c, s, rd.values(c, s)).Title
	agreed := s.Cause == report.AuthBadCredentials && refused(s) && len(rd.agreeing(c, s)) > 0
	for _, a := range s.Alternatives {
		if agreed && slices.Contains(saidAnyway, a.Cause) {
			continue
		}
		other := *s
		other.Cause, other.Rule = a.Cause, ""
		title := rd.wordsOf(c, &other, rd.values(c, &other)).Title
		if title == own {
			continue
		}
		all = append(all, report.Other{Cause: a.Cause, Title: title, Ask: ask(a.Cause, rd.Tag)})
	}
	return all
}
