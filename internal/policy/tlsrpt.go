package policy

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"mailcheck/report"
)

// TLSRPT reads the record that says whom senders tell of failed encryption (RFC
// 8460 section 3).
func TLSRPT(ctx context.Context, r Resolver, domain string) (Finding, error) {
	all, err := texts(ctx, r, "_smtp._tls."+domain)
	if err != nil {
		return Finding{}, err
	}
	records := slices.DeleteFunc(slices.Clone(all), func(text string) bool { return !strings.HasPrefix(text, "v=TLSRPTv1") })
	switch {
	case len(records) > 1:
		return Finding{}, fault(report.PolicyTLSRPTSyntax, fmt.Sprintf("_smtp._tls.%s has %d records, so that none counts", domain, len(records)))
	case len(records) == 0 && len(all) == 0:
		return Finding{Detail: "no record: nobody is told when encryption fails"}, nil
	case len(records) == 0:
		return Finding{}, fault(report.PolicyTLSRPTSyntax, shown(all[0])+"; a record has to begin with v=TLSRPTv1;")
	}
	where, err := parseTLSRPT(records[0])
	if err != nil {
		return Finding{}, err
	}
	return Finding{Detail: "failures are reported by " + strings.Join(where, " and ")}, nil
}

// parseTLSRPT returns how reports are sent: "mail", "HTTPS".
func parseTLSRPT(text string) (ways []string, err error) {
	broken := func(why string) ([]string, error) {
		return nil, fault(report.PolicyTLSRPTSyntax, shown(text)+"; "+why)
	}
	fields := strings.Split(text, ";")
	if strings.TrimSpace(fields[0]) != "v=TLSRPTv1" {
		return broken("a record has to begin with v=TLSRPTv1;")
	}
	for _, field := range fields[1:] {
		key, value, _ := strings.Cut(field, "=")
		if strings.TrimSpace(key) != "rua" {
			continue // RFC 8460 section 3: extensions
		}
		for uri := range strings.SplitSeq(value, ",") {
			uri = strings.TrimSpace(uri)
			way := ""
			switch scheme, rest, _ := strings.Cut(uri, ":"); {
			case strings.EqualFold(scheme, "mailto") && strings.Contains(rest, "@"):
				way = "mail"
			case strings.EqualFold(scheme, "https") && len(rest) > len("//"):
				way = "HTTPS"
			default:
				return broken("rua has to hold mailto: or https: addresses")
			}
			if !slices.Contains(ways, way) {
				ways = append(ways, way)
			}
		}
	}
	if len(ways) == 0 {
		return broken("it has no rua, so that nobody is told")
	}
	return ways, nil
}
