package lab

import (
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/miekg/dns"

	"mailcheck/report"
)

const (
	dnsTTL = 60
	// dnsAttempts is how often a port is sought that is free for both UDP and
	// TCP.
	dnsAttempts = 20
	// dnsIdle ends a TCP connection that asks nothing more.
	dnsIdle = 2 * time.Second
)

// services holds the SRV names of each protocol (RFC 6186 section 3, RFC 8314
// section 5.1) with their priorities: TLS comes first.
var services = map[report.Protocol]map[report.Security]string{
	report.IMAP: {report.TLS: "_imaps._tcp", report.STARTTLS: "_imap._tcp"},
	report.POP3: {report.TLS: "_pop3s._tcp", report.STARTTLS: "_pop3._tcp"},
	report.SMTP: {report.TLS: "_submissions._tcp", report.STARTTLS: "_submission._tcp"},
}

var priorities = map[report.Security]uint16{report.TLS: 0, report.STARTTLS: 10}

// zone holds the records of a domain, by name in lower case.
type zone struct {
	apex    string
	records map[string][]dns.RR
}

func (z *zone) add(name, format string, args ...any) error {
	rr, err := dns.NewRR(fmt.Sprintf("%s %d IN ", name, dnsTTL) + fmt.Sprintf(format, args...))
	if err != nil {
		return fmt.Errorf("lab: DNS record of %s: %w", name, err)
	}
	key := strings.ToLower(rr.Header().Name)
	z.records[key] = append(z.records[key], rr)
	return nil
}

// newZone writes the zone of the lab's domain: who takes its mail, and where
// its servers are.
func (l *Lab) newZone() (*zone, error) {
	z := &zone{apex: dns.Fqdn(strings.ToLower(l.domain)), records: map[string][]dns.RR{}}
	for _, host := range l.webHosts {
		if l.behaviour.noDomain && dns.IsSubDomain(z.apex, dns.Fqdn(host)) {
			continue
		}
		if err := z.add(dns.Fqdn(host), "A 127.0.0.1"); err != nil {
			return nil, err
		}
	}
	if l.behaviour.noDomain {
		return z, nil
	}
	record := func(err error, name, format string, args ...any) error {
		if err != nil {
			return err
		}
		return z.add(name, format, args...)
	}
	mx := "MX 10 " + dns.Fqdn(l.mx())
	if l.behaviour.nullMX {
		mx = "MX 0 ."
	}
	err := record(nil, z.apex, "SOA %s hostmaster.%s 1 3600 600 86400 %d", dns.Fqdn(l.host("mail")), z.apex, dnsTTL)
	err = record(err, z.apex, "%s", mx)
	for name, texts := range l.texts() {
		for _, text := range texts {
			err = record(err, dns.Fqdn(strings.TrimPrefix(name+"."+z.apex, ".")), "TXT %q", text)
		}
	}
	if l.signed() {
		err = record(err, "_25._tcp."+dns.Fqdn(l.mx()), "%s", l.tlsa())
	}
	for _, host := range l.hosts() {
		err = record(err, dns.Fqdn(host), "A 127.0.0.1")
	}
	if l.behaviour.deadAddress {
		err = record(err, dns.Fqdn(l.host("imap")), "A 127.0.0.2")
	}
	for _, text := range l.opts.Records {
		name, data, _ := strings.Cut(text, " ")
		err = record(err, name, "%s", data)
	}
	if l.opts.NoSRV {
		return z, err
	}
	for _, ep := range l.Endpoints() {
		err = record(err, services[ep.Protocol][ep.Security]+"."+z.apex, "SRV %d 1 %d %s", priorities[ep.Security], ep.Port, dns.Fqdn(ep.Host))
	}
	return z, err
}

// answer answers a question about the zone; of the names outside it only
// those with records exist.
func (z *zone) answer(q *dns.Msg) *dns.Msg {
	m := new(dns.Msg).SetReply(q)
	m.RecursionAvailable = true
	if len(q.Question) != 1 || q.Question[0].Qclass != dns.ClassINET {
		m.Rcode = dns.RcodeRefused
		return m
	}
	name := strings.ToLower(q.Question[0].Name)
	if alias := z.of(name, dns.TypeCNAME); len(alias) > 0 && q.Question[0].Qtype != dns.TypeCNAME {
		m.Answer = alias // and what the name that it leads to has (RFC 1034 section 4.3.2)
		name = strings.ToLower(alias[0].(*dns.CNAME).Target)
	}
	if found := z.of(name, q.Question[0].Qtype); len(found) > 0 {
		m.Answer = append(m.Answer, found...)
		return m
	}
	if !z.exists(name) {
		m.Rcode = dns.RcodeNameError
	}
	// A negative answer carries the SOA (RFC 2308 section 2).
	for _, rr := range z.records[z.apex] {
		if rr.Header().Rrtype == dns.TypeSOA && dns.IsSubDomain(z.apex, name) {
			m.Ns = append(m.Ns, rr)
		}
	}
	return m
}

// of returns the records of a name that are of this type.
func (z *zone) of(name string, qtype uint16) []dns.RR {
	var found []dns.RR
	for _, rr := range z.records[name] {
		if rr.Header().Rrtype == qtype {
			found = append(found, rr)
		}
	}
	return found
}

// exists tells whether a name has records or is above one that has (RFC 8020
// section 2).
func (z *zone) exists(name string) bool {
	if len(z.records[name]) > 0 {
		return true
	}
	for owner := range z.records {
		if dns.IsSubDomain(name, owner) {
			return dns.IsSubDomain(z.apex, name)
		}
	}
	return false
}

// serveDNS answers for the zone over UDP and TCP on one port and returns its
// address.
func (l *Lab) serveDNS(z *zone) (address string, err error) {
	listener, packets, err := listenBoth()
	if err != nil {
		return "", err
	}
	handler := dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		if l.opts.DNSDelay > 0 {
			select {
			case <-time.After(l.opts.DNSDelay):
			case <-l.stop:
				return
			}
		}
		m := z.answer(q)
		m.AuthenticatedData = l.signed()
		if w.RemoteAddr().Network() == "udp" { // what does not fit is asked for over TCP (RFC 6891 section 6.2.5)
			size := dns.MinMsgSize
			if opt := q.IsEdns0(); opt != nil {
				size = max(size, int(opt.UDPSize()))
			}
			m.Truncate(size)
		}
		_ = w.WriteMsg(m)
	})
	for _, srv := range []*dns.Server{
		{Listener: listener, Handler: handler, IdleTimeout: func() time.Duration { return dnsIdle }},
		{PacketConn: packets, Handler: handler},
	} {
		started := make(chan struct{})
		srv.NotifyStartedFunc = func() { close(started) }
		l.workers.Go(func() { _ = srv.ActivateAndServe() })
		<-started // before that, Shutdown does nothing
		l.closers = append(l.closers, closerFunc(srv.Shutdown))
	}
	return listener.Addr().String(), nil
}

// listenBoth listens on one port with TCP and UDP.
func listenBoth() (net.Listener, net.PacketConn, error) {
	var err error
	for range dnsAttempts {
		var listener net.Listener
		if listener, err = net.Listen("tcp4", "127.0.0.1:0"); err != nil {
			return nil, nil, err
		}
		var packets net.PacketConn
		if packets, err = net.ListenPacket("udp4", listener.Addr().String()); err == nil {
			return listener, packets, nil
		}
		listener.Close()
	}
	return nil, nil, err
}

// closerFunc is an io.Closer made of a function.
type closerFunc func() error

func (f closerFunc) Close() error { return f() }
