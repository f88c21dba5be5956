//go:build linux

package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"

	"mailcheck/creds"
	"mailcheck/internal/testmsg"
	"mailcheck/report"
)

// whole demands that the run was the whole job, without a flaw, and that its
// message came to INBOX and is gone.
func (s *site) whole(t *testing.T, o outcome, a account) {
	t.Helper()
	if o.exit != 0 || o.report.Result != report.OK {
		t.Errorf("exit status %d, result %s", o.exit, o.report.Result)
	}
	for _, check := range o.report.Checks {
		for _, step := range check.Steps {
			if step.Result == report.Fail || step.Result == report.Warn {
				t.Errorf("%s is %s: %s", step.ID, step.Result, step.Cause)
			}
		}
	}
	o.allOK(t, "smtp", "delivery")
	v := o.report.Verdict
	if v.Receive != report.OK || v.Send != report.OK || v.Delivery != report.OK {
		t.Errorf("receive %s, send %s, delivery %s", v.Receive, v.Send, v.Delivery)
	}
	m := o.report.Message
	if m == nil || m.Folder != "INBOX" || !m.Deleted || m.ID == "" {
		t.Fatalf("the message: %+v", m)
	}
	if len(m.Received) == 0 {
		t.Error("no Received field was read")
	}
	if token := strings.Trim(m.ID, "<>"); s.holds(t, a, token) {
		t.Errorf("the mailbox still holds %s", m.ID)
	}
}

func TestJob(t *testing.T) {
	s := theLab(t)
	s.furnish(t, alice)
	s.untouched(t, alice)
	o := s.check(t, session{keyring: s.startKeyring(t, alice)}, alice.Address)
	s.whole(t, o, alice)
	o.allOK(t, "dns", "creds", "imap", "pop3")
	o.logins(t, 3, 0)
	ports := map[report.Protocol]int{report.IMAP: 993, report.POP3: 995, report.SMTP: 465}
	for _, endpoint := range o.report.Settings {
		if !endpoint.Chosen {
			continue
		}
		if endpoint.Host != "mail."+siteDomain || endpoint.Port != ports[endpoint.Protocol] || endpoint.Source != "srv" || !endpoint.Trusted {
			t.Errorf("chosen: %+v", endpoint)
		}
		delete(ports, endpoint.Protocol)
	}
	if len(ports) > 0 {
		t.Errorf("nothing is chosen for %v", ports)
	}
	if c := o.report.Credentials; c == nil || c.Kind != "password" || !strings.Contains(c.Source, "keyring") {
		t.Errorf("credentials: %+v", c)
	}
}

// TestLeftovers puts what a killed run would have left behind beside messages
// that only look like it: the next run removes what the key of this keyring
// signed, and a run without a keyring nothing.
func TestLeftovers(t *testing.T) {
	s := theLab(t)
	s.furnish(t, alice)
	s.untouched(t, alice)
	k := s.startKeyring(t, alice)
	s.whole(t, s.check(t, session{keyring: k}, alice.Address), alice)
	key := k.lookup(t, "signing-key")
	if len(key) != 64 {
		t.Fatalf("the keyring holds a signing key of %d digits", len(key))
	}
	client := s.openIMAP(t, alice)
	for _, folder := range []string{"INBOX", "Junk"} {
		m, err := testmsg.New(testmsg.Options{From: alice.Address, Over: time.Now().Add(-time.Minute),
			Signer: testmsg.Signer{Key: creds.NewSecret(key), Account: alice.Address}})
		if err != nil {
			t.Fatal(err)
		}
		put(t, client, folder, m.Bytes(), imap.FlagSeen)
	}

	o := s.check(t, session{stdin: alice.Password + "\n"}, alice.Address, "--password-stdin")
	s.whole(t, o, alice)
	if detail := o.step(t, "delivery.cleanup").Detail; detail != "removed" {
		t.Errorf("without a keyring: %s", detail)
	}
	o = s.check(t, session{keyring: k, secrets: []string{key}}, alice.Address)
	s.whole(t, o, alice)
	if detail := o.step(t, "delivery.cleanup").Detail; !strings.HasSuffix(detail, "had left behind: 2") {
		t.Errorf("with the keyring: %s", detail)
	}
}

// TestJobOverOtherWays makes the same run over other ways to the same servers.
func TestJobOverOtherWays(t *testing.T) {
	s := theLab(t)
	host := "mail." + siteDomain
	tests := []struct {
		name   string
		args   []string
		checks []string
	}{
		{"STARTTLS", []string{"--imap", "imap://" + host, "--pop", "pop3://" + host, "--smtp", "smtp://" + host},
			[]string{"imap", "pop3"}},
		{"by address", []string{"--imap", "imaps://" + siteIP, "--pop", "pop3s://" + siteIP, "--smtp", "smtps://" + siteIP},
			[]string{"imap", "pop3"}},
		{"name server given", []string{"--dns", siteIP + ":5353"}, []string{"imap", "pop3"}},
		{"POP3 alone", []string{"--no-imap"}, []string{"pop3"}},
		{"IMAP alone", []string{"--no-pop"}, []string{"imap"}},
	}
	s.furnish(t, uni)
	keyring := s.startKeyring(t, uni)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s.untouched(t, uni)
			o := s.check(t, session{keyring: keyring}, append([]string{uni.Address}, test.args...)...)
			s.whole(t, o, uni)
			o.allOK(t, test.checks...)
		})
	}
}

func TestKeptMessageStays(t *testing.T) {
	s := theLab(t)
	o := s.check(t, session{keyring: s.startKeyring(t, bob)}, bob.Address, "--keep")
	if o.exit != 0 || o.report.Message == nil || o.report.Message.Deleted {
		t.Fatalf("exit status %d, message %+v", o.exit, o.report.Message)
	}
	token := strings.Trim(o.report.Message.ID, "<>")
	if !s.holds(t, bob, token) {
		t.Error("the message is gone")
	}
}
