package diagnose

import (
	"errors"
	"slices"
	"strings"

	"mailcheck/internal/dns"
	"mailcheck/report"
)

// setting is the run that a step stands in. The zero setting is that of a
// step seen alone, while the run goes on.
type setting struct {
	report *report.Report
	facts  Facts
}

// word writes the words for a step's cause into the step and returns all of
// them.
func (s setting) word(check *report.Check, step *report.Step) Words {
	words := s.wordsOf(check, step).Fill(s.values(check, step))
	words.Explanation = sentences(s.sameSecret(check, step), evidence(check, step), words.Explanation)
	if family(step.Cause) == "tls" && step.Result == report.Fail && check.Protocol != "" {
		words.Explanation += " No password was sent."
	}
	step.Explanation, step.Advice = words.Explanation, words.Advice
	return words
}

// values are what is known for the placeholders.
func (s setting) values(check *report.Check, step *report.Step) Values {
	v := Values{Protocol: check.Protocol, Names: namesOf(check, step)}
	if s.report != nil {
		v.Address = s.report.Address
		v.User, v.Secret = s.user(check), s.secret()
	}
	var name *dns.Error
	switch {
	case errors.As(step.Err, &name):
		v.Host = name.Name
	case check.Endpoint != nil:
		v.Host, v.Port = check.Endpoint.Host, check.Endpoint.Port
	case check.ID == "dns":
		_, domain, _ := strings.Cut(v.Address, "@")
		v.Host = step.Subject
		if v.Host == "" {
			v.Host = domain
		}
	}
	return v
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
	if c := s.report.Credentials; c != nil && c.Kind == "token" {
		return "sign-in"
	}
	return "password"
}

// agreeing are the checks of other protocols that took the secret which this
// check's login was made with; none for a step that is no login.
func (s setting) agreeing(check *report.Check, step *report.Step) []*report.Check {
	return s.logins(check, step, accepted)
}

// refusing are the checks of other protocols that refused the same secret.
func (s setting) refusing(check *report.Check, step *report.Step) []*report.Check {
	return s.logins(check, step, refused)
}

func (s setting) logins(check *report.Check, step *report.Step, want func(auth *report.Step) bool) []*report.Check {
	if s.report == nil || step.Step != "auth" || step != check.LastLogin() || accepted(step) || slices.Contains(s.facts.OwnSecret, check.Protocol) {
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

// accepted tells a login that the server took, with or without a warning
// about how it was made.
func accepted(auth *report.Step) bool {
	return auth.Result == report.OK || auth.Result == report.Warn && auth.Err == nil && auth.Cause != report.AuthProtocolDisabled
}

// refused tells a login whose secret the server judged and did not take.
func refused(auth *report.Step) bool {
	return auth.Cause == report.AuthBadCredentials || auth.Cause == report.AuthTokenExpired
}

// sameSecret says what other protocols made of the secret of a login.
func (s setting) sameSecret(check *report.Check, step *report.Step) string {
	if took := s.agreeing(check, step); len(took) > 0 {
		if user := s.user(took[0]); user != s.user(check) {
			return labels(took) + " took the same " + s.secret() + " in this run, but with the user name " + user + "."
		}
		return labels(took) + " took the same user name and " + s.secret() + " in this run: they are right."
	}
	if also := s.refusing(check, step); len(also) > 0 && refused(step) {
		return labels(also) + " refused the same " + s.secret() + " too."
	}
	return ""
}

// labels names the protocols of checks: "IMAP and POP3".
func labels(checks []*report.Check) string {
	var names []string
	for _, c := range checks {
		if l := c.Protocol.Label(); !slices.Contains(names, l) {
			names = append(names, l)
		}
	}
	return list(names, "and")
}

func sentences(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " ")
}
