package diagnose

import (
	"regexp"
	"strings"
	"testing"

	"mailcheck/internal/lang"
	"mailcheck/report"
)

var (
	smtpReply   = regexp.MustCompile(`^(\d{3})[ -](?:(\d\.\d{1,3}\.\d{1,3})\b ?)?(.*)$`)
	mailReply   = regexp.MustCompile(`^(?:\* )?(NO|BAD|BYE|-ERR)(?: \[([^\] ]+)[^\]]*\])? ?(.*)$`)
	oauthBearer = &report.Auth{Mechanism: "OAUTHBEARER"}
)

// refusal makes a reply error out of the line that a server sent.
func refusal(t *testing.T, line string) *report.ReplyError {
	t.Helper()
	if m := smtpReply.FindStringSubmatch(line); m != nil {
		return &report.ReplyError{Reply: report.Reply{Status: m[1], Enhanced: m[2], Text: m[3]}, Temporary: m[1][0] == '4'}
	}
	m := mailReply.FindStringSubmatch(line)
	if m == nil {
		t.Fatalf("not a reply: %q", line)
	}
	temporary := m[2] == "UNAVAILABLE" || m[2] == "SYS/TEMP" || m[2] == "IN-USE" || m[2] == "INUSE"
	return &report.ReplyError{Reply: report.Reply{Status: m[1], Code: m[2], Text: m[3]}, Temporary: temporary}
}

