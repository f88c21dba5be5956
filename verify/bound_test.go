package verify_test

import (
	"bytes"
	"strings"
	"testing"

	"mailcheck/internal/render"
	"mailcheck/report"
)

// Servers whose lists of capabilities have as much in them as can be said: the
// report has the first of each entry, says that it was cut, and is small in
// every format.
func TestReportsAreBounded(t *testing.T) {
	entry := "X-" + strings.Repeat("long", 4000)
	ehlo := smtpGreets + "S: 250-mail.example.test\n" + strings.Repeat("S: 250-"+entry+"\n", 97) +
		"S: 250 AUTH PLAIN\nC: AUTH PLAIN {PLAIN}\nS: 235 2.7.0 ok\nC: QUIT\nS: 221 bye\n"
	capa := "S! tls\nS: +OK ready\nC: CAPA\nS: +OK\n" + strings.Repeat("S: "+entry+"\n", 96) + "S: SASL PLAIN\nS: UIDL\nS: PIPELINING\nS: .\nC: AUTH PLAIN {PLAIN}\n" +
		"S: +OK welcome\nC: STAT\nC: UIDL\nS: +OK 0 0\nS: +OK\nS: .\nC: QUIT\nS: +OK bye\n"
	bounded := func(id string, most int) func(*testing.T, *report.Report) {
		return func(t *testing.T, rep *report.Report) {
			caps := rep.Check(id).Capabilities.AfterTLS
			if len(caps) < 97 || caps[len(caps)-1] == "..." || len(caps[0]) > 300 || !strings.HasSuffix(caps[0], " ...") {
				t.Errorf("%d capabilities, %.400q", len(caps), caps[0])
			}
			for _, c := range rep.Checks {
				c.Transcript = nil // it has bounds of its own
			}
			for _, format := range render.Formats {
				var b bytes.Buffer
				if err := format.Write(&b, rep, render.Options{Verbosity: render.Verbose}); err != nil {
					t.Fatal(err)
				}
				if b.Len() > most {
					t.Errorf("%s has %d bytes", format.Name, b.Len())
				}
			}
		}
	}
	play(t, []hostileCase{
		{name: "EHLO", check: report.SMTP, way: report.TLS, told: theSecret, script: ehlo, judge: bounded("smtp", 60<<10)},
		{name: "CAPA", check: report.POP3, way: report.TLS, told: theSecret, script: capa, judge: bounded("pop3", 60<<10)},
	})
}
