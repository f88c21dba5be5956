package creds

import "strings"

// Shape is what is unusual about the form of a secret: what comes of copying it
// badly. It holds no part of the secret.
type Shape struct {
	OuterBlanks bool // it begins or ends with white space
	InnerBlanks bool // there is white space in it, as between the groups of an app password
	FullWidth   bool // it has full-width characters (Unicode block Halfwidth and Fullwidth Forms)
	NonASCII    bool // it has other characters outside ASCII
}

// Shape returns what is unusual about the form of the secret.
func (s Secret) Shape() Shape {
	secret := s.Reveal()
	trimmed := strings.TrimSpace(secret)
	shape := Shape{OuterBlanks: trimmed != secret, InnerBlanks: len(strings.Fields(trimmed)) > 1}
	for _, r := range trimmed {
		switch {
		case 0xff01 <= r && r <= 0xffe6, r == 0x3000: // with the ideographic space
			shape.FullWidth = true
		case r > '~':
			shape.NonASCII = true
		}
	}
	return shape
}
