package sasl

import "strings"

// MaskChallenge shows a server's line without the challenge of a login in it:
// with a SCRAM exchange whole in a transcript, passwords could be tried against
// it at leisure. Other lines stay as they are.
func MaskChallenge(line string) string {
	for _, prefix := range []string{"+ ", "334 "} {
		if rest, ok := strings.CutPrefix(line, prefix); ok && rest != "" {
			return prefix + "[challenge]"
		}
	}
	return line
}
