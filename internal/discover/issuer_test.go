package discover

import (
	"strings"
	"testing"

	"mailcheck/report"
)

func TestIssuerOf(t *testing.T) {
	for text, want := range map[string]string{
		"https://auth.example.com":           "https://auth.example.com",
		"https://auth.example.com/realms/a":  "https://auth.example.com/realms/a",
		"accounts.google.com":                "https://accounts.google.com",
		"":                                   "",
		"http://auth.example.com":            "",
		"https://anna:pw@auth.example.com":   "",
		"https://auth.example.com?a":         "",
		"https://127.0.0.1":                  "",
		"https://localhost":                  "",
		"ftp://auth.example.com":             "",
		"https://a.example/" + long():        "",
		"https://auth.example.com\x1b[31m/x": "",
	} {
		if got := issuerOf(text); got != want {
			t.Errorf("%q gives %q, want %q", text, got, want)
		}
	}
}

func long() string { return strings.Repeat("x", maxIssuer) }

// Both formats name who gives tokens, and only for servers that take them.
func TestSettingsNameTheIssuer(t *testing.T) {
	const server = `<incomingServer type="imap"><hostname>imap.example.com</hostname><port>993</port><socketType>SSL</socketType><authentication>WAY</authentication></incomingServer>`
	file := `<clientConfig version="1.1"><emailProvider id="e">` + strings.ReplaceAll(server, "WAY", "password-cleartext") +
		strings.ReplaceAll(server, "WAY", "OAuth2") + `</emailProvider><oAuth2><issuer>auth.example.com</issuer></oAuth2></clientConfig>`
	endpoints, err := parseClientConfig([]byte(file), account(t, "anna@example.com"))
	if err != nil || len(endpoints) != 2 || endpoints[0].Issuer != "" || endpoints[1].Issuer != "https://auth.example.com" {
		t.Errorf("autoconfig: %+v, %v", endpoints, err)
	}
	for auth, want := range map[string]string{
		`{"oauth-public":{"issuer":"https://auth.example.com"}}`: "https://auth.example.com",
		`{"oauth-public":{"issuer":7}}`:                          "",
		`{"oauth-public":true}`:                                  "",
		`{"password":true}`:                                      "",
	} {
		text := `{"protocols":{"imap":{"host":"imap.example.com"}},"authentication":` + auth + `}`
		endpoints, _, err := parsePACC([]byte(text))
		if err != nil || len(endpoints) != 1 || endpoints[0].Protocol != report.IMAP || endpoints[0].Issuer != want {
			t.Errorf("PACC, %s: %+v, %v", auth, endpoints, err)
		}
	}
}
