package diagnose

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"mailcheck/creds"
	"mailcheck/internal/dns"
	"mailcheck/internal/lang"
	"mailcheck/report"
	"mailcheck/wire"
)

// dialed is an error as package net wraps it.
func dialed(err error) error {
	return &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", err)}
}

func received(err error) error {
	return &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", err)}
}

func refusedBy(err error, addresses ...report.Address) error {
	return &wire.ConnectError{Host: "imap.example.com", Port: 993, Addresses: addresses, Err: err}
}

// imapCheck is a check of one failed step.
func imapCheck(step string, security report.Security, err error) (*report.Check, *report.Step) {
	s := &report.Step{ID: "imap." + step, Step: step, Result: report.Fail, Err: err}
	port := map[report.Security]int{report.TLS: 993, report.STARTTLS: 143, report.None: 143}[security]
	return &report.Check{ID: "imap", Protocol: report.IMAP, Steps: []*report.Step{s},
		Endpoint: &report.CheckEndpoint{Host: "imap.example.com", Port: port, Security: security}}, s
}

func TestNetworkErrors(t *testing.T) {
	ended := &wire.ContextError{Err: context.DeadlineExceeded, Reason: report.ErrStepTimeout}
	stopped := &wire.ContextError{Err: context.Canceled, Reason: context.Canceled}
	v6 := report.Address{IP: "2001:db8::1", Result: report.Fail, Cause: report.ConnectUnreachable}
	v4 := report.Address{IP: "192.0.2.1", Result: report.Fail, Cause: report.ConnectRefused}

	for name, tt := range map[string]struct {
		step  string
		err   error
		cause report.Cause
		sure  report.Confidence
	}{
		"refused":                {"connect", refusedBy(dialed(syscall.ECONNREFUSED)), report.ConnectRefused, report.High},
		"timed out":              {"connect", refusedBy(dialed(syscall.ETIMEDOUT)), report.ConnectTimeout, report.High},
		"step limit":             {"connect", refusedBy(ended), report.ConnectTimeout, report.High},
		"dialer's timeout":       {"connect", refusedBy(&net.OpError{Op: "dial", Err: os.ErrDeadlineExceeded}), report.ConnectTimeout, report.High},
		"no route":               {"connect", refusedBy(dialed(syscall.EHOSTUNREACH)), report.ConnectUnreachable, report.High},
		"no network":             {"connect", refusedBy(dialed(syscall.ENETUNREACH)), report.ConnectUnreachable, report.High},
		"no such local address":  {"connect", refusedBy(dialed(syscall.EADDRNOTAVAIL)), report.ConnectUnreachable, report.High},
		"local firewall":         {"connect", refusedBy(dialed(syscall.EPERM)), report.ConnectUnreachable, report.High},
		"prohibited route":       {"connect", refusedBy(dialed(syscall.EACCES)), report.ConnectUnreachable, report.High},
		"reset on connect":       {"connect", refusedBy(dialed(syscall.ECONNRESET)), report.ConnectClosedEarly, report.High},
		"no IPv6, IPv4 refused":  {"connect", refusedBy(dialed(syscall.ENETUNREACH), v6, v4), report.ConnectRefused, report.High},
		"Windows refused":        {"connect", refusedBy(dialed(syscall.Errno(10061))), report.ConnectRefused, report.High},
		"Windows timed out":      {"connect", refusedBy(dialed(syscall.Errno(10060))), report.ConnectTimeout, report.High},
		"Windows no route":       {"connect", refusedBy(dialed(syscall.Errno(10065))), report.ConnectUnreachable, report.High},
		"Windows no network":     {"connect", refusedBy(dialed(syscall.Errno(10051))), report.ConnectUnreachable, report.High},
		"Windows reset":          {"auth", received(syscall.Errno(10054)), report.ConnectClosedEarly, report.Medium},
		"no address at all":      {"connect", refusedBy(errors.New("it has no address")), report.Unknown, report.Low},
		"name does not exist":    {"connect", refusedBy(&dns.Error{Name: "imap.example.com", Kind: dns.NXDomain}), report.DNSNXDomain, report.High},
		"name without addresses": {"connect", refusedBy(&dns.Error{Name: "imap.example.com", Kind: dns.NoRecords}), report.DNSNoRecords, report.High},
		"DNS server's error":     {"connect", &dns.Error{Kind: dns.Servfail, Rcode: "REFUSED"}, report.DNSServfail, report.High},
		"DNS timeout":            {"connect", &dns.Error{Kind: dns.Timeout, Err: context.DeadlineExceeded}, report.DNSTimeout, report.High},
		"DNS unreachable":        {"connect", &dns.Error{Kind: dns.Other, Err: dialed(syscall.ECONNREFUSED)}, report.DNSTimeout, report.Medium},
		"stopped in the DNS":     {"connect", &dns.Error{Kind: dns.Other, Err: context.Canceled}, report.ClientInterrupted, report.High},
		"stopped":                {"connect", refusedBy(stopped), report.ClientInterrupted, report.High},

		"closed instead of greeting": {"greeting", io.EOF, report.ConnectClosedEarly, report.Medium},
		"closed inside a line":       {"auth", fmt.Errorf("reading: %w", io.ErrUnexpectedEOF), report.ConnectClosedEarly, report.Medium},
		"reset":                      {"mailbox", received(syscall.ECONNRESET), report.ConnectClosedEarly, report.Medium},
		"broken pipe":                {"auth", received(syscall.EPIPE), report.ConnectClosedEarly, report.Medium},
		"silent":                     {"auth", ended, report.ConnectTimeout, report.Medium},
		"silent for the whole run":   {"mailbox", context.DeadlineExceeded, report.ConnectTimeout, report.Medium},
		"endless line":               {"capability", &wire.LimitError{What: "line", Limit: wire.MaxLine}, report.ServerHostile, report.High},
		"injected clear text":        {"tls", &wire.TLSError{Err: wire.ErrInjected, FirstBytes: "* OK "}, report.TLSInjectedPlaintext, report.High},
		"fault":                      {"auth", &report.Fault{Cause: report.AuthNotOffered, Text: "no AUTH"}, report.AuthNotOffered, report.High},
		"fault around a timeout":     {"greeting", &report.Fault{Cause: report.TLSPlaintextPort, Err: ended}, report.TLSPlaintextPort, report.High},
		"fault without a cause":      {"auth", &report.Fault{Text: "reading", Err: io.EOF}, report.ConnectClosedEarly, report.Medium},
		"fault of unknown cause":     {"auth", &report.Fault{Cause: report.Unknown, Text: "PREAUTH"}, report.Unknown, report.Low},
		"error of no known type":     {"mailbox", errors.New("imapclient: unexpected literal"), report.Unknown, report.Low},
		"no error":                   {"mailbox", nil, report.Unknown, report.Low},

		"no password":         {"password", creds.ErrMissing, report.CredsMissing, report.High},
		"keyring locked":      {"password", fmt.Errorf("keyring: %w", creds.ErrKeyringLocked), report.CredsKeyringLocked, report.High},
		"keyring unavailable": {"password", creds.ErrKeyringUnavailable, report.CredsKeyringUnavailable, report.High},
		"command took too long": {"password", &creds.CommandError{Err: context.DeadlineExceeded},
			report.CredsMissing, report.High},

		"SMTP greets":       {"greeting", &report.ProtocolError{Line: "220 mx.example.com ESMTP"}, report.ConfigWrongProtocol, report.High},
		"POP3 greets":       {"greeting", &report.ProtocolError{Line: "+OK ready"}, report.ConfigWrongProtocol, report.High},
		"a web server":      {"capability", &report.ProtocolError{Line: "HTTP/1.1 400 Bad Request"}, report.ConfigWrongProtocol, report.High},
		"an SSH server":     {"greeting", &report.ProtocolError{Line: "SSH-2.0-OpenSSH_9.9"}, report.ConfigWrongProtocol, report.High},
		"a TLS alert":       {"greeting", &report.ProtocolError{Line: "\x15\x03\x01\x00\x02\x02\x46"}, report.TLSPlaintextPort, report.High},
		"IMAP, but odd":     {"greeting", &report.ProtocolError{Line: "* OKAY", Problem: "no greeting"}, report.Unknown, report.Low},
		"nonsense":          {"greeting", &report.ProtocolError{Line: "hello", Problem: "no greeting"}, report.Unknown, report.Low},
		"nothing in a line": {"greeting", &report.ProtocolError{Problem: "an empty line"}, report.Unknown, report.Low},
	} {
		t.Run(name, func(t *testing.T) {
			check, step := imapCheck(tt.step, report.TLS, tt.err)
			var fault *report.Fault
			if errors.As(tt.err, &fault) { // as the recorder does
				step.Cause = fault.Cause
			}
			Step(check, step, lang.English)
			if step.Cause != tt.cause || step.Confidence != tt.sure {
				t.Errorf("got %s (%s), want %s (%s)", step.Cause, step.Confidence, tt.cause, tt.sure)
			}
			if step.Explanation == "" {
				t.Error("no explanation")
			}
			if tt.err != nil && step.Detail != plainly(lang.English, tt.err) {
				t.Errorf("detail %q does not show the error", step.Detail)
			}
			if wantTemporary := step.Cause == report.DNSServfail || step.Cause == report.DNSTimeout; step.Temporary != wantTemporary {
				t.Errorf("temporary: %v", step.Temporary)
			}
		})
	}
}

