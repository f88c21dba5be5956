//go:build linux

package e2e

import (
	"crypto/tls"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"mailcheck/report"
)

// dialect is what a man in the middle has to know of a protocol.
type dialect struct {
	protocol      report.Protocol
	flag          string                     // takes the server's URL
	ports         map[report.Security]string // of the site
	upgrade       string                     // the keyword, and the command, for TLS
	agreed        string                     // the reply to it
	offer         string                     // what a server could say that takes a password in clear text
	authenticated string                     // a greeting of somebody who is logged in already; "" where there is none
}

var dialects = []dialect{
	{report.IMAP, "--imap", map[report.Security]string{report.STARTTLS: "143", report.TLS: "993"},
		"STARTTLS", "OK Begin TLS negotiation now.\r\n", "* CAPABILITY IMAP4rev1 AUTH=PLAIN AUTH=LOGIN\r\n", "* PREAUTH Welcome back.\r\n"},
	{report.POP3, "--pop", map[report.Security]string{report.STARTTLS: "110", report.TLS: "995"},
		"STLS", "+OK Begin TLS negotiation now.\r\n", "+OK Logged in.\r\n", ""},
	{report.SMTP, "--smtp", map[report.Security]string{report.STARTTLS: "587", report.TLS: "465"},
		"STARTTLS", "220 2.0.0 Ready to start TLS\r\n", "250 AUTH PLAIN LOGIN\r\n", ""},
}

// inPlaceOfTheServer agrees to TLS, of which the server then knows nothing.
func (d dialect) inPlaceOfTheServer(line string) string {
	words := strings.Fields(line)
	switch {
	case len(words) == 1 && words[0] == d.upgrade:
		return d.agreed
	case len(words) == 2 && words[1] == d.upgrade: // IMAP: behind a tag
		return words[0] + " " + d.agreed
	}
	return ""
}

// agreement tells the server's yes, of which only the program's next bytes
// would be encrypted.
func (d dialect) agreement(line string) bool {
	return strings.Contains(line, strings.Fields(d.agreed)[0]) && strings.Contains(strings.ToUpper(line), "TLS") && !strings.Contains(line, d.upgrade)
}

// strip takes the offer of TLS out of the server's lines.
func (d dialect) strip(line string) string {
	if words := strings.TrimSpace(line); words == d.upgrade || words == "250-"+d.upgrade {
		return ""
	}
	return strings.ReplaceAll(line, " "+d.upgrade, "")
}

// overwrite does as firewalls do that mean to read along.
func (d dialect) overwrite(line string) string {
	return strings.ReplaceAll(line, d.upgrade, strings.Repeat("X", len(d.upgrade)))
}

// behindAgreement puts something behind the server's yes.
func (d dialect) behindAgreement(extra string) func(string) string {
	return func(line string) string {
		if d.agreement(line) {
			line += extra
		}
		return line
	}
}

// interceptAll puts an attack before the servers of all protocols, and returns
// the flags that lead a run there.
func (s *site) interceptAll(t *testing.T, security report.Security, attack func(dialect) attack) (map[report.Protocol]*proxy, []string) {
	t.Helper()
	proxies, flags := map[report.Protocol]*proxy{}, []string{}
	for _, d := range dialects {
		p := s.intercept(t, d.ports[security], attack(d))
		proxies[d.protocol] = p
		flags = append(flags, d.flag, d.url(security, p.port()))
	}
	return proxies, flags
}

func (d dialect) url(security report.Security, port string) string {
	scheme := string(d.protocol)
	if security == report.TLS {
		scheme += "s"
	}
	return fmt.Sprintf("%s://mail.%s:%s", scheme, siteDomain, port)
}

// private is what no man in the middle may see: the password, the user's name
// and the mail address.
func private(a account) session {
	name, _, _ := strings.Cut(a.Address, "@")
	return session{secrets: []string{a.Password, a.Address, name}}
}

// sawNothing demands that the man in the middle has not seen what is private.
func (p *proxy) sawNothing(t *testing.T, a account) {
	t.Helper()
	if form := private(a).leak(p.text(&p.seen)); form != "" {
		t.Errorf("the proxy before %s saw %q", p.target, form)
	}
}

// within demands how long the run took, by its own report.
func (o outcome) within(t *testing.T, least, most time.Duration) {
	t.Helper()
	if took := time.Duration(o.report.DurationMS) * time.Millisecond; took < least || took > most {
		t.Errorf("the run took %v, want %v to %v", took, least, most)
	}
}

// password gives a run the account's password.
func password(a account) session { return session{stdin: a.Password + "\n"} }

