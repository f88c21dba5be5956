package lab

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"mailcheck/report"
)

// The bounds of what an SMTP client may send.
const (
	smtpMaxMessage    = 10 << 20
	smtpMaxRecipients = 100
	smtpMaxLine       = 12288 + 2 // RFC 4954 section 4: a SASL response, with CRLF
)

// The refusals of a message, in the words of real servers.
var (
	authenticationRequired = &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "Authentication required"}
	senderNotOwned         = &smtp.SMTPError{Code: 553, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "Sender address rejected: not owned by user"}
	recipientUnknown       = &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "Recipient address rejected: User unknown in virtual mailbox table"}
	spam                   = &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "Message rejected as spam by Content Filtering."}
)

// Submission is a message that the SMTP server has accepted.
type Submission struct {
	From string
	To   []string
	Data []byte // as the client sent it
}

// smtpServer is go-smtp's server as a submission server (RFC 6409).
type smtpServer struct {
	lab *Lab
	in  *handoff
}

func newSMTPServer(l *Lab) *smtpServer {
	s := &smtpServer{lab: l, in: newHandoff(l.stop)}
	srv := smtp.NewServer(smtp.BackendFunc(s.session))
	srv.Domain = l.server(report.SMTP)
	srv.MaxMessageBytes = smtpMaxMessage
	srv.MaxRecipients = smtpMaxRecipients
	srv.MaxLineLength = smtpMaxLine
	srv.AllowInsecureAuth = l.opts.AllowCleartext
	srv.ErrorLog = log.New(io.Discard, "", 0)
	if !l.behaviour.noSTARTTLS {
		srv.TLSConfig = l.tls
	}
	l.workers.Go(func() { _ = srv.Serve(s.in) })
	return s
}

func (s *smtpServer) serve(c *conn, security report.Security) {
	var stream net.Conn = c
	if security == report.TLS {
		stream = tls.Server(c, s.lab.tls)
	}
	s.in.offer(stream)
}

// session begins a session; go-smtp asks for one at EHLO, and again after
// STARTTLS.
func (s *smtpServer) session(c *smtp.Conn) (smtp.Session, error) {
	if s.lab.behaviour.hangUpEHLO {
		c.Conn().Close()
		return nil, net.ErrClosed
	}
	secured, _ := c.Conn().(*tls.Conn)
	return &smtpSession{lab: s.lab, conn: c, door: &door{lab: s.lab, protocol: report.SMTP, tls: func() *tls.Conn { return secured }}}, nil
}

// smtpSession is one session of an SMTP client.
type smtpSession struct {
	lab      *Lab
	conn     *smtp.Conn
	door     *door
	loggedIn bool
	from     string
	to       []string
}

var _ smtp.AuthSession = (*smtpSession)(nil)

// AuthMechanisms implements smtp.AuthSession.
func (s *smtpSession) AuthMechanisms() []string { return s.door.mechanisms() }

// Auth implements smtp.AuthSession.
func (s *smtpSession) Auth(mechanism string) (sasl.Server, error) {
	exchange, err := s.door.sasl(mechanism)
	if err != nil {
		return nil, smtpError(err)
	}
	return steps(func(response []byte) ([]byte, bool, error) {
		challenge, done, err := exchange.Next(response)
		s.loggedIn = done && err == nil
		return challenge, done, smtpError(err)
	}), nil
}

func smtpError(err error) error {
	var r *refusal
	if errors.As(err, &r) {
		return &r.smtp
	}
	return err
}

// Reset implements smtp.Session.
func (s *smtpSession) Reset() { s.from, s.to = "", nil }

// Logout implements smtp.Session.
func (s *smtpSession) Logout() error { return nil }

// Mail implements smtp.Session. A user owns the account's address alone.
func (s *smtpSession) Mail(from string, _ *smtp.MailOptions) error {
	switch {
	case !s.loggedIn:
		return authenticationRequired
	case s.lab.behaviour.mail != nil:
		return s.lab.behaviour.mail
	case !s.lab.owns(from):
		return senderNotOwned
	}
	s.Reset()
	s.from = from
	return nil
}

