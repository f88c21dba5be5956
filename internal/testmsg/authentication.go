package testmsg

import (
	"strings"

	"mailcheck/report"
)

// maxResult bounds a result word in bytes; the longest of RFC 8601 section 2.7
// is "permerror", Exchange has "bestguesspass".
const maxResult = 20

// readAuthentication reads the Authentication-Results fields (RFC 8601) of the
// server that wrote the topmost one: fields of others below it may be the
// sender's invention. Where a method has several results the topmost counts;
// for DKIM one signature that passes is enough (RFC 6376 section 6.1).
func readAuthentication(fields []field) *report.Authentication {
	var (
		a     report.Authentication
		owner string
		first = true
	)
	for _, f := range fields {
		if !f.is("Authentication-Results") {
			continue
		}
		server, results := readResults(f.value)
		if !first && (server == "" || !strings.EqualFold(server, owner)) {
			continue // one that names no server says nothing of who wrote it
		}
		owner, first = server, false
		for _, r := range results {
			switch {
			case r.method == "spf" && a.SPF == "":
				a.SPF = r.result
			case r.method == "dkim" && a.DKIM != "pass" && (a.DKIM == "" || r.result == "pass"):
				a.DKIM = r.result
			case r.method == "dmarc" && a.DMARC == "":
				a.DMARC = r.result
			}
		}
	}
	if a == (report.Authentication{}) {
		return nil
	}
	return &a
}

// methodResult is "spf=pass".
type methodResult struct{ method, result string }

// readResults reads one Authentication-Results field: the name of the server
// that wrote it, then the results. Exchange Online leaves the name out.
func readResults(value string) (server string, results []methodResult) {
	parts := clauses(value)
	if words := strings.Fields(parts[0]); len(words) > 0 && !strings.Contains(words[0], "=") &&
		(len(words) == 1 || words[1][0] != '=') {
		server, parts = words[0], parts[1:] // what follows it, mostly a version, is passed over
	}
	for _, part := range parts {
		if r, ok := readResult(part); ok {
			results = append(results, r)
		}
	}
	return server, results
}

// readResult reads "spf=pass smtp.mailfrom=example.com"; the method may carry a
// version ("dkim/1") and spaces may stand around the first equals sign.
func readResult(part string) (methodResult, bool) {
	method, rest, ok := strings.Cut(part, "=")
	method, _, _ = strings.Cut(method, "/")
	words := strings.Fields(rest)
	if !ok || len(words) == 0 {
		return methodResult{}, false
	}
	r := methodResult{strings.ToLower(strings.TrimSpace(method)), strings.ToLower(words[0])}
	return r, isKeyword(r.result)
}

// isKeyword: RFC 8601 section 2.2, bounded.
func isKeyword(s string) bool {
	for i := range len(s) {
		if c := s[i]; !('a' <= c && c <= 'z') && !('0' <= c && c <= '9') && c != '-' {
			return false
		}
	}
	return s != "" && len(s) <= maxResult
}