// A session that fell silent while the message was awaited is no message that did
// not arrive.
func TestSilenceWhileTheMessageIsAwaited(t *testing.T) {
	check := &report.Check{ID: "delivery"}
	step := &report.Step{ID: "delivery.arrive", Step: "arrive", Result: report.Fail, Err: context.DeadlineExceeded}
	Step(check, step, lang.English)
	if step.Cause != report.ConnectTimeout || ExitStatus(step) != report.ExitDelivery {
		t.Errorf("got %s, exit status %d", step.Cause, ExitStatus(step))
	}
}

func TestSilentServerMayWaitForTLS(t *testing.T) {
	for _, tt := range []struct {
		step     string
		security report.Security
		err      error
		also     report.Confidence // of tls.plaintext_port; "" for none
		says     string
	}{
		{"greeting", report.STARTTLS, context.DeadlineExceeded, report.Medium, "A port that waits for SSL/TLS"},
		{"greeting", report.None, io.EOF, report.Medium, ""},
		{"greeting", report.TLS, context.DeadlineExceeded, "", "The connection was made"},
		{"auth", report.STARTTLS, context.DeadlineExceeded, "", "The connection was made"},
		{"tls", report.TLS, &wire.TLSError{Err: context.DeadlineExceeded}, report.Low, "not meant for SSL/TLS"},
		{"tls", report.STARTTLS, &wire.TLSError{Err: context.DeadlineExceeded}, "", "The connection was made"},
	} {
		check, step := imapCheck(tt.step, tt.security, tt.err)
		Step(check, step, lang.English)
		var also report.Confidence
		for _, a := range step.Alternatives {
			if a.Cause == report.TLSPlaintextPort {
				also = a.Confidence
			}
		}
		if also != tt.also {
			t.Errorf("%s, %s: tls.plaintext_port is %q, want %q", tt.step, tt.security, also, tt.also)
		}
		if !strings.Contains(step.Explanation, tt.says) {
			t.Errorf("%s, %s: explanation %q", tt.step, tt.security, step.Explanation)
		}
	}
}

