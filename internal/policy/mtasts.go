package policy

import (
	"context"
	"fmt"
	"mime"
	"slices"
	"strconv"
	"strings"
	"time"

	"mailcheck/internal/lazyre"
	"mailcheck/report"
)

const (
	// MaxSTSPolicy bounds a policy in bytes (RFC 8461 section 3.3).
	MaxSTSPolicy = 64 << 10
	// maxSTSHosts bounds the hosts that a policy names.
	maxSTSHosts = 100
	// maxSTSAge is the longest that a policy may be kept, in seconds (RFC 8461
	// section 3.2): about a year.
	maxSTSAge = 31557600
)

// STS is a policy of MTA-STS (RFC 8461 section 3.2).
type STS struct {
	Mode   string   // "enforce", "testing" or "none"
	Hosts  []string // in lower case; "*.example.com" is any name of one label below that
	MaxAge time.Duration
}

// stsRecord is the form of the record (RFC 8461 section 3.1).
var stsRecord = lazyre.New(`^v=STSv1[ \t]*;[ \t]*(?:[A-Za-z0-9][A-Za-z0-9_.-]*=[^; ]*[ \t]*;[ \t]*)*?id=([A-Za-z0-9]{1,32})[ \t]*(?:;.*)?$`)

// STSRecord reads the record which says that the domain has a policy, and
// returns its id; empty means that it has none.
func STSRecord(ctx context.Context, r Resolver, domain string) (id string, err error) {
	all, err := texts(ctx, r, "_mta-sts."+domain)
	if err != nil {
		return "", err
	}
	records := slices.DeleteFunc(slices.Clone(all), func(text string) bool { return !strings.HasPrefix(text, "v=STSv1") })
	switch {
	case len(records) > 1:
		return "", fault(report.PolicyMTASTSRecord, fmt.Sprintf("_mta-sts.%s has %d records, so that none counts", domain, len(records)))
	case len(records) == 0 && len(all) == 0:
		return "", nil
	case len(records) == 0:
		return "", fault(report.PolicyMTASTSRecord, shown(all[0])+"; a record has to begin with v=STSv1;")
	}
	m := stsRecord.FindStringSubmatch(records[0])
	if m == nil {
		return "", fault(report.PolicyMTASTSRecord, shown(records[0])+"; it has no id of letters and digits alone")
	}
	return m[1], nil
}

// STSPolicyURL is where the policy of a domain stands (RFC 8461 section 3.3).
func STSPolicyURL(domain string) string {
	return "https://mta-sts." + domain + "/.well-known/mta-sts.txt"
}

// stsHost is a host in a policy, wild or not.
var stsHost = lazyre.New(`^(?:\*\.)?(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$`)

// ParseSTS reads a policy that was fetched as this type of content. Of a key
// that repeats, mx alone may, the first counts; keys that nobody knows are
// passed over (RFC 8461 section 3.2).
func ParseSTS(body []byte, contentType string) (*STS, error) {
	broken := func(format string, args ...any) (*STS, error) {
		return nil, fault(report.PolicyMTASTSSyntax, fmt.Sprintf(format, args...))
	}
	if kind, _, err := mime.ParseMediaType(contentType); err != nil || kind != "text/plain" {
		return broken("the policy is served as %q; it has to be text/plain", shown(contentType))
	}
	if len(body) > MaxSTSPolicy {
		return broken("the policy is longer than %d bytes", MaxSTSPolicy)
	}
	p, seen := &STS{}, map[string]string{}
	for line := range strings.Lines(string(body)) {
		line = strings.TrimRight(line, "\r\n \t")
		if line == "" {
			continue
		}
		key, value, ok := strings.Cut(line, ":")
		value = strings.TrimLeft(value, " \t")
		if !ok {
			return broken("%q is no line of a policy", shown(line))
		}
		if key == "mx" {
			host := strings.ToLower(value)
			if !stsHost.MatchString(host) {
				return broken("mx: %q is no host", shown(value))
			}
			if len(p.Hosts) < maxSTSHosts {
				p.Hosts = append(p.Hosts, host)
			}
			continue
		}
		if _, again := seen[key]; !again {
			seen[key] = value
		}
	}
	if seen["version"] != "STSv1" {
		return broken("the policy does not say version: STSv1")
	}
	if p.Mode = seen["mode"]; !slices.Contains([]string{"enforce", "testing", "none"}, p.Mode) {
		return broken("mode: %q is not one of enforce, testing, none", shown(p.Mode))
	}
	seconds, err := strconv.ParseUint(seen["max_age"], 10, 32)
	if err != nil || seconds > maxSTSAge {
		return broken("max_age: %q is no number of seconds up to %d", shown(seen["max_age"]), maxSTSAge)
	}
	if p.MaxAge = time.Duration(seconds) * time.Second; len(p.Hosts) == 0 && p.Mode != "none" {
		return broken("the policy names no mx")
	}
	return p, nil
}

// Covers tells whether the policy names the host (RFC 8461 section 4.1).
func (p *STS) Covers(host string) bool {
	host = strings.ToLower(host)
	return slices.ContainsFunc(p.Hosts, func(pattern string) bool {
		if below, wild := strings.CutPrefix(pattern, "*."); wild {
			_, parent, _ := strings.Cut(host, ".")
			return parent == below
		}
		return pattern == host
	})
}

// Enforced tells whether senders are to keep mail back rather than deliver it
// otherwise. A nil policy demands nothing.
func (p *STS) Enforced() bool { return p != nil && p.Mode == "enforce" }
