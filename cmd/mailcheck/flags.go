package main

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"mailcheck/creds"
	"mailcheck/internal/diagnose"
	"mailcheck/internal/dns"
	"mailcheck/internal/sasl"
	"mailcheck/report"
	"mailcheck/verify"
)

// checkFlags are the flags of the main job.
type checkFlags struct {
	imap, pop, smtp          string
	resolve                  []string
	noIMAP, noPOP, noSMTP    bool
	user                     string
	imapUser, popUser        string
	smtpUser                 string
	auth                     string
	noAuth                   bool
	passwordStdin            bool
	passwordFile             string
	passwordCommand          string
	tokenStdin               bool
	tokenCommand             string
	send                     string
	to, from, helo           string
	wait                     time.Duration
	keep                     bool
	timeout, stepTimeout     time.Duration
	caFile, pin              string
	insecure, allowCleartext bool
	trustDiscovered          bool
	offline, noShareAddress  bool
	dns                      string
	mx                       bool
	ip4, ip6                 bool
	output                   outputFlags
	strict                   bool
	expect                   []string
	config                   string
	noInput                  bool
}

// outputFlags are the flags of every command that makes a report.
type outputFlags struct {
	lang           string
	formats        []string
	transcript     string
	verbose, quiet bool
	noColor        bool
	redact         bool
}

func (f *outputFlags) register(flags *pflag.FlagSet) {
	flags.StringArrayVarP(&f.formats, "output", "o", nil, "`FORMAT[=FILE]`: "+formatNames()+"; may be given several times")
	flags.StringVar(&f.transcript, "transcript", "", "the dialogue of each connection, secrets masked; into `FILE`, or into the report")
	flags.Lookup("transcript").NoOptDefVal = "-"
	flags.BoolVar(&f.redact, "redact", false, "a report to share: local parts and addresses of this machine masked")
	flags.StringVar(&f.lang, "lang", "", "language of the human text: `en|ja` (default: that of the locale)")
	flags.BoolVarP(&f.verbose, "verbose", "v", false, "more details")
	flags.BoolVarP(&f.quiet, "quiet", "q", false, "only the verdict")
	flags.BoolVar(&f.noColor, "no-color", false, "no colours (also NO_COLOR)")
}