func TestStepLeavesAloneWhatIsKnown(t *testing.T) {
	check, ok := imapCheck("auth", report.TLS, nil)
	ok.Result = report.OK
	Step(check, ok, lang.English)
	if ok.Cause != "" || ok.Explanation != "" {
		t.Errorf("a step that is well got %+v", ok)
	}

	check, warned := imapCheck("connect", report.TLS, nil)
	warned.Result = report.Warn
	Step(check, warned, lang.English)
	if warned.Cause != "" {
		t.Errorf("a warning without a cause got %s", warned.Cause)
	}

	check, known := imapCheck("auth", report.TLS, io.EOF)
	known.Cause, known.Confidence, known.Detail = report.AuthProtocolDisabled, report.Low, "as the check says"
	Step(check, known, lang.English)
	if known.Cause != report.AuthProtocolDisabled || known.Confidence != report.Low || known.Detail != "as the check says" {
		t.Errorf("a known cause became %+v", known)
	}
	if !strings.Contains(known.Explanation, "switched on") {
		t.Errorf("explanation %q", known.Explanation)
	}

	check, held := imapCheck("auth", report.TLS, nil)
	held.Result, held.Because, held.Cause = report.Skip, "imap.auth", report.AuthLimitReached
	Step(check, held, lang.English)
	if held.Confidence != "" || !strings.Contains(held.Explanation, "might lock the account") {
		t.Errorf("a step held back became %+v", held)
	}
}

// A step judged again, after it was amended, has the words of its new cause.
func TestStepJudgedTwice(t *testing.T) {
	check, step := imapCheck("connect", report.TLS, nil)
	step.Result, step.Cause = report.Warn, report.ConnectAddressDead
	check.Addresses = []report.Address{{IP: "2001:db8::1", Result: report.Fail}, {IP: "192.0.2.1", Result: report.OK}}
	Step(check, step, lang.English)
	first := *step
	Step(check, step, lang.English)
	if step.Explanation != first.Explanation || len(step.Alternatives) != len(first.Alternatives) {
		t.Errorf("judged twice: %+v", step)
	}
	if want := "No connection to 2001:db8::1."; !strings.HasPrefix(step.Explanation, want) {
		t.Errorf("explanation %q, want %q first", step.Explanation, want)
	}
	step.Cause = report.ConnectRefused
	Step(check, step, lang.English)
	if step.Explanation == first.Explanation {
		t.Error("the words of the old cause stayed")
	}
}
