package verify

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"mailcheck/internal/sasl"
	"mailcheck/pop"
	"mailcheck/report"
	"mailcheck/wire"
)

// popPauses is the time between looks at a maildrop; the last one repeats.
// Each look is a login, and providers take offence at frequent ones (RFC 2449
// section 6.5, LOGIN-DELAY).
var popPauses = []time.Duration{time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second}

// popMailbox looks for the message over POP3. A maildrop is as it was at the
// login (RFC 1939 section 5), so each look is a session of its own.
type popMailbox struct {
	run     *run
	session *session
	life    context.Context // of the sessions: they outlive the step that opens them
	open    *pop.Session    // the one that found the message
	found   *pop.Found
}

func (b *popMailbox) match(header []byte) bool { return b.run.message.Matches(header) }

func (b *popMailbox) await(ctx context.Context) (folder string, junk bool, err error) {
	passed := false // over a message that was not to be seen
	for i := 0; ; i++ {
		pause := time.NewTimer(popPauses[min(i, len(popPauses)-1)])
		select {
		case <-pause.C:
		case <-ctx.Done():
			return "", false, &wire.ContextError{Err: ctx.Err(), Reason: context.Cause(ctx)}
		}
		err := b.look(ctx)
		var no *report.ReplyError
		switch {
		case err == nil:
			return "INBOX", false, nil
		case ctx.Err() != nil: // the select says so
		case errors.Is(err, pop.ErrNotFound):
		case errors.As(err, &no) && (no.Reply.Code == "IN-USE" || no.Reply.Code == "LOGIN-DELAY"): // later
		case no != nil && no.Reply.Command == "TOP" && !passed: // another program may have removed it since the login
			passed = true
		default:
			return "", false, noTimeout{err}
		}
	}
}

// look opens a session and keeps it open when the message is there. Its steps
// belong to no check: those of the first session tell how POP3 works.
func (b *popMailbox) look(arrive context.Context) error {
	r, ep := b.run, b.session.endpoint
	log := &report.Log{StepTimeout: r.o.stepTimeout}
	ctx, cancel := context.WithCancel(b.life)
	defer context.AfterFunc(arrive, cancel)()
	rec := log.Check("pop3", &ep)
	s, err := pop.Open(ctx, rec, ep, b.answering(), pop.Options{Wire: r.wireOptions()})
	if err == nil && !r.verified(rec.Check(), ep) {
		err = rec.Check().Step("tls").Err // good before, bad now
	}
	if err == nil {
		err = r.logInAgain(ctx, s, rec.Check(), ep)
	}
	if err == nil {
		err = s.Mailbox(ctx)
	}
	if err == nil {
		b.found, err = s.Find(ctx, b.session.known, b.match)
	}
	if err != nil {
		s.Close(ctx, "")
		cancel()
		return err
	}
	b.open = s // it ends with the run
	return nil
}

// logInAgain logs in to a further session of POP3. The account was let in before: a
// refusal says nothing of the host's patience.
func (r *run) logInAgain(ctx context.Context, s *pop.Session, check *report.Check, ep report.Endpoint) error {
	ended, err := r.o.hosts.login(ctx, r.applicant(ep))
	if err != nil {
		return err
	}
	defer ended(none)
	secret := r.secrets.For(string(report.POP3))
	err = s.Login(ctx, sasl.Login{Username: ep.Username, Secret: secret.Secret, Kind: secret.Kind},
		sasl.Policy{Only: r.o.Mechanism, AllowCleartext: r.o.AllowCleartext})
	if check.Auth != nil && r.logins.again(err) {
		r.o.hosts.refusedLater(r.applicant(ep))
	}
	return err
}

// answering is the address that the first session was made to: the others were
// tried then.
func (b *popMailbox) answering() []netip.Addr {
	for _, a := range b.session.rec.Check().Addresses {
		if addr, err := netip.ParseAddr(a.IP); err == nil && a.Result == report.OK {
			return []netip.Addr{addr}
		}
	}
	return nil
}

func (b *popMailbox) header(context.Context) ([]byte, error) { return b.found.Header, nil }

func (b *popMailbox) remove(ctx context.Context) ([]report.Copy, error) {
	if err := b.open.Remove(ctx, b.found, b.match); err != nil {
		return nil, err
	}
	s := b.open
	b.open = nil
	return nil, s.Commit(ctx)
}

// removeLeftovers removes nothing: POP3 cannot search, and to read the header of
// every message in a maildrop takes long.
func (b *popMailbox) removeLeftovers(context.Context) int { return 0 }

// copies sees none: POP3 shows INBOX alone.
func (b *popMailbox) copies(context.Context) ([]report.Copy, bool) { return nil, false }

func (b *popMailbox) release(ctx context.Context) {
	if b.open != nil {
		b.open.Close(ctx, "")
	}
}
