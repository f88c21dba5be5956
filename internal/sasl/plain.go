package sasl

import gosasl "github.com/emersion/go-sasl"

// plainClient is PLAIN (RFC 4616).
type plainClient struct{ dialogue }

func newPlain(d dialogue, _ []string) (Client, error) { return &plainClient{d}, nil }

func (c *plainClient) Start() (mech string, ir []byte, err error) {
	return gosasl.NewPlainClient("", c.login.Username, c.login.Secret.Reveal()).Start()
}

func (c *plainClient) Next(challenge []byte) ([]byte, error) { return nil, c.unexpected(challenge) }

// Finish has nothing to ask: all was said with the initial response.
func (c *plainClient) Finish() error { return nil }
