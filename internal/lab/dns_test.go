package lab

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"mailcheck/report"
)

func ask(t *testing.T, l *Lab, network, name string, kind uint16) *dns.Msg {
	t.Helper()
	c := &dns.Client{Net: network, Timeout: patience}
	m, _, err := c.Exchange(new(dns.Msg).SetQuestion(name, kind), l.DNSAddr())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// short is an answer in one line: its rcode and the data of its records.
func short(m *dns.Msg) string {
	out := []string{dns.RcodeToString[m.Rcode]}
	for _, rr := range m.Answer {
		out = append(out, strings.TrimPrefix(rr.String(), rr.Header().String()))
	}
	return strings.Join(out, "|")
}

func TestDNS(t *testing.T) {
	l := startLab(t, Options{Address: "anna@Example.Test"})
	port := func(p report.Protocol, s report.Security) int { return l.Endpoint(p, s).Port }
	for _, tt := range []struct {
		name string
		kind uint16
		want string
		soa  bool
	}{
		{"example.test.", dns.TypeMX, "NOERROR|10 mail.Example.Test.", false},
		{"EXAMPLE.test.", dns.TypeMX, "NOERROR|10 mail.Example.Test.", false},
		{"example.test.", dns.TypeA, "NOERROR", true},
		{"example.test.", dns.TypeTXT, `NOERROR|"v=spf1 a:smtp.Example.Test -all"`, false},
		{"imap.example.test.", dns.TypeA, "NOERROR|127.0.0.1", false},
		{"imap.example.test.", dns.TypeAAAA, "NOERROR", true},
		{"_tcp.example.test.", dns.TypeSRV, "NOERROR", true},
		{"_imaps._tcp.example.test.", dns.TypeSRV, fmt.Sprintf("NOERROR|0 1 %d imap.Example.Test.", port(report.IMAP, report.TLS)), false},
		{"_imap._tcp.example.test.", dns.TypeSRV, fmt.Sprintf("NOERROR|10 1 %d imap.Example.Test.", port(report.IMAP, report.STARTTLS)), false},
		{"_pop3s._tcp.example.test.", dns.TypeSRV, fmt.Sprintf("NOERROR|0 1 %d pop.Example.Test.", port(report.POP3, report.TLS)), false},
		{"_pop3._tcp.example.test.", dns.TypeSRV, fmt.Sprintf("NOERROR|10 1 %d pop.Example.Test.", port(report.POP3, report.STARTTLS)), false},
		{"_submissions._tcp.example.test.", dns.TypeSRV, fmt.Sprintf("NOERROR|0 1 %d smtp.Example.Test.", port(report.SMTP, report.TLS)), false},
		{"_submission._tcp.example.test.", dns.TypeSRV, fmt.Sprintf("NOERROR|10 1 %d smtp.Example.Test.", port(report.SMTP, report.STARTTLS)), false},
		{"autoconfig.example.test.", dns.TypeA, "NXDOMAIN", true},
		{"example.org.", dns.TypeMX, "NXDOMAIN", false},
		{"test.", dns.TypeMX, "NXDOMAIN", false},
	} {
		for _, network := range []string{"udp", "tcp"} {
			m := ask(t, l, network, tt.name, tt.kind)
			if got := short(m); got != tt.want {
				t.Errorf("%s %s over %s: %s, want %s", tt.name, dns.TypeToString[tt.kind], network, got, tt.want)
			}
			if got := len(m.Ns) == 1 && m.Ns[0].Header().Rrtype == dns.TypeSOA; got != tt.soa {
				t.Errorf("%s %s over %s: authority %v", tt.name, dns.TypeToString[tt.kind], network, m.Ns)
			}
		}
	}
	q := new(dns.Msg).SetQuestion("version.bind.", dns.TypeTXT)
	q.Question[0].Qclass = dns.ClassCHAOS
	if m, err := dns.Exchange(q, l.DNSAddr()); err != nil || m.Rcode != dns.RcodeRefused {
		t.Errorf("another class: %v, %v", m, err)
	}
}

func TestDNSNamesEndpoints(t *testing.T) {
	all := []report.Security{report.TLS, report.STARTTLS}
	for _, tt := range []struct {
		fault string
		want  map[report.Protocol][]report.Security
	}{
		{"", map[report.Protocol][]report.Security{report.IMAP: all, report.POP3: all, report.SMTP: all}},
		{"smtp-port-closed", map[report.Protocol][]report.Security{report.IMAP: all, report.POP3: all, report.SMTP: all[:1]}},
		{"starttls-missing", map[report.Protocol][]report.Security{report.IMAP: all[1:], report.POP3: all[1:], report.SMTP: all[1:]}},
	} {
		l := startLab(t, Options{Fault: tt.fault})
		got := map[report.Protocol][]report.Security{}
		for _, ep := range l.Endpoints() {
			got[ep.Protocol] = append(got[ep.Protocol], ep.Security)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: %s", tt.fault, diff)
		}
		for protocol, bySecurity := range services {
			for security, name := range bySecurity {
				named := short(ask(t, l, "udp", name+".example.test.", dns.TypeSRV)) != "NXDOMAIN"
				wanted := false
				for _, s := range tt.want[protocol] {
					wanted = wanted || s == security
				}
				if named != wanted {
					t.Errorf("%s: %s is there: %v, want %v", tt.fault, name, named, wanted)
				}
			}
		}
	}
}

// A slow DNS answers after its delay, several questions at once, and does not
// hold up Close.
func TestDNSDelay(t *testing.T) {
	const delay = 20 * time.Millisecond
	l := startLab(t, Options{DNSDelay: delay})
	begin := time.Now()
	if got := short(ask(t, l, "udp", "example.test.", dns.TypeMX)); got != "NOERROR|10 mail.example.test." {
		t.Error(got)
	}
	if took := time.Since(begin); took < delay {
		t.Errorf("took %v", took)
	}
	silent := startLab(t, Options{DNSDelay: time.Hour})
	conn, err := net.Dial("udp", silent.DNSAddr())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	question, err := new(dns.Msg).SetQuestion("example.test.", dns.TypeMX).Pack()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write(question); err != nil {
		t.Fatal(err)
	}
	if err := silent.Close(); err != nil {
		t.Error(err)
	}
}
