package discover

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"mailcheck/internal/dns"
	"mailcheck/report"
)

// unannounced bounds the fetch of a configuration that no TXT record speaks
// of. It would not be believed and is only told of: a web server that a
// wildcard record leads to, and that drops packets, must not hold up the
// sources below.
const unannounced = 2 * time.Second

// paccServices are the text protocols of draft-ietf-mailmaint-pacc. A document
// gives no ports: they are those of implicit TLS (RFC 8314 section 7.3).
// Revision 02 of the draft said "smtp" where later ones say "submit".
var paccServices = []struct {
	names    []string
	protocol report.Protocol
	port     int
}{
	{[]string{"imap"}, report.IMAP, 993},
	{[]string{"pop3"}, report.POP3, 995},
	{[]string{"submit", "smtp"}, report.SMTP, 465},
}

// askPACC reads the configuration that a domain publishes for mail programs
// (draft-ietf-mailmaint-pacc): a JSON document at a host below the domain, and
// its digest in a TXT record. The document is believed when both agree. HTTPS
// at the address's own domain vouches for the hosts that it names.
//
// A document that is announced and cannot be had or believed is an error: mail
// programs that follow the draft fail on it.
func askPACC(ctx context.Context, q Query) (answer, error) {
	if q.HTTP.Offline {
		return answer{byFlags: true, detail: "no document is fetched (--offline)"}, nil
	}
	host := "ua-auto-config." + q.Account.Domain
	txt := "_" + host
	records, err := q.Resolver.TXT(ctx, txt)
	if err != nil && !dns.IsAbsent(err) {
		return answer{}, err
	}
	announced, digests := paccDigests(records)
	fetch, cancel := ctx, context.CancelFunc(func() {})
	if !announced {
		fetch, cancel = context.WithTimeout(ctx, unannounced)
	}
	defer cancel()
	doc, err := q.get(fetch, "https://"+host+"/.well-known/user-agent-configuration.json", "domain")
	switch {
	case err != nil && ctx.Err() != nil:
		return answer{}, err
	case err != nil && announced:
		return answer{}, fmt.Errorf("%s announces a configuration, which cannot be had: %w", txt, err)
	case err != nil:
		return answer{detail: paccSilence(host, err)}, nil
	}

	endpoints, left, err := parsePACC(doc.body)
	switch {
	case !announced && err != nil:
		return answer{detail: host + " has no configuration"}, nil
	case !announced:
		return answer{detail: fmt.Sprintf("the configuration at %s is not believed: there is no TXT record %s with its digest", host, txt)}, nil
	case !slices.Contains(digests, sha256.Sum256(doc.body)):
		return answer{}, fmt.Errorf("the configuration at %s is not believed: no TXT record %s has its SHA-256 digest", host, txt)
	case err != nil:
		return answer{}, fmt.Errorf("the configuration at %s is not valid: %w", host, err)
	}
	for i := range endpoints {
		endpoints[i].Trusted = true
	}
	a := answer{endpoints: endpoints, detail: describe(endpoints)}
	if len(endpoints) == 0 {
		a.detail = "names no server for IMAP, POP3 or SMTP"
	}
	for _, reason := range left {
		a.detail += "; left out: " + reason
	}
	return a, nil
}

// paccSilence says why there is no document that nobody announced either.
func paccSilence(host string, err error) string {
	var name *dns.Error
	if dns.IsAbsent(err) && errors.As(err, &name) {
		return "there is no host " + name.Name
	}
	return host + " has no configuration"
}

// paccDigests returns the SHA-256 digests that the TXT records announce, and
// whether they announce anything: a wildcard record for another purpose does
// not. Several digests stand side by side while a document changes. The order
// of the tags and those with unknown names say nothing.
func paccDigests(records *dns.Answer[string]) (announced bool, digests [][sha256.Size]byte) {
	if records == nil {
		return false, nil
	}
	for _, record := range records.Records {
		tags := map[string]string{}
		repeated := false
		for tag := range strings.SplitSeq(record, ";") {
			name, value, ok := strings.Cut(tag, "=")
			name = strings.TrimSpace(name)
			if !ok {
				continue
			}
			if _, before := tags[name]; before {
				repeated = true
			}
			tags[name] = strings.TrimSpace(value)
		}
		if tags["v"] != "UAAC1" {
			continue
		}
		announced = true
		digest, err := base64.StdEncoding.DecodeString(tags["d"])
		if repeated || tags["a"] != "sha256" || err != nil || len(digest) != sha256.Size {
			continue
		}
		digests = append(digests, [sha256.Size]byte(digest))
	}
	return announced, digests
}

