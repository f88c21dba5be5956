package diagnose

import (
	"slices"
	"strings"

	"mailcheck/internal/provider"
	"mailcheck/report"
)

// otherUserName: nobody took the password, and the login was made with a user
// name that the provider does not document: then nobody knows yet whether the
// password is right. A name that only the user can know is not judged.
func otherUserName(rd *reading, o occurrence) (diagnosis, bool) {
	p := rd.provider(o.check)
	// Servers that know the password and want another kind say so outright.
	judged := o.step.Cause == report.AuthBadCredentials ||
		o.step.Cause == report.AuthAppPasswordRequired && o.step.Confidence != report.High
	if p == nil || !judged || p.AuthPolicy == provider.BridgePassword || len(rd.agreeing(o.check, o.step)) > 0 {
		return diagnosis{}, false
	}
	form, second, note := p.Login(o.check.Protocol, rd.place())
	user, address := rd.user(o.check), rd.report.Address
	isAddress := strings.EqualFold(user, address)
	switch want := rd.documented(p, o.check.Protocol); {
	case form == provider.ID && isAddress:
	case form == provider.ID, strings.EqualFold(user, want), second == provider.Email && isAddress, note != "" && !isAddress:
		return diagnosis{}, false
	}
	return likely(report.AuthUsernameForm).or(report.AuthBadCredentials, report.Medium), true
}

// refusedFromAbroad: nobody took the password, and the provider may refuse
// whoever comes from outside its country in the same words.
func refusedFromAbroad(rd *reading, o occurrence) (diagnosis, bool) {
	p := rd.provider(o.check)
	if p == nil || o.step.Cause != report.AuthBadCredentials || !slices.Contains(p.BlocksAbroad, o.check.Protocol) ||
		len(rd.agreeing(o.check, o.step)) > 0 {
		return diagnosis{}, false
	}
	d, ok := same(o.step)
	return d.or(report.AuthBlockedByPolicy, report.Low), ok
}
