package diagnose

import (
	"errors"
	"slices"
	"strings"

	"mailcheck/report"
)

// The exit statuses of a run.
const (
	exitNoSecret    = 3
	exitSettings    = 10
	exitDNS         = 11
	exitConnect     = 12
	exitTLS         = 13
	exitProtocol    = 14
	exitAuth        = 15
	exitMailbox     = 16
	exitSubmission  = 17
	exitDelivery    = 18
	exitWarnings    = 19
	exitOwnFault    = 20
	exitInterrupted = 130
)

// statuses are those of the steps, where the cause asks for no other.
var statuses = map[string]int{
	"connect":    exitConnect,
	"tls":        exitTLS,
	"starttls":   exitTLS,
	"greeting":   exitProtocol,
	"capability": exitProtocol,
	"ehlo":       exitProtocol,
	"logout":     exitProtocol,
	"quit":       exitProtocol,
	"auth":       exitAuth,
	"mailbox":    exitMailbox,
	"mail":       exitSubmission,
	"rcpt":       exitSubmission,
	"data":       exitSubmission,
}

// ExitStatus is the exit status that a failed step stands for; a step that is
// in no table is a fault of the program's own.
func ExitStatus(step *report.Step) int {
	check, _, _ := strings.Cut(step.ID, ".")
	check = kind(check)
	switch {
	case step.Cause == report.ClientInterrupted:
		return exitInterrupted
	case check == "creds", family(step.Cause) == "creds":
		return exitNoSecret
	case check == "dns", family(step.Cause) == "dns": // a domain that does not exist, wherever it is met
		return exitDNS
	case check == "settings", family(step.Cause) == "settings":
		return exitSettings
	case check == "delivery":
		return exitDelivery
	case family(step.Cause) == "tls":
		return exitTLS
	case brokenDialogue(step):
		return exitProtocol
	case family(step.Cause) == "mailbox": // POP3 says [IN-USE] to the password
		return exitMailbox
	}
	if status, ok := statuses[step.Step]; ok {
		return status
	}
	return exitOwnFault
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
	noSecret := func(o occurrence) bool { return kind(o.check.ID) == "creds" }
	switch {
	case rd.interrupted():
		return exitInterrupted
	case slices.ContainsFunc(rd.failures, noSecret): // whatever else failed
		return exitNoSecret
	case failed:
		return ExitStatus(root.step)
	case rd.facts.Strict && len(rd.warnings) > 0:
		return exitWarnings
	}
	return 0
}
