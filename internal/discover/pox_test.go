package discover

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// pox is an answer of Autodiscover around the inside of its Response.
func pox(inside string) string {
	return `<?xml version="1.0" encoding="utf-8"?>
<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006">
 <Response xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a">` + inside + `</Response>
</Autodiscover>`
}

func poxAccount(inside string) string {
	return pox("<User><DisplayName>Anna</DisplayName></User><Account><AccountType>email</AccountType><Action>settings</Action>" + inside + "</Account>")
}

func poxProtocol(kind, rest string) string {
	return "<Protocol><Type>" + kind + "</Type>" + rest + "</Protocol>"
}

const poxIMAP = `<Protocol><Type>IMAP</Type><Server>imap.example.com</Server><Port>993</Port><SSL>on</SSL><LoginName>anna@example.com</LoginName></Protocol>`

func TestParseAutodiscover(t *testing.T) {
	server := func(rest string) string { return poxAccount(poxProtocol("IMAP", rest)) }
	const host = "<Server>imap.example.com</Server>"
	for name, tc := range map[string]struct {
		body string
		want string // "" for no answer at all
	}{
		"as Microsoft shows it": {poxAccount(poxProtocol("EXCH", "<Server>ex1</Server>") + poxIMAP +
			poxProtocol("POP3", "<Server>pop.example.com</Server><Port>995</Port><SSL>on</SSL>") +
			poxProtocol("SMTP", "<Server>smtp.example.com</Server><Port>587</Port><Encryption>TLS</Encryption><SSL>on</SSL>")),
			"Exchange imap imap.example.com:993 tls, pop3 pop.example.com:995 tls, smtp smtp.example.com:587 starttls"},
		"names in another case": {strings.ToLower(poxAccount(poxIMAP)), "imap imap.example.com:993 tls"},
		"names in capitals": {strings.NewReplacer("Protocol", "PROTOCOL", "Server", "SERVER", "Autodiscover ", "AUTODISCOVER ", "/Autodiscover>", "/AUTODISCOVER>").
			Replace(poxAccount(poxIMAP)), "imap imap.example.com:993 tls"},
		"a byte order mark":      {"\ufeff" + poxAccount(poxIMAP), "imap imap.example.com:993 tls"},
		"no namespace":           {"<Autodiscover><Response><Account>" + poxIMAP + "</Account></Response></Autodiscover>", "imap imap.example.com:993 tls"},
		"POP":                    {poxAccount(poxProtocol("POP", "<Server>pop.example.com</Server>")), "pop3 pop.example.com:995 tls"},
		"no port":                {server(host), "imap imap.example.com:993 tls"},
		"no port, TLS":           {server(host + "<Encryption>TLS</Encryption>"), "imap imap.example.com:143 starttls"},
		"no port, no encryption": {server(host + "<SSL>off</SSL>"), "imap imap.example.com:143 none"},
		"SSL on a STARTTLS port": {server(host + "<Port>143</Port><SSL>on</SSL>"), "imap imap.example.com:143 starttls"},
		"TLS on a TLS port":      {server(host + "<Port>993</Port><Encryption>TLS</Encryption>"), "imap imap.example.com:993 tls"},
		"Auto on 587": {poxAccount(poxProtocol("SMTP", "<Server>smtp.example.com</Server><Port>587</Port><Encryption>Auto</Encryption>")),
			"smtp smtp.example.com:587 starttls"},
		"an own port, SSL":           {server(host + "<Port>2993</Port><Encryption>SSL</Encryption>"), "imap imap.example.com:2993 tls"},
		"an own port, TLS":           {server(host + "<Port>2143</Port><Encryption>tls</Encryption>"), "imap imap.example.com:2143 starttls"},
		"Encryption stands over SSL": {server(host + "<Port>143</Port><SSL>on</SSL><Encryption>None</Encryption>"), "imap imap.example.com:143 none"},
		"SSL off":                    {server(host + "<Port>143</Port><SSL>OFF</SSL>"), "imap imap.example.com:143 none"},
		"SSL off, Encryption Auto":   {server(host + "<Port>143</Port><SSL>off</SSL><Encryption>auto</Encryption>"), "imap imap.example.com:143 starttls"},
		"another login name":         {server(host + "<LoginName>EXAMPLE\\anna</LoginName>"), `imap imap.example.com:993 tls EXAMPLE\anna`},
		"a login name of lines":      {server(host + "<LoginName>anna&#10;bob</LoginName>"), "imap imap.example.com:993 tls"},
		"a login name without end":   {server(host + "<LoginName>" + strings.Repeat("a", 255) + "</LoginName>"), "imap imap.example.com:993 tls"},
		"port 0":                     {server(host + "<Port>0</Port>"), "nothing"},
		"port 65536":                 {server(host + "<Port>65536</Port>"), "nothing"},
		"port -1":                    {server(host + "<Port>-1</Port>"), "nothing"},
		"no server":                  {server(""), "nothing"},
		"localhost":                  {server("<Server>localhost</Server>"), "nothing"},
		"an IP address":              {server("<Server>127.0.0.1</Server>"), "nothing"},
		"a URL":                      {server("<Server>https://example.com/</Server>"), "nothing"},
		"a server named twice":       {server(host + "<Server>evil.example.net</Server>"), "imap imap.example.com:993 tls"},
		"a server deeper down":       {server("<Internal><Server>imap.example.com</Server></Internal>"), "nothing"},
		"a protocol elsewhere":       {pox(poxIMAP), "nothing"},
		"too many protocols":         {poxAccount(strings.Repeat(poxIMAP, 400)), strings.Repeat("imap imap.example.com:993 tls, ", 15) + "imap imap.example.com:993 tls"},
		"mapiHttp":                   {poxAccount(`<Protocol Type="mapiHttp" Version="1"/>`), "Exchange nothing"},
		"error 600":                  {pox(`<Error Time="12:00" Id="2477272013"><ErrorCode>600</ErrorCode><Message>Invalid Request</Message><DebugData/></Error>`), "error 600 nothing"},
		"error 601 of the account":   {poxAccount("<Error><ErrorCode>601</ErrorCode></Error>"), "error 601 nothing"},
		"an error that is no number": {pox("<Error><ErrorCode>\x1b</ErrorCode></Error>"), ""},
		"an error out of range":      {pox("<Error><ErrorCode>600600600600600600600</ErrorCode></Error>"), "nothing"},
		"redirectAddr":               {poxAccount("<Action>redirectAddr</Action><RedirectAddr>anna@corp.example.net</RedirectAddr>"), "to corp.example.net nothing"},
		"redirectUrl":                {poxAccount("<RedirectUrl>https://mail.example.net/autodiscover/autodiscover.xml</RedirectUrl>"), "to mail.example.net nothing"},
		"redirect to no host":        {poxAccount("<RedirectUrl>javascript:alert(1)</RedirectUrl>"), "nothing"},
		"ActiveSync":                 {pox("<Culture>en:us</Culture><Action><Settings><Server><Type>MobileSync</Type></Server></Settings></Action>"), "nothing"},

		"empty":                    {"", ""},
		"a web page":               {"<!doctype html><html><body>404", ""},
		"XHTML":                    {"<html></html>", ""},
		"text before":              {"x" + poxAccount(poxIMAP), ""},
		"text behind":              {poxAccount(poxIMAP) + "x", ""},
		"cut short":                {poxAccount(poxIMAP)[:300], ""},
		"two roots":                {poxAccount(poxIMAP) + "<Autodiscover/>", ""},
		"a document type":          {`<!DOCTYPE Autodiscover [<!ENTITY h "evil.example.net">]>` + server("<Server>&h;</Server>"), ""},
		"a document type alone":    {"<!DOCTYPE Autodiscover>" + server(host), ""},
		"an unknown entity":        {server("<Server>&h;</Server>"), ""},
		"another charset":          {strings.Replace(poxAccount(poxIMAP), "utf-8", "utf-7", 1), ""},
		"bytes that are no UTF-8":  {server("<Server>\xff</Server>"), ""},
		"deeper than any answer":   {pox(strings.Repeat("<a>", 100) + strings.Repeat("</a>", 100)), ""},
		"elements that do not end": {pox("<Account>"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := ""
			a, err := parseAutodiscover([]byte(tc.body))
			if err == nil {
				var parts []string
				for _, e := range a.endpoints("anna@example.com") {
					parts = append(parts, strings.TrimSpace(fmt.Sprintf("%s %s:%d %s %s", e.Protocol, e.Host, e.Port, e.Security, e.Username)))
					if !e.Trusted {
						t.Error("not vouched for")
					}
				}
				if got = strings.Join(parts, ", "); got == "" {
					got = "nothing"
				}
				if a.sentOn() != "" {
					got = "to " + a.sentOn() + " " + got
				}
				if a.errorCode != 0 {
					got = fmt.Sprintf("error %d %s", a.errorCode, got)
				}
				if a.isExchange() {
					got = "Exchange " + got
				}
			}
			if got != tc.want {
				t.Errorf("reads  %q (%v)\nwant   %q", got, err, tc.want)
			}
		})
	}
}