// replies are what servers say in a run, and what that is taken for.
var replies = []struct {
	protocol report.Protocol
	step     string
	line     string
	cause    report.Cause
	sure     report.Confidence
	security report.Security // "" means TLS
	auth     *report.Auth    // nil means a password mechanism
}{
	// Greetings and other closing words.
	{report.SMTP, "greeting", "421 4.3.0 Temporary Error", report.ServerTemporarilyUnavailable, report.Medium, "", nil},
	{report.SMTP, "greeting", "421 HL:REP", report.GreetingRejectedIP, report.High, "", nil}, // 163: refused client
	{report.SMTP, "ehlo", "421 4.7.0 Try again later, closing connection. (EHLO)", report.SubmitHELORejected, report.Medium, "", nil},
	{report.SMTP, "greeting", "554 Blocked - see https://support.proofpoint.com/dnsbl-lookup.cgi", report.GreetingRejectedIP, report.High, "", nil},
	{report.SMTP, "mail", "421 SMTP command timeout - closing connection", report.ServerTemporarilyUnavailable, report.High, "", nil},
	{report.SMTP, "auth", "421 4.3.2 Service shutting down", report.ServerTemporarilyUnavailable, report.Medium, "", nil},
	{report.IMAP, "greeting", "* BYE [UNAVAILABLE] Too many connections", report.GreetingTooManyConnections, report.High, "", nil},
	{report.IMAP, "greeting", "* BYE Go away", report.GreetingRejectedIP, report.High, "", nil},
	{report.POP3, "greeting", "-ERR [SYS/TEMP] Out of memory", report.ServerInternalError, report.High, "", nil},

	// STARTTLS.
	{report.SMTP, "starttls", "502 5.7.0 TLS not available.", report.TLSStartTLSNotOffered, report.High, report.STARTTLS, nil},
	{report.SMTP, "starttls", "454 4.7.0 TLS not available due to local problem", report.TLSBadCertificate, report.Medium, report.STARTTLS, nil},
	{report.IMAP, "starttls", "BAD STARTTLS disabled, mate", report.TLSStartTLSNotOffered, report.High, report.STARTTLS, nil},

	// IMAP logins.
	{report.IMAP, "auth", "NO [AUTHENTICATIONFAILED] Authentication failed.", report.AuthBadCredentials, report.Medium, "", nil}, // Dovecot
	{report.IMAP, "auth", "NO Login failed.", report.AuthBadCredentials, report.Medium, "", nil},                                 // Courier
	{report.IMAP, "auth", "NO Login failed: authentication failure", report.AuthBadCredentials, report.Medium, "", nil},          // Cyrus
	{report.IMAP, "auth", "NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)", report.AuthTokenExpired, report.Medium, "", oauthBearer},
	{report.IMAP, "auth", "NO AUTHENTICATE failed.", report.AuthTokenExpired, report.Low, "", oauthBearer},
	{report.IMAP, "auth", "NO [PRIVACYREQUIRED] Cleartext authentication disallowed", report.AuthEncryptionRequired, report.High, report.None, nil},
	{report.IMAP, "auth", "NO [UNAVAILABLE] Account is temporarily unavailable.", report.ServerAuthBackendDown, report.High, "", nil},
	{report.IMAP, "auth", "NO [INUSE] Too many sessions", report.GreetingTooManyConnections, report.High, "", nil},
	{report.IMAP, "auth", "NO [ALERT] Application-specific password required: https://support.google.com/accounts/answer/185833 (Failure)", report.AuthAppPasswordRequired, report.High, "", nil},
	{report.IMAP, "auth", "NO [CONTACTADMIN] Account locked", report.AuthAccountLocked, report.High, "", nil},
	{report.IMAP, "auth", "NO [EXPIRED] Password expired", report.AuthPasswordExpired, report.High, "", nil},
	{report.IMAP, "auth", "BAD Invalid authenticate mechanism", report.AuthMechanismUnsupported, report.High, "", nil},
	{report.IMAP, "auth", "* BYE Login failed too many times.", report.AuthRateLimited, report.High, "", nil},

	// POP3 logins.
	{report.POP3, "auth", "-ERR [AUTH] Authentication failed.", report.AuthBadCredentials, report.Medium, "", nil},
	{report.POP3, "auth", "-ERR [AUTH] Cleartext authentication disallowed on non-secure (SSL/TLS) connections.", report.AuthEncryptionRequired, report.High, report.None, nil},
	{report.POP3, "auth", "-ERR Logon failure: unknown user name or bad password.", report.AuthBasicAuthDisabled, report.Low, "", nil}, // Exchange: often basic auth off
	{report.POP3, "auth", "-ERR [SYS/TEMP] Temporary authentication failure.", report.ServerAuthBackendDown, report.High, "", nil},
	{report.POP3, "auth", "-ERR [IN-USE] Do you have another POP session running?", report.MailboxInUse, report.High, "", nil},
	{report.POP3, "auth", "-ERR [LOGIN-DELAY] minimum time between mail checks not reached", report.AuthRateLimited, report.High, "", nil},
	{report.POP3, "auth", "-ERR [SYS/PERM] Account disabled", report.AuthAccountLocked, report.High, "", nil},

	// SMTP logins.
	{report.SMTP, "auth", "535 5.7.8 Error: authentication failed: UGFzc3dvcmQ6", report.AuthBadCredentials, report.Medium, "", nil}, // Postfix
	{report.SMTP, "auth", "535 Incorrect authentication data", report.AuthBadCredentials, report.Medium, "", nil},                    // Exim
	{report.SMTP, "auth", "535 5.7.3 Authentication unsuccessful", report.AuthBadCredentials, report.Medium, "", nil},                // Exchange
	{report.SMTP, "auth", "535 5.7.8 Username and Password not accepted", report.AuthTokenExpired, report.Medium, "", oauthBearer},
	{report.SMTP, "auth", "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.", report.AuthSMTPAuthDisabled, report.High, "", nil},
	{report.SMTP, "auth", "534 5.7.9 Application-specific password required", report.AuthAppPasswordRequired, report.High, "", nil},
	{report.SMTP, "auth", "534 5.7.14 Please log in via your web browser", report.AuthWebLoginRequired, report.High, "", nil},
	{report.SMTP, "auth", "454 4.7.0 Temporary authentication failure: Connection lost to authentication server", report.ServerAuthBackendDown, report.High, "", nil},
	{report.SMTP, "auth", "435 4.7.8 Error: authentication failed: Try again later", report.ServerAuthBackendDown, report.High, "", nil},
	{report.SMTP, "auth", "432 4.7.12 A password transition is needed", report.AuthPasswordExpired, report.High, "", nil},
	{report.SMTP, "auth", "530 Must issue STARTTLS first.", report.AuthEncryptionRequired, report.High, report.None, nil},
	{report.SMTP, "auth", "538 5.7.11 Encryption required for requested authentication mechanism", report.AuthEncryptionRequired, report.High, report.None, nil},
	{report.SMTP, "auth", "523 5.7.10 Cleartext authentication disallowed", report.AuthEncryptionRequired, report.High, report.None, nil},
	{report.SMTP, "auth", "504 5.7.4 Unrecognized authentication type", report.AuthMechanismUnsupported, report.High, "", nil},
	{report.SMTP, "auth", "503 5.5.1 AUTH not allowed.", report.AuthNotOffered, report.Medium, "", nil},
	{report.SMTP, "auth", "550 User has no permission", report.AuthProtocolDisabled, report.High, "", nil}, // 163: SMTP is off

	// What is said of the mail, and is said at the login already.
	{report.SMTP, "auth", "450 4.7.1 Error: too much mail from 192.0.2.1", report.SubmitRateLimited, report.High, "", nil},
	{report.SMTP, "auth", "503 This mail server requires authentication when attempting to send to a non-local e-mail address", report.SubmitAuthRequired, report.High, "", nil},
	{report.SMTP, "auth", "550 5.1.1 No such user", report.AuthBadCredentials, report.Medium, "", nil}, // a recipient is not named yet

	// Mailboxes.
	{report.POP3, "mailbox", "-ERR [IN-USE] Your mailbox is locked", report.MailboxInUse, report.High, "", nil},
	{report.IMAP, "mailbox", "NO [UNAVAILABLE] Internal error occurred", report.ServerTemporarilyUnavailable, report.Medium, "", nil},
	{report.IMAP, "mailbox", "NO EXAMINE Unsafe Login. Please contact kefu@188.com for help", report.AuthClientIDRequired, report.High, "", nil},
	{report.IMAP, "mailbox", "BAD User is authenticated but not connected.", report.MailboxBackendRefused, report.High, "", nil},

	// Submission.
	{report.SMTP, "mail", "530 5.7.0 Must issue a STARTTLS command first", report.AuthEncryptionRequired, report.High, report.None, nil},
	{report.SMTP, "mail", "530 5.7.1 Client was not authenticated", report.SubmitAuthRequired, report.High, "", nil},
	{report.SMTP, "rcpt", "530 SMTP authentication is required.", report.SubmitAuthRequired, report.High, "", nil},
	{report.SMTP, "mail", "530 5.7.57 Client not authenticated to send mail.", report.SubmitAuthRequired, report.High, report.STARTTLS, nil},
	{report.SMTP, "mail", "550 5.7.60 SMTP; Client does not have permissions to send as this sender", report.SubmitSenderNotOwned, report.High, "", nil},
	{report.SMTP, "rcpt", "553 5.7.1 <a@example.com>: Sender address rejected: not owned by user b", report.SubmitSenderNotOwned, report.High, "", nil},
	{report.SMTP, "mail", "550 5.7.1 Sender refused", report.SubmitSenderNotOwned, report.Low, "", nil},
	{report.SMTP, "mail", "501 5.1.7 Bad sender address syntax", report.ConfigBadAddress, report.Medium, "", nil},
	{report.SMTP, "mail", "550 Access denied - Invalid HELO name (See RFC2821 4.1.1.1)", report.SubmitHELORejected, report.High, "", nil},
	{report.SMTP, "mail", "501 5.1.8 Sender address rejected", report.SubmitSenderDomainInvalid, report.Medium, "", nil},
	{report.SMTP, "rcpt", "550 5.1.1 <x@example.com>: Recipient address rejected: User unknown", report.SubmitRecipientUnknown, report.High, "", nil},
	{report.SMTP, "rcpt", "550 5.1.10 RESOLVER.ADR.RecipientNotFound", report.SubmitRecipientUnknown, report.High, "", nil},
	{report.SMTP, "rcpt", "554 5.7.1 <x@example.org>: Relay access denied", report.SubmitRelayDenied, report.High, "", nil},
	{report.SMTP, "rcpt", "454 4.7.1 <x@example.org>: Relay access denied", report.SubmitRelayDenied, report.High, "", nil},
	{report.SMTP, "rcpt", "450 4.7.1 Client host rejected: cannot find your reverse hostname", report.SubmitRDNSRejected, report.High, "", nil},
	{report.SMTP, "rcpt", "450 4.2.0 Recipient address rejected: Greylisted", report.SubmitGreylisted, report.High, "", nil},
	{report.SMTP, "rcpt", "552 5.2.2 user is over quota", report.SubmitRecipientQuota, report.High, "", nil},
	{report.SMTP, "mail", "552 5.3.4 Message size exceeds fixed limit", report.SubmitMessageTooLarge, report.High, "", nil},
	{report.SMTP, "data", "552 5.3.4 Message too big for system.", report.SubmitMessageTooLarge, report.High, "", nil},
	{report.SMTP, "data", "571 5.7.1 message classified as spam", report.SubmitSpamPolicy, report.High, "", nil},
	{report.SMTP, "data", "554 5.7.9 Message not accepted for policy reasons.", report.SubmitSenderAuthFailed, report.Medium, "", nil},
	{report.SMTP, "data", "550 5.7.60 SMTP; Client does not have permissions to send as this sender", report.SubmitSenderNotOwned, report.High, "", nil},
	{report.SMTP, "data", "550 5.7.26 This mail has been blocked because the sender is unauthenticated.", report.SubmitSenderAuthFailed, report.High, "", nil},
	{report.SMTP, "data", "550 5.7.606 Access denied, banned sending IP", report.GreetingRejectedIP, report.High, "", nil},
	{report.SMTP, "data", "451 4.3.0 Error: queue file write error", report.ServerInternalError, report.High, "", nil},
}

