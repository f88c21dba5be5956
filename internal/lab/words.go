package lab

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-smtp"

	"mailcheck/internal/lazyre"
	"mailcheck/report"
)

var (
	smtpWords = lazyre.New(`^(\d{3}) (?:(\d)\.(\d{1,3})\.(\d{1,3}) )?(.+)$`)
	imapWords = lazyre.New(`^(NO|BAD|BYE) (?:\[([^\]]+)\] )?(.+)$`)
)

// say makes the servers answer a step with these words, as they would stand on
// the wire: "535 5.7.8 …", "NO [ALERT] …", "-ERR [AUTH] …".
func (b *behaviour) say(step, words string) error {
	wrong := fmt.Errorf("lab: no server says %q at %s", words, step)
	protocol, step, _ := strings.Cut(step, ".")
	var no refusal
	switch report.Protocol(protocol) {
	case report.IMAP:
		m := imapWords.FindStringSubmatch(words)
		if m == nil {
			return wrong
		}
		no.imap = imap.Error{Type: imap.StatusResponseType(m[1]), Code: imap.ResponseCode(m[2]), Text: m[3]}
	case report.POP3:
		text, ok := strings.CutPrefix(words, "-ERR ")
		if !ok {
			return wrong
		}
		no.pop3 = text
	case report.SMTP:
		m := smtpWords.FindStringSubmatch(words)
		if m == nil {
			return wrong
		}
		no.smtp = smtp.SMTPError{EnhancedCode: smtp.NoEnhancedCode, Message: m[5]}
		no.smtp.Code, _ = strconv.Atoi(m[1])
		if m[2] != "" {
			for i := range no.smtp.EnhancedCode {
				no.smtp.EnhancedCode[i], _ = strconv.Atoi(m[2+i])
			}
		}
	}
	switch place := protocol + "." + step; place {
	case "imap.auth", "pop3.auth", "smtp.auth":
		if b.refuseLogin == nil {
			b.refuseLogin = map[report.Protocol]*refusal{}
		}
		b.refuseLogin[report.Protocol(protocol)] = &no
	case "imap.mailbox":
		b.examine = &no.imap
	case "smtp.mail":
		b.mail = &no.smtp
	case "smtp.rcpt":
		b.rcpt = &no.smtp
	case "smtp.data":
		b.data = &no.smtp
	default:
		return wrong
	}
	return nil
}