func (f *checkFlags) register(flags *pflag.FlagSet) {
	flags.SortFlags = false
	flags.StringVar(&f.imap, "imap", "", "this IMAP server: imaps://`HOST`[:993], imap://HOST[:143] (STARTTLS), imap+insecure://HOST")
	flags.StringVar(&f.pop, "pop", "", "this POP3 server: pop3s://`HOST`[:995], pop3://HOST[:110] (STLS), pop3+insecure://HOST")
	flags.StringVar(&f.smtp, "smtp", "", "this SMTP server: smtps://`HOST`[:465], smtp://HOST[:587] (STARTTLS), smtp+insecure://HOST")
	flags.StringArrayVar(&f.resolve, "resolve", nil, "`HOST:IP`: this address for that name")
	flags.BoolVar(&f.noIMAP, "no-imap", false, "leave IMAP out")
	flags.BoolVar(&f.noPOP, "no-pop", false, "leave POP3 out")
	flags.BoolVar(&f.noSMTP, "no-smtp", false, "leave SMTP out")
	flags.StringVar(&f.user, "user", "", "login `NAME`, if it is not the address")
	flags.StringVar(&f.imapUser, "imap-user", "", "login `NAME` for IMAP")
	flags.StringVar(&f.popUser, "pop-user", "", "login `NAME` for POP3")
	flags.StringVar(&f.smtpUser, "smtp-user", "", "login `NAME` for SMTP")
	flags.StringVar(&f.auth, "auth", "", "only this SASL `MECHANISM` (PLAIN, SCRAM-SHA-256, XOAUTH2, USER, ...)")
	flags.BoolVar(&f.noAuth, "no-auth", false, "no password, no login: each session ends before it")
	flags.BoolVar(&f.passwordStdin, "password-stdin", false, "read the password from standard input")
	flags.StringVar(&f.passwordFile, "password-file", "", "read the password from `FILE`")
	flags.StringVar(&f.passwordCommand, "password-command", "", "take the password from the first line that `CMD` prints")
	flags.BoolVar(&f.tokenStdin, "oauth-token-stdin", false, "read an OAuth 2.0 access token from standard input")
	flags.StringVar(&f.tokenCommand, "token-command", "", "take an access token from the first line that `CMD` prints")
	flags.StringVar(&f.send, "send", string(diagnose.SendMessage), "how far sending goes: `message|rcpt|auth|none`")
	flags.StringVar(&f.to, "to", "", "send to another `ADDRESS`; then the arrival is not awaited")
	flags.StringVar(&f.from, "from", "", "another sender `ADDRESS`")
	flags.StringVar(&f.helo, "helo", "", "another `NAME` for EHLO")
	flags.DurationVar(&f.wait, "wait", time.Minute, "how long to wait for the arrival")
	flags.BoolVar(&f.keep, "keep", false, "leave the test message in the mailbox")
	flags.DurationVar(&f.timeout, "timeout", 2*time.Minute, "limit for the whole run, --wait beside it")
	flags.DurationVar(&f.stepTimeout, "step-timeout", 0, "limit for each step (default, and with 0: 15s, the login 30s)")
	flags.StringVar(&f.caFile, "ca-file", "", "extra root certificates (PEM `FILE`)")
	flags.StringVar(&f.pin, "pin", "", "accept the certificate with this `SHA256` and no other")
	flags.BoolVar(&f.insecure, "insecure", false, "accept bad certificates (no password goes to a public address then)")
	flags.BoolVar(&f.allowCleartext, "allow-cleartext", false, "let a password cross an unencrypted connection")
	flags.BoolVar(&f.trustDiscovered, "trust-discovered", false, "accept hosts that nobody vouches for")
	flags.BoolVar(&f.offline, "offline", false, "look nothing up over HTTP (DNS stays)")
	flags.BoolVar(&f.noShareAddress, "no-share-address", false, "tell HTTP servers the domain, never the address")
	flags.StringVar(&f.dns, "dns", "", "ask this DNS server (`HOST:PORT`) instead of the system's")
	flags.BoolVar(&f.mx, "mx", false, "also test how others reach the domain: each MX, its TLS, SPF, DKIM, DMARC, MTA-STS, DANE")
	flags.BoolVarP(&f.ip4, "ipv4", "4", false, "IPv4 only")
	flags.BoolVarP(&f.ip6, "ipv6", "6", false, "IPv6 only")
	flags.BoolVar(&f.strict, "strict", false, "a warning fails the run")
	flags.StringArrayVar(&f.expect, "expect", nil, "judge a step by this instead: `STEP=RESULT[:CAUSE]`, * allowed in STEP; 19 if it did not hold")
	configFlag(flags, &f.config)
	flags.BoolVar(&f.noInput, "no-input", false, "never ask anything")
	f.output.register(flags)
}

