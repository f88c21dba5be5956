package discover

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"mailcheck/creds"
	"mailcheck/report"
)

func account(t testing.TB, address string) creds.Account {
	t.Helper()
	a, err := creds.ParseAddress(address)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// configFiles are the files of testdata/clientconfig, by name.
func configFiles(t testing.TB) map[string][]byte {
	t.Helper()
	paths, err := filepath.Glob("testdata/clientconfig/*.xml")
	if err != nil || len(paths) < 15 {
		t.Fatalf("%d files: %v", len(paths), err)
	}
	files := map[string][]byte{}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		files[strings.TrimSuffix(filepath.Base(path), ".xml")] = text
	}
	return files
}

// Each file gives exactly the endpoints that the file beside it lists.
func TestParseClientConfig(t *testing.T) {
	for name, file := range configFiles(t) {
		t.Run(name, func(t *testing.T) {
			want, err := os.ReadFile("testdata/clientconfig/" + name + ".want")
			if err != nil {
				t.Fatal(err)
			}
			endpoints, err := parseClientConfig(file, account(t, "anna@example.com"))
			if err != nil {
				t.Fatal(err)
			}
			var got strings.Builder
			for _, e := range endpoints {
				user := e.Username
				if user != "" {
					user += " "
				}
				fmt.Fprintf(&got, "%s %s:%d %s %s[%s]\n", e.Protocol, e.Host, e.Port, e.Security, user, strings.Join(e.Auth, " "))
				if e.Trusted || e.Source != "" {
					t.Errorf("the parser vouches: %+v", e)
				}
			}
			if got.String() != string(want) {
				t.Errorf("got\n%swant\n%s", got.String(), want)
			}
		})
	}
}

func TestParseClientConfigRefuses(t *testing.T) {
	const server = `<incomingServer type="imap"><hostname>imap.example.com</hostname><port>993</port><socketType>SSL</socketType></incomingServer>`
	const whole = `<clientConfig version="1.1"><emailProvider>` + server + `</emailProvider></clientConfig>`
	anyError := func(err error) bool { return err != nil }
	is := func(want error) func(error) bool { return func(err error) bool { return errors.Is(err, want) } }
	charset := func(name string) func(error) bool {
		return func(err error) bool {
			var e *charsetError
			return errors.As(err, &e) && e.Name == name
		}
	}
	for name, tc := range map[string]struct {
		text string
		is   func(error) bool
	}{
		"nothing":           {"", is(errNotClientConfig)},
		"a page":            {"<!DOCTYPE html><html><body>Buy example.com! clientConfig</body></html>", is(errNotClientConfig)},
		"an old page":       {`<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN"><p>hello<br>`, is(errNotClientConfig)},
		"JSON":              {`{"error":"not found"}`, is(errNotClientConfig)},
		"noise":             {"\x00\xff\x1b]0;x\x07<<<", is(errNotClientConfig)},
		"other XML":         {`<?xml version="1.0"?><rss>` + whole + `</rss>`, is(errNotClientConfig)},
		"text before":       {"Warning: undefined variable " + whole, is(errNotClientConfig)},
		"text behind":       {whole + "Warning: undefined variable", is(errMalformed)},
		"two files":         {whole + whole, is(errMalformed)},
		"cut short":         {whole[:len(whole)-10], anyError},
		"wrong nesting":     {`<clientConfig><emailProvider></clientConfig></emailProvider>`, anyError},
		"NUL":               {strings.Replace(whole, "imap.", "imap\x00.", 1), anyError},
		"an unknown entity": {strings.Replace(whole, "imap.", "&imap;.", 1), anyError},
		"an entity": {`<?xml version="1.0"?><!DOCTYPE clientConfig [<!ENTITY h "imap.example.com">]>` +
			strings.Replace(whole, "imap.example.com", "&h;", 1), is(errDocumentType)},
		"an external entity": {`<!DOCTYPE clientConfig [<!ENTITY h SYSTEM "file:///etc/hostname">]>` + whole, is(errDocumentType)},
		"a document type":    {`<!DOCTYPE clientConfig SYSTEM "https://dtd.example/c.dtd">` + whole, is(errDocumentType)},
		"a later document type": {`<clientConfig><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><emailProvider>` + server +
			`</emailProvider></clientConfig>`, is(errDocumentType)},
		"depth":           {"<clientConfig>" + strings.Repeat("<a>", 40) + strings.Repeat("</a>", 40) + "</clientConfig>", is(errNesting)},
		"endless depth":   {"<clientConfig>" + strings.Repeat("<a>", 80000), is(errNesting)},
		"many elements":   {"<clientConfig>" + strings.Repeat("<a/>", 20000) + "</clientConfig>", is(errElements)},
		"unknown charset": {`<?xml version="1.0" encoding="x-klingon"?>` + whole, charset("x-klingon")},
		"refused charset": {`<?xml version="1.0" encoding="iso-2022-kr"?>` + whole, charset("iso-2022-kr")},
		"no valid server": {strings.Replace(whole, "993", "99999", 1), anyError},
	} {
		t.Run(name, func(t *testing.T) {
			if endpoints, err := parseClientConfig([]byte(tc.text), account(t, "anna@example.com")); !tc.is(err) || endpoints != nil {
				t.Errorf("%v, %v", endpoints, err)
			}
		})
	}
	if endpoints, err := parseClientConfig([]byte(whole), account(t, "anna@example.com")); err != nil || len(endpoints) != 1 {
		t.Errorf("the file that the cases vary: %v, %v", endpoints, err)
	}
	many := strings.Replace(whole, server, strings.Repeat(server, 500), 1)
	if endpoints, err := parseClientConfig([]byte(many), account(t, "anna@example.com")); err != nil || len(endpoints) != maxConfigServers {
		t.Errorf("500 servers: %d are taken, %v", len(endpoints), err)
	}
}

