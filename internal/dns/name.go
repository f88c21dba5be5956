package dns

import "strings"

// Lengths in octets of a name in text form (RFC 1035 section 2.3.4).
const (
	maxName  = 253
	maxLabel = 63
)

// hostName returns a name in lower case and without its final dot, and whether
// it is one that is used for hosts and services: letters, digits, hyphens, and
// the underscore of RFC 8552. The root becomes the empty name.
func hostName(name string) (string, bool) {
	if name == "." {
		return "", true
	}
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	if len(name) > maxName {
		return "", false
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > maxLabel || label[0] == '-' || label[len(label)-1] == '-' {
			return "", false
		}
		for i := range len(label) {
			if c := label[i]; c != '-' && c != '_' && !('a' <= c && c <= 'z') && !('0' <= c && c <= '9') {
				return "", false
			}
		}
	}
	return name, true
}
