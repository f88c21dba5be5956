package lab

import (
	"bytes"
	"cmp"
	"crypto/hmac"
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/emersion/go-sasl"
	"github.com/xdg-go/scram"
)

// The names that Options.Mechanisms takes beside those of SASL mechanisms.
const (
	userPass = "USER" // POP3's USER and PASS
	apop     = "APOP" // POP3's APOP
)

// plus ends the names of the mechanisms with channel binding (RFC 5802
// section 4).
const plus = "-PLUS"

// scramIterations is what RFC 7677 section 4 asks for at the least.
const scramIterations = 4096

// mechanisms holds the server side of each SASL mechanism.
var mechanisms = map[string]func(*door) steps{
	"PLAIN":              plain,
	"LOGIN":              login,
	"CRAM-MD5":           cramMD5,
	"SCRAM-SHA-1":        scramWith(scram.SHA1, bindingOptional),
	"SCRAM-SHA-1-PLUS":   scramWith(scram.SHA1, bindingRequired),
	"SCRAM-SHA-256":      scramWith(scram.SHA256, bindingOptional),
	"SCRAM-SHA-256-PLUS": scramWith(scram.SHA256, bindingRequired),
	"XOAUTH2":            bearer(parseXOAUTH2),
	"OAUTHBEARER":        bearer(parseOAUTHBEARER),
}

// steps is a sasl.Server as a function: it is given one response of the
// client after the other, first nil when there was no initial response. It
// never gives an empty challenge that is not nil: imapserver would write it
// as "=", which is no base64.
type steps func(response []byte) (challenge []byte, done bool, err error)

// Next implements sasl.Server.
func (s steps) Next(response []byte) ([]byte, bool, error) { return s(response) }

// sasl starts an exchange.
func (d *door) sasl(mechanism string) (sasl.Server, error) {
	start, known := mechanisms[mechanism]
	switch {
	case !d.secure():
		return nil, clearText
	case !known || !d.offers(mechanism):
		return nil, notOffered
	}
	return start(d), nil
}

// plain is PLAIN (RFC 4616).
func plain(d *door) steps {
	return func(response []byte) ([]byte, bool, error) {
		if response == nil {
			return nil, false, nil
		}
		parts := bytes.Split(response, []byte{0})
		if len(parts) != 3 {
			return nil, false, malformed
		}
		authorize, user, password := string(parts[0]), string(parts[1]), string(parts[2])
		if authorize != "" && !strings.EqualFold(authorize, user) {
			return nil, false, d.reject()
		}
		return nil, true, d.password(user, password)
	}
}

// login is LOGIN (draft-murchison-sasl-login).
func login(d *door) steps {
	var user *string
	return func(response []byte) ([]byte, bool, error) {
		switch {
		case response == nil:
			return []byte("Username:"), false, nil
		case user == nil:
			name := string(response)
			user = &name
			return []byte("Password:"), false, nil
		}
		return nil, true, d.password(*user, string(response))
	}
}

// cramMD5 is CRAM-MD5 (RFC 2195).
func cramMD5(d *door) steps {
	challenge := d.lab.challenge()
	asked := false
	return func(response []byte) ([]byte, bool, error) {
		if !asked {
			asked = true
			if response != nil {
				return nil, false, malformed // the server speaks first
			}
			return []byte(challenge), false, nil
		}
		at := bytes.LastIndexByte(response, ' ')
		if at < 0 {
			return nil, false, malformed
		}
		mac := hmac.New(md5.New, []byte(d.lab.opts.Password))
		mac.Write([]byte(challenge))
		if d.knows(string(response[:at])) && same(string(response[at+1:]), hex.EncodeToString(mac.Sum(nil))) {
			return nil, true, d.admit()
		}
		return nil, false, d.reject()
	}
}

// challenge makes a challenge in the form of a message id, as CRAM-MD5 and
// APOP (RFC 1939 section 7) want it.
func (l *Lab) challenge() string { return "<" + rand.Text() + "@" + l.host("mail") + ">" }

// binding is what a mechanism demands of channel binding.
type binding int

const (
	bindingOptional binding = iota
	bindingRequired
)

// scramWith is SCRAM (RFC 5802, RFC 7677), also with channel binding.
func scramWith(hash scram.HashGeneratorFcn, want binding) func(*door) steps {
	return func(d *door) steps {
		var conversation *scram.ServerConversation
		proved := false
		return func(response []byte) ([]byte, bool, error) {
			switch {
			case response == nil && conversation == nil:
				return nil, false, nil
			case conversation == nil:
				var err error
				if conversation, err = d.scram(hash, want, response); err != nil {
					return nil, false, err
				}
				challenge, err := conversation.Step(string(response))
				if err != nil {
					return nil, false, d.reject()
				}
				return []byte(challenge), false, nil
			case !proved:
				verifier, err := conversation.Step(string(response))
				if err != nil || !conversation.Valid() {
					return nil, false, d.reject()
				}
				if err := d.admit(); err != nil {
					return nil, false, err
				}
				proved = true
				return []byte(verifier), false, nil
			}
			return nil, true, nil
		}
	}
}