func TestReplies(t *testing.T) {
	for _, tt := range replies {
		t.Run(tt.step+" "+tt.line, func(t *testing.T) {
			check, step := replyCheck(t, tt.protocol, tt.step, tt.line)
			if tt.security != "" {
				check.Endpoint.Security = tt.security
			}
			check.Auth = tt.auth
			Step(check, step, lang.English)
			if step.Cause != tt.cause || step.Confidence != tt.sure {
				t.Errorf("got %s (%s), want %s (%s)", step.Cause, step.Confidence, tt.cause, tt.sure)
			}
			if step.Detail != "" {
				t.Errorf("the reply is repeated in the detail: %q", step.Detail)
			}
			for _, a := range step.Alternatives {
				if a.Cause == step.Cause {
					t.Errorf("%s is an alternative to itself", a.Cause)
				}
			}
		})
	}
}

func replyCheck(t *testing.T, p report.Protocol, name, line string) (*report.Check, *report.Step) {
	t.Helper()
	err := refusal(t, line)
	step := &report.Step{ID: string(p) + "." + name, Step: name, Result: report.Fail, Err: err, Reply: &err.Reply, Temporary: err.Temporary}
	return &report.Check{ID: string(p), Protocol: p, Steps: []*report.Step{step},
		Endpoint: &report.CheckEndpoint{Host: "mail.example.com", Port: 465, Security: report.TLS}}, step
}

