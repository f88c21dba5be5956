package diagnose

import "regexp"

// What a pasted text may hold that is nobody else's business.
var (
	mailAddress = regexp.MustCompile(`[^\s<>"'(),;:\[\]=]+(?:@|%40|\x{ff20})[^\s<>"'(),;:\[\]]+`)
	// namedSecret is a field, or a member of JSON, that says what it holds.
	namedSecret = regexp.MustCompile(`(?i)((?:\b|_)(?:pass(?:word|wd)?|pwd|token|secret|bearer)["']?\s*[:=]\s*|\bbearer\s+)("[^"\n]*"|'[^'\n]*'|\S+)`)
	// sentSecret is a command with a secret: POP3's PASS, IMAP's LOGIN behind
	// its tag.
	sentSecret = regexp.MustCompile(`(?m)\b(PASS +|[A-Za-z]*\d+ LOGIN +\S+ +)\S+`)
	// opaque is a word that no person wrote: base64, a token, an id.
	opaque = regexp.MustCompile(`[A-Za-z0-9+/_=-]{20,}|[A-Za-z0-9+/]{6,}={1,2}`)
)

// masked returns a text without mail addresses, secrets and long opaque words.
func masked(text string) string {
	text = namedSecret.ReplaceAllString(text, "$1[...]")
	text = sentSecret.ReplaceAllString(text, "$1[...]")
	text = mailAddress.ReplaceAllString(text, "[address]")
	return opaque.ReplaceAllString(text, "[...]")
}
