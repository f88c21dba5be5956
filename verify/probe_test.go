package verify_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"mailcheck/internal/diagnose"
	"mailcheck/internal/lab"
	"mailcheck/report"
	"mailcheck/verify"
)

// probes lists what was probed and how it ended.
func probes(rep *report.Report) string {
	var out []string
	if c := rep.Check("probe"); c != nil {
		for _, s := range c.Steps {
			text := s.Step + " " + string(s.Result)
			if s.Cause != "" {
				text += " " + string(s.Cause)
			}
			out = append(out, text)
		}
	}
	return strings.Join(out, "; ")
}

// mute makes the given ports take no connection, as behind a firewall that
// drops what it does not like.
func mute(o *verify.Options, ports ...string) {
	dial := o.Dial
	o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		if _, port, _ := net.SplitHostPort(address); slices.Contains(ports, port) {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		return dial(ctx, network, address)
	}
}

// After a failure before any login the other ways to the server are tried, and
// what they show stands in the verdict; the failure stays what it is.
func TestProbes(t *testing.T) {
	fix := func(o *verify.Options, servers *lab.Lab, ep report.Endpoint) {
		ep.Source, ep.Trusted = "flags", true
		o.Fixed = append(o.Fixed, ep, servers.Endpoint(report.IMAP, report.TLS), servers.Endpoint(report.POP3, report.TLS))
	}
	at := func(host string, port int) report.Endpoint {
		return report.Endpoint{Protocol: report.SMTP, Host: host, Port: port, Security: report.STARTTLS}
	}
	for name, tt := range map[string]struct {
		fault   string
		change  func(*verify.Options, *lab.Lab)
		probes  string
		step    string
		cause   report.Cause
		exit    int
		says    string // in the explanation
		advises string // first
	}{
		"the other port works": {
			fault:  "smtp-wrong-port",
			probes: "smtp-465 ok; smtp-587 fail connect.refused; smtp-25 fail connect.refused",
			step:   "smtp.connect", cause: report.ConnectRefused, exit: 12,
			says:    "Tried without a password, port 465 of smtp.example.test works with SSL/TLS.",
			advises: "Set the outgoing server: smtp.example.test, port 465, encryption SSL/TLS.",
		},
		"without a login too": {
			fault:  "smtp-wrong-port",
			change: func(o *verify.Options, _ *lab.Lab) { o.NoAuth = true },
			probes: "smtp-465 ok; smtp-587 fail connect.refused; smtp-25 fail connect.refused",
			step:   "smtp.connect", cause: report.ConnectRefused, exit: 12,
			advises: "Set the outgoing server: smtp.example.test, port 465, encryption SSL/TLS.",
		},
		"port 25 is blocked": {
			change: func(o *verify.Options, servers *lab.Lab) {
				fix(o, servers, at("smtp.example.test", 25))
				mute(o, "25")
			},
			probes: "smtp-465 ok; smtp-587 ok",
			step:   "smtp.connect", cause: report.ConnectPortBlocked, exit: 12,
			says:    "port 465 of smtp.example.test works with SSL/TLS.",
			advises: "Set the outgoing server: smtp.example.test, port 465, encryption SSL/TLS.",
		},
		"every port for sending is silent": {
			change: func(o *verify.Options, servers *lab.Lab) {
				fix(o, servers, at("smtp.example.test", 587))
				mute(o, "25", "465", "587")
			},
			probes: "smtp-465 fail connect.timeout; smtp-25 fail connect.timeout",
			step:   "smtp.connect", cause: report.ConnectTimeout, exit: 12,
			says:    "No other port of smtp.example.test answers either (25 and 465), while the server for receiving does.",
			advises: "Try another network, for example a phone's.",
		},
		"and so on the host that IMAP answers at": {
			change: func(o *verify.Options, servers *lab.Lab) {
				fix(o, servers, at("imap.example.test", 587))
				mute(o, "25", "465", "587")
			},
			probes: "smtp-465 fail connect.timeout; smtp-25 fail connect.timeout",
			step:   "smtp.connect", cause: report.ConnectPortBlocked, exit: 12,
			says:    "No other port of imap.example.test answers either",
			advises: "Try another network, for example a phone's.",
		},
		"TLS where STARTTLS is set": {
			fault: "imap-only-tls",
			change: func(o *verify.Options, servers *lab.Lab) {
				ep := servers.Endpoint(report.IMAP, report.STARTTLS)
				o.Fixed = append(o.Fixed, ep, servers.Endpoint(report.POP3, report.TLS), servers.Endpoint(report.SMTP, report.TLS))
				o.StepTimeout = time.Second
			},
			probes: "imap-PORT-tls ok; imap-993 fail tls.plaintext_port; imap-143 fail connect.timeout",
			step:   "imap.greeting", cause: report.TLSPlaintextPort, exit: 13,
			says:    "Tried without a password, the same port works with SSL/TLS.",
			advises: "Set the incoming server: imap.example.test, port PORT, encryption SSL/TLS.",
		},
		"no port is any better": {
			fault: "certificate-expired",
			change: func(o *verify.Options, _ *lab.Lab) {
				o.Leave = []report.Protocol{report.POP3, report.SMTP}
			},
			probes: "imap-993 fail tls.expired; imap-143 fail tls.expired",
			step:   "imap.tls", cause: report.TLSExpired, exit: 13,
			says:    "It is the same on other ports of imap.example.test (143 and 993).",
			advises: "Check the date of this computer.",
		},
		"old TLS behind STARTTLS": {
			fault: "tls-too-old",
			change: func(o *verify.Options, servers *lab.Lab) {
				o.Leave = []report.Protocol{report.POP3, report.IMAP}
				o.Fixed = []report.Endpoint{servers.Endpoint(report.SMTP, report.STARTTLS)}
			},
			probes: "smtp-465 fail tls.old_version; smtp-587 fail tls.old_version",
			step:   "smtp.tls", cause: report.TLSOldVersion, exit: 13,
			says:    "Tried once more without a password, the server agreed to TLS 1.1 and nothing newer.",
			advises: "Ask the provider for a newer server name",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			servers, o := start(t, lab.Options{Fault: tt.fault})
			o.StepTimeout = 500 * time.Millisecond
			if tt.change != nil {
				tt.change(&o, servers)
			}
			rep := run(t, o)
			complete(t, rep)
			failing, _, _ := strings.Cut(tt.step, ".")
			port := fmt.Sprint(rep.Check(failing).Endpoint.Port)
			named := func(s string) string { return strings.ReplaceAll(s, "PORT", port) }
			if got := probes(rep); got != named(tt.probes) {
				t.Errorf("probes %s\n  want %s", got, named(tt.probes))
			}
			v := rep.Verdict
			if v.FailedStep != tt.step || v.Cause != tt.cause || rep.ExitCode != tt.exit {
				t.Errorf("%s %s, exit status %d; want %s %s, %d", v.FailedStep, v.Cause, rep.ExitCode, tt.step, tt.cause, tt.exit)
			}
			if !strings.Contains(v.Explanation, named(tt.says)) {
				t.Errorf("explanation %q, want in it %q", v.Explanation, named(tt.says))
			}
			if len(v.Advice) == 0 || !strings.HasPrefix(v.Advice[0], named(tt.advises)) {
				t.Errorf("advice %q, want %q first", v.Advice, named(tt.advises))
			}
			if last := rep.Checks[len(rep.Checks)-1]; last.ID != "probe" {
				t.Errorf("%s is the last check", last.ID)
			}
			for _, c := range rep.Contacted {
				if c.Purpose == "probe" && len(c.Told) > 0 {
					t.Errorf("a probe told %+v", c)
				}
			}
			for _, f := range v.Findings {
				if strings.HasPrefix(f.Step, "probe.") {
					t.Errorf("a probe is a finding: %+v", f)
				}
			}
		})
	}
}

