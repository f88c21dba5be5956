package discover

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"mailcheck/report"
)

// A file is written from endpoints that were drawn by lot, in one of the many
// ways in which XML can say the same, with all that may stand beside servers:
// reading it gives those endpoints, in their order.
func TestAnyWellFormedFile(t *testing.T) {
	who := account(t, "anna@example.com")
	for seed := range uint64(2000) {
		w := newConfigWriter(seed)
		file, want := w.file()
		got, err := parseClientConfig([]byte(file), who)
		for i := range got { // who gives tokens is another test's
			got[i].Issuer = ""
		}
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("seed %d: %v\ngot\n%+v\nwant\n%+v\nof\n%s", seed, err, got, want, file)
		}
	}
}

// written is a value as a file writes it, and what it means to anna@example.com.
type written struct{ text, means string }

var (
	writtenHosts = []written{
		{"mail.example.com", "mail.example.com"}, {"m-1.mail.example.net", "m-1.mail.example.net"},
		{"mail.%EMAILDOMAIN%", "mail.example.com"}, {"%EMAILDOMAIN%", "example.com"}, {"mail.%EMAILDOMAIN", "mail.example.com"},
		{"%EMAILLOCALPART%.mail.example.net", "anna.mail.example.net"},
		{"Mail.Example.COM", "mail.example.com"}, {"mail.example.org.", "mail.example.org"}, {"mail.example.org。", "mail.example.org"},
		{"post.bücher.example", "post.xn--bcher-kva.example"}, {"xn--bcher-kva.example", "xn--bcher-kva.example"},
	}
	writtenUsers = []written{
		{"%EMAILADDRESS%", ""}, {"%EMAILADDRESS", ""}, {"%EMAILLOCALPART%@%EMAILDOMAIN%", ""}, {"anna@example.com", ""}, {"", ""},
		{"%REALNAME%", ""}, {"%USERNAME%", ""},
		{"%EMAILLOCALPART%", "anna"}, {"%EMAILLOCALPART", "anna"}, {"%EMAILDOMAIN%", "example.com"},
		{"%EMAILLOCALPART%.%EMAILDOMAIN%", "anna.example.com"}, {"%EMAILLOCALPART%%%EMAILDOMAIN%", "anna%example.com"},
		{"%EMAILLOCALPART%@mail.example.net", "anna@mail.example.net"}, {"%EMAILADDRESS%@shared.example", "anna@example.com@shared.example"},
		{`EXAMPLE\%EMAILLOCALPART%`, `EXAMPLE\anna`}, {"pop-%EMAILLOCALPART%-1", "pop-anna-1"}, {"a<b>&\"c'", "a<b>&\"c'"},
		{"Anna Müller", "Anna Müller"}, {"web12p3", "web12p3"}, {"50%OFF", "50%OFF"},
	}
	writtenSockets = []written{
		{"SSL", "tls"}, {"STARTTLS", "starttls"}, {"plain", "none"}, {"ssl", "tls"}, {"StartTLS", "starttls"}, {"PLAIN", "none"},
	}
	writtenAuth = []string{"password-cleartext", "password-encrypted", "OAuth2", "plain", "secure", "none", "NTLM", "GSSAPI",
		"client-IP-address", "TLS-client-cert", "smtp-after-pop", "SCRAM-SHA-256-PLUS", "http-basic", "future_auth"}
	writtenServers = []struct {
		element, kind string
		protocol      report.Protocol // empty: none of mail
	}{
		{"incomingServer", "imap", report.IMAP}, {"incomingServer", "pop3", report.POP3}, {"outgoingServer", "smtp", report.SMTP},
		{"incomingServer", "IMAP", report.IMAP}, {"outgoingServer", " smtp ", report.SMTP},
		{"incomingServer", "exchange", ""}, {"incomingServer", "ews", ""}, {"incomingServer", "owa", ""}, {"incomingServer", "graph", ""},
		{"incomingServer", "jmap", ""}, {"incomingServer", "pop", ""}, {"incomingServer", "smtp", ""}, {"outgoingServer", "imap", ""},
		{"chatServer", "xmpp", ""}, {"calendar", "caldav", ""}, {"fileShare", "imap", ""},
	}
	// spoiled are values that make a server invalid.
	spoiled = map[string][]string{
		"hostname":   {"", "mail..example.com", "mail.example.com..", "https://mail.example.com/", "mail.example.com:993", "{{HOST}}", "mail.%NOSUCH%", "192.0.2.1"},
		"port":       {"", "0", "65536", "-1", "imaps", "993.0", "0x3e1"},
		"socketType": {"", "TLS", "SSL/TLS", "none", "auto"},
	}
	// bystanders are elements that say nothing of servers, though they look like it.
	bystanders = []string{
		"<domain>example.com</domain>", "<domain purpose='mx'>mx.example.com</domain>", "<displayName>Ex &amp; Ample %REALNAME%</displayName>",
		"<documentation url='https://help.example.com/?a=1&amp;b=2'><descr lang='de'>Hilfe für Ämter</descr></documentation>",
		"<enable visiturl='https://www.example.com/'><instruction>Turn it on</instruction></enable>",
		"<identity><username>bob</username><port>1</port></identity>", "<pop3><leaveMessagesOnServer>true</leaveMessagesOnServer></pop3>",
		"<restriction>client-IP-address</restriction>", "<addThisServer>true</addThisServer>", "<useGlobalPreferredServer/>",
		"<oAuth2><issuer>auth.example.com</issuer><hostname>auth.example.com</hostname><authentication>no</authentication></oAuth2>",
		"<webMail><loginPage url='https://www.example.com/'/><incomingServer type='imap'><hostname>in.example.com</hostname>" +
			"<port>993</port><socketType>SSL</socketType></incomingServer></webMail>",
		"<ab:x xmlns:ab='urn:example' ab:type='imap'><![CDATA[<incomingServer type='imap'>]]></ab:x>", "<leer/>",
	}
)