// scram starts a SCRAM conversation for the client's first message, which
// names the kind of channel binding.
func (d *door) scram(hash scram.HashGeneratorFcn, want binding, first []byte) (*scram.ServerConversation, error) {
	server, err := hash.NewServer(func(user string) (scram.StoredCredentials, error) {
		if !d.knows(user) {
			return scram.StoredCredentials{}, fmt.Errorf("no such user")
		}
		client, err := hash.NewClient(user, d.lab.opts.Password, "")
		if err != nil {
			return scram.StoredCredentials{}, err
		}
		return client.GetStoredCredentialsWithError(scram.KeyFactors{Salt: d.lab.salt, Iters: scramIterations})
	})
	if err != nil {
		return nil, err
	}
	if want == bindingRequired {
		cb, err := d.channelBinding(first)
		if err != nil {
			return nil, err
		}
		return server.NewConversationWithChannelBindingRequired(cb), nil
	}
	// A client that says "y" where PLUS is offered has had that hidden from it
	// (RFC 5802 section 6).
	if slices.ContainsFunc(d.lab.opts.Mechanisms, func(name string) bool { return strings.HasSuffix(name, plus) && d.offers(name) }) {
		cb, err := d.channelBinding(nil)
		if err != nil {
			return nil, err
		}
		return server.NewConversationWithChannelBinding(cb), nil
	}
	return server.NewConversation(), nil
}

// channelBinding returns the binding of the kind that the client's first
// message names: tls-server-end-point (RFC 5929 section 4), else
// tls-exporter (RFC 9266).
func (d *door) channelBinding(first []byte) (scram.ChannelBinding, error) {
	if bytes.HasPrefix(first, []byte("p=tls-server-end-point,")) {
		sum := sha256.Sum256(d.lab.certificate.Leaf.Raw)
		return scram.ChannelBinding{Type: scram.ChannelBindingTLSServerEndpoint, Data: sum[:]}, nil
	}
	state := d.tls().ConnectionState()
	return scram.NewTLSExporterBinding(&state)
}

// bearer is XOAUTH2 or OAUTHBEARER, which differ in the form of the client's
// message only.
func bearer(parse func(string) (user, token string, ok bool)) func(*door) steps {
	return func(d *door) steps {
		var refused error
		return func(response []byte) ([]byte, bool, error) {
			switch {
			case refused != nil:
				// Whatever the client answered to the error: RFC 7628 section
				// 3.2.3 wants \x01, XOAUTH2 an empty line.
				return nil, false, refused
			case response == nil:
				return nil, false, nil
			}
			user, token, ok := parse(string(response))
			if !ok {
				return nil, false, malformed
			}
			if d.knows(user) && d.accepts(token) {
				refused = d.admit()
			} else {
				refused = d.reject()
			}
			if refused == nil {
				return nil, true, nil
			}
			return []byte(cmp.Or(d.lab.opts.Challenge, `{"status":"401","schemes":"bearer","scope":"mail"}`)), false, nil
		}
	}
}

// accepts tells whether an access token is the account's.
func (d *door) accepts(token string) bool {
	o := d.lab.opts
	return o.Token != "" && same(token, o.Token) || o.Authority != nil && o.Authority.Accepts(token)
}

// parseXOAUTH2 reads "user=U^Aauth=Bearer T^A^A"
// (https://developers.google.com/gmail/imap/xoauth2-protocol).
func parseXOAUTH2(message string) (user, token string, ok bool) {
	first, rest, ok1 := strings.Cut(message, "\x01")
	user, ok2 := strings.CutPrefix(first, "user=")
	token, ok3 := strings.CutPrefix(rest, "auth=Bearer ")
	token, ok4 := strings.CutSuffix(token, "\x01\x01")
	return user, token, ok1 && ok2 && ok3 && ok4
}

// parseOAUTHBEARER reads "n,a=U,^Ahost=H^Aport=P^Aauth=Bearer T^A^A"
// (RFC 7628 section 3.1).
func parseOAUTHBEARER(message string) (user, token string, ok bool) {
	header, rest, _ := strings.Cut(message, "\x01")
	gs2 := strings.Split(header, ",")
	if len(gs2) != 3 || (gs2[0] != "n" && gs2[0] != "y") || gs2[2] != "" || !strings.HasSuffix(rest, "\x01\x01") {
		return "", "", false
	}
	user, ok = strings.CutPrefix(gs2[1], "a=")
	user = strings.NewReplacer("=2C", ",", "=3D", "=").Replace(user) // RFC 5801 section 4
	for _, pair := range strings.Split(rest, "\x01") {
		if t, is := strings.CutPrefix(pair, "auth=Bearer "); is {
			token = t
		}
	}
	return user, token, ok && token != ""
}
