package report

// Cause is the id of what went wrong, stable for scripts; its words, in each
// language, are the business of internal/diagnose.
type Cause string

// The causes that a run can end in so far.
const (
	DNSNXDomain       Cause = "dns.nxdomain"
	DNSNoRecords      Cause = "dns.no_records"
	DNSNullMX         Cause = "dns.null_mx"
	DNSServfail       Cause = "dns.servfail"
	DNSTimeout        Cause = "dns.timeout"
	DNSMXUnresolvable Cause = "dns.mx_unresolvable"
	DNSMXIsAlias      Cause = "dns.mx_is_alias"

	ConnectRefused     Cause = "connect.refused"
	ConnectTimeout     Cause = "connect.timeout"
	ConnectUnreachable Cause = "connect.unreachable"
	ConnectClosedEarly Cause = "connect.closed_early"
	ConnectAddressDead Cause = "connect.address_dead"

	ConfigWrongProtocol Cause = "config.wrong_protocol"
	ConfigBadAddress    Cause = "config.bad_address"

	TLSExpired            Cause = "tls.expired"
	TLSNotYetValid        Cause = "tls.not_yet_valid"
	TLSHostnameMismatch   Cause = "tls.hostname_mismatch"
	TLSUnknownAuthority   Cause = "tls.unknown_authority"
	TLSIncompleteChain    Cause = "tls.incomplete_chain"
	TLSBadCertificate     Cause = "tls.bad_certificate"
	TLSOldVersion         Cause = "tls.old_version"
	TLSHandshakeFailure   Cause = "tls.handshake_failure"
	TLSPlaintextPort      Cause = "tls.plaintext_port"
	TLSStartTLSNotOffered Cause = "tls.starttls_not_offered"
	TLSExpiresSoon        Cause = "tls.expires_soon"
	TLSWeak               Cause = "tls.weak"
	TLSInjectedPlaintext  Cause = "tls.injected_plaintext"
	TLSPreauthDowngrade   Cause = "tls.preauth_downgrade"

	AuthBadCredentials       Cause = "auth.bad_credentials"
	AuthProtocolDisabled     Cause = "auth.protocol_disabled"
	AuthBasicAuthDisabled    Cause = "auth.basic_auth_disabled"
	AuthMechanismUnsupported Cause = "auth.mechanism_unsupported"
	AuthNotOffered           Cause = "auth.not_offered"
	AuthEncryptionRequired   Cause = "auth.encryption_required"
	AuthCleartextRefused     Cause = "auth.cleartext_refused"
	AuthLimitReached         Cause = "auth.limit_reached"
	AuthTokenExpired         Cause = "auth.token_expired"
	AuthUsernameForm         Cause = "auth.username_form"

	MailboxInUse Cause = "mailbox.in_use"

	SubmitAuthRequired     Cause = "submit.auth_required"
	SubmitRelayDenied      Cause = "submit.relay_denied"
	SubmitSenderNotOwned   Cause = "submit.sender_not_owned"
	SubmitRecipientUnknown Cause = "submit.recipient_unknown"
	SubmitMessageTooLarge  Cause = "submit.message_too_large"
	SubmitSpamPolicy       Cause = "submit.spam_policy"

	ServerTemporarilyUnavailable Cause = "server.temporary_unavailable"
	ServerAuthBackendDown        Cause = "server.auth_backend_down"
	ServerHostile                Cause = "server.hostile"

	SettingsNotFound      Cause = "settings.not_found"
	SettingsNotOffered    Cause = "settings.not_offered"
	SettingsUntrustedHost Cause = "settings.untrusted_host"
	SettingsConflict      Cause = "settings.conflict"
	SettingsServiceEnded  Cause = "settings.service_ended"

	CredsMissing            Cause = "creds.missing"
	CredsKeyringLocked      Cause = "creds.keyring_locked"
	CredsKeyringUnavailable Cause = "creds.keyring_unavailable"

	DeliveryNotArrived           Cause = "delivery.not_arrived"
	DeliveryJunk                 Cause = "delivery.junk"
	DeliveryNotAwaited           Cause = "delivery.not_awaited"
	DeliveryNotCleaned           Cause = "delivery.not_cleaned"
	DeliveryAuthenticationFailed Cause = "delivery.authentication_failed"

	ClientInterrupted Cause = "client.interrupted"
	ClientProtocol    Cause = "client.protocol_error"
	Unknown           Cause = "unknown"
)