// configWriter writes one file.
type configWriter struct {
	*rand.Rand
	prefix string // of element names
	line   string // what stands between elements
	plain  bool   // values are written as they are
}

func newConfigWriter(seed uint64) *configWriter {
	w := &configWriter{Rand: rand.New(rand.NewPCG(seed, 11))}
	w.prefix, w.line, w.plain = draw(w, "", "", "", "ac:"), draw(w, "\n", "\r\n", "", "\n\t "), w.IntN(3) == 0
	return w
}

func draw[T any](w *configWriter, from ...T) T { return from[w.IntN(len(from))] }

// file is a file and its endpoints: one at least, as a file whose servers are
// all invalid is an error.
func (w *configWriter) file() (string, []report.Endpoint) {
	var want []report.Endpoint
	var providers []string
	for n := draw(w, 1, 1, 1, 3); n > 0 || want == nil; n-- {
		var servers []string
		for range 1 + w.IntN(6) {
			server, e := w.server()
			servers = append(servers, server)
			if e.Protocol != "" {
				want = append(want, e)
			}
		}
		providers = append(providers, w.element("emailProvider", ` id="example.com"`, w.merge(servers, w.besides())))
	}
	attributes := draw(w, ` version="1.1"`, ` version='1.1'`, ` version="1.2"`, ` version="1.0" date = "2019"`, "")
	if w.prefix != "" {
		attributes += ` xmlns:ac="urn:example:config"`
	}
	declaration := draw(w, "", `<?xml version="1.0"?>`, `<?xml version="1.0" encoding="UTF-8"?>`,
		`<?xml version='1.0' encoding='utf-8' standalone='yes' ?>`, "\ufeff"+`<?xml version="1.0"?>`)
	return declaration + w.gap() + w.element("clientConfig", attributes, w.merge(providers, w.besides())) + w.gap(), want
}

