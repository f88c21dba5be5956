// Package lab runs mail servers inside this process, around one mailbox, with
// a switch for each thing that can be wrong with them. The demo and the tests
// stand on it. It listens on the loopback address only, on ports that the
// system chooses, and wants no privileges.
//
//   - [Start] starts a lab: IMAP, POP3, SMTP, HTTP and DNS servers and a
//     certificate authority of their own. DNS names the servers, so that a
//     program that is pointed at [Lab.DNSAddr] discovers everything.
//   - [Options].Documents are what its web servers say of the mail servers.
//   - [Faults] is the table of what can be wrong: what each fault does to the
//     servers stands there, and nowhere else.
//   - [Mailbox] is what the three servers share: tests look into it to see
//     that nothing else was touched.
//   - [StartScript] is a server that follows a script line by line, for
//     dialogues that no sound server has.
//   - [NewCA] makes certificates, sound and broken ones.
package lab

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"mailcheck/report"
)

// DefaultAddress is the account of a lab that names no other.
const DefaultAddress = "anna@example.test"

// passwordMechanisms and tokenMechanisms are what a lab offers that names
// nothing else.
var (
	passwordMechanisms = []string{"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN", "LOGIN", userPass}
	tokenMechanisms    = []string{"OAUTHBEARER", "XOAUTH2"}
)

// Options shapes a lab. The zero value is a healthy one.
type Options struct {
	// Fault is the name of what is wrong, one of [Faults]; empty is nothing.
	Fault string
	// Address is the account, and its domain that of the servers; empty is
	// DefaultAddress.
	Address string
	// Username is the login name; empty is the address.
	Username string
	// Password is the account's; empty is a random one.
	Password string
	// Token is the access token that XOAUTH2 and OAUTHBEARER accept; empty is
	// none.
	Token string
	// Mechanisms are the SASL mechanisms that all servers offer, "USER" for
	// POP3's USER and PASS and "APOP" for its APOP. IMAP's LOGIN command goes
	// with PLAIN or LOGIN. Nil is SCRAM with SHA-256 and SHA-1, both also with
	// channel binding, CRAM-MD5, PLAIN, LOGIN and USER; and with a Token
	// OAUTHBEARER and XOAUTH2 before them.
	Mechanisms []string
	// Delay is the time that a byte takes to or from a server, so that a
	// round trip costs twice that; the TCP handshake is charged too.
	Delay time.Duration
	// DNSDelay is the time that the DNS server takes for each answer.
	DNSDelay time.Duration
	// DeliverAfter is the time between the acceptance of a message and its
	// delivery.
	DeliverAfter time.Duration
	// SentCopy makes the SMTP server file what is sent in the Sent folder, as
	// Gmail's does.
	SentCopy bool
	// AllowCleartext makes the servers take logins without TLS.
	AllowCleartext bool
	// WellKnownPorts makes DNS, Endpoint and Endpoints name the ports that
	// clients expect, which only DialContext leads to.
	WellKnownPorts bool
	// NoSRV leaves the SRV records out of the DNS.
	NoSRV bool
	// MX is the host that takes the domain's mail; empty is one of the domain.
	MX string
	// Hosts are further names of the mail servers, inside the domain or outside
	// it: DNS has them, and the servers' certificate is for them too.
	Hosts []string
	// Words are what the servers answer a step with in place of their own
	// answer, by the step's id ("imap.auth", "smtp.rcpt") as they stand on the
	// wire: "535 5.7.139 Authentication unsuccessful".
	Words map[string]string
	// Records are further DNS records, inside the domain or outside it:
	// "old.example.test. A 127.0.0.1".
	Records []string
	// Documents are what is served over HTTP and HTTPS, by URL without a query
	// ("https://autoconfig.example.test/mail/config-v1.1.xml"): [Autoconfig],
	// [Document], [Late], [Never], or what the test makes. DNS knows their
	// hosts; only DialContext leads to their ports. Whatever is not named here
	// is not found.
	Documents map[string]http.Handler
}

