//go:build linux

package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"mailcheck/report"
)

// drop has a packet filter drop what comes to the port, until the test ends.
func (s *site) drop(t *testing.T, port int) {
	t.Helper()
	nft := func(rules string) {
		cmd := exec.Command("nft", "-f", "-")
		cmd.Stdin = strings.NewReader(rules)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("nft: %v: %s", err, out)
		}
	}
	nft(fmt.Sprintf("table inet e2e {\n chain input {\n  type filter hook input priority 0\n  tcp dport %d drop\n }\n}\n", port))
	t.Cleanup(func() { nft("delete table inet e2e\n") })
}

// refusals counts the logins that Dovecot refused, for itself and for
// Postfix, by its own log.
func (s *site) refusals(t *testing.T) int {
	t.Helper()
	log, err := os.ReadFile(s.path("dovecot.log"))
	if err != nil {
		t.Fatal(err)
	}
	return len(refusal.FindAll(log, -1))
}

var refusal = regexp.MustCompile(`auth: (Info|Error): .*(Password mismatch|unknown user|Authentication failed)`)

func TestFailures(t *testing.T) {
	s := theLab(t)
	wrong := account{Address: alice.Address, Password: "last year's password"}
	host := "mail." + siteDomain
	tests := []struct {
		name    string
		fault   fault
		drop    int
		account account
		args    []string

		step    string
		cause   report.Cause
		exit    int
		healthy []string // the checks that go through nevertheless
		logins  report.Logins
		also    func(outcome, *testing.T)
	}{
		{name: "wrong password", account: wrong,
			step: "imap.auth", cause: report.AuthBadCredentials, exit: 15,
			logins: report.Logins{Made: 2, Rejected: 2}},
		{name: "may not send", account: nosmtp,
			step: "smtp.auth", cause: report.AuthBadCredentials, exit: 15,
			healthy: []string{"imap", "pop3"}, logins: report.Logins{Made: 3, Rejected: 1}, also: outcome.suspectsTheAccount},
		{name: "Postfix down", account: alice, fault: fault{NoPostfix: true},
			step: "smtp.connect", cause: report.ConnectRefused, exit: 12,
			healthy: []string{"imap", "pop3"}, logins: report.Logins{Made: 2}},
		{name: "Dovecot down", account: alice, fault: fault{NoDovecot: true},
			step: "imap.connect", cause: report.ConnectRefused, exit: 12},
		{name: "LMTP down", account: alice, fault: fault{NoLMTP: true}, args: []string{"--wait", "3s"},
			step: "delivery.arrive", cause: report.DeliveryNotArrived, exit: 18,
			healthy: []string{"imap", "pop3", "smtp"}, logins: report.Logins{Made: 3}, also: outcome.namesTheMessage},
		{name: "certificate expired", account: alice, fault: fault{Certificate: "expired"},
			step: "imap.tls", cause: report.TLSExpired, exit: 13},
		{name: "no STARTTLS", account: alice, fault: fault{NoTLS: true},
			args: []string{"--imap", "imap://" + host, "--pop", "pop3://" + host, "--smtp", "smtp://" + host},
			step: "imap.starttls", cause: report.TLSStartTLSNotOffered, exit: 13},
		{name: "587 dropped", account: alice, drop: 587,
			args: []string{"--smtp", "smtp://" + host, "--step-timeout", "3s"},
			step: "smtp.connect", cause: report.ConnectTimeout, exit: 12,
			healthy: []string{"imap", "pop3"}, logins: report.Logins{Made: 2}, also: outcome.namesTheOtherPort},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			keyring := s.startKeyring(t, test.account)
			if test.fault != (fault{}) {
				s.breakWith(t, test.fault)
			}
			if test.drop != 0 {
				s.drop(t, test.drop)
			}
			before := s.refusals(t)
			o := s.check(t, session{keyring: keyring, secrets: []string{test.account.Password}},
				append([]string{test.account.Address}, test.args...)...)
			o.ends(t, test.step, test.cause, test.exit)
			for _, id := range []string{"imap", "pop3", "smtp"} {
				o.finished(t, id)
			}
			o.allOK(t, append([]string{"dns", "creds"}, test.healthy...)...)
			o.logins(t, test.logins.Made, test.logins.Rejected)
			if refused := s.refusals(t) - before; refused != test.logins.Rejected {
				t.Errorf("Dovecot refused %d logins, want %d", refused, test.logins.Rejected)
			}
			if test.also != nil {
				test.also(o, t)
			}
		})
	}
}

// suspectsTheAccount demands that a password that IMAP took and SMTP refused
// puts the blame on the account's permission too: Postfix has the same words
// for both.
func (o outcome) suspectsTheAccount(t *testing.T) {
	t.Helper()
	disabled := func(a report.Alternative) bool { return a.Cause == report.AuthProtocolDisabled }
	if step := o.step(t, "smtp.auth"); !slices.ContainsFunc(step.Alternatives, disabled) {
		t.Errorf("the alternatives of %s: %+v", step.ID, step.Alternatives)
	}
	if v := o.report.Verdict; v.Receive != report.OK || v.Send != report.Fail {
		t.Errorf("receive %s, send %s", v.Receive, v.Send)
	}
}

// namesTheMessage demands that the report of a message that may still arrive
// says what to look for.
func (o outcome) namesTheMessage(t *testing.T) {
	t.Helper()
	if !strings.Contains(squeeze(o.stdout), "mailchecktest") {
		t.Error("the text does not name the message's Subject")
	}
	if m := o.report.Message; m == nil || m.Deleted || m.SentMS == 0 {
		t.Errorf("the message: %+v", m)
	}
}

// namesTheOtherPort demands that beside a filtered 587 the report names 465.
func (o outcome) namesTheOtherPort(t *testing.T) {
	t.Helper()
	if advice := strings.Join(o.report.Verdict.Advice, " "); !strings.Contains(advice, "465") {
		t.Errorf("the advice does not name port 465: %s", advice)
	}
}
