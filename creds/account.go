package creds

import (
	"fmt"
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// Lengths in octets (RFC 5321 section 4.5.3.1). A mailbox has two less than
// the 256 of a path, for its angle brackets; a domain name in text form has
// 253 (RFC 1035 section 2.3.4, less the length octets of the ends).
const (
	maxLocal   = 64
	maxDomain  = 253
	maxMailbox = 254
)

// Account is an e-mail address (RFC 5321 section 4.1.2, Mailbox). Every
// Account that ParseAddress returns is safe in a command line and a header:
// its parts hold no space, control character or angle bracket.
type Account struct {
	Address string // as the user gave it
	Local   string // the local part as given, its quotes included; ASCII
	Domain  string // lower case, in A-labels (RFC 5890): what DNS and SMTP are asked for
	Unicode string // the domain in U-labels, for people; often the same as Domain
}

// Mailbox returns the address as mail protocols carry it: Local@Domain.
func (a Account) Mailbox() string { return a.Local + "@" + a.Domain }

// AddressError is a text that is no e-mail address, or one of a kind that
// mailcheck does not support.
type AddressError struct {
	Address string
	Reason  string
}

func (e *AddressError) Error() string {
	return fmt.Sprintf("%q is not a usable e-mail address: %s", e.Address, e.Reason)
}

// domainProfile maps a domain as browsers do (UTS #46, nontransitional).
// Hyphens are checked by domainFlaw: IDNA also forbids the pair that starts
// in the third place, which real host names have.
var domainProfile = idna.New(idna.MapForLookup(), idna.VerifyDNSLength(true),
	idna.BidiRule(), idna.CheckHyphens(false))

// ParseAddress reads an e-mail address. The local part is a dot-string or a
// quoted string and keeps its case; the domain may be of one label
// ("localhost") and of any script. The error is an *AddressError.
func ParseAddress(address string) (Account, error) {
	refuse := func(reason string) (Account, error) {
		return Account{}, &AddressError{Address: address, Reason: reason}
	}
	if reason := characterFlaw(address); reason != "" {
		return refuse(reason)
	}
	at := strings.LastIndexByte(address, '@')
	switch {
	case at < 0 && strings.ContainsRune(address, '＠'):
		return refuse("its @ is a full-width character")
	case at < 0:
		return refuse("it has no @")
	}
	local, domain := address[:at], address[at+1:]
	if reason := localFlaw(local); reason != "" {
		return refuse(reason)
	}
	switch {
	case domain == "":
		return refuse("nothing stands behind the @")
	case domain[0] == '[':
		return refuse("an IP address in place of the domain is not supported")
	}
	ascii, err := domainProfile.ToASCII(domain)
	if err != nil {
		return refuse(fmt.Sprintf("%q is not a domain name", domain))
	}
	if reason := domainFlaw(ascii); reason != "" {
		return refuse(reason)
	}
	unicode, err := domainProfile.ToUnicode(ascii)
	if err != nil {
		return refuse(fmt.Sprintf("%q is not a domain name", domain))
	}
	a := Account{Address: address, Local: local, Domain: ascii, Unicode: unicode}
	if len(a.Mailbox()) > maxMailbox {
		return refuse(fmt.Sprintf("it is longer than %d characters", maxMailbox))
	}
	return a, nil
}

// characterFlaw names what no address may hold, wherever it stands. A quoted
// local part could hold a space or an angle bracket; they are refused there
// too, because servers that read MAIL FROM carelessly end the path at them.
func characterFlaw(address string) string {
	if address == "" {
		return "it is empty"
	}
	if !utf8.ValidString(address) {
		return "it is not UTF-8"
	}
	if strings.ContainsAny(address, "<>") {
		return "it has an angle bracket: give the address alone, without a name"
	}
	for _, r := range address {
		switch {
		case r == '\r' || r == '\n':
			return "it has a line break"
		case r == 0:
			return "it has a NUL character"
		case unicode.IsSpace(r):
			return "it has a space"
		case unicode.IsControl(r):
			return "it has a control character"
		}
	}
	return ""
}

// fullWidth tells a character of ASCII in the form that Japanese and Chinese
// input gives it (Unicode, Halfwidth and Fullwidth Forms).
func fullWidth(r rune) bool { return '！' <= r && r <= '～' }

// localFlaw says what is wrong with a local part (RFC 5321 section 4.1.2).
func localFlaw(local string) string {
	switch {
	case local == "":
		return "nothing stands before the @"
	case len(local) > maxLocal:
		return fmt.Sprintf("the part before the @ is longer than %d bytes", maxLocal)
	case strings.IndexFunc(local, fullWidth) >= 0:
		return "the part before the @ has full-width characters"
	case strings.IndexFunc(local, func(r rune) bool { return r > unicode.MaxASCII }) >= 0:
		return "the part before the @ is not ASCII, which needs SMTPUTF8 (RFC 6531): not supported yet"
	case local[0] == '"':
		return quotedFlaw(local)
	}
	for _, atom := range strings.Split(local, ".") {
		if atom == "" {
			return fmt.Sprintf(`before the @ a dot stands first, last or next to another: quote that part, as in %q@example.com`, local)
		}
		for i := range len(atom) {
			if !isAtext(atom[i]) {
				return fmt.Sprintf("%q cannot stand before the @", atom[i:i+1])
			}
		}
	}
	return ""
}

// quotedFlaw is localFlaw for a quoted string.
func quotedFlaw(local string) string {
	const unclosed = "the quotes before the @ are not closed"
	for i := 1; i < len(local); i++ {
		switch local[i] {
		case '\\':
			i++ // quoted-pairSMTP: any printable character may follow
		case '"':
			switch {
			case i < len(local)-1:
				return "something stands behind the closing quotes"
			case i == 1:
				return "nothing stands before the @ but quotes"
			}
			return ""
		}
	}
	return unclosed
}

// isAtext is atext of RFC 5322 section 3.2.3.
func isAtext(c byte) bool {
	return 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || '0' <= c && c <= '9' ||
		strings.IndexByte("!#$%&'*+-/=?^_`{|}~", c) >= 0
}

// domainFlaw says what is wrong with a domain of A-labels: RFC 5321 section
// 4.1.2 wants letters, digits and inner hyphens, and no dot at the end.
func domainFlaw(domain string) string {
	if len(domain) > maxDomain {
		return fmt.Sprintf("the domain is longer than %d characters", maxDomain)
	}
	if _, err := netip.ParseAddr(domain); err == nil {
		return "an IP address in place of the domain is not supported"
	}
	for _, label := range strings.Split(domain, ".") {
		if label == "" || label[0] == '-' || label[len(label)-1] == '-' {
			return fmt.Sprintf("%q is not a domain name", domain)
		}
		for i := range len(label) {
			if c := label[i]; c != '-' && !('a' <= c && c <= 'z') && !('0' <= c && c <= '9') {
				return fmt.Sprintf("%q is not a domain name", domain)
			}
		}
	}
	return ""
}
