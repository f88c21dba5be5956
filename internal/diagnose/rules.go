package diagnose

import (
	"slices"
	"strings"

	"mailcheck/report"
)

// rule is what one kind of refusal means. Empty fields match everything; the
// first rule that matches decides.
type rule struct {
	protocol report.Protocol
	steps    []string        // step names
	security report.Security // how the session is encrypted
	tokens   bool            // only for a mechanism that carries an access token
	status   []string        // "535", or "4xx" for a class
	code     []string        // IMAP or POP3 response code; none is ""
	enhanced []string        // enhanced status code, "5.7.*" for a group; none is ""
	mayPass  bool            // only where the server says that it may pass

	cause      report.Cause
	confidence report.Confidence
	temporary  bool
	others     []report.Alternative
}

var (
	login      = []string{"auth"}
	submission = []string{"mail", "rcpt", "data"}
	none       = []string{""}
)

// rules go by the codes of a reply alone. What its words would say is not
// read here: a code that vendors use for several things is not in the table,
// and such a reply stays unknown.
var rules = []rule{
	// Every step: the server closes down, or the mailbox is held.
	{protocol: report.SMTP, steps: []string{"greeting", "ehlo"}, status: []string{"4xx"}, // also used for refused clients
		cause: report.ServerTemporarilyUnavailable, confidence: report.Low, temporary: true},
	{steps: []string{"greeting"}, mayPass: true,
		cause: report.ServerTemporarilyUnavailable, confidence: report.Medium, temporary: true},
	{protocol: report.SMTP, status: []string{"421"}, // RFC 5321 section 3.8: the service closes
		cause: report.ServerTemporarilyUnavailable, confidence: report.Medium, temporary: true},
	{code: []string{"IN-USE", "INUSE"}, // RFC 2449 section 8.1.2, RFC 5530; some mean too many connections
		cause: report.MailboxInUse, confidence: report.Medium, temporary: true},

	// STARTTLS (RFC 3207, RFC 2595).
	{steps: []string{"starttls"}, status: []string{"454"}, // RFC 3207 section 4: a temporary reason
		cause: report.TLSStartTLSNotOffered, confidence: report.High, temporary: true,
		others: []report.Alternative{{Cause: report.TLSBadCertificate, Confidence: report.Medium}}},
	{steps: []string{"starttls"},
		cause: report.TLSStartTLSNotOffered, confidence: report.High},

	// Login, IMAP and POP3 (RFC 5530 section 3, RFC 3206).
	{steps: login, code: []string{"PRIVACYREQUIRED"},
		cause: report.AuthEncryptionRequired, confidence: report.High},
	{steps: login, code: []string{"UNAVAILABLE", "SYS/TEMP"},
		cause: report.ServerAuthBackendDown, confidence: report.High, temporary: true},
	{steps: login, tokens: true, code: []string{"AUTHENTICATIONFAILED", "AUTH"},
		cause: report.AuthTokenExpired, confidence: report.Medium,
		others: []report.Alternative{{Cause: report.AuthBadCredentials, Confidence: report.Medium}}},
	{steps: login, code: []string{"AUTH"}, security: report.None, // Dovecot: also "no login in clear text"
		cause: report.AuthBadCredentials, confidence: report.Medium,
		others: []report.Alternative{{Cause: report.AuthEncryptionRequired, Confidence: report.Medium}}},
	{steps: login, code: []string{"AUTHENTICATIONFAILED", "AUTH"},
		cause: report.AuthBadCredentials, confidence: report.High},
	{steps: login, tokens: true, status: []string{"NO", "-ERR"}, code: none,
		cause: report.AuthTokenExpired, confidence: report.Low,
		others: []report.Alternative{{Cause: report.AuthBadCredentials, Confidence: report.Low}}},
	{steps: login, status: []string{"NO", "-ERR"}, code: none, // Courier, Cyrus
		cause: report.AuthBadCredentials, confidence: report.Medium},

	// Login, SMTP (RFC 4954 section 6).
	{steps: login, tokens: true, status: []string{"535"}, enhanced: []string{"", "5.7.0", "5.7.1", "5.7.3", "5.7.8"},
		cause: report.AuthTokenExpired, confidence: report.Medium,
		others: []report.Alternative{{Cause: report.AuthBadCredentials, Confidence: report.Medium}}},
	{steps: login, status: []string{"535"}, enhanced: []string{"5.7.8"},
		cause: report.AuthBadCredentials, confidence: report.High},
	{steps: login, status: []string{"535"}, enhanced: []string{"", "5.7.0", "5.7.1", "5.7.3"}, // 5.7.139 is four things
		cause: report.AuthBadCredentials, confidence: report.Medium},
	{steps: login, status: []string{"538", "523"}, // RFC 5248: X.7.10, X.7.11
		cause: report.AuthEncryptionRequired, confidence: report.High},
	{steps: login, status: []string{"530"},
		cause: report.AuthEncryptionRequired, confidence: report.Medium},
	{steps: login, status: []string{"504"},
		cause: report.AuthMechanismUnsupported, confidence: report.High},
	{steps: login, status: []string{"454"},
		cause: report.ServerAuthBackendDown, confidence: report.Medium, temporary: true},
	{steps: login, status: []string{"432"}, // RFC 4954: another mechanism once, to convert the password
		cause: report.Unknown, confidence: report.Low},
	{steps: login, status: []string{"4xx"},
		cause: report.ServerAuthBackendDown, confidence: report.Low, temporary: true},

	// The mailbox.
	{steps: []string{"mailbox"}, code: []string{"UNAVAILABLE", "SYS/TEMP"},
		cause: report.ServerTemporarilyUnavailable, confidence: report.Medium, temporary: true},

	// Submission (RFC 5321 section 4.2, RFC 3463, RFC 5248).
	{steps: submission, status: []string{"530"}, security: report.None, enhanced: []string{"", "5.7.0"}, // STARTTLS or AUTH first
		cause: report.AuthEncryptionRequired, confidence: report.Medium,
		others: []report.Alternative{{Cause: report.SubmitAuthRequired, Confidence: report.Medium}}},
	{steps: submission, status: []string{"530"},
		cause: report.SubmitAuthRequired, confidence: report.High},
	{steps: submission, status: []string{"550"}, enhanced: []string{"5.7.60"}, // Exchange: no right to send as this sender
		cause: report.SubmitSenderNotOwned, confidence: report.High},
	{steps: []string{"mail", "rcpt"}, status: []string{"553"}, enhanced: []string{"5.7.1"}, // Postfix judges the sender at RCPT
		cause: report.SubmitSenderNotOwned, confidence: report.Medium,
		others: []report.Alternative{{Cause: report.SubmitAuthRequired, Confidence: report.Low}}},
	{steps: []string{"mail"}, status: []string{"550"}, enhanced: []string{"5.7.0", "5.7.1"},
		cause: report.SubmitSenderNotOwned, confidence: report.Medium,
		others: []report.Alternative{{Cause: report.SubmitAuthRequired, Confidence: report.Low}}},
	{steps: []string{"mail", "rcpt"}, status: []string{"501", "553"}, enhanced: []string{"5.1.3", "5.1.7"},
		cause: report.ConfigBadAddress, confidence: report.High},
	{steps: []string{"rcpt"}, status: []string{"550", "554"}, enhanced: []string{"5.1.1", "5.1.10"},
		cause: report.SubmitRecipientUnknown, confidence: report.High},
	{steps: []string{"rcpt"}, status: []string{"550", "554", "454"}, enhanced: []string{"5.7.1", "4.7.1"},
		cause: report.SubmitRelayDenied, confidence: report.Medium,
		others: []report.Alternative{{Cause: report.SubmitSpamPolicy, Confidence: report.Low}}},
	{steps: submission, status: []string{"552"}, enhanced: []string{"5.3.4", "5.2.3"},
		cause: report.SubmitMessageTooLarge, confidence: report.High},
	{steps: []string{"data"}, enhanced: []string{"5.7.25", "5.7.26", "5.7.27", "5.7.509", "5.7.515", "5.7.606"}, // no content filter
		cause: report.Unknown, confidence: report.Low},
	{steps: []string{"data"}, status: []string{"550", "554", "571"}, enhanced: []string{"5.7.0", "5.7.1"},
		cause: report.SubmitSpamPolicy, confidence: report.Medium},
	{steps: []string{"data"}, status: []string{"550", "554", "571"}, enhanced: []string{"5.7.*"},
		cause: report.SubmitSpamPolicy, confidence: report.Low},
}

