package sasl

import (
	"crypto/hmac"
	"crypto/md5"
	"encoding/hex"
)

// cramClient is CRAM-MD5 (RFC 2195), historic; some old servers have nothing
// else that hides the password.
type cramClient struct {
	dialogue
	answered bool
}

func newCRAMMD5(d dialogue, _ []string) (Client, error) { return &cramClient{dialogue: d}, nil }

func (c *cramClient) Start() (mech string, ir []byte, err error) { return c.mechanism, nil, nil }

func (c *cramClient) Next(challenge []byte) ([]byte, error) {
	if c.answered {
		return nil, c.unexpected(challenge)
	}
	if len(challenge) == 0 {
		return nil, c.broken(challenge, "the challenge is empty")
	}
	c.answered = true
	mac := hmac.New(md5.New, []byte(c.login.Secret.Reveal()))
	mac.Write(challenge)
	return []byte(c.login.Username + " " + hex.EncodeToString(mac.Sum(nil))), nil
}

func (c *cramClient) Finish() error {
	if !c.answered {
		return early(c.mechanism)
	}
	return nil
}
