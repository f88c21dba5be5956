package discover

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	utf16 "golang.org/x/text/encoding/unicode"

	"mailcheck/creds"
	"mailcheck/internal/lazyre"
	"mailcheck/report"
)

// The bounds of a configuration file, beside its length.
const (
	// maxConfigServers bounds the servers that are taken from a file: each is
	// connected to. Files of the ISPDB name nine at most.
	maxConfigServers = 64
	// maxConfigElements bounds the elements: files that list the domains of a
	// large hoster have some hundred.
	maxConfigElements = 16384
	// maxConfigAuth bounds the ways to log in that are taken of a server.
	maxConfigAuth = 16
)

// Why a text is no configuration file.
var (
	errNotClientConfig = errors.New("it is no mail configuration file")
	errDocumentType    = errors.New("it has a document type declaration, which is refused with all that it could define")
	errNesting         = fmt.Errorf("its elements are nested more than %d deep", maxXMLDepth)
	errElements        = fmt.Errorf("it has more than %d elements", maxConfigElements)
	errMalformed       = errors.New("it is not well-formed XML: something stands outside its root element")
)

// charsetError is a declared character set that is not known.
type charsetError struct{ Name string }

func (e *charsetError) Error() string {
	return fmt.Sprintf("it is in a character set that is not known: %.80q", e.Name)
}

// clientConfig fetches a configuration file and reads it. Nobody vouches for
// its endpoints yet. What told is, [Query.get] says.
func clientConfig(ctx context.Context, q Query, url, told string) (answer, error) {
	doc, err := q.get(ctx, url, told)
	if err != nil {
		return answer{}, err
	}
	endpoints, err := parseClientConfig(doc.body, q.Account)
	if err != nil {
		return answer{}, &configError{URL: url, ContentType: doc.contentType, Err: err}
	}
	a := answer{endpoints: endpoints, detail: describe(endpoints)}
	if len(endpoints) == 0 {
		a.detail = "names no server for IMAP, POP3 or SMTP"
	}
	return a, nil
}

// configError is a document that was fetched and cannot be used.
type configError struct {
	URL         string
	ContentType string
	Err         error
}

func (e *configError) Error() string {
	place, _, _ := strings.Cut(e.URL, "?") // the address is nobody's business
	return fmt.Sprintf("%s cannot be used: %v", place, e.Err)
}

func (e *configError) Unwrap() error { return e.Err }

// configFile is a file of version 1.1 of the format
// (draft-ietf-mailmaint-autoconfig section 4). Elements that it does not know
// are passed over, and the version and namespaces do not matter.
type configFile struct {
	Providers []struct {
		Entries []configServer `xml:",any"` // in the order of the file
	} `xml:"emailProvider"`
	Issuers []string `xml:"oAuth2>issuer"`
}

// configServer is a server, or another element that stands beside servers. Of
// what may stand once and stands twice the first counts.
type configServer struct {
	XMLName        xml.Name
	Attributes     []xml.Attr `xml:",any,attr"`
	Hostname       []string   `xml:"hostname"`
	Port           []string   `xml:"port"`
	SocketType     []string   `xml:"socketType"`
	Username       []string   `xml:"username"`
	Authentication []string   `xml:"authentication"`
}

// parseClientConfig reads a configuration file: its servers for IMAP, POP3 and
// SMTP, in its order. A server that is not valid is left out; a file all of
// whose servers are invalid is an error. Username is set where the file names
// a form other than the address.
//
// Bytes that are wrong in the file's character set do not spoil it: they stand
// in names for people, where two programs wrote one file. A server whose own
// name or user name has them is left out.
func parseClientConfig(body []byte, account creds.Account) ([]report.Endpoint, error) {
	text, err := decodeXML(body)
	if err != nil {
		return nil, err
	}
	if err := checkConfig(text); err != nil {
		return nil, err
	}
	var file configFile
	if err := xml.Unmarshal(text, &file); err != nil {
		return nil, err
	}
	var endpoints []report.Endpoint
	var invalid error
	for _, provider := range file.Providers {
		for _, server := range provider.Entries {
			protocol, ok := server.protocol()
			if !ok || len(endpoints) == maxConfigServers {
				continue
			}
			e, err := server.endpoint(protocol, account)
			if err == nil {
				if slices.Contains(e.Auth, "OAuth2") {
					e.Issuer = issuerOf(first(file.Issuers))
				}
				endpoints = append(endpoints, e)
			} else if invalid == nil {
				invalid = fmt.Errorf("it names no valid server: %s: %w", protocol, err)
			}
		}
	}
	if len(endpoints) > 0 {
		return endpoints, nil
	}
	return nil, invalid
}

// protocol is what the server is for; false where that is nothing of mail.
func (s configServer) protocol() (report.Protocol, bool) {
	kind := ""
	for _, a := range s.Attributes {
		if a.Name == (xml.Name{Local: "type"}) { // not xsi:type, which generators of XML write beside it
			kind = strings.ToLower(strings.TrimSpace(a.Value))
		}
	}
	p, known := map[string]report.Protocol{
		"incomingServer imap": report.IMAP,
		"incomingServer pop3": report.POP3,
		"outgoingServer smtp": report.SMTP,
	}[s.XMLName.Local+" "+kind]
	return p, known
}

// socketTypes are the values of socketType, in lower case.
var socketTypes = map[string]report.Security{"ssl": report.TLS, "starttls": report.STARTTLS, "plain": report.None}

