package lab

import (
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"
)

// answerLogin answers a login with what the door said.
func (p *pop3Session) answerLogin(err error) {
	var r *refusal
	switch {
	case err == nil:
		p.enter()
	case errors.As(err, &r):
		p.reply("-ERR %s", r.pop3)
	default:
		p.reply("-ERR [SYS/TEMP] %v", err) // RFC 3206 section 4
	}
}

// mayLogin tells whether a login by this name is offered, else it answers.
func (p *pop3Session) mayLogin(name string) bool {
	switch {
	case !p.door.secure():
		p.answerLogin(clearText)
	case !p.door.offers(name):
		p.answerLogin(notOffered)
	default:
		return true
	}
	return false
}

func (p *pop3Session) giveUser(name string) {
	if p.mayLogin(userPass) {
		p.user = name
		p.reply("+OK") // also for a user that does not exist (RFC 1939 section 13)
	}
}

func (p *pop3Session) givePass(password string) {
	switch {
	case !p.mayLogin(userPass):
	case p.user == "":
		p.reply("-ERR USER first")
	default:
		p.answerLogin(p.door.password(p.user, password))
		p.user = ""
	}
}

// giveAPOP is RFC 1939 section 7.
func (p *pop3Session) giveAPOP(argument string) {
	if !p.mayLogin(apop) {
		return
	}
	user, digest, _ := strings.Cut(argument, " ")
	sum := md5.Sum([]byte(p.banner + p.lab.opts.Password))
	if p.door.knows(user) && same(strings.ToLower(digest), hex.EncodeToString(sum[:])) {
		p.answerLogin(p.door.admit())
	} else {
		p.answerLogin(p.door.reject())
	}
}

// auth is the exchange of RFC 5034. Without an argument it lists the
// mechanisms, as old clients expect (RFC 5034 section 4).
func (p *pop3Session) auth(argument string) {
	if argument == "" {
		p.reply("+OK")
		p.multiline(p.door.mechanisms()...)
		return
	}
	name, initial, given := strings.Cut(argument, " ")
	exchange, err := p.door.sasl(strings.ToUpper(name))
	if err != nil {
		p.answerLogin(err)
		return
	}
	var response []byte
	if given {
		if response, err = decodeBase64(initial); err != nil {
			p.answerLogin(malformed)
			return
		}
	}
	for {
		challenge, done, err := exchange.Next(response)
		if err != nil || done {
			p.answerLogin(err)
			return
		}
		p.reply("+ %s", base64.StdEncoding.EncodeToString(challenge))
		line, err := p.readLine(popMaxResponse)
		if err != nil {
			p.ended = true
			return
		}
		if line == "*" {
			p.reply("-ERR Authentication cancelled")
			return
		}
		if response, err = decodeBase64(line); err != nil {
			p.answerLogin(malformed)
			return
		}
	}
}

// decodeBase64 decodes a SASL response; "=" is an empty initial one. The
// result is never nil.
func decodeBase64(text string) ([]byte, error) {
	if text == "=" {
		text = ""
	}
	data, err := base64.StdEncoding.DecodeString(text)
	return append([]byte{}, data...), err
}
