package diagnose

import (
	"slices"
	"strings"

	"mailcheck/internal/provider"
	"mailcheck/report"
)

// refusedAlone tells the last login of a check that was refused while another
// protocol took the same secret.
func (rd *reading) refusedAlone(o occurrence) bool {
	return refused(o.step) && len(rd.agreeing(o.check, o.step)) > 0
}

// documentedUserName: the password is right elsewhere, and the provider
// documents another user name for this protocol than was used.
func documentedUserName(rd *reading, o occurrence) (diagnosis, bool) {
	p := rd.provider(o.check)
	if p == nil || !rd.refusedAlone(o) {
		return diagnosis{}, false
	}
	want := rd.documented(p, o.check.Protocol)
	if want == "" || strings.EqualFold(want, rd.user(o.check)) {
		return diagnosis{}, false
	}
	return likely(report.AuthUsernameForm).or(report.AuthProtocolDisabled, report.Low), true
}

// documentedHost: the password is right elsewhere, and this is none of the
// provider's servers for the protocol.
func documentedHost(rd *reading, o occurrence) (diagnosis, bool) {
	p := rd.mailboxProvider()
	if p == nil || o.check.Endpoint == nil || !rd.refusedAlone(o) {
		return diagnosis{}, false
	}
	servers := p.Servers(o.check.Protocol, rd.place())
	if len(servers) == 0 || slices.ContainsFunc(servers, func(s provider.Server) bool { return strings.EqualFold(s.Host, o.check.Endpoint.Host) }) {
		return diagnosis{}, false
	}
	return likely(report.ConfigWrongHost).or(report.AuthProtocolDisabled, report.Low), true
}

// protocolSwitchedOff: the password is right elsewhere, and the provider has
// this protocol off until the user switches it on.
func protocolSwitchedOff(rd *reading, o occurrence) (diagnosis, bool) {
	if !rd.refusedAlone(o) || !offAtFirst(rd.setting, o.check, o.step) {
		return diagnosis{}, false
	}
	cause := report.AuthProtocolDisabled
	if o.check.Protocol == report.SMTP {
		cause = report.AuthSMTPAuthDisabled
	}
	return likely(cause).or(report.AuthUsernameForm, report.Low), true
}

// blockedFromAbroad: the password is right elsewhere, and the provider refuses
// this protocol from outside its country until the user allows it. That may be
// the reason only where the run was made abroad, which nobody knows here.
func blockedFromAbroad(rd *reading, o occurrence) (diagnosis, bool) {
	p := rd.provider(o.check)
	if p == nil || !rd.refusedAlone(o) || !slices.Contains(p.BlocksAbroad, o.check.Protocol) {
		return diagnosis{}, false
	}
	return likely(report.AuthBlockedByPolicy).or(report.AuthBadCredentials, report.Medium), true
}

// accountPassword: every protocol refused the password, and the provider wants
// another one in mail programs than that of its web page. Where it takes app
// passwords only, and says so itself when it is given the right account
// password, the words decide.
func accountPassword(rd *reading, o occurrence) (diagnosis, bool) {
	p := rd.provider(o.check)
	if p == nil || rd.tokens() || len(rd.agreeing(o.check, o.step)) > 0 {
		return diagnosis{}, false
	}
	// A bridge has no other accounts than those that it shows.
	unknown := o.step.Cause == report.ConfigWrongHost && o.step.Step == "auth" && p.AuthPolicy == provider.BridgePassword
	if o.step.Cause != report.AuthBadCredentials && !unknown {
		return diagnosis{}, false
	}
	if !slices.Contains([]provider.AuthPolicy{provider.AppPassword, provider.AuthCode, provider.BridgePassword}, p.AuthPolicy) {
		return diagnosis{}, false
	}
	return likely(report.AuthAppPasswordRequired).or(report.AuthBadCredentials, report.Medium), true
}

// noLoginBeforeEncryption: the server offers no login on an unencrypted
// connection, and offers STARTTLS.
func noLoginBeforeEncryption(_ *reading, o occurrence) (diagnosis, bool) {
	c := o.check
	if o.step.Cause != report.AuthNotOffered || c.Endpoint == nil || c.Endpoint.Security != report.None || c.Capabilities == nil ||
		!slices.ContainsFunc(c.Capabilities.BeforeTLS, func(name string) bool { return name == "STARTTLS" || name == "STLS" }) {
		return diagnosis{}, false
	}
	return certain(report.AuthEncryptionRequired), true
}

// lockedAfterMisuse: the login for receiving is refused because the account is
// locked, and sending is refused for what was sent. Providers do both where
// somebody sends spam from the account.
func lockedAfterMisuse(rd *reading, o occurrence) (diagnosis, bool) {
	if o.step.Cause != report.AuthAccountLocked && o.step.Cause != report.SubmitAccountRestricted {
		return diagnosis{}, false
	}
	has := func(sending bool, causes ...report.Cause) bool {
		return slices.ContainsFunc(rd.sessions(), func(c *report.Check) bool {
			step := c.FirstFailed()
			return step != nil && (c.Protocol == report.SMTP) == sending && slices.Contains(causes, step.Cause)
		})
	}
	if !has(false, report.AuthAccountLocked, report.AuthRateLimited) ||
		!has(true, report.SubmitAccountRestricted, report.SubmitDailyLimit, report.SubmitRateLimited, report.SubmitSpamPolicy) {
		return diagnosis{}, false
	}
	return same(o.step)
}
