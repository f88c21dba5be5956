package wire

import "time"

// The bounds of a connection, whatever the server does. Its time is bounded by
// the context that it is bound to: a limit holds for the whole step, however
// many bytes trickle in meanwhile.
const (
	// MaxLine bounds one line, in bytes. RFC 9051 section 4.3 has no limit, RFC
	// 5321 section 4.5.3.1.5 has 512 octets; real capability lists stay under
	// 2 KiB.
	MaxLine = 16 << 10
	// MaxSession bounds all that a server may say in one session, in bytes. A
	// whole check receives less than 50 KiB, certificates included.
	MaxSession = 4 << 20
	// maxReceived bounds what comes over the network for that: TLS can pad
	// every byte to a record of 16 KiB (RFC 8446 section 5.4).
	maxReceived = 2 * MaxSession

	// MaxAddresses is how many addresses of a host are tried.
	MaxAddresses = 8
	// surveyTime is how long, once the race is won, the other addresses may
	// take to show that they are alive.
	surveyTime = 5 * time.Second
	// outdatedTime bounds the second handshake, with the dialogue before it: it
	// answers one question, and the step has a time limit of its own.
	outdatedTime = 3 * time.Second

	// maxTranscript bounds the lines that are kept; an honest session has under
	// a hundred.
	maxTranscript = 500
	// maxShown bounds a line of it, in bytes; the longest that tells anything,
	// a list of capabilities, has 600.
	maxShown = 1 << 10
)
