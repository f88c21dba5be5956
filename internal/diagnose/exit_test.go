package diagnose

import (
	"fmt"
	"testing"

	"mailcheck/report"
)

func TestExitStatus(t *testing.T) {
	nonsense := &report.ProtocolError{Line: "hello"}
	for _, tt := range []struct {
		id, step string
		cause    report.Cause
		err      error
		want     int
	}{
		{"settings.guess", "guess", report.SettingsNotFound, nil, 10},
		{"settings.srv", "srv", report.SettingsUntrustedHost, nil, 10},
		{"settings.guess", "guess", report.DNSNXDomain, nil, 11}, // a domain that does not exist
		{"smtp.connect", "connect", report.SettingsNotFound, nil, 10},
		{"dns.mx", "mx", report.DNSNullMX, nil, 11},
		{"dns.host", "host", report.Unknown, nil, 11},
		{"imap.connect", "connect", report.DNSTimeout, nil, 11},
		{"creds.password", "password", report.CredsMissing, nil, 3},
		{"creds.token", "token", report.AuthBasicAuthDisabled, nil, 3},
		{"imap.connect", "connect", report.ConnectRefused, nil, 12},
		{"imap.connect", "connect", report.ConnectTimeout, nil, 12},
		{"imap#2.connect", "connect", report.ConnectClosedEarly, nil, 12},
		{"imap.tls", "tls", report.TLSExpired, nil, 13},
		{"imap.tls", "tls", report.ConnectClosedEarly, nil, 13},
		{"imap.tls", "tls", report.ConfigWrongProtocol, nil, 13},
		{"imap.tls", "tls", report.ConnectTimeout, nil, 14}, // a silent server after connect
		{"smtp.starttls", "starttls", report.TLSStartTLSNotOffered, nil, 13},
		{"imap.greeting", "greeting", report.TLSHandshakeFailure, nil, 13}, // TLS 1.3: a client certificate is wanted
		{"imap.greeting", "greeting", report.TLSPlaintextPort, nil, 13},
		{"imap.greeting", "greeting", report.ConnectTimeout, nil, 14},
		{"imap.greeting", "greeting", report.ConfigWrongProtocol, nonsense, 14},
		{"imap.capability", "capability", report.Unknown, nil, 14},
		{"smtp.ehlo", "ehlo", report.ServerTemporarilyUnavailable, nil, 14},
		{"smtp.ehlo", "ehlo", report.ServerHostile, nil, 14},
		{"imap.logout", "logout", report.Unknown, nil, 14},
		{"smtp.quit", "quit", report.Unknown, nil, 14},
		{"imap.auth", "auth", report.AuthBadCredentials, nil, 15},
		{"imap.auth", "auth", report.Unknown, nil, 15},
		{"smtp.auth", "auth", report.ServerAuthBackendDown, nil, 15},
		{"imap.auth", "auth", report.ConnectTimeout, nil, 14},
		{"imap.auth", "auth", report.ConnectClosedEarly, nil, 14},
		{"imap.auth", "auth", report.Unknown, nonsense, 14}, // a reply that makes no sense
		{"pop3.auth", "auth", report.MailboxInUse, nil, 16},
		{"imap.mailbox", "mailbox", report.Unknown, nil, 16},
		{"smtp.mail", "mail", report.SubmitSenderNotOwned, nil, 17},
		{"smtp.rcpt", "rcpt", report.SubmitRelayDenied, nil, 17},
		{"smtp.data", "data", report.SubmitSpamPolicy, nil, 17},
		{"smtp.data", "data", report.ConnectClosedEarly, nil, 14},
		{"delivery.arrive", "arrive", report.DeliveryNotArrived, nil, 18},
		{"delivery.arrive", "arrive", report.ConnectClosedEarly, nil, 18},
		{"delivery.arrive", "arrive", report.ClientInterrupted, nil, 130},
		{"imap.auth", "auth", report.ClientInterrupted, nil, 130},
		{"mx.host", "host", report.DNSMXUnresolvable, nil, 11},
		{"mx.connect", "connect", report.ConnectTimeout, nil, 12},
		{"mx.greeting", "greeting", report.ConnectTimeout, nil, 14},
		{"mx.starttls", "starttls", report.MXStartTLSMissing, nil, 13},
		{"mx.tls", "tls", report.MXCertificateDemanded, nil, 13},
		{"mx.spf", "spf", report.PolicySPFSyntax, nil, 11},
		{"mx.dkim", "dkim", report.PolicyDKIMKey, nil, 11},
		{"mx.mta-sts", "mta-sts", report.PolicyMTASTSHost, nil, 13},
		{"mx.dane", "dane", report.PolicyDANEMismatch, nil, 13},
		{"mx.dane", "dane", report.DNSServfail, nil, 11},
		{"imap.dance", "dance", report.Unknown, nil, 20},
	} {
		name := fmt.Sprintf("%s %s", tt.id, tt.cause)
		step := &report.Step{ID: tt.id, Step: tt.step, Result: report.Fail, Cause: tt.cause, Err: tt.err}
		if got := ExitStatus(step); got != tt.want {
			t.Errorf("%s: got %d, want %d", name, got, tt.want)
		}
	}
}