func (s configServer) endpoint(protocol report.Protocol, account creds.Account) (report.Endpoint, error) {
	e := report.Endpoint{Protocol: protocol}
	name, _ := expand(first(s.Hostname), account)
	host, ok := serverName(name)
	if !ok {
		return e, fmt.Errorf("%.80q is not the name of a server", name)
	}
	port, err := strconv.ParseUint(first(s.Port), 10, 16)
	if err != nil || port == 0 {
		return e, fmt.Errorf("%.80q is not a port", first(s.Port))
	}
	for _, socket := range s.SocketType { // the first that is known, as Thunderbird reads it
		if e.Security, ok = socketTypes[strings.ToLower(strings.TrimSpace(socket))]; ok {
			break
		}
	}
	if e.Security == "" {
		return e, fmt.Errorf("%.80q is not a socket type", first(s.SocketType))
	}
	username, known := expand(first(s.Username), account)
	switch {
	case username == "" || !known || username == account.Mailbox():
	case !isLoginName(username) || strings.ContainsRune(username, utf8.RuneError):
		return e, fmt.Errorf("%.80q is not a user name", username)
	default:
		e.Username = username
	}
	e.Host, e.Port = host, int(port)
	for _, way := range s.Authentication {
		if way = strings.TrimSpace(way); isToken(way) && len(e.Auth) < maxConfigAuth {
			e.Auth = append(e.Auth, way)
		}
	}
	return e, nil
}

// first is the first value that is there at all.
func first(values []string) string {
	for _, v := range values {
		if v = strings.TrimSpace(v); v != "" {
			return v
		}
	}
	return ""
}

// isToken tells whether a text is a word such as "password-cleartext".
func isToken(text string) bool {
	return text != "" && len(text) <= 64 && !strings.ContainsFunc(text, func(r rune) bool {
		return r <= ' ' || r >= unicode.MaxASCII
	})
}

// placeholder is a placeholder, its last sign missing as in files of the
// ISPDB that say %EMAILADDRESS.
var placeholder = lazyre.New(`%[A-Z]+%?`)

// expand puts an account's address, or its parts, where placeholders stand.
// It is false where one is left: %REALNAME% is a name that nobody has asked
// for.
func expand(text string, account creds.Account) (string, bool) {
	known := true
	text = placeholder.ReplaceAllStringFunc(text, func(found string) string {
		switch strings.TrimSuffix(found, "%") {
		case "%EMAILADDRESS":
			return account.Mailbox()
		case "%EMAILLOCALPART":
			return account.Local
		case "%EMAILDOMAIN":
			return account.Domain
		}
		known = known && !strings.HasSuffix(found, "%")
		return found
	})
	return text, known
}

// checkConfig reads a text from end to end before anything is taken from it:
// whether it is a configuration file at all, well-formed, within the bounds,
// and without a document type, with which entities would come.
func checkConfig(text []byte) error {
	d := xml.NewDecoder(bytes.NewReader(text))
	depth, elements := 0, 0
	for {
		token, err := d.Token()
		switch {
		case err != nil && elements == 0:
			return errNotClientConfig
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		switch t := token.(type) {
		case xml.Directive:
			// That of a web page is a page, not an attack.
			if words := bytes.Fields(t); elements == 0 && (len(words) < 2 || !bytes.Equal(words[1], []byte("clientConfig"))) {
				return errNotClientConfig
			}
			return errDocumentType
		case xml.CharData:
			if depth == 0 && len(bytes.TrimSpace(t)) > 0 {
				if elements == 0 {
					return errNotClientConfig
				}
				return errMalformed
			}
		case xml.StartElement:
			if elements == 0 && t.Name.Local != "clientConfig" {
				return errNotClientConfig
			}
			if elements > 0 && depth == 0 {
				return errMalformed
			}
			depth++
			elements++
			switch {
			case depth > maxXMLDepth:
				return errNesting
			case elements > maxConfigElements:
				return errElements
			}
		case xml.EndElement:
			depth--
		}
	}
}

var (
	xmlDeclaration = lazyre.New(`^\s*<\?xml\s[^?>]*\?>`)
	xmlEncoding    = lazyre.New(`\sencoding\s*=\s*["']\s*([^"']*?)\s*["']`)
)

// decodeXML turns a text into UTF-8 and drops its XML declaration, which has
// then served. A byte order mark counts more than what is declared (XML 1.0
// section F.2), and so does a declaration in ASCII that says UTF-16. What the
// HTTP header says does not count: servers state a default there for files that
// they have not looked into.
func decodeXML(body []byte) ([]byte, error) {
	text, marked := bytes.CutPrefix(body, []byte("\ufeff"))
	if endianness, ok := utf16Order(body); ok {
		decoded, err := utf16.UTF16(endianness, utf16.UseBOM).NewDecoder().Bytes(body)
		if err != nil {
			return nil, err
		}
		text, marked = decoded, true
	}
	declared := xmlDeclaration.Find(text)
	if label := xmlEncoding.FindSubmatch(declared); label != nil && !marked {
		charset, err := htmlindex.Get(string(label[1]))
		if err != nil || charset == encoding.Replacement {
			return nil, &charsetError{Name: string(label[1])}
		}
		if name, _ := htmlindex.Name(charset); !strings.HasPrefix(name, "utf-") {
			if text, err = charset.NewDecoder().Bytes(text); err != nil {
				return nil, err
			}
		}
	}
	text = text[len(xmlDeclaration.Find(text)):]
	return bytes.ToValidUTF8(text, []byte(string(utf8.RuneError))), nil
}

// utf16Order tells a text in UTF-16 by its byte order mark or first sign, "<".
func utf16Order(body []byte) (utf16.Endianness, bool) {
	for start, order := range map[string]utf16.Endianness{
		"\xfe\xff": utf16.BigEndian, "\x00<": utf16.BigEndian,
		"\xff\xfe": utf16.LittleEndian, "<\x00": utf16.LittleEndian,
	} {
		if bytes.HasPrefix(body, []byte(start)) {
			return order, true
		}
	}
	return utf16.BigEndian, false
}
