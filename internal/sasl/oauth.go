package sasl

import (
	"fmt"
	"strings"

	"mailcheck/report"
)

// oauthClient is the two mechanisms that carry an OAuth 2.0 access token. They
// differ in their message, and in how the server's error is answered.
//
// A refusal has two parts: a challenge with the error in JSON, which must be
// answered, and only then the protocol's own refusal.
type oauthClient struct {
	dialogue
	message string // without the token and what follows it
	dummy   string // the answer to the error
	refused bool
}

// newOAuthBearer makes OAUTHBEARER (RFC 7628).
func newOAuthBearer(d dialogue, _ []string) (Client, error) {
	message := "n,a=" + saslName(d.login.Username) + ","
	if d.login.Host != "" {
		message += "\x01host=" + d.login.Host
	}
	if d.login.Port != 0 {
		message += fmt.Sprintf("\x01port=%d", d.login.Port)
	}
	// RFC 7628 section 3.2.3: the client answers the error with a dummy %x01.
	return newOAuth(d, message+"\x01", "\x01")
}

// newXOAuth2 makes XOAUTH2, OAUTHBEARER's forerunner
// (https://developers.google.com/workspace/gmail/imap/xoauth2-protocol). It
// has no escape for the user name, and its error is answered with nothing.
func newXOAuth2(d dialogue, _ []string) (Client, error) {
	return newOAuth(d, "user="+d.login.Username+"\x01", "")
}

func newOAuth(d dialogue, message, dummy string) (Client, error) {
	// RFC 6750 section 2.1: a token is printable ASCII. A %x01 would end it
	// and begin a field of its own.
	if strings.ContainsFunc(d.login.Secret.Reveal(), isControl) {
		return nil, &report.Fault{Cause: report.ClientProtocol, Text: "the access token contains a control character"}
	}
	return &oauthClient{dialogue: d, message: message, dummy: dummy}, nil
}

func (c *oauthClient) Start() (mech string, ir []byte, err error) {
	return c.mechanism, []byte(c.message + "auth=Bearer " + c.login.Secret.Reveal() + "\x01\x01"), nil
}

func (c *oauthClient) Next(challenge []byte) ([]byte, error) {
	if c.refused {
		return nil, c.unexpected(challenge)
	}
	c.refused = true
	c.note = c.showable(challenge)
	return []byte(c.dummy), nil
}

func (c *oauthClient) Finish() error {
	if c.refused {
		return c.broken([]byte(c.note), "the server reports an error and then success")
	}
	return nil
}

// saslName escapes a name for the header of a GS2 mechanism (RFC 5801
// section 4).
func saslName(name string) string {
	return strings.NewReplacer("=", "=3D", ",", "=2C").Replace(name)
}
