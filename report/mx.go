package report

// MXCheck is the id of the check of a domain's receiving side: the servers that
// take its mail, and what it publishes about its mail.
const MXCheck = "mx"

// MXPort is where servers take mail from each other (RFC 5321 section 4.5.4.2).
const MXPort = 25
