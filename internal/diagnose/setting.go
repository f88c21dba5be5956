package diagnose

import (
	"cmp"
	"errors"
	"slices"

	"mailcheck/internal/dns"
	"mailcheck/internal/lang"
	"mailcheck/internal/provider"
	"mailcheck/report"
)

// setting is the run that a step stands in, and the language that is spoken.
// Without a report it is that of a step seen alone, while the run goes on.
type setting struct {
	lang.Tag
	report *report.Report
	facts  Facts
	home   *provider.Provider // whose server it is, where no report tells
}

func settingOf(r *report.Report, facts Facts) setting {
	return setting{Tag: lang.Tag(r.Lang), report: r, facts: facts}
}

// word writes the words for a step's cause into the step and returns all of
// them.
func (s setting) word(check *report.Check, step *report.Step) Words {
	if check.ID == report.ProbeCheck { // it says something of another step
		return Words{}
	}
	words := s.wordsOf(check, step, s.values(check, step))
	unsent := ""
	if family(step.Cause) == "tls" && step.Result == report.Fail && check.Protocol != "" {
		unsent = s.Say("No password was sent.")
	}
	clock := s.clockWrong(step)
	if clock != "" && step.Cause == report.TLSNotYetValid { // else the words guess at the clock
		words.Explanation = ""
	}
	words.Explanation = s.Sentences(s.sameSecret(check, step), s.evidence(check, step), clock, words.Explanation, s.otherWays(check, step),
		s.changed(check, step), s.shape(check, step), unsent)
	words.Advice = slices.Concat(s.firstAdvice(check, step), s.shapeAdvice(check, step), words.Advice)
	step.Explanation, step.Advice = words.Explanation, words.Advice
	return words
}

// values are what is known for the placeholders.
func (s setting) values(check *report.Check, step *report.Step) Values {
	v := Values{Lang: s.Tag, Protocol: check.Protocol, Names: s.namesOf(check, step)}
	if s.report != nil {
		v.Address = s.report.Address
		v.User, v.Secret = s.user(check), s.secret()
		s.placeValues(&v, check, step)
	}
	v.Found, v.Dead = s.settledBy(check, step)
	var name *dns.Error
	switch {
	case errors.As(step.Err, &name):
		v.Host = name.Name
	case check.Endpoint != nil:
		v.Host, v.Port = check.Endpoint.Host, check.Endpoint.Port
	case check.ID == report.MXCheck:
		v.Host, v.Port = cmp.Or(step.Subject, domainOf(v.Address)), report.MXPort
	case check.ID == "dns":
		v.Host = cmp.Or(step.Subject, domainOf(v.Address))
	}
	return v.At(s.provider(check), step.Cause)
}

// user is the login name of a check; empty for one without a login.
func (s setting) user(check *report.Check) string {
	if s.report == nil || check.Endpoint == nil {
		return ""
	}
	for _, e := range s.report.Settings {
		if e.Protocol == check.Protocol && e.Host == check.Endpoint.Host && e.Port == check.Endpoint.Port && e.Username != "" {
			return e.Username
		}
	}
	return s.report.Address
}

// secret is what the logins were made with, as people call it.
func (s setting) secret() string {
	if s.tokens() {
		return s.Say("sign-in")
	}
	return s.Say("password")
}

// agreeing are the checks of other protocols that took the secret which this
// check's login was made with; none for a step that is no login.
func (s setting) agreeing(check *report.Check, step *report.Step) []*report.Check {
	return s.logins(check, step, (*report.Step).LoginTaken)
}

// refusing are the checks of other protocols that refused the same secret.
func (s setting) refusing(check *report.Check, step *report.Step) []*report.Check {
	return s.logins(check, step, refused)
}

func (s setting) logins(check *report.Check, step *report.Step, want func(auth *report.Step) bool) []*report.Check {
	if s.report == nil || step.Step != "auth" || step != check.LastLogin() || step.LoginTaken() || slices.Contains(s.facts.OwnSecret, check.Protocol) {
		return nil
	}
	var found []*report.Check
	for _, other := range s.report.Checks {
		if other.Protocol == "" || other.Protocol == check.Protocol || slices.Contains(s.facts.OwnSecret, other.Protocol) {
			continue
		}
		if auth := other.LastLogin(); auth != nil && want(auth) {
			found = append(found, other)
		}
	}
	return found
}

// refused tells a login whose secret the server judged and did not take.
func refused(auth *report.Step) bool {
	return auth.Cause == report.AuthBadCredentials || auth.Cause == report.AuthTokenExpired
}

// sameSecret says what other protocols made of the secret of a login.
func (s setting) sameSecret(check *report.Check, step *report.Step) string {
	if took := s.agreeing(check, step); len(took) > 0 {
		if user := s.user(took[0]); user != s.user(check) {
			return s.Say("%s took the same %s in this run, but with the user name %s.", s.labels(took), s.secret(), user)
		}
		if s.doubted() || step.Cause == report.AuthUsernameForm { // the name is not right here
			return s.Say("%s took the same user name and %s in this run.", s.labels(took), s.secret())
		}
		return s.Say("%s took the same user name and %s in this run: they are right.", s.labels(took), s.secret())
	}
	if also := s.refusing(check, step); len(also) > 0 && refused(step) {
		return s.Say("%s refused the same %s too.", s.labels(also), s.secret())
	}
	return ""
}

// encryption is what mail programs call it.
func (s setting) encryption(security report.Security) string {
	switch security {
	case report.TLS:
		return "SSL/TLS"
	case report.STARTTLS:
		return "STARTTLS"
	}
	return s.Say("no encryption")
}

// labels names the protocols of checks: "IMAP and POP3".
func (s setting) labels(checks []*report.Check) string {
	var names []string
	for _, c := range checks {
		if l := c.Protocol.Label(); !slices.Contains(names, l) {
			names = append(names, l)
		}
	}
	return s.And(names, maxListed)
}
