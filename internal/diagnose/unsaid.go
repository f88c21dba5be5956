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

// unsaidAt is by the step.
var unsaidAt = map[string]unsaid{
	"greeting": {
		never: []string{
			"auth.", "mailbox.", "submit.recipient_", "submit.message_", "submit.sender_", "submit.auth_required",
			"submit.account_restricted", "submit.loop",
		},
		but: []report.Cause{report.AuthEncryptionRequired, report.AuthRateLimited, report.AuthWebLoginRequired, report.SubmitSenderAuthFailed},
	},
	"ehlo": {
		never: []string{
			"auth.", "mailbox.", "submit.recipient_", "submit.message_", "submit.sender_not_owned", "submit.relay_denied", "submit.loop",
		},
		but: []report.Cause{report.AuthEncryptionRequired, report.AuthRateLimited, report.AuthNotOffered, report.AuthWebLoginRequired},
	},
	"starttls": {never: []string{"auth.", "mailbox.", "submit."}},
	"auth": {
		never: []string{"mailbox.", "submit."},
		but:   []report.Cause{report.SubmitAccountRestricted, report.SubmitDailyLimit},
	},
	"mail": {never: []string{"mailbox.", "submit.recipient_", "submit.loop"}},
	"rcpt": {
		never: []string{"auth.", "mailbox."},
		but: []report.Cause{
			report.AuthEncryptionRequired, report.AuthPOPBeforeSMTP, report.AuthWebLoginRequired, report.AuthSMTPAuthDisabled,
			report.AuthBasicAuthDisabled, report.AuthBadCredentials,
		},
	},
	"data": {
		never: []string{"auth.", "mailbox."},
		but: []report.Cause{
			report.AuthEncryptionRequired, report.AuthWebLoginRequired, report.AuthSMTPAuthDisabled, report.AuthBasicAuthDisabled,
			report.AuthBadCredentials,
		},
	},
}

// fitsStep tells whether a cause can be met at the step; where that is not
// known, all can.
func (in *heard) fitsStep(cause report.Cause) bool {
	switch report.Protocol(in.protocol) {
	case report.IMAP, report.POP3: // a message to be stored may be too large, too
		return family(cause) != "submit" || cause == report.SubmitMessageTooLarge
	case report.SMTP:
		at := unsaidAt[in.step]
		return slices.Contains(at.but, cause) ||
			!slices.ContainsFunc(at.never, func(begin string) bool { return strings.HasPrefix(string(cause), begin) })
	}
	return true
}
