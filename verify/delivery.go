package verify

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"mailcheck/imap"
	"mailcheck/internal/crash"
	"mailcheck/internal/diagnose"
	"mailcheck/internal/testmsg"
	"mailcheck/report"
	"mailcheck/smtp"
	"mailcheck/wire"
)

// deliverySteps are the steps of the check "delivery", in order.
var deliverySteps = []string{"arrive", "inspect", "cleanup"}

// mailbox is what a delivery asks of the session that looks for its message.
type mailbox interface {
	// await looks for the message until ctx ends, and returns the folder that
	// holds it and whether that is the junk folder.
	await(ctx context.Context) (folder string, junk bool, err error)
	// header returns the header of the message that await found.
	header(ctx context.Context) ([]byte, error)
	// remove deletes the message and its copies, each after its header was
	// read once more. The error says why the message itself is still there.
	remove(ctx context.Context) ([]report.Copy, error)
	// removeLeftovers deletes what earlier runs have left behind, as far as that
	// is known and can be done, and returns how many messages it was.
	removeLeftovers(ctx context.Context) int
	// copies names the copies of a message that stays. Seen is false where they
	// could not be looked for.
	copies(ctx context.Context) (copies []report.Copy, seen bool)
	// release ends what await opened.
	release(ctx context.Context)
}

// delivery sends the test message and follows it.
type delivery struct {
	run  *run
	all  map[report.Protocol]*session
	rec  *report.Recorder
	smtp *session
}

func newDelivery(r *run, all map[report.Protocol]*session) *delivery {
	return &delivery{run: r, all: all, rec: r.log.Check("delivery", nil), smtp: all[report.SMTP]}
}

// perform sends as far as it was asked to, awaits the message, reads and
// removes it, and closes the sessions that took part.
func (d *delivery) perform(ctx context.Context) {
	o := &d.run.o
	defer d.run.signing.cancel()
	<-d.smtp.ready
	var box mailbox
	switch {
	case !d.smtp.usable && !(o.NoAuth && o.Send == diagnose.SendRcpt && d.smtp.checker != nil):
		d.rec.SkipRest(deliverySteps, d.whyNotSent())
	case o.Send == diagnose.SendRcpt:
		if o.NoAuth { // the steps of a check stand in order
			d.smtp.rec.Skip("auth", report.ByFlags)
		}
		_ = d.session().Address(ctx, o.from(), o.to())
		d.run.told(d.smtp.endpoint, []string{"address"})
		d.rec.SkipRest(deliverySteps, report.ByFlags)
	case o.Send == diagnose.SendMessage:
		if o.awaitsArrival() {
			box = d.mailbox(ctx)
		}
		d.send(ctx, box)
	default:
		d.rec.SkipRest(deliverySteps, report.ByFlags)
	}
	// SMTP has done its part; its QUIT need not wait for the arrival.
	d.run.wait.Go(crash.Guard(ctx, d.smtp.close))
	if d.rec.Check().Step("arrive") == nil {
		d.follow(ctx, box)
	}
	if box != nil {
		box.release(ctx)
	}
	imap := d.all[report.IMAP]
	<-imap.ready
	d.nameCopies(ctx, imap)
	switch f := d.rec.Check().FirstFailed(); {
	case !imap.usable:
	case f != nil:
		imap.otherwise = f.ID // a session that broke while the message was looked for
	case ctx.Err() == nil:
		imap.otherwise = "delivery.cleanup" // or while copies and leftovers were
	}
	imap.close()
}

func (d *delivery) session() *smtp.Session { return d.smtp.checker.(*smtp.Session) }

// whyNotSent is the step because of which nothing was sent.
func (d *delivery) whyNotSent() string {
	if f := d.smtp.rec.Check().FirstFailed(); f != nil {
		return f.ID
	}
	for _, s := range d.smtp.rec.Check().Steps {
		if s.Result == report.Skip && s.Because != report.ByFlags {
			return s.Because
		}
	}
	return d.smtp.otherwise
}

