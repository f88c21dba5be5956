package discover

import (
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/publicsuffix"

	"mailcheck/internal/crash"
	"mailcheck/internal/dns"
	"mailcheck/report"
)

// autodiscoverLimit bounds one question. Exchange answers within a second; a
// web server of the domain that drops packets must not hold up the guessing.
const autodiscoverLimit = 4 * time.Second

const autodiscoverPath = "/autodiscover/autodiscover.xml"

// autodiscoverRequest is the question of MS-OXDSCLI section 4.1, around the
// address.
const autodiscoverRequest = `<?xml version="1.0" encoding="utf-8"?>
<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006">` +
	`<Request><EMailAddress>%s</EMailAddress>` +
	`<AcceptableResponseSchema>http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a</AcceptableResponseSchema>` +
	`</Request></Autodiscover>`

// askAutodiscover tells whether Exchange serves the domain, by Microsoft's
// Autodiscover in its first version ("POX", MS-OXDSCLI). It asks at the domain
// and at autodiscover. below it, never above, with no credentials, follows
// nobody who sends it on, and asks no host that an SRV record names. To be
// asked for a login is the usual sign of Exchange.
//
// The address goes to the two over HTTPS. Where it must not, they are asked
// without a body, which a server that is there refuses just as tellingly.
func askAutodiscover(ctx context.Context, q Query) (answer, error) {
	var questions []question
	if !q.HTTP.Offline {
		questions = q.autodiscoverQuestions()
	}
	signs := make([]sign, len(questions))
	var srv sign
	var srvErr error
	var wg sync.WaitGroup
	for i, asked := range questions {
		wg.Go(crash.Guard(ctx, func() { signs[i] = q.autodiscover(ctx, asked) }))
	}
	wg.Go(crash.Guard(ctx, func() { srv, srvErr = q.autodiscoverSRV(ctx) }))
	wg.Wait()

	var a answer
	var said []string
	for _, s := range append(signs, srv) {
		if len(a.endpoints) == 0 {
			a.endpoints = s.endpoints
		}
		if s.text != "" && !slices.Contains(said, s.text) {
			said = append(said, s.text)
		}
	}
	if len(said) > 0 {
		a.detail = strings.Join(said, "; ")
		return a, nil
	}
	if ctx.Err() != nil {
		return a, ctx.Err()
	}
	a.detail = "no Exchange server answers"
	if q.HTTP.Offline {
		a.detail = "no SRV record names an Exchange server; no other is asked"
	}
	return a, srvErr
}

// question is one place to ask at.
type question struct {
	method, url, body string
	told              string // "domain" or "address"
}

// autodiscoverQuestions are the places to ask at. A name below a public suffix
// (autodiscover.com, autodiscover.co.jp) is not the domain's but a stranger's,
// who has been seen to collect what mail programs tell.
func (q Query) autodiscoverQuestions() []question {
	domain := q.Account.Domain
	names := []string{domain}
	if suffix, _ := publicsuffix.PublicSuffix(domain); suffix != domain {
		names = append(names, "autodiscover."+domain)
	}
	ask := question{method: http.MethodPost, body: autodiscoverBody(q.Account.Mailbox()), told: "address"}
	if q.HTTP.NoAddress {
		ask = question{method: http.MethodGet, told: "domain"}
	}
	var questions []question
	for _, name := range names {
		ask.url = "https://" + name + autodiscoverPath
		questions = append(questions, ask)
	}
	if len(names) > 1 {
		// Exchange Online has no certificate for the names of its customers:
		// it sends on from here.
		questions = append(questions, question{method: http.MethodGet, url: "http://" + names[1] + autodiscoverPath, told: "domain"})
	}
	return questions
}

func autodiscoverBody(mailbox string) string {
	var address bytes.Buffer
	_ = xml.EscapeText(&address, []byte(mailbox)) // a Buffer takes everything
	return fmt.Sprintf(autodiscoverRequest, address.String())
}

