package report

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var events []string
		log := &Log{
			StepTimeout: func(step string) time.Duration {
				if step == "slow" {
					return 3 * time.Second
				}
				return 0
			},
			Judge: func(_ *Check, s *Step) {
				if s.Err != nil && s.Cause == "" {
					s.Cause = Unknown
				}
			},
			Observe: func(e Event) {
				if e.Ended {
					events = append(events, e.Step.ID+" "+string(e.Step.Result)+" "+string(e.Step.Cause))
				} else {
					events = append(events, e.Step.ID+" begins")
				}
			},
		}
		rec := log.Check("imap", &Endpoint{Protocol: IMAP, Host: "h", Port: 993, Security: TLS})
		refusal := &ReplyError{Reply: Reply{Command: "LOGIN", Status: "NO", Text: "no"}, Temporary: true}

		_ = rec.Run(t.Context(), "connect", func(context.Context, *Step) error { time.Sleep(1500 * time.Millisecond); return nil })
		_ = rec.Run(t.Context(), "tls", func(_ context.Context, s *Step) error { s.Result, s.Cause = Warn, TLSExpiresSoon; return nil })
		err := rec.Run(t.Context(), "slow", func(ctx context.Context, _ *Step) error { <-ctx.Done(); return context.Cause(ctx) })
		if !errors.Is(err, ErrStepTimeout) {
			t.Errorf("a step over its limit ends with %v", err)
		}
		if err := rec.Run(t.Context(), "auth", func(context.Context, *Step) error { return refusal }); err != error(refusal) {
			t.Errorf("the error came back as %v", err)
		}
		rec.SkipRest([]string{"connect", "tls", "auth", "mailbox", "logout"}, ByFlags)

		c := rec.Check()
		if s := c.Step("connect"); s.Duration != 1500*time.Millisecond || s.DurationMS != 1500 || s.StartMS != 0 {
			t.Errorf("times %+v", s)
		}
		if s := c.Step("tls"); s.StartMS != 1500 {
			t.Errorf("start %d ms", s.StartMS)
		}
		if s := c.Step("auth"); s.Reply == nil || s.Reply.Status != "NO" || !s.Temporary || s.Err == nil {
			t.Errorf("auth %+v", s)
		}
		// The first failure is the reason of what was not run.
		if s := c.Step("mailbox"); s.Result != Skip || s.Because != "imap.slow" {
			t.Errorf("mailbox %+v", s)
		}
		if c.Result != Fail {
			t.Errorf("result %s", c.Result)
		}
		want := "imap.connect begins|imap.connect ok |imap.tls begins|imap.tls warn tls.expires_soon|imap.slow begins|imap.slow fail unknown|" +
			"imap.auth begins|imap.auth fail unknown|imap.mailbox skip |imap.logout skip "
		if got := strings.Join(events, "|"); got != want {
			t.Errorf("events %s\n  want %s", got, want)
		}
	})
}

func TestResultOfACheck(t *testing.T) {
	for _, tc := range []struct {
		steps []Result
		want  Result
	}{
		{[]Result{OK, Skip}, OK},
		{[]Result{Skip, Skip}, Skip},
		{[]Result{OK, Warn, Skip}, Warn},
		{[]Result{Warn, Fail, OK}, Fail},
	} {
		log := &Log{}
		rec := log.Check("x", nil)
		for _, r := range tc.steps {
			if r == Skip {
				rec.Skip("s", ByFlags)
				continue
			}
			_ = rec.Run(t.Context(), "s", func(_ context.Context, s *Step) error { s.Result = r; return nil })
		}
		if got := rec.Check().Result; got != tc.want {
			t.Errorf("%v: %s, want %s", tc.steps, got, tc.want)
		}
	}
}

func TestAmendWeighsAgain(t *testing.T) {
	rec := new(Log).Check("x", nil)
	_ = rec.Run(t.Context(), "auth", func(context.Context, *Step) error { return errors.New("no") })
	rec.Amend(rec.Check().Step("auth"), func(s *Step) { s.Result = Warn })
	if got := rec.Check().Result; got != Warn {
		t.Errorf("result %s", got)
	}
}

func TestScrub(t *testing.T) {
	const secret = "imap" // a word of the report's own, too
	r := &Report{
		Credentials: &Credentials{Source: secret, Kind: secret},
		Checks: []*Check{
			{ID: "creds", Steps: []*Step{{ID: "creds.password", Detail: "the password of imap"}}},
			{
				ID: "imap", Protocol: IMAP,
				Steps:        []*Step{{ID: "imap.auth", Detail: "it says " + secret, Because: "imap.tls", Reply: &Reply{Text: secret, Code: secret}}},
				Transcript:   []string{"S: " + secret},
				Capabilities: &Capabilities{AfterTLS: []string{secret}},
				TLS:          &TLSFacts{Certificate: &Certificate{Names: []string{secret}}},
			},
		},
		Message: &Message{Folder: secret, Received: []Hop{{From: secret}}},
	}
	Scrub(r, func(texts []string) []string {
		for i := range texts {
			texts[i] = strings.ReplaceAll(texts[i], secret, "*")
		}
		return texts
	})
	c, s := r.Checks[1], r.Checks[1].Steps[0]
	for _, got := range []string{s.Detail, s.Reply.Text, s.Reply.Code, c.Transcript[0], c.Capabilities.AfterTLS[0],
		c.TLS.Certificate.Names[0], r.Message.Folder, r.Message.Received[0].From} {
		if strings.Contains(got, secret) {
			t.Errorf("%q was left", got)
		}
	}
	for _, got := range []string{c.ID, string(c.Protocol), s.ID, s.Because, r.Credentials.Kind, r.Checks[0].Steps[0].Detail} {
		if !strings.Contains(got, "imap") {
			t.Errorf("%q is our own word", got)
		}
	}
}

// A step of a session with a check of its own becomes one of the check that
// takes it: the observer sees both its ends, and the check's result counts it.
func TestTake(t *testing.T) {
	var events []string
	log := &Log{
		Judge: func(c *Check, s *Step) { s.Detail = "judged in " + c.ID },
		Observe: func(e Event) {
			events = append(events, strings.TrimSpace(e.Step.ID+" "+e.Step.Subject+" "+string(e.Step.Result)))
		},
	}
	rec := log.Check("mx", nil)
	rec.Began(Step{ID: "mx.tls", Step: "tls", Subject: "mx.example.com"}, time.Second)
	rec.Take(&Step{Step: "tls", Subject: "mx.example.com", Result: Warn, Err: errors.New("soft")})
	if got := strings.Join(events, ", "); got != "mx.tls mx.example.com, mx.tls mx.example.com warn" {
		t.Errorf("events %s", got)
	}
	c := rec.Check()
	if s := c.Step("tls"); c.Result != Warn || s == nil || s.ID != "mx.tls" || s.Result != Warn || s.Detail != "judged in mx" {
		t.Errorf("%+v, %+v", c, s)
	}
}
