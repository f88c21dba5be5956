package report

// The exit statuses of the program, as scripts know them.
const (
	ExitOK          = 0
	ExitAccounts    = 1  // of a batch: an account failed
	ExitUsage       = 2  // wrong usage, malformed address, or configuration
	ExitCreds       = 3  // no password or token to be had
	ExitSettings    = 10 // settings not found or not trusted
	ExitDNS         = 11 // name resolution
	ExitConnect     = 12
	ExitTLS         = 13 // TLS or certificate, STARTTLS not offered
	ExitProtocol    = 14 // greeting, capabilities, a reply that makes no sense, silence
	ExitAuth        = 15
	ExitMailbox     = 16
	ExitSubmit      = 17 // MAIL, RCPT or DATA refused
	ExitDelivery    = 18 // sent, but not seen to arrive in time
	ExitWarn        = 19 // only warnings, with --strict
	ExitInternal    = 20 // a fault of mailcheck itself
	ExitInterrupted = 130
)
