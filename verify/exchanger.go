package verify

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"mailcheck/internal/crash"
	"mailcheck/internal/dns"
	"mailcheck/internal/policy"
	"mailcheck/report"
	"mailcheck/smtp"
	"mailcheck/wire"
)

const (
	// exchangerConnect is how long a mail server may take for a connection. One
	// that takes longer is mostly out of reach at port 25: TCP has asked three
	// times by then.
	exchangerConnect = 5 * time.Second
	// maxReverse bounds the addresses of a server whose names are looked up.
	maxReverse = 4
)

// exchanger is a server that takes the domain's mail (RFC 5321 section 5.1).
type exchanger struct {
	name   string
	named  bool         // it has an address
	addrs  []netip.Addr // of the wanted family
	signed bool         // DNSSEC vouches for them
	// tlsa are the certificates that it may show; tlsaErr says why there are
	// none.
	tlsa    *dns.Answer[dns.TLSA]
	tlsaErr error
	steps   []*report.Step // of the session, before they are judged
	chain   []*x509.Certificate
	// transcript is the dialogue.
	transcript []string
}

// meet looks a server up and takes it as far as a mail server would without
// mail: connect, greeting, EHLO, STARTTLS, TLS, EHLO, QUIT.
func (rc *receiving) meet(ctx context.Context, x *exchanger) {
	_ = rc.rec.RunSubject(ctx, "host", x.name, func(ctx context.Context, s *report.Step) error { return rc.lookUp(ctx, x, s) })
	if rc.signed && x.signed {
		x.tlsa, x.tlsaErr = rc.run.elsewhere.TLSA(ctx, "_25._tcp."+x.name)
	}
	if len(x.addrs) == 0 {
		because := report.MXCheck + ".host"
		if x.named {
			because = report.ByFlags
		}
		for _, step := range exchangerSteps[1:] {
			x.steps = append(x.steps, &report.Step{Step: step, Subject: x.name, Result: report.Skip, Because: because, StartMS: rc.run.log.Since(time.Now())})
		}
		return
	}
	rc.talk(ctx, x)
}

// lookUp is the step "host": the addresses of a server in both families, with
// their names, and whether the server is named as it may be.
func (rc *receiving) lookUp(ctx context.Context, x *exchanger, s *report.Step) error {
	r := rc.run
	if _, err := netip.ParseAddr(x.name); err == nil {
		return &report.Fault{Cause: report.DNSMXIsAlias, Text: "an MX record names the IP address " + x.name}
	}
	found, err := r.elsewhere.Host(ctx, x.name)
	switch {
	case dns.IsAbsent(err):
		return &report.Fault{Cause: report.DNSMXUnresolvable, Text: "the MX host " + x.name + " has no address", Err: err}
	case err != nil:
		return err
	}
	x.named, x.signed = true, found.Authentic
	x.addrs = slices.DeleteFunc(slices.Clone(found.Addrs), func(a netip.Addr) bool {
		return r.o.Family == dns.IPv4 && !a.Unmap().Is4() || r.o.Family == dns.IPv6 && a.Unmap().Is4()
	})
	parts := make([]string, len(found.Addrs))
	var wait sync.WaitGroup
	for i, a := range found.Addrs {
		if parts[i] = a.String(); i < maxReverse {
			wait.Go(crash.Guard(ctx, func() { parts[i] += rc.reverse(ctx, a) }))
		}
	}
	alias := r.alias(ctx, x.name, found)
	wait.Wait()
	s.Detail = strings.Join(parts, ", ")
	if alias != "" && x.name != rc.domain {
		s.Result, s.Cause = report.Warn, report.DNSMXIsAlias
		s.Detail += "; it is an alias of " + alias
	}
	return nil
}

// reverse is what is said of an address: its name.
func (rc *receiving) reverse(ctx context.Context, addr netip.Addr) string {
	names, err := rc.run.elsewhere.PTR(ctx, addr)
	switch {
	case err == nil:
		return " (" + names.Records[0] + ")"
	case dns.IsAbsent(err):
		return " (no reverse name)"
	}
	return ""
}

