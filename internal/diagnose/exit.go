package diagnose

import (
	"errors"
	"slices"
	"strings"

	"mailcheck/report"
)

// statuses are those of the steps, where the cause asks for no other.
var statuses = map[string]int{
	"connect":    report.ExitConnect,
	"tls":        report.ExitTLS,
	"starttls":   report.ExitTLS,
	"greeting":   report.ExitProtocol,
	"capability": report.ExitProtocol,
	"ehlo":       report.ExitProtocol,
	"logout":     report.ExitProtocol,
	"quit":       report.ExitProtocol,
	"auth":       report.ExitAuth,
	"mailbox":    report.ExitMailbox,
	"mail":       report.ExitSubmit,
	"rcpt":       report.ExitSubmit,
	"data":       report.ExitSubmit,

	// The receiving side: what stands in the DNS, and what is about encryption.
	"host":    report.ExitDNS,
	"spf":     report.ExitDNS,
	"dkim":    report.ExitDNS,
	"dmarc":   report.ExitDNS,
	"tls-rpt": report.ExitDNS,
	"mta-sts": report.ExitTLS,
	"dane":    report.ExitTLS,
}

// ExitStatus is the exit status that a failed step stands for; a step that is
// in no table is a fault of the program's own.
func ExitStatus(step *report.Step) int {
	check, _, _ := strings.Cut(step.ID, ".")
	check = report.CheckKind(check)
	switch {
	case step.Cause == report.ClientInterrupted:
		return report.ExitInterrupted
	case check == "creds", family(step.Cause) == "creds":
		return report.ExitCreds
	case check == "dns", family(step.Cause) == "dns": // a domain that does not exist, wherever it is met
		return report.ExitDNS
	case check == "settings", family(step.Cause) == "settings":
		return report.ExitSettings
	case check == "delivery":
		return report.ExitDelivery
	case family(step.Cause) == "tls":
		return report.ExitTLS
	case brokenDialogue(step):
		return report.ExitProtocol
	case family(step.Cause) == "mailbox": // POP3 says [IN-USE] to the password
		return report.ExitMailbox
	}
	if status, ok := statuses[step.Step]; ok {
		return status
	}
	return report.ExitInternal
}

// brokenDialogue tells a server that fell silent, hung up or talked nonsense
// once the connection stood: nothing was refused there.
func brokenDialogue(step *report.Step) bool {
	var nonsense *report.ProtocolError
	switch step.Cause {
	case report.ConnectTimeout:
		return step.Step != "connect"
	case report.ConnectClosedEarly:
		return step.Step != "connect" && step.Step != "tls" && step.Step != "starttls"
	case report.ServerHostile, report.ClientProtocol:
		return true
	}
	return errors.As(step.Err, &nonsense)
}

// family is the part of a cause before its dot.
func family(cause report.Cause) string {
	f, _, _ := strings.Cut(string(cause), ".")
	return f
}

// exitCode is the exit status of the whole run.
func (rd *reading) exitCode() int {
	root, failed := rd.root()
	noSecret := func(o occurrence) bool { return report.CheckKind(o.check.ID) == "creds" }
	switch {
	case rd.interrupted():
		return report.ExitInterrupted
	case slices.ContainsFunc(rd.failures, noSecret): // whatever else failed
		return report.ExitCreds
	case failed:
		return ExitStatus(root.step)
	case rd.disappointed(), rd.facts.Strict && len(rd.warnings) > 0:
		return report.ExitWarn
	}
	return report.ExitOK
}
