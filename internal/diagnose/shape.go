package diagnose

import (
	"slices"

	"mailcheck/creds"
	"mailcheck/report"
)

// shapeOf is what is unusual about the form of a password that was refused, and
// that no other protocol took: most such ones were copied badly.
func (s setting) shapeOf(check *report.Check, step *report.Step) creds.Shape {
	judged := []report.Cause{report.AuthBadCredentials, report.AuthAppPasswordRequired}
	if !slices.Contains(judged, step.Cause) || slices.Contains(s.facts.OwnSecret, check.Protocol) || len(s.agreeing(check, step)) > 0 {
		return creds.Shape{}
	}
	return s.facts.Shape
}

// shape says what is unusual about the form of a refused password.
func (s setting) shape(check *report.Check, step *report.Step) string {
	switch shape := s.shapeOf(check, step); {
	case shape.OuterBlanks:
		return s.Say("The password that was used begins or ends with a blank.")
	case shape.FullWidth:
		return s.Say("The password that was used has full-width characters in it.")
	case shape.InnerBlanks:
		return s.Say("The password that was used has blanks in it: app passwords are shown in groups, and typed without blanks.")
	case shape.NonASCII:
		return s.Say("The password that was used has characters outside ASCII in it, which not every server takes.")
	}
	return ""
}

// shapeAdvice says what to do about it, which goes before the general advice.
func (s setting) shapeAdvice(check *report.Check, step *report.Step) []string {
	switch shape := s.shapeOf(check, step); {
	case shape.OuterBlanks:
		return []string{s.Say("Store the password again without the blank: mailcheck creds set %s", s.report.Address)}
	case shape.FullWidth:
		return []string{s.Say("Set the keyboard to English, type the password again, and store it: mailcheck creds set %s", s.report.Address)}
	case shape.InnerBlanks:
		return []string{s.Say("Is it an app password? Then store it again without blanks: mailcheck creds set %s", s.report.Address)}
	}
	return nil
}