func TestManInTheMiddle(t *testing.T) {
	s := theLab(t)
	host := "mail." + siteDomain
	certificate := func(c tls.Certificate, err error) func(dialect) attack {
		if err != nil {
			t.Fatal(err)
		}
		return func(dialect) attack { return attack{certificate: &c} }
	}
	mallory, err := newAuthority("Mallory's root", host)
	if err != nil {
		t.Fatal(err)
	}
	firewall, err := newAuthority("Fortinet CA", host)
	if err != nil {
		t.Fatal(err)
	}
	selfSigned := tls.Certificate{Certificate: [][]byte{mallory.certificate.Raw}, PrivateKey: mallory.key}
	withRoot := func(ca *authority) (tls.Certificate, error) {
		c, err := ca.webCertificate(host)
		c.Certificate = append(c.Certificate, ca.certificate.Raw)
		return c, err
	}
	corrupt := func(c corruption) func(dialect) attack {
		return func(dialect) attack { return attack{corrupt: c} }
	}
	starttls, implicit := []report.Security{report.STARTTLS}, []report.Security{report.TLS}
	both := append(starttls, implicit...)

	tests := []struct {
		name     string
		security []report.Security
		attack   func(dialect) attack
		step     string
		cause    report.Cause
		exit     int
		only     report.Protocol // the others have no such attack
	}{
		{name: "offer stripped", security: starttls, attack: func(d dialect) attack { return attack{reply: d.strip} },
			step: "starttls", cause: report.TLSStartTLSNotOffered, exit: 13},
		{name: "offer overwritten", security: starttls, attack: func(d dialect) attack { return attack{reply: d.overwrite} },
			step: "starttls", cause: report.TLSStartTLSNotOffered, exit: 13},
		{name: "command overwritten", security: starttls, attack: func(d dialect) attack { return attack{command: d.overwrite} },
			step: "starttls", cause: report.TLSStartTLSNotOffered, exit: 13},
		{name: "agreed to in place of the server", security: starttls,
			attack: func(d dialect) attack {
				return attack{greeted: d.offer, answer: d.inPlaceOfTheServer}
			},
			step: "tls", cause: report.TLSInjectedPlaintext, exit: 13},
		{name: "line injected", security: starttls, attack: func(d dialect) attack { return attack{reply: d.behindAgreement(d.offer)} },
			step: "tls", cause: report.TLSInjectedPlaintext, exit: 13},
		{name: "fragment injected", security: starttls, attack: func(d dialect) attack { return attack{reply: d.behindAgreement(d.offer[:5])} },
			step: "tls", cause: report.TLSInjectedPlaintext, exit: 13},
		{name: "logged in already", security: starttls, only: report.IMAP,
			attack: func(d dialect) attack {
				return attack{reply: func(line string) string {
					if strings.HasPrefix(line, "* OK [") {
						return d.authenticated
					}
					return line
				}}
			},
			step: "greeting", cause: report.TLSPreauthDowngrade, exit: 13},
		{name: "self-signed certificate", security: both, attack: certificate(selfSigned, nil),
			step: "tls", cause: report.TLSUnknownAuthority, exit: 13},
		{name: "certificate of another authority", security: both, attack: certificate(withRoot(mallory)),
			step: "tls", cause: report.TLSUnknownAuthority, exit: 13},
		{name: "certificate of a firewall", security: both, attack: certificate(withRoot(firewall)),
			step: "tls", cause: report.TLSIntercepted, exit: 13},
		{name: "expired certificate", security: both, attack: certificate(tls.LoadX509KeyPair(s.path("expired.pem"), s.path("expired.key"))),
			step: "tls", cause: report.TLSExpired, exit: 13},
		{name: "certificate of another host", security: both, attack: certificate(s.ca.webCertificate("mallory.test")),
			step: "tls", cause: report.TLSHostnameMismatch, exit: 13},
		{name: "bit flipped in the handshake", security: both, attack: corrupt(corruption{of: theServer}),
			step: "tls", cause: report.TLSHandshakeFailure, exit: 13},
		{name: "bit flipped in a reply", security: starttls, attack: corrupt(corruption{of: theServer, after: 2}),
			step: "capability", cause: report.TLSHandshakeFailure, exit: 13},
		{name: "bit flipped in a command", security: starttls, attack: corrupt(corruption{of: theProgram, after: 2}),
			step: "capability", cause: report.TLSHandshakeFailure, exit: 13},
		{name: "bit flipped in the answer to the login", security: starttls, attack: corrupt(corruption{of: theServer, after: 3}), only: report.IMAP,
			step: "auth", cause: report.TLSHandshakeFailure, exit: 13},
		{name: "line injected inside TLS", security: starttls, step: "capability", cause: report.TLSHandshakeFailure, exit: 13,
			attack: func(d dialect) attack { return attack{corrupt: corruption{of: theServer, after: 2, before: d.offer}} }},
	}
	for _, test := range tests {
		for _, security := range test.security {
			t.Run(test.name+"/"+string(security), func(t *testing.T) {
				t.Parallel()
				proxies, flags := s.interceptAll(t, security, func(d dialect) attack {
					if test.only != "" && d.protocol != test.only {
						return attack{}
					}
					return test.attack(d)
				})
				o := s.check(t, password(alice), append([]string{
					alice.Address, "--password-stdin", "--send", "rcpt", "--step-timeout", "5s", "--timeout", "20s"}, flags...)...)
				o.ends(t, "imap."+test.step, test.cause, test.exit)
				if test.only == "" {
					o.logins(t, 0, 0)
				}
				for protocol, proxy := range proxies {
					proxy.sawNothing(t, alice)
					check := o.finished(t, string(protocol))
					if test.only != "" && protocol != test.only {
						continue
					}
					want := test.step
					if want == "capability" && protocol == report.SMTP {
						want = "ehlo"
					}
					if failed := check.FirstFailed(); failed == nil || failed.Step != want || failed.Cause != test.cause {
						t.Errorf("%s: %+v, want %s, %s", protocol, failed, want, test.cause)
					}
				}
				o.within(t, 0, 20*time.Second)
			})
		}
	}
}