func TestTemporaryReplies(t *testing.T) {
	check, step := replyCheck(t, report.SMTP, "auth", "454 4.7.0 Temporary authentication failure")
	step.Temporary = false // the rule says it by itself
	Step(check, step, lang.English)
	if !step.Temporary {
		t.Error("a 454 is not temporary")
	}
	check, step = replyCheck(t, report.IMAP, "auth", "NO [AUTHENTICATIONFAILED] Authentication failed.")
	Step(check, step, lang.English)
	if step.Temporary {
		t.Error("a wrong password is temporary")
	}
}

func TestMatchAny(t *testing.T) {
	for _, tt := range []struct {
		patterns string
		value    string
		want     bool
	}{
		{"535", "535", true}, {"535", "5350", false}, {"4xx", "454", true}, {"4xx", "4", false}, {"4xx", "4545", false},
		{"4xx", "554", false}, {"5.7.*", "5.7.139", true}, {"5.7.*", "5.1.7", false}, {"a b", "b", true}, {"a b", "c", false},
	} {
		if got := matchAny(strings.Fields(tt.patterns), tt.value); got != tt.want {
			t.Errorf("%q, %q: %v", tt.patterns, tt.value, got)
		}
	}
	if !matchAny(nil, "anything") || !matchAny([]string{""}, "") || matchAny([]string{""}, "X") {
		t.Error("no pattern must match all, an empty pattern the empty value only")
	}
}