func TestLoginSchemes(t *testing.T) {
	for _, tc := range []struct {
		values []string
		want   []string
	}{
		{nil, nil},
		{[]string{"Negotiate", "NTLM"}, []string{"Negotiate", "NTLM"}},
		{[]string{"negotiate, ntlm"}, []string{"Negotiate", "NTLM"}},
		{[]string{`Basic realm="mail, Bearer"`}, []string{"Basic"}},
		{[]string{`Bearer client_id="x", trusted_issuers="a@*", NTLM`}, []string{"Bearer", "NTLM"}},
		{[]string{"Digest realm=x", "NTLMv9", ""}, nil},
		{[]string{`Basic realm="open, NTLM`}, []string{"Basic"}},
		{[]string{"Basic", "basic"}, []string{"Basic"}},
	} {
		if got := loginSchemes(tc.values); !slices.Equal(got, tc.want) {
			t.Errorf("%q: %q, want %q", tc.values, got, tc.want)
		}
	}
}

// FuzzAutodiscover reads any bytes: what comes of them can be connected to and
// shown.
func FuzzAutodiscover(f *testing.F) {
	f.Add([]byte(poxAccount(poxIMAP + poxProtocol("smtp", "<Server>smtp.example.com.</Server><Port>25</Port><Encryption>none</Encryption>"))))
	f.Add([]byte(pox("<Error><ErrorCode>600</ErrorCode></Error>")))
	f.Add([]byte(poxAccount("<RedirectUrl>https://[::1]:8/</RedirectUrl><RedirectAddr>a@b@例え.jp</RedirectAddr>")))
	f.Add([]byte("<!DOCTYPE a><autodiscover/>"))
	f.Add([]byte(`<a:autodiscover xmlns:a="b"><response><account><protocol type="pop"><server>a.b</server></protocol></account></response></a:autodiscover>`))
	f.Fuzz(func(t *testing.T, body []byte) {
		a, err := parseAutodiscover(body)
		if err != nil {
			return
		}
		endpoints := a.endpoints("anna@example.com")
		checkEndpoints(t, endpoints, maxProtocols)
		s := documentSign("example.com", body, "anna@example.com")
		if s.text == "" || strings.ContainsFunc(s.text, func(r rune) bool { return r > unicode.MaxASCII || !unicode.IsPrint(r) }) {
			t.Errorf("says %q", s.text)
		}
		if a.errorCode < 0 || a.errorCode > 999 {
			t.Errorf("error %d", a.errorCode)
		}
	})
}

