//go:build linux

package e2e

import (
	"strings"
	"testing"
	"time"

	"mailcheck/report"
)

// TestMechanisms logs in with each mechanism over each protocol that has it.
func TestMechanisms(t *testing.T) {
	s := theLab(t)
	all := []string{"imap", "pop3", "smtp"}
	tests := []struct {
		mechanism string
		protocols []string
		token     bool
	}{
		{"PLAIN", all, false},
		{"LOGIN", all, false},
		{"CRAM-MD5", all, false},
		{"SCRAM-SHA-1", all, false},
		{"SCRAM-SHA-256", all, false},
		{"XOAUTH2", all, true},
		{"OAUTHBEARER", all, true},
		{"USER", []string{"pop3"}, false}, // RFC 1939 section 7: USER and PASS
		{"APOP", []string{"pop3"}, false}, // RFC 1939 section 7
	}
	off := map[string]string{"imap": "--no-imap", "pop3": "--no-pop", "smtp": "--no-smtp"}
	keyring := s.startKeyring(t, uni)
	for _, test := range tests {
		t.Run(test.mechanism, func(t *testing.T) {
			with := session{keyring: keyring}
			args := []string{uni.Address, "--send", "auth", "--auth", strings.ToLower(test.mechanism)}
			if test.token {
				token := uni.token(time.Now().Add(time.Hour))
				with.stdin, with.secrets = token+"\n", []string{token}
				args = append(args, "--oauth-token-stdin")
			}
			for _, protocol := range all {
				if !strings.Contains(strings.Join(test.protocols, " "), protocol) {
					args = append(args, off[protocol])
				}
			}
			o := s.check(t, with, args...)
			if o.exit != 0 {
				t.Errorf("exit status %d", o.exit)
			}
			for _, id := range test.protocols {
				if step := o.step(t, id+".auth"); step.Result != report.OK {
					t.Errorf("%s is %s: %s %+v", step.ID, step.Result, step.Cause, step.Reply)
				}
				if auth := o.report.Check(id).Auth; auth == nil || auth.Mechanism != test.mechanism {
					t.Errorf("%s logged in with %+v", id, auth)
				}
			}
			o.logins(t, len(test.protocols), 0)
		})
	}
}

// TestMechanismsRefused logs in with a secret that is not the account's: the
// servers' ways to refuse differ with the mechanism.
func TestMechanismsRefused(t *testing.T) {
	s := theLab(t)
	hour := time.Now().Add(time.Hour)
	tests := []struct {
		name, mechanism string
		secret          string
		cause           report.Cause
	}{
		{"PLAIN", "PLAIN", "wrong", report.AuthBadCredentials},
		{"CRAM-MD5", "CRAM-MD5", "wrong", report.AuthBadCredentials},
		{"SCRAM-SHA-256", "SCRAM-SHA-256", "wrong", report.AuthBadCredentials},
		{"XOAUTH2, token of yesterday", "XOAUTH2", alice.token(time.Now().Add(-day)), report.AuthTokenExpired},
		{"OAUTHBEARER, token of yesterday", "OAUTHBEARER", alice.token(time.Now().Add(-day)), report.AuthTokenExpired},
		{"OAUTHBEARER, token of another", "OAUTHBEARER", bob.token(hour), report.AuthTokenExpired},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			how := "--password-stdin"
			if strings.Contains(test.mechanism, "OAUTH") {
				how = "--oauth-token-stdin"
			}
			with := session{stdin: test.secret + "\n"}
			if len(test.secret) > len("wrong") {
				with.secrets = []string{test.secret}
			}
			o := s.check(t, with, alice.Address, "--auth", test.mechanism, "--send", "auth", how)
			o.ends(t, "imap.auth", test.cause, 15)
			o.logins(t, 2, 2)
			for _, id := range []string{"imap", "pop3", "smtp"} {
				o.finished(t, id)
			}
		})
	}
}