// Lab is a running set of servers. Its methods are safe for concurrent use.
type Lab struct {
	opts        Options
	domain      string
	behaviour   behaviour
	ca          *CA
	certificate tls.Certificate
	tls         *tls.Config
	salt        string // of SCRAM
	mailbox     *Mailbox
	ports       []*port
	servers     map[report.Protocol]server
	webHosts    []string
	behind      map[int]int // the ports behind the well-known ones
	dnsAddr     string

	stop    chan struct{}  // closed by Close
	workers sync.WaitGroup // every goroutine and every connection
	closers []io.Closer

	mu          sync.Mutex
	closed      bool
	conns       map[*conn]struct{}
	logins      map[report.Protocol]Logins
	submissions []Submission
	lastID      int
}

// Start starts a lab. It runs until Close, or until ctx ends.
func Start(ctx context.Context, opts Options) (*Lab, error) {
	l := &Lab{
		opts:    opts,
		salt:    rand.Text(),
		mailbox: newMailbox(),
		stop:    make(chan struct{}),
		conns:   map[*conn]struct{}{},
		logins:  map[report.Protocol]Logins{},
		behind:  map[int]int{},
	}
	if err := l.configure(); err != nil {
		return nil, err
	}
	if err := l.start(); err != nil {
		l.Close()
		return nil, err
	}
	l.workers.Go(func() {
		select {
		case <-ctx.Done():
			go l.Close() // which waits for this goroutine too
		case <-l.stop:
		}
	})
	return l, nil
}

// configure fills in what the options leave open, and refuses what makes no
// sense.
func (l *Lab) configure() error {
	if l.opts.Fault != "" {
		fault, ok := findFault(l.opts.Fault)
		if !ok {
			return fmt.Errorf("lab: unknown fault %q", l.opts.Fault)
		}
		fault.set(&l.behaviour)
	}
	for step, words := range l.opts.Words {
		if err := l.behaviour.say(step, words); err != nil {
			return err
		}
	}
	if l.opts.Address == "" {
		l.opts.Address = DefaultAddress
	}
	if l.domain = domainOf(l.opts.Address); l.domain == "" || strings.HasPrefix(l.opts.Address, "@") {
		return fmt.Errorf("lab: %q is no mail address", l.opts.Address)
	}
	if l.opts.Password == "" {
		l.opts.Password = rand.Text()
	}
	if l.opts.Delay == 0 {
		l.opts.Delay = l.behaviour.delay
	}
	if l.opts.Mechanisms == nil {
		l.opts.Mechanisms = passwordMechanisms
		if l.opts.Token != "" {
			l.opts.Mechanisms = slices.Concat(tokenMechanisms, passwordMechanisms)
		}
	}
	for _, name := range l.opts.Mechanisms {
		if _, ok := mechanisms[name]; !ok && name != userPass && name != apop {
			return fmt.Errorf("lab: unknown mechanism %q", name)
		}
	}
	l.mailbox.locked = l.behaviour.dropInUse
	return nil
}

func (l *Lab) start() error {
	var err error
	if l.ca, err = NewCA(); err != nil {
		return err
	}
	names := append([]string{l.host("imap"), l.host("pop"), l.host("smtp"), l.host("mail"), "127.0.0.1"}, l.opts.Hosts...)
	l.certificate, err = l.ca.Certificate(l.behaviour.leaf, names...)
	if err != nil {
		return err
	}
	l.tls = &tls.Config{Certificates: []tls.Certificate{l.certificate}, MaxVersion: l.behaviour.maxTLS, CipherSuites: l.behaviour.ciphers}
	if l.behaviour.maxTLS != 0 {
		l.tls.MinVersion = tls.VersionTLS10
	}
	l.servers = map[report.Protocol]server{
		report.IMAP: newIMAPServer(l),
		report.POP3: &pop3Server{lab: l},
		report.SMTP: newSMTPServer(l),
	}
	for _, protocol := range protocols {
		for _, security := range []report.Security{report.TLS, report.STARTTLS} {
			p, err := l.open(protocol, security)
			if err != nil {
				return err
			}
			l.ports = append(l.ports, p)
			l.behind[wellKnown[protocol][security]] = p.number
		}
	}
	if err := l.serveHTTP(); err != nil {
		return err
	}
	l.behind[relayPort] = l.behind[wellKnown[report.SMTP][report.STARTTLS]]
	z, err := l.newZone()
	if err != nil {
		return err
	}
	if l.dnsAddr, err = l.serveDNS(z); err != nil {
		return err
	}
	for _, p := range l.ports {
		l.workers.Go(p.accept)
	}
	return nil
}

