package wire

import (
	"errors"
	"slices"
	"syscall"

	"mailcheck/report"
)

// ErrnoCause names the cause of a network error by the system's error number in
// it; false where it has none, or one that says nothing of the network.
func ErrnoCause(err error) (report.Cause, bool) {
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		return "", false
	}
	cause, known := errnos[errno]
	return cause, known
}

// errnos are the system's network errors. On Windows Go hands out the Winsock
// numbers, which package syscall does not name alike everywhere; no other
// system has numbers that high.
var errnos = map[syscall.Errno]report.Cause{
	syscall.ECONNREFUSED:  report.ConnectRefused,
	syscall.ETIMEDOUT:     report.ConnectTimeout,
	syscall.EHOSTUNREACH:  report.ConnectUnreachable,
	syscall.ENETUNREACH:   report.ConnectUnreachable,
	syscall.EADDRNOTAVAIL: report.ConnectUnreachable,
	syscall.EAFNOSUPPORT:  report.ConnectUnreachable, // no IPv6 in the kernel
	syscall.ENETDOWN:      report.ConnectUnreachable,
	syscall.EHOSTDOWN:     report.ConnectUnreachable,
	syscall.EPERM:         report.ConnectUnreachable, // a local firewall
	syscall.EACCES:        report.ConnectUnreachable, // a "prohibit" route
	syscall.EINVAL:        report.ConnectUnreachable, // a "blackhole" route
	syscall.ECONNRESET:    report.ConnectClosedEarly,
	syscall.ECONNABORTED:  report.ConnectClosedEarly,
	syscall.EPIPE:         report.ConnectClosedEarly,

	10013:            report.ConnectUnreachable, // WSAEACCES: a local firewall
	wsaeAFNoSupport:  report.ConnectUnreachable,
	wsaeAddrNotAvail: report.ConnectUnreachable,
	10050:            report.ConnectUnreachable, // WSAENETDOWN
	wsaeNetUnreach:   report.ConnectUnreachable,
	10053:            report.ConnectClosedEarly, // WSAECONNABORTED
	10054:            report.ConnectClosedEarly, // WSAECONNRESET
	10060:            report.ConnectTimeout,     // WSAETIMEDOUT
	10061:            report.ConnectRefused,     // WSAECONNREFUSED
	10064:            report.ConnectUnreachable, // WSAEHOSTDOWN
	10065:            report.ConnectUnreachable, // WSAEHOSTUNREACH
}

// The Winsock numbers of what noRoute tells.
const (
	wsaeAFNoSupport  syscall.Errno = 10047
	wsaeAddrNotAvail syscall.Errno = 10049
	wsaeNetUnreach   syscall.Errno = 10051
)

// noRoute tells that this machine has no way to addresses of that family.
func noRoute(err error) bool {
	var errno syscall.Errno
	return errors.As(err, &errno) && slices.Contains([]syscall.Errno{
		syscall.ENETUNREACH, syscall.EADDRNOTAVAIL, syscall.EAFNOSUPPORT,
		wsaeNetUnreach, wsaeAddrNotAvail, wsaeAFNoSupport,
	}, errno)
}
