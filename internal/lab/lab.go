// Package lab runs mail servers inside this process, around one mailbox, with
// a switch for each thing that can be wrong with them. The demo and the tests
// stand on it. It listens on the loopback address only, on ports that the
// system chooses, and wants no privileges.
//
//   - [Start] starts a lab: IMAP, POP3, SMTP, HTTP and DNS servers and a
//     certificate authority of their own. DNS names the servers, so that a
//     program that is pointed at [Lab.DNSAddr] discovers everything.
//   - [Options].Documents are what its web servers say of the mail servers.
//   - Port 25 of its MX, what the domain publishes in the DNS and its MTA-STS
//     policy are the receiving side.
//   - [Faults] is the table of what can be wrong: what each fault does to the
//     servers stands there, and nowhere else.
//   - [Profiles] are mail providers that the lab plays, each with faults of its
//     own, in the provider's words.
//   - [Mailbox] is what the three servers share: tests look into it to see
//     that nothing else was touched.
//   - [StartScript] is a server that follows a script line by line, for
//     dialogues that no sound server has.
//   - [NewDeaf] is a connection to a server that says what it says, for fuzzing.
//   - [StartAuthority] is an authorization server (OAuth 2.0), whose tokens the
//     servers of a lab take.
//   - [NewCA] makes certificates, sound and broken ones.
package lab

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"

	"mailcheck/report"
)

// Lab is a running set of servers. Its methods are safe for concurrent use.
type Lab struct {
	opts        Options
	domain      string
	behaviour   behaviour
	ca          *CA
	certificate tls.Certificate
	relay       tls.Certificate // of the MX
	tls         *tls.Config
	salt        string             // of SCRAM
	signer      ed25519.PrivateKey // of DKIM
	mailbox     *Mailbox
	ports       []*port
	servers     map[report.Protocol]server
	webHosts    []string
	flags       []string
	behind      map[int]int // the ports behind the well-known ones
	dnsAddr     string

	stop    chan struct{}  // closed by Close
	workers sync.WaitGroup // every goroutine and every connection
	closers []io.Closer

	mu          sync.Mutex
	closed      bool
	conns       map[*conn]struct{}
	ended       *sync.Cond // a connection has ended; of mu
	logins      map[report.Protocol]Logins
	submissions []Submission
	lastID      int
}

// Start starts a lab. It runs until Close, or until ctx ends.
func Start(ctx context.Context, opts Options) (*Lab, error) {
	l := &Lab{
		opts:   opts,
		salt:   rand.Text(),
		stop:   make(chan struct{}),
		conns:  map[*conn]struct{}{},
		logins: map[report.Protocol]Logins{},
		behind: map[int]int{},
	}
	l.ended = sync.NewCond(&l.mu)
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
	switch {
	case l.opts.Provider != "":
		if err := l.play(); err != nil {
			return err
		}
	case l.opts.Fault != "":
		fault, ok := findFault(l.opts.Fault)
		if !ok {
			return fmt.Errorf("lab: unknown fault %q", l.opts.Fault)
		}
		fault.set(&l.behaviour)
		if fault.Receiving() {
			l.flags = []string{"--mx"}
		}
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
		if l.opts.Token != "" || l.opts.Authority != nil {
			l.opts.Mechanisms = slices.Concat(tokenMechanisms, passwordMechanisms)
		}
	}
	for _, name := range l.opts.Mechanisms {
		if _, ok := mechanisms[name]; !ok && name != userPass && name != apop {
			return fmt.Errorf("lab: unknown mechanism %q", name)
		}
	}
	l.mailbox = newMailbox(folders)
	if l.opts.Labels {
		l.mailbox = newMailbox(labels)
	}
	l.mailbox.locked = l.behaviour.dropInUse
	return nil
}

func (l *Lab) start() error {
	var err error
	if l.ca, err = NewCALike(l.opts.Issuer); err != nil {
		return err
	}
	names := append(l.hosts(), "127.0.0.1")
	if l.opts.Certified != nil {
		names = l.opts.Certified
	}
	l.certificate, err = l.ca.Certificate(l.behaviour.leaf, names...)
	if err != nil {
		return err
	}
	l.tls = &tls.Config{Certificates: []tls.Certificate{l.certificate}, MaxVersion: l.behaviour.maxTLS, CipherSuites: l.behaviour.ciphers}
	if l.behaviour.maxTLS != 0 {
		l.tls.MinVersion = tls.VersionTLS10
	}
	if err := l.relayCertificate(); err != nil {
		return err
	}
	if err := l.newSigner(); err != nil {
		return err
	}
	l.servers = map[report.Protocol]server{
		report.IMAP: newIMAPServer(l),
		report.POP3: &pop3Server{lab: l},
		report.SMTP: newSMTPServer(l),
	}
	for _, protocol := range report.Protocols {
		for _, security := range []report.Security{report.TLS, report.STARTTLS} {
			p, err := l.open(protocol, security)
			if err != nil {
				return err
			}
			l.ports = append(l.ports, p)
		}
	}
	if err := l.mapPorts(); err != nil {
		return err
	}
	if err := l.serveHTTP(); err != nil {
		return err
	}
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

// account is an address without its detail, where that does not count.
func (l *Lab) account(address string) string {
	local, _, detailed := strings.Cut(address, "+")
	if !l.opts.Subaddresses || !detailed {
		return address
	}
	return local + "@" + domainOf(address)
}

// owns tells an address of the account.
func (l *Lab) owns(address string) bool {
	return strings.EqualFold(l.account(address), l.opts.Address)
}

// Password is the password of the account.
func (l *Lab) Password() string { return l.opts.Password }

// Token is the access token of the account; empty where there is none.
func (l *Lab) Token() string { return l.opts.Token }

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
	if l.opts.Servers != nil {
		return slices.Clone(l.opts.Servers)
	}
	var list []report.Endpoint
	for _, protocol := range report.Protocols {
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
	ep := report.Endpoint{Protocol: protocol, Host: l.server(protocol), Security: security}
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

// AwaitIdle waits until no connection to the mail servers is open, or ctx ends:
// a server notices the end of a connection a moment after the client.
func (l *Lab) AwaitIdle(ctx context.Context) error {
	defer context.AfterFunc(ctx, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.ended.Broadcast()
	})()
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.conns) > 0 && ctx.Err() == nil {
		l.ended.Wait()
	}
	return ctx.Err()
}

// host returns the name of a host in the lab's domain.
func (l *Lab) host(name string) string { return name + "." + l.domain }

// server returns the name of a protocol's server.
func (l *Lab) server(protocol report.Protocol) string {
	for _, s := range l.opts.Servers {
		if s.Protocol == protocol {
			return s.Host
		}
	}
	return l.host(map[report.Protocol]string{report.IMAP: "imap", report.POP3: "pop", report.SMTP: "smtp"}[protocol])
}

// hosts returns the names of all mail servers.
func (l *Lab) hosts() []string {
	var names []string
	if l.opts.Servers == nil {
		names = []string{l.host("imap"), l.host("pop"), l.host("smtp"), l.host("mail")}
	}
	for _, s := range l.opts.Servers {
		if !slices.Contains(names, s.Host) && net.ParseIP(s.Host) == nil {
			names = append(names, s.Host)
		}
	}
	return append(names, l.opts.Hosts...)
}

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
