package diagnose

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"

	"mailcheck/creds"
	"mailcheck/internal/dns"
	"mailcheck/report"
	"mailcheck/wire"
)

// diagnose decides by the type of the step's error, the most telling first.
func diagnose(check *report.Check, step *report.Step) diagnosis {
	err := step.Err
	var (
		fault    *report.Fault
		reply    *report.ReplyError
		grant    *report.GrantError
		limit    *wire.LimitError
		name     *dns.Error
		connect  *wire.ConnectError
		tlsErr   *wire.TLSError
		https    *tls.CertificateVerificationError
		dialogue *report.ProtocolError
	)
	switch {
	case err == nil:
		return unknown()
	case errors.As(err, &fault) && fault.Cause != "":
		return certain(fault.Cause)
	case errors.As(err, &reply):
		return ofReply(check, step, reply)
	case errors.As(err, &grant):
		return ofGrant(grant)
	case errors.Is(err, context.Canceled):
		return certain(report.ClientInterrupted)
	case errors.Is(err, wire.ErrInjected):
		return certain(report.TLSInjectedPlaintext)
	case errors.As(err, &limit):
		return certain(report.ServerHostile)
	case errors.As(err, &name):
		return ofName(name)
	case errors.As(err, &connect):
		return ofConnect(connect)
	case errors.As(err, &tlsErr):
		return ofTLS(check, tlsErr)
	case errors.As(err, &https): // of a web server, which package wire does not speak to
		return ofTLS(check, &wire.TLSError{Chain: https.UnverifiedCertificates, Err: https.Err})
	case errors.As(err, &dialogue):
		return ofDialogue(check, dialogue)
	case altered(err):
		return likely(report.TLSHandshakeFailure)
	}
	if d, ok := ofCreds(err); ok {
		return d
	}
	if d, ok := ofAlert(err); ok { // TLS 1.3: "certificate required" comes on the first read
		return d
	}
	cause, ok := networkCause(err)
	if !ok {
		return unknown()
	}
	d := likely(cause)
	clear := check.Endpoint != nil && check.Endpoint.Security != report.TLS
	if step.Step == "greeting" && clear && !unfinished(step) {
		// A server that waits for a TLS handshake says nothing in clear text.
		d = d.or(report.TLSPlaintextPort, report.Medium)
	}
	return d
}

// ofName tells the kinds of failed name resolution apart.
func ofName(e *dns.Error) diagnosis {
	switch e.Kind {
	case dns.NXDomain:
		return certain(report.DNSNXDomain)
	case dns.NoRecords:
		return certain(report.DNSNoRecords)
	case dns.Servfail:
		return diagnosis{cause: report.DNSServfail, confidence: report.High, temporary: true}
	case dns.Timeout:
		return diagnosis{cause: report.DNSTimeout, confidence: report.High, temporary: true}
	}
	// The resolver could not be reached.
	return diagnosis{cause: report.DNSTimeout, confidence: report.Medium, temporary: true}
}

func ofConnect(e *wire.ConnectError) diagnosis {
	cause, ok := networkCause(e.Err)
	if !ok {
		return unknown()
	}
	if cause == report.ConnectUnreachable {
		// No route to one address is mostly this machine's lack of IPv6; what
		// another address said tells more.
		for _, a := range e.Addresses {
			if a.Cause != "" && a.Cause != report.ConnectUnreachable {
				return certain(a.Cause)
			}
		}
	}
	return certain(cause)
}

// networkCause names the cause of a network error; false when it is none.
func networkCause(err error) (report.Cause, bool) {
	switch {
	case timedOut(err):
		return report.ConnectTimeout, true
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return report.ConnectClosedEarly, true
	}
	return wire.ErrnoCause(err)
}

func timedOut(err error) bool {
	var timeout net.Error
	return errors.Is(err, report.ErrStepTimeout) || errors.Is(err, context.DeadlineExceeded) ||
		errors.Is(err, os.ErrDeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout()
}

// unfinished tells a server that had begun a line when the time was over.
func unfinished(step *report.Step) bool {
	var e *wire.UnfinishedError
	return errors.As(step.Err, &e)
}

func ofCreds(err error) (diagnosis, bool) {
	switch {
	case errors.Is(err, creds.ErrKeyringLocked):
		return certain(report.CredsKeyringLocked), true
	case errors.Is(err, creds.ErrKeyringUnavailable):
		return certain(report.CredsKeyringUnavailable), true
	case errors.Is(err, creds.ErrMissing):
		return certain(report.CredsMissing), true
	}
	return diagnosis{}, false
}