// server is a server's element and its endpoint, which has no protocol where
// the element is none of mail or not valid.
func (w *configWriter) server() (string, report.Endpoint) {
	kind, host, socket, user := draw(w, writtenServers...), draw(w, writtenHosts...), draw(w, writtenSockets...), draw(w, writtenUsers...)
	e := report.Endpoint{Protocol: kind.protocol, Host: host.means, Port: 1 + w.IntN(65535), Security: report.Security(socket.means), Username: user.means}
	var once []string
	for _, field := range [][2]string{{"hostname", host.text}, {"port", strconv.Itoa(e.Port)}, {"socketType", socket.text}} {
		text := field[1]
		if w.IntN(16) == 0 {
			text, e.Protocol = draw(w, spoiled[field[0]]...), ""
		}
		once = append(once, w.element(field[0], "", w.value(text)))
	}
	if user.text != "" || w.IntN(2) == 0 {
		once = append(once, w.element("username", "", w.value(user.text)))
	}
	w.Shuffle(len(once), func(i, j int) { once[i], once[j] = once[j], once[i] })
	var ways []string
	for range w.IntN(4) {
		way := draw(w, writtenAuth...)
		e.Auth = append(e.Auth, way)
		ways = append(ways, w.element("authentication", draw(w, "", "", ` system="sasl"`), w.value(way)))
	}
	attributes := fmt.Sprintf(draw(w, ` type="%s"`, ` type = '%s'`, ` id="1" type="%s" preferred="yes"`,
		` xmlns:xsi="urn:xsi" xsi:type="pop3" type="%s"`, ` type="%s" xmlns:xsi="urn:xsi" xsi:type="smtp"`), kind.kind)
	return w.element(kind.element, attributes, w.merge(once, append(ways, w.besides()...))), e
}

func (w *configWriter) element(name, attributes, content string) string {
	name = w.prefix + name
	if content == "" && w.IntN(2) == 0 {
		return "<" + name + attributes + draw(w, "/>", " />")
	}
	return "<" + name + attributes + draw(w, ">", ">", " >") + content + "</" + name + draw(w, ">", ">", "\n>")
}

// value is the content of an element that has a text.
func (w *configWriter) value(text string) string {
	escape := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")
	if w.plain {
		return escape.Replace(text)
	}
	out := draw(w, "", "", " ", "\t", w.line) + draw(w, "", "", "<!-- was: 143 -->")
	for _, r := range text {
		switch w.IntN(12) {
		case 0:
			out += fmt.Sprintf("&#%d;", r)
		case 1:
			out += fmt.Sprintf("&#x%x;", r)
		case 2:
			out += fmt.Sprintf("<![CDATA[%c]]>", r)
		case 3:
			out += draw(w, "<!---->", "<?php ?>", "<![CDATA[]]>") + escape.Replace(string(r))
		default:
			out += escape.Replace(string(r))
		}
	}
	return out + draw(w, "", "", " ", "<?end?>", w.line)
}

// besides are some elements that stand beside servers, or in one.
func (w *configWriter) besides() []string {
	var some []string
	for range w.IntN(4) {
		some = append(some, draw(w, bystanders...))
	}
	return some
}

// merge puts two lists into one, each in its order.
func (w *configWriter) merge(a, b []string) string {
	out := w.gap()
	for len(a)+len(b) > 0 {
		from := &a
		if w.IntN(len(a)+len(b)) >= len(a) {
			from = &b
		}
		out += (*from)[0] + w.gap()
		*from = (*from)[1:]
	}
	return out
}

// gap is what may stand between two elements, or outside of the root.
func (w *configWriter) gap() string {
	return w.line + draw(w, "", "", "", "", `<!-- <incomingServer type="imap"> & more: a -> b -->`, `<?php echo "<a>"; ?>`, "<?xml-stylesheet href='a.xsl'?>\n")
}
