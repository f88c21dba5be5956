package sasl

// loginClient is LOGIN (draft-murchison-sasl-login). Its prompts are not standard
// ("Username:", "User Name", also translated), so they are answered by their
// position: the user name, then the password. It has no initial response:
// strict servers refuse one.
type loginClient struct {
	dialogue
	answered int
}

func newLogin(d dialogue, _ []string) (Client, error) { return &loginClient{dialogue: d}, nil }

func (c *loginClient) Start() (mech string, ir []byte, err error) { return c.mechanism, nil, nil }

func (c *loginClient) Next(challenge []byte) ([]byte, error) {
	c.answered++
	switch c.answered {
	case 1:
		return []byte(c.login.Username), nil
	case 2:
		return []byte(c.login.Secret.Reveal()), nil
	}
	return nil, c.unexpected(challenge)
}

func (c *loginClient) Finish() error {
	if c.answered < 2 {
		return early(c.mechanism)
	}
	return nil
}
