package policy

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"sort"
	"strings"

	"blitiri.com.ar/go/spf"

	"mailcheck/internal/dns"
	"mailcheck/report"
)

// The bounds of SPF.
const (
	// maxSPFLookups and maxVoidLookups are those of RFC 7208 section 4.6.4.
	maxSPFLookups  = 10
	maxVoidLookups = 2
	// countedLookups is how far lookups are counted beyond what is allowed.
	countedLookups = 30
	// maxSPFQueries bounds the questions to the DNS, the addresses of MX hosts,
	// which are counted in no limit of SPF, among them.
	maxSPFQueries = 60
)

// nobody is an address that sends no mail (RFC 5737): every term of a record is
// evaluated for it, as none but "all" is about it.
var nobody = net.IPv4(192, 0, 2, 1)

// SPF reads the domain's SPF record and those that it includes, as a receiving
// server does with the mail of an address that is in none of them.
func SPF(ctx context.Context, r Resolver, domain string) (Finding, error) {
	e := &evaluation{ctx: ctx, resolver: r, domain: domain, known: map[string]any{}}
	result, err := e.check(countedLookups, countedLookups)
	if e.failed != nil {
		return Finding{}, e.failed
	}
	if cause := brokenSPF(result, err); cause != "" {
		return Finding{}, fault(cause, e.complaint(cause, err))
	}
	lookups := least(countedLookups, func(limit uint) error { return e.err(limit, countedLookups) }, spf.ErrLookupLimitReached)
	void := least(countedLookups, func(limit uint) error { return e.err(countedLookups, limit) }, spf.ErrVoidLookupLimitReached)
	found := Finding{Detail: fmt.Sprintf("%d of %d lookups, mail of others: %s; %s", lookups, maxSPFLookups, result, shown(e.record))}
	switch {
	case lookups > maxSPFLookups:
		return Finding{}, fault(report.PolicySPFLookups, fmt.Sprintf("%s; it needs %d lookups in the DNS, and %d are allowed", shown(e.record), lookups, maxSPFLookups))
	case result == spf.Pass && errors.Is(err, spf.ErrMatchedAll):
		found.Warning = report.PolicySPFAnybody
	case e.ptr:
		found.Warning = report.PolicySPFPTR
		found.Detail += "; it uses ptr"
	case void > maxVoidLookups:
		found.Warning = report.PolicySPFVoidLookups
		found.Detail += fmt.Sprintf("; %d of the names in it lead nowhere: %s", void, strings.Join(e.missing, ", "))
	}
	return found, nil
}

// brokenSPF is what is wrong with a record that receivers cannot use; empty for
// nothing.
func brokenSPF(result spf.Result, err error) report.Cause {
	switch {
	case result == spf.None:
		return report.PolicySPFMissing
	case result != spf.PermError:
		return ""
	case errors.Is(err, spf.ErrMultipleRecords):
		return report.PolicySPFSeveral
	case errors.Is(err, spf.ErrLookupLimitReached), errors.Is(err, spf.ErrVoidLookupLimitReached),
		errors.Is(err, spf.ErrTooManyMXRecords), errors.Is(err, errQueries):
		return report.PolicySPFLookups
	}
	return report.PolicySPFSyntax
}

// evaluation is a record while it is evaluated: again and again with other
// limits, but each name is looked up once.
type evaluation struct {
	ctx      context.Context
	resolver Resolver
	domain   string
	known    map[string]any // by kind and name: what was found, or the error
	record   string         // the domain's own
	last     string         // whose record was read last
	missing  []string       // names that lead nowhere
	ptr      bool
	failed   error // of the DNS: nothing can be said
}

func (e *evaluation) check(lookups, void uint) (spf.Result, error) {
	return spf.CheckHostWithSender(nobody, e.domain, "postmaster@"+e.domain, spf.WithContext(e.ctx), spf.WithResolver(e),
		spf.OverrideLookupLimit(lookups), spf.OverrideVoidLookupLimit(void))
}

