package sasl

// The bounds of a login.
const (
	// maxChallenges bounds the challenges: SCRAM, the longest, has three with
	// the empty one that asks for the initial response.
	maxChallenges = 10
	// maxChallenge bounds one challenge, in bytes. Ours are under 1 KiB.
	maxChallenge = 4 << 10

	// The iterations of PBKDF2 that a server may ask for. Fewer (RFC 7677
	// section 4) would let whoever poses as the server guess the password from
	// the proof; more would keep this machine busy for as long as it likes
	// (CVE-2026-42256): a million takes about half a second.
	minIterations = 4096
	maxIterations = 1_000_000

	// maxNames bounds how many of the names offered an error repeats.
	maxNames = 20
	// maxShown bounds what a note or an error repeats of the server's words, in
	// bytes. The longest OAuth 2.0 refusals seen are about 300.
	maxShown = 512
)
