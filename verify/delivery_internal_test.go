package verify

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"mailcheck/internal/diagnose"
	"mailcheck/internal/testmsg"
	"mailcheck/report"
	"mailcheck/wire"
)

// unseen is a mailbox in which the message is not seen.
type unseen struct {
	mailbox
	err error
}

func (u unseen) await(context.Context) (string, bool, error) { return "", false, u.err }

// A wait that its own limit or that of the run has ended is a message that did not
// arrive; a session that broke is not. In any case it may still arrive.
func TestNotSeen(t *testing.T) {
	const subject = "mailcheck test 0123"
	ended := func(err, why error) error { return &wire.ContextError{Err: err, Reason: why} }
	late := func(why error) error { return ended(context.DeadlineExceeded, why) }
	expired, cancel := context.WithDeadline(t.Context(), time.Unix(1, 0))
	defer cancel()
	for name, tc := range map[string]struct {
		err, broken error // of the wait; of the session
		cause       report.Cause
		says        string
	}{
		"the wait is over":                  {late(report.ErrStepTimeout), nil, report.DeliveryNotArrived, "after 1m0s"},
		"the run is over":                   {late(report.ErrRunTimeout), nil, report.DeliveryNotArrived, "--timeout"},
		"the run is over, and the session":  {late(report.ErrRunTimeout), late(report.ErrRunTimeout), report.DeliveryNotArrived, "--timeout"},
		"the server owed an answer":         {late(report.ErrStepTimeout), ended(context.Canceled, report.ErrStepTimeout), report.ConnectTimeout, ""},
		"the server did not answer to IDLE": {late(report.ErrStepTimeout), late(report.ErrStepTimeout), report.ConnectTimeout, ""},
		"the server hung up":                {io.EOF, io.EOF, report.ConnectClosedEarly, ""},
	} {
		t.Run(name, func(t *testing.T) {
			o := Options{Wait: time.Minute, Send: diagnose.SendMessage}
			o.complete()
			r := newRun(t.Context(), o)
			r.message, r.report.Message = &testmsg.Message{Subject: subject}, &report.Message{}
			d := &delivery{run: r, rec: r.log.Check("delivery", nil)}
			d.follow(t.Context(), unseen{err: whyNotSeen(expired, tc.err, tc.broken)})
			s := d.rec.Check().Step("arrive")
			if s.Result != report.Fail || s.Cause != tc.cause || !strings.Contains(s.Detail, tc.says) {
				t.Errorf("%s %s: %s", s.Result, s.Cause, s.Detail)
			}
			if !strings.Contains(s.Detail, "may still arrive") || !strings.Contains(s.Detail, subject) {
				t.Errorf("detail %q", s.Detail)
			}
			for _, step := range deliverySteps[1:] {
				if s := d.rec.Check().Step(step); s == nil || s.Because != "delivery.arrive" {
					t.Errorf("%s: %+v", step, s)
				}
			}
		})
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if err := ended(context.Canceled, context.Canceled); !errors.Is(whyNotSeen(stopped, err, err), context.Canceled) {
		t.Error("an interrupt is told as something else")
	}
}