func (e *evaluation) err(lookups, void uint) error {
	_, err := e.check(lookups, void)
	return err
}

// least is the lowest limit below another that is not reached.
func least(below int, try func(limit uint) error, reached error) int {
	return sort.Search(below, func(limit int) bool { return !errors.Is(try(uint(limit)), reached) })
}

// complaint says what is wrong, and with whose record.
func (e *evaluation) complaint(cause report.Cause, err error) string {
	switch {
	case cause == report.PolicySPFMissing:
		return e.domain + " has no SPF record"
	case cause == report.PolicySPFSeveral:
		return shown(e.last) + " has more than one SPF record"
	case errors.Is(err, spf.ErrNoResult):
		return fmt.Sprintf("%s; it includes %s, which has no SPF record", shown(e.record), shown(e.last))
	case e.last != e.domain:
		return fmt.Sprintf("%s; in the record of %s: %v", shown(e.record), shown(e.last), err)
	}
	return fmt.Sprintf("%s; %v", shown(e.record), err)
}

var errQueries = fmt.Errorf("it asks the DNS more than %d questions", maxSPFQueries)

// memo looks something up once. What is not there is told in the way that the
// library knows; any other failure ends the evaluation.
func memo[T any](e *evaluation, kind, name string, look func() (T, error)) (T, error) {
	var none T
	key := kind + " " + strings.ToLower(name)
	if _, ok := e.known[key]; !ok {
		found, err := look()
		switch {
		case len(e.known) >= maxSPFQueries:
			e.known[key] = errQueries
		case dns.IsAbsent(err):
			e.missing = append(e.missing, shown(name))
			e.known[key] = error(&net.DNSError{Err: err.Error(), Name: name, IsNotFound: true})
		case err != nil:
			e.failed = errors.Join(e.failed, err)
			e.known[key] = error(&net.DNSError{Err: err.Error(), Name: name, IsTemporary: true})
		default:
			e.known[key] = found
		}
	}
	switch found := e.known[key].(type) {
	case error:
		return none, found
	case T:
		return found, nil
	}
	return none, errQueries
}

// LookupTXT implements spf.DNSResolver.
func (e *evaluation) LookupTXT(_ context.Context, name string) ([]string, error) {
	e.last = strings.TrimSuffix(name, ".")
	records, err := memo(e, "TXT", name, func() ([]string, error) { return texts(e.ctx, e.resolver, name) })
	if strings.EqualFold(e.last, e.domain) {
		if i := slices.IndexFunc(records, isSPF); i >= 0 {
			e.record = records[i]
		}
	}
	return records, err
}

func isSPF(text string) bool {
	version, _, _ := strings.Cut(text, " ")
	return strings.EqualFold(version, "v=spf1")
}

// LookupMX implements spf.DNSResolver.
func (e *evaluation) LookupMX(_ context.Context, name string) ([]*net.MX, error) {
	return memo(e, "MX", name, func() ([]*net.MX, error) {
		found, err := e.resolver.MX(e.ctx, name)
		if err != nil {
			return nil, err
		}
		var hosts []*net.MX
		for _, mx := range found.Records {
			hosts = append(hosts, &net.MX{Host: mx.Host, Pref: mx.Preference})
		}
		return hosts, nil
	})
}

// LookupIPAddr implements spf.DNSResolver.
func (e *evaluation) LookupIPAddr(_ context.Context, host string) ([]net.IPAddr, error) {
	return memo(e, "A", host, func() ([]net.IPAddr, error) {
		found, err := e.resolver.Host(e.ctx, host)
		if err != nil {
			return nil, err
		}
		var addrs []net.IPAddr
		for _, a := range found.Addrs {
			addrs = append(addrs, net.IPAddr{IP: a.AsSlice(), Zone: a.Zone()})
		}
		return addrs, nil
	})
}

// LookupAddr implements spf.DNSResolver: "ptr" alone asks for the names of the
// address that is evaluated, and nobody has none.
func (e *evaluation) LookupAddr(context.Context, string) ([]string, error) {
	e.ptr = true
	return nil, nil
}