// Rcpt implements smtp.Session. Recipients elsewhere are taken, as by any
// submission server, but nothing ever leaves the lab.
func (s *smtpSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	local := strings.EqualFold(domainOf(to), s.lab.domain)
	switch {
	case s.lab.behaviour.rcpt != nil:
		return s.lab.behaviour.rcpt
	case local && !s.lab.owns(to):
		return recipientUnknown
	}
	s.to = append(s.to, to)
	return nil
}

// Data implements smtp.Session.
func (s *smtpSession) Data(r io.Reader) error {
	data, err := io.ReadAll(r) // go-smtp bounds it
	if err != nil {
		return err
	}
	if s.lab.behaviour.data != nil {
		return s.lab.behaviour.data
	}
	trace := s.received()
	message := Submission{From: s.from, To: slices.Clone(s.to), Data: data}
	s.lab.mu.Lock()
	s.lab.submissions = append(s.lab.submissions, message)
	s.lab.mu.Unlock()
	if s.lab.opts.SentCopy && !(s.lab.opts.Labels && s.lab.arrives(message)) {
		s.lab.put(data, imap.FlagSeen, imap.MailboxAttrSent)
	}
	s.lab.deliver(message, trace)
	return nil
}

// received is the trace field of the submission server (RFC 5321 section 4.4,
// RFC 3848).
func (s *smtpSession) received() string {
	with := "ESMTPA"
	if s.door.tls() != nil {
		with = "ESMTPSA"
	}
	host, _, _ := net.SplitHostPort(s.conn.Conn().RemoteAddr().String())
	return fmt.Sprintf("Received: from %s ([%s])\r\n\tby %s with %s id %s;\r\n\t%s\r\n",
		s.conn.Hostname(), host, s.lab.server(report.SMTP), with, s.lab.queueID(), time.Now().Format(time.RFC1123Z))
}

// arrives tells whether an accepted message is for the mailbox and gets there.
func (l *Lab) arrives(message Submission) bool {
	return l.behaviour.fate != lost &&
		slices.ContainsFunc(message.To, l.owns)
}

// deliver gives an accepted message to the mailbox, if it is for that, with
// the fields that the receiving side adds on top.
func (l *Lab) deliver(message Submission, trace string) {
	if !l.arrives(message) {
		return
	}
	folders := []imap.MailboxAttr{""}
	if l.behaviour.fate == junked {
		folders[0] = imap.MailboxAttrJunk
	}
	if l.opts.Labels && l.opts.SentCopy { // to oneself: one message with both labels
		folders = append(folders, imap.MailboxAttrSent)
	}
	put := func() {
		var raw bytes.Buffer
		raw.WriteString(l.finalTrace(message.From))
		raw.WriteString(trace)
		raw.Write(l.signature(message))
		l.put(raw.Bytes(), "", folders...)
	}
	if l.opts.DeliverAfter <= 0 {
		put()
		return
	}
	l.workers.Go(func() {
		if wait(l.opts.DeliverAfter, l.stop) {
			put()
		}
	})
}

// finalTrace holds the fields of the final delivery: Return-Path (RFC 5321
// section 4.4), Authentication-Results (RFC 8601) and its Received.
func (l *Lab) finalTrace(from string) string {
	spf, dkim, dmarc := "pass", "pass", "pass"
	if l.behaviour.unauthentic {
		spf, dkim, dmarc = "fail", "none", "fail"
	}
	domain := domainOf(from)
	return fmt.Sprintf("Return-Path: <%s>\r\n"+
		"Authentication-Results: %s;\r\n\tspf=%s smtp.mailfrom=%s;\r\n\tdkim=%s header.d=%s;\r\n\tdmarc=%s header.from=%s\r\n"+
		"Received: from %s ([127.0.0.1])\r\n\tby %s with LMTP id %s\r\n\tfor <%s>; %s\r\n",
		from, l.host("mail"), spf, domain, dkim, domain, dmarc, domain,
		l.server(report.SMTP), l.host("mail"), l.queueID(), l.opts.Address, time.Now().Format(time.RFC1123Z))
}

// put files a message in the folders with these uses; INBOX has none. The flag
// may be empty.
func (l *Lab) put(raw []byte, flag imap.Flag, uses ...imap.MailboxAttr) {
	l.mailbox.mu.Lock()
	defer l.mailbox.mu.Unlock()
	var flags []imap.Flag
	if flag != "" {
		flags = []imap.Flag{flag}
	}
	l.mailbox.file(raw, flags, uses...)
}
