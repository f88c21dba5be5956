package pop

// The bounds of a reply, beside those of its connection (package wire): lines,
// bytes of a session, time.
const (
	// maxListLines bounds a multi-line reply: the UIDL of a mailbox with
	// 50,000 messages is still read, and costs about 2 MB of the session.
	maxListLines = 50_000
	// maxCapabilities bounds the lines of CAPA; real servers name under 20.
	maxCapabilities = 100
	// maxUID bounds a unique id, in bytes. RFC 1939 section 7 has 70; a server
	// that takes more does nobody harm.
	maxUID = 200
	// maxTop bounds the header of one message, in bytes.
	maxTop = 256 << 10
)