// send submits the message. When it returns without a recorded step, the
// message is on its way.
func (d *delivery) send(ctx context.Context, box mailbox) {
	r := d.run
	message, err := testmsg.New(testmsg.Options{From: r.o.from(), To: r.o.to(), Now: r.o.Now(), Rand: rand.Reader,
		Signer: r.signing.take(), Over: r.over()})
	if err != nil { // the addresses were parsed before; only the random source is left
		_ = d.rec.Run(ctx, "arrive", func(context.Context, *report.Step) error { return err })
		d.rec.SkipRest(deliverySteps, "")
		return
	}
	r.message = message
	err = d.session().Submit(ctx, r.o.from(), r.o.to(), message.Bytes())
	sent := d.session().Sent()
	if sent == smtp.NotSent {
		d.rec.SkipRest(deliverySteps, d.whyNotSent())
		return
	}
	r.told(d.smtp.endpoint, []string{"message"})
	r.report.Message = &report.Message{ID: message.ID, SentMS: r.log.Since(time.Now())}
	switch {
	case err != nil && ctx.Err() != nil:
		d.rec.SkipRest(deliverySteps, "smtp.data")
	case !r.o.awaitsArrival() || box == nil:
		for _, step := range deliverySteps {
			d.rec.SkipCause(step, d.whyNotAwaited(), report.DeliveryNotAwaited)
		}
	default:
		return
	}
	d.rec.Amend(d.rec.Check().Step("arrive"), func(s *report.Step) {
		s.Detail = fmt.Sprintf("the message to %s may still arrive, with the Subject %q", r.o.to(), message.Subject)
	})
}

// whyNotAwaited is why nobody looks for the message: it goes to somebody else,
// or there is no mailbox to look into.
func (d *delivery) whyNotAwaited() string {
	if !d.run.o.awaitsArrival() {
		return report.ByFlags
	}
	for _, p := range []report.Protocol{report.IMAP, report.POP3} {
		if f := d.all[p].rec.Check().FirstFailed(); f != nil {
			return f.ID
		}
	}
	return report.ByFlags
}

// mailbox waits for a session that can look for the message: IMAP, or POP3
// where IMAP cannot. It is nil when neither can.
func (d *delivery) mailbox(ctx context.Context) mailbox {
	imap, pop := d.all[report.IMAP], d.all[report.POP3]
	<-imap.ready
	if imap.usable {
		return d.imapMailbox(ctx, imap)
	}
	<-pop.closed
	if pop.usable {
		return &popMailbox{run: d.run, session: pop, life: ctx}
	}
	return nil
}

// follow is the check "delivery": arrive, inspect, cleanup.
func (d *delivery) follow(ctx context.Context, box mailbox) {
	r := d.run
	m := r.report.Message
	release := func() {}
	err := d.rec.Run(ctx, "arrive", func(waitCtx context.Context, s *report.Step) error {
		folder, junk, err := box.await(waitCtx)
		until := ""
		switch {
		case errors.Is(err, report.ErrStepTimeout):
			until = fmt.Sprintf("after %v", r.o.Wait)
		case errors.Is(err, report.ErrRunTimeout):
			until = "when the limit of the whole run (--timeout) was over"
		}
		if until != "" {
			return &report.Fault{Cause: report.DeliveryNotArrived, Text: fmt.Sprintf(
				"accepted for sending, but not in the mailbox %s; it may still arrive, with the Subject %q",
				until, r.message.Subject)}
		}
		if err != nil {
			s.Detail = fmt.Sprintf("the message may still arrive, with the Subject %q", r.message.Subject)
			return err
		}
		release = r.interrupt.hold()
		m.ArrivedMS, m.Folder, m.Junk = r.log.Since(time.Now()), folder, junk
		s.Detail = "in " + folder
		if ctx.Err() != nil { // the interrupt was faster
			return &wire.ContextError{Err: ctx.Err(), Reason: context.Cause(ctx)}
		}
		return nil
	})
	defer release()
	if err != nil {
		d.rec.SkipRest(deliverySteps, "")
		return
	}
	d.inspect(ctx, box)
	d.cleanup(ctx, box)
}