// TestSlowedDown has bytes come as slowly as a time limit just allows, or not
// at all.
func TestSlowedDown(t *testing.T) {
	s := theLab(t)
	both := []report.Security{report.STARTTLS, report.TLS}
	dripped := func(every time.Duration) func(dialect) attack {
		return func(dialect) attack { return attack{pace: &pace{size: 1, every: every}} }
	}
	tests := []struct {
		name          string
		security      []report.Security
		attack        func(dialect) attack
		step, timeout time.Duration
		failed        map[report.Security]string // the step; nil where it depends on the machine
		atLeast       time.Duration              // of the run
		atMost        time.Duration              // without a limit it takes longer
	}{
		{name: "each byte just in time", security: both, attack: dripped(450 * time.Millisecond), step: 500 * time.Millisecond, timeout: 20 * time.Second,
			failed: map[report.Security]string{report.STARTTLS: "greeting", report.TLS: "tls"}, atLeast: 500 * time.Millisecond, atMost: 5 * time.Second},
		// The real servers must have greeted within the limit, on a busy machine too.
		{name: "handshake never ends", security: both[:1], step: 2 * time.Second, timeout: 20 * time.Second,
			attack: func(d dialect) attack {
				return attack{greeted: string(rune(recordHandshake)), answer: d.inPlaceOfTheServer}
			},
			failed: map[report.Security]string{report.STARTTLS: "tls"}, atLeast: 2 * time.Second, atMost: 10 * time.Second},
		{name: "each step just in time", security: both, step: 10 * time.Second, timeout: time.Second,
			attack:  func(dialect) attack { return attack{pace: &pace{size: 1 << 10, every: 300 * time.Millisecond}} },
			atLeast: time.Second, atMost: 5 * time.Second},
	}
	for _, test := range tests {
		for _, security := range test.security {
			t.Run(test.name+"/"+string(security), func(t *testing.T) {
				t.Parallel()
				proxies, flags := s.interceptAll(t, security, test.attack)
				o := s.check(t, password(alice), append([]string{alice.Address, "--password-stdin", "--send", "rcpt",
					"--step-timeout", test.step.String(), "--timeout", test.timeout.String()}, flags...)...)
				o.ends(t, o.report.Verdict.FailedStep, report.ConnectTimeout, 14)
				o.within(t, test.atLeast, test.atMost)
				for protocol, proxy := range proxies {
					proxy.sawNothing(t, alice)
					failed := o.finished(t, string(protocol)).FirstFailed()
					if failed == nil || failed.Cause != report.ConnectTimeout || test.failed != nil && failed.Step != test.failed[security] {
						t.Errorf("%s: %+v", protocol, failed)
					}
				}
			})
		}
	}
	for _, security := range both {
		t.Run("slow and well/"+string(security), func(t *testing.T) {
			t.Parallel()
			proxies, flags := s.interceptAll(t, security, dripped(20*time.Microsecond))
			o := s.check(t, password(alice), append([]string{alice.Address, "--password-stdin", "--send", "rcpt"}, flags...)...)
			if o.exit != 0 || o.report.Verdict.Receive != report.OK || o.report.Verdict.Send != report.OK {
				t.Errorf("exit status %d, verdict %+v", o.exit, o.report.Verdict)
			}
			for _, proxy := range proxies {
				proxy.sawNothing(t, alice)
			}
		})
	}
}

