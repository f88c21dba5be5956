package sasl

import (
	"crypto/rand"
	"crypto/tls"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/xdg-go/scram"
)

// scramClient is the SCRAM family (RFC 5802, RFC 7677), with -PLUS tied to
// the TLS session (RFC 5929, RFC 9266).
type scramClient struct {
	dialogue
	conv  *scram.ClientConversation
	nonce string
	steps int
}

func newSCRAM(hash scram.HashGeneratorFcn) func(dialogue, []string) (Client, error) {
	return func(d dialogue, offered []string) (Client, error) {
		return newSCRAMNonce(hash, d, offered, rand.Text())
	}
}

func newSCRAMNonce(hash scram.HashGeneratorFcn, d dialogue, offered []string, nonce string) (Client, error) {
	user, password := d.login.Username, d.login.Secret.Reveal()
	client, err := hash.NewClient(user, password, "")
	if err != nil {
		// SASLprep (RFC 4013) refuses control characters, what Unicode 3.2
		// did not know, and mixed directions. A server that let the password
		// be set did not prepare it either, so it goes as it is.
		if client, err = hash.NewClientUnprepped(user, password, ""); err != nil {
			return nil, err
		}
	}
	client.WithNonceGenerator(func() string { return nonce })

	c := &scramClient{dialogue: d, nonce: nonce}
	binding, bindable := channelBinding(d.login.TLS)
	switch {
	case bound(d.mechanism) && !bindable:
		return nil, unbindable(d.mechanism)
	case bound(d.mechanism):
		c.conv = client.NewConversationWithChannelBinding(binding)
	case bindable && !slices.ContainsFunc(names(offered), bound):
		// RFC 5802 section 6: "y" lets a server that does offer -PLUS see
		// that somebody took it out of its list.
		c.conv = client.NewConversationAdvertisingChannelBinding()
	default:
		c.conv = client.NewConversation()
	}
	return c, nil
}

// channelBinding returns what ties a login to this TLS session, if anything
// does: tls-exporter in TLS 1.3 (RFC 9266 section 2), else
// tls-server-end-point. Go does not give tls-unique away, which is broken
// without the extended master secret anyway (RFC 7627 section 1).
func channelBinding(state *tls.ConnectionState) (scram.ChannelBinding, bool) {
	if state == nil || !state.HandshakeComplete {
		return scram.ChannelBinding{}, false
	}
	newBinding := scram.NewTLSServerEndpointBinding
	if state.Version >= tls.VersionTLS13 {
		newBinding = scram.NewTLSExporterBinding
	}
	binding, err := newBinding(state)
	return binding, err == nil
}

// canBind tells whether anything ties a login to this TLS session. To find out,
// a key is derived.
func canBind(state *tls.ConnectionState) bool {
	_, ok := channelBinding(state)
	return ok
}

func (c *scramClient) Start() (mech string, ir []byte, err error) {
	first, err := c.conv.Step("")
	return c.mechanism, []byte(first), err
}

func (c *scramClient) Next(challenge []byte) ([]byte, error) {
	if c.steps == 2 || c.note != "" {
		return nil, c.unexpected(challenge)
	}
	c.steps++
	message := string(challenge)
	if reason, ok := strings.CutPrefix(message, "e="); ok {
		// server-error, also in place of the server's first message. The
		// empty answer lets the server go on to its refusal.
		c.note = "SCRAM: " + c.showable([]byte(reason))
		return []byte{}, nil
	}
	if c.steps == 1 {
		if err := c.checkFirst(message); err != nil {
			return nil, err
		}
	}
	answer, err := c.conv.Step(message)
	switch {
	case err != nil && c.steps == 1:
		return nil, c.broken(challenge, "not a first message of a server")
	case err != nil:
		return nil, c.unproved()
	}
	return []byte(answer), nil
}

// checkFirst checks the server's first message, "r=NONCE,s=SALT,i=COUNT", for
// what the library lets pass.
func (c *scramClient) checkFirst(message string) error {
	fields := strings.SplitN(message, ",", 4)
	if len(fields) < 3 {
		return c.broken([]byte(message), "not a first message of a server")
	}
	nonce, hasNonce := strings.CutPrefix(fields[0], "r=")
	count, hasCount := strings.CutPrefix(fields[2], "i=")
	iterations, err := strconv.ParseUint(count, 10, 64)
	switch {
	case !hasNonce || !hasCount:
		return c.broken([]byte(message), "not a first message of a server")
	case !strings.HasPrefix(nonce, c.nonce) || nonce == c.nonce:
		// RFC 5802 section 5.1; with our nonce alone an old exchange could
		// be played again.
		return c.hostile("the server's nonce does not extend ours")
	case err != nil || iterations < minIterations || iterations > maxIterations:
		return c.hostile(fmt.Sprintf("the server asks for %s iterations; between %d and %d are safe",
			c.showable([]byte(count)), minIterations, maxIterations))
	}
	return nil
}

func (c *scramClient) Finish() error {
	if !c.conv.Valid() {
		return c.unproved()
	}
	return nil
}

// unproved is a server that cannot show that it knows the password's keys:
// whatever it says about the login, it is not the server of this account.
func (c *scramClient) unproved() error {
	return c.hostile("the server has not proved that it knows the password (RFC 5802 section 3)")
}