// inspect reads the header of the message that arrived.
func (d *delivery) inspect(ctx context.Context, box mailbox) {
	m := d.run.report.Message
	_ = d.rec.Run(ctx, "inspect", func(ctx context.Context, s *report.Step) error {
		header, err := box.header(ctx)
		if err != nil {
			return err
		}
		seen, err := testmsg.ReadHeader(header)
		if err != nil {
			return err
		}
		m.Received, m.Authentication = seen.Received, seen.Authentication
		d.run.arrived = header
		s.Detail = fmt.Sprintf("%d hops", len(m.Received))
		if failed := failedAuthentication(m.Authentication); failed != "" {
			s.Result, s.Cause = report.Warn, report.DeliveryAuthenticationFailed
			s.Detail += "; the receiving server says: " + failed
		}
		if m.Junk {
			s.Result, s.Cause = report.Warn, report.DeliveryJunk
			s.Detail += "; it lay in the junk folder " + m.Folder
		}
		return nil
	})
}

// failedAuthentication names what the receiving server found wrong.
func failedAuthentication(a *report.Authentication) string {
	if a == nil {
		return ""
	}
	var failed []string
	for _, check := range []struct{ name, result string }{{"SPF", a.SPF}, {"DKIM", a.DKIM}, {"DMARC", a.DMARC}} {
		if check.result == "fail" || check.result == "softfail" {
			failed = append(failed, check.name+" "+check.result)
		}
	}
	return strings.Join(failed, ", ")
}

// cleanup removes the message and its copies.
func (d *delivery) cleanup(ctx context.Context, box mailbox) {
	r := d.run
	m := r.report.Message
	if r.o.Keep {
		d.keep(ctx, box)
		return
	}
	_ = d.rec.Run(ctx, "cleanup", func(ctx context.Context, s *report.Step) error {
		copies, err := box.remove(ctx)
		m.Copies, m.Deleted = copies, err == nil
		var left []string
		if err != nil {
			left = append(left, fmt.Sprintf("in %s: %v", m.Folder, err))
		}
		for _, c := range copies {
			if !c.Deleted {
				left = append(left, "a copy in "+c.Folder)
			}
		}
		if len(left) > 0 {
			// Nothing is wrong with the account, so it is a warning.
			s.Result, s.Cause, s.Err = report.Warn, report.DeliveryNotCleaned, err
			s.Detail = fmt.Sprintf("the message with the Subject %q is still there, %s", r.message.Subject, strings.Join(left, "; "))
			return nil
		}
		s.Detail = "removed"
		if _, pop := box.(*popMailbox); pop {
			s.Detail += "; POP3 shows INBOX alone, so " + unseenCopy
		}
		if len(copies) > 0 {
			s.Detail += fmt.Sprintf(", with copies elsewhere: %d", len(copies))
		}
		if r.outer.Err() != nil {
			return nil // whoever interrupts waits for the run's own message only
		}
		if m.Leftovers = box.removeLeftovers(ctx); m.Leftovers > 0 {
			s.Detail += fmt.Sprintf("; so were messages that earlier runs had left behind: %d", m.Leftovers)
		}
		return nil
	})
}

// unseenCopy is what is to be said of copies where nobody could look for them.
const unseenCopy = "a copy that the server keeps in Sent would stay"

// keep names what stays because it was asked for.
func (d *delivery) keep(ctx context.Context, box mailbox) {
	m := d.run.report.Message
	copies, seen := box.copies(ctx)
	m.Copies = copies
	d.rec.Skip("cleanup", report.ByFlags)
	d.rec.Amend(d.rec.Check().Step("cleanup"), func(s *report.Step) {
		s.Detail = fmt.Sprintf("the message with the Subject %q stays in %s%s", d.run.message.Subject, m.Folder, staying(copies, seen))
	})
}

// nameCopies names the copies of a message whose arrival was not awaited.
func (d *delivery) nameCopies(ctx context.Context, s *session) {
	arrive := d.rec.Check().Step("arrive")
	if arrive.Cause != report.DeliveryNotAwaited {
		return
	}
	var seen bool
	if s.usable && ctx.Err() == nil {
		d.run.report.Message.Copies, seen = d.run.copies(ctx, s.checker.(*imap.Session), "")
	}
	d.rec.Amend(arrive, func(s *report.Step) { s.Detail += staying(d.run.report.Message.Copies, seen) })
}

// staying is the end of a sentence that names copies.
func staying(copies []report.Copy, seen bool) string {
	if !seen {
		return "; " + unseenCopy
	}
	var text strings.Builder
	for _, c := range copies {
		text.WriteString("; a copy stays in " + c.Folder)
	}
	return text.String()
}