// Where nothing failed that a probe can explain, none is made.
func TestNoProbes(t *testing.T) {
	for _, fault := range []string{"", "wrong-password", "null-mx", "smtp-no-auth", "sender-refused", "delivery-junk"} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			_, o := start(t, lab.Options{Fault: fault})
			if got := run(t, o); got.Check("probe") != nil {
				t.Errorf("probes %s", probes(got))
			}
		})
	}
	t.Run("interrupted", func(t *testing.T) {
		t.Parallel()
		_, o := start(t, lab.Options{Fault: "smtp-wrong-port"})
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		o.Observe = func(e report.Event) {
			if e.Step.ID == "smtp.connect" && e.Ended {
				cancel()
			}
		}
		rep, err := verify.Run(ctx, o)
		if err != nil || rep.Check("probe") != nil || rep.ExitCode != report.ExitInterrupted {
			t.Errorf("%v, exit status %d, probes %s", err, rep.ExitCode, probes(rep))
		}
	})
	t.Run("discover", func(t *testing.T) {
		t.Parallel()
		_, o := start(t, lab.Options{Fault: "smtp-wrong-port"})
		rep, err := verify.Discover(t.Context(), o)
		if err != nil || rep.Check("probe") != nil {
			t.Errorf("%v, probes %s", err, probes(rep))
		}
	})
}

