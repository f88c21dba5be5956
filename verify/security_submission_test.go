package verify_test

import (
	"strings"
	"testing"
	"time"

	"mailcheck/internal/diagnose"
	"mailcheck/report"
	"mailcheck/verify"
)

// TestSecuritySubmission: case 71. A message whose acceptance was not heard is
// never sent again, and never called sent or not sent.
func TestSecuritySubmission(t *testing.T) {
	const upToDot = smtpPLAIN + "S: 235 ok\nC: MAIL FROM:<anna@example.test>\nS: 250 ok\nC: RCPT TO:<bob@example.test>\nS: 250 ok\nC: DATA\nS: 354 go on\nC! message\n"
	lost := hostileCase{check: report.SMTP, way: report.TLS, told: theSecret, step: "smtp.data", exit: report.ExitProtocol,
		change: func(o *verify.Options) {
			o.Send, o.To, o.StepTimeout = diagnose.SendMessage, "bob@example.test", 600*time.Millisecond
		},
		judge: func(t *testing.T, rep *report.Report) {
			if rep.Message == nil || rep.Message.Deleted {
				t.Errorf("message %+v", rep.Message)
			}
			if arrive := rep.Check("delivery").Step("arrive"); arrive.Result == report.OK || !strings.Contains(arrive.Detail, "may still arrive") {
				t.Errorf("delivery.arrive is %s: %s", arrive.Result, arrive.Detail)
			}
		}}
	as := func(name string, cause report.Cause, script string) hostileCase {
		c := lost
		c.name, c.cause, c.script = name, cause, upToDot+script
		return c
	}
	play(t, []hostileCase{
		as("case 71 hung up behind the final dot", report.ConnectClosedEarly, "S! close"),
		as("case 71 silence behind the final dot", report.ConnectTimeout, "S! stall"),
		as("case 71 half a reply behind the final dot", report.ConnectClosedEarly, `S! raw "250 o"`+"\nS! close"),
		as("case 71 nonsense behind the final dot", report.Unknown, "S: what?\n"+smtpBye),
		as("case 71 success of another kind behind the final dot", report.Unknown, "S: 221 2.0.0 bye\n"+smtpBye),
	})
}