// options turns the flags into those of a run. Every error is a mistake of
// usage.
func (f *checkFlags) options(address string) (verify.Options, error) {
	o := verify.Options{
		Version: programVersion(), Username: f.user,
		Usernames: map[report.Protocol]string{report.IMAP: f.imapUser, report.POP3: f.popUser, report.SMTP: f.smtpUser},
		Mechanism: f.auth, NoAuth: f.noAuth, Send: diagnose.SendDegree(f.send),
		Wait: f.wait, Keep: f.keep, Timeout: f.timeout, StepTimeout: f.stepTimeout,
		AcceptInvalid: f.insecure, AllowCleartext: f.allowCleartext, TrustDiscovered: f.trustDiscovered,
		Offline: f.offline, NoShareAddress: f.noShareAddress,
		DNS: f.dns, MX: f.mx, Transcript: f.output.transcript != "", Strict: f.strict, Redact: f.output.redact,
	}
	var err error
	if o.Account, err = creds.ParseAddress(address); err != nil {
		return o, err
	}
	if o.From, err = mailbox("--from", f.from); err != nil {
		return o, err
	}
	if o.To, err = mailbox("--to", f.to); err != nil {
		return o, err
	}
	if !slices.Contains([]diagnose.SendDegree{diagnose.SendMessage, diagnose.SendRcpt, diagnose.SendAuth, diagnose.SendNone}, o.Send) {
		return o, fmt.Errorf("--send: %q is not one of message, rcpt, auth, none", f.send)
	}
	if _, known := sasl.KindOf(f.auth); f.auth != "" && !known {
		return o, fmt.Errorf("--auth: mailcheck has no mechanism %q; there are %s", f.auth, strings.Join(sasl.Names(), ", "))
	}
	if o.Hello, err = helloName(f.helo); err != nil {
		return o, err
	}
	switch {
	case f.wait <= 0:
		return o, errors.New("--wait must be more than 0; --send rcpt sends nothing to wait for")
	case f.timeout <= 0:
		return o, errors.New("--timeout must be more than 0: every run has a limit")
	case f.stepTimeout < 0:
		return o, errors.New("--step-timeout must not be negative")
	}
	for _, text := range f.expect {
		e, err := diagnose.ParseExpectation(text)
		if err != nil {
			return o, fmt.Errorf("--expect: %w", err)
		}
		o.Expect = append(o.Expect, e)
	}
	if f.pin != "" {
		if o.Pin, err = fingerprint(f.pin); err != nil {
			return o, err
		}
	}
	switch {
	case f.ip4 && f.ip6:
		return o, errors.New("-4 and -6 exclude each other")
	case f.ip4:
		o.Family = dns.IPv4
	case f.ip6:
		o.Family = dns.IPv6
	}
	if err := dnsServer(f.dns); err != nil {
		return o, err
	}
	if o.Override, err = overrides(f.resolve); err != nil {
		return o, err
	}
	if o.Roots, err = roots(f.caFile); err != nil {
		return o, err
	}
	if err := f.endpoints(&o); err != nil {
		return o, err
	}
	return o, literals(o)
}

// literals refuses an IP address of the family that -4 or -6 leaves out.
func literals(o verify.Options) error {
	for _, e := range o.Fixed {
		addr, err := netip.ParseAddr(e.Host)
		if ip4 := addr.Unmap().Is4(); err == nil && (o.Family == dns.IPv6 && ip4 || o.Family == dns.IPv4 && !ip4) {
			return fmt.Errorf("%s is not of the address family that -4 or -6 asks for", e.Host)
		}
	}
	return nil
}

// kind is what --auth takes; empty leaves it open.
func (f *checkFlags) kind() creds.Kind {
	kind, _ := sasl.KindOf(f.auth)
	return kind
}

// endpoints reads --imap, --pop, --smtp and their --no- forms.
func (f *checkFlags) endpoints(o *verify.Options) error {
	for _, p := range []struct {
		protocol report.Protocol
		flag     string
		url      string
		leave    bool
	}{
		{report.IMAP, "imap", f.imap, f.noIMAP},
		{report.POP3, "pop", f.pop, f.noPOP},
		{report.SMTP, "smtp", f.smtp, f.noSMTP},
	} {
		switch {
		case p.leave && p.url != "":
			return fmt.Errorf("--%s and --no-%s exclude each other", p.flag, p.flag)
		case p.leave:
			o.Leave = append(o.Leave, p.protocol)
		case p.url != "":
			e, err := endpoint(p.protocol, p.url)
			if err != nil {
				return fmt.Errorf("--%s: %w", p.flag, err)
			}
			o.Fixed = append(o.Fixed, e)
		}
	}
	if len(o.Leave) == 3 && !o.MX {
		return errors.New("--no-imap, --no-pop and --no-smtp together leave nothing to check; mailcheck --mx takes them, for the receiving side of the domain alone")
	}
	return nil
}

// schemes are the URL forms of endpoints: RFC 8314 for the ports.
var schemes = map[string]struct {
	protocol report.Protocol
	security report.Security
	port     int
}{
	"imaps":         {report.IMAP, report.TLS, 993},
	"imap":          {report.IMAP, report.STARTTLS, 143},
	"imap+insecure": {report.IMAP, report.None, 143},
	"pop3s":         {report.POP3, report.TLS, 995},
	"pop3":          {report.POP3, report.STARTTLS, 110},
	"pop3+insecure": {report.POP3, report.None, 110},
	"smtps":         {report.SMTP, report.TLS, 465},
	"smtp":          {report.SMTP, report.STARTTLS, 587},
	"smtp+insecure": {report.SMTP, report.None, 587},
}