// TestCutAtEveryLine ends the connection to one server behind the lines of a
// healthy dialogue in turn, also inside TLS, as a server or a network does that
// breaks down.
func TestCutAtEveryLine(t *testing.T) {
	s := theLab(t)
	key, err := tls.LoadX509KeyPair(s.path("good.pem"), s.path("good.key"))
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range dialects {
		// The other servers are reached directly. With POP3 cut there is no
		// IMAP, so that POP3 looks for the message.
		args := []string{alice.Address, "--password-stdin", "--wait", "2s", "--step-timeout", "5s", "--timeout", cutTimeout.String()}
		var others []string
		for _, other := range dialects {
			switch {
			case other.protocol == d.protocol:
			case other.protocol == report.IMAP && d.protocol == report.POP3:
				args = append(args, "--no-imap")
			default:
				args = append(args, other.flag, other.url(report.TLS, other.ports[report.TLS]))
				others = append(others, string(other.protocol))
			}
		}
		run := func(t *testing.T, at place) (outcome, *proxy) {
			p := s.intercept(t, d.ports[report.STARTTLS], attack{certificate: &key, stolen: true, cut: at})
			return s.check(t, password(alice), slices.Concat(args, []string{d.flag, d.url(report.STARTTLS, p.port())})...), p
		}
		t.Run(string(d.protocol), func(t *testing.T) {
			o, p := run(t, place{})
			s.whole(t, o, alice)
			p.sawNothing(t, alice)
			if private(alice).leak(p.text(&p.confided)) == "" {
				t.Error("nothing private crossed the connection: then nothing shows that it was hidden")
			}
			known := s.tokens(t, alice)
			var named sync.Map // tokens
			// Once all runs below have ended.
			t.Cleanup(func() {
				for path, token := range s.tokens(t, alice) {
					if _, before := known[path]; before {
						continue
					}
					if _, said := named.Load(token); !said {
						t.Errorf("a message is left that no report names: %s", path)
					}
					if err := os.Remove(path); err != nil {
						t.Error(err)
					}
				}
			})
			for _, at := range places(p.said()) {
				t.Run(fmt.Sprintf("%d.%d", at.commands, at.replies), func(t *testing.T) {
					t.Parallel()
					o, p := run(t, at)
					p.sawNothing(t, alice)
					o.allOK(t, others...)
					s.cutShort(t, o, d.protocol)
					if token := o.leaves(t); token != "" {
						named.Store(token, true)
					}
				})
			}
		})
	}
}

// cutTimeout is the time limit of a run whose connection is cut: nothing in it
// has to wait for an answer that never comes.
const cutTimeout = 20 * time.Second

// places are the lines of a dialogue to cut behind.
func places(dialogue []string) []place {
	var all []place
	var at place
	for _, line := range dialogue {
		if line[:len(theServer)] == string(theProgram) {
			at = place{commands: at.commands + 1}
		} else {
			at.replies++
		}
		all = append(all, at)
	}
	return all
}

// cutShort demands of a run whose connection to one server was cut that it
// went on to its end: it says where the connection broke, and no more, or
// nothing more was needed of that server.
func (s *site) cutShort(t *testing.T, o outcome, protocol report.Protocol) {
	t.Helper()
	o.finished(t, string(protocol))
	o.within(t, 0, cutTimeout)
	var wrong []*report.Step
	for _, check := range o.report.Checks {
		for _, step := range check.Steps {
			if step.Result == report.Fail || step.Result == report.Warn {
				wrong = append(wrong, step)
			}
		}
	}
	if len(wrong) == 0 {
		s.whole(t, o, alice)
		return
	}
	for _, step := range wrong {
		switch step.Cause {
		case report.ConnectClosedEarly, report.DeliveryNotArrived, report.DeliveryNotCleaned:
		default:
			t.Errorf("%s: %s, cause %s: %s", step.ID, step.Result, step.Cause, step.Detail)
		}
	}
	if o.report.Result != report.Fail {
		if o.exit != 0 || len(wrong) != 1 || wrong[0].ID != "delivery.cleanup" {
			t.Errorf("exit status %d, result %s", o.exit, o.report.Result)
		}
		return
	}
	cause, exit := report.ConnectClosedEarly, 14
	switch check, step, _ := strings.Cut(o.report.Verdict.FailedStep, "."); {
	case check == "delivery":
		// The last look that was possible may have come before the message.
		cause, exit = o.report.Verdict.Cause, 18
	case step == "starttls", step == "tls":
		exit = 13
	}
	o.ends(t, o.report.Verdict.FailedStep, cause, exit)
}

// leaves returns the token of the message that the run may have left behind,
// and demands that the report names it; "" when it has left none.
func (o outcome) leaves(t *testing.T) string {
	t.Helper()
	m := o.report.Message
	if m == nil || m.Deleted {
		return ""
	}
	o.namesTheMessage(t)
	token, _, _ := strings.Cut(strings.TrimPrefix(m.ID, "<"), "@")
	if !strings.Contains(squeeze(o.stdout), token) {
		t.Errorf("the text does not name the message %s", m.ID)
	}
	return token
}
