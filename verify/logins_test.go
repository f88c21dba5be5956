package verify

import (
	"slices"
	"testing"
	"testing/synctest"

	"mailcheck/report"
)

// TestLoginOrder plays every combination of servers that accept, refuse or
// cannot be logged in to, and looks at the order and the number of refusals.
func TestLoginOrder(t *testing.T) {
	for _, tc := range []struct {
		name            string
		imap, pop, smtp outcome
		order           string // who logs in, in waves
		limited         bool   // POP3 was held back
	}{
		{"all well", accepted, accepted, accepted, "imap | pop3 smtp", false},
		{"wrong password", refused, refused, refused, "imap | smtp", true},
		{"IMAP refused alone", refused, accepted, accepted, "imap | smtp | pop3", false},
		{"SMTP refused alone", accepted, accepted, refused, "imap | pop3 smtp", false},
		{"no IMAP", none, accepted, accepted, "pop3 | smtp", false},
		{"no IMAP, wrong password", none, refused, refused, "pop3 | smtp", false},
		{"no POP3", accepted, none, accepted, "imap | smtp", false},
		{"no SMTP, IMAP refused", refused, accepted, none, "imap | pop3", false},
		{"only SMTP", none, none, accepted, "smtp", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ends := map[report.Protocol]outcome{report.IMAP: tc.imap, report.POP3: tc.pop, report.SMTP: tc.smtp}
				var taking []report.Protocol
				for p, end := range ends {
					if end != none {
						taking = append(taking, p)
					}
				}
				l := newLogins(taking)
				waiting := make(chan report.Protocol, 3)
				limited := false
				let := map[report.Protocol]chan struct{}{}
				for _, p := range taking {
					let[p] = make(chan struct{})
				}
				for _, p := range taking {
					go func() {
						if may, because := l.turn(t.Context(), p); !may {
							limited = because == "imap.auth" && p == report.POP3
							l.end(p, none, false)
							return
						}
						waiting <- p
						<-let[p]
						l.made()
						l.end(p, ends[p], ends[p] == refused)
					}()
				}
				var order string
				for {
					synctest.Wait() // until everybody waits for somebody
					var wave []string
					for len(waiting) > 0 {
						wave = append(wave, string(<-waiting))
					}
					if len(wave) == 0 {
						break
					}
					slices.Sort(wave)
					for i, p := range wave {
						if i == 0 && order != "" {
							order += " | "
						} else if i > 0 {
							order += " "
						}
						order += p
						close(let[report.Protocol(p)])
					}
				}
				if order != tc.order {
					t.Errorf("order %q, want %q", order, tc.order)
				}
				if limited != tc.limited {
					t.Errorf("POP3 held back: %v", limited)
				}
				if c := l.count(); c.Rejected > c.Limit {
					t.Errorf("%d logins refused", c.Rejected)
				}
			})
		})
	}
}