// A local part that looks like a placeholder is not expanded again.
func TestExpand(t *testing.T) {
	for _, tc := range []struct {
		text, address, want string
		known               bool
	}{
		{"%EMAILADDRESS%", "%EMAILDOMAIN%@Example.com", "%EMAILDOMAIN%@example.com", true},
		{"%EMAILLOCALPART%.%EMAILDOMAIN%", "a.b@example.com", "a.b.example.com", true},
		{"%EMAILLOCALPART", "a.b@example.com", "a.b", true},
		{"100%", "anna@example.com", "100%", true},
		{"50%OFF", "anna@example.com", "50%OFF", true},
		{"%REALNAME%", "anna@example.com", "%REALNAME%", false},
	} {
		if got, known := expand(tc.text, account(t, tc.address)); got != tc.want || known != tc.known {
			t.Errorf("expand(%q, %s) = %q, %v", tc.text, tc.address, got, known)
		}
	}
}

// Whatever comes, endpoints that come of it can be connected to and shown.
func FuzzParseClientConfig(f *testing.F) {
	for _, file := range configFiles(f) {
		f.Add(file, "anna@example.com")
	}
	f.Add([]byte(`<!DOCTYPE clientConfig [<!ENTITY a "b">]><clientConfig>&a;</clientConfig>`), `"%EMAILDOMAIN%"@example.co.jp`)
	f.Fuzz(func(t *testing.T, body []byte, address string) {
		who, err := creds.ParseAddress(address)
		if err != nil {
			return
		}
		endpoints, err := parseClientConfig(body, who)
		if err != nil && endpoints != nil {
			t.Fatalf("endpoints and %v", err)
		}
		if len(endpoints) > maxConfigServers {
			t.Fatalf("%d endpoints", len(endpoints))
		}
		odd := func(text string) bool {
			return strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) || r == unicode.ReplacementChar })
		}
		for _, e := range endpoints {
			if name, ok := serverName(e.Host); !ok || name != e.Host {
				t.Errorf("host %q", e.Host)
			}
			if e.Port < 1 || e.Port > 65535 {
				t.Errorf("port %d", e.Port)
			}
			if e.Security != report.TLS && e.Security != report.STARTTLS && e.Security != report.None {
				t.Errorf("security %q", e.Security)
			}
			if e.Protocol.Label() == "" {
				t.Errorf("protocol %q", e.Protocol)
			}
			if odd(e.Username) || len(e.Username) > maxLoginName || e.Username == who.Mailbox() {
				t.Errorf("user name %q", e.Username)
			}
			if len(e.Auth) > maxConfigAuth || odd(strings.Join(e.Auth, "")) {
				t.Errorf("auth %q", e.Auth)
			}
			if e.Trusted || e.Chosen {
				t.Errorf("the file decides for its reader: %+v", e)
			}
		}
	})
}