// FuzzHeaders reads any header of an answer: it is a sign at most, of printable
// ASCII, names one of the known schemes, and leads nowhere without TLS.
func FuzzHeaders(f *testing.F) {
	f.Add(`Negotiate, Basic realm="a, NTLM b"`, "https://autodiscover-s.outlook.com/autodiscover/autodiscover.xml")
	f.Add("bearer", "https://[::1]:8/Autodiscover/Autodiscover.xml")
	f.Add("\x1b[2J, \"", "HTTPS://例え.jp/autodiscover/autodiscover.xml?a@b")
	q := Query{Account: account(f, "anna@example.com")}
	f.Fuzz(func(t *testing.T, challenge, location string) {
		asked := loginSchemes([]string{challenge, challenge})
		for _, scheme := range asked {
			if !strings.Contains(strings.ToLower(challenge), strings.ToLower(scheme)) {
				t.Errorf("%q asks for %q", challenge, scheme)
			}
		}
		if len(asked) > 4 {
			t.Errorf("%q is %q", challenge, asked)
		}
		sent := q.redirectSign("autodiscover.example.com", location)
		if sent.text != "" && !strings.HasPrefix(strings.ToLower(location), "https:") {
			t.Errorf("%q is %q", location, sent.text)
		}
		for _, s := range []sign{challengeSign("example.com", []string{challenge}), sent} {
			if len(s.endpoints) > 0 || len(s.text) > 400 || strings.ContainsFunc(s.text, func(r rune) bool { return r > unicode.MaxASCII || !unicode.IsPrint(r) }) {
				t.Errorf("%q and %q say %q", challenge, location, s.text)
			}
		}
	})
}