// tokenMechanisms carry an access token (RFC 7628; XOAUTH2 is Google's).
var tokenMechanisms = []string{"XOAUTH2", "OAUTHBEARER"}

// ofReply looks a refusal up in the rules.
func ofReply(check *report.Check, step *report.Step, e *report.ReplyError) diagnosis {
	for _, r := range rules {
		if r.matches(check, step, e) {
			return diagnosis{cause: r.cause, confidence: r.confidence, alternatives: r.others, temporary: r.temporary}
		}
	}
	return unknown()
}

func (r *rule) matches(check *report.Check, step *report.Step, e *report.ReplyError) bool {
	reply := e.Reply
	return (r.protocol == "" || r.protocol == check.Protocol) &&
		(r.steps == nil || slices.Contains(r.steps, step.Step)) &&
		(r.security == "" || check.Endpoint != nil && r.security == check.Endpoint.Security) &&
		(!r.tokens || check.Auth != nil && slices.Contains(tokenMechanisms, check.Auth.Mechanism)) &&
		(!r.mayPass || e.Temporary) &&
		matchAny(r.status, reply.Status) && matchAny(r.code, reply.Code) && matchAny(r.enhanced, reply.Enhanced)
}

// matchAny tells whether one of the patterns fits; no patterns fit all. A
// pattern may end in "xx" (any two digits) or "*" (anything).
func matchAny(patterns []string, value string) bool {
	fits := func(pattern string) bool {
		if class, ok := strings.CutSuffix(pattern, "xx"); ok {
			return len(value) == len(pattern) && strings.HasPrefix(value, class)
		}
		if group, ok := strings.CutSuffix(pattern, "*"); ok {
			return strings.HasPrefix(value, group)
		}
		return value == pattern
	}
	return patterns == nil || slices.ContainsFunc(patterns, fits)
}
