package policy

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/emersion/go-msgauth/dmarc"
	"golang.org/x/net/publicsuffix"

	"mailcheck/internal/lazyre"
	"mailcheck/report"
)

// dmarcVersion begins a DMARC record (RFC 7489 section 6.4).
var dmarcVersion = lazyre.New(`^v[ \t]*=[ \t]*DMARC1[ \t]*(?:;|$)`)

// DMARC reads the DMARC record of the domain, or else that of the
// organisation's domain above it (RFC 7489 section 6.6.3).
func DMARC(ctx context.Context, r Resolver, domain string) (Finding, error) {
	names := []string{domain}
	if above, err := publicsuffix.EffectiveTLDPlusOne(domain); err == nil && above != domain {
		names = append(names, above)
	}
	for _, name := range names {
		all, err := texts(ctx, r, "_dmarc."+name)
		if err != nil {
			return Finding{}, err
		}
		records := slices.DeleteFunc(slices.Clone(all), func(text string) bool { return !dmarcVersion.MatchString(text) })
		switch {
		case len(records) == 1:
			return readDMARC(records[0], name, domain)
		case len(records) > 1:
			return Finding{}, fault(report.PolicyDMARCSeveral, fmt.Sprintf("_dmarc.%s has %d DMARC records, so that none counts", name, len(records)))
		}
		if i := slices.IndexFunc(all, func(text string) bool { return strings.Contains(strings.ToUpper(text), "DMARC1") }); i >= 0 {
			return Finding{}, fault(report.PolicyDMARCSyntax, fmt.Sprintf("%s; a record has to begin with v=DMARC1;", shown(all[i])))
		}
	}
	return Finding{}, fault(report.PolicyDMARCMissing, "_dmarc."+strings.Join(names, " and _dmarc.")+": no DMARC record")
}

// readDMARC reads the record at a name for the mail of a domain, which is that
// name or below it.
func readDMARC(text, name, domain string) (Finding, error) {
	broken := func(why string) (Finding, error) {
		return Finding{}, fault(report.PolicyDMARCSyntax, fmt.Sprintf("%s; %s", shown(text), shown(why)))
	}
	record, err := dmarc.Parse(text)
	if err != nil {
		return broken(strings.TrimPrefix(err.Error(), "dmarc: "))
	}
	for _, uri := range slices.Concat(record.ReportURIAggregate, record.ReportURIFailure) {
		if scheme, to, _ := strings.Cut(uri, ":"); !strings.EqualFold(scheme, "mailto") || !strings.Contains(to, "@") {
			return broken("reports go to mailto:ADDRESS, which one of its addresses is not")
		}
	}
	detail, policy := "", record.Policy
	if name != domain {
		detail = "that of " + name + ": "
		if record.SubdomainPolicy != "" {
			policy = record.SubdomainPolicy
		}
	}
	detail += "mail that fails: " + map[dmarc.Policy]string{
		dmarc.PolicyNone: "delivered all the same (none)", dmarc.PolicyQuarantine: "into the junk folder (quarantine)", dmarc.PolicyReject: "refused (reject)",
	}[policy]
	if record.Percent != nil && *record.Percent < 100 {
		detail += fmt.Sprintf(", for %d%% of it", *record.Percent)
	}
	if len(record.ReportURIAggregate) == 0 {
		return Finding{Detail: detail + "; no reports are asked for"}, nil
	}
	return Finding{Detail: detail + "; reports are asked for"}, nil
}
