package testmsg

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"mailcheck/creds"
)

// SignatureField is the name of the header field that holds the signature. Its
// value is three words: the version, the time when the run that sent the
// message is over (RFC 3339), and an HMAC-SHA-256 in hexadecimal digits. The
// time stands in it because relays may rewrite the Date field.
const SignatureField = "X-Mailcheck-Signature"

// signatureVersion is the only version so far.
const signatureVersion = "v1"

// Signer signs the test messages of one account, and so tells later what a run
// of this user's has left behind from what only looks like it.
type Signer struct {
	// Key is the user's. The zero Key signs nothing and knows nothing again.
	Key creds.Secret
	// Account is the address whose mailbox the message is to be removed from.
	Account string
}

// sum is the signature of the message with this token. None of the parts can
// hold a line end, so that they cannot be shifted into each other.
func (s Signer) sum(token, over string) []byte {
	mac := hmac.New(sha256.New, []byte(s.Key.Reveal()))
	fmt.Fprintf(mac, "mailcheck test message %s\n%s\n%s\n%s\n", signatureVersion, strings.ToLower(s.Account), token, over)
	return mac.Sum(nil)
}

// field is the value of the signature field, folded (RFC 5322 section 2.2.3).
func (s Signer) field(token string, over time.Time) string {
	at := over.UTC().Format(time.RFC3339)
	return signatureVersion + " " + at + "\r\n " + hex.EncodeToString(s.sum(token, at))
}

// LeftBehind tells by a header, as fetched, whether the message was signed with
// this key for this account, by a run that is over by now. It must have one
// token field and one signature field.
func (s Signer) LeftBehind(header []byte, now time.Time) bool {
	var tokens, signatures []string
	for _, f := range readFields(header) {
		switch {
		case f.is(TokenField):
			tokens = append(tokens, f.value)
		case f.is(SignatureField):
			signatures = append(signatures, f.value)
		}
	}
	if s.Key.IsZero() || len(tokens) != 1 || len(signatures) != 1 {
		return false
	}
	words := strings.Fields(signatures[0])
	if len(words) != 3 || words[0] != signatureVersion {
		return false
	}
	sum, err := hex.DecodeString(words[2])
	if err != nil || !hmac.Equal(sum, s.sum(tokens[0], words[1])) {
		return false
	}
	over, err := time.Parse(time.RFC3339, words[1])
	return err == nil && now.After(over)
}