// parsePACC reads a configuration: its endpoints, and why some are left out.
// Members that it does not know are passed over, however deep they are.
func parsePACC(body []byte) (endpoints []report.Endpoint, left []string, err error) {
	root, err := jsonObject(body)
	if err != nil {
		return nil, nil, err
	}
	if root["protocols"] == nil {
		return nil, nil, errors.New(`it has no member "protocols"`)
	}
	protocols, err := jsonObject(root["protocols"])
	if err != nil {
		return nil, nil, fmt.Errorf("protocols: %w", err)
	}
	auth, issuer, err := paccAuth(root["authentication"])
	if err != nil {
		return nil, nil, fmt.Errorf("authentication: %w", err)
	}
	for _, s := range paccServices {
		i := slices.IndexFunc(s.names, func(name string) bool { return protocols[name] != nil })
		if i < 0 {
			continue
		}
		host, err := paccHost(protocols[s.names[i]])
		if err != nil {
			left = append(left, fmt.Sprintf("%s: %v", s.names[i], err))
			continue
		}
		endpoints = append(endpoints, report.Endpoint{
			Protocol: s.protocol, Host: host, Port: s.port, Security: report.TLS, Auth: slices.Clone(auth), Issuer: issuer,
		})
	}
	return endpoints, left, nil
}

// paccHost reads the host of a protocol.
func paccHost(value json.RawMessage) (string, error) {
	members, err := jsonObject(value)
	if err != nil {
		return "", err
	}
	var text string
	if err := json.Unmarshal(members["host"], &text); err != nil {
		return "", errors.New("no host is named")
	}
	host, ok := serverName(text)
	if !ok {
		return "", fmt.Errorf("%.80q is not the name of a server", text)
	}
	return host, nil
}

// paccAuth reads how the servers let people in, in the words that autoconfig
// has for the same, and who issues tokens.
func paccAuth(value json.RawMessage) (auth []string, issuer string, err error) {
	if value == nil {
		return nil, "", nil
	}
	members, err := jsonObject(value)
	if err != nil {
		return nil, "", err
	}
	if members["oauth-public"] != nil {
		auth = append(auth, "OAuth2")
		var public struct {
			Issuer string `json:"issuer"`
		}
		// Settings that name nobody are settings all the same.
		if json.Unmarshal(members["oauth-public"], &public) == nil {
			issuer = issuerOf(public.Issuer)
		}
	}
	if members["password"] != nil {
		var password bool
		if err := json.Unmarshal(members["password"], &password); err != nil {
			return nil, "", errors.New("password is neither true nor false")
		}
		if password {
			auth = append(auth, "password-cleartext")
		}
	}
	return auth, issuer, nil
}

// jsonObject reads an object strictly (RFC 8259): names are as they stand, no
// name comes twice (RFC 7493 section 2.3), and nothing follows. A member that
// is null counts as missing.
func jsonObject(text []byte) (map[string]json.RawMessage, error) {
	if !json.Valid(text) { // also bounds the nesting
		return nil, errors.New("it is not JSON")
	}
	d := json.NewDecoder(bytes.NewReader(text))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, errors.New("it is not a JSON object")
	}
	members := map[string]json.RawMessage{}
	seen := map[string]bool{}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, err
		}
		name, _ := t.(string)
		if seen[name] {
			return nil, fmt.Errorf("it says %.80q twice", name)
		}
		seen[name] = true
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, err
		}
		if string(value) != "null" {
			members[name] = value
		}
	}
	return members, nil
}

// serverNames maps a host name to A-labels and refuses what is none: spaces,
// underscores, labels that are too long.
var serverNames = idna.New(idna.MapForLookup(), idna.VerifyDNSLength(true),
	idna.StrictDomainName(true), idna.CheckHyphens(false))

// serverName reads the name of a mail server that a document gives: in lower
// case, in A-labels (RFC 5890), without the final dot, whichever script's it
// is. Names of one label lead into the network of whoever reads the document,
// and IP addresses are in no usual certificate: neither is taken.
func serverName(text string) (string, bool) {
	name, err := serverNames.ToASCII(text)
	if err != nil || strings.ContainsRune(text, utf8.RuneError) { // which is also what stood for bytes that are no UTF-8
		return "", false
	}
	name = strings.TrimSuffix(name, ".")
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || label[0] == '-' || label[len(label)-1] == '-' {
			return "", false
		}
	}
	last := name[strings.LastIndexByte(name, '.')+1:]
	if last == name || '0' <= last[0] && last[0] <= '9' { // "0x7f.1" is an address to some
		return "", false
	}
	return name, true
}