// endpoint reads an endpoint's URL. Errors do not repeat it: somebody may have
// put a password into it.
func endpoint(p report.Protocol, text string) (report.Endpoint, error) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return report.Endpoint{}, fmt.Errorf("not of the form %ss://HOST[:PORT]", p)
	}
	s, known := schemes[u.Scheme]
	if !known || s.protocol != p {
		return report.Endpoint{}, fmt.Errorf("the scheme is one of %ss, %s, %s+insecure", p, p, p)
	}
	if u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return report.Endpoint{}, errors.New("only a host and a port are taken here")
	}
	e := report.Endpoint{Protocol: p, Host: strings.ToLower(strings.TrimSuffix(u.Hostname(), ".")), Port: s.port, Security: s.security}
	if port := u.Port(); port != "" {
		if e.Port, err = strconv.Atoi(port); err != nil || e.Port < 1 || e.Port > 65535 {
			return report.Endpoint{}, fmt.Errorf("the port %q is not between 1 and 65535", port)
		}
	}
	if _, err := netip.ParseAddr(e.Host); err != nil {
		if e.Host, err = hostName(e.Host); err != nil {
			return report.Endpoint{}, err
		}
	}
	return e, nil
}

// hostName reads the name of a host, which follows the rules of an address's
// domain, IDNA too.
func hostName(text string) (string, error) {
	a, err := creds.ParseAddress("postmaster@" + text)
	if err != nil {
		return "", fmt.Errorf("%q is not a host name", text)
	}
	return a.Domain, nil
}

// helloName reads --helo: servers are tested with odd names too, but EHLO is
// ASCII (RFC 5321 section 4.1.2).
func helloName(text string) (string, error) {
	if strings.ContainsAny(text, " \t\r\n<>") {
		return "", errors.New("--helo: not a host name or address literal")
	}
	if !strings.ContainsFunc(text, func(c rune) bool { return c > '~' }) {
		return text, nil
	}
	name, err := hostName(text)
	if err != nil {
		return "", fmt.Errorf("--helo: %w", err)
	}
	return name, nil
}

// mailbox reads the address of a flag; empty stays empty.
func mailbox(flag, address string) (string, error) {
	if address == "" {
		return "", nil
	}
	a, err := creds.ParseAddress(address)
	if err != nil {
		return "", fmt.Errorf("%s: %w", flag, err)
	}
	return a.Mailbox(), nil
}

// fingerprint reads a SHA-256 as OpenSSL, browsers and mailcheck write it.
func fingerprint(text string) (string, error) {
	sum := strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(strings.ToLower(text), "sha256:"), ":", ""))
	if b, err := hex.DecodeString(sum); err != nil || len(b) != sha256.Size {
		return "", fmt.Errorf("--pin: %q is not a SHA-256 in hex", text)
	}
	return sum, nil
}

// dnsServer tells whether --dns names a server: an address, or a host and port.
func dnsServer(text string) error {
	if text == "" {
		return nil
	}
	if _, err := netip.ParseAddr(strings.Trim(text, "[]")); err == nil {
		return nil
	}
	host, port, err := net.SplitHostPort(text)
	if n, portErr := strconv.Atoi(port); err != nil || portErr != nil || host == "" || n < 1 || n > 65535 {
		return fmt.Errorf("--dns: %q is not of the form HOST:PORT", text)
	}
	return nil
}

// overrides reads --resolve HOST:IP.
func overrides(pairs []string) (map[string][]netip.Addr, error) {
	out := map[string][]netip.Addr{}
	for _, pair := range pairs {
		host, ip, _ := strings.Cut(pair, ":")
		addr, err := netip.ParseAddr(strings.Trim(ip, "[]"))
		if host == "" || err != nil {
			return nil, fmt.Errorf("--resolve: %q is not of the form HOST:IP", pair)
		}
		host = strings.ToLower(strings.TrimSuffix(host, "."))
		if name, err := hostName(host); err == nil { // else it is no name that an endpoint can have
			host = name
		}
		out[host] = append(out[host], addr)
	}
	return out, nil
}

// roots returns the system's roots with those of the file; nil when there is
// no file.
func roots(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("--ca-file: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("--ca-file: %s holds no certificate", file)
	}
	return pool, nil
}
