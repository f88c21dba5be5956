package imap

// The bounds of what a server may say, beside those of its connection (package
// wire): lines, bytes of a session, time.
const (
	// maxUntagged bounds the lines ahead of one tagged reply, up to the login;
	// a login draws fewer than five.
	maxUntagged = 200
	// maxSaid bounds what is kept of a server's untagged alerts; more would not
	// be read by anybody. Their texts are cut when secrets have been taken out.
	maxSaid = 5
	// maxCapabilities bounds the number of capabilities; real servers name up
	// to 60.
	maxCapabilities = 200
	// maxCapability bounds the length of one name; the longest that are
	// registered have 30 characters.
	maxCapability = 64

	// maxResponses bounds all responses behind the login; one for each folder
	// of the account is by far the most.
	maxResponses = 50_000
	// maxFolders bounds the answer to LIST.
	maxFolders = 5_000
	// maxFolderName bounds the name of a folder with its path. Servers take 255
	// to 1000 bytes.
	maxFolderName = 1000
	// maxFetched bounds the answer to one FETCH: the messages that arrive
	// while the test message is awaited.
	maxFetched = 100
	// maxNumbers bounds the answer to one SEARCH: the messages with a Subject
	// like that of the test messages.
	maxNumbers = 100

	// maxLiteral bounds a literal, in bytes. The longest that is asked for is
	// the header of the test message, a few KiB.
	maxLiteral = 256 << 10
	// maxLiterals bounds their number in one response; an honest one has two.
	maxLiterals = 16
	// maxDepth bounds nested parentheses; what is asked for has three.
	maxDepth = 16
)
