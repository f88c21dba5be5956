package diagnose

import (
	"strings"

	"mailcheck/report"
)

// The protocols, beside those of mail, that answer on a port given by mistake.
const (
	http report.Protocol = "HTTP"
	ssh  report.Protocol = "SSH"
)

// greetings are the first bytes by which a protocol gives itself away.
var greetings = []struct {
	begins   string
	protocol report.Protocol
}{
	{"* OK", report.IMAP}, // RFC 9051 section 7.1
	{"* BYE", report.IMAP},
	{"* PREAUTH", report.IMAP},
	{"+OK", report.POP3}, // RFC 1939 section 4
	{"-ERR", report.POP3},
	{"220 ", report.SMTP}, // RFC 5321 section 4.2; FTP greets alike
	{"220-", report.SMTP},
	{"554 ", report.SMTP},
	{"421 ", report.SMTP},
	{"HTTP/", http},
	{"SSH-", ssh},
}

// spokenBy names the protocol that a line begins in.
func spokenBy(line string) (report.Protocol, bool) {
	for _, g := range greetings {
		if strings.HasPrefix(line, g.begins) {
			return g.protocol, true
		}
	}
	return "", false
}

// tlsAlert begins a TLS alert record: the answer of a TLS port to clear text.
const tlsAlert = "\x15\x03"

// ofDialogue judges a dialogue that broke.
func ofDialogue(check *report.Check, e *report.ProtocolError) diagnosis {
	if strings.HasPrefix(e.Line, tlsAlert) {
		return certain(report.TLSPlaintextPort)
	}
	if other, ok := spokenBy(e.Line); ok && other != check.Protocol {
		return certain(report.ConfigWrongProtocol)
	}
	return unknown()
}