// Close ends every connection and server and waits until they have ended.
func (l *Lab) Close() error {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		l.workers.Wait()
		return nil
	}
	l.closed = true
	close(l.stop)
	open := l.conns
	l.conns = nil
	l.mu.Unlock()

	err := closers(l.closers).Close()
	for c := range open {
		c.abort()
	}
	l.workers.Wait()
	return err
}

// Address is the mail address of the account.
func (l *Lab) Address() string { return l.opts.Address }

// Password is the password of the account.
func (l *Lab) Password() string { return l.opts.Password }

// DNSAddr is the address of the DNS server, as HOST:PORT.
func (l *Lab) DNSAddr() string { return l.dnsAddr }

// Roots holds the root certificate that clients of the lab are to trust.
func (l *Lab) Roots() *x509.CertPool { return l.ca.Roots() }

// CAPEM is the root certificate in PEM form.
func (l *Lab) CAPEM() []byte { return l.ca.PEM() }

// Mailbox is the account's mailbox.
func (l *Lab) Mailbox() *Mailbox { return l.mailbox }

// Endpoints returns the servers that DNS names, those with implicit TLS first.
func (l *Lab) Endpoints() []report.Endpoint {
	var list []report.Endpoint
	for _, protocol := range protocols {
		for _, security := range []report.Security{report.TLS, report.STARTTLS} {
			if named := l.behaviour.publish[protocol]; named == nil || slices.Contains(named, security) {
				list = append(list, l.Endpoint(protocol, security))
			}
		}
	}
	return list
}

// Endpoint returns a server of the lab, whether DNS names it or not. Clear
// text is spoken on the STARTTLS port.
func (l *Lab) Endpoint(protocol report.Protocol, security report.Security) report.Endpoint {
	host := map[report.Protocol]string{report.IMAP: "imap", report.POP3: "pop", report.SMTP: "smtp"}[protocol]
	ep := report.Endpoint{Protocol: protocol, Host: l.host(host), Security: security}
	if security == report.None {
		security = report.STARTTLS
	}
	if l.opts.WellKnownPorts {
		ep.Port = wellKnown[protocol][security]
		return ep
	}
	for _, p := range l.ports {
		if p.protocol == protocol && p.security == security {
			ep.Port = p.number
		}
	}
	return ep
}

// Logins returns how many logins were tried with this protocol so far.
func (l *Lab) Logins(protocol report.Protocol) Logins {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.logins[protocol]
}

// Submissions returns the messages that the SMTP server has accepted.
func (l *Lab) Submissions() []Submission {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.submissions)
}

// OpenConnections counts the connections to the mail servers that are open now.
func (l *Lab) OpenConnections() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.conns)
}

// host returns the name of a host in the lab's domain.
func (l *Lab) host(name string) string { return name + "." + l.domain }

// queueID numbers what passes through the servers.
func (l *Lab) queueID() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lastID++
	return fmt.Sprintf("LAB%04d", l.lastID)
}

func domainOf(address string) string {
	_, domain, _ := strings.Cut(address[max(0, strings.LastIndexByte(address, '@')):], "@")
	return domain
}