// talk makes the session. Its steps are those of a check of its own, for its
// replies are those of SMTP and several servers are met side by side.
func (rc *receiving) talk(ctx context.Context, x *exchanger) {
	r := rc.run
	log := &report.Log{Start: r.log.Start, StepTimeout: rc.limit, Judge: r.diagnosed, Observe: func(e report.Event) {
		if s := e.Step; !e.Ended && s.Subject == "" && slices.Contains(exchangerSteps, s.Step) {
			s.Subject = x.name
			rc.rec.Began(s, e.Limit)
		}
	}}
	ep := report.Endpoint{Protocol: report.SMTP, Host: x.name, Port: report.MXPort, Security: report.STARTTLS, Source: "mx"}
	rec := log.Check(report.MXCheck, &ep)
	w := r.wireOptions()
	// Whether a certificate that fails matters is for the domain's policies to
	// say; a pin is for the servers of mail programs.
	w.TLS = wire.Trust{Roots: r.o.Roots, AcceptInvalid: true, Verified: &r.chains}
	w.OneConnection = true
	session, _ := smtp.Open(ctx, rec, ep, x.addrs, smtp.Options{Wire: w, Hello: r.o.Hello}) // the check says how it went
	x.chain = session.Certificates()
	session.Close(ctx, report.ByFlags)
	r.contacted(report.Contact{Host: x.name, Port: ep.Port, Purpose: report.MXCheck})
	x.transcript = rec.Check().Transcript
	for _, s := range rec.Check().Steps {
		again := s.Subject != "" // the second EHLO
		if again && s.Result == report.OK || !slices.Contains(exchangerSteps, s.Step) {
			continue
		}
		s.Subject = x.name
		if s.Cause == report.ConnectAddressDead {
			s.Detail += ": " + strings.Join(dead(rec.Check().Addresses), ", ")
		}
		if s.Step == "tls" && s.Result == report.OK {
			s.Detail += fmt.Sprintf(", certificate %d days", rec.Check().TLS.Certificate.DaysLeft)
		}
		x.steps = append(x.steps, s)
	}
}

// dead are the addresses that took no connection, each with its cause.
func dead(all []report.Address) []string {
	var found []string
	for _, a := range all {
		if a.Result == report.Fail {
			found = append(found, a.IP+" "+string(a.Cause))
		}
	}
	return found
}

// limit is the time limit of a step of the session.
func (rc *receiving) limit(step string) time.Duration {
	limit := rc.run.o.stepTimeout(step)
	if step == "connect" {
		return min(limit, exchangerConnect)
	}
	return limit
}

// secured tells whether senders with DANE demand of the server what its TLSA
// records say.
func (rc *receiving) secured(x *exchanger) bool {
	return x.tlsa != nil && x.tlsa.Authentic && len(policy.Usable(x.tlsa.Records)) > 0
}

// compare compares the certificate that the server has shown with its TLSA
// records, where it has any and did.
func (rc *receiving) compare(x *exchanger) (policy.Finding, error) {
	if x.tlsa == nil || len(x.chain) == 0 {
		return policy.Finding{}, nil
	}
	return policy.DANE(x.tlsa.Records, x.name, x.chain)
}

// dane is the step "dane" of each server; one for all where the DNS is not
// signed, which DANE needs.
func (rc *receiving) dane(ctx context.Context) {
	if len(rc.all) == 0 {
		rc.rec.Skip("dane", "dns.mx")
		return
	}
	if !rc.signed {
		_ = rc.rec.Run(ctx, "dane", func(_ context.Context, s *report.Step) error {
			s.Detail = "DNSSEC does not vouch for the MX records; either the domain is not signed, or the resolver here does not check it"
			return nil
		})
		return
	}
	for _, x := range rc.all {
		_ = rc.rec.RunSubject(ctx, "dane", x.name, func(_ context.Context, s *report.Step) error { return rc.daneOf(x, s) })
	}
}

func (rc *receiving) daneOf(x *exchanger, s *report.Step) error {
	switch {
	case !x.named:
		s.Result, s.Because = report.Skip, report.MXCheck+".host"
	case !x.signed:
		s.Detail = "the addresses of " + x.name + " are not signed, so senders do without DANE"
	case dns.IsAbsent(x.tlsaErr):
		s.Detail = "no TLSA record of " + x.name
	case x.tlsaErr != nil:
		var e *dns.Error
		if errors.As(x.tlsaErr, &e) && e.Kind == dns.Servfail { // RFC 7672 section 2.1.1: senders keep the mail back
			return x.tlsaErr
		}
		return note(s, policy.Finding{}, x.tlsaErr)
	case !x.tlsa.Authentic:
		s.Detail = "the TLSA records of " + x.name + " are not signed, so senders pass over them"
	case len(x.chain) == 0:
		s.Result, s.Because = report.Skip, report.MXCheck+".connect"
		for _, met := range x.steps {
			if met.Result == report.Fail || met.Result == report.Warn {
				s.Because = report.MXCheck + "." + met.Step
			}
		}
		s.Detail = fmt.Sprintf("%s has TLSA records, %d of use, and has shown no certificate to compare", x.name, len(policy.Usable(x.tlsa.Records)))
	default:
		found, err := rc.compare(x)
		return note(s, found, err)
	}
	return nil
}