// autodiscover asks at one place. A web server that cannot be asked is no sign.
func (q Query) autodiscover(ctx context.Context, asked question) sign {
	ctx, cancel := context.WithTimeout(ctx, autodiscoverLimit)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, asked.method, asked.url, strings.NewReader(asked.body))
	if err != nil {
		return sign{}
	}
	req.Header.Set("User-Agent", "mailcheck")
	req.Header.Set("Accept-Encoding", "identity")
	if asked.body != "" {
		req.Header.Set("Content-Type", "text/xml; charset=utf-8")
	}
	f := &fetch{query: q, told: asked.told}
	conn, err := f.connect(ctx, req.URL)
	if err != nil {
		return sign{}
	}
	defer hangUp(conn)
	res, err := roundTrip(conn, req) // which follows nobody
	if err != nil {
		return sign{}
	}
	defer func() { _ = res.Body.Close() }()
	host := req.URL.Hostname()
	switch {
	case res.StatusCode == http.StatusUnauthorized:
		return challengeSign(host, res.Header.Values("WWW-Authenticate"))
	case res.StatusCode/100 == 3:
		return q.redirectSign(host, res.Header.Get("Location"))
	case res.StatusCode == http.StatusOK && req.URL.Scheme == "https":
		if body, err := readBody(res, maxDocument); err == nil {
			return documentSign(host, body, q.Account.Mailbox())
		}
	}
	return sign{}
}

// sign is what one place says; its text is empty where nothing speaks of
// Exchange or of mail servers.
type sign struct {
	text      string
	endpoints []report.Endpoint
}

// autodiscoverSRV looks for _autodiscover._tcp. The DNS is unsigned: the host
// is told and not asked.
func (q Query) autodiscoverSRV(ctx context.Context) (sign, error) {
	records, err := q.Resolver.SRV(ctx, "_autodiscover._tcp."+q.Account.Domain)
	if dns.IsAbsent(err) {
		return sign{}, nil
	}
	if err != nil {
		return sign{}, err
	}
	for _, r := range records.Records {
		if !r.NotOffered() {
			return sign{text: fmt.Sprintf("SRV names %s for Autodiscover, which is not asked", r.Target)}, nil
		}
	}
	return sign{}, nil
}

// challengeSign is a demand for a login as a sign of Exchange. Basic alone is
// what many other servers demand.
func challengeSign(host string, challenges []string) sign {
	asked := loginSchemes(challenges)
	switch {
	case len(asked) == 0:
		return sign{}
	case len(asked) == 1 && asked[0] == "Basic":
		return sign{text: host + " asks for a login for Autodiscover (Basic), as Exchange does"}
	}
	return sign{text: fmt.Sprintf("Exchange answers at %s: it asks for a login (%s)", host, strings.Join(asked, ", "))}
}

// loginSchemes picks the schemes of Exchange from the values of
// WWW-Authenticate (RFC 9110 section 11.6.1), one or several in a value.
func loginSchemes(challenges []string) []string {
	var asked []string
	for _, value := range challenges {
		quoted := false
		parts := strings.FieldsFunc(value, func(r rune) bool {
			if r == '"' {
				quoted = !quoted
			}
			return r == ',' && !quoted
		})
		for _, part := range parts {
			first, _, _ := strings.Cut(strings.TrimSpace(part), " ")
			for _, scheme := range []string{"Negotiate", "NTLM", "Bearer", "Basic"} {
				if strings.EqualFold(first, scheme) && !slices.Contains(asked, scheme) {
					asked = append(asked, scheme)
				}
			}
		}
	}
	return asked
}

// redirectSign is a host that sends on to another for the same path: what
// Exchange Online does for the names of its customers, and some web servers
// for everything.
//
// A web server that calls itself www. does it too, and is no sign.
func (q Query) redirectSign(host, location string) sign {
	to, err := url.Parse(location)
	if err != nil || to.Scheme != "https" || !strings.EqualFold(to.Path, autodiscoverPath) {
		return sign{}
	}
	name, ok := serverName(to.Hostname())
	if !ok || name == host || host == q.Account.Domain && inside(name, host) {
		return sign{}
	}
	return sign{text: fmt.Sprintf("%s sends on to %s for Autodiscover, which is not asked", host, name)}
}

// documentSign is a document as a sign: an answer of Autodiscover, be it an
// error, or nothing.
func documentSign(host string, body []byte, mailbox string) sign {
	found, err := parseAutodiscover(body)
	if err != nil {
		return sign{}
	}
	s := sign{endpoints: found.endpoints(mailbox)}
	who := "Autodiscover"
	if found.isExchange() {
		who = "Exchange"
	}
	s.text = fmt.Sprintf("%s answers at %s", who, host)
	switch {
	case len(s.endpoints) > 0:
		s.text += ": " + describe(s.endpoints)
	case found.sentOn() != "":
		s.text += fmt.Sprintf(", and sends on to %s, which is not asked", found.sentOn())
	case found.errorCode != 0:
		s.text += fmt.Sprintf(": error %d", found.errorCode)
	}
	return s
}
