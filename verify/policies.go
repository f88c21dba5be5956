package verify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"mailcheck/internal/discover"
	"mailcheck/internal/dns"
	"mailcheck/internal/policy"
	"mailcheck/report"
)

// harmful are the causes by which mail is lost or refused today; with the
// others it arrives, less protected or less trusted.
var harmful = []report.Cause{
	report.PolicySPFSeveral, report.PolicySPFSyntax, report.PolicySPFLookups, report.PolicyDKIMKey,
	report.PolicyMTASTSHost, report.PolicyDANEMismatch,
}

// read is a step that reads what the domain publishes.
func (rc *receiving) read(ctx context.Context, step string, read func(context.Context) (policy.Finding, error)) {
	_ = rc.rec.Run(ctx, step, func(ctx context.Context, s *report.Step) error {
		found, err := read(ctx)
		return note(s, found, err)
	})
}

// note writes a finding into its step. A DNS that does not answer says nothing
// of the record, and is a warning.
func note(s *report.Step, found policy.Finding, err error) error {
	var broken *report.Fault
	var unknown *dns.Error
	s.Detail = found.Detail
	switch {
	case err == nil && found.Warning != "":
		s.Result, s.Cause = report.Warn, found.Warning
	case errors.As(err, &broken) && !slices.Contains(harmful, broken.Cause):
		s.Result, s.Cause, s.Err, s.Detail = report.Warn, broken.Cause, err, err.Error()
	case errors.As(err, &unknown) && !errors.Is(err, context.Canceled):
		s.Result, s.Err, s.Detail = report.Warn, err, err.Error()
	default:
		return err
	}
	return nil
}

func (rc *receiving) spf(ctx context.Context) {
	rc.read(ctx, "spf", func(ctx context.Context) (policy.Finding, error) { return policy.SPF(ctx, rc.run.elsewhere, rc.domain) })
}

func (rc *receiving) dmarc(ctx context.Context) {
	rc.read(ctx, "dmarc", func(ctx context.Context) (policy.Finding, error) {
		return policy.DMARC(ctx, rc.run.elsewhere, rc.domain)
	})
}

func (rc *receiving) tlsRPT(ctx context.Context) {
	rc.read(ctx, "tls-rpt", func(ctx context.Context) (policy.Finding, error) {
		return policy.TLSRPT(ctx, rc.run.elsewhere, rc.domain)
	})
}

// mtaSTS is the step "mta-sts": the record, the policy, and whether it names
// the domain's mail servers.
func (rc *receiving) mtaSTS(ctx context.Context) {
	_ = rc.rec.Run(ctx, "mta-sts", func(ctx context.Context, s *report.Step) error {
		id, err := policy.STSRecord(ctx, rc.run.elsewhere, rc.domain)
		switch {
		case err != nil:
			return note(s, policy.Finding{}, err)
		case id == "":
			s.Detail = "no record: senders do not insist on encryption"
			return nil
		case rc.run.o.Offline:
			s.Result, s.Because = report.Skip, report.ByFlags
			s.Detail = "there is a policy, which was not fetched (--offline)"
			return nil
		}
		body, contentType, err := rc.fetch(ctx, policy.STSPolicyURL(rc.domain))
		switch {
		case rc.inOtherFamily(ctx, "mta-sts."+rc.domain, err):
			s.Result, s.Because = report.Skip, report.ByFlags
			s.Detail = "there is a policy, whose web server has no address of the family that was asked for (-4 or -6)"
			return nil
		case err != nil:
			return note(s, policy.Finding{}, err)
		}
		if rc.sts, err = policy.ParseSTS(body, contentType); err != nil {
			return note(s, policy.Finding{}, err)
		}
		found, err := rc.covered()
		return note(s, found, err)
	})
}

// fetch fetches a policy over HTTPS.
func (rc *receiving) fetch(ctx context.Context, url string) (body []byte, contentType string, err error) {
	r := rc.run
	q := discover.Query{
		Account: r.o.Account, Resolver: r.dns,
		HTTP: discover.HTTP{Roots: r.o.Roots, Dial: r.o.Dial},
		Told: func(c report.Contact) {
			c.Purpose = report.MXCheck
			r.contacted(c)
		},
	}
	body, contentType, err = q.FetchUnmoved(ctx, url, policy.MaxSTSPolicy)
	if err != nil && !errors.Is(err, context.Canceled) {
		err = &report.Fault{Cause: report.PolicyMTASTSUnreachable, Text: url, Err: err}
	}
	return body, contentType, err
}

// inOtherFamily tells whether a host was not found for the sole reason that the
// user left the family of its addresses out.
func (rc *receiving) inOtherFamily(ctx context.Context, host string, err error) bool {
	if rc.run.o.Family == dns.AnyFamily || !dns.IsAbsent(err) {
		return false
	}
	_, err = rc.run.elsewhere.Host(ctx, host)
	return err == nil
}

// covered compares the policy with the domain's mail servers. A server that it
// does not name gets no mail from senders that honour it; when it names none,
// the domain gets none.
func (rc *receiving) covered() (policy.Finding, error) {
	var left []string
	for _, x := range rc.all {
		if !rc.sts.Covers(x.name) {
			left = append(left, x.name)
		}
	}
	days := int(rc.sts.MaxAge.Hours() / 24)
	found := policy.Finding{Detail: fmt.Sprintf("mode %s, kept for %d days", rc.sts.Mode, days)}
	if len(left) == 0 || rc.sts.Mode == "none" {
		return found, nil
	}
	found.Detail += "; it does not name " + strings.Join(left, ", ")
	if rc.sts.Enforced() && len(left) == len(rc.all) {
		return found, &report.Fault{Cause: report.PolicyMTASTSHost, Text: found.Detail}
	}
	found.Warning = report.PolicyMTASTSHost
	return found, nil
}