// Ctrl-C ends the probes at once, and what they did not come to is no silence.
func TestProbesAreInterrupted(t *testing.T) {
	_, o := start(t, lab.Options{Fault: "smtp-wrong-port"})
	mute(&o, "465", "587", "25")
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	o.Observe = func(e report.Event) {
		if strings.HasPrefix(e.Step.ID, "probe.") {
			cancel()
		}
	}
	rep, err := verify.Run(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	validate(t, rep)
	if want := "smtp-465 fail client.interrupted; smtp-587 fail client.interrupted; smtp-25 fail client.interrupted"; probes(rep) != want {
		t.Errorf("probes %s, want %s", probes(rep), want)
	}
	if rep.ExitCode != report.ExitInterrupted {
		t.Errorf("exit status %d", rep.ExitCode)
	}
}

// The probes count in the limit of the run: where it leaves them no time, none
// is made.
func TestNoTimeForProbes(t *testing.T) {
	_, o := start(t, lab.Options{Fault: "smtp-wrong-port"})
	o.Timeout, o.Send = 4*time.Second, diagnose.SendAuth
	if rep := run(t, o); rep.Check("probe") != nil || rep.ExitCode != report.ExitConnect {
		t.Errorf("exit status %d, probes %s", rep.ExitCode, probes(rep))
	}
}

// What a probe says to a server is this and no more: no name, no address, no
// secret, no second try.
func TestProbesSayNothing(t *testing.T) {
	servers, o := start(t, lab.Options{})
	ca, err := lab.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	o.Roots.AppendCertsFromPEM(ca.PEM())
	certificate, err := ca.Certificate(lab.LeafGood, "smtp.example.test")
	if err != nil {
		t.Fatal(err)
	}
	config := &tls.Config{Certificates: []tls.Certificate{certificate}}
	scripts := map[string]string{
		"465": "S! tls\nS: 220 mx.example.net ESMTP\nC: EHLO [127.0.0.1]\nS: 250-mx.example.net\nS: 250 AUTH PLAIN LOGIN\nC: QUIT\nS: 221 bye\n",
		"587": "S: 220 mx.example.net ESMTP\nC: EHLO [127.0.0.1]\nS: 250-mx.example.net\nS: 250-STARTTLS\nS: 250 AUTH PLAIN\nC: STARTTLS\nS: 220 go\n" +
			"C! starttls\nC: EHLO [127.0.0.1]\nS: 250-mx.example.net\nS: 250 AUTH PLAIN LOGIN\nC: QUIT\nS: 221 bye\n",
		"25": "S: 554 no service for you\nC: QUIT\nS: 221 bye\n",
	}
	running := map[string]*lab.Script{}
	for port, script := range scripts {
		if running[port], err = lab.StartScript(t.Context(), script, lab.ScriptOptions{TLS: config}); err != nil {
			t.Fatal(err)
		}
	}
	dial := o.Dial
	o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		_, port, _ := net.SplitHostPort(address)
		switch {
		case running[port] != nil:
			return new(net.Dialer).DialContext(ctx, network, running[port].Addr())
		case port == "2525":
			<-ctx.Done()
			return nil, ctx.Err()
		}
		return dial(ctx, network, address)
	}
	o.StepTimeout, o.Transcript = time.Second, true
	o.Fixed = []report.Endpoint{servers.Endpoint(report.IMAP, report.TLS), servers.Endpoint(report.POP3, report.TLS),
		{Protocol: report.SMTP, Host: "smtp.example.test", Port: 2525, Security: report.TLS, Source: "flags", Trusted: true}}
	rep := run(t, o)
	if got, want := probes(rep), "smtp-465 ok; smtp-587 ok; smtp-25 fail greeting.rejected_ip"; !strings.HasPrefix(got, "smtp-465 ok; smtp-587 ok; smtp-25 fail") {
		t.Errorf("probes %s, want %s", got, want)
	}
	for port, script := range running {
		if err := script.Wait(); err != nil {
			t.Errorf("port %s: %v", port, err)
		}
	}
	c := rep.Check("probe")
	if s := c.Step("smtp-465"); s == nil || s.Subject != "smtp.example.test" || !strings.Contains(s.Detail, "TLS 1.3") ||
		!strings.Contains(s.Detail, `it says "220 mx.example.net ESMTP"`) {
		t.Errorf("%+v", s)
	}
	if s := c.Step("smtp-25"); s.Reply == nil || s.Reply.Status != "554" {
		t.Errorf("%+v", s)
	}
	if !slices.Contains(c.Transcript, "C: EHLO [127.0.0.1]") {
		t.Errorf("transcript %q", c.Transcript)
	}
}

