package diagnose

import (
	"slices"
	"strings"

	"mailcheck/report"
)

// unsaid is what SMTP servers do not give as a cause at a step, as each command
// has its own subject (RFC 5321 section 3.3). The words that a rule knows may
// stand there for something else: "service not active" in a greeting is about
// no account.
type unsaid struct {
	never []string       // how the names of the causes begin
	but   []report.Cause // of those, what is given all the same
}

// passwordsUnchecked is met at logins alone: elsewhere a database that fails
// holds something else.
const passwordsUnchecked = string(report.ServerAuthBackendDown)

// unsaidAt is by the step.
var unsaidAt = map[string]unsaid{
	"greeting": {
		never: []string{
			"auth.", "mailbox.", "submit.recipient_", "submit.message_", "submit.sender_", "submit.auth_required",
			"submit.account_restricted", "submit.loop", passwordsUnchecked,
		},
		but: []report.Cause{
			report.AuthEncryptionRequired, report.AuthRateLimited, report.AuthWebLoginRequired, report.AuthPOPBeforeSMTP,
			report.SubmitSenderAuthFailed,
		},
	},
	"ehlo": {
		never: []string{
			"auth.", "mailbox.", "submit.recipient_", "submit.message_", "submit.sender_not_owned", "submit.relay_denied", "submit.loop",
			passwordsUnchecked,
		},
		but: []report.Cause{
			report.AuthEncryptionRequired, report.AuthRateLimited, report.AuthNotOffered, report.AuthWebLoginRequired,
			report.AuthPOPBeforeSMTP,
		},
	},
	"auth": {
		never: []string{"mailbox.", "submit."},
		but: []report.Cause{
			report.SubmitAccountRestricted, report.SubmitDailyLimit, report.SubmitRateLimited, report.SubmitAuthRequired,
		},
	},
	"mail": {never: []string{ // a domain that does not exist is the sender's
		"mailbox.", "submit.recipient_", "submit.loop", passwordsUnchecked, "auth.protocol_disabled",
		"dns.nxdomain", "dns.no_records", "dns.null_mx",
	}},
	"rcpt": {
		never: []string{"auth.", "mailbox.", passwordsUnchecked},
		but: []report.Cause{
			report.AuthEncryptionRequired, report.AuthPOPBeforeSMTP, report.AuthWebLoginRequired, report.AuthSMTPAuthDisabled,
			report.AuthBasicAuthDisabled, report.AuthBadCredentials,
		},
	},
	"data": {
		never: []string{"auth.", "mailbox.", passwordsUnchecked},
		but: []report.Cause{
			report.AuthEncryptionRequired, report.AuthWebLoginRequired, report.AuthSMTPAuthDisabled, report.AuthBasicAuthDisabled,
			report.AuthBadCredentials,
		},
	},
}

// saidOutside are the families of the causes that are met outside of the
// dialogue of mail, by the protocol: nobody logs in or sends there.
var saidOutside = map[string][]string{
	DNS:            {"dns", "config", "settings"},
	TCP:            {"connect", "dns", "tls", "config", "settings"},
	TLS:            {"tls", "connect", "dns", "config", "settings"},
	HTTPAutoconfig: {"autoconfig", "connect", "dns", "tls", "settings"},
}

// withoutDialogue are steps of a protocol of mail at which nobody logs in or
// sends yet; an upgrade to TLS is one, too.
var withoutDialogue = []string{"dns", "tls", "starttls"}

// inDialogue are the families of causes that are met in the dialogue alone.
var inDialogue = []string{"auth", "creds", "mailbox", "submit", "oauth"}

// afterLogin are the codes by which mail is refused, not a login (RFC 5321
// section 4.2.3, RFC 4954 section 6).
var afterLogin = []string{"421", "450", "452", "550", "551", "552", "553", "554"}

// unsaidAfterLogin is what such codes are not for, where the step is not known.
var unsaidAfterLogin = unsaid{never: []string{"auth.account_locked", "mailbox.", passwordsUnchecked}}

// fitsStep tells whether a cause can be met at the step; where that is not
// known, all can.
func (in *heard) fitsStep(cause report.Cause) bool {
	if only := saidOutside[in.protocol]; only != nil {
		return slices.Contains(only, family(cause))
	}
	if slices.Contains(withoutDialogue, in.step) && (slices.Contains(inDialogue, family(cause)) || string(cause) == passwordsUnchecked) {
		return false
	}
	switch report.Protocol(in.protocol) {
	case report.IMAP, report.POP3:
		switch family(cause) {
		case "submit": // a message to be stored may be too large or badly formed, too
			return cause == report.SubmitMessageTooLarge || cause == report.SubmitMessageFormat
		case "connect": // a server that gives a response code is there
			return in.code == ""
		}
	case report.SMTP:
		at := unsaidAt[in.step]
		if in.step == "" && slices.Contains(afterLogin, in.status) {
			at = unsaidAfterLogin
		}
		return slices.Contains(at.but, cause) ||
			!slices.ContainsFunc(at.never, func(begin string) bool { return strings.HasPrefix(string(cause), begin) })
	}
	return true
}
