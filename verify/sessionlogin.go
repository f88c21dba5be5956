package verify

import (
	"context"
	"errors"
	"slices"
	"strings"

	"mailcheck/internal/sasl"
	"mailcheck/report"
	"mailcheck/wire"
)

// login logs in when it is the protocol's turn, and tells whether it did.
func (s *session) login() bool {
	r := s.run
	if !r.o.logsIn(s.name) {
		return false
	}
	switch {
	case r.secrets.For(string(s.name)).Secret.IsZero():
		s.otherwise = "creds." + r.credsRec.Check().Steps[0].Step
		return false
	case !s.endpoint.Trusted:
		s.otherwise = "settings." + s.endpoint.Source
		return false
	case !r.verified(s.rec.Check(), s.endpoint):
		_ = s.rec.Run(s.ctx, "auth", func(context.Context, *report.Step) error {
			return &report.Fault{Cause: s.rec.Check().Step("tls").Cause,
				Text: "the certificate is not valid and the server's address is public, so no secret was sent"}
		})
		return false
	}
	may, because := r.logins.turn(s.ctx, s.name)
	switch {
	case !may && r.outer.Err() != nil: // stopped while it waited for its turn: nothing was tried
		s.otherwise = because
		return false
	case s.ctx.Err() != nil:
		_ = s.rec.Run(s.ctx, "auth", func(ctx context.Context, _ *report.Step) error {
			return &wire.ContextError{Err: ctx.Err(), Reason: context.Cause(ctx)}
		})
		return false
	}
	if !may {
		s.otherwise = because
		s.rec.SkipCause("auth", because, report.AuthLimitReached)
		return false
	}
	s.endpoint.Username = r.logins.learned(s.endpoint)
	made, rejected, err := s.logIn("")
	if other := s.endpoint.OtherUsername; rejected && other != "" && s.unknownUser() && r.logins.tryOther() {
		rejected, err = s.logInAs(other)
	}
	switch {
	case !made:
		return false
	case err == nil:
		r.logins.end(s.name, accepted, false)
		return true
	}
	r.logins.end(s.name, refused, rejected)
	return false
}

// logIn makes one login. Made is false when nothing was sent; rejected tells a
// secret that the server refused from a dialogue that broke.
func (s *session) logIn(subject string) (made, rejected bool, err error) {
	r := s.run
	secret := r.secrets.For(string(s.name))
	policy := sasl.Policy{Only: r.o.Mechanism, AllowCleartext: r.o.AllowCleartext}
	before := s.rec.Check().Auth // of a login before this one
	ended, err := r.o.hosts.login(s.ctx, r.applicant(s.endpoint))
	if err != nil {
		return false, false, s.rec.RunSubject(s.ctx, "auth", subject, func(context.Context, *report.Step) error { return err })
	}
	came := none
	defer func() { ended(came) }()
	err = s.checker.Login(s.ctx, sasl.Login{
		Username: s.endpoint.Username, Secret: secret.Secret, Kind: secret.Kind, Published: s.endpoint.Auth, Subject: subject,
	}, policy)
	if s.rec.Check().Auth == before {
		return false, false, err
	}
	r.told(s.endpoint, []string{"address", string(secret.Kind)})
	r.logins.made()
	var no *report.ReplyError
	rejected = errors.As(err, &no) && !slices.Contains(unjudged, s.rec.Check().LastLogin().Cause)
	switch {
	case rejected:
		came = refused
	case err == nil:
		came = accepted
	}
	return true, rejected, err
}

// unjudged are the causes of a refusal that says nothing of the secret: a
// maildrop that is in use was opened with the right one, and the others come
// before any is asked for.
var unjudged = []report.Cause{report.MailboxInUse, report.AuthMechanismUnsupported, report.AuthEncryptionRequired, report.AuthNotOffered}

// logInAs tries the other user name that the settings name. When it is the
// right one, the login before it is a warning, and the other protocols use it.
func (s *session) logInAs(other string) (rejected bool, err error) {
	first, before := s.rec.Check().LastLogin(), s.endpoint
	s.endpoint.Username = other
	_, rejected, err = s.logIn("second-user-name")
	if err != nil {
		s.endpoint.Username = before.Username
		return rejected, err
	}
	s.run.logins.learn(before)
	s.run.rename(before)
	s.rec.Amend(first, func(step *report.Step) {
		step.Result, step.Cause, step.Confidence, step.Alternatives = report.Warn, report.AuthUsernameForm, report.High, nil
	})
	return false, nil
}

// unknownUser tells a refusal that another user name can mend. Where a provider
// wants an app password, and did not say itself that it got another one, the
// name may still be what is wrong.
func (s *session) unknownUser() bool {
	login := s.rec.Check().LastLogin()
	switch login.Cause {
	case report.AuthBadCredentials, report.AuthUsernameForm:
		return true
	case report.AuthAppPasswordRequired:
		return login.Confidence != report.High
	}
	return false
}

// verified tells whether the secret may be sent as far as the certificate
// goes: one that failed and was accepted by flag is good for a private network
// only.
func (r *run) verified(c *report.Check, ep report.Endpoint) bool {
	if c.TLS == nil || c.TLS.Verified {
		return true
	}
	addrs, _ := r.addresses(context.Background(), ep.Host) // looked up before
	for _, a := range addrs {
		if a = a.Unmap(); !a.IsLoopback() && !a.IsPrivate() && !a.IsLinkLocalUnicast() {
			return false
		}
	}
	return true
}

// applicant is the account at an endpoint, as a batch tells it from others.
func (r *run) applicant(e report.Endpoint) applicant {
	a := applicant{names: []string{r.o.Account.Mailbox()}, host: e.Host,
		other: slices.DeleteFunc(r.hostNames(), func(name string) bool { return name == e.Host })}
	if e.Username != "" && !strings.EqualFold(e.Username, a.names[0]) {
		a.names = append(a.names, e.Username)
	}
	return a
}
