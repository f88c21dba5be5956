package report

import "testing"

func TestSameServer(t *testing.T) {
	e := Endpoint{Protocol: IMAP, Host: "imap.example.com", Port: 993, Security: TLS, Source: "srv", Username: "anna"}
	for what, tc := range map[string]struct {
		change func(*Endpoint)
		same   bool
	}{
		"of another source": {func(e *Endpoint) { e.Source, e.Username, e.Trusted = "ispdb", "anna@example.com", true }, true},
		"in capitals":       {func(e *Endpoint) { e.Host = "IMAP.example.com" }, true},
		"another protocol":  {func(e *Endpoint) { e.Protocol = POP3 }, false},
		"another host":      {func(e *Endpoint) { e.Host = "mail.example.com" }, false},
		"another port":      {func(e *Endpoint) { e.Port = 143 }, false},
		"another mode":      {func(e *Endpoint) { e.Security = STARTTLS }, false},
	} {
		other := e
		tc.change(&other)
		check := new(Log).Check("imap", &other).Check()
		if e.SameServer(other) != tc.same || other.SameServer(e) != tc.same || check.At(e) != tc.same {
			t.Errorf("%s: the same one: %v, at it: %v", what, e.SameServer(other), check.At(e))
		}
	}
	if (&Check{ID: "dns"}).At(Endpoint{}) {
		t.Error("a check without a server is at one")
	}
}

// A login counts as taken by what the server said to it.
func TestLoginTaken(t *testing.T) {
	refused := &ReplyError{Reply: Reply{Status: "NO"}}
	for what, tc := range map[string]struct {
		step  Step
		taken bool
	}{
		"taken":                          {Step{Result: OK}, true},
		"taken over clear text":          {Step{Result: Warn, Cause: AuthCleartextRefused}, true},
		"refused":                        {Step{Result: Fail, Err: refused}, false},
		"refused where another is right": {Step{Result: Warn, Err: refused, Cause: AuthUsernameForm}, false},
		"switched off beside IMAP":       {Step{Result: Warn, Cause: AuthProtocolDisabled}, false},
		"not made":                       {Step{Result: Skip}, false},
	} {
		if got := tc.step.LoginTaken(); got != tc.taken {
			t.Errorf("%s: %v", what, got)
		}
	}
}
