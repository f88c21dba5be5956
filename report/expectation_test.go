package report

import "testing"

func TestExpectationCovers(t *testing.T) {
	for _, c := range []struct {
		pattern, id string
		want        bool
	}{
		{"smtp.auth", "smtp.auth", true},
		{"smtp.auth", "smtp.auth2", false},
		{"smtp.auth", "smtp#2.auth", false},
		{"*.auth", "imap.auth", true},
		{"*.auth", "imap.authentic", false},
		{"smtp*", "smtp#2.rcpt", true},
		{"smtp*.rcpt", "smtp#2.rcpt", true},
		{"smtp*.rcpt", "imap.rcpt", false},
		{"*", "dns.mx", true},
		{"*a*a", "a", false}, // no character counts twice
		{"*a*a", "aba", true},
		{"i*p.*", "imap.auth", true},
		{"smtp.*pt", "smtp.rcpt", true},
		{"smtp.rc*rcpt", "smtp.rcpt", false},
	} {
		if got := (Expectation{Step: c.pattern}).Covers(c.id); got != c.want {
			t.Errorf("%s covers %s: %v", c.pattern, c.id, got)
		}
	}
}

// TestJudged: of several expectations the last counts, as of flags.
func TestJudged(t *testing.T) {
	r := &Report{Expectations: []Expectation{
		{Step: "*.auth", Result: Fail},
		{Step: "imap.auth", Result: Fail, Cause: AuthBadCredentials},
		{Step: "pop3.*", Result: Skip},
	}}
	for _, c := range []struct {
		step Step
		want Result
	}{
		{Step{ID: "smtp.auth", Result: Fail, Cause: AuthRateLimited}, OK},
		{Step{ID: "smtp.auth", Result: OK}, Fail},
		{Step{ID: "smtp.auth", Result: Skip}, Skip},
		{Step{ID: "imap.auth", Result: Fail, Cause: AuthRateLimited}, Fail},
		{Step{ID: "imap.auth", Result: Fail, Cause: AuthBadCredentials}, OK},
		{Step{ID: "pop3.auth", Result: Skip}, OK},
		{Step{ID: "pop3.connect", Result: OK}, Fail},
		{Step{ID: "dns.mx", Result: Warn}, Warn},
	} {
		if got := r.Judged(&c.step); got != c.want {
			t.Errorf("%+v: %s, want %s", c.step, got, c.want)
		}
	}
}
