package discover

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"mailcheck/internal/dns"
	"mailcheck/internal/lab"
	"mailcheck/report"
)

// A document that is to stand in one place is fetched from nowhere else, and
// not beyond its limit.
func TestFetchUnmoved(t *testing.T) {
	const url = "https://policy.example.test/p.txt"
	isError := func(want error) func(error) bool { return func(err error) bool { return errors.Is(err, want) } }
	for name, tc := range map[string]struct {
		document http.Handler
		body     string
		err      func(error) bool
	}{
		"there":      {document: lab.Document("text/plain", "policy"), body: "policy"},
		"just so":    {document: lab.Document("text/plain", strings.Repeat("x", 100)), body: strings.Repeat("x", 100)},
		"too long":   {document: lab.Document("text/plain", strings.Repeat("x", 101)), err: isError(errTooLong)},
		"moved":      {document: http.RedirectHandler("https://autoconfig.thunderbird.net/p.txt", http.StatusFound), err: isError(errMoved)},
		"not there":  {document: http.NotFoundHandler(), err: func(err error) bool { return errors.As(err, new(*statusError)) }},
		"not itself": {document: http.RedirectHandler(url, http.StatusMovedPermanently), err: isError(errMoved)},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := lab.Start(t.Context(), lab.Options{Documents: map[string]http.Handler{url: tc.document}})
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			var told []report.Contact
			q := Query{Resolver: dns.New(dns.Options{Server: l.DNSAddr()}), HTTP: HTTP{Roots: l.Roots(), Dial: l.DialContext},
				Told: func(c report.Contact) { told = append(told, c) }}
			body, contentType, err := q.FetchUnmoved(t.Context(), url, 100)
			switch {
			case tc.err != nil && (err == nil || !tc.err(err)):
				t.Errorf("error %v", err)
			case tc.err == nil && (err != nil || string(body) != tc.body || contentType != "text/plain"):
				t.Errorf("%q of %s, %v", body, contentType, err)
			}
			if len(told) != 1 || told[0].Host != "policy.example.test" || !slices.Equal(told[0].Told, []string{"domain"}) {
				t.Errorf("told %+v", told)
			}
		})
	}
}
