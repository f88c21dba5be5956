package discover

import "net/url"

// maxIssuer bounds the name of an issuer in bytes, more than any real one has.
const maxIssuer = 500

// issuerOf reads the name of an authorization server: an https URL (RFC 8414
// section 2), or its host alone, as the files of the ISPDB have it. Any other
// text is nobody.
func issuerOf(text string) string {
	if host, ok := serverName(text); ok {
		return "https://" + host
	}
	u, err := url.Parse(text)
	if err != nil || len(text) > maxIssuer || u.Scheme != "https" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return ""
	}
	if _, ok := serverName(u.Hostname()); !ok {
		return ""
	}
	return text
}
