package discover

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"mailcheck/report"
)

const (
	// maxXMLDepth bounds the nesting: an answer has seven levels at most.
	maxXMLDepth = 32
	// maxProtocols bounds the servers of one answer: each is connected to.
	maxProtocols = 16
	// maxLoginName bounds a login name in bytes: an address has 254.
	maxLoginName = 254
)

// autodiscoverAnswer is an answer in the words of MS-OXDSCLI section 2.2.4.
type autodiscoverAnswer struct {
	errorCode    int // 600 "invalid request", 601 "provider is not found"; 0: none
	redirectAddr string
	redirectURL  string
	protocols    []autodiscoverProtocol
}

type autodiscoverProtocol struct {
	kind, server, port, ssl, encryption, loginName string
}

var errNotAutodiscover = errors.New("it is no answer of Autodiscover")

// parseAutodiscover reads an answer. Servers differ in the case of the names,
// and in namespaces. A document type, with which entities would come, is
// refused.
func parseAutodiscover(body []byte) (*autodiscoverAnswer, error) {
	d := xml.NewDecoder(bytes.NewReader(bytes.TrimPrefix(body, []byte("\ufeff"))))
	var (
		a    autodiscoverAnswer
		path []string
		text strings.Builder
		root bool
	)
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) && root {
			return &a, nil
		}
		if err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.Directive:
			return nil, errNotAutodiscover
		case xml.StartElement:
			path = append(path, strings.ToLower(t.Name.Local))
			if path[0] != "autodiscover" || len(path) == 1 && root || len(path) > maxXMLDepth {
				return nil, errNotAutodiscover
			}
			root = true
			text.Reset()
			a.open(path, t.Attr)
		case xml.CharData:
			if len(path) == 0 && len(bytes.TrimSpace(t)) > 0 {
				return nil, errNotAutodiscover
			}
			text.Write(t)
		case xml.EndElement:
			a.set(path, strings.TrimSpace(text.String()))
			path = path[:len(path)-1]
			text.Reset()
		}
	}
}

// Where the words of an answer stand.
const (
	xmlAccount  = "autodiscover/response/account"
	xmlProtocol = xmlAccount + "/protocol"
)

// open begins what an element holds.
func (a *autodiscoverAnswer) open(path []string, attributes []xml.Attr) {
	if strings.Join(path, "/") != xmlProtocol {
		return
	}
	p := autodiscoverProtocol{}
	for _, attr := range attributes { // <Protocol Type="mapiHttp">
		if strings.EqualFold(attr.Name.Local, "type") {
			p.kind = attr.Value
		}
	}
	a.protocols = append(a.protocols, p)
}

// set takes the text of an element.
func (a *autodiscoverAnswer) set(path []string, text string) {
	into := func(field *string) {
		if *field == "" { // said twice: the first counts
			*field = text
		}
	}
	name := path[len(path)-1]
	switch strings.Join(path[:len(path)-1], "/") {
	case "autodiscover/response/error", xmlAccount + "/error":
		if code, err := strconv.Atoi(text); name == "errorcode" && err == nil && 0 < code && code < 1000 {
			a.errorCode = code
		}
	case xmlAccount:
		switch name {
		case "redirectaddr":
			into(&a.redirectAddr)
		case "redirecturl":
			into(&a.redirectURL)
		}
	case xmlProtocol:
		p := &a.protocols[len(a.protocols)-1]
		switch name {
		case "type":
			into(&p.kind)
		case "server":
			into(&p.server)
		case "port":
			into(&p.port)
		case "ssl":
			into(&p.ssl)
		case "encryption":
			into(&p.encryption)
		case "loginname":
			into(&p.loginName)
		}
	}
}

// isExchange tells Exchange from the other servers that answer alike.
func (a *autodiscoverAnswer) isExchange() bool {
	return slices.ContainsFunc(a.protocols, func(p autodiscoverProtocol) bool {
		return slices.Contains([]string{"exch", "expr", "exhttp", "mapihttp"}, strings.ToLower(p.kind))
	})
}

// sentOn is the host or domain that the answer sends its reader on to. Of an
// address only the domain is told.
func (a *autodiscoverAnswer) sentOn() string {
	host := a.redirectAddr[strings.LastIndexByte(a.redirectAddr, '@')+1:]
	if to, err := url.Parse(a.redirectURL); err == nil && a.redirectURL != "" {
		host = to.Hostname()
	}
	name, _ := serverName(host)
	return name
}

// endpoints are the mail servers of an answer. It came over HTTPS from the
// address's own domain, which vouches for them.
func (a *autodiscoverAnswer) endpoints(mailbox string) []report.Endpoint {
	var found []report.Endpoint
	for _, p := range a.protocols {
		e, ok := p.endpoint()
		if !ok {
			continue
		}
		if !strings.EqualFold(p.loginName, mailbox) && isLoginName(p.loginName) {
			e.Username = p.loginName
		}
		e.Trusted = true
		found = append(found, e)
	}
	return found[:min(len(found), maxProtocols)]
}

// isLoginName tells whether a text of an answer can be a login name.
func isLoginName(text string) bool {
	return text != "" && len(text) <= maxLoginName && !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) })
}

// autodiscoverTypes are the mail protocols by their names in an answer, with
// their ports of implicit TLS and of STARTTLS.
var autodiscoverTypes = map[string]struct {
	protocol      report.Protocol
	tls, starttls int
}{
	"imap": {report.IMAP, 993, 143},
	"pop3": {report.POP3, 995, 110},
	"pop":  {report.POP3, 995, 110},
	"smtp": {report.SMTP, 465, 587},
}

// endpoint is the mail server that a protocol names, if it is one.
func (p autodiscoverProtocol) endpoint() (report.Endpoint, bool) {
	known, ok := autodiscoverTypes[strings.ToLower(p.kind)]
	host, valid := serverName(p.server)
	if !ok || !valid {
		return report.Endpoint{}, false
	}
	e := report.Endpoint{Protocol: known.protocol, Host: host, Security: report.TLS}
	encryption := strings.ToLower(p.encryption)
	if encryption == "tls" {
		e.Security = report.STARTTLS
	}
	// Encryption stands above SSL, which is on where it is not named.
	if encryption == "none" || encryption == "" && strings.EqualFold(p.ssl, "off") {
		e.Security = report.None
	}
	if p.port == "" {
		e.Port = known.starttls
		if e.Security == report.TLS {
			e.Port = known.tls
		}
		return e, true
	}
	port, err := strconv.ParseUint(p.port, 10, 16)
	if err != nil || port == 0 {
		return report.Endpoint{}, false
	}
	e.Port = int(port)
	// Servers write SSL and TLS for either kind. On the usual ports only one
	// kind is spoken.
	if e.Security != report.None {
		switch e.Port {
		case known.tls:
			e.Security = report.TLS
		case known.starttls, 25:
			e.Security = report.STARTTLS
		}
	}
	return e, true
}