// Of a host with several addresses those are tried that the session did not
// use, so that one bad machine is told from a bad service.
func TestProbesOfAddresses(t *testing.T) {
	for name, tt := range map[string]struct {
		first, second string // the addresses of the IMAP host; the second is sound
		bad           func(t *testing.T) func(net.Conn)
		cause         report.Cause
		says          string
		advises       string
	}{
		"one bad certificate": {"192.0.2.1", "192.0.2.2", badCertificate, report.TLSUnknownAuthority,
			"Other addresses of the server have a good certificate (192.0.2.2), but not 192.0.2.1: one of its machines is at fault.",
			"Change nothing, and tell the provider that 192.0.2.1 does not answer as 192.0.2.2 does."},
		"IPv6 hangs up": {"2001:db8::1", "192.0.2.2", func(*testing.T) func(net.Conn) { return func(net.Conn) {} }, report.ConnectClosedEarly,
			"Over IPv4 (192.0.2.2) the server answers as it should, over IPv6 (2001:db8::1) it does not.",
			"Run mailcheck -4 anna@example.test."},
	} {
		t.Run(name, func(t *testing.T) {
			servers, o := start(t, lab.Options{})
			play := tt.bad(t)
			dial := o.Dial
			var mu sync.Mutex
			alone := true // the session's connection wins the race
			o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
				ip, port, _ := net.SplitHostPort(address)
				switch ip {
				case tt.first:
					client, server := tcpPair(t)
					go func() { defer server.Close(); play(server) }()
					return client, nil
				case tt.second:
					mu.Lock()
					alone = false
					mu.Unlock()
					return dial(ctx, network, net.JoinHostPort("127.0.0.1", port))
				}
				return dial(ctx, network, address)
			}
			ep := servers.Endpoint(report.IMAP, report.TLS)
			o.Fixed = []report.Endpoint{ep}
			o.Leave = []report.Protocol{report.POP3, report.SMTP}
			o.Override = map[string][]netip.Addr{ep.Host: {netip.MustParseAddr(tt.first), netip.MustParseAddr(tt.second)}}
			o.Send = diagnose.SendNone
			rep := run(t, o)
			s := rep.Check("probe").Step(fmt.Sprintf("imap-%d-tls", ep.Port))
			if s == nil || s.Subject != tt.second || s.Result != report.OK || alone {
				t.Errorf("probes %s: %+v", probes(rep), s)
			}
			v := rep.Verdict
			if v.FailedStep != "imap.tls" || v.Cause != tt.cause || rep.ExitCode == 0 {
				t.Errorf("%s %s, exit status %d", v.FailedStep, v.Cause, rep.ExitCode)
			}
			if !strings.Contains(v.Explanation, tt.says) || len(v.Advice) == 0 || !strings.HasPrefix(v.Advice[0], tt.advises) {
				t.Errorf("explanation %q\nadvice %q", v.Explanation, v.Advice)
			}
		})
	}
}

// badCertificate is a server that another authority signed.
func badCertificate(t *testing.T) func(net.Conn) {
	ca, err := lab.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := ca.Certificate(lab.LeafGood, "imap.example.test")
	if err != nil {
		t.Fatal(err)
	}
	return func(c net.Conn) {
		_, _ = io.Copy(io.Discard, tls.Server(c, &tls.Config{Certificates: []tls.Certificate{certificate}}))
	}
}

// tcpPair is a connection over the loopback interface, both ends.
func tcpPair(t *testing.T) (client, server net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Error(err)
		return nil, nil
	}
	defer l.Close()
	if client, err = net.Dial("tcp4", l.Addr().String()); err == nil {
		server, err = l.Accept()
	}
	if err != nil {
		t.Error(err)
	}
	return client, server
}
