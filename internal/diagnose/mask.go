package diagnose

import "regexp"

// What a pasted text may hold that is nobody else's business.
var (
	mailAddress = regexp.MustCompile(`[^\s<>"'(),;:\[\]=]+(?:@|%40|\x{ff20})[^\s<>"'(),;:\[\]]+`)
	// secretWords go before a secret: commands, fields, JSON members.
	secretWords = regexp.MustCompile(`(?i)\b((?:auth|authenticate)\s+(?:plain|login|xoauth2|oauthbearer|cram-md5)|login\s+\S+|pass|password|passwd|pwd|user(?:name)?|bearer|token|secret|code|key)(["']?\s*[:= ]\s*)("[^"\n]*"|'[^'\n]*'|\S+)`)
	// opaque is a word that no person wrote: base64, a token, an id.
	opaque = regexp.MustCompile(`[A-Za-z0-9+/_=-]{20,}`)
)

// masked returns a text without mail addresses, secrets and long opaque words.
func masked(text string) string {
	text = secretWords.ReplaceAllString(text, "$1$2[...]")
	text = mailAddress.ReplaceAllString(text, "[address]")
	return opaque.ReplaceAllString(text, "[...]")
}
