// Package testmsg is the message that mailcheck sends to see it arrive.
//
//  1. [New] composes it around a random token.
//  2. [Message.Matches] knows it again by the header that the server hands
//     out, however that was folded or added to.
//  3. [Signer.LeftBehind] knows messages of earlier runs of the same user, by
//     the signature that they carry.
//  4. [ReadHeader] reads what the way left in the header: the Received fields
//     and what the receiving server wrote of SPF, DKIM and DMARC.
//
// Headers that come back are foreign text: they are bounded, and nothing that
// is kept of them holds a control character.
package testmsg

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"time"

	"mailcheck/creds"
)

// TokenField is the name of the header field that holds the token.
const TokenField = "X-Mailcheck-Token"

// SubjectWords are what the Subject of every test message begins with.
const SubjectWords = "mailcheck test"

// tokenSize is the length of the token in bytes: 128 bits, which nobody
// guesses and no two runs share.
const tokenSize = 16

// Options says between whom the message goes.
type Options struct {
	// From is the sender's address. It is required.
	From string
	// To is the recipient's address. Empty means From.
	To string
	// Now is the time of the Date field. Zero means the present.
	Now time.Time
	// Rand is where the token comes from. Nil means crypto/rand.
	Rand io.Reader
	// Signer signs the message, for a later run to know it; the zero Signer
	// does not.
	Signer Signer
	// Over is when the run is over at the latest: from then on the message, if
	// it is signed, may be taken for left behind.
	Over time.Time
}

// Message is a test message.
type Message struct {
	// Token marks the message: 32 hexadecimal digits, in lower case.
	Token string
	// ID is the Message-ID, angle brackets included. Relays may rewrite it.
	ID string
	// Subject is the Subject field, which is what a person can look for.
	Subject string

	text []byte
}

// New composes a test message. The error is a *creds.AddressError for an
// address that cannot stand in a header, or that of the random source.
func New(opt Options) (*Message, error) {
	from, err := creds.ParseAddress(opt.From)
	if err != nil {
		return nil, err
	}
	to := from
	if opt.To != "" {
		if to, err = creds.ParseAddress(opt.To); err != nil {
			return nil, err
		}
	}
	if opt.Now.IsZero() {
		opt.Now = time.Now()
	}
	if opt.Rand == nil {
		opt.Rand = rand.Reader
	}
	random := make([]byte, tokenSize)
	if _, err := io.ReadFull(opt.Rand, random); err != nil {
		return nil, fmt.Errorf("no random token: %w", err)
	}
	m := &Message{Token: hex.EncodeToString(random)}
	m.ID = "<" + m.Token + "@" + from.Domain + ">"
	m.Subject = SubjectWords + " " + m.Token
	m.compose(from.Mailbox(), to.Mailbox(), opt)
	return m, nil
}

// body fits 78 columns (RFC 5322 section 2.1.1) and is ASCII, so that no
// server has to recode it.
const body = `This is a test message. The program mailcheck sent it on behalf of the owner
of the address in its From field, to find out whether that e-mail account can
send and receive.

Nothing needs to be done. mailcheck deletes the message when it has seen it
arrive; if it is still here, it may be deleted.
`

// compose writes the message. Only a long address makes a line longer than 78
// columns. The date is in UTC: the time zone would tell of the machine.
func (m *Message) compose(from, to string, opt Options) {
	fields := [][2]string{
		{"From", from},
		{"To", to},
		{"Subject", m.Subject},
		{"Date", opt.Now.UTC().Format(time.RFC1123Z)}, // RFC 5322 section 3.3
		{"Message-ID", m.ID},
		{TokenField, m.Token},
		{"Auto-Submitted", "auto-generated"}, // RFC 3834 section 5: no vacation replies
		{"X-Auto-Response-Suppress", "All"},  // the same for Exchange
		{"MIME-Version", "1.0"},
		{"Content-Type", "text/plain; charset=us-ascii"},
	}
	if !opt.Signer.Key.IsZero() {
		fields = append(fields, [2]string{SignatureField, opt.Signer.field(m.Token, opt.Over)})
	}
	var b strings.Builder
	for _, field := range fields {
		b.WriteString(field[0] + ": " + field[1] + "\r\n")
	}
	b.WriteString("\r\n" + strings.ReplaceAll(body, "\n", "\r\n"))
	m.text = []byte(b.String())
}

// Bytes returns the message as it is sent, with CRLF at the line ends.
func (m *Message) Bytes() []byte { return bytes.Clone(m.text) }

// Matches tells whether a header, as fetched, is this message's: it has the
// token in one token field, and no second one. Everything that mailcheck
// deletes has passed here.
func (m *Message) Matches(header []byte) bool {
	var tokens []string
	for _, f := range readFields(header) {
		if f.is(TokenField) {
			tokens = append(tokens, f.value)
		}
	}
	return len(tokens) == 1 && tokens[0] == m.Token && m.Token != ""
}
